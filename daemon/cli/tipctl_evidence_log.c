/*
 * What a pack of evidence holds of one log; see tipctl_evidence.h.
 *
 * The leaves of the batches concerned are made again from the journal, so that
 * it is known which leaf is whose; each has to stand in the files as it was made.
 */
#include "daemon/cli/tipctl_evidence.h"

#include "daemon/base/base64.h"
#include "daemon/base/hex.h"
#include "daemon/base/json_out.h"
#include "daemon/cli/tipctl_money_journal.h"
#include "daemon/cli/verify_leaves.h"
#include "daemon/sys/files.h"
#include "daemon/sys/leaf_trail.h"
#include "daemon/core/journal/event.h"

/* What tells the event and binds it to the journal's bytes; who acted stays closed. */
#define OPENED (LEAF_OPEN_ALL & ~LEAF_OPEN(LEAF_ACTOR))

struct put {
	struct evidence *evidence;
	const struct evidence_log *log;
	struct tiles *tiles;
	struct verify_leaves *leaves;
	struct checkpoint head;
	struct buf note;
	struct complaint *why;
};

static struct buf *file_of(const struct put *put, const char *name)
{
	char path[PACK_NAME_MAX + 1];

	snprintf(path, sizeof(path), "%s/%s", put->log->name, name);
	return pack_file(&put->evidence->pack, path);
}

static void put_events(const struct put *put)
{
	struct buf *out = file_of(put, "events.jsonl");

	for (size_t i = 0; i < put->log->n; i++)
		buf_printf(out, "{\"number\":%llu,\"event\":%.*s}\n", (unsigned long long)put->log->at[i].number,
			   (int)put->log->at[i].json.len, put->log->at[i].json.at);
}

static void put_batch(const struct put *put, const struct tiles_batch *batch)
{
	struct buf *out = file_of(put, "batches.jsonl");
	struct json_out json = json_out_to(out);
	char root[2 * MERKLE_HASH_BYTES];

	hex_put(batch->root.bytes, MERKLE_HASH_BYTES, root);
	json_open(&json, '{');
	json_u64(&json, "number", batch->number);
	json_u64(&json, "before", batch->before);
	json_u64(&json, "size", batch->size);
	json_u64(&json, "journal", batch->journal);
	json_i64(&json, "at", batch->at_ms);
	json_text(&json, "root", span_from(root, sizeof(root)));
	json_close(&json, '}');
	buf_add_text(out, "\n");
}

static void put_leaf(const struct put *put, const struct leaves_leaf *leaf, uint64_t index)
{
	struct buf *out = file_of(put, "leaves.jsonl");
	struct buf opening = { 0 }, text = { 0 };
	struct json_out json = json_out_to(out);

	leaves_open(leaf, OPENED, &opening);
	base64_add(&text, leaf->bytes, LEAF_BYTES);
	json_open(&json, '{');
	json_u64(&json, "number", leaf->number);
	json_u64(&json, "index", index);
	json_text(&json, "leaf", buf_span(&text));
	json_text(&json, "opening", buf_span(&opening));
	json_close(&json, '}');
	buf_add_text(out, "\n");
	buf_release(&opening);
	buf_release(&text);
}

static bool put_proof(const struct put *put, const struct leaves_leaf *leaf, uint64_t index)
{
	char name[40];
	unsigned char there[LEAF_BYTES];

	snprintf(name, sizeof(name), "proofs/%llu.tlog-proof", (unsigned long long)index);
	if (!leaf_trail_leaf(put->tiles, index, there) || memcmp(there, leaf->bytes, LEAF_BYTES) != 0)
		return complain(put->why, 0, "log %s: leaf %llu on disk is not that of entry %llu", put->log->name,
				(unsigned long long)index, (unsigned long long)leaf->number);
	return leaf_trail_prove(put->tiles, index, &put->evidence->arena, file_of(put, name)) ||
	       complain(put->why, 0, "log %s: leaf %llu is not under the published checkpoint (yet)", put->log->name,
			(unsigned long long)index);
}

static const struct leaves_leaf *leaf_of(const struct leaves *leaves, uint64_t number, uint64_t *place)
{
	for (size_t i = 0; i < leaves->n; i++) {
		if (leaves->at[i].number == number) {
			*place = i;
			return &leaves->at[i];
		}
	}
	return NULL;
}

