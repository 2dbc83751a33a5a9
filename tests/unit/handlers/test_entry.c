/*
 * Coming in with a password, over HTTP against the wired handlers: set up, sign
 * in, work, leave; and a process that ends while passwords are calculated.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/loop/loop.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/keys.h"
#include "daemon/sys/totp.h"
#include "handlers/staff/entry.h"
#include "handlers/staff/second_factor.h"
#include "tests/support/app_rig.h"

#include <stdio.h>
#include <stdlib.h>

#define PASSWORD "four words that are long"
#define SESSION "/api/v1/session"

static struct app_rig rig;
static struct arena arena;
static struct complaint why;
static char cookie[256], word[96];

static int begin(void **state)
{
	struct entry_env env;

	(void)state;
	app_rig_open(&rig, NULL);
	rig.app.accounts = accounts_load(rig.home, &why);
	assert_non_null(rig.app.accounts);
	env = (struct entry_env){ .loop = rig.loop, .state_dir = rig.home, .accounts = rig.app.accounts, .staff_key = keys_staff(rig.app.keys),
				  .keyrings = rig.app.keyrings, .trail = rig.app.trail, .idle_ms = 900000 };
	rig.app.entry = entry_new(&env, &why);
	assert_non_null(rig.app.entry);
	cookie[0] = word[0] = '\0';
	return 0;
}

static int finish(void **state)
{
	(void)state;
	entry_free(rig.app.entry);
	accounts_free(rig.app.accounts);
	app_rig_close(&rig);
	arena_release(&arena);
	return 0;
}

static struct rig_answer ask(const char *method, const char *path, const char *json)
{
	char fields[512];

	snprintf(fields, sizeof(fields), "%s%s%s%s%s%s", cookie[0] != '\0' ? "Cookie: " : "", cookie, cookie[0] != '\0' ? "\r\n" : "",
		 word[0] != '\0' ? "X-CSRF-Token: " : "", word, word[0] != '\0' ? "\r\n" : "");
	return app_rig_ask(&rig, SITE_STAFF, method, path, fields, json != NULL ? span_of(json) : (struct span){ 0 });
}

static void assert_refused(struct rig_answer answer, int status, const char *code)
{
	assert_int_equal(answer.status, status);
	assert_true(span_is(rig_member(answer.body, "code"), code));
}

/* An account at a region, set up; `secret` gets its second factor. */
static void enroll(const char *person, unsigned char secret[TOTP_SECRET_BYTES])
{
	const struct account_grant grant = { .role = TOKEN_OFFICER, .region = "150600" };
	char code[ACCOUNT_SETUP_CODE_BYTES + 1];
	const struct account *row;
	struct rig_answer answer;

	assert_true(account_invite(rig.home, span_of(person), SPAN("Somebody"), clock_wall_ms(), code, &why));
	assert_true(account_grant_add(rig.home, (struct span){ 0 }, span_of(person), &grant, &why));
	answer = ask("POST", SESSION "/setup",
		     arena_printf(&arena, "{\"account\":\"%s\",\"code\":\"%s\",\"password\":\"" PASSWORD "\"}", person, code));
	assert_int_equal(answer.status, 201);
	assert_true(accounts_refresh(rig.app.accounts, &why));
	row = accounts_find(rig.app.accounts, span_of(person));
	assert_non_null(row);
	assert_true(second_factor_open(keys_staff(rig.app.keys), span_of(person), row->totp_sealed, secret));
}

static const char *sign_in_body(const char *person, const char *password, const unsigned char secret[TOTP_SECRET_BYTES])
{
	char code[TOTP_DIGITS + 1];

	totp_code(secret, clock_wall_ms() / TOTP_STEP_MS, code);
	return arena_printf(&arena, "{\"account\":\"%s\",\"password\":\"%s\",\"totp\":\"%s\"}", person, password, code);
}

