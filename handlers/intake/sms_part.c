/*
 * Parts of long SMS; see sms_part.h.
 */
#include "handlers/intake/sms_part.h"

#include "daemon/base/hex.h"
#include "daemon/core/tip/tlv.h"

enum tag {
	TAG_GATEWAY = 1,
	TAG_SENDER,
	TAG_DESTINATION,
	TAG_CODING,
	TAG_OCTETS,
	TAG_RECEIVED,
	TAG_MAY_ANSWER,
	TAG_WIDTH,
	TAG_REFERENCE,
	TAG_TOTAL,
	TAG_VARIANT,
	TAG_TABLES,
	TAG_KIND,
	TAGS,
};

#define PAD_FIRST 256

/* Carriers that hide numbers may give two people the same name, and so may gateways that say nothing of the receiver. */
static bool told_apart_without_gateway(const struct sms_message *message)
{
	return message->sender.len > 0 && message->sender.at[0] == '+' && message->destination.len > 0;
}

void sms_part_group(const struct seal_key *key, struct span gateway, const struct sms_message *message,
		    unsigned variant, unsigned char group[STORE_MARK_BYTES])
{
	struct buf all = { 0 };

	if (!told_apart_without_gateway(message))
		tlv_text(&all, TAG_GATEWAY, gateway);
	tlv_text(&all, TAG_SENDER, message->sender);
	tlv_text(&all, TAG_DESTINATION, message->destination);
	tlv_number(&all, TAG_WIDTH, message->part_width);
	tlv_number(&all, TAG_REFERENCE, message->part_reference);
	tlv_number(&all, TAG_TOTAL, message->part_total);
	tlv_number(&all, TAG_VARIANT, variant);
	if (message->part_kind != SMS_BY_HEADER)
		tlv_number(&all, TAG_KIND, message->part_kind);
	seal_mark(key, "sms group", buf_span(&all), group);
	buf_release(&all);
}

void sms_part_digest(const struct seal_key *key, const struct sms_message *message, unsigned char digest[8])
{
	unsigned char mark[STORE_MARK_BYTES];

	seal_mark(key, "sms part", message->octets, mark);
	memcpy(digest, mark, 8);
}

/* Names group and number, so that a part opens in its own place alone. */
static const char *label(const unsigned char group[STORE_MARK_BYTES], unsigned number, struct arena *arena)
{
	return arena_printf(arena, "sms part %s %u", hex_text(arena, group, STORE_MARK_BYTES), number);
}

void sms_part_seal(const struct seal_key *key, const unsigned char group[STORE_MARK_BYTES], struct span gateway,
		   const struct sms_message *message, int64_t received_ms, struct buf *out)
{
	struct arena arena = { 0 };
	struct buf clear = { 0 };

	tlv_text(&clear, TAG_GATEWAY, gateway);
	tlv_text(&clear, TAG_SENDER, message->sender);
	tlv_text(&clear, TAG_DESTINATION, message->destination);
	tlv_number(&clear, TAG_CODING, message->coding);
	tlv_number(&clear, TAG_TABLES, (uint64_t)message->tables.locking << 8 | message->tables.single);
	tlv_text(&clear, TAG_OCTETS, message->octets);
	tlv_number(&clear, TAG_RECEIVED, (uint64_t)received_ms);
	tlv_number(&clear, TAG_MAY_ANSWER, message->may_answer);
	tlv_pad(&clear, 0, PAD_FIRST);
	seal_blob(key, label(group, message->part_number, &arena), buf_span(&clear), out);
	buf_release(&clear);
	arena_release(&arena);
}

void sms_part_sender(const struct seal_key *key, const struct sms_message *message, unsigned char sender[STORE_MARK_BYTES])
{
	seal_mark(key, "sms sender", message->sender, sender);
}

static const char *note_label(const struct tip_id *id, struct arena *arena)
{
	return arena_printf(arena, "sms note %s", id->text);
}

void sms_part_note_seal(const struct seal_key *key, const struct tip_id *id, const struct receipt_code *code, struct buf *out)
{
	struct arena arena = { 0 };

	seal_blob(key, note_label(id, &arena), span_of(code->digits), out);
	arena_release(&arena);
}

bool sms_part_note_open(const struct seal_key *key, const struct store_parts *parts, struct receipt_code *code)
{
	struct arena arena = { 0 };
	struct span clear;
	bool opened = parts->late && seal_open_blob(key, note_label(&parts->late_tip, &arena), parts->late_note, &arena, &clear) &&
		      receipt_parse(clear, code) == RECEIPT_FINE;

	arena_release(&arena);
	return opened;
}

