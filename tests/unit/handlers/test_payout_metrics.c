/*
 * Figures of payments over the listener of operations, as a payment gets older
 * without anybody knowing what became of it; and that read-only money is told.
 */
#include "handlers/payout/payout_metrics.h"

#include "handlers/payout/rail_set.h"
#include "tests/support/money_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define MINUTE_MS 60000u
#define HOUR_MS 3600000u

static struct money_rig m;
static struct rail_set rails;
static const char *id, *attempt;

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

static const struct book_reward *reward(void)
{
	return money_rig_reward(&m, id);
}

/* A payment that was sent, and nobody knows. */
static void begin(void)
{
	const struct rail_config config = { .name = "voucher", .driver = "voucher", .profile_version = 1 };
	struct complaint why = { .text = "" };
	struct rig_case about;

	money_rig_open(&m, NULL);
	assert_true(rail_set_add(&rails, &config, &why));
	m.app.app.rails = &rails;
	id = money_rig_claimable(&m, &about);
	submit(&(struct book_command){
		.kind = "reward.claim", .person = SPAN("claimant"), .account = SPAN("claimant"), .roles = MONEY_CLAIMANT,
		.subject = span_of(id), .key = SPAN("claim-1"), .nfields = 3,
		.fields = { { "payee", SPAN("p-1") }, { "rail", SPAN("voucher") }, { "nonce", SPAN("n-1") } } });
	money_rig_days(&m, 2);
	for (const char *const *who = (const char *const[]){ "finance", "finance-2", NULL }; *who != NULL; who++)
		money_rig_call(&m, *who, "POST", money_rig_text(&m, "/api/v1/rewards/%s/release", id),
			       "{\"source\":\"cash:demo\"}", NULL);
	money_rig_until(&m, reward()->nattempts > 0);
	attempt = money_rig_text(&m, "%s-1", id);
	submit(&(struct book_command){ .kind = "attempt.send", .person = SPAN("system"), .account = SPAN("system"),
				       .roles = MONEY_SYSTEM, .subject = span_of(attempt), .key = SPAN("send-1") });
	submit(&(struct book_command){ .kind = "attempt.observe", .person = SPAN("system"), .account = SPAN("system"),
				       .roles = MONEY_SYSTEM, .subject = span_of(attempt), .key = SPAN("seen-1"), .nfields = 3,
				       .fields = { { "state", SPAN("UNKNOWN") }, { "by", SPAN("answer") },
						   { "code", SPAN("TIMEOUT") } } });
}

static void end(void)
{
	m.app.app.rails = NULL;
	money_rig_close(&m);
	rail_set_release(&rails);
}

static bool says(const char *line)
{
	return rig_has(app_rig_ask(&m.app, SITE_OPS, "GET", "/metrics", NULL, (struct span){ 0 }).body, line);
}

static void unknown_payments_grow_old(void **unused)
{
	(void)unused;
	begin();
	assert_true(says("tipline_payout_unknown{for=\"15m\"} 0\n"));
	money_rig_pass(&m, 16 * MINUTE_MS);
	assert_true(says("tipline_payout_unknown{for=\"15m\"} 1\n"));
	money_rig_pass(&m, 24 * HOUR_MS);
	assert_true(says("tipline_payout_unknown{for=\"15m\"} 0\n"));
	assert_true(says("tipline_payout_unknown{for=\"24h\"} 1\n"));
	money_rig_days(&m, 2);
	assert_true(says("tipline_payout_unknown{for=\"72h\"} 1\n"));
	money_rig_days(&m, 22);
	assert_true(says("tipline_payout_unknown{for=\"25d\"} 1\n"));
	end();
}

static void holds_and_rails_are_seen(void **unused)
{
	(void)unused;
	begin();
	assert_true(says("tipline_payout_rail_on{rail=\"voucher\"} 1\n"));
	assert_true(says("tipline_payout_rail_held{rail=\"voucher\"} 0\n"));
	assert_true(says("tipline_payout_rail_breaker_open{rail=\"voucher\"} 0\n"));
	assert_true(says("tipline_money_held 0\n"));
	assert_int_equal(money_rig_call(&m, "auditor", "POST", money_rig_text(&m, "/api/v1/rewards/%s/hold", id),
					"{\"reason\":\"a doubt\"}", NULL).status, 200);
	assert_true(says("tipline_money_held 1\n"));
	rails.entries[0]->config.off = true;
	for (unsigned i = 0; i < BREAKER_FAILURES; i++)
		breaker_failed(&rails.entries[0]->breaker, loop_now_ms(m.app.app.loop));
	assert_true(says("tipline_payout_rail_on{rail=\"voucher\"} 0\n"));
	assert_true(says("tipline_payout_rail_breaker_open{rail=\"voucher\"} 1\n"));
	submit(&(struct book_command){ .kind = "rail.hold", .person = SPAN("finance"), .account = SPAN("finance"),
				       .roles = MONEY_FINANCE, .subject = SPAN("voucher"), .key = SPAN("hold-1"), .nfields = 1,
				       .fields = { { "reason", SPAN("a doubt") } } });
	assert_true(says("tipline_payout_rail_held{rail=\"voucher\"} 1\n"));
	end();
}

static bool is_ready(void)
{
	struct treasury_figures now;

	treasury_figures(m.app.app.treasury, &now);
	return now.ready;
}

static void read_only_money_is_told(void **unused)
{
	struct rig_answer answer;

	(void)unused;
	begin();
	answer = app_rig_ask(&m.app, SITE_OPS, "GET", "/readyz", NULL, (struct span){ 0 });
	assert_false(rig_has(answer.body, "money: "));
	m.app.store->durable = false;
	money_rig_until(&m, !is_ready());
	answer = app_rig_ask(&m.app, SITE_OPS, "GET", "/readyz", NULL, (struct span){ 0 });
	assert_true(rig_has(answer.body, "money: read-only, the store is weaker than money needs it"));
	assert_true(says("tipline_money_ready 0\n"));
	end();
}

static int finish(void **unused)
{
	(void)unused;
	app_rig_done();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_payments_grow_old),
		cmocka_unit_test(holds_and_rails_are_seen),
		cmocka_unit_test(read_only_money_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, finish);
}
