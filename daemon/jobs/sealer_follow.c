/*
 * The sealer follows: holds what the store has of a log against what was
 * followed and signed here, and takes in batch by batch.
 */
#include "daemon/jobs/sealer_inside.h"

#include "daemon/sys/clock.h"
#include "daemon/sys/log.h"
#include "daemon/tlog/checkpoint.h"
#include "daemon/tlog/note.h"

#define BATCHES_AT_ONCE 64
#define REFUSED_LOOKS 5       /* a log that is refused is looked at so many times more rarely */

static void follow(struct sealer *sealer);

static bool same_root(const struct tiles_batch *ours, const struct store_batch *batch)
{
	return memcmp(ours->root.bytes, batch->root, STORE_HASH_BYTES) == 0;
}

/* --- is the store where it was? ----------------------------------------------------------------------- */

#define BEHIND "the store has %llu batches and %llu were %s here: it is an older copy"

/* The first batch of the answer is the last one that was followed, or the one behind it. */
static bool begins_well(struct sealer *sealer, const struct store_reply *reply)
{
	const struct tiles_batch *last = &sealer_tree(sealer)->last;
	const struct store_batch *first = reply->batches;

	if (reply->nbatches == 0)
		return true;
	if (first->number > last->number + 1)
		sealer_stop_log(sealer, false, "batches %llu to %llu are not in the store any more: copy the log's directory "
					       "from another process",
				(unsigned long long)last->number + 1, (unsigned long long)first->number - 1);
	else if (first->number == last->number && (first->size != last->size || !same_root(last, first)))
		sealer_stop_log(sealer, false, "batch %llu of the store is another than the one that was followed here",
				(unsigned long long)last->number);
	else
		return true;
	return false;
}

static bool is_where_it_was(struct sealer *sealer, const struct store_reply *reply)
{
	const struct sealer_tree *tree = sealer_tree(sealer);
	const struct tiles_batch *last = &tree->last, *attempt = &tree->attempt;

	if (reply->count < last->number)
		sealer_stop_log(sealer, false, BEHIND, (unsigned long long)reply->count, (unsigned long long)last->number,
				"followed");
	else if (reply->count + 1 < attempt->number)
		sealer_stop_log(sealer, false, BEHIND, (unsigned long long)reply->count,
				(unsigned long long)attempt->number, "signed");
	else if (reply->rev < last->journal)
		sealer_stop_log(sealer, false, "the journal ends at event %llu and is sealed up to %llu",
				(unsigned long long)reply->rev, (unsigned long long)last->journal);
	else if (reply->count + 1 == attempt->number && reply->rev < attempt->journal)
		sealer_stop_log(sealer, false, "the journal ends at event %llu and was signed up to %llu",
				(unsigned long long)reply->rev, (unsigned long long)attempt->journal);
	else
		return begins_well(sealer, reply);
	return false;
}

/* --- a batch -------------------------------------------------------------------------------------------- */

static bool is_signed(const struct sealer_tree *tree, const struct store_batch *batch)
{
	struct checkpoint checkpoint;
	struct note note;

	return note_parse(batch->note, &note) && note_check(&note, &tree->key, NULL) == NOTE_SIGNED &&
	       checkpoint_parse(note.text, &checkpoint) && span_is(checkpoint.origin, tree->origin) &&
	       checkpoint.head.size == batch->size && memcmp(checkpoint.head.root.bytes, batch->root, STORE_HASH_BYTES) == 0;
}

/* NULL: it may follow the last one, as far as that can be told without the journal. */
static const char *fault_of(const struct sealer_tree *tree, const struct store_batch *batch)
{
	const struct tiles_batch *last = &tree->last;

	if (batch->number != last->number + 1 || batch->before != last->size || batch->journal < last->journal ||
	    batch->at_ms < last->at_ms)
		return "it does not follow the one before";
	if (batch->journal - last->journal > LEAVES_EVENTS_MAX || batch->size > LOG_SIZE_MAX ||
	    batch->size != leaves_size(batch->before, (size_t)(batch->journal - last->journal)))
		return "it has not the leaves that its events make";
	if (!is_signed(tree, batch))
		return "its checkpoint is not one of this log, or is not signed with log.key";
	return NULL;
}

