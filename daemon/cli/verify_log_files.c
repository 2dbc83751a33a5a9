/*
 * V6, the files of a log: every leaf is hashed again and the tree held against
 * each batch, those of the store too; the published checkpoint is signed by
 * the key beside it. With the keys each leaf is made again from the journal.
 */
#include "daemon/cli/verify_leaves.h"
#include "daemon/cli/verify_log.h"
#include "daemon/sys/files.h"
#include "daemon/tlog/checkpoint.h"
#include "daemon/tlog/frontier.h"
#include "daemon/tlog/note.h"

#include <limits.h>
#include <sys/stat.h>

struct files {
	struct verify *verify;
	struct verify_result *result;
	const struct verify_log_state *log;
	struct tiles *tiles;
	struct frontier frontier;
	struct verify_leaves *leaves;   /* with keys, else NULL */
	bool remade;                    /* those of the batch at hand: its events could be read */
	bool stopped;                   /* nothing behind it can be relied on */
};

static void found(struct files *f, const char *what, uint64_t number, const char *why)
{
	verify_found(f->result, (struct span){ 0 }, "log %s on disk: %s %llu %s", f->log->name, what,
		     (unsigned long long)number, why);
}

static bool take_leaf(void *ctx, uint64_t index, struct span bytes)
{
	struct files *f = ctx;
	struct merkle_hash leaf = merkle_leaf(bytes);

	frontier_append(&f->frontier, &leaf);
	if (!f->remade || verify_leaves_take(f->leaves, bytes))
		return true;
	found(f, "leaf", index, "is not that of its event");
	f->stopped = true;
	return false;
}

static const struct tiles_batch *in_store(const struct verify_log_state *log, uint64_t number)
{
	if (log->n == 0 || number < log->batches[0].number || number - log->batches[0].number >= log->n)
		return NULL;
	return &log->batches[number - log->batches[0].number];
}

static bool same(const struct tiles_batch *a, const struct tiles_batch *b)
{
	return a->before == b->before && a->size == b->size && a->journal == b->journal && a->at_ms == b->at_ms &&
	       memcmp(a->root.bytes, b->root.bytes, MERKLE_HASH_BYTES) == 0;
}

/* One batch: as the store has it, and its leaves lead to its root. */
static void look_at_batch(struct files *f, const struct tiles_batch *before, const struct tiles_batch *batch)
{
	const struct tiles_batch *other = in_store(f->log, batch->number);
	const char *why = verify_batch_follows(before, batch);
	struct merkle_hash root;
	struct complaint lost;

	f->result->looked++;
	if (why != NULL)
		found(f, "batch", batch->number, why);
	if (other != NULL && !same(batch, other))
		found(f, "batch", batch->number, "is another one than in the store");
	f->remade = f->leaves != NULL && verify_leaves_begin(f->leaves, before != NULL ? before->journal : 0, batch, &lost);
	/* A batch that is none was found above. */
	if (f->leaves != NULL && !f->remade && why == NULL)
		verify_lost(f->result, lost.text);
	if (!tiles_leaves(f->tiles, batch->before, batch->size, take_leaf, f) && !f->stopped) {
		found(f, "batch", batch->number, "lacks leaves: a file is missing or cut");
		f->stopped = true;
	}
	if (f->stopped)
		return;
	root = frontier_root(&f->frontier);
	if (memcmp(root.bytes, batch->root.bytes, MERKLE_HASH_BYTES) != 0) {
		found(f, "batch", batch->number, "has another root than its leaves");
		f->stopped = true;
	}
}

