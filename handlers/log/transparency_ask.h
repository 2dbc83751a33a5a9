/*
 * What is asked for with ?month= and ?log=, for the page and the API.
 */
#ifndef TIPLINE_HANDLERS_LOG_TRANSPARENCY_ASK_H
#define TIPLINE_HANDLERS_LOG_TRANSPARENCY_ASK_H

#include "handlers/endpoint.h"
#include "handlers/log/transparency_data.h"

enum transparency_asked {
	TRANSPARENCY_FOUND,
	TRANSPARENCY_NO_MONTH,     /* what was given is none */
	TRANSPARENCY_NO_LOG,
	TRANSPARENCY_CLOSED,       /* it is not opened */
};

/* Reads the query and gathers; the rest lies in the exchange's arena. *log: the one that was asked for, or NULL. */
enum transparency_asked transparency_ask(const struct call *args, struct http_exchange *exchange, const struct sealed_log **log,
					 struct transparency **out);

/* A parameter of the query, in the arena; empty when it is absent. */
struct span transparency_param(struct http_exchange *exchange, const char *name);

#endif
