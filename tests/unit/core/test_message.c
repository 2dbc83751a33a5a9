/*
 * What a delivered message is: a text, a part by whichever count, or nothing
 * for readers; and one spelling of a number, however it came.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/core/sms/message.h"

static const struct sms_numbers numbers = { .home = "86" };
static struct arena arena;

static struct link_message a_message(enum sms_coding coding, struct span octets)
{
	return (struct link_message){ .key = SPAN("k"), .from = SPAN("8613800138000"), .to = SPAN("106900"),
				      .coding = coding, .octets = octets };
}

static struct sms_message message_of(const struct link_message *raw)
{
	struct sms_message m;

	sms_message_read(raw, &numbers, &arena, &m);
	return m;
}

static int finish(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static void texts_are_texts(void **state)
{
	struct link_message raw = a_message(SMS_GSM7, SPAN("\x1B\x65 5"));
	struct sms_message m = message_of(&raw);

	(void)state;
	assert_int_equal(m.kind, SMS_TEXT);
	assert_true(span_is(m.text, "€ 5"));
	assert_true(span_is(m.sender, "+8613800138000") && span_is(m.destination, "106900") && span_is(m.key, "k"));
	assert_true(m.may_answer);
	/* A flash message (class 0) is a message. */
	raw.dcs = 0x10;
	assert_int_equal(message_of(&raw).kind, SMS_TEXT);
	/* A header that says nothing of parts, and one that lies. */
	raw.header = SPAN("\x05\x00\x03\x2A\x02\x00");
	assert_int_equal(message_of(&raw).kind, SMS_TEXT);
	/* What looks like a report is none. */
	raw = a_message(SMS_GSM7, SPAN("id:1 stat:DELIVRD"));
	assert_int_equal(message_of(&raw).kind, SMS_TEXT);
}

static void a_header_names_the_tables(void **state)
{
	struct link_message raw = a_message(SMS_GSM7, SPAN("\x07\x1B\x73"));
	struct sms_message m;

	(void)state;
	raw.header = SPAN("\x06\x24\x01\x01\x25\x01\x01");
	assert_true(span_is(message_of(&raw).text, "ış"));
	raw.header = SPAN("\x0B\x00\x03\x2A\x02\x01\x24\x01\x01\x25\x01\x0D");
	m = message_of(&raw);
	assert_int_equal(m.kind, SMS_PART);
	assert_true(m.tables.single == 1 && m.tables.locking == 13);
	assert_true(span_eq(m.octets, raw.octets) && m.coding == SMS_GSM7);
}

static void parts_are_counted_by_header_or_beside_it(void **state)
{
	struct link_message raw = a_message(SMS_UTF16, SPAN("\x4E\x3E"));
	struct sms_message m;

	(void)state;
	raw.sar = true;
	raw.sar_reference = 0x10109;
	raw.sar_total = 3;
	raw.sar_number = 2;
	m = message_of(&raw);
	assert_int_equal(m.kind, SMS_PART);
	assert_true(m.part_kind == SMS_BY_SAR && m.part_width == 16 && m.part_reference == 0x109);
	assert_true(m.part_total == 3 && m.part_number == 2);
	raw.header = SPAN("\x05\x00\x03\x2A\x02\x01");
	m = message_of(&raw);
	assert_true(m.part_kind == SMS_BY_HEADER && m.part_width == 8 && m.part_reference == 0x2A && m.part_total == 2);
	raw.header = SPAN("");
	raw.sar_number = 4;
	assert_int_equal(message_of(&raw).kind, SMS_TEXT);
	raw.sar_number = 1;
	raw.sar_total = 1;
	assert_int_equal(message_of(&raw).kind, SMS_TEXT);
}

/* 255 of them would wait in the store, and 20 groups a sender. */
static void what_is_too_long_for_a_part_is_a_text(void **state)
{
	static const char septets[SMS_PART_OCTETS_MAX + 1] = { 0 };
	struct link_message raw = a_message(SMS_GSM7, span_from(septets, SMS_PART_OCTETS_MAX));

	(void)state;
	raw.header = SPAN("\x05\x00\x03\x2A\x02\x01");
	assert_int_equal(message_of(&raw).kind, SMS_PART);
	raw.octets.len++;
	assert_int_equal(message_of(&raw).kind, SMS_TEXT);
	assert_int_equal(message_of(&raw).text.len, SMS_PART_OCTETS_MAX + 1);
}

