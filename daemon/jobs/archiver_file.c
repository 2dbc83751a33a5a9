/*
 * The archiver's segment: gathered from the store into a file, and the file
 * held against the store again; see archiver_inside.h.
 */
#include "daemon/jobs/archiver_inside.h"

#include "daemon/store/archived.h"

#include <stdlib.h>

#define PAGE 1000u
#define SEGMENT_BYTES ((size_t)16 << 20)   /* of entries; a file ends when it has as many */

static void compare(struct archiver *archiver);
static void gather(struct archiver *archiver);

void archiver_drop_segment(struct archiver *archiver)
{
	archive_writer_free(archiver->segment.writer);
	archive_reader_free(archiver->segment.reader);
	archiver->segment = (struct archiver_segment){ .fence = 0 };
}

static void ask_page(struct archiver *archiver, void (*done)(void *ctx, const struct store_reply *reply))
{
	const struct archiver_segment *segment = &archiver->segment;
	uint64_t left = segment->range.last - segment->next + 1;

	archiver_submit(archiver,
			&(struct store_request){ .op = STORE_JOURNAL,
						 .from = segment->next,
						 .max = left < PAGE ? (unsigned)left : PAGE },
			done);
}

/* A page of events that are the ones asked for, without a gap; fewer than asked for are well. */
static bool is_page(const struct archiver *archiver, const struct store_reply *reply)
{
	if (reply->outcome != STORE_DONE || reply->nevents == 0)
		return false;
	for (size_t i = 0; i < reply->nevents; i++)
		if (reply->events[i].number != archiver->segment.next + i)
			return false;
	return true;
}

/* False: it is none, or the archiver is going or gone; touch nothing then. */
static bool page_came(struct archiver *archiver, const struct store_reply *reply)
{
	if (!archiver_wanted(archiver))
		return false;
	if (is_page(archiver, reply))
		return true;
	archiver_next(archiver);
	return false;
}

static void fault_of_file(struct archiver *archiver, const char *what, uint64_t number)
{
	struct complaint why;
	char path[4096];

	archive_path(archiver->env.archive, archiver_journal(archiver), archiver->segment.range, path);
	complain(&why, 0, "%s: %s %llu", path, what, (unsigned long long)number);
	archiver_fault_is(archiver, why.text);
}

/* --- compare -------------------------------------------------------------------------------- */

static bool same_entry(const struct archive_entry *a, const struct archive_entry *b)
{
	if (a->number != b->number || a->nfields != b->nfields)
		return false;
	for (size_t i = 0; i < a->nfields; i++)
		if (!span_eq(a->fields[i].name, b->fields[i].name) || !span_eq(a->fields[i].value, b->fields[i].value))
			return false;
	return true;
}

static void compared(void *ctx, const struct store_reply *reply)
{
	struct archiver *archiver = ctx;
	struct archiver_segment *segment = &archiver->segment;
	struct archive_entry filed, here;
	struct complaint why;

	if (!page_came(archiver, reply))
		return;
	for (size_t i = 0; i < reply->nevents; i++) {
		if (archive_reader_next(segment->reader, &filed, &why) != ARCHIVE_ENTRY) {
			archiver_fault_is(archiver, why.text);
			return;
		}
		archived_entry(&reply->events[i], &here);
		if (reply->events[i].unknown > 0 || !same_entry(&filed, &here)) {
			fault_of_file(archiver, "it is not as in the store: event", segment->next);
			return;
		}
		segment->next++;
	}
	compare(archiver);
}

static void compare(struct archiver *archiver)
{
	struct archiver_segment *segment = &archiver->segment;

	if (segment->next <= segment->range.last)
		ask_page(archiver, compared);
	else if (archiver_goes_on(archiver, ARCHIVER_COMPARED))
		archiver_trim(archiver);
}

