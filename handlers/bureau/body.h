/*
 * The JSON body of a staff call: small objects with text and whole numbers.
 */
#ifndef TIPLINE_HANDLERS_BUREAU_BODY_H
#define TIPLINE_HANDLERS_BUREAU_BODY_H

#include "daemon/base/json_in.h"
#include "handlers/answer.h"

/*
 * The request's body as an object, in the exchange's arena; an empty body is
 * an empty object. NULL when it is no JSON object: *problem says so.
 */
const struct json_object *body_read(struct http_exchange *exchange, struct problem *problem);

/*
 * A text member; it lives as long as the exchange. Absent: empty span, fine
 * unless `needed`. False and *problem (400, naming the field) for another
 * type, an empty needed text, or more than max bytes.
 */
bool body_text(const struct json_object *body, const char *name, bool needed, size_t max, struct span *value,
	       struct problem *problem);

/* A whole number between low and high; absent: *value stays as it is. */
bool body_number(const struct json_object *body, const char *name, uint64_t low, uint64_t high,
		 uint64_t *value, struct problem *problem);

#endif
