/*
 * What an informant adds: when it may be added, that it is told from what was
 * said before, and that the change is the one of the table.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/retention.h"
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

static bool said(const struct store_row *row, const char *text)
{
	return supplement_said(row, &key, &(struct supplement){ .text = span_of(text) }, &arena);
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
	assert_false(said(&row, "a"));
	say(&row, MESSAGE_FROM_INFORMANT, "a");
	say(&row, MESSAGE_FROM_INFORMANT, "b");
	say(&row, MESSAGE_NOTE, "c");
	assert_true(said(&row, "a"));
	assert_true(said(&row, "b"));
	assert_false(said(&row, "c"));
	say(&row, MESSAGE_FROM_BUREAU, "who?");
	assert_false(said(&row, "a"));
}

static void the_change_appends_and_turns_clocks(void **unused)
{
	struct store_row row = row_in(TIP_CLOSED);
	struct store_change change;
	struct tip_message message;

	(void)unused;
	supplement_change(&row, &key, &(struct supplement){ .text = SPAN("he is back") }, false, 1000, &arena, &change);
	assert_int_equal(change.state, TIP_CLOSED);
	assert_int_equal(change.expect_rev, 7);
	assert_int_equal(change.points, 40);
	assert_string_equal(change.region, "150602");
	assert_true(span_is(change.event, "{\"e\":\"supplement\",\"id\":\"15-7K3MQ2X9RD\",\"at\":1000}"));
	assert_true(seal_open_message(&row.id, change.message, &key, &arena, &message));
	assert_int_equal(message.kind, MESSAGE_FROM_INFORMANT);
	assert_true(span_is(message.text, "he is back"));
	supplement_change(&row, &key, &(struct supplement){ .text = SPAN("look again") }, true, 1000, &arena, &change);
	assert_int_equal(change.state, TIP_QUEUED);
	assert_int_equal(change.reopens, 1);
	assert_true(span_is(change.event, "{\"e\":\"reopened\",\"id\":\"15-7K3MQ2X9RD\",\"at\":1000}"));
}

static const struct seal_key files_key = { .bytes = { 9 } };
static const struct tip_file photos[] = {
	{ .name = SPAN_INIT("a.jpg"), .bytes = 100, .stored = SPAN_INIT("a0"), .clean = SPAN_INIT("a1"), .sum = SPAN_INIT("sixteen bytes aa") },
	{ .name = SPAN_INIT("b.jpg"), .bytes = 50, .stored = SPAN_INIT("b0"), .sum = SPAN_INIT("sixteen bytes bb") },
};

static void files_go_into_the_message_and_their_names_beside_the_tip(void **unused)
{
	struct supplement both = { .files = photos, .nfiles = 2, .files_key = &files_key };
	struct store_row row = row_in(TIP_CLAIMED);
	struct store_change change;
	struct tip_message message;

	(void)unused;
	supplement_change(&row, &key, &both, false, 1000, &arena, &change);
	assert_true(span_is(change.files, "a0 a1 b0"));
	assert_true(seal_open_message(&row.id, change.message, &key, &arena, &message));
	assert_int_equal(message.nfiles, 2);
	assert_int_equal(message.text.len, 0);
	assert_memory_equal(message.files_key.bytes, files_key.bytes, SEAL_KEY_BYTES);
}

/* By content: names and places on the disk are others each time. */
static void the_same_files_are_known_by_what_is_in_them(void **unused)
{
	struct tip_file again[] = { photos[0], photos[1] };
	struct supplement both = { .text = SPAN("look"), .files = photos, .nfiles = 2, .files_key = &files_key };
	struct supplement other = { .text = SPAN("look"), .files = again, .nfiles = 2, .files_key = &files_key };
	struct store_row row = row_in(TIP_CLAIMED);
	struct store_change change;

	(void)unused;
	supplement_change(&row, &key, &both, false, 1000, &arena, &change);
	row.messages[row.nmessages++] = change.message;
	again[0].name = SPAN("c.jpg");
	again[0].stored = SPAN("c0");
	assert_true(supplement_said(&row, &key, &other, &arena));
	assert_false(said(&row, "look"));
	other.nfiles = 1;
	assert_false(supplement_said(&row, &key, &other, &arena));
	other.nfiles = 2;
	again[1].sum = SPAN("sixteen bytes cc");
	assert_false(supplement_said(&row, &key, &other, &arena));
}

static void a_tip_has_room_up_to_its_limits(void **unused)
{
	struct supplement_limits limits = { .files = 5, .bytes = 1000 };
	struct supplement two = { .files = photos, .nfiles = 2 }, none = { .nfiles = 0 };

	(void)unused;
	assert_true(supplement_fits(&two, (struct all_files_sum){ 3, 850 }, &limits));
	assert_false(supplement_fits(&two, (struct all_files_sum){ 4, 0 }, &limits));
	assert_false(supplement_fits(&two, (struct all_files_sum){ 0, 851 }, &limits));
	assert_true(supplement_fits(&none, (struct all_files_sum){ 4, 999 }, &limits));
	assert_false(supplement_fits(&none, (struct all_files_sum){ 5, 0 }, &limits));
	assert_false(supplement_fits(&none, (struct all_files_sum){ 0, 1000 }, &limits));
}

static void no_files_come_to_a_tip_whose_files_were_deleted(void **unused)
{
	struct store_row row = row_in(TIP_CLOSED);

	(void)unused;
	assert_true(supplement_may_bring(&row, false));
	row.end.erased = RETENTION_BIT(RETENTION_IDENTITY);
	assert_true(supplement_may_bring(&row, false));
	row.end.erased |= RETENTION_BIT(RETENTION_FILES);
	assert_false(supplement_may_bring(&row, false));
	assert_true(supplement_may_bring(&row, true));
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
		cmocka_unit_test(files_go_into_the_message_and_their_names_beside_the_tip),
		cmocka_unit_test(the_same_files_are_known_by_what_is_in_them),
		cmocka_unit_test(a_tip_has_room_up_to_its_limits),
		cmocka_unit_test(no_files_come_to_a_tip_whose_files_were_deleted),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
