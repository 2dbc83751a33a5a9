/*
 * The pages that the public sees, from plain values to HTML.
 *
 * Each page is one template (public/<page>.html), one view struct here and one
 * function. They know neither HTTP nor the store: a handler fills the view and
 * sends what stands in the buffer. Every page works without scripts, has a
 * neutral title, a link that leaves at once, and needs one style sheet.
 *
 * What a handler must send with each page: PAGES_CSP, Cache-Control: no-store,
 * Referrer-Policy: no-referrer, Content-Type: PAGES_TYPE. Forms carry `lang`
 * and (for large type) `size=large` as hidden fields; links carry them in the query.
 *
 * All spans of a view are borrowed for the call. Text must be UTF-8; it is
 * escaped here and nowhere else.
 */
#ifndef TIPLINE_HANDLERS_WEB_PAGES_H
#define TIPLINE_HANDLERS_WEB_PAGES_H

#include "daemon/base/buf.h"
#include "daemon/base/complaint.h"
#include "daemon/core/journal/lifecycle.h"
#include "handlers/web/catalogue.h"

#define PAGES_TYPE "text/html; charset=utf-8"
#define PAGES_CSP \
	"default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; " \
	"frame-ancestors 'none'; script-src 'self'"
/* The same for the pages of a report: they may ask for work, and send by script to tell how far it is. */
#define PAGES_CSP_REPORT PAGES_CSP "; worker-src 'self'; connect-src 'self'"
#define DESK_CSP \
	"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " \
	"form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

/* Where "leave now" goes when the settings name nothing: a page of ours that says nothing. */
#define PAGES_EXIT_URL "/exit"

struct pages_settings {
	const char *exit_url;    /* https URL, or NULL or empty: PAGES_EXIT_URL */
	const char *sms_number;  /* another way to report; NULL or empty: there is none */
	const char *telephone;   /* likewise */
	unsigned text_max;       /* characters a tip may have */
	unsigned files_max;      /* attachments a tip may have */
	unsigned file_mib_max;   /* size of one */
	uint64_t file_bytes_max; /* the same exactly, for the script that tells before an upload */
};

/*
 * The compiled pages and all languages; immutable, for the life of the process.
 * NULL with a complaint when a template does not compile or a language lacks a
 * message that some page uses.
 */
struct pages;
struct pages *pages_new(const struct pages_settings *settings, struct complaint *why);
void pages_free(struct pages *pages);

/* For catalogue_choose(). */
const struct catalogues *pages_catalogues(const struct pages *pages);

/* How this visitor sees any page. */
struct page_look {
	const struct catalogue *lang;
	bool large;              /* ?size=large */
};

/* --- a report: GET /, GET and POST /report, POST /report/check, and POST /tips with faults --- */

/* What happens and what is kept; a link leads to the form. */
void page_start(const struct pages *pages, const struct page_look *look, struct buf *out);

enum page_field {
	PAGE_FIELD_TEXT,
	PAGE_FIELD_PLACE,
	PAGE_FIELD_REGION,
	PAGE_FIELD_WHEN,
	PAGE_FIELD_CATEGORY,
	PAGE_FIELD_FILE,
	PAGE_FIELD_CONTACT,
	PAGE_FIELDS,
};

/* The name of the field in form and JSON: "text", "place", ... */
const char *page_field_name(enum page_field field);

/* True for the values that the form offers: "child", "woman", "missing", "other". */
bool page_category_valid(struct span value);

enum page_fault {
	PAGE_FINE,
	PAGE_ABSENT,             /* nothing was written */
	PAGE_TOO_LONG,           /* text: more than text_max; file: more than file_mib_max */
	PAGE_TOO_MANY,           /* files */
	PAGE_UNREADABLE,         /* not UTF-8, control characters */
	PAGE_UNKNOWN,            /* no such region or category; a kind of file that is not taken */
	PAGE_HOLDS_CODE,         /* the text holds a receipt code (receipt_hidden_in()) */
	PAGE_FULL,               /* files: the tip cannot have these as well */
	PAGE_FAULTS,
};

struct page_region {
	struct span code;        /* six digits: "150000" */
	struct span name;        /* in the page's language */
};

struct page_form {
	struct span nonce;                      /* hidden; the same one after a fault, so that a repeat stays one tip */
	struct span values[PAGE_FIELDS];        /* typed before; FILE is not used: browsers keep no files */
	enum page_fault faults[PAGE_FIELDS];
	struct span challenge;                  /* hidden; empty: no work is asked for */
	unsigned proof_wait_s;                  /* so long without scripts */
	bool proof_script;                      /* there is work that a script can do */
	struct span solution;                   /* hidden; of a challenge that was answered before */
	bool busy;                              /* it was not taken: too many came */
	bool again;                             /* the answer to a form: no link may lead here */
	const struct page_region *regions;      /* first-level regions, in the order to be shown */
	size_t nregions;
};

