/*
 * Readiness and figures over the listener of operations.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/loop/loop.h"
#include "handlers/intake/intake.h"
#include "handlers/ops/readiness.h"
#include "tests/support/app_rig.h"

#include <stdlib.h>

static struct app_rig rig;

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
	return 0;
}

static int finish_all(void **state)
{
	(void)state;
	app_rig_done();
	return 0;
}

static struct rig_answer get(const char *path)
{
	return app_rig_ask(&rig, SITE_OPS, "GET", path, NULL, (struct span){ 0 });
}

static void accepted(void *ctx, const struct intake_result *result)
{
	*(enum intake_verdict *)ctx = result->verdict;
}

static void take_tip(enum intake_verdict verdict)
{
	struct intake_request request = { .tip = { .text = SPAN("help"), .channel = TIP_BY_WEB, .received_ms = 1 } };
	enum intake_verdict got = INTAKE_INVALID;

	intake_submit(rig.app.intake, &request, accepted, &got);
	app_rig_settle(&rig);
	assert_int_equal(got, verdict);
}

static void alive_is_not_ready(void **state)
{
	(void)state;
	rig.store->base.up = false;
	assert_int_equal(get("/healthz").status, 200);
	assert_int_equal(get("/readyz").status, 503);
	assert_true(rig_has(get("/readyz").body, "store: "));
}

/* The store in memory says of itself that it is not durable. */
static void a_store_that_forgets_is_a_fault(void **state)
{
	struct rig_answer answer;

	(void)state;
	app_rig_settle(&rig);
	assert_true(readiness_view(rig.app.readiness)->checked);
	assert_false(readiness_view(rig.app.readiness)->store_durable);
	answer = get("/readyz");
	assert_int_equal(answer.status, 503);
	assert_true(rig_has(answer.body, "in memory"));
	assert_true(rig_has(answer.body, "\"ready\":false"));
}

static void draining_is_not_ready(void **state)
{
	(void)state;
	rig.app.draining = true;
	assert_true(rig_has(get("/readyz").body, "draining"));
}

static void a_spool_that_holds_tips_is_a_warning_a_full_one_a_fault(void **state)
{
	(void)state;
	rig.store->base.up = false;
	take_tip(INTAKE_ACCEPTED);
	assert_true(rig_has(get("/readyz").body, "\"spool_depth\":1"));
	assert_false(rig_has(get("/readyz").body, "spool: it is full"));
	app_rig_spool(&rig, 10);
	take_tip(INTAKE_BUSY);
	assert_true(rig_has(get("/readyz").body, "spool: it is full"));
}

static void freeing_with_a_question_out_waits_for_the_answer(void **state)
{
	struct readiness *other;

	(void)state;
	rig.store->trouble = TROUBLE_HELD;
	other = readiness_new(&rig.app);
	app_rig_settle(&rig);
	readiness_free(other);
	rig.store->trouble = TROUBLE_NONE;
	store_double_release(rig.store);
	app_rig_settle(&rig);
}

static double figure(struct span text, const char *line)
{
	struct span rest = text;
	struct span found;

	while (span_cut(&rest, '\n', &found))
		if (span_starts(found, span_of(line)))
			return strtod(found.at + strlen(line), NULL);
	fail_msg("no %s", line);
	return 0;
}

static void figures_count_what_happened(void **state)
{
	struct rig_answer answer;

	(void)state;
	take_tip(INTAKE_ACCEPTED);
	rig.store->base.up = false;
	take_tip(INTAKE_ACCEPTED);
	answer = get("/metrics");
	assert_int_equal(answer.status, 200);
	assert_true(rig_has(answer.head, "text/plain; version=0.0.4"));
	assert_true(figure(answer.body, "tipline_intake_total{verdict=\"accepted\"} ") == 2);
	assert_true(figure(answer.body, "tipline_tips_accepted_total{channel=\"web\"} ") == 2);
	assert_true(figure(answer.body, "tipline_commit_stored_total ") == 1);
	assert_true(figure(answer.body, "tipline_commit_spooled_total ") == 1);
	assert_true(figure(answer.body, "tipline_spool_depth ") == 1);
	assert_true(figure(answer.body, "tipline_store_up ") == 0);
	assert_true(figure(answer.body, "tipline_http_requests_total{listener=\"ops\"} ") >= 1);
	assert_true(figure(answer.body, "tipline_process_resident_memory_bytes ") > 1000000);
	assert_true(figure(answer.body, "tipline_process_open_fds ") > 3);
}

/* Each family has its head once, right before its samples; no sample comes twice. */
static void figures_are_well_formed(void **state)
{
	struct rig_answer answer = get("/metrics");
	struct span rest = answer.body;
	struct span line;
	struct span family = { 0 };

	(void)state;
	while (span_cut(&rest, '\n', &line) && rest.at != NULL) {
		struct span word = line;

		if (span_starts(line, SPAN("# HELP "))) {
			word = span_from_offset(line, 7);
			family = span_from(word.at, span_find(word, SPAN(" ")));
			continue;
		}
		if (span_starts(line, SPAN("# TYPE "))) {
			assert_true(span_starts(span_from_offset(line, 7), family));
			continue;
		}
		assert_true(span_starts(line, family));
		assert_true(span_starts(line, SPAN("tipline_")));
		assert_int_equal(span_find(span_from_offset(rest, 0), span_from(line.at, span_find(line, SPAN(" ")) + 1)),
				 rest.len);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)
	const struct CMUnitTest tests[] = {
		TEST(alive_is_not_ready),
		TEST(a_store_that_forgets_is_a_fault),
		TEST(draining_is_not_ready),
		TEST(a_spool_that_holds_tips_is_a_warning_a_full_one_a_fault),
		TEST(freeing_with_a_question_out_waits_for_the_answer),
		TEST(figures_count_what_happened),
		TEST(figures_are_well_formed),
	};

	return cmocka_run_group_tests(tests, NULL, finish_all);
}
