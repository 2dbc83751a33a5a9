/*
 * PDUs as a gateway of CMPP or SMGP writes them, for tests and the fuzzer's seeds.
 */
#ifndef TIPLINE_TESTS_ISMG_PDU_H
#define TIPLINE_TESTS_ISMG_PDU_H

#include "daemon/core/sms/cmpp_parts.h"
#include "daemon/core/sms/smgp_parts.h"

struct ismg_deliver {
	struct span id;           /* 8 octets; SMGP: 10 */
	struct span to, from;
	unsigned from_type, protocol_id, has_header, format, is_report;
	struct span content;
	int length;               /* Msg_Length when it lies; 0: it does not */
	struct span options;      /* SMGP: TLVs */
};

static inline void put_cmpp_deliver(unsigned version, uint32_t sequence, const struct ismg_deliver *d, struct buf *out)
{
	size_t at = ismg_begin(out, CMPP_DELIVER, sequence);

	ismg_put_field(out, d->id, CMPP_ID);
	ismg_put_field(out, d->to, 21);
	ismg_put_field(out, SPAN("HELP"), 10);
	buf_add_byte(out, (int)d->protocol_id);
	buf_add_byte(out, (int)d->has_header);
	buf_add_byte(out, (int)d->format);
	ismg_put_field(out, d->from, version == CMPP_3_0 ? 32 : 21);
	if (version == CMPP_3_0)
		buf_add_byte(out, (int)d->from_type);
	buf_add_byte(out, (int)d->is_report);
	buf_add_byte(out, d->length > 0 ? d->length : (int)d->content.len);
	buf_add_span(out, d->content);
	ismg_put_zeroes(out, version == CMPP_3_0 ? 20 : 8);
	ismg_end(out, at);
}

static inline void put_smgp_deliver(uint32_t sequence, const struct ismg_deliver *d, struct buf *out)
{
	size_t at = ismg_begin(out, SMGP_DELIVER, sequence);

	ismg_put_field(out, d->id, SMGP_ID);
	buf_add_byte(out, (int)d->is_report);
	buf_add_byte(out, (int)d->format);
	ismg_put_field(out, SPAN("20261122180627"), 14);
	ismg_put_field(out, d->from, 21);
	ismg_put_field(out, d->to, 21);
	buf_add_byte(out, d->length > 0 ? d->length : (int)d->content.len);
	buf_add_span(out, d->content);
	ismg_put_zeroes(out, 8);
	buf_add_span(out, d->options);
	ismg_end(out, at);
}

#endif
