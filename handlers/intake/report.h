/*
 * The pages of a report, and what a form is answered that cannot be taken yet.
 *
 *   GET  /               what happens, what is kept
 *   GET  /report         the form
 *   POST /report         the form with what was typed: back from the check, or in another language
 *   POST /report/check   the answers to be checked, or the form with its faults
 *   POST /tips           sends it: submission.c
 *
 * Nothing is stored before it is sent: what was typed goes from page to page in
 * the forms themselves.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_REPORT_H
#define TIPLINE_HANDLERS_INTAKE_REPORT_H

#include "handlers/answer.h"
#include "handlers/endpoint.h"
#include "handlers/intake/tip_input.h"
#include "handlers/web/pages.h"

void report_start(const struct call *args, struct http_exchange *exchange);
void report_form(const struct call *args, struct http_exchange *exchange);
/* Of the two that follow: as much as a text may have many times over, so that one too long comes back with its fault. */
void report_head(const struct call *args, struct http_exchange *exchange, struct http_body_plan *plan);
void report_again(const struct call *args, struct http_exchange *exchange);
void report_check(const struct call *args, struct http_exchange *exchange);

/* GET /about: how it works, and how long what is kept. */
void report_about(const struct call *args, struct http_exchange *exchange);

/* GET /exit: a page that says nothing. */
void report_exit(const struct call *args, struct http_exchange *exchange);

/* False: no region has that code and none above it, so it is a slip. */
bool report_region_known(const struct app *app, struct span region);

/* What the page calls the API's word for a fault of a field. */
enum page_fault report_fault_of(const char *fault);

/*
 * Replies with what was typed and what is wrong with it: the check when only a
 * file is at fault, else the form. `field` and `fault` are the API's words; what
 * else is at fault is told as well.
 */
void report_answer_fault(const struct app *app, struct http_exchange *exchange, const struct tip_input *in,
			 const char *field, const char *fault, int status);

/* Replies 429 with the answers again, and with the work or the wait that lets them in. */
void report_answer_busy(const struct app *app, struct http_exchange *exchange, const struct tip_input *in,
			const struct limit_refusal *limit);

#endif
