/*
 * One tip on its way by web form or API: what submission.c (its body, its name,
 * its way to intake) and submission_answer.c (what is said of it) share.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_SUBMISSION_INSIDE_H
#define TIPLINE_HANDLERS_INTAKE_SUBMISSION_INSIDE_H

#include "handlers/intake/intake.h"
#include "handlers/intake/tip_input.h"
#include "handlers/intake/upload.h"
#include "handlers/intake/visitor.h"
#include "handlers/intake/web.h"

struct submission {
	struct app *app;
	struct http_exchange *exchange;
	bool page;                  /* answer with a page */
	struct tip_input input;
	struct upload *upload;      /* multipart only */
	struct intake_request request;
};

struct page_look submission_look(const struct submission *s);

/* What came of an upload is not kept; before the answer, which ends the memory it lives in. */
void submission_drop_upload(struct submission *s);

/* What became of it; the upload was kept or dropped before. */
void submission_answer(struct submission *s, const struct intake_result *result);

/* Each drops the upload and answers, with a page or JSON. */
void submission_wrong(struct submission *s, const struct problem *problem);
void submission_invalid(struct submission *s, const struct intake_result *result);

/* The answers again, and for how long to wait. */
void submission_busy(struct submission *s, const struct limit_refusal *limit);

#endif
