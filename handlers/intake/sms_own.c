/*
 * A tip and its own sender; see sms_own.h.
 */
#include "handlers/intake/sms_own.h"

#include "daemon/base/table.h"
#include "daemon/base/wipe.h"
#include "daemon/loop/loop.h"
#include "daemon/store/wait.h"
#include "daemon/sys/log.h"
#include "daemon/sys/week_keys.h"
#include "handlers/intake/supplement.h"

#define TRIES 4
#define HOPS_MAX 40   /* transfers between shards that are followed: there are 35 */

enum own_step {
	STEP_READ,
	STEP_FOUND,
	STEP_CHANGED,
};

struct own_flow {
	struct sms_own_asked asked;
	void (*done)(void *who, const struct sms_own_answer *answer);
	void *who;
	struct sms_own_answer answer;
	struct seal_key tip_key;
	struct store_reply read, changed;
	unsigned hops, tries;
};

static enum flow_next finish(struct own_flow *o, enum sms_own_end end)
{
	o->answer.end = end;
	return FLOW_DONE;
}

static enum flow_next step_read(struct flow *flow)
{
	struct own_flow *o = flow_state(flow);

	return store_wait_flow(flow, o->asked.store, &(struct store_request){ .op = STORE_READ, .id = o->answer.id },
			       &o->read);
}

/* The same tail, the region's two digits. */
static enum flow_next follow(struct flow *flow, struct own_flow *o, const struct store_row *row)
{
	if (++o->hops > HOPS_MAX)
		return FLOW_FAIL;
	memcpy(o->answer.id.text, row->region, 2);
	flow_jump(flow, STEP_READ);
	return FLOW_NEXT;
}

static enum flow_next add(struct flow *flow, struct own_flow *o, const struct store_row *row)
{
	struct arena *arena = flow_arena(flow);
	struct supplement words = { .text = o->asked.text };
	struct store_change change;
	struct span sealed;

	if (!supplement_may(row) ||
	    week_keys_uncover(o->asked.weeks, &row->id, COVER_CONTENT, row->sealed, arena, &sealed) != WEEK_KEY_FOUND ||
	    !seal_tip_key_by_receipt(&row->id, sealed, &o->asked.tip->receipt_key, &o->tip_key))
		return finish(o, SMS_OWN_REFUSED);
	if (supplement_said(row, &o->tip_key, &words, arena))
		return finish(o, SMS_OWN_ADDED);
	supplement_change(row, &o->tip_key, &words, false, o->asked.now_ms, arena, &change);
	change.named = o->asked.named;
	return store_wait_flow(flow, o->asked.store, &(struct store_request){ .op = STORE_CHANGE, .change = &change },
			       &o->changed);
}

static enum flow_next step_found(struct flow *flow)
{
	struct own_flow *o = flow_state(flow);
	const struct store_row *row = o->read.rows;

	if (o->read.outcome != STORE_DONE)
		return FLOW_FAIL;
	if (o->read.verdict == STORE_ABSENT || o->read.nrows == 0)
		return finish(o, SMS_OWN_REFUSED);
	if (row->state == TIP_TRANSFERRED)
		return follow(flow, o, row);
	o->answer.state = row->state;
	if (o->asked.text.len == 0 || (o->asked.open_only && (row->state == TIP_CLOSED || row->state == TIP_ERASED)))
		return finish(o, SMS_OWN_READ);
	return add(flow, o, row);
}

/* Somebody else was quicker, or nobody knows: what is there now tells. */
static enum flow_next step_changed(struct flow *flow)
{
	struct own_flow *o = flow_state(flow);

	if (o->changed.outcome == STORE_DONE && o->changed.verdict == STORE_REPEATED)
		return finish(o, SMS_OWN_BEFORE);
	if (o->changed.outcome == STORE_DONE && o->changed.verdict != STORE_CONFLICT)
		return finish(o, o->changed.verdict == STORE_OK || o->changed.verdict == STORE_ALREADY ? SMS_OWN_ADDED
												       : SMS_OWN_REFUSED);
	if (++o->tries >= TRIES)
		return FLOW_FAIL;
	flow_jump(flow, STEP_READ);
	return FLOW_NEXT;
}

static void end(struct flow *flow, bool well)
{
	struct own_flow *o = flow_state(flow);

	if (!well)
		o->answer.end = SMS_OWN_AWAY;
	if (o->asked.text.len > 0)
		log_event(LOG_LEVEL_INFO, "sms.supplement", "id", o->answer.id.text, "added",
			  o->answer.end == SMS_OWN_ADDED ? "yes" : NULL, "ms", log_u64(flow_age_ms(flow)), NULL);
	wipe(&o->tip_key, sizeof(o->tip_key));
	o->done(o->who, &o->answer);
}

static const struct flow_step own_steps[] = {
	[STEP_READ] = { .name = "read", .run = step_read },
	[STEP_FOUND] = { .name = "found", .run = step_found },
	[STEP_CHANGED] = { .name = "changed", .run = step_changed },
};

static const struct flow_kind own_kind = {
	.name = "sms_own",
	.steps = own_steps,
	.nsteps = COUNT_OF(own_steps),
	.state_bytes = sizeof(struct own_flow),
	.timeout_ms = 15000,
	.end = end,
};

void sms_own_ask(const struct sms_own_asked *asked, void (*done)(void *who, const struct sms_own_answer *answer),
		 void *who)
{
	struct own_flow *o = flow_state(flow_start(asked->loop, &own_kind, NULL, NULL));

	o->asked = *asked;
	o->answer.id = asked->tip->id;
	o->done = done;
	o->who = who;
}
