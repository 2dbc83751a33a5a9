/*
 * The outcome table: what an observation about an instruction is worth.
 *
 * Every answer, silence and callback falls into one row; the row says what
 * becomes of the attempt and whether a new instruction id is allowed. One rule
 * stands above all: what is not surely failed is unknown, and unknown never
 * releases money. docs/REWARDS.md has the table; outcome.c is the table.
 * Pure: no clock, no I/O.
 */
#ifndef TIPLINE_HANDLERS_PAYOUT_OUTCOME_H
#define TIPLINE_HANDLERS_PAYOUT_OUTCOME_H

#include "daemon/money/attempt.h"

struct rail_profile;
struct rail_report;

enum outcome_row {
	OUTCOME_NO_ANSWER,     /* timeout, reset, EOF behind the request, TLS: the safest is zero */
	OUTCOME_NOT_SENT,      /* refused or no such host, before any byte was written */
	OUTCOME_WEAK_STATUS,   /* 5xx, 408, 425, 429, redirect, 1xx */
	OUTCOME_UNREADABLE,    /* answered, but JSON, signature, id, amount or currency are wrong */
	OUTCOME_STATE,         /* verified 2xx that tells a state */
	OUTCOME_DUPLICATE,     /* 409: same id, same body */
	OUTCOME_MISMATCH,      /* 409 or 422: same id, other body */
	OUTCOME_FINAL_CODE,    /* verified refusal with a code of the allow-list */
	OUTCOME_OTHER_4XX,
	OUTCOME_QUERY_ENDED,   /* verified query: failed or cancelled */
	OUTCOME_NOT_FOUND,     /* verified query: no such id */
	OUTCOME_WEBHOOK,
	OUTCOME_ROWS,
};

enum outcome_act {
	OUTCOME_SEND_AGAIN,    /* same id, byte-identical body; the attempt stays as it is */
	OUTCOME_STAY_UNKNOWN,
	OUTCOME_FOLLOW,        /* take the state that was told */
	OUTCOME_END,           /* failed or cancelled */
	OUTCOME_GRACE,         /* rule A3: outcome_may_resend() */
	OUTCOME_EVIDENCE,      /* only a success is applied; for anything else query at once */
};

struct outcome_rule {
	const char *name;      /* stable, for journal, log and figures: "no_answer" */
	enum outcome_act act;
	bool new_id;           /* the next attempt may have a new id, once this one has ended */
	bool alarm;            /* a person has to look */
	bool incident;         /* our own bug: an incident is opened */
};
const struct outcome_rule *outcome_rule(enum outcome_row row);

/* The row of an HTTP status before anything of the answer is read. 409 is MISMATCH until the body proves a duplicate. */
enum outcome_row outcome_of_status(int status);

/* The state that the report brings; false: it leaves the attempt as it is. The book still asks attempt_may(). */
bool outcome_state(const struct rail_report *report, enum attempt_state *state);

/* Whether this report ends the attempt in a way that allows another one. */
bool outcome_new_id(const struct rail_report *report);

#define OUTCOME_GRACE_MS 600000      /* rule A3 */
#define OUTCOME_GRACE_ANSWERS 3
#define OUTCOME_MARGIN_MS 3600000    /* before the end of the rail's retention of ids */

/* What is known of an instruction that the rail says it has not. */
struct outcome_missing {
	int64_t first_sent_ms;         /* of the first try of this id */
	int64_t first_missed_ms;       /* of the first not_found since the last try */
	unsigned answers;              /* not_found answers since then */
};

/* Rule A3 and A2: whether the same id may go out once more, byte-identical. */
bool outcome_may_resend(const struct rail_profile *profile, const struct outcome_missing *missing, int64_t now_ms);

/* Rule A2 for an instruction that was never sent, or is unknown: inside the rail's retention of ids. */
bool outcome_id_kept(const struct rail_profile *profile, int64_t first_sent_ms, int64_t now_ms);

#endif
