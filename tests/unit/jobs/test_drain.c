/*
 * The drain on the store in memory: everything that waited is there, once and
 * in order, and nothing leaves the spool before.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/jobs/drain.h"
#include "daemon/store/spool.h"
#include "daemon/sys/log.h"
#include "tests/support/spool_tip.h"
#include "tests/support/store_double.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char dir[64];
static struct arena arena;
static struct loop *loop;
static struct store_double *store;
static struct spool *spool;
static struct drain *drain;

static void stop(void *ctx)
{
	(void)ctx;
	loop_stop(loop);
}

/* In turns of a millisecond: timers fire as often as they should, however long the machine leaves us waiting in one of them. */
static void run_for(unsigned ms)
{
	for (unsigned turn = 0; turn < ms; turn++) {
		loop_after(loop, 1, stop, NULL);
		loop_run(loop);
	}
}

static void settle(void)
{
	loop_post_last(loop, stop, NULL);
	loop_run(loop);
}

static void until_empty(void)
{
	for (int i = 0; i < 2000 && spool_figures(spool)->depth > 0; i++)
		run_for(20);
	assert_int_equal(spool_figures(spool)->depth, 0);
}

static int begin(void **state)
{
	struct spool_limits limits = { .max_bytes = 64 << 20, .segment_bytes = 100000 };
	struct complaint why = { .text = "" };

	(void)state;
	log_open(LOG_LEVEL_ERROR, false);
	strcpy(dir, "/tmp/tipline-drain-XXXXXX");
	assert_non_null(mkdtemp(dir));
	loop = loop_new();
	store = store_double_new(loop);
	spool = spool_open(dir, &limits, &why);
	assert_non_null(spool);
	drain = drain_new(loop, &store->base, spool);
	return 0;
}

static int finish(void **state)
{
	DIR *list;
	struct dirent *entry;

	(void)state;
	drain_free(drain);
	if (store != NULL)
		store_free(&store->base);
	settle();
	spool_close(spool);
	loop_free(loop);
	arena_release(&arena);
	list = opendir(dir);
	while ((entry = readdir(list)) != NULL)
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(list), entry->d_name, 0);
	closedir(list);
	rmdir(dir);
	return 0;
}

static void add(unsigned from, unsigned n)
{
	struct store_tip *tips = arena_array(&arena, struct store_tip, n);

	for (unsigned i = 0; i < n; i++)
		tips[i] = spool_tip_make(&arena, from + i);
	assert_true(spool_append(spool, tips, n));
}

/* --- looking into the store ------------------------------------------------------- */

static struct {
	size_t n;
	char ids[600][TIP_ID_LEN + 1];
	struct store_accepted accepted;
	enum store_verdict verdict;
	bool answered;
} looked;

static void saw(void *ctx, const struct store_reply *reply)
{
	(void)ctx;
	looked.answered = true;
	looked.n = reply->nevents;
	looked.verdict = reply->verdict;
	for (size_t i = 0; i < reply->nevents; i++) {
		struct span json = reply->events[i].json;
		size_t at = span_find(json, SPAN("\"id\":\"")) + 6;

		snprintf(looked.ids[i], sizeof(looked.ids[i]), "%.13s", json.at + at);
	}
	if (reply->naccepted > 0)
		looked.accepted = reply->accepted[0];
}

static void ask(const struct store_request *request)
{
	looked.answered = false;
	store->memory->up = true;
	store_submit(store->memory, request, (struct store_wait){ .done = saw });
	settle();
	assert_true(looked.answered);
}

/* The journal holds the tips from that number on, in order, each once. */
static void assert_stored(unsigned from, unsigned n)
{
	ask(&(struct store_request){ .op = STORE_JOURNAL, .shard = "15", .from = 1, .max = 600 });
	assert_int_equal(looked.n, n);
	for (unsigned i = 0; i < n; i++)
		assert_string_equal(looked.ids[i], spool_tip_make(&arena, from + i).id.text);
}

/* --- tests ----------------------------------------------------------------------------- */

