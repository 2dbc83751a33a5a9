/*
 * What the files of SMPP share: numbers of the specification (v3.4, Issue 1.2, chapter 5).
 */
#ifndef TIPLINE_CORE_SMS_SMPP_PARTS_H
#define TIPLINE_CORE_SMS_SMPP_PARTS_H

#include "daemon/core/sms/smpp.h"

#define SMPP_HEAD 16
#define SMPP_RESPONSE 0x80000000u
#define SMPP_VERSION 0x34
#define SMPP_SHORT_MAX ((size_t)254)   /* octets of short_message in what we send */

enum smpp_command {
	SMPP_BIND_RECEIVER = 0x01,
	SMPP_BIND_TRANSMITTER = 0x02,
	SMPP_QUERY_SM = 0x03,
	SMPP_SUBMIT_SM = 0x04,
	SMPP_DELIVER_SM = 0x05,
	SMPP_UNBIND = 0x06,
	SMPP_BIND_TRANSCEIVER = 0x09,
	SMPP_OUTBIND = 0x0B,
	SMPP_ENQUIRE_LINK = 0x15,
	SMPP_ALERT = 0x102,
	SMPP_DATA_SM = 0x103,
	SMPP_GENERIC_NACK_BITS = 0x00,   /* with SMPP_RESPONSE */
};

enum smpp_status {
	SMPP_OK = 0x00,
	SMPP_BAD_MESSAGE_LENGTH = 0x01,
	SMPP_BAD_COMMAND_LENGTH = 0x02,
	SMPP_BAD_COMMAND = 0x03,
	SMPP_BAD_BIND_STATE = 0x04,
	SMPP_ALREADY_BOUND = 0x05,
	SMPP_SYSTEM_ERROR = 0x08,
	SMPP_BIND_FAILED = 0x0D,
	SMPP_BAD_PASSWORD = 0x0E,
	SMPP_BAD_SYSTEM_ID = 0x0F,
	SMPP_QUEUE_FULL = 0x14,
	SMPP_SUBMIT_FAILED = 0x45,
	SMPP_THROTTLED = 0x58,
	SMPP_AGAIN = 0x64,               /* ESME_RX_T_APPN: temporary error of the receiver, send it again */
	SMPP_NEVER = 0x65,               /* ESME_RX_P_APPN */
};

enum smpp_tag {
	TAG_RECEIPTED_ID = 0x001E,
	TAG_USER_REFERENCE = 0x0204,
	TAG_SAR_REFERENCE = 0x020C,
	TAG_SAR_TOTAL = 0x020E,
	TAG_SAR_NUMBER = 0x020F,
	TAG_VERSION = 0x0210,
	TAG_NETWORK_ERROR = 0x0423,
	TAG_PAYLOAD = 0x0424,
	TAG_STATE = 0x0427,
};

/* esm_class (5.2.12) */
enum {
	ESM_HEADER = 0x40,       /* UDHI */
	ESM_TYPE = 0x3C,
	ESM_RECEIPT = 0x04,
	ESM_INTERMEDIATE = 0x20,
};

/* What the optional parameters say; a span with a NULL pointer is not there. */
struct smpp_options {
	struct span receipted_id, payload;
	bool has_state;
	unsigned state;
	struct span network_error;
	bool has_sar_reference;
	unsigned sar_reference, sar_total, sar_number;
	unsigned version;
};

/* The mandatory parameters of submit_sm, deliver_sm and data_sm that matter here. */
struct smpp_message {
	unsigned from_ton, to_ton;
	struct span from, to;
	unsigned esm, protocol_id, dcs;
	struct span octets;
	struct smpp_options options;
};

/*
 * Reads what a delivery report says: TLVs first, then "id:" and "stat:"
 * anywhere in the text, in the coding of the message. False: it is no report.
 */
bool smpp_receipt_read(const struct link_config *config, const struct smpp_message *message, struct arena *arena,
		       struct link_report *report);

/* What octets of that data_coding are, under this link's settings: enum sms_coding. */
unsigned smpp_coding(const struct link_config *config, unsigned dcs);

/* Digits and ton as one number: "+8613..." for an international one. */
struct span smpp_number(unsigned ton, struct span digits, struct arena *arena);

void smpp_write_login(const struct link_config *config, enum link_role role, unsigned version, uint32_t sequence,
		      int64_t now_ms, struct buf *out);
void smpp_write_submit(const struct link_config *config, const struct link_submit *submit, uint32_t sequence,
		       unsigned version, struct buf *out);
void smpp_write_answer(const struct link_event *event, enum link_answer answer, unsigned version, struct buf *out);
void smpp_write_alive(uint32_t sequence, struct buf *out);
void smpp_write_alive_answer(const struct link_event *event, struct buf *out);
void smpp_write_close(uint32_t sequence, struct buf *out);
void smpp_write_close_answer(const struct link_event *event, struct buf *out);
void smpp_write_unknown(const struct link_event *event, struct buf *out);

#endif
