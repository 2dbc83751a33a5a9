/*
 * GET /transparency: what was published, as a page; see transparency.h.
 */
#include "handlers/log/transparency.h"

#include "daemon/core/judge.h"
#include "daemon/sys/clock.h"
#include "handlers/intake/visitor.h"
#include "handlers/log/transparency_ask.h"
#include "handlers/web/transparency_page.h"

#include <stdlib.h>

/* A row, and what it is sorted by. */
struct shown {
	struct page_figure figure;
	size_t log;              /* place in the table of logs */
	char place[6];           /* code; what merges others comes behind them */
};

static const struct {
	const char *event;
	enum page_table table;
} tables[] = {
	{ .event = "accepted", .table = PAGE_TABLE_RECEIVED },
	{ .event = "received", .table = PAGE_TABLE_ARRIVED },
	{ .event = "first_look", .table = PAGE_TABLE_FIRST_LOOK },
	{ .event = "closed", .table = PAGE_TABLE_CLOSED },
	{ .event = "escalated", .table = PAGE_TABLE_ESCALATED },
	{ .event = "attempt.observe", .table = PAGE_TABLE_PAID },
};

static enum page_table table_of(struct span event)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		if (span_is(event, tables[i].event))
			return tables[i].table;
	return PAGE_TABLE_OTHER;
}

/* --- places --------------------------------------------------------------------------------------------- */

/* A county with its prefecture in Chinese; the code and the customary name in other languages. */
static struct span place_name(const struct app *app, const struct page_look *look, const struct region *region, struct arena *arena)
{
	const struct region *above = gazetteer_at(judge_gazetteer(app->judge), region->parent);
	struct span latin = region_name_en(region);

	if (region->level == REGION_NATION)
		return catalogue_text(look->lang, SPAN("figures.nation"));
	if (span_empty(latin))
		latin = region->name;
	if (strncmp(look->lang->tag, "zh", 2) != 0)
		return span_of(arena_printf(arena, "%s %.*s", region->code, (int)latin.len, latin.at));
	if (region->level != REGION_COUNTY)
		return region->name;
	return span_of(arena_printf(arena, "%.*s%.*s", (int)above->name.len, above->name.at, (int)region->name.len, region->name.at));
}

/* A code without a name of its own is told as it is. */
static struct span place_of(const struct app *app, const struct page_look *look, const struct transparency_row *row, struct arena *arena)
{
	return row->region != NULL ? place_name(app, look, row->region, arena) : row->row->region;
}

static enum page_rest rest_of(const struct transparency_row *row)
{
	if (!row->rest)
		return PAGE_REST_NONE;
	return row->region != NULL && row->region->level == REGION_PREFECTURE ? PAGE_REST_COUNTIES : PAGE_REST_PLACES;
}

/* --- rows ----------------------------------------------------------------------------------------------- */

static void set_key(struct shown *shown, struct span code)
{
	memset(shown->place, '~', sizeof(shown->place));
	if (code.len != sizeof(shown->place))
		return;
	memcpy(shown->place, code.at, sizeof(shown->place));
	for (size_t i = sizeof(shown->place); i > 0 && memcmp(code.at + i - 2, "00", 2) == 0; i -= 2)
		memset(shown->place + i - 2, '~', 2);
}

static int by_place(const void *one, const void *other)
{
	const struct shown *a = one, *b = other;
	int order = (a->figure.table > b->figure.table) - (a->figure.table < b->figure.table);

	if (order == 0)
		order = (a->log > b->log) - (a->log < b->log);
	if (order == 0)
		order = memcmp(a->place, b->place, sizeof(a->place));
	/* Those without a word last. */
	if (order == 0)
		order = span_empty(a->figure.word) - span_empty(b->figure.word);
	if (order != 0 || span_empty(a->figure.word))
		return order;
	return strcmp(a->figure.word.at, b->figure.word.at);   /* arena_dup() ends them with a NUL */
}

static void take_row(const struct app *app, const struct page_look *look, const struct transparency_row *row, struct arena *arena,
		     struct shown *to)
{
	const struct figures_row *of = row->row;
	struct page_figure *figure = &to->figure;

	*figure = (struct page_figure){ .table = table_of(of->event), .place = place_of(app, look, row, arena), .log = span_of(row->log->name),
					.rest = rest_of(row), .together = row->together, .count = of->count, .amounts = of->amounts,
					.waits = of->waits, .amount = of->amount, .median = of->median, .p90 = of->p90 };
	figure->word = figure->table == PAGE_TABLE_OTHER ? of->event : of->outcome;
	if (!span_empty(figure->word))
		figure->word = arena_dup(arena, figure->word);
	set_key(to, of->region);
}

/* The rows of one page of them. */
static void take_rows(const struct app *app, const struct page_look *look, const struct transparency *data, struct arena *arena,
		      struct page_transparency *view)
{
	struct shown *all = arena_array(arena, struct shown, data->nrows + 1);
	struct page_figure *figures = arena_array(arena, struct page_figure, PAGE_FIGURES_MAX);
	size_t log = 0;

