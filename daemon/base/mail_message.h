/*
 * A message as RFC 5322 has it, in UTF-8, and the addresses that may stand in
 * it. Pure.
 *
 * Nothing that is put into a field can begin another one: control characters
 * become blanks, and addresses are those of mail_address_fits() alone.
 */
#ifndef TIPLINE_BASE_MAIL_MESSAGE_H
#define TIPLINE_BASE_MAIL_MESSAGE_H

#include "daemon/base/buf.h"

#define MAIL_ADDRESS_MAX 254

/* "desk@bureau.example.org": ASCII, a dot-atom, a host name; no comments, quotes, names, address literals. */
bool mail_address_fits(struct span address);

/* The next one of "a@b.example, c@d.example" off the front; false: none is left. */
bool mail_address_next(struct span *rest, struct span *address);

/* "smtp://" or "smtps://" with a host and perhaps a port, and nothing behind. */
bool mail_server_fits(struct span url);
/* Its host is this machine itself: 127.0.0.0/8, [::1] or localhost. */
bool mail_server_loopback(struct span url);

struct mail_message {
	struct span from;            /* address */
	struct span from_name;       /* shown before it; may be empty */
	struct span to;              /* addresses, joined by commas */
	struct span subject;
	struct span id;              /* of Message-ID, in front of its "@" */
	struct span language;        /* "zh-CN" */
	int64_t at_ms;
	struct span body;            /* lines end in "\n" */
};

/*
 * The whole message, lines ended by CRLF and of 76 characters at most (an
 * address that is longer stands alone), marked as sent by a machine (RFC 3834).
 */
void mail_message_write(const struct mail_message *message, struct buf *out);

#endif
