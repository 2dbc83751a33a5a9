/*
 * What is remembered of a telephone, and what is said to it; see sms_hear.h.
 */
#include "handlers/intake/sms_hear_inside.h"

#include "daemon/base/memory.h"
#include "daemon/base/wipe.h"
#include "daemon/store/wait.h"
#include "daemon/sys/log.h"

#include <stdlib.h>

#define SHARD "00"               /* no tip's: a line belongs to none */
#define REMEMBERED_S 691200u     /* an answer, eight days: gateways repeat for a day */
#define TRIES 8

/* --- recall ---------------------------------------------------------------------------------- */

static enum flow_next ask_memory(struct flow *flow, struct hearing *h)
{
	struct store_memo memo = { 0 };

	memcpy(memo.mark, h->mark, sizeof(memo.mark));
	return store_wait_flow(flow, h->hear->env.store, &(struct store_request){ .op = STORE_MEMO_GET, .memo = &memo },
			       &h->recalled);
}

enum flow_next hear_recall(struct flow *flow)
{
	struct hearing *h = flow_state(flow);

	return h->telephone ? ask_memory(flow, h) : FLOW_NEXT;
}

/* Of what the disk and the store say the later wish holds. */
static void take_wish(struct hearing *h)
{
	struct sms_wish wish;

	if (!sms_wishes_get(h->hear->wishes, h->wish_mark, &wish) || wish.at_ms <= h->memory.wished_ms)
		return;
	h->memory.stopped = wish.stopped;
	h->memory.wished_ms = wish.at_ms;
}

/* False: the store did not say. */
bool hear_read_memory(struct flow *flow, struct hearing *h)
{
	const struct sms_hear_env *env = &h->hear->env;

	if (!h->telephone)
		return true;
	if (h->recalled.outcome != STORE_DONE)
		return false;
	h->was = h->recalled.memo;
	if (h->was.len > 0 && !sms_memory_open(env->requests_key, h->heard->sender, h->was, flow_arena(flow), &h->memory))
		log_rarely(LOG_LEVEL_ERROR, "sms.memory_unreadable", "the requests key does not open it");
	if (h->was.len == 0)
		h->memory = (struct sms_memory){ 0 };
	sms_memory_forget(&h->memory, h->heard->received_ms - (int64_t)env->policy.memory_s * 1000);
	take_wish(h);
	return true;
}

/* --- say ---------------------------------------------------------------------------------------------- */

static void write_line(const struct hearing *h, struct buf *out)
{
	struct sms_blanks blanks = {
		.number = h->tip != NULL ? span_of(h->tip->id.text + TIP_ID_LEN - SMS_NUMBER_LEN) : (struct span){ 0 },
		.code = &h->code,
	};
	struct span lang = hear_language(h);

	if (h->words.says == SMS_SAYS_CHINESE)
		lang = SPAN("zh-CN");
	if (h->words.says == SMS_SAYS_ENGLISH)
		lang = SPAN("en");
	sms_reply_line(lang, h->line, &blanks, out);
}

enum flow_next hear_say(struct flow *flow)
{
	struct hearing *h = flow_state(flow);
	const struct sms_heard *heard = h->heard;
	const struct sms_hear_env *env = &h->hear->env;
	struct store_outbox_put put = { .remember_s = REMEMBERED_S };
	struct buf text = { 0 }, sealed = { 0 };
	enum flow_next next;

	if (!h->answer)
		return hear_go(flow, STEP_KEEP);
	write_line(h, &text);
	sms_reply_seal(env->courier_key, heard->gateway, heard->sender, buf_span(&text), heard->received_ms,
		       hear_from_ms(h), &sealed);
	seal_mark(env->requests_key, "sms answer", span_from(h->name, sizeof(h->name)), put.mark);
	put.payload = buf_span(&sealed);
	next = store_wait_flow(flow, env->store,
			       &(struct store_request){ .op = STORE_OUTBOX_PUT, .shard = SHARD, .outbox_put = &put }, &h->said);
	wipe(text.at, text.len);
	buf_release(&text);
	buf_release(&sealed);
	return next;
}

