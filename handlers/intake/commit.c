/*
 * Group commit; see commit.h.
 *
 * Between the call and its answer the batch holds the flows' references and
 * the tips' addresses. A flow outlives the store's own time-out, so that an
 * answer of "unknown" still finds the tip's bytes and the spool can take them.
 */
#include "handlers/intake/commit.h"

#include "daemon/base/mark_map.h"
#include "daemon/core/tip/promise.h"
#include "daemon/loop/loop.h"
#include "daemon/sys/log.h"
#include "daemon/sys/random.h"

#include <assert.h>
#include <stdlib.h>

#define BATCH_MAX 256
/*
 * Calls under way at once. Two keep daemon and store busy side by side; a tip
 * that comes meanwhile waits for one of them and shares the next one's
 * signature and fsync with all others that wait.
 */
#define CALLS_MAX 2
#define ANSWERS_MAX 8192   /* answers to named requests at hand, some 700 bytes each */
#define KEPT_MAX 4096   /* data keys remembered: 35 bureaus make 210 an hour */

struct batch_row {
	struct flow_ref flow;
	struct commit_tip *tip;
};

struct batch {
	struct commit *commit;
	struct batch *next;    /* in commit->ready */
	size_t n;
	struct batch_row rows[BATCH_MAX];
};

/* The sealed answer to a named request that was accepted not long ago. */
struct recent {
	unsigned char mark[STORE_MARK_BYTES];
	unsigned char digest[STORE_MARK_BYTES];
	struct buf answer;
};

struct commit {
	struct commit_env env;
	struct commit_figures figures;
	struct batch *open;    /* the one that has room, or NULL */
	struct batch *ready;   /* those that wait for a call to end, oldest first */
	unsigned calls;        /* under way */
	struct recent *recent; /* ring of ANSWERS_MAX, allocated with the commit */
	size_t next_recent;
	struct mark_map recent_marks;  /* request mark -> place in the ring */
	struct mark_map kept;  /* shard and id of data keys that the store has, since... */
	unsigned kept_links;   /* ...it came up this often */
};

struct commit *commit_new(const struct commit_env *env)
{
	struct commit *commit = calloc(1, sizeof(*commit));

	assert(commit != NULL);
	commit->env = *env;
	mark_map_init(&commit->kept, random_u64());
	mark_map_init(&commit->recent_marks, random_u64());
	commit->recent = calloc(ANSWERS_MAX, sizeof(*commit->recent));
	assert(commit->recent != NULL);
	return commit;
}

void commit_free(struct commit *commit)
{
	if (commit == NULL)
		return;
	while (commit->ready != NULL) {
		struct batch *batch = commit->ready;

		commit->ready = batch->next;
		free(batch);
	}
	for (size_t i = 0; i < ANSWERS_MAX; i++)
		buf_release(&commit->recent[i].answer);
	free(commit->recent);
	mark_map_release(&commit->recent_marks);
	mark_map_release(&commit->kept);
	free(commit);
}

const struct commit_figures *commit_figures(const struct commit *commit)
{
	return &commit->figures;
}

/* --- before the call: promises and kept answers ------------------------------ */

/* Memory of the flow of a row. */
static struct arena *arena_of(const struct batch *batch, size_t i)
{
	struct flow *flow = flow_resolve(batch->commit->env.loop, batch->rows[i].flow);

	assert(flow != NULL);
	return flow_arena(flow);
}

/* Leaves out rows whose flow timed out while the batch waited for its turn. */
static void drop_ended(struct batch *batch)
{
	size_t n = 0;

	for (size_t i = 0; i < batch->n; i++)
		if (flow_resolve(batch->commit->env.loop, batch->rows[i].flow) != NULL)
			batch->rows[n++] = batch->rows[i];
	batch->n = n;
}