/* --- joining ------------------------------------------------------------------- */

struct part {
	bool there;
	enum sms_coding coding;
	struct sms_tables tables;
	struct span octets;
};

struct fields {
	struct span text[TAGS];
	uint64_t number[TAGS];
};

static bool is_number(unsigned tag)
{
	return tag == TAG_CODING || tag == TAG_RECEIVED || tag == TAG_MAY_ANSWER || tag == TAG_TABLES;
}

static bool read_fields(struct span clear, struct arena *arena, struct fields *fields)
{
	struct tlv_field field;
	enum tlv_next next;

	*fields = (struct fields){ 0 };
	while ((next = tlv_next(&clear, &field)) == TLV_FIELD) {
		if (field.tag >= TAGS)
			return false;
		if (is_number(field.tag) ? !tlv_number_of(&field, &fields->number[field.tag])
					 : !tlv_text_of(&field, arena, &fields->text[field.tag]))
			return false;
	}
	return next == TLV_END && fields->number[TAG_CODING] < SMS_CODINGS;
}

static bool open_part(const struct seal_key *key, const struct store_parts *parts, const struct store_item *item,
		      struct arena *arena, struct fields *fields)
{
	struct span clear;

	return item->number >= 1 && item->number <= parts->total &&
	       seal_open_blob(key, label(parts->group, item->number, arena), item->payload, arena, &clear) &&
	       read_fields(clear, arena, fields);
}

static struct part part_of(const struct fields *fields)
{
	return (struct part){
		.there = true,
		.coding = (enum sms_coding)fields->number[TAG_CODING],
		.tables = { .locking = (unsigned char)(fields->number[TAG_TABLES] >> 8),
			    .single = (unsigned char)fields->number[TAG_TABLES] },
		.octets = fields->text[TAG_OCTETS],
	};
}

static void note_part(const struct fields *fields, unsigned number, struct sms_joined *out)
{
	int64_t received_ms = (int64_t)fields->number[TAG_RECEIVED];

	if (out->received_ms == 0 || received_ms < out->received_ms)
		out->received_ms = received_ms;
	out->gateway = fields->text[TAG_GATEWAY];
	out->sender = fields->text[TAG_SENDER];
	out->destination = fields->text[TAG_DESTINATION];
	if (number == 1)
		out->may_answer = fields->number[TAG_MAY_ANSWER] != 0;
}

static bool reads_alike(const struct part *a, const struct part *b)
{
	return b->there && a->coding == b->coding && a->tables.locking == b->tables.locking &&
	       a->tables.single == b->tables.single;
}

/* Neighbours of one coding and its tables are one run of octets. Returns the first part behind it. */
static unsigned add_run(const struct part *at, unsigned from, unsigned total, struct buf *text)
{
	struct buf octets = { 0 };
	unsigned i = from;

	for (; i < total && reads_alike(&at[from], &at[i]); i++)
		buf_add_span(&octets, at[i].octets);
	sms_text_decode_with(at[from].coding, at[from].tables, buf_span(&octets), text);
	buf_release(&octets);
	return i;
}

static unsigned add_gap(const struct part *at, unsigned from, unsigned total, struct buf *text)
{
	unsigned i = from;

	while (i < total && !at[i].there)
		i++;
	buf_add_text(text, SMS_GAP);
	return i;
}

static struct span join(const struct part *at, unsigned total, struct arena *arena)
{
	struct buf text = { 0 };
	size_t gaps = 0;

	for (unsigned i = 0; i < total;) {
		gaps += at[i].there ? 0 : strlen(SMS_GAP);
		i = at[i].there ? add_run(at, i, total, &text) : add_gap(at, i, total, &text);
	}
	struct span out = text.len > gaps ? arena_dup(arena, buf_span(&text)) : (struct span){ 0 };

	buf_release(&text);
	return out;
}

bool sms_parts_join(const struct seal_key *key, const struct store_parts *parts, struct arena *arena,
		    struct sms_joined *out)
{
	struct part *at = arena_array(arena, struct part, parts->total + 1);
	struct fields fields;
	unsigned n = 0;

	*out = (struct sms_joined){ 0 };
	for (size_t i = 0; i < parts->nparts; i++) {
		unsigned number = parts->parts[i].number;

		if (!open_part(key, parts, &parts->parts[i], arena, &fields)) {
			out->unreadable++;
			continue;
		}
		n += !at[number - 1].there;
		at[number - 1] = part_of(&fields);
		note_part(&fields, number, out);
	}
	if (n == 0)
		return false;
	out->whole = n == parts->total;
	out->text = join(at, parts->total, arena);
	return true;
}