enum flow_next hear_said(struct flow *flow)
{
	struct hearing *h = flow_state(flow);
	const struct sms_hear_env *env = &h->hear->env;

	/* What was added is there; a line about it can be missed. */
	if (h->said.outcome != STORE_DONE && h->end.as != SMS_AS_SUPPLEMENT)
		return hear_again(h);
	h->answered = h->said.outcome == STORE_DONE;
	if (h->said.outcome == STORE_DONE && env->outbox_written != NULL)
		env->outbox_written(env->ctx, SPAN(SHARD));
	(void)flow;
	return FLOW_NEXT;
}

/* --- keep ---------------------------------------------------------------------------------------------- */

static bool was_filed(const struct hearing *h)
{
	return h->end.id.text[0] != '\0';
}

static void apply(struct hearing *h, bool answered)
{
	struct sms_memory *memory = &h->memory;

	/* A tip that is known already was answered when it came first. */
	if (was_filed(h) && !sms_memory_add(memory, &h->end.id, h->heard->received_ms, &h->filed, h->way))
		answered = false;
	if (answered)
		sms_memory_answered(memory, h->heard->received_ms, h->from_ms);
	sms_memory_hear(memory, h->said_as, h->heard->received_ms);
	if (h->words.says == SMS_SAYS_STOP || h->words.says == SMS_SAYS_START) {
		memory->stopped = h->words.says == SMS_SAYS_STOP;
		memory->wished_ms = h->heard->received_ms;
	}
	if (h->words.says == SMS_SAYS_CHINESE)
		memcpy(memory->lang, "zh-CN", sizeof("zh-CN"));
	if (h->words.says == SMS_SAYS_ENGLISH)
		memcpy(memory->lang, "en", sizeof("en"));
}

/* Only who could be told the code has it kept. */
static void put_code_beside(const struct hearing *h, struct store_memo *memo, struct buf *sealed)
{
	const struct sms_hear_env *env = &h->hear->env;
	int64_t wait_ms = hear_from_ms(h) > 0 ? h->from_ms - h->heard->received_ms : 0;

	if (!was_filed(h) || !h->heard->answers || !env->policy.answers || h->memory.stopped || env->policy.code_s == 0)
		return;
	sms_code_seal(env->requests_key, h->heard->sender, &h->filed, sealed);
	sms_code_mark(env->requests_key, h->heard->sender, &h->end.id, memo->beside_mark);
	memo->beside = buf_span(sealed);
	memo->beside_keep_s = env->policy.code_s + (unsigned)(wait_ms / 1000);
}

/* The memory as it is in `h`; the buffers are to be released. */
static void seal_memory(const struct hearing *h, struct store_memo *memo, struct buf *sealed, struct buf *code)
{
	const struct sms_hear_env *env = &h->hear->env;

	*memo = (struct store_memo){ .was = h->was };
	memcpy(memo->mark, h->mark, sizeof(memo->mark));
	memo->keep_s = h->memory.stopped && env->policy.memory_s < SMS_WISH_KEPT_S ? SMS_WISH_KEPT_S : env->policy.memory_s;
	sms_memory_seal(env->requests_key, h->heard->sender, &h->memory, sealed);
	memo->sealed = buf_span(sealed);
	put_code_beside(h, memo, code);
}

static enum flow_next put_memory(struct flow *flow, struct hearing *h)
{
	struct store_memo memo;
	struct buf sealed = { 0 }, code = { 0 };
	enum flow_next next;

	apply(h, h->answered);
	seal_memory(h, &memo, &sealed, &code);
	next = store_wait_flow(flow, h->hear->env.store, &(struct store_request){ .op = STORE_MEMO_PUT, .memo = &memo },
			       &h->kept);
	buf_release(&sealed);
	buf_release(&code);
	return next;
}

