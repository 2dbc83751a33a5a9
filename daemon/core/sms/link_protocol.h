/*
 * What a carrier's protocol must say to be spoken over a link (daemon/link/session.h). One
 * constant `link_<name>` a protocol, pure: octets to values and back. The
 * session has the socket, the clock and the window.
 *
 * Obligations:
 * - frame() must tell from the first octets how long a PDU is, and refuse
 *   lengths that cannot be; it must never trust a length for memory.
 * - read() must accept every legal PDU, also with fields it does not know, and
 *   must not repair a broken one: it says LINK_EV_BROKEN, and whether the link
 *   can go on.
 * - What is written must be legal PDUs of the version agreed on at login.
 * - Nothing here may touch a socket, a clock, the store or the log.
 */
#ifndef TIPLINE_CORE_LINK_PROTOCOL_H
#define TIPLINE_CORE_LINK_PROTOCOL_H

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"

#define LINK_PDU_MAX ((size_t)70000)     /* octets; a message_payload of 64 KiB and its head */
#define LINK_ID_MAX 64
#define LINK_REST_MAX 12

/* What the configuration says of a link. */
struct link_config {
	const char *name;          /* section under sms.links */
	const char *protocol;      /* "smpp", "cmpp", "smgp" */
	const char *host;
	unsigned port;
	bool tls;
	const char *tls_ca;        /* file of authorities; "": the system's */
	const char *account;       /* system_id, Source_Addr, ClientID */
	const char *password;      /* secret */
	const char *system_type;   /* SMPP; "" */
	const char *mode;          /* "transceiver", "split"; "in", "out": that way alone */
	const char *service;       /* Service_Id, service_type; "" */
	const char *sender;        /* our number */
	const char *coding0;       /* what data_coding 0 means here: "gsm7", "latin1", "ascii" */
	const char *version;       /* "3.4"; "2.0", "3.0" */
	const char *proof;         /* the peer's, that it knows the password: "given", "required", "ignored"; NULL: "given" */
	unsigned window;           /* PDUs without an answer, each way */
	unsigned per_s;            /* messages out; 0: no limit */
	unsigned sessions;         /* connections */
	unsigned keepalive_s;      /* silence after which the peer is asked whether it lives */
	unsigned answer_s;         /* how long an answer is waited for */
};

enum link_role {
	LINK_BOTH,       /* transceiver */
	LINK_IN,
	LINK_OUT,
};

enum link_kind {
	LINK_EV_LOGGED_IN,
	LINK_EV_REFUSED,      /* login; `later` tells whether trying again may help */
	LINK_EV_MESSAGE,      /* a message for us, to be answered */
	LINK_EV_REPORT,       /* a delivery report, to be answered */
	LINK_EV_SUBMITTED,    /* the answer to what was sent as `sequence` */
	LINK_EV_ALIVE,        /* asks for an answer: write_alive_answer() */
	LINK_EV_ALIVE_ANSWER,
	LINK_EV_CLOSE,        /* the peer wants to end: answer, then close */
	LINK_EV_CLOSED,       /* the answer to our own wish */
	LINK_EV_UNKNOWN,      /* a command we do not know: write_unknown() */
	LINK_EV_BROKEN,       /* a command that cannot be read: write_unknown(); `later` false: close the link */
	LINK_EV_NOTHING,      /* legal, and nothing follows from it */
};

enum link_outcome {
	LINK_ACCEPTED,        /* `id` is the carrier's, or empty */
	LINK_THROTTLED,       /* the link is too fast: all of it waits */
	LINK_LATER,           /* this message, later */
	LINK_REFUSED,         /* this message, never */
	LINK_BAD,             /* the link itself: log in again */
};

enum link_fate {
	LINK_BUFFERED,
	LINK_DELIVERED,
	LINK_FAILED,
	LINK_FATE_UNKNOWN,
};

