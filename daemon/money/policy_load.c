/*
 * Reading a policy file. Strict: every member is known, there, and within its
 * range; what contradicts itself (a maximum below the minimum, a higher
 * approval band that asks fewer persons) is refused. A complaint names file,
 * line, member and what is expected there.
 */
#include "daemon/money/policy_loader.h"

#include "daemon/base/civil_time.h"
#include "daemon/base/table.h"
#include "daemon/base/utf8.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#define ROUND_MAX INT64_C(1000000000)
#define SUPPLEMENT_MAX 50000
#define NOTE_MAX 500

/* --- numbers, by table ----------------------------------------------------------------------- */

struct number_row {
	const char *name;
	size_t offset;
	int64_t least, most;
	const char *expected;
};

#define ROW(member, ...)                                                                                     \
	{                                                                                                    \
		.name = #member, .offset = offsetof(struct policy, member), __VA_ARGS__                      \
	}

static const struct number_row numbers[] = {
	ROW(version, .least = 1, .most = 1000000, .expected = "a whole number, 1 to 1000000"),
	ROW(min, .least = 1, .most = MONEY_MAX, .expected = POLICY_FEN_EXPECTED),
	ROW(max, .least = 1, .most = MONEY_MAX, .expected = POLICY_FEN_EXPECTED),
	ROW(case_cap, .least = 1, .most = MONEY_MAX, .expected = POLICY_FEN_EXPECTED),
	ROW(round_to, .least = 1, .most = ROUND_MAX, .expected = "a whole number of fen, 1 to 1000000000"),
	ROW(per_point, .least = 0, .most = MONEY_MAX,
	    .expected = "a whole number of fen, 0 to 9007199254740991"),
	ROW(claim_days, .least = 30, .most = 90, .expected = "a whole number of days, 30 to 90"),
	ROW(tax_bp, .least = 0, .most = POLICY_BP - 1, .expected = "basis points, 0 to 9999"),
	ROW(instalments_max, .least = 1, .most = 12, .expected = "a whole number, 1 to 12"),
	ROW(payee_cooling_hours, .least = 0, .most = 720, .expected = "a whole number of hours, 0 to 720"),
	ROW(panel_wait_days, .least = 1, .most = 90, .expected = "a whole number of days, 1 to 90"),
	ROW(release_two_persons_above, .least = 0, .most = MONEY_MAX,
	    .expected = "a whole number of fen, 0 to 9007199254740991"),
};

static const struct number_row *number_row(struct span name)
{
	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		if (span_is(name, numbers[i].name))
			return &numbers[i];
	return NULL;
}

static bool take_number(struct policy_loader *l, const struct json_member *member,
			const struct number_row *row)
{
	int64_t value;

	if (!policy_whole_number(member, &value) || value < row->least || value > row->most)
		return policy_wrong(l, member->at, row->name, row->expected);
	memcpy((char *)l->policy + row->offset, &value, sizeof(value));
	return true;
}

/* --- texts with one or a few possible values --------------------------------------------------- */

static bool take_name(struct policy_loader *l, const struct json_member *member)
{
	if (member->kind != JSON_TEXT || !policy_name_fits(member->text))
		return policy_wrong(l, member->at, "policy", POLICY_NAME_EXPECTED);
	policy_name_set(l->policy->name, member->text);
	return true;
}

static bool take_only(struct policy_loader *l, const struct json_member *member, const char *where,
		      const char *only)
{
	char expected[64];

	snprintf(expected, sizeof(expected), "\"%s\"", only);
	return policy_word(member, &only, 1) == 0 || policy_wrong(l, member->at, where, expected);
}

static bool take_currency(struct policy_loader *l, const struct json_member *member)
{
	return take_only(l, member, "currency", "CNY");
}

static bool take_round(struct policy_loader *l, const struct json_member *member)
{
	return take_only(l, member, "round", "half_up");
}

static bool take_band_rule(struct policy_loader *l, const struct json_member *member)
{
	return take_only(l, member, "band_rule", "highest_only");
}

static bool take_note(struct policy_loader *l, const struct json_member *member)
{
	return (member->kind == JSON_TEXT && member->text.len <= NOTE_MAX) ||
	       policy_wrong(l, member->at, "note", "a text of at most 500 bytes");
}

