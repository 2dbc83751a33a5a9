/*
 * Blind leaves: what the public log shows of one event of a journal.
 *
 *   byte  0        version, 1
 *   byte  1        class: 1 received, 2 work, 3 office
 *   bytes 2-3      day, big-endian: days since 1970-01-01 on a clock eight hours ahead of UTC
 *   bytes 4-19     salt
 *   bytes 20-35    id         = BLAKE2b-128(key = seed, salt)
 *   bytes 36-67    commitment = rest(0)
 *
 *   rest(i)     = BLAKE2b-256("tipline leaf rest v1", name(i), closed(i), rest(i + 1)); rest(9) = 32 zero bytes
 *   closed(i)   = BLAKE2b-256(key = blinding(i), value(i))
 *   blinding(i) = BLAKE2b-128(key = seed, "tipline leaf blinding v1", salt, name(i))
 *
 *   salt     = BLAKE2b-128(key = log secret, "tipline leaf salt v1", log, number)
 *   seed     of a tip   = BLAKE2b-128("tipline leaf tip v1", the 24 digits of its receipt code)
 *            of others  = BLAKE2b-128(key = the week's log key, "tipline leaf event v1", log, number)
 *            of dummies = BLAKE2b-128(key = log secret, "tipline leaf dummy v1", log, batch, place)
 *
 * Each text of a context, each name and the log's are followed by a NUL;
 * numbers are eight bytes, big-endian. All of it follows from secrets and the
 * journal: whoever has the keys makes the same bytes, so two sealers cannot
 * differ and a log can be made again after a crash.
 *
 * The fields
 *
 * Every leaf, a dummy too, commits to the same nine, in this order:
 *
 *   event       what happened: "accepted", "closed"; "dummy"; "unreadable"
 *   outcome     of "closed" and "verified"
 *   province    region of the event, each level by itself as a code of six digits: "150000",
 *   prefecture  "150600",
 *   county      "150621"
 *   waited      whole hours until the first look
 *   amount      minor units, of money
 *   entry       BLAKE2b-256(key = the week's log key, "tipline leaf entry v1", salt, bytes of the journal's entry), hex
 *   actor       BLAKE2b-128(key = the week's log key, "tipline leaf actor v1", salt, who acted), hex
 *
 * What an event has not is the empty value under a blinding of its own, and a
 * closed field is 32 bytes that look drawn either way. So neither the leaf nor
 * a partial opening says which fields an event has. The order is that of how
 * far openings go; what stays closed at the end is one hash, whatever it is.
 * `entry` binds the leaf to every byte of the journal. It and `actor` are keyed
 * a second time, because who holds a tip's seed knows its blindings and could
 * try all officers and milliseconds else: they open to auditors only, who are
 * given the week's key, and to nobody once it is destroyed.
 *
 * What a leaf reveals, and what not
 *
 * Seen by all: that a leaf of one of three classes was sealed on a day, in which
 * batch, and in which log. Batches are filled up with dummies to a multiple of
 * eight; of a batch of N leaves it is known that at most N events stand behind
 * it. Dummies draw their class evenly, real events do not: who watches for long
 * estimates the share of each class, and the true sums when the dummies are
 * opened at the end of a period. Whoever controls when tips come (by sending
 * some) sees the batches they fall in.
 *
 * Not seen: tip, bureau, region below the shard, state, text, person, hour. Ids
 * of two leaves of one tip are unrelated to all who lack its seed, because each
 * is keyed by it over another salt. Nothing guessable is hashed without a
 * secret: guessing a leaf means guessing 66 random bits of a receipt code, and
 * for each leaf anew, as the salt goes into the id behind the code; that is why
 * salts may stand in public. A seed gives away every leaf of its tip and so is
 * as secret as the code. A blinding gives away one field of one leaf; it is what
 * is published when a field is opened, and no other blinding follows from it.
 * 128 bits hide; 256 bits bind, because a log that could open one leaf in two
 * ways would tell two people two things.
 *
 * Who kept only the digits makes the seed from them and tries all salts of the
 * log: the leaves of the tip are found without asking anybody, and an opening
 * can be held against them. Who destroys a week's key makes the leaves of other
 * events of that week impossible to open for ever. Leaves of tips are not
 * erased by that: their holder can find them as long as the digits exist.
 *
 * An opening is one line without its newline, and there is one way to write it:
 *
 *   event=closed:BLINDING outcome:CLOSED province=150000:BLINDING *:REST
 *
 * The fields in their order, a blank between: an open one with value and
 * blinding, a closed one with closed(i), and for those that are closed at the
 * end, if any, rest(i); all three in base 64. Values are at most 64 of [0-9a-z._-].
 */
