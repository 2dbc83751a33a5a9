/*
 * What is remembered of a telephone; see sms_memory.h.
 */
#include "handlers/intake/sms_memory.h"

#include "daemon/base/wipe.h"
#include "daemon/core/tip/tlv.h"

#define DAY_MS INT64_C(86400000)
#define PAD 512
#define LABEL "sms memory"
#define CODE_LABEL "sms code"
#define WAY_LABEL "sms way"
#define TIP_BYTES (TIP_ID_LEN + SEAL_KEY_BYTES + SMS_WAY_BYTES)
#define WISH_LABEL "sms wish"
#define HEARD_BYTES (SMS_HEARD_BYTES + 4)   /* the mark, seconds */

enum tag {
	TAG_STOPPED = 1,
	TAG_LANG,
	TAG_DAY,
	TAG_ANSWERS,
	TAG_WAITS,
	TAG_RECEIVED,   /* of the tip that follows */
	TAG_TIP,        /* id, receipt key and way, once for each */
	TAG_HEARD,      /* once for each */
	TAG_WISHED,
};

void sms_memory_wipe(struct sms_memory *memory)
{
	wipe(memory, sizeof(*memory));
}

/* --- where ------------------------------------------------------------------------------ */

void sms_memory_mark(const struct seal_key *requests, struct span sender, unsigned char mark[16])
{
	seal_mark(requests, LABEL, sender, mark);
}

void sms_memory_way(const struct seal_key *requests, struct span gateway, unsigned char way[SMS_WAY_BYTES])
{
	unsigned char mark[16];

	seal_mark(requests, WAY_LABEL, gateway, mark);
	memcpy(way, mark, SMS_WAY_BYTES);
}

void sms_wish_mark(const struct seal_key *requests, struct span sender, unsigned char mark[16])
{
	seal_mark(requests, WISH_LABEL, sender, mark);
}

/* By the end of the id, which a tip keeps when it moves. */
void sms_code_mark(const struct seal_key *requests, struct span sender, const struct tip_id *id, unsigned char mark[16])
{
	struct buf all = { 0 };

	buf_add_text(&all, id->text + TIP_ID_LEN - SMS_NUMBER_LEN);
	buf_add_span(&all, sender);
	seal_mark(requests, CODE_LABEL, buf_span(&all), mark);
	buf_release(&all);
}

/* --- as bytes ------------------------------------------------------------------------------ */

static void put_tip(const struct sms_own_tip *tip, struct buf *out)
{
	unsigned char bytes[TIP_BYTES];

	memcpy(bytes, tip->id.text, TIP_ID_LEN);
	memcpy(bytes + TIP_ID_LEN, tip->receipt_key.bytes, SEAL_KEY_BYTES);
	memcpy(bytes + TIP_ID_LEN + SEAL_KEY_BYTES, tip->way, SMS_WAY_BYTES);
	tlv_number(out, TAG_RECEIVED, (uint64_t)tip->received_ms);
	tlv_text(out, TAG_TIP, span_from(bytes, sizeof(bytes)));
	wipe(bytes, sizeof(bytes));
}

static void put_heard(const struct sms_heard_mark *heard, struct buf *out)
{
	unsigned char bytes[HEARD_BYTES];
	uint32_t at_s = (uint32_t)(heard->at_ms / 1000);

	memcpy(bytes, heard->mark, SMS_HEARD_BYTES);
	for (int i = 0; i < 4; i++)
		bytes[SMS_HEARD_BYTES + i] = (unsigned char)(at_s >> (24 - 8 * i));
	tlv_text(out, TAG_HEARD, span_from(bytes, sizeof(bytes)));
}

static void put_memory(const struct sms_memory *memory, struct buf *out)
{
	tlv_number(out, TAG_STOPPED, memory->stopped);
	tlv_number(out, TAG_WISHED, (uint64_t)memory->wished_ms);
	tlv_text_if(out, TAG_LANG, span_of(memory->lang));
	tlv_number(out, TAG_DAY, (uint64_t)memory->day);
	tlv_number(out, TAG_ANSWERS, memory->answers);
	tlv_number(out, TAG_WAITS, (uint64_t)memory->waits_until_ms);
	for (size_t i = 0; i < memory->ntips; i++)
		put_tip(&memory->tips[i], out);
	for (size_t i = 0; i < memory->nheard; i++)
		put_heard(&memory->heard[i], out);
	tlv_pad(out, 0, PAD);
}

