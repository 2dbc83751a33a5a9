/*
 * The route table and the audit trail: each row leaves an event before it
 * shows something, or is one of those that show nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "daemon/jobs/trail.h"
#include "handlers/trailing.h"
#include "tests/support/app_rig.h"

static struct app_rig rig;
static struct arena arena;

static int begin(void **state)
{
	(void)state;
	app_rig_open(&rig, NULL);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	app_rig_close(&rig);
	arena_release(&arena);
	app_rig_done();
	return 0;
}

/* --- the table -------------------------------------------------------------------------- */

/* Pages that are the same for all, and counts. */
static const char *const show_nothing[] = { "desk", "desk_file", "desk_page", "money_page", "audit_page", "admin_page", "queues", "changes", "session" };
/* What they do is an event of the tip's journal, or a record of the money journal. */
static const char *const recorded_elsewhere[] = {
	"work",	     "reward_propose", "reward_act",	"payout_act",	 "statement_import", "break_resolve", "suspense_clear", "rail_act",
	"ledger_act", "policy_draft",  "policy_adopt", "case_verified", "staff_set",	      "money_export",  "money_act",	 "voucher_redeem",
	/* They write their event themselves, with role and region. */
	"account_add", "account_act", "session_begin", "session_set_up", "session_password", "session_leave",
};

static bool named(const char *name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

#define NAMED(name, names) named(name, names, sizeof(names) / sizeof((names)[0]))

static void every_route_leaves_an_event_or_is_listed(void **state)
{
	size_t n, traced = 0;
	const struct endpoint *table = routes(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		bool listed = NAMED(table[i].name, show_nothing) || NAMED(table[i].name, recorded_elsewhere);
		bool traced_here = table[i].trail != TRAIL_NOTHING;

		traced += traced_here;
		if (table[i].site != SITE_STAFF && traced_here)
			fail_msg("%s has nobody to name", table[i].name);
		if (table[i].site == SITE_STAFF && traced_here == listed)
			fail_msg("%s: %s", table[i].name, listed ? "listed, and has a trail" : "shows something and leaves no event");
		if (NAMED(table[i].name, recorded_elsewhere) && table[i].method == HTTP_GET)
			fail_msg("%s only reads", table[i].name);
	}
	assert_in_range(traced, 20, n);
}

/* --- requests ------------------------------------------------------------------------------ */

static struct rig_answer get(unsigned roles, const char *path)
{
	const char *token = app_rig_token(&rig, "zhang", roles, "150000", &arena);

	return app_rig_ask(&rig, SITE_STAFF, "GET", path, arena_printf(&arena, "Authorization: Bearer %s\r\n", token), (struct span){ 0 });
}

/* The last event of that name; the test fails when there are not `n` of them. */
static struct span event_of(const char *name, size_t n)
{
	struct span rest = buf_span(&rig.store->trail), line, last = { 0 };
	struct span head = span_of(arena_printf(&arena, "{\"event\":\"%s\",", name));
	size_t found = 0;

	while (rest.len > 0 && span_cut(&rest, '\n', &line)) {
		if (!span_starts(line, head))
			continue;
		last = line;
		found++;
	}
	assert_int_equal(found, n);
	return last;
}

static void a_read_leaves_one_event(void **state)
{
	struct span event;

	(void)state;
	assert_int_equal(get(TOKEN_OFFICER | TOKEN_VERIFIER, "/api/v1/tips/15-ABCDEFGHJK").status, 404);
	event = event_of("read", 1);
	assert_true(rig_has(event, "\"by\":\"zhang\""));
	assert_true(rig_has(event, "\"roles\":\"officer verifier\""));
	assert_true(rig_has(event, "\"call\":\"tip\""));
	assert_true(rig_has(event, "\"id\":\"15-ABCDEFGHJK\""));
	assert_true(rig_has(event_of("sign_in", 1), "\"region\":\"150000\""));
	assert_int_equal(get(TOKEN_OFFICER, "/api/v1/tips/15-ABCDEFGHJK/files/2").status, 404);
	assert_true(rig_has(event_of("read_file", 1), "\"id\":\"15-ABCDEFGHJK/2\""));
	assert_int_equal(get(TOKEN_OFFICER, "/api/v1/tips?held=me&x=%E5%BC%A0").status, 200);
	assert_true(rig_has(event_of("view", 1), "\"query\":\"held=me ?\""));
	event_of("read", 1);
}

static void what_a_page_asks_by_itself_is_told_apart(void **state)
{
	const char *token = app_rig_token(&rig, "zhang", TOKEN_OFFICER, "150000", &arena);
	const char *by_hand = arena_printf(&arena, "Authorization: Bearer %s\r\n", token);
	const char *by_itself = arena_printf(&arena, "%sTipline-Unattended: 1\r\n", by_hand);

	(void)state;
	assert_int_equal(app_rig_ask(&rig, SITE_STAFF, "GET", "/api/v1/queues/150602/tips", by_itself, (struct span){ 0 }).status, 200);
	assert_true(rig_has(event_of("view", 1), "\"unattended\":true"));
	assert_true(rig_has(event_of("sign_in", 1), "\"unattended\":true"));
	/* Who comes then signs in all the same; and a page of theirs does not once more. */
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(app_rig_ask(&rig, SITE_STAFF, "GET", "/api/v1/queues/150602/tips", by_hand, (struct span){ 0 }).status, 200);
		assert_int_equal(app_rig_ask(&rig, SITE_STAFF, "GET", "/api/v1/queues/150602/tips", by_itself, (struct span){ 0 }).status, 200);
	}
	assert_false(rig_has(event_of("sign_in", 2), "unattended"));
	/* A tip is read by somebody, whatever the request says. */
	assert_int_equal(app_rig_ask(&rig, SITE_STAFF, "GET", "/api/v1/tips/15-ABCDEFGHJK", by_itself, (struct span){ 0 }).status, 404);
	assert_false(rig_has(event_of("read", 1), "unattended"));
}

