/*
 * Blind leaves: what the public log shows of one event of the journal.
 *
 *   byte  0        version, 1
 *   byte  1        class: 1 received, 2 work, 3 office
 *   bytes 2-3      day, big-endian: days since 1970-01-01 on a clock eight hours ahead of UTC
 *   bytes 4-19     salt
 *   bytes 20-35    id         = BLAKE2b-128(key = seed, salt)
 *   bytes 36-67    commitment = BLAKE2b-256(key = blinding, opening)
 *
 *   salt     = BLAKE2b-128(key = log secret, "tipline leaf salt v1", shard, number)
 *   seed     of a tip   = BLAKE2b-256("tipline leaf tip v1", the 24 digits of its receipt code)
 *            of others  = BLAKE2b-256(key = the week's log key, "tipline leaf event v1", shard, number)
 *            of dummies = BLAKE2b-256(key = log secret, "tipline leaf dummy v1", shard, batch, place)
 *   blinding = BLAKE2b-256(key = seed, "tipline leaf blinding v1", salt)
 *
 * Each text of a context is followed by a NUL, the shard by one too; numbers
 * are eight bytes, big-endian. All of it follows from secrets and the journal:
 * whoever has the keys makes the same bytes, so two sealers cannot differ and a
 * log can be made again after a crash.
 *
 * What a leaf reveals, and what not
 *
 * Seen by all: that a leaf of one of three classes was sealed on a day, in which
 * batch, and in the log of which shard. Batches are filled up with dummies to a
 * multiple of eight; so of a batch of N leaves it is known that one to N events
 * stand behind it, N - 7 at the least. Dummies draw their class evenly, real
 * events do not: who watches for long estimates the share of each class, and
 * the true sums when the dummies are opened at the end of a period. Whoever
 * controls when tips come (by sending some) sees the batches they fall in.
 *
 * Not seen: tip, bureau, region below the shard, state, text, person, hour. Ids
 * of two leaves of one tip are unrelated to all who lack its seed, because each
 * is keyed by it over another salt. Nothing guessable is hashed without a
 * secret: guessing a leaf means guessing 66 random bits of a receipt code, and
 * for each leaf anew, as the salt goes into the id behind the code; that is why
 * salts may stand in public. A seed gives away every leaf of its tip and so is
 * as secret as the code; a blinding gives away one opening of one leaf, and is
 * what is published when a leaf is opened.
 *
 * Who kept only the digits makes the seed from them and tries all salts of the
 * log: the leaves of the tip are found without asking anybody, and the opening
 * can be held against them. Who destroys a week's key makes the leaves of other
 * events of that week impossible to open for ever. Leaves of tips are not
 * erased by that: their holder can find them as long as the digits exist.
 *
 * An opening is a canonical text, so that one event has one commitment:
 *
 *   tipline-opening/v1
 *   NAME VALUE             one line each; names [a-z_]+ in ascending order, values plain and not empty
 */
#ifndef TIPLINE_TLOG_LEAF_H
#define TIPLINE_TLOG_LEAF_H

#include "daemon/base/buf.h"
#include "daemon/core/tip/receipt.h"

#define LEAF_VERSION 1
#define LEAF_BYTES 68
#define LEAF_SALT_BYTES 16
#define LEAF_ID_BYTES 16
#define LEAF_KEY_BYTES 32              /* log secret, week's key, seed, blinding */
#define LEAF_COMMITMENT_BYTES 32
#define LEAF_DAY_MAX 65535
#define LEAF_BATCH 8                   /* a batch is a multiple of this */
#define LEAF_OPENING_MAX 4096
#define LEAF_SHARD_MAX 15

enum leaf_class {
	LEAF_RECEIVED = 1,   /* a tip came in */
	LEAF_WORK,           /* what a bureau did with one */
	LEAF_OFFICE,         /* all else: rewards, keys, sign-ins, configuration */
	LEAF_CLASSES_END,
};

