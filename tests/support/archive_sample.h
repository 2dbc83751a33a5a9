/*
 * Entries of a journal for tests of the archive: what stands in one follows
 * from its number.
 */
#ifndef TIPLINE_TESTS_ARCHIVE_SAMPLE_H
#define TIPLINE_TESTS_ARCHIVE_SAMPLE_H

#include "daemon/sys/archive.h"

#include <stdio.h>
#include <stdlib.h>

struct archive_sample {
	struct archive_entry entry;
	char json[200];
	char mark[16];
};

/* Odd numbers have three fields, one of them with a name that nobody knows; even ones an event alone. */
static inline const struct archive_entry *archive_sample(struct archive_sample *sample, uint64_t number)
{
	unsigned long long n = (unsigned long long)number;

	snprintf(sample->json, sizeof(sample->json), "{\"e\":\"note\",\"id\":\"15-%010llu\",\"at\":%llu,\"why\":\"%llx\"}", n,
		 1763748000000ull + n, n * 0x9e3779b97f4a7c15ull);
	for (size_t i = 0; i < sizeof(sample->mark); i++)
		sample->mark[i] = (char)(n * 31 + i * 7);
	sample->entry = (struct archive_entry){ .number = number, .nfields = number % 2 == 1 ? 3 : 1 };
	sample->entry.fields[0] = (struct archive_field){ SPAN("e"), span_of(sample->json) };
	sample->entry.fields[1] = (struct archive_field){ SPAN("s"), span_from(sample->mark, sizeof(sample->mark)) };
	sample->entry.fields[2] = (struct archive_field){ SPAN("later"), SPAN("") };
	return &sample->entry;
}

static inline bool archive_sample_is(const struct archive_entry *entry, uint64_t number)
{
	struct archive_sample sample;
	const struct archive_entry *wanted = archive_sample(&sample, number);

	if (entry->number != number || entry->nfields != wanted->nfields)
		return false;
	for (size_t i = 0; i < entry->nfields; i++)
		if (!span_eq(entry->fields[i].name, wanted->fields[i].name) ||
		    !span_eq(entry->fields[i].value, wanted->fields[i].value))
			return false;
	return true;
}

/* A file with the entries of a range. */
static inline struct archive_digest archive_sample_file(const char *journal, struct archive_range range,
							const struct archive_digest *before, struct buf *out)
{
	struct archive_writer *writer = archive_writer_new(journal, range.first, before);
	struct archive_digest digest;
	struct archive_sample sample;
	struct complaint why;

	for (uint64_t n = range.first; n <= range.last; n++)
		if (!archive_writer_add(writer, archive_sample(&sample, n), &why))
			abort();
	archive_writer_end(writer, out, &digest);
	archive_writer_free(writer);
	return digest;
}

#endif
