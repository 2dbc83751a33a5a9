/*
 * SMGP read: every PDU that a gateway sends, its optional parameters and reports, whole and cut.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/hex.h"
#include "daemon/base/table.h"
#include "daemon/core/sms/coding.h"
#include "tests/support/ismg_pdu.h"

static struct arena arena;
static struct buf pdu;
static const struct link_config config = { .account = "31000001", .password = "s3cret" };

#define ID "\x01\x02\x03\x11\x22\x18\x06\x27\x00\x99"
#define ID_HEX "01020311221806270099"

static int clean(void **state)
{
	(void)state;
	arena_release(&arena);
	buf_release(&pdu);
	return 0;
}

static struct link_event event_now(void)
{
	struct link_event event;

	assert_int_equal(link_smgp.frame(buf_span(&pdu)), pdu.len);
	link_smgp.read(&config, 0, buf_span(&pdu), &arena, &event);
	return event;
}

/* A PDU of that command: what stands in front of the number, the number, zeroes. */
static struct link_event answered(uint32_t command, struct span before, uint32_t number, size_t zeroes)
{
	buf_clear(&pdu);
	size_t at = ismg_begin(&pdu, command, 7);

	buf_add_span(&pdu, before);
	ismg_put_number(&pdu, number, 4);
	ismg_put_zeroes(&pdu, zeroes);
	ismg_end(&pdu, at);
	return event_now();
}

static struct link_event delivered(const struct ismg_deliver *d)
{
	buf_clear(&pdu);
	put_smgp_deliver(9, d, &pdu);
	return event_now();
}

static void logins(void **state)
{
	struct link_event event = answered(0x80000001, SPAN(""), 0, 17);

	(void)state;
	assert_int_equal(event.kind, LINK_EV_LOGGED_IN);
	assert_int_equal(event.version, SMGP_3_0);
	event = answered(0x80000001, SPAN(""), 21, 17);
	assert_int_equal(event.kind, LINK_EV_REFUSED);
	assert_false(event.later);
	assert_int_equal(event.version, 0);
	assert_true(answered(0x80000001, SPAN(""), 2, 17).later);
	assert_int_equal(answered(0x80000001, SPAN(""), 0, 16).kind, LINK_EV_BROKEN);
}

static void submit_results(void **state)
{
	static const struct {
		unsigned status;
		enum link_outcome outcome;
	} rows[] = {
		{ .status = 0, .outcome = LINK_ACCEPTED }, { .status = 1, .outcome = LINK_THROTTLED },
		{ .status = 2, .outcome = LINK_LATER },    { .status = 12, .outcome = LINK_LATER },
		{ .status = 75, .outcome = LINK_LATER },   { .status = 47, .outcome = LINK_REFUSED },
		{ .status = 76, .outcome = LINK_REFUSED }, { .status = 1000, .outcome = LINK_LATER },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct link_event event = answered(0x80000002, SPAN(ID), rows[i].status, 0);

		assert_int_equal(event.kind, LINK_EV_SUBMITTED);
		assert_int_equal(event.sequence, 7);
		assert_true(span_is(event.id, ID_HEX));
		assert_int_equal(event.outcome, rows[i].outcome);
	}
	assert_int_equal(answered(0x80000002, SPAN("\x01"), 0, 0).kind, LINK_EV_BROKEN);
}

static const struct ismg_deliver plain = {
	.id = SPAN_INIT(ID),
	.to = SPAN_INIT("106591234"),
	.from = SPAN_INIT("18900000001"),
	.format = 15,
	.content = SPAN_INIT("\xBE\xD9\xB1\xA8"),
};

/* Laid out by hand after SMGP 3.0.3, 7.2.3.1. */
static void a_vector(void **state)
{
	static const char hex[] = "0000005d" "00000003" "00000009" ID_HEX "00" "0f" "3230323631313232313830363237"
				  "313839303030303030303100000000000000000000" "313036353931323334000000000000000000000000"
				  "04" "bed9b1a8" "0000000000000000";
	struct link_event event;

	(void)state;
	for (const char *at = hex; *at != '\0'; at += 2)
		buf_add_byte(&pdu, hex_digit(at[0]) << 4 | hex_digit(at[1]));
	event = event_now();
	assert_int_equal(event.kind, LINK_EV_MESSAGE);
	assert_true(span_is(event.message.key, ID_HEX));
	assert_true(span_is(event.message.from, "18900000001"));
	assert_true(span_is(event.message.to, "106591234"));
	assert_int_equal(event.message.coding, SMS_GBK);
	assert_true(span_is(event.message.octets, "\xBE\xD9\xB1\xA8"));
	assert_false(event.message.sar);
	assert_memory_equal(event.sequence_rest, ID, 10);
}

