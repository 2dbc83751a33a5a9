/*
 * Requests as commands; see calls.h. One builder per operation, one table.
 */
#include "daemon/store/calls.h"

#include "daemon/base/asset.h"
#include "daemon/base/hex.h"
#include "daemon/base/json_out.h"
#include "daemon/store/command.h"
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

uint64_t store_clock_rank(bool opened, enum priority priority, int64_t since_ms)
{
	return ((opened ? CLOCK_BANDS : 0) + (uint64_t)priority) * 10000000000000u + (uint64_t)since_ms;
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

	command_word(command, there ? span_from(key->id, sizeof(key->id)) : SPAN(""));
	command_word(command, there && whole ? key->sealed : SPAN(""));
}

static void accept_shard_keys(struct command *command, const char *shard_at)
{
	struct span shard = span_from(shard_at, 2);

	command_shard_key(command, shard, KEY_JOURNAL);
	command_shard_key(command, shard, KEY_QUEUES);
	command_shard_key(command, shard, KEY_DATAKEYS);
	command_shard_key(command, shard, KEY_OUTBOX);
	command_shard_key(command, shard, KEY_DUE);
	command_shard_key(command, shard, KEY_CLOCKS);
}

static void accept_tip_keys(struct command *command, const struct store_tip *tip)
{
	command_tip_key(command, &tip->id, KEY_STATE);
	command_tip_key(command, &tip->id, KEY_TIP);
	command_word(command, key_of_queue(command->arena, tip_id_shard(&tip->id), tip->region));
	if (!span_empty(tip->identity))
		command_tip_key(command, &tip->id, KEY_IDENTITY);
	if (!span_empty(tip->files))
		command_tip_key(command, &tip->id, KEY_FILES);
	if (has_request(tip))
		command_word(command, key_of_request(command->arena, tip->request_mark));
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

	assert(tip->seed.len == 0 || tip->seed.len == STORE_SEED_BYTES);
	command_text(command, arena_printf(command->arena, "%zu %llu %u %u", shard + 1,
					(unsigned long long)store_rank(tip->points, tip->received_ms),
					tip->answer_ttl_s, (unsigned)priority_of(tip->points)));
	command_text(command, tip->id.text);
	command_word(command, base_text(command->arena, tip));
	command_word(command, tip->event);
	command_word(command, tip->fingerprint);
	command_word(command, tip->commitment);
	command_word(command, tip->seed);
	command_word(command, tip->sealed);
	command_word(command, tip->identity);
	word_data_key(command, &tip->data_key, !data_key_repeats(tips, i));
	command_word(command, request_value(command->arena, tip));
	command_word(command, tip->outbox);
	command_word(command, tip->files);
}

static void accept_words(struct command *command, const char *function, const struct store_request *request)
{
	struct shards shards = { .n = 0 };

	assert(request->ntips >= 1 && request->ntips <= 256);
	for (size_t i = 0; i < request->ntips; i++)
		shard_index(&shards, &request->tips[i].id);
	command_begin(command, function);
	for (size_t i = 0; i < shards.n; i++)
		accept_shard_keys(command, shards.at[i]);
	for (size_t i = 0; i < request->ntips; i++)
		accept_tip_keys(command, &request->tips[i]);
	if (request->op == STORE_RECEIVE) {
		command_shard_key(command, tip_id_shard(&request->tips[0].id), KEY_ENDED);
		command_tip_key(command, &request->tips[0].id, KEY_MESSAGES);
	}
	command_keys_end(command);
	command_number(command, shards.n);
	command_number(command, request->ntips);
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
	command_number(command, request->tips[0].hops);
	command_text(command, request->tips[0].parent.text);
	command_word(command, request->tips[0].context);
	for (size_t i = 0; i < request->nmessages; i++)
		command_word(command, request->messages[i]);
}

/* --- one tip ------------------------------------------------------------------------ */

static void build_read(const struct store_request *request, struct command *command)
{
	command_begin(command, "tip_read");
	command_tip_key(command, &request->id, KEY_STATE);
	command_tip_key(command, &request->id, KEY_TIP);
	command_tip_key(command, &request->id, KEY_MESSAGES);
	command_tip_key(command, &request->id, KEY_IDENTITY);
	command_keys_end(command);
	command_text(command, request->identity ? "1" : "0");
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
	case TIP_ERASED:
	case TIP_STATES:
		break;
	}
	return "none";
}

