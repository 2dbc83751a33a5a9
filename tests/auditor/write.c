/*
 * Writes a log as the daemon's parts write it, for a verifier that is not ours.
 *
 *   write DIR SIZE STEP
 *
 * Grows an empty log by STEP leaves at a time up to SIZE; after each step tiles,
 * entry bundles and DIR/checkpoints/SIZE are there. Then DIR/checkpoint, the
 * keys (DIR/key, DIR/witness), DIR/proofs with proofs of many leaves and sizes,
 * made from the files, a line each:
 *
 *   inclusion SIZE INDEX HASH...
 *   consistency OLD SIZE HASH...
 *
 * and DIR/receipts/INDEX.tlog-proof with DIR/receipts/INDEX.leaf, and
 * DIR/opened, a line "INDEX OPENING" for each of the first 512 leaves. The first half of
 * the leaves is opened as a month, the other as the next: DIR/openings.
 */
#include "daemon/sys/files.h"
#include "daemon/tlog/bundle.h"
#include "daemon/tlog/edge.h"
#include "daemon/tlog/frontier.h"
#include "daemon/tlog/leaf.h"
#include "daemon/tlog/openings.h"
#include "daemon/tlog/proof.h"

#include "daemon/base/base64.h"

#include <stdio.h>
#include <stdlib.h>

#define ORIGIN "tips.example/log/15"
#define PATH_SIZE 512

struct log {
	const char *dir;
	uint64_t size, step;
	struct edge edge;
	struct frontier frontier;
	struct buf bundle;              /* the open one */
	struct note_signer signer, witness;
	struct buf proofs;
	struct arena arena;
};

static const unsigned char secret[LEAF_KEY_BYTES] = "the secret of a log for tests";

static void die(const char *what, const struct complaint *why)
{
	fprintf(stderr, "write: %s: %s\n", what, why != NULL ? why->text : "");
	exit(1);
}

static void put_file(const struct log *log, struct span path, struct span bytes)
{
	char whole[PATH_SIZE];
	struct complaint why;
	char *slash;

	snprintf(whole, sizeof(whole), "%s/%.*s", log->dir, (int)path.len, path.at);
	slash = strrchr(whole, '/');
	*slash = '\0';
	if (!files_make_dir(whole, &why))
		die(whole, &why);
	*slash = '/';
	remove(whole);
	if (!files_append(whole, bytes, 0644, &why))
		die(whole, &why);
}

static const struct leaf_values closed = { .at = { [LEAF_EVENT] = SPAN_INIT("closed"), [LEAF_OUTCOME] = SPAN_INIT("verified"),
						  [LEAF_PROVINCE] = SPAN_INIT("150000"), [LEAF_PREFECTURE] = SPAN_INIT("150600") } };
static const struct leaf_values accepted = { .at = { [LEAF_EVENT] = SPAN_INIT("accepted"), [LEAF_PROVINCE] = SPAN_INIT("150000"),
						    [LEAF_PREFECTURE] = SPAN_INIT("150600"), [LEAF_COUNTY] = SPAN_INIT("150621") } };
static const struct leaf_values looked = { .at = { [LEAF_EVENT] = SPAN_INIT("first_look"), [LEAF_PROVINCE] = SPAN_INIT("150000"),
						  [LEAF_WAITED] = SPAN_INIT("7") } };

/* The leaf of any number: every third one a dummy, tips and office events between. Returns what it commits to. */
static const struct leaf_values *make_leaf(uint64_t number, unsigned char seed[LEAF_SEED_BYTES], unsigned char bytes[LEAF_BYTES])
{
	struct leaf_place place = { .log = SPAN("15"), .number = number };
	struct leaf_batch batch = { .log = SPAN("15"), .before = number, .day = 20778 };
	struct receipt_code code = { .digits = "150000000000000000000000" };
	const struct leaf_values *values = number % 5 == 1 ? &accepted : number % 5 == 2 ? &looked : &closed;
	unsigned char salt[LEAF_SALT_BYTES];

	if (number % 3 == 0) {
		leaf_dummy(secret, &batch, 0, bytes);
		leaf_dummy_seed(secret, &batch, 0, seed);
		return &leaf_dummy_values;
	}
	leaf_salt(secret, &place, salt);
	snprintf(code.digits, sizeof(code.digits), "15%022llu", (unsigned long long)number / 5);
	leaf_seed_of_tip(&code, seed);
	leaf_make(&(struct leaf_input){ .class = number % 5 == 1 ? LEAF_RECEIVED : LEAF_WORK, .day = 20778, .salt = salt,
					.seed = seed, .values = values }, bytes);
	return values;
}

