/*
 * A record of the money journal: one event, whole, chained to the one before.
 *
 * The canonical form is JSON in a fixed order of members, no blanks, every
 * number a decimal string:
 *
 *   {"seq":"12","prev":"<64 hex>","at":"<Unix ms>","kind":"reward.approve","key":"<idempotency key>",
 *    "print":"<64 hex>","person":"p-lin","account":"lin","role":"approver","subject":"R7",
 *    "data":{...},"entry":"L03:R7:1","legs":[["150600/anti-trafficking/2026","5010","","Dr","850000"],...],
 *    "hash":"<64 hex>"}
 *
 * `hash` is SHA-256 over all bytes before ,"hash" and a closing brace. `prev`
 * is the hash of the record before, zeros for the first. `print` is the
 * fingerprint of the command: SHA-256 of its canonical bytes; the same key
 * with another print is refused. "entry" and "legs" are left out when nothing
 * is posted. `data` holds text members only, and arrays of them; its order is
 * fixed by the kind.
 */
#ifndef TIPLINE_MONEY_RECORD_H
#define TIPLINE_MONEY_RECORD_H

#include "daemon/base/arena.h"
#include "daemon/base/complaint.h"
#include "daemon/money/ledger.h"

#define RECORD_HASH_BYTES 32
#define RECORD_BYTES_MAX 1048576   /* canonical bytes of one record; statements are the long ones */

struct record {
	uint64_t seq;                           /* 1 and up, no gap */
	unsigned char prev[RECORD_HASH_BYTES];
	int64_t at_ms;                          /* the store's clock; never before the record before */
	struct span kind;                       /* "reward.approve" */
	struct span key;                        /* idempotency key, 1..64 of [0-9A-Za-z._:-] */
	unsigned char print[RECORD_HASH_BYTES];
	struct span person;                     /* who, by person; "system" for timers and rails */
	struct span account;
	struct span role;
	struct span subject;                    /* reward, ledger, statement ...: what it is about */
	struct span data;                       /* canonical JSON object */
	struct ledger_entry entry;              /* nlegs 0: posts nothing */
	unsigned char hash[RECORD_HASH_BYTES];  /* set by record_write() and record_read() */
};

/* Canonical bytes with hash, in the arena; sets record->hash. Asserts what only a bug can break. */
struct span record_write(struct record *record, struct arena *arena);

/*
 * Strict: only bytes that record_write() could have made, with a hash that
 * fits. False: `why` names the member. Spans point into `json`, which outlives
 * the record; legs lie in the arena.
 */
bool record_read(struct span json, struct arena *arena, struct record *record, struct complaint *why);

/* A text member of `data` (decoded), or an empty span; false for one that cannot be read. */
bool record_text(const struct record *record, const char *name, struct arena *arena, struct span *out);

#endif
