/*
 * Replies with tips and how they hang together: part of replies.c. The fields of a
 * row are those of row_of() in functions/00_lib.lua.
 */
#include "daemon/store/reply_parts.h"

#define ROW_FIELDS 22

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
	if (!span_is(text, "-"))
		hold->asked = text;
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

bool decode_rows(const struct decoding *d, const struct redisReply *reply)
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
bool decode_page(const struct decoding *d, const struct redisReply *reply)
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

bool decode_read(const struct decoding *d, const struct redisReply *reply)
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

bool decode_change(const struct decoding *d, const struct redisReply *reply)
{
	return is_array(reply, 4) && reply_verdict(reply->element[0], &d->out->verdict) &&
	       number_of(reply->element[1], &d->out->rev) && ms_of(reply->element[2], &d->out->now_ms);
}

bool decode_link(const struct decoding *d, const struct redisReply *reply)
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
bool decode_children(const struct decoding *d, const struct redisReply *reply)
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
