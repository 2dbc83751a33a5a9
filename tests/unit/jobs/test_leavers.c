/*
 * Officers who left, on the store in memory and a token file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/jobs/leavers.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/log.h"
#include "daemon/sys/accounts.h"
#include "daemon/sys/tokens.h"
#include "tests/support/spool_tip.h"
#include "tests/support/store_double.h"

static const char shards[][3] = { "15", "11" };
static struct arena arena;
static struct loop *loop;
static struct store_double *store;
static struct leavers *job;
static struct tokens *tokens;
static struct accounts *accounts;
static char dir[64];

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


static struct {
	size_t nrows;
	struct store_row row;
	char last[400];
} looked;

static void saw(void *ctx, const struct store_reply *reply)
{
	(void)ctx;
	looked.nrows = reply->nrows;
	if (reply->nrows > 0)
		looked.row = reply->rows[0];
	if (reply->nevents > 0)
		snprintf(looked.last, sizeof(looked.last), "%.*s", (int)reply->events[reply->nevents - 1].json.len,
			 reply->events[reply->nevents - 1].json.at);
}

static void ask(const struct store_request *request)
{
	store_submit(store->memory, request, (struct store_wait){ .done = saw });
	loop_post_last(loop, stop, NULL);
	loop_run(loop);
}

static enum tip_state state_of(unsigned number)
{
	ask(&(struct store_request){ .op = STORE_READ, .id = spool_tip_make(&arena, number).id });
	return looked.row.state;
}

static void claim_for(const char *person)
{
	static const char regions[][7] = { "150602" };
	struct store_claim claim = { .shard = "15", .regions = regions, .nregions = 1, .max = 1, .lease_ms = 1000000,
				     .holder = span_of(person) };

	ask(&(struct store_request){ .op = STORE_CLAIM, .claim = &claim });
	assert_int_equal(looked.nrows, 1);
}

/* An account that may sign in, with the role of an officer. */
static void enroll(const char *person)
{
	const struct account_grant grant = { .role = TOKEN_OFFICER, .region = "150602" };
	char code[ACCOUNT_SETUP_CODE_BYTES + 1];
	struct complaint why;

	assert_true(account_invite(dir, span_of(person), SPAN("Somebody"), clock_wall_ms(), code, &why));
	assert_true(account_grant_add(dir, (struct span){ 0 }, span_of(person), &grant, &why));
	assert_true(account_set_up(dir, span_of(person), span_of(code), SPAN("sealed"), clock_wall_ms(), &why));
}

static struct token hire(const char *person, int64_t expires_ms)
{
	struct token token = { .roles = TOKEN_OFFICER, .region = "150602", .expires_ms = expires_ms };
	char text[TOKEN_TEXT_BYTES + 1];
	struct complaint why;

	snprintf(token.person, sizeof(token.person), "%s", person);
	assert_true(token_add(dir, &token, clock_wall_ms(), text, &why));
	return token;
}

/* Tips 3, 2 and 1 (best first) are held by somebody who stays, somebody of another house, and one more. */
static int begin(void **state)
{
	struct store_tip tips[4];
	struct complaint why;

	(void)state;
	log_open(LOG_LEVEL_ERROR, false);
	snprintf(dir, sizeof(dir), "/tmp/tipline-leavers-XXXXXX");
	assert_non_null(mkdtemp(dir));
	loop = loop_new();
	store = store_double_new(loop);
	for (unsigned i = 0; i < 4; i++)
		tips[i] = spool_tip_make(&arena, i);
	ask(&(struct store_request){ .op = STORE_ACCEPT, .tips = tips, .ntips = 4 });
	claim_for("stays");
	claim_for("stranger");
	claim_for("leaves");
	hire("stays", 0);
	tokens = tokens_load(dir, &why);
	accounts = accounts_load(dir, &why);
	assert_non_null(tokens);
	assert_non_null(accounts);
	job = leavers_new(&(struct leavers_env){ .loop = loop, .store = &store->base, .tokens = tokens, .accounts = accounts, .shards = shards,
						 .nshards = 2, .period_ms = 10 });
	return 0;
}

