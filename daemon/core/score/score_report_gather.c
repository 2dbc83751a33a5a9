/*
 * Joining acceptance and outcome; see score_report_gather.h.
 */
#include "daemon/core/score/score_report_gather.h"

#include "daemon/base/mark_map.h"
#include "daemon/base/memory.h"
#include "daemon/core/journal/event.h"
#include "daemon/core/tip/tip.h"

#include <assert.h>
#include <stdlib.h>

#define MOVES_MAX 64 /* between shards; a ring of moves ends here */
#define VERSIONS_MAX 256
#define VERSION_BYTES 16

/* What the journals say of one id. */
struct known_tip {
	bool accepted;
	int64_t accepted_ms;
	char region[7];
	uint16_t version;
	uint32_t from; /* number + 1 of the id under which it was before it moved; 0: none */
	unsigned points;
	int64_t points_ms;                    /* when they were told */
	uint64_t rules[OUTCOME_RULE_WORDS];   /* of the acceptance */
	uint64_t context[OUTCOME_RULE_WORDS]; /* of the last time the linker told of others */
	enum outcome_kind end;
	int64_t end_ms;
};

struct gather {
	struct mark_map ids;
	struct known_tip *tips;
	size_t n;
	struct outcomes names; /* its table of names alone */
	char versions[VERSIONS_MAX][VERSION_BYTES];
	size_t nversions;
	uint64_t beyond; /* rules that found no room in the table of names */
};

/* --- rows and names -------------------------------------------------------------------- */

void outcomes_release(struct outcomes *outcomes)
{
	arena_release(&outcomes->arena);
	free(outcomes->at);
	*outcomes = (struct outcomes){ 0 };
}

struct outcome *outcomes_add(struct outcomes *outcomes)
{
	outcomes->at = memory_grow(outcomes->at, outcomes->n, sizeof(*outcomes->at));
	outcomes->at[outcomes->n] = (struct outcome){ .delay_ms = -1 };
	return &outcomes->at[outcomes->n++];
}

bool outcomes_add_rule(struct outcomes *outcomes, uint64_t rules[OUTCOME_RULE_WORDS], struct span name)
{
	size_t i = 0;

	while (i < outcomes->nnames && !span_eq(outcomes->names[i], name))
		i++;
	if (i == OUTCOME_RULES_MAX)
		return false;
	if (i == outcomes->nnames)
		outcomes->names[outcomes->nnames++] = arena_dup(&outcomes->arena, name);
	rules[i / 64] |= UINT64_C(1) << (i % 64);
	return true;
}

