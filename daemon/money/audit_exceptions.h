/*
 * Tests of the auditor: what looks as it should not.
 *
 * Each has a name, a sentence, parameters with bounds, the population that it
 * looked at, and hits with the records behind them. A hit proves nothing. The
 * tests are rows of one table; what they find depends on the view, the
 * parameters and the policies alone.
 *
 * To add one: a row in audit_exceptions.c, its function in a file
 * audit_find_<topic>.c, its name in docs/openapi.yaml.
 */
#ifndef TIPLINE_MONEY_AUDIT_EXCEPTIONS_H
#define TIPLINE_MONEY_AUDIT_EXCEPTIONS_H

#include "daemon/money/audit_view.h"
#include "daemon/money/book.h"

#define AUDIT_HITS_MAX 500   /* that are told of one test; all are counted */

enum audit_parameter {
	AUDIT_BEFORE_MINUTES,
	AUDIT_AFTER_DAYS,
	AUDIT_PAIR_MIN,
	AUDIT_PAIR_PERCENT,
	AUDIT_PAYEE_CASES,
	AUDIT_MARGIN_PERCENT,
	AUDIT_CASE_DAYS,
	AUDIT_LATE_PERCENT,
	AUDIT_NIGHT_FROM,
	AUDIT_NIGHT_UNTIL,
	AUDIT_WITHIN_SECONDS,
	AUDIT_DUPLICATE_DAYS,
	AUDIT_CLOCK_RUN,
	AUDIT_PARAMETERS,
};

struct audit_parameter_kind {
	const char *name;
	int64_t preset, low, high;
};
extern const struct audit_parameter_kind audit_parameters[AUDIT_PARAMETERS];

struct audit_hit {
	const char *subject, *with, *note;   /* texts of the log, or in the arena */
	bool is_payee;                       /* the subject is the token of one */
	size_t rewards;
	int64_t fen, value, at_ms;
	struct audit_seqs seqs;
};

struct audit_finding {
	const struct audit_view *view;
	const struct book *book;             /* policies by their hash */
	const int64_t *parameters;           /* all of them */
	size_t population;
	struct audit_hit *hits;              /* the first AUDIT_HITS_MAX */
	size_t nhits, total;
};

struct audit_test {
	const char *name, *finds;
	const char *of, *unit;               /* what the population is of; what `value` is */
	unsigned takes;                      /* its parameters, bits by number */
	void (*find)(struct audit_finding *finding);
};
const struct audit_test *audit_tests(size_t *n);

/* Runs one; hits lie in the arena of the view. */
struct audit_finding audit_find(const struct audit_test *test, const struct audit_view *view, const struct book *book,
				const int64_t parameters[AUDIT_PARAMETERS]);

/* --- for the tests ---------------------------------------------------------------------- */

/* A hit, filled in so far, of a reward: id, money, last record; NULL for no reward. To be completed at once. */
struct audit_hit *audit_hit_new(struct audit_finding *finding, const struct audit_reward *reward);
void audit_hit_seq(struct audit_finding *finding, struct audit_hit *hit, uint64_t seq);

void audit_find_tip_after_police(struct audit_finding *finding);    /* audit_find_times.c */
void audit_find_late_claims(struct audit_finding *finding);
void audit_find_off_hours(struct audit_finding *finding);
void audit_find_fast_approvals(struct audit_finding *finding);
void audit_find_pairs(struct audit_finding *finding);               /* audit_find_people.c */
void audit_find_same_payee(struct audit_finding *finding);
void audit_find_counter(struct audit_finding *finding);
void audit_find_duplicates(struct audit_finding *finding);
void audit_find_below_band(struct audit_finding *finding);          /* audit_find_amounts.c */
void audit_find_splitting(struct audit_finding *finding);
void audit_find_overrides(struct audit_finding *finding);
void audit_find_sequence(struct audit_finding *finding);            /* audit_find_records.c */
void audit_find_statement_lines(struct audit_finding *finding);

#endif
