/*
 * User data headers (3GPP TS 23.040, 9.2.3.24): what stands in front of the
 * text of a short message, read and written.
 *
 * Pure. Reading never goes past the end and refuses nothing: an element that
 * does not fit ends the header, numbers that make no sense make no part.
 */
#ifndef TIPLINE_CORE_SMS_UDH_H
#define TIPLINE_CORE_SMS_UDH_H

#include "daemon/base/buf.h"
#include "daemon/core/sms/coding.h"

enum udh_element_id {
	UDH_CONCAT_8 = 0x00,
	UDH_SPECIAL_INDICATION = 0x01,  /* "message waiting" */
	UDH_PORT_8 = 0x04,
	UDH_PORT_16 = 0x05,
	UDH_CONCAT_16 = 0x08,
	UDH_SINGLE_SHIFT = 0x24,
	UDH_LOCKING_SHIFT = 0x25,
};

struct udh_element {
	unsigned id;
	struct span data;
};

/* What a header says. */
struct sms_header {
	bool part;            /* one of several, and the numbers make sense */
	unsigned width;       /* bits of the reference: 8 or 16 */
	unsigned reference;
	unsigned total;       /* 2..255 */
	unsigned number;      /* 1..total */
	bool ports;           /* meant for a program on the phone, not for a reader */
	unsigned to_port;
	unsigned from_port;
	bool waiting;         /* tells that a message waits elsewhere */
	struct sms_tables tables;
	size_t octets;        /* of the header, length octet counted, never more than there were */
};

/*
 * Cuts the next element off `rest`, which begins behind the length octet.
 * False at the end, and when what is left is none.
 */
bool udh_next(struct span *rest, struct udh_element *element);

/*
 * Reads a header with its length octet in front; octets behind it are left
 * alone. Of two elements that say the same the last one holds. Part 0, part
 * above total and a total below 2 make no part. A length past the end is read
 * as far as there is anything.
 */
void sms_header_read(struct span header, struct sms_header *out);

/*
 * Appends a header with its length octet: the part (when `part`; reference,
 * total and number must fit) and the tables that are not the default ones.
 * Nothing when there is nothing to say.
 */
void sms_header_write(const struct sms_header *header, struct buf *out);

#endif
