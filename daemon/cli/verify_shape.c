/*
 * What keys and values look like; see verify_shape.h.
 */
#include "daemon/cli/verify_shape.h"

#include "daemon/base/table.h"
#include "daemon/cli/verify_event.h"
#include "daemon/cli/verify_values.h"

/* What a name ends in. */
enum rest {
	REST_NONE,
	REST_ID,
	REST_REGION,
	REST_MARK,     /* 32 hex digits */
	REST_SET,      /* 3 hex digits */
	REST_WORD,     /* a job */
	REST_NAME,     /* an idempotency key, a token */
};

enum head {
	HEAD_SHARD,    /* "{15}:" */
	HEAD_NATION,   /* "{00}:" */
	HEAD_MONEY,
	HEAD_AUDIT,
	HEAD_BARE,     /* without a tag */
};

struct verify_shape {
	enum head head;
	const char *name;
	enum rest rest;
	enum verify_type type;
	verify_value *fits;
};

static const struct verify_shape shapes[] = {
	{ .name = "state:", .rest = REST_ID, .type = VERIFY_HASH, .fits = verify_state_field },
	{ .name = "tip:", .rest = REST_ID, .type = VERIFY_STRING, .fits = verify_content },
	{ .name = "identity:", .rest = REST_ID, .type = VERIFY_STRING, .fits = verify_identity },
	{ .name = "messages:", .rest = REST_ID, .type = VERIFY_LIST, .fits = verify_box },
	{ .name = "files:", .rest = REST_ID, .type = VERIFY_STRING, .fits = verify_files },
	{ .name = "ended", .type = VERIFY_ZSET, .fits = verify_id_member },
	{ .name = "erased", .type = VERIFY_HASH, .fits = verify_erased },
	{ .name = "doomed", .type = VERIFY_HASH, .fits = verify_doomed },
	{ .name = "children:", .rest = REST_ID, .type = VERIFY_ZSET, .fits = verify_id_member },
	{ .name = "queue:", .rest = REST_REGION, .type = VERIFY_ZSET, .fits = verify_id_member },
	{ .name = "journal", .type = VERIFY_STREAM, .fits = verify_entry_field },
	{ .name = "log", .type = VERIFY_STREAM, .fits = verify_batch_field },
	{ .name = "archive", .type = VERIFY_LIST, .fits = verify_segment },
	{ .name = "queues", .type = VERIFY_SET, .fits = verify_region_member },
	{ .name = "datakeys", .type = VERIFY_HASH, .fits = verify_data_key },
	{ .name = "outbox", .type = VERIFY_HASH, .fits = verify_intent },
	{ .name = "due", .type = VERIFY_ZSET, .fits = verify_item_member },
	{ .name = "tries", .type = VERIFY_HASH, .fits = verify_item_count },
	{ .name = "dead", .type = VERIFY_ZSET, .fits = verify_item_member },
	{ .name = "letters", .type = VERIFY_HASH, .fits = verify_letter },
	{ .name = "leases", .type = VERIFY_ZSET, .fits = verify_id_member },
	{ .name = "held", .type = VERIFY_HASH, .fits = verify_region_count },
	{ .name = "holders", .type = VERIFY_ZSET, .fits = verify_holder_member },
	{ .name = "clocks", .type = VERIFY_ZSET, .fits = verify_id_member },
	{ .name = "asked", .type = VERIFY_ZSET, .fits = verify_id_member },
	{ .name = "escalated", .type = VERIFY_ZSET, .fits = verify_escalated_member },
	{ .name = "job:", .rest = REST_WORD, .type = VERIFY_HASH, .fits = verify_job_field },
	{ .name = "said:", .rest = REST_MARK, .type = VERIFY_STRING, .fits = verify_one },
	{ .head = HEAD_NATION, .name = "parts", .type = VERIFY_ZSET, .fits = verify_mark_member },
	{ .head = HEAD_NATION, .name = "parts:", .rest = REST_MARK, .type = VERIFY_HASH, .fits = verify_part },
	{ .head = HEAD_NATION, .name = "parts-of:", .rest = REST_MARK, .type = VERIFY_ZSET, .fits = verify_mark_member },
	{ .head = HEAD_NATION, .name = "memo:", .rest = REST_MARK, .type = VERIFY_STRING, .fits = verify_box },
	{ .head = HEAD_NATION, .name = "bucket:", .rest = REST_MARK, .type = VERIFY_STRING, .fits = verify_moment },
	{ .head = HEAD_MONEY, .name = "journal", .type = VERIFY_STREAM, .fits = verify_record_field },
	{ .head = HEAD_MONEY, .name = "head", .type = VERIFY_HASH, .fits = verify_head_field },
	{ .head = HEAD_MONEY, .name = "idem:", .rest = REST_NAME, .type = VERIFY_HASH, .fits = verify_idem_field },
	{ .head = HEAD_MONEY, .name = "vault:", .rest = REST_NAME, .type = VERIFY_STRING, .fits = verify_box },
	{ .head = HEAD_MONEY, .name = "failures:", .rest = REST_SET, .type = VERIFY_HASH, .fits = verify_failures },
	{ .head = HEAD_MONEY, .name = "job:", .rest = REST_WORD, .type = VERIFY_HASH, .fits = verify_job_field },
	{ .head = HEAD_MONEY, .name = "log", .type = VERIFY_STREAM, .fits = verify_batch_field },
	{ .head = HEAD_AUDIT, .name = "journal", .type = VERIFY_STREAM, .fits = verify_trail_field },
	{ .head = HEAD_AUDIT, .name = "log", .type = VERIFY_STREAM, .fits = verify_batch_field },
	{ .head = HEAD_AUDIT, .name = "archive", .type = VERIFY_LIST, .fits = verify_segment },
	{ .head = HEAD_AUDIT, .name = "job:", .rest = REST_WORD, .type = VERIFY_HASH, .fits = verify_job_field },
	{ .head = HEAD_BARE, .name = "request:", .rest = REST_MARK, .type = VERIFY_STRING, .fits = verify_answer },
};

