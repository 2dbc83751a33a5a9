/*
 * The page of figures and logs; see transparency_page.h.
 */
#include "handlers/web/transparency_page.h"

#include "daemon/base/civil_time.h"
#include "daemon/base/money.h"
#include "daemon/base/table.h"
#include "handlers/web/pages_inside.h"

#include <string.h>

#define BEIJING_MS (CIVIL_BEIJING_MINUTES * INT64_C(60000))

/* --- words that depend on a value --------------------------------------------------------------- */

static const struct table_words {
	const char *id, *title, *help;
	bool outcomes, events, waits, amounts;   /* columns */
} table_words[PAGE_TABLES] = {
	[PAGE_TABLE_RECEIVED] = { .id = "received", .title = "figures.received", .help = "figures.received.help" },
	[PAGE_TABLE_ARRIVED] = { .id = "arrived", .title = "figures.arrived", .help = "figures.arrived.help" },
	[PAGE_TABLE_FIRST_LOOK] = { .id = "first-look", .title = "figures.look", .help = "figures.look.help", .waits = true },
	[PAGE_TABLE_CLOSED] = { .id = "closed", .title = "figures.closed", .help = "figures.closed.help", .outcomes = true },
	[PAGE_TABLE_ESCALATED] = { .id = "escalated", .title = "figures.escalated", .help = "figures.escalated.help" },
	[PAGE_TABLE_PAID] = { .id = "paid", .title = "figures.paid", .help = "figures.paid.help", .outcomes = true, .amounts = true },
	[PAGE_TABLE_OTHER] = { .id = "other", .title = "figures.other", .help = "figures.other.help", .events = true },
};

static const char *const rest_messages[PAGE_RESTS] = {
	[PAGE_REST_COUNTIES] = "figures.rest.counties",
	[PAGE_REST_PLACES] = "figures.rest.places",
};

static const char *const state_messages[PAGE_LOG_STATES] = {
	[PAGE_LOG_EMPTY] = "figures.log.empty",	      [PAGE_LOG_UNSIGNED] = "figures.log.unsigned",
	[PAGE_LOG_REFUSING] = "figures.log.refusing", [PAGE_LOG_MISSING] = "figures.log.missing",
	[PAGE_LOG_MET] = "figures.log.met",	      [PAGE_LOG_SIGNED] = "figures.log.signed",
};

static const struct word_message {
	const char *word, *message;
} outcome_messages[] = {
	{ .word = "verified", .message = "outcome.verified" },
	{ .word = "unfounded", .message = "outcome.unfounded" },
	{ .word = "duplicate", .message = "outcome.duplicate" },
	{ .word = "insufficient", .message = "outcome.insufficient" },
	{ .word = "referred", .message = "outcome.referred" },
	{ .word = "prank", .message = "outcome.prank" },
	{ .word = "succeeded", .message = "outcome.succeeded" },
	{ .word = "returned", .message = "outcome.returned" },
	{ .word = "", .message = "outcome.untold" },
	{ .word = "-", .message = "figures.rest.results" },
}, log_messages[] = {
	{ .word = "00", .message = "figures.nation" },
	{ .word = "money", .message = "figures.log.money" },
	{ .word = "audit", .message = "figures.log.audit" },
};

const char *page_transparency_message_at(size_t index)
{
	if (index < PAGE_TABLES)
		return table_words[index].title;
	index -= PAGE_TABLES;
	if (index < PAGE_TABLES)
		return table_words[index].help;
	index -= PAGE_TABLES;
	if (index < PAGE_RESTS - 1)
		return rest_messages[index + 1];
	index -= PAGE_RESTS - 1;
	if (index < PAGE_LOG_STATES)
		return state_messages[index];
	index -= PAGE_LOG_STATES;
	if (index < COUNT_OF(outcome_messages))
		return outcome_messages[index].message;
	index -= COUNT_OF(outcome_messages);
	return index < COUNT_OF(log_messages) ? log_messages[index].message : NULL;
}

