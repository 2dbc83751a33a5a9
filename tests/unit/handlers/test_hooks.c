/*
 * Callbacks of a provider over the public listener: answered well only behind
 * the journal, once each, and worth nothing without the signature.
 */
#include "handlers/payout/hooks.h"

#include "tests/support/money_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define NOW_MS INT64_C(1780000000000)
#define FEN 860000

static struct money_rig m;
static struct rail_set rails;
static const char *id, *attempt;
static unsigned nonces;

static const struct x_sig_key key = { .id = "k1",
				      .secret = { .at = "0123456789abcdef0123456789abcdef", .len = 32 } };

static int64_t wall_ms(void)
{
	return NOW_MS;
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

static const struct book_attempt *first(void)
{
	const struct book_reward *reward = money_rig_reward(&m, id);

	return reward->nattempts > 0 ? &reward->attempts[0] : NULL;
}

static void add_rail(const char *name)
{
	struct rail_config config = { .name = name, .driver = "http", .url = "https://p.example", .method = "wallet",
				      .profile_version = 1, .keys = { key } };
	struct complaint why = { .text = "" };

	assert_true(rail_set_add(&rails, &config, &why));
}

/* A payment is SENDING on the rail "voucher". */
static void begin(void)
{
	struct hooks_env env = { .rails = &rails, .wall_ms = wall_ms };
	struct rig_case about;

	money_rig_open(&m, NULL);
	add_rail("voucher");
	add_rail("other");
	env.loop = m.app.app.loop;
	env.treasury = m.app.app.treasury;
	m.app.app.hooks = hooks_new(&env);
	id = money_rig_claimable(&m, &about);
	submit(&(struct book_command){
		.kind = "reward.claim", .person = SPAN("claimant"), .account = SPAN("claimant"), .roles = MONEY_CLAIMANT,
		.subject = span_of(id), .key = SPAN("claim-1"), .nfields = 3,
		.fields = { { "payee", SPAN("p-1") }, { "rail", SPAN("voucher") }, { "nonce", SPAN("n-1") } } });
	money_rig_days(&m, 2);
	for (const char *const *who = (const char *const[]){ "finance", "finance-2", NULL }; *who != NULL; who++)
		money_rig_call(&m, *who, "POST", money_rig_text(&m, "/api/v1/rewards/%s/release", id),
			       "{\"source\":\"cash:demo\"}", NULL);
	money_rig_until(&m, first() != NULL);
	attempt = money_rig_text(&m, "%s-1", id);
	submit(&(struct book_command){ .kind = "attempt.send", .person = SPAN("system"), .account = SPAN("system"),
				       .roles = MONEY_SYSTEM, .subject = span_of(attempt), .key = SPAN("send-1") });
	assert_int_equal(first()->state, ATTEMPT_SENDING);
}

static void end(void)
{
	hooks_free(m.app.app.hooks);
	m.app.app.hooks = NULL;
	money_rig_close(&m);
	rail_set_release(&rails);
}

static const char *event(const char *name, const char *state, const char *instruction, long fen)
{
	return money_rig_text(&m, "{\"event_id\":\"%s\",\"instruction_id\":\"%s\",\"provider_ref\":\"P1\",\"state\":\"%s\","
			      "\"final\":true,\"amount\":{\"minor\":%ld,\"currency\":\"CNY\"},"
			      "\"occurred_at\":\"2026-05-28T20:26:40Z\"}", name, instruction, state, fen);
}

static const char *signature(const char *path, const char *body, const char *nonce)
{
	struct x_sig_parts parts = { .first = SPAN("POST"), .path = span_of(path), .nonce = span_of(nonce),
				     .body = span_of(body) };

	return money_rig_text(&m, "X-Sig: %s\r\n", x_sig_write(&key, &parts, NOW_MS, &m.arena));
}

static const char *new_nonce(void)
{
	return money_rig_text(&m, "0123456789abcd%02u", ++nonces);
}

static int post(const char *path, const char *body, const char *fields)
{
	return app_rig_ask(&m.app, SITE_PUBLIC, "POST", path, fields, span_of(body)).status;
}

static int call(const char *body)
{
	return post("/hooks/voucher", body, signature("/hooks/voucher", body, new_nonce()));
}

static const struct hooks_figures *figures(void)
{
	return hooks_figures(m.app.app.hooks);
}

static void a_success_is_recorded_once(void **unused)
{
	const char *body, *signed_;
	uint64_t seq;

	(void)unused;
	begin();
	body = event("ev-1", "succeeded", first()->instruction, FEN);
	signed_ = signature("/hooks/voucher", body, new_nonce());
	assert_int_equal(post("/hooks/voucher", body, signed_), 204);
	assert_int_equal(first()->state, ATTEMPT_SUCCEEDED);
	assert_int_equal(first()->by, EVIDENCE_WEBHOOK);
	seq = book_seq(treasury_book(m.app.app.treasury));
	/* The very request again, and the event under another signature: the same answer, no record. */
	assert_int_equal(post("/hooks/voucher", body, signed_), 204);
	assert_int_equal(call(body), 204);
	assert_int_equal(book_seq(treasury_book(m.app.app.treasury)), seq);
	assert_int_equal(figures()->taken, 2);
	assert_int_equal(figures()->repeated, 1);
	end();
}

/* Signed for another path, of another key's bytes, changed on the way, or not at all. */
static void nothing_is_read_without_the_signature(void **unused)
{
	const char *body, *other;

	(void)unused;
	begin();
	body = event("ev-1", "succeeded", first()->instruction, FEN);
	other = event("ev-1", "succeeded", first()->instruction, FEN - 1);
	assert_int_equal(post("/hooks/voucher", body, NULL), 401);
	assert_int_equal(post("/hooks/voucher", other, signature("/hooks/voucher", body, new_nonce())), 401);
	assert_int_equal(post("/hooks/voucher", body, signature("/hooks/other", body, new_nonce())), 401);
	assert_int_equal(post("/hooks/nobody", body, signature("/hooks/nobody", body, new_nonce())), 404);
	assert_int_equal(figures()->unsigned_, 3);
	assert_int_equal(first()->state, ATTEMPT_SENDING);
	end();
}

/* An event that says less than a success makes somebody ask, and nothing else. */
static void a_failure_is_only_asked_about(void **unused)
{
	unsigned queries;

	(void)unused;
	begin();
	submit(&(struct book_command){ .kind = "attempt.observe", .person = SPAN("system"), .account = SPAN("system"),
				       .roles = MONEY_SYSTEM, .subject = span_of(attempt), .key = SPAN("seen-1"), .nfields = 3,
				       .fields = { { "state", SPAN("UNKNOWN") }, { "by", SPAN("answer") },
						   { "code", SPAN("TIMEOUT") } } });
	queries = first()->queries;
	assert_int_equal(call(event("ev-1", "failed", first()->instruction, FEN)), 204);
	assert_int_equal(first()->state, ATTEMPT_UNKNOWN);
	assert_true(first()->queries > queries);
	end();
}

static void what_is_about_nothing_of_ours_is_strange(void **unused)
{
	const char *other;

	(void)unused;
	begin();
	assert_int_equal(call(event("ev-1", "succeeded", "AAAAAAAAAAAAAAAAAAAAAAAAAA", FEN)), 503);
	other = event("ev-2", "succeeded", first()->instruction, FEN);
	assert_int_equal(post("/hooks/other", other, signature("/hooks/other", other, new_nonce())), 503);
	assert_int_equal(call("{\"event_id\":\"ev-3\"}"), 400);
	assert_int_equal(figures()->strange, 3);
	assert_int_equal(first()->state, ATTEMPT_SENDING);
	/* Another amount is ours, and no success. */
	assert_int_equal(call(event("ev-4", "succeeded", first()->instruction, FEN - 1)), 204);
	assert_int_equal(figures()->strange, 4);
	assert_true(first()->state != ATTEMPT_SUCCEEDED);
	end();
}

static bool is_ready(void)
{
	struct treasury_figures now;

	treasury_figures(m.app.app.treasury, &now);
	return now.ready;
}

/* What the journal cannot take is not answered well, and the same signature may come again. */
static void not_before_the_journal_has_it(void **unused)
{
	const char *body, *signed_;

	(void)unused;
	begin();
	body = event("ev-1", "succeeded", first()->instruction, FEN);
	signed_ = signature("/hooks/voucher", body, new_nonce());
	m.app.store->durable = false;
	money_rig_until(&m, !is_ready());
	assert_int_equal(post("/hooks/voucher", body, signed_), 503);
	assert_int_equal(figures()->not_recorded, 1);
	assert_int_equal(first()->state, ATTEMPT_SENDING);
	m.app.store->durable = true;
	money_rig_until(&m, is_ready());
	assert_int_equal(post("/hooks/voucher", body, signed_), 204);
	assert_int_equal(first()->state, ATTEMPT_SUCCEEDED);
	end();
}

/* With other keys in force since the reload; the name is what counts. */
static void a_reload_changes_the_keys(void **unused)
{
	const char *body;

	(void)unused;
	begin();
	body = event("ev-1", "succeeded", first()->instruction, FEN);
	rails.entries[0]->config.keys[0].secret = SPAN("another secret of thirty-two byte");
	assert_int_equal(call(body), 401);
	rail_set_remove(&rails, 0);
	assert_int_equal(call(body), 404);
	add_rail("voucher");
	assert_int_equal(call(body), 204);
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
		cmocka_unit_test(a_success_is_recorded_once),
		cmocka_unit_test(nothing_is_read_without_the_signature),
		cmocka_unit_test(a_failure_is_only_asked_about),
		cmocka_unit_test(what_is_about_nothing_of_ours_is_strange),
		cmocka_unit_test(not_before_the_journal_has_it),
		cmocka_unit_test(a_reload_changes_the_keys),
	};

	return cmocka_run_group_tests(tests, NULL, finish);
}
