/*
 * The audit trail on a store that can fail: one call a turn, order, nothing
 * shown without its event, notes that wait, bounds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "daemon/jobs/trail.h"
#include "daemon/loop/loop.h"
#include "daemon/sys/log.h"
#include "daemon/tlog/leaf_event.h"
#include "tests/support/store_double.h"

static struct loop *loop;
static struct store_double *store;
static struct trail *trail;
static unsigned shown, refused;

static void stop(void *ctx)
{
	loop_stop(ctx);
}

static void settle(void)
{
	loop_post_last(loop, stop, loop);
	loop_run(loop);
}

/* In turns of a millisecond: timers fire as often as they should, however long the machine leaves us waiting in one of them. */
static void run_for(unsigned ms)
{
	for (unsigned turn = 0; turn < ms; turn++) {
		loop_after(loop, 1, stop, loop);
		loop_run(loop);
	}
}

static void told(void *ctx, bool written)
{
	(void)ctx;
	shown += written;
	refused += !written;
}

static struct trail_event reading(const char *id)
{
	return (struct trail_event){ .kind = TRAIL_READ, .by = SPAN("zhang"), .call = SPAN("tip"), .id = span_of(id) };
}

static bool show(const char *id)
{
	struct trail_event event = reading(id);

	return trail_show(trail, &event, (struct trail_wait){ .done = told });
}

static void note(enum trail_kind kind)
{
	trail_note(trail, &(struct trail_event){ .kind = kind });
}

static bool has(const char *part)
{
	struct span all = buf_span(&store->trail);

	return all.len > 0 && span_find(all, span_of(part)) < all.len;
}

static size_t place(const char *part)
{
	assert_true(has(part));
	return span_find(buf_span(&store->trail), span_of(part));
}

static int begin(void **state)
{
	(void)state;
	log_open(LOG_LEVEL_ERROR, false);
	loop = loop_new();
	store = store_double_new(loop);
	trail = trail_new(loop, &store->base);
	shown = refused = 0;
	return 0;
}

static int finish(void **state)
{
	(void)state;
	store_free(&store->base);
	trail_free(trail);
	loop_free(loop);
	return 0;
}

static void one_call_a_turn(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 100; i++)
		assert_true(show("15-ABCDEFGHJK"));
	assert_int_equal(store->ntrail, 0);
	assert_int_equal(shown, 0);
	settle();
	assert_int_equal(store->calls[STORE_AUDIT], 1);
	assert_int_equal(store->ntrail, 100);
	assert_int_equal(shown, 100);
	assert_int_equal(trail_figures(trail)->written, 100);
	assert_true(trail_idle(trail));
}

static void nothing_is_shown_before_the_answer(void **state)
{
	(void)state;
	store->trouble = TROUBLE_HELD;
	assert_true(show("R1"));
	settle();
	assert_int_equal(store->ntrail, 1);
	assert_int_equal(shown, 0);
	assert_false(trail_idle(trail));
	/* What comes meanwhile waits for the next call. */
	assert_true(show("R2"));
	assert_true(show("R3"));
	settle();
	assert_int_equal(store->calls[STORE_AUDIT], 1);
	store->trouble = TROUBLE_NONE;
	store_double_release(store);
	assert_int_equal(shown, 1);
	settle();
	assert_int_equal(shown, 3);
	assert_int_equal(store->calls[STORE_AUDIT], 2);
	assert_true(place("R1") < place("R2") && place("R2") < place("R3"));
}

static void more_than_a_call_takes(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 600; i++)
		assert_true(show("R1"));
	settle();
	assert_int_equal(shown, 600);
	assert_int_equal(store->calls[STORE_AUDIT], 3);
	assert_int_equal(store->biggest_trail, 256);
}

static void closed_when_the_store_is_away(void **state)
{
	(void)state;
	store->base.up = false;
	assert_true(show("R1"));
	assert_int_equal(refused, 0);
	settle();
	assert_int_equal(refused, 1);
	store->base.up = true;
	store->base.weakened = true;
	assert_true(show("R1"));
	settle();
	assert_int_equal(refused, 2);
	assert_int_equal(store->ntrail, 0);
	assert_int_equal(shown, 0);
	assert_int_equal(trail_figures(trail)->refused, 2);
}

static void closed_on_every_trouble(void **state)
{
	static const enum store_trouble troubles[] = { TROUBLE_LOST, TROUBLE_MUTE, TROUBLE_BROKEN };

	(void)state;
	store->trouble_of = STORE_AUDIT;
	for (unsigned i = 0; i < 3; i++) {
		store->trouble = troubles[i];
		assert_true(show("R1"));
		settle();
		assert_int_equal(refused, i + 1);
	}
	assert_int_equal(shown, 0);
	assert_int_equal(store->ntrail, 1);   /* the one that was carried out and not heard of */
}

/* Who waits behind a call that failed has waited long enough. */
static void all_that_wait_are_told(void **state)
{
	(void)state;
	store->trouble = TROUBLE_HELD;
	assert_true(show("R1"));
	settle();
	assert_true(show("R2"));
	store->trouble = TROUBLE_NONE;
	store_double_fail_held(store);
	assert_int_equal(refused, 2);
	settle();
	assert_int_equal(shown, 0);
	assert_int_equal(trail_waiting(trail), 0);
}

