/*
 * The public pages: that every language says everything, that what a visitor
 * typed is shown and never obeyed, that no page needs a script, and that what
 * must not be in a page is not in it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/arena.h"
#include "daemon/base/asset.h"
#include "daemon/base/table.h"
#include "handlers/web/pages.h"
#include "handlers/web/raise_words.h"
#include "handlers/web/template.h"
#include "handlers/web/transparency_page.h"

#include <stdio.h>

#define PAGE_BYTES_MAX (60 * 1024)
#define EVIL "\"><script>alert(1)</script><img src=x onerror='a'>&{text_max}{{nonce}}"
#define CODE "1512 3456 7890 1234 5678 9042"

static struct pages *pages;
static const struct page_region regions[] = {
	{ .code = { .at = "110000", .len = 6 }, .name = { .at = "Beijing", .len = 7 } },
	{ .code = { .at = "150000", .len = 6 }, .name = { .at = "Nei Mongol", .len = 10 } },
};

static const struct pages_settings settings = {
	.sms_number = "12110",
	.text_max = 5000,
	.files_max = 4,
	.file_mib_max = 10,
};

static int start(void **state)
{
	struct complaint why = { 0 };

	(void)state;
	pages = pages_new(&settings, &why);
	if (pages == NULL)
		fprintf(stderr, "%s\n", why.text);
	return pages == NULL;
}

static int stop(void **state)
{
	(void)state;
	pages_free(pages);
	return 0;
}

static bool holds(const struct buf *page, const char *text)
{
	return span_find(buf_span(page), span_of(text)) < page->len;
}

static size_t count(const struct buf *page, const char *text)
{
	struct span rest = buf_span(page);
	size_t n = 0;
	size_t at;

	while ((at = span_find(rest, span_of(text))) < rest.len) {
		n++;
		rest = span_from_offset(rest, at + 1);
	}
	return n;
}

/* --- all pages, each with every string a visitor could have sent -------------------- */

static void evil_form(const struct page_look *look, struct buf *out)
{
	struct page_form view = { .nonce = SPAN(EVIL), .regions = regions, .nregions = COUNT_OF(regions) };

	for (size_t i = 0; i < PAGE_FIELDS; i++) {
		view.values[i] = SPAN(EVIL);
		view.faults[i] = PAGE_TOO_LONG;
	}
	page_form(pages, look, &view, out);
}

static void evil_check(const struct page_look *look, struct buf *out)
{
	struct page_form view = { .nonce = SPAN(EVIL), .solution = SPAN(EVIL), .challenge = SPAN(EVIL), .busy = true, .proof_script = true,
				  .regions = regions, .nregions = COUNT_OF(regions) };

	for (size_t i = 0; i < PAGE_FIELDS; i++)
		view.values[i] = SPAN(EVIL);
	view.faults[PAGE_FIELD_FILE] = PAGE_TOO_LONG;
	page_check(pages, look, &view, out);
}

static void evil_receipt(const struct page_look *look, struct buf *out)
{
	page_receipt(pages, look, &(struct page_receipt){ .code = SPAN(CODE), .reference = SPAN(EVIL),
							   .promise = SPAN(EVIL), .seal = SPAN(EVIL),
							   .fault = PAGE_RETYPE_WRONG }, out);
}

static void evil_ask(const struct page_look *look, struct buf *out)
{
	page_receipt_ask(pages, look, &(struct page_receipt_ask){ .fault = PAGE_ASK_DIGITS, .typed = SPAN(EVIL) }, out);
}

static void evil_status(const struct page_look *look, struct buf *out)
{
	struct page_message messages[] = { { .from_bureau = true, .text = SPAN(EVIL) }, { .text = SPAN(EVIL) } };
	struct page_leaf leaves[] = { { .log = SPAN(EVIL), .class = SPAN(EVIL) } };

	page_status(pages, look, &(struct page_status){
		.code = SPAN(EVIL), .reference = SPAN(EVIL), .state = TIP_CLOSED, .region = SPAN(EVIL),
		.messages = messages, .nmessages = COUNT_OF(messages), .may_write = true, .taken = true,
		.fault = PAGE_ABSENT, .typed = SPAN(EVIL), .nonce = SPAN(EVIL), .log_served = true, .proof = SPAN(EVIL), .leaves = leaves, .nleaves = COUNT_OF(leaves),
		.raise = SPAN(EVIL), .next = SPAN(EVIL) }, out);
}

static void evil_error(const struct page_look *look, struct buf *out)
{
	page_error(pages, look, &(struct page_error){ .status = 503, .code = SPAN(EVIL), .text = SPAN(EVIL),
						       .retry_after_s = 7 }, out);
}