static const char *message_for(const struct word_message *rows, size_t n, struct span word)
{
	for (size_t i = 0; i < n; i++)
		if (span_is(word, rows[i].word))
			return rows[i].message;
	return NULL;
}

/* --- numbers and times ------------------------------------------------------------------------------ */

/* A comma after each third digit in front of the point, in both languages. */
static struct span grouped(struct making *making, struct span digits)
{
	struct span whole = digits, part;
	char *text = arena_alloc(&making->arena, digits.len + digits.len / 3 + 1);
	size_t n = 0;

	if (!span_cut(&whole, '.', &part))
		part = digits;
	for (size_t i = 0; i < part.len; i++) {
		if (i > 0 && (part.len - i) % 3 == 0)
			text[n++] = ',';
		text[n++] = digits.at[i];
	}
	memcpy(text + n, digits.at + part.len, digits.len - part.len);
	return span_from(text, n + digits.len - part.len);
}

static struct span count_text(struct making *making, uint64_t count)
{
	return grouped(making, span_of(arena_printf(&making->arena, "%llu", (unsigned long long)count)));
}

/* Year and name of the month that is written "2026-11". */
static void set_month(struct making *making, struct values *values, struct span month)
{
	uint64_t number = 0;

	if (month.len != 7 || !span_u64(span_from(month.at + 5, 2), &number))
		return;
	values_text(values, "value", month);
	values_text(values, "year", span_from(month.at, 4));
	values_text(values, "month", making_month(making, (unsigned)number));
}

/* "2026-11-21 08:00" on a clock in China, and the moment for machines. */
static void set_moment(struct making *making, struct values *values, int64_t at_ms)
{
	char utc[CIVIL_TEXT_MAX], local[CIVIL_TEXT_MAX];

	civil_write(at_ms, utc);
	civil_write(at_ms + BEIJING_MS, local);
	values_text(values, "utc", span_of(arena_printf(&making->arena, "%s", utc)));
	values_text(values, "clock", span_of(arena_printf(&making->arena, "%.10s %.5s", local, local + 11)));
}

/* --- the tables ------------------------------------------------------------------------------------------ */

static void set_place(struct making *making, struct values *row, struct span place, struct span log)
{
	const char *message = message_for(log_messages, COUNT_OF(log_messages), log);

	if (place.len == 0 && message != NULL)
		place = catalogue_text(making->look->lang, span_of(message));
	values_text(row, "place", place.len > 0 ? place : log);
}

static void set_word(struct values *row, const struct page_figure *figure)
{
	const char *message = message_for(outcome_messages, COUNT_OF(outcome_messages), figure->together ? SPAN("-") : figure->word);

	values_text(row, "event", figure->word);
	values_text(row, "outcome", message != NULL ? span_of(message) : (struct span){ 0 });
}

static void set_figure(struct making *making, struct values *row, const struct page_figure *figure)
{
	char yuan[MONEY_TEXT_MAX];

	set_place(making, row, figure->place, figure->log);
	if (figure->rest != PAGE_REST_NONE)
		values_text(row, "rest", span_of(rest_messages[figure->rest]));
	set_word(row, figure);
	values_text(row, "count", count_text(making, figure->count));
	if (figure->amounts)
		values_text(row, "sum", grouped(making, arena_dup(&making->arena, money_write_yuan(figure->amount, yuan))));
	if (figure->waits) {
		values_text(row, "median", count_text(making, figure->median));
		values_text(row, "p90", count_text(making, figure->p90));
	}
}

static struct values *add_table(struct making *making, enum page_table table)
{
	const struct table_words *words = &table_words[table];
	struct values *row = values_row(making->values, "tables");

	values_text(row, "id", span_of(words->id));
	values_text(row, "title", span_of(words->title));
	values_text(row, "help", span_of(words->help));
	values_flag(row, "outcomes", words->outcomes);
	values_flag(row, "events", words->events);
	values_flag(row, "waits", words->waits);
	values_flag(row, "amounts", words->amounts);
	return row;
}

