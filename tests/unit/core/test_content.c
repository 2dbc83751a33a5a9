/*
 * Sealed records before sealing: round trips, sizes, and what is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/tip/content.h"
#include "daemon/core/tip/tlv.h"

#define TEN "今天下午在汽车站看见"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static void content_comes_back(void **state)
{
	struct tip_content in = {
		.text = SPAN(HUNDRED),
		.place = SPAN("Bahnhof 旁边"),
		.when = SPAN("yesterday"),
		.category = SPAN("trafficking"),
		.lang = SPAN("zh-CN"),
		.region = SPAN("150602"),
		.files = { { .name = SPAN("照片.jpg"),
			     .type = SPAN("image/jpeg"),
			     .bytes = 123456,
			     .stored = SPAN("f0a1") },
			   { .bytes = 0 },
			   { .name = SPAN("c"), .type = SPAN("text/plain"), .bytes = UINT64_MAX, .clean = SPAN("a1"),
			     .clean_bytes = 77, .clean_lead = 30 } },
		.nfiles = 3,
	};
	struct tip_content out;
	struct buf record = { 0 };
	struct arena arena = { 0 };

	(void)state;
	content_write(&in, &record);
	assert_int_equal(record.len, 512);
	assert_true(content_read(buf_span(&record), &arena, &out));
	assert_true(span_eq(in.text, out.text));
	assert_true(span_eq(in.place, out.place));
	assert_true(span_eq(in.when, out.when));
	assert_true(span_eq(in.category, out.category));
	assert_true(span_eq(in.lang, out.lang));
	assert_true(span_eq(in.region, out.region));
	assert_int_equal(out.nfiles, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_true(span_eq(in.files[i].name, out.files[i].name));
		assert_true(span_eq(in.files[i].type, out.files[i].type));
		assert_true(span_eq(in.files[i].stored, out.files[i].stored));
		assert_true(in.files[i].bytes == out.files[i].bytes);
		assert_true(span_eq(in.files[i].clean, out.files[i].clean));
		assert_true(in.files[i].clean_bytes == out.files[i].clean_bytes);
		assert_true(in.files[i].clean_lead == out.files[i].clean_lead);
	}
	buf_release(&record);
	arena_release(&arena);
}

/* Memory of the store follows from this one. */
static void a_hundred_characters_need_256_bytes(void **state)
{
	struct tip_content content = {
		.text = SPAN(HUNDRED),
		.place = SPAN("某市某县汽车站门口"),
		.category = SPAN("trafficking"),
		.lang = SPAN("zh-CN"),
	};
	struct buf record = { 0 };

	(void)state;
	assert_true(content_write(&content, &record) <= 256);
	assert_int_equal(record.len, 256);
	buf_release(&record);
}

static void more_files_than_may_be_are_refused(void **state)
{
	struct buf record = { 0 };
	struct arena arena = { 0 };
	struct tip_content out;

	(void)state;
	for (unsigned i = 0; i < TIP_FILES_MAX; i++)
		tlv_text(&record, 6, SPAN("f"));
	assert_true(content_read(buf_span(&record), &arena, &out));
	tlv_text(&record, 6, SPAN("f"));
	assert_false(content_read(buf_span(&record), &arena, &out));
	buf_clear(&record);
	tlv_text(&record, 7, SPAN("type of no file"));
	assert_false(content_read(buf_span(&record), &arena, &out));
	buf_release(&record);
	arena_release(&arena);
}

static void unknown_fields_are_skipped(void **state)
{
	struct buf record = { 0 };
	struct arena arena = { 0 };
	struct tip_content out;

	(void)state;
	tlv_text(&record, 100, SPAN("of a later version"));
	tlv_text(&record, 1, SPAN("words"));
	assert_true(content_read(buf_span(&record), &arena, &out));
	assert_true(span_is(out.text, "words"));
	buf_release(&record);
	arena_release(&arena);
}

static void message_comes_back(void **state)
{
	struct tip_message in = {
		.kind = MESSAGE_NOTE,
		.at_ms = 1763748000123,
		.author = SPAN("officer-7"),
		.text = SPAN("请补充车牌"),
	};
	struct tip_message out;
	struct buf record = { 0 };
	struct arena arena = { 0 };

	(void)state;
	message_write(&in, &record);
	assert_int_equal(record.len, 256);
	assert_true(message_read(buf_span(&record), &arena, &out));
	assert_int_equal(out.kind, in.kind);
	assert_true(out.at_ms == in.at_ms);
	assert_true(span_eq(out.author, in.author));
	assert_true(span_eq(out.text, in.text));
	buf_release(&record);
	arena_release(&arena);
}

