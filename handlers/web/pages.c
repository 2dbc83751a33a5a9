/*
 * Pages for the public: views to values, values to HTML; see pages.h.
 *
 * What a page says stands in its template and in the catalogues. Here are only
 * the words that depend on a value: tables from an enum to a message.
 */
#include "handlers/web/pages.h"

#include "daemon/base/asset.h"
#include "daemon/base/table.h"
#include "handlers/web/pages_inside.h"
#include "handlers/web/raise_words.h"
#include "handlers/web/staff_files.h"
#include "handlers/web/transparency_page.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define DEFAULT_LANGUAGE "zh-CN"
#define CHINA_OFFSET_S (8 * 3600L)   /* days are days in China; no summer time since 1991 */

static const char *const page_templates[PAGES] = {
	[PAGE_START] = "start",
	[PAGE_FORM] = "form",
	[PAGE_CHECK] = "check",
	[PAGE_RECEIPT] = "receipt",
	[PAGE_RECEIPT_ASK] = "receipt-ask",
	[PAGE_STATUS] = "status",
	[PAGE_CLAIM] = "claim",
	[PAGE_ERROR] = "error",
	[PAGE_TRANSPARENCY] = "transparency",
	[PAGE_ABOUT] = "about",
	[PAGE_REWARDS] = "rewards",
	[PAGE_EXIT] = "exit",
};

/* --- words that depend on a value ------------------------------------------------ */

static const char *const ask_messages[PAGE_ASK_FAULTS] = {
	[PAGE_ASK_ABSENT] = "ask.fault.absent",   [PAGE_ASK_DIGITS] = "ask.fault.digits",
	[PAGE_ASK_LENGTH] = "ask.fault.length",   [PAGE_ASK_CHECK] = "ask.fault.check",
	[PAGE_ASK_UNFOUND] = "ask.fault.unfound", [PAGE_ASK_OFTEN] = "ask.fault.often",
};

static const char *const retype_messages[PAGE_RETYPE_FAULTS] = {
	[PAGE_RETYPE_ABSENT] = "retype.fault.absent", [PAGE_RETYPE_WRONG] = "retype.fault.wrong",
	[PAGE_RETYPE_OFTEN] = "ask.fault.often",
};

static const struct state_words {
	const char *name;
	const char *help;
} state_messages[TIP_STATES] = {
	[TIP_QUEUED] = { .name = "state.queued", .help = "state.queued.help" },
	[TIP_CLAIMED] = { .name = "state.claimed", .help = "state.claimed.help" },
	[TIP_VERIFIED] = { .name = "state.verified", .help = "state.verified.help" },
	[TIP_CLOSED] = { .name = "state.closed", .help = "state.closed.help" },
	[TIP_ERASED] = { .name = "state.erased", .help = "state.erased.help" },
	[TIP_TRANSFERRED] = { .name = "state.transferred", .help = "state.transferred.help" },
};

static const struct class_words {
	const char *class;
	const char *message;
} class_messages[] = {
	{ .class = "received", .message = "leaf.received" },
	{ .class = "work", .message = "leaf.work" },
	{ .class = "office", .message = "leaf.office" },
};

static struct span class_message(struct span class)
{
	for (size_t i = 0; i < COUNT_OF(class_messages); i++)
		if (span_is(class, class_messages[i].class))
			return span_of(class_messages[i].message);
	return class;
}

static const struct claim_words {
	const char *word;
	const char *name;
	const char *help;
} claim_messages[] = {
	{ .word = "none", .name = "claim.none", .help = "claim.none.help" },
	{ .word = "open", .name = "claim.open", .help = "claim.open.help" },
	{ .word = "in_progress", .name = "claim.moving", .help = "claim.moving.help" },
	{ .word = "returned", .name = "claim.returned", .help = "claim.returned.help" },
	{ .word = "paid", .name = "claim.paid", .help = "claim.paid.help" },
	{ .word = "declined", .name = "claim.declined", .help = "claim.declined.help" },
	{ .word = "expired", .name = "claim.expired", .help = "claim.expired.help" },
	{ .word = "taken_back", .name = "claim.over", .help = "claim.over.help" },
};

