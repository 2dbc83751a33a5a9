/*
 * Drawing samples; see audit_sample.h.
 */
#include "daemon/money/audit_sample.h"

#include <sodium.h>
#include <stdlib.h>

/* Bounds of the strata in fen: 1,000 yuan, then where rewards lie. */
static const int64_t bounds[AUDIT_STRATA] = { 0, 100000, 500000, 600000, 700000, 800000, 900000, 1000000 };

const char *audit_sample_how(enum audit_method method)
{
	static const char *const how[AUDIT_METHODS] = {
		[AUDIT_RANDOM] = "The n rewards with the lowest SHA-256 of SEED:REWARD.",
		[AUDIT_STRATIFIED] = "By strata of amount, each with its part of n by its money (largest remainder, at least "
				     "one); within each the rewards with the lowest SHA-256 of SEED:REWARD.",
		[AUDIT_MUS] = "Rewards in the order of proposal hold one fen number after the other. Taken are those that "
			      "hold start + k * interval; interval = money / n, start = 1 + (first 8 bytes of SHA-256 of "
			      "SEED, big endian) modulo interval.",
	};

	return how[method];
}

/* --- the population ------------------------------------------------------------------- */

static unsigned stratum_of(int64_t fen)
{
	unsigned at = AUDIT_STRATA - 1;

	while (fen < bounds[at])
		at--;
	return at;
}

static void put_seqs(const struct audit_view *view, struct audit_item *item)
{
	const struct audit_reward *reward = item->reward;
	const uint64_t seqs[] = { reward->is->seq, reward->decide_seq, reward->claim_seq, reward->paid_seq };

	for (size_t i = 0; i < sizeof(seqs) / sizeof(seqs[0]); i++)
		audit_seqs_add(&item->seqs, seqs[i], view->arena);
}

static struct audit_item *gather(const struct audit_view *view, enum audit_population of, struct audit_sample *sample)
{
	struct audit_item *items = arena_array(view->arena, struct audit_item, view->nrewards + 1);

	for (size_t i = 0; i < view->nrewards; i++) {
		const struct audit_reward *reward = &view->rewards[i];
		int64_t fen = of == AUDIT_PAID ? reward->paid_fen : audit_decided(reward) ? reward->is->fen : 0;

		if (fen <= 0)
			continue;
		items[sample->population++] = (struct audit_item){ .reward = reward, .fen = fen, .hits = 1,
								   .stratum = stratum_of(fen) };
		sample->population_fen += fen;
	}
	return items;
}

/* --- by rank ------------------------------------------------------------------------------ */

static void rank(const struct audit_view *view, struct span seed, struct audit_item *item)
{
	crypto_hash_sha256_state state;
	const char *id = audit_view_text(view, item->reward->is->id);

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const unsigned char *)seed.at, seed.len);
	crypto_hash_sha256_update(&state, (const unsigned char *)":", 1);
	crypto_hash_sha256_update(&state, (const unsigned char *)id, strlen(id));
	crypto_hash_sha256_final(&state, item->rank);
}

static int by_rank(const void *a, const void *b)
{
	const struct audit_item *left = a, *right = b;

	return memcmp(left->rank, right->rank, sizeof(left->rank));
}

static void draw_random(const struct audit_view *view, struct audit_item *items, struct span seed, size_t n,
			struct audit_sample *sample)
{
	for (size_t i = 0; i < sample->population; i++)
		rank(view, seed, &items[i]);
	if (sample->population > 0)
		qsort(items, sample->population, sizeof(*items), by_rank);
	sample->items = items;
	sample->nitems = n < sample->population ? n : sample->population;
}

/* --- strata --------------------------------------------------------------------------------- */

static void fill_strata(const struct audit_item *items, struct audit_sample *sample, unsigned place[AUDIT_STRATA])
{
	struct audit_stratum all[AUDIT_STRATA] = { { .rewards = 0 } };

	for (size_t i = 0; i < sample->population; i++) {
		all[items[i].stratum].rewards++;
		all[items[i].stratum].fen += items[i].fen;
	}
	for (unsigned i = 0; i < AUDIT_STRATA; i++) {
		if (all[i].rewards == 0)
			continue;
		all[i].from_fen = bounds[i];
		all[i].to_fen = i + 1 < AUDIT_STRATA ? bounds[i + 1] : 0;
		place[i] = (unsigned)sample->nstrata;
		sample->strata[sample->nstrata++] = all[i];
	}
}

