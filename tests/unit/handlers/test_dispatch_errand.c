/*
 * kill -9 at each step of an attempt, on a private Redis: what the provider
 * pays is never more than once, what it paid is found, and what it was not
 * asked for is not called paid. Two daemons at a time; a store restored from
 * a backup.
 */
#include "tests/support/payout_rig.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

static struct payout_rig rig;
static struct payout_daemon one, two;

static enum attempt_state state_of(const struct payout_daemon *daemon, size_t n)
{
	const struct book_attempt *attempt = payout_daemon_attempt(daemon, n);

	return attempt != NULL ? attempt->state : ATTEMPT_STATES;
}

static bool is_paid(struct payout_daemon *daemon)
{
	return state_of(daemon, 0) == ATTEMPT_SUCCEEDED;
}

static bool was_missed(struct payout_daemon *daemon)
{
	const struct book_attempt *attempt = payout_daemon_attempt(daemon, 0);

	return attempt != NULL && attempt->not_found > 0;
}

static bool paid_or_missed(struct payout_daemon *daemon)
{
	return is_paid(daemon) || was_missed(daemon);
}

static void killed_at(enum dispatch_step step, bool paid_after, unsigned sent_before)
{
	int status;

	payout_rig_open(&rig, false, "http", 1);
	status = payout_rig_die(&rig, "http", "one", step);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_true(payout_rig_sent(&rig, NULL) <= sent_before);
	payout_daemon_open(&one, &rig, "http", "one");
	assert_true(payout_daemon_until(&one, paid_after ? is_paid : was_missed));
	payout_daemon_run(&one, 300);
	assert_int_equal(payout_rig_sent(&rig, NULL), paid_after);
	assert_int_equal(state_of(&one, 0), paid_after ? ATTEMPT_SUCCEEDED : ATTEMPT_UNKNOWN);
	payout_daemon_close(&one);
	payout_rig_close(&rig);
}

static void before_the_intent(void **unused)
{
	(void)unused;
	killed_at(DISPATCH_CHOSEN, true, 0);
}

/* Nothing went out; that is known only when the provider has been asked, and asked again. */
static void behind_the_intent(void **unused)
{
	(void)unused;
	killed_at(DISPATCH_RECORDED, false, 0);
}

static void before_recording(void **unused)
{
	(void)unused;
	killed_at(DISPATCH_ANSWERED, true, 1);
}

static void behind_recording(void **unused)
{
	(void)unused;
	killed_at(DISPATCH_OBSERVED, true, 1);
}

/* The request was begun: whether it arrived nobody here knows. */
static void in_the_midst(void **unused)
{
	(void)unused;
	payout_rig_open(&rig, false, "http", 1);
	payout_rig_die(&rig, "http", "one", DISPATCH_SENT);
	payout_daemon_open(&one, &rig, "http", "one");
	assert_true(payout_daemon_until(&one, paid_or_missed));
	payout_daemon_run(&one, 300);
	assert_int_equal(payout_rig_sent(&rig, NULL), is_paid(&one));
	assert_int_equal(state_of(&one, 0), is_paid(&one) ? ATTEMPT_SUCCEEDED : ATTEMPT_UNKNOWN);
	payout_daemon_close(&one);
	payout_rig_close(&rig);
}

/* The provider acts and keeps silent; the daemon dies waiting. */
static void while_the_provider_is_silent(void **unused)
{
	(void)unused;
	payout_rig_open(&rig, false, "http", 1);
	payout_rig_control(&rig, "/fault", "{\"name\":\"silence\",\"on\":\"instruct\"}");
	payout_rig_die(&rig, "http", "one", DISPATCH_ANSWERED);
	assert_int_equal(payout_rig_sent(&rig, NULL), 1);
	payout_daemon_open(&one, &rig, "http", "one");
	assert_true(payout_daemon_until(&one, is_paid));
	assert_int_equal(payout_rig_sent(&rig, NULL), 1);
	payout_daemon_close(&one);
	payout_rig_close(&rig);
}

/* --- two daemons ------------------------------------------------------------------------- */

