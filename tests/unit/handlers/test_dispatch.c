/*
 * The way from a request to its row: over real listeners, with real tokens.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/sys/clock.h"
#include "tests/support/app_rig.h"

#include <stdio.h>

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
	return 0;
}

static int finish_all(void **state)
{
	(void)state;
	app_rig_done();
	return 0;
}

static const char *bearer(const char *person, unsigned roles, const char *region)
{
	return arena_printf(&arena, "Authorization: Bearer %s\r\n", app_rig_token(&rig, person, roles, region, &arena));
}

static struct rig_answer get(enum site site, const char *path, const char *fields)
{
	return app_rig_ask(&rig, site, "GET", path, fields, (struct span){ 0 });
}

/* --- paths ------------------------------------------------------------------------------ */

static void a_path_leads_to_its_row_on_its_site_only(void **state)
{
	(void)state;
	assert_int_equal(get(SITE_OPS, "/healthz", NULL).status, 200);
	assert_int_equal(get(SITE_PUBLIC, "/healthz", NULL).status, 404);
	assert_int_equal(get(SITE_STAFF, "/healthz", NULL).status, 404);
	assert_int_equal(get(SITE_PUBLIC, "/", NULL).status, 200);
	assert_int_equal(get(SITE_OPS, "/", NULL).status, 404);
	assert_int_equal(get(SITE_PUBLIC, "/api/v1/queues", NULL).status, 404);
}

static void a_segment_more_or_less_is_another_path(void **state)
{
	static const char *const paths[] = { "/healthz/", "/healthz/x", "//healthz", "/health", "/HEALTHZ", "/" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(paths); i++)
		if (get(SITE_OPS, paths[i], NULL).status != 404)
			fail_msg("%s", paths[i]);
}

static void an_empty_segment_fills_no_place(void **state)
{
	const char *token = bearer("a", WHO_OFFICER, "000000");

	(void)state;
	assert_int_equal(get(SITE_STAFF, "/api/v1/tips/", token).status, 404);
	assert_string_equal(arena_printf(&arena, "%.*s", 11,
					 rig_member(get(SITE_STAFF, "/api/v1/tips/x", token).body, "code").at),
			    "no_such_tip");
}

static void another_method_gets_405_and_those_that_are_allowed(void **state)
{
	struct rig_answer answer = app_rig_ask(&rig, SITE_OPS, "POST", "/healthz", NULL, SPAN("{}"));

	(void)state;
	assert_int_equal(answer.status, 405);
	assert_true(rig_has(answer.head, "\r\nAllow: GET, HEAD\r\n"));
	answer = get(SITE_PUBLIC, "/api/v1/tips", NULL);
	assert_int_equal(answer.status, 405);
	assert_true(rig_has(answer.head, "\r\nAllow: POST\r\n"));
	answer = app_rig_ask(&rig, SITE_PUBLIC, "DELETE", "/receipt", NULL, (struct span){ 0 });
	assert_int_equal(answer.status, 405);
	assert_true(rig_has(answer.head, "\r\nAllow: GET, HEAD, POST\r\n"));
}

static void head_is_get_without_its_body(void **state)
{
	struct rig_answer answer = app_rig_ask(&rig, SITE_OPS, "HEAD", "/healthz", NULL, (struct span){ 0 });

	(void)state;
	assert_int_equal(answer.status, 200);
	assert_int_equal(answer.body.len, 0);
	assert_true(rig_has(answer.head, "Content-Length: 14"));
}

static void what_is_not_there_is_a_page_for_people_and_a_problem_for_programs(void **state)
{
	struct rig_answer answer = get(SITE_PUBLIC, "/nothing", NULL);

	(void)state;
	assert_int_equal(answer.status, 404);
	assert_true(rig_has(answer.head, "text/html"));
	answer = get(SITE_PUBLIC, "/api/v1/nothing", NULL);
	assert_int_equal(answer.status, 404);
	assert_true(rig_has(answer.head, "application/problem+json"));
	assert_true(rig_has(answer.body, "\"code\":\"not_found\""));
	assert_true(rig_has(answer.body, "\"type\":\"about:blank\""));
	assert_true(rig_has(answer.body, "\"title\":\"Not Found\""));
}

/* --- bodies -------------------------------------------------------------------------------- */

static void a_small_body_has_its_limit(void **state)
{
	char *big = arena_alloc(&arena, 70000);
	struct span body = span_from(memset(big, ' ', 70000), 70000);
	const char *json = "Content-Type: application/json\r\n";

	(void)state;
	assert_int_equal(app_rig_ask(&rig, SITE_PUBLIC, "POST", "/api/v1/receipt", json, body).status, 413);
	assert_int_equal(app_rig_ask(&rig, SITE_PUBLIC, "POST", "/api/v1/tips", json, body).status, 413);
	body.len = 100;
	assert_int_equal(app_rig_ask(&rig, SITE_PUBLIC, "POST", "/api/v1/receipt", json, body).status, 400);
}

/* --- who -------------------------------------------------------------------------------------- */

