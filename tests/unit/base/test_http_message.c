/*
 * Requests and replies as values: names, fields, parameters.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/http_message.h"

#include <stdlib.h>

static void methods_and_statuses_have_names(void **state)
{
	(void)state;
	assert_string_equal(http_method_name(HTTP_GET), "GET");
	assert_string_equal(http_method_name(HTTP_OPTIONS), "OPTIONS");
	assert_string_equal(http_status_text(201), "Created");
	assert_string_equal(http_status_text(431), "Request Header Fields Too Large");
	assert_string_equal(http_status_text(799), "Unknown");
}

static void fields_are_found_in_any_case(void **state)
{
	struct http_request request = {
		.fields = { { .name = SPAN("A"), .value = SPAN("1") }, { .name = SPAN("a"), .value = SPAN("2") } },
		.nfields = 2,
	};

	(void)state;
	assert_true(span_is(http_field_find(&request, "a"), "1"));
	assert_null(http_field_find(&request, "b").at);
	request.nfields = 0;
	assert_null(http_field_find(&request, "a").at);
}

static void the_head_of_an_answer(void **state)
{
	static const char head[] = "Content-Type: a/b\r\nX-Sig:v1,a:b \r\nno field\r\n: empty\r\nx-sig: second\r\n\r\n";
	struct http_response response = { .nfields = 7 };

	(void)state;
	http_response_head(SPAN(head), &response);
	assert_int_equal(response.nfields, 3);
	assert_true(span_is(http_response_field(&response, "content-type"), "a/b"));
	assert_true(span_is(http_response_field(&response, "X-SIG"), "v1,a:b"));
	assert_null(http_response_field(&response, "no field").at);
	http_response_head(SPAN(""), &response);
	assert_int_equal(response.nfields, 0);
}

static void fields_beyond_the_limit_are_passed_over(void **state)
{
	struct http_response response;
	struct buf head = { 0 };

	(void)state;
	for (unsigned i = 0; i < HTTP_RESPONSE_FIELDS_MAX + 5; i++)
		buf_printf(&head, "F%u: %u\r\n", i, i);
	http_response_head(buf_span(&head), &response);
	assert_int_equal(response.nfields, HTTP_RESPONSE_FIELDS_MAX);
	assert_true(span_is(http_response_field(&response, "F63"), "63"));
	buf_release(&head);
}

/* Encodes every byte, so that decoding must give back what went in. */
static void decoding_undoes_encoding(void **state)
{
	char all[256], encoded[3 * 256], decoded[3 * 256];
	size_t len;

	(void)state;
	for (size_t i = 0; i < 256; i++) {
		all[i] = (char)i;
		encoded[3 * i] = '%';
		encoded[3 * i + 1] = "0123456789abcdef"[i >> 4];
		encoded[3 * i + 2] = "0123456789ABCDEF"[i & 15];
	}
	assert_true(http_urldecode(span_from(encoded, sizeof(encoded)), decoded, &len));
	assert_int_equal(len, 256);
	assert_memory_equal(decoded, all, 256);
	for (size_t n = 1; n < 3; n++)
		assert_false(http_urldecode(span_from(encoded, n), decoded, &len));
}

static void params_are_found_and_decoded(void **state)
{
	struct span query = SPAN("a=1&b=x+y%2B&&c&a=2&%64=4&bad=%4");
	struct buf value = { 0 };

	(void)state;
	assert_true(http_param_find(query, "a", &value));
	assert_true(span_is(buf_span(&value), "1"));
	assert_true(http_param_find(query, "b", &value));
	assert_true(span_is(buf_span(&value), "x y+"));
	assert_true(http_param_find(query, "c", &value));
	assert_int_equal(value.len, 0);
	assert_true(http_param_find(query, "d", &value));
	assert_true(span_is(buf_span(&value), "4"));
	assert_false(http_param_find(query, "bad", &value));
	assert_false(http_param_find(query, "missing", &value));
	assert_false(http_param_find((struct span){ 0 }, "a", &value));
	buf_release(&value);
}

static void reply_fields_are_kept_in_order(void **state)
{
	struct http_reply reply = { .status = 200 };

	(void)state;
	http_reply_field(&reply, "Location", SPAN("/receipt"));
	http_reply_field(&reply, "ETag", SPAN("\"1\""));
	assert_int_equal(reply.nfields, 2);
	assert_string_equal(reply.fields[1].name, "ETag");
	assert_true(span_is(reply.fields[0].value, "/receipt"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(methods_and_statuses_have_names),
		cmocka_unit_test(fields_are_found_in_any_case),
		cmocka_unit_test(the_head_of_an_answer),
		cmocka_unit_test(fields_beyond_the_limit_are_passed_over),
		cmocka_unit_test(decoding_undoes_encoding),
		cmocka_unit_test(params_are_found_and_decoded),
		cmocka_unit_test(reply_fields_are_kept_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
