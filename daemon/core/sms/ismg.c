/*
 * Reading and writing for CMPP and SMGP; see ismg.h.
 */
#include "daemon/core/sms/ismg.h"

#include "daemon/base/civil_time.h"
#include "daemon/base/hex.h"
#include "daemon/base/md5.h"
#include "daemon/base/table.h"
#include "daemon/base/utf8.h"
#include "daemon/base/wipe.h"
#include "daemon/core/sms/coding.h"
#include "daemon/core/sms/gsm7.h"

#include <assert.h>
#include <sodium.h>

/* Msg_Fmt. Message classes stand in bits 4 and 0-1, as in 3GPP TS 23.038. */
enum {
	FORMAT_ASCII = 0,
	FORMAT_CARD = 3,
	FORMAT_BINARY = 4,
	FORMAT_UCS2 = 8,
	FORMAT_GBK = 15,
	FORMAT_CLASS = 0x10,
	FORMAT_ALPHABET = 0x0C,
};

/* --- reading --------------------------------------------------------------------- */

static uint32_t number_of(struct span octets)
{
	uint32_t n = 0;

	for (size_t i = 0; i < octets.len; i++)
		n = n << 8 | (unsigned char)octets.at[i];
	return n;
}

size_t ismg_frame(struct span octets)
{
	if (octets.len < 4)
		return 0;

	uint32_t length = number_of(span_from(octets.at, 4));

	return length < ISMG_HEAD || length > ISMG_PDU_MAX ? SIZE_MAX : length;
}

struct span ismg_octets(struct ismg_in *in, size_t n)
{
	struct span out = { .at = in->rest.at, .len = n };

	if (in->broken || n > in->rest.len) {
		in->broken = true;
		return (struct span){ 0 };
	}
	in->rest = span_from_offset(in->rest, n);
	return out;
}

unsigned ismg_octet(struct ismg_in *in)
{
	return number_of(ismg_octets(in, 1));
}

unsigned ismg_pair(struct ismg_in *in)
{
	return number_of(ismg_octets(in, 2));
}

uint32_t ismg_number(struct ismg_in *in)
{
	return number_of(ismg_octets(in, 4));
}

struct ismg_in ismg_read_head(struct span pdu, unsigned version, struct link_event *event)
{
	struct ismg_in in = { .rest = pdu };
	uint32_t length = ismg_number(&in);

	*event = (struct link_event){ .version = version };
	event->command = ismg_number(&in);
	event->sequence = ismg_number(&in);
	in.broken = in.broken || length != pdu.len;
	return in;
}

struct span ismg_field(struct ismg_in *in, size_t n)
{
	struct span field = ismg_octets(in, n);
	const char *end = field.len > 0 ? memchr(field.at, 0, field.len) : NULL;

	if (end != NULL)
		field.len = (size_t)(end - field.at);
	while (field.len > 0 && field.at[field.len - 1] == ' ')
		field.len--;
	return field;
}

struct span ismg_id(struct span octets, struct arena *arena)
{
	for (size_t i = 0; i < octets.len; i++)
		if (octets.at[i] != 0)
			return span_of(hex_text(arena, octets.at, octets.len));
	return (struct span){ 0 };
}

void ismg_keep_id(struct span octets, struct link_event *event)
{
	assert(octets.len <= sizeof(event->sequence_rest));
	if (octets.len > 0)
		memcpy(event->sequence_rest, octets.at, octets.len);
}

/* What a carrier calls ASCII may have octets above it: Latin-1 loses none of them. */
static enum sms_coding coding_of(unsigned format)
{
	switch (format) {
	case FORMAT_ASCII:
	case FORMAT_CARD:
		return SMS_LATIN1;
	case FORMAT_GBK:
		return SMS_GBK;
	case FORMAT_CLASS | FORMAT_GBK:   /* of class 3, as some write it */
		return SMS_GBK;
	default:
		break;
	}
	if ((format & FORMAT_ALPHABET) == FORMAT_UCS2)
		return SMS_UTF16;
	return (format & ~3u) == FORMAT_CLASS ? SMS_LATIN1 : SMS_OCTETS;
}

void ismg_read_content(unsigned format, bool has_header, struct span content, struct link_message *message)
{
	size_t header = has_header && content.len > 0 ? (size_t)(unsigned char)content.at[0] + 1 : 0;

	if (header > content.len)
		header = 0;
	message->dcs = format;
	message->coding = coding_of(format);
	message->header = span_from(content.at, header);
	message->octets = span_from_offset(content, header);
}

/* A code for the log holds nothing but letters, digits and signs between them. */
static bool is_code(struct span state)
{
	for (size_t i = 0; i < state.len; i++)
		if (state.at[i] <= ' ' || state.at[i] > '~')
			return false;
	return state.len > 0;
}

void ismg_read_state(struct span state, struct link_report *report)
{
	static const struct {
		struct span state;
		enum link_fate fate;
		bool final;
	} states[] = {
		{ .state = SPAN_INIT("DELIVRD"), .fate = LINK_DELIVERED, .final = true },
		{ .state = SPAN_INIT("ACCEPTD"), .fate = LINK_BUFFERED },
		{ .state = SPAN_INIT("ENROUTE"), .fate = LINK_BUFFERED },
		{ .state = SPAN_INIT("UNKNOWN"), .fate = LINK_FATE_UNKNOWN, .final = true },
	};

	report->reason = is_code(state) ? state : SPAN("?");
	/* EXPIRED, DELETED, UNDELIV, REJECTD, and the carriers' own codes ("MA:0001"), all of which are failures. */
	report->fate = LINK_FAILED;
	report->final = true;
	for (size_t i = 0; i < COUNT_OF(states); i++)
		if (span_eq_nocase(state, states[i].state)) {
			report->fate = states[i].fate;
			report->final = states[i].final;
		}
}

