/*
 * Tellers and vouchers over the staff API: paid once and whole, by whoever
 * brings number and word, from the cash of the branch; and nothing is told to
 * whoever does not.
 */
#include "handlers/payout/counter.h"

#include "daemon/http/client.h"
#include "daemon/sys/keys.h"
#include "handlers/payout/attempt_voucher.h"
#include "handlers/payout/dispatch.h"
#include "tests/support/money_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#define FEN 860000

static struct money_rig m;
static struct rail_set rails;
static struct seal_key key;
static const char *id;
static struct voucher voucher;
static char word[VOUCHER_SHOWN_MAX];

static void open_payout(void)
{
	struct app *app = &m.app.app;
	struct rail_config config = { .name = VOUCHER_RAIL, .driver = VOUCHER_RAIL, .profile_version = 1 };
	struct complaint why;
	struct counter_env counter = { .loop = app->loop, .treasury = app->treasury, .store = app->store, .key = &key };
	struct dispatch_env dispatch = { .loop = app->loop, .store = app->store, .treasury = app->treasury, .rails = &rails,
					 .payees = &key, .vouchers = &key, .remark = "", .period_ms = 5 };

	attempt_voucher_key(keys_requests(app->keys), &key);
	assert_true(rail_set_add(&rails, &config, &why));
	counter.profile = &rails.entries[0]->profile;
	app->counter = counter_new(&counter);
	app->dispatch = dispatch_new(&dispatch);
}

static void done(void *ctx, const struct treasury_answer *answer)
{
	*(enum treasury_outcome *)ctx = answer->outcome;
}

static void submit(const struct book_command *command)
{
	enum treasury_outcome outcome = TREASURY_UNKNOWN;

	treasury_submit(m.app.app.treasury, command, (struct treasury_wait){ .done = done, .ctx = &outcome });
	money_rig_until(&m, outcome == TREASURY_DONE);
}

static void claim(void)
{
	submit(&(struct book_command){
		.kind = "reward.claim", .person = SPAN("claimant"), .account = SPAN("claimant"), .roles = MONEY_CLAIMANT,
		.subject = span_of(id), .key = SPAN("claim-1"), .nfields = 3,
		.fields = { { "payee", SPAN("p-1") }, { "rail", SPAN("voucher") }, { "nonce", SPAN("n-1") } },
	});
}

/* The teller works at that branch from now on. */
static void move_teller(const char *titles)
{
	submit(&(struct book_command){
		.kind = "staff.set", .person = SPAN("system"), .account = SPAN("system"), .roles = MONEY_SYSTEM,
		.subject = SPAN("cashier"), .key = span_of(money_rig_text(&m, "move-%zu", strlen(titles))), .nfields = 3,
		.fields = { { "person", SPAN("cashier") }, { "roles", SPAN("[\"cashier\"]") }, { "titles", span_of(titles) } },
	});
	app_rig_settle(&m.app);
}

static enum attempt_state state(void)
{
	const struct book_reward *reward = money_rig_reward(&m, id);

	return reward->nattempts > 0 ? reward->attempts[reward->nattempts - 1].state : ATTEMPT_STATES;
}

static void see_voucher(void)
{
	struct voucher_word shown;

	assert_true(counter_voucher(m.app.app.counter, money_rig_reward(&m, id), treasury_now_ms(m.app.app.treasury),
				    &voucher, &shown));
	voucher_word_show(&shown, word);
}

static void begin(void)
{
	struct rig_case about;
	const char *release;

	rails = (struct rail_set){ 0 };
	money_rig_open(&m, NULL);
	open_payout();
	id = money_rig_claimable(&m, &about);
	claim();
	money_rig_days(&m, 2);
	release = money_rig_text(&m, "/api/v1/rewards/%s/release", id);
	money_rig_call(&m, "finance", "POST", release, "{\"source\":\"cash:demo\"}", NULL);
	money_rig_call(&m, "finance-2", "POST", release, "{\"source\":\"cash:demo\"}", NULL);
	money_rig_until(&m, state() == ATTEMPT_NEEDS_PAYEE);
	see_voucher();
}

