/*
 * Figures with their records; see audit_summary.h.
 */
#include "daemon/money/audit_summary.h"

#include "daemon/base/table.h"
#include "daemon/money/audit_breaks.h"

#include <stdlib.h>

#define VOTE_MS INT64_C(2592000000)   /* how long the first of two persons waits for the second */

struct gathering {
	const struct audit_view *view;
	struct audit_figure *at;
	size_t n, size;
};

static struct audit_figure *add(struct gathering *g, const char *part, const char *book, const char *name)
{
	if (g->n == g->size) {
		struct audit_figure *more = arena_array(g->view->arena, struct audit_figure, 2 * g->size + 32);

		if (g->n > 0)
			memcpy(more, g->at, g->n * sizeof(*more));
		g->at = more;
		g->size = 2 * g->size + 32;
	}
	g->at[g->n] = (struct audit_figure){ .part = part, .book = book, .name = name };
	return &g->at[g->n++];
}

static void count(struct gathering *g, struct audit_figure *figure, int64_t fen, int64_t at_ms, uint64_t seq)
{
	figure->count++;
	figure->fen += fen;
	if (figure->at_ms == 0 || at_ms < figure->at_ms)
		figure->at_ms = at_ms;
	audit_seqs_add(&figure->seqs, seq, g->view->arena);
}

/* --- budgets ---------------------------------------------------------------------------- */

static const struct {
	enum ledger_code code;
	const char *name;
} budgets[] = {
	{ .code = LEDGER_AUTHORISED, .name = "authorised" }, { .code = LEDGER_AVAILABLE, .name = "available" },
	{ .code = LEDGER_ENCUMBERED, .name = "encumbered" }, { .code = LEDGER_EXPENDED, .name = "expended" },
	{ .code = LEDGER_LAPSED, .name = "lapsed" },
};

/* The figures of a ledger lie one after the other. */
static struct audit_figure *budget_of(struct gathering *g, const char *book)
{
	for (size_t i = 0; i < g->n; i += COUNT_OF(budgets))
		if (strcmp(g->at[i].book, book) == 0)
			return &g->at[i];
	for (size_t i = 0; i < COUNT_OF(budgets); i++)
		add(g, "budget", book, budgets[i].name);
	return &g->at[g->n - COUNT_OF(budgets)];
}

static void take_leg(struct gathering *g, const struct audit_leg *leg, uint64_t seq)
{
	for (size_t i = 0; i < COUNT_OF(budgets); i++) {
		struct audit_figure *figure;
		bool adds;

		if (leg->code != budgets[i].code)
			continue;
		figure = budget_of(g, audit_view_text(g->view, leg->book)) + i;
		adds = leg->debit == (leg->code == LEDGER_AUTHORISED);
		figure->fen += adds ? leg->fen : -leg->fen;
		figure->count++;
		audit_seqs_add(&figure->seqs, seq, g->view->arena);
	}
}

static int by_book(const void *a, const void *b)
{
	const struct audit_figure *left = a, *right = b;

	return strcmp(left->book, right->book);
}

static void put_budgets(struct gathering *g)
{
	for (size_t i = 0; i < g->view->n; i++) {
		const struct audit_row *row = audit_view_row(g->view, i);

		if (!audit_view_sees(g->view, row))
			continue;
		for (size_t k = 0; k < row->nlegs; k++)
			take_leg(g, &audit_log_legs(g->view->log, row)[k], i + 1);
	}
	if (g->n > 0)
		qsort(g->at, g->n / COUNT_OF(budgets), COUNT_OF(budgets) * sizeof(*g->at), by_book);
}

/* --- rewards ---------------------------------------------------------------------------------- */

static void put_states(struct gathering *g)
{
	size_t first = g->n;

	for (unsigned state = 0; state < REWARD_STATES; state++)
		add(g, "state", "", reward_state_name((enum reward_state)state));
	for (size_t i = 0; i < g->view->nrewards; i++) {
		const struct audit_reward *reward = &g->view->rewards[i];

		count(g, &g->at[first + reward->state], reward->is->fen,
		      audit_view_row(g->view, reward->state_seq - 1)->at_ms, reward->state_seq);
	}
}

static void put_open_rewards(struct gathering *g)
{
	struct audit_figure *held = add(g, "open", "", "held");

	for (size_t i = 0; i < g->view->nrewards; i++)
		if (g->view->rewards[i].held)
			count(g, held, g->view->rewards[i].is->fen,
			      audit_view_row(g->view, g->view->rewards[i].last_seq - 1)->at_ms,
			      g->view->rewards[i].last_seq);
	held = add(g, "open", "", "awaiting_funds");
	for (size_t i = 0; i < g->view->nrewards; i++)
		if (g->view->rewards[i].state == REWARD_AWAITING_FUNDS)
			count(g, held, g->view->rewards[i].is->fen, g->view->rewards[i].decide_ms,
			      g->view->rewards[i].decide_seq);
	held = add(g, "open", "", "unknown");
	for (size_t i = 0; i < g->view->nrewards; i++)
		if (g->view->rewards[i].attempt_seq != 0 && g->view->rewards[i].attempt == ATTEMPT_UNKNOWN)
			count(g, held, g->view->rewards[i].is->fen, g->view->rewards[i].attempt_ms,
			      g->view->rewards[i].attempt_seq);
}