/* One signature for the whole batch, then each tip's own promise. */
static void promise_all(struct commit *commit, struct batch *batch)
{
	struct promise_leaf leaves[BATCH_MAX];
	struct promise_batch promises;
	struct arena arena = { 0 };
	struct buf text = { 0 };
	char signed_text[PROMISE_TEXT_MAX];

	for (size_t i = 0; i < batch->n; i++) {
		const struct store_tip *tip = &batch->rows[i].tip->tip;

		leaves[i].received_ms = tip->received_ms;
		memcpy(leaves[i].commitment, tip->commitment.at, sizeof(leaves[i].commitment));
	}
	promise_batch_make(leaves, batch->n, &arena, &promises);
	keys_sign_promise(commit->env.keys, promise_batch_text(&promises, signed_text), promises.signature);
	memcpy(promises.key, keys_promise_public(commit->env.keys), sizeof(promises.key));
	for (size_t i = 0; i < batch->n; i++) {
		buf_clear(&text);
		promise_write(&promises, i, &text);
		batch->rows[i].tip->promise = arena_dup(arena_of(batch, i), buf_span(&text));
	}
	buf_release(&text);
	arena_release(&arena);
}

static void keep_answer(struct commit_tip *tip, struct arena *arena)
{
	struct buf clear = { 0 };
	struct buf sealed = { 0 };

	if (tip->answer_key == NULL)
		return;
	buf_add(&clear, tip->tip.id.text, TIP_ID_LEN);
	buf_add(&clear, tip->receipt.digits, RECEIPT_DIGITS);
	buf_add_span(&clear, tip->promise);
	seal_blob(tip->answer_key, "answer", buf_span(&clear), &sealed);
	tip->tip.answer = arena_dup(arena, buf_span(&sealed));
	buf_release(&clear);
	buf_release(&sealed);
}

/* --- the spool ------------------------------------------------------------------ */

static bool marked(const struct store_tip *tip)
{
	static const unsigned char none[STORE_MARK_BYTES];

	return memcmp(tip->request_mark, none, sizeof(none)) != 0;
}

static void repeat(struct commit_tip *tip, struct flow *flow, struct span answer,
		   const unsigned char digest[STORE_MARK_BYTES])
{
	tip->end = COMMIT_REPEATED;
	tip->first_answer = arena_dup(flow_arena(flow), answer);
	memcpy(tip->first_digest, digest, STORE_MARK_BYTES);
}

/*
 * While the store is away nobody can ask it for the answer that a request was
 * given before; the latest ones are at hand here, so that a delivery that is
 * repeated during an outage gets the first answer, byte for byte.
 */
static void remember_answer(struct commit *commit, const struct store_tip *tip)
{
	struct recent *recent = &commit->recent[commit->next_recent];
	uint64_t place;

	if (!marked(tip) || mark_map_get(&commit->recent_marks, tip->request_mark, &place))
		return;
	if (recent->answer.len > 0)
		mark_map_drop(&commit->recent_marks, recent->mark);
	memcpy(recent->mark, tip->request_mark, sizeof(recent->mark));
	memcpy(recent->digest, tip->request_digest, sizeof(recent->digest));
	buf_clear(&recent->answer);
	buf_add_span(&recent->answer, tip->answer);
	mark_map_set(&commit->recent_marks, recent->mark, commit->next_recent);
	commit->next_recent = (commit->next_recent + 1) % ANSWERS_MAX;
}

static bool recent_repeats(struct commit *commit, struct commit_tip *tip, struct flow *flow)
{
	uint64_t place;

	if (!marked(&tip->tip) || !mark_map_get(&commit->recent_marks, tip->tip.request_mark, &place))
		return false;
	repeat(tip, flow, buf_span(&commit->recent[place].answer), commit->recent[place].digest);
	return true;
}

/* A tip with the same request mark earlier in the batch, or NULL. */
static const struct store_tip *earlier(const struct store_tip *tips, size_t n, const struct store_tip *tip)
{
	for (size_t i = 0; marked(tip) && i < n; i++)
		if (memcmp(tips[i].request_mark, tip->request_mark, STORE_MARK_BYTES) == 0)
			return &tips[i];
	return NULL;
}

/* The first answer to this request when it waits in the spool or goes there now. */
static bool spool_repeats(struct commit *commit, const struct store_tip *tips, size_t n, struct batch_row *row,
			  struct flow *flow)
{
	const struct store_tip *first = earlier(tips, n, &row->tip->tip);
	struct store_tip waiting;

