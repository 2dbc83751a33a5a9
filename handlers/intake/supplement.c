/*
 * Supplements; see supplement.h.
 */
#include "handlers/intake/supplement.h"

#include "daemon/base/wipe.h"
#include "daemon/core/retention.h"
#include "daemon/core/tip/content.h"
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

bool supplement_may_bring(const struct store_row *row, bool reopen)
{
	return reopen || (row->end.erased & RETENTION_BIT(RETENTION_FILES)) == 0;
}

bool supplement_fits(const struct supplement *supplement, struct all_files_sum there, const struct supplement_limits *limits)
{
	uint64_t bytes = there.bytes;

	for (size_t i = 0; i < supplement->nfiles; i++)
		bytes += supplement->files[i].bytes;
	if (supplement->nfiles == 0)
		return there.files < limits->files && there.bytes < limits->bytes;
	return there.files + supplement->nfiles <= limits->files && bytes <= limits->bytes;
}

/* By what is in them, not by their names. */
static bool same_files(const struct tip_message *message, const struct supplement *supplement)
{
	if (message->nfiles != supplement->nfiles)
		return false;
	for (size_t i = 0; i < message->nfiles; i++)
		if (span_empty(message->files[i].sum) || !span_eq(message->files[i].sum, supplement->files[i].sum))
			return false;
	return true;
}

bool supplement_said(const struct store_row *row, const struct seal_key *tip_key, const struct supplement *supplement,
		     struct arena *arena)
{
	struct tip_message message;

	for (size_t i = row->messages != NULL ? row->nmessages : 0; i > 0; i--) {
		if (!seal_open_message(&row->id, row->messages[i - 1], tip_key, arena, &message) ||
		    message.kind == MESSAGE_NOTE)
			continue;
		if (message.kind == MESSAGE_FROM_BUREAU)
			return false;
		if (span_eq(message.text, supplement->text) && same_files(&message, supplement))
			return true;
	}
	return false;
}

static struct span sealed_message(const struct store_row *row, const struct seal_key *tip_key,
				  const struct supplement *supplement, int64_t now_ms, struct arena *arena)
{
	struct tip_message message = { .kind = MESSAGE_FROM_INFORMANT, .at_ms = now_ms, .text = supplement->text,
				       .files = supplement->files, .nfiles = supplement->nfiles };
	struct buf sealed = { 0 };
	struct span kept;

	if (supplement->nfiles > 0)
		message.files_key = *supplement->files_key;
	seal_message(&row->id, &message, tip_key, &sealed);
	wipe(&message.files_key, sizeof(message.files_key));
	kept = arena_dup(arena, buf_span(&sealed));
	buf_release(&sealed);
	return kept;
}

void supplement_change(const struct store_row *row, const struct seal_key *tip_key, const struct supplement *supplement,
		       bool reopen, int64_t now_ms, struct arena *arena, struct store_change *out)
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
		.message = sealed_message(row, tip_key, supplement, now_ms, arena),
		.files = content_file_names(supplement->files, supplement->nfiles, arena),
	};
	memcpy(out->region, row->region, sizeof(out->region));
	store_change_follow(out, row, move, (struct span){ 0 });
}
