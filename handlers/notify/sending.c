/*
 * A text on its way; see sending.h.
 */
#include "handlers/notify/sending.h"

#include "daemon/base/hex.h"

#include <stdio.h>

#define LABEL "sending"
#define LABEL_ALIAS "sending alias"
#define NO_TIP "-"

/* A letter each in the record. */
static const char letters[] = "qsmafd";

const char *sending_state_name(enum sending_state state)
{
	static const char *const names[SENDING_STATES] = {
		[SENDING_QUEUED] = "queued",
		[SENDING_SENT] = "sent",
		[SENDING_MAYBE] = "maybe",
		[SENDING_ACCEPTED] = "accepted",
		[SENDING_FAILED] = "failed",
		[SENDING_DELIVERED] = "delivered",
		[SENDING_UNKNOWN] = "unknown",
	};

	return names[state];
}

/* --- states --------------------------------------------------------------------------- */

/* The enum is in the order of what is known: more is known of the later ones. */
enum sending_state sending_forward(enum sending_state from, enum sending_state to)
{
	return to > from && to < SENDING_UNKNOWN ? to : from;
}

enum sending_state sending_of_fate(enum sms_fate fate)
{
	switch (fate) {
	case SMS_BUFFERED:
		return SENDING_ACCEPTED;
	case SMS_DELIVERED:
		return SENDING_DELIVERED;
	case SMS_FAILED:
		return SENDING_FAILED;
	case SMS_FATE_UNKNOWN:
	case SMS_FATES:
		break;
	}
	return SENDING_QUEUED;
}

enum sending_state sending_whole(const struct sending *sending, int64_t now_ms)
{
	enum sending_state least = SENDING_DELIVERED;

	for (unsigned i = 0; i < sending->nparts; i++) {
		if (sending->part[i] == SENDING_FAILED)
			return SENDING_FAILED;
		if (sending->part[i] < least)
			least = (enum sending_state)sending->part[i];
	}
	if (least != SENDING_DELIVERED && least != SENDING_QUEUED && now_ms - sending->begun_ms >= SENDING_UNKNOWN_MS)
		return SENDING_UNKNOWN;
	return least;
}

bool sending_begun(const struct sending *sending)
{
	for (unsigned i = 0; i < sending->nparts; i++)
		if (sending->part[i] != SENDING_QUEUED)
			return true;
	return false;
}

unsigned sending_next(const struct sending *sending)
{
	unsigned i = 0;

	while (i < sending->nparts && sending->part[i] != SENDING_QUEUED)
		i++;
	return i;
}

void sending_settle(struct sending *sending)
{
	for (unsigned i = 0; i < sending->nparts; i++)
		if (sending->part[i] == SENDING_SENT)
			sending->part[i] = SENDING_MAYBE;
}

/* --- as bytes ---------------------------------------------------------------------------- */

/* "<tip or -> <shard> <begun> <connector or -> <letters>" */
void sending_seal(const struct seal_key *key, const struct sending *sending, struct buf *out)
{
	struct buf clear = { 0 };

	buf_printf(&clear, "%s %.2s %lld %s ", sending->tip.text[0] != '\0' ? sending->tip.text : NO_TIP, sending->shard,
		   (long long)sending->begun_ms, sending->connector[0] != '\0' ? sending->connector : NO_TIP);
	for (unsigned i = 0; i < sending->nparts; i++)
		buf_add_byte(&clear, letters[sending->part[i]]);
	seal_blob(key, LABEL, buf_span(&clear), out);
	buf_release(&clear);
}

static bool read_parts(struct span text, struct sending *out)
{
	if (text.len == 0 || text.len > SMS_PARTS_MAX)
		return false;
	out->nparts = (unsigned)text.len;
	for (size_t i = 0; i < text.len; i++) {
		const char *at = text.at[i] != '\0' ? strchr(letters, text.at[i]) : NULL;

		if (at == NULL)
			return false;
		out->part[i] = (unsigned char)(at - letters);
	}
	return true;
}