static unsigned paid(const struct payout_daemon *daemon, unsigned rewards)
{
	unsigned n = 0;

	for (unsigned i = 0; i < rewards; i++)
		n += state_of(daemon, i) == ATTEMPT_SUCCEEDED;
	return n;
}

static bool ten_are_paid(struct payout_daemon *daemon)
{
	payout_daemon_run(&two, 5);
	return paid(daemon, 10) == 10;
}

static void two_daemons_pay_once(void **unused)
{
	(void)unused;
	payout_rig_open(&rig, false, "http", 10);
	payout_daemon_open(&one, &rig, "http", "one");
	payout_daemon_open(&two, &rig, "http", "two");
	assert_true(payout_daemon_until(&one, ten_are_paid));
	payout_daemon_run(&two, 300);
	assert_int_equal(payout_rig_sent(&rig, NULL), 10);
	assert_int_equal(dispatch_figures(one.dispatch)->sent + dispatch_figures(two.dispatch)->sent, 10);
	assert_true(dispatch_figures(one.dispatch)->sent == 0 || dispatch_figures(two.dispatch)->sent == 0);
	payout_daemon_close(&one);
	payout_daemon_close(&two);
	payout_rig_close(&rig);
}

/* Both believe that they lead, one of them wrongly: the book lets one send, the provider knows the id. */
static void two_that_both_lead_pay_once(void **unused)
{
	(void)unused;
	payout_rig_open(&rig, false, "http", 10);
	payout_daemon_open(&one, &rig, "http", "same");
	payout_daemon_open(&two, &rig, "http", "same");
	assert_true(payout_daemon_until(&one, ten_are_paid));
	payout_daemon_run(&two, 300);
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(payout_rig_sent(&rig, payout_daemon_attempt(&one, i)->instruction), 1);
	payout_daemon_close(&one);
	payout_daemon_close(&two);
	payout_rig_close(&rig);
}

/* --- a backup ------------------------------------------------------------------------------ */

static void copy(const char *from, const char *to)
{
	char command[256];

	snprintf(command, sizeof(command), "rm -rf %s && cp -a %s %s", to, from, to);
	assert_int_equal(system(command), 0);
}

/* The store of before the payment comes back: the same id goes out, and the provider pays nothing. */
static void a_restored_backup_pays_nothing_twice(void **unused)
{
	char backup[80], kept[INSTRUCTION_ID_LEN + 1];

	(void)unused;
	payout_rig_open(&rig, false, "http", 1);
	snprintf(backup, sizeof(backup), "%s.backup", rig.redis.dir);
	private_redis_kill(&rig.redis, SIGTERM);
	copy(rig.redis.dir, backup);
	private_redis_again(&rig.redis);
	payout_daemon_open(&one, &rig, "http", "one");
	assert_true(payout_daemon_until(&one, is_paid));
	memcpy(kept, payout_daemon_attempt(&one, 0)->instruction, sizeof(kept));
	payout_daemon_close(&one);
	private_redis_kill(&rig.redis, SIGTERM);
	copy(backup, rig.redis.dir);
	private_redis_again(&rig.redis);
	payout_daemon_open(&two, &rig, "http", "two");
	assert_true(payout_daemon_until(&two, is_paid));
	assert_string_equal(payout_daemon_attempt(&two, 0)->instruction, kept);
	assert_int_equal(dispatch_figures(two.dispatch)->sent, 1);
	assert_int_equal(payout_rig_sent(&rig, NULL), 1);
	payout_daemon_close(&two);
	payout_rig_close(&rig);
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", backup);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(before_the_intent),
		cmocka_unit_test(behind_the_intent),
		cmocka_unit_test(in_the_midst),
		cmocka_unit_test(while_the_provider_is_silent),
		cmocka_unit_test(before_recording),
		cmocka_unit_test(behind_recording),
		cmocka_unit_test(two_daemons_pay_once),
		cmocka_unit_test(two_that_both_lead_pay_once),
		cmocka_unit_test(a_restored_backup_pays_nothing_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
