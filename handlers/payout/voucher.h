/*
 * A voucher for the bank counter: a number for the bank, a pickup word for the
 * claimant alone, and the money for whoever brings both.
 *
 * The number goes to the bank and onto slips; it is no secret. The word is
 * shown to the claimant once and kept as a keyed hash; neither staff nor bank
 * ever see it before the claimant stands at the counter. Redeemed once, whole,
 * online. State is what the journal says; here is what may follow.
 *
 * Pure: random bytes, time and the key (kept off the store) are given.
 */
#ifndef TIPLINE_HANDLERS_PAYOUT_VOUCHER_H
#define TIPLINE_HANDLERS_PAYOUT_VOUCHER_H

#include "daemon/base/money.h"

#define VOUCHER_NUMBER_LEN 12          /* digits: 10 random, 2 check (ISO/IEC 7064 MOD 97-10) */
#define VOUCHER_WORD_LEN 8             /* of Crockford's base 32: 40 bits */
#define VOUCHER_SHOWN_MAX 10           /* "K7QF-2M9D" with NUL */
#define VOUCHER_HASH_BYTES 32
#define VOUCHER_RANDOM_BYTES 16
#define VOUCHER_LIFE_MS INT64_C(1296000000)   /* 15 days */
#define VOUCHER_FAILURES_MAX 10        /* wrong words, then it is locked: void it and make another */

enum voucher_state {
	VOUCHER_OPEN,
	VOUCHER_REDEEMED,
	VOUCHER_VOID,
	VOUCHER_EXPIRED,
	VOUCHER_STATES,
};

struct voucher {
	char number[VOUCHER_NUMBER_LEN + 1];
	unsigned char word[VOUCHER_HASH_BYTES];   /* hash of number and word */
	int64_t fen;
	int64_t made_ms, expires_ms;              /* at expires_ms it has expired */
	enum voucher_state state;
	unsigned failures;                        /* wrong words so far */
};

/* What the claimant alone gets; to be wiped. */
struct voucher_word {
	char text[VOUCHER_WORD_LEN + 1];
};

/*
 * An open voucher with its word. All of `random` is used: 8 bytes for the
 * number (modulo 10^10, bias below 2^-30), 5 for the word.
 */
void voucher_make(const unsigned char random[VOUCHER_RANDOM_BYTES], const unsigned char key[32], int64_t fen,
		  int64_t now_ms, struct voucher *voucher, struct voucher_word *word);

/* "K7QF-2M9D" */
void voucher_word_show(const struct voucher_word *word, char out[VOUCHER_SHOWN_MAX]);

/* As people type it: case, blanks and dashes do not matter, O is 0, I and L are 1. False: it can be no word. */
bool voucher_word_parse(struct span text, struct voucher_word *word);

/* Blanks and dashes do not matter. False: not 12 digits, or a slip of the pen. */
bool voucher_number_parse(struct span text, char number[VOUCHER_NUMBER_LEN + 1]);

/* What a teller brings forward. */
struct voucher_claim {
	struct span number, word;     /* as typed */
	int64_t fen;                  /* what is to be paid out */
	int64_t branch_fen;           /* cash that the branch may still pay */
};

enum voucher_verdict {
	VOUCHER_PAY,
	VOUCHER_WRONG,      /* number or word; counts as a failure of the voucher */
	VOUCHER_LOCKED,
	VOUCHER_SPENT,
	VOUCHER_VOIDED,
	VOUCHER_LATE,
	VOUCHER_PARTIAL,    /* another amount than the whole */
	VOUCHER_NO_CASH,    /* beyond the limit of the branch */
	VOUCHER_VERDICTS,
};

/*
 * Whether to pay. The word is compared first and in constant time: who does not
 * bring it learns nothing of state or amount. Changes nothing; the caller
 * counts failures and writes the redemption by compare-and-append, which
 * decides between two tellers.
 */
enum voucher_verdict voucher_judge(const struct voucher *voucher, const unsigned char key[32],
				   const struct voucher_claim *claim, int64_t now_ms);

/* As of that time: an open one whose time is over is expired. */
enum voucher_state voucher_state_at(const struct voucher *voucher, int64_t now_ms);

/* Open to redeemed, void or expired, and nothing else. */
bool voucher_may(enum voucher_state from, enum voucher_state to);

const char *voucher_state_name(enum voucher_state state);
bool voucher_state_parse(struct span name, enum voucher_state *state);

/* Stable, for answers and figures: "pay", "wrong", ... */
const char *voucher_verdict_name(enum voucher_verdict verdict);

#endif
