/*
 * CMPP read: every PDU that a gateway sends, in both versions, whole and cut.
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
static const struct link_config config = { .account = "900001", .password = "888888", .version = "3.0" };

static int clean(void **state)
{
	(void)state;
	arena_release(&arena);
	buf_release(&pdu);
	return 0;
}

static struct link_event event_of(unsigned version)
{
	struct link_event event;

	link_cmpp.read(&config, version, buf_span(&pdu), &arena, &event);
	return event;
}

static struct link_event event_of_hex(unsigned version, const char *hex)
{
	struct buf octets = { 0 };
	struct link_event event;

	for (; hex[0] != '\0' && hex[1] != '\0'; hex += 2)
		buf_add_byte(&octets, hex_digit(hex[0]) << 4 | hex_digit(hex[1]));
	struct span kept = arena_dup(&arena, buf_span(&octets));

	buf_release(&octets);
	assert_int_equal(link_cmpp.frame(kept), kept.len);
	link_cmpp.read(&config, version, kept, &arena, &event);
	return event;
}

static struct link_event connect_resp(unsigned version, unsigned status, unsigned octets, unsigned highest)
{
	buf_clear(&pdu);
	size_t at = ismg_begin(&pdu, CMPP_CONNECT | ISMG_RESPONSE, 1);

	ismg_put_number(&pdu, status, octets);
	ismg_put_zeroes(&pdu, 16);
	buf_add_byte(&pdu, (int)highest);
	ismg_end(&pdu, at);
	return event_of(version);
}

static void logins(void **state)
{
	struct link_event event = connect_resp(0, 0, 4, 0x30);

	(void)state;
	assert_int_equal(event.kind, LINK_EV_LOGGED_IN);
	assert_int_equal(event.version, CMPP_3_0);
	event = connect_resp(0, 0, 1, 0x20);
	assert_int_equal(event.kind, LINK_EV_LOGGED_IN);
	assert_int_equal(event.version, CMPP_2_0);
	event = connect_resp(CMPP_2_0, 0, 1, 0x30);   /* could do more than was asked for */
	assert_int_equal(event.version, CMPP_2_0);
}

