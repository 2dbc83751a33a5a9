/*
 * Reading a policy file, for the files of the loader alone: policy_load.c with
 * the members, policy_lists.c with those that are lists, policy_values.c with
 * what a value may be.
 */
#ifndef TIPLINE_MONEY_POLICY_LOADER_H
#define TIPLINE_MONEY_POLICY_LOADER_H

#include "daemon/base/json_in.h"
#include "daemon/money/policy_parts.h"

#define POLICY_NAME_EXPECTED "a name of 1 to 47 of a-z, 0-9, \"_\" and \"-\", a letter first"
#define POLICY_FEN_EXPECTED "a whole number of fen, 1 to 9007199254740991"

struct policy_loader {
	const char *name;          /* of the file */
	struct span text;
	struct arena arena;
	struct complaint *why;
	struct policy *policy;     /* being filled */
};

/* "FILE:LINE: MEMBER: expected EXPECTED". Always false. */
bool policy_wrong(struct policy_loader *l, size_t at, const char *member, const char *expected);

/* A complaint of the JSON reader, behind the file's name. Always false. */
bool policy_not_json(struct policy_loader *l, const struct complaint *reader);

bool policy_whole_number(const struct json_member *member, int64_t *value);
bool policy_name_fits(struct span name);
void policy_name_set(char to[POLICY_NAME_MAX], struct span name);

/* The index of the member's text in the list; n when it is none of them. */
size_t policy_word(const struct json_member *member, const char *const *words, size_t n);

/* A member that has to be an object; `where` is its name in complaints. */
bool policy_inner(struct policy_loader *l, const struct json_member *member, const char *where,
		  struct json_object *object);

/* Takers of one member each: into l->policy, or false and a complaint. */
bool policy_take_bands(struct policy_loader *l, const struct json_member *member);
bool policy_take_factors(struct policy_loader *l, const struct json_member *member);
bool policy_take_exclude(struct policy_loader *l, const struct json_member *member);
bool policy_take_holidays(struct policy_loader *l, const struct json_member *member);
bool policy_take_workdays(struct policy_loader *l, const struct json_member *member);
bool policy_take_public_title(struct policy_loader *l, const struct json_member *member);
bool policy_take_public_text(struct policy_loader *l, const struct json_member *member);
bool policy_take_levels(struct policy_loader *l, const struct json_member *member);

#endif
