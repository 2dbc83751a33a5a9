/*
 * Words for a tip that is there; see sms_late.h.
 *
 *   read   the tip, wherever it went            waits
 *   open   with its code; is it there already?
 *   added  the change                           waits; on a conflict from the start
 */
#include "handlers/intake/sms_late.h"

#include "daemon/base/table.h"
#include "daemon/base/wipe.h"
#include "daemon/core/tip/seal.h"
#include "daemon/store/wait.h"
#include "daemon/sys/week_keys.h"
#include "handlers/intake/supplement.h"

#define TRIES 4
#define HOPS_MAX 40          /* transfers between shards: there are 35 */
#define WAIT_MS 15000

enum step {
	STEP_READ,
	STEP_OPEN,
	STEP_ADDED,
};

struct adding {
	struct sms_late asked;
	void (*done)(void *ctx, enum sms_late_end end);
	void *ctx;
	struct seal_key tip_key;
	struct store_reply read, changed;
	unsigned hops, tries;
	bool opened;
	enum sms_late_end end;
};

static enum flow_next finish(struct adding *a, enum sms_late_end end)
{
	a->end = end;
	return FLOW_DONE;
}

static enum flow_next step_read(struct flow *flow)
{
	struct adding *a = flow_state(flow);

	return store_wait_flow(flow, a->asked.store, &(struct store_request){ .op = STORE_READ, .id = a->asked.id }, &a->read);
}

static bool open_tip(struct adding *a, const struct store_row *row, struct arena *arena)
{
	struct seal_key receipt_key;
	struct span sealed;

	if (a->opened)
		return true;
	seal_key_from_receipt(&a->asked.code, &receipt_key);
	a->opened = week_keys_uncover(a->asked.weeks, &row->id, COVER_CONTENT, row->sealed, arena, &sealed) == WEEK_KEY_FOUND &&
		    seal_tip_key_by_receipt(&row->id, sealed, &receipt_key, &a->tip_key);
	wipe(&receipt_key, sizeof(receipt_key));
	return a->opened;
}

static bool is_there(const struct adding *a, const struct store_row *row, struct arena *arena)
{
	for (size_t i = row->nmessages; i > 0; i--) {
		struct tip_message message;

		if (seal_open_message(&row->id, row->messages[i - 1], &a->tip_key, arena, &message) &&
		    message.kind == MESSAGE_FROM_INFORMANT && message.at_ms == a->asked.at_ms &&
		    span_eq(message.text, a->asked.text))
			return true;
	}
	return false;
}

static enum flow_next add(struct flow *flow, struct adding *a, const struct store_row *row)
{
	struct supplement words = { .text = a->asked.text };
	struct store_change change;

	supplement_change(row, &a->tip_key, &words, false, a->asked.at_ms, flow_arena(flow), &change);
	return store_wait_flow(flow, a->asked.store, &(struct store_request){ .op = STORE_CHANGE, .change = &change },
			       &a->changed);
}

static enum flow_next follow(struct flow *flow, struct adding *a, const struct store_row *row)
{
	memcpy(a->asked.id.text, row->region, 2);
	a->hops++;
	flow_jump(flow, STEP_READ);
	return FLOW_NEXT;
}

static enum flow_next step_open(struct flow *flow)
{
	struct adding *a = flow_state(flow);
	const struct store_row *row = a->read.rows;

	if (a->read.outcome != STORE_DONE)
		return finish(a, SMS_LATE_AGAIN);
	/* A transferred tip that has not arrived yet is under way. */
	if (a->read.verdict == STORE_ABSENT || a->read.nrows == 0)
		return finish(a, a->hops > 0 ? SMS_LATE_AGAIN : SMS_LATE_REFUSED);
	if (!open_tip(a, row, flow_arena(flow)))
		return finish(a, SMS_LATE_REFUSED);
	if (row->state == TIP_TRANSFERRED && a->hops < HOPS_MAX)
		return follow(flow, a, row);
	if (is_there(a, row, flow_arena(flow)))
		return finish(a, SMS_LATE_ADDED);
	return supplement_may(row) ? add(flow, a, row) : finish(a, SMS_LATE_REFUSED);
}

static enum flow_next step_added(struct flow *flow)
{
	struct adding *a = flow_state(flow);

	if (a->changed.outcome == STORE_DONE && a->changed.verdict == STORE_CONFLICT && ++a->tries < TRIES) {
		flow_jump(flow, STEP_READ);
		return FLOW_NEXT;
	}
	if (a->changed.outcome != STORE_DONE || (a->changed.verdict != STORE_OK && a->changed.verdict != STORE_ALREADY))
		return finish(a, SMS_LATE_AGAIN);
	return finish(a, SMS_LATE_ADDED);
}

static void end(struct flow *flow, bool well)
{
	struct adding *a = flow_state(flow);

	wipe(&a->tip_key, sizeof(a->tip_key));
	wipe(&a->asked.code, sizeof(a->asked.code));
	a->done(a->ctx, well ? a->end : SMS_LATE_AGAIN);
}

static const struct flow_step steps[] = {
	[STEP_READ] = { .name = "read", .run = step_read },
	[STEP_OPEN] = { .name = "open", .run = step_open },
	[STEP_ADDED] = { .name = "added", .run = step_added },
};

static const struct flow_kind kind = {
	.name = "late part",
	.steps = steps,
	.nsteps = COUNT_OF(steps),
	.state_bytes = sizeof(struct adding),
	.timeout_ms = WAIT_MS,
	.end = end,
};

void sms_late_add(const struct sms_late *late, void (*done)(void *ctx, enum sms_late_end end), void *ctx)
{
	struct flow *flow = flow_start(late->loop, &kind, NULL, NULL);
	struct adding *a = flow_state(flow);

	*a = (struct adding){ .asked = *late, .done = done, .ctx = ctx };
	a->asked.text = arena_dup(flow_arena(flow), late->text);
}
