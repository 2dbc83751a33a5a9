/*
 * What the public is told of a policy: a title and a few words, by language.
 * They change no amount; who decides is bound to them all the same, since they
 * are part of the file's sum.
 */
#include "daemon/money/policy_loader.h"

#include "daemon/base/utf8.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define TITLE_MAX 200
#define TEXT_MAX 2000
#define LANG_EXPECTED "a language tag like \"zh-CN\", of at most 16 languages"
#define TITLE_EXPECTED "one line of at most 200 bytes"
#define TEXT_EXPECTED "a text of at most 2000 bytes, without control characters but line breaks"

/* --- reading ------------------------------------------------------------------------------ */

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Letters first, then letters and digits in parts of one to eight. */
static bool lang_fits(struct span lang)
{
	struct span rest = lang, part;
	bool first = true;

	if (lang.len >= POLICY_LANG_MAX || lang.len < 2 || lang.at[lang.len - 1] == '-')
		return false;
	while (span_cut(&rest, '-', &part)) {
		if (part.len == 0 || part.len > 8 || (first && part.len < 2))
			return false;
		for (size_t i = 0; i < part.len; i++)
			if (!is_letter(part.at[i]) && (first || part.at[i] < '0' || part.at[i] > '9'))
				return false;
		first = false;
	}
	return true;
}

static bool text_fits(const struct json_member *member, size_t max, bool lines)
{
	struct span text = member->text;

	if (member->kind != JSON_TEXT || text.len > max || span_trim(text).len == 0 || !utf8_valid(text))
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (((unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7f) && !(lines && text.at[i] == '\n'))
			return false;
	return true;
}

static void keep(struct policy_public *said, struct span lang, struct span text)
{
	struct policy_said *one = &said->at[said->n++];

	memcpy(one->lang, lang.at, lang.len);
	one->lang[lang.len] = '\0';
	one->text = malloc(text.len + 1);
	assert(one->text != NULL);
	memcpy(one->text, text.at, text.len);
	one->text[text.len] = '\0';
}

static bool take(struct policy_loader *l, const struct json_member *member, const char *where, size_t max,
		 const char *expected, struct policy_public *said)
{
	bool lines = max > TITLE_MAX;
	struct json_object object;

	if (!policy_inner(l, member, where, &object))
		return false;
	for (size_t i = 0; i < object.n; i++) {
		const struct json_member *at = &object.members[i];

		if (said->n == POLICY_LANGS_MAX || !lang_fits(at->name))
			return policy_wrong(l, at->at, where, LANG_EXPECTED);
		if (!text_fits(at, max, lines))
			return policy_wrong(l, at->at, where, expected);
		keep(said, at->name, at->text);
	}
	return true;
}

bool policy_take_public_title(struct policy_loader *l, const struct json_member *member)
{
	return take(l, member, "public_title", TITLE_MAX, TITLE_EXPECTED, &l->policy->public_title);
}

bool policy_take_public_text(struct policy_loader *l, const struct json_member *member)
{
	return take(l, member, "public_text", TEXT_MAX, TEXT_EXPECTED, &l->policy->public_text);
}

/* --- telling ------------------------------------------------------------------------------ */

static bool same_first_part(const char *one, const char *other)
{
	size_t n = strcspn(one, "-");

	return n == strcspn(other, "-") && strncmp(one, other, n) == 0;
}

static struct span find(const struct policy_public *said, const char *lang)
{
	const struct policy_said *like = NULL;

	for (size_t i = 0; i < said->n; i++) {
		if (strcmp(said->at[i].lang, lang) == 0)
			return span_of(said->at[i].text);
		if (like == NULL && same_first_part(said->at[i].lang, lang))
			like = &said->at[i];
	}
	return like != NULL ? span_of(like->text) : (struct span){ 0 };
}

struct span policy_public_title(const struct policy *policy, const char *lang)
{
	return find(&policy->public_title, lang);
}

struct span policy_public_text(const struct policy *policy, const char *lang)
{
	return find(&policy->public_text, lang);
}

void policy_public_release(struct policy_public *said)
{
	for (size_t i = 0; i < said->n; i++)
		free(said->at[i].text);
	said->n = 0;
}
