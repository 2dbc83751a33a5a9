/*
 * A journal, its log and an archive; see archive_rig.h.
 */
#include "tests/support/archive_rig.h"

#include "daemon/store/archived.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define LEASE_MS 3600000u

void archive_rig_open(struct archive_rig *rig, bool memory)
{
	*rig = (struct archive_rig){ .events = 0 };
	snprintf(rig->dir, sizeof(rig->dir), "/tmp/tipline-archive-XXXXXX");
	if (mkdtemp(rig->dir) == NULL)
		abort();
	rig->archive = archive_new(rig->dir);
	store_rig_open(&rig->store, memory);
}

void archive_rig_close(struct archive_rig *rig)
{
	char command[100];

	store_rig_close(&rig->store);
	archive_free(rig->archive);
	snprintf(command, sizeof(command), "rm -rf %s", rig->dir);
	if (system(command) != 0)
		abort();
}

static const char *event_text(uint64_t number, int64_t at_ms, char text[100])
{
	snprintf(text, 100, "{\"e\":\"read\",\"by\":\"officer %llu\",\"at\":%lld}", (unsigned long long)number,
		 (long long)at_ms);
	return text;
}

void archive_rig_write(struct archive_rig *rig, unsigned n, int64_t at_ms)
{
	char text[100];

	for (unsigned i = 0; i < n; i++) {
		struct span event = span_of(event_text(++rig->events, at_ms, text));
		const struct store_reply *reply = store_rig_ask(
			&rig->store, &(struct store_request){ .op = STORE_AUDIT, .messages = &event, .nmessages = 1 });

		assert(reply->outcome == STORE_DONE && reply->rev == rig->events);
	}
}

bool archive_rig_is(const struct store_event *event)
{
	char text[100];
	struct span start = SPAN("");

	start = span_of(event_text(event->number, 0, text));
	start.len -= 2;
	return span_starts(event->json, start);
}

uint64_t archive_rig_lease(struct archive_rig *rig, const char *job, const char *holder)
{
	const struct store_reply *reply = store_rig_ask(
		&rig->store, &(struct store_request){ .op = STORE_JOB_LEASE, .shard = STORE_AUDIT_SHARD, .job = job,
						      .holder = span_of(holder), .lease_ms = LEASE_MS });

	assert(reply->outcome == STORE_DONE);
	return reply->fence;
}

void archive_rig_seal(struct archive_rig *rig, uint64_t number)
{
	uint64_t fence = archive_rig_lease(rig, "sealer", "test");
	struct store_batch batch = { .number = ++rig->batches,
				     .before = rig->leaves,
				     .size = rig->leaves + (number + 7) / 8 * 8,
				     .journal = number,
				     .at_ms = (int64_t)rig->batches,
				     .note = SPAN("note") };
	const struct store_reply *reply =
		store_rig_ask(&rig->store, &(struct store_request){ .op = STORE_LOG_SEAL, .shard = STORE_AUDIT_SHARD,
								    .batch = &batch, .job = "sealer", .fence = fence });

	assert(reply->outcome == STORE_DONE && reply->verdict == STORE_OK);
	rig->leaves = batch.size;
}

const struct store_reply *archive_rig_read(struct archive_rig *rig, uint64_t from, unsigned max)
{
	return store_rig_ask(&rig->store,
			     &(struct store_request){
				     .op = STORE_JOURNAL, .shard = STORE_AUDIT_SHARD, .from = from, .max = max });
}

struct archive_digest archive_rig_file(struct archive_rig *rig, struct archive_range range,
				       const struct archive_digest *before)
{
	const struct store_reply *reply = archive_rig_read(rig, range.first, (unsigned)(range.last - range.first + 1));
	struct archive_writer *writer = archive_writer_new("audit", range.first, before);
	struct archive_digest digest;
	struct archive_entry entry;
	struct buf file = { 0 };
	struct complaint why;

	for (size_t i = 0; i < reply->nevents; i++) {
		archived_entry(&reply->events[i], &entry);
		if (!archive_writer_add(writer, &entry, &why))
			abort();
	}
	archive_writer_end(writer, &file, &digest);
	archive_writer_free(writer);
	if (archive_put(rig->archive, "audit", range, buf_span(&file), &why) != ARCHIVE_PUT_DONE)
		abort();
	buf_release(&file);
	return digest;
}

enum store_verdict archive_rig_trim(struct archive_rig *rig, struct archive_range range,
				    const struct archive_digest *digest, uint64_t fence, unsigned keep)
{
	struct store_segment segment = { .first = range.first, .last = range.last };
	const struct store_reply *reply;

	memcpy(segment.digest, digest->bytes, sizeof(segment.digest));
	reply = store_rig_ask(&rig->store, &(struct store_request){ .op = STORE_JOURNAL_TRIM,
								    .shard = STORE_AUDIT_SHARD,
								    .job = "archiver",
								    .fence = fence,
								    .segment = &segment,
								    .max = keep });
	assert(reply->outcome == STORE_DONE);
	return reply->verdict;
}
