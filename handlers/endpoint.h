/*
 * A row of the route table: which request, on which listener, for whom, how
 * its body is taken, and who answers.
 *
 * `who` is a column and zero means nobody: a route that forgets to say who may
 * use it is closed to all. `trail` is one too: what a call shows is in the audit
 * trail before it is shown (trailing.h).
 */
#ifndef TIPLINE_HANDLERS_ENDPOINT_H
#define TIPLINE_HANDLERS_ENDPOINT_H

#include "daemon/base/http_message.h"
#include "daemon/core/journal/trail_event.h"
#include "daemon/http/server.h"
#include "daemon/sys/keyrings.h"
#include "daemon/sys/tokens.h"
#include "handlers/app.h"
#include "handlers/limited.h"
#include "handlers/path_pattern.h"

enum site {
	SITE_PUBLIC,
	SITE_STAFF,
	SITE_OPS,
	SITES,
};

/* Bits. The staff bits are the roles of sys/tokens.h. */
enum who {
	WHO_NOBODY = 0,
	WHO_OFFICER = 1 << 0,
	WHO_VERIFIER = 1 << 1,
	WHO_PROPOSER = 1 << 2,
	WHO_APPROVER = 1 << 3,
	WHO_FINANCE = 1 << 4,
	WHO_AUDITOR = 1 << 5,
	WHO_ADMIN = 1 << 6,
	WHO_CASHIER = 1 << 7,
	WHO_STAFF = (1 << 8) - 1,
	WHO_ANYONE = 1 << 8,
	WHO_MONEY = WHO_PROPOSER | WHO_APPROVER | WHO_FINANCE | WHO_AUDITOR,   /* have a part in rewards */
};

/* The member of staff behind a request, by its token or session. */
struct staff {
	char person[65];
	char token_id[33];   /* of the token, or the name of the session */
	unsigned roles;      /* who bits */
	char region[7];      /* rights reach over this region and what lies beneath it */
	char scope[TOKEN_SCOPE_MAX + 1];   /* of the token; empty: all that the roles allow */
	struct keyring_ref keyring;   /* what opens for this request; resolves to none when it was wiped meanwhile */
};

#define CALL_PARAMS_MAX PATH_PARAMS_MAX

struct call {
	struct app *app;
	const struct endpoint *endpoint;
	const struct staff *staff;                 /* NULL on public and ops routes */
	struct span param[CALL_PARAMS_MAX];        /* what stood at the {…} of the path */
	bool unattended;                           /* a page asked by itself */
	void **own;                                /* a pointer of the endpoint's, from head() to run() */
	const struct limit_refusal *refused;       /* a limit that the route answers for itself; NULL: it may go on */
};

enum body_plan {
	BODY_NONE,
	BODY_SMALL,       /* collected, at most limits.body_bytes */
	BODY_OWN,         /* the route's head() decides */
};

struct endpoint {
	enum site site;
	enum http_method method;
	const char *path;       /* "/api/v1/tips/{id}/renew": see path_pattern.h */
	unsigned who;           /* who bits */
	enum body_plan body;
	const char *name;       /* in logs, figures and the API description */
	/*
	 * The event that is written before anything is shown. TRAIL_NOTHING: the
	 * route shows nothing of persons or money, or what it does is an event of a
	 * journal of its own; routes.c says which of the two.
	 */
	enum trail_kind trail;
	/* The buckets it takes from; every public route says. */
	enum limit_set limit;
	/* Pages ask by themselves, again and again: who is away is still away. */
	bool unattended;
	/* The same where the request says so, by the field Tipline-Unattended: 1. */
	bool may_be_unattended;
	void (*run)(const struct call *args, struct http_exchange *exchange);
	/* BODY_OWN: fills the plan or replies at once. */
	void (*head)(const struct call *args, struct http_exchange *exchange, struct http_body_plan *plan);
};

/* The table; handlers/routes.c. */
const struct endpoint *routes(size_t *n);

/* Answers requests of one site by the table. `owner` of the handler must outlive the server. */
struct site_owner {
	struct app *app;
	enum site site;
};
struct http_handler site_handler(struct site_owner *owner);

#endif
