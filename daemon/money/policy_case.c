/*
 * Reading the facts of a case; see policy_case.h. One table for the case, one
 * for its tips; a member that is in neither is refused.
 */
#include "daemon/money/policy_case.h"

#include "daemon/base/json_in.h"
#include "daemon/base/table.h"
#include "daemon/base/utf8.h"

#include <stdio.h>

#define ID_MAX 64

struct reading {
	struct span json;
	struct arena *arena;
	struct complaint *why;
	char where[24]; /* "tips[2]." or "" */
	struct span id;
	struct policy_case *facts;
	struct policy_tip *tip; /* being filled */
};

struct fact_row {
	const char *name;
	bool (*take)(struct reading *, const struct json_member *); /* of one of its own kind */
	size_t offset;                                              /* of int64_t or bool else */
	bool yes_or_no;
	bool needed;
};

/* --- values ---------------------------------------------------------------------------------- */

/* Always false. */
static bool wrong(struct reading *r, const char *member, const char *expected)
{
	return complain(r->why, 0, "%s%s: expected %s", r->where, member, expected);
}

static bool read_number(const struct json_member *member, int64_t *value)
{
	return (member->kind == JSON_NUMBER || member->kind == JSON_TEXT) &&
	       money_read(member->text, true, value);
}

static bool read_small(const struct json_member *member, unsigned most, unsigned *value)
{
	int64_t number;

	if (!read_number(member, &number) || number < 0 || number > (int64_t)most)
		return false;
	*value = (unsigned)number;
	return true;
}

/* --- members of a tip ------------------------------------------------------------------------- */

static bool take_tip_id(struct reading *r, const struct json_member *member)
{
	r->tip->tip = member->text;
	return (member->kind == JSON_TEXT && member->text.len > 0) || wrong(r, "tip", "an id as text");
}

static bool take_bands(struct reading *r, const struct json_member *member)
{
	struct json_member element;
	struct json_array array;
	bool fine = json_array_within(r->json, member, &array);

	while (fine && json_array_next(&array, r->arena, &element)) {
		fine = element.kind == JSON_TEXT && r->tip->nbands < POLICY_BANDS_MAX;
		if (fine)
			r->tip->bands[r->tip->nbands++] = element.text;
	}
	return fine || wrong(r, "bands", "a list of at most 32 names");
}

static bool take_factors(struct reading *r, const struct json_member *member)
{
	struct json_object object;
	bool fine = member->kind == JSON_TREE && member->text.at[0] == '{' &&
		    json_object_within(r->json, member, r->arena, &object, NULL) &&
		    object.n <= POLICY_FACTORS_MAX;

	for (size_t i = 0; fine && i < object.n; i++) {
		struct policy_factor *factor = &r->tip->factors[r->tip->nfactors++];

		factor->name = object.members[i].name;
		fine = read_number(&object.members[i], &factor->points);
	}
	return fine || wrong(r, "factors", "an object of at most 16 names, each once, with whole points");
}

static bool take_weight(struct reading *r, const struct json_member *member)
{
	return read_small(member, POLICY_BP, &r->tip->weight_bp) ||
	       wrong(r, "weight_bp", "basis points, 0 to 10000");
}

static bool take_members(struct reading *r, const struct json_member *member)
{
	return read_small(member, POLICY_MEMBERS_MAX, &r->tip->members) || wrong(r, "members", "0 to 8");
}

static bool take_member_bp(struct reading *r, const struct json_member *member)
{
	struct json_member element;
	struct json_array array;
	size_t n = 0;
	bool fine = json_array_within(r->json, member, &array);

	for (; fine && json_array_next(&array, r->arena, &element); n++)
		fine = n < POLICY_MEMBERS_MAX && read_small(&element, POLICY_BP, &r->tip->member_bp[n]);
	return fine || wrong(r, "member_bp", "a list of at most 8 shares in basis points");
}

#define TIP_NUMBER(member) .name = #member, .offset = offsetof(struct policy_tip, member)
#define TIP_YES(member) .name = #member, .offset = offsetof(struct policy_tip, member), .yes_or_no = true

static const struct fact_row tip_rows[] = {
	{ .name = "tip", .take = take_tip_id, .needed = true },
	{ TIP_NUMBER(decisive_ms), .needed = true },
	{ TIP_YES(new_facts) },
	{ TIP_YES(more_detailed) },
	{ TIP_YES(offender) },
	{ TIP_YES(victim) },
	{ TIP_YES(duty) },
	{ .name = "bands", .take = take_bands, .needed = true },
	{ .name = "factors", .take = take_factors },
	{ .name = "weight_bp", .take = take_weight },
	{ .name = "members", .take = take_members },
	{ .name = "member_bp", .take = take_member_bp },
};

/* --- any object by its table --------------------------------------------------------------------- */