static void change_keys(struct command *command, const struct store_change *change)
{
	struct span shard = tip_id_shard(&change->id);

	command_tip_key(command, &change->id, KEY_STATE);
	command_tip_key(command, &change->id, KEY_TIP);
	command_tip_key(command, &change->id, KEY_MESSAGES);
	command_shard_key(command, shard, KEY_JOURNAL);
	command_word(command, key_prefix_of_queues(command->arena, shard));
	command_shard_key(command, shard, KEY_QUEUES);
	command_shard_key(command, shard, KEY_LEASES);
	command_shard_key(command, shard, KEY_HELD);
	command_shard_key(command, shard, KEY_HOLDERS);
	command_shard_key(command, shard, KEY_OUTBOX);
	command_shard_key(command, shard, KEY_DUE);
	command_shard_key(command, shard, KEY_DATAKEYS);
	command_shard_key(command, shard, KEY_CLOCKS);
	command_shard_key(command, shard, KEY_ASKED);
	command_shard_key(command, shard, KEY_ESCALATED);
	command_shard_key(command, shard, KEY_ENDED);
	if (change->named != NULL)
		command_word(command, key_of_request(command->arena, change->named->mark));
	if (!span_empty(change->files))
		command_tip_key(command, &change->id, KEY_FILES);
}

static void build_change(const struct store_request *request, struct command *command)
{
	const struct store_change *change = request->change;

	assert(change->state < TIP_STATES && (change->named == NULL || span_empty(change->files)));
	command_begin(command, "tip_change");
	change_keys(command, change);
	command_keys_end(command);
	command_text(command, change->id.text);
	command_number(command, change->expect_rev);
	command_text(command, tip_state_name(change->state));
	command_text(command, place_of(change->state));
	command_word(command, change->event);
	command_text(command, change->region);
	command_number(command, change->points);
	command_word(command, change->holder);
	command_number(command, change->lease_ms);
	command_word(command, change->message);
	command_word(command, change->sealed);
	command_word(command, change->outbox);
	word_data_key(command, &change->data_key, true);
	command_word(command, change->example);
	command_clock(command, change->clock);
	command_number(command, priority_of(change->points));
	command_text(command, change->raise_ends ? "" : "keep");
	command_review(command, change->reopens, change->closer);
	command_end(command, &change->end);
	command_hold(command, &change->hold);
	if (!span_empty(change->files))
		command_word(command, change->files);
	if (change->named == NULL)
		return;
	command_word(command, span_from(change->named->digest, sizeof(change->named->digest)));
	command_number(command, change->named->keep_s);
}

/* --- queues and leases ---------------------------------------------------------------- */

/* Which hands of a clock the turn starts anew, and which one they become: "-up", "s". */
static void command_hands(struct command *command, enum clock_turn turn)
{
	char anew[CLOCK_HANDS + 1] = "", becomes[2] = "", text[CLOCK_TEXT_BYTES];
	size_t n = 0;

	for (enum clock_hand hand = CLOCK_STOPPED; hand < CLOCK_HANDS; hand++) {
		struct clock_face face = { .hand = hand, .since_ms = 1 };
		char letter = *clock_write(face, text).at;
		bool told;

		face = clock_turned(face, turn, 2, &told);
		if (face.since_ms != 2)
			continue;
		anew[n++] = letter;
		becomes[0] = *clock_write(face, text).at;
	}
	command_word(command, arena_dup(command->arena, span_of(anew)));
	command_word(command, arena_dup(command->arena, span_of(becomes)));
}

