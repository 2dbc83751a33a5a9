/*
 * Reading parts of Redis' replies: what the files of replies.c share. Small
 * readers that never read beyond what is there; a reply of another shape is
 * false or empty.
 */
#ifndef TIPLINE_STORE_REPLY_PARTS_H
#define TIPLINE_STORE_REPLY_PARTS_H

#include "daemon/store/replies.h"

#include <hiredis/hiredis.h>

struct decoding {
	const struct reply_expected *expected;
	struct arena *arena;
	struct store_reply *out;
};

static inline struct span text_of(const struct redisReply *reply)
{
	if (reply->type != REDIS_REPLY_STRING && reply->type != REDIS_REPLY_STATUS)
		return (struct span){ 0 };
	return span_from(reply->str, (size_t)reply->len);
}

static inline bool is_array(const struct redisReply *reply, size_t least)
{
	return reply != NULL && reply->type == REDIS_REPLY_ARRAY && reply->elements >= least;
}

static inline bool number_of(const struct redisReply *reply, uint64_t *number)
{
	return span_u64(text_of(reply), number);
}

static inline bool ms_of(const struct redisReply *reply, int64_t *ms)
{
	uint64_t number;

	if (!number_of(reply, &number) || number > INT64_MAX)
		return false;
	*ms = (int64_t)number;
	return true;
}

/* What kind of verdict a word stands for. */
bool reply_verdict(const struct redisReply *reply, enum store_verdict *verdict);

/* The id of a stream's entry, "<n>-0". */
bool reply_entry_number(const struct redisReply *reply, uint64_t *number);

/* An entry of a stream; its bytes are copied. */
bool reply_event(const struct redisReply *reply, struct arena *arena, struct store_event *event);

/* Of replies_archive.c. */
bool decode_archived(const struct decoding *d, const struct redisReply *reply);

/* Of replies_money.c. */
bool decode_money_append(const struct decoding *d, const struct redisReply *reply);
bool decode_money_read(const struct decoding *d, const struct redisReply *reply);
bool decode_vault_get(const struct decoding *d, const struct redisReply *reply);
bool decode_bucket(const struct decoding *d, const struct redisReply *reply);
bool decode_try(const struct decoding *d, const struct redisReply *reply);
bool decode_memo_get(const struct decoding *d, const struct redisReply *reply);

/* Of replies_log.c. */
bool decode_log_seal(const struct decoding *d, const struct redisReply *reply);
bool decode_log_read(const struct decoding *d, const struct redisReply *reply);
bool decode_audit(const struct decoding *d, const struct redisReply *reply);

#endif