enum outcome_kind outcome_kind_of(struct span word)
{
	static const struct {
		struct span word;
		enum outcome_kind kind;
	} words[] = {
		{ SPAN_INIT("verified"), OUTCOME_GOOD },      { SPAN_INIT("unfounded"), OUTCOME_BAD },
		{ SPAN_INIT("prank"), OUTCOME_BAD },          { SPAN_INIT("duplicate"), OUTCOME_OTHER },
		{ SPAN_INIT("insufficient"), OUTCOME_OTHER }, { SPAN_INIT("referred"), OUTCOME_OTHER },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (span_eq(words[i].word, word))
			return words[i].kind;
	return OUTCOME_NONE;
}

/* --- reading an event -------------------------------------------------------------------- */

struct members {
	struct span name, id, from, region, rules, version, outcome;
	int64_t at_ms;
	uint64_t points;
	bool has_points;
};

static bool take_number(struct span text, uint64_t most, uint64_t *number)
{
	return span_u64(text, number) && *number <= most;
}

static bool take_member(const struct event_member *m, struct members *out)
{
	uint64_t number = 0;
	const struct {
		const char *name;
		struct span *to;
	} texts[] = {
		{ "e", &out->name },        { "id", &out->id },           { "from", &out->from },
		{ "region", &out->region }, { "outcome", &out->outcome }, { "rules_version", &out->version },
	};

	if (span_is(m->name, "at")) {
		if (m->text || !take_number(m->value, INT64_MAX, &number))
			return false;
		out->at_ms = (int64_t)number;
	} else if (span_is(m->name, "points")) {
		out->has_points = true;
		return !m->text && take_number(m->value, 100, &out->points);
	} else if (span_is(m->name, "rules")) {
		out->rules = m->value;
		return !m->text && span_starts(m->value, SPAN("["));
	}
	for (size_t i = 0; m->text && i < sizeof(texts) / sizeof(texts[0]); i++)
		if (span_is(m->name, texts[i].name))
			*texts[i].to = m->value;
	return true;
}

static bool read_members(struct span json, struct members *out)
{
	struct event_member member;
	struct span rest = json;
	bool well = true;

	*out = (struct members){ 0 };
	while (event_next(&rest, &member, &well))
		if (!take_member(&member, out))
			return false;
	return well;
}

/* Names are [a-z0-9_]; anything else between the quotes is not one of ours. */
static bool name_fits(struct span name)
{
	for (size_t i = 0; i < name.len; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789_", name.at[i]) == NULL || name.at[i] == '\0')
			return false;
	return name.len > 0 && name.len <= 40;
}

/* ["a","b"] */
static bool read_rules(struct gather *gather, struct span list, uint64_t rules[OUTCOME_RULE_WORDS])
{
	struct span rest = list, before, name;

	memset(rules, 0, OUTCOME_RULE_WORDS * sizeof(*rules));
	while (span_cut(&rest, '"', &before)) {
		if (rest.at == NULL)
			break;
		if (!span_cut(&rest, '"', &name) || !name_fits(name))
			return false;
		if (!outcomes_add_rule(&gather->names, rules, name))
			gather->beyond++;
	}
	return true;
}

/* --- what an event says ------------------------------------------------------------------ */

static uint32_t number_of(struct gather *gather, const struct tip_id *id)
{
	unsigned char key[MARK_BYTES] = { 0 };
	uint64_t number;

	memcpy(key, id->text, TIP_ID_LEN);
	if (mark_map_get(&gather->ids, key, &number))
		return (uint32_t)number;
	gather->tips = memory_grow(gather->tips, gather->n, sizeof(*gather->tips));
	gather->tips[gather->n] = (struct known_tip){ 0 };
	mark_map_set(&gather->ids, key, gather->n);
	return (uint32_t)gather->n++;
}

static uint16_t version_of(struct gather *gather, struct span version)
{
	char text[VERSION_BYTES] = "";
	size_t i = 0;

	memcpy(text, version.at != NULL ? version.at : "",
	       version.len < VERSION_BYTES ? version.len : VERSION_BYTES - 1);
	while (i < gather->nversions && memcmp(gather->versions[i], text, VERSION_BYTES) != 0)
		i++;
	if (i == gather->nversions && i < VERSIONS_MAX)
		memcpy(gather->versions[gather->nversions++], text, VERSION_BYTES);
	return (uint16_t)(i < VERSIONS_MAX ? i : VERSIONS_MAX - 1);
}

static bool note_points(struct known_tip *tip, const struct members *m)
{
	tip->points = (unsigned)m->points;
	tip->points_ms = m->at_ms;
	return m->has_points;
}

static bool on_accepted(struct gather *gather, struct known_tip *tip, const struct members *m)
{
	tip->accepted = true;
	tip->accepted_ms = m->at_ms;
	tip->version = version_of(gather, m->version);
	if (m->region.len == 6)
		memcpy(tip->region, m->region.at, 6);
	return note_points(tip, m) && read_rules(gather, m->rules, tip->rules);
}

static bool on_rescored(struct gather *gather, struct known_tip *tip, const struct members *m)
{
	return note_points(tip, m) && read_rules(gather, m->rules, tip->context);
}

/* A tip that comes back to where it was accepted needs no pointer to where it was between. */
static bool on_received(struct gather *gather, uint32_t number, const struct members *m)
{
	struct tip_id from;
	uint32_t before;

	if (!tip_id_parse(m->from, &from))
		return false;
	before = number_of(gather, &from);
	if (!gather->tips[number].accepted && before != number)
		gather->tips[number].from = before + 1;
	return true;
}

static bool on_closed(struct known_tip *tip, const struct members *m)
{
	tip->end = outcome_kind_of(m->outcome);
	tip->end_ms = m->at_ms;
	return tip->end != OUTCOME_NONE;
}

static bool take_event(struct gather *gather, const struct members *m)
{
	struct tip_id id;
	uint32_t number;

	if (!tip_id_parse(m->id, &id))
		return false;
	number = number_of(gather, &id);
	if (span_is(m->name, "accepted"))
		return on_accepted(gather, &gather->tips[number], m);
	if (span_is(m->name, "rescored"))
		return on_rescored(gather, &gather->tips[number], m);
	if (span_is(m->name, "received"))
		return on_received(gather, number, m);
	if (span_is(m->name, "closed"))
		return on_closed(&gather->tips[number], m);
	if (span_is(m->name, "reopened"))
		gather->tips[number].end = OUTCOME_NONE;
	return true;
}

bool gather_event(struct gather *gather, struct span json, struct complaint *why)
{
	struct members m;

	if (!read_members(json, &m) || !take_event(gather, &m))
		return complain(why, 0, "an event that cannot be read: %.*s",
				(int)(json.len < 120 ? json.len : 120), json.at != NULL ? json.at : "");
	return true;
}

/* --- the end --------------------------------------------------------------------------------- */

struct gather *gather_new(uint64_t seed)
{
	struct gather *gather = calloc(1, sizeof(*gather));

	assert(gather != NULL);
	mark_map_init(&gather->ids, seed);
	return gather;
}

void gather_free(struct gather *gather)
{
	if (gather == NULL)
		return;
	mark_map_release(&gather->ids);
	outcomes_release(&gather->names);
	free(gather->tips);
	free(gather);
}

/* Under which id it was accepted; NULL: that is in no journal. */
static struct known_tip *root_of(struct gather *gather, struct known_tip *tip)
{
	for (unsigned moves = 0; moves < MOVES_MAX && !tip->accepted && tip->from > 0; moves++)
		tip = &gather->tips[tip->from - 1];
	return tip->accepted ? tip : NULL;
}

/* What is known under a later id goes to the first one: the newest points, the first end that counts. */
static void bring_home(struct gather *gather, struct known_tip *tip, struct outcomes *out)
{
	struct known_tip *root = root_of(gather, tip);
	bool counts = tip->end == OUTCOME_GOOD || tip->end == OUTCOME_BAD;

	if (root == NULL) {
		out->lost += tip->end != OUTCOME_NONE;
		return;
	}
	if (tip->points_ms > root->points_ms) {
		root->points = tip->points;
		root->points_ms = tip->points_ms;
		memcpy(root->context, tip->context, sizeof(root->context));
	}
	if (tip->end != OUTCOME_NONE &&
	    (root->end == OUTCOME_NONE || (counts && root->end == OUTCOME_OTHER) ||
	     (counts && tip->end_ms < root->end_ms))) {
		root->end = tip->end;
		root->end_ms = tip->end_ms;
	}
}

static void add_row(const struct known_tip *tip, bool seen[VERSIONS_MAX], struct outcomes *out)
{
	struct outcome *row;

	out->tips++;
	out->left_out += tip->end == OUTCOME_OTHER;
	if (tip->end != OUTCOME_GOOD && tip->end != OUTCOME_BAD)
		return;
	out->versions += !seen[tip->version];
	seen[tip->version] = true;
	row = outcomes_add(out);
	row->points = tip->points;
	row->good = tip->end == OUTCOME_GOOD;
	row->delay_ms = tip->end_ms > tip->accepted_ms ? tip->end_ms - tip->accepted_ms : 0;
	memcpy(row->region, tip->region, sizeof(row->region));
	for (size_t i = 0; i < OUTCOME_RULE_WORDS; i++)
		row->rules[i] = tip->rules[i] | tip->context[i];
}

void gather_finish(struct gather *gather, int64_t since_ms, int64_t until_ms, struct outcomes *out)
{
	bool seen[VERSIONS_MAX] = { false };

	*out = (struct outcomes){ .lost = gather->beyond };
	for (size_t i = 0; i < gather->names.nnames; i++)
		out->names[i] = arena_dup(&out->arena, gather->names.names[i]);
	out->nnames = gather->names.nnames;
	for (size_t i = 0; i < gather->n; i++)
		if (!gather->tips[i].accepted)
			bring_home(gather, &gather->tips[i], out);
	for (size_t i = 0; i < gather->n; i++) {
		const struct known_tip *tip = &gather->tips[i];

		if (tip->accepted && tip->accepted_ms >= since_ms &&
		    (until_ms == 0 || tip->accepted_ms < until_ms))
			add_row(tip, seen, out);
	}
}