static void keep(struct rig_answer answer)
{
	size_t at = span_find(answer.head, SPAN("Set-Cookie: "));
	struct span rest = span_from_offset(answer.head, at + 12), csrf = rig_member(answer.body, "csrf");

	assert_true(at < answer.head.len && csrf.len > 0);
	snprintf(cookie, sizeof(cookie), "%.*s", (int)span_find(rest, SPAN(";")), rest.at);
	snprintf(word, sizeof(word), "%.*s", (int)csrf.len, csrf.at);
}

static void in_and_out(void **state)
{
	unsigned char secret[TOTP_SECRET_BYTES];
	struct rig_answer answer;

	(void)state;
	enroll("chen", secret);
	assert_refused(ask("POST", SESSION, sign_in_body("chen", "not that one, no", secret)), 401, "sign_in_failed");
	assert_refused(ask("POST", SESSION, sign_in_body("nobody", PASSWORD, secret)), 401, "sign_in_failed");
	assert_refused(ask("POST", SESSION, "{\"account\":\"chen\"}"), 400, "field_invalid");
	answer = ask("POST", SESSION, sign_in_body("chen", PASSWORD, secret));
	assert_int_equal(answer.status, 201);
	keep(answer);
	assert_int_equal(sessions_count(rig.app.entry->sessions), 1);
	answer = ask("GET", SESSION, NULL);
	assert_int_equal(answer.status, 200);
	assert_true(rig_has(answer.body, "\"roles\":[\"officer\"]"));
	assert_int_equal(ask("GET", "/api/v1/queues", NULL).status, 200);
	assert_int_equal(ask("DELETE", SESSION, NULL).status, 204);
	assert_int_equal(sessions_count(rig.app.entry->sessions), 0);
	assert_refused(ask("GET", SESSION, NULL), 401, "session_ended");
	/* The code was used. */
	cookie[0] = word[0] = '\0';
	assert_refused(ask("POST", SESSION, sign_in_body("chen", PASSWORD, secret)), 401, "sign_in_failed");
	assert_int_equal(rig.app.entry->results[ENTRY_SIGNED_IN], 1);
	assert_int_equal(rig.app.entry->results[ENTRY_FAILED], 3);
}

static void an_administrator_ends_what_is_open(void **state)
{
	unsigned char secret[TOTP_SECRET_BYTES];

	(void)state;
	enroll("chen", secret);
	keep(ask("POST", SESSION, sign_in_body("chen", PASSWORD, secret)));
	assert_int_equal(ask("GET", SESSION, NULL).status, 200);
	assert_true(account_sign_out(rig.home, SPAN("chen"), clock_wall_ms() - 60000, &why));
	assert_int_equal(ask("GET", SESSION, NULL).status, 200);
	assert_true(account_sign_out(rig.home, SPAN("chen"), clock_wall_ms(), &why));
	assert_refused(ask("GET", SESSION, NULL), 401, "session_ended");
	assert_true(rig_has(buf_span(&rig.store->trail), "\"call\":\"signed_out\""));
}

/* A second set-up with the same code, and one of somebody whose pair a token opens. */
static void setting_up_is_done_once_and_loses_no_keys(void **state)
{
	char code[ACCOUNT_SETUP_CODE_BYTES + 1];
	const char *token = app_rig_token(&rig, "li", TOKEN_OFFICER, "150600", &arena);
	const struct token *row;
	struct person_pair made;
	struct person_pair opened;
	const char *body;

	(void)state;
	tokens_refresh(rig.app.tokens, &why);
	row = tokens_find(rig.app.tokens, span_of(token), clock_wall_ms());
	assert_non_null(row);
	assert_true(person_keys_make(rig.home, SPAN("li"), (struct span){ 0 }, span_of(row->id), span_of(token), &made, &why));
	assert_true(account_invite(rig.home, SPAN("li"), SPAN("Li"), clock_wall_ms(), code, &why));
	body = arena_printf(&arena, "{\"account\":\"li\",\"code\":\"%s\",\"password\":\"" PASSWORD "\"", code);
	assert_refused(ask("POST", SESSION "/setup", arena_printf(&arena, "%s}", body)), 409, "own_token_needed");
	assert_int_equal(ask("POST", SESSION "/setup", arena_printf(&arena, "%s,\"token\":\"%s\"}", body, token)).status, 201);
	assert_refused(ask("POST", SESSION "/setup", arena_printf(&arena, "%s,\"token\":\"%s\"}", body, token)), 401, "set_up_failed");
	assert_int_equal(person_keys_open_password(rig.app.entry->pairs, SPAN("li"), SPAN(PASSWORD), &opened), PERSON_KEY_OPENED);
	assert_memory_equal(opened.secret_key, made.secret_key, PERSON_KEY_BYTES);
	person_pair_release(&opened);
	person_pair_release(&made);
}