static void evil_rewards(const struct page_look *look, struct buf *out)
{
	struct page_offer offer = { .name = SPAN(EVIL), .min = SPAN(EVIL), .max = SPAN(EVIL), .cap = SPAN(EVIL), .since = SPAN(EVIL) };

	page_rewards(pages, look, &(struct page_rewards){ .offers = &offer, .noffers = 1, .rails = SPAN("voucher," EVIL) }, out);
}

/* As much as a page can have: all logs, a full page of rows, long names. */
static void evil_figures(const struct page_look *look, struct buf *out)
{
	static struct page_figure figures[PAGE_FIGURES_MAX];
	static struct page_log logs[36];
	struct span months[PAGE_MONTHS_MAX];

	for (size_t i = 0; i < PAGE_FIGURES_MAX; i++)
		figures[i] = (struct page_figure){ .table = i < 50 ? PAGE_TABLE_FIRST_LOOK : PAGE_TABLE_PAID, .place = SPAN("黔西南布依族苗族自治州贞丰县"),
						   .log = SPAN("15"), .rest = PAGE_REST_COUNTIES, .count = 1234567, .waits = i < 50, .amounts = i >= 50,
						   .amount = 595000005, .median = 1009, .p90 = 100900, .word = SPAN("succeeded") };
	figures[0].place = SPAN(EVIL);
	figures[50].word = SPAN(EVIL);
	for (size_t i = 0; i < COUNT_OF(logs); i++)
		logs[i] = (struct page_log){ .name = SPAN("15"), .title = SPAN("新疆维吾尔自治区"), .size = 123456789, .dated = true,
					     .sealed_ms = 1795219200000, .state = PAGE_LOG_MISSING, .since_ms = 1795219200000, .newest = SPAN("2026-11") };
	logs[0].title = SPAN(EVIL);
	for (size_t i = 0; i < PAGE_MONTHS_MAX; i++)
		months[i] = SPAN("2026-11");
	page_transparency(pages, look, &(struct page_transparency){
		.month = SPAN("2026-11"), .log = SPAN("15"), .months = months, .nmonths = PAGE_MONTHS_MAX, .months_more = true,
		.next = SPAN("2026-12"), .next_ms = 1795219200000, .due = true, .figures = figures, .nfigures = PAGE_FIGURES_MAX, .before = 1,
		.behind = 1, .closed = 1234567, .dummies = 1234567, .small = 5, .logs = logs, .nlogs = COUNT_OF(logs), .host = SPAN(EVIL) }, out);
}

static void (*const makers[])(const struct page_look *look, struct buf *out) = {
	evil_form, evil_check, evil_receipt, evil_ask, evil_status, evil_error, evil_figures, evil_rewards,
};

/* Every page in every language and size; `check` looks at each. */
static void on_every_page(void (*check)(const struct page_look *look, const struct buf *page))
{
	const struct catalogues *all = pages_catalogues(pages);
	struct buf page = { 0 };

	for (size_t i = 0; i < all->n; i++)
		for (int large = 0; large < 2; large++)
			for (size_t m = 0; m < COUNT_OF(makers); m++) {
				struct page_look look = { .lang = &all->at[i], .large = large };

				buf_clear(&page);
				makers[m](&look, &page);
				check(&look, &page);
			}
	buf_release(&page);
}

static void check_nothing_is_obeyed(const struct page_look *look, const struct buf *page)
{
	(void)look;
	assert_int_equal(count(page, "<script"), count(page, "<script src=\"/"));
	assert_int_equal(count(page, "</script>"), count(page, "></script>"));
	assert_false(holds(page, "<img"));
	assert_false(holds(page, "javascript:"));
	assert_true(holds(page, "&lt;script&gt;"));
	assert_true(holds(page, "{text_max}{{nonce}}"));
}

static void test_what_was_typed_is_never_obeyed(void **state)
{
	(void)state;
	on_every_page(check_nothing_is_obeyed);
}

static void check_frame(const struct page_look *look, const struct buf *page)
{
	char html[64];

	snprintf(html, sizeof(html), "<html lang=\"%s\"", look->lang->tag);
	assert_true(holds(page, html));
	assert_int_equal(count(page, " class=\"large\""), look->large ? 1 : 0);
	assert_true(holds(page, "<a class=\"exit\" id=\"exit\" href=\"" PAGES_EXIT_URL "\""));
	assert_int_equal(count(page, "rel=\"stylesheet\""), 1);
	assert_int_equal(count(page, "<h1"), 1);
	assert_int_equal(count(page, " style="), 0);
	assert_true(page->len + asset_find("handlers/web/public/style.css").len < PAGE_BYTES_MAX);
}

