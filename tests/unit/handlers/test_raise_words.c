/*
 * An escalation in words, in both languages.
 */
#include "handlers/web/raise_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define HOUR_MS INT64_C(3600000)

static struct catalogues catalogues;
static struct arena arena;

static void assert_words(const char *tag, enum clock_wait why, int64_t ms, const char *level, const char *expected)
{
	struct span words = raise_words(catalogue_find(&catalogues, span_of(tag)), why, ms, level, &arena);

	if (!span_is(words, expected))
		fail_msg("%.*s", (int)words.len, words.at);
}

static void days_hours_and_minutes(void **state)
{
	(void)state;
	assert_words("en", WAIT_UNOPENED, 72 * HOUR_MS + 5, "prefecture",
		     "Not opened for 3 days, so it was passed on to the prefecture level.");
	assert_words("en", WAIT_STALLED, 24 * HOUR_MS, "province",
		     "Opened, then nothing was done for 1 day, so it was passed on to the provincial level.");
	assert_words("en", WAIT_UNANSWERED, 5 * HOUR_MS - 1, "nation",
		     "What you added had no answer for 4 hours, so it was passed on to the national level.");
	assert_words("en", WAIT_UNOPENED, 0, "county", "Not opened for 1 minute, so it was passed on to the county level.");
	assert_words("zh-CN", WAIT_UNOPENED, 72 * HOUR_MS, "province", "3 \345\244\251\346\262\241\346\234\211\344\272\272\346\237\245\347\234\213\357\274\214\345\267\262\347\273\217\350\275\254\345\210\260\347\234\201\347\272\247\343\200\202");
}

static void assert_next(const char *tag, enum clock_wait why, int64_t ms, const char *level, const char *expected)
{
	struct span words = raise_next_words(catalogue_find(&catalogues, span_of(tag)), why, ms, level, &arena);

	if (!span_is(words, expected))
		fail_msg("%.*s", (int)words.len, words.at);
}

static void what_comes_next(void **state)
{
	(void)state;
	assert_next("en", WAIT_UNOPENED, 3 * HOUR_MS - 1, "province",
		    "If nobody opens it for another 2 hours, it passes to the provincial level by itself.");
	assert_next("en", WAIT_STALLED, 25 * HOUR_MS, "nation",
		    "If nothing is done for another 1 day, it passes to the national level by itself.");
	assert_next("en", WAIT_UNANSWERED, 1, "prefecture",
		    "If what you added has no answer for another 1 minute, it passes to the prefecture level by itself.");
}

static void every_message_is_there_in_every_language(void **state)
{
	size_t n = 0;

	(void)state;
	for (; raise_message_at(n) != NULL; n++)
		for (size_t i = 0; i < catalogues.n; i++)
			assert_true(catalogue_has(&catalogues.at[i], span_of(raise_message_at(n))));
	assert_int_equal(n, 16);
}

static int begin(void **state)
{
	struct complaint why;

	(void)state;
	return catalogues_load("zh-CN", &catalogues, &why) ? 0 : -1;
}

static int finish(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_hours_and_minutes),
		cmocka_unit_test(what_comes_next),
		cmocka_unit_test(every_message_is_there_in_every_language),
	};

	return cmocka_run_group_tests(tests, begin, finish);
}
