/*
 * Records: written and read they are equal; any changed byte is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/money/record.h"

#include <stdio.h>
#include <stdlib.h>

static struct record sample(void)
{
	struct record record = {
		.seq = 12,
		.at_ms = 1763748000000,
		.kind = SPAN("reward.approve"),
		.key = SPAN("k-1"),
		.person = SPAN("p-lin"),
		.account = SPAN("lin"),
		.role = SPAN("approver"),
		.subject = SPAN("R7"),
		.data = SPAN("{\"step\":\"1\",\"reason\":\"\\u4f60</b> \\\"x\\\"\"}"),
		.entry = { .id = "L03:R7:1", .nlegs = 2 },
	};

	record.entry.legs[0] = (struct ledger_leg){
		.book = "150600/ordos/2026", .code = LEDGER_EXPENSE, .detail = "", .debit = true, .fen = 850000 };
	record.entry.legs[1] = (struct ledger_leg){
		.book = "150600/ordos/2026", .code = LEDGER_PAYABLE, .detail = "R7", .debit = false, .fen = 850000 };
	memset(record.prev, 0x5a, sizeof(record.prev));
	memset(record.print, 0xc3, sizeof(record.print));
	return record;
}

static void comes_back(void **state)
{
	struct arena arena = { 0 };
	struct record record = sample(), back;
	struct complaint why = { .text = "" };
	struct span json = record_write(&record, &arena), text;

	(void)state;
	assert_true(record_read(json, &arena, &back, &why));
	assert_int_equal(back.seq, 12);
	assert_int_equal(back.at_ms, record.at_ms);
	assert_true(span_eq(back.kind, record.kind) && span_eq(back.data, record.data));
	assert_memory_equal(back.hash, record.hash, sizeof(record.hash));
	assert_memory_equal(back.prev, record.prev, sizeof(record.prev));
	assert_int_equal(back.entry.nlegs, 2);
	assert_string_equal(back.entry.legs[1].detail, "R7");
	assert_int_equal(back.entry.legs[1].fen, 850000);
	assert_true(record_text(&back, "step", &arena, &text) && span_is(text, "1"));
	assert_true(record_text(&back, "none", &arena, &text) && span_empty(text));
	assert_true(span_eq(record_write(&back, &arena), json));
	arena_release(&arena);
}

static void without_postings(void **state)
{
	struct arena arena = { 0 };
	struct record record = sample(), back;
	struct complaint why = { .text = "" };
	struct span json;

	(void)state;
	record.entry.nlegs = 0;
	json = record_write(&record, &arena);
	assert_int_equal(span_find(json, SPAN("legs")), json.len);
	assert_true(record_read(json, &arena, &back, &why));
	assert_int_equal(back.entry.nlegs, 0);
	arena_release(&arena);
}

/* Whatever byte is changed to whatever: it is seen. */
static void a_changed_byte_is_seen(void **state)
{
	struct arena kept = { 0 };
	struct record record = sample();
	struct span json = record_write(&record, &kept);
	char *copy = malloc(json.len);

	(void)state;
	assert_non_null(copy);
	srand(3);
	for (size_t i = 0; i < json.len; i++) {
		struct arena arena = { 0 };
		struct record back;
		struct complaint why;

		memcpy(copy, json.at, json.len);
		copy[i] = (char)(copy[i] ^ (1 << rand() % 7));
		assert_false(record_read(span_from(copy, json.len), &arena, &back, &why));
		assert_false(record_read(span_from(json.at, i), &arena, &back, &why));
		arena_release(&arena);
	}
	free(copy);
	arena_release(&kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_back),
		cmocka_unit_test(without_postings),
		cmocka_unit_test(a_changed_byte_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
