/*
 * The dossier of a reward as it was then: one timeline of its case, itself, its payments.
 */
#include "daemon/base/hex.h"
#include "daemon/sys/clock.h"
#include "handlers/audit/audit.h"
#include "handlers/audit/moment.h"
#include "handlers/audit/reading.h"

static const char *const columns[] = { "seq",	"at",	 "kind",	  "subject", "person",	 "with",     "role",
				       "title", "state", "attempt_state", "fen",     "entry",	 "postings", "hash", NULL };

struct dossier_call {
	const struct call *args;
	struct http_exchange *exchange;
	struct moment moment;
	struct audit_view view;
	const struct audit_reward *reward;
	struct sheet sheet;
};

static void put_token(struct dossier_call *d, const char *name, uint32_t token)
{
	const char *text = moment_pseudonym(d->args, d->exchange, name, audit_view_text(&d->view, token));

	json_text(&d->sheet.json, name, span_of(text));
}

static void put_head(struct dossier_call *d)
{
	const struct audit_reward *reward = d->reward;
	struct json_out *json = &d->sheet.json;

	json_text(json, "reward", span_of(audit_view_text(&d->view, reward->is->id)));
	json_text(json, "case", span_of(audit_view_text(&d->view, reward->is->case_id)));
	json_text(json, "tip", span_of(audit_view_text(&d->view, reward->is->tip)));
	json_text(json, "book", span_of(audit_view_text(&d->view, reward->book)));
	json_text(json, "state", span_of(reward_state_name(reward->state)));
	json_bool(json, "held", reward->held);
	json_i64(json, "fen", reward->is->fen);
	json_i64(json, "paid_fen", reward->paid_fen);
	put_token(d, "claimant", reward->is->claimant);
	put_token(d, "payee", reward->payee);
	clock_put(json, "tip_at", reward->is->tip_ms);
	clock_put(json, "known_at", reward->is->known_ms);
}

/* --- the timeline ------------------------------------------------------------------------- */

static const char *postings(const struct dossier_call *d, const struct audit_row *row)
{
	const struct audit_leg *legs = audit_log_legs(d->view.log, row);
	const char *text = "";

	for (size_t i = 0; i < row->nlegs; i++)
		text = arena_printf(d->view.arena, "%s%s%s %s %u %s %lld", text, i > 0 ? "; " : "", legs[i].debit ? "Dr" : "Cr",
				    audit_view_text(&d->view, legs[i].book), (unsigned)legs[i].code, ledger_kind(legs[i].code)->name,
				    (long long)legs[i].fen);
	return text;
}

static const char *title_of(const struct dossier_call *d, const struct audit_row *row)
{
	return row->act == AUDIT_APPROVE || row->act == AUDIT_VOTE ? audit_view_text(&d->view, row->word) : "";
}

static void put_record(struct dossier_call *d, const struct audit_row *row, size_t seq)
{
	struct sheet *sheet = &d->sheet;

	sheet_row(sheet, "record");
	sheet_number(sheet, "seq", (int64_t)seq);
	sheet_time(sheet, "at", row->at_ms);
	sheet_text(sheet, "kind", audit_view_text(&d->view, row->kind));
	sheet_text(sheet, "subject", audit_view_text(&d->view, row->subject));
	sheet_text(sheet, "person", audit_view_text(&d->view, row->person));
	sheet_text(sheet, "with", audit_view_text(&d->view, row->with));
	sheet_text(sheet, "role", audit_view_text(&d->view, row->role));
	sheet_text(sheet, "title", title_of(d, row));
	sheet_text(sheet, "state", row->state == AUDIT_NO_STATE ? "" : reward_state_name((enum reward_state)row->state));
	sheet_text(sheet, "attempt_state",
		   row->attempt_state == AUDIT_NO_STATE ? "" : attempt_state_name((enum attempt_state)row->attempt_state));
	sheet_fen(sheet, "fen", row->fen);
	sheet_text(sheet, "entry", audit_view_text(&d->view, row->entry));
	sheet_text(sheet, "postings", postings(d, row));
	sheet_text(sheet, "hash", hex_text(d->view.arena, row->hash, sizeof(row->hash)));
	sheet_row_end(sheet);
}

static void put_timeline(struct dossier_call *d)
{
	sheet_list(&d->sheet, "timeline");
	for (size_t i = 0; i < d->view.n; i++) {
		const struct audit_row *row = audit_view_row(&d->view, i);

		if (row->reward == d->reward->number || (row->act == AUDIT_CASE && row->subject == d->reward->is->case_id))
			put_record(d, row, i + 1);
	}
	sheet_list_end(&d->sheet);
}

void audit_call_reward(const struct call *args, struct http_exchange *exchange)
{
	struct dossier_call d = { .args = args, .exchange = exchange };

	if (!moment_read(args, exchange, &d.moment))
		return;
	d.view = moment_view(args, exchange, &d.moment);
	d.reward = audit_view_find(&d.view, args->param[0]);
	if (d.reward == NULL) {
		reading_not_found(exchange);
		return;
	}
	sheet_begin(&d.sheet, d.moment.format, d.moment.bom, columns);
	if (d.moment.format == SHEET_JSON) {
		moment_tell(&d.moment, &d.sheet.json);
		put_head(&d);
	}
	put_timeline(&d);
	sheet_answer(&d.sheet, args, exchange);
}
