/*
 * What a carrier sends: every legal deliver_sm is read, every field limit holds, what is cut anywhere is broken and
 * the connection goes on; statuses are told apart by what follows from them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/core/sms/coding.h"
#include "daemon/core/sms/smpp.h"
#include "tests/support/smpp_octets.h"

static const struct link_config config = { .name = "carrier", .coding0 = "gsm7" };
static struct arena arena;

static struct link_event event_of(uint32_t command, uint32_t status, struct span body)
{
	struct link_event event;
	struct buf pdu = { 0 };

	smpp_pdu_to(&pdu, command, status, 77, body);
	struct span kept = arena_dup(&arena, buf_span(&pdu));

	assert_int_equal(link_smpp.frame(kept), kept.len);
	link_smpp.read(&config, 0, kept, &arena, &event);
	buf_release(&pdu);
	assert_int_equal(event.sequence, 77);
	assert_int_equal(event.command, command);
	return event;
}

static struct link_event delivered(unsigned esm, unsigned dcs, struct span octets, struct span options)
{
	struct buf body = { 0 };
	struct link_event event;

	smpp_deliver_to(&body, esm, dcs, octets);
	buf_add_span(&body, options);
	event = event_of(5, 0, buf_span(&body));
	buf_release(&body);
	return event;
}

static bool is(struct span s, struct span wanted)
{
	return span_eq(s, wanted);
}

static void a_message_is_read(void **state)
{
	struct link_event e = delivered(0, 8, SPAN("\x4f\x60"), SPAN(""));

	(void)state;
	assert_int_equal(e.kind, LINK_EV_MESSAGE);
	assert_true(is(e.message.from, SPAN("+8613800138000")));
	assert_true(is(e.message.to, SPAN("106900")));
	assert_int_equal(e.message.coding, SMS_UTF16);
	assert_true(is(e.message.octets, SPAN("\x4f\x60")));
	assert_int_equal(e.message.header.len, 0);
	assert_false(e.message.sar);
}

static void codings_are_known(void **state)
{
	static const struct {
		unsigned dcs, coding;
	} rows[] = {
		{ 0, SMS_GSM7 },      { 1, SMS_LATIN1 },    { 2, SMS_OCTETS },  { 3, SMS_LATIN1 },  { 4, SMS_OCTETS },
		{ 8, SMS_UTF16 },     { 15, SMS_GBK },      { 0x10, SMS_GSM7 }, { 0x18, SMS_UTF16 }, { 0x14, SMS_OCTETS },
		{ 0xF0, SMS_GSM7 },   { 0xF4, SMS_OCTETS }, { 0xE0, SMS_UTF16 }, { 0xD0, SMS_GSM7 },  { 5, SMS_OCTETS },
		{ 0x80, SMS_OCTETS },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(delivered(0, rows[i].dcs, SPAN("text"), SPAN("")).message.coding, rows[i].coding);
}

static void headers_are_taken_off(void **state)
{
	struct link_event e = delivered(0x40, 0, SPAN("\5\0\3\x2a\2\1text"), SPAN(""));

	(void)state;
	assert_true(is(e.message.header, SPAN("\5\0\3\x2a\2\1")));
	assert_true(is(e.message.octets, SPAN("text")));
	e = delivered(0x40, 0, SPAN("\x2atext"), SPAN(""));
	assert_int_equal(e.message.header.len, 0);
	assert_true(is(e.message.octets, SPAN("\x2atext")));
	e = delivered(0x40, 0, SPAN("\4text"), SPAN(""));
	assert_int_equal(e.message.octets.len, 0);
}

static void options_are_read(void **state)
{
	struct buf options = { 0 };
	char payload[4096];
	struct link_event e;

	(void)state;
	memset(payload, 'p', sizeof(payload));
	smpp_option_to(&options, 0x1400, SPAN("a vendor's own"));
	smpp_option_to(&options, 0x020C, SPAN("\1\x2a"));
	smpp_option_to(&options, 0x020E, SPAN("\3"));
	smpp_option_to(&options, 0x020F, SPAN("\2"));
	smpp_option_to(&options, 0x0424, span_from(payload, sizeof(payload)));
	e = delivered(0, 0, SPAN(""), buf_span(&options));
	assert_int_equal(e.kind, LINK_EV_MESSAGE);
	assert_true(is(e.message.octets, span_from(payload, sizeof(payload))));
	assert_true(e.message.sar && e.message.sar_reference == 0x12A && e.message.sar_total == 3 && e.message.sar_number == 2);
	/* With a text of its own, the payload is none. */
	assert_true(is(delivered(0, 0, SPAN("short"), buf_span(&options)).message.octets, SPAN("short")));
	buf_release(&options);
}

