/*
 * I17: a journal and its exports hold no name, telephone number, account,
 * secret or text of a tip. What can be seen of that from outside:
 *
 *   a mobile number        11 digits, 13 to 19 first, maybe 86 before them
 *   an identity number     17 digits with a date in them, and the right check digit
 *   a bank card            16 to 19 digits that pass the Luhn test
 *   a receipt code         24 digits
 *   Chinese characters     where nobody is to write anything
 *
 * A number is looked at as a whole word; digits within a word of letters are
 * an id or a hash. Amounts and times are numbers, not words.
 */
#include "daemon/cli/money_check_parts.h"

#include "daemon/base/table.h"
#include "daemon/base/utf8.h"

/* Members that a person writes, or whose content is published. */
static const char *const free_texts[] = { "reason", "override_reason", "text", "trace", "note" };

/* Members that are amounts or times. */
static const char *const numbers[] = { "fen",	"tax",	"known_at", "deadline", "cooling_until", "from", "until", "since",
				       "paid_in_case", "external_award", "override_fen", "opening", "closing", "at",
				       "approved", "slice", "rest", "amount", "total" };

/* Numbers of banks, which may look like anything. */
static const char *const references[] = { "provider_ref", "code", "lines" };

static bool among(const char *const *names, size_t n, struct span name)
{
	for (size_t i = 0; i < n; i++)
		if (span_is(name, names[i]))
			return true;
	return false;
}

/* --- words of digits ----------------------------------------------------------------------------- */

static bool luhn(struct span digits)
{
	unsigned sum = 0;

	for (size_t i = 0; i < digits.len; i++) {
		unsigned digit = (unsigned)(digits.at[digits.len - 1 - i] - '0');

		digit = i % 2 == 1 ? 2 * digit : digit;
		sum += digit > 9 ? digit - 9 : digit;
	}
	return sum % 10 == 0;
}

/* GB 11643: weights 2^(17-i) modulo 11. */
static bool is_identity_number(struct span word)
{
	static const unsigned weights[17] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 };
	unsigned sum = 0, month, day;

	if (word.len != 18 || !span_digits(span_from(word.at, 17)))
		return false;
	month = (unsigned)(word.at[10] - '0') * 10 + (unsigned)(word.at[11] - '0');
	day = (unsigned)(word.at[12] - '0') * 10 + (unsigned)(word.at[13] - '0');
	for (size_t i = 0; i < 17; i++)
		sum += weights[i] * (unsigned)(word.at[i] - '0');
	return month >= 1 && month <= 12 && day >= 1 && day <= 31 &&
	       (word.at[17] | 0x20) == ("10x98765432"[sum % 11] | 0x20) &&
	       (span_starts(span_from_offset(word, 6), SPAN("19")) || span_starts(span_from_offset(word, 6), SPAN("20")));
}

static bool is_mobile_number(struct span word)
{
	struct span rest = word.len == 13 && span_starts(word, SPAN("86")) ? span_from_offset(word, 2) : word;

	return rest.len == 11 && span_digits(rest) && rest.at[0] == '1' && rest.at[1] >= '3';
}

static const char *betrays(struct span word)
{
	if (is_identity_number(word))
		return "an identity number";
	if (!span_digits(word))
		return NULL;
	if (is_mobile_number(word))
		return "a telephone number";
	if (word.len == 24)
		return "a receipt code";
	return word.len >= 16 && word.len <= 19 && luhn(word) ? "the number of a bank card" : NULL;
}

static bool in_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Blanks and dashes within a number change nothing where people write. */
static const char *look_at_words(struct span text, bool spaced)
{
	char word[32];
	size_t len = 0;
	const char *found = NULL;

	for (size_t i = 0; i <= text.len && found == NULL; i++) {
		char c = i < text.len ? text.at[i] : '\0';

		if (in_word(c)) {
			word[len < sizeof(word) - 1 ? len : sizeof(word) - 1] = c;
			len++;
			continue;
		}
		if (spaced && (c == ' ' || c == '-') && len > 0 && i + 1 < text.len && text.at[i + 1] >= '0' &&
		    text.at[i + 1] <= '9' && span_digits(span_from(word, len < sizeof(word) ? len : 0)))
			continue;
		if (len > 0 && len < sizeof(word))
			found = betrays(span_from(word, len));
		len = 0;
	}
	return found;
}

/* --- characters ---------------------------------------------------------------------------------- */

static bool has_han(struct span text)
{
	size_t len;

	for (size_t at = 0; at < text.len; at += len) {
		uint32_t c = utf8_at(text, at, &len);

		if ((c >= 0x3400 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x3FFFF))
			return true;
	}
	return false;
}

/* --- the record ------------------------------------------------------------------------------------ */

static void look(struct money_check *check, struct span name, struct span text, bool free_text)
{
	const char *found = look_at_words(text, free_text);

	if (found != NULL)
		money_broken(check, MONEY_I17_PRIVACY, "member \"%.*s\" holds what looks like %s", (int)name.len, name.at,
			     found);
	if (!free_text && has_han(text))
		money_broken(check, MONEY_I17_PRIVACY, "member \"%.*s\" holds text", (int)name.len, name.at);
}

/* "15-7K3MQ2X9RD at=1763748000000 bands=a": what is a time by its name is no telephone number. */
static void look_at_list(struct money_check *check, const struct json_member *member)
{
	struct json_member element;
	struct json_array array;

	if (!json_array_within(check->line->data_text, member, &array))
		return;
	while (json_array_next(&array, &check->arena, &element))
		look(check, member->name, element.text, false);
}

void money_privacy_look(struct money_check *check)
{
	const struct money_line *line = check->line;

	look(check, SPAN("key"), line->key, false);
	look(check, SPAN("person"), line->person, false);
	look(check, SPAN("account"), line->account, false);
	look(check, SPAN("subject"), line->subject, false);
	for (size_t i = 0; i < line->data.n; i++) {
		const struct json_member *member = &line->data.members[i];

		if (member->kind == JSON_TREE)
			look_at_list(check, member);
		else if (!among(numbers, COUNT_OF(numbers), member->name) &&
			 !among(references, COUNT_OF(references), member->name))
			look(check, member->name, member->text, among(free_texts, COUNT_OF(free_texts), member->name));
	}
	for (size_t i = 0; i < line->nlegs; i++) {
		look(check, SPAN("legs"), line->legs[i].book, false);
		look(check, SPAN("legs"), line->legs[i].detail, false);
	}
}
