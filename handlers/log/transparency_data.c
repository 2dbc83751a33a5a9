/*
 * Gathering what was published; see transparency_data.h.
 */
#include "handlers/log/transparency_data.h"

/* --- rows ----------------------------------------------------------------------------------------------- */

static const struct region *region_of_log(const struct gazetteer *gazetteer, const struct sealed_log *log)
{
	char code[7] = "000000";

	if (strlen(log->name) != 2 || !span_digits(span_of(log->name)))
		return NULL;
	memcpy(code, log->name, 2);
	return gazetteer_find(gazetteer, span_of(code));
}

static bool same_group(const struct figures_row *a, const struct figures_row *b)
{
	return span_eq(a->event, b->event) && span_eq(a->outcome, b->outcome);
}

/* Rows of a group are in order of region, so a place within this one would come next. */
static bool is_rest(const struct figures *figures, size_t i)
{
	const struct figures_row *row = &figures->rows[i], *next = row + 1;

	if (i + 1 == figures->n || !same_group(row, next))
		return false;
	return span_empty(row->region) || region_within(next->region, row->region);
}

static bool is_together(const struct figures *figures, size_t i)
{
	if (!span_empty(figures->rows[i].outcome))
		return false;
	for (size_t k = i + 1; k < figures->n && span_eq(figures->rows[k].event, figures->rows[i].event); k++)
		if (!span_empty(figures->rows[k].outcome))
			return true;
	return false;
}

static void add_rows(const struct transparency_wish *wish, const struct sealed_log *log, const struct figures *figures,
		     struct transparency *out)
{
	const struct region *whole = region_of_log(wish->gazetteer, log);

	for (size_t i = 0; i < figures->n; i++) {
		const struct figures_row *row = &figures->rows[i];
		const struct region *region = span_empty(row->region) ? whole : gazetteer_find(wish->gazetteer, row->region);

		out->rows[out->nrows++] = (struct transparency_row){ .log = log, .row = row, .region = region, .rest = is_rest(figures, i),
								     .together = is_together(figures, i) };
	}
	out->leaves[out->nleaves++] = (struct transparency_leaves){ .log = log, .figures = figures };
}

static void gather_rows(const struct transparency_wish *wish, struct arena *arena, struct transparency *out)
{
	const struct figures *found[LOGS_MAX] = { NULL };
	size_t n = 0;

	for (size_t i = 0; i < logs_count(wish->logs); i++) {
		const struct sealed_log *log = logs_at(wish->logs, i);
		bool wanted = wish->log == NULL || wish->log == log;

		found[i] = wanted ? published_figures(wish->logs, log, out->month) : NULL;
		n += found[i] != NULL ? found[i]->n : 0;
	}
	out->rows = arena_array(arena, struct transparency_row, n + 1);
	for (size_t i = 0; i < logs_count(wish->logs); i++)
		if (found[i] != NULL)
			add_rows(wish, logs_at(wish->logs, i), found[i], out);
}

/* --- logs ------------------------------------------------------------------------------------------------- */

static void gather_logs(const struct transparency_wish *wish, struct arena *arena, struct transparency *out)
{
	out->nlogs = logs_count(wish->logs);
	out->logs = arena_array(arena, struct transparency_log, out->nlogs + 1);
	for (size_t i = 0; i < out->nlogs; i++) {
		struct transparency_log *to = &out->logs[i];
		struct published_next next = { .at_ms = 0 };

		to->log = logs_at(wish->logs, i);
		to->region = region_of_log(wish->gazetteer, to->log);
		log_state_read(wish->logs, to->log, &to->state);
		published_months(wish->logs, to->log, &to->months);
		published_next(wish->logs, to->log, wish->after_days, wish->now_ms, &next);
		if (!out->any_next || next.at_ms < out->next.at_ms)
			out->next = next;
		out->any_next = true;
	}
}

/* --- the whole ---------------------------------------------------------------------------------------------- */

static void choose_month(const struct transparency_wish *wish, struct transparency *out)
{
	struct published_months *of = &out->months, own;

	if (wish->log != NULL) {
		published_months(wish->logs, wish->log, &own);
		of = &own;
	}
	for (size_t i = 0; i < out->months.n; i++)
		if (of->n > 0 && strcmp(out->months.at[i], of->at[of->n - 1]) == 0)
			out->month = span_of(out->months.at[i]);
}

static bool has_month(const struct published_months *months, struct span month)
{
	for (size_t i = 0; i < months->n; i++)
		if (span_is(month, months->at[i]))
			return true;
	return false;
}

bool transparency_gather(const struct transparency_wish *wish, struct arena *arena, struct transparency *out)
{
	memset(out, 0, sizeof(*out));
	published_all_months(wish->logs, &out->months);
	if (!span_empty(wish->month))
		out->month = wish->month;
	else
		choose_month(wish, out);
	gather_logs(wish, arena, out);
	if (!span_empty(out->month))
		gather_rows(wish, arena, out);
	return span_empty(wish->month) || has_month(&out->months, wish->month);
}
