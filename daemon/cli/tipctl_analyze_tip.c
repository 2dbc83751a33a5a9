/*
 * All that the daemon would make of a text: route, entities, score, fingerprint.
 *
 * The judgement speaks of the folded text; here every place is told in the text
 * as it came, in bytes and in characters, so that it can be shown there.
 */
#include "daemon/cli/tipctl_analyze.h"

#include "daemon/base/hex.h"
#include "daemon/base/table.h"
#include "daemon/base/utf8.h"
#include "daemon/core/score/learn.h"
#include "daemon/sys/clock.h"

/* --- places in the text ------------------------------------------------------------------- */

/* Marks that join the character before them: accents, Korean vowels, Japanese voicing, variants. */
static const struct {
	uint32_t first;
	uint32_t last;
} joining[] = {
	{ .first = 0x0300, .last = 0x036F },
	{ .first = 0x1160, .last = 0x11FF },
	{ .first = 0x3099, .last = 0x309A },
	{ .first = 0xFE00, .last = 0xFE0F },
};

static bool joins(uint32_t c)
{
	for (size_t i = 0; i < COUNT_OF(joining); i++)
		if (c >= joining[i].first && c <= joining[i].last)
			return true;
	return false;
}

/* Where the character at `last` ends, with the marks on it; what folding dropped behind it is no part of it.
 */
static size_t end_of(struct span field, size_t last)
{
	size_t at = last, length;

	utf8_at(field, at, &length);
	at += length;
	while (at < field.len && joins(utf8_at(field, at, &length)))
		at += length;
	return at;
}

static bool within(struct span words, const struct folded *folded)
{
	return !span_empty(folded->text) && words.at >= folded->text.at &&
	       words.at + words.len <= folded->text.at + folded->text.len;
}

/* {"field","words","from","to","from_byte","to_byte"}: characters and bytes of that field as it came. */
static void tell_words(struct json_out *json, const char *name, struct span field,
		       const struct folded *folded, struct span words)
{
	size_t at = (size_t)(words.at - folded->text.at);
	size_t from = folded->origin[at];
	size_t to = end_of(field, folded->origin[at + words.len - 1]);

	json_open_member(json, "evidence", '{');
	json_text(json, "field", span_of(name));
	json_text(json, "words", span_from(field.at + from, to - from));
	json_u64(json, "from", utf8_count(span_from(field.at, from)));
	json_u64(json, "to", utf8_count(span_from(field.at, to)));
	json_u64(json, "from_byte", from);
	json_u64(json, "to_byte", to);
	json_close(json, '}');
}

/* Words of the text or the place, folded or tightened. */
static void tell_evidence(struct json_out *json, const struct analyze_line *line, const struct judgement *j,
			  struct span words)
{
	if (span_empty(words))
		json_none(json, "evidence");
	else if (within(words, &j->text))
		tell_words(json, "text", line->tip.text, &j->text, words);
	else if (within(words, &j->tight))
		tell_words(json, "text", line->tip.text, &j->tight, words);
	else if (within(words, &j->place))
		tell_words(json, "place", line->tip.place, &j->place, words);
	else if (within(words, &j->tight_place))
		tell_words(json, "place", line->tip.place, &j->tight_place, words);
	else
		json_none(json, "evidence");
}

/* --- route ------------------------------------------------------------------------------------ */

static const char *level_name(enum region_level level)
{
	static const char *const names[] = {
		[REGION_NATION] = "nation",
		[REGION_PROVINCE] = "province",
		[REGION_PREFECTURE] = "prefecture",
		[REGION_COUNTY] = "county",
	};

	return names[level];
}

static void tell_region(struct json_out *json, const struct analyze *a, const char *code)
{
	const struct region *region = gazetteer_find(judge_gazetteer(a->judge), span_of(code));

	json_text(json, "code", span_of(code));
	if (region != NULL)
		json_text(json, "name", region->name);
}

