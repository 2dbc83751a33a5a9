/*
 * The dispatcher against a provider that fails in every way it can, on a store
 * in memory whose clock is moved: money goes out once or not at all, and
 * nothing is called failed that may have been paid.
 */
#include "tests/support/payout_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static struct payout_rig rig;
static struct payout_daemon daemon_;

static void begin(unsigned rewards)
{
	payout_rig_open(&rig, true, "http", rewards);
	payout_daemon_open(&daemon_, &rig, "http", "one");
}

static void end(void)
{
	payout_daemon_close(&daemon_);
	payout_rig_close(&rig);
}

static enum attempt_state state_of(size_t n)
{
	const struct book_attempt *attempt = payout_daemon_attempt(&daemon_, n);

	return attempt != NULL ? attempt->state : ATTEMPT_STATES;
}

static bool is_paid(struct payout_daemon *daemon)
{
	(void)daemon;
	return state_of(0) == ATTEMPT_SUCCEEDED;
}

static bool is_unknown(struct payout_daemon *daemon)
{
	(void)daemon;
	return state_of(0) == ATTEMPT_UNKNOWN;
}

static bool is_failed(struct payout_daemon *daemon)
{
	(void)daemon;
	return state_of(0) == ATTEMPT_FAILED;
}

#define AT_ONCE 4   /* below what opens the breaker */

static bool first_are(size_t n, enum attempt_state state)
{
	for (size_t i = 0; i < n; i++)
		if (state_of(i) != state)
			return false;
	return true;
}

static bool all_are(enum attempt_state state)
{
	return first_are(AT_ONCE, state);
}

static bool three_are_paid(struct payout_daemon *daemon)
{
	(void)daemon;
	return first_are(3, ATTEMPT_SUCCEEDED);
}

static bool all_paid(struct payout_daemon *daemon)
{
	(void)daemon;
	return all_are(ATTEMPT_SUCCEEDED);
}

static bool all_unknown(struct payout_daemon *daemon)
{
	(void)daemon;
	return all_are(ATTEMPT_UNKNOWN);
}

static void it_pays_once(void **unused)
{
	(void)unused;
	begin(3);
	assert_true(payout_daemon_until(&daemon_, three_are_paid));
	payout_daemon_run(&daemon_, 300);
	for (size_t i = 0; i < 3; i++) {
		const struct book_attempt *attempt = payout_daemon_attempt(&daemon_, i);

		assert_int_equal(attempt->state, ATTEMPT_SUCCEEDED);
		assert_int_equal(payout_rig_sent(&rig, attempt->instruction), 1);
		assert_int_equal(strlen(attempt->body), 64);
	}
	assert_int_equal(payout_rig_sent(&rig, NULL), 3);
	assert_int_equal(dispatch_figures(daemon_.dispatch)->sent, 3);
	end();
}

/* Whatever goes wrong with the answer of an instruction that was carried out: the query tells. */
static void a_lost_answer_is_asked_for(void **unused)
{
	static const char *const faults[] = { "close_after", "silence", "bad_json",     "bad_signature",  "no_signature",
					      "other_answer", "old_signature", "wrong_id", "wrong_amount", "wrong_currency" };

	(void)unused;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i += AT_ONCE) {
		begin(AT_ONCE);
		for (size_t n = i; n < i + AT_ONCE; n++)
			payout_rig_control(&rig, "/fault", arena_printf(&rig.arena, "{\"name\":\"%s\",\"on\":\"instruct\"}",
									faults[n % (sizeof(faults) / sizeof(faults[0]))]));
		assert_true(payout_daemon_until(&daemon_, all_unknown));
		assert_int_equal(dispatch_figures(daemon_.dispatch)->sent, AT_ONCE);
		payout_daemon_pass(&daemon_, 7000);
		assert_true(payout_daemon_until(&daemon_, all_paid));
		for (size_t n = 0; n < AT_ONCE; n++)
			assert_int_equal(payout_rig_sent(&rig, payout_daemon_attempt(&daemon_, n)->instruction), 1);
		assert_int_equal(dispatch_figures(daemon_.dispatch)->sent, AT_ONCE);
		end();
	}
}