/* Spans are borrowed from the PDU or lie in the arena. */
struct link_message {
	struct span key;           /* the carrier's id, the same when it is sent again; may be empty */
	struct span from, to;
	bool pseudonym;            /* `from` stands for a number that the carrier hides: no telephone, whatever its digits */
	unsigned coding;           /* enum sms_coding (coding.h) */
	unsigned dcs, protocol_id;
	struct span header;        /* user data header with its length octet, or empty */
	struct span octets;
	bool sar;                  /* parts told beside the header, as SAR TLVs or PkTotal do */
	unsigned sar_reference, sar_total, sar_number;
};

struct link_report {
	struct span id;            /* the carrier's id of what was sent, as spelled */
	enum link_fate fate;
	struct span reason;        /* a short code for the log; no text of a message */
	bool final;
};

struct link_event {
	enum link_kind kind;
	uint32_t command;                 /* as the protocol numbers it */
	uint32_t sequence;
	unsigned char sequence_rest[LINK_REST_MAX]; /* what else the answer repeats: longer numbers, the carrier's id */
	bool later;
	unsigned status;                  /* as the protocol has it, for the log */
	struct link_message message;
	struct link_report report;
	enum link_outcome outcome;        /* LINK_EV_SUBMITTED */
	struct span id;
	/*
	 * LINK_EV_LOGGED_IN: what both speak from now on. LINK_EV_REFUSED: 0, or what
	 * the peer speaks: the next login asks for it. Else the one it was read with.
	 */
	unsigned version;
};

enum link_answer {
	LINK_TAKEN,
	LINK_AGAIN,           /* cannot be stored now: the carrier sends it again */
	LINK_NEVER,
};

/* Whether the answer to a login shows that the peer knows the password. */
enum link_proof {
	LINK_PROOF_NONE,      /* it says nothing of that */
	LINK_PROOF_GOOD,
	LINK_PROOF_BAD,
};

/* One part to send; longer texts are split before. */
struct link_submit {
	struct span to;            /* "+8613800138000" */
	unsigned coding;           /* SMS_GSM7, one septet an octet; or SMS_UTF16 */
	struct span header;        /* or empty */
	struct span octets;
	bool want_report;
	unsigned total, number;    /* parts of one text, from 1 */
};

struct link_protocol {
	const char *name;
	unsigned default_port;
	uint32_t sequence_first, sequence_last;

	/* Length of the first PDU; 0: not enough octets to tell; SIZE_MAX: not of this protocol. */
	size_t (*frame)(struct span octets);
	/*
	 * The event is written whole. `version` is what both agreed on; before that,
	 * what the login asked for (0: what the configuration says).
	 */
	void (*read)(const struct link_config *config, unsigned version, struct span pdu, struct arena *arena,
		     struct link_event *event);
	/* `now_ms` is wall time, for logins that hash it; `version` as in read(). */
	void (*write_login)(const struct link_config *config, enum link_role role, unsigned version, uint32_t sequence,
			    int64_t now_ms, struct buf *out);
	/* Both are whole PDUs: our login, and the answer that took it. NULL: the protocol has no proof. */
	enum link_proof (*proof)(const struct link_config *config, struct span login, struct span answer);
	/*
	 * Can it be sent as it is? If not, its text has to be split as SMS_UTF16.
	 * NULL: whatever sms_split() gives.
	 */
	bool (*fits)(const struct link_submit *submit);
	void (*write_submit)(const struct link_config *config, const struct link_submit *submit, uint32_t sequence,
			     unsigned version, struct buf *out);
	/* Answers a message or report; nothing is written where silence is what makes the carrier send again. */
	void (*write_answer)(const struct link_event *event, enum link_answer answer, unsigned version, struct buf *out);
	void (*write_alive)(uint32_t sequence, struct buf *out);
	void (*write_alive_answer)(const struct link_event *event, struct buf *out);
	void (*write_close)(uint32_t sequence, struct buf *out);
	void (*write_close_answer)(const struct link_event *event, struct buf *out);
	/* NULL: close the link. What is written may be nothing. */
	void (*write_unknown)(const struct link_event *event, struct buf *out);
};

/* The protocol of that name, or NULL. */
const struct link_protocol *link_protocol_find(const char *name);

#endif
