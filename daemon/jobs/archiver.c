/*
 * The archiver's rounds; see archiver.h. One shard after the other, one call
 * to the store at a time.
 */
#include "daemon/jobs/archiver_inside.h"

#include "daemon/base/memory.h"
#include "daemon/core/journal/event.h"
#include "daemon/store/archived.h"
#include "daemon/sys/log.h"

#include <assert.h>
#include <stdlib.h>

#define JOB "archiver"
#define JOB_LEASE_MS 10000   /* a segment takes a second; who comes too late is refused by its fence */
#define ROWS 200
#define RETRY_MS 30000

static void look(struct archiver *archiver);

struct archiver_shard *archiver_shard(struct archiver *archiver)
{
	return &archiver->shards[archiver->shard];
}

static const char *shard_name(const struct archiver *archiver)
{
	return archiver->env.shards[archiver->shard];
}

const char *archiver_journal(const struct archiver *archiver)
{
	return archived_journal(shard_name(archiver));
}

void archiver_submit(struct archiver *archiver, struct store_request *request,
		     void (*done)(void *ctx, const struct store_reply *reply))
{
	memcpy(request->shard, shard_name(archiver), sizeof(request->shard));
	store_submit(archiver->env.store, request, (struct store_wait){ .done = done, .ctx = archiver });
}

bool archiver_wanted(struct archiver *archiver)
{
	if (!archiver->closing)
		return true;
	archiver_drop_segment(archiver);
	free(archiver);
	return false;
}

bool archiver_goes_on(struct archiver *archiver, enum archiver_step step)
{
	if (archiver->env.goes_on == NULL || archiver->env.goes_on(archiver->env.ctx, step))
		return true;
	archiver_next(archiver);
	return false;
}

void archiver_fault_begins(struct archiver *archiver, size_t shard, const char *why)
{
	struct complaint *fault = &archiver->shards[shard].fault;

	if (strcmp(fault->text, why) == 0)
		return;
	complain(fault, 0, "%s", why);
	log_event(LOG_LEVEL_ERROR, "archive.fault", "journal", archived_journal(archiver->env.shards[shard]), "why", fault->text, NULL);
}

void archiver_fault_ends(struct archiver *archiver, size_t shard)
{
	struct archiver_shard *at = &archiver->shards[shard];

	if (at->fault.text[0] != '\0')
		log_event(LOG_LEVEL_NOTICE, "archive.mended", "journal", archived_journal(archiver->env.shards[shard]), NULL);
	at->fault.text[0] = '\0';
	at->retry_ms = 0;
}

void archiver_fault_is(struct archiver *archiver, const char *why)
{
	unsigned later_ms = archiver->env.recheck_ms < RETRY_MS ? archiver->env.recheck_ms : RETRY_MS;

	archiver_shard(archiver)->retry_ms = loop_now_ms(archiver->env.loop) + later_ms;
	archiver_fault_begins(archiver, archiver->shard, why);
	archiver_next(archiver);
}

/* --- trimming ------------------------------------------------------------------------------ */

static void tell_moved(struct archiver *archiver)
{
	const struct archiver_segment *segment = &archiver->segment;
	uint64_t events = segment->range.last - segment->range.first + 1;

	archiver->figures.segments++;
	archiver->figures.events += events;
	archiver->figures.bytes += segment->bytes;
	log_event(LOG_LEVEL_NOTICE, "archive.moved", "journal", archiver_journal(archiver), "first",
		  log_u64(segment->range.first), "last", log_u64(segment->range.last), "bytes", log_u64(segment->bytes), NULL);
}

static void trimmed(void *ctx, const struct store_reply *reply)
{
	struct archiver *archiver = ctx;

	if (!archiver_wanted(archiver))
		return;
	if (reply->outcome != STORE_DONE || (reply->verdict != STORE_OK && reply->verdict != STORE_ALREADY)) {
		archiver_next(archiver);
		return;
	}
	if (reply->verdict == STORE_OK)
		tell_moved(archiver);
	archiver_fault_ends(archiver, archiver->shard);
	archiver_drop_segment(archiver);
	/* There may be more of the same journal. */
	if (archiver_goes_on(archiver, ARCHIVER_TRIMMED))
		look(archiver);
}

void archiver_trim(struct archiver *archiver)
{
	struct store_segment segment = { .first = archiver->segment.range.first, .last = archiver->segment.range.last };

	memcpy(segment.digest, archiver->segment.digest.bytes, sizeof(segment.digest));
	archiver_submit(archiver,
			&(struct store_request){ .op = STORE_JOURNAL_TRIM,
						 .job = JOB,
						 .fence = archiver->segment.fence,
						 .segment = &segment,
						 .max = archiver->env.keep_events },
			trimmed);
}