/* --- rails, votes: opened by one record, ended by a later one ------------------------------ */

/* What a record opens, or ends, by number; 0: nothing. */
struct opening {
	uint32_t (*opens)(const struct audit_row *row, size_t seq);
	uint32_t (*ends)(const struct audit_row *row);
};

static uint32_t rail_opens(const struct audit_row *row, size_t seq)
{
	(void)seq;
	if (row->act == AUDIT_BREAK_OPEN)
		return row->holds;
	return row->act == AUDIT_RAIL_HOLD ? row->subject : 0;
}

static uint32_t rail_ends(const struct audit_row *row)
{
	return row->act == AUDIT_RAIL_LIFT ? row->subject : 0;
}

static uint32_t vote_opens(const struct audit_row *row, size_t seq)
{
	return row->act == AUDIT_VOTE ? (uint32_t)seq : 0;
}

static uint32_t vote_ends(const struct audit_row *row)
{
	return row->with_seq;
}

/* Marks the records whose thing is still open; what was opened again counts once, from the later one. */
static bool *find_open(const struct audit_view *view, const struct opening *of)
{
	size_t texts = audit_log_texts(view->log), n = view->n;
	size_t *ended = arena_array(view->arena, size_t, texts > n ? texts : n + 1);
	bool *open = arena_array(view->arena, bool, n + 1);

	for (size_t i = 0; i < n; i++)
		ended[of->ends(audit_view_row(view, i))] = i + 1;
	for (size_t i = n; i > 0; i--) {
		uint32_t key = of->opens(audit_view_row(view, i - 1), i);

		open[i - 1] = key != 0 && ended[key] < i;
		if (open[i - 1])
			ended[key] = i;
	}
	return open;
}

static void put_marked(struct gathering *g, const char *name, const bool *open, int64_t since_ms)
{
	struct audit_figure *figure = add(g, "open", "", name);

	for (size_t i = 0; i < g->view->n; i++) {
		const struct audit_row *row = audit_view_row(g->view, i);

		if (open[i] && row->at_ms > since_ms && audit_view_sees(g->view, row))
			count(g, figure, 0, row->at_ms, i + 1);
	}
}

const bool *audit_open_breaks(const struct audit_view *view)
{
	bool *open = arena_array(view->arena, bool, view->n + 1);
	struct audit_break *breaks;
	size_t n = audit_breaks(view, &breaks);

	for (size_t i = 0; i < n; i++)
		open[breaks[i].seq - 1] = audit_break_open(&breaks[i]);
	return open;
}

static void put_openings(struct gathering *g)
{
	static const struct opening rails = { .opens = rail_opens, .ends = rail_ends };
	static const struct opening votes = { .opens = vote_opens, .ends = vote_ends };

	put_marked(g, "breaks", audit_open_breaks(g->view), 0);
	put_marked(g, "rails_held", find_open(g->view, &rails), 0);
	put_marked(g, "votes", find_open(g->view, &votes), g->view->at_ms - VOTE_MS);
}

/* --- statements -------------------------------------------------------------------------------------- */

static struct audit_figure *statement_of(struct gathering *g, size_t first, const char *account)
{
	for (size_t i = first; i < g->n; i++)
		if (strcmp(g->at[i].book, account) == 0)
			return &g->at[i];
	return add(g, "statement", account, "");
}

static void put_statements(struct gathering *g)
{
	size_t first = g->n;

	for (size_t i = 0; i < g->view->n; i++) {
		const struct audit_row *row = audit_view_row(g->view, i);
		struct audit_figure *figure;

		if (row->act != AUDIT_STATEMENT || !audit_view_sees(g->view, row))
			continue;
		figure = statement_of(g, first, audit_view_text(g->view, row->name));
		figure->count++;
		audit_seqs_add(&figure->seqs, i + 1, g->view->arena);
		if (strcmp(audit_view_text(g->view, row->word), figure->name) >= 0) {
			figure->name = audit_view_text(g->view, row->word);
			figure->at_ms = row->at_ms;
		}
	}
	if (g->n > first)
		qsort(g->at + first, g->n - first, sizeof(*g->at), by_book);
}

struct audit_figures audit_summary(const struct audit_view *view)
{
	struct gathering g = { .view = view };

	put_budgets(&g);
	put_states(&g);
	put_open_rewards(&g);
	put_openings(&g);
	put_statements(&g);
	return (struct audit_figures){ .at = g.at, .n = g.n };
}

/* --- the journal itself ---------------------------------------------------------------------------------- */

static void put_act(struct gathering *g, const char *name, enum audit_act act)
{
	struct audit_figure *figure = add(g, "journal", "", name);

	for (size_t i = 0; i < g->view->n; i++)
		if (audit_view_row(g->view, i)->act == act)
			count(g, figure, audit_view_row(g->view, i)->fen, audit_view_row(g->view, i)->at_ms, i + 1);
}

struct audit_figures audit_journal_figures(const struct audit_view *view)
{
	struct gathering g = { .view = view };

	put_act(&g, "record_restored", AUDIT_RESTORED);
	put_act(&g, "record_reconciled", AUDIT_RECONCILED);
	put_act(&g, "record_export", AUDIT_EXPORT);
	return (struct audit_figures){ .at = g.at, .n = g.n };
}
