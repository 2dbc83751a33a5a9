/*
 * A short message as the intake takes it, whichever connector brought it.
 */
#ifndef TIPLINE_CORE_SMS_MESSAGE_H
#define TIPLINE_CORE_SMS_MESSAGE_H

#include "daemon/base/arena.h"
#include "daemon/core/sms/coding.h"
#include "daemon/core/sms/link_protocol.h"

#define SMS_PART_OCTETS_MAX 1024   /* 160 characters of any coding are fewer */

enum sms_kind {
	SMS_TEXT,       /* a whole text */
	SMS_PART,       /* one part of a long one */
	SMS_RECEIPT,    /* delivery report */
	SMS_IGNORED,    /* nothing for us; answered as taken */
	SMS_MALFORMED,  /* cannot be read; the others of its batch can */
};

enum sms_fate {
	SMS_BUFFERED,      /* on its way */
	SMS_DELIVERED,
	SMS_FAILED,
	SMS_FATE_UNKNOWN,
	SMS_FATES,
};

/* Who counted the parts: references of one kind say nothing about those of another. */
enum sms_part_kind {
	SMS_BY_HEADER,
	SMS_BY_SAR,        /* beside the header: SAR TLVs, PkTotal; its width is 16 */
	SMS_BY_GATEWAY,    /* fields of a gateway that numbers parts itself */
	SMS_PART_KINDS,
};

struct sms_message {
	enum sms_kind kind;
	struct span key;          /* the gateway's id of the message, or empty */
	struct span sender;       /* as normalized: "+8613800138000" where sure */
	struct span destination;
	struct span text;         /* SMS_TEXT: UTF-8 */
	enum sms_coding coding;   /* SMS_PART: what its octets are; a character may be cut between two parts */
	struct sms_tables tables; /* SMS_PART in SMS_GSM7: what its header named */
	struct span octets;       /* SMS_PART */
	enum sms_part_kind part_kind;
	unsigned part_reference;
	unsigned part_width;      /* bits of the reference: 8 or 16 */
	unsigned part_total;
	unsigned part_number;
	bool may_answer;          /* the sender is a telephone that may get an answer */
	const char *ignored;      /* SMS_IGNORED: why, for the log: "mms" (about one, no notice), "port", "silent", "sim", "waiting", "data" */
	struct span receipt_id;   /* SMS_RECEIPT: our id that rode along, or empty */
	struct span their_id;     /* SMS_RECEIPT: the connector's id of what was sent, or empty */
	enum sms_fate fate;
};

/* What of a connector's settings tells how numbers are read; see number.h. */
struct sms_numbers {
	const char *home;
	const char *prefixes;
};

/* The text of a picture message that waits at the carrier: the queue learns of it, nobody fetches it. */
#define SMS_MMS_TEXT "彩信，内容无法读取。MMS: it could not be read."

/*
 * A message as it was delivered (coding, header and octets; SMS_GSM7 unpacked)
 * becomes a text, a part, or something to ignore: silent ones, those for the
 * SIM or a port, signs that a message waits, data that is no text. Key and
 * octets stay borrowed, the rest lies in the arena. An empty text is ignored
 * as "data"; what says that it is a part, and is longer than one can be, is a
 * text of its own. A notice of a picture message is the text SMS_MMS_TEXT of
 * whom it names, under a key of its own ("mms-..."), and gets no answer.
 */
void sms_message_read(const struct link_message *raw, const struct sms_numbers *numbers, struct arena *arena,
		      struct sms_message *out);

#endif