void page_form(const struct pages *pages, const struct page_look *look, const struct page_form *view,
	       struct buf *out);

/* The answers to be checked, with the field for files; posts to /tips. */
void page_check(const struct pages *pages, const struct page_look *look, const struct page_form *view,
		struct buf *out);

/* --- the receipt: POST /tips, 201 -------------------------------------------- */

enum page_retype_fault {
	PAGE_RETYPE_FINE,
	PAGE_RETYPE_ABSENT,      /* nothing was typed */
	PAGE_RETYPE_WRONG,       /* not the last four digits */
	PAGE_RETYPE_OFTEN,       /* too many tries: later */
	PAGE_RETYPE_FAULTS,
};

/*
 * The page's form posts the last four digits as `last` to /receipt/confirm,
 * with `code`, `at` (received_ms), `promise` and `seal` in hidden fields, so
 * that the page can be shown again; a form above the code posts the same with
 * `again`, for another language or size.
 */
struct page_receipt {
	struct span code;        /* as shown: "1512 3456 ..." (receipt_show()); never in a link */
	struct span reference;   /* the tip's id, no secret */
	int64_t received_ms;
	struct span promise;     /* the signed promise as text, or empty */
	struct span seal;        /* says that code, time and promise are what was shown first */
	enum page_retype_fault fault;
};

void page_receipt(const struct pages *pages, const struct page_look *look, const struct page_receipt *view,
		  struct buf *out);

/* --- asking for a code: GET /receipt, and POST /receipt with a fault (422, 404, 429) --- */

enum page_ask_fault {
	PAGE_ASK_FINE,
	PAGE_ASK_ABSENT,         /* nothing was typed */
	PAGE_ASK_DIGITS,         /* RECEIPT_NOT_DIGITS */
	PAGE_ASK_LENGTH,         /* RECEIPT_LENGTH */
	PAGE_ASK_CHECK,          /* RECEIPT_CHECK */
	PAGE_ASK_UNFOUND,        /* no tip has this code */
	PAGE_ASK_OFTEN,          /* too many tries: later */
	PAGE_ASK_FAULTS,
};

struct page_receipt_ask {
	enum page_ask_fault fault;
	struct span typed;       /* shown again after a slip, so that one digit can be mended; may be empty */
};

void page_receipt_ask(const struct pages *pages, const struct page_look *look,
		      const struct page_receipt_ask *view, struct buf *out);

/* --- how a tip fares: POST /receipt, 200 ------------------------------------- */

struct page_message {
	bool from_bureau;        /* else the informant's own */
	int64_t at_ms;
	struct span text;        /* empty: files alone */
	const struct span *files;   /* their names */
	size_t nfiles;
};

/* A leaf of the tip in the sealed log. */
struct page_leaf {
	struct span log;
	uint64_t index;
	struct span class;       /* "received", "work", "office" */
	unsigned day;            /* since 1970-01-01, in China */
};

/*
 * The page's form posts to /receipt again, as application/x-www-form-urlencoded,
 * or as multipart where files may come: `code` (hidden), `text` (the supplement;
 * absent in a mere reload or a change of language), `nonce`, `lang`, `size`, `file`.
 */
struct page_status {
	struct span code;        /* 24 digits or as shown; only ever in hidden fields */
	struct span reference;
	enum tip_state state;
	struct span region;      /* the region's name, or empty */
	int64_t received_ms;
	const struct page_message *messages;    /* oldest first */
	size_t nmessages;
	bool may_write;          /* supplements are taken in this state */
	bool may_attach;         /* ...with files */
	bool taken;              /* the supplement of this request was stored */
	bool erased;             /* what was sent is no more; the state is still told */
	enum page_fault fault;   /* of the supplement: ABSENT, TOO_LONG, UNREADABLE, HOLDS_CODE */
	enum page_fault file_fault;
	struct span typed;       /* supplement as typed, shown again with a fault */
	struct span nonce;
	bool log_served;         /* else nothing is said about the log */
	struct span proof;       /* inclusion proof as text; empty: not there yet */
	const struct page_leaf *leaves;
	size_t nleaves;
	bool log_whole;          /* `leaves` are all there are */
	bool log_behind;         /* something of the tip is not in the log yet */
	struct span raise;       /* raise_words() of the last time it passed to a level above, or empty */
	int64_t raised_ms;
	struct span next;        /* raise_next_words(): when it will, or empty */
	bool may_reopen;         /* a supplement may ask for it to be looked at again */
	struct span reward;      /* something waits to be collected: "open", "returned", "voucher"; or empty */
	int64_t reward_until_ms; /* 0: no day is told */
};

