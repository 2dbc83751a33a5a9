/*
 * The loaded rules; see rules.h. Their files are read by core/score/rule_file.c.
 */
#include "daemon/core/score/rules.h"

#include "daemon/core/text/normalize.h"
#include "daemon/core/score/rule_file.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>

static void version_of(const struct rule_file *files, size_t n, char version[9])
{
	unsigned char hash[crypto_generichash_BYTES_MIN];
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, sizeof(hash));
	for (size_t i = 0; i < n; i++) {
		unsigned char size[8];

		/* The length in front, so that moving a line between files changes the hash. */
		for (size_t b = 0; b < sizeof(size); b++)
			size[b] = (unsigned char)(files[i].yaml.len >> (8 * b));
		crypto_generichash_update(&state, size, sizeof(size));
		crypto_generichash_update(&state, (const unsigned char *)files[i].yaml.at, files[i].yaml.len);
	}
	crypto_generichash_final(&state, hash, sizeof(hash));
	sodium_bin2hex(version, 9, hash, 4);
}

struct rules *rules_new(const struct rule_file *files, size_t n, struct complaint *why)
{
	struct rules *rules = calloc(1, sizeof(*rules));

	assert(rules != NULL);
	for (size_t i = 0; i < n; i++)
		if (!rule_file_read(rules, &files[i], why)) {
			rules_free(rules);
			return NULL;
		}
	version_of(files, n, rules->version);
	return rules;
}

void rules_free(struct rules *rules)
{
	if (rules == NULL)
		return;
	arena_release(&rules->arena);
	free(rules->terms);
	free(rules->samples);
	free(rules);
}

/* --- answers ------------------------------------------------------------------------------------ */

size_t rules_count(const struct rules *rules)
{
	return rules->n;
}

const struct rule *rules_at(const struct rules *rules, size_t index)
{
	assert(index < rules->n);
	return &rules->at[index];
}

const char *rules_version(const struct rules *rules)
{
	return rules->version;
}

const struct rule_term *rules_term(const struct rules *rules, uint32_t meaning)
{
	return meaning < rules->nterms ? &rules->terms[meaning] : NULL;
}

size_t rules_samples(const struct rules *rules, const struct rule_sample **samples)
{
	*samples = rules->samples;
	return rules->nsamples;
}

void rules_add_patterns(const struct rules *rules, const struct normalizer *normalizer, struct scan_set *set)
{
	struct arena arena = { 0 };

	for (size_t i = 0; i < rules->nterms; i++) {
		struct folded folded;

		normalize(normalizer, rules->terms[i].word, &arena, &folded);
		if (!span_empty(folded.text))
			scan_set_add(set, SCAN_TERM, (uint32_t)i, folded.text);
	}
	arena_release(&arena);
}
