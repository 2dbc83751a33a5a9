/*
 * The inside of the invariants, for invariants*.c alone.
 */
#ifndef TIPLINE_TESTS_SIM_INVARIANTS_STATE_H
#define TIPLINE_TESTS_SIM_INVARIANTS_STATE_H

#include "daemon/base/json_in.h"
#include "tests/sim/invariants.h"
#include "tests/sim/names.h"

#define PERSON_MAX 36
#define DAY INT64_C(86400000)

/* A person and what they did; deputies carry the exclusions of the other. */
struct did {
	char person[PERSON_MAX], deputy_of[PERSON_MAX];
	int64_t at_ms;           /* 0: before anybody was registered */
	char part;               /* i intake, v verified, p proposed, a approved, f released, n panel, c paid out */
	unsigned round;
};

struct dids {
	struct did *at;
	size_t n, size;
};

struct tried {               /* an attempt */
	enum attempt_state state;
	enum evidence by;
	char instruction[INSTRUCTION_ID_LEN + 1], payee[36], rail[16];
	int64_t fen;
	bool overpaid;
	bool sent;               /* or may have been */
	unsigned ordinal;        /* of the instruction */
};

struct owed {                /* a reward */
	char id[BOOK_ID_MAX];
	enum reward_state state;
	bool held;
	char case_id[64], claimant[36], tip[16], programme[64], bureau[16], book[LEDGER_BOOK_MAX];
	unsigned member, round, step, steps;
	int64_t fen, tax_fen, deadline_ms, cooling_ms;
	const struct policy *policy;
	/* Sums of what was posted. */
	int64_t accrued, cancelled, payable, inflight, returned, tax, remitted, overpaid, clawback, offset;
	char holder[PERSON_MAX], holder_for[PERSON_MAX];
	int64_t held_ms;
	struct dids dids;
	struct tried *tried;
	size_t ntried;
};

struct known_case {
	char id[64], bureau[16];
	struct dids dids;
	size_t first;            /* reward + 1 */
};

struct account {
	char book[LEDGER_BOOK_MAX], detail[LEDGER_DETAIL_MAX];
	unsigned code;
	int64_t debits, credits;
};

struct year {
	char name[LEDGER_BOOK_MAX], next[LEDGER_BOOK_MAX];
	bool closed;
	int64_t authorised, available, encumbered, expended, lapsed;
};

struct hired {
	char account[PERSON_MAX], person[PERSON_MAX], deputy_of[PERSON_MAX], region[16];
	char titles[8][24];
	size_t ntitles;
	unsigned roles;
	int64_t from_ms, until_ms;
};

struct voted {
	char person[PERSON_MAX], deputy_of[PERSON_MAX], act[32], subject[80];
	uint64_t seq;
	int64_t at_ms;
};

struct invariants {
	unsigned char key[32];
	uint64_t seq;
	unsigned char head[32];
	int64_t last_ms;
	struct names keys, entries, nonces, rewards, cases, accounts, years, instructions;
	struct owed *owed;          size_t owed_size;
	struct known_case *known;   size_t known_size;
	struct account *account;    size_t account_size;
	struct year *year;          size_t year_size;
	struct hired *hired;        size_t nhired, hired_size;
	struct voted *votes;        size_t nvotes, votes_size;
	struct policy **policies;   size_t npolicies;
	bool quarantine;            /* restored, and not reconciled */
	/* Of the record that is being taken. */
	struct arena arena;
	struct record record;
	struct json_object data;
	struct owed *of;            /* reward it is about, or NULL */
	size_t touched[LEDGER_LEGS_MAX], ntouched;
	struct complaint *why;
};

/* A member of the record's data; empty when it is not there. */
struct span inv_text(const struct invariants *inv, const char *name);
int64_t inv_number(const struct invariants *inv, const char *name);
bool inv_is(const struct invariants *inv, const char *kind);
/* Always false. */
bool inv_fail(struct invariants *inv, const char *rule, const char *format, ...) __attribute__((format(printf, 3, 4)));
void inv_put(char *to, size_t size, struct span text);
#define INV_PUT(to, text) inv_put((to), sizeof(to), (text))
/* Room for one more at index n of an array that is kept beside names. */
void *inv_room(void *at, size_t *size, size_t n, size_t each);
struct owed *inv_owed(const struct invariants *inv, struct span id);

/* Two rewards for the same claimant and case: their instructions are counted together. */
bool inv_same_payment(const struct owed *a, const struct owed *b);
/* It was not taken back. */
bool inv_counts(const struct owed *owed);
void inv_derive(const struct invariants *inv, const struct owed *owed, unsigned ordinal, char out[INSTRUCTION_ID_LEN + 1]);

bool inv_money(struct invariants *inv);      /* invariants_money.c: I01 to I04, I07, I08 */
bool inv_sums(struct invariants *inv, const struct owed *owed);
const char *inv_year_now(const struct invariants *inv, const char *name);
bool inv_who(struct invariants *inv);        /* invariants_who.c: I10 */
const char *inv_deputy_of(const struct invariants *inv);   /* of who did the record */
bool inv_life(struct invariants *inv, struct coverage *coverage);   /* invariants_life.c: I05, I06, I12, I15, I18, I20 */

#endif
