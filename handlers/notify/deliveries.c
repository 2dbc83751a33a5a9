/*
 * Delivery reports; see deliveries.h.
 *
 * One inquiry a report: our id leads to the record at once, the connector's
 * through what stands under its mark, one form after the other.
 */
#include "handlers/notify/deliveries.h"

#include "daemon/base/hex.h"
#include "daemon/base/memory.h"
#include "daemon/core/sms/report_id.h"
#include "daemon/sys/clock.h"
#include "handlers/notify/outbox_item.h"

#include <stdlib.h>

#define EARLY_KEEP_S 86400u
#define CONFLICTS_MAX 8

struct deliveries {
	struct deliveries_env env;
	size_t open;
	bool leaving;
	struct deliveries_figures figures;
};

struct inquiry {
	struct deliveries *deliveries;
	struct arena arena;
	void (*done)(void *who, bool kept);
	void *who;
	struct span connector;
	struct report_id id;
	size_t form;               /* that is being asked about */
	enum sending_state state;  /* what it says */
	unsigned char mark[16];    /* of the record */
	unsigned part;
	struct sending sending;
	unsigned conflicts;
};

/* --- life ----------------------------------------------------------------------------- */

struct deliveries *deliveries_new(const struct deliveries_env *env)
{
	struct deliveries *deliveries = memory_zeroes(1, sizeof(*deliveries));

	deliveries->env = *env;
	return deliveries;
}

static void free_when_alone(struct deliveries *deliveries)
{
	if (deliveries->leaving && deliveries->open == 0)
		free(deliveries);
}

void deliveries_free(struct deliveries *deliveries)
{
	if (deliveries == NULL)
		return;
	deliveries->leaving = true;
	free_when_alone(deliveries);
}

const struct deliveries_figures *deliveries_figures(const struct deliveries *deliveries)
{
	return &deliveries->figures;
}

static void end(struct inquiry *inquiry, bool kept)
{
	struct deliveries *deliveries = inquiry->deliveries;

	inquiry->done(inquiry->who, kept);
	arena_release(&inquiry->arena);
	free(inquiry);
	deliveries->open--;
	free_when_alone(deliveries);
}

static void ask(struct inquiry *inquiry, const struct store_request *request, void (*done)(void *ctx, const struct store_reply *reply))
{
	store_submit(inquiry->deliveries->env.store, request, (struct store_wait){ .done = done, .ctx = inquiry });
}

static void get_memo(struct inquiry *inquiry, const unsigned char mark[16], void (*done)(void *ctx, const struct store_reply *reply))
{
	struct store_memo memo = { 0 };
	struct store_request request = { .op = STORE_MEMO_GET, .memo = &memo };

	memcpy(memo.mark, mark, sizeof(memo.mark));
	ask(inquiry, &request, done);
}

/* --- the tip's journal -------------------------------------------------------------------- */

bool deliveries_intent(const struct seal_key *key, const struct sending *sending, const unsigned char mark[16],
		    struct arena *arena, struct store_outbox_put *put)
{
	enum sending_state state = sending_whole(sending, 0);
	struct outbox_item item = {
		.kind = OUTBOX_REPORT,
		.report = { .tip = sending->tip, .connector = span_of(sending->connector), .delivered = state == SENDING_DELIVERED },
	};
	struct buf sealed = { 0 };
	struct span name;

	if ((state != SENDING_DELIVERED && state != SENDING_FAILED) || sending->tip.text[0] == '\0' || sending->connector[0] == '\0')
		return false;
	name = span_of(arena_printf(arena, "%s %s", hex_text(arena, mark, 16), sending_state_name(state)));
	outbox_item_seal(key, &item, &sealed);
	*put = (struct store_outbox_put){ .payload = arena_dup(arena, buf_span(&sealed)), .remember_s = SENDING_KEEP_S };
	seal_mark(key, "report told", name, put->mark);
	buf_release(&sealed);
	return true;
}

