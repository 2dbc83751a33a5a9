/*
 * Waits between tries of passwords; see slowdown.h.
 *
 * Three tables of rows under keyed hashes, four to a set: the one that was
 * touched longest ago makes room.
 */
#include "handlers/staff/slowdown.h"

#include "daemon/base/memory.h"

#include <sodium.h>
#include <stdlib.h>

#define SETS ((size_t)4096)   /* a power of two; with WAYS: 16,384 rows, 640 KiB a table */
#define WAYS 4

enum table {
	BY_PLACE,     /* account and address class */
	BY_DEVICE,
	BY_ACCOUNT,   /* the bucket of new devices */
	TABLES,
};

struct row {
	uint64_t of;            /* 0: free */
	uint64_t touched_ms;
	uint64_t open_ms;       /* not before; of a bucket: when it will be full again */
	uint64_t waits_ms;      /* BY_PLACE: since then it waits for its turn; 0: it does not */
	unsigned failures;
};

struct slowdown {
	unsigned char seed[crypto_shorthash_KEYBYTES];
	struct row *rows[TABLES];
};

struct slowdown *slowdown_new(const unsigned char seed[16])
{
	struct slowdown *slowdown = memory_zeroes(1, sizeof(*slowdown));

	_Static_assert(crypto_shorthash_KEYBYTES == 16, "the seed is a key of the hash");
	memcpy(slowdown->seed, seed, sizeof(slowdown->seed));
	for (enum table t = 0; t < TABLES; t++)
		slowdown->rows[t] = memory_zeroes(SETS * WAYS, sizeof(struct row));
	return slowdown;
}

void slowdown_free(struct slowdown *slowdown)
{
	if (slowdown == NULL)
		return;
	for (enum table t = 0; t < TABLES; t++)
		free(slowdown->rows[t]);
	free(slowdown);
}

static uint64_t hash(const struct slowdown *slowdown, struct span text, uint64_t more)
{
	unsigned char both[16], out[8];
	uint64_t value;

	crypto_shorthash(both, (const unsigned char *)text.at, text.len, slowdown->seed);
	memcpy(both + 8, &more, sizeof(more));
	crypto_shorthash(out, both, sizeof(both), slowdown->seed);
	memcpy(&value, out, sizeof(value));
	return value != 0 ? value : 1;
}

static struct row *row_of(struct slowdown *slowdown, enum table table, uint64_t of)
{
	struct row *set = &slowdown->rows[table][(of & (SETS - 1)) * WAYS];
	struct row *oldest = set;

	for (int i = 0; i < WAYS; i++) {
		if (set[i].of == of)
			return &set[i];
		if (set[i].of == 0 || (oldest->of != 0 && set[i].touched_ms < oldest->touched_ms))
			oldest = &set[i];
	}
	*oldest = (struct row){ .of = of };
	return oldest;
}

static struct row *count_of(struct slowdown *slowdown, const struct slowdown_try *of)
{
	if (!span_empty(of->device))
		return row_of(slowdown, BY_DEVICE, hash(slowdown, of->device, hash(slowdown, of->account, 0)));
	return row_of(slowdown, BY_PLACE, hash(slowdown, of->account, of->place));
}

/* --- counts ---------------------------------------------------------------------------- */

static unsigned seconds(uint64_t ms)
{
	return (unsigned)((ms + 999) / 1000);
}

static bool may(const struct row *row, uint64_t now_ms, unsigned *wait_s)
{
	if (now_ms >= row->open_ms)
		return true;
	*wait_s = seconds(row->open_ms - now_ms);
	return false;
}

static void count(struct row *row, uint64_t now_ms)
{
	unsigned doublings, wait_s = SLOWDOWN_WAIT_MAX_S;

	if (row->touched_ms + SLOWDOWN_FORGET_MS <= now_ms)
		row->failures = 0;
	row->failures++;
	row->touched_ms = now_ms;
	if (row->failures <= SLOWDOWN_FREE - 1)
		return;
	doublings = row->failures - SLOWDOWN_FREE;
	if (doublings < 6 && 1u << doublings < SLOWDOWN_WAIT_MAX_S)
		wait_s = 1u << doublings;
	row->open_ms = now_ms + wait_s * UINT64_C(1000);
}

/* --- the bucket of an account -------------------------------------------------------------- */

static bool take_from_bucket(struct row *bucket, uint64_t now_ms)
{
	uint64_t full = bucket->open_ms > now_ms ? bucket->open_ms : now_ms;

	bucket->touched_ms = now_ms;
	if (full - now_ms > (uint64_t)(SLOWDOWN_BUCKET - 1) * SLOWDOWN_REFILL_MS)
		return false;
	bucket->open_ms = full + SLOWDOWN_REFILL_MS;
	return true;
}

/* Whether one whom the bucket does not let in has waited; if not, it begins to, or goes on. */
static bool has_waited(struct row *row, uint64_t now_ms, unsigned *wait_s)
{
	const uint64_t turn = SLOWDOWN_WAIT_MAX_S * UINT64_C(1000);

	if (row->waits_ms == 0 || now_ms - row->waits_ms >= turn + SLOWDOWN_TURN_MS)
		row->waits_ms = now_ms > 0 ? now_ms : 1;
	if (now_ms - row->waits_ms >= turn)
		return true;
	row->touched_ms = now_ms;
	*wait_s = seconds(turn - (now_ms - row->waits_ms));
	return false;
}

bool slowdown_begin(struct slowdown *slowdown, const struct slowdown_try *of, uint64_t now_ms, unsigned *wait_s)
{
	struct row *row = count_of(slowdown, of);

	if (!may(row, now_ms, wait_s))
		return false;
	if (span_empty(of->device) && !take_from_bucket(row_of(slowdown, BY_ACCOUNT, hash(slowdown, of->account, 0)), now_ms) &&
	    !has_waited(row, now_ms, wait_s))
		return false;
	row->waits_ms = 0;
	count(row, now_ms);
	return true;
}

/* What one who was right took from it: so nobody sees in it that the person came. */
static void put_back(struct slowdown *slowdown, const struct slowdown_try *of)
{
	struct row *bucket;

	if (!span_empty(of->device))
		return;
	bucket = row_of(slowdown, BY_ACCOUNT, hash(slowdown, of->account, 0));
	bucket->open_ms -= bucket->open_ms < SLOWDOWN_REFILL_MS ? bucket->open_ms : SLOWDOWN_REFILL_MS;
}

void slowdown_succeeded(struct slowdown *slowdown, const struct slowdown_try *of)
{
	*count_of(slowdown, of) = (struct row){ .of = 0 };
	put_back(slowdown, of);
}

void slowdown_take_back(struct slowdown *slowdown, const struct slowdown_try *of)
{
	struct row *row = count_of(slowdown, of);

	if (row->failures > 0)
		row->failures--;
	if (row->failures < SLOWDOWN_FREE)
		row->open_ms = 0;
	put_back(slowdown, of);
}
