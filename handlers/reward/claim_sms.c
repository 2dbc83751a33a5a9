/*
 * Claims by SMS; see claim_sms.h.
 */
#include "handlers/reward/claim_sms.h"

#include "daemon/base/hex.h"
#include "daemon/base/table.h"
#include "daemon/base/wipe.h"
#include "daemon/loop/loop.h"
#include "daemon/store/wait.h"
#include "daemon/sys/config.h"
#include "daemon/sys/keys.h"
#include "daemon/sys/log.h"
#include "daemon/core/sms/text.h"
#include "handlers/intake/sms_reply.h"
#include "handlers/limits.h"
#include "handlers/notify/courier.h"
#include "handlers/reward/claim_act.h"
#include "handlers/reward/claim_reply.h"
#include "handlers/reward/claim_tries.h"
#include "handlers/reward/submit.h"

#define SHARD "00"              /* no tip's: the answer belongs to none */
#define REMEMBERED_S 691200u    /* eight days: gateways repeat for a day */

enum sms_step {
	STEP_LOOK,
	STEP_TRIED,
	STEP_VAULT,
	STEP_SUBMIT,
	STEP_SUBMITTED,
	STEP_SAY,
	STEP_SAID,
};

struct sms_flow {
	struct app *app;
	const struct sms_asked *asked;
	void (*done)(void *who, enum sms_desk_end end);
	void *who;
	enum sms_desk_end end;
	unsigned char mark[RECEIPT_MARK_BYTES];   /* of the code, or of what was meant to be one */
	char claimant[OFFICE_TOKEN_MAX];
	struct claim_input input;
	struct claim_act act;
	struct store_reply tried, put, said;
	struct submitted submitted;
};

/* --- who, and how often --------------------------------------------------------------- */

static void mark_message(const struct sms_flow *c, const char *label, unsigned char mark[16])
{
	struct buf all = { 0 };

	buf_printf(&all, "%zu ", c->asked->request.len);
	buf_add_span(&all, c->asked->request);
	buf_add_span(&all, c->asked->text);
	seal_mark(keys_requests(c->app->keys), label, buf_span(&all), mark);
	wipe(all.at, all.len);
	buf_release(&all);
}

/* A code with a slip is one that nobody has. */
static void find_claimant(struct sms_flow *c)
{
	struct receipt_trace trace;

	if (!c->asked->claim->readable) {
		seal_mark(keys_requests(c->app->keys), "slip of a code", c->asked->text, c->mark);
	} else {
		receipt_trace(keys_receipt(c->app->keys), &c->asked->claim->code, &trace);
		memcpy(c->mark, trace.mark, sizeof(c->mark));
	}
	office_claimant(c->app->office, c->mark, 0, c->claimant);
}

static uint64_t source_of(const struct sms_flow *c)
{
	unsigned char mark[16];
	uint64_t source;

	seal_mark(keys_requests(c->app->keys), "sms claims", c->asked->sender, mark);
	memcpy(&source, mark, sizeof(source));
	return source;
}

static enum flow_next stay_silent(struct sms_flow *c)
{
	c->end = SMS_DESK_SILENT;
	return FLOW_DONE;
}

static enum flow_next look_for_nothing(struct flow *flow, struct sms_flow *c)
{
	struct claim_try here = claim_try_here(c->app, c->mark, source_of(c));
	struct store_try try;

	if (here.verdict != TRIES_GO)
		return stay_silent(c);
	if (!c->app->config->limits.enabled) {
		flow_jump(flow, STEP_SAY);
		return FLOW_NEXT;
	}
	claim_try_store(c->app, c->mark, &try);
	return store_wait_flow(flow, c->app->store, &(struct store_request){ .op = STORE_TRY, .try = &try }, &c->tried);
}

static enum flow_next step_look(struct flow *flow)
{
	struct sms_flow *c = flow_state(flow);

