/*
 * Decoding of Redis' replies; see replies.h. One decoder per operation, one
 * table; small readers that fail once and stay failed.
 */
#include "daemon/base/hex.h"
#include "daemon/base/table.h"
#include "daemon/store/reply_parts.h"

#include <stdlib.h>

#define ROW_FIELDS 22

static bool small_of(const struct redisReply *reply, unsigned *small)
{
	uint64_t number;

	if (!number_of(reply, &number) || number > UINT32_MAX)
		return false;
	*small = (unsigned)number;
	return true;
}

static bool region_of(const struct redisReply *reply, char region[7])
{
	struct span text = text_of(reply);

	if (text.len != 6 || !span_digits(text))
		return false;
	memcpy(region, text.at, 6);
	region[6] = '\0';
	return true;
}

static struct span copy_of(const struct redisReply *reply, struct arena *arena)
{
	struct span text = text_of(reply);

	return text.len > 0 ? arena_dup(arena, text) : (struct span){ 0 };
}

bool reply_verdict(const struct redisReply *reply, enum store_verdict *verdict)
{
	static const struct {
		const char *word;
		enum store_verdict verdict;
	} words[] = {
		{ "ok", STORE_OK },
		{ "already", STORE_ALREADY },
		{ "absent", STORE_ABSENT },
		{ "conflict", STORE_CONFLICT },
		{ "collision", STORE_COLLISION },
		{ "fenced", STORE_FENCED },
		{ "untimely", STORE_UNTIMELY },
		{ "repeated", STORE_REPEATED },
		{ "whole", STORE_OK },
		{ "late", STORE_CONFLICT },
	};

	for (size_t i = 0; i < COUNT_OF(words); i++) {
		if (span_is(text_of(reply), words[i].word)) {
			*verdict = words[i].verdict;
			return true;
		}
	}
	return false;
}

/* --- accept --------------------------------------------------------------------------- */

static bool accepted_of(struct span text, struct arena *arena, struct store_accepted *out)
{
	struct span rest = span_from_offset(text, 1);

	if (span_empty(text))
		return false;
	switch (text.at[0]) {
	case 'O':
		out->verdict = STORE_OK;
		return span_u64(rest, &out->rev);
	case 'A':
		out->verdict = STORE_ALREADY;
		return span_u64(rest, &out->rev);
	case 'C':
		out->verdict = STORE_COLLISION;
		return span_empty(rest);
	case 'R':
		out->verdict = STORE_REPEATED;
		if (rest.len < STORE_MARK_BYTES)
			return false;
		memcpy(out->digest, rest.at, STORE_MARK_BYTES);
		out->answer = arena_dup(arena, span_from_offset(rest, STORE_MARK_BYTES));
		return true;
	default:
		return false;
	}
}

static bool decode_accept(const struct decoding *d, const struct redisReply *reply)
{
	size_t n = d->expected->ntips;

	if (!is_array(reply, n) || reply->elements != n)
		return false;
	d->out->accepted = arena_array(d->arena, struct store_accepted, n);
	d->out->naccepted = n;
	for (size_t i = 0; i < n; i++)
		if (!accepted_of(text_of(reply->element[i]), d->arena, &d->out->accepted[i]))
			return false;
	return true;
}

/* --- rows ------------------------------------------------------------------------------- */

/* A tip's id, or nothing. */
static bool id_or_none(const struct redisReply *reply, struct tip_id *id)
{
	struct span text = text_of(reply);

	*id = (struct tip_id){ .text = "" };
	return reply->type == REDIS_REPLY_STRING && (text.len == 0 || tip_id_parse(text, id));
}

/* "<percent> <words>" */
static bool why_of(struct span text, unsigned *score, struct span *why)
{
	struct span digits;
	uint64_t percent;

	if (!span_cut(&text, ' ', &digits) || !span_u64(digits, &percent) || percent > 100)
		return false;
	*score = (unsigned)percent;
	*why = text;
	return text.len <= STORE_WHY_MAX;
}

/* Nothing, "<id>", or "<id> <percent> <words>" */
static bool parent_of(const struct redisReply *reply, struct arena *arena, struct store_row *row)
{
	struct span rest = copy_of(reply, arena), id;

	if (reply->type != REDIS_REPLY_STRING)
		return false;
	if (span_empty(rest))
		return true;
	if (!span_cut(&rest, ' ', &id) || !tip_id_parse(id, &row->parent))
		return false;
	return rest.at == NULL || why_of(rest, &row->link_score, &row->link_why);
}

