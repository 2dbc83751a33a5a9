/*
 * The public's calls: the form, the API, the receipt.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_WEB_H
#define TIPLINE_HANDLERS_INTAKE_WEB_H

#include "handlers/endpoint.h"

/*
 * POST /tips and POST /api/v1/tips: urlencoded, multipart or JSON. The first
 * answers with pages (or JSON when that is all the visitor accepts), the
 * second with JSON. The head decides how the body is taken.
 */
void submission_head(const struct call *args, struct http_exchange *exchange, struct http_body_plan *plan);
void submission_run(const struct call *args, struct http_exchange *exchange);

/* GET /receipt, POST /receipt, POST /api/v1/receipt; a supplement with files is multipart */
void receipt_head(const struct call *args, struct http_exchange *exchange, struct http_body_plan *plan);
void receipt_ask(const struct call *args, struct http_exchange *exchange);
void receipt_post(const struct call *args, struct http_exchange *exchange);

/* POST /receipt/proof: the form's fields as of /receipt; the proof as a file */
void receipt_proof(const struct call *args, struct http_exchange *exchange);

#endif
