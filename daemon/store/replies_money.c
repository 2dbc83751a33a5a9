/*
 * Replies about money, and memos: part of replies.c. Their shapes stand at the head of
 * functions/money.lua.
 */
#include "daemon/store/reply_parts.h"

#include "daemon/base/hex.h"

#define HEAD_PARTS 5   /* head and clock */

static bool head_of(struct redisReply *const *parts, struct store_reply *out)
{
	return number_of(parts[0], &out->head.seq) &&
	       hex_get(text_of(parts[1]), out->head.hash, STORE_HASH_BYTES) &&
	       ms_of(parts[2], &out->head.at_ms) && number_of(parts[3], &out->head.count) &&
	       ms_of(parts[4], &out->now_ms);
}

bool decode_money_append(const struct decoding *d, const struct redisReply *reply)
{
	return is_array(reply, 2 + HEAD_PARTS) && reply_verdict(reply->element[0], &d->out->verdict) &&
	       number_of(reply->element[1], &d->out->rev) && head_of(reply->element + 2, d->out);
}

bool decode_money_read(const struct decoding *d, const struct redisReply *reply)
{
	struct store_reply *out = d->out;

	if (!is_array(reply, HEAD_PARTS) || !head_of(reply->element, out))
		return false;
	out->nevents = reply->elements - HEAD_PARTS;
	out->events = arena_array(d->arena, struct store_event, out->nevents);
	for (size_t i = 0; i < out->nevents; i++)
		if (!reply_event(reply->element[HEAD_PARTS + i], d->arena, &out->events[i]))
			return false;
	return true;
}

static bool bytes_or_nothing(const struct decoding *d, const struct redisReply *reply, struct span *out)
{
	if (reply->type == REDIS_REPLY_NIL)
		d->out->verdict = STORE_ABSENT;
	else if (reply->type == REDIS_REPLY_STRING)
		*out = arena_dup(d->arena, text_of(reply));
	else
		return false;
	return true;
}

bool decode_memo_get(const struct decoding *d, const struct redisReply *reply)
{
	return bytes_or_nothing(d, reply, &d->out->memo);
}

bool decode_vault_get(const struct decoding *d, const struct redisReply *reply)
{
	return bytes_or_nothing(d, reply, &d->out->vault);
}

bool decode_bucket(const struct decoding *d, const struct redisReply *reply)
{
	return is_array(reply, 2) && reply_verdict(reply->element[0], &d->out->verdict) &&
	       number_of(reply->element[1], &d->out->wait_ms);
}

bool decode_try(const struct decoding *d, const struct redisReply *reply)
{
	return is_array(reply, 3) && reply_verdict(reply->element[0], &d->out->verdict) &&
	       number_of(reply->element[1], &d->out->count) && number_of(reply->element[2], &d->out->wait_ms);
}
