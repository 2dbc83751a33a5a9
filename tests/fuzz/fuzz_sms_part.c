/*
 * A text, cut for the carrier, sealed part by part, and joined again in any
 * order: the same text. With parts missing it is marked, and nothing of the
 * others is lost; a part in another's place does not open.
 *
 *   octets  which part comes first, which are missing, width, tables, text...
 */
#include "daemon/base/hex.h"
#include "daemon/base/utf8.h"
#include "daemon/core/sms/split.h"
#include "daemon/core/sms/udh.h"
#include "handlers/intake/sms_part.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct seal_key key = { .bytes = { 7 } };

static void seal_one(const struct sms_split *split, size_t i, const unsigned char group[STORE_MARK_BYTES], struct arena *arena,
		     struct store_item *item)
{
	static const struct sms_numbers numbers = { .home = "86" };
	const struct link_message raw = { .from = SPAN("13800138000"), .to = SPAN("106900"), .coding = split->coding,
					  .header = split->at[i].header, .octets = split->at[i].octets };
	struct sms_message message;
	struct buf sealed = { 0 };

	sms_message_read(&raw, &numbers, arena, &message);
	assert(message.kind == SMS_PART && message.part_number == i + 1 && message.part_total == split->n);
	sms_part_seal(&key, group, SPAN("kannel"), &message, (int64_t)(i + 1) * 1000, &sealed);
	item->number = message.part_number;
	item->payload = arena_dup(arena, buf_span(&sealed));
	buf_release(&sealed);
}

static void check_order(struct span text, const struct sms_split *split, size_t first, struct arena *arena)
{
	struct store_parts parts = { .total = (unsigned)split->n, .nparts = split->n };
	struct sms_joined joined;

	parts.parts = arena_array(arena, struct store_item, split->n);
	for (size_t i = 0; i < split->n; i++)
		seal_one(split, (i + first) % split->n, parts.group, arena, &parts.parts[i]);
	assert(sms_parts_join(&key, &parts, arena, &joined));
	assert(joined.whole && joined.unreadable == 0 && joined.may_answer && joined.received_ms == 1000);
	assert(span_eq(joined.text, text));
}

static void check_missing(const struct sms_split *split, unsigned missing, struct arena *arena)
{
	struct store_parts parts = { .total = (unsigned)split->n };
	struct sms_joined joined;

	parts.parts = arena_array(arena, struct store_item, split->n);
	for (size_t i = 0; i < split->n; i++)
		if ((missing >> i % 8 & 1) == 0)
			seal_one(split, i, parts.group, arena, &parts.parts[parts.nparts++]);
	if (parts.nparts == 0 || parts.nparts == split->n)
		return;
	assert(sms_parts_join(&key, &parts, arena, &joined));
	assert(!joined.whole && utf8_valid(joined.text));
	assert(joined.text.len == 0 || span_find(joined.text, SPAN(SMS_GAP)) < joined.text.len);
	parts.parts[0].number = parts.parts[0].number % parts.total + 1;
	assert(sms_parts_join(&key, &parts, arena, &joined) == (parts.nparts > 1));
	assert(joined.unreadable == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct buf clean = { 0 };
	struct sms_split split;

	if (size < 4)
		return 0;
	/* What any text is by the time that it is sent. */
	sms_text_decode(SMS_UTF8, span_from(data + 4, size - 4), &clean);
	struct sms_split_how how = { .width = (data[2] & 1) != 0 ? 16 : 8, .reference = data[2], .utf16 = (data[2] & 2) != 0,
				     .tables = { .single = (unsigned char)(data[3] & 15), .locking = (unsigned char)(data[3] >> 4) } };

	if (sms_split(buf_span(&clean), &how, &arena, &split) && split.n > 1) {
		/* A byte order mark in front is none of the text's characters, in UTF-16. */
		if (span_find(buf_span(&clean), SPAN("\xEF\xBB\xBF")) == clean.len &&
		    span_find(buf_span(&clean), SPAN("\xEF\xBF\xBE")) == clean.len)
			check_order(buf_span(&clean), &split, data[0], &arena);
		check_missing(&split, data[1], &arena);
	}
	buf_release(&clean);
	arena_release(&arena);
	return 0;
}