static bool take_yes_or_no(struct reading *r, const struct json_member *member, const struct fact_row *row,
			   void *to)
{
	bool value = member->kind == JSON_TRUE;

	if (member->kind != JSON_TRUE && member->kind != JSON_FALSE)
		return wrong(r, row->name, "true or false");
	memcpy((char *)to + row->offset, &value, sizeof(value));
	return true;
}

static bool take_number(struct reading *r, const struct json_member *member, const struct fact_row *row,
			void *to)
{
	int64_t value;

	if (!read_number(member, &value))
		return wrong(r, row->name, "a whole number");
	memcpy((char *)to + row->offset, &value, sizeof(value));
	return true;
}

static bool take_row(struct reading *r, const struct json_object *object, const struct fact_row *row,
		     void *to)
{
	const struct json_member *member = json_member_find(object, row->name);

	if (member == NULL)
		return !row->needed ||
		       complain(r->why, 0, "%s%s: expected, but is missing", r->where, row->name);
	if (row->take != NULL)
		return row->take(r, member);
	return row->yes_or_no ? take_yes_or_no(r, member, row, to) : take_number(r, member, row, to);
}

static bool known(const struct fact_row *rows, size_t n, struct span name)
{
	for (size_t i = 0; i < n; i++)
		if (span_is(name, rows[i].name))
			return true;
	return false;
}

static bool all_known(struct reading *r, const struct json_object *object, const struct fact_row *rows,
		      size_t n)
{
	for (size_t i = 0; i < object->n; i++) {
		struct span name = utf8_cut(object->members[i].name, 40);

		if (!known(rows, n, object->members[i].name))
			return complain(r->why, 0, "%s%.*s: no such member", r->where, (int)name.len,
					name.at);
	}
	return true;
}

static bool take_all(struct reading *r, const struct json_object *object, const struct fact_row *rows,
		     size_t n, void *to)
{
	if (!all_known(r, object, rows, n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!take_row(r, object, &rows[i], to))
			return false;
	return true;
}

/* --- the case ----------------------------------------------------------------------------------------- */

static bool id_fits(struct span id)
{
	for (size_t i = 0; i < id.len; i++)
		if (id.at[i] <= ' ' || id.at[i] > '~')
			return false;
	return id.len > 0 && id.len <= ID_MAX;
}

static bool take_id(struct reading *r, const struct json_member *member)
{
	r->id = member->text;
	return (member->kind == JSON_TEXT && id_fits(member->text)) ||
	       wrong(r, "case", "an id, a text of 1 to 64 printable ASCII characters without blanks");
}

static bool take_tip(struct reading *r, const struct json_member *element, size_t index)
{
	struct json_object object;

	snprintf(r->where, sizeof(r->where), "tips[%zu].", index);
	if (element->kind != JSON_TREE || element->text.at[0] != '{')
		return wrong(r, "tip", "an object for each tip");
	return json_object_within(r->json, element, r->arena, &object, r->why) &&
	       take_all(r, &object, tip_rows, COUNT_OF(tip_rows), r->tip);
}

static bool take_tips(struct reading *r, const struct json_member *member)
{
	struct policy_tip *tips = arena_array(r->arena, struct policy_tip, POLICY_SHARES_MAX);
	struct json_member element;
	struct json_array array;
	size_t n = 0;

	if (!json_array_within(r->json, member, &array))
		return wrong(r, "tips", "a list");
	for (; json_array_next(&array, r->arena, &element); n++) {
		if (n == POLICY_SHARES_MAX)
			return wrong(r, "tips", "at most 32 tips");
		r->tip = &tips[n];
		if (!take_tip(r, &element, n))
			return false;
		r->where[0] = '\0';
	}
	r->facts->tips = tips;
	r->facts->ntips = n;
	return true;
}

#define CASE_NUMBER(member) .name = #member, .offset = offsetof(struct policy_case, member)

static const struct fact_row case_rows[] = {
	{ .name = "case", .take = take_id, .needed = true },
	{ .name = "tips", .take = take_tips, .needed = true },
	{ CASE_NUMBER(known_at_ms) },
	{ CASE_NUMBER(external_award) },
	{ CASE_NUMBER(paid_in_case) },
	{ CASE_NUMBER(override_fen) },
};

bool policy_case_read(struct span json, struct arena *arena, struct span *id, struct policy_case *facts,
		      struct complaint *why)
{
	struct reading r = { .json = json, .arena = arena, .why = why, .facts = facts };
	struct json_object object;

	*facts = (struct policy_case){ .ntips = 0 };
	if (!json_object_read(json, arena, &object, why) ||
	    !take_all(&r, &object, case_rows, COUNT_OF(case_rows), facts))
		return false;
	*id = r.id;
	return true;
}
