/*
 * Other fronts of what is sealed of a tip, on every store: what store/store.h promises of STORE_COVER and STORE_FRONTS.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/tip/cover.h"
#include "tests/support/store_rig.h"

#include <stdio.h>

static struct store_rig rig;
static struct tip_id id;

static void accept_tip(struct span identity)
{
	struct store_tip tip = { .id = id, .receipt_mark = "mine", .region = "150602", .points = 50, .received_ms = 1763748000000,
				 .sealed = SPAN("old the words"), .identity = identity, .event = SPAN("{\"e\":\"accepted\"}") };
	const struct store_reply *reply =
		store_rig_ask(&rig, &(struct store_request){ .op = STORE_ACCEPT, .tips = &tip, .ntips = 1 });

	assert_int_equal(reply->accepted[0].verdict, STORE_OK);
}

static int open_one(bool memory)
{
	store_rig_open(&rig, memory);
	assert_true(tip_id_parse(SPAN("15-0000000001"), &id));
	return 0;
}

static int open_memory(void **unused)
{
	(void)unused;
	return open_one(true);
}

static int open_redis(void **unused)
{
	(void)unused;
	return open_one(false);
}

static int close_rig(void **unused)
{
	(void)unused;
	store_rig_close(&rig);
	return 0;
}

static void cover(struct store_cover cover, enum store_verdict expected)
{
	const struct store_reply *reply = store_rig_ask(&rig, &(struct store_request){ .op = STORE_COVER, .id = id, .cover = &cover });

	assert_int_equal(reply->outcome, STORE_DONE);
	assert_int_equal(reply->verdict, expected);
}

static void expect(const char *sealed, const char *identity)
{
	const struct store_reply *reply =
		store_rig_ask(&rig, &(struct store_request){ .op = STORE_READ, .id = id, .identity = true });

	assert_int_equal(reply->nrows, 1);
	assert_true(span_is(reply->rows[0].sealed, sealed));
	assert_true(span_is(reply->rows[0].identity, identity));
	assert_int_equal(reply->rows[0].rev, 1); /* it is no event */
}

static void a_front_changes_only_from_what_was_read(void **unused)
{
	(void)unused;
	accept_tip((struct span){ 0 });
	cover((struct store_cover){ .was = SPAN("other"), .now = SPAN("newer") }, STORE_CONFLICT);
	expect("old the words", "");
	cover((struct store_cover){ .was = SPAN("old"), .now = SPAN("newer") }, STORE_OK);
	expect("newer the words", "");
	cover((struct store_cover){ .was = SPAN("old"), .now = SPAN("newer") }, STORE_ALREADY);
	cover((struct store_cover){ .was = SPAN("newer"), .now = SPAN("last") }, STORE_OK);
	expect("last the words", "");
}

static void both_change_or_none(void **unused)
{
	struct store_cover both = { .was = SPAN("old"), .now = SPAN("new"), .identity_was = SPAN("two"), .identity_now = SPAN("2") };

	(void)unused;
	accept_tip(SPAN("one person"));
	cover(both, STORE_CONFLICT);
	expect("old the words", "one person");
	both.identity_was = SPAN("one");
	cover(both, STORE_OK);
	expect("new the words", "2 person");
	cover(both, STORE_ALREADY);
	both.now = SPAN("newest");
	cover(both, STORE_CONFLICT);
	expect("new the words", "2 person");
}

static void what_is_not_there_is_absent(void **unused)
{
	(void)unused;
	cover((struct store_cover){ .was = SPAN("old"), .now = SPAN("new") }, STORE_ABSENT);
	accept_tip((struct span){ 0 });
	cover((struct store_cover){ .was = SPAN("old"), .now = SPAN("new"), .identity_was = SPAN("a"), .identity_now = SPAN("b") },
	      STORE_CONFLICT);
	expect("old the words", "");
}

static void bytes_of_any_kind_are_fronts(void **unused)
{
	static const char any[] = "\0\xff\r\n$5\r\n\0";
	struct store_cover there = { .was = SPAN("old"), .now = span_from(any, sizeof(any)) };
	struct store_cover back = { .was = there.now, .now = there.was };

	(void)unused;
	accept_tip((struct span){ 0 });
	cover(there, STORE_OK);
	cover(back, STORE_OK);
	expect("old the words", "");
}

/* --- fronts -------------------------------------------------------------------------------- */

static struct tip_id numbered(unsigned number)
{
	struct tip_id made;
	char text[TIP_ID_LEN + 1];

	snprintf(text, sizeof(text), "%s-%010u", number % 2 == 0 ? "15" : "11", number);
	assert_true(tip_id_parse(span_of(text), &made));
	return made;
}

static void accept_numbered(unsigned number)
{
	id = numbered(number);
	accept_tip(number % 3 == 0 ? SPAN("one person") : (struct span){ 0 });
}

#define MANY 300u