static void build_claim(const struct store_request *request, struct command *command)
{
	const struct store_claim *claim = request->claim;
	struct span shard = span_from(claim->shard, 2);

	command_begin(command, "tip_claim");
	command_shard_key(command, shard, KEY_JOURNAL);
	command_shard_key(command, shard, KEY_LEASES);
	command_shard_key(command, shard, KEY_HELD);
	command_shard_key(command, shard, KEY_HOLDERS);
	command_word(command, key_prefix_of_tips(command->arena, shard, KEY_STATE));
	command_word(command, key_prefix_of_tips(command->arena, shard, KEY_TIP));
	command_shard_key(command, shard, KEY_CLOCKS);
	for (size_t i = 0; i < claim->nregions; i++)
		command_word(command, key_of_queue(command->arena, shard, claim->regions[i]));
	command_keys_end(command);
	command_number(command, claim->max);
	command_number(command, claim->lease_ms);
	command_word(command, claim->holder);
	command_word(command, store_actor_json(command->arena, claim->holder));
	command_text(command, tip_state_name(TIP_QUEUED));
	command_text(command, tip_state_name(TIP_CLAIMED));
	command_hands(command, tip_move_find(TIP_QUEUED, TIP_EV_CLAIM, TIP_BY_STAFF)->turn);
	command_text(command, claim->only.text);
	for (size_t i = 0; i < claim->nregions; i++)
		command_text(command, claim->regions[i]);
}

static void build_held(const struct store_request *request, struct command *command)
{
	struct span shard = shard_of(request);

	command_begin(command, "tip_held");
	command_shard_key(command, shard, KEY_HOLDERS);
	command_word(command, key_prefix_of_tips(command->arena, shard, KEY_STATE));
	command_word(command, key_prefix_of_tips(command->arena, shard, KEY_TIP));
	command_keys_end(command);
	command_word(command, request->holder);
	command_number(command, request->max);
}

static void build_queues(const struct store_request *request, struct command *command)
{
	struct span shard = shard_of(request);

	command_begin(command, "queues_read");
	command_shard_key(command, shard, KEY_QUEUES);
	command_shard_key(command, shard, KEY_HELD);
	command_word(command, key_prefix_of_queues(command->arena, shard));
	command_shard_key(command, shard, KEY_ESCALATED);
	command_keys_end(command);
}

static void build_expire(const struct store_request *request, struct command *command)
{
	struct span shard = shard_of(request);

	command_begin(command, "tip_expire");
	command_shard_key(command, shard, KEY_JOURNAL);
	command_shard_key(command, shard, KEY_LEASES);
	command_shard_key(command, shard, KEY_HELD);
	command_shard_key(command, shard, KEY_HOLDERS);
	command_shard_key(command, shard, KEY_QUEUES);
	command_word(command, key_of_job(command->arena, shard, request->job));
	command_word(command, key_prefix_of_tips(command->arena, shard, KEY_STATE));
	command_word(command, key_prefix_of_queues(command->arena, shard));
	command_keys_end(command);
	command_number(command, request->fence);
	command_number(command, request->max);
	command_text(command, tip_state_name(TIP_QUEUED));
}

static void build_data_keys(const struct store_request *request, struct command *command)
{
	command_text(command, "HMGET");
	command_shard_key(command, shard_of(request), KEY_DATAKEYS);
	for (size_t i = 0; i < request->nkey_ids; i++)
		command_word(command, span_from(request->key_ids[i], STORE_DATA_KEY_ID_BYTES));
}

static void build_data_key_swap(const struct store_request *request, struct command *command)
{
	assert(request->nkey_ids == 1 && request->nmessages == 2);
	command_begin(command, "data_key_swap");
	command_shard_key(command, shard_of(request), KEY_DATAKEYS);
	command_keys_end(command);
	command_word(command, span_from(request->key_ids[0], STORE_DATA_KEY_ID_BYTES));
	command_word(command, request->messages[0]);
	command_word(command, request->messages[1]);
}

/* --- parts of long SMS ------------------------------------------------------------------ */

static void word_group(struct command *command, const unsigned char group[STORE_MARK_BYTES])
{
	command_text(command, hex_text(command->arena, group, STORE_MARK_BYTES));
}

static void word_group_if(struct command *command, const unsigned char *group)
{
	if (group != NULL)
		word_group(command, group);
	else
		command_text(command, "");
}

static void parts_keys(struct command *command, const struct store_part *part)
{
	command_word(command, key_of_parts(command->arena, part->group));
	command_shard_key(command, SPAN(SHARD_NATIONAL), KEY_PARTS);
	command_word(command, key_prefix_of_parts(command->arena));
}

