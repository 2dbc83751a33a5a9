/*
 * Entries out of the archive; see tipctl_archive.h.
 */
#include "daemon/cli/tipctl_archive.h"

#include "daemon/base/memory.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>

struct archive *ctl_archive_open(const struct ctl_args *args, const char *told)
{
	struct archive *archive = NULL;
	struct config config;

	if (told != NULL)
		return archive_new(told);
	if (ctl_load(args, &config))
		archive = archive_new(config_archive_dir(&config));
	config_release(&config);
	return archive;
}

/* --- rows ------------------------------------------------------------------------------------ */

static bool read_row(const redisReply *row, struct store_segment *out)
{
	struct span rest, first, last;

	if (row->type != REDIS_REPLY_STRING)
		return false;
	rest = span_from(row->str, (size_t)row->len);
	if (!span_cut(&rest, ' ', &first) || !span_cut(&rest, ' ', &last) || !span_u64(first, &out->first) ||
	    !span_u64(last, &out->last) || rest.len != sizeof(out->digest))
		return false;
	memcpy(out->digest, rest.at, rest.len);
	return true;
}

bool ctl_segments_read(const redisReply *reply, struct ctl_segments *out)
{
	*out = (struct ctl_segments){ .n = 0 };
	if (reply->type != REDIS_REPLY_ARRAY)
		return false;
	out->at = memory_zeroes(reply->elements + 1, sizeof(*out->at));
	for (; out->n < reply->elements; out->n++)
		if (!read_row(reply->element[out->n], &out->at[out->n]))
			return false;
	return true;
}

void ctl_segments_release(struct ctl_segments *segments)
{
	free(segments->at);
	*segments = (struct ctl_segments){ .n = 0 };
}

bool ctl_segments_match(const struct ctl_segments *segments, const struct archive_head *head)
{
	size_t low = 0, high = segments->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (segments->at[middle].first < head->first)
			low = middle + 1;
		else
			high = middle;
	}
	return low == segments->n || segments->at[low].first != head->first ||
	       memcmp(segments->at[low].digest, head->digest.bytes, sizeof(head->digest)) == 0;
}

/* --- entries ---------------------------------------------------------------------------------- */

/* The last of the events that go with a number: those of its file, or up to before the next file. */
static uint64_t end_of_loss(const struct ctl_filed *filed, uint64_t from, uint64_t to)
{
	size_t n;
	struct archive_range *ranges = archive_ranges(filed->archive, filed->journal, &n);

	for (size_t i = n; i > 0; i--) {
		uint64_t end = ranges[i - 1].first > from ? ranges[i - 1].first - 1 : ranges[i - 1].last;

		if (end >= from && end < to)
			to = end;
	}
	free(ranges);
	return to;
}

/* What is open cannot be gone on with. */
static bool lost(struct ctl_filed *filed, uint64_t from, uint64_t to, struct complaint *why)
{
	struct complaint inner = *why;

	ctl_filed_release(filed);
	to = filed->archive != NULL ? end_of_loss(filed, from, to) : to;
	return complain(why, 0, "%s: events %llu to %llu cannot be read: %.160s", filed->journal, (unsigned long long)from,
			(unsigned long long)to, inner.text);
}

/* The first entry of a file: it has to be the one the store knows. */
static bool is_known(struct ctl_filed *filed, struct complaint *why)
{
	const struct archive_head *head = archive_reader_head(filed->reader);
	char path[4096];

	if (head->first == filed->file || ctl_segments_match(filed->segments, head)) {
		filed->file = head->first;
		return true;
	}
	archive_path(filed->archive, filed->journal, (struct archive_range){ head->first, head->last }, path);
	return complain(why, 0, "%s is another file than the one that was written", path);
}

static void turn_to(struct ctl_filed *filed, uint64_t number)
{
	if (filed->reader != NULL && archive_reader_at(filed->reader) == number)
		return;
	ctl_filed_release(filed);
	filed->reader = archive_reader_new(filed->archive, filed->journal, number);
}

bool ctl_filed_read(struct ctl_filed *filed, struct archive_range range,
		    bool (*each)(void *ctx, const struct archive_entry *entry), void *ctx, struct complaint *why)
{
	struct archive_entry entry;
	uint64_t next = range.first;
	bool well = true, wanted = true;

	if (filed->archive == NULL) {
		complain(why, 0, "they lie in the archive; name it by --archive");
		return lost(filed, range.first, range.last, why);
	}
	turn_to(filed, range.first);
	while (well && wanted && next <= range.last) {
		complain(why, 0, "no file in %.120s has event %llu", archive_dir(filed->archive), (unsigned long long)next);
		well = archive_reader_next(filed->reader, &entry, why) == ARCHIVE_ENTRY && is_known(filed, why);
		if (!well)
			break;
		wanted = each(ctx, &entry);
		next++;
	}
	return well || lost(filed, next, range.last, why);
}

void ctl_filed_release(struct ctl_filed *filed)
{
	if (filed->reader != NULL)
		archive_reader_free(filed->reader);
	filed->reader = NULL;
	filed->file = 0;
}

bool ctl_archive_read(const struct archive *archive, const char *journal, const struct ctl_segments *segments,
		      struct archive_range range, bool (*each)(void *ctx, const struct archive_entry *entry), void *ctx,
		      struct complaint *why)
{
	struct ctl_filed filed = { .archive = archive, .journal = journal, .segments = segments };
	bool well = ctl_filed_read(&filed, range, each, ctx, why);

	ctl_filed_release(&filed);
	return well;
}
