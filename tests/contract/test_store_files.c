/*
 * Names of files that come with messages, on every store: they stand behind
 * those of the tip, and go with them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/retention.h"
#include "tests/support/store_rig.h"

#include <stdio.h>

static struct store_rig rig;
static struct tip_id id;
static uint64_t fence;

static const struct store_reply *done(struct store_request request)
{
	const struct store_reply *reply = store_rig_ask(&rig, &request);

	assert_int_equal(reply->outcome, STORE_DONE);
	return reply;
}

static int open_one(bool memory)
{
	store_rig_open(&rig, memory);
	assert_true(tip_id_parse(SPAN("15-0000000001"), &id));
	fence = done((struct store_request){ .op = STORE_JOB_LEASE, .shard = "15", .job = "timers", .holder = SPAN("me"),
					     .lease_ms = 60000 })->fence;
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

static void accept_tip(struct span files)
{
	struct store_tip tip = { .id = id, .receipt_mark = "mine", .region = "150602", .points = 50, .received_ms = 1763748000000,
				 .sealed = SPAN("sealed"), .files = files, .event = SPAN("{\"e\":\"accepted\"}") };

	assert_int_equal(done((struct store_request){ .op = STORE_ACCEPT, .tips = &tip, .ntips = 1 })->accepted[0].verdict, STORE_OK);
}

/* The words and their files; the tip is closed by them, so that it can be erased. */
static struct store_change closing(uint64_t rev, struct span files)
{
	return (struct store_change){ .id = id, .expect_rev = rev, .state = TIP_CLOSED, .event = SPAN("{\"e\":\"supplement\"}"),
				      .region = "150602", .points = 50, .message = SPAN("sealed words"), .files = files,
				      .end = { .outcome = SPAN("prank"), .at_ms = CLOCK_NOW } };
}

static enum store_verdict change(struct store_change wanted)
{
	return done((struct store_request){ .op = STORE_CHANGE, .change = &wanted })->verdict;
}

static void erase(uint64_t rev, unsigned parts)
{
	struct store_erasure what = { .id = id, .expect_rev = rev, .parts = parts, .state = TIP_CLOSED, .region = "150602",
				      .end = { .outcome = SPAN("prank"), .erased = parts },
				      .at_ms = 1764000000000, .event = SPAN("{\"e\":\"erased\"}") };

	what.end.at_ms = done((struct store_request){ .op = STORE_READ, .id = id })->rows[0].end.at_ms;
	assert_int_equal(done((struct store_request){ .op = STORE_ERASE, .shard = "15", .job = "timers", .fence = fence,
						      .erasure = &what })->verdict, STORE_OK);
}

static void expect_doomed(const char *names)
{
	const struct store_reply *reply = done((struct store_request){ .op = STORE_DOOMED, .shard = "15", .max = 10 });

	assert_int_equal(reply->nitems, 1);
	assert_true(span_is(reply->items[0].id, id.text));
	assert_true(span_is(reply->items[0].payload, names));
}

static void they_go_with_those_of_the_report(void **unused)
{
	(void)unused;
	accept_tip(SPAN("a0 a1"));
	assert_int_equal(change(closing(1, SPAN("b0"))), STORE_OK);
	assert_int_equal(change(closing(2, SPAN("c0 c1"))), STORE_OK);
	erase(3, RETENTION_BIT(RETENTION_FILES));
	expect_doomed("a0 a1 b0 c0 c1");
}

static void a_tip_that_had_none_has_them_afterwards(void **unused)
{
	(void)unused;
	accept_tip((struct span){ 0 });
	assert_int_equal(change(closing(1, SPAN("b0"))), STORE_OK);
	erase(2, RETENTION_BIT(RETENTION_ROW));
	expect_doomed("b0");
}

/* The answer got lost, or another change came first. */
static void a_change_that_is_not_made_brings_none(void **unused)
{
	(void)unused;
	accept_tip(SPAN("a0"));
	assert_int_equal(change(closing(1, SPAN("b0"))), STORE_OK);
	assert_int_equal(change(closing(1, SPAN("b0"))), STORE_ALREADY);
	assert_int_equal(change(closing(7, SPAN("c0"))), STORE_CONFLICT);
	erase(2, RETENTION_BIT(RETENTION_FILES));
	expect_doomed("a0 b0");
}

static void what_waits_to_be_removed_is_not_forgotten_for_more(void **unused)
{
	(void)unused;
	accept_tip(SPAN("a0"));
	assert_int_equal(change(closing(1, SPAN(""))), STORE_OK);
	erase(2, RETENTION_BIT(RETENTION_FILES));
	assert_int_equal(change(closing(3, SPAN("b0"))), STORE_OK);
	erase(4, RETENTION_BIT(RETENTION_FILES));
	expect_doomed("a0 b0");
	assert_int_equal(done((struct store_request){ .op = STORE_DOOMED_END, .id = id })->verdict, STORE_OK);
	assert_int_equal(done((struct store_request){ .op = STORE_DOOMED, .shard = "15", .max = 10 })->nitems, 0);
}

#define ON(open)                                                                                                                  \
	cmocka_unit_test_setup_teardown(they_go_with_those_of_the_report, open, close_rig),                                       \
		cmocka_unit_test_setup_teardown(a_tip_that_had_none_has_them_afterwards, open, close_rig),                        \
		cmocka_unit_test_setup_teardown(a_change_that_is_not_made_brings_none, open, close_rig),                          \
		cmocka_unit_test_setup_teardown(what_waits_to_be_removed_is_not_forgotten_for_more, open, close_rig)

int main(void)
{
	const struct CMUnitTest memory[] = { ON(open_memory) };
	const struct CMUnitTest redis[] = { ON(open_redis) };
	int failed = cmocka_run_group_tests_name("store in memory", memory, NULL, NULL);

	return failed + cmocka_run_group_tests_name("store on redis", redis, NULL, NULL);
}
