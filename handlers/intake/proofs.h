/*
 * Challenges that this process made, and which of their answers were used.
 *
 * The key is drawn at the start and is in memory alone, as the key of addresses
 * is. What was answered is known by its name in a ring of fixed size; an answer
 * is good once, or again for the very request it was good for.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_PROOFS_H
#define TIPLINE_HANDLERS_INTAKE_PROOFS_H

#include "daemon/base/arena.h"
#include "handlers/intake/proof.h"

struct proofs;

struct proofs_figures {
	uint64_t asked;      /* challenges handed out */
	uint64_t worked;     /* taken with a solution */
	uint64_t waited;     /* taken by their age */
	uint64_t refused;    /* none, not ours, used before, too young */
};

struct proofs *proofs_new(void);
void proofs_free(struct proofs *proofs);

/* A new challenge, in the arena. */
struct span proofs_ask(struct proofs *proofs, uint64_t network, uint64_t now_s, unsigned bits, struct arena *arena);

/* What somebody brings. */
struct proof_brought {
	struct span challenge, solution;
	struct span request;     /* names the request; empty: nothing does */
};

/* As proof_check(); PROOF_NONE also for what another request used. Changes nothing. */
enum proof_verdict proofs_check(const struct proofs *proofs, const struct proof_rule *rule, uint64_t network, uint64_t now_s,
				const struct proof_brought *brought, unsigned *left_s);

/* It was used by this request. False: by this very request before. */
bool proofs_use(struct proofs *proofs, const struct proof_brought *brought);

/* Somebody was sent away with it, or without one. */
void proofs_refuse(struct proofs *proofs);

const struct proofs_figures *proofs_figures(const struct proofs *proofs);

#endif
