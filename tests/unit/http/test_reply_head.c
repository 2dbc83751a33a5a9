/*
 * The head of a reply, byte for byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/http/reply_head.h"

static void check(const struct http_reply *reply, unsigned minor, bool keep_alive, const char *expected)
{
	struct buf head = { 0 };

	assert_true(http_reply_head(&head, reply, minor, keep_alive, "D"));
	buf_add_byte(&head, '\0');
	assert_string_equal(head.at, expected);
	buf_release(&head);
}

static void heads_are_written(void **state)
{
	struct http_reply reply = { .status = 201, .type = "text/plain", .body = SPAN("hello") };

	(void)state;
	http_reply_field(&reply, "Location", SPAN("/x"));
	check(&reply, 1, true,
	      "HTTP/1.1 201 Created\r\nDate: D\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nLocation: /x\r\n\r\n");
	reply.nfields = 0;
	reply.type = NULL;
	check(&reply, 0, true, "HTTP/1.1 201 Created\r\nDate: D\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
	reply.status = 204;
	check(&reply, 1, false, "HTTP/1.1 204 No Content\r\nDate: D\r\nConnection: close\r\n\r\n");
}

static void a_value_cannot_end_its_field(void **state)
{
	static const struct span values[] = { { .at = "a\r\nSet-Cookie: x", .len = 16 },
					      { .at = "a\nb", .len = 3 },
					      { .at = "a\0b", .len = 3 } };
	struct buf head = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct http_reply reply = { .status = 200 };

		http_reply_field(&reply, "Location", values[i]);
		assert_false(http_reply_head(&head, &reply, 1, true, "D"));
		assert_int_equal(head.len, 0);
	}
	buf_release(&head);
}

static void dates_are_written(void **state)
{
	char text[HTTP_DATE_MAX];

	(void)state;
	http_date_text(INT64_C(784111777000), text);
	assert_string_equal(text, "Sun, 06 Nov 1994 08:49:37 GMT");
	http_date_text(INT64_C(951782400999), text);
	assert_string_equal(text, "Tue, 29 Feb 2000 00:00:00 GMT");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heads_are_written),
		cmocka_unit_test(a_value_cannot_end_its_field),
		cmocka_unit_test(dates_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
