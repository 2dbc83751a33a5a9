/*
 * How a reward stands, for whoever holds the receipt: one word, and what can be
 * done. Pure.
 *
 * A code that no tip has, one whose tip is not decided and one whose tip gets
 * nothing are the same to this: no reward to tell of. The store is not asked,
 * so they cost the same too.
 */
#ifndef TIPLINE_HANDLERS_REWARD_CLAIM_STATUS_H
#define TIPLINE_HANDLERS_REWARD_CLAIM_STATUS_H

#include "daemon/money/book.h"

enum claim_word {
	CLAIM_NONE,         /* nothing to tell */
	CLAIM_OPEN,         /* to be claimed until the deadline */
	CLAIM_MOVING,       /* claimed, or being looked at */
	CLAIM_RETURNED,     /* came back: to be said where to anew */
	CLAIM_PAID,
	CLAIM_DECLINED,
	CLAIM_EXPIRED,
	CLAIM_OVER,         /* taken back */
	CLAIM_WORDS,
};

enum claim_action {
	CLAIM_LOOK,
	CLAIM_CLAIM,
	CLAIM_CHANGE,
	CLAIM_DECLINE,
	CLAIM_ACTIONS,
};

struct claim_status {
	enum claim_word word;
	const struct book_reward *reward;   /* NULL with CLAIM_NONE; good until the book changes */
};

/* Of this claimant: what can still be acted on first, then the latest. */
struct claim_status claim_status(const struct book *book, struct span claimant);

/* Whether the action is open in this status. */
bool claim_may(const struct claim_status *status, enum claim_action action);

/* The command of the book for it. */
const char *claim_kind(const struct claim_status *status, enum claim_action action);

/* "none", "open", "in_progress" ...; "claim", "change", "decline". */
const char *claim_word_name(enum claim_word word);
const char *claim_action_name(enum claim_action action);
bool claim_action_parse(struct span name, enum claim_action *action);

#endif