struct seen {
	unsigned times[MANY];
	size_t leaving;
};

static void take(struct seen *seen, const struct store_item *item)
{
	struct tip_id tip;
	uint64_t number;

	assert_true(tip_id_parse(item->id, &tip));
	assert_true(span_u64(span_from(tip.text + 3, 10), &number) && number < MANY);
	assert_string_equal(tip.text, numbered((unsigned)number).text);
	assert_true(span_is(item->payload, "old the words"));
	assert_true(span_is(item->why, number % 3 == 0 ? "one person" : ""));
	seen->times[number]++;
	seen->leaving += item->number;
}

/* All pages; how many there were. */
static unsigned walk(unsigned max, struct seen *seen)
{
	uint64_t cursor = 0;
	unsigned pages = 0;

	*seen = (struct seen){ .leaving = 0 };
	do {
		const struct store_reply *reply =
			store_rig_ask(&rig, &(struct store_request){ .op = STORE_FRONTS, .from = cursor, .max = max });

		assert_int_equal(reply->outcome, STORE_DONE);
		for (size_t i = 0; i < reply->nitems; i++)
			take(seen, &reply->items[i]);
		cursor = reply->note;
		pages++;
	} while (cursor != 0 && pages < 10000);
	return pages;
}

static void every_tip_of_every_shard_is_seen(void **unused)
{
	struct seen seen;

	(void)unused;
	assert_int_equal(walk(10, &seen), 1);
	for (unsigned i = 0; i < MANY; i++)
		accept_numbered(i);
	assert_true(walk(10, &seen) > 1);
	for (unsigned i = 0; i < MANY; i++)
		assert_true(seen.times[i] > 0);
	assert_int_equal(seen.leaving, 0);
}

static void what_is_long_is_cut(void **unused)
{
	static char text[COVER_FRONT_BYTES + 50];
	struct store_tip tip = { .id = id, .receipt_mark = "mine", .region = "150602", .points = 50, .received_ms = 1763748000000,
				 .sealed = span_from(text, sizeof(text)), .identity = span_from(text, sizeof(text)),
				 .event = SPAN("{\"e\":\"accepted\"}") };
	const struct store_reply *reply;

	(void)unused;
	memset(text, 'x', sizeof(text));
	store_rig_ask(&rig, &(struct store_request){ .op = STORE_ACCEPT, .tips = &tip, .ntips = 1 });
	reply = store_rig_ask(&rig, &(struct store_request){ .op = STORE_FRONTS, .max = 1000 });
	assert_int_equal(reply->nitems, 1);
	assert_int_equal(reply->items[0].payload.len, COVER_FRONT_BYTES);
	assert_int_equal(reply->items[0].why.len, COVER_FRONT_BYTES);
}

static void leave(void)
{
	struct store_change change = { .id = id, .expect_rev = 1, .state = TIP_TRANSFERRED, .region = "110105", .points = 50,
				       .event = SPAN("{\"e\":\"transferred\"}") };
	const struct store_reply *reply = store_rig_ask(&rig, &(struct store_request){ .op = STORE_CHANGE, .change = &change });

	assert_int_equal(reply->verdict, STORE_OK);
}

static void what_is_between_two_shards_is_told(void **unused)
{
	struct seen seen;
	struct tip_id there;

	(void)unused;
	accept_numbered(2);
	leave();
	(void)walk(100, &seen);
	assert_int_equal(seen.leaving, seen.times[2]);
	assert_true(seen.times[2] > 0);
	there = id;
	memcpy(there.text, "11", 2);
	id = there;
	accept_tip((struct span){ 0 });
	id = numbered(2);
	for (uint64_t cursor = 0, pages = 0; pages == 0 || cursor != 0; pages++) {
		const struct store_reply *reply =
			store_rig_ask(&rig, &(struct store_request){ .op = STORE_FRONTS, .from = cursor, .max = 100 });

		for (size_t i = 0; i < reply->nitems; i++)
			assert_int_equal(reply->items[i].number, 0);
		cursor = reply->note;
	}
}

#define TEST(function, open) cmocka_unit_test_setup_teardown(function, open, close_rig)
#define ON(open)                                                                                             \
	TEST(a_front_changes_only_from_what_was_read, open), TEST(both_change_or_none, open),                \
		TEST(what_is_not_there_is_absent, open), TEST(bytes_of_any_kind_are_fronts, open),                   \
		TEST(every_tip_of_every_shard_is_seen, open), TEST(what_is_long_is_cut, open),               \
		TEST(what_is_between_two_shards_is_told, open)

int main(void)
{
	const struct CMUnitTest in_memory[] = { ON(open_memory) };
	const struct CMUnitTest in_redis[] = { ON(open_redis) };
	int failed = cmocka_run_group_tests_name("covers in memory", in_memory, NULL, NULL);

	return failed + cmocka_run_group_tests_name("covers in Redis", in_redis, NULL, NULL);
}
