/*
 * A message is heard; see sms_hear.h.
 */
#include "handlers/intake/sms_hear_inside.h"

#include "daemon/base/memory.h"
#include "daemon/base/table.h"
#include "daemon/base/wipe.h"
#include "daemon/loop/loop.h"
#include "daemon/sys/log.h"
#include "handlers/intake/sms_repeats.h"

#include <stdlib.h>

#define PER_DAY 5
#define MINUTE_MS 60000
#define MEMORY_S 2592000u        /* thirty days */

const char *sms_heard_name(enum sms_heard_as as)
{
	static const char *const names[] = {
		[SMS_AS_TIP] = "tip",		[SMS_AS_SUPPLEMENT] = "supplement", [SMS_AS_CLAIM] = "claim",
		[SMS_AS_QUESTION] = "question", [SMS_AS_STOP] = "stop",		    [SMS_AS_REPETITION] = "repetition",
		[SMS_AS_NOTHING] = "nothing",
	};

	return names[as];
}

/* --- life ------------------------------------------------------------------------------- */

struct sms_hear *sms_hear_new(const struct sms_hear_env *env)
{
	struct sms_hear *hear = memory_zeroes(1, sizeof(*hear));

	hear->env = *env;
	if (hear->env.policy.per_day == 0)
		hear->env.policy.per_day = PER_DAY;
	if (hear->env.policy.memory_s == 0)
		hear->env.policy.memory_s = MEMORY_S;
	hear->wishes = sms_wishes_new(env->wishes_file, env->now_ms);
	return hear;
}

static void free_when_alone(struct sms_hear *hear)
{
	if (!hear->leaving || hear->first != NULL)
		return;
	sms_wishes_free(hear->wishes);
	free(hear);
}

void sms_hear_free(struct sms_hear *hear)
{
	if (hear == NULL)
		return;
	hear->leaving = true;
	free_when_alone(hear);
}

/* --- whose turn it is ------------------------------------------------------------------------ */

static bool same_telephone(const struct hearing *a, const struct hearing *b)
{
	return a->telephone && b->telephone && memcmp(a->mark, b->mark, sizeof(a->mark)) == 0;
}

static bool must_wait(const struct hearing *h)
{
	for (const struct hearing *at = h->hear->first; at != h; at = at->next)
		if (same_telephone(at, h))
			return true;
	return false;
}

static void leave(struct hearing *h)
{
	struct hearing **at = &h->hear->first;
	const struct hearing *next = h->next;

	while (*at != h)
		at = &(*at)->next;
	*at = h->next;
	while (next != NULL && !same_telephone(next, h))
		next = next->next;
	if (next != NULL)
		flow_resume(h->hear->env.loop, next->ref);
}

static enum flow_next step_turn(struct flow *flow)
{
	struct hearing *h = flow_state(flow);

	return must_wait(h) ? FLOW_WAIT : FLOW_NEXT;
}

/* --- decide ----------------------------------------------------------------------------------- */

static bool is_for_desk(struct flow *flow, struct hearing *h)
{
	h->text = h->heard->text;
	if (h->hear->env.desk.ask == NULL)
		return false;
	sms_claim_read(h->text, flow_arena(flow), &h->claim);
	if (h->claim.kind == SMS_CLAIM_NOT && h->claim.tip.len > 0)
		h->text = h->claim.tip;
	return h->claim.kind != SMS_CLAIM_NOT;
}

static enum sms_writer writer_of(const struct hearing *h)
{
	if (h->away)
		return SMS_UNKNOWN;
	if (h->memory.stopped)
		return h->tip != NULL ? SMS_STOPPED_KNOWN : SMS_STOPPED_STRANGER;
	return h->tip != NULL ? SMS_KNOWN : SMS_STRANGER;
}

/* Whoever writes in the names of a thousand telephones makes us write to no more of them than this. */
static bool minute_has_room(struct sms_hear *hear, int64_t now_ms)
{
	int64_t minute = now_ms / MINUTE_MS;

	if (hear->env.policy.per_minute == 0)
		return true;
	if (minute != hear->minute)
		hear->answers = 0;
	hear->minute = minute;
	if (hear->answers < hear->env.policy.per_minute) {
		hear->answers++;
		return true;
	}
	log_rarely(LOG_LEVEL_WARNING, "sms.not_answered", "more than sms.answers_per_minute");
	return false;
}

