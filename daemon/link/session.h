/*
 * One connection to a carrier, whatever it speaks, made again when it ends:
 * daemon/link/wire.h has the socket, daemon/link/dialog.h what is said.
 */
#ifndef TIPLINE_LINK_SESSION_H
#define TIPLINE_LINK_SESSION_H

#include "daemon/link/dialog.h"

struct evdns_base;
struct loop;
struct session;

struct session_figures {
	uint64_t logins, refused, losses, broken;
};

struct session_env {
	struct loop *loop;
	struct evdns_base *dns;
	const struct link_protocol *protocol;
	struct link_config config;     /* its texts live as long as the session */
	enum link_role role;
	/* As in struct dialog_env; `connection` is the number of the connection, which no other has. */
	void (*message)(void *ctx, const struct link_message *message, uint64_t connection, uint64_t number);
	void (*report)(void *ctx, const struct link_report *report, uint64_t connection, uint64_t number);
	void (*submitted)(void *ctx, void *token, const struct dialog_result *result);
	/* There is room now that was not there before. */
	void (*room)(void *ctx);
	void *ctx;
	uint64_t *connections;         /* counts them, for all sessions together */
	struct session_figures *figures;
};

/* Connects by itself, and again when it has to. */
struct session *session_new(const struct session_env *env);

/* Ends it at once: what was submitted ends as unknown from within this call. */
void session_free(struct session *session);

/* To be called a few times a second. */
void session_tick(struct session *session);

/* Says goodbye and connects no more; session_ended() tells when it is over. */
void session_close(struct session *session);
bool session_ended(const struct session *session);

bool session_is_up(const struct session *session);
enum link_role session_role(const struct session *session);
uint64_t session_connection(const struct session *session);   /* 0: none */

bool session_has_room(const struct session *session);
void session_submit(struct session *session, const struct link_submit *submit, void *token);

/* False: the connection is gone, or has its answer. */
bool session_answer(struct session *session, uint64_t connection, uint64_t number, enum link_answer answer);

#endif
