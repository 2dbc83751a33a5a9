/*
 * How the treasury writes: decide on the book as it is, append, and find out
 * what became of it.
 */
#include "daemon/jobs/treasury_inside.h"

#include "daemon/sys/log.h"

#define TRIES_MAX 100
#define LOST_REST_MS 50
#define REFUSED_REST_MS 1000
/* Who lost a race has to read before it can try again: a winner in a hurry would win for ever. */
#define IN_A_ROW 8
#define LET_OTHERS_MS 4
#define OTHERS_SEEN_MS 2000

_Static_assert(RECORD_HASH_BYTES == STORE_HASH_BYTES && RECORD_BYTES_MAX <= STORE_MONEY_RECORD_MAX,
	       "what the book decides fits into the store");

static bool is_due(const struct treasury *t)
{
	return t->working->wait.done == NULL && !t->working->restores;
}

/* --- answers ---------------------------------------------------------------------------- */

static void let_others(struct treasury *t)
{
	if (++t->in_a_row < IN_A_ROW)
		return;
	t->in_a_row = 0;
	if (t->others_ms > 0 && treasury_loop_ms(t) - t->others_ms < OTHERS_SEEN_MS)
		treasury_rest(t, LET_OTHERS_MS);
}

void treasury_finish(struct treasury *t)
{
	struct treasury_answer answer = { .outcome = TREASURY_DONE, .record = &t->record, .json = t->money.record };

	t->figures.appended++;
	if (is_due(t))
		t->due_rest_ms = 0;
	let_others(t);
	if (is_due(t) && t->env.errand != NULL)
		t->env.errand(t->env.ctx, &t->record);
	treasury_answer(t, &answer);
}

static void refuse(struct treasury *t, const struct book_refusal *refusal)
{
	t->figures.refused++;
	if (t->working->wait.done == NULL)
		log_rarely(LOG_LEVEL_ERROR, "treasury.due_refused", refusal->code);
	if (t->working->restores)
		treasury_rest(t, REFUSED_REST_MS);
	treasury_answer(t, &(struct treasury_answer){ .outcome = TREASURY_REFUSED, .refusal = refusal });
}

/* --- what was recorded before -------------------------------------------------------------- */

static void repeated_answered(void *ctx, const struct store_reply *reply)
{
	struct treasury *t = ctx;
	struct treasury_answer answer = { .outcome = TREASURY_AWAY };
	struct complaint why;

	if (!treasury_wanted(t))
		return;
	if (reply->outcome == STORE_DONE && reply->nevents == 1 && reply->events[0].number == t->repeated) {
		arena_clear(&t->arena);
		answer.json = arena_dup(&t->arena, reply->events[0].json);
		if (record_read(answer.json, &t->arena, &t->record, &why)) {
			answer.outcome = TREASURY_DONE;
			answer.repeated = true;
			answer.record = &t->record;
		}
	}
	treasury_answer(t, &answer);
	treasury_pump(t);
}

static void read_repeated(struct treasury *t)
{
	treasury_ask(t, &(struct store_request){ .op = STORE_MONEY_READ, .from = t->repeated, .max = 1 },
		     repeated_answered);
}

/* --- what became of an append ------------------------------------------------------------------ */

/* Once more on the book as it will be; not for ever. */
static void decide_again(struct treasury *t)
{
	t->lost = false;
	t->money.seq = 0;
	if (++t->working->tries >= TRIES_MAX)
		treasury_end(t, TREASURY_AWAY);
}

static void lose(struct treasury *t)
{
	t->figures.lost += !t->lost;
	t->lost = true;
	treasury_rest(t, LOST_REST_MS);
	log_rarely(LOG_LEVEL_WARNING, "treasury.answer_lost", "a record was sent and not answered");
}

static void judged(struct treasury *t, const struct store_reply *reply)
{
	switch (reply->verdict) {
	case STORE_OK:
		treasury_take_own(t);
		treasury_finish(t);
		return;
	case STORE_ALREADY:
		/* By this very request, whose answer was lost, or by the same command elsewhere: the journal tells. */
		t->reading = true;
		return;
	case STORE_COLLISION:
	case STORE_CONFLICT:
		t->figures.conflicts++;
		t->reading = true;
		decide_again(t);
		return;
	case STORE_FENCED:
		t->leading = false;
		treasury_end(t, TREASURY_AWAY);
		return;
	case STORE_UNTIMELY:
		decide_again(t);
		return;
	case STORE_REPEATED:
	case STORE_ABSENT:
		/* No append is answered so: whoever did, it is asked again. */
		lose(t);
		return;
	}
}

static void append_answered(void *ctx, const struct store_reply *reply)
{
	struct treasury *t = ctx;

	if (!treasury_wanted(t))
		return;
	switch (reply->outcome) {
	case STORE_DONE:
		treasury_clock(t, reply->now_ms);
		t->head_seq = reply->head.seq;
		judged(t, reply);
		break;
	case STORE_UNKNOWN:
		lose(t);
		break;
	case STORE_NOT_SENT:
	case STORE_BROKEN:
		/* Nothing was changed by this call; what an earlier one did is still not known. */
		t->reading = true;
		if (t->lost)
			treasury_rest(t, LOST_REST_MS);
		else
			treasury_end(t, TREASURY_AWAY);
		break;
	}
	treasury_pump(t);
}

static void send(struct treasury *t)
{
	bool due = is_due(t);

	treasury_ask(t,
		     &(struct store_request){ .op = STORE_MONEY_APPEND,
					      .money = &t->money,
					      .job = due ? TREASURY_JOB : NULL,
					      .fence = due ? t->fence : 0 },
		     append_answered);
}

/* --- deciding ------------------------------------------------------------------------------------ */

static void fill(struct treasury *t)
{
	struct store_money *money = &t->money;

	*money = (struct store_money){ .seq = t->record.seq,
				       .at_ms = t->record.at_ms,
				       .key = t->record.key,
				       .record = record_write(&t->record, &t->arena) };
	memcpy(money->prev, t->record.prev, sizeof(money->prev));
	memcpy(money->hash, t->record.hash, sizeof(money->hash));
	memcpy(money->print, t->record.print, sizeof(money->print));
}

/* Others wrote what the command does not know of: only whoever made it can make it anew. */
static bool moved(struct treasury *t)
{
	static const struct book_refusal refusal = { .status = 409, .code = "MOVED",
						     .detail = "what it was made from has changed" };
	const struct treasury_wait *wait = &t->working->wait;

	if (wait->still == NULL || wait->still(wait->ctx))
		return false;
	refuse(t, &refusal);
	return true;
}

static void decide(struct treasury *t)
{
	struct book_refusal *refusal;

	arena_clear(&t->arena);
	refusal = arena_new(&t->arena, struct book_refusal);
	switch (book_decide(t->book, &t->working->command, treasury_now_ms(t), &t->arena, &t->record, &t->repeated,
			    refusal)) {
	case BOOK_RECORD:
		t->repeated = 0;
		fill(t);
		send(t);
		return;
	case BOOK_REPEATED:
		read_repeated(t);
		return;
	case BOOK_REFUSED:
		refuse(t, refusal);
		return;
	}
}

void treasury_work(struct treasury *t)
{
	/* With a number it was sent before: by the same bytes one learns what became of it, if the journal has not told. */
	if (t->money.seq > book_seq(t->book))
		send(t);
	else if (t->money.seq > 0)
		decide_again(t);   /* its number is another record's */
	else if (!moved(t))
		decide(t);
}