enum flow_next hear_keep(struct flow *flow)
{
	struct hearing *h = flow_state(flow);

	if (!h->telephone || h->away)
		return FLOW_DONE;
	if (h->along == ALONG_NOT)
		return put_memory(flow, h);
	if (h->along == ALONG_ENDED)
		return FLOW_NEXT;
	h->along = ALONG_AWAITED;
	return FLOW_WAIT;
}

/* --- along with a tip ------------------------------------------------------------------------------------- */

/* Whom the end of the call is for; the hearing may be over by then. */
struct along {
	struct loop *loop;
	struct flow_ref ref;
};

static void went_along(void *ctx, const struct store_reply *reply)
{
	struct along *along = ctx;
	struct flow *flow = flow_resolve(along->loop, along->ref);
	struct hearing *h = flow != NULL ? flow_state(flow) : NULL;

	if (h != NULL) {
		bool awaited = h->along == ALONG_AWAITED;

		h->kept.outcome = reply->outcome;
		h->kept.verdict = reply->verdict;
		h->along = ALONG_ENDED;
		if (awaited)
			flow_resume(along->loop, along->ref);
	}
	free(along);
}

/*
 * As if the tip were accepted: Redis carries out both in their order and syncs them together, and
 * keeps the memory only if the tip is there. In every other case it is read and written anew.
 */
void hear_send_along(void *who, const struct tip_id *id, const unsigned char receipt_mark[16],
		     const struct receipt_code *receipt)
{
	struct hearing *h = who;
	struct store_memo memo;
	struct buf sealed = { 0 }, code = { 0 };
	struct along *along;

	if (!h->telephone || h->away || h->along != ALONG_NOT)
		return;
	h->end.id = *id;
	h->filed = *receipt;
	h->verdict = INTAKE_ACCEPTED;
	apply(h, h->answered || h->answer);
	seal_memory(h, &memo, &sealed, &code);
	memo.with = id;
	memcpy(memo.with_mark, receipt_mark, sizeof(memo.with_mark));
	h->along = ALONG_SENT;
	h->along_with = *id;
	along = memory_zeroes(1, sizeof(*along));
	*along = (struct along){ .loop = h->hear->env.loop, .ref = h->ref };
	store_submit(h->hear->env.store, &(struct store_request){ .op = STORE_MEMO_PUT, .memo = &memo },
		     (struct store_wait){ .done = went_along, .ctx = along });
	buf_release(&sealed);
	buf_release(&code);
}

/* --- and afterwards --------------------------------------------------------------------------------------- */

/* A tip and its words are durable without it; what only changes the memory is not. */
static enum flow_next not_kept(struct hearing *h)
{
	return h->end.as == SMS_AS_STOP || h->end.as == SMS_AS_QUESTION ? hear_again(h) : FLOW_DONE;
}

/* What went along was about an id that the message has not become. */
static bool is_of_another_tip(const struct hearing *h)
{
	return h->along != ALONG_NOT && strcmp(h->along_with.text, h->end.id.text) != 0;
}

enum flow_next hear_kept(struct flow *flow)
{
	struct hearing *h = flow_state(flow);

	if (h->kept.outcome != STORE_DONE)
		return not_kept(h);
	if (h->kept.verdict == STORE_CONFLICT || h->kept.verdict == STORE_ABSENT || is_of_another_tip(h)) {
		h->along = ALONG_NOT;
		return ++h->tries < TRIES ? ask_memory(flow, h) : not_kept(h);
	}
	return FLOW_DONE;
}

/* Another daemon heard the same telephone meanwhile. */
enum flow_next hear_reloaded(struct flow *flow)
{
	struct hearing *h = flow_state(flow);

	return hear_read_memory(flow, h) ? hear_go(flow, STEP_KEEP) : not_kept(h);
}