static void differs(struct sealer *sealer, uint64_t number, const char *why)
{
	struct complaint disk;

	log_event(LOG_LEVEL_ERROR, "log.differs", "log", sealer_tree(sealer)->name, "batch", log_u64(number), "why", why,
		  NULL);
	sealer_tree_resume(sealer_tree(sealer), &disk);
	sealer_stop_log(sealer, true, "batch %llu: %s", (unsigned long long)number, why);
}

static void remember_fate(struct sealer *sealer, const struct store_batch *batch)
{
	const struct tiles_batch *attempt = &sealer_tree(sealer)->attempt;

	if (batch->number != attempt->number || same_root(attempt, batch))
		return;
	sealer->figures.overtaken++;
	log_event(LOG_LEVEL_NOTICE, "log.overtaken", "log", sealer_tree(sealer)->name, "batch", log_u64(batch->number), NULL);
}

static void taken_in(struct sealer *sealer, const struct store_batch *batch)
{
	struct sealer_tree *tree = sealer_tree(sealer);

	sealer->figures.followed++;
	sealer->figures.leaves += batch->size - batch->before;
	remember_fate(sealer, batch);
	if (tree->unsealed_since_ms != 0 && batch->journal >= tree->journal)
		tree->unsealed_since_ms = 0;
	else if (tree->unsealed_since_ms != 0 && tree->unsealed_since_ms < batch->at_ms)
		tree->unsealed_since_ms = batch->at_ms;
}

static void commit(void *ctx)
{
	struct sealer *sealer = ctx;
	const struct store_batch *batch = &sealer->batches[sealer->next];
	struct tiles_batch record = { .number = batch->number, .before = batch->before, .size = batch->size,
				      .journal = batch->journal, .at_ms = batch->at_ms };
	uint64_t began_ns = clock_steady_ns();
	struct complaint why;

	memcpy(record.root.bytes, batch->root, sizeof(record.root.bytes));
	if (!sealer_tree_commit(sealer_tree(sealer), &record, &why)) {
		sealer_disk_failed(sealer, &why);
		return;
	}
	sealer->figures.write_ns += clock_steady_ns() - began_ns;
	taken_in(sealer, batch);
	sealer->next++;
	follow(sealer);
}

/* The hashing and the disk are two turns of the loop. */
static void put(struct sealer *sealer)
{
	const struct store_batch *batch = &sealer->batches[sealer->next];
	uint64_t began_ns = clock_steady_ns();
	struct merkle_hash root;
	struct complaint why;

	if (!sealer_tree_put(sealer_tree(sealer), &sealer->work, &root, &why)) {
		sealer_disk_failed(sealer, &why);
		return;
	}
	if (memcmp(root.bytes, batch->root, sizeof(root.bytes)) != 0) {
		differs(sealer, batch->number, "the journal does not lead to its root");
		return;
	}
	sealer->figures.write_ns += clock_steady_ns() - began_ns;
	sealer_turn(sealer, commit);
}

/* --- the checkpoint ---------------------------------------------------------------------------------------- */

static bool is_published(const struct sealer_tree *tree)
{
	struct buf bytes = { 0 };
	struct checkpoint checkpoint;
	struct note note;
	bool same;

	same = tiles_checkpoint(tree->tiles, &bytes) && note_parse(buf_span(&bytes), &note) &&
	       note_check(&note, &tree->key, NULL) == NOTE_SIGNED && checkpoint_parse(note.text, &checkpoint) &&
	       span_is(checkpoint.origin, tree->origin) && checkpoint.head.size == tree->last.size &&
	       memcmp(checkpoint.head.root.bytes, tree->last.root.bytes, MERKLE_HASH_BYTES) == 0;
	buf_release(&bytes);
	return same;
}

static bool publish(struct sealer *sealer, const struct store_batch *batch, struct complaint *why)
{
	struct sealer_tree *tree = sealer_tree(sealer);
	const struct sealer_checkpoint checkpoint = { .log = span_of(tree->name), .origin = span_of(tree->origin),
						      .number = batch->number, .at_ms = batch->at_ms,
						      .head = { .size = tree->last.size, .root = tree->last.root },
						      .note = batch->note, .tiles = tree->tiles };

	sealer->figures.published++;
	if (sealer->env.publish == NULL)
		return tiles_put_checkpoint(tree->tiles, batch->note, why);
	sealer->env.publish(sealer->env.ctx, &checkpoint);
	return true;
}