/* What a stratum lacks of its part, times the money of all; negative: it has more. At most 500 times MONEY_MAX. */
static int64_t lacks(const struct audit_sample *sample, const struct audit_stratum *stratum, size_t n)
{
	return stratum->fen * (int64_t)n - (int64_t)stratum->taken * sample->population_fen;
}

/* Of those that have more rewards the one that lacks most; equal ones: the lower amounts. NULL: all are taken. */
static struct audit_stratum *neediest(struct audit_sample *sample, size_t n)
{
	struct audit_stratum *most = NULL;

	for (size_t i = 0; i < sample->nstrata; i++) {
		struct audit_stratum *stratum = &sample->strata[i];

		if (stratum->taken < stratum->rewards && (most == NULL || lacks(sample, stratum, n) > lacks(sample, most, n)))
			most = stratum;
	}
	return most;
}

/* One to each, then one after the other to whichever lacks most. */
static void share_out(struct audit_sample *sample, size_t n)
{
	size_t left = n < sample->population ? n : sample->population;
	struct audit_stratum *next;

	for (size_t i = 0; i < sample->nstrata && left > 0; i++, left--)
		sample->strata[i].taken = 1;
	for (; left > 0 && (next = neediest(sample, n)) != NULL; left--)
		next->taken++;
}

static void draw_stratified(const struct audit_view *view, struct audit_item *items, struct span seed, size_t n,
			    struct audit_sample *sample)
{
	unsigned place[AUDIT_STRATA] = { 0 };
	size_t taken[AUDIT_STRATA] = { 0 };

	fill_strata(items, sample, place);
	share_out(sample, n);
	draw_random(view, items, seed, sample->population, sample);
	sample->nitems = 0;
	for (size_t i = 0; i < sample->population; i++) {
		unsigned at = place[items[i].stratum];

		if (taken[at] == sample->strata[at].taken)
			continue;
		taken[at]++;
		sample->items[sample->nitems++] = items[i];
	}
}

/* --- monetary units ------------------------------------------------------------------------- */

static int64_t start_of(struct span seed, int64_t interval)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	uint64_t number = 0;

	crypto_hash_sha256(hash, (const unsigned char *)seed.at, seed.len);
	for (unsigned i = 0; i < 8; i++)
		number = number << 8 | hash[i];
	return 1 + (int64_t)(number % (uint64_t)interval);
}

static void draw_mus(struct audit_item *items, struct span seed, size_t n, struct audit_sample *sample)
{
	int64_t before = 0, point;
	size_t drawn = 0;

	sample->items = items;
	sample->interval = sample->population_fen / (int64_t)n;
	if (sample->interval == 0)
		return;
	sample->start = start_of(seed, sample->interval);
	point = sample->start;
	for (size_t i = 0; i < sample->population; i++) {
		struct audit_item item = items[i];

		item.hits = 0;
		for (; drawn < n && point <= before + item.fen; drawn++, point += sample->interval) {
			item.point = item.hits == 0 ? point : item.point;
			item.hits++;
		}
		before += item.fen;
		if (item.hits > 0)
			items[sample->nitems++] = item;
	}
}

struct audit_sample audit_sample_draw(const struct audit_view *view, enum audit_population of, enum audit_method method,
				      struct span seed, size_t n)
{
	struct audit_sample sample = { .population = 0 };
	struct audit_item *items = gather(view, of, &sample);

	switch (method) {
	case AUDIT_RANDOM:
		draw_random(view, items, seed, n, &sample);
		break;
	case AUDIT_STRATIFIED:
		draw_stratified(view, items, seed, n, &sample);
		break;
	case AUDIT_MUS:
	case AUDIT_METHODS:
		draw_mus(items, seed, n, &sample);
		break;
	}
	for (size_t i = 0; i < sample.nitems; i++)
		put_seqs(view, &sample.items[i]);
	return sample;
}