	/* Where money is off there is nothing to tell, and still the code must not become a tip. */
	if (c->app->treasury == NULL || c->app->office == NULL) {
		flow_jump(flow, STEP_SAY);
		return FLOW_NEXT;
	}
	if (treasury_book(c->app->treasury) == NULL)
		return FLOW_FAIL;
	find_claimant(c);
	if (claim_status_now(c->app, c->claimant).word == CLAIM_NONE)
		return look_for_nothing(flow, c);
	flow_jump(flow, STEP_VAULT);
	return FLOW_NEXT;
}

static enum flow_next step_tried(struct flow *flow)
{
	struct sms_flow *c = flow_state(flow);

	if (claim_try_stored(&c->tried).verdict != TRIES_GO)
		return stay_silent(c);
	flow_jump(flow, STEP_SAY);
	return FLOW_NEXT;
}

/* --- to have it ------------------------------------------------------------------------- */

static bool counter_is_offered(const struct app *app)
{
	struct span rest = span_of(app->config->money.rails), rail;

	while (claim_next_rail(&rest, &rail))
		if (claim_rail_is_anonymous(rail))
			return true;
	return false;
}

static bool may_act(const struct sms_flow *c)
{
	unsigned wait_s;
	uint64_t whose;

	memcpy(&whose, c->mark, sizeof(whose));
	return limits_take(c->app->limits, LIMIT_CLAIM_ACTS, whose, loop_now_ms(c->app->loop), &wait_s);
}

static bool wants(const struct sms_flow *c, const struct claim_status *status)
{
	return c->asked->claim->kind == SMS_CLAIM_WANTS && claim_may(status, CLAIM_CLAIM) && counter_is_offered(c->app) &&
	       may_act(c);
}

static enum flow_next step_vault(struct flow *flow)
{
	struct sms_flow *c = flow_state(flow);
	struct claim_status status = claim_status_now(c->app, c->claimant);
	unsigned char nonce[16];

	if (!wants(c, &status)) {
		flow_jump(flow, STEP_SAY);
		return FLOW_NEXT;
	}
	mark_message(c, "sms claim", nonce);
	c->input = (struct claim_input){ .action = CLAIM_CLAIM, .rail = SPAN(VOUCHER_RAIL),
					 .nonce = span_of(hex_text(flow_arena(flow), nonce, sizeof(nonce))) };
	claim_act_make(c->app->office, &c->input, c->claimant, &status, "sms", &c->act);
	return claim_act_put(flow, c->app, &c->act, &c->input, &c->put);
}

static enum flow_next step_submit(struct flow *flow)
{
	struct sms_flow *c = flow_state(flow);
	struct book_command command;

	if (c->put.outcome != STORE_DONE)
		return FLOW_FAIL;
	claim_act_command(&c->act, &command);
	return submit_flow(flow, c->app->treasury, &command, &c->submitted);
}

/* Refused is an answer too: how it stands now tells why. */
static enum flow_next step_submitted(struct flow *flow)
{
	struct sms_flow *c = flow_state(flow);

	log_event(LOG_LEVEL_INFO, "claim", "kind", c->act.kind, "refused", c->submitted.refusal.code, "ms",
		  log_u64(flow_age_ms(flow)), NULL);
	return c->submitted.outcome == TREASURY_DONE || c->submitted.outcome == TREASURY_REFUSED ? FLOW_NEXT : FLOW_FAIL;
}

/* --- the answer --------------------------------------------------------------------------- */

static bool in_chinese(const struct sms_asked *asked)
{
	for (size_t i = 0; i < asked->text.len; i++)
		if ((asked->text.at[i] >= 'a' && asked->text.at[i] <= 'z') ||
		    (asked->text.at[i] >= 'A' && asked->text.at[i] <= 'Z'))
			return span_starts(span_of(sms_text_lang(asked->text)), SPAN("zh"));
	/* A number alone says nothing of the language. */
	return span_starts(asked->sender, SPAN("+86")) || span_starts(span_of(sms_text_lang(asked->text)), SPAN("zh"));
}

