/*
 * Any bytes as a text to learn from, as a packed example and as a piece of a
 * saved model: within bounds, packed again alike, chances between 0 and 1.
 */
#include "daemon/core/score/learn.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void as_text(const struct learner *learner, struct span text)
{
	static const struct fingerprinter key = { .secret = { 1 } };
	static const struct entities none;
	struct folded folded = { .text = text };
	struct learn_example example;
	double chance;

	learn_features(&key,
		       &(struct learn_input){ .original = text, .text = &folded, .entities = &none,
					      .points = text.len > 0 ? (unsigned char)text.at[0] : 0 },
		       &example);
	chance = learner_chance(learner, &example);
	assert(chance > 0 && chance < 1);
}

static void as_model(struct span bytes, struct arena *arena)
{
	struct learner *learner = learner_new();
	struct span saved = learner_save(learner, arena);
	size_t len = bytes.len < saved.len ? bytes.len : saved.len;
	char *changed = arena_alloc(arena, saved.len);

	memcpy(changed, saved.at, saved.len);
	memcpy(changed + (saved.len - len) / 2, bytes.at, len);
	if (learner_load(learner, span_from(changed, saved.len)))
		assert(span_eq(learner_save(learner, arena), span_from(changed, saved.len)));
	assert(!learner_load(learner, bytes) || bytes.len == saved.len);
	as_text(learner, bytes);
	learner_free(learner);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct span bytes = span_from(data, size);
	static struct learner *empty;
	struct learn_example example;

	if (empty == NULL)
		empty = learner_new();
	if (learn_unpack(bytes, &example))
		assert(span_eq(learn_pack(&example, &arena), bytes));
	as_text(empty, bytes);
	if (span_starts(bytes, SPAN("TLM")))   /* costs much: not for every input */
		as_model(bytes, &arena);
	arena_release(&arena);
	return 0;
}
