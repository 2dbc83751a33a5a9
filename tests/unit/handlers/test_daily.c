/*
 * Profiles and statements from a provider: a profile narrows, a statement
 * reaches the book once and its lines find their payments.
 */
#include "handlers/payout/daily.h"

#include "tests/support/payout_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static struct payout_rig rig;
static struct payout_daemon one;
static struct daily *daily;

static bool two_are_paid(struct payout_daemon *daemon)
{
	for (size_t i = 0; i < 2; i++) {
		const struct book_attempt *attempt = payout_daemon_attempt(daemon, i);

		if (attempt == NULL || attempt->state != ATTEMPT_SUCCEEDED)
			return false;
	}
	return true;
}

static bool two_are_matched(struct payout_daemon *daemon)
{
	return two_are_paid(daemon) && payout_daemon_attempt(daemon, 0)->line[0] != '\0' &&
	       payout_daemon_attempt(daemon, 1)->line[0] != '\0';
}

static bool profile_is_there(struct payout_daemon *daemon)
{
	(void)daemon;
	return daily_figures(daily)->profiles == 1;
}

static void begin(void)
{
	payout_rig_open(&rig, false, "http", 2);
	/* What is paid now is in the statement of yesterday. */
	payout_rig_control(&rig, "/advance", "{\"seconds\":-86400}");
	payout_daemon_open(&one, &rig, "http", "one");
	one.rails.entries[0]->ledger = MONEY_LEDGER;
	one.rails.entries[0]->statement_account = "bank:main";
	assert_true(payout_daemon_until(&one, two_are_paid));
	daily = daily_new(&(struct daily_env){ .loop = one.loop, .http = one.http, .treasury = one.treasury,
					       .rails = &one.rails, .period_ms = 5 });
}

static void end(void)
{
	daily_free(daily);
	payout_daemon_close(&one);
	payout_rig_close(&rig);
}

static void a_statement_finds_its_payments(void **unused)
{
	(void)unused;
	begin();
	assert_true(payout_daemon_until(&one, two_are_matched));
	payout_daemon_run(&one, 300);
	assert_int_equal(daily_figures(daily)->statements, 1);
	assert_int_equal(daily_figures(daily)->refused, 0);
	assert_null(book_break_at(treasury_book(one.treasury), 0));
	end();
}

static void a_profile_narrows(void **unused)
{
	const struct rail_profile *profile;

	(void)unused;
	begin();
	profile = &one.rails.entries[0]->profile;
	assert_int_equal(profile->nfinals, 2);
	assert_true(payout_daemon_until(&one, profile_is_there));
	assert_int_equal(profile->nfinals, 1);
	assert_int_equal(profile->max_fen, 2000000);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_statement_finds_its_payments),
		cmocka_unit_test(a_profile_narrows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
