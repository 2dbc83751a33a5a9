/*
 * --task neardup: which earlier text a text is a copy of, and how surely.
 *
 * The near-duplicate index as the linker uses it: a copy belongs to the group of
 * what it copies, a text in the same words about something else does not. Every
 * text is remembered, the oldest are forgotten.
 */
#include "daemon/cli/tipctl_analyze.h"

#include "daemon/base/memory.h"
#include "daemon/core/incident/incident.h"

#include <stdlib.h>

struct neardup {
	struct link *link;
	struct id_ring ids;
};

static void *start(struct analyze *a)
{
	const struct link_limits limits = { .max_texts = ANALYZE_TEXTS_MAX, .bytes_per_text = 72 };
	struct neardup *n = memory_zeroes(1, sizeof(*n));

	(void)a;
	n->link = link_new(&limits);
	n->ids = id_ring_new(ANALYZE_TEXTS_MAX);
	return n;
}

static void stop(void *state)
{
	struct neardup *n = state;

	link_free(n->link);
	id_ring_release(&n->ids);
	free(n);
}

static void tell_neardup(struct analyze *a, void *state, const struct analyze_line *line)
{
	struct neardup *n = state;
	double began = analyze_clock_us();
	struct judgement judgement;
	struct incident_judgement words;
	const struct feature *feature = &judgement.fingerprint.feature;
	struct json_out json;
	uint32_t text;

	judge_tip(a->judge, &line->tip, &a->arena, &judgement);
	incident_judge(n->link, feature, &incident_policy_default, &words);
	text = link_insert(n->link, feature, line->tip.received_ms,
			   words.kind == INCIDENT_COPY ? words.text : 0);
	id_ring_put(&n->ids, text, line->id);
	json = analyze_answer(a, line);
	if (words.text != 0)
		json_raw(&json, "dup_of", id_ring_get(&n->ids, words.text));
	else
		json_none(&json, "dup_of");
	analyze_share(&json, "score", words.score);
	analyze_answered(a, &json, began);
}

const struct analyze_task analyze_neardup = {
	.name = "neardup",
	.start = start,
	.line = tell_neardup,
	.stop = stop,
};