static void refusals(void **state)
{
	static const struct {
		unsigned asked, status, octets, next;
		bool later;
	} rows[] = {
		{ .asked = 0, .status = 4, .octets = 4, .next = CMPP_2_0, .later = true },
		{ .asked = 0, .status = 4, .octets = 1, .next = CMPP_2_0, .later = true },
		{ .asked = CMPP_2_0, .status = 4, .octets = 1, .next = 0 },
		{ .asked = 0, .status = 1, .octets = 4, .next = 0 },
		{ .asked = 0, .status = 2, .octets = 4, .next = 0 },
		{ .asked = 0, .status = 3, .octets = 4, .next = 0 },
		{ .asked = 0, .status = 5, .octets = 4, .next = 0, .later = true },
		{ .asked = 0, .status = 0xFFFFFFFF, .octets = 4, .next = 0, .later = true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct link_event event = connect_resp(rows[i].asked, rows[i].status, rows[i].octets, 0x20);

		assert_int_equal(event.kind, LINK_EV_REFUSED);
		assert_int_equal(event.status, rows[i].status);
		assert_int_equal(event.version, rows[i].next);
		assert_int_equal(event.later, rows[i].later);
	}
}

/* Laid out by hand after CMPP 2.0, 7.4.5: "举报" in GBK from 13800138000 to 106900, and in 3.0 with a pseudonym. */
static void vectors(void **state)
{
	struct link_event event = event_of_hex(CMPP_2_0,
		"00000059" "00000005" "0000002a" "b1d3924d0004d2ab" "313036393030000000000000000000000000000000"
		"48454c50000000000000" "00" "00" "0f" "313338303031333830303000000000000000000000" "00" "04" "bed9b1a8"
		"0000000000000000");

	(void)state;
	assert_int_equal(event.kind, LINK_EV_MESSAGE);
	assert_int_equal(event.sequence, 42);
	assert_true(span_is(event.message.key, "b1d3924d0004d2ab"));
	assert_true(span_is(event.message.from, "13800138000"));
	assert_true(span_is(event.message.to, "106900"));
	assert_int_equal(event.message.coding, SMS_GBK);
	assert_true(span_is(event.message.octets, "\xBE\xD9\xB1\xA8"));
	assert_false(event.message.pseudonym);
	event = event_of_hex(CMPP_3_0,
		"0000006f" "00000005" "0000002b" "b1d3924d0004d2ac" "313036393030000000000000000000000000000000"
		"48454c50000000000000" "00" "00" "08"
		"3133383030313338303030414243444546474849303132333435363738394142" "01" "00" "02" "4f60"
		"0000000000000000000000000000000000000000");
	assert_int_equal(event.kind, LINK_EV_MESSAGE);
	assert_true(event.message.pseudonym);
	assert_int_equal(event.message.from.len, 32);
	assert_int_equal(event.message.coding, SMS_UTF16);
}

static const struct ismg_deliver part = {
	.id = SPAN_INIT("\x01\x02\x03\x04\x05\x06\x07\x08"),
	.to = SPAN_INIT("10690012110"),
	.from = SPAN_INIT("8613800138000"),
	.has_header = 1,
	.format = 8,
	.content = SPAN_INIT("\x05\x00\x03\x2A\x02\x01\x4F\x60"),
};

static void parts_in_both_versions(void **state)
{
	static const unsigned versions[] = { CMPP_2_0, CMPP_3_0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(versions); i++) {
		buf_clear(&pdu);
		put_cmpp_deliver(versions[i], 9, &part, &pdu);
		struct link_event event = event_of(versions[i]);

		assert_int_equal(event.kind, LINK_EV_MESSAGE);
		assert_true(span_is(event.message.from, "8613800138000"));
		assert_int_equal(event.message.header.len, 6);
		assert_true(span_is(event.message.octets, "\x4F\x60"));
		assert_memory_equal(event.sequence_rest, "\x01\x02\x03\x04\x05\x06\x07\x08", 8);
		assert_int_equal(event.version, versions[i]);
	}
}

/* A length that lies, in both directions; every start of a PDU; and a length in the head that is not the PDU's. */
static void broken_ones(void **state)
{
	struct ismg_deliver lie = part;
	struct link_event event;

	(void)state;
	lie.length = 200;
	put_cmpp_deliver(CMPP_3_0, 9, &lie, &pdu);
	event = event_of(CMPP_3_0);
	assert_int_equal(event.kind, LINK_EV_BROKEN);
	assert_true(event.later);
	assert_int_equal(event.status, 4);
	buf_clear(&pdu);
	put_cmpp_deliver(CMPP_3_0, 9, &part, &pdu);
	size_t whole = pdu.len;

	for (size_t n = ISMG_HEAD; n < whole; n++) {
		struct span octets = arena_dup(&arena, span_from(pdu.at, n));

		((char *)(uintptr_t)octets.at)[2] = 0;
		((char *)(uintptr_t)octets.at)[3] = (char)n;
		link_cmpp.read(&config, CMPP_3_0, octets, &arena, &event);
		assert_int_equal(event.kind, LINK_EV_BROKEN);
		assert_true(event.later);
	}
	link_cmpp.read(&config, CMPP_3_0, span_from(pdu.at, whole - 1), &arena, &event);
	assert_int_equal(event.kind, LINK_EV_BROKEN);
	assert_false(event.later);
}

static struct link_event report(struct span content, unsigned version)
{
	const struct ismg_deliver d = { .id = SPAN("\x09\x02\x03\x04\x05\x06\x07\x08"), .to = SPAN("106900"),
					.from = SPAN("13800138000"), .is_report = 1, .content = content };

	buf_clear(&pdu);
	put_cmpp_deliver(version, 1, &d, &pdu);
	return event_of(version);
}

static void reports(void **state)
{
	struct link_event event = report(SPAN("\x01\x02\x03\x04\x05\x06\x07\xFF" "DELIVRD" "26112218062611221807"
					      "13800138000\0\0\0\0\0\0\0\0\0\0" "\0\0\0\x01"), CMPP_2_0);

	(void)state;
	assert_int_equal(event.kind, LINK_EV_REPORT);
	assert_true(span_is(event.report.id, "01020304050607ff"));
	assert_int_equal(event.report.fate, LINK_DELIVERED);
	assert_true(event.report.final);
	event = report(SPAN("\x01\x02\x03\x04\x05\x06\x07\xFF" "MK:0012"), CMPP_3_0);
	assert_int_equal(event.report.fate, LINK_FAILED);
	assert_true(span_is(event.report.reason, "MK:0012"));
	event = report(SPAN("\x01\x02\x03\x04\x05\x06\x07\xFF" "DELIVR"), CMPP_3_0);
	assert_int_equal(event.kind, LINK_EV_BROKEN);
	assert_int_equal(event.status, 1);
	assert_int_equal(report(SPAN(""), CMPP_2_0).kind, LINK_EV_BROKEN);
}

static struct link_event submit_resp(unsigned status, unsigned octets)
{
	buf_clear(&pdu);
	size_t at = ismg_begin(&pdu, CMPP_SUBMIT | ISMG_RESPONSE, 77);

	buf_add(&pdu, "\x01\x02\x03\x04\x05\x06\x07\xFF", 8);
	ismg_put_number(&pdu, status, octets);
	ismg_end(&pdu, at);
	return event_of(octets == 4 ? CMPP_3_0 : CMPP_2_0);
}

static void submit_results(void **state)
{
	static const struct {
		unsigned status, octets;
		enum link_outcome outcome;
	} rows[] = {
		{ .status = 0, .octets = 4, .outcome = LINK_ACCEPTED },  { .status = 0, .octets = 1, .outcome = LINK_ACCEPTED },
		{ .status = 8, .octets = 4, .outcome = LINK_THROTTLED }, { .status = 8, .octets = 1, .outcome = LINK_THROTTLED },
		{ .status = 9, .octets = 4, .outcome = LINK_REFUSED },   { .status = 9, .octets = 1, .outcome = LINK_LATER },
		{ .status = 3, .octets = 4, .outcome = LINK_LATER },     { .status = 13, .octets = 4, .outcome = LINK_REFUSED },
		{ .status = 1, .octets = 1, .outcome = LINK_REFUSED },   { .status = 100, .octets = 1, .outcome = LINK_LATER },
		{ .status = 0xFFFFFFFF, .octets = 4, .outcome = LINK_LATER },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct link_event event = submit_resp(rows[i].status, rows[i].octets);

		assert_int_equal(event.kind, LINK_EV_SUBMITTED);
		assert_int_equal(event.sequence, 77);
		assert_true(span_is(event.id, "01020304050607ff"));
		assert_int_equal(event.outcome, rows[i].outcome);
		assert_int_equal(event.status, rows[i].status);
	}
	assert_int_equal(submit_resp(0, 0).kind, LINK_EV_BROKEN);
	assert_false(event_of(CMPP_2_0).later);
}

static void the_others(void **state)
{
	(void)state;
	assert_int_equal(event_of_hex(CMPP_3_0, "0000000c" "00000008" "00000001").kind, LINK_EV_ALIVE);
	assert_int_equal(event_of_hex(CMPP_3_0, "0000000d" "80000008" "00000001" "00").kind, LINK_EV_ALIVE_ANSWER);
	assert_int_equal(event_of_hex(CMPP_3_0, "0000000c" "00000002" "00000001").kind, LINK_EV_CLOSE);
	assert_int_equal(event_of_hex(CMPP_3_0, "0000000c" "80000002" "00000001").kind, LINK_EV_CLOSED);
	assert_int_equal(event_of_hex(CMPP_3_0, "0000000c" "00000009" "00000001").kind, LINK_EV_UNKNOWN);
	assert_int_equal(event_of_hex(CMPP_3_0, "0000000c" "80000009" "00000001").kind, LINK_EV_NOTHING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(logins, clean),
		cmocka_unit_test_teardown(refusals, clean),
		cmocka_unit_test_teardown(vectors, clean),
		cmocka_unit_test_teardown(parts_in_both_versions, clean),
		cmocka_unit_test_teardown(broken_ones, clean),
		cmocka_unit_test_teardown(reports, clean),
		cmocka_unit_test_teardown(submit_results, clean),
		cmocka_unit_test_teardown(the_others, clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
