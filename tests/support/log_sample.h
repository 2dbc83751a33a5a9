/*
 * A small sealed log in a directory, for tests: leaves of tips and dummies in
 * batches, as the sealer writes them, signed with a key that is known.
 */
#ifndef TIPLINE_TESTS_LOG_SAMPLE_H
#define TIPLINE_TESTS_LOG_SAMPLE_H

#include "daemon/sys/tiles.h"
#include "daemon/tlog/bundle.h"
#include "daemon/tlog/checkpoint.h"
#include "daemon/tlog/leaf.h"
#include "daemon/tlog/note.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define LOG_SAMPLE_START 1795219200000LL
#define LOG_SAMPLE_ORIGIN "tips.example/"

struct log_sample {
	struct tiles *tiles;
	struct edge *edge;
	struct buf bundle;          /* the open one */
	struct note_signer signer;
	uint64_t batches, before, journal;
	int64_t start_ms;           /* time of the first batch; each is half a minute later */
	char name[LEAF_LOG_MAX + 1];
};

static const unsigned char log_sample_secret[LEAF_KEY_BYTES] = "the secret of a log for tests";

static inline void log_sample_open(struct log_sample *log, const char *dir, const char *name)
{
	static const unsigned char seed[NOTE_SEED_BYTES] = { 7 };
	char origin[64];
	struct complaint why;

	*log = (struct log_sample){ .tiles = tiles_open(dir, true, &why), .edge = calloc(1, sizeof(struct edge)),
				    .start_ms = LOG_SAMPLE_START };
	assert(log->tiles != NULL && log->edge != NULL);
	snprintf(log->name, sizeof(log->name), "%s", name);
	snprintf(origin, sizeof(origin), LOG_SAMPLE_ORIGIN "%s", name);
	note_signer_make(span_of(origin), NOTE_ED25519, seed, &log->signer);
}

static inline void log_sample_close(struct log_sample *log)
{
	tiles_close(log->tiles);
	free(log->edge);
	buf_release(&log->bundle);
	note_signer_release(&log->signer);
}

static inline bool log_sample_put(void *ctx, const struct tile *tile, const struct merkle_hash *hashes)
{
	struct log_sample *log = ctx;
	struct complaint why;

	return tiles_put(log->tiles, tile, span_from(hashes, tile->width * sizeof(*hashes)), &why);
}

static inline void log_sample_put_bundle(struct log_sample *log)
{
	uint64_t last = log->edge->size - 1;
	struct tile tile = { .kind = TILE_ENTRIES, .index = last / TILE_WIDTH, .width = (unsigned)(last % TILE_WIDTH) + 1 };
	struct complaint why;

	if (!tiles_put(log->tiles, &tile, buf_span(&log->bundle), &why))
		abort();
	if (tile.width == TILE_WIDTH)
		buf_clear(&log->bundle);
}

/* One leaf, not in the files before log_sample_batch(); returns its number. */
static inline uint64_t log_sample_append(struct log_sample *log, const unsigned char bytes[LEAF_BYTES])
{
	struct edge_sink sink = { .put = log_sample_put, .ctx = log };
	struct merkle_hash leaf = merkle_leaf(span_from(bytes, LEAF_BYTES));

	bundle_add(&log->bundle, span_from(bytes, LEAF_BYTES));
	if (!edge_append(log->edge, &leaf, &sink))
		abort();
	if (log->edge->size % TILE_WIDTH == 0)
		log_sample_put_bundle(log);
	return log->edge->size - 1;
}

/* A leaf of that tip, of the journal's next event. */
static inline uint64_t log_sample_tip(struct log_sample *log, const struct receipt_code *code, enum leaf_class class)
{
	struct leaf_place place = { .log = span_of(log->name), .number = ++log->journal };
	unsigned char salt[LEAF_SALT_BYTES], seed[LEAF_SEED_BYTES], bytes[LEAF_BYTES];
	struct leaf_values values = { .at = { [LEAF_EVENT] = SPAN("accepted") } };

	leaf_salt(log_sample_secret, &place, salt);
	leaf_seed_of_tip(code, seed);
	leaf_make(&(struct leaf_input){ .class = class, .day = leaf_day(LOG_SAMPLE_START), .salt = salt, .seed = seed,
					.values = &values }, bytes);
	return log_sample_append(log, bytes);
}

static inline void log_sample_dummies(struct log_sample *log, size_t n)
{
	struct leaf_batch batch = { .log = span_of(log->name), .before = log->edge->size, .day = leaf_day(LOG_SAMPLE_START) };
	unsigned char bytes[LEAF_BYTES];

	for (size_t i = 0; i < n; i++) {
		leaf_dummy(log_sample_secret, &batch, i, bytes);
		log_sample_append(log, bytes);
	}
}

/* What was appended becomes a batch, half a minute behind the last one; its checkpoint is published when `publish` says so. */
static inline void log_sample_batch(struct log_sample *log, bool publish)
{
	struct edge_sink sink = { .put = log_sample_put, .ctx = log };
	struct tiles_batch batch = { .number = ++log->batches, .before = log->before, .size = log->edge->size, .journal = log->journal };
	struct checkpoint checkpoint = { .origin = note_key_name(&log->signer.key), .head.size = log->edge->size };
	struct frontier frontier;
	struct buf text = { 0 }, note = { 0 };
	struct complaint why;

	if (!edge_flush(log->edge, &sink))
		abort();
	if (log->edge->size % TILE_WIDTH > 0)
		log_sample_put_bundle(log);
	edge_frontier(log->edge, &frontier);
	checkpoint.head.root = batch.root = frontier_root(&frontier);
	batch.at_ms = log->start_ms + (int64_t)(batch.number - 1) * 30000;
	checkpoint_write(&checkpoint, &text);
	buf_add_span(&note, buf_span(&text));
	buf_add_byte(&note, '\n');
	note_sign(&log->signer, buf_span(&text), 0, &note);
	if (!tiles_put_batch(log->tiles, &batch, &why) || !tiles_sync(log->tiles, &why) ||
	    (publish && !tiles_put_checkpoint(log->tiles, buf_span(&note), &why)))
		abort();
	log->before = log->edge->size;
	buf_release(&text);
	buf_release(&note);
}

#endif
