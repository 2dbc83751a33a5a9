/*
 * Every writer and every wish against tests/unit/handlers/sms_talk.golden.
 *
 * `test_sms_talk --print` writes the file anew; read the difference before
 * committing it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "handlers/intake/sms_talk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GOLDEN "tests/unit/handlers/sms_talk.golden"

static void print_all(FILE *out)
{
	for (size_t writer = 0; writer < SMS_WRITERS; writer++)
		for (size_t says = 0; says < SMS_SAYS; says++) {
			const struct sms_move *move = sms_move_find((enum sms_writer)writer, (enum sms_says)says);

			fprintf(out, "%-17s %-11s %-8s %s\n", sms_writer_name(move->writer), sms_says_name(move->says),
				sms_act_name(move->act), sms_line_name(move->line));
		}
}

static void every_pair_is_as_written_down(void **unused)
{
	char *text = NULL, golden[8192];
	size_t len = 0, n;
	FILE *memory = open_memstream(&text, &len), *file = fopen(GOLDEN, "r");

	(void)unused;
	assert_non_null(file);
	print_all(memory);
	fclose(memory);
	n = fread(golden, 1, sizeof(golden) - 1, file);
	golden[n] = '\0';
	fclose(file);
	assert_string_equal(text, golden);
	free(text);
}

/* The rules that hold whatever the rows are. */
static void no_row_breaks_a_rule(void **unused)
{
	(void)unused;
	for (size_t writer = 0; writer < SMS_WRITERS; writer++)
		for (size_t says = 0; says < SMS_SAYS; says++) {
			const struct sms_move *move = sms_move_find((enum sms_writer)writer, (enum sms_says)says);
			bool known = writer == SMS_KNOWN || writer == SMS_STOPPED_KNOWN;
			bool stopped = writer == SMS_STOPPED_STRANGER || writer == SMS_STOPPED_KNOWN;

			assert_true(says != SMS_SAYS_CLUE || move->act == SMS_ACT_FILE);
			assert_true(says != SMS_SAYS_SUPPLEMENT || move->act == (known ? SMS_ACT_ADD : SMS_ACT_FILE));
			assert_true(known || (move->act != SMS_ACT_CODE && move->act != SMS_ACT_LOOK && move->act != SMS_ACT_ADD));
			assert_true(!stopped || says == SMS_SAYS_START || move->line == SMS_LINE_NONE);
			assert_true(writer != SMS_UNKNOWN || move->line == SMS_LINE_NONE);
		}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_pair_is_as_written_down),
					    cmocka_unit_test(no_row_breaks_a_rule) };

	if (argc > 1 && strcmp(argv[1], "--print") == 0) {
		FILE *out = fopen(GOLDEN, "w");

		print_all(out);
		return fclose(out);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
