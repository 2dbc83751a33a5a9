/*
 * Evidence of links; see evidence.h.
 */
#include "handlers/bureau/evidence.h"

#include "daemon/base/table.h"

#define PAIR_BYTES 1024   /* what a pair costs beside its texts, as text */

struct evidence_pair {
	struct tip_id here, there;
	struct span one, other;         /* their texts */
	struct span told;               /* JSON, once they are compared */
};

static bool same(const struct tip_id *a, const struct tip_id *b)
{
	return strcmp(a->text, b->text) == 0;
}

static const struct evidence_pair *pair_find(const struct evidence *evidence, const struct tip_id *here, const struct tip_id *there)
{
	for (size_t i = 0; i < evidence->n; i++)
		if (same(&evidence->pairs[i].here, here) && same(&evidence->pairs[i].there, there))
			return &evidence->pairs[i];
	return NULL;
}

void evidence_add(struct evidence *evidence, const struct tip_id *here, const struct tip_id *there, struct span one,
		  struct span other)
{
	if (evidence->pairs == NULL)
		evidence->pairs = arena_array(evidence->arena, struct evidence_pair, EVIDENCE_PAIRS_MAX);
	if (evidence->n == EVIDENCE_PAIRS_MAX || pair_find(evidence, here, there) != NULL)
		return;
	evidence->pairs[evidence->n++] = (struct evidence_pair){ .here = *here, .there = *there, .one = one, .other = other };
}

/* --- what is told ----------------------------------------------------------------------- */

static void put_ranges(const char *name, const struct common_side *side, struct json_out *json)
{
	json_open_member(json, name, '[');
	for (size_t r = 0; r < side->n; r++) {
		json_open(json, '[');
		json_u64(json, NULL, side->at[r].from);
		json_u64(json, NULL, side->at[r].to);
		json_close(json, ']');
	}
	json_close(json, ']');
}

static void put_common(const struct common *common, struct json_out *json)
{
	json_open(json, '[');
	for (size_t kind = 0; kind < COMMON_KINDS; kind++) {
		if (common->here[kind].n == 0)
			continue;
		json_open(json, '{');
		json_text(json, "kind", span_of(common_kind_name((enum common_kind)kind)));
		put_ranges("here", &common->here[kind], json);
		put_ranges("there", &common->there[kind], json);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void compare(const struct evidence *evidence, struct evidence_pair *pair)
{
	struct arena scratch = { 0 };
	struct common *common = arena_new(&scratch, struct common);
	struct buf told = { 0 };
	struct json_out json = json_out_to(&told);

	judge_common(evidence->judge, pair->one, pair->other, &scratch, common);
	put_common(common, &json);
	pair->told = arena_dup(evidence->arena, buf_span(&told));
	buf_release(&told);
	arena_release(&scratch);
}

bool evidence_look(struct evidence *evidence)
{
	size_t bytes = 0;

	for (size_t first = evidence->done; evidence->done < evidence->n; evidence->done++) {
		struct evidence_pair *pair = &evidence->pairs[evidence->done];

		bytes += pair->one.len + pair->other.len + PAIR_BYTES;
		if (evidence->done > first && bytes > EVIDENCE_TURN_BYTES)
			break;
		compare(evidence, pair);
	}
	return evidence->done == evidence->n;
}

void evidence_put(const struct evidence *evidence, const struct tip_id *here, const struct tip_id *there, struct json_out *json)
{
	const struct evidence_pair *pair = pair_find(evidence, here, there);

	if (pair != NULL && pair->told.len > 0)
		json_raw(json, "evidence", pair->told);
}