/* "<id> <percent> <words>" or "<id> -" */
static bool suggestion_of(struct span text, struct store_suggestion *out)
{
	struct span id;

	if (!span_cut(&text, ' ', &id) || !tip_id_parse(id, &out->other))
		return false;
	out->declined = span_is(text, "-");
	return out->declined || why_of(text, &out->score, &out->why);
}

static bool suggestions_of(const struct redisReply *reply, struct arena *arena, struct store_row *row)
{
	struct span rest = copy_of(reply, arena), part;

	if (span_empty(rest))
		return true;
	row->suggestions = arena_array(arena, struct store_suggestion, STORE_SUGGESTIONS_MAX);
	while (span_cut(&rest, ';', &part))
		if (row->nsuggestions == STORE_SUGGESTIONS_MAX ||
		    !suggestion_of(part, &row->suggestions[row->nsuggestions++]))
			return false;
	return true;
}

/* "<times> <at> <region it came from> <why> <waited>", or nothing */
static bool raise_of(struct span text, struct store_raise *raise)
{
	struct span times, at, home, why;
	uint64_t n, at_ms, waited_ms;

	if (span_empty(text))
		return true;
	if (!span_cut(&text, ' ', &times) || !span_cut(&text, ' ', &at) || !span_cut(&text, ' ', &home) ||
	    !span_cut(&text, ' ', &why) || !span_u64(times, &n) || !span_u64(at, &at_ms) ||
	    !span_u64(text, &waited_ms) || home.len != 6 || n > UINT32_MAX || at_ms > INT64_MAX ||
	    waited_ms > INT64_MAX || !clock_wait_parse(why, &raise->why))
		return false;
	raise->times = (unsigned)n;
	raise->at_ms = (int64_t)at_ms;
	raise->waited_ms = (int64_t)waited_ms;
	memcpy(raise->home, home.at, home.len);
	return true;
}

/* "<how often reopened> <who closed it>", or nothing */
static bool review_of(const struct redisReply *reply, struct arena *arena, struct store_row *row)
{
	struct span text = copy_of(reply, arena), times;
	uint64_t n;

	if (span_empty(text))
		return true;
	if (!span_cut(&text, ' ', &times) || !span_u64(times, &n) || n > UINT32_MAX)
		return false;
	row->reopens = (unsigned)n;
	row->closer = text.len > 0 ? text : (struct span){ 0 };
	return true;
}

/* "<ended ms> <outcome> <erased>", or nothing */
static bool end_of(struct span text, struct store_end *end)
{
	struct span at, outcome;
	uint64_t at_ms, erased;

	if (span_empty(text))
		return true;
	if (!span_cut(&text, ' ', &at) || !span_cut(&text, ' ', &outcome) || !span_u64(at, &at_ms) || at_ms > INT64_MAX ||
	    !span_u64(text, &erased) || erased > UINT32_MAX)
		return false;
	*end = (struct store_end){ .outcome = outcome, .at_ms = (int64_t)at_ms, .erased = (unsigned)erased };
	return true;
}

/* "<who holds it> <who asked to lift that, or ->", or nothing */
static bool hold_of(struct span text, struct store_hold *hold)
{
	if (span_empty(text))
		return true;
	if (!span_cut(&text, ' ', &hold->by))
		return false;
	hold->asked = span_is(text, "-") ? (struct span){ 0 } : text;
	return true;
}

static bool row_of(const struct redisReply *reply, struct arena *arena, struct store_row *row)
{
	struct redisReply **f = reply->element;
	struct span mark;

	if (!is_array(reply, ROW_FIELDS))
		return false;
	mark = text_of(f[8]);
	if (!tip_id_parse(text_of(f[0]), &row->id) || !tip_state_parse(text_of(f[1]), &row->state) ||
	    !number_of(f[2], &row->rev) || !region_of(f[3], row->region) || !small_of(f[4], &row->points) ||
	    !ms_of(f[5], &row->received_ms) || !ms_of(f[6], &row->lease_until_ms) ||
	    mark.len != STORE_MARK_BYTES || !small_of(f[9], &row->nmessages) ||
	    !small_of(f[11], &row->hops) || !parent_of(f[12], arena, row) ||
	    !small_of(f[13], &row->nchildren) || !suggestions_of(f[14], arena, row) ||
	    !clock_read(text_of(f[16]), &row->clock) || !raise_of(text_of(f[17]), &row->raise) ||
	    !review_of(f[18], arena, row) || !end_of(copy_of(f[20], arena), &row->end) ||
	    !hold_of(copy_of(f[21], arena), &row->hold))
		return false;
	if (text_of(f[19]).len == STORE_SEED_BYTES)
		row->seed = copy_of(f[19], arena);
	memcpy(row->receipt_mark, mark.at, STORE_MARK_BYTES);
	row->holder = copy_of(f[7], arena);
	row->sealed = copy_of(f[10], arena);
	row->context = copy_of(f[15], arena);
	return true;
}