static bool take_external(struct policy_loader *l, const struct json_member *member)
{
	static const char *const words[] = { "block", "net" };
	size_t index = policy_word(member, words, COUNT_OF(words));

	l->policy->net_external = index == 1;
	return index < COUNT_OF(words) ||
	       policy_wrong(l, member->at, "external_award", "\"block\" or \"net\"");
}

static bool take_effective_from(struct policy_loader *l, const struct json_member *member)
{
	int64_t day;

	if (member->kind != JSON_TEXT || member->text.len >= sizeof(l->policy->effective_from) ||
	    !civil_read_date(member->text, CIVIL_BEIJING_MINUTES, &day))
		return policy_wrong(l, member->at, "effective_from", "a date like \"2026-01-01\"");
	memcpy(l->policy->effective_from, member->text.at, member->text.len);
	return true;
}

/* --- split ------------------------------------------------------------------------------------------ */

static bool split_rule(struct policy_loader *l, const struct json_member *member)
{
	size_t index = policy_word(member, policy_split_names, POLICY_SPLITS);

	l->policy->split = (enum policy_split)index;
	return index < POLICY_SPLITS ||
	       policy_wrong(l, member->at, "split.rule",
			    "\"first_only\", \"first_plus_new_facts\" or \"weighted\"");
}

static bool split_supplement(struct policy_loader *l, const struct json_member *member)
{
	return (policy_whole_number(member, &l->policy->supplement_bp) && l->policy->supplement_bp >= 0 &&
		l->policy->supplement_bp <= SUPPLEMENT_MAX) ||
	       policy_wrong(l, member->at, "split.supplement_pool_bp",
			    "basis points of the pool, 0 to 50000");
}

static bool split_min(struct policy_loader *l, const struct json_member *member)
{
	static const char *const words[] = { "pool", "recipient" };
	size_t index = policy_word(member, words, COUNT_OF(words));

	l->policy->min_per_recipient = index == 1;
	return index < COUNT_OF(words) ||
	       policy_wrong(l, member->at, "split.min_applies_to", "\"recipient\" or \"pool\"");
}

static bool split_conflict(struct policy_loader *l, const struct json_member *member)
{
	return take_only(l, member, "split.on_conflict", "manual");
}

static bool split_remainder(struct policy_loader *l, const struct json_member *member)
{
	return take_only(l, member, "split.remainder", "largest_then_lowest_index");
}

/* --- the members of an object ------------------------------------------------------------------------------
 */

struct member_row {
	const char *name;
	bool (*take)(struct policy_loader *,
		     const struct json_member *); /* NULL: a number of the table above */
	bool optional;
};

static const struct member_row split_rows[] = {
	{ .name = "rule", .take = split_rule },
	{ .name = "supplement_pool_bp", .take = split_supplement, .optional = true },
	{ .name = "min_applies_to", .take = split_min },
	{ .name = "on_conflict", .take = split_conflict },
	{ .name = "remainder", .take = split_remainder },
};

static bool take_split(struct policy_loader *l, const struct json_member *member);

static const struct member_row rows[] = {
	{ .name = "policy", .take = take_name },
	{ .name = "version" },
	{ .name = "currency", .take = take_currency },
	{ .name = "effective_from", .take = take_effective_from },
	{ .name = "note", .take = take_note, .optional = true },
	{ .name = "public_title", .take = policy_take_public_title, .optional = true },
	{ .name = "public_text", .take = policy_take_public_text, .optional = true },
	{ .name = "min" },
	{ .name = "max" },
	{ .name = "case_cap" },
	{ .name = "round_to" },
	{ .name = "round", .take = take_round },
	{ .name = "band_rule", .take = take_band_rule },
	{ .name = "bands", .take = policy_take_bands },
	{ .name = "per_point" },
	{ .name = "factors", .take = policy_take_factors },
	{ .name = "split", .take = take_split },
	{ .name = "exclude", .take = policy_take_exclude, .optional = true },
	{ .name = "approval_bands", .take = policy_take_levels },
	{ .name = "claim_days" },
	{ .name = "tax_bp" },
	{ .name = "instalments_max" },
	{ .name = "external_award", .take = take_external },
	{ .name = "payee_cooling_hours", .optional = true },
	{ .name = "panel_wait_days", .optional = true },
	{ .name = "release_two_persons_above", .optional = true },
	{ .name = "holidays", .take = policy_take_holidays, .optional = true },
	{ .name = "workdays", .take = policy_take_workdays, .optional = true },
};

