/*
 * Requests as commands; see calls.h. One builder per operation, one table.
 */
#include "daemon/store/calls.h"

#include "daemon/base/asset.h"
#include "daemon/base/hex.h"
#include "daemon/base/json_out.h"
#include "daemon/store/keys.h"

#include <assert.h>
#include <stdio.h>

#define FOLDER "daemon/store/functions/"
#define PARTS_REMEMBERED_S 86400

const char calls_library_name[] = "tipline_v1";

uint64_t store_rank(unsigned points, int64_t received_ms)
{
	return (uint64_t)(100 - (points <= 100 ? points : 100)) * 10000000000000u + (uint64_t)received_ms;
}

struct span store_actor_json(struct arena *arena, struct span actor)
{
	struct buf text = { 0 };
	struct json_out json = json_out_to(&text);
	struct span copy;

	json_text(&json, NULL, actor);
	copy = arena_dup(arena, buf_span(&text));
	buf_release(&text);
	return copy;
}

struct span calls_library(struct arena *arena)
{
	struct buf text = { 0 };
	struct span copy;

	buf_printf(&text, "#!lua name=%s\n", calls_library_name);
	for (size_t i = 0; asset_name(i) != NULL; i++) {
		const char *name = asset_name(i);

		if (!span_starts(span_of(name), SPAN(FOLDER)))
			continue;
		buf_add_span(&text, asset_find(name));
	}
	copy = arena_dup(arena, buf_span(&text));
	buf_release(&text);
	return copy;
}

/* --- words ---------------------------------------------------------------------- */

static void command_grow(struct command *command)
{
	size_t size = command->size > 0 ? 2 * command->size : 32;
	const char **words = arena_array(command->arena, const char *, size);
	size_t *lens = arena_array(command->arena, size_t, size);

	if (command->n > 0) {
		memcpy(words, command->words, command->n * sizeof(*words));
		memcpy(lens, command->lens, command->n * sizeof(*lens));
	}
	command->words = words;
	command->lens = lens;
	command->size = size;
}

static void word(struct command *command, struct span text)
{
	if (command->n == command->size)
		command_grow(command);
	command->words[command->n] = text.at != NULL ? text.at : "";
	command->lens[command->n++] = text.len;
}

static void word_text(struct command *command, const char *text)
{
	word(command, span_of(text));
}

/* Decimal digits into the arena. */
static struct span number_text(struct arena *arena, uint64_t number)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	return arena_dup(arena, span_from(digits + at, sizeof(digits) - at));
}

static void word_number(struct command *command, uint64_t number)
{
	word(command, number_text(command->arena, number));
}

static void word_shard_key(struct command *command, struct span shard, enum shard_key key)
{
	word(command, key_of_shard(command->arena, shard, key));
}

static void word_tip_key(struct command *command, const struct tip_id *id, enum tip_key key)
{
	word(command, key_of_tip(command->arena, id, key));
}

/* "FCALL name numkeys"; the number of keys is put in by keys_end(). */
static void keys_begin(struct command *command, const char *function)
{
	word_text(command, "FCALL");
	word_text(command, function);
	word_text(command, "");
}

static void keys_end(struct command *command)
{
	struct span count = number_text(command->arena, command->n - 3);

	command->words[2] = count.at;
	command->lens[2] = count.len;
}

