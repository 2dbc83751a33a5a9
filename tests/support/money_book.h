/*
 * A book of money with staff, a policy and funds, for tests: commands are one
 * line, each record goes through its bytes before it is taken in, and the
 * journal is kept.
 */
#ifndef TIPLINE_TESTS_MONEY_BOOK_H
#define TIPLINE_TESTS_MONEY_BOOK_H

#include "daemon/money/audit_view.h"
#include "daemon/money/book.h"

#define MONEY_LEDGER "150600/anti-trafficking/2026"
#define MONEY_BEGIN_MS INT64_C(1772323200000)   /* 2026-03-01 08:00 in China */
#define MONEY_HOUR_MS INT64_C(3600000)
#define MONEY_DAY_MS (24 * MONEY_HOUR_MS)

struct money_book {
	struct book *book;
	struct arena arena;
	int64_t now_ms;
	struct span *lines;              /* canonical records, lines[seq - 1] */
	size_t nlines, size;
	unsigned nkeys, nstatements;
	struct book_refusal refusal;     /* of the last command that was refused */
	struct record record;            /* of the last one that was not */
};

/* Instruction key of all test books. */
extern const unsigned char money_book_key[32];

/* An empty book, and one with staff, an adopted policy, budget and money in the bank. */
void money_book_init(struct money_book *m);
void money_book_begin(struct money_book *m, int64_t budget_fen);
/* The policy in another version, with that tax. */
void money_policy(struct money_book *m, unsigned version, unsigned tax_bp);
/* And with more members: ",\"payee_cooling_hours\":0". */
void money_policy_with(struct money_book *m, unsigned version, unsigned tax_bp, const char *more);
void money_book_release(struct money_book *m);

/*
 * One command by an account ("lin"; "system" and "claimant" are themselves):
 * names and values of fields in turn, NULL behind the last. Recorded: taken in,
 * after its bytes were read back.
 */
enum book_answer money_do(struct money_book *m, const char *account, const char *kind, const char *subject, ...)
	__attribute__((sentinel));

/* The same with everything by hand. */
enum book_answer money_command(struct money_book *m, const struct book_command *command);

/* As money_do(), and it has to be recorded. */
#define money_must(m, ...) \
	do { \
		if (money_do((m), __VA_ARGS__, NULL) != BOOK_RECORD) \
			money_fail((m), __FILE__, __LINE__, #__VA_ARGS__); \
	} while (0)
/* It has to be refused with that code. */
#define money_refused(m, code_wanted, ...) \
	do { \
		if (money_do((m), __VA_ARGS__, NULL) != BOOK_REFUSED || \
		    strcmp((m)->refusal.code, (code_wanted)) != 0) \
			money_fail((m), __FILE__, __LINE__, code_wanted ": " #__VA_ARGS__); \
	} while (0)
void money_fail(const struct money_book *m, const char *file, int line, const char *what)
	__attribute__((noreturn));

/*
 * An attempt that was started, not sent, and is not held up: its id; false when
 * there is none. Sending is not among what is due (book.h); here it is done at once.
 */
bool money_unsent(const struct book *book, char attempt[BOOK_ID_MAX + 8]);

/* Does whatever the system and who sends have to do by now; how many commands it were. */
unsigned money_run(struct money_book *m);

/* A reward of 8,500 yuan for a case of its own, up to a state; its id, in the arena. */
const char *money_proposed(struct money_book *m, const char *name);
const char *money_approved(struct money_book *m, const char *name);
const char *money_claimed(struct money_book *m, const char *name);
const char *money_released(struct money_book *m, const char *name);   /* and past the cooling time */
const char *money_sent(struct money_book *m, const char *name);       /* attempt 1 is SENDING */
const char *money_paid(struct money_book *m, const char *name);

/* The bank's statement of another day with one line, the first payment of that reward; and what follows from it. */
void money_statement(struct money_book *m, const char *id);

/* Approves with everybody who has to. */
void money_approve(struct money_book *m, const char *id);

const struct book_reward *money_reward(const struct money_book *m, const char *id);
const char *money_text(struct money_book *m, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "86bdc3..." of what is to be approved. */
const char *money_digest(struct money_book *m, const char *id);

/* A second book that is given the same lines; NULL and a message when one does not follow. */
struct book *money_replay(const struct money_book *m, struct complaint *why);

/* What auditors keep of it; to be freed. And the view of the whole, or of its first `n` records, in the arena of the book. */
struct audit_log *money_audit_log(const struct money_book *m);
struct audit_view money_view(struct money_book *m, const struct audit_log *log, size_t n);

/* All balances as text, one account a line: two books that say the same are the same. */
const char *money_balances(struct money_book *m, const struct book *book);

#endif
