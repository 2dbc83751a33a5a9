/*
 * What calls of auditors begin with: as of when, what is seen of it, in which form.
 */
#ifndef TIPLINE_HANDLERS_AUDIT_MOMENT_H
#define TIPLINE_HANDLERS_AUDIT_MOMENT_H

#include "daemon/money/audit_view.h"
#include "handlers/audit/sheet.h"
#include "handlers/endpoint.h"

struct moment {
	const struct book *book;          /* as it is now: for what never changes, as policies by their hash */
	const struct audit_log *log;
	size_t n;                         /* records that count */
	int64_t reckoned_ms;
	enum sheet_format format;
	bool bom;
};

/* Reads as_of, format, bom. False after an answer. Good until the loop turns. */
bool moment_read(const struct call *args, struct http_exchange *exchange, struct moment *moment);

/* What the caller sees then; in the arena of the exchange. */
struct audit_view moment_view(const struct call *args, struct http_exchange *exchange, const struct moment *moment);

/* "as_of" of the open object. */
void moment_tell(const struct moment *moment, struct json_out *json);

/* A word of the query out of `words` (NULL behind the last); absent: the first. False after a 400. */
bool moment_word(struct http_exchange *exchange, const char *name, const char *const *words, size_t *index);

/* A token as auditors see it ("payee", "claimant"); empty stays. */
const char *moment_pseudonym(const struct call *args, struct http_exchange *exchange, const char *kind, const char *token);

#endif