#ifndef TIPLINE_TLOG_LEAF_H
#define TIPLINE_TLOG_LEAF_H

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/core/tip/receipt.h"

#define LEAF_VERSION 1
#define LEAF_BYTES 68
#define LEAF_SALT_BYTES 16
#define LEAF_ID_BYTES 16
#define LEAF_KEY_BYTES 32              /* log secret, week's key, mask key */
#define LEAF_SEED_BYTES 16
#define LEAF_BLINDING_BYTES 16
#define LEAF_COMMITMENT_BYTES 32
#define LEAF_DAY_MAX 65535
#define LEAF_BATCH 8                   /* a batch is a multiple of this */
#define LEAF_VALUE_MAX 64
#define LEAF_OPENING_MAX 1024
#define LEAF_LOG_MAX 15

enum leaf_class {
	LEAF_RECEIVED = 1,   /* a tip came in */
	LEAF_WORK,           /* what a bureau did with one */
	LEAF_OFFICE,         /* all else: rewards, keys, sign-ins, configuration */
	LEAF_CLASSES_END,
};

enum leaf_field {
	LEAF_EVENT,
	LEAF_OUTCOME,
	LEAF_PROVINCE,
	LEAF_PREFECTURE,
	LEAF_COUNTY,
	LEAF_WAITED,
	LEAF_AMOUNT,
	LEAF_ENTRY,
	LEAF_ACTOR,
	LEAF_FIELDS,
};

#define LEAF_OPEN(field) (1u << (field))
#define LEAF_OPEN_ALL (LEAF_OPEN(LEAF_FIELDS) - 1)

struct leaf {
	enum leaf_class class;
	unsigned day;
	unsigned char salt[LEAF_SALT_BYTES];
	unsigned char id[LEAF_ID_BYTES];
	unsigned char commitment[LEAF_COMMITMENT_BYTES];
};

/* One event of a journal. */
struct leaf_place {
	struct span log;       /* "15", "money": 1 to LEAF_LOG_MAX bytes without NUL */
	uint64_t number;       /* in its journal */
};

/* What a leaf commits to. Each value is leaf_value_valid(); the empty one is "has none". */
struct leaf_values {
	struct span at[LEAF_FIELDS];
};

/* "event" */
struct span leaf_field_name(enum leaf_field field);

/* At most LEAF_VALUE_MAX of [0-9a-z._-]. */
bool leaf_value_valid(struct span value);

/* --- secrets: the caller wipes what it gets ------------------------------------------------------ */

void leaf_salt(const unsigned char log_secret[LEAF_KEY_BYTES], const struct leaf_place *place,
	       unsigned char salt[LEAF_SALT_BYTES]);
void leaf_seed_of_tip(const struct receipt_code *code, unsigned char seed[LEAF_SEED_BYTES]);
void leaf_seed_of_event(const unsigned char week_key[LEAF_KEY_BYTES], const struct leaf_place *place,
			unsigned char seed[LEAF_SEED_BYTES]);
void leaf_blinding(const unsigned char seed[LEAF_SEED_BYTES], const unsigned char salt[LEAF_SALT_BYTES],
		   enum leaf_field field, unsigned char blinding[LEAF_BLINDING_BYTES]);

