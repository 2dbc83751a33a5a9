/*
 * The record of a text on its way: states only go forward, and what is sealed
 * opens as it was, with its own key alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "handlers/notify/sending.h"

#include <string.h>

static const struct seal_key key = { .bytes = { 1 } }, other_key = { .bytes = { 2 } };

static void states_only_go_forward(void **state)
{
	(void)state;
	for (enum sending_state from = SENDING_QUEUED; from < SENDING_UNKNOWN; from++)
		for (enum sending_state to = SENDING_QUEUED; to < SENDING_STATES; to++) {
			enum sending_state then = sending_forward(from, to);

			assert_true(then >= from);
			assert_int_equal(sending_forward(then, to), then);
			assert_int_equal(sending_forward(SENDING_DELIVERED, to), SENDING_DELIVERED);
		}
	assert_int_equal(sending_forward(SENDING_FAILED, SENDING_DELIVERED), SENDING_DELIVERED);
	assert_int_equal(sending_forward(SENDING_MAYBE, SENDING_ACCEPTED), SENDING_ACCEPTED);
	assert_int_equal(sending_forward(SENDING_ACCEPTED, SENDING_MAYBE), SENDING_ACCEPTED);
}

/* Reports in any order, doubled or not, lead to the same end. */
static void the_order_of_reports_does_not_matter(void **state)
{
	static const enum sending_state words[] = { SENDING_ACCEPTED, SENDING_FAILED, SENDING_DELIVERED };

	(void)state;
	for (int a = 0; a < 3; a++)
		for (int b = 0; b < 3; b++)
			for (int c = 0; c < 3; c++) {
				enum sending_state one = sending_forward(sending_forward(sending_forward(SENDING_SENT, words[a]), words[b]), words[c]);
				enum sending_state two = sending_forward(sending_forward(sending_forward(SENDING_SENT, words[c]), words[a]), words[b]);

				assert_int_equal(one, two);
			}
}

static struct sending three_parts(void)
{
	struct sending sending = { .tip = { .text = "15-7K3MQ2X9RD" }, .shard = "15", .connector = "kannel", .begun_ms = 1000,
				   .nparts = 3 };

	sending.part[0] = SENDING_DELIVERED;
	sending.part[1] = SENDING_SENT;
	return sending;
}

static void the_whole_is_as_its_parts(void **state)
{
	struct sending s = three_parts();

	(void)state;
	assert_int_equal(sending_next(&s), 2);
	assert_int_equal(sending_whole(&s, 1000), SENDING_QUEUED);
	sending_settle(&s);
	assert_int_equal(s.part[1], SENDING_MAYBE);
	s.part[2] = SENDING_ACCEPTED;
	assert_int_equal(sending_next(&s), 3);
	assert_int_equal(sending_whole(&s, 1000), SENDING_MAYBE);
	s.part[1] = SENDING_ACCEPTED;
	assert_int_equal(sending_whole(&s, 1000 + SENDING_UNKNOWN_MS - 1), SENDING_ACCEPTED);
	assert_int_equal(sending_whole(&s, 1000 + SENDING_UNKNOWN_MS), SENDING_UNKNOWN);
	s.part[1] = SENDING_FAILED;
	assert_int_equal(sending_whole(&s, 1000), SENDING_FAILED);
	s.part[1] = s.part[2] = SENDING_DELIVERED;
	assert_int_equal(sending_whole(&s, 1000 + SENDING_UNKNOWN_MS), SENDING_DELIVERED);
}

static void what_is_sealed_opens_as_it_was(void **state)
{
	struct sending s = three_parts(), back;
	struct buf one = { 0 }, two = { 0 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		buf_clear(&one);
		buf_clear(&two);
		sending_seal(&key, &s, &one);
		sending_seal(&key, &s, &two);
		assert_true(span_eq(buf_span(&one), buf_span(&two)));
		assert_true(sending_open(&key, buf_span(&one), &back));
		assert_memory_equal(&s, &back, sizeof(s));
		assert_false(sending_open(&other_key, buf_span(&one), &back));
		one.at[one.len / 2] ^= 1;
		assert_false(sending_open(&key, buf_span(&one), &back));
		s = (struct sending){ .shard = "00", .begun_ms = 7, .nparts = SMS_PARTS_MAX };
	}
	buf_release(&one);
	buf_release(&two);
}

static void our_id_leads_to_the_record_and_the_part(void **state)
{
	struct arena arena = { 0 };
	unsigned char mark[16], first[16];
	unsigned part;

	(void)state;
	for (unsigned i = 0; i < SMS_PARTS_MAX; i++) {
		struct span id = sending_our_id(&key, SPAN("15"), SPAN("1234"), i, &arena);

		assert_int_equal(id.len, SENDING_OUR_ID_LEN);
		assert_true(sending_mark_of_ours(&key, id, mark, &part));
		assert_int_equal(part, i);
		if (i == 0)
			memcpy(first, mark, sizeof(mark));
		assert_memory_equal(mark, first, sizeof(mark));
		assert_null(memmem(id.at, id.len, "1234", 4));
	}
	assert_false(sending_mark_of_ours(&key, SPAN("15-1"), mark, &part));
	assert_false(sending_mark_of_ours(&key, SPAN(""), mark, &part));
	assert_true(sending_mark_of_ours(&key, sending_our_id(&key, SPAN("11"), SPAN("1234"), 0, &arena), mark, &part));
	assert_memory_not_equal(mark, first, sizeof(mark));
	arena_release(&arena);
}

static void ids_of_two_connectors_are_two(void **state)
{
	unsigned char one[16], two[16];

	(void)state;
	sending_mark_of_theirs(&key, SPAN("a"), SPAN("1"), one);
	sending_mark_of_theirs(&key, SPAN("b"), SPAN("1"), two);
	assert_memory_not_equal(one, two, sizeof(one));
}

static void an_alias_is_a_part_or_an_early_word(void **state)
{
	struct sending_alias alias = { .our_id = "0123456789abcdef0123456789abcdef01" }, back;
	struct buf sealed = { 0 };

	(void)state;
	sending_alias_seal(&key, &alias, &sealed);
	assert_true(sending_alias_open(&key, buf_span(&sealed), &back));
	assert_false(back.early);
	assert_string_equal(back.our_id, alias.our_id);
	buf_clear(&sealed);
	alias = (struct sending_alias){ .early = true, .state = SENDING_DELIVERED };
	sending_alias_seal(&key, &alias, &sealed);
	assert_true(sending_alias_open(&key, buf_span(&sealed), &back));
	assert_true(back.early && back.state == SENDING_DELIVERED);
	assert_false(sending_alias_open(&other_key, buf_span(&sealed), &back));
	assert_false(sending_alias_open(&key, SPAN(""), &back));
	buf_release(&sealed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states_only_go_forward),
		cmocka_unit_test(the_order_of_reports_does_not_matter),
		cmocka_unit_test(the_whole_is_as_its_parts),
		cmocka_unit_test(what_is_sealed_opens_as_it_was),
		cmocka_unit_test(our_id_leads_to_the_record_and_the_part),
		cmocka_unit_test(ids_of_two_connectors_are_two),
		cmocka_unit_test(an_alias_is_a_part_or_an_early_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