static void set_tables(struct making *making, const struct page_transparency *view)
{
	struct values *table = NULL;

	for (size_t i = 0; i < view->nfigures; i++) {
		if (i == 0 || view->figures[i].table != view->figures[i - 1].table)
			table = add_table(making, view->figures[i].table);
		set_figure(making, values_row(table, "rows"), &view->figures[i]);
	}
	values_flag(making->values, "rows_before", view->before > 0);
	values_flag(making->values, "rows_behind", view->behind > 0);
	values_text(making->values, "from_before",
		    making_number(making, (unsigned)(view->from > PAGE_FIGURES_MAX ? view->from - PAGE_FIGURES_MAX : 0)));
	values_text(making->values, "from_behind", making_number(making, (unsigned)(view->from + view->nfigures)));
}

/* --- months and logs ---------------------------------------------------------------------------------------- */

static void set_months(struct making *making, const struct page_transparency *view)
{
	for (size_t i = 0; i < view->nmonths; i++) {
		struct values *row = values_row(making->values, "months");

		set_month(making, row, view->months[i]);
		values_flag(row, "shown", span_eq(view->months[i], view->month));
	}
	values_flag(making->values, "months_more", view->months_more);
	values_flag(making->values, "log_closed", view->log_closed);
	if (view->month.len > 0 && !view->log_closed)
		set_month(making, values_row(making->values, "opened"), view->month);
	if (view->next.len > 0) {
		struct values *next = values_row(making->values, "next");

		set_month(making, values_row(next, "of"), view->next);
		values_flag(next, "due", view->due);
		making_day(making, next, view->next_ms);
	}
}

static void set_log(struct making *making, struct values *row, const struct page_log *log)
{
	values_text(row, "name", log->name);
	set_place(making, row, log->title, log->name);
	values_text(row, "size", count_text(making, log->size));
	if (log->dated)
		set_moment(making, values_row(row, "sealed"), log->sealed_ms);
	values_text(row, "state", span_of(state_messages[log->state]));
	values_flag(row, "ill", log->state == PAGE_LOG_UNSIGNED || log->state == PAGE_LOG_REFUSING || log->state == PAGE_LOG_MISSING);
	if (log->state == PAGE_LOG_MISSING && log->since_ms > 0)
		set_moment(making, values_row(row, "since"), log->since_ms);
	if (log->newest.len > 0)
		values_text(row, "newest", log->newest);
}

/* What a change of language or size keeps. */
static void set_choice(struct making *making, const struct page_transparency *view)
{
	const char *log = view->log.len > 0 ? arena_printf(&making->arena, "&log=%.*s", (int)view->log.len, view->log.at) : "";

	values_text(making->values, "chosen_month", view->month);
	values_text(making->values, "chosen_log", view->log);
	if (view->month.len > 0)
		values_text(making->values, "keep",
			    span_of(arena_printf(&making->arena, "month=%.*s%s", (int)view->month.len, view->month.at, log)));
}

void page_transparency(const struct pages *pages, const struct page_look *look, const struct page_transparency *view,
		       struct buf *out)
{
	struct making making;

	making_begin(&making, pages, look, "/transparency");
	set_choice(&making, view);
	set_months(&making, view);
	set_tables(&making, view);
	for (size_t i = 0; i < view->nlogs; i++)
		set_log(&making, values_row(making.values, "logs"), &view->logs[i]);
	for (size_t i = 0; i < view->nlogs && view->log.len > 0; i++)
		if (span_eq(view->logs[i].name, view->log))
			set_place(&making, values_row(making.values, "alone"), view->logs[i].title, view->log);
	values_text(making.values, "small", making_number(&making, view->small));
	values_text(making.values, "closed", count_text(&making, view->closed));
	values_text(making.values, "dummies", count_text(&making, view->dummies));
	values_text(making.values, "host", view->host.len > 0 ? view->host : SPAN("HOST"));
	values_text(making.values, "example", view->log.len > 0 ? view->log : view->nlogs > 0 ? view->logs[0].name : SPAN("LOG"));
	making_finish(&making, PAGE_TRANSPARENCY, out);
}
