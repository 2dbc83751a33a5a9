/*
 * The file of key pairs: rows go both ways, the first wrong line is named, and a change is whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/sys/files.h"
#include "daemon/sys/person_keys_file.h"
#include "tests/support/keys_house.h"

#define HOUSE_TEST(name) cmocka_unit_test_setup_teardown(name, house_make, house_remove)

static void read_file(struct buf *bytes)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/" PERSON_KEYS_FILE, house_dir);
	assert_true(files_read(path, 1 << 20, bytes, &house_why));
}

/* Two persons, one with a password too. */
static void make_two(void)
{
	struct person_pair li = house_person("li"), wang = house_person("wang");

	assert_true(person_keys_wrap_password(house_dir, SPAN("wang"), &wang, SPAN("correct horse battery"), &house_why));
	person_pair_release(&li);
	person_pair_release(&wang);
}

static void rows_go_both_ways(void **state)
{
	struct person_rows rows = { .n = 0 };
	struct buf bytes = { 0 }, written = { 0 };

	(void)state;
	make_two();
	read_file(&bytes);
	assert_true(person_rows_parse(&rows, buf_span(&bytes), &house_why));
	assert_int_equal(rows.n, 2);
	assert_string_equal(rows.at[1].person, "wang");
	assert_int_equal(rows.at[1].nwraps, 2);
	assert_non_null(person_row_wrap(&rows.at[1], SPAN("password")));
	assert_non_null(person_row_wrap(&rows.at[0], SPAN("token:a1")));
	assert_null(person_row_wrap(&rows.at[0], SPAN("password")));
	assert_ptr_equal(person_rows_find(&rows, SPAN("wang")), &rows.at[1]);
	assert_null(person_rows_find(&rows, SPAN("zhao")));
	person_rows_print(&rows, &written);
	assert_true(span_eq(buf_span(&bytes), buf_span(&written)));
	person_rows_release(&rows);
	buf_release(&bytes);
	buf_release(&written);
}

static void every_cut_and_most_changes_are_seen(void **state)
{
	struct buf bytes = { 0 };
	size_t refused = 0;

	(void)state;
	make_two();
	read_file(&bytes);
	for (size_t len = 1; len < bytes.len; len++) {
		struct person_rows rows = { .n = 0 };

		/* whole lines alone */
		assert_int_equal(person_rows_parse(&rows, span_from(bytes.at, len), &house_why), bytes.at[len - 1] == '\n');
		person_rows_release(&rows);
	}
	for (size_t i = 0; i < bytes.len; i++) {
		struct person_rows rows = { .n = 0 };

		bytes.at[i] ^= 0x20;   /* case: names of members, hex digits that must be small, brackets */
		refused += !person_rows_parse(&rows, buf_span(&bytes), &house_why);
		bytes.at[i] ^= 0x20;
		person_rows_release(&rows);
	}
	assert_true(refused > bytes.len / 2);
	buf_release(&bytes);
}

static void a_person_stands_there_once(void **state)
{
	struct person_rows rows = { .n = 0 };
	struct buf bytes = { 0 };

	(void)state;
	make_two();
	read_file(&bytes);
	read_file(&bytes);
	assert_false(person_rows_parse(&rows, buf_span(&bytes), &house_why));
	assert_int_equal(house_why.line, 3);
	person_rows_release(&rows);
	buf_release(&bytes);
}

static void a_change_is_written_or_not(void **state)
{
	struct person_change change;
	struct buf before = { 0 }, after = { 0 };

	(void)state;
	make_two();
	read_file(&before);
	assert_true(person_change_begin(&change, house_dir, &house_why));
	change.rows.at[0].made_ms += 1000;
	person_change_end(&change);   /* not written */
	read_file(&after);
	assert_true(span_eq(buf_span(&before), buf_span(&after)));
	assert_true(person_change_begin(&change, house_dir, &house_why));
	change.rows.at[0].made_ms += 1000;
	assert_true(person_change_write(&change, &house_why));
	person_change_end(&change);
	buf_clear(&after);
	read_file(&after);
	assert_false(span_eq(buf_span(&before), buf_span(&after)));
	buf_release(&before);
	buf_release(&after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOUSE_TEST(rows_go_both_ways),
		HOUSE_TEST(every_cut_and_most_changes_are_seen),
		HOUSE_TEST(a_person_stands_there_once),
		HOUSE_TEST(a_change_is_written_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
