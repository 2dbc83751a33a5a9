/*
 * Tips and receipts over the public listener: three encodings in, two forms of
 * answer out, attachments sealed on disk or gone, one informant's whole way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/loop/flow.h"
#include "daemon/loop/loop.h"
#include "daemon/jobs/drain.h"
#include "handlers/intake/proofs.h"
#include "tests/support/app_rig.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

#define JSON "Content-Type: application/json\r\n"
#define FORM "Content-Type: application/x-www-form-urlencoded\r\n"
#define MULTIPART "Content-Type: multipart/form-data; boundary=cut\r\n"
#define WORDS "鄂尔多斯市东胜区的砖厂关着人不让走"

/* The smallest picture that libmagic believes. */
#define PNG "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0\x90wS\xde"

static struct app_rig rig;
static struct arena arena;

static int begin(void **state)
{
	(void)state;
	app_rig_open(&rig, NULL);
	return 0;
}

static int begin_limited(void **state)
{
	(void)state;
	app_rig_open(&rig, (const char *const[]){ "limits.enabled=true", NULL });
	return 0;
}

/* A wait of a second, little work. */
static int begin_low(void **state)
{
	(void)state;
	app_rig_open(&rig, (const char *const[]){ "limits.enabled=true", "limits.proof_wait_s=1", "limits.proof_bits=8",
						  NULL });
	return 0;
}