static void test_every_page_has_its_frame(void **state)
{
	(void)state;
	on_every_page(check_frame);
}

/* The words between <title> and </title> say nothing of tips. */
static void check_title(const struct page_look *look, const struct buf *page)
{
	struct span title = span_from_offset(buf_span(page), span_find(buf_span(page), SPAN("<title>")) + 7);
	struct span name = catalogue_text(look->lang, SPAN("site.name"));
	struct span fault = catalogue_text(look->lang, SPAN("site.fault"));

	title.len = span_find(title, SPAN("</title>"));
	assert_true(span_eq(title, name) || (span_starts(title, fault) && title.len == fault.len + 1 + name.len));
}

static void test_titles_are_neutral(void **state)
{
	(void)state;
	on_every_page(check_title);
}

/* The form carries language and size on, and so does each link to a page of ours. */
static void check_language_is_kept(const struct page_look *look, const struct buf *page)
{
	char hidden[64];
	char link[64];

	snprintf(hidden, sizeof(hidden), "name=\"lang\" value=\"%s\"", look->lang->tag);
	snprintf(link, sizeof(link), "href=\"/?lang=%s%s\"", look->lang->tag, look->large ? "&amp;size=large" : "");
	assert_true(count(page, "<form") == 0 || holds(page, hidden));
	assert_true(count(page, "<form") == 0 || !look->large || holds(page, "name=\"size\" value=\"large\""));
	assert_true(holds(page, link));
}

static void test_language_and_size_are_kept(void **state)
{
	(void)state;
	on_every_page(check_language_is_kept);
}

/* aria-describedby, aria-labelledby, label for and #links name an element that is there, once. */
static void check_references(const struct buf *page, const char *attribute)
{
	struct span rest = buf_span(page);
	size_t at;

	while ((at = span_find(rest, span_of(attribute))) < rest.len) {
		struct span ids;
		struct span id;

		rest = span_from_offset(rest, at + strlen(attribute));
		ids = span_from(rest.at, span_find(rest, SPAN("\"")));
		while (span_cut(&ids, ' ', &id)) {
			char needle[80];

			snprintf(needle, sizeof(needle), " id=\"%.*s\"", (int)id.len, id.at);
			if (count(page, needle) != 1)
				fail_msg("%s%.*s leads nowhere", attribute, (int)id.len, id.at);
		}
	}
}

static void check_all_references(const struct page_look *look, const struct buf *page)
{
	(void)look;
	check_references(page, "aria-describedby=\"");
	check_references(page, "aria-labelledby=\"");
	check_references(page, "<label for=\"");
	check_references(page, "href=\"#");
}

static void test_references_lead_somewhere(void **state)
{
	(void)state;
	on_every_page(check_all_references);
}

/* --- languages ------------------------------------------------------------------------ */

/* pages_new() refuses a language that lacks a message, so start() has shown that none does. */
static void test_languages_have_the_same_messages(void **state)
{
	const struct catalogues *all = pages_catalogues(pages);

	(void)state;
	for (size_t i = 0; i < all->n; i++) {
		struct span id;

		for (size_t m = 0; (id = catalogue_id_at(&all->at[i], m)).at != NULL; m++)
			for (size_t other = 0; other < all->n; other++)
				if (!catalogue_has(&all->at[other], id))
					fail_msg("%s lacks %.*s", all->at[other].tag, (int)id.len, id.at);
	}
}

/* Each "{name}" of one text stands in the other as often. */
static void same_holes(const char *id, struct span one, struct span other)
{
	struct buf there = { 0 };
	struct span rest = one;
	size_t at;

	buf_add_span(&there, other);
	while ((at = span_find(rest, SPAN("{"))) < rest.len) {
		char hole[40];

		rest = span_from_offset(rest, at);
		snprintf(hole, sizeof(hole), "%.*s", (int)(span_find(rest, SPAN("}")) + 1), rest.at);
		if (count(&there, hole) != 1)
			fail_msg("%s: %s is not in every language", id, hole);
		rest = span_from_offset(rest, 1);
	}
	buf_release(&there);
}

