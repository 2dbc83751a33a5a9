/*
 * Entries that fit; see audit_entries.h.
 */
#include "daemon/money/audit_entries.h"

/* What is looked for, and where. */
struct search {
	const struct audit_view *view;
	const struct audit_entries_wish *wish;
	bool debit_normal;
};

static bool is_text(const struct search *s, struct span wanted, uint32_t name)
{
	return span_empty(wanted) || span_is(wanted, audit_view_text(s->view, name));
}

static bool fits_leg(const struct search *s, const struct audit_leg *leg)
{
	return (s->wish->code == 0 || leg->code == s->wish->code) && is_text(s, s->wish->book, leg->book) &&
	       is_text(s, s->wish->detail, leg->detail);
}

static bool asks_legs(const struct audit_entries_wish *wish)
{
	return wish->code != 0 || !span_empty(wish->book) || !span_empty(wish->detail);
}

static bool fits_subject(const struct search *s, const struct audit_row *row)
{
	const struct audit_reward *reward;

	if (is_text(s, s->wish->subject, row->subject))
		return true;
	reward = audit_view_of(s->view, row);
	return reward != NULL && is_text(s, s->wish->subject, reward->is->id);
}

static bool fits(const struct search *s, const struct audit_row *row, uint64_t seq)
{
	const struct audit_entries_wish *wish = s->wish;

	return seq >= wish->from && (wish->to == 0 || seq <= wish->to) &&
	       span_starts(span_of(audit_view_text(s->view, row->kind)), wish->kind) && is_text(s, wish->person, row->person) &&
	       fits_subject(s, row);
}

/* Adds what the record's legs did on the account; whether any leg is there. */
static bool take_legs(const struct search *s, const struct audit_row *row, struct audit_entry *entry)
{
	const struct audit_leg *legs = audit_log_legs(s->view->log, row);
	bool any = false;

	for (size_t i = 0; i < row->nlegs; i++) {
		if (!fits_leg(s, &legs[i]))
			continue;
		any = true;
		if (s->wish->code != 0)
			*(legs[i].debit ? &entry->debit_fen : &entry->credit_fen) += legs[i].fen;
	}
	return any;
}

static int64_t effect(const struct search *s, const struct audit_entry *entry)
{
	return s->debit_normal ? entry->debit_fen - entry->credit_fen : entry->credit_fen - entry->debit_fen;
}

static void take(const struct search *s, const struct audit_row *row, uint64_t seq, struct audit_entries *found)
{
	struct audit_entry entry = { .seq = seq };
	bool there = take_legs(s, row, &entry) || !asks_legs(s->wish);

	if (s->wish->to == 0 || seq <= s->wish->to)
		found->closing_fen += effect(s, &entry);
	if (seq < s->wish->from)
		found->opening_fen = found->closing_fen;
	entry.balance_fen = found->closing_fen;
	if (there && fits(s, row, seq))
		found->at[found->n++] = entry;
}

struct audit_entries audit_entries(const struct audit_view *view, const struct audit_entries_wish *wish)
{
	const struct ledger_account_kind *kind = ledger_kind(wish->code);
	struct search s = { .view = view, .wish = wish, .debit_normal = kind != NULL && kind->debit_normal };
	struct audit_entries found = { .at = arena_array(view->arena, struct audit_entry, view->n + 1) };

	for (size_t i = 0; i < view->n; i++)
		if (audit_view_sees(view, audit_view_row(view, i)))
			take(&s, audit_view_row(view, i), i + 1, &found);
	return found;
}