static void build_part(const struct store_request *request, struct command *command)
{
	const struct store_part *part = request->part;

	command_begin(command, "part_put");
	parts_keys(command, part);
	command_word(command, key_of_sender_parts(command->arena, part->sender));
	command_keys_end(command);
	word_group(command, part->group);
	command_number(command, part->total);
	command_number(command, part->number);
	command_word(command, span_from(part->digest, sizeof(part->digest)));
	command_word(command, part->sealed);
	command_number(command, part->timeout_ms);
	word_group_if(command, part->before);
	command_number(command, part->open_max);
}

static void build_parts_due(const struct store_request *request, struct command *command)
{
	command_begin(command, "parts_due");
	command_shard_key(command, SPAN(SHARD_NATIONAL), KEY_PARTS);
	command_word(command, key_prefix_of_parts(command->arena));
	command_keys_end(command);
	command_number(command, request->max);
	command_number(command, request->lease_ms);
}

static void build_parts_done(const struct store_request *request, struct command *command)
{
	command_begin(command, "parts_done");
	parts_keys(command, request->part);
	command_keys_end(command);
	word_group(command, request->part->group);
	command_text(command, request->id.text);
	command_number(command, PARTS_REMEMBERED_S);
	command_word(command, request->part->note);
	word_group_if(command, request->part->before);
}

/* --- outbox, jobs, journal, health -------------------------------------------------------- */

static void build_outbox_due(const struct store_request *request, struct command *command)
{
	struct span shard = shard_of(request);

	command_begin(command, "outbox_due");
	command_shard_key(command, shard, KEY_DUE);
	command_shard_key(command, shard, KEY_OUTBOX);
	command_shard_key(command, shard, KEY_TRIES);
	command_word(command, key_of_job(command->arena, shard, request->job));
	command_keys_end(command);
	command_number(command, request->fence);
	command_number(command, request->max);
	command_number(command, request->lease_ms);
}

static void build_outbox_end(const struct store_request *request, struct command *command)
{
	const struct store_outbox_end *end = request->outbox_end;
	struct span shard = shard_of(request);
	bool later = end->end == OUTBOX_LATER;

	assert(end->tip.text[0] == '\0' || memcmp(end->tip.text, request->shard, 2) == 0);
	command_begin(command, "outbox_end");
	command_shard_key(command, shard, KEY_DUE);
	command_shard_key(command, shard, KEY_OUTBOX);
	command_shard_key(command, shard, KEY_TRIES);
	command_shard_key(command, shard, KEY_JOURNAL);
	command_shard_key(command, shard, KEY_DEAD);
	command_shard_key(command, shard, KEY_LETTERS);
	if (end->tip.text[0] != '\0')
		command_tip_key(command, &end->tip, KEY_STATE);
	command_keys_end(command);
	command_word(command, end->item);
	command_text(command, later ? "later" : "end");
	command_number(command, later ? end->delay_ms : 0);
	command_word(command, later ? SPAN("") : end->event);
	assert(end->why.len <= STORE_DEAD_WHY_MAX);
	command_word(command, end->end == OUTBOX_GIVEN_UP ? end->why : SPAN(""));
	command_number(command, STORE_DEAD_KEEP_S);
	command_number(command, STORE_DEAD_MAX);
}

static void build_outbox_dead(const struct store_request *request, struct command *command)
{
	struct span shard = shard_of(request);

	command_begin(command, "outbox_dead");
	command_shard_key(command, shard, KEY_DEAD);
	command_shard_key(command, shard, KEY_LETTERS);
	command_keys_end(command);
	command_number(command, request->max);
}

static void build_outbox_revive(const struct store_request *request, struct command *command)
{
	const struct store_revival *revival = request->revival;
	struct span shard = shard_of(request);

	command_begin(command, "outbox_revive");
	command_shard_key(command, shard, KEY_DUE);
	command_shard_key(command, shard, KEY_OUTBOX);
	command_shard_key(command, shard, KEY_DEAD);
	command_shard_key(command, shard, KEY_LETTERS);
	command_keys_end(command);
	command_word(command, revival->item);
	command_word(command, revival->as);
	command_word(command, revival->payload);
}

