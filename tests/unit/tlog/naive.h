/*
 * The tree as RFC 6962 section 2.1 defines it, by recursion over ranges of
 * leaves, and nothing cleverer: what the tests of the log are held against.
 */
#ifndef TIPLINE_TEST_NAIVE_H
#define TIPLINE_TEST_NAIVE_H

#include "daemon/tlog/tree.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#define NAIVE_MAX 700

struct naive {
	struct merkle_hash hash[NAIVE_MAX][NAIVE_MAX + 1];   /* of leaves [i, k) */
	bool known[NAIVE_MAX][NAIVE_MAX + 1];
};

static inline struct span naive_entry(size_t i, char out[32])
{
	return span_from(out, (size_t)snprintf(out, 32, "leaf %zu", i));
}

static inline struct naive *naive_new(void)
{
	struct naive *naive = calloc(1, sizeof(*naive));
	char text[32];

	if (naive == NULL)
		abort();
	for (size_t i = 0; i < NAIVE_MAX; i++) {
		naive->hash[i][i + 1] = merkle_leaf(naive_entry(i, text));
		naive->known[i][i + 1] = true;
	}
	return naive;
}

static inline size_t naive_split(size_t n)
{
	size_t k = 1;

	while (k * 2 < n)
		k *= 2;
	return k;
}

/* MTH(D[from:to]) */
static inline struct merkle_hash naive_hash(struct naive *naive, size_t from, size_t to)
{
	struct merkle_hash left, right;
	size_t k;

	if (from == to) {
		crypto_hash_sha256(left.bytes, NULL, 0);
		return left;
	}
	if (!naive->known[from][to]) {
		k = naive_split(to - from);
		left = naive_hash(naive, from, from + k);
		right = naive_hash(naive, from + k, to);
		naive->hash[from][to] = merkle_node(&left, &right);
		naive->known[from][to] = true;
	}
	return naive->hash[from][to];
}

/* PATH(m, D[from:to]) */
static inline void naive_path(struct naive *naive, size_t m, size_t from, size_t to, struct tree_proof *proof)
{
	size_t k;

	if (to - from == 1)
		return;
	k = naive_split(to - from);
	if (m < k)
		naive_path(naive, m, from, from + k, proof);
	else
		naive_path(naive, m - k, from + k, to, proof);
	proof->hashes[proof->n++] = m < k ? naive_hash(naive, from + k, to) : naive_hash(naive, from, from + k);
}

/* SUBPROOF(m, D[from:to], whole) */
static inline void naive_subproof(struct naive *naive, size_t m, size_t from, size_t to, bool whole,
				  struct tree_proof *proof)
{
	size_t k;

	if (m == to - from) {
		if (!whole)
			proof->hashes[proof->n++] = naive_hash(naive, from, to);
		return;
	}
	k = naive_split(to - from);
	if (m <= k) {
		naive_subproof(naive, m, from, from + k, whole, proof);
		proof->hashes[proof->n++] = naive_hash(naive, from + k, to);
	} else {
		naive_subproof(naive, m - k, from + k, to, false, proof);
		proof->hashes[proof->n++] = naive_hash(naive, from, from + k);
	}
}

/* The hash number i of a level, which exists when the tree has its 256^level leaves. */
static inline struct merkle_hash naive_at(struct naive *naive, unsigned level, size_t i)
{
	size_t leaves = (size_t)1 << (8 * level);

	return naive_hash(naive, i * leaves, (i + 1) * leaves);
}

/* A reader of tiles made by definition; counts. */
struct naive_reader {
	struct naive *naive;
	size_t calls, tiles;
	bool refuse;
};

static inline bool naive_read(void *ctx, const struct tile *tiles, size_t n, struct merkle_hash *const *hashes)
{
	struct naive_reader *reader = ctx;

	reader->calls++;
	reader->tiles += n;
	for (size_t i = 0; i < n && !reader->refuse; i++)
		for (size_t k = 0; k < tiles[i].width; k++)
			hashes[i][k] = naive_at(reader->naive, tiles[i].level, tiles[i].index * TILE_WIDTH + k);
	return !reader->refuse;
}

static inline bool naive_same(const struct tree_proof *a, const struct tree_proof *b)
{
	return a->n == b->n && memcmp(a->hashes, b->hashes, a->n * sizeof(a->hashes[0])) == 0;
}

#endif
