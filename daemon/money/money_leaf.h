/*
 * What the leaf of a money record commits to: its kind, how an attempt ended,
 * the bureau whose book it stands in, and how much was posted. Never a reward,
 * a claimant, a payee or an account.
 *
 *   event    the record's kind, "reward.approve"
 *   outcome  of "attempt.observe" that posts: the state, "succeeded", "returned"
 *   region   of the book of the first leg
 *   amount   fen, where the record posts: the debits of the financial ledger
 */
#ifndef TIPLINE_MONEY_MONEY_LEAF_H
#define TIPLINE_MONEY_MONEY_LEAF_H

#include "daemon/tlog/leaf_event.h"

/* As leaf_event_of_tip(), of a record as record_write() makes it. */
bool money_leaf(struct span json, struct arena *arena, struct leaf_event *event);

#endif