static bool known(const struct member_row *table, size_t n, struct span name)
{
	for (size_t i = 0; i < n; i++)
		if (span_is(name, table[i].name))
			return true;
	return false;
}

/* `prefix` "split." or "". */
static bool all_known(struct policy_loader *l, const struct json_object *object,
		      const struct member_row *table, size_t n, const char *prefix)
{
	for (size_t i = 0; i < object->n; i++) {
		const struct json_member *at = &object->members[i];
		struct span name = utf8_cut(at->name, 40);
		size_t line = json_line(l->text, at->at);

		if (!known(table, n, at->name))
			return complain(l->why, line,
					"%s:%zu: %s%.*s: no such member; config/policy/README.md lists them",
					l->name, line, prefix, (int)name.len, name.at);
	}
	return true;
}

static bool take_row(struct policy_loader *l, const struct json_object *object, const struct member_row *row,
		     size_t from, const char *prefix)
{
	const struct json_member *member = json_member_find(object, row->name);
	size_t line = json_line(l->text, from);

	if (member == NULL)
		return row->optional || complain(l->why, line, "%s:%zu: %s%s: expected, but is missing",
						 l->name, line, prefix, row->name);
	return row->take != NULL ? row->take(l, member) : take_number(l, member, number_row(member->name));
}

static bool take_object(struct policy_loader *l, const struct json_object *object,
			const struct member_row *table, size_t n, size_t from, const char *prefix)
{
	if (!all_known(l, object, table, n, prefix))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!take_row(l, object, &table[i], from, prefix))
			return false;
	return true;
}

static bool take_split(struct policy_loader *l, const struct json_member *member)
{
	struct json_object object;
	bool supplement;

	if (!policy_inner(l, member, "split", &object) ||
	    !take_object(l, &object, split_rows, COUNT_OF(split_rows), member->at, "split."))
		return false;
	supplement = json_member_find(&object, "supplement_pool_bp") != NULL;
	return supplement == (l->policy->split == POLICY_FIRST_PLUS_NEW_FACTS) ||
	       policy_wrong(l, member->at, "split.supplement_pool_bp",
			    "with rule \"first_plus_new_facts\", and only there");
}

/* --- the whole
 * ------------------------------------------------------------------------------------------------ */

/* What each member by itself cannot show. */
static bool consistent(struct policy_loader *l, const struct json_object *object)
{
	const struct policy *policy = l->policy;

	if (policy->max < policy->min)
		return policy_wrong(l, json_member_find(object, "max")->at, "max", "an amount not below min");
	if (policy->case_cap < policy->max)
		return policy_wrong(l, json_member_find(object, "case_cap")->at, "case_cap",
				    "an amount not below max");
	return true;
}

static bool load(struct policy_loader *l)
{
	struct json_object object;
	struct complaint reader;

	if (l->text.len > POLICY_BYTES_MAX)
		return policy_wrong(l, 0, "file", "at most 16384 bytes");
	if (!json_object_read(l->text, &l->arena, &object, &reader))
		return policy_not_json(l, &reader);
	return take_object(l, &object, rows, COUNT_OF(rows), 0, "") && consistent(l, &object);
}

/* What a file says that does not speak of it; config/policy/README.md tells the same. */
static void set_defaults(struct policy *policy)
{
	policy->excludes = POLICY_NO_OFFENDER | POLICY_NO_VICTIM | POLICY_NO_DUTY;
	policy->payee_cooling_hours = 24;
	policy->panel_wait_days = 7;
	policy->release_two_persons_above = 500000;
}

static struct policy *policy_new(struct span bytes)
{
	struct policy *policy = calloc(1, sizeof(*policy));
	char *copy = malloc(bytes.len + 1);

	assert(policy != NULL && copy != NULL);
	if (bytes.len > 0)
		memcpy(copy, bytes.at, bytes.len);
	copy[bytes.len] = '\0';
	policy->bytes = span_from(copy, bytes.len);
	set_defaults(policy);
	crypto_hash_sha256(policy->hash, (const unsigned char *)copy, bytes.len);
	return policy;
}

struct policy *policy_load(const char *name, struct span bytes, struct complaint *why)
{
	struct policy_loader l = { .name = name, .text = bytes, .why = why };
	bool fine;

	l.policy = policy_new(bytes);
	fine = load(&l);
	arena_release(&l.arena);
	if (fine)
		return l.policy;
	policy_free(l.policy);
	return NULL;
}
