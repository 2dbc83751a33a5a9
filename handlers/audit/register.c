/*
 * The register of rewards as it was then, a piece at a time, with the sums of all that fit.
 */
#include "daemon/money/audit_register.h"

#include "handlers/audit/audit.h"
#include "handlers/audit/moment.h"
#include "handlers/audit/reading.h"

#define ROWS 500
#define ROWS_MAX 5000   /* of an answer in JSON; files have all */

static const char *const columns[] = { "reward",   "state", "held",	     "case",	     "bureau",	"programme",
				       "proposed", "fen",   "encumbered_fen", "expended_fen", "records", "journal", NULL };

struct asking {
	struct audit_register_wish wish;
	uint64_t after, limit;
};

static bool read_state(struct http_exchange *exchange, int *state)
{
	struct span text = reading_param(exchange, "state");
	enum reward_state found;

	*state = -1;
	if (text.len == 0)
		return true;
	if (reward_state_parse(text, &found)) {
		*state = (int)found;
		return true;
	}
	answer_problem(exchange, &(struct problem){ .status = 400, .code = "field_invalid", .field = "state",
						    .detail = "There is no such state." });
	return false;
}

static bool read_asking(struct http_exchange *exchange, struct asking *asking)
{
	static const char *const helds[] = { "0", "1", NULL };
	size_t held;

	if (!read_state(exchange, &asking->wish.state) || !moment_word(exchange, "held", helds, &held) ||
	    !reading_number(exchange, "after", 0, INT64_MAX, &asking->after) ||
	    !reading_rows(exchange, ROWS, ROWS_MAX, &asking->limit))
		return false;
	asking->wish.held = held == 1;
	asking->wish.month = reading_param(exchange, "month");
	asking->wish.case_id = reading_param(exchange, "case");
	asking->wish.bureau = reading_param(exchange, "bureau");
	return true;
}

static void put_row(struct sheet *sheet, const struct audit_view *view, const struct audit_register_row *row)
{
	const struct audit_reward *reward = row->reward;

	sheet_row(sheet, "reward");
	sheet_text(sheet, "reward", audit_view_text(view, reward->is->id));
	sheet_text(sheet, "state", reward_state_name(reward->state));
	sheet_bool(sheet, "held", reward->held);
	sheet_text(sheet, "case", audit_view_text(view, reward->is->case_id));
	sheet_text(sheet, "bureau", audit_view_text(view, reward->is->region));
	sheet_text(sheet, "programme", audit_view_text(view, reward->is->programme));
	sheet_time(sheet, "proposed", row->proposed_ms);
	sheet_fen(sheet, "fen", reward->is->fen);
	sheet_fen(sheet, "encumbered_fen", row->encumbered_fen);
	sheet_fen(sheet, "expended_fen", row->expended_fen);
	sheet_seqs(sheet, &row->seqs);
	sheet_row_end(sheet);
}

/* --- sums --------------------------------------------------------------------------------- */

static void put_sums(struct json_out *json, const char *name, const struct audit_view *view, const struct audit_register *all,
		     const struct audit_register_wish *wish)
{
	int64_t fen = 0, encumbered = 0, expended = 0;
	uint64_t n = 0;

	for (size_t i = 0; i < all->n; i++) {
		if (wish != NULL && !audit_register_fits(view, &all->rows[i], wish))
			continue;
		n++;
		fen += all->rows[i].reward->is->fen;
		encumbered += all->rows[i].encumbered_fen;
		expended += all->rows[i].expended_fen;
	}
	json_open_member(json, name, '{');
	json_u64(json, "rewards", n);
	json_i64(json, "fen", fen);
	json_i64(json, "encumbered_fen", encumbered);
	json_i64(json, "expended_fen", expended);
	json_close(json, '}');
}

static void put_months(struct json_out *json, const struct audit_view *view, const struct audit_register *all,
		       const struct audit_register_wish *wish)
{
	struct audit_month *months;
	size_t n = audit_register_months(view, all, wish, &months);

	json_open_member(json, "months", '[');
	for (size_t i = 0; i < n; i++) {
		json_open(json, '{');
		json_text(json, "month", span_of(months[i].month));
		json_text(json, "state", span_of(reward_state_name(months[i].state)));
		json_u64(json, "rewards", months[i].rewards);
		json_i64(json, "fen", months[i].fen);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void put_head(struct json_out *json, const struct audit_view *view, const struct audit_register *all,
		     const struct audit_register_wish *wish)
{
	put_sums(json, "found", view, all, wish);
	put_sums(json, "all", view, all, NULL);
	json_open_member(json, "booked", '{');
	json_i64(json, "encumbered_fen", all->encumbered_fen);
	json_i64(json, "expended_fen", all->expended_fen);
	json_close(json, '}');
	put_months(json, view, all, wish);
}

/* --- the answer --------------------------------------------------------------------------- */

static void put_rows(struct sheet *sheet, const struct audit_view *view, const struct audit_register *all,
		     const struct asking *asking)
{
	bool whole = sheet->format != SHEET_JSON;
	uint64_t n = 0, last = 0;

	sheet_list(sheet, "rewards");
	for (size_t i = 0; i < all->n; i++) {
		const struct audit_register_row *row = &all->rows[i];

		if ((!whole && row->reward->is->seq <= asking->after) || !audit_register_fits(view, row, &asking->wish))
			continue;
		if (!whole && n++ == asking->limit)
			break;
		put_row(sheet, view, row);
		last = row->reward->is->seq;
	}
	sheet_list_end(sheet);
	if (!whole && n > asking->limit)
		json_u64(&sheet->json, "next", last);
	else if (!whole)
		json_none(&sheet->json, "next");
}

void audit_call_register(const struct call *args, struct http_exchange *exchange)
{
	struct moment moment;
	struct asking asking;
	struct audit_view view;
	struct audit_register all;
	struct sheet sheet;

	if (!moment_read(args, exchange, &moment) || !read_asking(exchange, &asking))
		return;
	view = moment_view(args, exchange, &moment);
	all = audit_register(&view);
	sheet_begin(&sheet, moment.format, moment.bom, columns);
	if (moment.format == SHEET_JSON) {
		moment_tell(&moment, &sheet.json);
		put_head(&sheet.json, &view, &all, &asking.wish);
	}
	put_rows(&sheet, &view, &all, &asking);
	sheet_answer(&sheet, args, exchange);
}
