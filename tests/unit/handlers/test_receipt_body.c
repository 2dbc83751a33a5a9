/*
 * What is sent with a receipt code: the same by form, JSON and multipart, in any order of the parts; nothing is
 * written for what is no code; and whatever is wrong with a body, no file of it stays.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/loop/flow.h"
#include "tests/support/receipt_rig.h"

#include <stdio.h>

#define API "/api/v1/receipt"
#define PAGE "/receipt"

static struct receipt_rig r;

static int begin(void **state)
{
	static const char *const sets[] = { "limits.files=2", "limits.file_bytes=4 KiB", "limits.text_bytes=1 KiB", NULL };

	(void)state;
	receipt_rig_open(&r, sets);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	assert_int_equal(flow_count(r.rig.loop), 0);
	receipt_rig_close(&r);
	return 0;
}

static int finish_all(void **state)
{
	(void)state;
	app_rig_done();
	return 0;
}

static void assert_answer(struct rig_answer answer, int status, const char *part)
{
	if (answer.status != status || !rig_has(answer.body, part))
		fail_msg("%d %.*s\nwanted: %d %s", answer.status, (int)answer.body.len, answer.body.at, status, part);
}

static void raw_part(const char *bytes)
{
	receipt_rig_part(&r, "name=\"file\"; filename=\"gate.pdf\"", span_of(bytes));
}

/* A document, as far as anybody looks. */
static void file_part(const char *words)
{
	raw_part(arena_printf(&r.arena, "%%PDF-1.4\n%s\n", words));
}

static void code_part(const char *name, const char *code)
{
	receipt_rig_part(&r, arena_printf(&r.arena, "name=\"%s\"", name), span_of(code));
}

static void text_part(const char *words)
{
	receipt_rig_part(&r, "name=\"text\"", span_of(words));
}

/* --- the encodings ------------------------------------------------------------------------------ */

static void the_words_come_in_each_encoding(void **state)
{
	(void)state;
	assert_answer(receipt_rig_look(&r, ",\"text\":\"by json\""), 200, "by json");
	receipt_rig_post(&r, PAGE, RECEIPT_FORM, span_of(arena_printf(&r.arena, "code=%s&text=by+form", r.code)));
	assert_answer(receipt_rig_look(&r, ""), 200, "by form");
	code_part("receipt", r.code);
	text_part("by parts");
	assert_answer(receipt_rig_send(&r, API, ""), 200, "by parts");
	code_part("code", r.code);
	text_part("by parts of the page");
	assert_answer(receipt_rig_send(&r, PAGE, ""), 200, "by parts of the page");
	assert_int_equal(r.rig.store->calls[STORE_CHANGE], 4);
}

/* The page calls it code and the API receipt; each understands the other, and its own goes first. */
static void the_code_has_two_names(void **state)
{
	(void)state;
	assert_answer(receipt_rig_post(&r, API, RECEIPT_JSON, span_of(arena_printf(&r.arena, "{\"code\":\"%s\"}", r.code))), 200, "\"state\":\"queued\"");
	assert_answer(receipt_rig_post(&r, PAGE, RECEIPT_FORM "Accept: application/json\r\n", span_of(arena_printf(&r.arena, "receipt=%s", r.code))), 200,
		      "\"state\":\"queued\"");
	assert_answer(receipt_rig_post(&r, API, RECEIPT_JSON, span_of(arena_printf(&r.arena, "{\"code\":\"%s\",\"receipt\":\"1\"}", r.code))), 400, "code");
	assert_answer(receipt_rig_post(&r, PAGE, RECEIPT_FORM "Accept: application/json\r\n", span_of(arena_printf(&r.arena, "code=1&receipt=%s", r.code))), 400,
		      "code");
}

static void who_wants_json_of_the_page_gets_it(void **state)
{
	struct rig_answer answer;

	(void)state;
	code_part("code", r.code);
	answer = receipt_rig_send(&r, PAGE, "");
	assert_true(rig_has(answer.head, "text/html"));
	code_part("code", r.code);
	answer = receipt_rig_send(&r, PAGE, "Accept: application/json\r\n");
	assert_answer(answer, 200, "\"state\":\"queued\"");
}

