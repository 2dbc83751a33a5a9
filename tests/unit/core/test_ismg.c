/*
 * What CMPP and SMGP share: frames, fields, content, states, the login's hash.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/hex.h"
#include "daemon/base/table.h"
#include "daemon/core/sms/coding.h"
#include "daemon/core/sms/ismg.h"

#include <stdlib.h>

static void lengths_that_cannot_be(void **state)
{
	(void)state;
	assert_int_equal(ismg_frame(SPAN("")), 0);
	assert_int_equal(ismg_frame(SPAN("\0\0\0")), 0);
	assert_int_equal(ismg_frame(SPAN("\0\0\0\x0C")), 12);
	assert_int_equal(ismg_frame(SPAN("\0\0\x10\0")), 4096);
	assert_true(ismg_frame(SPAN("\0\0\0\0")) == SIZE_MAX);
	assert_true(ismg_frame(SPAN("\0\0\0\x0B")) == SIZE_MAX);
	assert_true(ismg_frame(SPAN("\0\0\x10\x01")) == SIZE_MAX);
	assert_true(ismg_frame(SPAN("\xFF\xFF\xFF\xFF")) == SIZE_MAX);
}

static void a_reader_never_goes_past_the_end(void **state)
{
	struct ismg_in in = { .rest = SPAN("ab \0cd") };

	(void)state;
	assert_true(span_is(ismg_field(&in, 5), "ab"));
	assert_int_equal(ismg_octet(&in), 'd');
	assert_int_equal(ismg_octet(&in), 0);
	assert_true(in.broken);

	in = (struct ismg_in){ .rest = SPAN("abc") };
	assert_int_equal(ismg_octets(&in, 4).len, 0);
	assert_int_equal(ismg_octets(&in, 1).len, 0);
	assert_true(in.broken);
}

static void ids(void **state)
{
	struct arena arena = { 0 };

	(void)state;
	assert_true(span_is(ismg_id(SPAN("\x01\xAB"), &arena), "01ab"));
	assert_true(span_empty(ismg_id(SPAN("\0\0\0"), &arena)));
	arena_release(&arena);
}

static void formats(void **state)
{
	static const struct {
		unsigned format;
		enum sms_coding coding;
	} rows[] = {
		{ .format = 0, .coding = SMS_LATIN1 },    { .format = 3, .coding = SMS_LATIN1 },
		{ .format = 4, .coding = SMS_OCTETS },    { .format = 8, .coding = SMS_UTF16 },
		{ .format = 15, .coding = SMS_GBK },      { .format = 0x10, .coding = SMS_LATIN1 },
		{ .format = 0x18, .coding = SMS_UTF16 },  { .format = 0x19, .coding = SMS_UTF16 },
		{ .format = 0x15, .coding = SMS_OCTETS }, { .format = 0x1F, .coding = SMS_GBK },
		{ .format = 5, .coding = SMS_OCTETS },    { .format = 21, .coding = SMS_OCTETS },
		{ .format = 255, .coding = SMS_OCTETS },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct link_message message = { 0 };

		ismg_read_content(rows[i].format, false, SPAN("\x02xyz"), &message);
		assert_int_equal(message.coding, rows[i].coding);
		assert_int_equal(message.dcs, rows[i].format);
		assert_int_equal(message.header.len, 0);
		assert_int_equal(message.octets.len, 4);
	}
}

static void headers(void **state)
{
	struct link_message message = { 0 };

	(void)state;
	ismg_read_content(8, true, SPAN("\x05\0\x03\x07\x02\x01" "ab"), &message);
	assert_int_equal(message.header.len, 6);
	assert_true(span_is(message.octets, "ab"));
	ismg_read_content(8, true, SPAN("\x01x"), &message);
	assert_int_equal(message.header.len, 2);
	assert_int_equal(message.octets.len, 0);
	ismg_read_content(8, true, SPAN("\x07short"), &message);   /* a length past the end */
	assert_int_equal(message.header.len, 0);
	assert_int_equal(message.octets.len, 6);
	ismg_read_content(8, true, SPAN(""), &message);
	assert_int_equal(message.header.len + message.octets.len, 0);
}

static void states(void **state)
{
	static const struct {
		const char *state;
		enum link_fate fate;
		bool final;
	} rows[] = {
		{ .state = "DELIVRD", .fate = LINK_DELIVERED, .final = true },
		{ .state = "delivrd", .fate = LINK_DELIVERED, .final = true },
		{ .state = "ACCEPTD", .fate = LINK_BUFFERED },
		{ .state = "UNKNOWN", .fate = LINK_FATE_UNKNOWN, .final = true },
		{ .state = "EXPIRED", .fate = LINK_FAILED, .final = true },
		{ .state = "UNDELIV", .fate = LINK_FAILED, .final = true },
		{ .state = "MA:0001", .fate = LINK_FAILED, .final = true },
	};
	struct link_report report = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		ismg_read_state(span_of(rows[i].state), &report);
		assert_int_equal(report.fate, rows[i].fate);
		assert_int_equal(report.final, rows[i].final);
		assert_true(span_is(report.reason, rows[i].state));
	}
	ismg_read_state(SPAN("a\nb"), &report);   /* would be a line of the log */
	assert_true(span_is(report.reason, "?"));
	assert_int_equal(report.fate, LINK_FAILED);
}

