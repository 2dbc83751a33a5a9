/*
 * Calls to a generic connector: signed requests, and answers that are verified
 * before they are read. The rails `http` and `voucher` (statements) use it.
 */
#ifndef TIPLINE_HANDLERS_PAYOUT_CONNECTOR_CALL_H
#define TIPLINE_HANDLERS_PAYOUT_CONNECTOR_CALL_H

#include "handlers/payout/rail.h"

#define CONNECTOR_JSON "application/json"
#define CONNECTOR_XML "application/xml"

/* A signed request; path begins with '/'; `media` (static) is what is asked for, and what the body is unless it is empty. */
void connector_request(const struct rail_job *job, enum http_method method, const char *path, const char *media,
		       struct span body, struct rail_request *out);

/* Whether the answer is signed by the connector for that very request. */
enum x_sig_fault connector_verify(const struct rail_job *job, const struct rail_request *asked,
				  const struct http_response *answer);

/* The key that signs is there, and each has a name and enough bytes. */
bool connector_keys_fit(const struct rail_config *config, struct complaint *why);

/* Whether what statements need is set: nothing, or an account in plain letters with url and key. */
bool connector_statements_fit(const struct rail_config *config, struct complaint *why);

void connector_ask_statement(const struct rail_job *job, struct span date, struct rail_request *out);
enum rail_read connector_read_statement(const struct rail_job *job, struct span date, const struct rail_request *asked,
					const struct http_response *answer, struct statement *out,
					struct rail_request *next, struct complaint *why);

#endif