	if (first == NULL && marked(&row->tip->tip) &&
	    spool_find_request(commit->env.spool, row->tip->tip.request_mark, &waiting))
		first = &waiting;
	if (first == NULL)
		return recent_repeats(commit, row->tip, flow);
	repeat(row->tip, flow, first->answer, first->request_digest);
	return true;
}

static void resume(struct commit *commit, struct batch_row *row)
{
	switch (row->tip->end) {
	case COMMIT_STORED:
		commit->figures.stored++;
		break;
	case COMMIT_SPOOLED:
		commit->figures.spooled++;
		break;
	case COMMIT_REPEATED:
	case COMMIT_KNOWN:
		commit->figures.repeated++;
		break;
	case COMMIT_REFUSED:
	case COMMIT_UNKNOWN:
		commit->figures.refused++;
		break;
	case COMMIT_COLLISION:
		break;
	}
	flow_resume(commit->env.loop, row->flow);
}

/* `otherwise`: how it ends for tips that the spool does not take. */
static void batch_to_spool(struct commit *commit, struct batch *batch, enum commit_end otherwise)
{
	struct store_tip *tips = calloc(batch->n, sizeof(*tips));
	struct batch_row *kept[BATCH_MAX];
	size_t n = 0;
	bool fine;

	assert(tips != NULL);
	for (size_t i = 0; i < batch->n; i++) {
		struct batch_row *row = &batch->rows[i];
		struct flow *flow = flow_resolve(commit->env.loop, row->flow);

		if (flow == NULL)
			continue;
		if (spool_repeats(commit, tips, n, row, flow)) {
			resume(commit, row);
			continue;
		}
		kept[n] = row;
		tips[n++] = row->tip->tip;
	}
	fine = n == 0 || spool_append(commit->env.spool, tips, n);
	for (size_t i = 0; i < n; i++) {
		kept[i]->tip->end = fine ? COMMIT_SPOOLED : otherwise;
		if (fine)
			remember_answer(commit, &tips[i]);
		resume(commit, kept[i]);
	}
	free(tips);
}

/*
 * A data key goes along until the store has confirmed a tip with it; after
 * that only its id stands in the sealed content. A store that went away and
 * came back may be another one: all keys go along again.
 */
static void key_mark(const struct store_tip *tip, unsigned char mark[MARK_BYTES])
{
	memset(mark, 0, MARK_BYTES);
	memcpy(mark, tip->id.text, 2);
	memcpy(mark + 2, tip->data_key.id, STORE_DATA_KEY_ID_BYTES);
}

static void leave_out_kept_key(struct commit *commit, struct store_tip *tip)
{
	unsigned char mark[MARK_BYTES];
	uint64_t there;

	if (commit->kept_links != commit->env.store->links) {
		mark_map_release(&commit->kept);
		commit->kept_links = commit->env.store->links;
	}
	key_mark(tip, mark);
	if (mark_map_get(&commit->kept, mark, &there))
		tip->data_key = (struct store_data_key){ .sealed = { .len = 0 } };
}

static void remember_kept_key(struct commit *commit, const struct store_tip *tip)
{
	unsigned char mark[MARK_BYTES];

	if (commit->kept_links != commit->env.store->links)
		return;
	if (commit->kept.n >= KEPT_MAX)
		mark_map_release(&commit->kept);
	key_mark(tip, mark);
	mark_map_set(&commit->kept, mark, 1);
}

/* --- the store -------------------------------------------------------------------- */

static void settle(struct commit *commit, struct batch_row *row, const struct store_reply *reply, size_t i)
{
	struct flow *flow = flow_resolve(commit->env.loop, row->flow);

	if (flow == NULL)
		return;
	switch (reply->accepted[i].verdict) {
	case STORE_ALREADY:
		/* Only a named request draws an id twice; what is stored is its first delivery, not these bytes. */
		row->tip->end = marked(&row->tip->tip) ? COMMIT_KNOWN : COMMIT_STORED;
		break;
	case STORE_OK:
		row->tip->end = COMMIT_STORED;
		remember_answer(commit, &row->tip->tip);
		remember_kept_key(commit, &row->tip->tip);
		if (row->tip->tip.outbox.len > 0 && commit->env.outbox_written != NULL)
			commit->env.outbox_written(commit->env.ctx, tip_id_shard(&row->tip->tip.id));
		if (commit->env.stored != NULL)
			commit->env.stored(commit->env.ctx, tip_id_shard(&row->tip->tip.id));
		break;
	case STORE_REPEATED:
		repeat(row->tip, flow, reply->accepted[i].answer, reply->accepted[i].digest);
		break;
	case STORE_COLLISION:
		row->tip->end = COMMIT_COLLISION;
		break;
	case STORE_ABSENT:
	case STORE_CONFLICT:
	case STORE_FENCED:
	case STORE_UNTIMELY:
		row->tip->end = COMMIT_REFUSED;
		break;
	}
	resume(commit, row);
}

