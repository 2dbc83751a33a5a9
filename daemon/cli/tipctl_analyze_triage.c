/*
 * --task triage: the chance that a text is wanted, learned while it runs.
 *
 * As the daemon does: the rules' points first, and the learner beside them,
 * which is told how earlier texts ended. An example waits for its outcome, the
 * oldest give way when too many do.
 */
#include "daemon/cli/tipctl_analyze.h"

#include "daemon/base/mark_map.h"
#include "daemon/base/memory.h"
#include "daemon/core/score/learn.h"
#include "daemon/sys/random.h"

#include <sodium.h>
#include <stdlib.h>

#define WAITING_MAX 65536 /* examples without an outcome */

struct waiting {
	unsigned char mark[MARK_BYTES]; /* hash of the id */
	unsigned char *packed;          /* NULL: nothing waits here */
	size_t len;
};

struct triage {
	struct learner *learner;
	struct waiting *waiting; /* a ring */
	size_t next;
	struct mark_map places; /* hash of the id -> place in the ring */
};

/* --- examples that wait -------------------------------------------------------------------- */

static void mark_of(struct span id, unsigned char mark[MARK_BYTES])
{
	crypto_generichash(mark, MARK_BYTES, (const unsigned char *)id.at, id.len, NULL, 0);
}

static void drop(struct triage *t, struct waiting *w)
{
	if (w->packed == NULL)
		return;
	mark_map_drop(&t->places, w->mark);
	free(w->packed);
	*w = (struct waiting){ .packed = NULL };
}

static struct waiting *find(const struct triage *t, struct span id)
{
	unsigned char mark[MARK_BYTES];
	uint64_t place;

	mark_of(id, mark);
	return mark_map_get(&t->places, mark, &place) ? &t->waiting[place] : NULL;
}

static void keep(struct triage *t, struct span id, struct span packed)
{
	struct waiting *w = find(t, id);

	if (w == NULL) {
		w = &t->waiting[t->next];
		t->next = (t->next + 1) % WAITING_MAX;
	}
	drop(t, w);
	mark_of(id, w->mark);
	w->packed = memory_zeroes(packed.len + 1, 1);
	w->len = packed.len;
	memcpy(w->packed, packed.at, packed.len);
	mark_map_set(&t->places, w->mark, (uint64_t)(w - t->waiting));
}

/* --- life ------------------------------------------------------------------------------------- */

static void *start(struct analyze *a)
{
	struct triage *t = memory_zeroes(1, sizeof(*t));

	t->learner = learner_new();
	judge_set_learner(a->judge, t->learner);
	t->waiting = memory_zeroes(WAITING_MAX, sizeof(*t->waiting));
	mark_map_init(&t->places, random_u64());
	return t;
}

static void stop(void *state)
{
	struct triage *t = state;

	for (size_t i = 0; i < WAITING_MAX; i++)
		free(t->waiting[i].packed);
	free(t->waiting);
	mark_map_release(&t->places);
	learner_free(t->learner);
	free(t);
}

/* --- lines ------------------------------------------------------------------------------------ */

static void score_line(struct analyze *a, struct triage *t, const struct analyze_line *line)
{
	double began = analyze_clock_us();
	struct judgement judgement;
	struct json_out json;

	judge_tip(a->judge, &line->tip, &a->arena, &judgement);
	json = analyze_answer(a, line);
	analyze_share(&json, "score", learner_chance(t->learner, judgement.example));
	analyze_answered(a, &json, began);
	keep(t, line->id, learn_pack(judgement.example, &a->arena));
}

/* 1 and true: wanted. False: neither that nor its opposite. */
static bool read_label(const struct json_object *object, bool *wanted)
{
	const struct json_member *label = json_member_find(object, "label");

	if (label == NULL)
		return false;
	*wanted = label->kind == JSON_TRUE || (label->kind == JSON_NUMBER && span_is(label->text, "1"));
	return *wanted || label->kind == JSON_FALSE ||
	       (label->kind == JSON_NUMBER && span_is(label->text, "0"));
}

static void learn_line(struct analyze *a, struct triage *t, const struct analyze_line *line)
{
	struct waiting *w = find(t, line->id);
	struct learn_example example;
	bool wanted;

	if (!read_label(&line->object, &wanted)) {
		analyze_complain(a, line->file, line->number, "\"label\" is missing or neither 1 nor 0");
		return;
	}
	if (w == NULL) {
		analyze_complain(a, line->file, line->number, "no text with this id waits for its outcome");
		return;
	}
	if (learn_unpack(span_from(w->packed, w->len), &example))
		learner_learn(t->learner, &example, wanted);
	drop(t, w);
}

static void triage_line(struct analyze *a, void *state, const struct analyze_line *line)
{
	const struct json_member *op = json_member_find(&line->object, "op");
	struct span name = op != NULL ? analyze_text(&line->object, "op") : SPAN("score");

	if (span_is(name, "learn"))
		learn_line(a, state, line);
	else if (!span_is(name, "score"))
		analyze_complain(a, line->file, line->number, "\"op\" is neither \"score\" nor \"learn\"");
	else if (json_member_find(&line->object, "text") == NULL)
		analyze_complain(a, line->file, line->number, "\"text\" is missing");
	else
		score_line(a, state, line);
}

const struct analyze_task analyze_triage = {
	.name = "triage",
	.without_text = true,
	.start = start,
	.line = triage_line,
	.stop = stop,
};
