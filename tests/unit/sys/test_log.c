/*
 * The log: one valid JSON object a line whatever goes in, and not too many.
 */
#include "daemon/base/buf.h"
#include "daemon/sys/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Standard error goes to a file while a test writes. */
static int saved_stderr = -1;
static FILE *captured;

static int capture(void **state)
{
	(void)state;
	captured = tmpfile();
	saved_stderr = dup(STDERR_FILENO);
	return captured == NULL || dup2(fileno(captured), STDERR_FILENO) < 0;
}

static int restore(void **state)
{
	(void)state;
	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
	fclose(captured);
	log_open(LOG_LEVEL_NOTICE, false);
	return 0;
}

static struct buf written(void)
{
	struct buf text = { 0 };
	ssize_t n;

	while ((n = pread(fileno(captured), buf_reserve(&text, 4096), 4096, (off_t)text.len)) > 0)
		text.len += (size_t)n;
	return text;
}

static size_t lines_in(const struct buf *text)
{
	size_t lines = 0;

	for (size_t i = 0; i < text->len; i++)
		lines += text->at[i] == '\n';
	return lines;
}

static json_t *only_line(void)
{
	struct buf text = written();
	json_t *line;

	assert_int_equal(lines_in(&text), 1);
	line = json_loadb(text.at, text.len, 0, NULL);
	buf_release(&text);
	assert_non_null(line);
	return line;
}

static void a_line_is_json_with_the_pairs(void **state)
{
	json_t *line;

	(void)state;
	log_open(LOG_LEVEL_NOTICE, false);
	log_event(LOG_LEVEL_WARNING, "tip.accepted", "id", "15-7K3MQ2X9RD", "none", NULL, "n", log_u64(42), NULL);
	line = only_line();
	assert_string_equal(json_string_value(json_object_get(line, "event")), "tip.accepted");
	assert_string_equal(json_string_value(json_object_get(line, "level")), "warning");
	assert_string_equal(json_string_value(json_object_get(line, "id")), "15-7K3MQ2X9RD");
	assert_string_equal(json_string_value(json_object_get(line, "n")), "42");
	assert_null(json_object_get(line, "none"));
	json_decref(line);
}

static void any_bytes_stay_one_json_line(void **state)
{
	char bytes[256];
	json_t *line;

	(void)state;
	for (int i = 0; i < 255; i++)
		bytes[i] = (char)(i + 1);
	bytes[255] = '\0';
	log_open(LOG_LEVEL_NOTICE, false);
	log_event(LOG_LEVEL_ERROR, "x", "bytes", bytes, NULL);
	line = only_line();
	assert_int_equal(json_string_length(json_object_get(line, "bytes")), 255);
	json_decref(line);
}

static void a_long_value_is_cut(void **state)
{
	char *huge = malloc(1000001);
	json_t *line;

	(void)state;
	memset(huge, 'x', 1000000);
	huge[1000000] = '\0';
	log_event(LOG_LEVEL_ERROR, "x", "huge", huge, NULL);
	line = only_line();
	assert_true(json_string_length(json_object_get(line, "huge")) <= 1000);
	json_decref(line);
	free(huge);
}

static void levels_above_are_dropped(void **state)
{
	struct buf text;

	(void)state;
	for (int level = LOG_LEVEL_ERROR; level <= LOG_LEVEL_DEBUG; level++) {
		log_open((enum log_level)level, false);
		for (int each = LOG_LEVEL_ERROR; each <= LOG_LEVEL_DEBUG; each++)
			log_event((enum log_level)each, "x", NULL);
	}
	text = written();
	assert_int_equal(lines_in(&text), 1 + 2 + 3 + 4 + 5);
	buf_release(&text);
}

static void the_journal_gets_priorities(void **state)
{
	struct buf text;

	(void)state;
	log_open(LOG_LEVEL_NOTICE, true);
	log_event(LOG_LEVEL_ERROR, "x", NULL);
	text = written();
	assert_memory_equal(text.at, "<3>{", 4);
	buf_release(&text);
}

static void rare_events_are_told_once_and_counted(void **state)
{
	struct buf text;

	(void)state;
	log_open(LOG_LEVEL_NOTICE, false);
	for (int i = 0; i < 1000; i++) {
		log_rarely(LOG_LEVEL_WARNING, "rare.a", "full");
		log_rarely(LOG_LEVEL_WARNING, "rare.b", "full");
	}
	text = written();
	assert_int_equal(lines_in(&text), 2);
	buf_release(&text);
}

static void many_rare_events_do_not_hide_each_other(void **state)
{
	struct buf text;
	char name[32];

	(void)state;
	log_open(LOG_LEVEL_NOTICE, false);
	for (int i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "rare.many.%d", i);
		log_rarely(LOG_LEVEL_WARNING, name, "x");
	}
	text = written();
	assert_int_equal(lines_in(&text), 500);
	buf_release(&text);
}

static void numbers_keep_while_eight_are_in_use(void **state)
{
	const char *texts[8];
	char expected[24];

	(void)state;
	for (uint64_t i = 0; i < 8; i++)
		texts[i] = log_u64(UINT64_MAX - i);
	for (uint64_t i = 0; i < 8; i++) {
		snprintf(expected, sizeof(expected), "%llu", (unsigned long long)(UINT64_MAX - i));
		assert_string_equal(texts[i], expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_line_is_json_with_the_pairs, capture, restore),
		cmocka_unit_test_setup_teardown(any_bytes_stay_one_json_line, capture, restore),
		cmocka_unit_test_setup_teardown(a_long_value_is_cut, capture, restore),
		cmocka_unit_test_setup_teardown(levels_above_are_dropped, capture, restore),
		cmocka_unit_test_setup_teardown(the_journal_gets_priorities, capture, restore),
		cmocka_unit_test_setup_teardown(rare_events_are_told_once_and_counted, capture, restore),
		cmocka_unit_test_setup_teardown(many_rare_events_do_not_hide_each_other, capture, restore),
		cmocka_unit_test(numbers_keep_while_eight_are_in_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
