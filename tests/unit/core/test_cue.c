/*
 * daemon/core/text/cue.c: the words are found and mean what their row says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/text/cue.h"

static struct scanner *scanner;
static struct scan_scratch *scratch;

static int start(void **state)
{
	struct scan_set *set = scan_set_new();
	const char *why;

	(void)state;
	cues_add_patterns(set);
	scanner = scanner_new(set, &why);
	scan_set_free(set);
	scratch = scan_scratch_new(scanner);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	scan_scratch_free(scratch);
	scanner_free(scanner);
	return 0;
}

/* True when the text, taken as a whole, is a cue of that side and effect. */
static bool is_cue(const char *text, enum cue_side side, enum cue_effect effect)
{
	struct arena arena = { 0 };
	struct scan_hits hits;
	bool found = false;

	scan(scanner, scratch, span_of(text), &arena, &hits);
	for (size_t i = 0; i < hits.n; i++) {
		const struct cue *cue = cue_of(&hits.at[i]);

		assert_int_equal(hits.at[i].family, SCAN_CUE);
		found = found || (hits.at[i].from == 0 && hits.at[i].to == strlen(text) &&
				  cue->side == side && cue->effect == effect);
	}
	arena_release(&arena);
	return found;
}

static void test_words_mean_what_they_say(void **state)
{
	(void)state;
	assert_true(is_cue("在", CUE_BEFORE, CUE_EVENT));
	assert_true(is_cue("附近", CUE_AFTER, CUE_EVENT));
	assert_true(is_cue("老家", CUE_BEFORE, CUE_ORIGIN));
	assert_true(is_cue("口音", CUE_BEFORE, CUE_ORIGIN));
	assert_true(is_cue("口音", CUE_AFTER, CUE_ORIGIN));
	assert_true(is_cue("走失", CUE_AFTER, CUE_ASIDE));
	assert_true(is_cue("不是", CUE_BEFORE, CUE_DENIAL));
	assert_true(is_cue("火锅", CUE_AFTER, CUE_NO_PLACE));
	assert_true(is_cue("是不是", CUE_BEFORE, CUE_NEUTRAL));
	assert_true(is_cue("native of", CUE_BEFORE, CUE_ORIGIN));
	assert_false(is_cue("北京", CUE_BEFORE, CUE_EVENT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_mean_what_they_say),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