/* The first digest stands in the tests of other implementations of CMPP; the second is by Python's hashlib. */
static void authenticators(void **state)
{
	const struct link_config mobile = { .account = "900001", .password = "888888" };
	const struct link_config telecom = { .account = "31000001", .password = "s3cret" };
	unsigned char digest[16];
	char hex[33] = { 0 };

	(void)state;
	ismg_authenticator(&mobile, 9, 1021080510, digest);
	hex_put(digest, sizeof(digest), hex);
	assert_string_equal(hex, "90d00c1d517abd0b4f65f6bcf8535d16");
	ismg_authenticator(&mobile, 9, 101000000, digest);   /* ten digits, also in January */
	hex_put(digest, sizeof(digest), hex);
	assert_string_equal(hex, "d940cd9288a4fb70efd0ca84a10e8bf5");
	ismg_authenticator(&telecom, 7, 1122180627, digest);
	hex_put(digest, sizeof(digest), hex);
	assert_string_equal(hex, "ef4611c080802ed785cec5262f8d65fb");
}

static void stamps_are_beijing_time(void **state)
{
	(void)state;
	assert_int_equal(ismg_stamp(INT64_C(1795341987000)), 1122180627);   /* 2026-11-22 10:06:27 UTC */
	assert_int_equal(ismg_stamp(INT64_C(1767196800999)), 101000000);    /* 2025-12-31 16:00:00.999 UTC */
}

static void places(void **state)
{
	struct buf out = { 0 };

	(void)state;
	ismg_put_field(&out, SPAN("abc"), 5);
	assert_memory_equal(out.at, "abc\0\0", 5);
	ismg_put_field(&out, SPAN("abcde"), 5);
	ismg_put_field(&out, SPAN("abcdef"), 5);   /* a number that is cut is somebody else's */
	ismg_put_field(&out, (struct span){ 0 }, 1);
	assert_int_equal(out.len, 16);
	assert_memory_equal(out.at + 5, "abcde\0\0\0\0\0\0", 11);
	buf_release(&out);
}

static void pdus_have_their_length(void **state)
{
	struct buf out = { 0 };
	size_t at;

	(void)state;
	ismg_put_bare(&out, 8, 7);
	at = ismg_begin(&out, 0x80000005, 0xFFFFFFFE);
	ismg_put_zeroes(&out, 300);
	ismg_end(&out, at);
	assert_memory_equal(out.at, "\0\0\0\x0C\0\0\0\x08\0\0\0\x07", 12);
	assert_memory_equal(out.at + 12, "\0\0\x01\x38\x80\0\0\x05\xFF\xFF\xFF\xFE", 12);
	assert_int_equal(ismg_frame(buf_span(&out)), 12);
	buf_release(&out);
}

static void sent_as(struct link_submit submit, unsigned format, struct span octets, bool fits)
{
	struct ismg_content content;

	ismg_content_of(&submit, &content);
	assert_int_equal(content.format, format);
	assert_int_equal(content.octets.len, octets.len);
	assert_memory_equal(content.octets.at, octets.at, octets.len);
	assert_int_equal(ismg_fits(&submit), fits);
	buf_release(&content.octets);
}

static void contents(void **state)
{
	(void)state;
	sent_as((struct link_submit){ .coding = SMS_UTF16, .octets = SPAN("\x4F\x60") }, 8, SPAN("\x4F\x60"), true);
	sent_as((struct link_submit){ .coding = SMS_UTF16, .header = SPAN("\x05\0\x03\1\2\1"), .octets = SPAN("\x4F\x60") }, 8,
		SPAN("\x05\0\x03\1\2\1\x4F\x60"), true);
	/* '@' is 0 in the alphabet of phones, '$' 2, '[' an escape and 0x3C. */
	sent_as((struct link_submit){ .coding = SMS_GSM7, .octets = SPAN("a\x00\x02\x1B\x3C") }, 0, SPAN("a@$["), true);
	/* "é" is no ASCII. */
	sent_as((struct link_submit){ .coding = SMS_GSM7, .octets = SPAN("a\x05") }, 8, SPAN("\0a\0\xE9"), false);
}

static void what_does_not_fit(void **state)
{
	char as[300];
	struct link_submit submit = { .coding = SMS_GSM7, .octets = { .at = as, .len = 159 } };
	struct ismg_content content;

	(void)state;
	memset(as, 'a', sizeof(as));
	assert_true(ismg_fits(&submit));
	submit.octets.len = 160;
	assert_false(ismg_fits(&submit));
	submit = (struct link_submit){ .coding = SMS_UTF16, .octets = { .at = as, .len = 140 } };
	assert_true(ismg_fits(&submit));
	submit.header = SPAN("\x05\0\x03\1\2\1");
	assert_false(ismg_fits(&submit));
	submit.octets.len = 300;
	ismg_content_of(&submit, &content);
	assert_true(content.octets.len <= 255);
	buf_release(&content.octets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths_that_cannot_be),
		cmocka_unit_test(a_reader_never_goes_past_the_end),
		cmocka_unit_test(ids),
		cmocka_unit_test(formats),
		cmocka_unit_test(headers),
		cmocka_unit_test(states),
		cmocka_unit_test(authenticators),
		cmocka_unit_test(stamps_are_beijing_time),
		cmocka_unit_test(places),
		cmocka_unit_test(pdus_have_their_length),
		cmocka_unit_test(contents),
		cmocka_unit_test(what_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
