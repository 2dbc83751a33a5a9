/*
 * What a value of a policy file may be, and how a wrong one is told.
 */
#include "daemon/money/policy_loader.h"

/* --- complaints ---------------------------------------------------------------------------- */

bool policy_wrong(struct policy_loader *l, size_t at, const char *member, const char *expected)
{
	size_t line = json_line(l->text, at);

	return complain(l->why, line, "%s:%zu: %s: expected %s", l->name, line, member, expected);
}

bool policy_not_json(struct policy_loader *l, const struct complaint *reader)
{
	complain(l->why, reader->line, "%s:%zu: %s", l->name, reader->line, reader->text);
	return false;
}

/* --- values --------------------------------------------------------------------------------- */

bool policy_whole_number(const struct json_member *member, int64_t *value)
{
	return member->kind == JSON_NUMBER && money_read(member->text, true, value);
}

/* 1..POLICY_NAME_MAX-1 of a-z, 0-9, '_' and '-', a letter first. */
bool policy_name_fits(struct span name)
{
	if (name.len == 0 || name.len >= POLICY_NAME_MAX || name.at[0] < 'a' || name.at[0] > 'z')
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.at[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'))
			return false;
	}
	return true;
}

void policy_name_set(char to[POLICY_NAME_MAX], struct span name)
{
	memcpy(to, name.at, name.len);
	to[name.len] = '\0';
}

size_t policy_word(const struct json_member *member, const char *const *words, size_t n)
{
	size_t i = 0;

	while (i < n && !(member->kind == JSON_TEXT && span_is(member->text, words[i])))
		i++;
	return i;
}

bool policy_inner(struct policy_loader *l, const struct json_member *member, const char *where,
		  struct json_object *object)
{
	struct complaint reader;

	if (member->kind != JSON_TREE || member->text.at[0] != '{')
		return policy_wrong(l, member->at, where, "an object");
	return json_object_within(l->text, member, &l->arena, object, &reader) || policy_not_json(l, &reader);
}