static int finish(void **state)
{
	(void)state;
	assert_int_equal(flow_count(rig.loop), 0);
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

static struct rig_answer post(const char *path, const char *fields, struct span body)
{
	return app_rig_ask(&rig, SITE_PUBLIC, "POST", path, fields, body);
}

static struct rig_answer api(const char *fields, const char *json)
{
	return post("/api/v1/tips", arena_printf(&arena, JSON "%s", fields), span_of(json));
}

static void assert_answer(struct rig_answer answer, int status, const char *part)
{
	if (answer.status != status || !rig_has(answer.body, part))
		fail_msg("%d %.*s\nwanted: %d %s", answer.status, (int)answer.body.len, answer.body.at, status, part);
}

static char *receipt_in(struct rig_answer answer)
{
	struct span code = rig_member(answer.body, "receipt");

	assert_int_equal(answer.status, 201);
	assert_int_equal(code.len, 24);
	return arena_printf(&arena, "%.24s", code.at);
}

static struct rig_answer look(const char *receipt, const char *more)
{
	return post("/api/v1/receipt", JSON, span_of(arena_printf(&arena, "{\"receipt\":\"%s\"%s}", receipt, more)));
}

/* --- the three encodings ------------------------------------------------------------------ */

static void a_tip_comes_in_as_json(void **state)
{
	struct rig_answer answer = api("", "{\"text\":\"" WORDS "\",\"place\":\"东胜\",\"unknown\":[1]}");

	(void)state;
	assert_answer(answer, 201, "\"promise\":{");
	assert_answer(look(receipt_in(answer), ""), 200, "\"state\":\"queued\"");
}

static void a_tip_comes_in_as_a_form_and_is_answered_with_a_page(void **state)
{
	struct rig_answer answer = post("/tips", FORM, SPAN("text=somebody+is+held+in+a+kiln&nonce=abc&lang=en"));

	(void)state;
	assert_answer(answer, 201, "<html");
	assert_true(rig_has(answer.head, "text/html"));
	answer = post("/tips", FORM "Accept: application/json\r\n", SPAN("text=somebody+is+held"));
	assert_int_equal(strlen(receipt_in(answer)), 24);
}

static void a_body_of_another_type_is_refused(void **state)
{
	(void)state;
	assert_answer(post("/api/v1/tips", "Content-Type: text/plain\r\n", SPAN("help")), 415, "media_type_unknown");
	assert_answer(post("/api/v1/tips", NULL, SPAN("help")), 415, "media_type_unknown");
	assert_int_equal(post("/tips", "Content-Type: text/plain\r\n", SPAN("help")).status, 415);
}

static void a_wrong_field_is_named(void **state)
{
	static const struct {
		const char *json;
		int status;
		const char *part;
	} cases[] = {
		{ "{}", 400, "\"code\":\"missing\"" },
		{ "{\"text\":\"  \"}", 400, "\"field\":\"text\"" },
		{ "{\"text\":7}", 400, "field_invalid" },
		{ "{\"text\":\"x\",\"region\":\"12\"}", 400, "not_six_digits" },
		{ "{\"text\":\"x\",\"region\":\"990000\"}", 400, "no_such_region" },
		{ "{\"text\":\"x\",\"text\":\"y\"}", 400, "not_json" },
		{ "[\"text\"]", 400, "not_json" },
		{ "{\"text\":\"\xff\"}", 400, "not_json" },
		{ "", 400, "not_json" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_answer(api("", cases[i].json), cases[i].status, cases[i].part);
	assert_int_equal(rig.store->calls[STORE_ACCEPT], 0);
}

static void a_form_with_a_fault_comes_back_with_what_was_typed(void **state)
{
	struct rig_answer answer = post("/tips", FORM, SPAN("text=&place=Gate+%3Cfour%3E&nonce=abc&lang=en"));

	(void)state;
	assert_answer(answer, 400, "Gate &lt;four&gt;");
	assert_true(rig_has(answer.body, "abc"));
}

static void a_text_that_is_too_long_is_413(void **state)
{
	char *json = arena_alloc(&arena, 20000);

	(void)state;
	memcpy(json, "{\"text\":\"", 9);
	memset(json + 9, 'a', 17000);
	memcpy(json + 9 + 17000, "\"}", 3);
	assert_answer(api("", json), 413, "too_long");
}

/* --- the same request again ------------------------------------------------------------------- */

static void a_key_makes_it_one_tip(void **state)
{
	const char *json = "{\"text\":\"" WORDS "\"}";
	struct rig_answer answer = api("Idempotency-Key: k-1\r\n", json);
	char *first = arena_printf(&arena, "%.*s", (int)answer.body.len, answer.body.at);

	(void)state;
	receipt_in(answer);
	answer = api("Idempotency-Key: k-1\r\n", json);
	assert_int_equal(answer.status, 201);
	assert_true(span_is(answer.body, first));
	assert_answer(api("Idempotency-Key: k-1\r\n", "{\"text\":\"" WORDS "!\"}"), 422, "key_reused");
	assert_false(span_is(api("Idempotency-Key: k-2\r\n", json).body, first));
}

static void a_key_that_is_none_is_refused(void **state)
{
	char *key = arena_alloc(&arena, 400);

	(void)state;
	memset(key, 'k', 256);
	assert_answer(api("Idempotency-Key: \r\n", "{\"text\":\"x\"}"), 400, "key_invalid");
	assert_answer(api("Idempotency-Key: a b\r\n", "{\"text\":\"x\"}"), 400, "key_invalid");
	assert_answer(api(arena_printf(&arena, "Idempotency-Key: %s\r\n", key), "{\"text\":\"x\"}"), 400, "key_invalid");
}

static void a_form_sent_twice_is_one_tip(void **state)
{
	const char *fields = FORM "Accept: application/json\r\n";
	char *first = receipt_in(post("/tips", fields, SPAN("text=somebody+is+held&nonce=0123")));

	(void)state;
	assert_string_equal(receipt_in(post("/tips", fields, SPAN("text=somebody+is+held&nonce=0123"))), first);
	assert_string_not_equal(receipt_in(post("/tips", fields, SPAN("text=somebody+is+held&nonce=4567"))), first);
}

/* --- when it cannot be taken ---------------------------------------------------------------------- */

static void a_tip_that_cannot_be_stored_is_said_so(void **state)
{
	struct rig_answer answer;

	(void)state;
	app_rig_spool(&rig, 10);
	rig.store->base.up = false;
	answer = api("", "{\"text\":\"" WORDS "\"}");
	assert_answer(answer, 503, "\"code\":\"busy\"");
	assert_true(rig_has(answer.head, "\r\nRetry-After: "));
	answer = post("/tips", FORM, SPAN("text=help&nonce=1"));
	assert_int_equal(answer.status, 503);
	assert_true(rig_has(answer.head, "text/html"));
}

static void too_many_tips_of_one_visitor_have_to_wait(void **state)
{
	struct rig_answer answer;

	(void)state;
	for (int i = 0; i < 3; i++)
		receipt_in(api("", "{\"text\":\"" WORDS "\"}"));
	answer = api("", "{\"text\":\"" WORDS "\"}");
	assert_answer(answer, 429, "too_many_tips");
	assert_true(rig_has(answer.head, "\r\nRetry-After: "));
	assert_true(rig_has(answer.head, "\r\nRateLimit-Policy: \"tips\";q=3;w=3\r\n"));
	assert_true(rig_has(answer.head, "\r\nRateLimit: \"tips\";r=0;t="));
	assert_true(rig_has(answer.body, "\"reason\":\"visitor\""));
	assert_int_equal(post("/tips", FORM, SPAN("text=x")).status, 429);
}

static unsigned files_under(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	unsigned n = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		n += entry->d_type == DT_DIR ? files_under(arena_printf(&arena, "%s/%s", path, entry->d_name)) : 1;
	}
	closedir(dir);
	return n;
}

/* What stands in the hidden field. */
static char *challenge_in(struct rig_answer page)
{
	static const char field[] = "name=\"challenge\" value=\"";
	size_t at = span_find(page.body, SPAN(field));

	assert_true(at < page.body.len);
	return arena_printf(&arena, "%.71s", page.body.at + at + strlen(field));
}

static struct rig_answer send_form(const char *nonce, const char *challenge, const char *solution)
{
	return post("/tips", FORM, span_of(arena_printf(&arena, "text=these+words&nonce=%s&challenge=%s&solution=%s",
							nonce, challenge, solution)));
}

static char *solve(const char *challenge)
{
	struct proof_challenge read;
	char *digits = arena_alloc(&arena, 24);
	unsigned n = 0;

	assert_true(proof_read(span_of(challenge), &read));
	do
		snprintf(digits, 24, "%u", n++);
	while (!proof_solves(&read, span_of(digits)));
	return digits;
}

/* A token a second comes back. */
static void drain_the_bucket(void)
{
	while (api("", "{\"text\":\"" WORDS "\"}").status == 201)
		;
}

static void a_form_with_work_behind_it_is_taken_once(void **state)
{
	struct rig_answer page = app_rig_ask(&rig, SITE_PUBLIC, "GET", "/report", NULL, SPAN(""));
	char *challenge, *digits;

	(void)state;
	assert_false(rig_has(page.body, "challenge"));
	drain_the_bucket();
	page = app_rig_ask(&rig, SITE_PUBLIC, "GET", "/report", NULL, SPAN(""));
	assert_true(rig_has(page.head, "script-src 'self'; worker-src 'self'"));
	challenge = challenge_in(page);
	digits = solve(challenge);
	drain_the_bucket();
	assert_answer(send_form("a", challenge, ""), 429, "these words");
	assert_answer(send_form("a", challenge, digits), 201, "<html");
	assert_answer(send_form("a", challenge, digits), 201, "<html");   /* the same request again */
	drain_the_bucket();
	assert_answer(send_form("b", challenge, digits), 429, "these words");
	assert_int_equal(proofs_figures(rig.app.proofs)->worked, 1);
}

static void a_form_that_came_back_keeps_its_challenge_and_words(void **state)
{
	struct rig_answer page;
	char *challenge;

	(void)state;
	drain_the_bucket();
	page = send_form("a", "", "");
	assert_answer(page, 429, "these words");
	assert_true(rig_has(page.head, "\r\nRetry-After: 1\r\n"));
	challenge = challenge_in(page);
	drain_the_bucket();
	assert_string_equal(challenge_in(send_form("a", challenge, "")), challenge);
	app_rig_run(&rig, 2100);   /* old enough: limits.proof_wait_s is 1 here */
	drain_the_bucket();
	assert_answer(send_form("a", challenge, ""), 201, "<html");
	assert_int_equal(proofs_figures(rig.app.proofs)->waited, 1);
}

static void files_come_in_only_behind_a_proof(void **state)
{
	static const char form[] = "--cut\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nhelp\r\n"
				   "--cut\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n"
				   "--cut\r\nContent-Disposition: form-data; name=\"solution\"\r\n\r\n%s\r\n"
				   "--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n"
				   "%s\r\n--cut--\r\n";
	char *challenge;

	(void)state;
	drain_the_bucket();
	challenge = challenge_in(post("/tips", MULTIPART, span_of(arena_printf(&arena, form, "none", "", "", "%PDF-1.4\n"))));
	assert_int_equal(files_under(rig.files_dir), 0);
	assert_answer(post("/tips", MULTIPART,
			   span_of(arena_printf(&arena, form, "challenge", challenge, solve(challenge), "%PDF-1.4\n"))),
		      201, "<html");
	assert_int_equal(files_under(rig.files_dir), 1);
}

/* --- attachments ----------------------------------------------------------------------------------- */

static struct buf body;

static void part(const char *head, struct span data)
{
	buf_printf(&body, "--cut\r\nContent-Disposition: form-data; %s\r\n\r\n", head);
	buf_add_span(&body, data);
	buf_add_text(&body, "\r\n");
}

static struct rig_answer send_parts(const char *fields)
{
	struct rig_answer answer;

	buf_add_text(&body, "--cut--\r\n");
	answer = post("/tips", arena_printf(&arena, MULTIPART "Accept: application/json\r\n%s", fields), buf_span(&body));
	buf_release(&body);
	return answer;
}

static struct span picture(size_t len)
{
	char *bytes = arena_alloc(&arena, len);

	for (size_t i = 0; i < len; i++)
		bytes[i] = (char)(i * 31 + i / 251);
	memcpy(bytes, PNG, sizeof(PNG) - 1);
	return span_from(bytes, len);
}

static const char *officer(void)
{
	return arena_printf(&arena, "Authorization: Bearer %s\r\n",
			    app_rig_token(&rig, "officer", WHO_OFFICER, "000000", &arena));
}

/* Around the size of a sealed piece, where offsets slip. */
static void an_attachment_is_given_back_to_the_officer_byte_for_byte(void **state)
{
	static const size_t sizes[] = { 40, 65535, 65536, 65537, 131072, 200001 };
	const char *who = officer();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		struct span bytes = picture(sizes[i]);
		struct rig_answer answer;
		const char *id;

		part("name=\"text\"", span_of(WORDS));
		part("name=\"file\"; filename=\"C:\\\\photos\\\\gate.png\"", bytes);
		answer = send_parts("");
		receipt_in(answer);
		id = arena_printf(&arena, "%.13s", rig_member(answer.body, "id").at);
		assert_int_equal(files_under(rig.files_dir), i + 1);
		answer = app_rig_ask(&rig, SITE_STAFF, "GET", arena_printf(&arena, "/api/v1/tips/%s/files/1/original", id), who,
				     (struct span){ 0 });
		assert_int_equal(answer.status, 200);
		assert_true(rig_has(answer.head, "\r\nContent-Type: image/png\r\n"));
		assert_true(rig_has(answer.head, "sandbox"));
		assert_int_equal(answer.body.len, bytes.len);
		assert_memory_equal(answer.body.at, bytes.at, bytes.len);
		answer = app_rig_ask(&rig, SITE_STAFF, "GET", arena_printf(&arena, "/api/v1/tips/%s", id), who,
				     (struct span){ 0 });
		assert_answer(answer, 200, "\"name\":\"gate.png\"");
		assert_true(rig_has(answer.body, "\"clean\":false"));
		/* These bytes only begin as a picture does. */
		assert_answer(app_rig_ask(&rig, SITE_STAFF, "GET", arena_printf(&arena, "/api/v1/tips/%s/files/1", id),
					  who, (struct span){ 0 }),
			      409, "no_clean_copy");
		assert_answer(app_rig_ask(&rig, SITE_STAFF, "GET", arena_printf(&arena, "/api/v1/tips/%s/files/2", id),
					  who, (struct span){ 0 }),
			      404, "no_such_file");
	}
}

static void what_lies_on_disk_is_sealed(void **state)
{
	struct span bytes = picture(500);
	char path[512];
	bool found = false;

	(void)state;
	part("name=\"text\"", span_of(WORDS));
	part("name=\"file\"; filename=\"a.png\"", bytes);
	receipt_in(send_parts(""));
	for (int d = 0; d < 256; d++) {
		char *dir_path = arena_printf(&arena, "%s/%02x", rig.files_dir, d);
		DIR *dir = opendir(dir_path);
		struct dirent *entry;

		while ((entry = readdir(dir)) != NULL) {
			char content[4096];
			FILE *file;
			size_t n;

			if (entry->d_name[0] == '.')
				continue;
			snprintf(path, sizeof(path), "%s/%s", dir_path, entry->d_name);
			file = fopen(path, "rb");
			n = fread(content, 1, sizeof(content), file);
			fclose(file);
			found = true;
			assert_true(n > bytes.len);
			assert_int_equal(span_find(span_from(content, n), SPAN("PNG")), n);
			assert_int_equal(span_find(span_from(content, n), span_from_offset(bytes, 100)), n);
		}
		closedir(dir);
	}
	assert_true(found);
}

static void an_empty_file_field_is_no_attachment(void **state)
{
	(void)state;
	part("name=\"text\"", span_of(WORDS));
	part("name=\"file\"; filename=\"\"", (struct span){ .at = "" });
	receipt_in(send_parts(""));
	assert_int_equal(files_under(rig.files_dir), 0);
}

static void what_is_refused_leaves_no_file(void **state)
{
	(void)state;
	part("name=\"file\"; filename=\"a.png\"", picture(70000));
	assert_answer(send_parts(""), 400, "missing");
	part("name=\"text\"", span_of(WORDS));
	part("name=\"file\"; filename=\"a.png\"", picture(1000));
	part("name=\"file\"; filename=\"a.sh\"", SPAN("#!/bin/sh\nrm -rf /\n"));
	assert_answer(send_parts(""), 415, "file_type_refused");
	part("name=\"text\"", span_of(WORDS));
	for (int i = 0; i < 9; i++)
		part("name=\"file\"; filename=\"a.png\"", picture(1000));
	assert_answer(send_parts(""), 413, "too_many_files");
	part("name=\"text\"", span_of(WORDS));
	part("name=\"region\"", SPAN("12"));
	part("name=\"file\"; filename=\"a.png\"", picture(1000));
	assert_answer(send_parts(""), 400, "not_six_digits");
	part("name=\"text\"", span_of(WORDS));
	part("name=\"file\"; filename=\"a.png\"", picture(1000));
	assert_answer(send_parts("Idempotency-Key: \r\n"), 400, "key_invalid");
	assert_int_equal(files_under(rig.files_dir), 0);
}

static void a_file_that_is_too_large_stops_the_upload(void **state)
{
	(void)state;
	part("name=\"text\"", span_of(WORDS));
	part("name=\"file\"; filename=\"a.png\"", picture(rig.config.limits.file_bytes + 1));
	assert_answer(send_parts(""), 413, "file_too_large");
	assert_int_equal(files_under(rig.files_dir), 0);
}

static void a_body_without_its_end_leaves_no_file(void **state)
{
	(void)state;
	part("name=\"text\"", span_of(WORDS));
	part("name=\"file\"; filename=\"a.png\"", picture(1000));
	assert_answer(post("/tips", MULTIPART "Accept: application/json\r\n", buf_span(&body)), 400,
		      "multipart_invalid");
	buf_release(&body);
	assert_int_equal(files_under(rig.files_dir), 0);
}

static void files_of_a_tip_that_was_not_stored_are_gone(void **state)
{
	(void)state;
	app_rig_spool(&rig, 10);
	rig.store->base.up = false;
	part("name=\"text\"", span_of(WORDS));
	part("name=\"file\"; filename=\"a.png\"", picture(1000));
	assert_answer(send_parts(""), 503, "busy");
	assert_int_equal(files_under(rig.files_dir), 0);
}

static void the_files_of_a_repeat_are_those_of_the_first(void **state)
{
	char *first;

	(void)state;
	for (int i = 0; i < 2; i++) {
		char *receipt;

		part("name=\"text\"", span_of(WORDS));
		part("name=\"nonce\"", SPAN("n1"));
		part("name=\"file\"; filename=\"a.png\"", picture(1000));
		receipt = receipt_in(send_parts(""));
		if (i == 0)
			first = receipt;
		else
			assert_string_equal(receipt, first);
		assert_int_equal(files_under(rig.files_dir), 1);
	}
	part("name=\"text\"", span_of(WORDS));
	part("name=\"nonce\"", SPAN("n1"));
	part("name=\"file\"; filename=\"b.png\"", picture(2000));
	assert_answer(send_parts(""), 422, "key_reused");
	assert_int_equal(files_under(rig.files_dir), 1);
}

/* --- the receipt ------------------------------------------------------------------------------------- */

static void a_receipt_shows_the_state_and_takes_a_supplement_once(void **state)
{
	char *receipt = receipt_in(api("", "{\"text\":\"" WORDS "\"}"));

	(void)state;
	assert_answer(look(receipt, ""), 200, "\"messages\":[]");
	assert_answer(look(receipt, ",\"text\":\"a red gate\""), 200, "\"added\":true");
	assert_answer(look(receipt, ",\"text\":\"a red gate\""), 200, "\"added\":true");
	assert_answer(look(receipt, ""), 200, "a red gate");
	assert_int_equal(rig.store->calls[STORE_CHANGE], 1);
	assert_answer(look(receipt, ",\"text\":\" \""), 400, "missing");
	assert_answer(look(receipt, arena_printf(&arena, ",\"text\":\"it is %s\"", receipt)), 400,
		      "receipt_code_inside");
}

static void a_code_is_read_as_people_write_it(void **state)
{
	char *receipt = receipt_in(api("", "{\"text\":\"" WORDS "\"}"));
	char *spaced = arena_printf(&arena, "%.4s %.4s-%.4s %.4s %.4s %.4s", receipt, receipt + 4, receipt + 8,
				    receipt + 12, receipt + 16, receipt + 20);
	struct rig_answer answer;

	(void)state;
	assert_answer(look(spaced, ""), 200, "queued");
	answer = post("/receipt", FORM, span_of(arena_printf(&arena, "code=%s&lang=en", receipt)));
	assert_answer(answer, 200, "<html");
}

static void a_wrong_code_tells_nothing(void **state)
{
	static const char *const codes[] = { "", "x", "123", "151234567890123456789012", "999999999999999999999999" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(codes); i++)
		assert_int_equal(look(codes[i], "").status, 400);
	assert_int_equal(post("/api/v1/receipt", JSON, SPAN("nonsense")).status, 400);
	assert_int_equal(post("/receipt", FORM, SPAN("code=12")).status, 400);
	assert_int_equal(rig.store->calls[STORE_READ], 0);
}

static void tries_are_few(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(look("123", "").status, 400);
	assert_answer(look("123", ""), 429, "too_many_tries");
}

static void a_note_among_officers_is_not_shown(void **state)
{
	char *receipt = receipt_in(api("", "{\"text\":\"" WORDS "\"}"));
	const char *who = officer();
	char *id = arena_printf(&arena, "%.13s", rig_member(look(receipt, "").body, "id").at);
	struct rig_answer answer;

	(void)state;
	app_rig_ask(&rig, SITE_STAFF, "POST", "/api/v1/queues/150000/claim", who, SPAN("{}"));
	app_rig_ask(&rig, SITE_STAFF, "POST", arena_printf(&arena, "/api/v1/tips/%s/note", id), who,
		    SPAN("{\"text\":\"secret note\"}"));
	answer = app_rig_ask(&rig, SITE_STAFF, "POST", arena_printf(&arena, "/api/v1/tips/%s/message", id), who,
			     SPAN("{\"text\":\"which gate?\"}"));
	assert_answer(answer, 200, "secret note");
	answer = look(receipt, "");
	assert_answer(answer, 200, "which gate?");
	assert_false(rig_has(answer.body, "secret note"));
	assert_false(rig_has(answer.body, "officer"));
}

static void a_tip_in_the_spool_has_a_working_receipt(void **state)
{
	struct drain *drain;
	char *receipt;

	(void)state;
	rig.store->base.up = false;
	receipt = receipt_in(api("", "{\"text\":\"" WORDS "\"}"));
	rig.store->base.up = true;
	assert_answer(look(receipt, ""), 200, "queued");
	/* A supplement cannot be kept yet, and must not be called taken. */
	assert_int_equal(look(receipt, ",\"text\":\"a red gate\"").status, 503);
	drain = drain_new(rig.loop, rig.app.store, rig.app.spool);
	for (int i = 0; i < 1500 && spool_figures(rig.app.spool)->depth > 0; i++)
		app_rig_run(&rig, 20);
	drain_free(drain);
	assert_answer(look(receipt, ",\"text\":\"a red gate\""), 200, "\"added\":true");
}

static void a_store_that_is_away_is_said_so(void **state)
{
	char *receipt = receipt_in(api("", "{\"text\":\"" WORDS "\"}"));

	(void)state;
	rig.store->base.up = false;
	assert_int_equal(look(receipt, "").status, 503);
	assert_int_equal(post("/receipt", FORM, span_of(arena_printf(&arena, "code=%s", receipt))).status, 503);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)
	const struct CMUnitTest tests[] = {
		TEST(a_tip_comes_in_as_json),
		TEST(a_tip_comes_in_as_a_form_and_is_answered_with_a_page),
		TEST(a_body_of_another_type_is_refused),
		TEST(a_wrong_field_is_named),
		TEST(a_form_with_a_fault_comes_back_with_what_was_typed),
		TEST(a_text_that_is_too_long_is_413),
		TEST(a_key_makes_it_one_tip),
		TEST(a_key_that_is_none_is_refused),
		TEST(a_form_sent_twice_is_one_tip),
		TEST(a_tip_that_cannot_be_stored_is_said_so),
		cmocka_unit_test_setup_teardown(too_many_tips_of_one_visitor_have_to_wait, begin_limited, finish),
		cmocka_unit_test_setup_teardown(a_form_with_work_behind_it_is_taken_once, begin_low, finish),
		cmocka_unit_test_setup_teardown(a_form_that_came_back_keeps_its_challenge_and_words, begin_low, finish),
		cmocka_unit_test_setup_teardown(files_come_in_only_behind_a_proof, begin_low, finish),
		TEST(an_attachment_is_given_back_to_the_officer_byte_for_byte),
		TEST(what_lies_on_disk_is_sealed),
		TEST(an_empty_file_field_is_no_attachment),
		TEST(what_is_refused_leaves_no_file),
		TEST(a_file_that_is_too_large_stops_the_upload),
		TEST(a_body_without_its_end_leaves_no_file),
		TEST(files_of_a_tip_that_was_not_stored_are_gone),
		TEST(the_files_of_a_repeat_are_those_of_the_first),
		TEST(a_receipt_shows_the_state_and_takes_a_supplement_once),
		TEST(a_code_is_read_as_people_write_it),
		TEST(a_wrong_code_tells_nothing),
		cmocka_unit_test_setup_teardown(tries_are_few, begin_limited, finish),
		TEST(a_note_among_officers_is_not_shown),
		TEST(a_tip_in_the_spool_has_a_working_receipt),
		TEST(a_store_that_is_away_is_said_so),
	};

	return cmocka_run_group_tests(tests, NULL, finish_all);
}