static void told(void *ctx, const struct store_reply *reply)
{
	struct inquiry *inquiry = ctx;
	const struct deliveries_env *env = &inquiry->deliveries->env;

	if (reply->outcome == STORE_DONE && reply->verdict == STORE_OK && env->written != NULL && !inquiry->deliveries->leaving)
		env->written(env->ctx, span_of(inquiry->sending.shard));
	end(inquiry, reply->outcome == STORE_DONE);
}

/* Also of a report that said nothing new: the daemon may have died before it was told. */
static void tell_tip(struct inquiry *inquiry)
{
	struct store_outbox_put put;
	struct store_request request = { .op = STORE_OUTBOX_PUT, .outbox_put = &put };

	memcpy(request.shard, inquiry->sending.shard, sizeof(request.shard));
	if (deliveries_intent(inquiry->deliveries->env.key, &inquiry->sending, inquiry->mark, &inquiry->arena, &put))
		ask(inquiry, &request, told);
	else
		end(inquiry, true);
}

/* --- the record ------------------------------------------------------------------------------ */

static void record_read(void *ctx, const struct store_reply *reply);

static void record_put(void *ctx, const struct store_reply *reply)
{
	struct inquiry *inquiry = ctx;

	if (reply->outcome != STORE_DONE) {
		end(inquiry, false);
	} else if (reply->verdict == STORE_CONFLICT) {
		if (++inquiry->conflicts > CONFLICTS_MAX)
			end(inquiry, false);
		else
			get_memo(inquiry, inquiry->mark, record_read);
	} else {
		inquiry->deliveries->figures.taken[inquiry->state]++;
		tell_tip(inquiry);
	}
}

static void put_record(struct inquiry *inquiry, struct span was)
{
	struct buf bytes = { 0 };
	struct store_memo memo = { .was = was, .keep_s = SENDING_KEEP_S };
	struct store_request request = { .op = STORE_MEMO_PUT, .memo = &memo };

	sending_seal(inquiry->deliveries->env.key, &inquiry->sending, &bytes);
	memo.sealed = buf_span(&bytes);
	memcpy(memo.mark, inquiry->mark, sizeof(memo.mark));
	ask(inquiry, &request, record_put);
	buf_release(&bytes);
}

static void record_read(void *ctx, const struct store_reply *reply)
{
	struct inquiry *inquiry = ctx;
	struct deliveries *deliveries = inquiry->deliveries;
	enum sending_state from, to;

	if (reply->outcome != STORE_DONE) {
		end(inquiry, false);
		return;
	}
	if (reply->verdict != STORE_OK || !sending_open(deliveries->env.key, reply->memo, &inquiry->sending) ||
	    inquiry->part >= inquiry->sending.nparts) {
		deliveries->figures.early++;
		end(inquiry, true);
		return;
	}
	from = (enum sending_state)inquiry->sending.part[inquiry->part];
	to = sending_forward(from, inquiry->state);
	if (to == from) {
		deliveries->figures.doubled++;
		tell_tip(inquiry);
		return;
	}
	inquiry->sending.part[inquiry->part] = (unsigned char)to;
	put_record(inquiry, reply->memo);
}

/* --- the connector's id ------------------------------------------------------------------------ */

static void next_form(struct inquiry *inquiry);
static void keep_early(struct inquiry *inquiry);

static void form_mark(const struct inquiry *inquiry, unsigned char mark[16])
{
	sending_mark_of_theirs(inquiry->deliveries->env.key, inquiry->connector, inquiry->id.form[inquiry->form], mark);
}

static void follow(struct inquiry *inquiry, const struct sending_alias *alias)
{
	sending_mark_of_ours(inquiry->deliveries->env.key, span_of(alias->our_id), inquiry->mark, &inquiry->part);
	get_memo(inquiry, inquiry->mark, record_read);
}