/* --- names -------------------------------------------------------------------------------------------- */

static bool head_of(struct span *key, enum head *head)
{
	if (key->len == 0 || key->at[0] != '{') {
		*head = HEAD_BARE;
		return true;
	}
	if (span_starts(*key, SPAN("{money}:"))) {
		*head = HEAD_MONEY;
		*key = span_from_offset(*key, strlen("{money}:"));
		return true;
	}
	if (span_starts(*key, SPAN("{audit}:"))) {
		*head = HEAD_AUDIT;
		*key = span_from_offset(*key, strlen("{audit}:"));
		return true;
	}
	*head = span_starts(*key, SPAN("{00}:")) ? HEAD_NATION : HEAD_SHARD;
	if (key->len < 5 || !span_digits(span_from(key->at + 1, 2)) || key->at[3] != '}' || key->at[4] != ':')
		return false;
	*key = span_from_offset(*key, 5);
	return true;
}

static bool rest_fits(enum rest kind, struct span rest)
{
	switch (kind) {
	case REST_NONE:
		return rest.len == 0;
	case REST_ID:
		return verify_is_id(rest);
	case REST_REGION:
		return verify_is_region(rest);
	case REST_MARK:
		return verify_is_hex(rest, 32);
	case REST_SET:
		return verify_is_hex(rest, 3);
	case REST_WORD:
		return verify_is_word(rest);
	case REST_NAME:
		return verify_is_name(rest);
	}
	return false;
}

static bool is_of(const struct verify_shape *shape, enum head head, struct span name)
{
	struct span wanted = span_of(shape->name);

	/* The nation's shard has all that any other has. */
	if (shape->head != head && !(shape->head == HEAD_SHARD && head == HEAD_NATION))
		return false;
	return span_starts(name, wanted) && rest_fits(shape->rest, span_from_offset(name, wanted.len));
}

const struct verify_shape *verify_shape_of(struct span key)
{
	enum head head;

	if (!head_of(&key, &head))
		return NULL;
	for (size_t i = 0; i < COUNT_OF(shapes); i++)
		if (is_of(&shapes[i], head, key))
			return &shapes[i];
	return NULL;
}

enum verify_type verify_shape_type(const struct verify_shape *shape)
{
	return shape->type;
}

const char *verify_shape_judge(const struct verify_shape *shape, const struct verify_piece *piece)
{
	return shape->fits(piece->a, piece->b);
}
