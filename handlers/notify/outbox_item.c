/*
 * Outbox items as bytes: records of core/tip/tlv.h; see outbox_item.h.
 */
#include "handlers/notify/outbox_item.h"

#include "daemon/core/journal/event.h"
#include "daemon/core/tip/tlv.h"

#define LABEL "outbox item"
#define PAD_FIRST 128
#define MESSAGES_MAX 10000

enum tag {
	TAG_KIND = 1,
	TAG_TIP,
	TAG_GATEWAY,
	TAG_TO,
	TAG_TEXT,
	TAG_EXPIRES,
	TAG_FROM,
	TAG_RECEIPT_MARK,
	TAG_REGION,
	TAG_POINTS,
	TAG_RECEIVED,
	TAG_EVENT,
	TAG_FINGERPRINT,
	TAG_COMMITMENT,
	TAG_SEALED,
	TAG_IDENTITY,
	TAG_DATA_KEY_ID,
	TAG_DATA_KEY,
	TAG_MESSAGE,   /* once for each message, in order */
	TAG_HOPS,
	TAG_PARENT,
	TAG_CONTEXT,
	TAG_JOINED,
	TAG_AT,
	TAG_BY,
	TAG_REV,
	TAG_CASE,
	TAG_BANDS,
	TAG_SEED,
	TAG_NOT_BEFORE,
	TAG_DELIVERED,
	TAG_NOTICE,
	TAG_COUNTS,    /* "0 2 0" */
	TAG_SINCE,
	TAG_FILES,
	TAGS,
};

/* --- writing ------------------------------------------------------------------- */

static void encode_sms(const struct outbox_sms *sms, struct buf *out)
{
	tlv_text_if(out, TAG_TIP, span_of(sms->tip.text));
	tlv_text(out, TAG_GATEWAY, sms->gateway);
	tlv_text(out, TAG_TO, sms->to);
	tlv_text(out, TAG_TEXT, sms->text);
	tlv_number(out, TAG_EXPIRES, (uint64_t)sms->expires_ms);
	if (sms->not_before_ms > 0)
		tlv_number(out, TAG_NOT_BEFORE, (uint64_t)sms->not_before_ms);
}

static void encode_transfer(const struct outbox_transfer *transfer, struct buf *out)
{
	const struct store_tip *tip = &transfer->tip;

	tlv_text(out, TAG_FROM, span_of(transfer->from.text));
	tlv_text(out, TAG_TIP, span_of(tip->id.text));
	tlv_text(out, TAG_RECEIPT_MARK, span_from(tip->receipt_mark, sizeof(tip->receipt_mark)));
	tlv_text(out, TAG_REGION, span_of(tip->region));
	tlv_number(out, TAG_POINTS, tip->points);
	tlv_number(out, TAG_RECEIVED, (uint64_t)tip->received_ms);
	tlv_number(out, TAG_HOPS, tip->hops);
	tlv_text(out, TAG_EVENT, tip->event);
	tlv_text(out, TAG_FINGERPRINT, tip->fingerprint);
	tlv_text(out, TAG_COMMITMENT, tip->commitment);
	tlv_text(out, TAG_SEALED, tip->sealed);
	tlv_text(out, TAG_IDENTITY, tip->identity);
	tlv_text(out, TAG_DATA_KEY_ID, span_from(tip->data_key.id, sizeof(tip->data_key.id)));
	tlv_text(out, TAG_DATA_KEY, tip->data_key.sealed);
	tlv_text_if(out, TAG_PARENT, span_of(tip->parent.text));
	tlv_text_if(out, TAG_CONTEXT, tip->context);
	tlv_text_if(out, TAG_FILES, tip->files);
	tlv_text_if(out, TAG_SEED, tip->seed);
	for (size_t i = 0; i < transfer->nmessages; i++)
		tlv_text(out, TAG_MESSAGE, transfer->messages[i]);
}

static void encode_child(const struct outbox_child *child, struct buf *out)
{
	tlv_text(out, TAG_TIP, span_of(child->child.text));
	tlv_number(out, TAG_RECEIVED, (uint64_t)child->received_ms);
	tlv_text(out, TAG_PARENT, span_of(child->parent.text));
	tlv_number(out, TAG_JOINED, child->joined);
	tlv_number(out, TAG_AT, (uint64_t)child->at_ms);
	tlv_text(out, TAG_BY, child->by);
}