static const char *const claim_faults[PAGE_CLAIM_FAULTS] = {
	[PAGE_CLAIM_RAIL] = "claim.fault.rail",		  [PAGE_CLAIM_ACCOUNT] = "claim.fault.account",
	[PAGE_CLAIM_NAME] = "claim.fault.name",		  [PAGE_CLAIM_CONFIRM] = "claim.fault.confirm",
	[PAGE_CLAIM_REFUSED] = "claim.fault.refused",	  [PAGE_CLAIM_OFTEN] = "ask.fault.often",
	[PAGE_CLAIM_IN_PERSON] = "claim.fault.in_person", [PAGE_CLAIM_OTHER] = "fault.other",
};

/* Ways of payment that have words of their own; of others the name is shown. */
static const struct {
	const char *rail;
	const char *message;
} claim_rails[] = {
	{ .rail = "voucher", .message = "claim.rail.voucher" },
	{ .rail = "wechat", .message = "claim.rail.wechat" },
	{ .rail = "bank", .message = "claim.rail.bank" },
};

/* The last row is for every other status. */
static const struct error_words {
	int status;
	const char *title;
	const char *text;
} error_messages[] = {
	{ .status = 404, .title = "error.404", .text = "error.404.text" },
	{ .status = 405, .title = "error.404", .text = "error.404.text" },
	{ .status = 408, .title = "error.408", .text = "error.408.text" },
	{ .status = 413, .title = "error.413", .text = "error.413.text" },
	{ .status = 429, .title = "error.429", .text = "error.429.text" },
	{ .status = 503, .title = "error.503", .text = "error.503.text" },
	{ .status = 504, .title = "error.503", .text = "error.503.text" },
	{ .status = 500, .title = "error.500", .text = "error.500.text" },
	{ .status = 0, .title = "error.400", .text = "error.400.text" },
};

static const char *const month_messages[12] = {
	"month.1", "month.2", "month.3", "month.4",  "month.5",  "month.6",
	"month.7", "month.8", "month.9", "month.10", "month.11", "month.12",
};

static const char *const other_messages[] = { "lang.name" };

static const struct error_words *error_words(int status)
{
	const struct error_words *row = error_messages;

	while (row->status != 0 && row->status != status && !(row->status == 500 && status > 500))
		row++;
	return row;
}

/* --- start ------------------------------------------------------------------------- */

static struct span source_of(void *ctx, struct span name)
{
	char path[96];

	(void)ctx;
	snprintf(path, sizeof(path), "handlers/web/public/%.*s.html", (int)name.len, name.at);
	return asset_find(path);
}

static bool present(const struct pages *pages, struct span id, struct complaint *why)
{
	for (size_t i = 0; i < pages->catalogues.n; i++)
		if (!catalogue_has(&pages->catalogues.at[i], id))
			return complain(why, 0, "locale %s: the message %.*s is missing", pages->catalogues.at[i].tag,
					(int)id.len, id.at);
	return true;
}

static bool all_present(const struct pages *pages, const char *const *ids, size_t n, struct complaint *why)
{
	for (size_t i = 0; i < n; i++)
		if (ids[i] != NULL && !present(pages, span_of(ids[i]), why))
			return false;
	return true;
}

