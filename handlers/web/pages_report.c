/*
 * The pages of a report: the start, the form, the answers to be checked.
 *
 * Form and check are two looks at one view: what was typed goes from page to
 * page in fields that the browser sends, and is kept nowhere in between. Files
 * are chosen on the last page, since a browser sends them with one page alone.
 */
#include "daemon/base/table.h"
#include "handlers/web/pages_inside.h"

/* --- fields, and what may be wrong with them ------------------------------------------ */

static const char *const field_names[PAGE_FIELDS] = {
	[PAGE_FIELD_TEXT] = "text",         [PAGE_FIELD_PLACE] = "place", [PAGE_FIELD_REGION] = "region",
	[PAGE_FIELD_WHEN] = "when",         [PAGE_FIELD_CATEGORY] = "category",
	[PAGE_FIELD_FILE] = "file",         [PAGE_FIELD_CONTACT] = "contact",
};

/* Names under which templates ask for a field's fault. */
static const char *const fault_values[PAGE_FIELDS] = {
	[PAGE_FIELD_TEXT] = "text_fault",   [PAGE_FIELD_PLACE] = "place_fault",
	[PAGE_FIELD_REGION] = "region_fault", [PAGE_FIELD_WHEN] = "when_fault",
	[PAGE_FIELD_CATEGORY] = "category_fault", [PAGE_FIELD_FILE] = "file_fault",
	[PAGE_FIELD_CONTACT] = "contact_fault",
};

/* What no row says better is "fault.other". */
static const char *const fault_messages[PAGE_FIELDS][PAGE_FAULTS] = {
	[PAGE_FIELD_TEXT] = {
		[PAGE_ABSENT] = "fault.text.absent",
		[PAGE_TOO_LONG] = "fault.text.long",
		[PAGE_UNREADABLE] = "fault.unreadable",
		[PAGE_HOLDS_CODE] = "fault.code",
	},
	[PAGE_FIELD_PLACE] = {
		[PAGE_TOO_LONG] = "fault.place.long",
		[PAGE_UNREADABLE] = "fault.unreadable",
		[PAGE_HOLDS_CODE] = "fault.code",
	},
	[PAGE_FIELD_REGION] = { [PAGE_UNKNOWN] = "fault.region.unknown" },
	[PAGE_FIELD_WHEN] = {
		[PAGE_TOO_LONG] = "fault.when.long",
		[PAGE_UNREADABLE] = "fault.unreadable",
		[PAGE_HOLDS_CODE] = "fault.code",
	},
	[PAGE_FIELD_CATEGORY] = { [PAGE_UNKNOWN] = "fault.category.unknown" },
	[PAGE_FIELD_FILE] = {
		[PAGE_TOO_LONG] = "fault.file.long",
		[PAGE_TOO_MANY] = "fault.file.many",
		[PAGE_UNREADABLE] = "fault.file.unreadable",
		[PAGE_UNKNOWN] = "fault.file.kind",
		[PAGE_FULL] = "fault.file.full",
	},
	[PAGE_FIELD_CONTACT] = {
		[PAGE_TOO_LONG] = "fault.contact.long",
		[PAGE_UNREADABLE] = "fault.unreadable",
		[PAGE_HOLDS_CODE] = "fault.code",
	},
};

static const struct category {
	const char *value;
	const char *message;
} categories[] = {
	{ .value = "child", .message = "category.child" },
	{ .value = "woman", .message = "category.woman" },
	{ .value = "missing", .message = "category.missing" },
	{ .value = "other", .message = "category.other" },
};

const char *page_field_name(enum page_field field)
{
	return field_names[field];
}

bool page_category_valid(struct span value)
{
	for (size_t i = 0; i < COUNT_OF(categories); i++)
		if (span_is(value, categories[i].value))
			return true;
	return false;
}

bool page_report_present(const struct pages *pages, struct complaint *why)
{
	static const char *const other = "fault.other";

	for (size_t i = 0; i < COUNT_OF(categories); i++)
		if (!pages_have(pages, &categories[i].message, 1, why))
			return false;
	for (size_t i = 0; i < PAGE_FIELDS; i++)
		if (!pages_have(pages, fault_messages[i], PAGE_FAULTS, why))
			return false;
	return pages_have(pages, &other, 1, why);
}