static void test_languages_fill_in_the_same(void **state)
{
	const struct catalogues *all = pages_catalogues(pages);
	struct span id;

	(void)state;
	for (size_t m = 0; (id = catalogue_id_at(&all->at[0], m)).at != NULL; m++)
		for (size_t i = 1; i < all->n; i++) {
			same_holes(id.at, catalogue_text(&all->at[0], id), catalogue_text(&all->at[i], id));
			same_holes(id.at, catalogue_text(&all->at[i], id), catalogue_text(&all->at[0], id));
		}
}

/* --- one page after the other ----------------------------------------------------------- */

static struct page_look english(void)
{
	return (struct page_look){ .lang = catalogue_find(pages_catalogues(pages), SPAN("en")) };
}

static void test_form_keeps_what_was_typed(void **state)
{
	struct page_look look = english();
	struct page_form view = { .nonce = SPAN("n-1"), .regions = regions, .nregions = COUNT_OF(regions) };
	struct buf page = { 0 };

	(void)state;
	view.values[PAGE_FIELD_TEXT] = SPAN("\n two\nlines");
	view.values[PAGE_FIELD_PLACE] = SPAN("by the well");
	view.values[PAGE_FIELD_REGION] = SPAN("150000");
	view.values[PAGE_FIELD_CATEGORY] = SPAN("woman");
	page_form(pages, &look, &view, &page);
	assert_true(holds(&page, "name=\"nonce\" value=\"n-1\""));
	assert_true(holds(&page, ">\n\n two\nlines</textarea>"));
	assert_true(holds(&page, "value=\"by the well\""));
	assert_true(holds(&page, "<option value=\"150000\" selected>"));
	assert_true(holds(&page, "value=\"woman\" checked"));
	assert_int_equal(count(&page, " selected"), 1);
	assert_int_equal(count(&page, " checked"), 1);
	assert_false(holds(&page, "class=\"fault\""));
	buf_clear(&page);
	view.values[PAGE_FIELD_REGION] = SPAN("150602");
	page_form(pages, &look, &view, &page);
	assert_true(holds(&page, "<option value=\"150602\" selected>"));
	buf_release(&page);
}

static void test_form_has_every_field(void **state)
{
	struct page_look look = english();
	struct page_form view = { .regions = regions, .nregions = COUNT_OF(regions) };
	struct buf page = { 0 };

	(void)state;
	page_form(pages, &look, &view, &page);
	for (size_t i = 0; i < PAGE_FIELDS; i++) {
		char name[40];

		snprintf(name, sizeof(name), " name=\"%s\"", page_field_name((enum page_field)i));
		assert_int_equal(holds(&page, name), i != PAGE_FIELD_FILE);
	}
	assert_true(holds(&page, "action=\"/report/check\""));
	assert_false(holds(&page, "multipart"));
	buf_clear(&page);
	page_check(pages, &look, &view, &page);
	for (size_t i = 0; i < PAGE_FIELDS; i++) {
		char name[40];

		snprintf(name, sizeof(name), " name=\"%s\"", page_field_name((enum page_field)i));
		assert_int_equal(count(&page, name), i == PAGE_FIELD_FILE ? 1 : 2);
	}
	assert_true(holds(&page, "action=\"/tips?lang=en\" enctype=\"multipart/form-data\""));
	assert_true(holds(&page, "action=\"/report\""));
	buf_release(&page);
}

/* Each fault of each field is in the summary, at the field, and says something. */
static void test_every_fault_is_told_twice(void **state)
{
	struct page_look look = english();
	struct buf page = { 0 };

	(void)state;
	for (size_t field = 0; field < PAGE_FIELDS; field++)
		for (size_t fault = PAGE_FINE + 1; fault < PAGE_FAULTS; fault++) {
			struct page_form view = { .regions = regions, .nregions = COUNT_OF(regions) };
			char link[40];
			char mark[40];

			view.faults[field] = (enum page_fault)fault;
			buf_clear(&page);
			(field == PAGE_FIELD_FILE ? page_check : page_form)(pages, &look, &view, &page);
			snprintf(link, sizeof(link), "<a href=\"#%s\">", page_field_name((enum page_field)field));
			snprintf(mark, sizeof(mark), "id=\"%s-fault\"", page_field_name((enum page_field)field));
			assert_int_equal(count(&page, link), 1);
			assert_int_equal(count(&page, mark), 1);
			/* Beside those that a script shows before an upload. */
			assert_int_equal(count(&page, "class=\"fault\"") - count(&page, "role=\"alert\" hidden"), 1);
			assert_false(holds(&page, "fault."));
			assert_false(holds(&page, "href=\"/?lang=zh-CN\""));
		}
	buf_release(&page);
}