static void look_at_batches(struct files *f)
{
	struct tiles_batch before, batch;
	uint64_t n = f->log->on_disk;

	for (uint64_t i = 0; i < n && !f->stopped; i++) {
		if (!tiles_batch(f->tiles, i, &batch)) {
			found(f, "batch", i + 1, "cannot be read");
			return;
		}
		look_at_batch(f, i > 0 ? &before : NULL, &batch);
		before = batch;
		replay_progress(&f->verify->replay, "batches on disk", i, n);
	}
	/* Whoever follows the store may be some batches behind; the store is never behind the files. */
	if (!f->stopped && n > 0 && (f->log->n == 0 || f->log->batches[f->log->n - 1].number < before.number))
		found(f, "batch", before.number, "is not in the store: it is behind what was published");
}

/* --- the published checkpoint -------------------------------------------------------------------- */

static bool read_key(const struct files *f, struct note_key *key)
{
	char path[PATH_MAX];
	struct complaint why;
	struct buf text = { 0 };
	struct span rest, line;
	bool well = snprintf(path, sizeof(path), "%s/%s/key", f->verify->log_dir, f->log->name) < (int)sizeof(path) &&
		    files_read(path, NOTE_KEY_TEXT_MAX, &text, &why);

	rest = buf_span(&text);
	well = well && span_cut(&rest, '\n', &line) && note_key_parse(line, key);
	buf_release(&text);
	return well;
}

static const char *judge_checkpoint(const struct files *f, struct span bytes, const struct note_key *key)
{
	struct checkpoint checkpoint;
	struct tiles_batch batch;
	struct note note;

	if (!note_parse(bytes, &note) || !checkpoint_parse(note.text, &checkpoint))
		return "cannot be read";
	if (note_check(&note, key, NULL) != NOTE_SIGNED)
		return "is not signed by the key beside it";
	for (uint64_t i = tiles_batches(f->tiles); i > 0; i--)
		if (tiles_batch(f->tiles, i - 1, &batch) && batch.size == checkpoint.head.size)
			return memcmp(batch.root.bytes, checkpoint.head.root.bytes, MERKLE_HASH_BYTES) == 0 ? NULL :
												       "has another root";
	return "is of no batch on disk";
}

static void look_at_checkpoint(struct files *f)
{
	struct buf bytes = { 0 };
	struct note_key key;
	const char *why;

	if (!tiles_checkpoint(f->tiles, &bytes)) {
		buf_release(&bytes);
		return;
	}
	why = read_key(f, &key) ? judge_checkpoint(f, buf_span(&bytes), &key) : "has no key beside it";
	if (why != NULL)
		verify_found(f->result, (struct span){ 0 }, "log %s on disk: the checkpoint %s", f->log->name, why);
	buf_release(&bytes);
}

static bool is_there(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* NULL: the log is not on disk, or cannot be opened (`why` is not empty then). */
static struct tiles *open_log(const struct verify *verify, const char *log, struct complaint *why)
{
	char dir[PATH_MAX];

	why->text[0] = '\0';
	if (verify->log_dir == NULL || snprintf(dir, sizeof(dir), "%s/%s", verify->log_dir, log) >= (int)sizeof(dir) || !is_there(dir))
		return NULL;
	return tiles_open(dir, false, why);
}

uint64_t verify_log_on_disk(const struct verify *verify, const char *log)
{
	struct complaint why;
	struct tiles *tiles = open_log(verify, log, &why);
	uint64_t n = tiles != NULL ? tiles_batches(tiles) : 0;

	if (tiles != NULL)
		tiles_close(tiles);
	return n;
}

void verify_log_files(struct verify *verify, struct verify_result *result, const struct verify_log_state *log)
{
	struct files f = { .verify = verify, .result = result, .log = log };
	struct complaint why;

	f.tiles = open_log(verify, log->name, &why);
	if (f.tiles == NULL) {
		if (why.text[0] != '\0')
			verify_found(result, (struct span){ 0 }, "log %s on disk: %s", log->name, why.text);
		return;
	}
	if (verify->keys != NULL)
		f.leaves = verify_leaves_new(verify, log->name);
	look_at_batches(&f);
	look_at_checkpoint(&f);
	if (f.leaves != NULL)
		verify_leaves_free(f.leaves);
	tiles_close(f.tiles);
}
