/*
 * Writing records back into a store; see tipctl_restore_store.h.
 */
#include "daemon/cli/tipctl_restore_store.h"

#include "daemon/base/memory.h"
#include "daemon/cli/tipctl_money_journal.h"
#include "daemon/jobs/treasury.h"
#include "daemon/store/calls.h"

#include <assert.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LEASE_MS 60000
#define RENEW_RECORDS 256
/* Any past: what is restored was timely when it was written. */
#define SKEW_MS INT64_C(4000000000000)

struct restore_store {
	redisContext *link;
	struct arena arena;
	char holder[32];
	uint64_t fence;
	unsigned appended;
};

/* First words of the answer in `verdict`; false and a complaint when there is none. */
static bool ask(struct restore_store *s, const struct store_request *request, char verdict[16], uint64_t *number,
		struct complaint *why)
{
	struct command commands[COMMANDS_MAX];
	size_t n = calls_build(request, &s->arena, commands);
	redisReply *reply = redisCommandArgv(s->link, (int)commands[0].n, commands[0].words, commands[0].lens);
	bool well = false;

	assert(n == 1);
	if (reply == NULL)
		complain(why, 0, "the store does not answer: %s", s->link->errstr);
	else if (reply->type == REDIS_REPLY_ERROR && strstr(reply->str, "not found") != NULL)
		complain(why, 0, "the store has no functions of this version: start tiplined on it once");
	else if (reply->type == REDIS_REPLY_ERROR)
		complain(why, 0, "the store refuses: %.150s", reply->str);
	else if (reply->type != REDIS_REPLY_ARRAY || reply->elements < 2 || reply->element[0]->type != REDIS_REPLY_STRING ||
		 reply->element[1]->type != REDIS_REPLY_STRING ||
		 !span_u64(span_from(reply->element[1]->str, reply->element[1]->len), number))
		complain(why, 0, "the store answers something that is not understood");
	else
		well = snprintf(verdict, 16, "%.15s", reply->element[0]->str) > 0;
	if (reply != NULL)
		freeReplyObject(reply);
	arena_clear(&s->arena);
	return well;
}

/* True when it is ours, for that long. */
static bool lease(struct restore_store *s, unsigned lease_ms, struct complaint *why)
{
	struct store_request request = { .op = STORE_JOB_LEASE, .shard = STORE_MONEY_SHARD, .job = TREASURY_JOB,
					 .holder = span_of(s->holder), .lease_ms = lease_ms };
	char verdict[16];

	if (!ask(s, &request, verdict, &s->fence, why))
		return false;
	return strcmp(verdict, "ok") == 0 ||
	       complain(why, 0, "a daemon holds the lease of the treasury: stop all of them, or wait 15 seconds when "
			"the last one has stopped");
}

struct restore_store *restore_store_open(const char *address, struct complaint *why)
{
	struct restore_store *s = memory_zeroes(1, sizeof(*s));

	snprintf(s->holder, sizeof(s->holder), "restore-%d", (int)getpid());
	s->link = money_journal_link(address, why);
	if (s->link != NULL && lease(s, LEASE_MS, why))
		return s;
	if (s->link != NULL)
		redisFree(s->link);
	free(s);
	return NULL;
}

void restore_store_close(struct restore_store *s)
{
	struct complaint ignored = { .text = "" };

	if (s == NULL)
		return;
	/* One millisecond: it is over when the next one asks. */
	(void)lease(s, 1, &ignored);
	redisFree(s->link);
	arena_release(&s->arena);
	free(s);
}

bool restore_store_append(struct restore_store *s, const struct money_line *line, struct span json, struct complaint *why)
{
	struct store_money money = { .seq = line->seq, .at_ms = line->at_ms, .key = line->key, .record = json,
				     .skew_ms = SKEW_MS };
	struct store_request request = { .op = STORE_MONEY_APPEND, .money = &money, .job = TREASURY_JOB, .fence = s->fence };
	char verdict[16];
	uint64_t seq;

	if (line->key.len == 0 || line->key.len > STORE_MONEY_KEY_MAX || json.len > STORE_MONEY_RECORD_MAX)
		return complain(why, 0, "record %llu is none that a store takes", (unsigned long long)line->seq);
	if (++s->appended % RENEW_RECORDS == 0 && !lease(s, LEASE_MS, why))
		return false;
	request.fence = s->fence;
	memcpy(money.prev, line->prev, sizeof(money.prev));
	memcpy(money.hash, line->hash, sizeof(money.hash));
	memcpy(money.print, line->print, sizeof(money.print));
	if (!ask(s, &request, verdict, &seq, why))
		return false;
	return (strcmp(verdict, "ok") == 0 && seq == line->seq) ||
	       complain(why, 0, "the store does not take record %llu: %s", (unsigned long long)line->seq, verdict);
}