static bool put_tile(void *ctx, const struct tile *tile, const struct merkle_hash *hashes)
{
	char path[TILE_PATH_MAX];

	put_file(ctx, tile_path(tile, path), span_from(hashes, tile->width * sizeof(*hashes)));
	return true;
}

static void put_bundle(struct log *log)
{
	uint64_t last = log->edge.size - 1;
	struct tile tile = { .kind = TILE_ENTRIES, .index = last / TILE_WIDTH, .width = (unsigned)(last % TILE_WIDTH) + 1 };
	char path[TILE_PATH_MAX];

	put_file(log, tile_path(&tile, path), buf_span(&log->bundle));
}

static void append(struct log *log, const struct edge_sink *sink)
{
	unsigned char bytes[LEAF_BYTES], seed[LEAF_SEED_BYTES];
	struct merkle_hash leaf;

	make_leaf(log->edge.size, seed, bytes);
	leaf = merkle_leaf(span_from(bytes, sizeof(bytes)));
	frontier_append(&log->frontier, &leaf);
	bundle_add(&log->bundle, span_from(bytes, sizeof(bytes)));
	if (!edge_append(&log->edge, &leaf, sink))
		die("append", NULL);
	if (log->edge.size % TILE_WIDTH == 0) {
		put_bundle(log);
		buf_clear(&log->bundle);
	}
}

static void sign(const struct log *log, struct buf *note)
{
	struct checkpoint checkpoint = { .origin = SPAN(ORIGIN), .head = { .size = log->edge.size } };
	struct buf text = { 0 };

	checkpoint.head.root = frontier_root(&log->frontier);
	checkpoint_write(&checkpoint, &text);
	buf_add_span(note, buf_span(&text));
	buf_add_byte(note, '\n');
	note_sign(&log->signer, buf_span(&text), 0, note);
	note_sign(&log->witness, buf_span(&text), 1795219200 + log->edge.size, note);
	buf_release(&text);
}

/* --- proofs from the files ------------------------------------------------------------------------ */

static bool read_tiles(void *ctx, const struct tile *tiles, size_t n, struct merkle_hash *const *hashes)
{
	const struct log *log = ctx;

	for (size_t i = 0; i < n; i++) {
		char path[TILE_PATH_MAX], whole[PATH_SIZE];
		size_t wanted = tiles[i].width * sizeof(struct merkle_hash);
		struct span name = tile_path(&tiles[i], path);
		struct buf bytes = { 0 };
		struct complaint why;

		snprintf(whole, sizeof(whole), "%s/%.*s", log->dir, (int)name.len, name.at);
		if (!files_read(whole, wanted, &bytes, &why) || bytes.len != wanted)
			die(whole, &why);
		memcpy(hashes[i], bytes.at, wanted);
		buf_release(&bytes);
	}
	return true;
}

static void add_hashes(struct buf *out, const struct tree_proof *proof)
{
	for (size_t i = 0; i < proof->n; i++) {
		buf_add_byte(out, ' ');
		base64_add(out, proof->hashes[i].bytes, MERKLE_HASH_BYTES);
	}
	buf_add_byte(out, '\n');
}

static void prove_leaf(struct log *log, const struct tree_reader *reader, uint64_t index, uint64_t size)
{
	struct tree_proof proof;

	if (!tree_inclusion(reader, index, size, &log->arena, &proof))
		die("inclusion", NULL);
	buf_printf(&log->proofs, "inclusion %llu %llu", (unsigned long long)size, (unsigned long long)index);
	add_hashes(&log->proofs, &proof);
	arena_clear(&log->arena);
}

