/*
 * Rewards, ledgers and policies as JSON: one form for all answers.
 *
 * Amounts are whole fen, times RFC 3339 or null. For auditors tokens are
 * replaced by pseudonyms of the engagement. An answer is made of a book and a
 * record alone, so the same journal gives the same bytes again.
 */
#ifndef TIPLINE_HANDLERS_REWARD_TOLD_H
#define TIPLINE_HANDLERS_REWARD_TOLD_H

#include "daemon/base/json_out.h"
#include "daemon/money/book.h"
#include "handlers/reward/office.h"

/* `auditor`: with pseudonyms. */
void told_reward(const struct office *office, const struct book_reward *reward, bool auditor, const char *name,
		 struct json_out *json);

/* An attempt; `reward` (may be NULL) adds whose it is. */
void told_attempt(const struct book_reward *reward, const struct book_attempt *attempt, struct json_out *json);

void told_hash(struct json_out *json, const char *name, const unsigned char hash[32]);

/* Authorised, available, encumbered, expended, lapsed of a ledger book. */
void told_totals(const struct ledger *ledger, const char *book, struct json_out *json);

void told_policy(const struct index_policy *policy, const char *name, struct json_out *json);

/* The answer to the command that became this record; `book` is as the record left it. */
void told_answer(const struct office *office, const struct book *book, const struct record *record, struct buf *out);

/* 200; 201 for what is new, 202 while a second person has to agree. */
int told_status(const struct record *record);

#endif
