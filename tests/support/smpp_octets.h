/*
 * SMPP PDUs as a carrier's end writes them, for tests.
 */
#ifndef TIPLINE_TESTS_SUPPORT_SMPP_OCTETS_H
#define TIPLINE_TESTS_SUPPORT_SMPP_OCTETS_H

#include "daemon/base/buf.h"

static inline void smpp_number_to(struct buf *out, uint32_t number, unsigned octets)
{
	while (octets-- > 0)
		buf_add_byte(out, (int)(number >> octets * 8 & 0xFF));
}

static inline uint32_t smpp_number_of(struct span s, size_t at)
{
	uint32_t n = 0;

	for (size_t i = 0; i < 4; i++)
		n = n << 8 | (unsigned char)s.at[at + i];
	return n;
}

static inline void smpp_pdu_to(struct buf *out, uint32_t command, uint32_t status, uint32_t sequence, struct span body)
{
	smpp_number_to(out, (uint32_t)body.len + 16, 4);
	smpp_number_to(out, command, 4);
	smpp_number_to(out, status, 4);
	smpp_number_to(out, sequence, 4);
	buf_add_span(out, body);
}

static inline void smpp_option_to(struct buf *out, unsigned tag, struct span value)
{
	smpp_number_to(out, tag, 2);
	smpp_number_to(out, (uint32_t)value.len, 2);
	buf_add_span(out, value);
}

/* The body of a deliver_sm from 8613800138000 (international) to 106900. */
static inline void smpp_deliver_to(struct buf *out, unsigned esm, unsigned dcs, struct span octets)
{
	/* service_type; source; destination; esm; protocol, priority, schedule, validity, registered, replace; dcs */
	buf_add_span(out, SPAN("\0\1\1" "8613800138000\0" "\0\1" "106900\0"));
	buf_add_byte(out, (int)esm);
	buf_add_span(out, SPAN("\0\0\0\0\0\0"));
	buf_add_byte(out, (int)dcs);
	buf_add_byte(out, 0);
	buf_add_byte(out, (int)octets.len);
	buf_add_span(out, octets);
}

#endif