static bool decode_rows(const struct decoding *d, const struct redisReply *reply)
{
	struct store_reply *out = d->out;

	if (!is_array(reply, 1) || !ms_of(reply->element[0], &out->now_ms))
		return false;
	out->nrows = reply->elements - 1;
	out->rows = arena_array(d->arena, struct store_row, out->nrows);
	for (size_t i = 0; i < out->nrows; i++)
		if (!row_of(reply->element[i + 1], d->arena, &out->rows[i]))
			return false;
	return true;
}

static bool place_of(struct redisReply *const f[3], struct store_place *place)
{
	return small_of(f[0], &place->points) && ms_of(f[1], &place->at_ms) && id_or_none(f[2], &place->id);
}

/* Rows of a page: without content and messages. */
static bool decode_page(const struct decoding *d, const struct redisReply *reply)
{
	struct store_reply *out = d->out;
	const struct redisReply *rows, *dues;

	if (!is_array(reply, 7) || !ms_of(reply->element[0], &out->now_ms) || !number_of(reply->element[1], &out->count) ||
	    !place_of(&reply->element[2], &out->place) || !is_array(reply->element[5], 0))
		return false;
	rows = reply->element[5];
	dues = reply->element[6];
	out->nrows = rows->elements;
	if (!is_array(dues, 0) || dues->elements != out->nrows)
		return false;
	out->rows = arena_array(d->arena, struct store_row, out->nrows);
	for (size_t i = 0; i < out->nrows; i++)
		if (!row_of(rows->element[i], d->arena, &out->rows[i]) || !ms_of(dues->element[i], &out->rows[i].due_ms))
			return false;
	return true;
}

static bool decode_read(const struct decoding *d, const struct redisReply *reply)
{
	struct store_row *row;
	const struct redisReply *messages;

	if (is_array(reply, 0) && reply->elements == 0) {
		d->out->verdict = STORE_ABSENT;
		return true;
	}
	row = d->out->rows = arena_new(d->arena, struct store_row);
	d->out->nrows = 1;
	if (!is_array(reply, 3) || !row_of(reply->element[0], d->arena, row))
		return false;
	row->identity = copy_of(reply->element[1], d->arena);
	messages = reply->element[2];
	if (!is_array(messages, row->nmessages) || messages->elements != row->nmessages)
		return false;
	row->messages = arena_array(d->arena, struct span, row->nmessages);
	for (size_t i = 0; i < row->nmessages; i++)
		row->messages[i] = copy_of(messages->element[i], d->arena);
	return true;
}

static bool decode_change(const struct decoding *d, const struct redisReply *reply)
{
	return is_array(reply, 4) && reply_verdict(reply->element[0], &d->out->verdict) &&
	       number_of(reply->element[1], &d->out->rev) && ms_of(reply->element[2], &d->out->now_ms);
}

static bool decode_link(const struct decoding *d, const struct redisReply *reply)
{
	struct store_reply *out = d->out;
	char region[7];

	if (!is_array(reply, 4) || !reply_verdict(reply->element[0], &out->verdict) ||
	    !number_of(reply->element[1], &out->rev) || !id_or_none(reply->element[2], &out->parent))
		return false;
	if (span_empty(text_of(reply->element[3])))
		return true;
	if (!region_of(reply->element[3], region))
		return false;
	out->moved = d->expected->id;
	memcpy(out->moved.text, region, 2);
	return true;
}