static void a_file_comes_before_the_code_or_after_it(void **state)
{
	(void)state;
	file_part("first the file");
	code_part("receipt", r.code);
	assert_answer(receipt_rig_send(&r, API, ""), 200, "\"added\":true");
	code_part("receipt", r.code);
	file_part("then the file");
	assert_answer(receipt_rig_send(&r, API, ""), 200, "\"added\":true");
	assert_int_equal(receipt_rig_files(&r), 2);
}

/* --- codes that are none -------------------------------------------------------------------------- */

static void behind_what_is_no_code_no_file_is_taken(void **state)
{
	static const char *const codes[] = { "", "x", "123", "151234567890123456789012", "999999999999999999999999" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(codes); i++) {
		code_part("receipt", codes[i]);
		file_part("to nobody");
		assert_answer(receipt_rig_send(&r, API, ""), 400, "code");
		file_part("to nobody");
		code_part("receipt", codes[i]);
		assert_int_equal(receipt_rig_send(&r, API, "").status, 400);
		assert_int_equal(receipt_rig_files(&r), 0);
	}
	file_part("to nobody");
	assert_int_equal(receipt_rig_send(&r, API, "").status, 400);
	assert_int_equal(receipt_rig_files(&r), 0);
	assert_int_equal(r.rig.store->calls[STORE_CHANGE], 0);
}

/* A code of nobody's costs the same, and leaves as little. */
static void a_code_that_leads_nowhere_leaves_nothing(void **state)
{
	char *known = r.code, *code = arena_printf(&r.arena, "%s", known);
	struct rig_answer answer;

	(void)state;
	/* Two digits exchanged for others keep the check: try until one is a code and nobody's. */
	for (unsigned n = 0; n < 10000; n++) {
		snprintf(code + 16, 9, "%04u%.4s", n, known + 20);
		if (strcmp(code, known) == 0)
			continue;
		r.code = code;
		answer = receipt_rig_look(&r, "");
		if (answer.status == 404)
			break;
		assert_int_equal(answer.status, 400);
	}
	assert_int_equal(answer.status, 404);
	file_part("to nobody");
	code_part("receipt", code);
	text_part("words");
	assert_int_equal(receipt_rig_send(&r, API, "").status, 404);
	assert_int_equal(receipt_rig_files(&r), 0);
	assert_int_equal(r.rig.store->calls[STORE_CHANGE], 0);
}

/* --- bodies that are none --------------------------------------------------------------------------- */

static void a_small_body_that_is_none_has_no_code(void **state)
{
	static const char *const jsons[] = { "", "nonsense", "[]", "{\"receipt\":", "{\"receipt\":151234567890123456789012}", "{\"receipt\":null}",
					     "{\"receipt\":[\"x\"]}", "{\"receipt\":\"1\",\"receipt\":\"2\"}" };
	static const char *const forms[] = { "", "%zz", "code", "=", "code=%00", "a=1&b=2&c=3&d=4&e=5&f=6&g=7&h=8&i=9&j=1&k=2&l=3&m=4&n=5&o=6&p=7&q=8" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(jsons); i++)
		assert_answer(receipt_rig_post(&r, API, RECEIPT_JSON, span_of(jsons[i])), 400, "code");
	for (size_t i = 0; i < COUNT_OF(forms); i++)
		assert_int_equal(receipt_rig_post(&r, PAGE, RECEIPT_FORM, span_of(forms[i])).status, 400);
	assert_int_equal(r.rig.store->calls[STORE_CHANGE], 0);
}

static void only_true_opens_a_tip_again(void **state)
{
	static const char *const wishes[] = { "false", "\"yes\"", "1", "null" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wishes); i++)
		assert_answer(receipt_rig_look(&r, arena_printf(&r.arena, ",\"text\":\"%zu\",\"reopen\":%s", i, wishes[i])), 200, "\"reopened\":false");
}