void page_status(const struct pages *pages, const struct page_look *look, const struct page_status *view,
		 struct buf *out);

/* --- what there is to collect: POST /claims ---------------------------------- */

enum page_claim_fault {
	PAGE_CLAIM_FINE,
	PAGE_CLAIM_RAIL,
	PAGE_CLAIM_ACCOUNT,
	PAGE_CLAIM_NAME,
	PAGE_CLAIM_CONFIRM,      /* to decline is said twice */
	PAGE_CLAIM_REFUSED,      /* not possible any more: as things stand now */
	PAGE_CLAIM_OFTEN,
	PAGE_CLAIM_IN_PERSON,
	PAGE_CLAIM_OTHER,
	PAGE_CLAIM_FAULTS,
};

/*
 * Its forms post to /claims again: `code` (hidden), `action`, `nonce`, `rail`,
 * `account`, `name`, `confirm`. Neutral words: whoever looks over a shoulder
 * reads of no reward where there is none to collect.
 */
struct page_claim {
	struct span code;
	struct span nonce;
	struct span word;              /* "none", "open", ... */
	struct span amount;            /* yuan, "8600.00"; empty: not told */
	int64_t deadline_ms;           /* 0: none */
	struct span rails;             /* to choose from, joined by commas */
	bool may_claim, may_change, may_decline, may_object;
	struct span panel;             /* "asked", "bound": somebody else wants it with papers; or empty */
	bool done;                     /* what was asked for was recorded */
	enum page_claim_fault fault;
	struct span voucher_number, voucher_word;
	int64_t voucher_until_ms;
};

void page_claim(const struct pages *pages, const struct page_look *look, const struct page_claim *view,
		struct buf *out);

/* --- what there is to know: GET /about, GET /rewards --------------------------------- */

/* Days that parts of a tip stay after its end; PAGE_FOR_EVER: no end. */
#define PAGE_FOR_EVER (-1)

struct page_kept {
	const char *outcome;     /* "verified", ...: the message is "outcome.verified" */
	int identity, files, text, row;
};

struct page_about {
	const struct page_kept *kept;
	size_t nkept;            /* 0: nothing is deleted by itself */
	int64_t unopened_first_ms, unopened_last_ms;   /* a tip that nobody opens passes up after: the most urgent, the least; 0: never */
	unsigned sms_days;       /* so long a telephone's conversation is remembered */
};

void page_about(const struct pages *pages, const struct page_look *look, const struct page_about *view, struct buf *out);

/* A policy in force. */
struct page_offer {
	struct span name;
	struct span title, text;       /* in the page's language, or empty; the text may have several lines */
	struct span min, max, cap;     /* yuan */
	struct span since;             /* "2026-01-01" */
	unsigned claim_days;
	bool shared;                   /* more than the first informant may get something */
};

struct page_rewards {
	bool off;                      /* money is switched off */
	bool unread;                   /* it cannot be told at the moment */
	const struct page_offer *offers;
	size_t noffers;
	struct span rails;             /* ways of payment, joined by commas */
};

void page_rewards(const struct pages *pages, const struct page_look *look, const struct page_rewards *view, struct buf *out);

/* --- what went wrong ----------------------------------------------------------- */

struct page_error {
	int status;              /* chooses the words; 404 is an error like any other */
	struct span code;        /* the stable code of the API, shown small; or empty */
	struct span text;        /* one more sentence in the page's language, or empty */
	unsigned retry_after_s;  /* 0: not said */
};

void page_error(const struct pages *pages, const struct page_look *look, const struct page_error *view,
		struct buf *out);

/* --- gone: GET /exit ------------------------------------------------------------ */

/* A page that says nothing. */
void page_exit(const struct pages *pages, const struct page_look *look, struct buf *out);

/* --- files of the two sites ---------------------------------------------------- */

enum page_site {
	PAGE_PUBLIC,             /* /style.css */
	PAGE_STAFF,              /* staff_files.h */
};

struct page_file {
	struct span body;
	const char *type;        /* Content-Type */
	bool lasting;            /* its name changes with its content, so that it may be kept for ever */
};

/* The static file behind a request path; false when there is none. Templates are no such files. */
bool page_file_find(enum page_site site, struct span path, struct page_file *file);

#endif