static void what_is_not_for_readers_says_why(void **state)
{
	static const struct {
		const char *why;
		unsigned dcs, protocol_id;
		struct span header, octets;
		enum sms_coding coding;
	} rows[] = {
		{ "silent", 0, 0x40, SPAN_INIT(""), SPAN_INIT("x"), SMS_GSM7 },
		{ "sim", 0xF6, 0x7F, SPAN_INIT(""), SPAN_INIT("\x02\x70"), SMS_OCTETS },
		{ "waiting", 0xC8, 0, SPAN_INIT(""), SPAN_INIT("x"), SMS_GSM7 },
		{ "waiting", 0, 0, SPAN_INIT("\x04\x01\x02\x80\x01"), SPAN_INIT("x"), SMS_GSM7 },
		{ "port", 4, 0, SPAN_INIT("\x06\x05\x04\x0B\x84\x23\xF0"), SPAN_INIT("\x01http://a/b"), SMS_OCTETS },
		{ "mms", 4, 0, SPAN_INIT("\x06\x05\x04\x0B\x84\x23\xF0"), SPAN_INIT("\x01\x06\x01\xBE\x8C\x86\x98t\0"), SMS_OCTETS },
		{ "mms", 4, 0, SPAN_INIT("\x0B\x05\x04\x0B\x84\x23\xF0\x00\x03\x01\x02\x02"), SPAN_INIT("a/b"), SMS_OCTETS },
		{ "port", 4, 0, SPAN_INIT("\x06\x05\x04\x15\x82\x00\x00"), SPAN_INIT("tone"), SMS_OCTETS },
		{ "port", 4, 0, SPAN_INIT("\x0B\x05\x04\x15\x82\x00\x00\x00\x03\x01\x02\x01"), SPAN_INIT("tone"), SMS_OCTETS },
		{ "data", 4, 0, SPAN_INIT(""), SPAN_INIT("\x89PNG\x00\x01\xFF"), SMS_OCTETS },
		{ "data", 0, 0, SPAN_INIT(""), SPAN_INIT(""), SMS_GSM7 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct link_message raw = a_message(rows[i].coding, rows[i].octets);

		raw.header = rows[i].header;
		raw.dcs = rows[i].dcs;
		raw.protocol_id = rows[i].protocol_id;
		struct sms_message m = message_of(&raw);

		assert_int_equal(m.kind, SMS_IGNORED);
		assert_string_equal(m.ignored, rows[i].why);
		assert_int_equal(m.text.len, 0);
	}
}

#define PORTS "\x05\x04\x0B\x84\x23\xF0"
#define NOTICE(transaction, from) \
	SPAN("\x01\x06\x01\xBE\x8C\x82\x98" transaction "\0\x8D\x92\x89" from "\x8A\x80\x8E\x02\x01\x00\x83http://mmsc.example/1\0")
#define ALICE "\x1A\x80+8613800138000/TYPE=PLMN\0"
#define BOB "\x1A\x80+8613800138001/TYPE=PLMN\0"

/* Hard case 31. */
static void a_picture_message_is_told_once(void **state)
{
	const struct span same[] = { NOTICE("t1", ALICE), SPAN("\x02\x07\x20" "application/vnd.wap.mms-message\0\x8C\x82\x98t1\0\x89" ALICE) };
	const struct span others[] = { NOTICE("t2", ALICE), NOTICE("t1", BOB) };
	struct link_message raw = a_message(SMS_OCTETS, NOTICE("t1", ALICE));
	struct sms_message m, first;

	(void)state;
	raw.from = SPAN("10658");
	raw.header = SPAN("\x06" PORTS);
	first = message_of(&raw);
	assert_int_equal(first.kind, SMS_TEXT);
	assert_true(span_is(first.text, SMS_MMS_TEXT) && span_is(first.sender, "+8613800138000") && !first.may_answer);
	assert_true(span_starts(first.key, SPAN("mms-")) && first.key.len == 36);
	for (size_t i = 0; i < COUNT_OF(same); i++) {
		raw.octets = same[i];
		assert_true(span_eq(message_of(&raw).key, first.key));
	}
	for (size_t i = 0; i < COUNT_OF(others); i++) {
		raw.octets = others[i];
		assert_false(span_eq(message_of(&raw).key, first.key));
	}
	/* The first part of two, cut in the address; to the other port, without a name. */
	raw.header = SPAN("\x0B" PORTS "\x00\x03\x01\x02\x01");
	raw.octets = span_from(NOTICE("t1", ALICE).at, 50);
	assert_true(span_eq(message_of(&raw).key, first.key));
	raw.header = SPAN("\x06\x05\x04\x23\xF0\x0B\x84");
	raw.octets = NOTICE("t3", "\x01\x81");
	m = message_of(&raw);
	assert_true(m.kind == SMS_TEXT && span_is(m.sender, "10658"));
}

/* Hard case 29. */
static void one_sender_however_spelled(void **state)
{
	static const char *const spellings[] = { "+8613800138000", "8613800138000", "008613800138000", "13800138000", " +8613800138000" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(spellings); i++) {
		struct link_message raw = a_message(SMS_GSM7, SPAN("x"));

		raw.from = span_of(spellings[i]);
		assert_true(span_is(message_of(&raw).sender, "+8613800138000"));
	}
}

static void names_services_and_ourselves_get_no_answer(void **state)
{
	static const char *const senders[] = { "INFO", "10086", "106900", "+8610690000", "", "a1b2c3d4e5f6a7b8" };
	struct link_message raw = a_message(SMS_GSM7, SPAN("x"));

	(void)state;
	for (size_t i = 0; i < COUNT_OF(senders); i++) {
		raw.from = span_of(senders[i]);
		assert_false(message_of(&raw).may_answer);
		assert_int_equal(message_of(&raw).kind, SMS_TEXT);
	}
	raw.from = SPAN("+8613800138000");
	raw.to = SPAN("13800138000");
	assert_false(message_of(&raw).may_answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_texts),
		cmocka_unit_test(a_header_names_the_tables),
		cmocka_unit_test(parts_are_counted_by_header_or_beside_it),
		cmocka_unit_test(what_is_too_long_for_a_part_is_a_text),
		cmocka_unit_test(what_is_not_for_readers_says_why),
		cmocka_unit_test(a_picture_message_is_told_once),
		cmocka_unit_test(one_sender_however_spelled),
		cmocka_unit_test(names_services_and_ourselves_get_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, finish);
}
