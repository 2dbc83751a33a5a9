/*
 * The bodies of the generic connector (docs/REWARDS.md, "Connector"): what a
 * payout object, a callback, a profile and a statement say. The signature is
 * checked before, by whoever calls.
 */
#ifndef TIPLINE_HANDLERS_PAYOUT_CONNECTOR_H
#define TIPLINE_HANDLERS_PAYOUT_CONNECTOR_H

#include "handlers/payout/rail.h"

/* A payout object as it came. Spans are borrowed from the body or lie in the arena. */
struct connector_payout {
	struct span instruction, provider_ref, code, event, action;
	enum rail_outcome state;
	bool final;
	bool has_amount;
	bool yuan;                /* the currency is CNY */
	int64_t fen;
	int64_t occurred_ms;      /* occurred_at or as_of; 0: not said */
	int64_t retention_until_ms;
};

/* False: not such an object; a state that is not known is RAIL_UNKNOWN. */
bool connector_payout_read(struct span body, struct arena *arena, struct connector_payout *out);

/* {"minor":850000,"currency":"CNY"}; false for anything else, and below zero unless `negative`. */
bool connector_amount_read(struct span tree, bool negative, struct arena *arena, int64_t *fen);

bool connector_profile_read(struct span body, struct arena *arena, struct rail_profile *out, struct complaint *why);

#endif
