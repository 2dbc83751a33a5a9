/* What the status page may tell of a reward: that it waits, for as long as it does, and to its own code alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/tip/receipt.h"
#include "daemon/sys/keys.h"
#include "handlers/reward/waiting.h"
#include "tests/support/money_rig.h"

static struct money_rig m;

static int begin(void **state)
{
	static const char *const sets[] = { "money.rails=voucher, wallet", NULL };

	(void)state;
	money_rig_open(&m, sets);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	money_rig_close(&m);
	return 0;
}

static int finish_all(void **state)
{
	(void)state;
	app_rig_done();
	return 0;
}

static bool waits(const struct rig_case *about, struct reward_waiting *out)
{
	struct receipt_trace trace;

	receipt_trace(keys_receipt(m.app.app.keys), &about->code, &trace);
	return reward_waits(&m.app.app, trace.mark, out);
}

static void nothing_waits_before_it_is_approved(void **state)
{
	struct reward_waiting waiting;
	struct rig_case undecided, proposed;

	(void)state;
	money_rig_case(&m, &undecided);
	money_rig_proposed(&m, &proposed);
	assert_false(waits(&undecided, &waiting));
	assert_false(waits(&proposed, &waiting));
}

static void it_waits_until_it_is_claimed(void **state)
{
	struct reward_waiting waiting;
	struct rig_case about, other;

	(void)state;
	money_rig_claimable(&m, &about);
	money_rig_case(&m, &other);
	assert_true(waits(&about, &waiting));
	assert_string_equal(waiting.word, "open");
	assert_true(waiting.until_ms > 0);
	assert_false(waits(&other, &waiting));
	app_rig_ask(&m.app, SITE_PUBLIC, "POST", "/api/v1/claims", NULL,
		    span_of(money_rig_text(&m, "{\"receipt\":\"%s\",\"action\":\"claim\",\"rail\":\"voucher\",\"nonce\":\"n\"}", about.code.digits)));
	assert_false(waits(&about, &waiting));
}

static void without_money_nothing_waits(void **state)
{
	struct app app = m.app.app;
	struct reward_waiting waiting;
	struct receipt_trace trace;
	struct rig_case about;

	(void)state;
	money_rig_claimable(&m, &about);
	receipt_trace(keys_receipt(app.keys), &about.code, &trace);
	app.office = NULL;
	app.treasury = NULL;
	assert_false(reward_waits(&app, trace.mark, &waiting));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_waits_before_it_is_approved, begin, finish),
		cmocka_unit_test_setup_teardown(it_waits_until_it_is_claimed, begin, finish),
		cmocka_unit_test_setup_teardown(without_money_nothing_waits, begin, finish),
	};

	return cmocka_run_group_tests(tests, NULL, finish_all);
}