static bool take_tip(struct sms_memory *memory, struct span bytes, int64_t received_ms)
{
	struct sms_own_tip *tip = &memory->tips[memory->ntips];

	if (memory->ntips >= SMS_TIPS_KEPT || bytes.len != TIP_BYTES || !tip_id_parse(span_from(bytes.at, TIP_ID_LEN), &tip->id))
		return false;
	memcpy(tip->receipt_key.bytes, bytes.at + TIP_ID_LEN, SEAL_KEY_BYTES);
	memcpy(tip->way, bytes.at + TIP_ID_LEN + SEAL_KEY_BYTES, SMS_WAY_BYTES);
	tip->received_ms = received_ms;
	memory->ntips++;
	return true;
}

static bool take_heard(struct sms_memory *memory, struct span bytes)
{
	struct sms_heard_mark *heard = &memory->heard[memory->nheard];
	uint32_t at_s = 0;

	if (memory->nheard >= SMS_HEARD_KEPT || bytes.len != HEARD_BYTES)
		return false;
	memcpy(heard->mark, bytes.at, SMS_HEARD_BYTES);
	for (size_t i = SMS_HEARD_BYTES; i < HEARD_BYTES; i++)
		at_s = at_s << 8 | (unsigned char)bytes.at[i];
	heard->at_ms = (int64_t)at_s * 1000;
	memory->nheard++;
	return true;
}

static bool take_text(struct sms_memory *memory, unsigned tag, struct span text, int64_t received_ms)
{
	switch (tag) {
	case TAG_TIP:
		return take_tip(memory, text, received_ms);
	case TAG_HEARD:
		return take_heard(memory, text);
	case TAG_LANG:
		if (text.len >= sizeof(memory->lang))
			return false;
		memcpy(memory->lang, text.at, text.len);
		return true;
	}
	return false;
}

static bool take_number(struct sms_memory *memory, unsigned tag, uint64_t number, int64_t *received_ms)
{
	switch (tag) {
	case TAG_STOPPED:
		memory->stopped = number != 0;
		return true;
	case TAG_WISHED:
		memory->wished_ms = (int64_t)number;
		return true;
	case TAG_DAY:
		memory->day = (int64_t)number;
		return true;
	case TAG_ANSWERS:
		memory->answers = (unsigned)number;
		return true;
	case TAG_WAITS:
		memory->waits_until_ms = (int64_t)number;
		return true;
	case TAG_RECEIVED:
		*received_ms = (int64_t)number;
		return true;
	}
	return false;
}

static bool take_field(struct sms_memory *memory, const struct tlv_field *field, struct arena *arena, int64_t *received_ms)
{
	struct span text;
	uint64_t number;

	if (field->tag == TAG_LANG || field->tag == TAG_TIP || field->tag == TAG_HEARD)
		return tlv_text_of(field, arena, &text) && take_text(memory, field->tag, text, *received_ms);
	return tlv_number_of(field, &number) && take_number(memory, field->tag, number, received_ms);
}

static bool take_memory(struct sms_memory *memory, struct span clear, struct arena *arena)
{
	int64_t received_ms = 0;
	struct tlv_field field;
	enum tlv_next next;

	while ((next = tlv_next(&clear, &field)) == TLV_FIELD)
		if (!take_field(memory, &field, arena, &received_ms))
			return false;
	return next == TLV_END;
}

static void seal(const struct seal_key *requests, const char *label, struct span sender, struct span clear, struct buf *out)
{
	struct seal_key key;

	seal_derive(requests, label, sender, &key);
	seal_blob(&key, label, clear, out);
	wipe(&key, sizeof(key));
}

static bool open_with(const struct seal_key *requests, const char *label, struct span sender, struct span sealed,
		 struct arena *arena, struct span *clear)
{
	struct seal_key key;
	bool fits;

	seal_derive(requests, label, sender, &key);
	fits = seal_open_blob(&key, label, sealed, arena, clear);
	wipe(&key, sizeof(key));
	return fits;
}

void sms_memory_seal(const struct seal_key *requests, struct span sender, const struct sms_memory *memory, struct buf *out)
{
	struct buf clear = { 0 };

	put_memory(memory, &clear);
	seal(requests, LABEL, sender, buf_span(&clear), out);
	wipe(clear.at, clear.len);
	buf_release(&clear);
}

bool sms_memory_open(const struct seal_key *requests, struct span sender, struct span sealed, struct arena *arena,
		     struct sms_memory *memory)
{
	struct span clear;

	*memory = (struct sms_memory){ 0 };
	if (open_with(requests, LABEL, sender, sealed, arena, &clear) && take_memory(memory, clear, arena))
		return true;
	*memory = (struct sms_memory){ 0 };
	return false;
}