static void prove_growth(struct log *log, const struct tree_reader *reader, uint64_t old, uint64_t size)
{
	struct tree_proof proof;

	if (old == 0 || !tree_consistency(reader, old, size, &log->arena, &proof))
		return;
	buf_printf(&log->proofs, "consistency %llu %llu", (unsigned long long)old, (unsigned long long)size);
	add_hashes(&log->proofs, &proof);
	arena_clear(&log->arena);
}

static void prove(struct log *log, const struct tree_reader *reader, uint64_t size)
{
	const uint64_t at[] = { 0, size / 2, size / 3, size - 1, size % 7 % size };

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		prove_leaf(log, reader, at[i], size);
		prove_growth(log, reader, at[i], size);
	}
}

static void put_receipt(struct log *log, const struct tree_reader *reader, uint64_t index, const struct buf *note)
{
	struct proof proof = { .index = index, .extra = SPAN("kept with it"), .checkpoint = buf_span(note) };
	unsigned char bytes[LEAF_BYTES], seed[LEAF_SEED_BYTES];
	struct buf text = { 0 };
	char path[64];

	if (!tree_inclusion(reader, index, reader->size, &log->arena, &proof.path))
		die("receipt", NULL);
	proof_write(&proof, &text);
	snprintf(path, sizeof(path), "receipts/%llu.tlog-proof", (unsigned long long)index);
	put_file(log, span_of(path), buf_span(&text));
	make_leaf(index, seed, bytes);
	snprintf(path, sizeof(path), "receipts/%llu.leaf", (unsigned long long)index);
	put_file(log, span_of(path), span_from(bytes, sizeof(bytes)));
	buf_release(&text);
}

/* A line "INDEX OPENING" per leaf, each with other fields open. */
static void put_openings(const struct log *log)
{
	unsigned char bytes[LEAF_BYTES], seed[LEAF_SEED_BYTES];
	struct buf text = { 0 };
	struct leaf leaf;

	for (uint64_t i = 0; i < log->size && i <= LEAF_OPEN_ALL; i++) {
		const struct leaf_values *of = make_leaf(i, seed, bytes);

		if (!leaf_parse(span_from(bytes, sizeof(bytes)), &leaf))
			die("leaf", NULL);
		buf_printf(&text, "%llu ", (unsigned long long)i);
		leaf_opening_write(seed, leaf.salt, of, (unsigned)i, &text);
		buf_add_byte(&text, '\n');
	}
	put_file(log, SPAN("opened"), buf_span(&text));
	buf_release(&text);
}

/* A month from leaf to leaf: openings, figures, and the note over both. */
static void put_month(struct log *log, const char *month, uint64_t first, uint64_t end, const struct merkle_hash *root)
{
	struct figures_leaf *leaves = arena_array(&log->arena, struct figures_leaf, end - first);
	struct openings_head head = { .origin = SPAN(ORIGIN), .month = span_of(month), .first = first, .end = end, .root = *root,
				      .small = FIGURES_SMALL };
	struct figures figures = { .origin = head.origin, .month = head.month };
	struct buf file = { 0 }, table = { 0 }, note = { 0 }, text = { 0 };
	unsigned char bytes[LEAF_BYTES], seed[LEAF_SEED_BYTES];
	char path[64];

	for (uint64_t i = first; i < end; i++) {
		leaves[i - first] = (struct figures_leaf){ .index = i, .values = *make_leaf(i, seed, bytes) };
		leaves[i - first].class = (enum leaf_class)bytes[1];
		memcpy(&leaves[i - first].draw, seed, sizeof(leaves[i - first].draw));
	}
	figures_plan(leaves, end - first, FIGURES_SMALL, &log->arena);
	openings_write_head(&head, &file);
	for (uint64_t i = first; i < end; i++) {
		buf_clear(&text);
		make_leaf(i, seed, bytes);
		leaf_opening_write(seed, bytes + 4, &leaves[i - first].values, leaves[i - first].open, &text);
		if (leaves[i - first].open != 0)
			openings_write_leaf(i, buf_span(&text), &file);
	}
	if (!figures_count(leaves, end - first, &log->arena, &figures))
		die("figures", NULL);
	figures_write(&figures, &table);
	openings_write_note(head.origin, head.month, buf_span(&file), buf_span(&table), &note);
	buf_clear(&text);
	note_sign(&log->signer, buf_span(&note), 0, &text);
	buf_add_byte(&note, '\n');
	buf_add_span(&note, buf_span(&text));
	snprintf(path, sizeof(path), "openings/%s", month);
	put_file(log, span_of(path), buf_span(&file));
	snprintf(path, sizeof(path), "openings/%s.figures", month);
	put_file(log, span_of(path), buf_span(&table));
	snprintf(path, sizeof(path), "openings/%s.note", month);
	put_file(log, span_of(path), buf_span(&note));
	arena_clear(&log->arena);
	buf_release(&file);
	buf_release(&table);
	buf_release(&note);
	buf_release(&text);
}