static void send_ready(void *ctx);

static void stored(void *ctx, const struct store_reply *reply)
{
	struct batch *batch = ctx;
	struct commit *commit = batch->commit;

	commit->calls--;
	if (commit->ready != NULL)
		loop_post_last(commit->env.loop, send_ready, commit);
	if (reply->outcome == STORE_DONE) {
		for (size_t i = 0; i < batch->n; i++)
			settle(commit, &batch->rows[i], reply, i);
	} else {
		log_rarely(LOG_LEVEL_WARNING, "commit.to_spool", "the store did not take a batch");
		batch_to_spool(commit, batch, reply->outcome == STORE_UNKNOWN ? COMMIT_UNKNOWN : COMMIT_REFUSED);
	}
	free(batch);
}

static void batch_to_store(struct commit *commit, struct batch *batch)
{
	struct store_tip *tips;

	assert(batch->n > 0);
	tips = calloc(batch->n, sizeof(*tips));
	assert(tips != NULL);
	for (size_t i = 0; i < batch->n; i++) {
		tips[i] = batch->rows[i].tip->tip;
		leave_out_kept_key(commit, &tips[i]);
	}
	commit->calls++;
	store_submit(commit->env.store,
		     &(struct store_request){ .op = STORE_ACCEPT, .tips = tips, .ntips = batch->n },
		     (struct store_wait){ .done = stored, .ctx = batch });
	free(tips);
	for (size_t i = 0; i < batch->n; i++)
		if (batch->rows[i].tip->sent != NULL)
			batch->rows[i].tip->sent(batch->rows[i].tip->sent_ctx);
}

/* --- gathering ----------------------------------------------------------------------- */

static void send_batch(struct commit *commit, struct batch *batch)
{
	if (commit->open == batch)
		commit->open = NULL;
	drop_ended(batch);
	if (batch->n == 0) {
		free(batch);
		return;
	}
	commit->figures.batches++;
	promise_all(commit, batch);
	for (size_t i = 0; i < batch->n; i++)
		keep_answer(batch->rows[i].tip, arena_of(batch, i));
	if (store_takes(commit->env.store) && spool_figures(commit->env.spool)->depth == 0) {
		batch_to_store(commit, batch);
	} else {
		batch_to_spool(commit, batch, COMMIT_REFUSED);
		free(batch);
	}
}

/* At the end of a turn: what is ready goes out, as far as calls may be under way. */
static void send_ready(void *ctx)
{
	struct commit *commit = ctx;

	while (commit->ready != NULL && commit->calls < CALLS_MAX) {
		struct batch *batch = commit->ready;

		commit->ready = batch->next;
		send_batch(commit, batch);
	}
}

static struct batch *batch_new(struct commit *commit)
{
	struct batch *batch = calloc(1, sizeof(*batch));
	struct batch **last = &commit->ready;

	assert(batch != NULL);
	batch->commit = commit;
	while (*last != NULL)
		last = &(*last)->next;
	*last = batch;
	return batch;
}

enum flow_next commit_add(struct commit *commit, struct flow *flow, struct commit_tip *tip)
{
	struct batch *batch = commit->open;

	if (batch == NULL) {
		batch = batch_new(commit);
		commit->open = batch;
		loop_post_last(commit->env.loop, send_ready, commit);
	}
	batch->rows[batch->n++] = (struct batch_row){ .flow = flow_ref(flow), .tip = tip };
	if (batch->n == BATCH_MAX)
		commit->open = NULL;
	return FLOW_WAIT;
}
