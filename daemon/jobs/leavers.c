/*
 * Officers who left; see leavers.h. One shard after the other: who holds tips
 * there, what a leaver among them holds, one release each.
 */
#include "daemon/jobs/leavers.h"

#include "daemon/base/json_out.h"
#include "daemon/store/change.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/log.h"
#include "daemon/sys/accounts.h"
#include "daemon/sys/tokens.h"

#include <assert.h>
#include <stdlib.h>

#define HOLDERS_MAX 1000
#define HELD_MAX 100
/* A claim may wait so long (claim.wait_max_s) and take a tip for somebody who has left meanwhile. */
#define WATCHED_MS 3700000

struct person {
	char name[TOKEN_PERSON_MAX + 1];
	bool valid;              /* has a token or an account that is valid now */
	bool done;               /* left long ago, and holds nothing */
	uint64_t left_ms;        /* when that was noticed; 0: not */
};

struct leavers {
	struct leavers_env env;
	struct loop_timer *timer;
	struct person *seen;     /* everybody who ever had one here */
	size_t nseen, seen_size;
	struct arena arena;      /* of what follows */
	struct span *holders;    /* leavers who hold tips in this shard */
	size_t nholders;
	struct store_change changes[HELD_MAX];
	size_t n, next;
	uint64_t released;
	size_t shard;            /* being worked on */
	bool working;
	bool clean;              /* nothing was found in this round, and nothing failed */
	bool again;              /* kicked during a round */
	bool closing;
};

static void next_shard(struct leavers *l);
static void next_holder(struct leavers *l);

static void free_all(struct leavers *l)
{
	arena_release(&l->arena);
	free(l->seen);
	free(l);
}

/* False when the job is going away; memory is freed then. */
static bool still_wanted(struct leavers *l)
{
	if (!l->closing)
		return true;
	free_all(l);
	return false;
}

/* --- who left ---------------------------------------------------------------------------------- */

static struct person *person_find(struct leavers *l, struct span name)
{
	for (size_t i = 0; i < l->nseen; i++)
		if (span_is(name, l->seen[i].name))
			return &l->seen[i];
	return NULL;
}

static struct person *person_add(struct leavers *l, const char *name)
{
	struct person *person;

	if (l->nseen == l->seen_size) {
		l->seen_size = l->seen_size > 0 ? 2 * l->seen_size : 32;
		l->seen = realloc(l->seen, l->seen_size * sizeof(*l->seen));
		assert(l->seen != NULL);
	}
	person = &l->seen[l->nseen++];
	*person = (struct person){ .valid = false };
	memcpy(person->name, name, strlen(name) + 1);
	return person;
}

static struct person *person_of(struct leavers *l, const char *name)
{
	struct person *person = person_find(l, span_of(name));

	return person != NULL ? person : person_add(l, name);
}

static bool works_now(const struct account *account, int64_t now_ms)
{
	bool any = false;

	for (size_t i = 0; i < account->ngrants; i++)
		any |= account_grant_holds(&account->grants[i], now_ms);
	return any && account->state == ACCOUNT_ACTIVE;
}

/* Everybody in the files as they were read last, and who of them is valid now. */
static void note_persons(struct leavers *l, int64_t now_ms)
{
	size_t naccounts = l->env.accounts != NULL ? accounts_count(l->env.accounts) : 0;

	for (size_t i = 0; i < l->nseen; i++)
		l->seen[i].valid = false;
	for (size_t i = 0; i < tokens_count(l->env.tokens); i++) {
		const struct token *token = tokens_at(l->env.tokens, i);

		assert(token != NULL);
		person_of(l, token->person)->valid |= token->expires_ms == 0 || token->expires_ms > now_ms;
	}
	for (size_t i = 0; i < naccounts; i++) {
		const struct account *account = accounts_at(l->env.accounts, i);

		assert(account != NULL);
		person_of(l, account->person)->valid |= works_now(account, now_ms);
	}
}

/* Looks at the files as they were, then as they are; true when somebody has left. */
static bool look_at_persons(struct leavers *l)
{
	struct complaint ignored = { .text = "" };
	bool left = false;

	note_persons(l, clock_wall_ms());
	tokens_refresh(l->env.tokens, NULL);
	if (l->env.accounts != NULL)
		(void)accounts_refresh(l->env.accounts, &ignored);
	note_persons(l, clock_wall_ms());
	for (size_t i = 0; i < l->nseen; i++) {
		struct person *person = &l->seen[i];

		if (person->valid) {
			person->left_ms = 0;
			person->done = false;
		} else if (person->left_ms == 0) {
			person->left_ms = loop_now_ms(l->env.loop);
		}
		left |= !person->valid && !person->done;
	}
	return left;
}

/* --- releasing ------------------------------------------------------------------------------------ */

static void submit(struct leavers *l, struct store_request *request,
		   void (*done)(void *ctx, const struct store_reply *reply))
{
	memcpy(request->shard, l->env.shards[l->shard], sizeof(request->shard));
	store_submit(l->env.store, request, (struct store_wait){ .done = done, .ctx = l });
}

static struct span event_of(const struct store_row *row, struct arena *arena)
{
	struct buf text = { 0 };
	struct json_out json = json_out_to(&text);
	struct span event;

