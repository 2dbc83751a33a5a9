/*
 * Texts of any coding, and what becomes of a message: clean UTF-8; and cut into
 * parts it is the same text when they are joined.
 *
 *   octets  coding, data coding, protocol id, length of the header, header..., octets...
 */
#include "daemon/base/utf8.h"
#include "daemon/core/sms/message.h"
#include "daemon/core/sms/split.h"
#include "daemon/core/sms/text.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_split(struct span text)
{
	struct arena arena = { 0 };
	struct sms_split split;
	struct buf joined = { 0 };

	if (sms_split(text, &(struct sms_split_how){ .tables = { .single = 1 } }, &arena, &split)) {
		for (size_t i = 0; i < split.n; i++) {
			assert(split.at[i].header.len + split.at[i].octets.len * (split.coding == SMS_GSM7 ? 7 : 8) / 8 <=
			       SMS_OCTETS_MAX);
			sms_text_decode_with(split.coding, split.tables, split.at[i].octets, &joined);
		}
		/* A mark in front of a part is no letter, in UTF-16. */
		assert(span_find(text, SPAN("\xEF\xBB\xBF")) < text.len || span_find(text, SPAN("\xEF\xBF\xBE")) < text.len ||
		       span_eq(text, buf_span(&joined)));
	}
	buf_release(&joined);
	arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct sms_numbers numbers = { .home = "86" };
	struct arena arena = { 0 };
	struct sms_message m;

	if (size < 4 || size - 4 < data[3])
		return 0;
	struct link_message raw = {
		.coding = data[0] % SMS_CODINGS,
		.dcs = data[1],
		.protocol_id = data[2],
		.from = SPAN("8613800138000"),
		.to = SPAN("106900"),
		.header = span_from(data + 4, data[3]),
		.octets = span_from(data + 4 + data[3], size - 4 - data[3]),
	};

	sms_message_read(&raw, &numbers, &arena, &m);
	assert(m.kind == SMS_TEXT || m.kind == SMS_PART || m.kind == SMS_IGNORED);
	assert((m.kind == SMS_IGNORED) == (m.ignored != NULL));
	assert((m.kind == SMS_TEXT) == (m.text.len > 0));
	assert(utf8_valid(m.text) && (m.text.len == 0 || memchr(m.text.at, 0, m.text.len) == NULL));
	check_split(m.text);
	arena_release(&arena);
	return 0;
}
