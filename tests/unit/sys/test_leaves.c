/*
 * Batches of leaves: the same bytes from the same journal, dummies that cannot
 * be told, and every leaf opens. With keys in a directory of its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/sys/leaves.h"

#include "daemon/base/table.h"
#include "daemon/tlog/leaf_mask.h"

#include <stdio.h>
#include <stdlib.h>

#define ID "15-7K3MQ2X9RD"
#define NOW INT64_C(1795219200000)
#define DAY INT64_C(86400000)
#define EVENTS 13

static char place[64];
static struct keys *keys;
static struct arena arena;
static unsigned char tip_seed[LEAF_SEED_BYTES], masked[LEAF_SEED_BYTES];

static int set_up(void **state)
{
	struct tip_id id = { .text = ID };
	struct receipt_code code = { .digits = "151234567890123456789012" };
	struct complaint why;
	char dir[80];

	(void)state;
	snprintf(place, sizeof(place), "/tmp/test-leaves-XXXXXX");
	assert_non_null(mkdtemp(place));
	snprintf(dir, sizeof(dir), "%s/keys", place);
	keys = keys_open(dir, true, &why);
	assert_non_null(keys);
	leaf_seed_of_tip(&code, tip_seed);
	leaf_mask(keys_log_mask(keys), &id, tip_seed, masked);
	return 0;
}

static int tear_down(void **state)
{
	char command[96];

	(void)state;
	keys_free(keys);
	arena_release(&arena);
	snprintf(command, sizeof(command), "rm -rf %s", place);
	return system(command);
}

/* n events, from number `first`; every second is of our tip, and the last one is broken. */
static struct leaves_event *events_from(uint64_t first, size_t n)
{
	struct leaves_event *events = arena_array(&arena, struct leaves_event, n);

	for (size_t i = 0; i < n; i++) {
		const char *id = i % 2 == 0 ? ID : "15-0000000001";

		events[i].number = first + i;
		events[i].json = span_of(arena_printf(&arena, "{\"e\":\"%s\",\"id\":\"%s\",\"at\":%lld,\"by\":\"p\",\"region\":\"150621\"}",
						      i % 3 == 0 ? "accepted" : "note", id, (long long)(NOW - DAY * (int64_t)(i % 2))));
		events[i].seed = i % 2 == 0 ? span_from(masked, sizeof(masked)) : (struct span){ 0 };
	}
	if (n > 1)
		events[n - 1].json = SPAN("{\"e\":\"no");
	return events;
}

static struct leaves make(uint64_t before, const struct leaves_event *events, size_t n)
{
	struct leaves_batch batch = { .log = SPAN("15"), .before = before, .size = leaves_size(before, n), .at_ms = NOW };
	struct leaves leaves;

	leaves_make(keys, &batch, events, n, &arena, &leaves);
	assert_int_equal(leaves.n, batch.size - before);
	return leaves;
}

static struct leaf parse(const struct leaves_leaf *from)
{
	struct leaf leaf;

	assert_true(leaf_parse(span_from(from->bytes, LEAF_BYTES), &leaf));
	return leaf;
}

static const struct leaves_leaf *of_event(const struct leaves *leaves, uint64_t number)
{
	for (size_t i = 0; i < leaves->n; i++)
		if (leaves->at[i].number == number)
			return &leaves->at[i];
	fail_msg("no leaf of event %d", (int)number);
	return NULL;
}

static void batches_are_multiples_of_eight(void **state)
{
	(void)state;
	assert_int_equal(leaves_size(0, 0), 8);
	for (size_t n = 1; n < 50; n++) {
		uint64_t size = leaves_size(16, n);

		assert_true(size % LEAF_BATCH == 0 && size >= 16 + n && size < 16 + n + LEAF_BATCH);
	}
	assert_int_equal(leaves_size(8, LEAVES_EVENTS_MAX), 8 + LEAVES_EVENTS_MAX);
}

static void the_same_journal_gives_the_same_bytes(void **state)
{
	const struct leaves_event *events = events_from(101, EVENTS);
	struct leaves one = make(80, events, EVENTS), other = make(80, events, EVENTS);

	(void)state;
	for (size_t i = 0; i < one.n; i++)
		assert_memory_equal(one.at[i].bytes, other.at[i].bytes, LEAF_BYTES);
}

/* Each event once, dummies for the rest, all in the order of their salts. */
static void every_event_has_a_leaf(void **state)
{
	struct leaves leaves = make(80, events_from(101, EVENTS), EVENTS);
	size_t places = 0;

	(void)state;
	for (uint64_t number = 101; number < 101 + EVENTS; number++)
		assert_non_null(of_event(&leaves, number));
	for (size_t i = 0; i < leaves.n; i++) {
		if (i > 0)
			assert_true(leaf_order(leaves.at[i - 1].bytes, leaves.at[i].bytes) < 0);
		if (leaves.at[i].number == 0)
			places += (size_t)1 << leaves.at[i].place;
	}
	assert_int_equal(places, (1 << (leaves.n - EVENTS)) - 1);
}

static void every_leaf_opens(void **state)
{
	struct leaves leaves = make(80, events_from(101, EVENTS), EVENTS);
	struct buf text = { 0 };

	(void)state;
	for (size_t i = 0; i < leaves.n; i++) {
		struct leaf leaf = parse(&leaves.at[i]);
		struct leaf_opening opening;

		buf_clear(&text);
		leaves_open(&leaves.at[i], LEAF_OPEN_ALL, &text);
		assert_true(leaf_opening_read(buf_span(&text), &opening) && leaf_opens(&leaf, &opening));
		assert_true(leaf_is_of(&leaf, leaves.at[i].seed));
		assert_int_equal(opening.values.at[LEAF_ENTRY].len, leaves.at[i].number > 0 ? 64 : 0);
	}
	assert_true(span_is(of_event(&leaves, 101)->values.at[LEAF_COUNTY], "150621"));
	assert_true(span_is(of_event(&leaves, 100 + EVENTS)->values.at[LEAF_EVENT], "unreadable"));
	buf_release(&text);
}

