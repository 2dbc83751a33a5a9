/*
 * Pages for the public: views to values, values to HTML; see pages.h.
 *
 * What a page says stands in its template and in the catalogues. Here is what
 * every page has; what one of them shows is in a file of its own, with the
 * words that depend on a value (tables from an enum to a message):
 *
 *   pages_report.c    start, form, check      pages_claim.c    what there is to collect
 *   pages_receipt.c   the code, asked for     pages_error.c    what went wrong
 *   pages_status.c    how a tip fares         pages_about.c    how it works, rewards on offer
 */
#include "handlers/web/pages.h"

#include "daemon/base/asset.h"
#include "daemon/base/table.h"
#include "handlers/web/pages_inside.h"
#include "handlers/web/raise_words.h"
#include "handlers/web/transparency_page.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define DEFAULT_LANGUAGE "zh-CN"

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

static const char *const month_messages[12] = {
	"month.1", "month.2", "month.3", "month.4",  "month.5",  "month.6",
	"month.7", "month.8", "month.9", "month.10", "month.11", "month.12",
};

static const char *const other_messages[] = { "lang.name" };

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

bool pages_have(const struct pages *pages, const char *const *ids, size_t n, struct complaint *why)
{
	for (size_t i = 0; i < n; i++)
		if (ids[i] != NULL && !present(pages, span_of(ids[i]), why))
			return false;
	return true;
}

/* What stands in tables: each file of pages knows its own. */
static bool (*const tables[])(const struct pages *pages, struct complaint *why) = {
	page_report_present, page_receipt_present, page_status_present, page_claim_present, page_error_present,
};

static bool tables_present(const struct pages *pages, struct complaint *why)
{
	for (size_t i = 0; i < COUNT_OF(tables); i++)
		if (!tables[i](pages, why))
			return false;
	for (size_t i = 0; page_transparency_message_at(i) != NULL; i++)
		if (!present(pages, span_of(page_transparency_message_at(i)), why))
			return false;
	for (size_t i = 0; raise_message_at(i) != NULL; i++)
		if (!present(pages, span_of(raise_message_at(i)), why))
			return false;
	return pages_have(pages, month_messages, COUNT_OF(month_messages), why) &&
	       pages_have(pages, other_messages, COUNT_OF(other_messages), why);
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
	return tables_present(pages, why);
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
	values_text(making->values, "file_bytes",
		    span_of(arena_printf(&making->arena, "%llu", (unsigned long long)settings->file_bytes_max)));
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

void page_exit(const struct pages *pages, const struct page_look *look, struct buf *out)
{
	struct making making;

	making_begin(&making, pages, look, NULL);
	making_finish(&making, PAGE_EXIT, out);
}