/* Only a verified code of the list ends it; everything else stays unknown. */
static void what_is_not_final_stays_unknown(void **unused)
{
	static const char *const faults[] = {
		"{\"name\":\"status\",\"on\":\"instruct\",\"status\":500}", "{\"name\":\"status\",\"on\":\"instruct\",\"status\":404}",
		"{\"name\":\"refusal\",\"on\":\"instruct\",\"code\":\"NEW_CODE\"}", 
		"{\"name\":\"mismatch\",\"on\":\"instruct\"}",
	};

	(void)unused;
	begin(AT_ONCE);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		payout_rig_control(&rig, "/fault", faults[i]);
	assert_true(payout_daemon_until(&daemon_, all_unknown));
	payout_daemon_run(&daemon_, 200);
	assert_true(all_are(ATTEMPT_UNKNOWN));
	assert_int_equal(dispatch_figures(daemon_.dispatch)->sent, AT_ONCE);
	end();
	begin(1);
	payout_rig_control(&rig, "/fault", "{\"name\":\"refusal\",\"on\":\"instruct\",\"code\":\"ACCOUNT_CLOSED\"}");
	assert_true(payout_daemon_until(&daemon_, is_failed));
	assert_int_equal(book_reward_at(treasury_book(daemon_.treasury), 0)->state, REWARD_CLAIMED);
	end();
}

static bool missed_thrice(struct payout_daemon *daemon)
{
	const struct book_attempt *attempt = payout_daemon_attempt(daemon, 0);

	if (attempt != NULL && attempt->next_query_ms > 0 && attempt->not_found < OUTCOME_GRACE_ANSWERS)
		payout_daemon_pass(daemon, 1000);
	return attempt != NULL && attempt->not_found >= OUTCOME_GRACE_ANSWERS;
}

/* Rule A3: the provider does not know it, three times, for ten minutes; then the very same again. */
static void what_never_arrived_is_sent_again(void **unused)
{
	char body[65], instruction[INSTRUCTION_ID_LEN + 1];
	const struct book_attempt *attempt;

	(void)unused;
	begin(1);
	payout_rig_control(&rig, "/fault", "{\"name\":\"close_before\",\"on\":\"instruct\"}");
	assert_true(payout_daemon_until(&daemon_, is_unknown));
	assert_true(payout_daemon_until(&daemon_, missed_thrice));
	payout_daemon_run(&daemon_, 100);
	attempt = payout_daemon_attempt(&daemon_, 0);
	memcpy(body, attempt->body, sizeof(body));
	memcpy(instruction, attempt->instruction, sizeof(instruction));
	assert_int_equal(dispatch_figures(daemon_.dispatch)->sent, 1);
	payout_daemon_pass(&daemon_, OUTCOME_GRACE_MS);
	assert_true(payout_daemon_until(&daemon_, is_paid));
	attempt = payout_daemon_attempt(&daemon_, 0);
	assert_string_equal(attempt->body, body);
	assert_string_equal(attempt->instruction, instruction);
	assert_int_equal(payout_rig_sent(&rig, NULL), 1);
	assert_int_equal(dispatch_figures(daemon_.dispatch)->sent, 2);
	assert_int_equal(dispatch_figures(daemon_.dispatch)->sent_again, 1);
	end();
}

static bool breaker_is_open(struct payout_daemon *daemon)
{
	return daemon->rails.entries[0]->breaker.failures >= BREAKER_FAILURES;
}

static uint64_t asked_before;

static bool more_are_asked(struct payout_daemon *daemon)
{
	return dispatch_figures(daemon->dispatch)->asked > asked_before;
}