static void the_holder_of_the_code_finds_the_leaves(void **state)
{
	struct leaves leaves = make(0, events_from(101, EVENTS), EVENTS);

	(void)state;
	for (size_t i = 0; i < leaves.n; i++) {
		struct leaf leaf = parse(&leaves.at[i]);
		uint64_t number = leaves.at[i].number;
		bool ours = number > 0 && number < 100 + EVENTS && number % 2 == 1;

		assert_int_equal(leaf_is_of(&leaf, tip_seed), ours);
	}
}

/* Any changed byte of an event changes its leaf and no other. */
static void a_changed_event_has_another_leaf(void **state)
{
	struct leaves_event *events = events_from(101, EVENTS);
	struct leaves before = make(0, events, EVENTS), after;
	char *changed = arena_printf(&arena, "%.*s", (int)events[4].json.len, events[4].json.at);

	(void)state;
	changed[events[4].json.len - 22] ^= 1;
	events[4].json.at = changed;
	after = make(0, events, EVENTS);
	for (size_t i = 0; i < before.n; i++)
		assert_int_equal(memcmp(before.at[i].bytes, after.at[i].bytes, LEAF_BYTES) == 0, before.at[i].number != 105);
}

/* A batch that came late: the days of dummies are those of its events. */
static void dummies_bear_the_days_of_events(void **state)
{
	size_t today = 0, dummies = 0;

	(void)state;
	for (uint64_t b = 0; b < 200; b++) {
		struct leaves leaves = make(b * 8, events_from(1 + b * 2, 2), 1);

		for (size_t i = 0; i < leaves.n; i++)
			assert_int_equal(parse(&leaves.at[i]).day, leaf_day(NOW));
	}
	for (uint64_t b = 0; b < 200; b++) {
		struct leaves_event *events = events_from(1 + b * 3, 3);
		struct leaves leaves = make(b * 8, events, 2);

		for (size_t i = 0; i < leaves.n; i++)
			if (leaves.at[i].number == 0) {
				assert_in_range(parse(&leaves.at[i]).day, leaf_day(NOW) - 1, leaf_day(NOW));
				today += parse(&leaves.at[i]).day == leaf_day(NOW);
				dummies++;
			}
	}
	assert_int_equal(dummies, 1200);
	assert_in_range(today, 500, 700);
}

static void an_empty_batch_is_dummies(void **state)
{
	struct leaves leaves = make(24, NULL, 0);

	(void)state;
	assert_int_equal(leaves.n, LEAF_BATCH);
	for (size_t i = 0; i < leaves.n; i++) {
		assert_int_equal(leaves.at[i].number, 0);
		assert_int_equal(parse(&leaves.at[i]).day, leaf_day(NOW));
	}
}

static void each_log_has_its_own_leaves(void **state)
{
	static const char *const logs[] = { "15", "00", "audit", "money" };
	struct leaves_event event = { .number = 7, .json = SPAN("{\"event\":\"key.made\",\"e\":\"note\",\"id\":\"" ID "\",\"at\":5}") };
	struct leaves leaves[COUNT_OF(logs)];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(logs); i++) {
		struct leaves_batch batch = { .log = span_of(logs[i]), .size = 8, .at_ms = NOW };

		leaves_make(keys, &batch, &event, 1, &arena, &leaves[i]);
		for (size_t k = 0; k < i * 8; k++)
			assert_memory_not_equal(leaves[i].at[0].bytes + 4, leaves[k / 8].at[k % 8].bytes + 4, LEAF_BYTES - 4);
	}
	assert_true(span_is(of_event(&leaves[2], 7)->values.at[LEAF_EVENT], "key.made"));
	assert_true(span_is(of_event(&leaves[3], 7)->values.at[LEAF_EVENT], "unreadable"));
	assert_int_equal(parse(of_event(&leaves[3], 7)).class, LEAF_OFFICE);
}

static void an_empty_interval_draws_its_lot_once(void **state)
{
	unsigned drawn = 0, other = 0;

	(void)state;
	for (uint64_t interval = 0; interval < 1600; interval++) {
		bool lot = leaves_empty_drawn(keys, SPAN("15"), interval);

		assert_int_equal(leaves_empty_drawn(keys, SPAN("15"), interval), lot);
		drawn += lot;
		other += lot != leaves_empty_drawn(keys, SPAN("11"), interval);
	}
	/* One in sixteen, give or take five times what is usual; each log has its own. */
	assert_in_range(drawn, 52, 148);
	assert_true(other > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(batches_are_multiples_of_eight),
		cmocka_unit_test(the_same_journal_gives_the_same_bytes),
		cmocka_unit_test(every_event_has_a_leaf),
		cmocka_unit_test(every_leaf_opens),
		cmocka_unit_test(the_holder_of_the_code_finds_the_leaves),
		cmocka_unit_test(a_changed_event_has_another_leaf),
		cmocka_unit_test(dummies_bear_the_days_of_events),
		cmocka_unit_test(an_empty_batch_is_dummies),
		cmocka_unit_test(an_empty_interval_draws_its_lot_once),
		cmocka_unit_test(each_log_has_its_own_leaves),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
