/*
 * What all reads about money begin with: is there a book, how does this person
 * see it, which parameters came.
 */
#ifndef TIPLINE_HANDLERS_AUDIT_READING_H
#define TIPLINE_HANDLERS_AUDIT_READING_H

#include "daemon/money/book.h"
#include "handlers/endpoint.h"

/* The book, or NULL after an answer that it cannot be read now. Good until the loop turns. */
const struct book *reading_book(const struct call *args, struct http_exchange *exchange);

/* Tokens are pseudonyms for this person. */
bool reading_as_auditor(const struct staff *staff_token);

/* Whether a ledger book ("150600/...") lies in the person's region. */
bool reading_covers(const struct staff *staff_token, const char *ledger_book);

/* A query parameter, in the arena; empty when absent. */
struct span reading_param(struct http_exchange *exchange, const char *name);

/* A number of the query between 0 and `high`; absent: `preset`. False after a 400. */
bool reading_number(struct http_exchange *exchange, const char *name, uint64_t preset, uint64_t high,
		    uint64_t *number);

/* `limit` of a list that goes on behind its last row, at least 1. False after a 400. */
bool reading_rows(struct http_exchange *exchange, uint64_t preset, uint64_t high, uint64_t *rows);

/* Whether the value of that parameter is a date or empty. False after a 400. */
bool reading_date(struct http_exchange *exchange, const char *name, struct span text);

void reading_not_found(struct http_exchange *exchange);

#endif
