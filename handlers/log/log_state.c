/*
 * The state of a sealed log; see log_state.h.
 */
#include "handlers/log/log_state.h"

#include "daemon/sys/clock.h"

#include <sodium.h>

/* When the tree of the checkpoint was sealed. */
static bool sealed_at(const struct tiles *tiles, uint64_t size, int64_t *at_ms)
{
	struct tiles_batch batch;

	for (uint64_t n = tiles_batches(tiles); n > 0 && tiles_batch(tiles, n - 1, &batch); n--) {
		*at_ms = batch.at_ms;
		if (batch.size <= size)
			return batch.size == size;
	}
	return false;
}

/* Has the log's key signed it? The same text is looked at once, not with each request. */
static bool signed_by(struct sealed_log *log, struct span text)
{
	unsigned char hash[LOGS_CHECKED_BYTES];
	struct note note;

	crypto_generichash(hash, sizeof(hash), (const unsigned char *)text.at, text.len, NULL, 0);
	if (memcmp(hash, log->checked, sizeof(hash)) == 0)
		return true;
	if (!note_parse(text, &note) || note_check(&note, &log->key, NULL) != NOTE_SIGNED)
		return false;
	memcpy(log->checked, hash, sizeof(hash));
	return true;
}

void log_state_read(struct logs *logs, struct sealed_log *log, struct log_state *state)
{
	const struct tiles *tiles = logs_tiles(logs, log);
	struct checkpoint checkpoint = { .head = { .size = 0 } };
	struct buf note = { 0 };

	*state = (struct log_state){ .any = tiles != NULL && leaf_trail_head(tiles, &note, &checkpoint) };
	if (state->any) {
		state->size = checkpoint.head.size;
		state->root = checkpoint.head.root;
		state->is_signed = signed_by(log, buf_span(&note));
		state->dated = sealed_at(tiles, state->size, &state->sealed_ms);
	}
	buf_release(&note);
	state->known = logs_health(logs, log, &state->health);
}

static void put_time(struct json_out *json, const char *name, bool known, int64_t at_ms)
{
	char text[21];

	if (!known) {
		json_none(json, name);
		return;
	}
	clock_text(at_ms, text);
	json_text(json, name, span_of(text));
}

void log_state_put(const struct log_state *state, struct json_out *json)
{
	const struct log_health *health = &state->health;

	put_time(json, "sealed", state->dated, state->sealed_ms);
	if (!state->known) {
		json_none(json, "refusing");
		json_none(json, "quorum");
		json_none(json, "quorum_missing_since");
		return;
	}
	json_bool(json, "refusing", health->refusing);
	if (health->wants_quorum)
		json_bool(json, "quorum", health->quorum);
	else
		json_none(json, "quorum");
	put_time(json, "quorum_missing_since", health->wants_quorum && health->missing_since_ms != 0, health->missing_since_ms);
}