bool hear_may_answer(struct hearing *h)
{
	const struct sms_policy *policy = &h->hear->env.policy;
	int64_t now_ms = h->heard->received_ms;

	h->from_ms = sms_hours_after(&policy->quiet, now_ms);
	return h->heard->answers && policy->answers && !h->away &&
	       sms_memory_may_answer(&h->memory, now_ms, h->from_ms, policy->per_day) && minute_has_room(h->hear, now_ms);
}

struct span hear_language(const struct hearing *h)
{
	return h->memory.lang[0] != '\0' ? span_of(h->memory.lang) : span_of(sms_text_lang(h->heard->text));
}

static const enum hear_step step_of[SMS_ACTS] = {
	[SMS_ACT_FILE] = STEP_FILE,   [SMS_ACT_ADD] = STEP_OWN,   [SMS_ACT_LOOK] = STEP_OWN,
	[SMS_ACT_TELL] = STEP_SAY,    [SMS_ACT_CODE] = STEP_CODE, [SMS_ACT_STOP] = STEP_SAY,
	[SMS_ACT_START] = STEP_SAY,   [SMS_ACT_SPEAK] = STEP_SAY, [SMS_ACT_NOTHING] = STEP_KEEP,
};

static enum sms_heard_as as_what(enum sms_act act, enum sms_says says)
{
	if (act == SMS_ACT_FILE)
		return SMS_AS_TIP;
	if (act == SMS_ACT_ADD)
		return SMS_AS_SUPPLEMENT;
	return says == SMS_SAYS_STOP ? SMS_AS_STOP : SMS_AS_QUESTION;
}

/* Onto the disk before anything else, if it says something new; who never stopped need not start. */
static void note_wish(struct hearing *h, bool stopped)
{
	struct sms_wish known, wish = { .at_ms = h->heard->received_ms, .stopped = stopped };
	bool is_known = sms_wishes_get(h->hear->wishes, h->wish_mark, &known);

	if (!h->telephone || (is_known && known.stopped == stopped && known.at_ms >= h->memory.wished_ms) ||
	    (!stopped && !is_known && !h->memory.stopped))
		return;
	sms_wishes_set(h->hear->wishes, h->wish_mark, &wish);
}

static enum flow_next decide(struct flow *flow, struct hearing *h)
{
	sms_words_read(h->text, flow_arena(flow), &h->words);
	h->tip = sms_memory_tip(&h->memory, &h->words, h->way);
	h->move = sms_move_find(writer_of(h), h->words.says);
	h->end.as = as_what(h->move->act, h->words.says);
	if (h->words.says == SMS_SAYS_STOP)
		note_wish(h, true);
	if (h->move->act == SMS_ACT_AGAIN)
		return hear_again(h);
	if (h->move->act == SMS_ACT_START) {
		note_wish(h, false);
		h->memory.stopped = false;
	}
	h->line = h->move->line;
	h->answer = h->line != SMS_LINE_NONE && hear_may_answer(h);
	return hear_go(flow, step_of[h->move->act]);
}

/* Made of the text too: a gateway may give one id to two. */
static void name_message(const struct hearing *h, struct span request, unsigned char mark[STORE_MARK_BYTES])
{
	struct buf all = { 0 };

	buf_printf(&all, "%zu ", request.len);
	buf_add_span(&all, request);
	buf_add_span(&all, h->heard->text);
	seal_mark(h->hear->env.requests_key, "sms message", buf_span(&all), mark);
	buf_release(&all);
}

/* When the same words were heard before, all daemons of a store call these by that time. */
static void settle_name(struct flow *flow, struct hearing *h, const struct sms_heard_mark *before)
{
	uint64_t number = before != NULL ? (uint64_t)before->at_ms + 1 : h->heard->number;   /* no hour */

	h->called = h->heard->request;
	if (h->heard->number != 0)
		h->called = span_of(arena_printf(flow_arena(flow), "%.*s:%llu", (int)h->called.len, h->called.at,
						  (unsigned long long)number));
	name_message(h, h->called, h->name);
}