static void end(void)
{
	dispatch_free(m.app.app.dispatch);
	counter_free(m.app.app.counter);
	m.app.app.dispatch = NULL;
	m.app.app.counter = NULL;
	money_rig_close(&m);
	rail_set_release(&rails);
}

static struct rig_answer call(const char *what, const char *number, const char *say, long fen, const char *idempotency)
{
	return money_rig_call(&m, "cashier", "POST", money_rig_text(&m, "/api/v1/counter/vouchers/%s", what),
			      money_rig_text(&m, "{\"number\":\"%s\",\"word\":\"%s\",\"amount_fen\":%ld}", number, say, fen),
			      idempotency);
}

static void it_is_paid_once(void **unused)
{
	struct span seq;
	char first[32];
	struct rig_answer answer;

	(void)unused;
	begin();
	answer = call("lookup", voucher.number, word, 0, NULL);
	assert_int_equal(answer.status, 200);
	assert_true(rig_has(answer.body, "\"amount_fen\":860000,\"state\":\"payable\",\"branch\":\"demo\""));
	assert_int_equal(call("redeem", voucher.number, word, FEN - 1, NULL).status, 400);
	assert_int_equal(state(), ATTEMPT_NEEDS_PAYEE);
	answer = call("redeem", voucher.number, word, FEN, "till-7");
	assert_int_equal(answer.status, 200);
	seq = rig_member(answer.body, "seq");
	snprintf(first, sizeof(first), "%.*s", (int)seq.len, seq.at);
	assert_int_equal(state(), ATTEMPT_SUCCEEDED);
	assert_int_equal(ledger_balance(book_ledger(treasury_book(m.app.app.treasury)), money_rig_reward(&m, id)->book,
					LEDGER_CASH_AT_BRANCH, "demo"), 5000000 - FEN);
	/* The very call again is answered alike; anybody else is told that it is spent. */
	answer = call("redeem", voucher.number, word, FEN, "till-7");
	assert_int_equal(answer.status, 200);
	assert_true(span_is(rig_member(answer.body, "seq"), first));
	assert_int_equal(call("redeem", voucher.number, word, FEN, "till-8").status, 409);
	assert_int_equal(call("lookup", voucher.number, word, 0, NULL).status, 409);
	assert_int_equal(money_rig_reward(&m, id)->paid_fen, FEN);
	end();
}

/* No such number, a wrong word and a spent voucher with a wrong word look alike. */
static void a_wrong_word_tells_nothing(void **unused)
{
	struct rig_answer answer;
	const char *wrong = "AAAA-AAAA";
	char first[600];

	(void)unused;
	begin();
	answer = call("lookup", voucher.number, wrong, 0, NULL);
	assert_int_equal(answer.status, 404);
	snprintf(first, sizeof(first), "%.*s", (int)answer.body.len, answer.body.at);
	answer = call("lookup", "000000000097", wrong, 0, NULL);
	assert_int_equal(answer.status, 404);
	assert_true(span_is(answer.body, first));
	assert_int_equal(call("redeem", voucher.number, word, FEN, NULL).status, 200);
	answer = call("redeem", voucher.number, wrong, FEN, NULL);
	assert_int_equal(answer.status, 404);
	assert_true(span_is(answer.body, first));
	end();
}

static void ten_wrong_words_make_it_void(void **unused)
{
	(void)unused;
	begin();
	for (unsigned i = 0; i < VOUCHER_FAILURES_MAX; i++)
		assert_int_equal(call("lookup", voucher.number, "AAAA-AAAA", 0, NULL).status, 404);
	assert_true(call("redeem", voucher.number, word, FEN, NULL).status >= 400);
	money_rig_until(&m, money_rig_reward(&m, id)->attempts[0].state == ATTEMPT_CANCELLED);
	assert_int_equal(money_rig_reward(&m, id)->paid_fen, 0);
	end();
}

