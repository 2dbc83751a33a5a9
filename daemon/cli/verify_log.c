/*
 * V6: each event is under a signed checkpoint within 60 s, and checkpoints
 * follow each other.
 *
 * The batches of each log are read and held against one another; then the
 * journals are walked again, and each event's time against that of the batch
 * that covers it. What was there before a log began is older than any of its
 * batches and left out. So are events that may come later than their time:
 * tips that waited in a spool, arrivals from other shards, notes of the audit
 * trail.
 */
#include "daemon/cli/verify_log.h"

#include "daemon/base/hex.h"
#include "daemon/base/table.h"
#include "daemon/cli/verify_scan.h"
#include "daemon/core/journal/event.h"
#include "daemon/tlog/checkpoint.h"
#include "daemon/tlog/note.h"

#include <assert.h>
#include <stdlib.h>

#define HASH_DIGITS (2 * (size_t)MERKLE_HASH_BYTES)

struct logs {
	struct verify *verify;
	struct verify_result *result;
	struct verify_log_state *at;     /* VERIFY_LOGS */
	int64_t now_ms;                  /* of a store that stands still: the last time in it */
};

/* --- one batch ------------------------------------------------------------------------------------ */

static bool number_next(struct span *rest, uint64_t *number)
{
	struct span word;

	return span_cut(rest, ' ', &word) && word.len <= 15 && span_u64(word, number);
}

bool verify_batch_read(struct span text, uint64_t number, struct tiles_batch *batch)
{
	uint64_t at;

	*batch = (struct tiles_batch){ .number = number };
	if (!number_next(&text, &batch->before) || !number_next(&text, &batch->size) ||
	    !number_next(&text, &batch->journal) || !number_next(&text, &at))
		return false;
	batch->at_ms = (int64_t)at;
	return hex_get(text, batch->root.bytes, MERKLE_HASH_BYTES);
}

const char *verify_batch_follows(const struct tiles_batch *before, const struct tiles_batch *batch)
{
	if (batch->size <= batch->before)
		return "adds no leaf";
	if (before == NULL)
		return batch->number == 1 && batch->before > 0 ? "is the first and has leaves before it" : NULL;
	if (batch->number != before->number + 1)
		return "does not follow by its number: one is missing";
	if (batch->before != before->size)
		return "does not begin where the one before ends";
	if (batch->journal < before->journal)
		return "goes back in the journal";
	if (batch->journal - before->journal > batch->size - batch->before)
		return "has fewer leaves than events";
	return batch->at_ms < before->at_ms ? "is older than the one before" : NULL;
}

const char *verify_batch_note(const struct tiles_batch *batch, const char *log, struct span bytes)
{
	struct checkpoint checkpoint;
	struct note note;
	struct span name = span_of(log);

	if (!note_parse(bytes, &note) || !checkpoint_parse(note.text, &checkpoint))
		return "has no signed checkpoint";
	if (checkpoint.origin.len <= name.len ||
	    !span_eq(span_from_offset(checkpoint.origin, checkpoint.origin.len - name.len), name) ||
	    checkpoint.origin.at[checkpoint.origin.len - name.len - 1] != '/')
		return "has the checkpoint of another log";
	if (checkpoint.head.size != batch->size ||
	    memcmp(checkpoint.head.root.bytes, batch->root.bytes, MERKLE_HASH_BYTES) != 0)
		return "has a checkpoint of another size or root";
	return NULL;
}

/* --- the batches of the store ------------------------------------------------------------------------ */

size_t verify_log_of(struct span key)
{
	if (span_starts(key, SPAN("{money}:")))
		return REPLAY_SHARDS;
	if (span_starts(key, SPAN("{audit}:")))
		return REPLAY_SHARDS + 1;
	if (key.len < 5 || key.at[0] != '{' || key.at[3] != '}' || !span_digits(span_from(key.at + 1, 2)))
		return VERIFY_LOGS;
	return (size_t)(key.at[1] - '0') * 10 + (size_t)(key.at[2] - '0');
}

