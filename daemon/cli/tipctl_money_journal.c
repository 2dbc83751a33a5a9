/*
 * Reading the money journal of a store; see tipctl_money_journal.h.
 */
#include "daemon/cli/tipctl_money_journal.h"

#include "daemon/base/arena.h"
#include "daemon/store/keys.h"
#include "daemon/store/redis_address.h"

#include <hiredis/hiredis.h>

#define PIECE 256
#define PATIENCE_S 60

struct reading {
	redisContext *link;
	struct arena arena;                       /* names of keys */
	const struct money_journal_reader *reader;
	uint64_t head;
	char head_hash[2 * STORE_HASH_BYTES];
	uint64_t seq;                             /* of the last record that was read */
	bool wanted;                              /* the reader goes on */
	struct complaint *why;
};

struct redisContext *money_journal_link(const char *address, struct complaint *why)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	struct redis_address to;
	redisContext *link;

	if (!redis_address_read(address, &to)) {
		complain(why, 0, "%s is not an address of a store", address);
		return NULL;
	}
	link = to.port > 0 ? redisConnectWithTimeout(to.at, to.port, patience) :
			     redisConnectUnixWithTimeout(to.at, patience);
	if (link == NULL || link->err != 0) {
		complain(why, 0, "cannot connect to %s: %s", address, link != NULL ? link->errstr : "no memory");
		if (link != NULL)
			redisFree(link);
		return NULL;
	}
	redisSetTimeout(link, patience);
	return link;
}

/* NULL and a complaint for no answer, an error, or a reply of another type. */
static redisReply *answer(struct reading *r, redisReply *reply, size_t least)
{
	if (reply == NULL)
		complain(r->why, 0, "the store does not answer: %s", r->link->errstr);
	else if (reply->type == REDIS_REPLY_ERROR)
		complain(r->why, 0, "the store refuses: %.150s", reply->str);
	else if (reply->type == REDIS_REPLY_ARRAY && reply->elements >= least)
		return reply;
	else
		complain(r->why, 0, "the store answers something else than a journal");
	if (reply != NULL)
		freeReplyObject(reply);
	return NULL;
}

static struct span text_of(const redisReply *reply)
{
	return reply->type == REDIS_REPLY_STRING ? span_from(reply->str, (size_t)reply->len) : (struct span){ 0 };
}

/* --- the head ---------------------------------------------------------------------------- */

static bool take_head(struct reading *r, const redisReply *reply)
{
	struct span seq = text_of(reply->element[0]), hash = text_of(reply->element[1]);

	if (reply->element[0]->type == REDIS_REPLY_NIL)
		return true;
	if (!span_u64(seq, &r->head) || hash.len != sizeof(r->head_hash))
		return complain(r->why, 0, "the head of the journal cannot be read");
	memcpy(r->head_hash, hash.at, hash.len);
	return true;
}

static bool read_head(struct reading *r)
{
	struct span key = key_of_money(&r->arena, KEY_MONEY_HEAD, SPAN(""));
	redisReply *reply = answer(r, redisCommand(r->link, "HMGET %b seq hash", key.at, key.len), 2);
	bool well = reply != NULL && take_head(r, reply);

	if (reply != NULL)
		freeReplyObject(reply);
	return well;
}

/* --- records ------------------------------------------------------------------------------- */

/* The bytes of entry "<seq>-0"; empty when it is another one. */
static struct span json_of(const redisReply *entry, uint64_t seq)
{
	struct span id, digits;
	uint64_t number;
	const redisReply *fields;

	if (entry->type != REDIS_REPLY_ARRAY || entry->elements != 2)
		return (struct span){ 0 };
	id = text_of(entry->element[0]);
	fields = entry->element[1];
	if (!span_cut(&id, '-', &digits) || !span_u64(digits, &number) || number != seq || !span_is(id, "0"))
		return (struct span){ 0 };
	if (fields->type != REDIS_REPLY_ARRAY || fields->elements != 2 || !span_is(text_of(fields->element[0]), "e"))
		return (struct span){ 0 };
	return text_of(fields->element[1]);
}

static bool is_head(const struct reading *r, struct span json)
{
	size_t n = sizeof(r->head_hash) + 2;

	return json.len > n && memcmp(json.at + json.len - n, r->head_hash, sizeof(r->head_hash)) == 0;
}

static bool take_record(struct reading *r, const redisReply *entry)
{
	struct span json = json_of(entry, r->seq + 1);

	if (span_empty(json))
		return complain(r->why, 0, "record %llu is missing: something else stands there",
				(unsigned long long)r->seq + 1);
	r->seq++;
	if (r->seq == r->head && !is_head(r, json))
		return complain(r->why, 0, "record %llu is not the one that the head names", (unsigned long long)r->seq);
	r->wanted = r->reader->record(r->reader->ctx, r->seq, json);
	return true;
}

static bool read_piece(struct reading *r)
{
	struct span key = key_of_money(&r->arena, KEY_MONEY_JOURNAL, SPAN(""));
	uint64_t to = r->seq + PIECE < r->head ? r->seq + PIECE : r->head;
	redisReply *reply = answer(r,
				   redisCommand(r->link, "XRANGE %b %llu %llu-0", key.at, key.len,
						(unsigned long long)r->seq + 1, (unsigned long long)to),
				   0);
	bool well = reply != NULL;

	for (size_t i = 0; well && r->wanted && i < reply->elements; i++)
		well = take_record(r, reply->element[i]);
	if (well && r->wanted && r->seq < to)
		well = complain(r->why, 0, "record %llu is missing", (unsigned long long)r->seq + 1);
	if (reply != NULL)
		freeReplyObject(reply);
	return well;
}

bool money_journal_read(const char *address, const struct money_journal_reader *reader, struct complaint *why)
{
	struct reading r = { .link = money_journal_link(address, why), .reader = reader, .wanted = true, .why = why };
	bool well = r.link != NULL && read_head(&r);

	while (well && r.wanted && r.seq < r.head) {
		well = read_piece(&r);
		arena_clear(&r.arena);
	}
	if (r.link != NULL)
		redisFree(r.link);
	arena_release(&r.arena);
	return well;
}