/* --- is there work? ---------------------------------------------------------------------------- */

static void leased(void *ctx, const struct store_reply *reply)
{
	struct archiver *archiver = ctx;

	if (!archiver_wanted(archiver))
		return;
	if (reply->outcome != STORE_DONE || reply->verdict != STORE_OK) {
		archiver_next(archiver);
		return;
	}
	archiver->segment.fence = reply->fence;
	archive_sweep(archiver->env.archive, archiver_journal(archiver));
	if (archiver_goes_on(archiver, ARCHIVER_LEASED))
		archiver_write(archiver);
}

static void take_lease(struct archiver *archiver)
{
	archiver_submit(archiver,
			&(struct store_request){ .op = STORE_JOB_LEASE,
						 .job = JOB,
						 .holder = archiver->env.holder,
						 .lease_ms = JOB_LEASE_MS },
			leased);
}

/* What has no time counts as old. */
static int64_t time_of(const struct store_event *event)
{
	struct event_member at;
	uint64_t ms;

	return event_find(event->json, "at", &at) && span_u64(at.value, &ms) && ms <= INT64_MAX ? (int64_t)ms : 0;
}

/* The youngest event of the segment tells whether all are old enough; segment.next is the store's time until then. */
static void peeked(void *ctx, const struct store_reply *reply)
{
	struct archiver *archiver = ctx;
	int64_t oldest_kept_ms = (int64_t)archiver->segment.next - archiver->env.keep_ms;

	if (!archiver_wanted(archiver))
		return;
	if (reply->outcome != STORE_DONE || reply->nevents != 1 || time_of(&reply->events[0]) > oldest_kept_ms)
		archiver_next(archiver);
	else
		take_lease(archiver);
}

static void peek(struct archiver *archiver)
{
	archiver_submit(archiver,
			&(struct store_request){
				.op = STORE_JOURNAL, .from = archiver->segment.range.last, .max = 1 },
			peeked);
}

/* The last number that may go: sealed, and with enough behind it. */
static uint64_t last_to_move(const struct archiver *archiver, const struct store_reply *reply)
{
	uint64_t keep = archiver->env.keep_events, most = reply->rev > keep ? reply->rev - keep : 0;

	return most < reply->note ? most : reply->note;
}

static void choose(struct archiver *archiver, const struct store_reply *reply)
{
	uint64_t first = archiver_shard(archiver)->last + 1, most = last_to_move(archiver, reply);

	if (!archiver->env.writes || archiver_shard(archiver)->retry_ms > loop_now_ms(archiver->env.loop) || reply->first == 0 || most < first ||
	    most - first + 1 < archiver->env.segment_events) {
		archiver_next(archiver);
		return;
	}
	if (reply->first != first) {
		struct complaint why;

		complain(&why, 0, "the store begins with event %llu and its list of files ends with %llu",
			 (unsigned long long)reply->first, (unsigned long long)(first - 1));
		archiver_fault_is(archiver, why.text);
		return;
	}
	archiver->segment = (struct archiver_segment){ .range = { first, first + archiver->env.segment_events - 1 },
						       .most = most,
						       .next = (uint64_t)reply->now_ms };
	peek(archiver);
}

/* --- is all there that has to be? ------------------------------------------------------------------ */

/* The file of a row, by its head: there, of this range, with this digest, behind the one before. */
static bool check_row(struct archiver *archiver, const struct store_segment *row, struct complaint *why)
{
	struct archiver_shard *shard = archiver_shard(archiver);
	struct archive_range range = { row->first, row->last };
	struct archive_head head;
	char path[4096];
	bool well = archive_head_of(archiver->env.archive, archiver_journal(archiver), range, &head, why);

	archive_path(archiver->env.archive, archiver_journal(archiver), range, path);
	if (well && memcmp(head.digest.bytes, row->digest, sizeof(row->digest)) != 0)
		well = complain(why, 0, "%s is another file than the one that was written", path);
	else if (well && memcmp(&head.before, &shard->before, sizeof(head.before)) != 0)
		well = complain(why, 0, "%s does not follow the file before it", path);
	if (well) {
		shard->checked++;
		shard->last = row->last;
		shard->before = head.digest;
	}
	archive_head_release(&head);
	return well;
}

/* A file of numbers that the store has not reached: it was set back. */
static bool check_ahead(struct archiver *archiver, uint64_t rev, struct complaint *why)
{
	size_t n;
	struct archive_range *ranges = archive_ranges(archiver->env.archive, archiver_journal(archiver), &n);
	bool well = n == 0 || ranges[n - 1].last <= rev;

	if (!well)
		complain(why, 0, "the archive has events up to %llu and the store's last one is %llu: the store was set back",
			 (unsigned long long)ranges[n - 1].last, (unsigned long long)rev);
	free(ranges);
	return well;
}