/* The value of LEAF_ENTRY of an entry's bytes, of LEAF_ACTOR of a name; in the arena. Nobody acted: the empty value. */
struct span leaf_entry(const unsigned char week_key[LEAF_KEY_BYTES], const unsigned char salt[LEAF_SALT_BYTES],
		       struct span entry, struct arena *arena);
struct span leaf_actor(const unsigned char week_key[LEAF_KEY_BYTES], const unsigned char salt[LEAF_SALT_BYTES],
		       struct span actor, struct arena *arena);

/* --- leaves ---------------------------------------------------------------------------------------- */

struct leaf_input {
	enum leaf_class class;
	unsigned day;                      /* at most LEAF_DAY_MAX: leaf_day() */
	const unsigned char *salt;         /* leaf_salt() */
	const unsigned char *seed;         /* of the tip or of the event */
	const struct leaf_values *values;
};

/* The day of a moment from 1970 on. */
unsigned leaf_day(int64_t unix_ms);

void leaf_make(const struct leaf_input *input, unsigned char bytes[LEAF_BYTES]);

/*
 * The dummy at one place (from 0) of a batch; `before` is the number of leaves
 * before the batch, which no two batches share.
 */
struct leaf_batch {
	struct span log;
	uint64_t before;
	unsigned day;
};

void leaf_dummy(const unsigned char log_secret[LEAF_KEY_BYTES], const struct leaf_batch *batch, size_t place,
		unsigned char bytes[LEAF_BYTES]);

/* What opens that dummy, and what every dummy commits to. */
void leaf_dummy_seed(const unsigned char log_secret[LEAF_KEY_BYTES], const struct leaf_batch *batch, size_t place,
		     unsigned char seed[LEAF_SEED_BYTES]);
extern const struct leaf_values leaf_dummy_values;

/* A number below `of` (at least 1), drawn for a dummy: which event's day it bears. */
size_t leaf_dummy_draw(const unsigned char log_secret[LEAF_KEY_BYTES], const struct leaf_batch *batch, size_t place, size_t of);

/*
 * In which order the leaves of a batch stand: by salt, which is as good as
 * drawn. The place of a leaf then says neither whether it is a dummy nor which
 * event came first. As for qsort(): below, at or above zero.
 */
int leaf_order(const unsigned char a[LEAF_BYTES], const unsigned char b[LEAF_BYTES]);

/* False: not the bytes of a leaf of this version. */
bool leaf_parse(struct span bytes, struct leaf *leaf);

/* Was it made with this seed? Half a microsecond, to try many. */
bool leaf_is_of(const struct leaf *leaf, const unsigned char seed[LEAF_SEED_BYTES]);

/* --- openings ------------------------------------------------------------------------------------- */

/* What leaf_make() puts into a leaf. */
void leaf_commit(const unsigned char seed[LEAF_SEED_BYTES], const unsigned char salt[LEAF_SALT_BYTES],
		 const struct leaf_values *values, unsigned char commitment[LEAF_COMMITMENT_BYTES]);

/* Appends the opening of a leaf with that salt; `open` is made of LEAF_OPEN(field). */
void leaf_opening_write(const unsigned char seed[LEAF_SEED_BYTES], const unsigned char salt[LEAF_SALT_BYTES],
			const struct leaf_values *values, unsigned open, struct buf *out);

struct leaf_opening {
	unsigned open;                 /* of LEAF_OPEN(field) */
	struct leaf_values values;     /* of the open ones, borrowed from the text */
	unsigned char commitment[LEAF_COMMITMENT_BYTES];   /* that it leads to */
};

/* False: not what leaf_opening_write() makes of any leaf. */
bool leaf_opening_read(struct span text, struct leaf_opening *opening);

/* Is this what the leaf commits to? */
bool leaf_opens(const struct leaf *leaf, const struct leaf_opening *opening);

#endif
