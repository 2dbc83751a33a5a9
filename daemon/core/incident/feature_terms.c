/*
 * The words by which reports of one thing in other words are known: feature.h.
 *
 * Words of other scripts than Han, without those that every text holds. The
 * ones with a capital come first when there is no room for all: names tell
 * incidents apart. In Han every two neighbours count as a word; of many those
 * with the smallest hashes stay, so that two texts keep the same ones.
 */
#include "daemon/core/incident/feature_parts.h"

#include "daemon/base/table.h"

#include <stdlib.h>

#define TERM_BITS 15
#define TERM_LETTERS_MIN 2
#define NUMBER_DIGITS_MIN 7 /* of a number in a Han text: prices and floors are no topic */
#define TERM_LETTERS_MAX 6  /* the rest is mostly ending: "arrested", "arrests" */

/* clang-format off */
/* Sorted. */
static const char *const common_words[] = {
	"a", "about", "after", "again", "all", "also", "an", "and", "any", "are", "as", "at", "be", "been",
	"before", "being", "both", "but", "by", "can", "could", "day", "did", "do", "does", "during", "each",
	"few", "first", "for", "from", "further", "had", "has", "have", "he", "her", "here", "hers", "him",
	"his", "how", "i", "if", "in", "into", "is", "it", "its", "just", "last", "may", "me", "more", "most",
	"my", "new", "no", "not", "now", "of", "off", "on", "once", "one", "only", "or", "other", "our", "out",
	"over", "own", "said", "same", "say", "says", "she", "should", "so", "some", "such", "than", "that",
	"the", "their", "them", "then", "there", "they", "this", "those", "through", "to", "told", "too",
	"under", "until", "up", "us", "very", "was", "we", "week", "were", "what", "when", "where", "which",
	"while", "who", "whom", "why", "will", "with", "would", "year", "years", "you", "your",
};
/* clang-format on */

static int word_against(const void *word, const void *entry)
{
	const struct span *w = word;
	const char *common = *(const char *const *)entry;
	size_t len = strlen(common);
	int order = memcmp(w->at, common, w->len < len ? w->len : len);

	return order != 0 ? order : (w->len > len) - (w->len < len);
}

bool feature_common_word(struct span word)
{
	return bsearch(&word, common_words, COUNT_OF(common_words), sizeof(*common_words), word_against) !=
	       NULL;
}

bool feature_capital(const struct feature_input *in, const struct token *token)
{
	size_t at = in->text->origin[token->from];

	return at < in->original.len && in->original.at[at] >= 'A' && in->original.at[at] <= 'Z';
}

static void add_term(struct feature *out, uint16_t hash, bool capital)
{
	uint16_t term = (uint16_t)(hash << 1 | (capital && !out->han));
	size_t at = out->nterms;

	while (at > 0 && out->terms[at - 1] >> 1 > hash)
		at--;
	if (at > 1 && out->terms[at - 2] >> 1 == hash)
		return;
	if (out->nterms == FEATURE_TERMS_MAX)
		return;
	memmove(out->terms + at + 1, out->terms + at, (out->nterms - at) * sizeof(*out->terms));
	out->terms[at] = term;
	out->nterms++;
}

static struct span stem(const struct token *token)
{
	size_t len = token->value.len;

	if (token->kind == TOKEN_WORD && len > TERM_LETTERS_MAX)
		len = TERM_LETTERS_MAX;
	return span_from(token->value.at, len);
}

static void add_words(const struct fingerprinter *key, const struct feature_input *in,
		      const struct feature_text *text, bool capital, struct feature *out)
{
	for (size_t i = 0; i < text->ntokens; i++) {
		const struct token *token = &text->tokens[i];
		bool number = token->kind == TOKEN_NUMBER;

		if (token->kind == TOKEN_HAN || token->value.len < TERM_LETTERS_MIN ||
		    (number && out->han && token->value.len < NUMBER_DIGITS_MIN) ||
		    feature_common_word(token->value))
			continue;
		if ((number || feature_capital(in, token)) == capital)
			add_term(out,
				 (uint16_t)(feature_hash(key, USE_TERM, stem(token)) >> (64 - TERM_BITS)),
				 capital);
	}
}

static size_t pair_hashes(const struct fingerprinter *key, const struct feature_text *text, uint64_t *hashes)
{
	size_t n = 0;

	for (size_t i = 1; i < text->ntokens; i++) {
		const struct token *left = &text->tokens[i - 1], *right = &text->tokens[i];
		const uint32_t pair[2] = { left->c, right->c };

		if (left->kind == TOKEN_HAN && right->kind == TOKEN_HAN)
			hashes[n++] = feature_hash(key, USE_TERM, span_from(pair, sizeof(pair))) >>
				      (64 - TERM_BITS);
	}
	return n;
}

static void add_pairs(const struct fingerprinter *key, const struct feature_text *text, struct arena *arena,
		      struct feature *out)
{
	uint64_t *hashes = arena_array(arena, uint64_t, text->ntokens + 1);
	size_t n = pair_hashes(key, text, hashes);

	feature_sort(hashes, n, TERM_BITS, arena);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || hashes[i] != hashes[i - 1])
			add_term(out, (uint16_t)hashes[i], false);
}

void feature_terms_find(const struct fingerprinter *key, const struct feature_input *in,
			const struct feature_text *text, struct arena *arena, struct feature *out)
{
	add_words(key, in, text, true, out);
	add_words(key, in, text, false, out);
	add_pairs(key, text, arena, out);
}