/* Member and score in turn; a score of ms is a whole number below 2^53, written without an exponent. */
static bool decode_children(const struct decoding *d, const struct redisReply *reply)
{
	struct store_reply *out = d->out;

	if (!is_array(reply, 0) || reply->elements % 2 != 0)
		return false;
	out->nchildren = reply->elements / 2;
	out->children = arena_array(d->arena, struct store_child, out->nchildren);
	for (size_t i = 0; i < out->nchildren; i++)
		if (!tip_id_parse(text_of(reply->element[2 * i]), &out->children[i].id) ||
		    !ms_of(reply->element[2 * i + 1], &out->children[i].received_ms))
			return false;
	return true;
}

/* Names and values in turn, of a hash. */
static bool decode_pairs(const struct decoding *d, const struct redisReply *reply)
{
	struct store_reply *out = d->out;

	if (!is_array(reply, 0) || reply->elements % 2 != 0)
		return false;
	out->nitems = reply->elements / 2;
	out->items = arena_array(d->arena, struct store_item, out->nitems);
	for (size_t i = 0; i < out->nitems; i++) {
		out->items[i].id = copy_of(reply->element[2 * i], d->arena);
		out->items[i].payload = copy_of(reply->element[2 * i + 1], d->arena);
	}
	return true;
}

static bool decode_fronts(const struct decoding *d, const struct redisReply *reply)
{
	struct store_reply *out = d->out;

	if (!is_array(reply, 1) || reply->elements % 4 != 1 || !span_u64(text_of(reply->element[0]), &out->note))
		return false;
	out->nitems = reply->elements / 4;
	out->items = arena_array(d->arena, struct store_item, out->nitems);
	for (size_t i = 0; i < out->nitems; i++) {
		struct redisReply **f = &reply->element[1 + 4 * i];

		out->items[i] = (struct store_item){ .id = copy_of(f[0], d->arena),
						     .payload = copy_of(f[1], d->arena),
						     .why = copy_of(f[2], d->arena),
						     .number = span_is(text_of(f[3]), "leaving") };
	}
	return true;
}

static bool decode_removed(const struct decoding *d, const struct redisReply *reply)
{
	d->out->verdict = reply->integer > 0 ? STORE_OK : STORE_ABSENT;
	return reply->type == REDIS_REPLY_INTEGER;
}

static bool decode_queues(const struct decoding *d, const struct redisReply *reply)
{
	struct store_reply *out = d->out;

	if (!is_array(reply, 0))
		return false;
	out->nqueues = reply->elements;
	out->queues = arena_array(d->arena, struct store_queue, out->nqueues);
	for (size_t i = 0; i < out->nqueues; i++) {
		const struct redisReply *row = reply->element[i];
		struct store_queue *queue = &out->queues[i];

		if (!is_array(row, 6) || !region_of(row->element[0], queue->region) ||
		    !number_of(row->element[1], &queue->waiting) ||
		    !number_of(row->element[2], &queue->held) || !ms_of(row->element[3], &queue->oldest_ms) ||
		    !small_of(row->element[4], &queue->best_points) || !number_of(row->element[5], &queue->escalated))
			return false;
	}
	return true;
}

static bool decode_holders(const struct decoding *d, const struct redisReply *reply)
{
	struct store_reply *out = d->out;

	if (!is_array(reply, 0))
		return false;
	out->nholders = reply->elements;
	out->holders = arena_array(d->arena, struct span, out->nholders);
	for (size_t i = 0; i < out->nholders; i++)
		out->holders[i] = copy_of(reply->element[i], d->arena);
	return true;
}

static bool decode_expire(const struct decoding *d, const struct redisReply *reply)
{
	if (!is_array(reply, 1) || !reply_verdict(reply->element[0], &d->out->verdict))
		return false;
	if (d->out->verdict == STORE_FENCED)
		return true;
	return is_array(reply, 3) && number_of(reply->element[1], &d->out->count) &&
	       ms_of(reply->element[2], &d->out->now_ms);
}

static bool decode_data_keys(const struct decoding *d, const struct redisReply *reply)
{
	struct store_reply *out = d->out;
	size_t n = d->expected->nkey_ids;

	if (!is_array(reply, n) || reply->elements != n)
		return false;
	out->data_keys = arena_array(d->arena, struct store_data_key, n);
	for (size_t i = 0; i < n; i++) {
		struct span sealed = text_of(reply->element[i]);
		struct store_data_key *key = &out->data_keys[out->ndata_keys];

		if (span_empty(sealed))
			continue;
		memcpy(key->id, d->expected->key_ids[i], STORE_DATA_KEY_ID_BYTES);
		key->sealed = arena_dup(d->arena, sealed);
		out->ndata_keys++;
	}
	return true;
}

