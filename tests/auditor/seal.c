/*
 * Seals what is in a store, as the daemon's job does, for tests of those who
 * check: makes the leaves from the journal with the keys, signs, writes the
 * batches into the store and the files beside it.
 *
 *   seal SOCKET KEYS LOG NAME EVENTS
 *
 * of the log NAME ("15", "money", "audit"), EVENTS a batch, whatever is behind
 * its last batch; a batch is a millisecond younger than its youngest event.
 */
#include "daemon/core/journal/event.h"
#include "daemon/sys/leaves.h"
#include "daemon/sys/tiles.h"
#include "daemon/tlog/bundle.h"
#include "daemon/tlog/checkpoint.h"

#include "daemon/base/hex.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>

#define ORIGIN "tipline.invalid/"

struct seal {
	redisContext *redis;
	struct keys *keys;
	const char *name;
	struct tiles *tiles;
	struct edge edge;
	struct buf bundle;
	struct tiles_batch last;
	struct complaint why;
};

static void die(const struct seal *seal, const char *what)
{
	fprintf(stderr, "seal: %s: %s\n", what, seal->why.text);
	exit(1);
}

static bool put_tile(void *ctx, const struct tile *tile, const struct merkle_hash *hashes)
{
	struct seal *seal = ctx;

	return tiles_put(seal->tiles, tile, span_from(hashes, tile->width * sizeof(*hashes)), &seal->why);
}

static void put_leaves(struct seal *seal, const struct leaves *leaves)
{
	struct edge_sink sink = { .put = put_tile, .ctx = seal };

	for (size_t i = 0; i < leaves->n; i++) {
		struct span bytes = span_from(leaves->at[i].bytes, LEAF_BYTES);
		struct merkle_hash hash = merkle_leaf(bytes);
		struct tile tile = { .kind = TILE_ENTRIES, .index = seal->edge.size / TILE_WIDTH };

		bundle_add(&seal->bundle, bytes);
		tile.width = (unsigned)(seal->edge.size % TILE_WIDTH) + 1;
		if ((tile.width == TILE_WIDTH || i + 1 == leaves->n) &&
		    !tiles_put(seal->tiles, &tile, buf_span(&seal->bundle), &seal->why))
			die(seal, "bundle");
		if (tile.width == TILE_WIDTH)
			buf_clear(&seal->bundle);
		if (!edge_append(&seal->edge, &hash, &sink))
			die(seal, "tile");
	}
	if (!edge_flush(&seal->edge, &sink))
		die(seal, "tiles");
}

static void sign(struct seal *seal, const struct tiles_batch *batch, struct buf *note)
{
	char origin[64], key[NOTE_KEY_TEXT_MAX];
	struct checkpoint checkpoint = { .head = { .size = batch->size, .root = batch->root } };
	struct note_signer signer;
	struct buf text = { 0 }, line = { 0 };

	checkpoint.origin = span_from(origin, (size_t)snprintf(origin, sizeof(origin), ORIGIN "%s", seal->name));
	keys_log_signer(seal->keys, checkpoint.origin, &signer);
	checkpoint_write(&checkpoint, &text);
	buf_add_span(note, buf_span(&text));
	buf_add_text(note, "\n");
	note_sign(&signer, buf_span(&text), 0, note);
	buf_add_span(&line, note_key_write(&signer.key, key));
	buf_add_text(&line, "\n");
	if (!tiles_put_file(seal->tiles, "key", buf_span(&line), &seal->why))
		die(seal, "key");
	note_signer_release(&signer);
	buf_release(&text);
	buf_release(&line);
}

static void put_batch(struct seal *seal, const struct tiles_batch *batch, struct span note)
{
	char base[256], root[2 * MERKLE_HASH_BYTES + 1] = "";
	redisReply *reply;

	hex_put(batch->root.bytes, MERKLE_HASH_BYTES, root);
	snprintf(base, sizeof(base), "%llu %llu %llu %lld %s", (unsigned long long)batch->before,
		 (unsigned long long)batch->size, (unsigned long long)batch->journal, (long long)batch->at_ms, root);
	reply = redisCommand(seal->redis, "XADD {%s}:log %llu-0 b %s n %b", seal->name, (unsigned long long)batch->number, base,
			     note.at, note.len);
	if (reply == NULL || reply->type == REDIS_REPLY_ERROR)
		die(seal, reply != NULL ? reply->str : "XADD");
	freeReplyObject(reply);
	if (!tiles_put_batch(seal->tiles, batch, &seal->why) || !tiles_sync(seal->tiles, &seal->why) ||
	    !tiles_put_checkpoint(seal->tiles, note, &seal->why))
		die(seal, "batch");
}

static struct span field(const redisReply *fields, const char *name)
{
	for (size_t i = 0; i + 1 < fields->elements; i += 2)
		if (strcmp(fields->element[i]->str, name) == 0)
			return span_from(fields->element[i + 1]->str, fields->element[i + 1]->len);
	return (struct span){ 0 };
}

