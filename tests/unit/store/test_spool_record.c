/*
 * Spool records: what is written is read; what is cut or changed is seen.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/store/spool_record.h"
#include "tests/support/spool_tip.h"

static struct arena arena;
static struct buf bytes;

static int begin(void **state)
{
	struct store_tip tip = spool_tip_make(&arena, 7);

	(void)state;
	buf_clear(&bytes);
	spool_record_put(&tip, &bytes);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	buf_release(&bytes);
	arena_release(&arena);
	return 0;
}

static void a_record_gives_the_tip_back(void **state)
{
	struct store_tip tip = spool_tip_make(&arena, 7);
	struct store_tip read;
	size_t length;

	(void)state;
	assert_int_equal(spool_record_get(buf_span(&bytes), &read, &length), SPOOL_RECORD_FINE);
	assert_int_equal(length, bytes.len);
	assert_true(spool_tip_same(&tip, &read));
	read.points++;
	assert_false(spool_tip_same(&tip, &read));
}

/* As an earlier version wrote it: without the field at the end. */
static void a_record_without_a_seed_is_read(void **state)
{
	struct store_tip tip = spool_tip_make(&arena, 7), read;
	size_t with = bytes.len, length;

	(void)state;
	tip.seed = SPAN("");
	buf_clear(&bytes);
	spool_record_put(&tip, &bytes);
	assert_int_equal(bytes.len, with - 4 - STORE_SEED_BYTES);
	assert_int_equal(spool_record_get(buf_span(&bytes), &read, &length), SPOOL_RECORD_FINE);
	assert_true(spool_tip_same(&tip, &read));
	tip.seed = SPAN("too short");
	buf_clear(&bytes);
	spool_record_put(&tip, &bytes);
	assert_int_equal(spool_record_get(buf_span(&bytes), &read, &length), SPOOL_RECORD_DAMAGED);
}

static void empty_fields_stay_empty(void **state)
{
	struct store_tip tip = { .id = { "15-0000000001" }, .region = "150602", .event = SPAN("{}") };
	struct store_tip read;
	size_t length;

	(void)state;
	buf_clear(&bytes);
	spool_record_put(&tip, &bytes);
	assert_int_equal(spool_record_get(buf_span(&bytes), &read, &length), SPOOL_RECORD_FINE);
	assert_true(spool_tip_same(&tip, &read));
	assert_int_equal(read.outbox.len, 0);
}

static void what_follows_is_not_looked_at(void **state)
{
	struct store_tip read;
	size_t length;
	size_t len = bytes.len;

	(void)state;
	buf_add_text(&bytes, "something else");
	assert_int_equal(spool_record_get(buf_span(&bytes), &read, &length), SPOOL_RECORD_FINE);
	assert_int_equal(length, len);
}

static void every_cut_is_seen_as_one(void **state)
{
	(void)state;
	for (size_t cut = 0; cut < bytes.len; cut++) {
		char *copy = arena_alloc(&arena, cut + 1);
		struct store_tip read;
		size_t length;

		memcpy(copy, bytes.at, cut);
		assert_int_equal(spool_record_get(span_from(copy, cut), &read, &length), SPOOL_RECORD_CUT);
	}
}

static void every_changed_bit_is_seen(void **state)
{
	(void)state;
	for (size_t bit = 0; bit < 8 * bytes.len; bit++) {
		struct store_tip read;
		size_t length;

		bytes.at[bit / 8] ^= (char)(1 << bit % 8);
		assert_int_not_equal(spool_record_get(buf_span(&bytes), &read, &length), SPOOL_RECORD_FINE);
		assert_true(length == 0 || length <= bytes.len);
		bytes.at[bit / 8] ^= (char)(1 << bit % 8);
	}
}

static void a_damaged_payload_keeps_its_length(void **state)
{
	struct store_tip read;
	size_t length;

	(void)state;
	bytes.at[bytes.len - 1] ^= 1;
	assert_int_equal(spool_record_get(buf_span(&bytes), &read, &length), SPOOL_RECORD_DAMAGED);
	assert_int_equal(length, bytes.len);
}

static void the_start_of_a_record_is_found(void **state)
{
	struct buf mixed = { 0 };

	(void)state;
	buf_add_text(&mixed, "rubbish TS1");
	buf_add_span(&mixed, buf_span(&bytes));
	assert_int_equal(spool_record_find(buf_span(&mixed)), 11);
	assert_int_equal(spool_record_find(SPAN("TS1")), 3);
	assert_int_equal(spool_record_find((struct span){ 0 }), 0);
	buf_release(&mixed);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)
	const struct CMUnitTest tests[] = {
		TEST(a_record_gives_the_tip_back),
		TEST(a_record_without_a_seed_is_read),
		TEST(empty_fields_stay_empty),
		TEST(what_follows_is_not_looked_at),
		TEST(every_cut_is_seen_as_one),
		TEST(every_changed_bit_is_seen),
		TEST(a_damaged_payload_keeps_its_length),
		TEST(the_start_of_a_record_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