static bool tables_present(const struct pages *pages, struct complaint *why)
{
	for (size_t i = 0; i < TIP_STATES; i++)
		if (!present(pages, span_of(state_messages[i].name), why) ||
		    !present(pages, span_of(state_messages[i].help), why))
			return false;
	for (size_t i = 0; i < COUNT_OF(error_messages); i++)
		if (!present(pages, span_of(error_messages[i].title), why) ||
		    !present(pages, span_of(error_messages[i].text), why))
			return false;
	for (size_t i = 0; i < COUNT_OF(class_messages); i++)
		if (!present(pages, span_of(class_messages[i].message), why))
			return false;
	for (size_t i = 0; i < COUNT_OF(claim_messages); i++)
		if (!present(pages, span_of(claim_messages[i].name), why) ||
		    !present(pages, span_of(claim_messages[i].help), why))
			return false;
	for (size_t i = 0; i < COUNT_OF(claim_rails); i++)
		if (!present(pages, span_of(claim_rails[i].message), why))
			return false;
	if (!present(pages, SPAN("claim.panel.asked"), why) || !present(pages, SPAN("claim.panel.bound"), why))
		return false;
	return all_present(pages, claim_faults, PAGE_CLAIM_FAULTS, why) &&
	       all_present(pages, ask_messages, COUNT_OF(ask_messages), why) &&
	       all_present(pages, retype_messages, COUNT_OF(retype_messages), why) &&
	       all_present(pages, month_messages, COUNT_OF(month_messages), why) &&
	       all_present(pages, other_messages, COUNT_OF(other_messages), why);
}

static bool figures_present(const struct pages *pages, struct complaint *why)
{
	for (size_t i = 0; page_transparency_message_at(i) != NULL; i++)
		if (!present(pages, span_of(page_transparency_message_at(i)), why))
			return false;
	return true;
}

static bool report_present(const struct pages *pages, struct complaint *why)
{
	for (size_t i = 0; i < PAGE_REPORT_MESSAGES; i++)
		if (page_report_message_at(i) != NULL && !present(pages, span_of(page_report_message_at(i)), why))
			return false;
	return true;
}

static bool raise_present(const struct pages *pages, struct complaint *why)
{
	for (size_t i = 0; raise_message_at(i) != NULL; i++)
		if (!present(pages, span_of(raise_message_at(i)), why))
			return false;
	return true;
}

static bool template_present(const struct pages *pages, const struct template *template, struct complaint *why)
{
	struct span id;

	for (size_t i = 0; (id = template_message_at(template, i)).at != NULL; i++)
		if (!present(pages, id, why))
			return false;
	return true;
}

static bool pages_load(struct pages *pages, struct complaint *why)
{
	if (!catalogues_load(DEFAULT_LANGUAGE, &pages->catalogues, why))
		return false;
	for (size_t i = 0; i < PAGES; i++) {
		pages->templates[i] = template_compile(&pages->arena, source_of, NULL, page_templates[i], why);
		if (pages->templates[i] == NULL || !template_present(pages, pages->templates[i], why))
			return false;
	}
	return tables_present(pages, why) && report_present(pages, why) && raise_present(pages, why) && figures_present(pages, why);
}

struct pages *pages_new(const struct pages_settings *settings, struct complaint *why)
{
	struct pages *pages = calloc(1, sizeof(*pages));

	if (pages == NULL) {
		fputs("out of memory\n", stderr);
		exit(EXIT_FAILURE);
	}
	pages->settings = *settings;
	if (pages->settings.exit_url == NULL || pages->settings.exit_url[0] == '\0')
		pages->settings.exit_url = PAGES_EXIT_URL;
	if (!pages_load(pages, why)) {
		pages_free(pages);
		return NULL;
	}
	return pages;
}

void pages_free(struct pages *pages)
{
	if (pages == NULL)
		return;
	arena_release(&pages->arena);
	free(pages);
}

const struct catalogues *pages_catalogues(const struct pages *pages)
{
	return &pages->catalogues;
}

/* --- what every page has ------------------------------------------------------------ */

struct span making_number(struct making *making, unsigned n)
{
	return span_of(arena_printf(&making->arena, "%u", n));
}

static struct span message_of(const void *ctx, struct span id)
{
	return catalogue_text(ctx, id);
}

static void set_languages(struct making *making)
{
	const struct catalogues *all = &making->pages->catalogues;

	for (size_t i = 0; i < all->n; i++) {
		struct values *row;

		if (&all->at[i] == making->look->lang)
			continue;
		row = values_row(making->values, "languages");
		values_text(row, "tag", span_of(all->at[i].tag));
		values_text(row, "name", catalogue_text(&all->at[i], SPAN("lang.name")));
	}
}

