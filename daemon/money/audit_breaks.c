/*
 * Breaks as they stood; see audit_breaks.h.
 */
#include "daemon/money/audit_breaks.h"

const char *audit_break_state_name(enum audit_break_state state)
{
	static const char *const names[AUDIT_BREAK_STATES] = {
		[AUDIT_BREAK_IS_OPEN] = "open", [AUDIT_BREAK_SUSPENSE] = "suspense",
		[AUDIT_BREAK_CLEARED] = "cleared", [AUDIT_BREAK_RESOLVED] = "resolved",
	};

	return names[state];
}

bool audit_break_open(const struct audit_break *broken)
{
	return broken->state != AUDIT_BREAK_RESOLVED;
}

/* Both legs may be in suspense, where money left that the ledger did not know to be there. */
static int64_t suspended_fen(const struct audit_view *view, const struct audit_row *row)
{
	const struct audit_leg *legs = audit_log_legs(view->log, row);
	int64_t fen = 0;

	for (size_t i = 0; i < row->nlegs; i++)
		if ((legs[i].code == LEDGER_SUSPENSE_DEBIT || legs[i].code == LEDGER_SUSPENSE_CREDIT) && legs[i].fen > fen)
			fen = legs[i].fen;
	return fen;
}

struct walk {
	const struct audit_view *view;
	struct audit_break *at;
	size_t n;
	size_t *place;   /* of each text: place + 1 of the break it names, or that waits for this payment's line */
};

static void open_break(struct walk *w, const struct audit_row *row, uint64_t seq)
{
	int64_t fen = suspended_fen(w->view, row);
	struct audit_break *broken = &w->at[w->n++];

	*broken = (struct audit_break){ .seq = seq, .row = row, .fen = fen,
					.state = fen > 0 ? AUDIT_BREAK_SUSPENSE : AUDIT_BREAK_IS_OPEN };
	audit_seqs_add(&broken->seqs, seq, w->view->arena);
	w->place[row->name] = w->n;
	if (row->reward != 0 && row->nlegs == 0)
		w->place[row->subject] = w->n;
}

/* What a record makes of the break it is about; AUDIT_BREAK_STATES: nothing. */
static enum audit_break_state settles(const struct audit_row *row)
{
	if (row->act == AUDIT_BREAK_CLEAR)
		return AUDIT_BREAK_CLEARED;
	return row->act == AUDIT_BREAK_RESOLVE || row->settles != 0 ? AUDIT_BREAK_RESOLVED : AUDIT_BREAK_STATES;
}

/* A statement that fills a gap, or has the line that was missing, resolves what told of it. */
static void take_later(struct walk *w, const struct audit_row *row, uint64_t seq)
{
	size_t place = w->place[row->settles != 0 ? row->settles : row->subject];
	enum audit_break_state state = settles(row);
	struct audit_break *broken;

	if (place == 0)
		return;
	broken = &w->at[place - 1];
	if (row->reward != 0 && state == AUDIT_BREAK_STATES)
		return;
	audit_seqs_add(&broken->seqs, seq, w->view->arena);
	if (state == AUDIT_BREAK_STATES || !audit_break_open(broken))
		return;
	broken->state = state;
	broken->person = row->person;
	broken->with = row->with;
}

size_t audit_breaks(const struct audit_view *view, struct audit_break **breaks)
{
	struct walk w = { .view = view };
	size_t n = 0;

	for (size_t i = 0; i < view->n; i++)
		n += audit_view_row(view, i)->act == AUDIT_BREAK_OPEN;
	w.at = *breaks = arena_array(view->arena, struct audit_break, n + 1);
	if (n == 0)
		return 0;
	w.place = arena_array(view->arena, size_t, audit_log_texts(view->log));
	for (size_t i = 0; i < view->n; i++) {
		const struct audit_row *row = audit_view_row(view, i);

		if (!audit_view_sees(view, row))
			continue;
		if (row->act == AUDIT_BREAK_OPEN)
			open_break(&w, row, i + 1);
		else if (row->subject != 0 || row->settles != 0)
			take_later(&w, row, i + 1);
	}
	return w.n;
}
