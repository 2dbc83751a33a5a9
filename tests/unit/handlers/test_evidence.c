/*
 * Evidence of many links: the same as of each pair alone, some pairs a turn however long the texts are, and a most of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "handlers/bureau/evidence.h"
#include "tests/support/judge_files.h"

#define LONG_BYTES 16000

static struct judge_files files;
static struct judge *judge;
static struct arena arena;
static struct evidence evidence;

static int open_judge(void **state)
{
	struct complaint why = { 0 };

	(void)state;
	judge_files_read(&files);
	judge = judge_new(&files.sources, &why);
	return judge == NULL;
}

static int close_judge(void **state)
{
	(void)state;
	judge_free(judge);
	judge_files_release(&files);
	return 0;
}

static int begin(void **state)
{
	(void)state;
	evidence = (struct evidence){ .judge = judge, .arena = &arena };
	return 0;
}

static int finish(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static struct tip_id id_of(size_t n)
{
	struct tip_id id = { 0 };

	snprintf(id.text, sizeof(id.text), "15-%010zu", n);
	return id;
}

static struct span many_times(const char *words, size_t bytes)
{
	size_t len = strlen(words), n = bytes / len * len;
	char *text = arena_alloc(&arena, n);

	for (size_t at = 0; at < n; at += len)
		memcpy(text + at, words, len);
	return span_from(text, n);
}

static void add(size_t here, size_t there, struct span one, struct span other)
{
	struct tip_id a = id_of(here), b = id_of(there);

	evidence_add(&evidence, &a, &b, one, other);
}

static const char *told(size_t here, size_t there)
{
	struct tip_id a = id_of(here), b = id_of(there);
	struct buf out = { 0 };
	struct json_out json = json_out_to(&out);
	const char *text;

	json_open(&json, '{');
	evidence_put(&evidence, &a, &b, &json);
	json_close(&json, '}');
	text = arena_printf(&arena, "%.*s", (int)out.len, out.at);
	buf_release(&out);
	return text;
}

static void a_pair_is_told_when_it_was_compared(void **state)
{
	(void)state;
	add(1, 2, SPAN("电话13912345678"), SPAN("打139-1234-5678给他"));
	add(1, 3, SPAN("电话13912345678"), SPAN("没有什么"));
	assert_string_equal(told(1, 2), "{}");
	assert_true(evidence_look(&evidence));
	assert_string_equal(told(1, 2), "{\"evidence\":[{\"kind\":\"telephone\",\"here\":[[2,13]],\"there\":[[1,14]]}]}");
	assert_string_equal(told(1, 3), "{\"evidence\":[]}");
	assert_string_equal(told(2, 1), "{}");
	assert_string_equal(told(1, 4), "{}");
}

static void of_none_there_is_nothing_to_do(void **state)
{
	(void)state;
	assert_true(evidence_look(&evidence));
	assert_string_equal(told(1, 2), "{}");
}

/* A flood of long copies must not hold the process: so much text a turn and no more. */
static void long_texts_take_their_turns(void **state)
{
	struct span text = many_times("I saw a white van near the school ", LONG_BYTES);
	size_t turns = 1;

	(void)state;
	for (size_t i = 2; i < 12; i++)
		add(i, 1, text, text);
	for (; !evidence_look(&evidence); turns++)
		assert_int_equal(evidence.done, turns);
	assert_int_equal(turns, 10);
	assert_non_null(strstr(told(11, 1), "words"));
}

static void short_texts_share_a_turn(void **state)
{
	size_t turns = 1;

	(void)state;
	for (size_t i = 2; i < 42; i++)
		add(i, 1, SPAN("车牌蒙K8A231"), SPAN("看见蒙k8a231"));
	while (!evidence_look(&evidence))
		turns++;
	assert_int_equal(turns, 2);
	assert_non_null(strstr(told(41, 1), "plate"));
}

static void there_is_a_most_of_them_and_each_counts_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * EVIDENCE_PAIRS_MAX; i++)
		add(i / 2, EVIDENCE_PAIRS_MAX, SPAN("a"), SPAN("b"));
	assert_int_equal(evidence.n, EVIDENCE_PAIRS_MAX);
	add(EVIDENCE_PAIRS_MAX + 1, 1, SPAN("a"), SPAN("b"));
	assert_int_equal(evidence.n, EVIDENCE_PAIRS_MAX);
	while (!evidence_look(&evidence))
		;
	assert_string_equal(told(EVIDENCE_PAIRS_MAX - 1, EVIDENCE_PAIRS_MAX), "{\"evidence\":[]}");
	assert_string_equal(told(EVIDENCE_PAIRS_MAX + 1, 1), "{}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_pair_is_told_when_it_was_compared, begin, finish),
		cmocka_unit_test_setup_teardown(of_none_there_is_nothing_to_do, begin, finish),
		cmocka_unit_test_setup_teardown(long_texts_take_their_turns, begin, finish),
		cmocka_unit_test_setup_teardown(short_texts_share_a_turn, begin, finish),
		cmocka_unit_test_setup_teardown(there_is_a_most_of_them_and_each_counts_once, begin, finish),
	};

	return cmocka_run_group_tests(tests, open_judge, close_judge);
}