void making_begin(struct making *making, const struct pages *pages, const struct page_look *look, const char *here)
{
	const struct pages_settings *settings = &pages->settings;

	*making = (struct making){ .pages = pages, .look = look };
	making->values = values_new(&making->arena);
	values_text(making->values, "lang", span_of(look->lang->tag));
	values_flag(making->values, "large", look->large);
	values_text(making->values, "here", span_of(here));
	values_text(making->values, "exit_url", span_of(settings->exit_url));
	values_text(making->values, "sms_number", span_of(settings->sms_number));
	values_text(making->values, "telephone", span_of(settings->telephone));
	values_text(making->values, "text_max", making_number(making, settings->text_max));
	values_text(making->values, "files_max", making_number(making, settings->files_max));
	values_text(making->values, "file_mib", making_number(making, settings->file_mib_max));
	set_languages(making);
}

void making_finish(struct making *making, enum page page, struct buf *out)
{
	template_render(making->pages->templates[page], making->values, message_of, making->look->lang, out);
	arena_release(&making->arena);
}

struct span making_month(const struct making *making, unsigned month)
{
	return month >= 1 && month <= 12 ? catalogue_text(making->look->lang, span_of(month_messages[month - 1])) : (struct span){ 0 };
}

void making_day(struct making *making, struct values *values, int64_t at_ms)
{
	time_t seconds = (time_t)(at_ms / 1000) + CHINA_OFFSET_S;
	struct tm day;

	if (gmtime_r(&seconds, &day) == NULL || day.tm_mon < 0 || day.tm_mon > 11)
		return;
	values_text(values, "year", span_of(arena_printf(&making->arena, "%d", day.tm_year + 1900)));
	values_text(values, "month", making_month(making, (unsigned)day.tm_mon + 1));
	values_text(values, "day_of_month", span_of(arena_printf(&making->arena, "%d", day.tm_mday)));
	values_text(values, "day", span_of(arena_printf(&making->arena, "%04d-%02d-%02d", day.tm_year + 1900,
							day.tm_mon + 1, day.tm_mday)));
}

/* --- the pages ------------------------------------------------------------------------ */

void page_receipt(const struct pages *pages, const struct page_look *look, const struct page_receipt *view,
		  struct buf *out)
{
	struct span rest = view->code;
	struct span group;
	struct making making;

	making_begin(&making, pages, look, NULL);
	while (span_cut(&rest, ' ', &group))
		values_text(values_row(making.values, "groups"), "group", group);
	values_text(making.values, "reference", view->reference);
	values_text(making.values, "promise", view->promise);
	values_text(making.values, "code", view->code);
	values_text(making.values, "seal", view->seal);
	values_text(making.values, "at", span_of(arena_printf(&making.arena, "%lld", (long long)view->received_ms)));
	if (view->fault != PAGE_RETYPE_FINE)
		values_text(making.values, "fault", span_of(retype_messages[view->fault]));
	values_flag(making.values, "faulty", view->fault != PAGE_RETYPE_FINE);
	making_day(&making, making.values, view->received_ms);
	making_finish(&making, PAGE_RECEIPT, out);
}

void page_exit(const struct pages *pages, const struct page_look *look, struct buf *out)
{
	struct making making;

	making_begin(&making, pages, look, NULL);
	making_finish(&making, PAGE_EXIT, out);
}

void page_receipt_ask(const struct pages *pages, const struct page_look *look,
		      const struct page_receipt_ask *view, struct buf *out)
{
	struct making making;

	making_begin(&making, pages, look, "/receipt");
	values_text(making.values, "typed", view->typed);
	if (view->fault != PAGE_ASK_FINE)
		values_text(making.values, "fault", span_of(ask_messages[view->fault]));
	values_flag(making.values, "faulty", view->fault != PAGE_ASK_FINE);
	making_finish(&making, PAGE_RECEIPT_ASK, out);
}