static void parts_without_their_end_leave_no_file(void **state)
{
	struct rig_answer answer;

	(void)state;
	code_part("receipt", r.code);
	file_part("half of it");
	answer = receipt_rig_post(&r, API, RECEIPT_MULTIPART, buf_span(&r.body));
	buf_clear(&r.body);
	assert_int_equal(answer.status, 400);
	assert_int_equal(receipt_rig_files(&r), 0);
	/* The connection ends in the middle. */
	app_rig_send(&r.rig, SITE_PUBLIC,
		     span_of(arena_printf(&r.arena,
					  "POST " API " HTTP/1.1\r\nHost: localhost\r\n" RECEIPT_MULTIPART "Content-Length: 100000\r\nConnection: close\r\n\r\n"
					  "--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhalf of")));
	assert_int_equal(receipt_rig_files(&r), 0);
	assert_int_equal(r.rig.store->calls[STORE_CHANGE], 0);
}

/* --- files that are refused ---------------------------------------------------------------------------- */

static void send_code_and(const char *bytes, const char *path, int status, const char *part)
{
	code_part("code", r.code);
	text_part("the words stay");
	raw_part(bytes);
	assert_answer(receipt_rig_send(&r, path, ""), status, part);
	assert_int_equal(receipt_rig_files(&r), 0);
	assert_int_equal(r.rig.store->calls[STORE_CHANGE], 0);
}

static void a_file_that_is_too_large_is_said_so(void **state)
{
	const char *large = arena_printf(&r.arena, "%%PDF-1.4\n%05000d", 0);

	(void)state;
	send_code_and(large, API, 413, "\"field\":\"file\"");
	/* The page has the words still. */
	send_code_and(large, PAGE, 413, "the words stay");
}

static void a_file_of_a_kind_that_is_not_taken_is_said_so(void **state)
{
	(void)state;
	send_code_and("\x7f" "ELF\x02\x01\x01", API, 415, "\"field\":\"file\"");
	send_code_and("\x7f" "ELF\x02\x01\x01", PAGE, 415, "the words stay");
}

static void too_many_files_are_said_so(void **state)
{
	(void)state;
	code_part("receipt", r.code);
	for (int i = 0; i < 3; i++)
		file_part(arena_printf(&r.arena, "file %d", i));
	assert_answer(receipt_rig_send(&r, API, ""), 413, "\"field\":\"file\"");
	assert_int_equal(receipt_rig_files(&r), 0);
}

static int begin_limited(void **state)
{
	(void)state;
	receipt_rig_open(&r, (const char *const[]){ "limits.enabled=true", NULL });
	return 0;
}

/* One try too many: its files are not even read. */
static void tries_are_counted_before_files_are_read(void **state)
{
	struct rig_answer answer = { .status = 0 };
	char *code = r.code;

	(void)state;
	for (int i = 0; i < 20 && answer.status != 429; i++)
		answer = receipt_rig_post(&r, API, RECEIPT_JSON, SPAN("{\"receipt\":\"123\"}"));
	assert_answer(answer, 429, "too_many_tries");
	code_part("receipt", code);
	file_part("one too many");
	assert_answer(receipt_rig_send(&r, API, ""), 429, "too_many_tries");
	assert_int_equal(receipt_rig_files(&r), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(the_words_come_in_each_encoding),
		TEST(the_code_has_two_names),
		TEST(who_wants_json_of_the_page_gets_it),
		TEST(a_file_comes_before_the_code_or_after_it),
		TEST(behind_what_is_no_code_no_file_is_taken),
		TEST(a_code_that_leads_nowhere_leaves_nothing),
		TEST(a_small_body_that_is_none_has_no_code),
		TEST(only_true_opens_a_tip_again),
		TEST(parts_without_their_end_leave_no_file),
		TEST(a_file_that_is_too_large_is_said_so),
		TEST(a_file_of_a_kind_that_is_not_taken_is_said_so),
		TEST(too_many_files_are_said_so),
		cmocka_unit_test_setup_teardown(tries_are_counted_before_files_are_read, begin_limited, finish),
	};

	return cmocka_run_group_tests(tests, NULL, finish_all);
}
