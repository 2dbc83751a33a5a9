/*
 * The auditor's tests: what each looked at, by which parameters, and its hits.
 */
#include "daemon/money/audit_exceptions.h"
#include "handlers/audit/audit.h"
#include "handlers/audit/moment.h"
#include "handlers/audit/reading.h"

static const char *const columns[] = { "row",	  "test",    "population", "population_of", "hits_total", "parameters",
				       "subject", "with",    "note",	   "rewards",	    "fen",	  "value",
				       "unit",	  "at",	     "records",	   "journal",	    NULL };

struct exceptions {
	const struct call *args;
	struct http_exchange *exchange;
	struct moment moment;
	struct audit_view view;
	int64_t parameters[AUDIT_PARAMETERS];
	struct sheet sheet;
};

static bool read_parameters(struct exceptions *e)
{
	for (unsigned i = 0; i < AUDIT_PARAMETERS; i++) {
		const struct audit_parameter_kind *kind = &audit_parameters[i];
		uint64_t number;

		if (!reading_number(e->exchange, kind->name, (uint64_t)kind->preset, (uint64_t)kind->high, &number))
			return false;
		e->parameters[i] = (int64_t)number;
		if (e->parameters[i] >= kind->low)
			continue;
		answer_problem(e->exchange, &(struct problem){ .status = 400, .code = "field_invalid", .field = kind->name,
							       .detail = "This number is out of its range." });
		return false;
	}
	return true;
}

/* --- a test ----------------------------------------------------------------------------- */

static void put_parameters(struct exceptions *e, const struct audit_test *test)
{
	const char *text = "";

	if (e->moment.format == SHEET_JSON)
		json_open_member(&e->sheet.json, "parameters", '{');
	for (unsigned i = 0; i < AUDIT_PARAMETERS; i++) {
		if ((test->takes & 1u << i) == 0)
			continue;
		if (e->moment.format == SHEET_JSON)
			json_i64(&e->sheet.json, audit_parameters[i].name, e->parameters[i]);
		text = arena_printf(e->view.arena, "%s%s%s=%lld", text, text[0] != '\0' ? ";" : "", audit_parameters[i].name,
				    (long long)e->parameters[i]);
	}
	if (e->moment.format == SHEET_JSON)
		json_close(&e->sheet.json, '}');
	else
		sheet_text(&e->sheet, "parameters", text);
}

static void put_hit(struct exceptions *e, const struct audit_test *test, const struct audit_hit *hit)
{
	sheet_row(&e->sheet, "hit");
	if (e->moment.format != SHEET_JSON) {
		sheet_text(&e->sheet, "test", test->name);
		sheet_text(&e->sheet, "unit", test->unit);
	}
	sheet_text(&e->sheet, "subject",
		   hit->is_payee ? moment_pseudonym(e->args, e->exchange, "payee", hit->subject) : hit->subject);
	sheet_text(&e->sheet, "with", hit->with);
	sheet_text(&e->sheet, "note", hit->note);
	sheet_number(&e->sheet, "rewards", (int64_t)hit->rewards);
	sheet_fen(&e->sheet, "fen", hit->fen);
	sheet_number(&e->sheet, "value", hit->value);
	sheet_time(&e->sheet, "at", hit->at_ms);
	sheet_seqs(&e->sheet, &hit->seqs);
	sheet_row_end(&e->sheet);
}

/* In JSON the hits lie in their test, else they are rows behind it. */
static void put_test(struct exceptions *e, const struct audit_test *test)
{
	struct audit_finding found = audit_find(test, &e->view, e->moment.book, e->parameters);

	sheet_row(&e->sheet, "test");
	sheet_text(&e->sheet, "test", test->name);
	if (e->moment.format == SHEET_JSON)
		sheet_text(&e->sheet, "finds", test->finds);
	put_parameters(e, test);
	sheet_number(&e->sheet, "population", (int64_t)found.population);
	sheet_text(&e->sheet, "population_of", test->of);
	sheet_text(&e->sheet, "unit", test->unit);
	sheet_number(&e->sheet, "hits_total", (int64_t)found.total);
	if (e->moment.format != SHEET_JSON)
		sheet_row_end(&e->sheet);
	sheet_list(&e->sheet, "hits");
	for (size_t i = 0; i < found.nhits; i++)
		put_hit(e, test, &found.hits[i]);
	sheet_list_end(&e->sheet);
	if (e->moment.format == SHEET_JSON)
		sheet_row_end(&e->sheet);
}

/* --- all of them --------------------------------------------------------------------------- */

static bool knows(struct span wanted)
{
	size_t n;
	const struct audit_test *tests = audit_tests(&n);

	for (size_t i = 0; i < n; i++)
		if (span_is(wanted, tests[i].name))
			return true;
	return false;
}

static void answer(struct exceptions *e, struct span wanted)
{
	size_t n;
	const struct audit_test *tests = audit_tests(&n);

	e->view = moment_view(e->args, e->exchange, &e->moment);
	sheet_begin(&e->sheet, e->moment.format, e->moment.bom, columns);
	if (e->moment.format == SHEET_JSON)
		moment_tell(&e->moment, &e->sheet.json);
	sheet_list(&e->sheet, "tests");
	for (size_t i = 0; i < n; i++)
		if (span_empty(wanted) || span_is(wanted, tests[i].name))
			put_test(e, &tests[i]);
	sheet_list_end(&e->sheet);
	sheet_answer(&e->sheet, e->args, e->exchange);
}

void audit_call_exceptions(const struct call *args, struct http_exchange *exchange)
{
	struct exceptions e = { .args = args, .exchange = exchange };
	struct span wanted = reading_param(exchange, "test");

	if (!moment_read(args, exchange, &e.moment) || !read_parameters(&e))
		return;
	if (!span_empty(wanted) && !knows(wanted)) {
		answer_problem(exchange, &(struct problem){ .status = 400, .code = "field_invalid", .field = "test",
							    .detail = "There is no such test." });
		return;
	}
	answer(&e, wanted);
}
