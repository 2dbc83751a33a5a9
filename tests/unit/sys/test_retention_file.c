/*
 * The file of retention: what is taken, and where it says what is wrong.
 */
#include "daemon/sys/retention_file.h"

#include "daemon/base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct retention_rules rules;
static struct complaint why;

static const char *const names[] = { "verified", "unfounded", "duplicate", "insufficient", "referred", "prank" };

/* A whole file; `odd` stands in place of the rule of `insufficient`. */
static bool parse(const char *odd)
{
	struct buf text = { 0 };
	bool well;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], "insufficient") == 0)
			buf_add_span(&text, span_of(odd));
		else
			buf_printf(&text, "%s: { identity: 1, files: 2, text: 3, row: never }\n", names[i]);
	buf_add_span(&text, SPAN("transferred: { identity: 1, files: never, text: 3, row: never }\n"));
	well = retention_rules_parse(buf_span(&text), &rules, &why);
	buf_release(&text);
	return well;
}

static void the_built_in_rules_are_good(void **unused)
{
	(void)unused;
	assert_true(retention_rules_read("", &rules, &why));
	assert_int_equal(rules.days[RETENTION_PRANK][RETENTION_TEXT], 30);
	assert_int_equal(rules.days[RETENTION_VERIFIED][RETENTION_ROW], RETENTION_NEVER);
}

static void a_whole_file_is_taken(void **unused)
{
	(void)unused;
	assert_true(parse("insufficient:\n  row: 9\n  text: 8\n  files: 0\n  identity: 7\n"));
	assert_int_equal(rules.days[RETENTION_INSUFFICIENT][RETENTION_IDENTITY], 7);
	assert_int_equal(rules.days[RETENTION_INSUFFICIENT][RETENTION_FILES], 0);
	assert_int_equal(rules.days[RETENTION_INSUFFICIENT][RETENTION_TEXT], 8);
	assert_int_equal(rules.days[RETENTION_INSUFFICIENT][RETENTION_ROW], 9);
}

static void what_is_wrong_is_told_with_its_line(void **unused)
{
	static const struct {
		const char *odd, *words;
		size_t line;
	} cases[] = {
		{ "insufficient:\n  text: soon\n", "0 to 36500, or never", 5 },
		{ "insufficient:\n  text: -1\n", "0 to 36500, or never", 5 },
		{ "insufficient:\n  text: 36501\n", "0 to 36500, or never", 5 },
		{ "insufficient:\n  text: [1]\n", "number of days", 5 },
		{ "insufficient:\n  words: 1\n", "no such part", 5 },
		{ "insufficient:\n  text: 1\n  text: 1\n", "twice", 6 },
		{ "insufficient: 5\n", "below the outcome", 4 },
		{ "insufficient: { text: 1, row: 2, files: 1 }\n", "a part is missing", 4 },
		{ "insufficient: { text: 1, row: 0, files: 0, identity: 0 }\n", "no part stays longer than row", 4 },
		{ "insufficient: { text: 5, row: 9, files: 6, identity: 0 }\n", "files stay no longer", 4 },
		{ "junk: { text: 5 }\n", "no such outcome", 4 },
		{ "verified: { text: 5 }\n", "twice", 4 },
		{ "insufficient: &x { text: 5 }\n", "below the outcome", 4 },
		{ "insufficient: { text: !!int 5 }\n", "number of days", 4 },
		{ "insufficient: { text: 5, ] }\n", "not YAML", 4 },
		{ "", "\"insufficient\" has no rule", 0 },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_false(parse(cases[i].odd));
		if (strstr(why.text, cases[i].words) == NULL || why.line != cases[i].line)
			fail_msg("%zu: line %zu: %s", i, why.line, why.text);
	}
}

static void odd_files_are_refused(void **unused)
{
	static const char *const files[] = { "", "\n", "[]", "verified", "{}", "a: b\n---\nc: d", "\xff\xfe", "*x" };

	(void)unused;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		assert_false(retention_rules_parse(span_of(files[i]), &rules, &why));
		assert_true(why.text[0] != '\0');
	}
	assert_false(retention_rules_read("/nonexistent/retention.yaml", &rules, &why));
	assert_non_null(strstr(why.text, "/nonexistent/retention.yaml"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_built_in_rules_are_good),
		cmocka_unit_test(a_whole_file_is_taken),
		cmocka_unit_test(what_is_wrong_is_told_with_its_line),
		cmocka_unit_test(odd_files_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
