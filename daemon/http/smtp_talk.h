/*
 * What is said about one message on an SMTP connection that is ready for it:
 * behind greeting, STARTTLS and AUTH, up to the goodbye (RFC 5321). Octets in,
 * octets out; pure.
 *
 *   MAIL FROM -> RCPT TO, one each -> DATA -> the message -> its answer -> QUIT
 *
 * One recipient whom the server takes is enough; `refused_to` counts the others.
 */
#ifndef TIPLINE_HTTP_SMTP_TALK_H
#define TIPLINE_HTTP_SMTP_TALK_H

#include "daemon/base/buf.h"

enum smtp_outcome {
	SMTP_ACCEPTED,   /* the server has it */
	SMTP_LATER,      /* it surely has not; another time */
	SMTP_REFUSED,    /* ...and will not */
	SMTP_UNKNOWN,    /* the message was given whole, and no answer came */
};

/* "accepted", "later", "refused", "unknown" */
const char *smtp_outcome_name(enum smtp_outcome outcome);

enum smtp_stage {
	SMTP_AT_MAIL,
	SMTP_AT_RCPT,
	SMTP_AT_DATA,
	SMTP_AT_END,     /* the message was said */
	SMTP_AT_QUIT,    /* nothing more to learn */
};

struct smtp_letter {
	const char *from;              /* addresses that mail_address_fits() */
	const char *const *to;         /* one or more, NULL behind them */
	struct span message;           /* lines end in CRLF; dots are doubled here */
};

struct smtp_talk {
	const struct smtp_letter *letter;
	enum smtp_stage stage;
	size_t recipient;              /* whose answer is awaited */
	unsigned taken_to, refused_to, later_to;
	struct buf line;               /* of the answer, so far */
	enum smtp_outcome outcome;     /* as it would be if the connection ended now */
	int code;                      /* of the answer that decided it; 0: none */
};

/* Says the first command; the letter is borrowed as long as the talk goes on. */
void smtp_talk_begin(struct smtp_talk *talk, const struct smtp_letter *letter, struct buf *out);
/* Octets of the server; what is to be said to them is appended. False: they are no answers, or all is said. */
bool smtp_talk_hear(struct smtp_talk *talk, struct span octets, struct buf *out);
void smtp_talk_release(struct smtp_talk *talk);

#endif
