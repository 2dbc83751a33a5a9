/*
 * The sealer leads: a batch of the events behind the last one, on record, then
 * signed, then appended to the store.
 *
 * The clock decides when, and which logs: each has its own place in the
 * interval, so what comes in never brings a checkpoint about. An interval in
 * which nothing came gets one by a keyed chance, so that a checkpoint alone
 * does not tell that something did.
 */
#include "daemon/jobs/sealer_inside.h"

#include "daemon/sys/clock.h"
#include "daemon/sys/log.h"
#include "daemon/tlog/checkpoint.h"

/* --- when ------------------------------------------------------------------------------------------- */

int64_t sealer_slot(const struct sealer *sealer, size_t tree)
{
	int64_t interval = sealer->env.interval_ms;
	int64_t place = interval * (int64_t)tree / (int64_t)sealer->n;

	return (sealer_wall_ms(sealer) - place) / interval;
}

/* Its fate is not known: it comes before anything new. */
static bool is_pending(const struct sealer_tree *tree)
{
	return tree->attempt.number == tree->last.number + 1;
}

bool sealer_is_due(const struct sealer *sealer)
{
	struct sealer_tree *tree = &sealer->trees[sealer->at];

	if (!sealer->env.lead || !tree->held || sealer->resting)
		return false;
	if (is_pending(tree))
		return true;
	if (tree->wanted && tree->journal == tree->last.journal && !leaves_empty_drawn(sealer->env.keys, span_of(tree->name), (uint64_t)tree->slot))
		tree->wanted = false;
	return tree->wanted;
}

/* --- appending ---------------------------------------------------------------------------------------- */

static void write_note(struct sealer *sealer, struct buf *note)
{
	struct sealer_tree *tree = sealer_tree(sealer);
	const struct checkpoint checkpoint = { .origin = span_of(tree->origin),
					       .head = { .size = tree->attempt.size, .root = tree->attempt.root } };
	struct note_signer signer;
	size_t text;

	checkpoint_write(&checkpoint, note);
	text = note->len;
	buf_add_byte(note, '\n');
	keys_log_signer(sealer->env.keys, span_of(tree->origin), &signer);
	note_sign(&signer, span_from(note->at, text), 0, note);
	note_signer_release(&signer);
}

static void sealed(void *ctx, const struct store_reply *reply)
{
	struct sealer *sealer = ctx;
	struct sealer_tree *tree = sealer_tree(sealer);

	if (!sealer_answered(sealer))
		return;
	if (reply->outcome != STORE_DONE) {
		/* Unknown, or not done: the same again at the next look, unless it is there then. */
		sealer->figures.failed++;
		sealer_next(sealer);
		return;
	}
	if (reply->verdict == STORE_FENCED) {
		sealer->figures.fenced++;
		tree->held = false;
		sealer_next(sealer);
		return;
	}
	if (reply->verdict == STORE_OK || reply->verdict == STORE_ALREADY) {
		sealer->figures.sealed++;
		sealer->figures.seal_ns += clock_steady_ns() - sealer->began_ns;
		sealer_log_holds(sealer);
	}
	sealer_look(sealer);
}

static void append(struct sealer *sealer)
{
	const struct tiles_batch *attempt = &sealer_tree(sealer)->attempt;
	struct store_batch batch = { .number = attempt->number, .before = attempt->before, .size = attempt->size,
				     .journal = attempt->journal, .at_ms = attempt->at_ms };
	struct buf note = { 0 };

	write_note(sealer, &note);
	memcpy(batch.root, attempt->root.bytes, sizeof(batch.root));
	batch.note = buf_span(&note);
	sealer_submit(sealer, &(struct store_request){ .op = STORE_LOG_SEAL, .batch = &batch }, sealed);
	buf_release(&note);
}

/* --- making -------------------------------------------------------------------------------------------- */

static void made_again(struct sealer *sealer)
{
	const struct tiles_batch *attempt = &sealer_tree(sealer)->attempt;
	struct merkle_hash root = sealer_tree_root(sealer_tree(sealer), &sealer->work);

	memcpy(sealer->work.batch.root, root.bytes, sizeof(root.bytes));
	if (memcmp(root.bytes, attempt->root.bytes, sizeof(root.bytes)) == 0)
		append(sealer);
	else
		sealer_stop_log(sealer, true, "batch %llu was signed here and the journal does not lead to its root any more",
				(unsigned long long)attempt->number);
}

static void made(struct sealer *sealer)
{
	struct sealer_tree *tree = sealer_tree(sealer);
	struct store_batch *batch = &sealer->work.batch;
	struct tiles_batch attempt = { .number = batch->number, .before = batch->before, .size = batch->size,
				       .journal = batch->journal, .at_ms = batch->at_ms };
	struct complaint why;

	attempt.root = sealer_tree_root(tree, &sealer->work);
	memcpy(batch->root, attempt.root.bytes, sizeof(batch->root));
	if (!sealer_signed_write(tree->dir, &attempt, &why)) {
		sealer_disk_failed(sealer, &why);
		return;
	}
	tree->attempt = attempt;
	/* From here on it is the record that has it tried again, also when its answer is lost. */
	tree->wanted = attempt.journal - tree->last.journal == LEAVES_EVENTS_MAX && tree->journal > attempt.journal;
	append(sealer);
}

static void make_again(struct sealer *sealer)
{
	const struct tiles_batch *attempt = &sealer_tree(sealer)->attempt;
	struct store_batch batch = { .number = attempt->number, .before = attempt->before, .size = attempt->size,
				     .journal = attempt->journal, .at_ms = attempt->at_ms };

	if (attempt->before != sealer_tree(sealer)->last.size || attempt->journal < sealer_tree(sealer)->last.journal ||
	    attempt->size != leaves_size(attempt->before, (size_t)(attempt->journal - sealer_tree(sealer)->last.journal)))
		sealer_stop_log(sealer, true, "batch %llu was signed here and does not follow the last one",
				(unsigned long long)attempt->number);
	else
		sealer_make(sealer, &batch, made_again);
}

void sealer_seal(struct sealer *sealer)
{
	const struct sealer_tree *tree = sealer_tree(sealer);
	const struct tiles_batch *last = &tree->last;
	uint64_t events = tree->journal - last->journal;
	struct store_batch batch = { .number = last->number + 1, .before = last->size, .at_ms = sealer_wall_ms(sealer) };

	sealer->began_ns = clock_steady_ns();
	if (is_pending(tree)) {
		make_again(sealer);
		return;
	}
	if (events > LEAVES_EVENTS_MAX)
		events = LEAVES_EVENTS_MAX;
	batch.journal = last->journal + events;
	batch.size = leaves_size(last->size, (size_t)events);
	if (batch.at_ms < last->at_ms)
		batch.at_ms = last->at_ms;
	sealer_make(sealer, &batch, made);
}