static void test_categories(void **state)
{
	(void)state;
	assert_true(page_category_valid(SPAN("child")));
	assert_false(page_category_valid(SPAN("")));
	assert_false(page_category_valid(SPAN("Child")));
}

static void test_receipt_shows_code_once_in_groups(void **state)
{
	struct page_look look = english();
	struct page_receipt view = { .code = SPAN(CODE), .reference = SPAN("15-7K3MQ2X9RD"),
				     .received_ms = 1763748000000 };
	struct buf page = { 0 };

	(void)state;
	page_receipt(pages, &look, &view, &page);
	assert_int_equal(count(&page, "<span>1512</span>"), 1);
	assert_int_equal(count(&page, "<span>9042</span>"), 1);
	/* In sight, and in both forms: the one that goes on, and the one of language and size. */
	assert_int_equal(count(&page, "1512"), 3);
	assert_int_equal(count(&page, "name=\"code\" value=\"" CODE "\""), 2);
	assert_int_equal(count(&page, "action=\"/receipt/confirm\""), 2);
	assert_int_equal(count(&page, "name=\"again\""), 1);
	assert_true(holds(&page, "name=\"lang\" value=\"zh-CN\""));
	assert_true(holds(&page, "22 November 2025"));
	assert_false(holds(&page, "<pre"));
	assert_false(holds(&page, "last-fault"));
	view.fault = PAGE_RETYPE_WRONG;
	buf_clear(&page);
	page_receipt(pages, &look, &view, &page);
	assert_int_equal(count(&page, "<a href=\"#last\">"), 1);
	assert_int_equal(count(&page, "<span>1512</span>"), 1);
	buf_release(&page);
}

/* What was typed stands in the check, in words where it was a choice, and goes back and on in hidden fields. */
static void test_check_shows_the_answers(void **state)
{
	struct page_look look = english();
	struct page_form view = { .nonce = SPAN("n-1"), .regions = regions, .nregions = COUNT_OF(regions) };
	struct buf page = { 0 };

	(void)state;
	view.values[PAGE_FIELD_TEXT] = SPAN("two\nlines");
	view.values[PAGE_FIELD_REGION] = SPAN("150000");
	view.values[PAGE_FIELD_CATEGORY] = SPAN("woman");
	page_check(pages, &look, &view, &page);
	assert_true(holds(&page, "<span class=\"said\">two\nlines</span>"));
	assert_int_equal(count(&page, "name=\"text\" value=\"two\nlines\""), 2);
	assert_true(holds(&page, "<dd>Nei Mongol</dd>"));
	assert_true(holds(&page, "<dd>A woman</dd>"));
	assert_int_equal(count(&page, "Not given"), 3);
	assert_int_equal(count(&page, "name=\"nonce\" value=\"n-1\""), 2);
	assert_false(holds(&page, "proof"));
	buf_release(&page);
}

static void test_start_tells_the_other_ways(void **state)
{
	static const struct pages_settings bare = { .text_max = 5000, .exit_url = "https://example.org/", .telephone = "" };
	struct complaint why = { 0 };
	struct pages *other = pages_new(&bare, &why);
	struct page_look look = english();
	struct buf page = { 0 };

	(void)state;
	page_start(pages, &look, &page);
	assert_true(holds(&page, "12110"));
	assert_true(holds(&page, "href=\"/report?lang=en\""));
	assert_false(holds(&page, "By telephone"));
	assert_non_null(other);
	look.lang = catalogue_find(pages_catalogues(other), SPAN("en"));
	buf_clear(&page);
	page_start(other, &look, &page);
	assert_false(holds(&page, "By text message"));
	assert_true(holds(&page, "id=\"exit\" href=\"https://example.org/\""));
	pages_free(other);
	buf_release(&page);
}

static void test_about_tells_the_figures(void **state)
{
	static const struct page_kept kept[] = {
		{ .outcome = "verified", .identity = 1095, .files = 1825, .text = 3650, .row = PAGE_FOR_EVER },
		{ .outcome = "prank", .identity = 30, .files = 31, .text = 32, .row = 365 },
	};
	struct page_look look = english();
	struct page_about view = { .kept = kept, .nkept = COUNT_OF(kept), .unopened_first_ms = 1800000,
				   .unopened_last_ms = INT64_C(259200000), .sms_days = 44 };
	struct buf page = { 0 };

	(void)state;
	page_about(pages, &look, &view, &page);
	assert_true(holds(&page, "<td class=\"n\" data-of=\"Contact\">1095</td><td class=\"n\" data-of=\"Files\">1825</td><td class=\"n\" data-of=\"Words\">3650</td><td class=\"n\" data-of=\"Code\">for ever</td>"));
	assert_int_equal(count(&page, "for ever"), 1);
	assert_true(holds(&page, "after 30 minutes when it is most urgent, after 3 days when it is least"));
	assert_true(holds(&page, "44 days"));
	view.nkept = 0;
	buf_clear(&page);
	page_about(pages, &look, &view, &page);
	assert_false(holds(&page, "<table"));
	assert_true(holds(&page, "nothing is deleted by itself"));
	buf_release(&page);
}

