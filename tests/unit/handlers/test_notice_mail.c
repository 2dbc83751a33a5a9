/*
 * Notices as mail: both languages, the address of the desk, nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "handlers/notify/notice_mail.h"

#include "daemon/base/base64.h"

#include <stdlib.h>

static struct notice_channel channel = {
	.name = "ordos", .region = "150600", .desk_url = "https://desk.example.org/", .mail_to = "a@b.example",
	.mail_from = "t@t.example", .mail_name = "", .english = true,
};

/* The body in clear, to be freed. */
static char *body_of(const struct notice *notice)
{
	struct arena arena = { 0 };
	struct span mail = notice_mail(&channel, notice, SPAN("msg_1"), INT64_C(1763748000000), &arena);
	struct span lines = span_from_offset(mail, span_find(mail, SPAN("\r\n\r\n")) + 4), line;
	struct buf joined = { 0 };
	char *body = calloc(1, mail.len);
	size_t n = 0;

	assert_true(span_find(mail, SPAN("Message-ID: <msg_1@t.example>\r\n")) < mail.len);
	while (lines.len > 0 && span_cut(&lines, '\n', &line))
		buf_add(&joined, line.at, line.len - 1);
	assert_true(base64_get(buf_span(&joined), body, mail.len - 1, &n));
	buf_release(&joined);
	arena_release(&arena);
	return body;
}

static void has(const struct notice *notice, const char *text, bool there)
{
	char *body = body_of(notice);

	assert_int_equal(strstr(body, text) != NULL, there);
	free(body);
}

static void tells_how_many_of_what(void **state)
{
	const struct notice notice = { .kind = NOTICE_IMMEDIATE, .region = "150602", .count = { 2, 0, 5 } };

	(void)state;
	channel.english = true;
	has(&notice, "Immediate tips: 2\r\n", true);
	has(&notice, "Tips that were escalated to it: 5\r\n", true);
	has(&notice, "Urgent", false);
	has(&notice, "150602", true);
	has(&notice, "https://desk.example.org/", true);
	channel.english = false;
	has(&notice, "特急线索：2\r\n", true);
}

static void a_digest_has_all_figures(void **state)
{
	const struct notice digest = { .kind = NOTICE_DIGEST, .region = "150600", .from_ms = INT64_C(1763661600000),
				       .at_ms = INT64_C(1763748000000), .count = { 1, 2, 3, 4, 5, 6, 7 } };

	(void)state;
	channel.english = true;
	has(&digest, "from 2025-11-20T18:00:00Z to 2025-11-21T18:00:00Z", true);
	has(&digest, "Came in: 1\r\nOpen now: 2\r\n", true);
	has(&digest, "Closed: 7\r\n", true);
	channel.english = false;
	has(&digest, "已办结：7\r\n", true);
}

static void a_test_asks_for_nothing(void **state)
{
	const struct notice test = { .kind = NOTICE_TEST, .region = "150602" };

	(void)state;
	channel.english = false;
	has(&test, "测试", true);
	channel.english = true;
	has(&test, "nothing to do", true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_how_many_of_what),
		cmocka_unit_test(a_digest_has_all_figures),
		cmocka_unit_test(a_test_asks_for_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