static int finish(void **state)
{
	char command[100];

	(void)state;
	leavers_free(job);
	store_free(&store->base);
	loop_post_last(loop, stop, NULL);
	loop_run(loop);
	loop_free(loop);
	tokens_free(tokens);
	accounts_free(accounts);
	arena_release(&arena);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static void assert_only_the_leaver_lost(void)
{
	assert_int_equal(leavers_released(job), 1);
	assert_int_equal(state_of(3), TIP_CLAIMED);
	assert_int_equal(state_of(2), TIP_CLAIMED);
	assert_int_equal(state_of(1), TIP_QUEUED);
	ask(&(struct store_request){ .op = STORE_JOURNAL, .shard = "15", .from = 1, .max = 100 });
	assert_non_null(strstr(looked.last, "\"e\":\"released\""));
	assert_non_null(strstr(looked.last, "\"why\":\"left\",\"holder\":\"leaves\""));
	assert_null(strstr(looked.last, "\"by\""));
}

static void nobody_left_and_nothing_is_asked(void **state)
{
	(void)state;
	run_for(60);
	assert_int_equal(store->calls[STORE_HOLDERS], 0);
	assert_int_equal(state_of(2), TIP_CLAIMED);
}

static void a_token_that_is_taken_away_frees_the_tips(void **state)
{
	struct token token = hire("leaves", 0);
	struct complaint why;

	(void)state;
	run_for(40);
	assert_true(token_revoke(dir, span_of(token.id), &why));
	run_for(80);
	assert_only_the_leaver_lost();
}

static void a_token_that_ran_out_does_so_too(void **state)
{
	(void)state;
	hire("leaves", clock_wall_ms() - 1);
	run_for(80);
	assert_only_the_leaver_lost();
}

static void another_token_of_the_same_person_keeps_them(void **state)
{
	(void)state;
	hire("leaves", clock_wall_ms() - 1);
	hire("leaves", 0);
	run_for(80);
	assert_int_equal(leavers_released(job), 0);
	assert_int_equal(state_of(1), TIP_CLAIMED);
}

static void an_account_without_a_token_keeps_them_until_it_is_suspended(void **state)
{
	struct complaint why;

	(void)state;
	enroll("leaves");
	hire("leaves", clock_wall_ms() - 1);
	run_for(60);
	assert_int_equal(leavers_released(job), 0);
	assert_true(account_suspend(dir, (struct span){ 0 }, SPAN("leaves"), true, &why));
	run_for(80);
	assert_only_the_leaver_lost();
}

static void an_account_without_grants_is_one_that_left(void **state)
{
	struct complaint why;

	(void)state;
	enroll("leaves");
	run_for(60);
	assert_int_equal(leavers_released(job), 0);
	assert_true(account_grant_revoke(dir, (struct span){ 0 }, SPAN("leaves"), TOKEN_OFFICER, "150602", &why));
	run_for(80);
	assert_only_the_leaver_lost();
}

static void troubles_of_the_store_pass(void **state)
{
	(void)state;
	hire("leaves", clock_wall_ms() - 1);
	store->trouble = TROUBLE_LOST;
	run_for(60);
	store->base.up = false;
	run_for(30);
	store->base.up = true;
	store->trouble = TROUBLE_NONE;
	run_for(80);
	assert_int_equal(state_of(1), TIP_QUEUED);
	assert_int_equal(state_of(2), TIP_CLAIMED);
}

static void freeing_with_an_answer_out_waits_for_it(void **state)
{
	(void)state;
	hire("leaves", clock_wall_ms() - 1);
	store->trouble = TROUBLE_HELD;
	run_for(50);
	leavers_free(job);
	job = NULL;
	store->trouble = TROUBLE_NONE;
	store_double_release(store);
	run_for(50);
	assert_int_equal(store->calls[STORE_CHANGE], 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)
	const struct CMUnitTest tests[] = {
		TEST(nobody_left_and_nothing_is_asked),
		TEST(a_token_that_is_taken_away_frees_the_tips),
		TEST(a_token_that_ran_out_does_so_too),
		TEST(another_token_of_the_same_person_keeps_them),
		TEST(an_account_without_a_token_keeps_them_until_it_is_suspended),
		TEST(an_account_without_grants_is_one_that_left),
		TEST(troubles_of_the_store_pass),
		TEST(freeing_with_an_answer_out_waits_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