static void encode_verified(const struct outbox_verified *verified, struct buf *out)
{
	tlv_text(out, TAG_TIP, span_of(verified->tip.text));
	tlv_number(out, TAG_REV, verified->rev);
	tlv_number(out, TAG_RECEIVED, (uint64_t)verified->received_ms);
	tlv_text(out, TAG_REGION, span_of(verified->region));
	tlv_text(out, TAG_CASE, verified->case_id);
	tlv_text_if(out, TAG_BANDS, verified->bands);
	tlv_text(out, TAG_BY, verified->by);
}

static void encode_report(const struct outbox_report *report, struct buf *out)
{
	tlv_text(out, TAG_TIP, span_of(report->tip.text));
	tlv_text(out, TAG_GATEWAY, report->connector);
	tlv_number(out, TAG_DELIVERED, report->delivered);
}

static void encode_notice(const struct outbox_notice *notice, struct buf *out)
{
	char counts[NOTICE_COUNTS_TEXT];

	tlv_text(out, TAG_GATEWAY, notice->channel);
	tlv_number(out, TAG_NOTICE, notice->notice.kind);
	notice_counts_write(&notice->notice, counts);
	tlv_text(out, TAG_COUNTS, span_of(counts));
	tlv_number(out, TAG_SINCE, (uint64_t)notice->notice.from_ms);
	tlv_text(out, TAG_REGION, span_of(notice->notice.region));
	tlv_number(out, TAG_AT, (uint64_t)notice->notice.at_ms);
	tlv_number(out, TAG_EXPIRES, (uint64_t)notice->expires_ms);
}

void outbox_item_encode(const struct outbox_item *item, struct buf *out)
{
	size_t from = out->len;

	tlv_number(out, TAG_KIND, item->kind);
	switch (item->kind) {
	case OUTBOX_SMS:
		encode_sms(&item->sms, out);
		break;
	case OUTBOX_TRANSFER:
		encode_transfer(&item->transfer, out);
		break;
	case OUTBOX_CHILD:
		encode_child(&item->child, out);
		break;
	case OUTBOX_VERIFIED:
		encode_verified(&item->verified, out);
		break;
	case OUTBOX_REPORT:
		encode_report(&item->report, out);
		break;
	case OUTBOX_NOTICE:
		encode_notice(&item->notice, out);
		break;
	}
	tlv_pad(out, from, PAD_FIRST);
}

/* --- reading ------------------------------------------------------------------- */

/* Every field of a record by its tag; texts in the arena. */
struct record {
	bool has[TAGS];
	struct span text[TAGS];
	uint64_t number[TAGS];
	struct span *messages;
	size_t nmessages;
};

static bool is_number(unsigned tag)
{
	return tag == TAG_KIND || tag == TAG_EXPIRES || tag == TAG_POINTS || tag == TAG_RECEIVED ||
	       tag == TAG_HOPS || tag == TAG_JOINED || tag == TAG_AT || tag == TAG_REV ||
	       tag == TAG_NOT_BEFORE || tag == TAG_DELIVERED || tag == TAG_NOTICE || tag == TAG_SINCE;
}

static size_t count_messages(struct span encoded)
{
	struct tlv_field field;
	size_t n = 0;

	while (tlv_next(&encoded, &field) == TLV_FIELD)
		n += field.tag == TAG_MESSAGE;
	return n;
}

static bool read_field(const struct tlv_field *field, struct arena *arena, struct record *record)
{
	unsigned tag = field->tag;

	if (tag == TAG_MESSAGE)
		return tlv_text_of(field, arena, &record->messages[record->nmessages++]);
	if (tag >= TAGS || record->has[tag])
		return false;
	record->has[tag] = true;
	if (is_number(tag))
		return tlv_number_of(field, &record->number[tag]);
	return tlv_text_of(field, arena, &record->text[tag]);
}