static void tell_regions(struct json_out *json, const struct analyze *a, const char *name,
			 const char (*codes)[7], size_t n)
{
	json_open_member(json, name, '[');
	for (size_t i = 0; i < n; i++) {
		json_open(json, '{');
		tell_region(json, a, codes[i]);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void tell_route(struct json_out *json, const struct analyze *a, const struct analyze_line *line,
		       const struct judgement *j)
{
	const struct route *route = &j->route;

	json_open_member(json, "route", '{');
	tell_region(json, a, route->code);
	json_text(json, "level", span_of(level_name(route->level)));
	json_u64(json, "confidence", route->confidence);
	json_text(json, "reason", span_of(route_reason_name(route->reason)));
	tell_evidence(json, line, j, route->evidence);
	tell_regions(json, a, "candidates", route->candidates, route->ncandidates);
	tell_regions(json, a, "related", route->related, route->nrelated);
	json_close(json, '}');
}

/* --- entities, score, the rest ---------------------------------------------------------------- */

static void tell_entities(struct json_out *json, const struct analyze_line *line, const struct judgement *j)
{
	json_open_member(json, "entities", '[');
	for (size_t i = 0; i < j->entities.n; i++) {
		const struct entity *entity = &j->entities.at[i];
		struct span words = span_from(j->text.text.at + entity->from, entity->to - entity->from);

		json_open(json, '{');
		json_text(json, "kind", span_of(entity_kind_name(entity->kind)));
		json_text(json, "value", span_of(entity->value));
		tell_evidence(json, line, j, words);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void tell_reason(struct json_out *json, const struct analyze *a, const struct analyze_line *line,
			const struct judgement *j, const struct score_reason *reason)
{
	json_open(json, '{');
	json_text(json, "name", reason->rule->name);
	json_i64(json, "points", reason->points);
	json_text(json, "text", a->english ? reason->rule->reason_en : reason->rule->reason_zh);
	tell_evidence(json, line, j, reason->evidence);
	json_close(json, '}');
}

static void tell_score(struct json_out *json, const struct analyze *a, const struct analyze_line *line,
		       const struct judgement *j)
{
	json_open_member(json, "score", '{');
	json_u64(json, "points", j->score.points);
	json_text(json, "priority", span_of(priority_name(j->score.priority)));
	json_open_member(json, "reasons", '[');
	for (size_t i = 0; i < j->score.nreasons; i++)
		tell_reason(json, a, line, j, &j->score.reasons[i]);
	json_close(json, ']');
	json_close(json, '}');
}

static void tell_fingerprint(struct json_out *json, struct analyze *a, const struct judgement *j)
{
	struct span packed = fingerprint_pack(&j->fingerprint, &a->arena);

	json_text(json, "fingerprint", span_of(hex_text(&a->arena, packed.at, packed.len)));
}

/* What a learner that has seen nothing says; the daemon's own is sealed in its store. */
static void tell_learned(struct json_out *json, const struct learner *learner,
			 const struct learn_example *example)
{
	json_open_member(json, "learned", '{');
	analyze_share(json, "chance", learner_chance(learner, example));
	json_i64(json, "points", learner_points(learner, example));
	json_close(json, '}');
}

static void *start(struct analyze *a)
{
	struct learner *learner = learner_new();

	judge_set_learner(a->judge, learner);
	return learner;
}

static void stop(void *state)
{
	learner_free(state);
}

static void tell_tip(struct analyze *a, void *state, const struct analyze_line *line)
{
	double began = analyze_clock_us();
	struct tip tip = line->tip;
	struct judgement judgement;
	struct json_out json;

	/* A campaign holds for some days. */
	if (tip.received_ms == 0)
		tip.received_ms = clock_wall_ms();
	judge_tip(a->judge, &tip, &a->arena, &judgement);
	json = analyze_answer(a, line);
	tell_route(&json, a, line, &judgement);
	tell_entities(&json, line, &judgement);
	tell_score(&json, a, line, &judgement);
	tell_learned(&json, state, judgement.example);
	tell_fingerprint(&json, a, &judgement);
	analyze_answered(a, &json, began);
}

const struct analyze_task analyze_tip = { .start = start, .line = tell_tip, .stop = stop };