	for (size_t i = 0; i < data->nrows; i++) {
		log += i > 0 && data->rows[i].log != data->rows[i - 1].log;
		take_row(app, look, &data->rows[i], arena, &all[i]);
		all[i].log = log;
	}
	qsort(all, data->nrows, sizeof(all[0]), by_place);
	view->from = view->from < data->nrows ? view->from : 0;
	for (size_t i = view->from; i < data->nrows && view->nfigures < PAGE_FIGURES_MAX; i++)
		figures[view->nfigures++] = all[i].figure;
	view->figures = figures;
	view->before = view->from;
	view->behind = data->nrows - view->from - view->nfigures;
}

static void take_leaves(const struct transparency *data, struct page_transparency *view)
{
	for (size_t i = 0; i < data->nleaves; i++)
		for (size_t k = LEAF_RECEIVED; k < LEAF_CLASSES_END; k++) {
			view->closed += data->leaves[i].figures->closed[k];
			view->dummies += data->leaves[i].figures->dummies[k];
		}
}

/* --- logs and months ------------------------------------------------------------------------------------- */

static enum page_log_state state_of(const struct log_state *state)
{
	if (state->known && state->health.refusing)
		return PAGE_LOG_REFUSING;
	if (!state->any)
		return PAGE_LOG_EMPTY;
	if (!state->is_signed)
		return PAGE_LOG_UNSIGNED;
	if (!state->known || !state->health.wants_quorum)
		return PAGE_LOG_SIGNED;
	return state->health.quorum ? PAGE_LOG_MET : PAGE_LOG_MISSING;
}

static void take_logs(const struct app *app, const struct page_look *look, const struct transparency *data, struct arena *arena,
		      struct page_transparency *view)
{
	struct page_log *logs = arena_array(arena, struct page_log, data->nlogs + 1);

	for (size_t i = 0; i < data->nlogs; i++) {
		const struct transparency_log *of = &data->logs[i];
		const struct published_months *months = &of->months;

		logs[i] = (struct page_log){ .name = span_of(of->log->name), .size = of->state.size, .dated = of->state.dated,
					     .sealed_ms = of->state.sealed_ms, .state = state_of(&of->state),
					     .since_ms = of->state.health.missing_since_ms };
		if (of->region != NULL)
			logs[i].title = place_name(app, look, of->region, arena);
		if (months->n > 0)
			logs[i].newest = span_of(months->at[months->n - 1]);
	}
	view->logs = logs;
	view->nlogs = data->nlogs;
}

static void take_months(const struct transparency *data, struct arena *arena, struct page_transparency *view)
{
	struct span *months = arena_array(arena, struct span, PAGE_MONTHS_MAX);
	size_t n = data->months.n;

	while (view->nmonths < PAGE_MONTHS_MAX && view->nmonths < n) {
		months[view->nmonths] = span_of(data->months.at[n - 1 - view->nmonths]);
		view->nmonths++;
	}
	view->months = months;
	view->months_more = n > PAGE_MONTHS_MAX;
	view->month = data->month;
	if (data->any_next) {
		view->next = span_of(data->next.month);
		view->next_ms = data->next.at_ms;
		view->due = data->next.at_ms <= clock_wall_ms();
	}
}

/* --- the page ----------------------------------------------------------------------------------------------- */

/* This site's name as the visitor reached it, where it is plain. */
static struct span host_of(struct http_exchange *exchange)
{
	struct span host = http_field_find(http_exchange_request(exchange), "Host");

	for (size_t i = 0; i < host.len; i++) {
		char c = host.at[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == ':'))
			return (struct span){ 0 };
	}
	return host.len <= 255 ? host : (struct span){ 0 };
}

void transparency_page(const struct call *args, struct http_exchange *exchange)
{
	struct page_look look = visitor_look(args->app, http_exchange_request(exchange), (struct span){ 0 }, (struct span){ 0 });
	struct page_transparency view = { .small = FIGURES_SMALL, .host = host_of(exchange) };
	struct arena *arena = http_exchange_arena(exchange);
	const struct sealed_log *log = NULL;
	struct transparency *data = NULL;
	struct buf html = { 0 };
	uint64_t from = 0;

	if (transparency_ask(args, exchange, &log, &data) != TRANSPARENCY_FOUND) {
		visitor_error(args->app, exchange, &look, &(struct problem){ .status = 404, .code = "not_found" });
		return;
	}
	if (span_u64(transparency_param(exchange, "from"), &from) && from < data->nrows)
		view.from = (size_t)from;
	view.log = log != NULL ? span_of(log->name) : (struct span){ 0 };
	take_months(data, arena, &view);
	take_rows(args->app, &look, data, arena, &view);
	take_leaves(data, &view);
	view.log_closed = data->months.n > 0 && data->nleaves == 0;
	take_logs(args->app, &look, data, arena, &view);
	page_transparency(args->app->pages, &look, &view, &html);
	answer_page(exchange, 200, buf_span(&html), PAGES_CSP, 0);
	buf_release(&html);
}