static void test_rewards_say_what_there_is(void **state)
{
	struct page_offer offer = { .name = { .at = "p-1", .len = 3 }, .min = { .at = "5000.00", .len = 7 },
						 .max = { .at = "10000.00", .len = 8 }, .cap = { .at = "20000.00", .len = 8 }, .claim_days = 60 };
	struct page_look look = english();
	struct buf page = { 0 };

	(void)state;
	page_rewards(pages, &look, &(struct page_rewards){ .offers = &offer, .noffers = 1, .rails = SPAN("voucher, other") }, &page);
	assert_true(holds(&page, "5000.00 to 10000.00 yuan"));
	assert_true(holds(&page, "within 60 days"));
	assert_true(holds(&page, "at most 20000.00 yuan"));
	assert_true(holds(&page, "<li>other</li>"));
	assert_false(holds(&page, "No reward is offered"));
	buf_clear(&page);
	offer.title = SPAN("For <finding>");
	offer.text = SPAN("One\ntwo & three");
	page_rewards(pages, &look, &(struct page_rewards){ .offers = &offer, .noffers = 1, .rails = SPAN("voucher") }, &page);
	assert_true(holds(&page, "<h2>For &lt;finding&gt;</h2>"));
	assert_true(holds(&page, "<p class=\"said\">One\ntwo &amp; three</p>"));
	assert_true(holds(&page, "5000.00 to 10000.00 yuan"));
	buf_clear(&page);
	page_rewards(pages, &look, &(struct page_rewards){ .rails = SPAN("") }, &page);
	assert_true(holds(&page, "No reward is offered"));
	buf_clear(&page);
	page_rewards(pages, &look, &(struct page_rewards){ .off = true, .rails = SPAN("voucher") }, &page);
	assert_true(holds(&page, "Rewards are not handled here"));
	assert_false(holds(&page, "yuan"));
	buf_release(&page);
}

/* A day is a day in China: one millisecond before midnight there, and midnight. */
static void test_days_are_days_in_china(void **state)
{
	struct page_look look = english();
	struct page_receipt view = { .code = SPAN(CODE), .received_ms = 1767196799999 };
	struct buf page = { 0 };

	(void)state;
	page_receipt(pages, &look, &view, &page);
	assert_true(holds(&page, "datetime=\"2025-12-31\""));
	buf_clear(&page);
	view.received_ms++;
	page_receipt(pages, &look, &view, &page);
	assert_true(holds(&page, "datetime=\"2026-01-01\""));
	assert_true(holds(&page, "1 January 2026"));
	buf_release(&page);
}

static void test_ask_says_each_fault(void **state)
{
	struct page_look look = english();
	struct buf page = { 0 };

	(void)state;
	for (size_t fault = 0; fault < PAGE_ASK_FAULTS; fault++) {
		struct page_receipt_ask view = { .fault = (enum page_ask_fault)fault, .typed = SPAN("12 34") };

		buf_clear(&page);
		page_receipt_ask(pages, &look, &view, &page);
		assert_true(holds(&page, "value=\"12 34\""));
		assert_int_equal(count(&page, "<a href=\"#code\">"), fault == PAGE_ASK_FINE ? 0 : 1);
		assert_false(holds(&page, "ask.fault"));
	}
	buf_release(&page);
}

/* The code is in hidden fields of forms that post, and in no link. */
static void test_status_keeps_the_code_out_of_links(void **state)
{
	struct page_look look = english();
	struct page_status view = { .code = SPAN("151234567890123456789042"), .may_write = true };
	struct buf page = { 0 };

	(void)state;
	page_status(pages, &look, &view, &page);
	assert_int_equal(count(&page, "151234567890123456789042"), 3);
	assert_int_equal(count(&page, "<input type=\"hidden\" name=\"code\" value=\"151234567890123456789042\">"), 3);
	assert_int_equal(count(&page, "method=\"post\" action=\"/receipt\""), 1);
	assert_int_equal(count(&page, "method=\"post\" action=\"/receipt?lang=en\""), 1);
	assert_int_equal(count(&page, "method=\"post\" action=\"/claims\""), 1);
	buf_clear(&page);
	view.may_write = false;
	page_status(pages, &look, &view, &page);
	assert_false(holds(&page, "<textarea"));
	buf_release(&page);
}