/* --- parts -------------------------------------------------------------------------------- */

/* hex, total, then number and sealed in turn */
#define GROUP_HEAD 5   /* group, total, group it is late for, its tip, its note */

static bool late_of(struct redisReply *const *head, struct arena *arena, struct store_parts *group)
{
	group->late = text_of(head[2]).len > 0;
	if (!group->late)
		return true;
	group->late_note = copy_of(head[4], arena);
	return hex_get(text_of(head[2]), group->late_for, STORE_MARK_BYTES) && tip_id_parse(text_of(head[3]), &group->late_tip);
}

static bool group_of(const struct redisReply *reply, struct arena *arena, struct store_parts *group)
{
	if (!is_array(reply, GROUP_HEAD) || (reply->elements - GROUP_HEAD) % 2 != 0 ||
	    !hex_get(text_of(reply->element[0]), group->group, STORE_MARK_BYTES) ||
	    !small_of(reply->element[1], &group->total) || !late_of(reply->element, arena, group))
		return false;
	group->nparts = (reply->elements - GROUP_HEAD) / 2;
	group->parts = arena_array(arena, struct store_item, group->nparts);
	for (size_t i = 0; i < group->nparts; i++) {
		if (!small_of(reply->element[GROUP_HEAD + 2 * i], &group->parts[i].number))
			return false;
		group->parts[i].payload = copy_of(reply->element[GROUP_HEAD + 1 + 2 * i], arena);
	}
	return true;
}

static bool decode_part(const struct decoding *d, const struct redisReply *reply)
{
	struct store_reply *out = d->out;

	if (!is_array(reply, 1) || !reply_verdict(reply->element[0], &out->verdict))
		return false;
	if (out->verdict == STORE_CONFLICT) {
		out->rows = arena_new(d->arena, struct store_row);
		out->nrows = 1;
		return is_array(reply, 2) && tip_id_parse(text_of(reply->element[1]), &out->rows[0].id);
	}
	if (!span_is(text_of(reply->element[0]), "whole"))
		return true;
	out->groups = arena_new(d->arena, struct store_parts);
	out->ngroups = 1;
	return is_array(reply, 2) && group_of(reply->element[1], d->arena, out->groups);
}

static bool decode_parts_due(const struct decoding *d, const struct redisReply *reply)
{
	struct store_reply *out = d->out;

	if (!is_array(reply, 0))
		return false;
	out->ngroups = reply->elements;
	out->groups = arena_array(d->arena, struct store_parts, out->ngroups);
	for (size_t i = 0; i < out->ngroups; i++)
		if (!group_of(reply->element[i], d->arena, &out->groups[i]))
			return false;
	return true;
}

static bool decode_verdict(const struct decoding *d, const struct redisReply *reply)
{
	return is_array(reply, 1) && reply_verdict(reply->element[0], &d->out->verdict);
}

/* --- outbox, jobs, journal, health ---------------------------------------------------------- */

static bool decode_outbox_due(const struct decoding *d, const struct redisReply *reply)
{
	struct store_reply *out = d->out;

	if (!decode_verdict(d, reply) || (reply->elements - 1) % 3 != 0)
		return false;
	out->nitems = (reply->elements - 1) / 3;
	out->items = arena_array(d->arena, struct store_item, out->nitems);
	for (size_t i = 0; i < out->nitems; i++) {
		out->items[i].id = copy_of(reply->element[1 + 3 * i], d->arena);
		out->items[i].payload = copy_of(reply->element[2 + 3 * i], d->arena);
		if (!small_of(reply->element[3 + 3 * i], &out->items[i].attempts))
			return false;
	}
	return true;
}

static bool decode_outbox_dead(const struct decoding *d, const struct redisReply *reply)
{
	struct store_reply *out = d->out;

	if (!decode_verdict(d, reply) || (reply->elements - 1) % 4 != 0)
		return false;
	out->nitems = (reply->elements - 1) / 4;
	out->items = arena_array(d->arena, struct store_item, out->nitems);
	for (size_t i = 0; i < out->nitems; i++) {
		out->items[i].id = copy_of(reply->element[1 + 4 * i], d->arena);
		out->items[i].why = copy_of(reply->element[3 + 4 * i], d->arena);
		out->items[i].payload = copy_of(reply->element[4 + 4 * i], d->arena);
		if (!ms_of(reply->element[2 + 4 * i], &out->items[i].at_ms))
			return false;
	}
	return true;
}

