/*
 * Spool records; see spool_record.h.
 */
#include "daemon/store/spool_record.h"

#include <xxhash.h>

static const char magic[4] = { 'T', 'S', '1', '\n' };

static void put_u32(struct buf *out, uint32_t number)
{
	for (int i = 0; i < 4; i++)
		buf_add_byte(out, (int)(number >> (8 * i) & 0xff));
}

static void put_u64(struct buf *out, uint64_t number)
{
	put_u32(out, (uint32_t)number);
	put_u32(out, (uint32_t)(number >> 32));
}

static void put_field(struct buf *out, const void *at, size_t len)
{
	put_u32(out, (uint32_t)len);
	buf_add(out, at, len);
}

static void put_number(struct buf *out, uint64_t number)
{
	put_u32(out, 8);
	put_u64(out, number);
}

static void put_payload(const struct store_tip *tip, struct buf *out)
{
	put_field(out, tip->id.text, TIP_ID_LEN);
	put_field(out, tip->receipt_mark, sizeof(tip->receipt_mark));
	put_field(out, tip->region, 6);
	put_number(out, tip->points);
	put_number(out, (uint64_t)tip->received_ms);
	put_field(out, tip->event.at, tip->event.len);
	put_field(out, tip->fingerprint.at, tip->fingerprint.len);
	put_field(out, tip->commitment.at, tip->commitment.len);
	put_field(out, tip->sealed.at, tip->sealed.len);
	put_field(out, tip->identity.at, tip->identity.len);
	put_field(out, tip->data_key.id, sizeof(tip->data_key.id));
	put_field(out, tip->data_key.sealed.at, tip->data_key.sealed.len);
	put_field(out, tip->request_mark, sizeof(tip->request_mark));
	put_field(out, tip->request_digest, sizeof(tip->request_digest));
	put_field(out, tip->answer.at, tip->answer.len);
	put_number(out, tip->answer_ttl_s);
	put_field(out, tip->outbox.at, tip->outbox.len);
	if (tip->seed.len > 0 || tip->files.len > 0)
		put_field(out, tip->seed.at, tip->seed.len);
	if (tip->files.len > 0)
		put_field(out, tip->files.at, tip->files.len);
}

void spool_record_put(const struct store_tip *tip, struct buf *out)
{
	struct buf payload = { 0 };

	put_payload(tip, &payload);
	buf_add(out, magic, sizeof(magic));
	put_u32(out, (uint32_t)payload.len);
	put_u64(out, XXH3_64bits(payload.at, payload.len));
	buf_add_span(out, buf_span(&payload));
	buf_release(&payload);
}

static uint32_t get_u32(const char *at)
{
	uint32_t number = 0;

	for (int i = 3; i >= 0; i--)
		number = number << 8 | (unsigned char)at[i];
	return number;
}

static uint64_t get_u64(const char *at)
{
	return get_u32(at) | (uint64_t)get_u32(at + 4) << 32;
}

static bool get_field(struct span *rest, struct span *field)
{
	uint32_t len;

	if (rest->len < 4)
		return false;
	len = get_u32(rest->at);
	if (rest->len - 4 < len)
		return false;
	*field = span_from(rest->at + 4, len);
	*rest = span_from_offset(*rest, 4 + (size_t)len);
	return true;
}

static bool get_exactly(struct span *rest, void *to, size_t len)
{
	struct span field;

	if (!get_field(rest, &field) || field.len != len)
		return false;
	memcpy(to, field.at, len);
	return true;
}

static bool get_number(struct span *rest, uint64_t *number)
{
	char bytes[8];

	if (!get_exactly(rest, bytes, sizeof(bytes)))
		return false;
	*number = get_u64(bytes);
	return true;
}

static bool get_head(struct span *rest, struct store_tip *tip)
{
	uint64_t points;
	uint64_t received;

	if (!get_exactly(rest, tip->id.text, TIP_ID_LEN) ||
	    !get_exactly(rest, tip->receipt_mark, sizeof(tip->receipt_mark)) ||
	    !get_exactly(rest, tip->region, 6) || !get_number(rest, &points) || !get_number(rest, &received))
		return false;
	tip->points = (unsigned)points;
	tip->received_ms = (int64_t)received;
	return true;
}

/* Last, and only in records of tips that have one: earlier versions wrote none. Behind it the names of files. */
static bool get_seed(struct span *rest, struct store_tip *tip)
{
	if (rest->len == 0)
		return true;
	return get_field(rest, &tip->seed) && (tip->seed.len == STORE_SEED_BYTES || (tip->seed.len == 0 && rest->len > 0)) &&
	       (rest->len == 0 || get_field(rest, &tip->files));
}

static bool get_payload(struct span rest, struct store_tip *tip)
{
	uint64_t ttl;

	*tip = (struct store_tip){ 0 };
	if (!get_head(&rest, tip) || !get_field(&rest, &tip->event) || !get_field(&rest, &tip->fingerprint) ||
	    !get_field(&rest, &tip->commitment) || !get_field(&rest, &tip->sealed) ||
	    !get_field(&rest, &tip->identity) ||
	    !get_exactly(&rest, tip->data_key.id, sizeof(tip->data_key.id)) ||
	    !get_field(&rest, &tip->data_key.sealed) ||
	    !get_exactly(&rest, tip->request_mark, sizeof(tip->request_mark)) ||
	    !get_exactly(&rest, tip->request_digest, sizeof(tip->request_digest)) ||
	    !get_field(&rest, &tip->answer) || !get_number(&rest, &ttl) || !get_field(&rest, &tip->outbox))
		return false;
	tip->answer_ttl_s = (unsigned)ttl;
	return get_seed(&rest, tip) && rest.len == 0;
}

enum spool_record_fault spool_record_get(struct span bytes, struct store_tip *tip, size_t *length)
{
	struct span payload;

	*length = 0;
	if (bytes.len < SPOOL_RECORD_HEAD)
		return SPOOL_RECORD_CUT;
	if (memcmp(bytes.at, magic, sizeof(magic)) != 0 || get_u32(bytes.at + 4) > SPOOL_RECORD_MAX)
		return SPOOL_RECORD_DAMAGED;
	payload = span_from(bytes.at + SPOOL_RECORD_HEAD, get_u32(bytes.at + 4));
	if (bytes.len - SPOOL_RECORD_HEAD < payload.len)
		return SPOOL_RECORD_CUT;
	*length = SPOOL_RECORD_HEAD + payload.len;
	if (XXH3_64bits(payload.at, payload.len) != get_u64(bytes.at + 8) || !get_payload(payload, tip))
		return SPOOL_RECORD_DAMAGED;
	return SPOOL_RECORD_FINE;
}

size_t spool_record_find(struct span bytes)
{
	const char *at = bytes.len > 0 ? memmem(bytes.at, bytes.len, magic, sizeof(magic)) : NULL;

	return at != NULL ? (size_t)(at - bytes.at) : bytes.len;
}