static void nothing_is_shown_when_it_cannot_be_written(void **state)
{
	static const char *const paths[] = { "/api/v1/tips/15-ABCDEFGHJK", "/api/v1/tips?held=me", "/api/v1/incidents/15-ABCDEFGHJK" };

	(void)state;
	rig.store->trouble_of = STORE_AUDIT;
	for (enum store_trouble trouble = TROUBLE_LOST; trouble <= TROUBLE_BROKEN; trouble++) {
		rig.store->trouble = trouble;
		for (size_t i = 0; i < 3; i++) {
			struct rig_answer answer = get(TOKEN_OFFICER, paths[i]);

			assert_int_equal(answer.status, 503);
			assert_true(rig_has(answer.body, "audit_unavailable"));
			assert_true(rig_has(answer.head, "Retry-After: 2"));
		}
	}
	assert_int_equal(rig.store->calls[STORE_READ] + rig.store->calls[STORE_HELD], 0);
	/* A store that writes to disk later is no place for it. */
	rig.store->trouble = TROUBLE_NONE;
	rig.store->base.weakened = true;
	assert_int_equal(get(TOKEN_OFFICER, paths[1]).status, 503);
	rig.store->base.weakened = false;
	assert_int_equal(get(TOKEN_OFFICER, paths[1]).status, 200);
}

static void routes_that_show_nothing_need_no_trail(void **state)
{
	(void)state;
	rig.store->trouble = TROUBLE_BROKEN;
	rig.store->trouble_of = STORE_AUDIT;
	assert_int_equal(get(TOKEN_OFFICER, "/api/v1/queues").status, 200);
	assert_int_equal(app_rig_ask(&rig, SITE_STAFF, "GET", "/", NULL, (struct span){ 0 }).status, 200);
}

static void who_is_not_let_in_leaves_no_read(void **state)
{
	(void)state;
	assert_int_equal(get(TOKEN_FINANCE, "/api/v1/tips/15-ABCDEFGHJK").status, 403);
	assert_int_equal(app_rig_ask(&rig, SITE_STAFF, "GET", "/api/v1/tips/15-ABCDEFGHJK",
				     "Authorization: Bearer tip_0000000000000000000000000000000000000000000\r\n", (struct span){ 0 })
				 .status,
			 401);
	app_rig_settle(&rig);
	event_of("read", 0);
	assert_true(rig_has(event_of("sign_in_failed", 1), "\"count\":1"));
	assert_false(rig_has(buf_span(&rig.store->trail), "tip_0000"));
}

static void a_secret_in_the_path_stays_out(void **state)
{
	(void)state;
	assert_int_equal(get(TOKEN_OFFICER, "/api/v1/tips/151234567890123456789012").status, 404);
	assert_int_equal(get(TOKEN_OFFICER, "/api/v1/tips/13800138000/files/1").status, 404);
	assert_int_equal(get(TOKEN_OFFICER, "/api/v1/tips?held=13800138000&13800138000=1").status, 400);
	assert_true(rig_has(event_of("read", 1), "\"id\":\"?\""));
	assert_true(rig_has(event_of("read_file", 1), "\"id\":\"?/1\""));
	assert_true(rig_has(event_of("view", 1), "\"query\":\"held=? ?\""));
	assert_false(rig_has(buf_span(&rig.store->trail), "13800138000"));
	assert_false(rig_has(buf_span(&rig.store->trail), "1512345678"));
}

