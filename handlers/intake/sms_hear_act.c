/*
 * What becomes of a message; see sms_hear.h.
 */
#include "handlers/intake/sms_hear_inside.h"

#include "daemon/base/hex.h"
#include "daemon/core/sms/area.h"
#include "daemon/store/wait.h"
#include "daemon/sys/log.h"

/* Someone's callback has come; whoever is gone cannot be called. */
static void go_on(struct hearing *h)
{
	flow_resume(h->hear->env.loop, h->ref);
}

/* --- a text about a receipt code ----------------------------------------------------------------- */

static void desk_answered(void *who, enum sms_desk_end end)
{
	struct hearing *h = who;

	sms_claim_wipe(&h->claim);
	h->answered = end == SMS_DESK_DONE && h->asked.answer;
	h->end.result = end == SMS_DESK_AGAIN ? SMS_AGAIN : SMS_TAKEN;
	go_on(h);
}

enum flow_next hear_desk(struct flow *flow)
{
	struct hearing *h = flow_state(flow);
	const struct sms_desk *desk = &h->hear->env.desk;

	h->end.as = SMS_AS_CLAIM;
	h->asked = (struct sms_asked){
		.claim = &h->claim,
		.text = h->heard->text,
		.request = h->called,
		.gateway = h->heard->gateway,
		.sender = h->heard->sender,
		.answer = !h->memory.stopped && hear_may_answer(h),
		.received_ms = h->heard->received_ms,
		.from_ms = hear_from_ms(h),
	};
	h->text = h->claim.tip;
	desk->ask(desk->ctx, &h->asked, desk_answered, h);
	return FLOW_WAIT;
}

/* --- a tip ------------------------------------------------------------------------------------------ */

static void taken_in(void *ctx, const struct intake_result *result)
{
	struct hearing *h = ctx;

	h->verdict = result->verdict;
	if (h->pieces == 0 && (h->verdict == INTAKE_ACCEPTED || h->verdict == INTAKE_REPEATED)) {
		h->end.id = result->id;
		h->filed = result->receipt;
		h->end.code = result->receipt;
	}
	if (result->verdict == INTAKE_INVALID)
		log_event(LOG_LEVEL_WARNING, "sms.not_a_tip", "field", result->field, "fault", result->fault, NULL);
	go_on(h);
}

/* What a tip may have of it, cut where a character ends and never blank; the rest comes behind. */
static struct span piece_of(const struct hearing *h, struct span text)
{
	size_t max = h->hear->env.policy.text_max, len;

	if (max == 0 || text.len <= max)
		return text;
	text = span_trim(text);
	if (text.len <= max)
		return text;
	for (len = max; len > 0 && ((unsigned char)text.at[len] & 0xC0) == 0x80; len--)
		;
	return span_from(text.at, len > 0 ? len : max);
}

/* A gateway that gives one id to two texts: the second has its own mark in its name. */
static struct span piece_name(const struct hearing *h, struct arena *arena)
{
	struct span name = h->called;

	if (h->renamed)
		name = span_of(arena_printf(arena, "%.*s:%s", (int)name.len, name.at, hex_text(arena, h->name, sizeof(h->name))));
	if (h->pieces > 0)
		name = span_of(arena_printf(arena, "%.*s+%u", (int)name.len, name.at, h->pieces));
	return name;
}

/* Nothing to read, however often it comes: the gateway is told that it was taken, or it would bring it for ever. */
static enum flow_next file_nothing(struct flow *flow, struct hearing *h)
{
	if (h->end.as == SMS_AS_TIP && h->end.id.text[0] == '\0')
		h->end.as = SMS_AS_NOTHING;
	return hear_go(flow, STEP_KEEP);
}

/* The message, or the next piece of it, as a tip, whether it becomes one or not. */
static void write_request(struct flow *flow, struct hearing *h)
{
	const struct sms_heard *heard = h->heard;

	h->request.tip = (struct tip){
		.text = piece_of(h, h->text),
		.region = h->pieces > 0 ? h->request.tip.region
					: sms_area_of(h->hear->env.policy.areas, heard->destination, h->text),
		.lang = hear_language(h),
		.sender = heard->sender,
		.gateway = heard->gateway,
		.channel = TIP_BY_SMS,
		.received_ms = heard->received_ms,
	};
	h->rest = span_from_offset(h->text, (size_t)(h->request.tip.text.at - h->text.at) + h->request.tip.text.len);
	h->request.request_id = piece_name(h, flow_arena(flow));
}

/* What the desk had may have no words beside the code; then this is not for it. */
enum flow_next hear_file(struct flow *flow)
{
	struct hearing *h = flow_state(flow);
	const struct sms_heard *heard = h->heard;

	if (h->end.result == SMS_AGAIN)
		return FLOW_DONE;
	if (span_is_blank(h->text))
		return file_nothing(flow, h);
	write_request(flow, h);
	h->request.reply_gateway = h->answer ? heard->gateway : (struct span){ 0 };
	h->request.reply_to = h->answer ? heard->sender : (struct span){ 0 };
	h->request.reply_from_ms = hear_from_ms(h);
	h->request.sent = h->pieces == 0 ? hear_send_along : NULL;
	intake_submit(h->hear->env.intake, &h->request, taken_in, h);
	return FLOW_WAIT;
}

/* A gateway that gives one id to two texts: neither may be lost. */
static enum flow_next file_renamed(struct flow *flow, struct hearing *h)
{
	if (h->renamed)
		return FLOW_FAIL;
	h->renamed = true;
	return hear_go(flow, STEP_FILE);
}