static bool ends_in(struct span key, struct span end)
{
	return key.len >= end.len && span_eq(span_from_offset(key, key.len - end.len), end);
}

static bool wanted_log(void *ctx, struct span key, enum verify_type *type)
{
	(void)ctx;
	*type = VERIFY_STREAM;
	return verify_log_of(key) < VERIFY_LOGS && ends_in(key, SPAN("}:log"));
}

static void refused(void *ctx, struct span key, const char *why)
{
	struct logs *logs = ctx;

	(void)why;
	verify_found(logs->result, key, "is of another type");
}

static void lost(void *ctx, const char *why)
{
	struct logs *logs = ctx;

	verify_lost(logs->result, why);
}

/* The same file is told of once, by the walk that needs it first. */
static void lost_again(void *ctx, const char *why)
{
	(void)ctx;
	(void)why;
}

static void add_batch(struct verify_log_state *log, const struct tiles_batch *batch)
{
	if (log->n == log->room) {
		log->room = log->room > 0 ? 2 * log->room : 64;
		log->batches = realloc(log->batches, log->room * sizeof(*log->batches));
		assert(log->batches != NULL);
	}
	log->batches[log->n++] = *batch;
}

static void take_batch(struct logs *logs, struct verify_log_state *log, const struct verify_piece *piece)
{
	struct tiles_batch batch;
	const char *why;

	if (!verify_batch_read(piece->b, piece->number, &batch)) {
		verify_found(logs->result, piece->key, "batch %llu cannot be read", (unsigned long long)piece->number);
		return;
	}
	/* A page of keys may tell a key twice. */
	if (log->n > 0 && batch.number <= log->batches[log->n - 1].number)
		return;
	logs->result->looked++;
	logs->now_ms = batch.at_ms > logs->now_ms ? batch.at_ms : logs->now_ms;
	why = verify_batch_follows(log->n > 0 ? &log->batches[log->n - 1] : NULL, &batch);
	if (why != NULL)
		verify_found(logs->result, piece->key, "batch %llu %s", (unsigned long long)batch.number, why);
	add_batch(log, &batch);
}

static void take_piece(void *ctx, const struct verify_piece *piece)
{
	struct logs *logs = ctx;
	struct verify_log_state *log = &logs->at[verify_log_of(piece->key)];
	const char *why;

	if (span_is(piece->a, "b"))
		take_batch(logs, log, piece);
	if (!span_is(piece->a, "n") || log->n == 0 || log->batches[log->n - 1].number != piece->number)
		return;
	why = verify_batch_note(&log->batches[log->n - 1], log->name, piece->b);
	if (why != NULL)
		verify_found(logs->result, piece->key, "batch %llu %s", (unsigned long long)piece->number, why);
}

/* --- the events -------------------------------------------------------------------------------------- */

static bool wanted_journal(void *ctx, struct span key, enum verify_type *type)
{
	(void)ctx;
	*type = VERIFY_STREAM;
	return verify_log_of(key) < VERIFY_LOGS && ends_in(key, SPAN("}:journal"));
}

/* Written as it happens, so that its time is that of the journal. */
static bool is_prompt(struct span json)
{
	static const char *const late[] = { "accepted", "received", "sent", "sent_maybe", "send_failed", "join_failed" };
	struct event_member word;

	/* Events of the audit trail have "event" in its place. */
	if (event_find(json, "event", &word))
		return false;
	if (!event_find(json, "e", &word))
		return true;
	for (size_t i = 0; i < COUNT_OF(late); i++)
		if (span_is(word.value, late[i]))
			return false;
	return true;
}

static bool time_of(struct span json, int64_t *at_ms)
{
	struct event_member member;
	uint64_t at;

	if (!event_find(json, "at", &member) || !span_u64(member.value, &at))
		return false;
	*at_ms = (int64_t)at;
	return true;
}

static void take_time(void *ctx, const struct verify_piece *piece)
{
	struct logs *logs = ctx;
	struct verify_log_state *log = &logs->at[verify_log_of(piece->key)];
	int64_t at_ms;

	if (!span_is(piece->a, "e"))
		return;
	log->last = piece->number > log->last ? piece->number : log->last;
	if (time_of(piece->b, &at_ms) && at_ms > logs->now_ms)
		logs->now_ms = at_ms;
}

