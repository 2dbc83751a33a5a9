/*
 * Callbacks of providers: POST /hooks/{rail}.
 *
 * The signature is verified over the raw bytes before anything is read, the
 * nonce is taken, the event is held against the attempt that it names, and it
 * is answered with 204 only when the journal has it. A success is recorded as
 * evidence (attempt.observe, by webhook); anything else makes the dispatcher ask
 * at once, and that question is recorded. While the journal cannot take it, or
 * not within five seconds, the answer is 503 and the nonce is given back, so that the provider's repetition
 * counts. An event that was taken before is answered the same way again.
 */
#ifndef TIPLINE_HANDLERS_PAYOUT_HOOKS_H
#define TIPLINE_HANDLERS_PAYOUT_HOOKS_H

#include "daemon/jobs/treasury.h"
#include "handlers/endpoint.h"
#include "handlers/payout/rail_set.h"

struct hooks;

/* All pointers outlive the hooks. */
struct hooks_env {
	struct loop *loop;
	struct treasury *treasury;
	struct rail_set *rails;
	unsigned char key[16];           /* random */
	int64_t (*wall_ms)(void);        /* of signatures; NULL: clock_wall_ms */
};

struct hooks_figures {
	uint64_t taken;                  /* recorded, now or before */
	uint64_t unsigned_;              /* the signature is not right */
	uint64_t repeated;               /* the nonce was seen */
	uint64_t strange;                /* verified, and about nothing of ours, or another amount */
	uint64_t not_recorded;           /* answered 503 */
};

struct hooks *hooks_new(const struct hooks_env *env);

/* Those that wait for the treasury are answered 503. */
void hooks_free(struct hooks *hooks);

/* Answers the exchange, now or later. */
void hooks_serve(struct hooks *hooks, struct span rail, struct http_exchange *exchange);

/* The route. */
void hook_inbound(const struct call *args, struct http_exchange *exchange);

const struct hooks_figures *hooks_figures(const struct hooks *hooks);

#endif