static void set_messages(struct making *making, const struct page_status *view)
{
	for (size_t i = 0; i < view->nmessages; i++) {
		struct values *row = values_row(making->values, "messages");

		values_flag(row, "from_bureau", view->messages[i].from_bureau);
		values_text(row, "message", view->messages[i].text);
		making_day(making, row, view->messages[i].at_ms);
	}
}

static void set_raise(struct making *making, const struct page_status *view)
{
	struct values *row;

	if (view->raise.len == 0)
		return;
	row = values_row(making->values, "raise");
	values_text(row, "raised", view->raise);
	making_day(making, row, view->raised_ms);
}

static void set_leaves(struct making *making, const struct page_status *view)
{
	for (size_t i = 0; i < view->nleaves; i++) {
		const struct page_leaf *leaf = &view->leaves[i];
		struct values *row = values_row(making->values, "leaves");

		values_text(row, "class", class_message(leaf->class));
		values_text(row, "log", leaf->log);
		values_text(row, "index", span_of(arena_printf(&making->arena, "%llu", (unsigned long long)leaf->index)));
		making_day(making, row, (int64_t)leaf->day * 86400000 - CHINA_OFFSET_S * 1000);
	}
}

static void set_log(struct making *making, const struct page_status *view)
{
	values_flag(making->values, "log_served", view->log_served);
	values_text(making->values, "proof", view->proof);
	values_flag(making->values, "log_whole", view->log_whole && !view->log_behind);
	values_flag(making->values, "log_behind", view->log_behind);
	values_flag(making->values, "log_more", !view->log_whole && !view->log_behind);
	set_leaves(making, view);
}

void page_status(const struct pages *pages, const struct page_look *look, const struct page_status *view,
		 struct buf *out)
{
	struct making making;

	making_begin(&making, pages, look, NULL);
	values_text(making.values, "code", view->code);
	values_text(making.values, "nonce", view->nonce);
	values_text(making.values, "reference", view->reference);
	values_text(making.values, "region", view->region);
	values_text(making.values, "state", span_of(state_messages[view->state].name));
	values_text(making.values, "state_help", span_of(state_messages[view->state].help));
	values_text(making.values, "state_name", span_of(tip_state_name(view->state)));
	set_log(&making, view);
	values_text(making.values, "text", view->fault != PAGE_FINE ? view->typed : SPAN(""));
	values_flag(making.values, "may_write", view->may_write);
	values_flag(making.values, "taken", view->taken);
	values_flag(making.values, "erased", view->erased);
	values_flag(making.values, "shredded", view->erased && view->state != TIP_ERASED);
	values_flag(making.values, "may_reopen", view->may_reopen);
	set_raise(&making, view);
	values_text(making.values, "next_raise", view->next);
	values_flag(making.values, "faulty", view->fault != PAGE_FINE);
	making_fault(&making, PAGE_FIELD_TEXT, view->fault);
	making_day(&making, making.values, view->received_ms);
	set_messages(&making, view);
	making_finish(&making, PAGE_STATUS, out);
}

static void set_claim_words(struct making *making, struct span word)
{
	const struct claim_words *words = &claim_messages[0];

	for (size_t i = 0; i < COUNT_OF(claim_messages); i++)
		if (span_is(word, claim_messages[i].word))
			words = &claim_messages[i];
	values_text(making->values, "status", span_of(words->name));
	values_text(making->values, "status_help", span_of(words->help));
}

void making_rails(struct making *making, struct span rails)
{
	struct span rail;
	bool first = true;

	while (span_cut(&rails, ',', &rail)) {
		struct values *row = values_row(making->values, "rails");

		rail = span_trim(rail);
		values_text(row, "rail", rail);
		values_text(row, "rail_name", rail);
		values_flag(row, "first", first);
		for (size_t i = 0; i < COUNT_OF(claim_rails); i++)
			if (span_is(rail, claim_rails[i].rail))
				values_text(row, "rail_text", span_of(claim_rails[i].message));
		if (!span_is(rail, "voucher"))
			values_flag(making->values, "accounts", true);
		first = false;
	}
}