static void parts_that_make_no_sense_are_none(void **state)
{
	static const char *const numbers[] = { "\2\3", "\2\0", "\1\1", "\0\0" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(numbers); i++) {
		struct buf options = { 0 };

		smpp_option_to(&options, 0x020C, SPAN("\0\1"));
		smpp_option_to(&options, 0x020E, span_from(numbers[i], 1));
		smpp_option_to(&options, 0x020F, span_from(numbers[i] + 1, 1));
		assert_false(delivered(0, 0, SPAN("x"), buf_span(&options)).message.sar);
		buf_release(&options);
	}
}

/* service_type, addresses, schedule, validity with so many characters each. */
static struct link_event with_fields(size_t service, size_t address, size_t time)
{
	struct buf body = { 0 };
	struct link_event event;
	const char *digits = "1234567890123456789012345678901234567890";

	buf_add(&body, digits, service);
	buf_add(&body, "\0\0\0", 3);
	buf_add(&body, digits, address);
	buf_add(&body, "\0\0\0", 3);
	buf_add(&body, digits, address);
	buf_add(&body, "\0\0\0\0", 4);
	buf_add(&body, digits, time);
	buf_add(&body, "\0", 1);
	buf_add(&body, digits, time);
	buf_add(&body, "\0\0\0\0\0\4text", 10);
	event = event_of(5, 0, buf_span(&body));
	buf_release(&body);
	return event;
}

static void field_limits(void **state)
{
	(void)state;
	assert_int_equal(with_fields(0, 0, 0).kind, LINK_EV_MESSAGE);
	assert_int_equal(with_fields(5, 20, 16).kind, LINK_EV_MESSAGE);
	assert_int_equal(with_fields(6, 20, 16).kind, LINK_EV_BROKEN);
	assert_int_equal(with_fields(5, 21, 16).kind, LINK_EV_BROKEN);
	assert_int_equal(with_fields(5, 20, 17).kind, LINK_EV_BROKEN);
	assert_true(is(with_fields(5, 20, 16).message.octets, SPAN("text")));
}

static void all_lengths_of_a_text(void **state)
{
	char text[255];

	(void)state;
	memset(text, 'x', sizeof(text));
	for (size_t n = 0; n <= sizeof(text); n++)
		assert_int_equal(delivered(0, 0, span_from(text, n), SPAN("")).message.octets.len, n);
}

static void cut_anywhere_it_is_broken(void **state)
{
	struct buf body = { 0 };
	size_t whole;

	(void)state;
	smpp_deliver_to(&body, 0, 0, SPAN("text"));
	whole = body.len;
	smpp_option_to(&body, 0x0204, SPAN("\0\1"));
	for (size_t n = 0; n <= body.len; n++) {
		struct link_event e = event_of(5, 0, span_from(body.at, n));

		assert_int_equal(e.kind, n == whole || n == body.len ? LINK_EV_MESSAGE : LINK_EV_BROKEN);
		assert_true(e.kind != LINK_EV_BROKEN || (e.later && e.status != 0));
	}
	buf_release(&body);
}

static void lengths_that_cannot_be(void **state)
{
	(void)state;
	assert_int_equal(link_smpp.frame(SPAN("\0\0\0")), 0);
	assert_int_equal(link_smpp.frame(SPAN("")), 0);
	assert_int_equal(link_smpp.frame(SPAN("\0\0\0\0")), SIZE_MAX);
	assert_int_equal(link_smpp.frame(SPAN("\0\0\0\x0f")), SIZE_MAX);
	assert_int_equal(link_smpp.frame(SPAN("\0\0\0\x10")), 16);
	assert_int_equal(link_smpp.frame(SPAN("\0\1\x11\x70")), LINK_PDU_MAX);
	assert_int_equal(link_smpp.frame(SPAN("\0\1\x11\x71")), SIZE_MAX);
	assert_int_equal(link_smpp.frame(SPAN("\xff\xff\xff\xff")), SIZE_MAX);
}

