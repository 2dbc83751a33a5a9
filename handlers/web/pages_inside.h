/*
 * What the files of the public pages share: the compiled templates, and a page
 * while it is being made. For handlers/web alone.
 */
#ifndef TIPLINE_HANDLERS_WEB_PAGES_INSIDE_H
#define TIPLINE_HANDLERS_WEB_PAGES_INSIDE_H

#include "handlers/web/pages.h"
#include "handlers/web/template.h"

#define CHINA_OFFSET_S (8 * 3600L)   /* days are days in China; no summer time since 1991 */

enum page {
	PAGE_START,
	PAGE_FORM,
	PAGE_CHECK,
	PAGE_RECEIPT,
	PAGE_RECEIPT_ASK,
	PAGE_STATUS,
	PAGE_CLAIM,
	PAGE_ERROR,
	PAGE_TRANSPARENCY,
	PAGE_ABOUT,
	PAGE_REWARDS,
	PAGE_EXIT,
	PAGES,
};

struct pages {
	struct arena arena;
	struct pages_settings settings;
	struct catalogues catalogues;
	const struct template *templates[PAGES];
};

/* One page being made. */
struct making {
	const struct pages *pages;
	const struct page_look *look;
	struct arena arena;
	struct values *values;
};

/* `here`: the path of a page that a link may open again, or NULL. The value `keep` is what such a link has in its query beside. */
void making_begin(struct making *making, const struct pages *pages, const struct page_look *look, const char *here);
/* Renders and releases. */
void making_finish(struct making *making, enum page page, struct buf *out);

/* What is wrong with a field: at the field ("<name>_fault") and in the list `faults` above. */
void making_fault(struct making *making, enum page_field field, enum page_fault fault);

/* All languages have these messages (NULL in between is none), or a complaint. */
bool pages_have(const struct pages *pages, const char *const *ids, size_t n, struct complaint *why);

/* The same for all messages of a file that stand in its tables. */
bool page_report_present(const struct pages *pages, struct complaint *why);
bool page_receipt_present(const struct pages *pages, struct complaint *why);
bool page_status_present(const struct pages *pages, struct complaint *why);
bool page_claim_present(const struct pages *pages, struct complaint *why);
bool page_error_present(const struct pages *pages, struct complaint *why);

/* The ways of payment as rows `rails`, in words where there are some. */
void making_rails(struct making *making, struct span rails);

struct span making_number(struct making *making, unsigned n);

/* The day in China: `date` in words of the language's own order, `day` for machines. */
void making_day(struct making *making, struct values *values, int64_t at_ms);

/* The name of a month, 1 to 12. */
struct span making_month(const struct making *making, unsigned month);

#endif