static bool decode_job_lease(const struct decoding *d, const struct redisReply *reply)
{
	return decode_verdict(d, reply) && reply->elements == 4 &&
	       number_of(reply->element[1], &d->out->fence) && ms_of(reply->element[2], &d->out->now_ms) &&
	       number_of(reply->element[3], &d->out->note);
}

bool reply_entry_number(const struct redisReply *reply, uint64_t *number)
{
	struct span id = text_of(reply), digits;

	return span_cut(&id, '-', &digits) && span_u64(digits, number) && span_is(id, "0");
}

bool reply_event(const struct redisReply *reply, struct arena *arena, struct store_event *event)
{
	const struct redisReply *fields;

	if (!is_array(reply, 2) || !reply_entry_number(reply->element[0], &event->number))
		return false;
	fields = reply->element[1];
	if (!is_array(fields, 2) || fields->elements % 2 != 0)
		return false;
	for (size_t i = 0; i + 1 < fields->elements; i += 2) {
		struct span name = text_of(fields->element[i]);
		struct span value = copy_of(fields->element[i + 1], arena);

		if (span_is(name, "e"))
			event->json = value;
		else if (span_is(name, "k"))
			event->fingerprint = value;
		else if (span_is(name, "c"))
			event->commitment = value;
		else if (span_is(name, "s") && value.len == STORE_SEED_BYTES)
			event->seed = value;
		else if (span_is(name, "l"))
			event->example = value;
		else
			event->unknown++;
	}
	return !span_empty(event->json);
}

static bool decode_journal(const struct decoding *d, const struct redisReply *reply)
{
	struct store_reply *out = d->out;

	if (!is_array(reply, 0))
		return false;
	out->nevents = reply->elements;
	out->events = arena_array(d->arena, struct store_event, out->nevents);
	for (size_t i = 0; i < out->nevents; i++)
		if (!reply_event(reply->element[i], d->arena, &out->events[i]))
			return false;
	return true;
}

static void weak(struct store_reply *out, struct span setting, struct span value)
{
	size_t used = strlen(out->health.weakness);
	char *at = out->health.weakness + used;
	size_t room = sizeof(out->health.weakness) - used;

	out->health.durable = false;
	snprintf(at, room, "%s%.*s %.*s", used > 0 ? ", " : "", (int)setting.len, setting.at, (int)value.len,
		 value.at);
}

/* Pairs of setting and value as CONFIG GET gives them, against what durability needs. */
static bool decode_health_config(const struct decoding *d, const struct redisReply *reply)
{
	static const char *const wanted[][2] = {
		{ "appendonly", "yes" },
		{ "appendfsync", "always" },
		{ "maxmemory-policy", "noeviction" },
		{ "aof-load-truncated", "no" },
		{ "no-appendfsync-on-rewrite", "no" },
	};
	size_t found = 0;

	if (!is_array(reply, 0))
		return false;
	d->out->health.durable = true;
	for (size_t i = 0; i + 1 < reply->elements; i += 2) {
		struct span name = text_of(reply->element[i]), value = text_of(reply->element[i + 1]);

		for (size_t w = 0; w < COUNT_OF(wanted); w++) {
			if (!span_is(name, wanted[w][0]))
				continue;
			found++;
			if (!span_is(value, wanted[w][1]))
				weak(d->out, name, value);
		}
	}
	return found == COUNT_OF(wanted);
}

/* The value behind "name:" in INFO's lines; empty when there is none. */
static struct span info_value(struct span info, const char *name)
{
	struct span line, wanted = span_of(name);

	while (span_cut(&info, '\n', &line)) {
		if (!span_starts(line, wanted) || line.len <= wanted.len || line.at[wanted.len] != ':')
			continue;
		line = span_from_offset(line, wanted.len + 1);
		if (!span_empty(line) && line.at[line.len - 1] == '\r')
			line.len--;
		return line;
	}
	return (struct span){ 0 };
}

