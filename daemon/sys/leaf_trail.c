/*
 * The leaves of a tip in the files of a log; see leaf_trail.h.
 */
#include "daemon/sys/leaf_trail.h"

#include "daemon/tlog/note.h"
#include "daemon/tlog/proof.h"

const char *leaf_class_name(enum leaf_class class)
{
	static const char *const names[LEAF_CLASSES_END] = {
		[LEAF_RECEIVED] = "received", [LEAF_WORK] = "work", [LEAF_OFFICE] = "office"
	};

	return names[class];
}

struct following {
	const unsigned char *seed;
	struct leaf_trail *trail;
};

static bool try_leaf(void *ctx, uint64_t index, struct span bytes)
{
	struct following *following = ctx;
	struct leaf_trail *trail = following->trail;
	struct leaf leaf;

	trail->next = index + 1;
	if (!leaf_parse(bytes, &leaf) || !leaf_is_of(&leaf, following->seed))
		return true;
	if (trail->n < LEAF_TRAIL_MAX)
		trail->found[trail->n++] = (struct leaf_found){ .index = index, .class = leaf.class, .day = leaf.day };
	else
		trail->more = true;
	return true;
}

bool leaf_trail_follow(const struct tiles *tiles, const unsigned char *seed, uint64_t end, uint64_t tries,
		       struct leaf_trail *trail)
{
	struct following following = { .seed = seed, .trail = trail };
	uint64_t to = end;

	if (trail->next >= end)
		return true;
	if (end - trail->next > tries)
		to = trail->next + tries;
	return tiles_leaves(tiles, trail->next, to, try_leaf, &following);
}

bool leaf_trail_head(const struct tiles *tiles, struct buf *note, struct checkpoint *checkpoint)
{
	struct note parsed;

	return tiles_checkpoint(tiles, note) && note_parse(buf_span(note), &parsed) &&
	       checkpoint_parse(parsed.text, checkpoint);
}

struct keeping {
	unsigned char *bytes;
	bool well;
};

static bool keep_leaf(void *ctx, uint64_t index, struct span bytes)
{
	struct keeping *keeping = ctx;

	(void)index;
	keeping->well = bytes.len == LEAF_BYTES;
	if (keeping->well)
		memcpy(keeping->bytes, bytes.at, LEAF_BYTES);
	return true;
}

bool leaf_trail_leaf(const struct tiles *tiles, uint64_t index, unsigned char bytes[LEAF_BYTES])
{
	struct keeping keeping = { .bytes = bytes };

	return tiles_leaves(tiles, index, index + 1, keep_leaf, &keeping) && keeping.well;
}

/* --- the proof ------------------------------------------------------------------------------ */

/* A proof that does not hold is not given out: files that were damaged show here. */
static bool make_path(struct tiles *tiles, const struct tree_head *head, const unsigned char bytes[LEAF_BYTES],
		      struct arena *arena, struct proof *proof)
{
	struct tree_reader reader = tiles_reader(tiles, head->size);
	struct merkle_hash leaf = merkle_leaf(span_from(bytes, LEAF_BYTES));

	return tree_inclusion(&reader, proof->index, head->size, arena, &proof->path) &&
	       merkle_verify(&leaf, proof->index, head->size, proof->path.hashes, proof->path.n, &head->root);
}

bool leaf_trail_prove(struct tiles *tiles, uint64_t index, struct arena *arena, struct buf *out)
{
	struct proof proof = { .index = index };
	unsigned char bytes[LEAF_BYTES];
	struct checkpoint checkpoint;
	struct buf note = { 0 };
	bool well = leaf_trail_head(tiles, &note, &checkpoint) && index < checkpoint.head.size &&
		    leaf_trail_leaf(tiles, index, bytes) && make_path(tiles, &checkpoint.head, bytes, arena, &proof);

	if (well) {
		proof.extra = span_from(bytes, sizeof(bytes));
		proof.checkpoint = buf_span(&note);
		proof_write(&proof, out);
	}
	buf_release(&note);
	return well;
}