static struct merkle_hash root_at(uint64_t size)
{
	unsigned char bytes[LEAF_BYTES], seed[LEAF_SEED_BYTES];
	struct frontier frontier = { .size = 0 };

	for (uint64_t i = 0; i < size; i++) {
		struct merkle_hash leaf;

		make_leaf(i, seed, bytes);
		leaf = merkle_leaf(span_from(bytes, sizeof(bytes)));
		frontier_append(&frontier, &leaf);
	}
	return frontier_root(&frontier);
}

static void put_months(struct log *log)
{
	struct merkle_hash half = root_at(log->size / 2), whole = root_at(log->size);

	put_month(log, "2026-11", 0, log->size / 2, &half);
	put_month(log, "2026-12", log->size / 2, log->size, &whole);
}

/* --- the whole -------------------------------------------------------------------------------------- */

/* One step: tiles, then the checkpoint over them, as a sealer has to. */
static void grow(struct log *log, struct buf *note)
{
	struct edge_sink sink = { .put = put_tile, .ctx = log };
	char path[64];

	for (uint64_t i = 0; i < log->step && log->edge.size < log->size; i++)
		append(log, &sink);
	if (!edge_flush(&log->edge, &sink))
		die("flush", NULL);
	if (log->edge.size % TILE_WIDTH > 0)
		put_bundle(log);
	buf_clear(note);
	sign(log, note);
	snprintf(path, sizeof(path), "checkpoints/%llu", (unsigned long long)log->edge.size);
	put_file(log, span_of(path), buf_span(note));
}

static void put_key(const struct log *log, const char *name, const struct note_key *key)
{
	char text[NOTE_KEY_TEXT_MAX];

	put_file(log, span_of(name), note_key_write(key, text));
}

static void write_log(struct log *log)
{
	struct tree_reader reader = { .read = read_tiles, .ctx = log };
	struct buf note = { 0 };

	while (log->edge.size < log->size)
		grow(log, &note);
	reader.size = log->size;
	for (uint64_t size = log->step; size <= log->size; size += log->step)
		prove(log, &reader, size);
	put_receipt(log, &reader, log->size / 2, &note);
	put_receipt(log, &reader, log->size - 1, &note);
	put_openings(log);
	put_months(log);
	put_file(log, SPAN("checkpoint"), buf_span(&note));
	put_file(log, SPAN("proofs"), buf_span(&log->proofs));
	put_key(log, "key", &log->signer.key);
	put_key(log, "witness", &log->witness.key);
	buf_release(&note);
}

int main(int argc, char **argv)
{
	static const unsigned char log_seed[NOTE_SEED_BYTES] = { 1 }, witness_seed[NOTE_SEED_BYTES] = { 2 };
	static struct log log;

	if (argc != 4) {
		fputs("usage: write DIR SIZE STEP\n", stderr);
		return 2;
	}
	log.dir = argv[1];
	if (!span_u64(span_of(argv[2]), &log.size) || !span_u64(span_of(argv[3]), &log.step) || log.size == 0 || log.step == 0) {
		fputs("write: SIZE and STEP are numbers above zero\n", stderr);
		return 2;
	}
	note_signer_make(SPAN(ORIGIN), NOTE_ED25519, log_seed, &log.signer);
	note_signer_make(SPAN("witness.example"), NOTE_COSIGNATURE, witness_seed, &log.witness);
	write_log(&log);
	buf_release(&log.bundle);
	buf_release(&log.proofs);
	arena_release(&log.arena);
	return 0;
}