void sms_code_seal(const struct seal_key *requests, struct span sender, const struct receipt_code *code, struct buf *out)
{
	seal(requests, CODE_LABEL, sender, span_from(code->digits, RECEIPT_DIGITS), out);
}

bool sms_code_open(const struct seal_key *requests, struct span sender, struct span sealed, struct arena *arena,
		   struct receipt_code *code)
{
	struct span clear;

	return open_with(requests, CODE_LABEL, sender, sealed, arena, &clear) && receipt_parse(clear, code) == RECEIPT_FINE;
}

/* --- tips --------------------------------------------------------------------------------- */

static bool same_tip(const struct tip_id *id, const char *number)
{
	return strcmp(id->text + TIP_ID_LEN - SMS_NUMBER_LEN, number) == 0;
}

static bool came_this_way(const struct sms_own_tip *tip, const unsigned char way[SMS_WAY_BYTES])
{
	return memcmp(tip->way, way, SMS_WAY_BYTES) == 0;
}

const struct sms_own_tip *sms_memory_tip(const struct sms_memory *memory, const struct sms_words *words,
					 const unsigned char way[SMS_WAY_BYTES])
{
	const struct sms_own_tip *latest = NULL;

	for (size_t i = memory->ntips; i-- > 0;) {
		const struct sms_own_tip *tip = &memory->tips[i];

		if (!came_this_way(tip, way))
			continue;
		if (words->number[0] != '\0' && same_tip(&tip->id, words->number))
			return tip;
		latest = tip;
	}
	return words->number_sure ? NULL : latest;
}

bool sms_memory_add(struct sms_memory *memory, const struct tip_id *id, int64_t received_ms,
		    const struct receipt_code *code, const unsigned char way[SMS_WAY_BYTES])
{
	size_t n = memory->ntips < SMS_TIPS_KEPT ? memory->ntips : SMS_TIPS_KEPT - 1;

	for (size_t i = 0; i < memory->ntips; i++)
		if (same_tip(&memory->tips[i].id, id->text + TIP_ID_LEN - SMS_NUMBER_LEN))
			return false;
	memmove(&memory->tips[1], &memory->tips[0], n * sizeof(memory->tips[0]));
	memory->tips[0] = (struct sms_own_tip){ .id = *id, .received_ms = received_ms };
	seal_key_from_receipt(code, &memory->tips[0].receipt_key);
	memcpy(memory->tips[0].way, way, SMS_WAY_BYTES);
	memory->ntips = n + 1;
	return true;
}

void sms_memory_forget(struct sms_memory *memory, int64_t before_ms)
{
	size_t kept = 0;

	for (size_t i = 0; i < memory->ntips; i++)
		if (memory->tips[i].received_ms >= before_ms)
			memory->tips[kept++] = memory->tips[i];
	memory->ntips = kept;
}

/* --- messages and answers -------------------------------------------------------------------- */

const struct sms_heard_mark *sms_memory_heard(const struct sms_memory *memory, const unsigned char mark[16])
{
	for (size_t i = 0; i < memory->nheard; i++)
		if (memcmp(memory->heard[i].mark, mark, SMS_HEARD_BYTES) == 0)
			return &memory->heard[i];
	return NULL;
}

void sms_memory_hear(struct sms_memory *memory, const unsigned char mark[16], int64_t now_ms)
{
	const struct sms_heard_mark *before = sms_memory_heard(memory, mark);
	/* How many move back by one: those before its old place, or all, or all but the oldest. */
	size_t n = before != NULL ? (size_t)(before - memory->heard)
				  : memory->nheard - (memory->nheard == SMS_HEARD_KEPT);

	memmove(&memory->heard[1], &memory->heard[0], n * sizeof(memory->heard[0]));
	memcpy(memory->heard[0].mark, mark, SMS_HEARD_BYTES);
	memory->heard[0].at_ms = now_ms / 1000 * 1000;
	memory->nheard += before == NULL && memory->nheard < SMS_HEARD_KEPT;
}

bool sms_memory_may_answer(const struct sms_memory *memory, int64_t now_ms, int64_t from_ms, unsigned per_day)
{
	if (from_ms > now_ms && memory->waits_until_ms > now_ms)
		return false;
	return now_ms / DAY_MS != memory->day || memory->answers < per_day;
}

void sms_memory_answered(struct sms_memory *memory, int64_t now_ms, int64_t from_ms)
{
	int64_t day = now_ms / DAY_MS;

	memory->answers = day == memory->day ? memory->answers + 1 : 1;
	memory->day = day;
	if (from_ms > now_ms)
		memory->waits_until_ms = from_ms;
}
