/*
 * What an SMS gateway must do to be connected. One file a gateway in
 * gateways/, one constant `gateway_<name>`; the Makefile builds the registry.
 *
 * Obligations:
 * - verify() must compare secrets in constant time, over the raw octets, and
 *   must not parse what is not yet trusted.
 * - decode() must be pure; it may refuse, it must not repair. It says what
 *   each message is: text, part of a text, receipt, or nothing for us.
 * - answer() must give exactly what this gateway counts as taken, and nothing
 *   that it would text to the sender.
 * - encode() builds the request that sends one message; it must not send it.
 * - outcome() reads the gateway's answer to that request; what it does not
 *   know for sure is SMS_MAYBE.
 * A gateway must never touch a socket, a clock, the store or the log.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_GATEWAY_H
#define TIPLINE_HANDLERS_INTAKE_GATEWAY_H

#include "daemon/base/arena.h"
#include "daemon/base/complaint.h"
#include "daemon/base/http_message.h"
#include "handlers/intake/sms_text.h"

/* Settings of one configured gateway. What is not set is NULL or "". */
struct gateway_config {
	const char *name;         /* section under sms.gateways; in the path /sms/<name> */
	const char *driver;       /* "kannel" */
	/*
	 * What an inbound request must carry, in letters that need no escape in a
	 * URL. Not set: nothing (only behind a listener nobody else reaches).
	 */
	const char *secret;
	const char *send_url;     /* sendsms; not set: no answers */
	const char *send_user;
	const char *send_password;
	const char *sender;       /* our number, as the sender of answers */
	/*
	 * Where delivery reports go: "http://127.0.0.1:8080/sms/kannel/dlr?token=..."
	 * Not set: none are asked for.
	 */
	const char *receipt_url;
	const char *home;         /* calling code of the home country ("86"); not set: numbers stay as they come */
	/*
	 * Comma list of prefixes that get answers ("+86,+852"); not set: the
	 * home country alone. Others cost money that a stranger may earn.
	 */
	const char *answer_prefixes;
};

enum sms_kind {
	SMS_TEXT,       /* a whole text */
	SMS_PART,       /* one part of a long one */
	SMS_RECEIPT,    /* delivery report */
	SMS_IGNORED,    /* nothing for us; answered as taken */
};

enum sms_fate {
	SMS_BUFFERED,      /* on its way */
	SMS_DELIVERED,
	SMS_FAILED,
	SMS_FATE_UNKNOWN,
	SMS_FATES,
};

struct sms_message {
	enum sms_kind kind;
	struct span key;          /* the gateway's id of the message, or empty */
	struct span sender;       /* as normalized: "+8613800138000" where sure */
	struct span destination;
	struct span text;         /* SMS_TEXT: UTF-8 */
	enum sms_coding coding;   /* SMS_PART: what its octets are; a character may be cut between two parts */
	struct span octets;       /* SMS_PART */
	unsigned part_reference;
	unsigned part_width;      /* bits of the reference: 8 or 16 */
	unsigned part_total;
	unsigned part_number;
	bool may_answer;          /* the sender is a telephone that may get an answer */
	struct span receipt_id;   /* SMS_RECEIPT: our id that rode along */
	enum sms_fate fate;
};

#define SMS_BATCH_MAX 64

struct sms_batch {
	struct sms_message at[SMS_BATCH_MAX];
	size_t n;
};

enum sms_result {
	SMS_TAKEN,      /* durable */
	SMS_AGAIN,      /* cannot now; send it again */
	SMS_NEVER,      /* malformed; sending again will not help */
};

enum sms_outcome {
	SMS_SENT,
	SMS_REFUSED,    /* for good */
	SMS_LATER,      /* for now */
	SMS_MAYBE,      /* nobody knows */
};

/* A request that sends one message; it lives in the arena given to encode(). */
struct sms_request {
	enum http_method method;
	const char *url;
	const char *const *fields;  /* "Name: value", NULL at the end */
	struct span body;
};

struct gateway {
	const char *driver;
	bool (*verify)(const struct gateway_config *config, const struct http_request *request);
	bool (*decode)(const struct gateway_config *config, const struct http_request *request,
		       struct arena *arena, struct sms_batch *batch, struct complaint *why);
	void (*answer)(enum sms_result result, struct http_reply *reply);
	void (*encode)(const struct gateway_config *config, struct span to, struct span text, struct span our_id,
		       struct arena *arena, struct sms_request *out);
	enum sms_outcome (*outcome)(int status, struct span body);
};

/* The driver of that name, or NULL. */
const struct gateway *gateway_find(const char *driver);

#endif
