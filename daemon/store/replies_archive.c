/*
 * Replies about the archive: part of replies.c. Their shapes stand at the head
 * of functions/trim.lua.
 */
#include "daemon/store/reply_parts.h"

#define HEAD_PARTS 5   /* now, how many segments, first, last and sealed number */

/* "first last digest", the digest being raw bytes. */
static bool segment_of(const struct redisReply *reply, struct store_segment *segment)
{
	struct span rest = text_of(reply), first, last;

	if (!span_cut(&rest, ' ', &first) || !span_cut(&rest, ' ', &last) || !span_u64(first, &segment->first) ||
	    !span_u64(last, &segment->last) || rest.len != sizeof(segment->digest))
		return false;
	memcpy(segment->digest, rest.at, rest.len);
	return segment->first > 0 && segment->first <= segment->last;
}

bool decode_archived(const struct decoding *d, const struct redisReply *reply)
{
	struct store_reply *out = d->out;

	if (!is_array(reply, HEAD_PARTS) || !ms_of(reply->element[0], &out->now_ms) ||
	    !number_of(reply->element[1], &out->count) || !number_of(reply->element[2], &out->first) ||
	    !number_of(reply->element[3], &out->rev) || !number_of(reply->element[4], &out->note))
		return false;
	out->nsegments = reply->elements - HEAD_PARTS;
	out->segments = arena_array(d->arena, struct store_segment, out->nsegments);
	for (size_t i = 0; i < out->nsegments; i++)
		if (!segment_of(reply->element[HEAD_PARTS + i], &out->segments[i]))
			return false;
	return true;
}