void making_fault(struct making *making, enum page_field field, enum page_fault fault)
{
	const char *id = fault_messages[field][fault];
	struct values *row;

	if (fault == PAGE_FINE)
		return;
	if (id == NULL)
		id = "fault.other";
	values_text(making->values, fault_values[field], span_of(id));
	row = values_row(making->values, "faults");
	values_text(row, "field", span_of(field_names[field]));
	values_text(row, "fault", span_of(id));
}

/* --- the pages -------------------------------------------------------------------------- */

/* The check has the files, the form all the others; a fault is told where its field is. */
static bool has_field(enum page page, size_t field)
{
	return (page == PAGE_CHECK) == (field == PAGE_FIELD_FILE);
}

static bool any_fault(enum page page, const struct page_form *view)
{
	for (size_t i = 0; i < PAGE_FIELDS; i++)
		if (has_field(page, i) && view->faults[i] != PAGE_FINE)
			return true;
	return false;
}

static void set_regions(struct making *making, const struct page_form *view)
{
	struct span chosen = view->values[PAGE_FIELD_REGION];
	bool found = span_empty(chosen);

	for (size_t i = 0; i < view->nregions; i++) {
		struct values *row = values_row(making->values, "regions");
		bool same = span_eq(view->regions[i].code, chosen);

		values_text(row, "value", view->regions[i].code);
		values_text(row, "name", view->regions[i].name);
		values_flag(row, "chosen", same);
		found = found || same;
	}
	if (!found) {
		struct values *row = values_row(making->values, "regions");

		values_text(row, "value", chosen);
		values_text(row, "name", chosen);
		values_flag(row, "chosen", true);
	}
}

static void set_categories(struct making *making, struct span chosen)
{
	for (size_t i = 0; i < COUNT_OF(categories); i++) {
		struct values *row = values_row(making->values, "categories");

		values_text(row, "value", span_of(categories[i].value));
		values_text(row, "label", span_of(categories[i].message));
		values_flag(row, "chosen", span_is(chosen, categories[i].value));
		values_flag(row, "first", i == 0);
	}
}

static void set_proof(struct making *making, const struct page_form *view)
{
	values_flag(making->values, "busy", view->busy);
	values_flag(making->values, "proof", view->challenge.len > 0);
	values_flag(making->values, "proof_script", view->proof_script);
	values_text(making->values, "challenge", view->challenge);
	values_text(making->values, "solution", view->solution);
	values_text(making->values, "proof_wait", making_number(making, view->proof_wait_s));
}

static void set_report(struct making *making, enum page page, const struct page_form *view)
{
	set_proof(making, view);
	values_text(making->values, "nonce", view->nonce);
	for (size_t i = 0; i < PAGE_FIELDS; i++) {
		values_text(making->values, field_names[i], view->values[i]);
		if (has_field(page, i))
			making_fault(making, (enum page_field)i, view->faults[i]);
	}
	values_flag(making->values, "faulty", any_fault(page, view));
}

void page_start(const struct pages *pages, const struct page_look *look, struct buf *out)
{
	struct making making;

	making_begin(&making, pages, look, "/");
	making_finish(&making, PAGE_START, out);
}

void page_form(const struct pages *pages, const struct page_look *look, const struct page_form *view,
	       struct buf *out)
{
	bool faulty = any_fault(PAGE_FORM, view);
	struct making making;

	making_begin(&making, pages, look, faulty || view->again ? NULL : "/report");
	set_report(&making, PAGE_FORM, view);
	values_flag(making.values, "again", faulty || view->again);
	set_regions(&making, view);
	set_categories(&making, view->values[PAGE_FIELD_CATEGORY]);
	making_finish(&making, PAGE_FORM, out);
}

static struct span region_shown(const struct page_form *view)
{
	struct span chosen = view->values[PAGE_FIELD_REGION];

	for (size_t i = 0; i < view->nregions; i++)
		if (span_eq(view->regions[i].code, chosen))
			return view->regions[i].name;
	return chosen;
}

void page_check(const struct pages *pages, const struct page_look *look, const struct page_form *view,
		struct buf *out)
{
	struct span chosen = view->values[PAGE_FIELD_CATEGORY];
	struct making making;

	making_begin(&making, pages, look, NULL);
	set_report(&making, PAGE_CHECK, view);
	values_text(making.values, "region_name", region_shown(view));
	for (size_t i = 0; i < COUNT_OF(categories); i++)
		if (span_is(chosen, categories[i].value))
			values_text(making.values, "category_name", span_of(categories[i].message));
	making_finish(&making, PAGE_CHECK, out);
}
