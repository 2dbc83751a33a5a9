/*
 * Proofs as text; see proof.h.
 */
#include "daemon/tlog/proof.h"

#include "daemon/base/base64.h"
#include "daemon/tlog/line.h"

#include <assert.h>

#define FIRST_LINE "c2sp.org/tlog-proof@v1"

void proof_write(const struct proof *proof, struct buf *out)
{
	assert(proof->extra.len <= PROOF_EXTRA_MAX);
	buf_add_text(out, FIRST_LINE "\n");
	if (proof->extra.len > 0) {
		buf_add_text(out, "extra ");
		base64_add(out, proof->extra.at, proof->extra.len);
		buf_add_byte(out, '\n');
	}
	buf_add_text(out, "index ");
	buf_add_u64(out, proof->index);
	buf_add_byte(out, '\n');
	for (size_t i = 0; i < proof->path.n; i++)
		line_add_hash(out, &proof->path.hashes[i]);
	buf_add_byte(out, '\n');
	buf_add_span(out, proof->checkpoint);
}

/* The line's value when it starts with that word and a space. */
static bool value_of(struct span line, struct span word, struct span *value)
{
	*value = span_from_offset(line, word.len);
	return span_starts(line, word);
}

static bool read_extra(struct span value, struct arena *arena, struct proof *proof)
{
	unsigned char *bytes = arena_alloc(arena, PROOF_EXTRA_MAX);
	size_t len;

	if (!line_base64(value, bytes, PROOF_EXTRA_MAX, &len) || len == 0)
		return false;
	proof->extra = span_from(bytes, len);
	return true;
}

/* Hashes up to the empty line. */
static bool read_path(struct span *rest, struct tree_proof *path)
{
	struct span line;

	while (line_next(rest, &line)) {
		if (line.len == 0)
			return true;
		if (path->n == MERKLE_PATH_MAX || !line_hash(line, &path->hashes[path->n]))
			return false;
		path->n++;
	}
	return false;
}

bool proof_parse(struct span text, struct arena *arena, struct proof *proof)
{
	struct span rest = text, line, value;
	struct note note;

	*proof = (struct proof){ .index = 0 };
	if (text.len > PROOF_BYTES_MAX || !line_next(&rest, &line) || !span_is(line, FIRST_LINE) || !line_next(&rest, &line))
		return false;
	if (value_of(line, SPAN("extra "), &value) && (!read_extra(value, arena, proof) || !line_next(&rest, &line)))
		return false;
	if (!value_of(line, SPAN("index "), &value) || !line_number(value, &proof->index) || !read_path(&rest, &proof->path))
		return false;
	proof->checkpoint = rest;
	return note_parse(rest, &note);
}

enum proof_verdict proof_verify(const struct proof *proof, const struct merkle_hash *leaf, const struct quorum *quorum,
				struct quorum_finding *finding)
{
	const struct tree_head *head = &finding->checkpoint.head;

	quorum_judge(quorum, proof->checkpoint, finding);
	if (finding->verdict != QUORUM_MET && finding->verdict != QUORUM_MISSING)
		return PROOF_CHECKPOINT;
	if (!merkle_verify(leaf, proof->index, head->size, proof->path.hashes, proof->path.n, &head->root))
		return PROOF_PATH;
	return finding->verdict == QUORUM_MET ? PROOF_HOLDS : PROOF_QUORUM;
}
