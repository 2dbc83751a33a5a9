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

static inline bool small_of(const struct redisReply *reply, unsigned *small)
{
	uint64_t number;

	if (!number_of(reply, &number) || number > UINT32_MAX)
		return false;
	*small = (unsigned)number;
	return true;
}

static inline bool region_of(const struct redisReply *reply, char region[7])
{
	struct span text = text_of(reply);

	if (text.len != 6 || !span_digits(text))
		return false;
	memcpy(region, text.at, 6);
	region[6] = '\0';
	return true;
}

/* In the arena; at NULL: it is empty or no text. */
static inline struct span copy_of(const struct redisReply *reply, struct arena *arena)
{
	struct span text = text_of(reply);

	return text.len > 0 ? arena_dup(arena, text) : (struct span){ 0 };
}

/* What kind of verdict a word stands for. */
bool reply_verdict(const struct redisReply *reply, enum store_verdict *verdict);

/* The id of a stream's entry, "<n>-0". */
bool reply_entry_number(const struct redisReply *reply, uint64_t *number);

/* An entry of a stream; its bytes are copied. */
bool reply_event(const struct redisReply *reply, struct arena *arena, struct store_event *event);

/* A verdict and perhaps more behind it. */
bool decode_verdict(const struct decoding *d, const struct redisReply *reply);

/* Of replies_tips.c. */
bool decode_rows(const struct decoding *d, const struct redisReply *reply);
bool decode_page(const struct decoding *d, const struct redisReply *reply);
bool decode_read(const struct decoding *d, const struct redisReply *reply);
bool decode_change(const struct decoding *d, const struct redisReply *reply);
bool decode_link(const struct decoding *d, const struct redisReply *reply);
bool decode_children(const struct decoding *d, const struct redisReply *reply);

/* Of replies_sms.c. */
bool decode_part(const struct decoding *d, const struct redisReply *reply);
bool decode_parts_due(const struct decoding *d, const struct redisReply *reply);

/* Of replies_health.c. */
bool decode_health_config(const struct decoding *d, const struct redisReply *reply);
bool decode_health_info(const struct decoding *d, const struct redisReply *reply);

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
