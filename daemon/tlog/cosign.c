/*
 * What a witness decides; see cosign.h.
 */
#include "daemon/tlog/cosign.h"

#include "daemon/tlog/line.h"

static bool read_old(struct span line, uint64_t *old)
{
	static const struct span word = SPAN_INIT("old ");

	return span_starts(line, word) && line_number(span_from_offset(line, word.len), old);
}

/* Hashes up to the empty line. */
static bool read_proof(struct span *rest, struct tree_proof *proof)
{
	struct span line;

	proof->n = 0;
	while (line_next(rest, &line)) {
		if (line.len == 0)
			return true;
		if (proof->n == COSIGN_PROOF_MAX || !line_hash(line, &proof->hashes[proof->n]))
			return false;
		proof->n++;
	}
	return false;
}

bool cosign_parse(struct span bytes, struct cosign_request *request)
{
	struct span rest = bytes, line;

	return bytes.len <= COSIGN_BYTES_MAX && line_next(&rest, &line) && read_old(line, &request->old) &&
	       read_proof(&rest, &request->proof) && note_parse(rest, &request->note) &&
	       checkpoint_parse(request->note.text, &request->checkpoint);
}

bool cosign_knows(const struct quorum *known, struct span origin)
{
	for (size_t i = 0; i < known->nlogs; i++)
		if (span_eq(note_key_name(&known->logs[i].key), origin))
			return true;
	return false;
}

static bool signed_by_log(const struct cosign_request *request, const struct quorum *known)
{
	bool well = false;

	for (size_t i = 0; i < known->nlogs; i++) {
		const struct note_key *key = &known->logs[i].key;

		if (!span_eq(note_key_name(key), request->checkpoint.origin))
			continue;
		switch (note_check(&request->note, key, NULL)) {
		case NOTE_SIGNED:
			well = true;
			break;
		case NOTE_ABSENT:
			break;
		case NOTE_FORGED:
			return false;
		}
	}
	return well;
}

static enum cosign_verdict judge_growth(const struct cosign_request *request, const struct tree_head *head)
{
	const struct tree_head *now = &request->checkpoint.head;
	struct merkle_tree empty = { .leaves = 0 };
	struct tree_head old = *head;

	if (old.size == 0)
		old.root = merkle_root(&empty);
	if (now->size == old.size && memcmp(now->root.bytes, old.root.bytes, sizeof(old.root.bytes)) != 0)
		return COSIGN_OTHER_ROOT;
	if (!tree_consistent(&old, now, request->proof.hashes, request->proof.n))
		return COSIGN_PROOF;
	return COSIGN_SIGN;
}

enum cosign_verdict cosign_judge(const struct cosign_request *request, const struct quorum *known,
				 const struct tree_head *head)
{
	if (!cosign_knows(known, request->checkpoint.origin))
		return COSIGN_UNKNOWN;
	if (!signed_by_log(request, known))
		return COSIGN_UNSIGNED;
	if (request->old > request->checkpoint.head.size)
		return COSIGN_MALFORMED;
	if (request->old != head->size)
		return COSIGN_OTHER_SIZE;
	return judge_growth(request, head);
}