static bool read_record(struct span encoded, struct arena *arena, struct record *record)
{
	size_t nmessages = count_messages(encoded);
	struct tlv_field field;
	enum tlv_next next;

	*record = (struct record){ 0 };
	if (nmessages > MESSAGES_MAX)
		return false;
	record->messages = arena_array(arena, struct span, nmessages + 1);
	while ((next = tlv_next(&encoded, &field)) == TLV_FIELD)
		if (!read_field(&field, arena, record))
			return false;
	return next == TLV_END && record->has[TAG_KIND];
}

/* Bytes of a fixed length into their place. */
static bool take_bytes(const struct record *record, enum tag tag, void *to, size_t len)
{
	if (record->text[tag].len != len)
		return false;
	memcpy(to, record->text[tag].at, len);
	return true;
}

static bool decode_sms(const struct record *record, struct outbox_sms *sms)
{
	sms->gateway = record->text[TAG_GATEWAY];
	sms->to = record->text[TAG_TO];
	sms->text = record->text[TAG_TEXT];
	sms->expires_ms = (int64_t)record->number[TAG_EXPIRES];
	sms->not_before_ms = (int64_t)record->number[TAG_NOT_BEFORE];
	return (!record->has[TAG_TIP] || tip_id_parse(record->text[TAG_TIP], &sms->tip)) && sms->gateway.len > 0 && sms->to.len > 0 &&
	       sms->text.len > 0;
}

static bool decode_transfer(const struct record *record, struct outbox_transfer *transfer)
{
	struct store_tip *tip = &transfer->tip;

	if (!tip_id_parse(record->text[TAG_FROM], &transfer->from) || !tip_id_parse(record->text[TAG_TIP], &tip->id) ||
	    !take_bytes(record, TAG_RECEIPT_MARK, tip->receipt_mark, sizeof(tip->receipt_mark)) ||
	    !take_bytes(record, TAG_REGION, tip->region, sizeof(tip->region) - 1) ||
	    !take_bytes(record, TAG_DATA_KEY_ID, tip->data_key.id, sizeof(tip->data_key.id)) ||
	    record->number[TAG_POINTS] > 100 ||
	    (record->has[TAG_SEED] && record->text[TAG_SEED].len != STORE_SEED_BYTES) ||
	    (record->has[TAG_PARENT] && !tip_id_parse(record->text[TAG_PARENT], &tip->parent)))
		return false;
	tip->context = record->text[TAG_CONTEXT];
	tip->files = record->text[TAG_FILES];
	tip->points = (unsigned)record->number[TAG_POINTS];
	tip->received_ms = (int64_t)record->number[TAG_RECEIVED];
	tip->hops = (unsigned)record->number[TAG_HOPS];
	tip->event = record->text[TAG_EVENT];
	tip->fingerprint = record->text[TAG_FINGERPRINT];
	tip->commitment = record->text[TAG_COMMITMENT];
	tip->seed = record->text[TAG_SEED];
	tip->sealed = record->text[TAG_SEALED];
	tip->identity = record->text[TAG_IDENTITY];
	tip->data_key.sealed = record->text[TAG_DATA_KEY];
	transfer->messages = record->messages;
	transfer->nmessages = record->nmessages;
	return tip->event.len > 0;
}

static bool decode_child(const struct record *record, struct outbox_child *child)
{
	child->received_ms = (int64_t)record->number[TAG_RECEIVED];
	child->joined = record->number[TAG_JOINED] == 1;
	child->at_ms = (int64_t)record->number[TAG_AT];
	child->by = record->text[TAG_BY];
	return tip_id_parse(record->text[TAG_TIP], &child->child) &&
	       tip_id_parse(record->text[TAG_PARENT], &child->parent) && record->number[TAG_JOINED] <= 1 &&
	       child->received_ms >= 0 && child->at_ms >= 0 && child->by.len > 0;
}

static bool decode_verified(const struct record *record, struct outbox_verified *verified)
{
	verified->rev = record->number[TAG_REV];
	verified->received_ms = (int64_t)record->number[TAG_RECEIVED];
	verified->case_id = record->text[TAG_CASE];
	verified->bands = record->text[TAG_BANDS];
	verified->by = record->text[TAG_BY];
	return tip_id_parse(record->text[TAG_TIP], &verified->tip) &&
	       take_bytes(record, TAG_REGION, verified->region, sizeof(verified->region) - 1) &&
	       span_digits(span_of(verified->region)) && verified->received_ms >= 0 && verified->case_id.len > 0 &&
	       verified->by.len > 0;
}

