/*
 * Who is asked about a text that holds a receipt code (sms_claim.h): made for
 * what answers claims, so that SMS knows nothing of money.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_SMS_DESK_H
#define TIPLINE_HANDLERS_INTAKE_SMS_DESK_H

#include "handlers/intake/sms_claim.h"

/* Stays valid until the answer. */
struct sms_asked {
	const struct sms_claim *claim;
	struct span text;           /* never to be stored or logged */
	struct span request;        /* names the message over all its deliveries */
	struct span gateway, sender;
	bool answer;                /* an answer is due, and counted */
	int64_t received_ms;
	int64_t from_ms;            /* the answer goes out no sooner; 0: at once */
};

enum sms_desk_end {
	SMS_DESK_DONE,       /* what was wanted is durable, and so is the answer */
	SMS_DESK_SILENT,     /* likewise; but the answer that was due is not sent, now or again */
	SMS_DESK_AGAIN,      /* cannot be told now: the message has to come again */
};

struct sms_desk {
	/* `done` is called once, from the loop, never from within this call. */
	void (*ask)(void *ctx, const struct sms_asked *asked, void (*done)(void *who, enum sms_desk_end end), void *who);
	void *ctx;
};

#endif