/* The entries of one batch, from `*next` on. */
static bool put_entries(const struct put *put, uint64_t before, const struct tiles_batch *batch, size_t *next)
{
	if (*next == put->log->n || put->log->at[*next].number > batch->journal)
		return true;
	if (!verify_leaves_begin(put->leaves, before, batch, put->why))
		return false;
	put_batch(put, batch);
	for (; *next < put->log->n && put->log->at[*next].number <= batch->journal; (*next)++) {
		uint64_t place = 0;
		const struct leaves_leaf *leaf = leaf_of(verify_leaves_all(put->leaves), put->log->at[*next].number, &place);

		if (leaf == NULL)
			return complain(put->why, 0, "log %s: entry %llu has no leaf", put->log->name,
					(unsigned long long)put->log->at[*next].number);
		put_leaf(put, leaf, batch->before + place);
		if (!put_proof(put, leaf, batch->before + place))
			return false;
	}
	return true;
}

static bool put_leaves(const struct put *put)
{
	uint64_t n = tiles_batches(put->tiles), before = 0;
	struct tiles_batch batch;
	size_t next = 0;

	for (uint64_t i = 0; i < n && next < put->log->n; i++) {
		if (!tiles_batch(put->tiles, i, &batch))
			return complain(put->why, 0, "log %s: batch %llu on disk cannot be read", put->log->name, (unsigned long long)i + 1);
		if (batch.size > put->head.head.size)
			break;
		if (!put_entries(put, before, &batch, &next))
			return false;
		before = batch.journal;
	}
	return next == put->log->n || complain(put->why, 0, "log %s: entry %llu is not sealed yet; try again in a minute", put->log->name,
					       (unsigned long long)put->log->at[next].number);
}

/* Of money: what links the records, from the first of these to the last. */
static void put_link(struct put *put, uint64_t number, struct span json)
{
	struct event_member prev, hash;
	struct buf *out = file_of(put, "chain.jsonl");

	if (event_find(json, "prev", &prev) && event_find(json, "hash", &hash))
		buf_printf(out, "{\"seq\":%llu,\"prev\":\"%.*s\",\"hash\":\"%.*s\"}\n", (unsigned long long)number,
			   (int)prev.value.len, prev.value.at, (int)hash.value.len, hash.value.at);
}

static bool take_link(void *ctx, uint64_t seq, struct span json)
{
	struct put *put = ctx;

	if (seq >= put->log->at[0].number && seq <= put->log->at[put->log->n - 1].number)
		put_link(put, seq, json);
	return seq < put->log->at[put->log->n - 1].number;
}

static bool put_chain(struct put *put)
{
	const struct money_journal_reader reader = { .record = take_link, .ctx = put };

	return strcmp(put->log->name, "money") != 0 || money_journal_read(put->evidence->verify->address, &reader, put->why);
}

static bool put_key(const struct put *put, const char *dir)
{
	char path[PATH_MAX];

	return (snprintf(path, sizeof(path), "%s/key", dir) < (int)sizeof(path) ||
		complain(put->why, 0, "%.180s: the name is too long", dir)) &&
	       files_read(path, NOTE_KEY_TEXT_MAX, file_of(put, "key"), put->why);
}

static void note_origin(const struct put *put)
{
	struct evidence *evidence = put->evidence;
	struct span origin = put->head.origin;

	if (evidence->origin[0] == '\0' && origin.len > strlen(put->log->name) + 1)
		snprintf(evidence->origin, sizeof(evidence->origin), "%.*s", (int)(origin.len - strlen(put->log->name) - 1),
			 origin.at);
}

static bool put_all(struct put *put, const char *dir)
{
	if (!leaf_trail_head(put->tiles, &put->note, &put->head))
		return complain(put->why, 0, "log %s: no checkpoint is published", put->log->name);
	note_origin(put);
	buf_add_span(file_of(put, "checkpoint"), buf_span(&put->note));
	put_events(put);
	return put_key(put, dir) && put_leaves(put) && put_chain(put);
}

bool evidence_put_log(struct evidence *evidence, const struct evidence_log *log, struct complaint *why)
{
	struct put put = { .evidence = evidence, .log = log, .why = why };
	char dir[PATH_MAX];
	bool well;

	if (snprintf(dir, sizeof(dir), "%s/%s", evidence->log_dir, log->name) >= (int)sizeof(dir))
		return complain(why, 0, "%.180s: the name is too long", evidence->log_dir);
	put.tiles = tiles_open(dir, false, why);
	if (put.tiles == NULL)
		return false;
	put.leaves = verify_leaves_new(evidence->verify, log->name);
	well = put_all(&put, dir);
	verify_leaves_free(put.leaves);
	buf_release(&put.note);
	tiles_close(put.tiles);
	return well;
}
