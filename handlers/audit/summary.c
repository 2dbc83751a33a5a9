/*
 * The auditor's overview: figures, each with the records behind it.
 */
#include "daemon/money/audit_summary.h"
#include "handlers/audit/audit.h"
#include "handlers/audit/figures.h"
#include "handlers/audit/moment.h"

void figures_put(struct sheet *sheet, const struct audit_figures *figures)
{
	sheet_list(sheet, "figures");
	for (size_t i = 0; i < figures->n; i++) {
		const struct audit_figure *figure = &figures->at[i];

		sheet_row(sheet, "figure");
		sheet_text(sheet, "part", figure->part);
		sheet_text(sheet, "book", figure->book);
		sheet_text(sheet, "name", figure->name);
		sheet_number(sheet, "count", (int64_t)figure->count);
		sheet_fen(sheet, "fen", figure->fen);
		sheet_time(sheet, "at", figure->at_ms);
		sheet_seqs(sheet, &figure->seqs);
		sheet_row_end(sheet);
	}
	sheet_list_end(sheet);
}

void audit_call_summary(const struct call *args, struct http_exchange *exchange)
{
	static const char *const columns[] = { "part", "book", "name", "count", "fen", "at", "records", "journal", NULL };
	struct moment moment;
	struct audit_view view;
	struct audit_figures figures;
	struct sheet sheet;

	if (!moment_read(args, exchange, &moment))
		return;
	view = moment_view(args, exchange, &moment);
	figures = audit_summary(&view);
	sheet_begin(&sheet, moment.format, moment.bom, columns);
	if (moment.format == SHEET_JSON)
		moment_tell(&moment, &sheet.json);
	figures_put(&sheet, &figures);
	sheet_answer(&sheet, args, exchange);
}