/* Nothing is lost while the provider is away, nothing new is sent at it, and what is unknown is asked about. */
static void the_provider_is_away(void **unused)
{
	uint64_t sent;

	(void)unused;
	begin(8);
	payout_rig_control(&rig, "/refuse", "{\"on\":true}");
	assert_true(payout_daemon_until(&daemon_, breaker_is_open));
	payout_daemon_run(&daemon_, 200);
	sent = dispatch_figures(daemon_.dispatch)->sent;
	payout_daemon_pass(&daemon_, 20000);
	asked_before = dispatch_figures(daemon_.dispatch)->asked;
	assert_true(payout_daemon_until(&daemon_, more_are_asked));
	payout_daemon_run(&daemon_, 300);
	assert_int_equal(dispatch_figures(daemon_.dispatch)->sent, sent);
	assert_true(dispatch_figures(daemon_.dispatch)->open == 8);
	payout_rig_control(&rig, "/refuse", "{\"on\":false}");
	payout_daemon_pass(&daemon_, 120000);
	daemon_.rails.entries[0]->breaker.retry_ms = 0;   /* as if half a minute had passed */
	assert_true(payout_daemon_until(&daemon_, is_paid));
	end();
}

static bool two_are_sent(struct payout_daemon *daemon)
{
	return dispatch_figures(daemon->dispatch)->sent == 2;
}

/* The rest goes out on the next day. */
static void a_daily_limit_keeps_back(void **unused)
{
	(void)unused;
	begin(3);
	daemon_.rails.entries[0]->profile.daily_fen = 2 * PAYOUT_RIG_FEN;
	assert_true(payout_daemon_until(&daemon_, two_are_sent));
	payout_daemon_run(&daemon_, 500);
	assert_int_equal(payout_rig_sent(&rig, NULL), 2);
	payout_daemon_pass(&daemon_, INT64_C(86400000));
	assert_true(payout_daemon_until(&daemon_, three_are_paid));
	payout_daemon_run(&daemon_, 300);
	assert_int_equal(payout_rig_sent(&rig, NULL), 3);
	end();
}

/* A rail that is switched off keeps what is new back; one that is gone asks about what is open. */
static void what_is_off_sends_nothing(void **unused)
{
	(void)unused;
	begin(2);
	daemon_.rails.entries[0]->config.off = true;
	payout_daemon_run(&daemon_, 500);
	assert_int_equal(payout_rig_sent(&rig, NULL), 0);
	assert_int_equal(dispatch_figures(daemon_.dispatch)->held_back, 2);
	daemon_.rails.entries[0]->config.off = false;
	dispatch_rails_changed(daemon_.dispatch);
	assert_true(payout_daemon_until(&daemon_, two_are_sent));
	payout_daemon_run(&daemon_, 300);
	assert_int_equal(payout_rig_sent(&rig, NULL), 2);
	/* What went out today is counted anew from the book. */
	dispatch_rails_changed(daemon_.dispatch);
	assert_int_equal(daemon_.rails.entries[0]->daily_sent_fen, 2 * PAYOUT_RIG_FEN);
	end();
}

static void one_that_is_gone_is_asked_and_forgotten(void **unused)
{
	(void)unused;
	begin(1);
	payout_rig_control(&rig, "/fault", "{\"name\":\"close_after\",\"on\":\"instruct\"}");
	assert_true(payout_daemon_until(&daemon_, is_unknown));
	daemon_.rails.entries[0]->gone = true;
	payout_daemon_pass(&daemon_, 7000);
	assert_true(payout_daemon_until(&daemon_, is_paid));
	payout_daemon_run(&daemon_, 300);
	assert_int_equal(daemon_.rails.n, 0);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_pays_once),
		cmocka_unit_test(a_lost_answer_is_asked_for),
		cmocka_unit_test(what_is_not_final_stays_unknown),
		cmocka_unit_test(what_never_arrived_is_sent_again),
		cmocka_unit_test(the_provider_is_away),
		cmocka_unit_test(a_daily_limit_keeps_back),
		cmocka_unit_test(what_is_off_sends_nothing),
		cmocka_unit_test(one_that_is_gone_is_asked_and_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
