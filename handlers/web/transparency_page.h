/*
 * The page of figures and logs that everybody may read: GET /transparency.
 *
 * As all pages (pages.h): plain values in, HTML out, all texts through the
 * catalogue. Every number stands in the view; nothing is counted here.
 */
#ifndef TIPLINE_HANDLERS_WEB_TRANSPARENCY_PAGE_H
#define TIPLINE_HANDLERS_WEB_TRANSPARENCY_PAGE_H

#include "handlers/web/pages.h"

enum page_table {
	PAGE_TABLE_RECEIVED,
	PAGE_TABLE_ARRIVED,      /* from another first-level region */
	PAGE_TABLE_FIRST_LOOK,
	PAGE_TABLE_CLOSED,       /* by outcome */
	PAGE_TABLE_ESCALATED,
	PAGE_TABLE_PAID,         /* by outcome */
	PAGE_TABLE_OTHER,        /* by event */
	PAGE_TABLES,
};

/* Of the place what has no row of its own: cells below five were merged upward. */
enum page_rest {
	PAGE_REST_NONE,
	PAGE_REST_COUNTIES,
	PAGE_REST_PLACES,
	PAGE_RESTS,
};

struct page_figure {
	enum page_table table;
	struct span place;       /* its name in the page's language; empty: that of the log */
	struct span log;
	enum page_rest rest;
	bool together;           /* without outcome, beside rows that have one */
	struct span word;        /* outcome ("verified"; empty: told without) or event */
	uint64_t count;
	bool amounts, waits;     /* the next are of this row */
	int64_t amount;          /* fen */
	uint64_t median, p90;    /* whole hours */
};

enum page_log_state {
	PAGE_LOG_EMPTY,          /* no checkpoint yet */
	PAGE_LOG_UNSIGNED,
	PAGE_LOG_REFUSING,
	PAGE_LOG_MISSING,        /* signed, and too few witnesses have cosigned: since */
	PAGE_LOG_MET,            /* signed and cosigned */
	PAGE_LOG_SIGNED,         /* signed; no witnesses are asked */
	PAGE_LOG_STATES,
};

struct page_log {
	struct span name;        /* "15", "money" */
	struct span title;       /* of its region; empty: it has none */
	uint64_t size;
	bool dated;
	int64_t sealed_ms;
	enum page_log_state state;
	int64_t since_ms;        /* with PAGE_LOG_MISSING; 0: not known */
	struct span newest;      /* month that is opened, "2026-11"; empty: none */
};

struct page_transparency {
	struct span month;       /* that is shown; empty: none is opened */
	struct span log;         /* that alone is shown; empty: all */
	bool log_closed;         /* nothing of that log is opened in that month */
	const struct span *months;            /* to choose from, newest first */
	size_t nmonths;
	bool months_more;                     /* there are older ones */
	struct span next;        /* month that is opened next; empty: there is no log */
	int64_t next_ms;
	bool due;                /* that moment is past */
	const struct page_figure *figures;    /* by table */
	size_t nfigures;
	size_t from, before, behind;          /* place of the first row of the page; rows in front of and behind the page */
	uint64_t closed, dummies;             /* leaves of the logs shown */
	unsigned small;
	const struct page_log *logs;
	size_t nlogs;
	struct span host;        /* this site's name; empty: not known */
};

/* Rows on one page: with the style sheet it stays below 60 KiB. */
#define PAGE_FIGURES_MAX 100
#define PAGE_MONTHS_MAX 24

void page_transparency(const struct pages *pages, const struct page_look *look, const struct page_transparency *view,
		       struct buf *out);

/* The messages that the page chooses by a value, in order; NULL past the end. */
const char *page_transparency_message_at(size_t index);

#endif
