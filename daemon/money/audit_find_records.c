/*
 * Tests of the records themselves: their times, and what no statement explains.
 */
#include "daemon/money/audit_exceptions.h"
#include "daemon/money/audit_summary.h"

#define DAY_MS INT64_C(86400000)

static struct audit_hit *put_record(struct audit_finding *finding, size_t seq, const char *note, int64_t value)
{
	struct audit_hit *hit = audit_hit_new(finding, NULL);

	hit->subject = arena_printf(finding->view->arena, "%zu", seq);
	hit->note = note;
	hit->value = value;
	hit->at_ms = audit_view_row(finding->view, seq - 1)->at_ms;
	return hit;
}

/* A store whose clock went back decides at the time of the last record until the clock has come there again. */
static void put_run(struct audit_finding *finding, size_t first, size_t n)
{
	struct audit_hit *hit;

	if (n < (size_t)finding->parameters[AUDIT_CLOCK_RUN])
		return;
	hit = put_record(finding, first, "clock", (int64_t)n);
	for (size_t i = 0; i < n; i++)
		audit_hit_seq(finding, hit, first + i);
}

void audit_find_sequence(struct audit_finding *finding)
{
	const struct audit_view *view = finding->view;
	size_t first = 0;

	finding->population = view->n;
	for (size_t i = 0; i < view->n; i++) {
		const struct audit_row *row = audit_view_row(view, i);
		int64_t before_ms = i > 0 ? audit_view_row(view, i - 1)->at_ms : row->at_ms;

		if (row->at_ms < before_ms)
			audit_hit_seq(finding, put_record(finding, i + 1, "backwards", (before_ms - row->at_ms) / 1000), i + 1);
		if (row->act == AUDIT_RESTORED)
			audit_hit_seq(finding, put_record(finding, i + 1, "restored", 1), i + 1);
		if (row->at_ms != before_ms) {
			put_run(finding, first + 1, i - first);
			first = i;
		}
	}
	put_run(finding, first + 1, view->n - first);
}

/* --- statements ------------------------------------------------------------------------ */

/* Missing or hidden payments: R1 to R5. What is no line of a payment has classes of its own. */
static bool is_payment(const char *class)
{
	return class[0] == 'R' && class[1] >= '1' && class[1] <= '5' && class[2] == '\0';
}

void audit_find_statement_lines(struct audit_finding *finding)
{
	const struct audit_view *view = finding->view;
	const bool *open = audit_open_breaks(view);

	for (size_t i = 0; i < view->n; i++) {
		const struct audit_row *row = audit_view_row(view, i);
		struct audit_hit *hit;

		if (row->act != AUDIT_BREAK_OPEN || !audit_view_sees(view, row) || !is_payment(audit_view_text(view, row->word)))
			continue;
		finding->population++;
		if (!open[i])
			continue;
		hit = audit_hit_new(finding, audit_view_of(view, row));
		hit->subject = audit_view_text(view, row->name);
		hit->with = audit_view_text(view, row->subject);
		hit->note = audit_view_text(view, row->word);
		hit->fen = row->nlegs > 0 ? audit_log_legs(view->log, row)[0].fen : hit->fen;
		hit->value = (view->at_ms - row->at_ms) / DAY_MS;
		hit->at_ms = row->at_ms;
		audit_hit_seq(finding, hit, i + 1);
	}
}