/* It takes three seconds of refusals until the drain believes that it is the tip and not the store. */
static void a_tip_that_the_store_never_takes_is_set_aside(void **state)
{
	char path[128];
	struct tip_id poison = spool_tip_make(&arena, 2).id;

	(void)state;
	store->poison = poison;
	add(1, 5);
	for (int i = 0; i < 400 && spool_figures(spool)->depth > 0; i++)
		run_for(20);
	assert_int_equal(spool_figures(spool)->depth, 0);
	snprintf(path, sizeof(path), "%s/set-aside.records", dir);
	assert_int_equal(access(path, R_OK), 0);
	ask(&(struct store_request){ .op = STORE_JOURNAL, .shard = "15", .from = 1, .max = 600 });
	assert_int_equal(looked.n, 4);
	for (size_t i = 0; i < looked.n; i++)
		assert_string_not_equal(looked.ids[i], poison.text);
}


static void what_waits_goes_to_the_store_in_its_order(void **state)
{
	(void)state;
	add(0, 300);
	until_empty();
	assert_stored(0, 300);
	assert_int_equal(spool_figures(spool)->drained, 300);
	assert_true(store->biggest <= 256);
}

static void nothing_leaves_the_spool_while_the_store_is_down(void **state)
{
	(void)state;
	store->base.up = false;
	add(0, 3);
	run_for(250);
	assert_int_equal(spool_figures(spool)->depth, 3);
	store->base.up = true;
	until_empty();
	assert_stored(0, 3);
}

static void a_batch_whose_end_is_unknown_is_sent_again_and_stored_once(void **state)
{
	(void)state;
	store->trouble = TROUBLE_MUTE;
	add(0, 5);
	run_for(250);
	assert_int_equal(spool_figures(spool)->depth, 5);
	assert_true(store->calls[STORE_ACCEPT] >= 1);
	store->trouble = TROUBLE_NONE;
	until_empty();
	assert_stored(0, 5);
}

static void an_error_of_the_server_loses_nothing(void **state)
{
	(void)state;
	store->trouble = TROUBLE_BROKEN;
	add(0, 5);
	run_for(250);
	assert_int_equal(spool_figures(spool)->depth, 5);
	store->trouble = TROUBLE_NONE;
	until_empty();
	assert_stored(0, 5);
}

static void a_batch_is_not_sent_twice_while_its_answer_is_out(void **state)
{
	(void)state;
	store->trouble = TROUBLE_HELD;
	add(0, 5);
	run_for(450);
	assert_int_equal(store->calls[STORE_ACCEPT], 1);
	assert_int_equal(spool_figures(spool)->depth, 5);
	store->trouble = TROUBLE_NONE;
	store_double_release(store);
	until_empty();
	assert_stored(0, 5);
}

static void what_comes_while_a_batch_is_out_waits_behind_it(void **state)
{
	(void)state;
	store->trouble = TROUBLE_HELD;
	add(0, 5);
	run_for(150);
	add(5, 5);
	store->trouble = TROUBLE_NONE;
	store_double_release(store);
	until_empty();
	assert_stored(0, 10);
}

static void a_tip_that_is_there_already_is_not_written_again(void **state)
{
	struct store_tip tip = spool_tip_make(&arena, 0);

	(void)state;
	ask(&(struct store_request){ .op = STORE_ACCEPT, .tips = &tip, .ntips = 1 });
	add(0, 2);
	until_empty();
	assert_stored(0, 2);
}

/* A redelivery got a tip of its own during the outage: its receipt must work. */
static void a_tip_whose_request_is_known_under_another_id_goes_in_too(void **state)
{
	struct store_tip first = spool_tip_make(&arena, 1);
	struct store_tip second = spool_tip_make(&arena, 2);

	(void)state;
	memcpy(second.request_mark, first.request_mark, sizeof(second.request_mark));
	ask(&(struct store_request){ .op = STORE_ACCEPT, .tips = &first, .ntips = 1 });
	assert_true(spool_append(spool, &second, 1));
	add(3, 1);
	until_empty();
	ask(&(struct store_request){ .op = STORE_JOURNAL, .shard = "15", .from = 1, .max = 600 });
	assert_int_equal(looked.n, 3);
	ask(&(struct store_request){ .op = STORE_READ, .id = second.id });
	assert_int_equal(looked.verdict, STORE_OK);
	/* The request still leads to the first answer. */
	second = spool_tip_make(&arena, 9);
	memcpy(second.request_mark, first.request_mark, sizeof(second.request_mark));
	ask(&(struct store_request){ .op = STORE_ACCEPT, .tips = &second, .ntips = 1 });
	assert_int_equal(looked.accepted.verdict, STORE_REPEATED);
}

