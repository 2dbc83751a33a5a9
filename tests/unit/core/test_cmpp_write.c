/*
 * CMPP written: logins, submits octet by octet, answers that carry the message's id.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/core/sms/coding.h"
#include "tests/support/ismg_pdu.h"

static struct buf out;
static const struct link_config config = {
	.account = "900001", .password = "888888", .version = "3.0", .service = "HELP", .sender = "10690012110",
};

static int clean(void **state)
{
	(void)state;
	buf_release(&out);
	return 0;
}

/* 2026-10-21 08:05:10 in Beijing; the digest stands in the tests of other implementations. */
static void a_login(void **state)
{
	(void)state;
	link_cmpp.write_login(&config, LINK_BOTH, CMPP_2_0, 23, INT64_C(1792541110000), &out);
	assert_int_equal(out.len, 39);
	assert_memory_equal(out.at,
			    "\0\0\0\x27\0\0\0\x01\0\0\0\x17" "900001"
			    "\x90\xD0\x0C\x1D\x51\x7A\xBD\x0B\x4F\x65\xF6\xBC\xF8\x53\x5D\x16" "\x20" "\x3C\xDC\x73\xBE",
			    39);
	buf_clear(&out);
	link_cmpp.write_login(&config, LINK_BOTH, 0, 23, INT64_C(1792541110000), &out);
	assert_int_equal(out.at[34], 0x30);
}

static void the_configuration_names_a_version(void **state)
{
	struct link_config old = config;

	(void)state;
	old.version = "2.0";
	link_cmpp.write_login(&old, LINK_BOTH, 0, 1, 0, &out);
	assert_int_equal(out.at[34], 0x20);
}

/* Where the fields lie: CMPP 2.0 7.4.3.1, 3.0 8.4.3.1. */
static void submits(void **state)
{
	static const struct {
		unsigned version;
		size_t format, source, count, length, end;
	} rows[] = {
		{ .version = CMPP_2_0, .format = 56, .source = 107, .count = 128, .length = 150, .end = 8 },
		{ .version = CMPP_3_0, .format = 68, .source = 119, .count = 140, .length = 174, .end = 20 },
	};
	const struct link_submit submit = { .to = SPAN("+8613800138000"), .coding = SMS_UTF16,
					    .header = SPAN("\x05\0\x03\x2A\x02\x02"), .octets = SPAN("\x4F\x60"),
					    .want_report = true, .total = 2, .number = 2 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *p;

		buf_clear(&out);
		link_cmpp.write_submit(&config, &submit, 5, rows[i].version, &out);
		p = out.at;
		assert_int_equal(link_cmpp.frame(buf_span(&out)), out.len);
		assert_int_equal(out.len, rows[i].length + 1 + 8 + rows[i].end);
		assert_memory_equal(p + 4, "\0\0\0\x04\0\0\0\x05\0\0\0\0\0\0\0\0\x02\x02\x01\0HELP\0\0\0\0\0\0\x02", 31);
		assert_memory_equal(p + rows[i].format, "\0\x01\x08" "900001" "01" "000000", 17);
		assert_memory_equal(p + rows[i].source, "10690012110\0\0\0\0\0\0\0\0\0\0\x01" "8613800138000\0", 36);
		assert_int_equal(p[rows[i].count], 1);
		assert_memory_equal(p + rows[i].length, "\x08\x05\0\x03\x2A\x02\x02\x4F\x60\0", 10);
	}
}

static void a_single_text_in_ascii(void **state)
{
	const struct link_submit submit = { .to = SPAN("106900"), .coding = SMS_GSM7, .octets = SPAN("ok \x02") };

	(void)state;
	link_cmpp.write_submit(&config, &submit, 5, CMPP_2_0, &out);
	assert_memory_equal(out.at + 20, "\x01\x01\0\0", 4);   /* one part of one, no report */
	assert_memory_equal(out.at + 56, "\0\0\0", 3);   /* no header, ASCII */
	assert_memory_equal(out.at + 150, "\x04ok $", 5);
}

static struct link_event delivered(unsigned version)
{
	static struct arena arena;
	const struct ismg_deliver d = { .id = SPAN("\x01\x02\x03\x04\x05\x06\x07\xFF"), .to = SPAN("106900"),
					.from = SPAN("13800138000"), .format = 0, .content = SPAN("hello") };
	struct link_event event;
	struct buf pdu = { 0 };

	put_cmpp_deliver(version, 99, &d, &pdu);
	link_cmpp.read(&config, version, buf_span(&pdu), &arena, &event);
	buf_release(&pdu);
	arena_release(&arena);
	return event;
}

static void answers(void **state)
{
	struct link_event event = delivered(CMPP_2_0);

	(void)state;
	link_cmpp.write_answer(&event, LINK_TAKEN, CMPP_2_0, &out);
	assert_int_equal(out.len, 21);
	assert_memory_equal(out.at, "\0\0\0\x15\x80\0\0\x05\0\0\0\x63\x01\x02\x03\x04\x05\x06\x07\xFF\0", 21);
	buf_clear(&out);
	link_cmpp.write_answer(&event, LINK_NEVER, CMPP_3_0, &out);
	assert_int_equal(out.len, 24);
	assert_memory_equal(out.at + 20, "\0\0\0\x09", 4);
	buf_clear(&out);
	link_cmpp.write_answer(&event, LINK_AGAIN, CMPP_3_0, &out);   /* silence makes it come again */
	assert_int_equal(out.len, 0);
}

static void what_cannot_be_read(void **state)
{
	struct link_event event = delivered(CMPP_3_0);

	(void)state;
	event.kind = LINK_EV_BROKEN;
	event.status = 4;
	link_cmpp.write_unknown(&event, &out);
	assert_int_equal(out.len, 24);
	assert_memory_equal(out.at + 8, "\0\0\0\x63\x01\x02\x03\x04\x05\x06\x07\xFF\0\0\0\x04", 16);
	buf_clear(&out);
	event = (struct link_event){ .kind = LINK_EV_UNKNOWN, .command = 9 };
	link_cmpp.write_unknown(&event, &out);
	assert_int_equal(out.len, 0);
}

static void the_others(void **state)
{
	const struct link_event event = { .sequence = 7 };

	(void)state;
	link_cmpp.write_alive(1, &out);
	link_cmpp.write_alive_answer(&event, &out);
	link_cmpp.write_close(2, &out);
	link_cmpp.write_close_answer(&event, &out);
	assert_int_equal(out.len, 49);
	assert_memory_equal(out.at, "\0\0\0\x0C\0\0\0\x08\0\0\0\x01" "\0\0\0\x0D\x80\0\0\x08\0\0\0\x07\0"
				    "\0\0\0\x0C\0\0\0\x02\0\0\0\x02" "\0\0\0\x0C\x80\0\0\x02\0\0\0\x07", 49);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_login, clean),
		cmocka_unit_test_teardown(the_configuration_names_a_version, clean),
		cmocka_unit_test_teardown(submits, clean),
		cmocka_unit_test_teardown(a_single_text_in_ascii, clean),
		cmocka_unit_test_teardown(answers, clean),
		cmocka_unit_test_teardown(what_cannot_be_read, clean),
		cmocka_unit_test_teardown(the_others, clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
