/*
 * What is said over one connection to a carrier, from the login to the
 * goodbye: windows, keepalive, answers. Pure: octets and times in, octets and
 * calls out; the socket is daemon/link/session.c.
 *
 * Guarantees:
 * - a message in is answered once, when dialog_answer() says so, and never
 *   before; while too many wait for that, no more is read;
 * - each submit ends by one submitted(): with the carrier's word, or unknown
 *   when no answer came in time or the dialog ended;
 * - memory is bounded, whatever the peer sends or does not read.
 */
#ifndef TIPLINE_LINK_DIALOG_H
#define TIPLINE_LINK_DIALOG_H

#include "daemon/core/sms/link_protocol.h"

struct dialog;

enum dialog_state {
	DIALOG_LOGIN,
	DIALOG_UP,
	DIALOG_CLOSING,     /* one side wants to end; what is open gets its answers */
	DIALOG_ENDED,       /* close the connection when dialog_out() is sent */
};

enum dialog_why {
	DIALOG_WHY_NONE,
	DIALOG_WHY_REFUSED,      /* the login */
	DIALOG_WHY_SILENT,       /* no answer to the login, or to keepalives */
	DIALOG_WHY_BROKEN,       /* octets that are no PDUs */
	DIALOG_WHY_BAD,          /* the carrier says that this link is not logged in */
	DIALOG_WHY_PEER,         /* the carrier said goodbye */
	DIALOG_WHY_OURS,         /* we did */
	DIALOG_WHY_LOST,         /* the connection went away */
	DIALOG_WHY_UNPROVEN,     /* who took our login did not show that it knows the password */
};

/* How a submit ended. */
struct dialog_result {
	bool known;              /* false: it may have been sent */
	enum link_outcome outcome;
	struct span id;
	unsigned status;
};

struct dialog_env {
	const struct link_protocol *protocol;
	const struct link_config *config;      /* lives as long as the dialog */
	enum link_role role;
	unsigned version;                      /* that the login asks for; 0: as configured */
	/* `number` names it in dialog_answer(), which may be called from within. Spans live until these return. */
	void (*message)(void *ctx, const struct link_message *message, uint64_t number);
	void (*report)(void *ctx, const struct link_report *report, uint64_t number);
	void (*submitted)(void *ctx, void *token, const struct dialog_result *result);
	void (*up)(void *ctx);
	void *ctx;
};

/* The login is in dialog_out(). */
struct dialog *dialog_new(const struct dialog_env *env, uint64_t now_ms, int64_t wall_ms);
/* Calls nobody. */
void dialog_free(struct dialog *dialog);

enum dialog_state dialog_state(const struct dialog *dialog);
enum dialog_why dialog_why(const struct dialog *dialog);
/* Of a refused login: its status, and whether trying again soon may help. */
unsigned dialog_status(const struct dialog *dialog);
bool dialog_hopeless(const struct dialog *dialog);

/* What the peer showed of itself when it took the login. */
enum link_proof dialog_proof(const struct dialog *dialog);

/* What the next dialog's login should ask for, after one that was refused for its version. */
unsigned dialog_version(const struct dialog *dialog);

/* Octets to be sent; who sends them drops them. */
struct buf *dialog_out(struct dialog *dialog);

/* False: read no more from the peer until answers were given or octets sent. */
bool dialog_wants_input(const struct dialog *dialog);

/* What came; empty to go on with what waits inside since dialog_wants_input() was false. */
void dialog_input(struct dialog *dialog, struct span octets, uint64_t now_ms);

/* Keepalive and deadlines; to be called a few times a second. */
void dialog_tick(struct dialog *dialog, uint64_t now_ms);

/* May dialog_submit() be called? */
bool dialog_has_room(const struct dialog *dialog);
void dialog_submit(struct dialog *dialog, const struct link_submit *submit, void *token, uint64_t now_ms);

/* False: there is no message of that number without an answer any more. */
bool dialog_answer(struct dialog *dialog, uint64_t number, enum link_answer answer);

/* We want to end: nothing new goes out; what is open gets its answers, within limits. */
void dialog_close(struct dialog *dialog, uint64_t now_ms);

/* The connection is gone. */
void dialog_lost(struct dialog *dialog);

/* Submits and messages without an answer. */
size_t dialog_open(const struct dialog *dialog);
uint64_t dialog_broken(const struct dialog *dialog);

#endif