static void write_answer(const struct sms_flow *c, struct buf *text)
{
	struct claim_status status = { .word = CLAIM_NONE };
	struct claim_reply reply = { .by_page = !counter_is_offered(c->app) };
	struct voucher voucher;

	if (c->claimant[0] != '\0')
		status = claim_status_now(c->app, c->claimant);
	reply.word = status.word;
	reply.panel = status.panel != CLAIM_PANEL_NONE;
	if (status.word == CLAIM_OPEN)
		reply.deadline_ms = status.reward->deadline_ms;
	if (claim_voucher(c->app, &status, &voucher, NULL))
		reply.voucher = span_of(voucher.number);
	claim_reply_write(in_chinese(c->asked), &reply, text);
}

static enum flow_next put_answer(struct flow *flow, struct sms_flow *c, struct span text)
{
	struct store_outbox_put put = { .remember_s = REMEMBERED_S };
	struct buf sealed = { 0 };
	enum flow_next next;

	mark_message(c, "sms claim answer", put.mark);
	sms_reply_seal(keys_courier(c->app->keys), c->asked->gateway, c->asked->sender, text, c->asked->received_ms,
		       c->asked->from_ms, &sealed);
	put.payload = buf_span(&sealed);
	next = store_wait_flow(flow, c->app->store,
			       &(struct store_request){ .op = STORE_OUTBOX_PUT, .shard = SHARD, .outbox_put = &put },
			       &c->said);
	buf_release(&sealed);
	return next;
}

static enum flow_next step_say(struct flow *flow)
{
	struct sms_flow *c = flow_state(flow);
	struct buf text = { 0 };
	enum flow_next next;

	if (!c->asked->answer) {
		c->end = SMS_DESK_DONE;
		return FLOW_DONE;
	}
	write_answer(c, &text);
	next = put_answer(flow, c, buf_span(&text));
	wipe(text.at, text.len);
	buf_release(&text);
	return next;
}

static enum flow_next step_said(struct flow *flow)
{
	struct sms_flow *c = flow_state(flow);

	if (c->said.outcome != STORE_DONE)
		return FLOW_FAIL;
	/* Put before: that answer was counted then. */
	c->end = c->said.verdict == STORE_OK ? SMS_DESK_DONE : SMS_DESK_SILENT;
	if (c->said.verdict == STORE_OK && c->app->courier != NULL)
		courier_kick(c->app->courier, SPAN(SHARD));
	return FLOW_DONE;
}

static void end(struct flow *flow, bool well)
{
	struct sms_flow *c = flow_state(flow);

	c->done(c->who, well ? c->end : SMS_DESK_AGAIN);
	wipe(c->mark, sizeof(c->mark));
}

static const struct flow_step sms_steps[] = {
	[STEP_LOOK] = { .name = "look", .run = step_look },
	[STEP_TRIED] = { .name = "tried", .run = step_tried },
	[STEP_VAULT] = { .name = "vault", .run = step_vault },
	[STEP_SUBMIT] = { .name = "submit", .run = step_submit },
	[STEP_SUBMITTED] = { .name = "submitted", .run = step_submitted },
	[STEP_SAY] = { .name = "say", .run = step_say },
	[STEP_SAID] = { .name = "said", .run = step_said },
};

static const struct flow_kind sms_flow_kind = {
	.name = "claim_sms",
	.steps = sms_steps,
	.nsteps = COUNT_OF(sms_steps),
	.state_bytes = sizeof(struct sms_flow),
	.timeout_ms = 15000,
	.end = end,
};

static void ask(void *ctx, const struct sms_asked *asked, void (*done)(void *who, enum sms_desk_end end), void *who)
{
	struct app *app = ctx;
	struct sms_flow *c = flow_state(flow_start(app->loop, &sms_flow_kind, NULL, NULL));

	c->app = app;
	c->asked = asked;
	c->done = done;
	c->who = who;
}

struct sms_desk claim_sms_desk(struct app *app)
{
	return (struct sms_desk){ .ask = ask, .ctx = app };
}
