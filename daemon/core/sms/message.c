/*
 * What a delivered message is; see message.h.
 */
#include "daemon/core/sms/message.h"

#include "daemon/base/hex.h"
#include "daemon/core/sms/mms_notice.h"
#include "daemon/core/sms/number.h"
#include "daemon/core/sms/text.h"
#include "daemon/core/sms/udh.h"

#include <sodium.h>

#define FROM_MAX 64

enum {
	PID_SILENT = 0x40,      /* TS 23.040 9.2.3.9 */
	PID_SIM = 0x7F,
	DCS_DISCARD = 0xC0,     /* TS 23.038 4: "message waiting", to be discarded */
	PORT_WAP_PUSH = 2948,   /* what tells of an MMS comes here */
	PORT_WAP = 9200,        /* or here */
};

static const char *not_for_readers(const struct link_message *raw, const struct sms_header *header)
{
	if (raw->protocol_id == PID_SILENT)
		return "silent";
	if (raw->protocol_id == PID_SIM)
		return "sim";
	if ((raw->dcs & 0xF0) == DCS_DISCARD || header->waiting)
		return "waiting";
	return header->ports ? "port" : NULL;
}

static bool sar_makes_sense(const struct link_message *raw)
{
	return raw->sar && raw->sar_total >= 2 && raw->sar_total <= 255 && raw->sar_number >= 1 &&
	       raw->sar_number <= raw->sar_total;
}

static struct span decoded(enum sms_coding coding, struct sms_tables tables, struct span octets, struct arena *arena)
{
	struct buf text = { 0 };

	sms_text_decode_with(coding, tables, octets, &text);
	struct span out = arena_dup(arena, buf_span(&text));

	buf_release(&text);
	return out;
}

/*
 * True when it is one of several; the header holds where both say so. What is
 * longer than a part can be is none, whatever it says: up to 255 of them wait in
 * the store for their group.
 */
static bool set_part(const struct link_message *raw, const struct sms_header *header, struct sms_message *out)
{
	if (raw->octets.len > SMS_PART_OCTETS_MAX)
		return false;
	if (header->part) {
		out->part_kind = SMS_BY_HEADER;
		out->part_width = header->width;
		out->part_reference = header->reference;
		out->part_total = header->total;
		out->part_number = header->number;
	} else if (sar_makes_sense(raw)) {
		out->part_kind = SMS_BY_SAR;
		out->part_width = 16;
		out->part_reference = raw->sar_reference & 0xFFFF;
		out->part_total = raw->sar_total;
		out->part_number = raw->sar_number;
	}
	return out->part_total > 0;
}

/* --- a picture message that waits ------------------------------------------------- */

static bool is_push(const struct sms_header *header)
{
	return header->ports && (header->to_port == PORT_WAP_PUSH || header->to_port == PORT_WAP);
}

/* By its transaction and sender, so that a carrier may tell it for days; without one by its octets. */
static struct span notice_key(const struct mms_notice *notice, struct span octets, struct arena *arena)
{
	crypto_generichash_state state;
	unsigned char hash[16];
	struct span named = notice->transaction.len > 0 ? notice->transaction : octets;

	crypto_generichash_init(&state, NULL, 0, sizeof(hash));
	crypto_generichash_update(&state, (const unsigned char *)named.at, named.len);
	crypto_generichash_update(&state, (const unsigned char *)notice->from.at, notice->from.len);
	crypto_generichash_final(&state, hash, sizeof(hash));
	return span_of(arena_printf(arena, "mms-%s", hex_text(arena, hash, sizeof(hash))));
}

/* Of several parts the first says all; the push comes from the carrier, the message from whom it names. */
static void set_push(const struct link_message *raw, const struct sms_header *header, const char *home, struct arena *arena,
		     struct sms_message *out)
{
	struct mms_notice notice;
	bool first = !header->part || header->number == 1;
	enum mms_push push = mms_notice_read(raw->octets, &notice);

	out->ignored = first && push == MMS_NO_PUSH ? "port" : "mms";
	if (!first || push != MMS_NOTICE)
		return;
	out->ignored = NULL;
	out->kind = SMS_TEXT;
	out->text = SPAN(SMS_MMS_TEXT);
	out->key = notice_key(&notice, raw->octets, arena);
	out->may_answer = false;
	if (notice.from.len > 0 && notice.from.len <= FROM_MAX)
		out->sender = sms_number_normalize(decoded(SMS_UTF8, (struct sms_tables){ 0 }, notice.from, arena), home, arena);
}

static void set_content(const struct link_message *raw, const char *home, struct arena *arena, struct sms_message *out)
{
	struct sms_header header;

	sms_header_read(raw->header, &header);
	if (is_push(&header)) {
		set_push(raw, &header, home, arena, out);
		return;
	}
	out->ignored = not_for_readers(raw, &header);
	if (out->ignored != NULL)
		return;
	out->coding = (enum sms_coding)raw->coding;
	out->tables = header.tables;
	if (set_part(raw, &header, out)) {
		out->kind = SMS_PART;
		out->octets = raw->octets;
		return;
	}
	out->text = decoded(out->coding, out->tables, raw->octets, arena);
	if (out->text.len > 0)
		out->kind = SMS_TEXT;
	else
		out->ignored = "data";
}

void sms_message_read(const struct link_message *raw, const struct sms_numbers *numbers, struct arena *arena,
		      struct sms_message *out)
{
	const struct sms_tables none = { 0 };

	*out = (struct sms_message){ .kind = SMS_IGNORED, .key = raw->key };
	out->sender = decoded(SMS_UTF8, none, raw->from, arena);
	if (!raw->pseudonym)
		out->sender = sms_number_normalize(out->sender, numbers->home, arena);
	out->destination = decoded(SMS_UTF8, none, raw->to, arena);
	out->may_answer = !raw->pseudonym &&
			  sms_number_may_answer(out->sender, numbers->home, numbers->prefixes) &&
			  !span_eq(out->sender, sms_number_normalize(out->destination, numbers->home, arena));
	set_content(raw, numbers->home, arena, out);
}
