/*
 * A carrier's PDUs; see carrier_pdu.h.
 */
#include "tests/support/carrier_pdu.h"

#include "tests/support/ismg_pdu.h"
#include "tests/support/smpp_octets.h"

#include <stdio.h>

#define OUR_NUMBER "106900"
#define DIGITS 11

uint32_t pdu_number(struct span pdu, size_t at)
{
	return smpp_number_of(pdu, at);
}

uint32_t pdu_sequence(const struct pdu_protocol *protocol, struct span pdu)
{
	return smpp_number_of(pdu, protocol->sequence_at);
}

struct span pdu_next(const struct buf *in, size_t at)
{
	struct span rest = span_from_offset(buf_span(in), at);
	size_t len = rest.len >= 12 ? smpp_number_of(rest, 0) : 0;

	return len < 12 || len > rest.len ? (struct span){ 0 } : span_from(rest.at, len);
}

/* 13000000000 to 18999999999. */
static void telephone_of(uint64_t serial, char out[DIGITS + 1])
{
	snprintf(out, DIGITS + 1, "%llu", (unsigned long long)(UINT64_C(13000000000) + serial % UINT64_C(6000000000)));
}

/* The header of one of several parts, and the octets. */
static void content_to(struct buf *out, const struct pdu_message *message)
{
	const unsigned char header[] = { 5, 0, 3, (unsigned char)(message->serial & 0xFF), (unsigned char)message->parts,
					 (unsigned char)message->part };

	if (message->parts > 0)
		buf_add(out, header, sizeof(header));
	buf_add_span(out, message->octets);
}

/* --- SMPP ------------------------------------------------------------------------- */

static void smpp_message(struct buf *out, const struct pdu_message *message)
{
	struct buf body = { 0 }, content = { 0 };
	char telephone[DIGITS + 1];

	telephone_of(message->serial, telephone);
	content_to(&content, message);
	buf_add_span(&body, SPAN("\0\1\1" "86"));
	buf_add(&body, telephone, sizeof(telephone));
	buf_add_span(&body, SPAN("\0\1" OUR_NUMBER "\0"));
	buf_add_byte(&body, message->parts > 0 ? 0x40 : 0);
	buf_add_span(&body, SPAN("\0\0\0\0\0\0"));
	buf_add_byte(&body, message->wide ? 8 : 0);
	buf_add_byte(&body, 0);
	buf_add_byte(&body, (int)content.len);
	buf_add_span(&body, buf_span(&content));
	smpp_pdu_to(out, PDU_DELIVER, 0, message->sequence, buf_span(&body));
	buf_release(&content);
	buf_release(&body);
}

/* Binds get our name, a message out its number; a sign of life or a goodbye has no body. */
static void smpp_answer(struct buf *out, uint32_t command, uint32_t sequence, uint64_t serial)
{
	char id[24];
	int len = snprintf(id, sizeof(id), "%llu", (unsigned long long)serial) + 1;
	bool bind = command == 1 || command == 2 || command == 9;
	struct span body = command == PDU_SUBMIT ? span_from(id, (size_t)len) : bind ? SPAN("smsc\0") : SPAN("");

	smpp_pdu_to(out, PDU_RESPONSE | command, 0, sequence, body);
}

static bool smpp_taken(struct span pdu)
{
	return smpp_number_of(pdu, 8) == 0;
}

const struct pdu_protocol pdu_smpp = {
	.name = "smpp", .sequence_at = 12,
	.message = smpp_message, .answer = smpp_answer, .taken = smpp_taken,
};

/* --- CMPP 3.0 ----------------------------------------------------------------------- */

static void id_of(uint64_t serial, unsigned char id[CMPP_ID])
{
	for (size_t i = 0; i < CMPP_ID; i++)
		id[i] = (unsigned char)((serial + 1) >> 8 * (CMPP_ID - 1 - i) & 0xFF);
}

static void cmpp_message(struct buf *out, const struct pdu_message *message)
{
	struct buf content = { 0 };
	char telephone[DIGITS + 1];
	unsigned char id[CMPP_ID];
	struct ismg_deliver deliver = { .to = SPAN(OUR_NUMBER) };

	telephone_of(message->serial, telephone);
	id_of(message->serial, id);
	content_to(&content, message);
	deliver.id = span_from(id, sizeof(id));
	deliver.from = span_of(telephone);
	deliver.has_header = message->parts > 0;
	deliver.format = message->wide ? 8 : 0;
	deliver.content = buf_span(&content);
	put_cmpp_deliver(CMPP_3_0, message->sequence, &deliver, out);
	buf_release(&content);
}

static void cmpp_answer(struct buf *out, uint32_t command, uint32_t sequence, uint64_t serial)
{
	size_t at = ismg_begin(out, PDU_RESPONSE | command, sequence);
	unsigned char id[CMPP_ID];

	id_of(serial, id);
	if (command == CMPP_SUBMIT) {
		buf_add(out, id, sizeof(id));
		ismg_put_number(out, 0, 4);
	} else if (command == CMPP_CONNECT) {
		ismg_put_zeroes(out, 4 + 16);   /* Status; AuthenticatorISMG, which is not looked at */
		buf_add_byte(out, 0x30);
	} else if (command == CMPP_ACTIVE_TEST) {
		buf_add_byte(out, 0);
	}
	ismg_end(out, at);
}

static bool cmpp_taken(struct span pdu)
{
	return pdu.len == ISMG_HEAD + CMPP_ID + 4 && smpp_number_of(pdu, ISMG_HEAD + CMPP_ID) == 0;
}

const struct pdu_protocol pdu_cmpp = {
	.name = "cmpp", .sequence_at = 8,
	.message = cmpp_message, .answer = cmpp_answer, .taken = cmpp_taken,
};
