/*
 * Entries of the money journal that fit, a piece at a time; on an account with its balance after each.
 */
#include "daemon/money/audit_entries.h"

#include "daemon/base/hex.h"
#include "daemon/sys/clock.h"
#include "handlers/audit/audit.h"
#include "handlers/audit/moment.h"
#include "handlers/audit/reading.h"

#define ROWS 500
#define ROWS_MAX 5000   /* of an answer in JSON; files have all */
#define POINTS 120      /* of the balance over time */
#define CODE_MAX 9999

static const char *const columns[] = { "seq",	    "at",	  "kind",	"subject", "reward", "person", "role",
				       "entry",	    "debit_fen",  "credit_fen", "balance_fen", "hash", NULL };

struct asking {
	struct audit_entries_wish wish;
	uint64_t after, limit;
};

static bool read_asking(struct http_exchange *exchange, struct asking *asking)
{
	struct audit_entries_wish *wish = &asking->wish;
	uint64_t code;

	*asking = (struct asking){ .after = 0 };
	if (!reading_number(exchange, "from", 0, INT64_MAX, &wish->from) || !reading_number(exchange, "to", 0, INT64_MAX, &wish->to) ||
	    !reading_number(exchange, "code", 0, CODE_MAX, &code) || !reading_number(exchange, "after", 0, INT64_MAX, &asking->after) ||
	    !reading_rows(exchange, ROWS, ROWS_MAX, &asking->limit))
		return false;
	wish->code = (unsigned)code;
	wish->kind = reading_param(exchange, "kind");
	wish->subject = reading_param(exchange, "subject");
	wish->person = reading_param(exchange, "person");
	wish->book = reading_param(exchange, "book");
	wish->detail = reading_param(exchange, "detail");
	return true;
}

static void put_entry(struct sheet *sheet, const struct audit_view *view, const struct audit_entry *entry, bool account)
{
	const struct audit_row *row = audit_view_row(view, (size_t)entry->seq - 1);
	const struct audit_reward *reward = audit_view_of(view, row);

	sheet_row(sheet, "entry");
	sheet_number(sheet, "seq", (int64_t)entry->seq);
	sheet_time(sheet, "at", row->at_ms);
	sheet_text(sheet, "kind", audit_view_text(view, row->kind));
	sheet_text(sheet, "subject", audit_view_text(view, row->subject));
	sheet_text(sheet, "reward", reward != NULL ? audit_view_text(view, reward->is->id) : "");
	sheet_text(sheet, "person", audit_view_text(view, row->person));
	sheet_text(sheet, "role", audit_view_text(view, row->role));
	sheet_text(sheet, "entry", audit_view_text(view, row->entry));
	if (account) {
		sheet_fen(sheet, "debit_fen", entry->debit_fen);
		sheet_fen(sheet, "credit_fen", entry->credit_fen);
		sheet_fen(sheet, "balance_fen", entry->balance_fen);
	}
	sheet_text(sheet, "hash", hex_text(view->arena, row->hash, sizeof(row->hash)));
	sheet_row_end(sheet);
}

/* --- the account -------------------------------------------------------------------------- */

static void put_points(struct json_out *json, const struct audit_view *view, const struct audit_entries *found)
{
	size_t step = (found->n + POINTS - 1) / POINTS;

	json_open_member(json, "points", '[');
	for (size_t i = found->n > 0 ? (found->n - 1) % step : 0; i < found->n; i += step) {
		json_open(json, '{');
		json_u64(json, "seq", found->at[i].seq);
		clock_put(json, "at", audit_view_row(view, (size_t)found->at[i].seq - 1)->at_ms);
		json_i64(json, "balance_fen", found->at[i].balance_fen);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void put_account(struct json_out *json, const struct audit_view *view, const struct audit_entries *found)
{
	int64_t debits = 0, credits = 0;

	for (size_t i = 0; i < found->n; i++) {
		debits += found->at[i].debit_fen;
		credits += found->at[i].credit_fen;
	}
	json_open_member(json, "account", '{');
	json_i64(json, "opening_fen", found->opening_fen);
	json_i64(json, "closing_fen", found->closing_fen);
	json_i64(json, "debit_fen", debits);
	json_i64(json, "credit_fen", credits);
	put_points(json, view, found);
	json_close(json, '}');
}

/* --- the answer --------------------------------------------------------------------------- */

static void put_entries(struct sheet *sheet, const struct audit_view *view, const struct audit_entries *found,
			const struct asking *asking)
{
	bool whole = sheet->format != SHEET_JSON, account = asking->wish.code != 0;
	size_t first = 0, end = found->n;

	while (!whole && first < found->n && found->at[first].seq <= asking->after)
		first++;
	if (!whole && end - first > asking->limit)
		end = first + asking->limit;
	sheet_list(sheet, "entries");
	for (size_t i = first; i < end; i++)
		put_entry(sheet, view, &found->at[i], account);
	sheet_list_end(sheet);
	if (!whole && end < found->n && end > first)
		json_u64(&sheet->json, "next", found->at[end - 1].seq);
	else if (!whole)
		json_none(&sheet->json, "next");
}

void audit_call_entries(const struct call *args, struct http_exchange *exchange)
{
	struct moment moment;
	struct asking asking;
	struct audit_view view;
	struct audit_entries found;
	struct sheet sheet;

	if (!moment_read(args, exchange, &moment) || !read_asking(exchange, &asking))
		return;
	view = moment_view(args, exchange, &moment);
	found = audit_entries(&view, &asking.wish);
	sheet_begin(&sheet, moment.format, moment.bom, columns);
	if (moment.format == SHEET_JSON) {
		moment_tell(&moment, &sheet.json);
		json_u64(&sheet.json, "found", found.n);
		if (asking.wish.code != 0)
			put_account(&sheet.json, &view, &found);
		else
			json_none(&sheet.json, "account");
	}
	put_entries(&sheet, &view, &found, &asking);
	sheet_answer(&sheet, args, exchange);
}
