/*
 * The sealed log as anybody may read it: static files under a log's name (C2SP
 * tlog-tiles), and a few lines about it. All of it is public data and is
 * answered to any origin; nothing of it depends on who asks.
 */
#ifndef TIPLINE_HANDLERS_LOG_LOG_H
#define TIPLINE_HANDLERS_LOG_LOG_H

#include "handlers/endpoint.h"

/* GET /log: which logs there are, JSON */
void log_list(const struct call *args, struct http_exchange *exchange);

/* GET /log/{log}/checkpoint */
void log_checkpoint(const struct call *args, struct http_exchange *exchange);

/* GET /log/{log}/key */
void log_key(const struct call *args, struct http_exchange *exchange);

/* GET /log/{log}/tile/{rest...}: tiles and entry bundles */
void log_tile(const struct call *args, struct http_exchange *exchange);

/* GET /log/{log}/openings: which months are opened, JSON */
void log_openings(const struct call *args, struct http_exchange *exchange);

/* GET /log/{log}/openings/{month}: "2026-11", and "2026-11.note" for its signature */
void log_opening(const struct call *args, struct http_exchange *exchange);

/* GET /log/{log}/status: JSON */
void log_status(const struct call *args, struct http_exchange *exchange);

#endif
