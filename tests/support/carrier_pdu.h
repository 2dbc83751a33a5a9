/*
 * What a carrier's end writes and reads, for tests/bench/carrier.c: SMPP 3.4 and CMPP 3.0.
 */
#ifndef TIPLINE_TESTS_SUPPORT_CARRIER_PDU_H
#define TIPLINE_TESTS_SUPPORT_CARRIER_PDU_H

#include "daemon/base/buf.h"

#include <stdint.h>

/* The same numbers in both protocols. */
enum {
	PDU_SUBMIT = 4,
	PDU_DELIVER = 5,
};
#define PDU_RESPONSE 0x80000000u

/* A message in: the octets are ASCII, or UTF-16 when `wide`. */
struct pdu_message {
	uint32_t sequence;
	uint64_t serial;          /* of all messages: makes the id and the telephone */
	bool wide;
	struct span octets;
	unsigned part, parts;     /* parts 0: it is whole */
};

struct pdu_protocol {
	const char *name;
	size_t sequence_at;
	void (*message)(struct buf *out, const struct pdu_message *message);
	/* The answer to a command of the other side; a login and a message out always succeed. */
	void (*answer)(struct buf *out, uint32_t command, uint32_t sequence, uint64_t serial);
	/* Whether an answer to a message in says that it was taken. */
	bool (*taken)(struct span pdu);
};

extern const struct pdu_protocol pdu_smpp, pdu_cmpp;

/* The first whole PDU in `in` behind `at`; empty: there is none yet. */
struct span pdu_next(const struct buf *in, size_t at);
uint32_t pdu_number(struct span pdu, size_t at);
uint32_t pdu_sequence(const struct pdu_protocol *protocol, struct span pdu);

#endif
