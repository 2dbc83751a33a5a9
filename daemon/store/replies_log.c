/*
 * Replies about the sealed log: part of replies.c. Their shapes stand at the
 * head of functions/log_seal.lua.
 */
#include "daemon/store/reply_parts.h"

#include "daemon/base/hex.h"

#define READ_PARTS 3   /* last event, last batch, clock */

static bool cut_number(struct span *rest, uint64_t *number)
{
	struct span digits;

	return span_cut(rest, ' ', &digits) && span_u64(digits, number);
}

/* "<leaves before> <leaves with it> <journal> <at ms> <root>" */
static bool base_of(struct span text, struct store_batch *batch)
{
	uint64_t at_ms;

	if (!cut_number(&text, &batch->before) || !cut_number(&text, &batch->size) ||
	    !cut_number(&text, &batch->journal) || !cut_number(&text, &at_ms) || at_ms > INT64_MAX)
		return false;
	batch->at_ms = (int64_t)at_ms;
	return hex_get(text, batch->root, STORE_HASH_BYTES);
}

static bool batch_of(const struct redisReply *reply, struct arena *arena, struct store_batch *batch)
{
	const struct redisReply *fields;
	struct span note;

	if (!is_array(reply, 2) || !reply_entry_number(reply->element[0], &batch->number))
		return false;
	fields = reply->element[1];
	if (!is_array(fields, 4) || fields->elements != 4 || !span_is(text_of(fields->element[0]), "b") ||
	    !span_is(text_of(fields->element[2]), "n"))
		return false;
	note = text_of(fields->element[3]);
	if (note.len == 0 || note.len > STORE_NOTE_MAX || !base_of(text_of(fields->element[1]), batch))
		return false;
	batch->note = arena_dup(arena, note);
	return true;
}

static bool batches_of(const struct decoding *d, struct redisReply *const *entries, size_t n)
{
	struct store_reply *out = d->out;

	out->nbatches = n;
	out->batches = arena_array(d->arena, struct store_batch, n);
	for (size_t i = 0; i < n; i++)
		if (!batch_of(entries[i], d->arena, &out->batches[i]))
			return false;
	return true;
}

bool decode_log_seal(const struct decoding *d, const struct redisReply *reply)
{
	return is_array(reply, 1) && reply->elements <= 2 && reply_verdict(reply->element[0], &d->out->verdict) &&
	       batches_of(d, reply->element + 1, reply->elements - 1);
}

bool decode_log_read(const struct decoding *d, const struct redisReply *reply)
{
	return is_array(reply, READ_PARTS) && number_of(reply->element[0], &d->out->rev) &&
	       number_of(reply->element[1], &d->out->count) && ms_of(reply->element[2], &d->out->now_ms) &&
	       batches_of(d, reply->element + READ_PARTS, reply->elements - READ_PARTS);
}

bool decode_audit(const struct decoding *d, const struct redisReply *reply)
{
	return is_array(reply, 1) && number_of(reply->element[0], &d->out->rev);
}