/* The answer is about the first piece. */
static enum flow_next file_rest(struct flow *flow, struct hearing *h)
{
	h->answered |= h->answer;
	h->answer = false;
	if (h->rest.len == 0)
		return hear_go(flow, STEP_KEEP);
	h->text = h->rest;
	h->pieces++;
	h->renamed = false;
	return hear_go(flow, STEP_FILE);
}

enum flow_next hear_filed(struct flow *flow)
{
	struct hearing *h = flow_state(flow);

	switch (h->verdict) {
	case INTAKE_ACCEPTED:
	case INTAKE_REPEATED:
		if (h->end.id.text[0] != '\0')
			return file_rest(flow, h);
		h->end.as = SMS_AS_SUPPLEMENT;   /* it was added before */
		return hear_go(flow, STEP_KEEP);
	case INTAKE_MISMATCH:
		return file_renamed(flow, h);
	case INTAKE_INVALID:   /* has words, and is refused: the gateway keeps it */
		return FLOW_FAIL;
	case INTAKE_BUSY:
		return hear_again(h);
	}
	return FLOW_FAIL;
}

/* The words cannot go where they were meant to: they are a clue, all of them. */
static enum flow_next file_instead(struct flow *flow, struct hearing *h)
{
	h->end.as = SMS_AS_TIP;
	h->line = SMS_LINE_TAKEN;
	return hear_go(flow, STEP_FILE);
}

/* --- a tip that this telephone sent --------------------------------------------------------------------- */

static void own_answered(void *who, const struct sms_own_answer *answer)
{
	struct hearing *h = who;

	h->own = *answer;
	go_on(h);
}

static bool is_numbered(const struct hearing *h)
{
	return strcmp(h->tip->id.text + TIP_ID_LEN - SMS_NUMBER_LEN, h->words.number) == 0;
}

enum flow_next hear_own(struct flow *flow)
{
	struct hearing *h = flow_state(flow);
	struct sms_own_asked asked = {
		.loop = h->hear->env.loop,
		.store = h->hear->env.store,
		.weeks = h->hear->env.weeks,
		.tip = h->tip,
		.now_ms = h->heard->received_ms,
		.open_only = !is_numbered(h) && !h->any_state,
	};

	if (h->move->act == SMS_ACT_ADD) {
		asked.text = is_numbered(h) ? h->words.rest : h->words.rest_with_number;
		write_request(flow, h);
		intake_name(h->hear->env.intake, &h->request, &h->named);
		asked.named = &h->named;
	}
	sms_own_ask(&asked, own_answered, h);
	return FLOW_WAIT;
}

static const struct sms_own_tip *first_own(const struct hearing *h, const struct sms_own_tip *tip)
{
	const struct sms_own_tip *end = h->memory.tips + h->memory.ntips;

	while (tip < end && memcmp(tip->way, h->way, sizeof(h->way)) != 0)
		tip++;
	return tip < end ? tip : NULL;
}

/* The latest open one, else the latest. */
static enum flow_next next_own(struct flow *flow, struct hearing *h)
{
	h->tip = first_own(h, h->tip + 1);
	if (h->tip == NULL) {
		h->tip = first_own(h, h->memory.tips);
		h->any_state = true;
	}
	return hear_go(flow, STEP_OWN);
}

enum flow_next hear_owned(struct flow *flow)
{
	static const enum sms_line lines[TIP_STATES] = {
		[TIP_QUEUED] = SMS_LINE_WAITING,  [TIP_CLAIMED] = SMS_LINE_IN_HAND, [TIP_VERIFIED] = SMS_LINE_IN_HAND,
		[TIP_CLOSED] = SMS_LINE_ENDED,	  [TIP_ERASED] = SMS_LINE_ENDED,
	};
	struct hearing *h = flow_state(flow);

	if (h->own.end == SMS_OWN_ADDED)
		return hear_go(flow, STEP_SAY);
	if (h->own.end == SMS_OWN_BEFORE) {
		h->end.as = SMS_AS_REPETITION;
		return hear_go(flow, STEP_KEEP);
	}
	if (h->move->act == SMS_ACT_ADD)
		return h->own.end == SMS_OWN_READ ? next_own(flow, h) : file_instead(flow, h);
	if (h->own.end == SMS_OWN_AWAY)
		return hear_again(h);
	/* In the spool, or on its way: accepted. */
	h->line = h->own.end == SMS_OWN_READ ? lines[h->own.state] : SMS_LINE_WAITING;
	return hear_go(flow, STEP_SAY);
}

enum flow_next hear_code(struct flow *flow)
{
	struct hearing *h = flow_state(flow);
	struct store_memo memo = { 0 };

	sms_code_mark(h->hear->env.requests_key, h->heard->sender, &h->tip->id, memo.mark);
	return store_wait_flow(flow, h->hear->env.store, &(struct store_request){ .op = STORE_MEMO_GET, .memo = &memo },
			       &h->coded);
}

enum flow_next hear_coded(struct flow *flow)
{
	struct hearing *h = flow_state(flow);
	const struct sms_hear_env *env = &h->hear->env;

	if (h->coded.outcome != STORE_DONE)
		return hear_again(h);
	if (env->policy.code_s == 0 || h->coded.verdict != STORE_OK ||
	    !sms_code_open(env->requests_key, h->heard->sender, h->coded.memo, flow_arena(flow), &h->code))
		h->line = SMS_LINE_NO_CODE;
	return hear_go(flow, STEP_SAY);
}
