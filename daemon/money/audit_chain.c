/*
 * Checking the chain; see audit_chain.h.
 */
#include "daemon/money/audit_chain.h"

static bool follows(struct audit_chain *chain, const struct record *record)
{
	unsigned long long seq = chain->seq + 1;

	if (record->seq != seq)
		return complain(&chain->why, 0, "record %llu stands where %llu should", (unsigned long long)record->seq, seq);
	if (memcmp(record->prev, chain->head, sizeof(chain->head)) != 0)
		return complain(&chain->why, 0, "record %llu does not name the hash of the one before", seq);
	if (record->at_ms < chain->at_ms)
		return complain(&chain->why, 0, "record %llu is older than the one before", seq);
	return true;
}

bool audit_chain_take(struct audit_chain *chain, struct span json)
{
	struct arena arena = { 0 };
	struct record *record = arena_new(&arena, struct record);
	bool fits = chain->bad == 0 && record_read(json, &arena, record, &chain->why) && follows(chain, record);

	if (fits) {
		chain->seq++;
		chain->at_ms = record->at_ms;
		memcpy(chain->head, record->hash, sizeof(chain->head));
	} else if (chain->bad == 0) {
		chain->bad = chain->seq + 1;
	}
	arena_release(&arena);
	return fits;
}
