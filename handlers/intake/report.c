/*
 * The pages of a report; see report.h.
 */
#include "handlers/intake/report.h"

#include "daemon/base/hex.h"
#include "daemon/base/table.h"
#include "daemon/base/utf8.h"
#include "daemon/core/journal/clock.h"
#include "daemon/core/judge.h"
#include "daemon/core/retention.h"
#include "daemon/sys/config.h"
#include "daemon/sys/random.h"
#include "handlers/intake/form_proof.h"
#include "handlers/intake/intake.h"
#include "handlers/intake/visitor.h"

#define BODY_TIMES 4u   /* a form's body, in limits.body_bytes */

/* --- faults ----------------------------------------------------------------------------- */

enum page_fault report_fault_of(const char *fault)
{
	static const struct {
		const char *name;
		enum page_fault fault;
	} names[] = {
		{ "missing", PAGE_ABSENT },
		{ "too_long", PAGE_TOO_LONG },
		{ "not_utf8", PAGE_UNREADABLE },
		{ "not_six_digits", PAGE_UNKNOWN },
		{ "no_such_region", PAGE_UNKNOWN },
		{ "receipt_code_inside", PAGE_HOLDS_CODE },
		{ "file_too_large", PAGE_TOO_LONG },
		{ "too_many_files", PAGE_TOO_MANY },
		{ "file_type_refused", PAGE_UNKNOWN },
		{ "tip_files_full", PAGE_FULL },
	};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (strcmp(names[i].name, fault) == 0)
			return names[i].fault;
	return PAGE_UNREADABLE;
}

bool report_region_known(const struct app *app, struct span region)
{
	const struct gazetteer *gazetteer = judge_gazetteer(app->judge);

	/* Shells and abolished codes count by their ancestor; a province that never was is a slip. */
	region = span_trim(region);
	return region.len != 6 || !span_digits(region) || gazetteer_find(gazetteer, region) != NULL ||
	       gazetteer_resolve(gazetteer, region)->level != REGION_NATION;
}

static void set_fault(struct page_form *view, const char *field, const char *fault)
{
	for (enum page_field i = 0; i < PAGE_FIELDS; i++)
		if (strcmp(page_field_name(i), field) == 0)
			view->faults[i] = report_fault_of(fault);
}

/* All that is wrong: intake tells the first, so that one is put right and it is asked again. */
static bool find_faults(const struct app *app, const struct tip_input *in, struct page_form *view)
{
	struct tip_input left = *in;
	struct intake_result result = { 0 };
	bool fine = true;

	for (size_t i = 0; i < PAGE_FIELDS; i++) {
		struct tip tip = tip_input_tip(&left, TIP_BY_WEB, 0);
		struct span *field;

		if (intake_check(app->intake, &tip, &result))
			break;
		fine = false;
		set_fault(view, result.field, result.fault);
		field = tip_input_field(&left, span_of(result.field));
		if (field != NULL)
			*field = field == &left.text ? SPAN("-") : (struct span){ 0 };
	}
	if (report_region_known(app, in->region))
		return fine;
	set_fault(view, "region", "no_such_region");
	return false;
}

/* --- views ------------------------------------------------------------------------------ */

static struct span fresh_nonce(struct arena *arena)
{
	unsigned char random[16];

	random_bytes(random, sizeof(random));
	return span_of(hex_text(arena, random, sizeof(random)));
}

/* First-level regions in the page's language, for the form's choice. */
static const struct page_region *regions_of(const struct app *app, const struct page_look *look,
					    struct arena *arena, size_t *n)
{
	const struct gazetteer *gazetteer = judge_gazetteer(app->judge);
	struct page_region *regions = arena_array(arena, struct page_region, 64);
	bool zh = strncmp(look->lang->tag, "zh", 2) == 0;

	*n = 0;
	for (uint32_t i = 0; i < gazetteer_count(gazetteer) && *n < 64; i++) {
		const struct region *region = gazetteer_at(gazetteer, i);

		if (region->level != REGION_PROVINCE)
			continue;
		regions[*n].code = span_of(region->code);
		regions[(*n)++].name = zh || region->en_bytes == 0 ? region->name : region_name_en(region);
	}
	return regions;
}

/* What was typed, as far as a page can show it. */
static struct span shown(struct span typed)
{
	return utf8_valid(typed) ? typed : (struct span){ 0 };
}

static struct page_form typed_view(const struct tip_input *in, struct http_exchange *exchange)
{
	return (struct page_form){
		.again = true,
		.nonce = shown(in->nonce).len > 0 ? in->nonce : fresh_nonce(http_exchange_arena(exchange)),
		.solution = shown(in->solution),
		.values = { [PAGE_FIELD_TEXT] = shown(in->text),
			    [PAGE_FIELD_PLACE] = shown(in->place),
			    [PAGE_FIELD_REGION] = shown(in->region),
			    [PAGE_FIELD_WHEN] = shown(in->when),
			    [PAGE_FIELD_CATEGORY] = shown(in->category),
			    [PAGE_FIELD_CONTACT] = shown(in->contact) },
	};
}

static struct page_look look_of(const struct app *app, const struct http_exchange *exchange, const struct tip_input *in)
{
	return visitor_look(app, http_exchange_request(exchange), in->lang, in->size);
}

/* --- answers ---------------------------------------------------------------------------- */

typedef void page_maker(const struct pages *pages, const struct page_look *look, const struct page_form *view,
			struct buf *out);

static void answer(const struct app *app, struct http_exchange *exchange, const struct page_look *look,
		   page_maker *make, struct page_form *view, int status, const struct limit_refusal *limit)
{
	struct buf html = { 0 };

	view->regions = regions_of(app, look, http_exchange_arena(exchange), &view->nregions);
	make(app->pages, look, view, &html);
	if (limit != NULL)
		answer_page_limited(exchange, status, buf_span(&html), PAGES_CSP_REPORT, limit);
	else
		answer_page(exchange, status, buf_span(&html), PAGES_CSP_REPORT, 0);
	buf_release(&html);
}

