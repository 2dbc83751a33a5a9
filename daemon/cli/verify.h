/*
 * The parts of `tipctl verify` on a store: what always has to hold (V1 to V7),
 * one file a check, and what they share.
 *
 * A check reads with plain commands alone and changes nothing. It tells how
 * much it looked at and of each thing that does not fit its key or number;
 * the first is kept in words, the rest counted. No value that may be somebody's
 * words is ever printed.
 */
#ifndef TIPLINE_CLI_VERIFY_H
#define TIPLINE_CLI_VERIFY_H

#include "daemon/base/json_out.h"
#include "daemon/cli/money_check.h"
#include "daemon/cli/tipctl_replay.h"
#include "daemon/sys/keys.h"

enum verify_name {
	VERIFY_V1,
	VERIFY_V2,
	VERIFY_V3,
	VERIFY_V4,
	VERIFY_V5,
	VERIFY_V6,
	VERIFY_V7,
	VERIFY_CHECKS,
};

struct verify_result {
	bool asked;          /* by --only, or because all are */
	bool passed_over;    /* could not be looked at: `first` tells why */
	uint64_t looked;     /* things that were looked at */
	uint64_t found;      /* that do not hold */
	char first[400];     /* of them: key or number, and why */
	uint64_t unread;     /* files of the archive that it needs and could not read: it cannot tell that all holds */
	char unread_first[300];   /* which, and which events */
};

struct verify {
	const char *address;             /* of the store */
	struct pipe *store;
	struct replay replay;            /* its fold: all that was read of the journals so far */
	const char *log_dir;             /* STATE/log, or NULL */
	const struct keys *keys;         /* of the house, or NULL */
	struct money_check *money;       /* with what the auditor brought; fed and ended before the checks */
	bool money_unreadable;           /* the money journal is not one: `money_why` */
	struct complaint money_why;
	bool copy;                       /* of a store that stands still: its now is its last word */
	int64_t now_ms;                  /* on the store's clock */
	uint64_t same_closer;            /* seen while reading: a tip closed twice by one person */
	char same_closer_first[200];
	uint64_t closed;                 /* events that end a tip */
	struct verify_result results[VERIFY_CHECKS];
};

/* Runs the checks that are asked. False: the connection broke, or something else kept it from looking. */
bool verify_run(struct verify *verify);

/* Whether all that was looked at holds; whether a file was missing or changed that something asked needs. */
bool verify_well(const struct verify *verify);
bool verify_unread(const struct verify *verify);

/* "V1,V5": sets what is asked; false for anything else. */
bool verify_only(struct verify *verify, struct span list);

/* Number of things found by now, and forgetting them, for looking once more. */
uint64_t verify_found_all(const struct verify *verify);
void verify_forget(struct verify *verify);

void verify_tell(const struct verify *verify, FILE *out);
/* Members of the open object. */
void verify_tell_json(const struct verify *verify, struct json_out *json);

/* --- for the checks --------------------------------------------------------------------------- */

typedef bool verify_check(struct verify *verify, struct verify_result *result);

verify_check verify_places, verify_states, verify_money, verify_people, verify_clear, verify_log, verify_requests;

/* One more thing that does not hold. `key` is printed without what cannot be printed. */
void verify_found(struct verify_result *result, struct span key, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* It cannot be looked at. */
void verify_pass_over(struct verify_result *result, const char *why);

/* A file of the archive that it needs cannot be read. */
void verify_lost(struct verify_result *result, const char *why);

/* Sees an event while the journals are read, before the fold has it; for struct replay. */
void verify_see(void *ctx, struct span json);

/* The findings of a money invariant, as findings of a check. */
void verify_money_invariant(struct verify *verify, struct verify_result *result, enum money_invariant invariant);

#endif