static bool decode_health_info(const struct decoding *d, const struct redisReply *reply)
{
	struct span info = text_of(reply);
	struct span version = info_value(info, "redis_version"),
		    status = info_value(info, "aof_last_write_status");

	if (!span_u64(info_value(info, "used_memory"), &d->out->health.memory_bytes) || span_empty(version))
		return false;
	snprintf(d->out->health.version, sizeof(d->out->health.version), "%.*s", (int)version.len,
		 version.at);
	if (!span_empty(status) && !span_is(status, "ok"))
		weak(d->out, SPAN("aof_last_write_status"), status);
	return true;
}

static bool (*const decoders[STORE_OPS])(const struct decoding *, const struct redisReply *) = {
	[STORE_ACCEPT] = decode_accept,
	[STORE_READ] = decode_read,
	[STORE_CHANGE] = decode_change,
	[STORE_CLAIM] = decode_rows,
	[STORE_HELD] = decode_rows,
	[STORE_QUEUES] = decode_queues,
	[STORE_PAGE] = decode_page,
	[STORE_OVERDUE] = decode_rows,
	[STORE_ESCALATE] = decode_change,
	[STORE_ESCALATED] = decode_rows,
	[STORE_HOLDERS] = decode_holders,
	[STORE_EXPIRE] = decode_expire,
	[STORE_DATA_KEYS] = decode_data_keys,
	[STORE_DATA_KEY_SWAP] = decode_verdict,
	[STORE_PART] = decode_part,
	[STORE_PARTS_DUE] = decode_parts_due,
	[STORE_PARTS_DONE] = decode_verdict,
	[STORE_OUTBOX_DUE] = decode_outbox_due,
	[STORE_OUTBOX_END] = decode_verdict,
	[STORE_OUTBOX_DEAD] = decode_outbox_dead,
	[STORE_OUTBOX_REVIVE] = decode_verdict,
	[STORE_OUTBOX_PUT] = decode_verdict,
	[STORE_RECEIVE] = decode_accept,
	[STORE_JOB_LEASE] = decode_job_lease,
	[STORE_JOB_NOTE] = decode_verdict,
	[STORE_LINK] = decode_link,
	[STORE_CHILDREN] = decode_children,
	[STORE_JOURNAL] = decode_journal,
	[STORE_MONEY_APPEND] = decode_money_append,
	[STORE_MONEY_READ] = decode_money_read,
	[STORE_VAULT_PUT] = decode_verdict,
	[STORE_VAULT_GET] = decode_vault_get,
	[STORE_VAULT_DROP] = decode_verdict,
	[STORE_TRY] = decode_try,
	[STORE_BUCKET] = decode_bucket,
	[STORE_ARCHIVED] = decode_archived,
	[STORE_JOURNAL_TRIM] = decode_verdict,
	[STORE_LOG_SEAL] = decode_log_seal,
	[STORE_LOG_READ] = decode_log_read,
	[STORE_AUDIT] = decode_audit,
	[STORE_ENDED] = decode_rows,
	[STORE_ERASE] = decode_change,
	[STORE_DOOMED] = decode_pairs,
	[STORE_DOOMED_END] = decode_removed,
	[STORE_ERASED] = decode_pairs,
	[STORE_MEMO_GET] = decode_memo_get,
	[STORE_MEMO_PUT] = decode_verdict,
	[STORE_COVER] = decode_verdict,
	[STORE_FRONTS] = decode_fronts,
	[STORE_HEALTH] = decode_health_config,
};

void reply_expect(const struct store_request *request, struct arena *arena, struct reply_expected *out)
{
	*out = (struct reply_expected){ .op = request->op, .ntips = request->ntips };
	if (request->op == STORE_LINK)
		out->id = request->link->id;
	if (request->op != STORE_DATA_KEYS)
		return;
	out->nkey_ids = request->nkey_ids;
	out->key_ids = arena_alloc(arena, request->nkey_ids * STORE_DATA_KEY_ID_BYTES);
	if (request->nkey_ids > 0)
		memcpy(out->key_ids, request->key_ids, request->nkey_ids * STORE_DATA_KEY_ID_BYTES);
}

bool reply_decode(const struct reply_expected *expected, size_t part, const struct redisReply *reply,
		  struct arena *arena, struct store_reply *out)
{
	const struct decoding decoding = { .expected = expected, .arena = arena, .out = out };

	if (expected->op >= STORE_OPS)
		return false;
	if (expected->op == STORE_HEALTH && part == 1)
		return decode_health_info(&decoding, reply);
	return decoders[expected->op](&decoding, reply);
}
