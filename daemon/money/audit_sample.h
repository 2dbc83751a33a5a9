/*
 * Samples of rewards that anybody can draw again from journal number, method,
 * seed and size.
 *
 *   random      the n rewards with the lowest SHA-256 of "SEED:REWARD"
 *   stratified  the same within strata of amount. Each gets its part of the n by
 *               its money, largest remainder first, and at least one while n
 *               allows; no more than it has
 *   mus         monetary units, fixed intervals: interval = money / n, start =
 *               1 + (first 8 bytes of SHA-256 of SEED, big endian) % interval.
 *               Rewards in the order of proposal hold one fen number after the
 *               other; those that hold start + k * interval (k from 0, n times)
 *               are taken. One of an interval or more is always taken.
 */
#ifndef TIPLINE_MONEY_AUDIT_SAMPLE_H
#define TIPLINE_MONEY_AUDIT_SAMPLE_H

#include "daemon/money/audit_view.h"

#define AUDIT_RANK_BYTES 32
#define AUDIT_STRATA 8
#define AUDIT_SAMPLE_MAX 500

enum audit_method { AUDIT_RANDOM, AUDIT_STRATIFIED, AUDIT_MUS, AUDIT_METHODS };
enum audit_population { AUDIT_PAID, AUDIT_DECIDED };

struct audit_item {
	const struct audit_reward *reward;
	int64_t fen;                          /* what it stands in the population with */
	unsigned char rank[AUDIT_RANK_BYTES]; /* not with mus */
	unsigned stratum;
	size_t hits;                          /* mus: how often; else 1 */
	int64_t point;                        /* mus: the first fen number, from 1, that hit it; else 0 */
	struct audit_seqs seqs;
};

struct audit_stratum {
	int64_t from_fen, to_fen;             /* to: 0 is no bound */
	size_t rewards, taken;
	int64_t fen;
};

struct audit_sample {
	size_t population;
	int64_t population_fen;
	int64_t interval, start;              /* mus; else 0 */
	struct audit_stratum strata[AUDIT_STRATA];   /* stratified: those that are not empty */
	size_t nstrata;
	struct audit_item *items;             /* in the order of drawing */
	size_t nitems;
};

/* At most n (up to AUDIT_SAMPLE_MAX) items; fewer when the population is smaller, or with mus when one is hit several times. */
struct audit_sample audit_sample_draw(const struct audit_view *view, enum audit_population of, enum audit_method method,
				      struct span seed, size_t n);

/* In words, for whoever draws it again. */
const char *audit_sample_how(enum audit_method method);

#endif
