/*
 * Requests, as every rail puts them together in the arena of its job.
 */
#ifndef TIPLINE_HANDLERS_PAYOUT_RAIL_REQUEST_H
#define TIPLINE_HANDLERS_PAYOUT_RAIL_REQUEST_H

#include "handlers/payout/rail.h"

#define RAIL_REQUEST_FIELDS_MAX 8

/* Path and query of an URL as they are sent: "https://a.example/x?y" gives "/x?y". */
struct span rail_url_target(const char *url);

/*
 * Whether a provider may be called there: https, or http to this machine. False: `why` names `key` and what to do.
 * NULL: it is not set.
 */
bool rail_url_safe(const char *url, const char *key, struct complaint *why);

/*
 * Method, url (base and path), target, body and its hash, and the nonce: 32 hex
 * digits of job->random. No fields yet.
 */
void rail_request_begin(const struct rail_job *job, enum http_method method, const char *path, struct span body,
			struct rail_request *out);

/* Sets the fields: a list that ends with NULL, at most RAIL_REQUEST_FIELDS_MAX. */
void rail_request_fields(const struct rail_job *job, const char *const *fields, struct rail_request *out);

/* What every instruction has to be, whatever the rail: id, amount within the profile. False: the complaint says what is not. */
bool rail_instruction_fits(const struct rail_instruction *instruction, const struct rail_profile *profile,
			   struct complaint *why);

#endif
