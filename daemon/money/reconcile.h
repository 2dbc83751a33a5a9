/*
 * Reconciliation: what a line of a statement means for the book.
 *
 * Exact by instruction id and amount; a line that names no instruction, by the
 * bank's own reference. No tolerance, no guessing by text. Every line is
 * matched or is exactly one break; the breaks have classes R1 to R10.
 * Pure: judges values. What follows is recorded by book_statement.c.
 */
#ifndef TIPLINE_MONEY_RECONCILE_H
#define TIPLINE_MONEY_RECONCILE_H

#include "daemon/money/attempt.h"
#include "daemon/money/statement.h"

enum break_class {
	BREAK_NONE,
	BREAK_NO_LINE,       /* R1: success without a line, two days later */
	BREAK_NOT_SUCCESS,   /* R2: debit while the attempt is no success */
	BREAK_AMOUNT,        /* R3 */
	BREAK_TWICE,         /* R4: a second debit for one id */
	BREAK_STRANGER,      /* R5: no payment of ours */
	BREAK_RETURN,        /* R6: money came back */
	BREAK_FEE,           /* R7 */
	BREAK_BALANCE,       /* R8: opening is not the previous closing, a day or a number is missing */
	BREAK_CURRENCY,      /* R9 */
	BREAK_CHANGED,       /* R10: another file for a day that was imported */
	BREAK_CLASSES,
};

/* "R1" .. "R10", "-"; what it means, in words. */
const char *break_class_name(enum break_class class);
const char *break_class_help(enum break_class class);
bool break_class_parse(struct span name, enum break_class *class);

/* Whether the channel stops until somebody has looked: R4, and R5 where money went out. */
bool break_holds(enum break_class class, bool credit);

/* What the book knows of one payment, as far as a statement can speak about it. */
struct reconcile_item {
	struct span instruction;
	struct span reference;     /* the provider's; empty: not known */
	int64_t fen;
	enum attempt_state state;
	bool debited;              /* a line for the payment was taken before */
	bool returned;             /* and one for its return */
};

enum reconcile_verdict {
	RECONCILE_MATCH,      /* the book says the same already */
	RECONCILE_SETTLE,     /* the statement proves what the book did not know: success or return */
	RECONCILE_BREAK,      /* of that class; the money of the line goes to suspense */
};

struct reconcile_judgement {
	enum reconcile_verdict verdict;
	enum break_class class;          /* of a break; of SETTLE: R2 or R6, resolved by it; of a match NONE */
	enum attempt_state to;           /* SETTLE: SUCCEEDED or RETURNED */
	bool hold;
};

/*
 * Judges one line. `named`: the item of its instruction id; `referred`: the one
 * item of its reference; each NULL when there is none. `ambiguous`: several
 * items have that reference.
 */
struct reconcile_judgement reconcile_line(const struct statement_line *line, const struct reconcile_item *named,
					  const struct reconcile_item *referred, bool ambiguous);

/* Which of the two the line is about; NULL: none. */
const struct reconcile_item *reconcile_item(const struct statement_line *line, const struct reconcile_item *named,
					    const struct reconcile_item *referred, bool ambiguous);

/* The line was taken as judged: what is known of the item from now on. Only for one that matches or settles. */
void reconcile_take(struct reconcile_item *item, const struct statement_line *line);

/* --- a statement as a whole ------------------------------------------------------------ */

enum reconcile_statement {
	RECONCILE_TAKE,       /* to be imported */
	RECONCILE_KNOWN,      /* was imported, the same bytes: nothing to do */
	RECONCILE_REFUSE,     /* nothing of it is imported; the class says why: R9 or R10 */
};

/* `hash`: of the file imported for this account and date; NULL: none was. */
enum reconcile_statement reconcile_statement(const struct statement *statement,
					     const unsigned char hash[STATEMENT_HASH_BYTES], enum break_class *class);

/* The ends of an imported statement, for the chain of days. */
struct statement_ends {
	int64_t day;               /* statement_day() */
	int64_t sequence, opening, closing;
};

/* Whether the later one follows the earlier one without a gap. `text` says what is wrong. */
bool reconcile_follows(const struct statement_ends *earlier, const struct statement_ends *later, const char **text);

/* A whole statement at once, over items in any order; judgements by line. For dry runs and tests. */
void reconcile_all(const struct statement *statement, struct reconcile_item *items, size_t nitems,
		   struct reconcile_judgement *out);

/* --- age ---------------------------------------------------------------------------------- */

enum break_age {
	BREAK_AGE_1,          /* 0 to 1 day */
	BREAK_AGE_3,
	BREAK_AGE_7,
	BREAK_AGE_30,
	BREAK_AGE_OLD,        /* above 30 days */
	BREAK_AGES,
};

/* Whole days since; a clock that stood back counts as 0. */
enum break_age break_age(int64_t opened_ms, int64_t now_ms);
const char *break_age_name(enum break_age age);   /* "0-1", ... ">30" */

/* The time at which a success of then has to have its line: the end of the second day after it, in China. */
int64_t reconcile_line_due_ms(int64_t succeeded_ms);

#endif
