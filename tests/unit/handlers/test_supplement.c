/*
 * What an informant adds: when it may be added, that it is told from what was
 * said before, and that the change is the one of the table.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "handlers/intake/supplement.h"

static const struct seal_key key = { .bytes = { 3 } };
static struct arena arena;

static struct store_row row_in(enum tip_state state)
{
	struct store_row row = { .id = { .text = "15-7K3MQ2X9RD" }, .state = state, .rev = 7, .region = "150602", .points = 40 };

	row.messages = arena_array(&arena, struct span, 10);
	return row;
}

static void say(struct store_row *row, enum message_kind kind, const char *text)
{
	struct tip_message message = { .kind = kind, .at_ms = row->nmessages, .text = span_of(text) };
	struct buf sealed = { 0 };

	seal_message(&row->id, &message, &key, &sealed);
	row->messages[row->nmessages++] = arena_dup(&arena, buf_span(&sealed));
	buf_release(&sealed);
}

static void open_and_closed_tips_take_words(void **unused)
{
	(void)unused;
	for (enum tip_state state = 0; state < TIP_STATES; state++) {
		struct store_row row = row_in(state), full = row_in(state), again = row_in(state);

		full.nmessages = 500;
		again.reopens = 3;
		assert_int_equal(supplement_may(&row), state != TIP_TRANSFERRED && state != TIP_ERASED);
		assert_int_equal(supplement_may_reopen(&row), state == TIP_CLOSED);
		assert_false(supplement_may(&full) || supplement_may_reopen(&full) || supplement_may_reopen(&again));
	}
}

static void the_same_words_since_the_bureaus_last_are_known(void **unused)
{
	struct store_row row = row_in(TIP_CLAIMED);

	(void)unused;
	assert_false(supplement_said(&row, &key, SPAN("a"), &arena));
	say(&row, MESSAGE_FROM_INFORMANT, "a");
	say(&row, MESSAGE_FROM_INFORMANT, "b");
	say(&row, MESSAGE_NOTE, "c");
	assert_true(supplement_said(&row, &key, SPAN("a"), &arena));
	assert_true(supplement_said(&row, &key, SPAN("b"), &arena));
	assert_false(supplement_said(&row, &key, SPAN("c"), &arena));
	say(&row, MESSAGE_FROM_BUREAU, "who?");
	assert_false(supplement_said(&row, &key, SPAN("a"), &arena));
}

static void the_change_appends_and_turns_clocks(void **unused)
{
	struct store_row row = row_in(TIP_CLOSED);
	struct store_change change;
	struct tip_message message;

	(void)unused;
	supplement_change(&row, &key, SPAN("he is back"), false, 1000, &arena, &change);
	assert_int_equal(change.state, TIP_CLOSED);
	assert_int_equal(change.expect_rev, 7);
	assert_int_equal(change.points, 40);
	assert_string_equal(change.region, "150602");
	assert_true(span_is(change.event, "{\"e\":\"supplement\",\"id\":\"15-7K3MQ2X9RD\",\"at\":1000}"));
	assert_true(seal_open_message(&row.id, change.message, &key, &arena, &message));
	assert_int_equal(message.kind, MESSAGE_FROM_INFORMANT);
	assert_true(span_is(message.text, "he is back"));
	supplement_change(&row, &key, SPAN("look again"), true, 1000, &arena, &change);
	assert_int_equal(change.state, TIP_QUEUED);
	assert_int_equal(change.reopens, 1);
	assert_true(span_is(change.event, "{\"e\":\"reopened\",\"id\":\"15-7K3MQ2X9RD\",\"at\":1000}"));
}

static int release(void **unused)
{
	(void)unused;
	arena_release(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(open_and_closed_tips_take_words),
		cmocka_unit_test(the_same_words_since_the_bureaus_last_are_known),
		cmocka_unit_test(the_change_appends_and_turns_clocks),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
