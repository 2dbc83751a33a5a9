/*
 * The published figures and the state of the logs, for everybody: as a page, as
 * JSON, as CSV. `month` and `log` of the query choose; without a month the
 * newest that is opened is shown.
 */
#ifndef TIPLINE_HANDLERS_LOG_TRANSPARENCY_H
#define TIPLINE_HANDLERS_LOG_TRANSPARENCY_H

#include "handlers/endpoint.h"

/* GET /transparency */
void transparency_page(const struct call *args, struct http_exchange *exchange);

/* GET /api/v1/transparency; transparency_api.c */
void transparency_api(const struct call *args, struct http_exchange *exchange);

#endif