static void early_put(void *ctx, const struct store_reply *reply)
{
	struct inquiry *inquiry = ctx;

	if (reply->outcome != STORE_DONE) {
		end(inquiry, false);
	} else if (reply->verdict == STORE_CONFLICT) {
		/* The answer came just now, or another report. */
		if (++inquiry->conflicts > CONFLICTS_MAX)
			end(inquiry, false);
		else
			keep_early(inquiry);
	} else {
		inquiry->form++;
		keep_early(inquiry);
	}
}

static void early_read(void *ctx, const struct store_reply *reply)
{
	struct inquiry *inquiry = ctx;
	struct sending_alias alias = { 0 };
	struct buf bytes = { 0 };
	struct store_memo memo = { .keep_s = EARLY_KEEP_S };
	struct store_request request = { .op = STORE_MEMO_PUT, .memo = &memo };

	if (reply->outcome != STORE_DONE) {
		end(inquiry, false);
		return;
	}
	if (reply->verdict == STORE_OK && sending_alias_open(inquiry->deliveries->env.key, reply->memo, &alias) && !alias.early) {
		follow(inquiry, &alias);
		return;
	}
	memo.was = reply->verdict == STORE_OK ? reply->memo : (struct span){ 0 };
	alias.state = sending_forward(alias.early ? alias.state : SENDING_QUEUED, inquiry->state);
	alias.early = true;
	sending_alias_seal(inquiry->deliveries->env.key, &alias, &bytes);
	memo.sealed = buf_span(&bytes);
	form_mark(inquiry, memo.mark);
	ask(inquiry, &request, early_put);
	buf_release(&bytes);
}

/* Under every form that the answer may have. */
static void keep_early(struct inquiry *inquiry)
{
	unsigned char mark[16];

	if (inquiry->form == inquiry->id.n) {
		inquiry->deliveries->figures.early++;
		end(inquiry, true);
		return;
	}
	form_mark(inquiry, mark);
	get_memo(inquiry, mark, early_read);
}

static void form_read(void *ctx, const struct store_reply *reply)
{
	struct inquiry *inquiry = ctx;
	struct sending_alias alias;

	if (reply->outcome != STORE_DONE) {
		end(inquiry, false);
	} else if (reply->verdict == STORE_OK && sending_alias_open(inquiry->deliveries->env.key, reply->memo, &alias) &&
		   !alias.early) {
		follow(inquiry, &alias);
	} else {
		inquiry->form++;
		next_form(inquiry);
	}
}

static void next_form(struct inquiry *inquiry)
{
	unsigned char mark[16];

	if (inquiry->form == inquiry->id.n) {
		inquiry->form = 0;
		keep_early(inquiry);
		return;
	}
	form_mark(inquiry, mark);
	get_memo(inquiry, mark, form_read);
}

void deliveries_take(struct deliveries *deliveries, struct span connector, const struct sms_message *report,
		  void (*done)(void *who, bool kept), void *who)
{
	struct inquiry *inquiry = memory_zeroes(1, sizeof(*inquiry));

	*inquiry = (struct inquiry){ .deliveries = deliveries, .done = done, .who = who, .state = sending_of_fate(report->fate) };
	inquiry->connector = arena_dup(&inquiry->arena, connector);
	deliveries->open++;
	report_id_read(report->their_id, &inquiry->arena, &inquiry->id);
	for (size_t i = 0; i < inquiry->id.n; i++)
		inquiry->id.form[i] = arena_dup(&inquiry->arena, inquiry->id.form[i]);
	if (inquiry->state == SENDING_QUEUED) {
		deliveries->figures.senseless++;
		end(inquiry, true);
	} else if (sending_mark_of_ours(deliveries->env.key, report->receipt_id, inquiry->mark, &inquiry->part)) {
		get_memo(inquiry, inquiry->mark, record_read);
	} else if (inquiry->id.n > 0) {
		next_form(inquiry);
	} else {
		deliveries->figures.senseless++;
		end(inquiry, true);
	}
}