static void notes_wait_for_the_store(void **state)
{
	(void)state;
	store->base.up = false;
	note(TRAIL_STARTED);
	assert_true(show("R1"));
	note(TRAIL_KEY_MADE);
	settle();
	assert_int_equal(refused, 1);
	assert_int_equal(trail_waiting(trail), 2);
	assert_true(trail_idle(trail));   /* nothing can be written: nobody waits for it at the end */
	store->base.up = true;
	assert_false(trail_idle(trail));
	run_for(700);
	assert_int_equal(store->ntrail, 2);
	assert_true(place("started") < place("key_made"));
	assert_false(has("R1"));
}

/* Sent again under the same number. */
static void notes_are_sent_again(void **state)
{
	(void)state;
	store->trouble = TROUBLE_MUTE;
	store->trouble_of = STORE_AUDIT;
	note(TRAIL_STARTED);
	assert_true(show("R1"));
	settle();
	store->trouble = TROUBLE_NONE;
	assert_true(show("R2"));
	settle();
	assert_int_equal(store->ntrail, 4);
	assert_int_equal(shown, 1);
	assert_true(has("\"n\":3"));
	assert_false(has("\"n\":4"));
}

static void the_queue_is_bounded(void **state)
{
	(void)state;
	store->base.up = false;
	for (unsigned i = 0; i < TRAIL_QUEUE_MAX + 10; i++)
		note(TRAIL_TOKEN_ADDED);
	assert_int_equal(trail_waiting(trail), TRAIL_QUEUE_MAX);
	assert_int_equal(trail_figures(trail)->lost, 10);
	assert_false(show("R1"));
	store->base.up = true;
	run_for(1300);
	assert_int_equal(trail_waiting(trail), 0);
	assert_true(has("{\"event\":\"lost\""));
	assert_true(has("\"count\":10"));
	assert_int_equal(store->ntrail, TRAIL_QUEUE_MAX + 1);
	assert_true(show("R1"));
	settle();
	assert_int_equal(shown, 1);
}

static void refused_tokens_are_counted(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 50; i++)
		trail_sign_in_failed(trail);
	settle();
	assert_int_equal(store->ntrail, 1);
	assert_true(has("\"event\":\"sign_in_failed\""));
	run_for(1100);
	assert_int_equal(store->ntrail, 1);   /* the other 49 are told when the minute is over */
}

static void a_token_signs_in_once_an_hour(void **state)
{
	struct trail_event one = { .kind = TRAIL_SIGN_IN, .token = SPAN("0123456789abcdef"), .by = SPAN("zhang") };
	struct trail_event two = { .kind = TRAIL_SIGN_IN, .token = SPAN("0123456789abcdee"), .by = SPAN("li") };

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		trail_signed_in(trail, &one);
		trail_signed_in(trail, &two);
	}
	settle();
	assert_in_range(store->ntrail, 2, 4);   /* the hour may have turned */
	assert_true(has("\"by\":\"zhang\"") && has("\"by\":\"li\""));
}

static void those_who_wait_at_the_end_are_told(void **state)
{
	(void)state;
	store->trouble = TROUBLE_HELD;
	assert_true(show("R1"));
	settle();
	assert_true(show("R2"));
	store_free(&store->base);
	trail_free(trail);
	assert_int_equal(shown + refused, 2);
	store = store_double_new(loop);
	trail = trail_new(loop, &store->base);
}

/* The sealed log tells of each what it may: the word and the region, the person closed. */
static void every_kind_has_a_leaf(void **state)
{
	struct span rest, line;
	struct arena arena = { 0 };
	unsigned n = 0;

	(void)state;
	for (enum trail_kind kind = TRAIL_NOTHING + 1; kind < TRAIL_KINDS; kind++)
		trail_note(trail, &(struct trail_event){ .kind = kind, .by = SPAN("zhang@county"), .region = SPAN("150602"), .id = SPAN("R1"),
							 .from = SPAN("1 MiB"), .to = SPAN("2") });
	settle();
	rest = buf_span(&store->trail);
	while (span_cut(&rest, '\n', &line) && line.len > 0) {
		struct leaf_event leaf;

		assert_true(leaf_event_of_audit(line, &arena, &leaf));
		assert_true(span_is(leaf.values.at[LEAF_EVENT], trail_kind_name(++n)));
		assert_true(span_is(leaf.values.at[LEAF_COUNTY], "150602"));
		assert_true(span_is(leaf.actor, "zhang@county"));
	}
	assert_int_equal(n, TRAIL_KINDS - 1);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_call_a_turn, begin, finish),
		cmocka_unit_test_setup_teardown(nothing_is_shown_before_the_answer, begin, finish),
		cmocka_unit_test_setup_teardown(more_than_a_call_takes, begin, finish),
		cmocka_unit_test_setup_teardown(closed_when_the_store_is_away, begin, finish),
		cmocka_unit_test_setup_teardown(closed_on_every_trouble, begin, finish),
		cmocka_unit_test_setup_teardown(all_that_wait_are_told, begin, finish),
		cmocka_unit_test_setup_teardown(notes_wait_for_the_store, begin, finish),
		cmocka_unit_test_setup_teardown(notes_are_sent_again, begin, finish),
		cmocka_unit_test_setup_teardown(the_queue_is_bounded, begin, finish),
		cmocka_unit_test_setup_teardown(refused_tokens_are_counted, begin, finish),
		cmocka_unit_test_setup_teardown(a_token_signs_in_once_an_hour, begin, finish),
		cmocka_unit_test_setup_teardown(every_kind_has_a_leaf, begin, finish),
		cmocka_unit_test_setup_teardown(those_who_wait_at_the_end_are_told, begin, finish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
