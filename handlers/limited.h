/*
 * Which limits a route takes from: a column of the route table, so that no route
 * is forgotten. Zero says that nothing was said; no public route may have it
 * (tests/unit/handlers/test_limited.c walks them).
 *
 * dispatch.c takes from the buckets when the head of a request is there. Whoever
 * finds one empty is answered 429 at once; not so on routes that are behind a
 * page with something typed in it, or count failures: those are told
 * (call->refused) and answer themselves.
 */
#ifndef TIPLINE_HANDLERS_LIMITED_H
#define TIPLINE_HANDLERS_LIMITED_H

#include "daemon/store/store.h"
#include "handlers/answer.h"
#include "handlers/limits.h"

struct app;
struct seal_key;

enum limit_set {
	LIMITED_UNSAID,
	LIMITED_PAGE,       /* what anybody may look at: requests of one visitor */
	LIMITED_FORM,       /* as LIMITED_PAGE: answers on their way, of which nothing is kept */
	LIMITED_TIP,        /* as well: tips of the visitor and of the networks about it */
	LIMITED_RECEIPT,    /* as well: tries of the visitor, of its networks, of all */
	LIMITED_CLAIM,      /* as LIMITED_PAGE; what leads to nothing is counted by claim_tries.h */
	LIMITED_MACHINE,    /* gateways and providers, each with a secret: requests of one address */
	LIMIT_SETS,
};

#define LIMITED_WANTS_MAX 5

/* The buckets of that set for who asks; returns how many. */
size_t limited_wants(enum limit_set set, const struct http_exchange *exchange,
		     struct limit_want wants[LIMITED_WANTS_MAX]);

/* Takes one from each; false and why, when one of them is empty. */
bool limited_take(const struct app *app, enum limit_set set, const struct http_exchange *exchange,
		  struct limit_refusal *refusal);

/*
 * What all processes together take one from, in the store (STORE_BUCKET): by that
 * rule, under a mark of `who` made with the key. False: it is not limited.
 */
bool limited_shared(const struct limits *limits, enum limit_kind kind, const struct seal_key *key, struct span who,
		    struct store_bucket *bucket);

/* Whether the store refused, and why; counts it. Not when the store is away. */
bool limited_shared_refusal(struct limits *limits, enum limit_kind kind, const struct store_reply *reply,
			    struct limit_refusal *refusal);

/* True: the route answers a refusal itself. */
bool limited_answers_itself(enum limit_set set, const struct limit_refusal *refusal);

/* "visitor", "network", "wider_network" or "all": whose bucket it was. */
const char *limited_reason(enum limit_kind kind);

/* The 429 of a refusal, for `code`; the texts are static. */
struct problem limited_problem(const struct limit_refusal *refusal, const char *code);

#endif