static bool read_record(struct span text, struct sending *out)
{
	struct span tip, shard, begun, connector;
	uint64_t ms;

	if (!span_cut(&text, ' ', &tip) || !span_cut(&text, ' ', &shard) || !span_cut(&text, ' ', &begun) ||
	    !span_cut(&text, ' ', &connector))
		return false;
	if (shard.len != 2 || connector.len > SENDING_CONNECTOR_MAX || !span_u64(begun, &ms) || ms > INT64_MAX ||
	    (!span_is(tip, NO_TIP) && !tip_id_parse(tip, &out->tip)))
		return false;
	memcpy(out->shard, shard.at, 2);
	out->begun_ms = (int64_t)ms;
	if (!span_is(connector, NO_TIP))
		memcpy(out->connector, connector.at, connector.len);
	return read_parts(text, out);
}

bool sending_open(const struct seal_key *key, struct span sealed, struct sending *out)
{
	struct arena arena = { 0 };
	struct span clear;
	bool well;

	*out = (struct sending){ 0 };
	well = seal_open_blob(key, LABEL, sealed, &arena, &clear) && read_record(clear, out);
	arena_release(&arena);
	return well;
}

/* --- names -------------------------------------------------------------------------------- */

struct span sending_our_id(const struct seal_key *key, struct span shard, struct span item, unsigned part, struct arena *arena)
{
	unsigned char mark[16];
	struct span name = span_of(
		arena_printf(arena, "%.*s %.*s", (int)shard.len, shard.at, (int)item.len, item.at));

	seal_mark(key, "receipt id", name, mark);
	return span_of(arena_printf(arena, "%s%02x", hex_text(arena, mark, sizeof(mark)), part));
}

/* Not the mark in the id itself: that one stands in the gateway's logs, beside the number. */
bool sending_mark_of_ours(const struct seal_key *key, struct span our_id, unsigned char mark[16], unsigned *part)
{
	unsigned char bytes[SENDING_OUR_ID_LEN / 2];

	if (!hex_get(our_id, bytes, sizeof(bytes)))
		return false;
	*part = bytes[16];
	seal_mark(key, "sending", span_from(bytes, 16), mark);
	return true;
}

void sending_mark_of_theirs(const struct seal_key *key, struct span connector, struct span normal, unsigned char mark[16])
{
	struct buf name = { 0 };

	buf_add_span(&name, connector);
	buf_add_byte(&name, ' ');
	buf_add_span(&name, normal);
	seal_mark(key, "sending of theirs", buf_span(&name), mark);
	buf_release(&name);
}

/* "r<letter>" or "p<our id>" */
void sending_alias_seal(const struct seal_key *key, const struct sending_alias *alias, struct buf *out)
{
	char clear[SENDING_OUR_ID_LEN + 2];
	int n;

	if (alias->early)
		n = snprintf(clear, sizeof(clear), "r%c", letters[alias->state]);
	else
		n = snprintf(clear, sizeof(clear), "p%s", alias->our_id);
	seal_blob(key, LABEL_ALIAS, span_from(clear, (size_t)n), out);
}

static bool read_alias(struct span text, struct sending_alias *out)
{
	struct span rest = span_from_offset(text, 1);
	const char *letter = rest.len == 1 && rest.at[0] != '\0' ? strchr(letters, rest.at[0]) : NULL;

	if (span_starts(text, SPAN("p")) && rest.len == SENDING_OUR_ID_LEN) {
		memcpy(out->our_id, rest.at, rest.len);
		return true;
	}
	if (!span_starts(text, SPAN("r")) || letter == NULL)
		return false;
	out->early = true;
	out->state = (enum sending_state)(letter - letters);
	return true;
}

bool sending_alias_open(const struct seal_key *key, struct span sealed, struct sending_alias *out)
{
	struct arena arena = { 0 };
	struct span clear;
	bool well;

	*out = (struct sending_alias){ 0 };
	well = seal_open_blob(key, LABEL_ALIAS, sealed, &arena, &clear) && read_alias(clear, out);
	arena_release(&arena);
	return well;
}
