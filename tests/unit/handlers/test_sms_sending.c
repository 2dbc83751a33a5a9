/*
 * What is sent: escapes, addresses for reports, the number in an answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "handlers/intake/sms_door.h"

static void escapes(void **state)
{
	struct buf form = { 0 };

	(void)state;
	sms_form_add(&form, "a", SPAN("b c&=+%~-_."));
	sms_form_add(&form, "d", SPAN("东"));
	assert_true(span_is(buf_span(&form), "a=b%20c%26%3D%2B%25~-_.&d=%E4%B8%9C"));
	buf_release(&form);
}

static void numbers_in_answers(void **state)
{
	static const struct {
		const char *text, *number;
	} rows[] = {
		{ "已收到，编号 7K3MQ2X9RD。请删除此短信。", "7K3MQ2X9RD" },
		{ "Received. Number 7K3M-Q2X9RD. Please delete this message.", "7K3M-Q2X9RD" },
		{ "编号 1234 5678 9012 3456 7890 1234。", "1234 5678 9012 3456 7890 1234" },
		{ "Please delete this message.", "" },
		{ "STOP", "" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_true(span_is(sms_number_in(span_of(rows[i].text)), rows[i].number));
}

static void templates(void **state)
{
	struct arena arena = { 0 };
	struct span out;

	(void)state;
	assert_true(sms_fill("<{number}|{text}|{other}>", SPAN("no 1A2B3C"), &arena, &out));
	assert_true(span_is(out, "<1A2B3C|no 1A2B3C|{other}>"));
	assert_false(sms_fill("{number}", SPAN("none"), &arena, &out));
	assert_true(sms_fill("{text}", SPAN("none"), &arena, &out) && span_is(out, "none"));
	arena_release(&arena);
}

static void addresses(void **state)
{
	struct gateway_config config = { .receipt_url = "https://a.example/dlr?x=1" };
	struct arena arena = { 0 };

	(void)state;
	assert_true(span_is(sms_receipt_url(&config, SPAN("0a1b"), &arena), "https://a.example/dlr?x=1&my=0a1b"));
	assert_int_equal(sms_receipt_url(&config, SPAN("a b"), &arena).len, 0);
	assert_int_equal(sms_receipt_url(&config, SPAN(""), &arena).len, 0);
	config.receipt_url = "";
	assert_int_equal(sms_receipt_url(&config, SPAN("0a1b"), &arena).len, 0);
	assert_true(span_is(sms_url_host("http://a.example:8080/x"), "a.example:8080"));
	assert_true(span_is(sms_url_host("https://a.example"), "a.example"));
	assert_true(span_is(sms_digits(SPAN("+86")), "86") && span_is(sms_digits(SPAN("86")), "86"));
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escapes),
		cmocka_unit_test(numbers_in_answers),
		cmocka_unit_test(templates),
		cmocka_unit_test(addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
