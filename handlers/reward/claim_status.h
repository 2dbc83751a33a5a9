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

#include "handlers/reward/money_index.h"

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
	CLAIM_OBJECT,       /* to what a panel decided, or is about to */
	CLAIM_ACTIONS,
};

/* Whether somebody else asks for it with papers, or gets it. */
enum claim_panel {
	CLAIM_PANEL_NONE,
	CLAIM_PANEL_ASKED,
	CLAIM_PANEL_BOUND,
	CLAIM_PANELS,
};

struct claim_status {
	enum claim_word word;
	const struct book_reward *reward;   /* NULL with CLAIM_NONE; good until the book changes */
	enum claim_panel panel;             /* by claim_status_panel() */
};

/* Of this claimant: what can still be acted on first, then the latest. */
struct claim_status claim_status(const struct book *book, struct span claimant);

/* Fills in what of a panel is to be told; 30 days after the first officer nothing has come of it. */
void claim_status_panel(const struct money_index *index, int64_t now_ms, struct claim_status *status);

/* Whether the action is open in this status. */
bool claim_may(const struct claim_status *status, enum claim_action action);

/* The command of the book for it. */
const char *claim_kind(const struct claim_status *status, enum claim_action action);

/* "none", "open", "in_progress" ...; "claim", "change", "decline". */
const char *claim_word_name(enum claim_word word);
const char *claim_panel_name(enum claim_panel panel);   /* "asked", "bound"; NULL: none */
const char *claim_action_name(enum claim_action action);
bool claim_action_parse(struct span name, enum claim_action *action);

#endif