static void statuses_by_what_follows(void **state)
{
	static const struct {
		unsigned status;
		enum link_outcome outcome;
	} rows[] = {
		{ 0, LINK_ACCEPTED },     { 0x58, LINK_THROTTLED }, { 0x14, LINK_THROTTLED }, { 0x08, LINK_LATER },
		{ 0x45, LINK_LATER },     { 0x0A, LINK_REFUSED },   { 0x0B, LINK_REFUSED },   { 0x33, LINK_REFUSED },
		{ 0x43, LINK_REFUSED },   { 0x48, LINK_REFUSED },   { 0x51, LINK_REFUSED },   { 0x61, LINK_REFUSED },
		{ 0x62, LINK_REFUSED },   { 0x04, LINK_BAD },       { 0x05, LINK_BAD },       { 0x0D, LINK_BAD },
		{ 0x0E, LINK_BAD },       { 0x0F, LINK_BAD },       { 0xFF, LINK_LATER },     { 0x400, LINK_LATER },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct link_event e = event_of(0x80000004, rows[i].status, SPAN(""));

		assert_int_equal(e.kind, LINK_EV_SUBMITTED);
		assert_int_equal(e.outcome, rows[i].outcome);
	}
	assert_true(is(event_of(0x80000004, 0, SPAN("4a7F\0")).id, SPAN("4a7F")));
	assert_true(is(event_of(0x80000004, 0, SPAN("no end")).id, SPAN("no end")));
	assert_int_equal(event_of(0x80000000, 3, SPAN("")).outcome, LINK_REFUSED);
	assert_int_equal(event_of(0x80000000, 0x58, SPAN("")).outcome, LINK_THROTTLED);
}

static void logins(void **state)
{
	(void)state;
	assert_int_equal(event_of(0x80000009, 0, SPAN("smsc\0")).kind, LINK_EV_LOGGED_IN);
	assert_int_equal(event_of(0x80000001, 0, SPAN("")).kind, LINK_EV_LOGGED_IN);
	assert_int_equal(event_of(0x80000002, 0, SPAN("smsc\0\2\x10\0\1\x33")).version, 0x33);
	assert_true(event_of(0x80000009, 0x0D, SPAN("")).later);
	assert_int_equal(event_of(0x80000009, 0x0E, SPAN("")).kind, LINK_EV_REFUSED);
	assert_false(event_of(0x80000009, 0x0E, SPAN("")).later);
}

static void other_commands(void **state)
{
	static const struct {
		uint32_t command;
		enum link_kind kind;
	} rows[] = {
		{ 0x15, LINK_EV_ALIVE }, { 0x80000015, LINK_EV_ALIVE_ANSWER }, { 6, LINK_EV_CLOSE }, { 0x80000006, LINK_EV_CLOSED },
		{ 0x102, LINK_EV_NOTHING }, { 0x0B, LINK_EV_NOTHING }, { 0x77, LINK_EV_UNKNOWN }, { 9, LINK_EV_UNKNOWN },
		{ 0x80000103, LINK_EV_NOTHING }, { 0x80000077, LINK_EV_NOTHING },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(event_of(rows[i].command, 0, SPAN("")).kind, rows[i].kind);
}

static int release(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_read),
		cmocka_unit_test(codings_are_known),
		cmocka_unit_test(headers_are_taken_off),
		cmocka_unit_test(options_are_read),
		cmocka_unit_test(parts_that_make_no_sense_are_none),
		cmocka_unit_test(field_limits),
		cmocka_unit_test(all_lengths_of_a_text),
		cmocka_unit_test(cut_anywhere_it_is_broken),
		cmocka_unit_test(lengths_that_cannot_be),
		cmocka_unit_test(statuses_by_what_follows),
		cmocka_unit_test(logins),
		cmocka_unit_test(other_commands),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
