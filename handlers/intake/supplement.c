/*
 * Supplements; see supplement.h.
 */
#include "handlers/intake/supplement.h"

#include "daemon/store/change.h"

#define REOPENS_MAX 3        /* by the same informant; a supplement can still be sent, and has its clock */
#define MESSAGES_MAX 500     /* of a tip, its messages and notes together, beyond which nothing is added */

bool supplement_may(const struct store_row *row)
{
	return row->nmessages < MESSAGES_MAX && tip_move_find(row->state, TIP_EV_SUPPLEMENT, TIP_BY_INFORMANT) != NULL;
}

bool supplement_may_reopen(const struct store_row *row)
{
	return supplement_may(row) && row->reopens < REOPENS_MAX &&
	       tip_move_find(row->state, TIP_EV_REOPEN, TIP_BY_INFORMANT) != NULL;
}

bool supplement_said(const struct store_row *row, const struct seal_key *tip_key, struct span text, struct arena *arena)
{
	struct tip_message message;

	for (size_t i = row->messages != NULL ? row->nmessages : 0; i > 0; i--) {
		if (!seal_open_message(&row->id, row->messages[i - 1], tip_key, arena, &message) ||
		    message.kind == MESSAGE_NOTE)
			continue;
		if (message.kind == MESSAGE_FROM_BUREAU)
			return false;
		if (span_eq(message.text, text))
			return true;
	}
	return false;
}

static struct span sealed_words(const struct store_row *row, const struct seal_key *tip_key, struct span text,
				int64_t now_ms, struct arena *arena)
{
	struct tip_message message = { .kind = MESSAGE_FROM_INFORMANT, .at_ms = now_ms, .text = text };
	struct buf sealed = { 0 };
	struct span kept;

	seal_message(&row->id, &message, tip_key, &sealed);
	kept = arena_dup(arena, buf_span(&sealed));
	buf_release(&sealed);
	return kept;
}

void supplement_change(const struct store_row *row, const struct seal_key *tip_key, struct span text, bool reopen,
		       int64_t now_ms, struct arena *arena, struct store_change *out)
{
	const struct tip_move *move =
		tip_move_find(row->state, reopen ? TIP_EV_REOPEN : TIP_EV_SUPPLEMENT, TIP_BY_INFORMANT);

	*out = (struct store_change){
		.id = row->id,
		.expect_rev = row->rev,
		.state = move->to,
		.points = row->points,
		.holder = row->holder,
		.event = span_of(arena_printf(arena, "{\"e\":\"%s\",\"id\":\"%s\",\"at\":%lld}",
					      reopen ? "reopened" : "supplement", row->id.text, (long long)now_ms)),
		.message = sealed_words(row, tip_key, text, now_ms, arena),
	};
	memcpy(out->region, row->region, sizeof(out->region));
	store_change_follow(out, row, move, (struct span){ 0 });
}