static void begin_compare(struct archiver *archiver)
{
	struct archiver_segment *segment = &archiver->segment;
	const char *journal = archiver_journal(archiver);
	struct archive_head head;
	struct complaint why;

	if (!archive_head_of(archiver->env.archive, journal, segment->range, &head, &why)) {
		archiver_fault_is(archiver, why.text);
		return;
	}
	segment->digest = head.digest;
	segment->bytes = head.bytes;
	segment->next = segment->range.first;
	if (memcmp(&head.before, &archiver_shard(archiver)->before, sizeof(head.before)) != 0) {
		archive_head_release(&head);
		fault_of_file(archiver, "it does not follow the file with event", segment->range.first - 1);
		return;
	}
	archive_head_release(&head);
	segment->reader = archive_reader_new(archiver->env.archive, journal, segment->range.first);
	compare(archiver);
}

/* --- gather and write ---------------------------------------------------------------------------- */

static void write_file(struct archiver *archiver)
{
	struct archiver_segment *segment = &archiver->segment;
	struct archive_digest digest;
	struct buf file = { 0 };
	struct complaint why;
	enum archive_put put;

	segment->range.last = archive_writer_next(segment->writer) - 1;
	archive_writer_end(segment->writer, &file, &digest);
	archive_writer_free(segment->writer);
	segment->writer = NULL;
	put = archive_put(archiver->env.archive, archiver_journal(archiver), segment->range, buf_span(&file), &why);
	buf_release(&file);
	if (put == ARCHIVE_PUT_FAILED)
		archiver_fault_is(archiver, why.text);
	else if (archiver_goes_on(archiver, ARCHIVER_WRITTEN))
		begin_compare(archiver);
}

static bool add_event(struct archiver *archiver, const struct store_event *event, struct complaint *why)
{
	struct archive_entry entry;

	if (event->unknown > 0)
		return complain(why, 0, "event %llu has fields that this version does not know",
				(unsigned long long)event->number);
	archived_entry(event, &entry);
	return archive_writer_add(archiver->segment.writer, &entry, why);
}

static void gathered(void *ctx, const struct store_reply *reply)
{
	struct archiver *archiver = ctx;
	struct complaint why;

	if (!page_came(archiver, reply))
		return;
	for (size_t i = 0; i < reply->nevents; i++) {
		if (!add_event(archiver, &reply->events[i], &why)) {
			archiver_fault_is(archiver, why.text);
			return;
		}
		archiver->segment.next++;
	}
	gather(archiver);
}

static void gather(struct archiver *archiver)
{
	struct archiver_segment *segment = &archiver->segment;

	if (segment->next <= segment->range.last && archive_writer_bytes(segment->writer) < SEGMENT_BYTES)
		ask_page(archiver, gathered);
	else
		write_file(archiver);
}

/* --- what is there already ---------------------------------------------------------------------------- */

/* The file that has the first event of the segment, or any behind it; last 0: none. */
static struct archive_range range_there(const struct archiver *archiver)
{
	struct archive_range found = { 0, 0 }, *ranges;
	size_t n;

	ranges = archive_ranges(archiver->env.archive, archiver_journal(archiver), &n);
	for (size_t i = 0; i < n && found.last == 0; i++)
		if (ranges[i].last >= archiver->segment.range.first)
			found = ranges[i];
	free(ranges);
	return found;
}

void archiver_write(struct archiver *archiver)
{
	struct archiver_segment *segment = &archiver->segment;
	struct archive_range there = range_there(archiver);

	segment->next = segment->range.first;
	if (there.last == 0) {
		segment->writer = archive_writer_new(archiver_journal(archiver), segment->range.first,
						     &archiver_shard(archiver)->before);
		gather(archiver);
		return;
	}
	if (there.first != segment->range.first) {
		segment->range = there;
		fault_of_file(archiver, "no file of this range can begin before that with event", segment->next);
		return;
	}
	/* Another one, with other settings, made it larger: its time comes. */
	if (there.last > segment->most) {
		archiver_next(archiver);
		return;
	}
	segment->range = there;
	begin_compare(archiver);
}
