/*
 * A journal of the money book as lines that a test may falsify: what is
 * changed is chained anew, so that the chain itself gives nothing away.
 */
#ifndef TIPLINE_TESTS_MONEY_JOURNAL_H
#define TIPLINE_TESTS_MONEY_JOURNAL_H

#include "tests/support/money_book.h"

#define JOURNAL_MAX 400

struct journal {
	char *lines[JOURNAL_MAX];     /* lines[seq - 1], owned */
	size_t n;
};

/* A copy of what the book has recorded. */
void journal_of(struct journal *journal, const struct money_book *m);
void journal_release(struct journal *journal);

/* Sequence number of the nth (from 1) record that holds the text; fails when there is none. */
size_t journal_find(const struct journal *journal, const char *text, unsigned nth);

/* Replaces `from` by `to` in that record: everywhere, or the first time. Fails when it is not there. */
void journal_replace(struct journal *journal, size_t seq, const char *from, const char *to);
void journal_replace_once(struct journal *journal, size_t seq, const char *from, const char *to);

/* Adds a copy of that record behind the last, under another key and at that time; 0: that of the last one. */
size_t journal_again(struct journal *journal, size_t seq, const char *key, int64_t at_ms);

/* Takes a record out; the others keep their numbers. */
void journal_drop(struct journal *journal, size_t seq);

/* Chains all records from that one on anew: prev and hash. */
void journal_chain(struct journal *journal, size_t from);

#endif
