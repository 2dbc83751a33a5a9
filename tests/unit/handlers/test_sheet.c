/*
 * Rows in three forms: the same cells, once described.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "handlers/audit/sheet.h"

static const char *const columns[] = { "row", "reward", "why", "held", "fen", "at", "days", "records", "journal", NULL };

static void put_rows(struct sheet *sheet, struct arena *arena)
{
	struct audit_seqs seqs = { .n = 0 };

	audit_seqs_add(&seqs, 7, arena);
	audit_seqs_add(&seqs, 12, arena);
	sheet_list(sheet, "rewards");
	sheet_row(sheet, "reward");
	sheet_text(sheet, "reward", "R7");
	sheet_text(sheet, "why", "=1,\"a\"");
	sheet_bool(sheet, "held", true);
	sheet_fen(sheet, "fen", 850001);
	sheet_time(sheet, "at", 1000);
	sheet_none(sheet, "days");
	sheet_seqs(sheet, &seqs);
	sheet_row_end(sheet);
	sheet_row(sheet, "other");
	sheet_number(sheet, "days", -2);
	sheet_time(sheet, "at", 0);
	sheet_row_end(sheet);
	sheet_list_end(sheet);
}

static void is(enum sheet_format format, bool bom, const char *wanted)
{
	struct arena arena = { 0 };
	struct sheet sheet;

	sheet_begin(&sheet, format, bom, columns);
	put_rows(&sheet, &arena);
	if (format == SHEET_JSON)
		json_close(&sheet.json, '}');
	buf_add_byte(&sheet.out, '\0');
	assert_string_equal(sheet.out.at, wanted);
	for (size_t i = 0; i < SHEET_COLUMNS_MAX; i++)
		buf_release(&sheet.cells[i]);
	buf_release(&sheet.out);
	arena_release(&arena);
}

static void json_has_lists(void **state)
{
	(void)state;
	is(SHEET_JSON, true,
	   "{\"rewards\":[{\"reward\":\"R7\",\"why\":\"=1,\\\"a\\\"\",\"held\":true,\"fen\":850001,"
	   "\"at\":\"1970-01-01T00:00:01Z\",\"days\":null,\"records\":2,\"seqs\":[7,12]},{\"days\":-2,\"at\":null}]}");
}

static void csv_has_all_columns_in_each_row(void **state)
{
	(void)state;
	is(SHEET_CSV, false,
	   "row,reward,why,held,fen,yuan,at,days,records,journal\r\n"
	   "reward,R7,\"'=1,\"\"a\"\"\",yes,850001,8500.01,1970-01-01T00:00:01Z,,2,\"7 12\"\r\n"
	   "other,,,,,,,-2,,\r\n");
}

static void a_mark_may_stand_before_it(void **state)
{
	struct sheet sheet;

	(void)state;
	sheet_begin(&sheet, SHEET_CSV, true, columns);
	assert_memory_equal(sheet.out.at, "\xEF\xBB\xBFrow,", 7);
	buf_release(&sheet.out);
}

static void json_lines_are_objects(void **state)
{
	(void)state;
	is(SHEET_JSONL, false,
	   "{\"row\":\"reward\",\"reward\":\"R7\",\"why\":\"=1,\\\"a\\\"\",\"held\":true,\"fen\":850001,"
	   "\"at\":\"1970-01-01T00:00:01Z\",\"days\":null,\"records\":2,\"seqs\":[7,12]}\n"
	   "{\"row\":\"other\",\"days\":-2,\"at\":null}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_has_lists),
		cmocka_unit_test(csv_has_all_columns_in_each_row),
		cmocka_unit_test(a_mark_may_stand_before_it),
		cmocka_unit_test(json_lines_are_objects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