static int64_t time_of(struct span json)
{
	struct event_member member;
	uint64_t at = 0;

	if (!event_find(json, "at", &member) || !span_u64(member.value, &at))
		return 0;
	return (int64_t)at;
}

static void seal_batch(struct seal *seal, const redisReply *entries)
{
	struct leaves_event events[256];
	struct arena arena = { 0 };
	struct leaves leaves;
	struct buf note = { 0 };
	struct frontier frontier;
	struct tiles_batch batch = { .number = seal->last.number + 1, .before = seal->last.size,
				     .size = leaves_size(seal->last.size, entries->elements),
				     .journal = seal->last.journal + entries->elements, .at_ms = seal->last.at_ms };

	for (size_t i = 0; i < entries->elements; i++) {
		const redisReply *fields = entries->element[i]->element[1];

		events[i] = (struct leaves_event){ .number = seal->last.journal + 1 + i, .json = field(fields, "e"),
						   .seed = field(fields, "s") };
		if (time_of(events[i].json) >= batch.at_ms)
			batch.at_ms = time_of(events[i].json) + 1;
	}
	leaves_make(seal->keys, &(struct leaves_batch){ .log = span_of(seal->name), .before = batch.before, .size = batch.size,
							.at_ms = batch.at_ms },
		    events, entries->elements, &arena, &leaves);
	put_leaves(seal, &leaves);
	edge_frontier(&seal->edge, &frontier);
	batch.root = frontier_root(&frontier);
	sign(seal, &batch, &note);
	put_batch(seal, &batch, buf_span(&note));
	seal->last = batch;
	buf_release(&note);
	arena_release(&arena);
}

/* Where the files end. */
static void resume(struct seal *seal)
{
	struct tile tile = { .kind = TILE_ENTRIES };
	uint64_t n = tiles_batches(seal->tiles);

	if (n > 0 && !tiles_batch(seal->tiles, n - 1, &seal->last))
		die(seal, "last batch");
	tile.index = seal->last.size / TILE_WIDTH;
	tile.width = (unsigned)(seal->last.size % TILE_WIDTH);
	if (!tiles_edge(seal->tiles, seal->last.size, &seal->edge) ||
	    (tile.width > 0 && !tiles_read(seal->tiles, &tile, &seal->bundle)))
		die(seal, "files");
}

static void command(const struct seal *seal, const char *format, uint64_t number)
{
	redisReply *reply = redisCommand(seal->redis, format, seal->name, (unsigned long long)number);

	if (reply == NULL)
		die(seal, format);
	freeReplyObject(reply);
}

/* Batches of the store whose files were not written yet when the copy was made: sealed anew. */
static void drop_behind(const struct seal *seal)
{
	redisReply *last = redisCommand(seal->redis, "XREVRANGE {%s}:log + - COUNT 1", seal->name);
	uint64_t number = 0;

	if (last != NULL && last->type == REDIS_REPLY_ARRAY && last->elements == 1)
		number = strtoull(last->element[0]->element[0]->str, NULL, 10);
	if (last != NULL)
		freeReplyObject(last);
	if (number <= seal->last.number)
		return;
	for (; number > seal->last.number; number--)
		command(seal, "XDEL {%s}:log %llu-0", number);
	command(seal, "XSETID {%s}:log %llu-0", number);
}

int main(int argc, char **argv)
{
	static struct seal seal;
	char dir[4096];
	redisReply *entries;
	size_t n;

	if (argc != 6)
		return 2;
	seal.name = argv[4];
	snprintf(dir, sizeof(dir), "%s/%s", argv[3], seal.name);
	seal.redis = redisConnectUnix(argv[1]);
	seal.keys = keys_open(argv[2], false, &seal.why);
	seal.tiles = seal.keys != NULL ? tiles_open(dir, true, &seal.why) : NULL;
	if (seal.tiles == NULL || seal.redis == NULL || seal.redis->err != 0)
		die(&seal, "cannot begin");
	resume(&seal);
	drop_behind(&seal);
	do {
		entries = redisCommand(seal.redis, "XRANGE {%s}:journal %llu + COUNT %s", seal.name,
				       (unsigned long long)seal.last.journal + 1, argv[5]);
		if (entries == NULL || entries->type != REDIS_REPLY_ARRAY || entries->elements > 256)
			die(&seal, "XRANGE");
		n = entries->elements;
		if (n > 0)
			seal_batch(&seal, entries);
		freeReplyObject(entries);
	} while (n > 0);
	printf("%llu\n", (unsigned long long)seal.last.size);
	tiles_close(seal.tiles);
	keys_free(seal.keys);
	redisFree(seal.redis);
	buf_release(&seal.bundle);
	return 0;
}
