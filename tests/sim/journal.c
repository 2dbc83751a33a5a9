/*
 * A stream in memory; see journal.h.
 */
#include "tests/sim/journal.h"

#include "daemon/base/memory.h"

#include <assert.h>
#include <stdlib.h>

void journal_release(struct journal *journal)
{
	journal_cut(journal, 0);
	free(journal->lines);
	*journal = (struct journal){ 0 };
}

bool journal_append(struct journal *journal, size_t head, struct span line)
{
	char *copy;

	if (head != journal->n)
		return false;
	if (journal->n == journal->size) {
		journal->size = journal->size > 0 ? 2 * journal->size : 256;
		journal->lines = realloc(journal->lines, journal->size * sizeof(*journal->lines));
		assert(journal->lines != NULL);
	}
	copy = memory_zeroes(line.len + 1, 1);
	memcpy(copy, line.at, line.len);
	journal->lines[journal->n++] = span_from(copy, line.len);
	return true;
}

void journal_cut(struct journal *journal, size_t n)
{
	while (journal->n > n)
		free((char *)(uintptr_t)journal->lines[--journal->n].at);
}