/* The newest batch's checkpoint goes out, those before it do not: false when the disk said no. */
static bool show(struct sealer *sealer)
{
	struct sealer_tree *tree = sealer_tree(sealer);
	struct complaint why;

	for (size_t i = sealer->nbatches; i > 0 && !tree->shown; i--) {
		if (sealer->batches[i - 1].number != tree->last.number)
			continue;
		if (!is_published(tree) && !publish(sealer, &sealer->batches[i - 1], &why)) {
			sealer_disk_failed(sealer, &why);
			return false;
		}
		tree->shown = true;
	}
	return true;
}

/* --- a look --------------------------------------------------------------------------------------------------- */

static void all_followed(struct sealer *sealer)
{
	struct sealer_tree *tree = sealer_tree(sealer);

	if (!show(sealer))
		return;
	if (tree->refusing && tree->journal == tree->last.journal)
		sealer_log_holds(sealer);
	if (sealer_is_due(sealer))
		sealer_seal(sealer);
	else
		sealer_next(sealer);
}

static void follow(struct sealer *sealer)
{
	const struct sealer_tree *tree = sealer_tree(sealer);
	const struct store_batch *batch;
	const char *fault;

	while (sealer->next < sealer->nbatches && sealer->batches[sealer->next].number <= tree->last.number)
		sealer->next++;
	if (sealer->resting) {
		sealer_next(sealer);
		return;
	}
	if (sealer->next == sealer->nbatches) {
		if (tree->last.number < sealer->count)
			sealer_look(sealer);
		else
			all_followed(sealer);
		return;
	}
	batch = &sealer->batches[sealer->next];
	fault = fault_of(tree, batch);
	if (fault != NULL)
		differs(sealer, batch->number, fault);
	else
		sealer_make(sealer, batch, put);
}

static void keep(struct sealer *sealer, const struct store_reply *reply)
{
	arena_clear(&sealer->arena);
	sealer->batches = arena_array(&sealer->arena, struct store_batch, reply->nbatches);
	sealer->nbatches = reply->nbatches;
	sealer->next = 0;
	sealer->count = reply->count;
	for (size_t i = 0; i < reply->nbatches; i++) {
		sealer->batches[i] = reply->batches[i];
		sealer->batches[i].note = arena_dup(&sealer->arena, reply->batches[i].note);
	}
}

static void see_journal(struct sealer *sealer, uint64_t journal)
{
	struct sealer_tree *tree = sealer_tree(sealer);

	tree->looked = true;
	tree->journal = journal;
	if (journal <= tree->last.journal)
		tree->unsealed_since_ms = 0;
	else if (tree->unsealed_since_ms == 0)
		tree->unsealed_since_ms = sealer_wall_ms(sealer);
}

static void looked(void *ctx, const struct store_reply *reply)
{
	struct sealer *sealer = ctx;
	struct sealer_tree *tree = sealer_tree(sealer);
	uint64_t wait_ms = sealer->env.look_ms;

	if (!sealer_answered(sealer))
		return;
	tree->look_ms = loop_now_ms(sealer->env.loop) + (tree->refusing ? REFUSED_LOOKS * wait_ms : wait_ms);
	if (reply->outcome != STORE_DONE) {
		sealer->figures.failed++;
		sealer_next(sealer);
		return;
	}
	see_journal(sealer, reply->rev);
	if (tree->for_good) {
		sealer_next(sealer);
	} else if (is_where_it_was(sealer, reply)) {
		keep(sealer, reply);
		follow(sealer);
	}
}

void sealer_look(struct sealer *sealer)
{
	uint64_t last = sealer_tree(sealer)->last.number;

	sealer_submit(sealer, &(struct store_request){ .op = STORE_LOG_READ, .from = last > 0 ? last : 1,
						       .max = BATCHES_AT_ONCE },
		      looked);
}