/* Words for a tip were added to it, nobody learned so, and they went into the spool as a tip. */
static void what_stands_in_a_tip_already_is_dropped(void **state)
{
	struct store_tip first = spool_tip_make(&arena, 1), words = spool_tip_make(&arena, 2);
	struct store_named named = { .keep_s = 60 };
	struct store_change change = { .id = first.id, .expect_rev = 1, .state = TIP_QUEUED, .points = first.points,
				       .message = SPAN("sealed words"), .named = &named };

	(void)state;
	ask(&(struct store_request){ .op = STORE_ACCEPT, .tips = &first, .ntips = 1 });
	memcpy(change.region, first.region, sizeof(change.region));
	change.event = span_of(arena_printf(&arena, "{\"e\":\"supplement\",\"id\":\"%s\",\"at\":1}", first.id.text));
	memcpy(named.mark, words.request_mark, sizeof(named.mark));
	memcpy(named.digest, words.request_digest, sizeof(named.digest));
	ask(&(struct store_request){ .op = STORE_CHANGE, .change = &change });
	assert_int_equal(looked.verdict, STORE_OK);
	assert_true(spool_append(spool, &words, 1));
	add(3, 1);
	until_empty();
	ask(&(struct store_request){ .op = STORE_READ, .id = words.id });
	assert_int_equal(looked.verdict, STORE_ABSENT);
	/* Other words under the same mark are not those. */
	words = spool_tip_make(&arena, 4);
	memcpy(words.request_mark, named.mark, sizeof(words.request_mark));
	memset(words.request_digest, 'x', sizeof(words.request_digest));
	assert_true(spool_append(spool, &words, 1));
	until_empty();
	ask(&(struct store_request){ .op = STORE_READ, .id = words.id });
	assert_int_equal(looked.verdict, STORE_OK);
}

static void an_id_that_is_another_tips_does_not_stop_the_rest(void **state)
{
	struct store_tip other = spool_tip_make(&arena, 0);

	(void)state;
	memset(other.receipt_mark, 'x', sizeof(other.receipt_mark));
	memset(other.request_mark, 0, sizeof(other.request_mark));
	ask(&(struct store_request){ .op = STORE_ACCEPT, .tips = &other, .ntips = 1 });
	add(0, 3);
	until_empty();
	assert_stored(0, 3);
}

static void freeing_with_an_answer_out_waits_for_it(void **state)
{
	(void)state;
	store->trouble = TROUBLE_HELD;
	add(0, 2);
	run_for(150);
	assert_int_equal(store->calls[STORE_ACCEPT], 1);
	drain_free(drain);
	drain = NULL;
	store_double_release(store);
	run_for(150);
	assert_int_equal(spool_figures(spool)->depth, 2);
	assert_int_equal(store->calls[STORE_ACCEPT], 1);
}

static void freeing_the_store_under_it_is_no_harm(void **state)
{
	(void)state;
	store->trouble = TROUBLE_HELD;
	add(0, 2);
	run_for(150);
	drain_free(drain);
	drain = NULL;
	store_free(&store->base);
	store = NULL;
	settle();
	assert_int_equal(spool_figures(spool)->depth, 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)
	const struct CMUnitTest tests[] = {
		TEST(a_tip_that_the_store_never_takes_is_set_aside),
		TEST(what_waits_goes_to_the_store_in_its_order),
		TEST(nothing_leaves_the_spool_while_the_store_is_down),
		TEST(a_batch_whose_end_is_unknown_is_sent_again_and_stored_once),
		TEST(an_error_of_the_server_loses_nothing),
		TEST(a_batch_is_not_sent_twice_while_its_answer_is_out),
		TEST(what_comes_while_a_batch_is_out_waits_behind_it),
		TEST(a_tip_that_is_there_already_is_not_written_again),
		TEST(a_tip_whose_request_is_known_under_another_id_goes_in_too),
		TEST(what_stands_in_a_tip_already_is_dropped),
		TEST(an_id_that_is_another_tips_does_not_stop_the_rest),
		TEST(freeing_with_an_answer_out_waits_for_it),
		TEST(freeing_the_store_under_it_is_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