static void parts(void **state)
{
	struct ismg_deliver part = plain;
	struct link_event event;

	(void)state;
	part.format = 8;
	part.content = SPAN("\x05\0\x03\x2A\x02\x01\x4F\x60");
	part.options = SPAN("\0\x02\0\x01\x01" "\0\x09\0\x01\x02" "\0\x0A\0\x01\x01");
	event = delivered(&part);
	assert_int_equal(event.message.header.len, 6);
	assert_false(event.message.sar);   /* the header tells, and has a reference */
	part.content = SPAN("\x4F\x60");
	part.options = SPAN("\0\x09\0\x01\x02" "\0\x0A\0\x01\x02" "\x77\x77\0\0");
	event = delivered(&part);
	assert_true(event.message.sar);
	assert_int_equal(event.message.sar_total, 2);
	assert_int_equal(event.message.sar_number, 2);
	assert_int_equal(event.message.octets.len, 2);
}

static void pseudonyms(void **state)
{
	struct ismg_deliver d = plain;
	struct link_event event;

	(void)state;
	d.options = SPAN("\0\x0E\0\x05" "ABC\0\0" "\0\x0D\0\x01\x01");
	event = delivered(&d);
	assert_true(event.message.pseudonym);
	assert_true(span_is(event.message.from, "ABC"));
	d.options = SPAN("\0\x0E\0\x05" "ABC\0\0" "\0\x0D\0\x01\0");
	assert_false(delivered(&d).message.pseudonym);
}

static struct link_event reported(struct span content)
{
	struct ismg_deliver d = plain;

	d.is_report = 1;
	d.format = 0;
	d.content = content;
	return delivered(&d);
}

static void reports(void **state)
{
	struct link_event event = reported(SPAN("id:" ID " sub:001 dlvrd:001 Submit date:2611221806 done date:2611221807 "
						"stat:DELIVRD err:000 text:012hello"));

	(void)state;
	assert_int_equal(event.kind, LINK_EV_REPORT);
	assert_true(span_is(event.report.id, ID_HEX));
	assert_int_equal(event.report.fate, LINK_DELIVERED);
	event = reported(SPAN("id:" ID_HEX " sub:001 Stat:UNDELIV err:008 text:"));
	assert_true(span_is(event.report.id, ID_HEX));
	assert_int_equal(event.report.fate, LINK_FAILED);
	assert_true(span_is(event.report.reason, "UNDELIV"));
}

/* Every start of a report is refused or read, and never looked behind. */
static void reports_that_are_none(void **state)
{
	const struct span whole = SPAN("id:" ID " sub:001 stat:");

	(void)state;
	for (size_t n = 0; n <= whole.len; n++) {
		struct link_event event = reported(span_from(whole.at, n));

		assert_int_equal(event.kind, LINK_EV_BROKEN);
		assert_true(event.later);
	}
	assert_int_equal(reported(SPAN("xx:" ID " stat:DELIVRD")).kind, LINK_EV_BROKEN);
}

static void broken_ones(void **state)
{
	struct ismg_deliver d = plain;

	(void)state;
	d.length = 100;
	assert_int_equal(delivered(&d).kind, LINK_EV_BROKEN);
	d.length = 0;
	d.options = SPAN("\0\x02\0");          /* half of an option */
	assert_int_equal(delivered(&d).kind, LINK_EV_BROKEN);
	d.options = SPAN("\0\x02\xFF\xFF\x01");
	assert_int_equal(delivered(&d).kind, LINK_EV_BROKEN);
	d.options = SPAN("\0\x02\0\0");        /* one octet that is not there */
	assert_int_equal(delivered(&d).kind, LINK_EV_BROKEN);
	assert_true(delivered(&d).later);
}

static void the_others(void **state)
{
	static const struct {
		uint32_t command;
		enum link_kind kind;
	} rows[] = {
		{ .command = 4, .kind = LINK_EV_ALIVE }, { .command = 0x80000004, .kind = LINK_EV_ALIVE_ANSWER },
		{ .command = 6, .kind = LINK_EV_CLOSE }, { .command = 0x80000006, .kind = LINK_EV_CLOSED },
		{ .command = 5, .kind = LINK_EV_UNKNOWN }, { .command = 0x80000003, .kind = LINK_EV_NOTHING },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		buf_clear(&pdu);
		ismg_put_bare(&pdu, rows[i].command, 3);
		assert_int_equal(event_now().kind, rows[i].kind);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(logins, clean),
		cmocka_unit_test_teardown(submit_results, clean),
		cmocka_unit_test_teardown(a_vector, clean),
		cmocka_unit_test_teardown(parts, clean),
		cmocka_unit_test_teardown(pseudonyms, clean),
		cmocka_unit_test_teardown(reports, clean),
		cmocka_unit_test_teardown(reports_that_are_none, clean),
		cmocka_unit_test_teardown(broken_ones, clean),
		cmocka_unit_test_teardown(the_others, clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
