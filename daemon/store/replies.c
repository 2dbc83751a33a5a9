/*
 * Decoding of Redis' replies; see replies.h. One decoder per operation, one
 * table; small readers that fail once and stay failed. Those of one matter are
 * in a file of their own, as reply_parts.h names them.
 */
#include "daemon/base/table.h"
#include "daemon/store/reply_parts.h"

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

/* --- queues, keys, what was deleted ---------------------------------------------------------- */

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

bool decode_verdict(const struct decoding *d, const struct redisReply *reply)
{
	return is_array(reply, 1) && reply_verdict(reply->element[0], &d->out->verdict);
}

/* --- outbox, jobs, journal ---------------------------------------------------------- */

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
