/*
 * The model as bytes: what comes back says the same and goes on learning the
 * same; bytes that are none change nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/learn_texts.h"

static struct arena arena;

static struct span saved_after(unsigned n)
{
	struct learner *learner = learner_new();
	struct span saved;

	learn_texts(learner, 0, n);
	saved = learner_save(learner, &arena);
	learner_free(learner);
	return saved;
}

static int end(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static void the_same_order_gives_the_same_bytes(void **state)
{
	(void)state;
	assert_true(span_eq(saved_after(200), saved_after(200)));
	assert_false(span_eq(saved_after(200), saved_after(201)));
	assert_true(saved_after(200).len <= LEARN_MODEL_BYTES_MAX);
}

static void what_comes_back_says_the_same_and_learns_the_same(void **state)
{
	struct learner *one = learner_new(), *two = learner_new();

	(void)state;
	learn_texts(one, 0, 150);
	assert_true(learner_load(two, learner_save(one, &arena)));
	for (unsigned i = 500; i < 600; i++) {
		struct learn_example example;

		learn_example_numbered(i, &example);
		assert_true(learner_chance(one, &example) == learner_chance(two, &example));
		assert_int_equal(learner_points(one, &example), learner_points(two, &example));
	}
	assert_int_equal(learner_seen(two, true), learner_seen(one, true));
	assert_int_equal(learner_seen(two, false), learner_seen(one, false));
	learn_texts(one, 150, 300);
	learn_texts(two, 150, 300);
	assert_true(span_eq(learner_save(one, &arena), learner_save(two, &arena)));
	learner_free(one);
	learner_free(two);
}

static void assert_refused(struct span bytes)
{
	struct learner *learner = learner_new();
	struct span before;

	learn_texts(learner, 0, 60);
	before = learner_save(learner, &arena);
	assert_false(learner_load(learner, bytes));
	assert_true(span_eq(learner_save(learner, &arena), before));
	learner_free(learner);
}

/* A saved model with these bytes in place of its own. */
static struct span patched(size_t at, const void *bytes, size_t len)
{
	struct span saved = saved_after(60);
	char *copy = arena_alloc(&arena, saved.len);

	memcpy(copy, saved.at, saved.len);
	memcpy(copy + at, bytes, len);
	return span_from(copy, saved.len);
}

static void other_bytes_change_nothing(void **state)
{
	static const float nan = __builtin_nanf(""), endless = __builtin_inff(), less = -1;
	struct span saved = saved_after(60);

	(void)state;
	assert_refused(SPAN(""));
	assert_refused(SPAN("TLM1"));
	assert_refused(span_from(saved.at, saved.len - 1));
	assert_refused(patched(0, "X", 1));
	assert_refused(patched(saved.len - 12, &nan, sizeof(nan)));       /* the last weight */
	assert_refused(patched(saved.len - 12, &endless, sizeof(endless)));
	assert_refused(patched(saved.len - 8, &less, sizeof(less)));      /* the last gradient */
	assert_refused(patched(saved.len - 4, "\xff\xff", 2));            /* a count that learning halves before */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_order_gives_the_same_bytes),
		cmocka_unit_test(what_comes_back_says_the_same_and_learns_the_same),
		cmocka_unit_test(other_bytes_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