struct leaf {
	enum leaf_class class;
	unsigned day;
	unsigned char salt[LEAF_SALT_BYTES];
	unsigned char id[LEAF_ID_BYTES];
	unsigned char commitment[LEAF_COMMITMENT_BYTES];
};

/* One event of a journal. */
struct leaf_place {
	struct span shard;     /* "15", "money": 1 to LEAF_SHARD_MAX bytes without NUL */
	uint64_t number;       /* in its journal */
};

/* --- secrets: the caller wipes what it gets ------------------------------------------------------ */

void leaf_salt(const unsigned char log_secret[LEAF_KEY_BYTES], const struct leaf_place *place,
	       unsigned char salt[LEAF_SALT_BYTES]);
void leaf_seed_of_tip(const struct receipt_code *code, unsigned char seed[LEAF_KEY_BYTES]);
void leaf_seed_of_event(const unsigned char week_key[LEAF_KEY_BYTES], const struct leaf_place *place,
			unsigned char seed[LEAF_KEY_BYTES]);
void leaf_blinding(const unsigned char seed[LEAF_KEY_BYTES], const unsigned char salt[LEAF_SALT_BYTES],
		   unsigned char blinding[LEAF_KEY_BYTES]);

/* --- leaves ---------------------------------------------------------------------------------------- */

struct leaf_input {
	enum leaf_class class;
	unsigned day;                      /* at most LEAF_DAY_MAX: leaf_day() */
	const unsigned char *salt;         /* leaf_salt() */
	const unsigned char *seed;         /* of the tip or of the event */
	struct span opening;               /* leaf_opening_write() */
};

/* The day of a moment from 1970 on. */
unsigned leaf_day(int64_t unix_ms);

void leaf_make(const struct leaf_input *input, unsigned char bytes[LEAF_BYTES]);

/* How many dummies a batch of so many events gets: 0 to 7. A batch without events is not made. */
size_t leaf_dummies(size_t events);

/*
 * The dummy at one place (from 0) of a batch; `batch` is the number of leaves
 * before it, which no two batches share. Its opening is one line, "dummy BATCH PLACE".
 */
struct leaf_batch {
	struct span shard;
	uint64_t before;
	unsigned day;
};

void leaf_dummy(const unsigned char log_secret[LEAF_KEY_BYTES], const struct leaf_batch *batch, size_t place,
		unsigned char bytes[LEAF_BYTES]);

/* What opens that dummy, to be published at the end of a period. */
void leaf_dummy_opening(const unsigned char log_secret[LEAF_KEY_BYTES], const struct leaf_batch *batch, size_t place,
			unsigned char blinding[LEAF_KEY_BYTES], struct buf *opening);

/*
 * In which order the leaves of a batch stand: by salt, which is as good as
 * drawn. The place of a leaf then says neither whether it is a dummy nor which
 * event came first. As for qsort(): below, at or above zero.
 */
int leaf_order(const unsigned char a[LEAF_BYTES], const unsigned char b[LEAF_BYTES]);

/* False: not the bytes of a leaf of this version. */
bool leaf_parse(struct span bytes, struct leaf *leaf);

/* Was it made with this seed? Half a microsecond, to try many. */
bool leaf_is_of(const struct leaf *leaf, const unsigned char seed[LEAF_KEY_BYTES]);

/* Is this what it commits to? */
bool leaf_opens(const struct leaf *leaf, const unsigned char blinding[LEAF_KEY_BYTES], struct span opening);

/* --- openings ------------------------------------------------------------------------------------- */

struct leaf_field {
	struct span name;
	struct span value;     /* empty: left out */
};

/*
 * Appends the text of n fields, whose names ascend (asserted). False, with
 * nothing appended, when a value is not plain or the whole is longer than
 * LEAF_OPENING_MAX.
 */
bool leaf_opening_write(const struct leaf_field *fields, size_t n, struct buf *out)
	__attribute__((warn_unused_result));

/* Reads one: at most `max` fields, borrowed. False: not what leaf_opening_write() makes, or more fields. */
bool leaf_opening_read(struct span text, struct leaf_field *fields, size_t max, size_t *n);

#endif
