/*
 * The store, as far as money goes: one stream that is appended to by
 * compare-and-append on its head, whole lines or nothing.
 */
#ifndef TIPLINE_TESTS_SIM_JOURNAL_H
#define TIPLINE_TESTS_SIM_JOURNAL_H

#include "daemon/base/span.h"

struct journal {
	struct span *lines;     /* owned; lines[seq - 1] */
	size_t n, size;
};

void journal_release(struct journal *journal);

/* False: the head is not where the writer believes it to be; nothing is written. */
bool journal_append(struct journal *journal, size_t head, struct span line);

/* Yesterday's backup: what is behind is gone. */
void journal_cut(struct journal *journal, size_t n);

#endif