static void build_outbox_put(const struct store_request *request, struct command *command)
{
	const struct store_outbox_put *put = request->outbox_put;
	struct span shard = shard_of(request);

	assert(put->payload.len > 0 && put->remember_s > 0);
	command_begin(command, "outbox_put");
	command_shard_key(command, shard, KEY_DUE);
	command_shard_key(command, shard, KEY_OUTBOX);
	command_word(command, key_of_said(command->arena, shard, put->mark));
	command_keys_end(command);
	command_text(command, hex_text(command->arena, put->mark, STORE_MARK_BYTES));
	command_word(command, put->payload);
	command_number(command, put->remember_s);
}

static void build_job_lease(const struct store_request *request, struct command *command)
{
	command_begin(command, "job_lease");
	command_word(command, key_of_job(command->arena, shard_of(request), request->job));
	command_keys_end(command);
	command_word(command, request->holder);
	command_number(command, request->lease_ms);
}

static void build_job_note(const struct store_request *request, struct command *command)
{
	command_begin(command, "job_note");
	command_word(command, key_of_job(command->arena, shard_of(request), request->job));
	command_keys_end(command);
	command_number(command, request->fence);
	command_number(command, request->from);
}

static void build_journal(const struct store_request *request, struct command *command)
{
	command_text(command, "XRANGE");
	command_shard_key(command, shard_of(request), KEY_JOURNAL);
	command_number(command, request->from);
	command_text(command, "+");
	command_text(command, "COUNT");
	command_number(command, request->max);
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
		command_text(&out[0], settings[i]);
	command_text(&out[1], "INFO");
	command_text(&out[1], "server");
	command_text(&out[1], "memory");
	command_text(&out[1], "persistence");
}

static void (*const builders[STORE_OPS])(const struct store_request *, struct command *) = {
	[STORE_ACCEPT] = build_accept,
	[STORE_READ] = build_read,
	[STORE_CHANGE] = build_change,
	[STORE_CLAIM] = build_claim,
	[STORE_HELD] = build_held,
	[STORE_QUEUES] = build_queues,
	[STORE_PAGE] = command_page,
	[STORE_OVERDUE] = command_overdue,
	[STORE_ESCALATE] = command_escalate,
	[STORE_ESCALATED] = command_escalated,
	[STORE_HOLDERS] = command_holders,
	[STORE_EXPIRE] = build_expire,
	[STORE_DATA_KEYS] = build_data_keys,
	[STORE_DATA_KEY_SWAP] = build_data_key_swap,
	[STORE_PART] = build_part,
	[STORE_PARTS_DUE] = build_parts_due,
	[STORE_PARTS_DONE] = build_parts_done,
	[STORE_OUTBOX_DUE] = build_outbox_due,
	[STORE_OUTBOX_END] = build_outbox_end,
	[STORE_OUTBOX_DEAD] = build_outbox_dead,
	[STORE_OUTBOX_REVIVE] = build_outbox_revive,
	[STORE_OUTBOX_PUT] = build_outbox_put,
	[STORE_RECEIVE] = build_receive,
	[STORE_JOB_LEASE] = build_job_lease,
	[STORE_JOB_NOTE] = build_job_note,
	[STORE_LINK] = command_link,
	[STORE_CHILDREN] = command_children,
	[STORE_JOURNAL] = build_journal,
	[STORE_MONEY_APPEND] = command_money_append,
	[STORE_MONEY_READ] = command_money_read,
	[STORE_VAULT_PUT] = command_vault,
	[STORE_VAULT_GET] = command_vault,
	[STORE_VAULT_DROP] = command_vault,
	[STORE_TRY] = command_try,
	[STORE_BUCKET] = command_bucket,
	[STORE_ARCHIVED] = command_archived,
	[STORE_JOURNAL_TRIM] = command_journal_trim,
	[STORE_LOG_SEAL] = command_log_seal,
	[STORE_LOG_READ] = command_log_read,
	[STORE_AUDIT] = command_audit,
	[STORE_ENDED] = command_ended,
	[STORE_ERASE] = command_erase,
	[STORE_DOOMED] = command_doomed,
	[STORE_DOOMED_END] = command_doomed_end,
	[STORE_ERASED] = command_erased,
	[STORE_MEMO_GET] = command_memo,
	[STORE_MEMO_PUT] = command_memo,
	[STORE_COVER] = command_cover,
	[STORE_FRONTS] = command_fronts,
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