/* --- writing --------------------------------------------------------------------- */

void ismg_put_number(struct buf *out, uint32_t number, unsigned octets)
{
	for (unsigned i = octets; i > 0; i--)
		buf_add_byte(out, (int)(number >> (i - 1) * 8 & 0xFF));
}

void ismg_put_zeroes(struct buf *out, size_t n)
{
	memset(buf_reserve(out, n), 0, n);
	out->len += n;
}

size_t ismg_begin(struct buf *out, uint32_t command, uint32_t sequence)
{
	size_t at = out->len;

	ismg_put_number(out, 0, 4);
	ismg_put_number(out, command, 4);
	ismg_put_number(out, sequence, 4);
	return at;
}

void ismg_end(struct buf *out, size_t at)
{
	size_t len = out->len - at;

	for (unsigned i = 0; i < 4; i++)
		out->at[at + i] = (char)(unsigned char)(len >> (3 - i) * 8 & 0xFF);
}

void ismg_put_bare(struct buf *out, uint32_t command, uint32_t sequence)
{
	ismg_end(out, ismg_begin(out, command, sequence));
}

void ismg_put_field(struct buf *out, struct span text, size_t n)
{
	if (text.len > n)
		text.len = 0;
	buf_add_span(out, text);
	ismg_put_zeroes(out, n - text.len);
}

uint32_t ismg_stamp(int64_t now_ms)
{
	static const unsigned char digits[] = { 5, 6, 8, 9, 11, 12, 14, 15, 17, 18 };   /* of "2026-11-21T18:06:27Z" */
	char text[CIVIL_TEXT_MAX];
	uint32_t stamp = 0;

	civil_write(now_ms + CIVIL_BEIJING_MINUTES * INT64_C(60000), text);
	for (size_t i = 0; i < COUNT_OF(digits); i++)
		stamp = stamp * 10 + (uint32_t)(text[digits[i]] - '0');
	return stamp;
}

void ismg_authenticator(const struct link_config *config, size_t zeroes, uint32_t stamp, unsigned char digest[16])
{
	static const char none[16];
	char digits[11];

	assert(zeroes <= sizeof(none));
	for (unsigned i = 10; i > 0; i--, stamp /= 10)
		digits[i - 1] = (char)('0' + stamp % 10);

	const struct span parts[] = { span_of(config->account), span_from(none, zeroes), span_of(config->password),
				      span_from(digits, 10) };

	md5_of(parts, COUNT_OF(parts), digest);
	wipe(digits, sizeof(digits));
}

enum link_proof ismg_proof(const struct link_config *config, struct span ours, struct span came)
{
	static const char zeroes[MD5_LEN];
	static const size_t widths[] = { 1, 4 };
	enum link_proof proof = LINK_PROOF_BAD;
	unsigned char digest[MD5_LEN];

	if (came.len != MD5_LEN || ours.len != MD5_LEN)
		return LINK_PROOF_BAD;
	if (memcmp(came.at, zeroes, MD5_LEN) == 0)
		return LINK_PROOF_NONE;
	for (size_t i = 0; i < COUNT_OF(widths); i++) {
		const struct span parts[] = { span_from(zeroes, widths[i]), ours, span_of(config->password) };

		md5_of(parts, COUNT_OF(parts), digest);
		if (sodium_memcmp(digest, came.at, MD5_LEN) == 0)
			proof = LINK_PROOF_GOOD;
	}
	wipe(digest, sizeof(digest));
	return proof;
}

/* The text of septets; false when it has more than ASCII. */
static bool is_ascii(struct span septets, struct buf *text)
{
	gsm7_decode(septets, (struct sms_tables){ 0 }, text);
	return utf8_count(buf_span(text)) == text->len;
}

bool ismg_fits(const struct link_submit *submit)
{
	struct buf text = { 0 };
	bool fits;

	if (submit->coding != SMS_GSM7)
		return submit->header.len + submit->octets.len <= ISMG_CONTENT_MAX;
	fits = is_ascii(submit->octets, &text) && submit->header.len + text.len <= ISMG_ASCII_MAX;
	buf_release(&text);
	return fits;
}

/* The alphabet has no character outside the basic plane. */
static void put_ucs2(struct span text, struct buf *out)
{
	for (size_t at = 0, length; at < text.len; at += length)
		ismg_put_number(out, utf8_at(text, at, &length), 2);
}

void ismg_content_of(const struct link_submit *submit, struct ismg_content *content)
{
	struct buf text = { 0 };

	*content = (struct ismg_content){ .format = FORMAT_UCS2 };
	buf_add_span(&content->octets, submit->header);
	if (submit->coding != SMS_GSM7) {
		buf_add_span(&content->octets, submit->octets);
	} else if (is_ascii(submit->octets, &text)) {
		content->format = FORMAT_ASCII;
		buf_add_span(&content->octets, buf_span(&text));
	} else {
		put_ucs2(buf_span(&text), &content->octets);
	}
	buf_release(&text);
	if (content->octets.len > UINT8_MAX)   /* the length has one octet; see fits() */
		content->octets.len = UINT8_MAX - 1;
}

struct span ismg_terminal(struct span number)
{
	return span_starts(number, SPAN("+")) ? span_from_offset(number, 1) : number;
}