static bool decode_report(const struct record *record, struct outbox_report *report)
{
	report->connector = record->text[TAG_GATEWAY];
	report->delivered = record->number[TAG_DELIVERED] == 1;
	return tip_id_parse(record->text[TAG_TIP], &report->tip) && report->connector.len > 0 &&
	       record->number[TAG_DELIVERED] <= 1;
}

static bool decode_notice(const struct record *record, struct outbox_notice *notice)
{
	notice->channel = record->text[TAG_GATEWAY];
	notice->notice.kind = (enum notice_kind)record->number[TAG_NOTICE];
	notice->notice.at_ms = (int64_t)record->number[TAG_AT];
	notice->notice.from_ms = (int64_t)record->number[TAG_SINCE];
	notice->expires_ms = (int64_t)record->number[TAG_EXPIRES];
	return notice_counts_read(record->text[TAG_COUNTS], &notice->notice) && notice->channel.len > 0 && record->has[TAG_NOTICE] && record->number[TAG_NOTICE] < NOTICE_KINDS &&
	       take_bytes(record, TAG_REGION, notice->notice.region, sizeof(notice->notice.region) - 1) &&
	       span_digits(span_of(notice->notice.region)) && notice->notice.at_ms >= 0;
}

bool outbox_item_decode(struct span encoded, struct arena *arena, struct outbox_item *item)
{
	struct record record;

	*item = (struct outbox_item){ 0 };
	if (!read_record(encoded, arena, &record))
		return false;
	item->kind = (enum outbox_kind)record.number[TAG_KIND];
	switch (record.number[TAG_KIND]) {
	case OUTBOX_SMS:
		return decode_sms(&record, &item->sms);
	case OUTBOX_TRANSFER:
		return decode_transfer(&record, &item->transfer);
	case OUTBOX_CHILD:
		return decode_child(&record, &item->child);
	case OUTBOX_VERIFIED:
		return decode_verified(&record, &item->verified);
	case OUTBOX_REPORT:
		return decode_report(&record, &item->report);
	case OUTBOX_NOTICE:
		return decode_notice(&record, &item->notice);
	default:
		return false;
	}
}

/* --- sealed -------------------------------------------------------------------- */

void outbox_item_seal(const struct seal_key *key, const struct outbox_item *item, struct buf *out)
{
	struct buf clear = { 0 };

	outbox_item_encode(item, &clear);
	seal_blob(key, LABEL, buf_span(&clear), out);
	buf_release(&clear);
}

bool outbox_item_open(const struct seal_key *key, struct span sealed, struct arena *arena,
		      struct outbox_item *item)
{
	struct span clear;

	return seal_open_blob(key, LABEL, sealed, arena, &clear) && outbox_item_decode(clear, arena, item);
}

/* --- from a link ----------------------------------------------------------------- */

static struct span actor_of(struct span event, struct arena *arena)
{
	char *name = arena_alloc(arena, STORE_ACTOR_MAX);
	struct event_member by;
	size_t len = event_find(event, "by", &by) && by.text ? event_text(by.value, name, STORE_ACTOR_MAX) : 0;

	return len > 0 && len != SIZE_MAX ? span_from(name, len) : SPAN("linker");
}

static int64_t moment_of(struct span event)
{
	struct event_member at;
	uint64_t ms;

	return event_find(event, "at", &at) && span_u64(at.value, &ms) && ms <= INT64_MAX ? (int64_t)ms : 0;
}

struct span child_intent(const struct seal_key *courier_key, const struct store_link *child, struct arena *arena)
{
	const struct outbox_item item = {
		.kind = OUTBOX_CHILD,
		.child = { .child = child->other,
			   .received_ms = child->received_ms,
			   .parent = child->id,
			   .joined = child->kind == STORE_LINK_CHILD,
			   .at_ms = moment_of(child->event),
			   .by = actor_of(child->event, arena) },
	};
	struct buf sealed = { 0 };
	struct span intent;

	outbox_item_seal(courier_key, &item, &sealed);
	intent = arena_dup(arena, buf_span(&sealed));
	buf_release(&sealed);
	return intent;
}