/* Without an id the same words are a repetition for a minute, and again a minute from each. */
static enum flow_next repeated(struct flow *flow, struct hearing *h)
{
	h->end.as = SMS_AS_REPETITION;
	return h->heard->number != 0 ? hear_go(flow, STEP_KEEP) : FLOW_DONE;
}

static enum flow_next step_decide(struct flow *flow)
{
	struct hearing *h = flow_state(flow);
	const struct sms_heard_mark *before;

	h->away = !hear_read_memory(flow, h);
	before = sms_memory_heard(&h->memory, h->said_as);
	if (before != NULL && (h->heard->number == 0 || h->heard->received_ms - before->at_ms < SMS_REPEATS_WINDOW_MS))
		return repeated(flow, h);
	settle_name(flow, h, before);
	return is_for_desk(flow, h) ? hear_go(flow, STEP_DESK) : decide(flow, h);
}

/* --- the flow -------------------------------------------------------------------------------------------- */

static void end(struct flow *flow, bool well)
{
	struct hearing *h = flow_state(flow);
	struct sms_hear *hear = h->hear;

	if (!well)
		h->end = (struct sms_heard_end){ .result = SMS_NEVER, .as = SMS_AS_NOTHING };
	log_event(LOG_LEVEL_INFO, "sms.heard", "as", sms_heard_name(h->end.as), "says", sms_says_name(h->words.says),
		  "answer", h->answered ? sms_line_name(h->line) : NULL, "again", h->end.result == SMS_AGAIN ? "yes" : NULL,
		  "ms", log_u64(flow_age_ms(flow)), NULL);
	leave(h);
	h->done(h->who, &h->end);
	sms_memory_wipe(&h->memory);
	wipe(&h->code, sizeof(h->code));
	wipe(&h->filed, sizeof(h->filed));
	wipe(&h->end.code, sizeof(h->end.code));
	free_when_alone(hear);
}

static const struct flow_step hear_steps[] = {
	[STEP_TURN] = { .name = "turn", .run = step_turn },
	[STEP_LIMIT] = { .name = "limit", .run = hear_limit },
	[STEP_LIMITED] = { .name = "limited", .run = hear_limited },
	[STEP_RECALL] = { .name = "recall", .run = hear_recall },
	[STEP_DECIDE] = { .name = "decide", .run = step_decide },
	[STEP_DESK] = { .name = "desk", .run = hear_desk },
	[STEP_FILE] = { .name = "file", .run = hear_file },
	[STEP_FILED] = { .name = "filed", .run = hear_filed },
	[STEP_OWN] = { .name = "own", .run = hear_own },
	[STEP_OWNED] = { .name = "owned", .run = hear_owned },
	[STEP_CODE] = { .name = "code", .run = hear_code },
	[STEP_CODED] = { .name = "coded", .run = hear_coded },
	[STEP_SAY] = { .name = "say", .run = hear_say },
	[STEP_SAID] = { .name = "said", .run = hear_said },
	[STEP_KEEP] = { .name = "keep", .run = hear_keep },
	[STEP_KEPT] = { .name = "kept", .run = hear_kept },
	[STEP_RELOADED] = { .name = "reloaded", .run = hear_reloaded },
};

static const struct flow_kind hear_kind = {
	.name = "sms",
	.steps = hear_steps,
	.nsteps = COUNT_OF(hear_steps),
	.state_bytes = sizeof(struct hearing),
	/* Whatever it waits for ends by itself much sooner, and points into it until then. */
	.timeout_ms = 600000,
	.end = end,
};

void sms_hear(struct sms_hear *hear, const struct sms_heard *heard, void (*done)(void *who, const struct sms_heard_end *end),
	      void *who)
{
	struct flow *flow = flow_start(hear->env.loop, &hear_kind, NULL, NULL);
	struct hearing *h = flow_state(flow), **last = &hear->first;

	h->hear = hear;
	h->ref = flow_ref(flow);
	h->heard = heard;
	h->done = done;
	h->who = who;
	h->telephone = span_starts(heard->sender, SPAN("+"));
	sms_memory_mark(hear->env.requests_key, heard->sender, h->mark);
	sms_memory_way(hear->env.requests_key, heard->gateway, h->way);
	sms_wish_mark(hear->env.requests_key, heard->sender, h->wish_mark);
	name_message(h, heard->request, h->said_as);
	while (*last != NULL)
		last = &(*last)->next;
	*last = h;
}
