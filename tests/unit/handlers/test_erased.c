/*
 * The report of retention, and a round on demand: counts of the caller's region
 * alone, in order, in pages, as JSON and CSV.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/retention.h"
#include "daemon/jobs/retention.h"
#include "tests/support/app_rig.h"
#include "tests/support/spool_tip.h"

#define DAY_MS 86400000u
#define PATH "/api/v1/audit/retention"

static const char shards[][3] = { "15" };
static struct app_rig rig;
static struct arena arena;
static struct retention_rules rules;
static const char *auditor, *admin, *officer, *other;
static struct store_reply reply;
static struct store_row row;

static void saw(void *ctx, const struct store_reply *answer)
{
	(void)ctx;
	reply = *answer;
	if (answer->nrows > 0)
		row = answer->rows[0];
}

static void ask_store(const struct store_request *request)
{
	store_submit(rig.store->memory, request, (struct store_wait){ .done = saw });
	app_rig_settle(&rig);
}

static void end_tip(unsigned number, const char *outcome)
{
	struct tip_id id = spool_tip_make(&arena, number).id;
	struct store_change change = { .id = id, .state = TIP_CLOSED, .end = { .outcome = span_of(outcome), .at_ms = CLOCK_NOW },
				       .event = SPAN("{\"e\":\"closed\"}") };

	ask_store(&(struct store_request){ .op = STORE_READ, .id = id });
	change.expect_rev = row.rev;
	change.points = row.points;
	memcpy(change.region, row.region, sizeof(change.region));
	ask_store(&(struct store_request){ .op = STORE_CHANGE, .change = &change });
	assert_int_equal(reply.verdict, STORE_OK);
}

/* Three tips, two outcomes; identity and files go on the first day. */
static int begin(void **state)
{
	static const int days[RETENTION_PARTS] = { 1, 1, 300, 400 };
	struct store_tip tips[3];

	(void)state;
	app_rig_open(&rig, NULL);
	auditor = app_rig_token(&rig, "zhao", WHO_AUDITOR, "150000", &arena);
	admin = app_rig_token(&rig, "qian", WHO_ADMIN, "150000", &arena);
	officer = app_rig_token(&rig, "li", WHO_OFFICER, "150000", &arena);
	other = app_rig_token(&rig, "sun", WHO_AUDITOR, "110000", &arena);
	for (size_t i = 0; i < RETENTION_OUTCOMES; i++)
		memcpy(rules.days[i], days, sizeof(days));
	for (unsigned i = 0; i < 3; i++)
		tips[i] = spool_tip_make(&arena, i);
	ask_store(&(struct store_request){ .op = STORE_ACCEPT, .tips = tips, .ntips = 3 });
	for (unsigned i = 0; i < 3; i++)
		end_tip(i, i == 0 ? "unfounded" : "prank");
	return 0;
}

static int finish(void **state)
{
	(void)state;
	retention_free(rig.app.retention);
	app_rig_close(&rig);
	arena_release(&arena);
	return 0;
}

static struct rig_answer call(const char *method, const char *path, const char *token)
{
	const char *fields = arena_printf(&arena, "Authorization: Bearer %s\r\n%s", token,
					  method[0] == 'P' ? "Content-Type: application/json\r\n" : "");

	return app_rig_ask(&rig, SITE_STAFF, method, path, fields, method[0] == 'P' ? SPAN("{}") : (struct span){ 0 });
}

static void have_job(bool on)
{
	rig.app.retention = retention_new(&(struct retention_env){ .loop = rig.loop, .store = rig.app.store, .shards = shards, .nshards = 1,
								   .holder = SPAN("test"), .period_ms = 3600000, .settle_ms = 1 });
	retention_set(rig.app.retention, on ? &rules : NULL);
}

/* As the answer to "run" promises. */
static void run_round(void)
{
	struct rig_answer answer = call("POST", "/api/v1/retention/run", admin);
	struct retention_figures figures = { .round_ms = 0 };

	assert_int_equal(answer.status, 200);
	assert_true(rig_has(answer.body, "\"clock_waits\":false,\"last_round_at\":null,\"due\":0,\"held\":0"));
	for (int i = 0; i < 30000 && figures.round_ms == 0; i++) {
		app_rig_run(&rig, 1);
		retention_figures(rig.app.retention, &figures);
	}
	assert_true(figures.round_ms > 0);
}

static void expect_page(const char *query, const char *body)
{
	struct rig_answer answer = call("GET", query, auditor);

	assert_int_equal(answer.status, 200);
	if (!rig_has(answer.body, body))
		fail_msg("%s: %.*s", query, (int)answer.body.len, answer.body.at);
}

static void nothing_was_deleted_yet(void **state)
{
	(void)state;
	expect_page(PATH, "{\"rows\":[],\"next\":null}");
	expect_page(PATH "?format=csv", "month,region,outcome,part,tips\n");
}

static void what_was_deleted_is_counted(void **state)
{
	(void)state;
	store_memory_advance(rig.store->memory, 2 * DAY_MS);
	have_job(true);
	run_round();
	expect_page(PATH, "\"region\":\"150602\",\"outcome\":\"prank\",\"part\":\"files\",\"tips\":2},");
	expect_page(PATH, "\"outcome\":\"prank\",\"part\":\"identity\",\"tips\":2},");
	expect_page(PATH, "\"outcome\":\"unfounded\",\"part\":\"identity\",\"tips\":1}],\"next\":null}");
	expect_page(PATH "?format=csv", ",150602,prank,files,2\n");
	expect_page(PATH "?max=1", "\"part\":\"files\",\"tips\":2}],\"next\":\"");
	assert_int_equal(call("GET", PATH, other).status, 200);
	assert_true(rig_has(call("GET", PATH, other).body, "{\"rows\":[],\"next\":null}"));
}

static void pages_follow_one_another(void **state)
{
	struct rig_answer answer;
	struct span next = { 0 };
	unsigned rows = 0;

	(void)state;
	store_memory_advance(rig.store->memory, 2 * DAY_MS);
	have_job(true);
	run_round();
	do {
		answer = call("GET", arena_printf(&arena, PATH "?max=1&after=%.*s", (int)next.len, next.at), auditor);
		assert_int_equal(answer.status, 200);
		rows += rig_has(answer.body, "\"month\"");
		next = arena_dup(&arena, rig_member(answer.body, "next"));
	} while (next.len > 0 && rows < 10);
	assert_int_equal(rows, 4);
}

static void who_may_not_is_told(void **state)
{
	(void)state;
	assert_int_equal(call("GET", PATH, officer).status, 403);
	assert_int_equal(call("GET", PATH "?format=xml", auditor).status, 400);
	assert_int_equal(call("GET", PATH "?max=5001", auditor).status, 400);
	assert_int_equal(call("POST", "/api/v1/retention/run", auditor).status, 403);
	assert_true(rig_has(call("POST", "/api/v1/retention/run", admin).body, "\"no_jobs\""));
	have_job(false);
	assert_true(rig_has(call("POST", "/api/v1/retention/run", admin).body, "\"retention_off\""));
	rig.store->base.up = false;
	assert_int_equal(call("GET", PATH, auditor).status, 503);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(nothing_was_deleted_yet), TEST(what_was_deleted_is_counted), TEST(pages_follow_one_another),
					    TEST(who_may_not_is_told) };
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	app_rig_done();
	return failed;
}