	json_open(&json, '{');
	json_text(&json, "e", SPAN("released"));
	json_text(&json, "id", span_of(row->id.text));
	json_i64(&json, "at", clock_wall_ms());
	json_text(&json, "region", span_of(row->region));
	json_u64(&json, "points", row->points);
	json_text(&json, "why", SPAN("left"));
	json_text(&json, "holder", row->holder);
	json_close(&json, '}');
	event = arena_dup(arena, buf_span(&text));
	buf_release(&text);
	return event;
}

static void plan(struct leavers *l, const struct store_row *row)
{
	const struct tip_move *move = tip_move_find(row->state, TIP_EV_RELEASE, TIP_BY_SYSTEM);
	struct store_change *change = &l->changes[l->n];

	if (move == NULL)
		return;
	*change = (struct store_change){ .id = row->id, .expect_rev = row->rev, .state = move->to, .points = row->points };
	memcpy(change->region, row->region, sizeof(change->region));
	store_change_follow(change, row, move, (struct span){ 0 });
	change->closer = arena_dup(&l->arena, change->closer);
	change->event = event_of(row, &l->arena);
	l->n++;
}

static void step(struct leavers *l);

static void changed(void *ctx, const struct store_reply *reply)
{
	struct leavers *l = ctx;

	if (!still_wanted(l))
		return;
	if (reply->outcome != STORE_DONE) {
		next_shard(l);
		return;
	}
	if (reply->verdict == STORE_OK) {
		l->released++;
		log_event(LOG_LEVEL_NOTICE, "leavers.released", "id", l->changes[l->next].id.text, NULL);
	}
	l->next++;
	step(l);
}

/* What did not fit into one answer is found by the next round. */
static void step(struct leavers *l)
{
	if (l->next < l->n)
		submit(l, &(struct store_request){ .op = STORE_CHANGE, .change = &l->changes[l->next] }, changed);
	else
		next_holder(l);
}

static void took(void *ctx, const struct store_reply *reply)
{
	struct leavers *l = ctx;

	if (!still_wanted(l))
		return;
	l->clean &= reply->outcome == STORE_DONE && reply->nrows == 0;
	l->n = l->next = 0;
	for (size_t i = 0; reply->outcome == STORE_DONE && i < reply->nrows && i < HELD_MAX; i++)
		plan(l, &reply->rows[i]);
	step(l);
}

static void next_holder(struct leavers *l)
{
	if (l->nholders == 0) {
		next_shard(l);
		return;
	}
	submit(l, &(struct store_request){ .op = STORE_HELD, .holder = l->holders[--l->nholders], .max = HELD_MAX }, took);
}

/* --- rounds ----------------------------------------------------------------------------------------- */

static void found(void *ctx, const struct store_reply *reply)
{
	struct leavers *l = ctx;

	if (!still_wanted(l))
		return;
	l->clean &= reply->outcome == STORE_DONE;
	arena_release(&l->arena);
	l->nholders = 0;
	l->holders = arena_array(&l->arena, struct span, reply->nholders + 1);
	for (size_t i = 0; reply->outcome == STORE_DONE && i < reply->nholders; i++) {
		const struct person *person = person_find(l, reply->holders[i]);

		if (person != NULL && !person->valid)
			l->holders[l->nholders++] = arena_dup(&l->arena, reply->holders[i]);
	}
	next_holder(l);
}

static void work_on_shard(struct leavers *l)
{
	submit(l, &(struct store_request){ .op = STORE_HOLDERS, .max = HOLDERS_MAX }, found);
}

static void begin_round(void *ctx)
{
	struct leavers *l = ctx;

	if (l->working || !look_at_persons(l) || !l->env.store->up || l->env.nshards == 0)
		return;
	l->again = false;
	l->clean = true;
	l->working = true;
	l->shard = 0;
	work_on_shard(l);
}

/* Who left so long ago and holds nothing is not looked for any more. */
static void settle(struct leavers *l)
{
	for (size_t i = 0; i < l->nseen; i++)
		l->seen[i].done = !l->seen[i].valid && l->seen[i].left_ms != 0 &&
				  loop_now_ms(l->env.loop) - l->seen[i].left_ms > WATCHED_MS;
}

static void next_shard(struct leavers *l)
{
	l->working = ++l->shard < l->env.nshards && l->env.store->up;
	if (!l->working && l->shard == l->env.nshards && l->clean)
		settle(l);
	if (l->working)
		work_on_shard(l);
	else if (l->again)
		begin_round(l);
}

struct leavers *leavers_new(const struct leavers_env *env)
{
	struct leavers *l = calloc(1, sizeof(*l));

	assert(l != NULL);
	l->env = *env;
	look_at_persons(l);
	l->timer = loop_every(env->loop, env->period_ms, begin_round, l);
	return l;
}

void leavers_free(struct leavers *l)
{
	if (l == NULL)
		return;
	loop_timer_cancel(l->timer);
	if (l->working)
		l->closing = true;
	else
		free_all(l);
}

void leavers_kick(struct leavers *l)
{
	l->again = true;
	begin_round(l);
}

uint64_t leavers_released(const struct leavers *l)
{
	return l->released;
}