static void set_voucher(struct making *making, const struct page_claim *view)
{
	struct values *row;

	if (view->voucher_number.len == 0)
		return;
	row = values_row(making->values, "voucher");
	values_text(row, "voucher_number", view->voucher_number);
	values_text(row, "voucher_word", view->voucher_word);
	making_day(making, row, view->voucher_until_ms);
}

void page_claim(const struct pages *pages, const struct page_look *look, const struct page_claim *view,
		struct buf *out)
{
	struct making making;

	making_begin(&making, pages, look, NULL);
	values_text(making.values, "code", view->code);
	values_text(making.values, "nonce", view->nonce);
	values_text(making.values, "amount", view->amount);
	values_flag(making.values, "done", view->done);
	values_flag(making.values, "payable", view->may_claim || view->may_change);
	values_text(making.values, "action", view->may_claim ? SPAN("claim") : SPAN("change"));
	values_flag(making.values, "may_claim", view->may_claim);
	values_flag(making.values, "may_decline", view->may_decline);
	values_flag(making.values, "may_object", view->may_object);
	if (view->panel.len > 0)
		values_text(making.values, "panel", span_is(view->panel, "bound") ? SPAN("claim.panel.bound")
										    : SPAN("claim.panel.asked"));
	values_flag(making.values, "confirming", view->fault == PAGE_CLAIM_CONFIRM);
	if (view->fault != PAGE_CLAIM_FINE)
		values_text(making.values, "fault", span_of(claim_faults[view->fault]));
	if (view->deadline_ms > 0)
		making_day(&making, values_row(making.values, "until"), view->deadline_ms);
	set_claim_words(&making, view->word);
	making_rails(&making, view->rails);
	set_voucher(&making, view);
	making_finish(&making, PAGE_CLAIM, out);
}

static void set_retry(struct making *making, unsigned seconds)
{
	if (seconds == 0)
		return;
	values_flag(making->values, "retry", true);
	values_flag(making->values, "retry_minutes", seconds > 120);
	values_text(making->values, "retry_count", making_number(making, seconds > 120 ? (seconds + 59) / 60 : seconds));
}

void page_error(const struct pages *pages, const struct page_look *look, const struct page_error *view,
		struct buf *out)
{
	const struct error_words *words = error_words(view->status);
	struct making making;

	making_begin(&making, pages, look, NULL);
	values_text(making.values, "error_title", span_of(words->title));
	values_text(making.values, "error_text", span_of(words->text));
	values_text(making.values, "detail", view->text);
	values_text(making.values, "error_code", view->code);
	values_text(making.values, "status", making_number(&making, (unsigned)view->status));
	values_flag(making.values, "unavailable", view->status >= 500);
	set_retry(&making, view->retry_after_s);
	making_finish(&making, PAGE_ERROR, out);
}

/* --- files ------------------------------------------------------------------------------ */

static const struct file_row {
	enum page_site site;
	const char *path;
	const char *asset;
	const char *type;
} file_rows[] = {
	{ .site = PAGE_PUBLIC, .path = "/style.css", .asset = "handlers/web/public/style.css",
	  .type = "text/css; charset=utf-8" },
	{ .site = PAGE_PUBLIC, .path = "/exit.js", .asset = "handlers/web/public/exit.js",
	  .type = "text/javascript; charset=utf-8" },
	{ .site = PAGE_PUBLIC, .path = "/form.js", .asset = "handlers/web/public/form.js",
	  .type = "text/javascript; charset=utf-8" },
	{ .site = PAGE_PUBLIC, .path = "/proof.js", .asset = "handlers/web/public/proof.js",
	  .type = "text/javascript; charset=utf-8" },
};

bool page_file_find(enum page_site site, struct span path, struct page_file *file)
{
	if (site == PAGE_STAFF)
		return staff_file_find(path, file);
	for (size_t i = 0; i < COUNT_OF(file_rows); i++) {
		const struct file_row *row = &file_rows[i];

		if (row->site != site || !span_is(path, row->path))
			continue;
		*file = (struct page_file){ .body = asset_find(row->asset), .type = row->type };
		return file->body.at != NULL;
	}
	return false;
}
