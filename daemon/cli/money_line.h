/*
 * A line of an exported money journal, read by the auditor's side.
 *
 * A line is one canonical record (JSON, fixed order of members, no blanks,
 * every value a text), the last one may be a trailer. Read here without any
 * code of those who write it: what they think canonical is, is looked at a
 * second time.
 */
#ifndef TIPLINE_CLI_MONEY_LINE_H
#define TIPLINE_CLI_MONEY_LINE_H

#include "daemon/base/json_in.h"

#define MONEY_LINE_MAX 1048576    /* bytes of a record; statements are the long ones */
#define MONEY_HASH_BYTES 32
#define MONEY_LEGS_MAX 32

struct money_leg {
	struct span book;      /* "150600/anti-trafficking/2026" */
	unsigned code;         /* 1010 ... 8050, or one that is in no chart */
	struct span detail;    /* may be empty */
	bool debit;
	int64_t fen;           /* not negative */
};

struct money_line {
	uint64_t seq;
	unsigned char prev[MONEY_HASH_BYTES];
	int64_t at_ms;
	struct span kind, key, person, account, role, subject;
	unsigned char print[MONEY_HASH_BYTES];
	struct span data_text;
	struct json_object data;             /* texts, and arrays as they stand */
	struct span entry;                   /* empty: posts nothing */
	struct money_leg legs[MONEY_LEGS_MAX];
	size_t nlegs;
	unsigned char hash[MONEY_HASH_BYTES];   /* as the line says */
	bool hash_fits;                         /* and as its bytes say */
};

/* Reads a record. Spans point into `text` or lie in the arena. False: `why` tells what is not as it should be. */
bool money_line_read(struct span text, struct arena *arena, struct money_line *line, struct complaint *why);

/* A text member of `data`, decoded; empty when there is none, or when it is no text. */
struct span money_line_text(const struct money_line *line, const char *name);

/* Whether `data` has the member. */
bool money_line_has(const struct money_line *line, const char *name);

/* A whole number of `data`, not negative; false when the member is absent or is none. */
bool money_line_number(const struct money_line *line, const char *name, int64_t *number);

/* The same, and below zero as well. */
bool money_line_balance(const struct money_line *line, const char *name, int64_t *fen);

/* The texts of an array of `data`, at most `max`; returns how many there are, 0 when it is absent, -1 when it is no array of texts. */
int money_line_list(const struct money_line *line, const char *name, struct arena *arena, struct span *out, size_t max);

/* --- the trailer -------------------------------------------------------------------- */

#define MONEY_TRAILER "tipline-money-1"
#define MONEY_SIGNATURE_BYTES 64
#define MONEY_KEY_BYTES 32

struct money_trailer {
	struct span filter;                     /* "all", or what was left out */
	uint64_t count, first, last;            /* records; both 0 when there are none */
	unsigned char head[MONEY_HASH_BYTES];   /* hash of the last record; zeroes when there is none */
	int64_t fin, bgt;                       /* debits of the two sub-ledgers */
	unsigned char sha256[MONEY_HASH_BYTES]; /* of all bytes before the trailer's line */
	bool is_signed;
	unsigned char signer[MONEY_KEY_BYTES];  /* Ed25519 public key */
	unsigned char signature[MONEY_SIGNATURE_BYTES];
	bool signature_fits;                    /* whoever the signer is */
};

/* What the signature is over: the SHA-256 of the line's bytes before ,"signature" and a closing brace. */
#define MONEY_SIGNED_TEXT_MAX 96
struct span money_trailer_signed_text(const unsigned char hash[MONEY_HASH_BYTES], char out[MONEY_SIGNED_TEXT_MAX]);

/* Whether the line begins as a trailer does. */
bool money_trailer_begins(struct span text);
bool money_trailer_read(struct span text, struct arena *arena, struct money_trailer *trailer, struct complaint *why);

#endif