static void take_event(void *ctx, const struct verify_piece *piece)
{
	struct logs *logs = ctx;
	struct verify_log_state *log = &logs->at[verify_log_of(piece->key)];
	int64_t at_ms, sealed_ms = logs->now_ms;

	if (!span_is(piece->a, "e") || log->n == 0)
		return;
	while (log->at < log->n && log->batches[log->at].journal < piece->number)
		log->at++;
	/* The log began later, or the batch before was trimmed. */
	if (log->at == 0 || !is_prompt(piece->b) || !time_of(piece->b, &at_ms) || at_ms < log->batches[0].at_ms)
		return;
	if (log->at < log->n)
		sealed_ms = log->batches[log->at].at_ms;
	if (sealed_ms - at_ms > VERIFY_MERGE_MS)
		verify_found(logs->result, piece->key, "event %llu %s %lld s", (unsigned long long)piece->number,
			     log->at < log->n ? "was sealed after" : "is not sealed after",
			     (long long)((sealed_ms - at_ms) / 1000));
}

/* A batch of events that are not there. */
static void look_at_reach(struct logs *logs, const struct verify_log_state *log)
{
	if (log->n > 0 && log->batches[log->n - 1].journal > log->last)
		verify_found(logs->result, (struct span){ 0 },
			     "log %s: batch %llu covers event %llu, the journal ends at %llu", log->name,
			     (unsigned long long)log->batches[log->n - 1].number,
			     (unsigned long long)log->batches[log->n - 1].journal, (unsigned long long)log->last);
}

/* --- all of it ------------------------------------------------------------------------------------------ */

static void name_logs(struct verify_log_state *logs)
{
	for (size_t i = 0; i < REPLAY_SHARDS; i++)
		snprintf(logs[i].name, sizeof(logs[i].name), "%02zu", i);
	snprintf(logs[REPLAY_SHARDS].name, sizeof(logs[0].name), "money");
	snprintf(logs[REPLAY_SHARDS + 1].name, sizeof(logs[0].name), "audit");
}

static bool look(struct logs *logs)
{
	const struct verify_walk batches = { .key = wanted_log, .piece = take_piece, .refused = refused, .ctx = logs, .match = "{*}:log" };
	const struct archive *archive = logs->verify->replay.archive;
	const struct verify_walk times = { .key = wanted_journal, .piece = take_time, .refused = refused, .ctx = logs,
					   .match = "{*}:journal", .lost = lost, .archive = archive };
	const struct verify_walk events = { .key = wanted_journal, .piece = take_event, .refused = refused, .ctx = logs,
					    .match = "{*}:journal", .lost = lost_again, .archive = archive };

	if (!verify_scan(logs->verify->store, &batches) || !verify_scan(logs->verify->store, &times))
		return false;
	if (!logs->verify->copy)
		logs->now_ms = logs->verify->now_ms;
	return verify_scan(logs->verify->store, &events);
}

bool verify_log(struct verify *verify, struct verify_result *result)
{
	struct verify_log_state *states = calloc(VERIFY_LOGS, sizeof(*states));
	struct logs logs = { .verify = verify, .result = result, .at = states };
	bool well, any = false;

	if (states == NULL)
		return false;
	name_logs(states);
	for (size_t i = 0; i < VERIFY_LOGS; i++)
		states[i].on_disk = verify_log_on_disk(verify, states[i].name);
	well = look(&logs);
	for (size_t i = 0; well && i < VERIFY_LOGS; i++) {
		any = any || states[i].n > 0;
		look_at_reach(&logs, &states[i]);
		verify_log_files(verify, result, &states[i]);
	}
	if (well && !any && result->found == 0)
		verify_pass_over(result, "nothing is sealed in this store");
	for (size_t i = 0; i < VERIFY_LOGS; i++)
		free(states[i].batches);
	free(states);
	return well;
}
