/*
 * Records for tests of whoever keeps or carries the money journal: canonical,
 * chained, and about nothing.
 */
#ifndef TIPLINE_TESTS_JOURNAL_SAMPLE_H
#define TIPLINE_TESTS_JOURNAL_SAMPLE_H

#include "daemon/money/record.h"
#include "daemon/store/store.h"

/*
 * The record after `head` with that key. `salt` goes into print and data: the
 * same key with another salt is another command. All of it lives in the arena.
 */
struct store_money journal_sample(const struct store_head *head, int64_t at_ms, const char *key, unsigned salt,
				  struct arena *arena);

/* A store's request to append it. */
struct store_request journal_append(const struct store_money *money);

/* Whether the records follow each other from number 1 on, each read strictly; returns how many do. */
size_t journal_follows(const struct store_event *events, size_t n);

#endif
