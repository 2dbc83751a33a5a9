/*
 * What an SMS gateway must do to be connected. One file a gateway in
 * gateways/, one constant `gateway_<name>`; the Makefile builds the registry.
 *
 * Obligations:
 * - fits() must tell what of its settings is missing or senseless, and what to
 *   do about it; `tipctl check-config` and the start ask it.
 * - verify() must compare secrets in constant time, over the raw octets, and
 *   must not parse what is not yet trusted.
 * - decode() must be pure; it may refuse, it must not repair. It says what
 *   each message is: text, part of a text, receipt, or nothing for us. In a
 *   batch one message that cannot be read must not cost the others: it is
 *   SMS_MALFORMED, and the gateway is told so when the rest is durable.
 * - answer() must give exactly what this gateway counts as taken, and nothing
 *   that it would text to the sender. All of a batch gets one answer.
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
#include "daemon/core/sms/message.h"
#include "daemon/core/sms/text.h"

/* Of the driver `generic`, which is described by its settings alone; see docs/OPERATIONS.md. */
struct gateway_shape {
	/* Names of the fields of a message, in a form, a query or JSON. Not set: the gateway has none. */
	const char *id_field, *from_field, *to_field, *text_field, *time_field, *udh_field, *coding_field;
	const char *text_coding;     /* "utf-8", "gbk", "hex-utf-16be", "hex-gsm7", ... */
	const char *array;           /* JSON: the member that holds the messages, "data.list"; "[]": the body itself */
	const char *dedupe;          /* "seq,time": the fields that together name a message without an id */
	const char *auth;            /* "path", "header", "basic", "hmac-sha256", "ed25519", "jwt" */
	const char *auth_field;      /* the field that carries it */
	const char *auth_time_field; /* the field with {ts} */
	const char *auth_template;   /* "{ts}.{body}" */
	const char *auth_claim;      /* of a token: which has the body's SHA-256 */
	const char *auth_encoding;   /* "hex", "base64", "sha256=hex" */
	const char *answer_done, *answer_later, *answer_never;   /* "200 {\"code\":0}" */
	const char *receipt_id_field, *receipt_field, *receipt_delivered, *receipt_failed;
	const char *send_method, *send_type, *send_fields, *send_body;
	const char *send_done, *send_id_field;
};

/* Settings of one configured gateway. What is not set is NULL or "". */
struct gateway_config {
	const char *name;         /* section under sms.gateways; in the path /sms/<name> */
	const char *driver;       /* "kannel" */
	/*
	 * What an inbound request must carry or be signed with. Not set: nothing
	 * (only behind a listener nobody else reaches).
	 */
	const char *secret;
	const char *send_url;     /* not set: no answers */
	const char *send_user;
	const char *send_password;
	const char *sender;       /* our number, as the sender of answers */
	unsigned per_s;           /* messages a second that it takes; 0: no limit */
	const char *public_url;   /* under which the gateway reaches us, up to the path; not set: unknown */
	const char *webhook_url;  /* as it stands in the gateway's console, when that is not public_url and the path */
	const char *networks;     /* that it calls from; not set: any */
	const char *signature;    /* which of several ways of signing */
	const char *send_app;     /* application or region at the gateway, where it wants one */
	const char *send_region;
	const char *send_sign;    /* approved signature and template of clouds that send nothing else */
	const char *send_template;
	const char *send_params;  /* "code={number}" */
	/*
	 * Where delivery reports go: "http://127.0.0.1:8080/sms/kannel/dlr?token=..."
	 * Not set: none are asked for. gateway_settings_read() makes it of public_url.
	 */
	const char *receipt_url;
	const char *home;         /* calling code of the home country ("86"); not set: numbers stay as they come */
	/*
	 * Comma list of prefixes that get answers ("+86,+852"); not set: the
	 * home country alone. Others cost money that a stranger may earn.
	 */
	const char *answer_prefixes;
	struct gateway_shape shape;
};

/* More than a request of limits.body_bytes (64 KiB) can hold of any gateway. */
#define SMS_BATCH_MAX 512

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

/* A message to send. */
struct sms_outgoing {
	struct span to, text;
	struct span our_id;         /* letters and digits; comes back in delivery reports, where the gateway lets it */
	struct span header;         /* user data header of one part of a long text; empty: all of it is in `text` */
	enum sms_coding coding;     /* with a header: of all parts, SMS_GSM7 or SMS_UTF16 */
	int64_t now_ms;             /* some sign the time */
};

struct gateway {
	const char *driver;
	int refused;                /* status when verify() says no; 0: 403 */
	bool parts;                 /* encode() takes long texts part by part; else whole, and the gateway cuts them */
	bool (*fits)(const struct gateway_config *config, struct complaint *why);
	/* Where its delivery reports go: path and query, with the secret where it belongs. */
	struct span (*receipts_at)(const struct gateway_config *config, struct arena *arena);
	bool (*verify)(const struct gateway_config *config, const struct http_request *request, int64_t now_ms);
	bool (*decode)(const struct gateway_config *config, const struct http_request *request,
		       struct arena *arena, struct sms_batch *batch, struct complaint *why);
	void (*answer)(const struct gateway_config *config, enum sms_result result, struct http_reply *reply);
	/*
	 * Delivery reports are asked for when config->receipt_url is set: our_id goes with it.
	 * False: this text does not fit what the gateway may send (a template); it is never sent.
	 */
	bool (*encode)(const struct gateway_config *config, const struct sms_outgoing *sms, struct arena *arena,
		       struct sms_request *out);
	/* `their_id`: the gateway's id of the message, in the arena, or empty. */
	enum sms_outcome (*outcome)(const struct gateway_config *config, int status, struct span body,
				    struct arena *arena, struct span *their_id);
};

/* The driver of that name, or NULL. */
const struct gateway *gateway_find(const char *driver);

#endif
