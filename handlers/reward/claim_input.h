/*
 * What a claimant sent, by form or as JSON, read and checked. Pure.
 */
#ifndef TIPLINE_HANDLERS_REWARD_CLAIM_INPUT_H
#define TIPLINE_HANDLERS_REWARD_CLAIM_INPUT_H

#include "daemon/base/arena.h"
#include "daemon/core/tip/receipt.h"
#include "handlers/reward/claim_status.h"

#define CLAIM_NONCE_MAX 64

enum claim_fault {
	CLAIM_FINE,
	CLAIM_UNREADABLE,     /* no form, no JSON */
	CLAIM_CODE_ABSENT,
	CLAIM_CODE_DIGITS,
	CLAIM_CODE_LENGTH,
	CLAIM_CODE_CHECK,
	CLAIM_NO_ACTION,      /* there is no such */
	CLAIM_NO_RAIL,        /* not one that may be chosen */
	CLAIM_NO_ACCOUNT,     /* missing, too long or not readable */
	CLAIM_NO_NAME,        /* too long or not readable */
	CLAIM_NO_NONCE,
	CLAIM_UNCONFIRMED,    /* to decline is said twice */
	CLAIM_NO_MEMBER,
	CLAIM_FAULTS,
};

struct claim_input {
	struct receipt_code code;
	enum claim_action action;
	struct span rail, account, name, nonce;
	unsigned member;          /* of a joint tip, from 0 */
	struct span lang, size;   /* of the page */
};

/* Spans lie in the arena or the body. `rails`: names joined by commas. The first thing that is wrong. */
enum claim_fault claim_read_json(struct span body, const char *rails, struct arena *arena, struct claim_input *input);
enum claim_fault claim_read_form(struct span body, const char *rails, struct arena *arena, struct claim_input *input);

/* Cash at a counter: nobody needs to know an account. */
bool claim_rail_is_anonymous(struct span rail);

/* The next name of a list joined by commas. */
bool claim_next_rail(struct span *rest, struct span *rail);

/* Status, stable code and field of a fault. */
struct claim_fault_words {
	int status;
	const char *code, *field, *detail;
};
const struct claim_fault_words *claim_fault_words(enum claim_fault fault);

#endif
