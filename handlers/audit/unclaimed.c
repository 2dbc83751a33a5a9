/*
 * Rewards that nobody claimed, and how long claims take.
 */
#include "daemon/money/audit_unclaimed.h"
#include "handlers/audit/audit.h"
#include "handlers/audit/moment.h"
#include "handlers/audit/reading.h"

#define SOON_DAYS 14
#define DAYS_MAX 3660
#define LATE_PERCENT 10

static const char *const columns[] = { "reward",   "case",	"book",	   "why",     "state",	 "held", "fen",
				       "published", "deadline", "days_left", "claimed", "records", "journal", NULL };

static void put_reward(struct sheet *sheet, const struct audit_view *view, const struct audit_unclaimed *is)
{
	const struct audit_reward *reward = is->reward;

	sheet_row(sheet, "reward");
	sheet_text(sheet, "reward", audit_view_text(view, reward->is->id));
	sheet_text(sheet, "case", audit_view_text(view, reward->is->case_id));
	sheet_text(sheet, "book", audit_view_text(view, reward->book));
	sheet_text(sheet, "why", audit_unclaimed_name(is->why));
	sheet_text(sheet, "state", reward_state_name(reward->state));
	sheet_bool(sheet, "held", reward->held);
	sheet_fen(sheet, "fen", reward->is->fen);
	sheet_time(sheet, "published", reward->publish_ms);
	sheet_time(sheet, "deadline", reward->deadline_ms);
	if (is->waits)
		sheet_number(sheet, "days_left", is->days_left);
	else
		sheet_none(sheet, "days_left");
	sheet_time(sheet, "claimed", reward->claim_ms);
	sheet_seqs(sheet, &is->seqs);
	sheet_row_end(sheet);
}

static void put_days(struct sheet *sheet, const struct audit_unclaimed_all *all)
{
	sheet_list(sheet, "days");
	for (size_t i = 0; i < all->ndays; i++) {
		sheet_row(sheet, "days");
		sheet_number(sheet, "days", all->days[i].days);
		sheet_number(sheet, "claims", (int64_t)all->days[i].claims);
		sheet_fen(sheet, "fen", all->days[i].fen);
		sheet_seqs(sheet, &all->days[i].seqs);
		sheet_row_end(sheet);
	}
	sheet_list_end(sheet);
}

static void put_parameters(struct sheet *sheet, uint64_t soon, uint64_t late)
{
	json_open_member(&sheet->json, "parameters", '{');
	json_u64(&sheet->json, "soon_days", soon);
	json_u64(&sheet->json, "late_percent", late);
	json_close(&sheet->json, '}');
}

static void answer(const struct call *args, struct http_exchange *exchange, const struct moment *moment, uint64_t soon,
		   uint64_t late)
{
	struct audit_view view = moment_view(args, exchange, moment);
	struct audit_unclaimed_all all = audit_unclaimed(&view, (int64_t)soon, (int64_t)late);
	struct sheet sheet;

	sheet_begin(&sheet, moment->format, moment->bom, columns);
	if (moment->format == SHEET_JSON) {
		moment_tell(moment, &sheet.json);
		put_parameters(&sheet, soon, late);
	}
	sheet_list(&sheet, "rewards");
	for (size_t i = 0; i < all.nrewards; i++)
		put_reward(&sheet, &view, &all.rewards[i]);
	sheet_list_end(&sheet);
	if (moment->format == SHEET_JSON)
		put_days(&sheet, &all);
	sheet_answer(&sheet, args, exchange);
}

void audit_call_unclaimed(const struct call *args, struct http_exchange *exchange)
{
	struct moment moment;
	uint64_t soon, late;

	if (!moment_read(args, exchange, &moment) ||
	    !reading_number(exchange, "soon_days", SOON_DAYS, DAYS_MAX, &soon) ||
	    !reading_number(exchange, "late_percent", LATE_PERCENT, 100, &late))
		return;
	answer(args, exchange, &moment, soon, late > 0 ? late : 1);
}