/* As another process, or this one after a restart: it has the journal and has seen no wrong word. */
static void another_counter(void)
{
	struct app *app = &m.app.app;
	struct counter_env env = { .loop = app->loop, .treasury = app->treasury, .store = app->store, .key = &key,
				   .profile = &rails.entries[0]->profile };
	const char *data = money_rig_text(&m, "{\"attempt\":\"%s-1\",\"instruction\":\"%s\",\"rail\":\"voucher\"}", id,
					  money_rig_reward(&m, id)->attempts[0].instruction);

	counter_free(app->counter);
	app->counter = counter_new(&env);
	counter_applied(app->counter, &(struct record){ .kind = SPAN("attempt.start"), .data = span_of(data) });
}

static void wrong_words_are_counted_over_restarts(void **unused)
{
	(void)unused;
	begin();
	for (unsigned i = 0; i < VOUCHER_FAILURES_MAX; i++) {
		if (i == 4 || i == 7)
			another_counter();
		assert_int_equal(state(), ATTEMPT_NEEDS_PAYEE);
		assert_int_equal(call("lookup", voucher.number, "AAAA-AAAA", 0, NULL).status, 404);
	}
	money_rig_until(&m, state() == ATTEMPT_CANCELLED);
	end();
}

static bool says_left(const char *left)
{
	struct rig_answer answer = call("lookup", voucher.number, word, 0, NULL);

	return answer.status == 200 && rig_has(answer.body, money_rig_text(&m, "\"tries_left\":%s}", left));
}

/* To whoever brings the word; others' words are heard of at the next wrong one. */
static void how_many_are_left_is_told_with_the_word(void **unused)
{
	(void)unused;
	begin();
	assert_true(says_left("10"));
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(call("lookup", voucher.number, "AAAA-AAAA", 0, NULL).status, 404);
	assert_true(says_left("7"));
	another_counter();
	assert_true(says_left("10"));
	assert_int_equal(call("lookup", voucher.number, "AAAA-AAAA", 0, NULL).status, 404);
	money_rig_until(&m, says_left("6"));
	end();
}

/* Nine wrong words do not keep away the one who brings the right one. */
static void a_right_word_is_never_counted(void **unused)
{
	(void)unused;
	begin();
	for (unsigned i = 1; i < VOUCHER_FAILURES_MAX; i++)
		call("lookup", voucher.number, "AAAA-AAAA", 0, NULL);
	another_counter();
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(call("lookup", voucher.number, word, 0, NULL).status, 200);
	assert_int_equal(call("redeem", voucher.number, word, FEN, NULL).status, 200);
	end();
}

static void only_tellers(void **unused)
{
	static const char *const others[] = { "officer", "finance", "approver", "auditor", "admin" };

	(void)unused;
	begin();
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(money_rig_call(&m, others[i], "POST", "/api/v1/counter/vouchers/lookup",
						money_rig_text(&m, "{\"number\":\"%s\",\"word\":\"%s\"}", voucher.number,
							       word), NULL).status, 403);
	assert_int_equal(money_rig_call(&m, "cashier", "GET", money_rig_text(&m, "/api/v1/rewards/%s", id), NULL, NULL).status,
			 403);
	assert_int_equal(call("redeem", voucher.number, word, FEN, "").status, 400);
	end();
}

static void the_branch_has_to_have_it(void **unused)
{
	(void)unused;
	begin();
	move_teller("[\"branch-empty\"]");
	assert_int_equal(call("redeem", voucher.number, word, FEN, NULL).status, 409);
	assert_int_equal(state(), ATTEMPT_NEEDS_PAYEE);
	move_teller("[\"branch-demo\",\"branch-empty\"]");
	assert_int_equal(call("redeem", voucher.number, word, FEN, NULL).status, 403);
	move_teller("[\"branch-demo\"]");
	assert_int_equal(call("redeem", voucher.number, word, FEN, NULL).status, 200);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_paid_once),
		cmocka_unit_test(a_wrong_word_tells_nothing),
		cmocka_unit_test(ten_wrong_words_make_it_void),
		cmocka_unit_test(wrong_words_are_counted_over_restarts),
		cmocka_unit_test(how_many_are_left_is_told_with_the_word),
		cmocka_unit_test(a_right_word_is_never_counted),
		cmocka_unit_test(only_tellers),
		cmocka_unit_test(the_branch_has_to_have_it),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	app_rig_done();
	return failed;
}