static bool all_zero(const unsigned char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

static struct span shard_of(const struct store_request *request)
{
	return span_from(request->shard, 2);
}

/* --- accept, receive -------------------------------------------------------------- */

/* The shards of a batch, in order of appearance. */
struct shards {
	const char *at[100];
	size_t n;
};

static size_t shard_index(struct shards *shards, const struct tip_id *id)
{
	for (size_t i = 0; i < shards->n; i++)
		if (memcmp(shards->at[i], id->text, 2) == 0)
			return i;
	assert(shards->n < 100);
	shards->at[shards->n] = id->text;
	return shards->n++;
}

static bool has_data_key(const struct store_data_key *key)
{
	return !all_zero(key->id, sizeof(key->id));
}

static bool has_request(const struct store_tip *tip)
{
	return !all_zero(tip->request_mark, sizeof(tip->request_mark));
}

/* A sealed data key that an earlier tip of the same batch and shard brings need not be sent again. */
static bool data_key_repeats(const struct store_tip *tips, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (memcmp(tips[j].data_key.id, tips[i].data_key.id, STORE_DATA_KEY_ID_BYTES) == 0 &&
		    memcmp(tips[j].id.text, tips[i].id.text, 2) == 0)
			return true;
	return false;
}

static void word_data_key(struct command *command, const struct store_data_key *key, bool whole)
{
	bool there = has_data_key(key);

	word(command, there ? span_from(key->id, sizeof(key->id)) : SPAN(""));
	word(command, there && whole ? key->sealed : SPAN(""));
}

static void accept_shard_keys(struct command *command, const char *shard_at)
{
	struct span shard = span_from(shard_at, 2);

	word_shard_key(command, shard, KEY_JOURNAL);
	word_shard_key(command, shard, KEY_QUEUES);
	word_shard_key(command, shard, KEY_DATAKEYS);
	word_shard_key(command, shard, KEY_OUTBOX);
	word_shard_key(command, shard, KEY_DUE);
}

static void accept_tip_keys(struct command *command, const struct store_tip *tip)
{
	word_tip_key(command, &tip->id, KEY_STATE);
	word_tip_key(command, &tip->id, KEY_TIP);
	word(command, key_of_queue(command->arena, tip_id_shard(&tip->id), tip->region));
	if (!span_empty(tip->identity))
		word_tip_key(command, &tip->id, KEY_IDENTITY);
	if (has_request(tip))
		word(command, key_of_request(command->arena, tip->request_mark));
}

/* "<region> <points> <received ms> <mark>": field b of the state. */
static struct span base_text(struct arena *arena, const struct store_tip *tip)
{
	char text[64];
	int n = snprintf(text, sizeof(text), "%s %u %lld ", tip->region, tip->points,
			 (long long)tip->received_ms);

	assert(n > 0 && (size_t)n + STORE_MARK_BYTES <= sizeof(text));
	memcpy(text + n, tip->receipt_mark, STORE_MARK_BYTES);
	return arena_dup(arena, span_from(text, (size_t)n + STORE_MARK_BYTES));
}

static struct span request_value(struct arena *arena, const struct store_tip *tip)
{
	char *value;

	if (!has_request(tip))
		return SPAN("");
	value = arena_alloc(arena, STORE_MARK_BYTES + tip->answer.len);
	memcpy(value, tip->request_digest, STORE_MARK_BYTES);
	if (tip->answer.len > 0)
		memcpy(value + STORE_MARK_BYTES, tip->answer.at, tip->answer.len);
	return span_from(value, STORE_MARK_BYTES + tip->answer.len);
}

static void accept_tip_arguments(struct command *command, const struct store_tip *tips, size_t i,
				 size_t shard)
{
	const struct store_tip *tip = &tips[i];

	word_text(command, arena_printf(command->arena, "%zu %llu %u", shard + 1,
					(unsigned long long)store_rank(tip->points, tip->received_ms),
					tip->answer_ttl_s));
	word_text(command, tip->id.text);
	word(command, base_text(command->arena, tip));
	word(command, tip->event);
	word(command, tip->fingerprint);
	word(command, tip->commitment);
	word(command, tip->sealed);
	word(command, tip->identity);
	word_data_key(command, &tip->data_key, !data_key_repeats(tips, i));
	word(command, request_value(command->arena, tip));
	word(command, tip->outbox);
}

static void accept_words(struct command *command, const char *function, const struct store_request *request)
{
	struct shards shards = { .n = 0 };

	assert(request->ntips >= 1 && request->ntips <= 256);
	for (size_t i = 0; i < request->ntips; i++)
		shard_index(&shards, &request->tips[i].id);
	keys_begin(command, function);
	for (size_t i = 0; i < shards.n; i++)
		accept_shard_keys(command, shards.at[i]);
	for (size_t i = 0; i < request->ntips; i++)
		accept_tip_keys(command, &request->tips[i]);
	if (request->op == STORE_RECEIVE)
		word_tip_key(command, &request->tips[0].id, KEY_MESSAGES);
	keys_end(command);
	word_number(command, shards.n);
	word_number(command, request->ntips);
	for (size_t i = 0; i < request->ntips; i++)
		accept_tip_arguments(command, request->tips, i, shard_index(&shards, &request->tips[i].id));
}

static void build_accept(const struct store_request *request, struct command *command)
{
	accept_words(command, "tip_accept", request);
}

static void build_receive(const struct store_request *request, struct command *command)
{
	assert(request->ntips == 1);
	accept_words(command, "tip_receive", request);
	word_number(command, request->tips[0].hops);
	for (size_t i = 0; i < request->nmessages; i++)
		word(command, request->messages[i]);
}

/* --- one tip ------------------------------------------------------------------------ */

static void build_read(const struct store_request *request, struct command *command)
{
	keys_begin(command, "tip_read");
	word_tip_key(command, &request->id, KEY_STATE);
	word_tip_key(command, &request->id, KEY_TIP);
	word_tip_key(command, &request->id, KEY_MESSAGES);
	word_tip_key(command, &request->id, KEY_IDENTITY);
	keys_end(command);
	word_text(command, request->identity ? "1" : "0");
}

static const char *place_of(enum tip_state state)
{
	switch (state) {
	case TIP_QUEUED:
		return "queue";
	case TIP_CLAIMED:
	case TIP_VERIFIED:
		return "lease";
	case TIP_CLOSED:
	case TIP_TRANSFERRED:
	case TIP_STATES:
		break;
	}
	return "none";
}

static void change_keys(struct command *command, const struct store_change *change)
{
	struct span shard = tip_id_shard(&change->id);

	word_tip_key(command, &change->id, KEY_STATE);
	word_tip_key(command, &change->id, KEY_TIP);
	word_tip_key(command, &change->id, KEY_MESSAGES);
	word_shard_key(command, shard, KEY_JOURNAL);
	word(command, key_prefix_of_queues(command->arena, shard));
	word_shard_key(command, shard, KEY_QUEUES);
	word_shard_key(command, shard, KEY_LEASES);
	word_shard_key(command, shard, KEY_HELD);
	word_shard_key(command, shard, KEY_HOLDERS);
	word_shard_key(command, shard, KEY_OUTBOX);
	word_shard_key(command, shard, KEY_DUE);
	word_shard_key(command, shard, KEY_DATAKEYS);
}

static void build_change(const struct store_request *request, struct command *command)
{
	const struct store_change *change = request->change;

	assert(change->state < TIP_STATES);
	keys_begin(command, "tip_change");
	change_keys(command, change);
	keys_end(command);
	word_text(command, change->id.text);
	word_number(command, change->expect_rev);
	word_text(command, tip_state_name(change->state));
	word_text(command, place_of(change->state));
	word(command, change->event);
	word_text(command, change->region);
	word_number(command, change->points);
	word(command, change->holder);
	word_number(command, change->lease_ms);
	word(command, change->message);
	word(command, change->sealed);
	word(command, change->outbox);
	word_data_key(command, &change->data_key, true);
}

/* --- queues and leases ---------------------------------------------------------------- */

static void build_claim(const struct store_request *request, struct command *command)
{
	const struct store_claim *claim = request->claim;
	struct span shard = span_from(claim->shard, 2);

	keys_begin(command, "tip_claim");
	word_shard_key(command, shard, KEY_JOURNAL);
	word_shard_key(command, shard, KEY_LEASES);
	word_shard_key(command, shard, KEY_HELD);
	word_shard_key(command, shard, KEY_HOLDERS);
	word(command, key_prefix_of_tips(command->arena, shard, KEY_STATE));
	word(command, key_prefix_of_tips(command->arena, shard, KEY_TIP));
	for (size_t i = 0; i < claim->nregions; i++)
		word(command, key_of_queue(command->arena, shard, claim->regions[i]));
	keys_end(command);
	word_number(command, claim->max);
	word_number(command, claim->lease_ms);
	word(command, claim->holder);
	word(command, store_actor_json(command->arena, claim->holder));
	word_text(command, tip_state_name(TIP_QUEUED));
	word_text(command, tip_state_name(TIP_CLAIMED));
	for (size_t i = 0; i < claim->nregions; i++)
		word_text(command, claim->regions[i]);
}

static void build_held(const struct store_request *request, struct command *command)
{
	struct span shard = shard_of(request);

	keys_begin(command, "tip_held");
	word_shard_key(command, shard, KEY_HOLDERS);
	word(command, key_prefix_of_tips(command->arena, shard, KEY_STATE));
	word(command, key_prefix_of_tips(command->arena, shard, KEY_TIP));
	keys_end(command);
	word(command, request->holder);
	word_number(command, request->max);
}

static void build_queues(const struct store_request *request, struct command *command)
{
	struct span shard = shard_of(request);

	keys_begin(command, "queues_read");
	word_shard_key(command, shard, KEY_QUEUES);
	word_shard_key(command, shard, KEY_HELD);
	word(command, key_prefix_of_queues(command->arena, shard));
	keys_end(command);
}

static void build_expire(const struct store_request *request, struct command *command)
{
	struct span shard = shard_of(request);

	keys_begin(command, "tip_expire");
	word_shard_key(command, shard, KEY_JOURNAL);
	word_shard_key(command, shard, KEY_LEASES);
	word_shard_key(command, shard, KEY_HELD);
	word_shard_key(command, shard, KEY_HOLDERS);
	word_shard_key(command, shard, KEY_QUEUES);
	word(command, key_of_job(command->arena, shard, request->job));
	word(command, key_prefix_of_tips(command->arena, shard, KEY_STATE));
	word(command, key_prefix_of_queues(command->arena, shard));
	keys_end(command);
	word_number(command, request->fence);
	word_number(command, request->max);
	word_text(command, tip_state_name(TIP_QUEUED));
}

static void build_data_keys(const struct store_request *request, struct command *command)
{
	word_text(command, "HMGET");
	word_shard_key(command, shard_of(request), KEY_DATAKEYS);
	for (size_t i = 0; i < request->nkey_ids; i++)
		word(command, span_from(request->key_ids[i], STORE_DATA_KEY_ID_BYTES));
}

/* --- parts of long SMS ------------------------------------------------------------------ */

static void word_group(struct command *command, const unsigned char group[STORE_MARK_BYTES])
{
	word_text(command, hex_text(command->arena, group, STORE_MARK_BYTES));
}

static void parts_keys(struct command *command, const struct store_part *part)
{
	word(command, key_of_parts(command->arena, part->group));
	word_shard_key(command, SPAN(SHARD_NATIONAL), KEY_PARTS);
	keys_end(command);
	word_group(command, part->group);
}

static void build_part(const struct store_request *request, struct command *command)
{
	const struct store_part *part = request->part;

	keys_begin(command, "part_put");
	parts_keys(command, part);
	word_number(command, part->total);
	word_number(command, part->number);
	word(command, span_from(part->digest, sizeof(part->digest)));
	word(command, part->sealed);
	word_number(command, part->timeout_ms);
}

static void build_parts_due(const struct store_request *request, struct command *command)
{
	keys_begin(command, "parts_due");
	word_shard_key(command, SPAN(SHARD_NATIONAL), KEY_PARTS);
	word(command, key_prefix_of_parts(command->arena));
	keys_end(command);
	word_number(command, request->max);
	word_number(command, request->lease_ms);
}

static void build_parts_done(const struct store_request *request, struct command *command)
{
	keys_begin(command, "parts_done");
	parts_keys(command, request->part);
	word_text(command, request->id.text);
	word_number(command, PARTS_REMEMBERED_S);
}

/* --- outbox, jobs, journal, health -------------------------------------------------------- */

static void build_outbox_due(const struct store_request *request, struct command *command)
{
	struct span shard = shard_of(request);

	keys_begin(command, "outbox_due");
	word_shard_key(command, shard, KEY_DUE);
	word_shard_key(command, shard, KEY_OUTBOX);
	word_shard_key(command, shard, KEY_TRIES);
	word(command, key_of_job(command->arena, shard, request->job));
	keys_end(command);
	word_number(command, request->fence);
	word_number(command, request->max);
	word_number(command, request->lease_ms);
}

static void build_outbox_end(const struct store_request *request, struct command *command)
{
	const struct store_outbox_end *end = request->outbox_end;
	struct span shard = shard_of(request);
	bool later = end->end == OUTBOX_LATER;

	keys_begin(command, "outbox_end");
	word_shard_key(command, shard, KEY_DUE);
	word_shard_key(command, shard, KEY_OUTBOX);
	word_shard_key(command, shard, KEY_TRIES);
	word_shard_key(command, shard, KEY_JOURNAL);
	keys_end(command);
	word(command, end->item);
	word_text(command, later ? "later" : "end");
	word_number(command, later ? end->delay_ms : 0);
	word(command, later ? SPAN("") : end->event);
}

static void build_job_lease(const struct store_request *request, struct command *command)
{
	keys_begin(command, "job_lease");
	word(command, key_of_job(command->arena, shard_of(request), request->job));
	keys_end(command);
	word(command, request->holder);
	word_number(command, request->lease_ms);
}

static void build_journal(const struct store_request *request, struct command *command)
{
	word_text(command, "XRANGE");
	word_shard_key(command, shard_of(request), KEY_JOURNAL);
	word_number(command, request->from);
	word_text(command, "+");
	word_text(command, "COUNT");
	word_number(command, request->max);
}

/* Two commands: CONFIG and INFO may not be called from a function. */
static void build_health(struct command out[COMMANDS_MAX])
{
	static const char *const settings[] = {
		"CONFIG",
		"GET",
		"appendonly",
		"appendfsync",
		"maxmemory-policy",
		"aof-load-truncated",
		"no-appendfsync-on-rewrite",
	};

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		word_text(&out[0], settings[i]);
	word_text(&out[1], "INFO");
	word_text(&out[1], "server");
	word_text(&out[1], "memory");
	word_text(&out[1], "persistence");
}

static void (*const builders[STORE_OPS])(const struct store_request *, struct command *) = {
	[STORE_ACCEPT] = build_accept,
	[STORE_READ] = build_read,
	[STORE_CHANGE] = build_change,
	[STORE_CLAIM] = build_claim,
	[STORE_HELD] = build_held,
	[STORE_QUEUES] = build_queues,
	[STORE_EXPIRE] = build_expire,
	[STORE_DATA_KEYS] = build_data_keys,
	[STORE_PART] = build_part,
	[STORE_PARTS_DUE] = build_parts_due,
	[STORE_PARTS_DONE] = build_parts_done,
	[STORE_OUTBOX_DUE] = build_outbox_due,
	[STORE_OUTBOX_END] = build_outbox_end,
	[STORE_RECEIVE] = build_receive,
	[STORE_JOB_LEASE] = build_job_lease,
	[STORE_JOURNAL] = build_journal,
};

size_t calls_build(const struct store_request *request, struct arena *arena, struct command out[COMMANDS_MAX])
{
	assert(request->op < STORE_OPS);
	for (size_t i = 0; i < COMMANDS_MAX; i++)
		out[i] = (struct command){ .arena = arena };
	if (request->op == STORE_HEALTH) {
		build_health(out);
		return 2;
	}
	builders[request->op](request, &out[0]);
	return 1;
}