static void a_message_brings_files_and_their_key(void **state)
{
	const struct tip_file files[] = {
		{ .name = SPAN("照片.jpg"), .type = SPAN("image/jpeg"), .bytes = 123456, .stored = SPAN("f0a1"), .clean = SPAN("a1"),
		  .clean_bytes = 77, .clean_lead = 30, .sum = SPAN("0123456789abcdef") },
		{ .name = SPAN("b.txt"), .type = SPAN("text/plain"), .bytes = 7, .stored = SPAN("f0a2") },
	};
	struct tip_message in = { .kind = MESSAGE_FROM_INFORMANT, .at_ms = 5, .files = files, .nfiles = 2,
				  .files_key = { .bytes = { 0xff, 0xfe, 3, 0 } } };
	struct tip_message out;
	struct buf record = { 0 };
	struct arena arena = { 0 };

	(void)state;
	message_write(&in, &record);
	assert_true(message_read(buf_span(&record), &arena, &out));
	assert_int_equal(out.text.len, 0);
	assert_int_equal(out.nfiles, 2);
	assert_memory_equal(out.files_key.bytes, in.files_key.bytes, SEAL_KEY_BYTES);
	assert_true(span_eq(out.files[0].name, files[0].name));
	assert_true(span_eq(out.files[0].sum, files[0].sum));
	assert_true(span_eq(out.files[0].clean, files[0].clean));
	assert_int_equal(out.files[0].clean_lead, 30);
	assert_true(span_eq(out.files[1].stored, files[1].stored));
	assert_int_equal(out.files[1].clean.len + out.files[1].sum.len, 0);
	buf_release(&record);
	arena_release(&arena);
}

static void files_of_a_message_are_refused_as_those_of_a_content(void **state)
{
	struct buf record = { 0 };
	struct arena arena = { 0 };
	struct tip_message out;

	(void)state;
	tlv_number(&record, 1, MESSAGE_FROM_INFORMANT);
	for (unsigned i = 0; i < TIP_FILES_MAX; i++)
		tlv_text(&record, 6, SPAN("f"));
	assert_true(message_read(buf_span(&record), &arena, &out));
	tlv_text(&record, 6, SPAN("f"));
	assert_false(message_read(buf_span(&record), &arena, &out));
	assert_false(message_read(SPAN("\x01\x01\x02\x07\x01t"), &arena, &out));    /* the type of no file */
	assert_false(message_read(SPAN("\x01\x01\x02\x05\x03key"), &arena, &out));  /* a key too short */
	buf_release(&record);
	arena_release(&arena);
}

static void a_message_of_no_known_kind_is_refused(void **state)
{
	struct arena arena = { 0 };
	struct tip_message out;

	(void)state;
	assert_false(message_read(SPAN("\x01\x01\x04"), &arena, &out));
	assert_false(message_read(SPAN("\x01\x00"), &arena, &out));
	assert_false(message_read(SPAN(""), &arena, &out));
	assert_true(message_read(SPAN("\x01\x01\x03"), &arena, &out));
	arena_release(&arena);
}

static void identity_comes_back(void **state)
{
	struct buf record = { 0 };
	struct arena arena = { 0 };
	struct span contact, sender;

	(void)state;
	identity_write(SPAN("微信 abc"), SPAN("+8613800138000"), &record);
	assert_int_equal(record.len, 128);
	assert_true(identity_read(buf_span(&record), &arena, &contact, &sender));
	assert_true(span_is(contact, "微信 abc"));
	assert_true(span_is(sender, "+8613800138000"));
	buf_release(&record);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(content_comes_back),
		cmocka_unit_test(a_hundred_characters_need_256_bytes),
		cmocka_unit_test(more_files_than_may_be_are_refused),
		cmocka_unit_test(unknown_fields_are_skipped),
		cmocka_unit_test(message_comes_back),
		cmocka_unit_test(a_message_brings_files_and_their_key),
		cmocka_unit_test(files_of_a_message_are_refused_as_those_of_a_content),
		cmocka_unit_test(a_message_of_no_known_kind_is_refused),
		cmocka_unit_test(identity_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