/* A reward is told where one waits, with its day, in place of the question whether there is one. */
static void test_status_tells_of_a_reward(void **state)
{
	static const char *const words[] = { "open", "returned", "voucher" };
	struct page_look look = english();
	struct page_status view = { .code = SPAN(CODE) };
	struct buf page = { 0 };

	(void)state;
	page_status(pages, &look, &view, &page);
	assert_false(holds(&page, "reward is waiting"));
	assert_true(holds(&page, "Is there something to collect?"));
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		buf_clear(&page);
		view.reward = span_of(words[i]);
		view.reward_until_ms = i == 0 ? 1767196800000 : 0;
		page_status(pages, &look, &view, &page);
		assert_true(holds(&page, "A reward is waiting for you"));
		assert_int_equal(count(&page, "1 January 2026"), i == 0 ? 1 : 0);
		assert_int_equal(count(&page, "action=\"/claims\""), 1);
		assert_false(holds(&page, "Is there something to collect?"));
		assert_false(holds(&page, "status.reward"));
	}
	buf_release(&page);
}

/* The escalation and the log, in both languages: what the informant is told of a tip that nobody opened. */
static void test_status_tells_of_raise_and_log_in_words(void **state)
{
	static const struct {
		const char *tag;
		const char *says[6];
	} cases[] = {
		{ "en", { "Not opened for 3 days", "Report received", "A later step", "15, no. 7", "61, no. 300", "newest signature covers it" } },
		{ "zh-CN", { "3 天没有人查看", "收到线索", "后续步骤", "15 第 7 号", "61 第 300 号", "最新一次签名已经包括它们" } },
	};
	const struct page_leaf leaves[] = {
		{ .log = SPAN("15"), .index = 7, .class = SPAN("received"), .day = 20778 },
		{ .log = SPAN("61"), .index = 300, .class = SPAN("work"), .day = 20779 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct arena arena = { 0 };
		struct page_look look = { .lang = catalogue_choose(pages_catalogues(pages), SPAN(""), span_of(cases[i].tag)) };
		struct page_status view = { .log_served = true, .proof = SPAN("c2sp.org/tlog-proof@v1"), .leaves = leaves,
					    .nleaves = COUNT_OF(leaves), .log_whole = true, .raised_ms = 20778 * INT64_C(86400000) };
		struct buf page = { 0 };

		view.raise = raise_words(look.lang, WAIT_UNOPENED, 3 * INT64_C(86400000), "prefecture", &arena);
		page_status(pages, &look, &view, &page);
		for (size_t n = 0; n < COUNT_OF(cases[i].says); n++)
			if (!holds(&page, cases[i].says[n]))
				fail_msg("%s: no \"%s\"", cases[i].tag, cases[i].says[n]);
		assert_true(holds(&page, "datetime=\"2026-11-21\""));
		assert_true(holds(&page, "datetime=\"2026-11-22\""));
		assert_int_equal(count(&page, "action=\"/receipt/proof\""), 1);
		arena_release(&arena);
		buf_release(&page);
	}
}

static void test_status_tells_how_far_the_log_is(void **state)
{
	struct page_look look = english();
	struct page_status view = { .log_served = true, .log_behind = true, .log_whole = true };
	struct buf page = { 0 };

	(void)state;
	page_status(pages, &look, &view, &page);
	assert_true(holds(&page, "Your report is not in it yet"));
	assert_false(holds(&page, "/receipt/proof"));
	view.proof = SPAN("c2sp.org/tlog-proof@v1");
	buf_clear(&page);
	page_status(pages, &look, &view, &page);
	assert_true(holds(&page, "The latest step is not in it yet"));
	assert_false(holds(&page, "newest signature covers it"));
	view.log_behind = view.log_whole = false;
	buf_clear(&page);
	page_status(pages, &look, &view, &page);
	assert_true(holds(&page, "not searched to its end"));
	assert_false(holds(&page, "newest signature covers it"));
	view.log_served = false;
	buf_clear(&page);
	page_status(pages, &look, &view, &page);
	assert_false(holds(&page, "public log"));
	buf_release(&page);
}

static void test_status_has_words_for_every_state(void **state)
{
	struct page_look look = english();
	struct buf page = { 0 };

	(void)state;
	for (size_t s = 0; s < TIP_STATES; s++) {
		struct page_status view = { .state = (enum tip_state)s };

		buf_clear(&page);
		page_status(pages, &look, &view, &page);
		assert_false(holds(&page, "state."));
		assert_true(holds(&page, tip_state_name((enum tip_state)s)));
	}
	buf_release(&page);
}

static void test_errors(void **state)
{
	struct page_look look = english();
	struct buf page = { 0 };

	(void)state;
	for (int status = 400; status < 600; status++) {
		buf_clear(&page);
		page_error(pages, &look, &(struct page_error){ .status = status }, &page);
		assert_false(holds(&page, "error."));
		assert_true(holds(&page, "12110") == (status >= 500));
		assert_false(holds(&page, "try again in"));
	}
	buf_clear(&page);
	page_error(pages, &look, &(struct page_error){ .status = 429, .retry_after_s = 90 }, &page);
	assert_true(holds(&page, "in 90 seconds"));
	buf_clear(&page);
	page_error(pages, &look, &(struct page_error){ .status = 503, .retry_after_s = 121 }, &page);
	assert_true(holds(&page, "in 3 minutes"));
	buf_release(&page);
}

/* --- files ---------------------------------------------------------------------------------- */

/* Every file of the desk has a path, and no template has one. */
static void test_files(void **state)
{
	struct page_file file;
	const char *name;

	(void)state;
	assert_true(page_file_find(PAGE_PUBLIC, SPAN("/style.css"), &file));
	assert_true(page_file_find(PAGE_PUBLIC, SPAN("/exit.js"), &file));
	assert_true(page_file_find(PAGE_PUBLIC, SPAN("/form.js"), &file));
	assert_true(page_file_find(PAGE_STAFF, SPAN("/"), &file));
	assert_false(page_file_find(PAGE_PUBLIC, SPAN("/form.html"), &file));
	assert_false(page_file_find(PAGE_PUBLIC, SPAN("/"), &file));
	assert_false(page_file_find(PAGE_PUBLIC, SPAN("/desk.js"), &file));
	assert_false(page_file_find(PAGE_STAFF, SPAN("/../public/form.html"), &file));
	for (size_t i = 0; (name = asset_name(i)) != NULL; i++) {
		if (strncmp(name, "staff/", 6) != 0 || strcmp(name, "staff/index.html") == 0)
			continue;
		if (!page_file_find(PAGE_STAFF, span_of(name + 5), &file))
			fail_msg("%s has no path", name);
		assert_ptr_equal(file.body.at, asset_find(name).at);
	}
}

/* What the desk's policy forbids is not in its page: inline code and style, other places. */
static void test_desk_keeps_its_policy(void **state)
{
	struct span index = asset_find("staff/index.html");
	struct buf page = { 0 };

	(void)state;
	buf_add_span(&page, index);
	assert_int_equal(count(&page, "<script"), count(&page, "<script type=\"module\" src=\"/"));
	assert_int_equal(count(&page, "<style"), 0);
	assert_int_equal(count(&page, " style="), 0);
	assert_int_equal(count(&page, "://"), 0);
	assert_int_equal(count(&page, " on"), 0);
	buf_release(&page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_typed_is_never_obeyed),
		cmocka_unit_test(test_every_page_has_its_frame),
		cmocka_unit_test(test_titles_are_neutral),
		cmocka_unit_test(test_language_and_size_are_kept),
		cmocka_unit_test(test_references_lead_somewhere),
		cmocka_unit_test(test_languages_have_the_same_messages),
		cmocka_unit_test(test_languages_fill_in_the_same),
		cmocka_unit_test(test_form_keeps_what_was_typed),
		cmocka_unit_test(test_form_has_every_field),
		cmocka_unit_test(test_every_fault_is_told_twice),
		cmocka_unit_test(test_categories),
		cmocka_unit_test(test_receipt_shows_code_once_in_groups),
		cmocka_unit_test(test_check_shows_the_answers),
		cmocka_unit_test(test_start_tells_the_other_ways),
		cmocka_unit_test(test_about_tells_the_figures),
		cmocka_unit_test(test_rewards_say_what_there_is),
		cmocka_unit_test(test_days_are_days_in_china),
		cmocka_unit_test(test_ask_says_each_fault),
		cmocka_unit_test(test_status_keeps_the_code_out_of_links),
		cmocka_unit_test(test_status_tells_of_a_reward),
		cmocka_unit_test(test_status_tells_of_raise_and_log_in_words),
		cmocka_unit_test(test_status_tells_how_far_the_log_is),
		cmocka_unit_test(test_status_has_words_for_every_state),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_desk_keeps_its_policy),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
