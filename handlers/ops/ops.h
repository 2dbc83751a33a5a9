/*
 * Calls for the operator: is it alive, is it ready, how is it doing.
 */
#ifndef TIPLINE_HANDLERS_OPS_OPS_H
#define TIPLINE_HANDLERS_OPS_OPS_H

#include "handlers/endpoint.h"

/* GET /healthz: 200 as long as the loop turns. */
void ops_health(const struct call *call, struct http_exchange *exchange);

/* GET /readyz: 200 when tips and officers are served as promised; else 503 and why not. */
void ops_ready(const struct call *call, struct http_exchange *exchange);

/* GET /metrics: Prometheus text format 0.0.4. */
void ops_metrics(const struct call *call, struct http_exchange *exchange);

#endif