static void a_region_is_one_or_the_id(void **state)
{
	const char *token = app_rig_token(&rig, "zhang", TOKEN_OFFICER, "150000", &arena);
	const char *fields = arena_printf(&arena, "Authorization: Bearer %s\r\nContent-Type: application/json\r\n", token);
	struct span event;

	(void)state;
	assert_int_equal(app_rig_ask(&rig, SITE_STAFF, "POST", "/api/v1/queues/150602/claim", fields, SPAN("{}")).status, 200);
	event = event_of("claim", 1);
	assert_true(rig_has(event, "\"region\":\"150602\"") && !rig_has(event, "\"id\""));
	app_rig_ask(&rig, SITE_STAFF, "POST", "/api/v1/queues/here/claim", fields, SPAN("{}"));
	event = event_of("claim", 2);
	assert_true(rig_has(event, "\"id\":\"here\"") && !rig_has(event, "\"region\""));
}

/* --- reading it ------------------------------------------------------------------------------- */

static void the_trail_is_read_and_that_is_in_it(void **state)
{
	struct rig_answer answer;

	(void)state;
	get(TOKEN_OFFICER, "/api/v1/tips/15-ABCDEFGHJK");
	get(TOKEN_OFFICER, "/api/v1/tips/15-ABCDEFGHJK/files/2");
	get(TOKEN_OFFICER, "/api/v1/tips/15-BBCDEFGHJK");
	assert_int_equal(get(TOKEN_OFFICER, "/api/v1/audit/trail").status, 403);
	answer = get(TOKEN_AUDITOR, "/api/v1/audit/trail");
	assert_int_equal(answer.status, 200);
	assert_true(rig_has(answer.body, "{\"events\":[{\"number\":1,\"event\":\"sign_in\""));
	assert_true(rig_has(answer.body, "\"call\":\"audit_trail\""));
	event_of("export", 1);
	answer = get(TOKEN_AUDITOR, "/api/v1/audit/trail?id=15-ABCDEFGHJK&event=read&person=zhang");
	assert_true(rig_has(answer.body, "\"id\":\"15-ABCDEFGHJK\""));
	assert_false(rig_has(answer.body, "15-BBCDEFGHJK") || rig_has(answer.body, "sign_in"));
	assert_true(rig_has(event_of("export", 2), "\"query\":\"id=15-ABCDEFGHJK event=read person=zhang\""));
	answer = get(TOKEN_AUDITOR, "/api/v1/audit/trail?id=15-ABCDEFGHJK&format=jsonl");
	assert_true(rig_has(answer.body, "\"event\":\"read_file\"") && rig_has(answer.body, "}\n{\"next\":"));
	assert_true(rig_has(get(TOKEN_AUDITOR, "/api/v1/audit/trail?person=li").body, "\"events\":[]"));
	assert_true(rig_has(get(TOKEN_AUDITOR, "/api/v1/audit/trail?max=2").body, "\"next\":3}"));
	assert_true(rig_has(get(TOKEN_AUDITOR, "/api/v1/audit/trail?from=3&max=1").body, "[{\"number\":3,"));
}

static void wrong_filters_are_named(void **state)
{
	static const char *const wrong[] = { "event=reads", "format=xml", "max=9999", "from=x" };

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(get(TOKEN_AUDITOR, arena_printf(&arena, "/api/v1/audit/trail?%s", wrong[i])).status, 400);
}

/* The filter is held against the whole journal, piece by piece. */
static void a_rare_event_is_found(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 1200; i++)
		trail_note(rig.app.trail, &(struct trail_event){ .kind = i == 1100 ? TRAIL_KEY_MADE : TRAIL_VIEW });
	app_rig_settle(&rig);
	assert_true(rig_has(get(TOKEN_AUDITOR, "/api/v1/audit/trail?event=key_made").body, "{\"events\":[{\"number\":1101,\"event\":\"key_made\""));
}

static void roles_in_words(void **state)
{
	char text[TRAILING_ROLES_MAX];

	(void)state;
	assert_true(span_is(trailing_roles(0, text), ""));
	assert_true(span_is(trailing_roles(WHO_STAFF, text), "officer verifier proposer approver finance auditor admin cashier"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_route_leaves_an_event_or_is_listed),
		cmocka_unit_test_setup_teardown(a_read_leaves_one_event, begin, finish),
		cmocka_unit_test_setup_teardown(what_a_page_asks_by_itself_is_told_apart, begin, finish),
		cmocka_unit_test_setup_teardown(nothing_is_shown_when_it_cannot_be_written, begin, finish),
		cmocka_unit_test_setup_teardown(routes_that_show_nothing_need_no_trail, begin, finish),
		cmocka_unit_test_setup_teardown(who_is_not_let_in_leaves_no_read, begin, finish),
		cmocka_unit_test_setup_teardown(a_secret_in_the_path_stays_out, begin, finish),
		cmocka_unit_test_setup_teardown(a_region_is_one_or_the_id, begin, finish),
		cmocka_unit_test_setup_teardown(the_trail_is_read_and_that_is_in_it, begin, finish),
		cmocka_unit_test_setup_teardown(wrong_filters_are_named, begin, finish),
		cmocka_unit_test_setup_teardown(a_rare_event_is_found, begin, finish),
		cmocka_unit_test(roles_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
