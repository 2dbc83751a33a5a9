/*
 * What an auditor of a region sees of the money journal as it was after a
 * record: each reward as far as it had come, and who had done what on it.
 *
 * A walk over the first rows of the log (audit_log.h), made for one answer.
 * Rewards of other regions are not in it, records that belong to no region are.
 */
#ifndef TIPLINE_MONEY_AUDIT_VIEW_H
#define TIPLINE_MONEY_AUDIT_VIEW_H

#include "daemon/base/arena.h"
#include "daemon/money/audit_log.h"
#include "daemon/money/attempt.h"

#define AUDIT_SEQS 100   /* numbers that are told of one figure, the last ones */

/* Numbers of the records behind a figure. */
struct audit_seqs {
	uint64_t *ring;
	size_t n;            /* all of them, also those that are not told any more */
};
void audit_seqs_add(struct audit_seqs *seqs, uint64_t seq, struct arena *arena);
/* How many are told, and the one there, oldest first. */
size_t audit_seqs_told(const struct audit_seqs *seqs);
uint64_t audit_seqs_at(const struct audit_seqs *seqs, size_t index);

/* What a person does on a reward. */
enum audit_part {
	AUDIT_INTAKE,
	AUDIT_VERIFIER,
	AUDIT_PROPOSER,
	AUDIT_APPROVER,
	AUDIT_FINANCE,
	AUDIT_CASHIER,
	AUDIT_PANELIST,
	AUDIT_PARTS,
};
const char *audit_part_name(enum audit_part part);

struct audit_deed {
	uint64_t seq;
	uint32_t reward, person;
	enum audit_part part;
	unsigned round;          /* of the review; what is sent back is void */
};

/* Numbers of records and times are 0 for what had not happened. */
struct audit_reward {
	const struct audit_proposal *is;
	uint32_t number;                      /* from 1 */
	enum reward_state state;
	bool held, late_panel;                /* late_panel: claimed by two officers for the informant */
	unsigned round;
	int64_t paid_fen;                     /* and not come back */
	uint32_t book;                        /* where its approval was posted */
	uint32_t payee;
	uint64_t state_seq, last_seq;         /* the record that brought the state, and any */
	uint64_t submit_seq, decide_seq, publish_seq, claim_seq, release_seq, paid_seq, expire_seq, reinstate_seq;
	int64_t submit_ms, decide_ms, publish_ms, deadline_ms, claim_ms, paid_ms;
	uint64_t deadline_seq;                /* publication, extension ... that set it */
	uint32_t attempt_id;                  /* its last payment, "R7-2" */
	enum attempt_state attempt;
	uint64_t attempt_seq;                 /* 0: none */
	int64_t attempt_ms;
};

struct audit_view {
	const struct audit_log *log;
	size_t n;                             /* rows that count: the journal number */
	int64_t at_ms;                        /* to which ages are reckoned */
	struct arena *arena;
	struct audit_reward *rewards;         /* in the order of proposal */
	size_t nrewards;
	struct audit_deed *deeds;             /* in the order of the journal */
	size_t ndeeds;
	uint32_t *number_of;                  /* place + 1 in rewards, of a reward of the log; 0: not seen */
	const unsigned char *sees;            /* of each text: whether a region of that name is seen */
};

/* Whether the caller sees the bureau ("150600"). */
typedef bool audit_sees(void *ctx, const char *bureau);

/* Of the first `n` rows. The log does not change while the view is used. */
struct audit_view audit_view_make(const struct audit_log *log, size_t n, int64_t at_ms, audit_sees *sees, void *ctx,
				  struct arena *arena);

/* Whether the record is one that the caller sees. */
bool audit_view_sees(const struct audit_view *view, const struct audit_row *row);
/* The reward of a row, or NULL: about none, or not seen. */
const struct audit_reward *audit_view_of(const struct audit_view *view, const struct audit_row *row);
const struct audit_reward *audit_view_find(const struct audit_view *view, struct span id);

static inline const struct audit_row *audit_view_row(const struct audit_view *view, size_t index)
{
	return audit_log_row(view->log, index);
}

static inline const char *audit_view_text(const struct audit_view *view, uint32_t name)
{
	return audit_text(view->log, name);
}

/* A reward of a list that is sorted. */
struct audit_choice {
	const struct audit_reward *reward;
};

/* Finally approved, and neither expired nor taken back. */
bool audit_decided(const struct audit_reward *reward);

#endif