static void staff_calls_need_a_valid_token(void **state)
{
	static const char *const fields[] = {
		NULL,
		"Authorization: Bearer\r\n",
		"Authorization: Bearer \r\n",
		"Authorization: Bearer tip_0000000000000000000000000000000000000000000\r\n",
		"Authorization: Basic dGlw\r\n",
		"Cookie: token=x\r\n",
	};

	(void)state;
	bearer("a", WHO_OFFICER, "000000");
	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		struct rig_answer answer = get(SITE_STAFF, "/api/v1/queues", fields[i]);

		assert_int_equal(answer.status, 401);
		assert_true(rig_has(answer.head, "\r\nWWW-Authenticate: Bearer"));
	}
}

static void a_token_is_good_until_it_is_revoked(void **state)
{
	const char *token = bearer("a", WHO_OFFICER, "000000");
	struct complaint why;

	(void)state;
	assert_int_equal(get(SITE_STAFF, "/api/v1/queues", token).status, 200);
	tokens_refresh(rig.app.tokens, NULL);
	assert_true(token_revoke(rig.home, span_of(tokens_at(rig.app.tokens, 0)->id), &why));
	assert_int_equal(get(SITE_STAFF, "/api/v1/queues", token).status, 401);
}

/* A path of the row: its places filled with something. */
static const char *path_of(const struct endpoint *row)
{
	struct buf path = { 0 };
	const char *copy;

	for (const char *at = row->path; *at != '\0'; at++) {
		if (*at != '{') {
			buf_add_byte(&path, *at);
			continue;
		}
		buf_add_text(&path, strncmp(at, "{action", 7) == 0 ? "note" : "150000");
		at = strchr(at, '}');
	}
	copy = arena_dup(&arena, buf_span(&path)).at;
	buf_release(&path);
	return copy;
}

/* Every staff row, every role: 403 exactly where the column does not have the role. */
static void each_role_may_call_what_its_column_says(void **state)
{
	size_t n;
	const struct endpoint *table = routes(&n);

	(void)state;
	for (unsigned role = 0; role < TOKEN_ROLES; role++) {
		const char *token = bearer("a", 1u << role, "000000");

		for (size_t i = 0; i < n; i++) {
			const struct endpoint *row = &table[i];
			struct span body = row->body == BODY_NONE ? (struct span){ 0 } : SPAN("{\"max\":1}");
			struct rig_answer answer;

			if (row->site != SITE_STAFF || row->who == WHO_ANYONE)
				continue;
			answer = app_rig_ask(&rig, SITE_STAFF, http_method_name(row->method), path_of(row), token, body);
			assert_int_not_equal(answer.status, 401);
			if ((answer.status == 403) != ((row->who & 1u << role) == 0))
				fail_msg("%s for role %u: %d", row->path, role, answer.status);
		}
	}
}

static void a_row_for_nobody_is_closed(void **state)
{
	size_t n;
	const struct endpoint *table = routes(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		assert_int_not_equal(table[i].who, WHO_NOBODY);
		assert_non_null(table[i].run);
		assert_int_equal(table[i].body == BODY_OWN, table[i].head != NULL);
		assert_true(table[i].site != SITE_STAFF || table[i].who != WHO_ANYONE ||
			    table[i].method == HTTP_GET);
	}
}

/* --- fields of every answer --------------------------------------------------------------------- */

static void no_answer_may_be_kept_or_framed(void **state)
{
	static const struct {
		enum site site;
		const char *path;
	} calls[] = {
		{ SITE_PUBLIC, "/" },	     { SITE_PUBLIC, "/receipt" },	{ SITE_PUBLIC, "/nothing" },
		{ SITE_PUBLIC, "/api/x" },   { SITE_STAFF, "/api/v1/queues" }, { SITE_OPS, "/readyz" },
		{ SITE_OPS, "/metrics" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(calls); i++) {
		struct rig_answer answer = get(calls[i].site, calls[i].path, NULL);

		assert_true(rig_has(answer.head, "\r\nCache-Control: no-store\r\n"));
		assert_true(rig_has(answer.head, "\r\nX-Content-Type-Options: nosniff\r\n"));
		assert_true(rig_has(answer.head, "\r\nReferrer-Policy: no-referrer\r\n"));
		if (rig_has(answer.head, "text/html")) {
			assert_true(rig_has(answer.head, "\r\nX-Frame-Options: DENY\r\n"));
			assert_true(rig_has(answer.head, "\r\nContent-Security-Policy: "));
		}
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)
	const struct CMUnitTest tests[] = {
		TEST(a_path_leads_to_its_row_on_its_site_only),
		TEST(a_segment_more_or_less_is_another_path),
		TEST(an_empty_segment_fills_no_place),
		TEST(another_method_gets_405_and_those_that_are_allowed),
		TEST(head_is_get_without_its_body),
		TEST(what_is_not_there_is_a_page_for_people_and_a_problem_for_programs),
		TEST(a_small_body_has_its_limit),
		TEST(staff_calls_need_a_valid_token),
		TEST(a_token_is_good_until_it_is_revoked),
		TEST(each_role_may_call_what_its_column_says),
		TEST(a_row_for_nobody_is_closed),
		TEST(no_answer_may_be_kept_or_framed),
	};

	return cmocka_run_group_tests(tests, NULL, finish_all);
}
