/*
 * Breaks as they stood then, all of them.
 */
#include "daemon/money/audit_breaks.h"
#include "daemon/money/reconcile.h"
#include "handlers/audit/audit.h"
#include "handlers/audit/moment.h"

static const char *const columns[] = { "break", "class", "state",  "about", "fen",     "opened",
				       "age",	"person", "with", "records", "journal", NULL };

static void put_break(struct sheet *sheet, const struct audit_view *view, const struct audit_break *broken)
{
	const struct audit_row *row = broken->row;
	enum break_age age = break_age(row->at_ms, view->at_ms);

	sheet_row(sheet, "break");
	sheet_text(sheet, "break", audit_view_text(view, row->name));
	sheet_text(sheet, "class", audit_view_text(view, row->word));
	sheet_text(sheet, "state", audit_break_state_name(broken->state));
	sheet_text(sheet, "about", audit_view_text(view, row->subject));
	sheet_fen(sheet, "fen", broken->fen);
	sheet_time(sheet, "opened", row->at_ms);
	if (audit_break_open(broken))
		sheet_text(sheet, "age", break_age_name(age));
	else
		sheet_none(sheet, "age");
	sheet_text(sheet, "person", audit_view_text(view, broken->person));
	sheet_text(sheet, "with", audit_view_text(view, broken->with));
	sheet_seqs(sheet, &broken->seqs);
	sheet_row_end(sheet);
}

void audit_call_breaks(const struct call *args, struct http_exchange *exchange)
{
	struct moment moment;
	struct audit_view view;
	struct audit_break *breaks;
	struct sheet sheet;
	size_t n;

	if (!moment_read(args, exchange, &moment))
		return;
	view = moment_view(args, exchange, &moment);
	n = audit_breaks(&view, &breaks);
	sheet_begin(&sheet, moment.format, moment.bom, columns);
	if (moment.format == SHEET_JSON)
		moment_tell(&moment, &sheet.json);
	sheet_list(&sheet, "breaks");
	for (size_t i = 0; i < n; i++)
		put_break(&sheet, &view, &breaks[i]);
	sheet_list_end(&sheet);
	sheet_answer(&sheet, args, exchange);
}