/* The next round goes on where this one ended. */
static void look_again_later(struct archiver *archiver, const char *why)
{
	archiver_shard(archiver)->complete = false;
	archiver_fault_begins(archiver, archiver->shard, why);
	archiver_next(archiver);
}

static void begin_check(struct archiver *archiver)
{
	*archiver_shard(archiver) = (struct archiver_shard){ .checked_ms = loop_now_ms(archiver->env.loop),
							     .fault = archiver_shard(archiver)->fault,
							     .changed = archiver_shard(archiver)->changed,
							     .retry_ms = archiver_shard(archiver)->retry_ms };
}

static void looked(void *ctx, const struct store_reply *reply)
{
	struct archiver *archiver = ctx;
	struct archiver_shard *shard = archiver_shard(archiver);
	struct complaint why = { .text = "" };

	if (!archiver_wanted(archiver))
		return;
	if (reply->outcome != STORE_DONE) {
		archiver_next(archiver);
		return;
	}
	if (reply->count < shard->checked)
		begin_check(archiver);
	for (size_t i = 0; i < reply->nsegments; i++) {
		if (!check_row(archiver, &reply->segments[i], &why)) {
			look_again_later(archiver, why.text);
			return;
		}
	}
	if (shard->checked < reply->count) {
		look(archiver);
		return;
	}
	if (!shard->complete && !check_ahead(archiver, reply->rev, &why)) {
		look_again_later(archiver, why.text);
		return;
	}
	shard->complete = true;
	if (shard->retry_ms == 0)
		archiver_fault_ends(archiver, archiver->shard);
	choose(archiver, reply);
}

static void look(struct archiver *archiver)
{
	archiver_submit(archiver,
			&(struct store_request){
				.op = STORE_ARCHIVED, .from = archiver_shard(archiver)->checked, .max = ROWS },
			looked);
}

/* --- rounds --------------------------------------------------------------------------------------- */

static void work_on_shard(struct archiver *archiver)
{
	const struct archiver_shard *shard = archiver_shard(archiver);

	/* One fault at a time; this one is looked at again with each round. */
	if (shard->changed > 0) {
		archiver_next(archiver);
		return;
	}
	if (shard->checked_ms == 0 ||
	    loop_now_ms(archiver->env.loop) - shard->checked_ms >= archiver->env.recheck_ms)
		begin_check(archiver);
	look(archiver);
}

void archiver_next(struct archiver *archiver)
{
	archiver_drop_segment(archiver);
	archiver->working = ++archiver->shard < archiver->env.nshards && archiver->env.store->up;
	if (archiver->working)
		work_on_shard(archiver);
}

static void begin_round(void *ctx)
{
	struct archiver *archiver = ctx;

	if (archiver->working || !archiver->env.store->up || archiver->env.nshards == 0)
		return;
	/* What came up again may be another store. */
	for (size_t i = 0; archiver->links != archiver->env.store->links && i < archiver->env.nshards; i++)
		archiver->shards[i].checked_ms = 0;
	archiver->links = archiver->env.store->links;
	archiver_scrub(archiver);
	archiver->working = true;
	archiver->shard = 0;
	work_on_shard(archiver);
}

struct archiver *archiver_new(const struct archiver_env *env)
{
	struct archiver *archiver = memory_zeroes(1, sizeof(*archiver));

	assert(env->holder.len > 0 && env->nshards <= ARCHIVER_SHARDS_MAX && env->keep_events > 0 && env->segment_events > 0);
	archiver->env = *env;
	archiver->timer = loop_every(env->loop, env->period_ms, begin_round, archiver);
	return archiver;
}

void archiver_free(struct archiver *archiver)
{
	if (archiver == NULL)
		return;
	loop_timer_cancel(archiver->timer);
	if (archiver->working)
		archiver->closing = true;
	else
		free(archiver);
}

struct archiver_figures archiver_figures(const struct archiver *archiver)
{
	struct archiver_figures figures = archiver->figures;

	for (size_t i = 0; i < archiver->env.nshards; i++) {
		figures.faults += archiver->shards[i].fault.text[0] != '\0';
		figures.unchecked += !archiver->shards[i].complete;
	}
	return figures;
}

const char *archiver_fault(const struct archiver *archiver)
{
	for (size_t i = 0; i < archiver->env.nshards; i++)
		if (archiver->shards[i].fault.text[0] != '\0')
			return archiver->shards[i].fault.text;
	return NULL;
}
