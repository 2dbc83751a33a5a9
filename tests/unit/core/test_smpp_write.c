/*
 * What we send: octets as the specification has them, at all lengths; answers under the number of their question.
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

static const struct link_config config = { .name = "carrier", .account = "tip", .password = "secret", .system_type = "",
					   .service = "", .sender = "106900", .coding0 = "gsm7" };

static void logins(void **state)
{
	static const struct {
		enum link_role role;
		uint32_t command;
	} rows[] = { { LINK_IN, 1 }, { LINK_OUT, 2 }, { LINK_BOTH, 9 } };
	struct buf out = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		buf_clear(&out);
		link_smpp.write_login(&config, rows[i].role, 0, 5, 0, &out);
		assert_int_equal(link_smpp.frame(buf_span(&out)), out.len);
		assert_int_equal(smpp_number_of(buf_span(&out), 4), rows[i].command);
		assert_int_equal(smpp_number_of(buf_span(&out), 12), 5);
		assert_true(span_eq(span_from_offset(buf_span(&out), 16), SPAN("tip\0secret\0\0\x34\0\0\0")));
	}
	buf_release(&out);
}

static void a_submit_as_specified(void **state)
{
	struct link_submit submit = { .to = SPAN("+8613800138000"), .coding = SMS_UTF16, .header = SPAN("\5\0\3\1\2\1"),
				      .octets = SPAN("\x4f\x60"), .want_report = true };
	struct buf out = { 0 };

	(void)state;
	link_smpp.write_submit(&config, &submit, 9, 0x34, &out);
	assert_true(span_eq(span_from_offset(buf_span(&out), 16),
			    SPAN("\0\0\1" "106900\0" "\1\1" "8613800138000\0" "\x40\0\0\0\0\1\0\x08\0\x08\5\0\3\1\2\1\x4f\x60")));
	buf_release(&out);
}

/* A submit_sm and a deliver_sm have the same fields: what we write, we read as the other. */
static void all_lengths_come_back(void **state)
{
	struct buf out = { 0 };
	struct arena arena = { 0 };
	char text[300];

	(void)state;
	for (size_t n = 0; n < sizeof(text); n++)
		text[n] = (char)n;
	for (size_t n = 1; n <= sizeof(text); n++) {
		struct link_submit submit = { .to = SPAN("+8613800138000"), .coding = SMS_GSM7, .octets = span_from(text, n) };
		struct link_event event;

		buf_clear(&out);
		link_smpp.write_submit(&config, &submit, 9, 0x34, &out);
		out.at[7] = 5;
		assert_int_equal(link_smpp.frame(buf_span(&out)), out.len);
		link_smpp.read(&config, 0, buf_span(&out), &arena, &event);
		assert_int_equal(event.kind, LINK_EV_MESSAGE);
		assert_true(span_eq(event.message.octets, submit.octets));
		assert_true(span_is(event.message.to, "+8613800138000") && span_is(event.message.from, "106900"));
		assert_int_equal(event.message.coding, SMS_GSM7);
	}
	arena_release(&arena);
	buf_release(&out);
}

static void addresses(void **state)
{
	static const struct {
		const char *sender;
		struct span octets;
	} rows[] = {
		{ "", SPAN_INIT("\0\0\0\0\1\1") },
		{ "+8610", SPAN_INIT("\0\1\1" "8610\0\1\1") },
		{ "Bureau", SPAN_INIT("\0\5\0Bureau\0\1\1") },
		{ "1234567890123456789012345", SPAN_INIT("\0\0\1" "12345678901234567890\0\1\1") },
	};
	struct link_submit submit = { .to = SPAN("+8613800138000"), .octets = SPAN("x") };
	struct buf out = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct link_config other = config;

		other.sender = rows[i].sender;
		buf_clear(&out);
		link_smpp.write_submit(&other, &submit, 9, 0x34, &out);
		assert_true(span_starts(span_from_offset(buf_span(&out), 16), rows[i].octets));
	}
	buf_release(&out);
}

static void answers(void **state)
{
	static const struct {
		uint32_t command;
		enum link_answer answer;
		uint32_t status;
	} rows[] = { { 5, LINK_TAKEN, 0 }, { 5, LINK_AGAIN, 0x64 }, { 0x103, LINK_NEVER, 0x65 } };
	struct buf out = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct link_event event = { .command = rows[i].command, .sequence = 0xA1B2C3D4 };
		struct buf wanted = { 0 };

		buf_clear(&out);
		link_smpp.write_answer(&event, rows[i].answer, 0x34, &out);
		smpp_pdu_to(&wanted, rows[i].command | 0x80000000, rows[i].status, 0xA1B2C3D4, SPAN("\0"));
		assert_true(span_eq(buf_span(&out), buf_span(&wanted)));
		buf_release(&wanted);
	}
	buf_release(&out);
}

static void the_rest(void **state)
{
	const struct link_event asked = { .command = 0x77, .sequence = 3, .status = 3 }, cut = { .command = 5, .sequence = 4, .status = 1 };
	struct buf out = { 0 }, wanted = { 0 };

	(void)state;
	link_smpp.write_alive(1, &out);
	smpp_pdu_to(&wanted, 0x15, 0, 1, SPAN(""));
	link_smpp.write_alive_answer(&asked, &out);
	smpp_pdu_to(&wanted, 0x80000015, 0, 3, SPAN(""));
	link_smpp.write_close(2, &out);
	smpp_pdu_to(&wanted, 6, 0, 2, SPAN(""));
	link_smpp.write_close_answer(&asked, &out);
	smpp_pdu_to(&wanted, 0x80000006, 0, 3, SPAN(""));
	link_smpp.write_unknown(&asked, &out);
	smpp_pdu_to(&wanted, 0x80000000, 3, 3, SPAN(""));
	link_smpp.write_unknown(&cut, &out);
	smpp_pdu_to(&wanted, 0x80000005, 1, 4, SPAN("\0"));
	assert_true(span_eq(buf_span(&out), buf_span(&wanted)));
	buf_release(&out);
	buf_release(&wanted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(logins),
		cmocka_unit_test(a_submit_as_specified),
		cmocka_unit_test(all_lengths_come_back),
		cmocka_unit_test(addresses),
		cmocka_unit_test(answers),
		cmocka_unit_test(the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