static void without_the_key_of_staff_nobody_signs_in(void **state)
{
	struct entry *entry = rig.app.entry;

	(void)state;
	rig.app.entry = NULL;
	assert_refused(ask("POST", SESSION, "{}"), 503, "sign_in_unavailable");
	assert_refused(ask("POST", SESSION "/setup", "{}"), 503, "sign_in_unavailable");
	snprintf(cookie, sizeof(cookie), "tipline-session=%043d", 0);
	assert_refused(ask("GET", SESSION, NULL), 401, "session_ended");
	rig.app.entry = entry;
}

/* --- the end, with work under way ----------------------------------------------------------- */

struct slow_job {
	struct entry_job job;   /* first */
	unsigned number;
};

static unsigned finished, ran_whole;

static void run_slowly(struct entry_job *job)
{
	struct person_pair pair;

	if (person_keys_open_password(job->entry->pairs, SPAN("nobody"), SPAN(PASSWORD), &pair) == PERSON_KEY_OPENED)
		person_pair_release(&pair);
}

static void note_end(struct entry_job *job, bool ran)
{
	(void)job;
	finished++;
	ran_whole += ran;
}

static void the_end_answers_what_is_under_way(void **state)
{
	static struct slow_job jobs[12];

	(void)state;
	finished = ran_whole = 0;
	for (unsigned i = 0; i < 12; i++) {
		jobs[i].job = (struct entry_job){ .entry = rig.app.entry, .run = run_slowly, .finish = note_end };
		assert_true(entry_job_start(&jobs[i].job, &(struct slowdown_try){ .device = SPAN("known") }));
	}
	entry_free(rig.app.entry);
	rig.app.entry = NULL;
	assert_int_equal(finished, 12);
	assert_int_equal(ran_whole, 0);
}

/* Whoever fills the queue from one address leaves room for others, and takes none of those that are known. */
static void one_address_does_not_take_all_places(void **state)
{
	static struct slow_job jobs[14];
	const struct slowdown_try crowd = { .place = 7 }, other = { .place = 8 }, known = { .place = 7, .device = SPAN("known") };
	unsigned taken = 0;

	(void)state;
	finished = 0;
	for (unsigned i = 0; i < 14; i++)
		jobs[i].job = (struct entry_job){ .entry = rig.app.entry, .run = run_slowly, .finish = note_end };
	while (taken < 12 && entry_job_start(&jobs[taken].job, &crowd))
		taken++;
	assert_int_equal(taken, 6);
	assert_true(entry_job_start(&jobs[12].job, &other));
	assert_true(entry_job_start(&jobs[13].job, &known));
	entry_free(rig.app.entry);
	rig.app.entry = NULL;
	assert_int_equal(finished, 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(in_and_out, begin, finish),
		cmocka_unit_test_setup_teardown(an_administrator_ends_what_is_open, begin, finish),
		cmocka_unit_test_setup_teardown(setting_up_is_done_once_and_loses_no_keys, begin, finish),
		cmocka_unit_test_setup_teardown(without_the_key_of_staff_nobody_signs_in, begin, finish),
		cmocka_unit_test_setup_teardown(one_address_does_not_take_all_places, begin, finish),
		cmocka_unit_test_setup_teardown(the_end_answers_what_is_under_way, begin, finish),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	app_rig_done();
	return failed;
}