void report_answer_fault(const struct app *app, struct http_exchange *exchange, const struct tip_input *in,
			 const char *field, const char *fault, int status)
{
	struct page_look look = look_of(app, exchange, in);
	struct page_form view = typed_view(in, exchange);
	bool file = strcmp(field, page_field_name(PAGE_FIELD_FILE)) == 0;

	/* A file is refused while it comes: the fields behind it are not there yet. */
	if (!file)
		find_faults(app, in, &view);
	set_fault(&view, field, fault);
	form_proof_ask(app, exchange, in, &view);
	answer(app, exchange, &look, file ? page_check : page_form, &view, status, NULL);
}

void report_answer_busy(const struct app *app, struct http_exchange *exchange, const struct tip_input *in,
			const struct limit_refusal *limit)
{
	struct page_look look = look_of(app, exchange, in);
	struct page_form view = typed_view(in, exchange);

	view.busy = true;
	form_proof_ask(app, exchange, in, &view);
	if (limit->kind == LIMIT_PROOFS)
		view.proof_wait_s = limit->wait_s;
	answer(app, exchange, &look, page_check, &view, 429, limit);
}

/* --- calls ------------------------------------------------------------------------------ */

void report_start(const struct call *args, struct http_exchange *exchange)
{
	struct page_look look = look_of(args->app, exchange, &(struct tip_input){ 0 });
	struct buf html = { 0 };

	page_start(args->app->pages, &look, &html);
	answer_page(exchange, 200, buf_span(&html), PAGES_CSP, 0);
	buf_release(&html);
}

void report_exit(const struct call *args, struct http_exchange *exchange)
{
	struct page_look look = look_of(args->app, exchange, &(struct tip_input){ 0 });
	struct buf html = { 0 };

	page_exit(args->app->pages, &look, &html);
	answer_page(exchange, 200, buf_span(&html), PAGES_CSP, 0);
	buf_release(&html);
}

static size_t kept_of(const struct retention_rules *rules, struct page_kept kept[RETENTION_OUTCOMES])
{
	size_t n = 0;

	for (enum retention_outcome i = 0; rules != NULL && i < RETENTION_OUTCOMES; i++) {
		const int *days = rules->days[i];

		/* That one is of a copy that stays behind when a tip moves on. */
		if (i == RETENTION_TRANSFERRED)
			continue;
		kept[n++] = (struct page_kept){ .outcome = retention_outcome_word(i),
						.identity = days[RETENTION_IDENTITY],
						.files = days[RETENTION_FILES],
						.text = days[RETENTION_TEXT],
						.row = days[RETENTION_ROW] };
	}
	return n;
}

void report_about(const struct call *args, struct http_exchange *exchange)
{
	const struct app *app = args->app;
	struct page_look look = look_of(app, exchange, &(struct tip_input){ 0 });
	struct page_kept kept[RETENTION_OUTCOMES];
	struct page_about view = { .kept = kept, .sms_days = app->config->sms.memory_days };
	struct buf html = { 0 };

	view.nkept = kept_of(app->retention_rules, kept);
	if (app->clock_limits != NULL) {
		view.unopened_first_ms = app->clock_limits->ms[WAIT_UNOPENED][0];
		view.unopened_last_ms = app->clock_limits->ms[WAIT_UNOPENED][CLOCK_BANDS - 1];
	}
	page_about(app->pages, &look, &view, &html);
	answer_page(exchange, 200, buf_span(&html), PAGES_CSP, 0);
	buf_release(&html);
}

void report_form(const struct call *args, struct http_exchange *exchange)
{
	struct page_look look = look_of(args->app, exchange, &(struct tip_input){ 0 });
	struct page_form view = { .nonce = fresh_nonce(http_exchange_arena(exchange)) };

	form_proof_ask(args->app, exchange, NULL, &view);
	answer(args->app, exchange, &look, page_form, &view, 200, NULL);
}

void report_head(const struct call *args, struct http_exchange *exchange, struct http_body_plan *plan)
{
	(void)exchange;
	plan->max_bytes = args->app->config->limits.body_bytes * BODY_TIMES;
}

static bool read_form(const struct call *args, struct http_exchange *exchange, struct tip_input *in)
{
	struct problem problem = { 0 };
	struct page_look look;

	if (tip_input_form(in, http_exchange_request(exchange)->body, http_exchange_arena(exchange), &problem))
		return true;
	look = look_of(args->app, exchange, &(struct tip_input){ 0 });
	visitor_error(args->app, exchange, &look, &problem);
	return false;
}

void report_again(const struct call *args, struct http_exchange *exchange)
{
	struct tip_input in = { 0 };
	struct page_look look;
	struct page_form view;

	if (!read_form(args, exchange, &in))
		return;
	look = look_of(args->app, exchange, &in);
	view = typed_view(&in, exchange);
	form_proof_ask(args->app, exchange, &in, &view);
	answer(args->app, exchange, &look, page_form, &view, 200, NULL);
}

void report_check(const struct call *args, struct http_exchange *exchange)
{
	struct tip_input in = { 0 };
	struct page_look look;
	struct page_form view;
	bool fine;

	if (!read_form(args, exchange, &in))
		return;
	look = look_of(args->app, exchange, &in);
	view = typed_view(&in, exchange);
	fine = find_faults(args->app, &in, &view);
	form_proof_ask(args->app, exchange, &in, &view);
	answer(args->app, exchange, &look, fine ? page_check : page_form, &view, fine ? 200 : 400, NULL);
}
