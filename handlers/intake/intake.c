/*
 * Intake: the way of a tip, as a row of steps.
 *
 *   judge   normalize, scan, route, score, fingerprint     pure
 *   seal    receipt code, id, sealed content, marks, and   pure given keys and random bytes
 *           the week's cover over what was sealed
 *   commit  on disk, with all others of this turn          waits
 *   settle  the answer; another code when the id was taken
 */
#include "handlers/intake/intake.h"

#include "daemon/base/hex.h"
#include "daemon/base/json_out.h"
#include "daemon/base/table.h"
#include "daemon/base/utf8.h"
#include "daemon/base/wipe.h"
#include "daemon/core/tip/content.h"
#include "daemon/loop/loop.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/log.h"
#include "daemon/sys/random.h"
#include "daemon/sys/week_keys.h"
#include "daemon/tlog/leaf_mask.h"
#include "handlers/intake/intake_env.h"

#include <assert.h>
#include <stdlib.h>

#define CODES_TRIED 4          /* an id is taken once in about 10^8 tips of a shard */
#define RETRY_AFTER_S 30
#define FIELD_MAX_BYTES 500    /* of the short fields */
#define SENDER_MARK_BYTES 8    /* of its 16: what the journal tells */

struct intake {
	struct intake_env env;
	struct intake_figures figures;
};

struct intake_flow {
	struct intake *intake;
	const struct intake_request *request;
	void (*done)(void *ctx, const struct intake_result *result);
	void *ctx;
	struct judgement judgement;
	struct commit_tip commit;
	struct seal_key answer_key;
	unsigned attempt;
	struct intake_result result;
};

struct intake *intake_new(const struct intake_env *env)
{
	struct intake *intake = calloc(1, sizeof(*intake));

	assert(intake != NULL);
	intake->env = *env;
	return intake;
}

void intake_free(struct intake *intake)
{
	free(intake);
}

void intake_set_judge(struct intake *intake, struct judge *judge)
{
	intake->env.judge = judge;
}

const struct intake_figures *intake_figures(const struct intake *intake)
{
	return &intake->figures;
}

/* --- what is acceptable ----------------------------------------------------------- */

static bool refuse(struct intake_result *result, const char *field, const char *fault)
{
	result->verdict = INTAKE_INVALID;
	result->field = field;
	result->fault = fault;
	return false;
}

/* Somebody who writes the code into a tip shows it to every officer who reads it. */
static bool check_code(const struct tip *tip, struct intake_result *result, const char *field, struct span value)
{
	return tip->channel == TIP_BY_SMS || !receipt_hidden_in(value) ||
	       refuse(result, field, "receipt_code_inside");
}

static bool check_text(const struct intake *intake, const struct tip *tip, struct intake_result *result)
{
	if (span_is_blank(tip->text))
		return refuse(result, "text", "missing");
	if (tip->text.len > intake->env.text_max_bytes)
		return refuse(result, "text", "too_long");
	if (!utf8_valid(tip->text))
		return refuse(result, "text", "not_utf8");
	return check_code(tip, result, "text", tip->text);
}

static bool check_short(const struct tip *tip, struct intake_result *result, const char *field, struct span value)
{
	if (value.len > FIELD_MAX_BYTES)
		return refuse(result, field, "too_long");
	if (!utf8_valid(value))
		return refuse(result, field, "not_utf8");
	return check_code(tip, result, field, value);
}

bool intake_check(const struct intake *intake, const struct tip *tip, struct intake_result *result)
{
	if (!check_text(intake, tip, result))
		return false;
	if (tip->region.len > 0 && (tip->region.len != 6 || !span_digits(tip->region)))
		return refuse(result, "region", "not_six_digits");
	return check_short(tip, result, "place", tip->place) && check_short(tip, result, "when", tip->when) &&
	       check_short(tip, result, "category", tip->category) &&
	       check_short(tip, result, "lang", tip->lang) && check_short(tip, result, "contact", tip->contact);
}

static enum flow_next step_judge(struct flow *flow)
{
	struct intake_flow *in = flow_state(flow);

	if (!intake_check(in->intake, &in->request->tip, &in->result))
		return FLOW_DONE;
	judge_tip(in->intake->env.judge, &in->request->tip, flow_arena(flow), &in->judgement);
	return FLOW_NEXT;
}

/* --- marks of the request -------------------------------------------------------------- */

static void digest_part(struct buf *all, struct span part)
{
	buf_add_u64(all, part.len);
	buf_add_byte(all, ':');
	buf_add_span(all, part);
}

void intake_name(const struct intake *intake, const struct intake_request *request, struct store_named *out)
{
	const struct seal_key *key = keys_requests(intake->env.keys);
	struct buf all = { 0 };

	digest_part(&all, request->tip.text);
	digest_part(&all, request->tip.region);
	digest_part(&all, request->tip.place);
	digest_part(&all, request->tip.when);
	digest_part(&all, request->tip.category);
	digest_part(&all, request->tip.contact);
	for (size_t i = 0; i < request->nfiles; i++) {
		digest_part(&all, request->files[i].name);
		buf_add_u64(&all, request->files[i].bytes);
	}
	seal_mark(key, "request", request->request_id, out->mark);
	seal_mark(key, "content", buf_span(&all), out->digest);
	out->keep_s = intake->env.answer_ttl_s;
	buf_release(&all);
}

static void mark_request(struct intake_flow *in)
{
	struct store_tip *tip = &in->commit.tip;
	struct store_named named;

	if (in->request->request_id.len == 0)
		return;
	intake_name(in->intake, in->request, &named);
	memcpy(tip->request_mark, named.mark, sizeof(tip->request_mark));
	memcpy(tip->request_digest, named.digest, sizeof(tip->request_digest));
	tip->answer_ttl_s = named.keep_s;
	seal_derive(keys_requests(in->intake->env.keys), "answer", in->request->request_id, &in->answer_key);
	in->commit.answer_key = &in->answer_key;
}

/* --- sealing -------------------------------------------------------------------------- */

/*
 * The code's random part. A named request with the same content draws the same
 * code again, so that a redelivery during an outage finds its own tip when the
 * store is back; with other content it must not, or that would be lost there.
 */
static void draw_code(struct intake_flow *in)
{
	unsigned char random[16];

	if (in->request->request_id.len > 0) {
		struct seal_key derived;
		char label[] = "receipt-0";

		label[sizeof(label) - 2] = (char)('0' + in->attempt);
		seal_derive(&in->answer_key, label,
			    span_from(in->commit.tip.request_digest, sizeof(in->commit.tip.request_digest)), &derived);
		memcpy(random, derived.bytes, sizeof(random));
		wipe(&derived, sizeof(derived));
	} else {
		random_bytes(random, sizeof(random));
	}
	receipt_make(in->judgement.route.code, random, &in->commit.receipt);
	wipe(random, sizeof(random));
}

static void content_of(const struct intake_request *request, struct tip_content *content)
{
	const struct tip *tip = &request->tip;

	*content = (struct tip_content){
		.text = tip->text,
		.place = tip->place,
		.when = tip->when,
		.category = tip->category,
		.lang = tip->lang,
		.region = tip->region,
		.nfiles = request->nfiles,
	};
	memcpy(content->files, request->files, sizeof(content->files));
}

static void seal_words(struct intake_flow *in, struct arena *arena)
{
	struct store_tip *out = &in->commit.tip;
	struct keys *keys = in->intake->env.keys;
	struct tip_content content;
	struct seal_key tip_key;
	struct seal_key receipt_key;
	struct buf sealed = { 0 };
	unsigned char commitment[32];
	const struct data_key *data_key;

	content_of(in->request, &content);
	data_key = keys_data_key(keys, span_from(out->region, 6), in->request->tip.received_ms,
				 &out->data_key.sealed);
	out->data_key.sealed = arena_dup(arena, out->data_key.sealed);
	memcpy(out->data_key.id, data_key->id, sizeof(out->data_key.id));
	if (in->request->tip_key != NULL)
		tip_key = *in->request->tip_key;
	else
		random_bytes(tip_key.bytes, sizeof(tip_key.bytes));
	seal_key_from_receipt(&in->commit.receipt, &receipt_key);
	out->files = content_file_names(content.files, content.nfiles, arena);
	seal_tip(&out->id, &content, &tip_key, data_key, &receipt_key, &sealed);
	out->sealed = arena_dup(arena, buf_span(&sealed));
	seal_commitment(&tip_key, out->sealed, commitment);
	out->commitment = arena_dup(arena, span_from(commitment, sizeof(commitment)));
	buf_release(&sealed);
	wipe(&tip_key, sizeof(tip_key));
	wipe(&receipt_key, sizeof(receipt_key));
}

static void seal_person(struct intake_flow *in, struct arena *arena)
{
	const struct tip *tip = &in->request->tip;
	struct buf sealed = { 0 };

	if (tip->contact.len == 0 && tip->sender.len == 0)
		return;
	seal_identity(&in->commit.tip.id, keys_identity_box(in->intake->env.keys, tip->received_ms),
		      tip->contact, tip->sender, &sealed);
	in->commit.tip.identity = arena_dup(arena, buf_span(&sealed));
	buf_release(&sealed);
}

static void cover_one(const struct store_tip *tip, enum cover_kind kind, unsigned week, const struct seal_key *week_key, struct arena *arena,
		      struct span *sealed)
{
	struct buf out = { 0 };

	if (span_empty(*sealed))
		return;
	cover_seal(&tip->id, kind, week, week_key, *sealed, &out);
	*sealed = arena_dup(arena, buf_span(&out));
	buf_release(&out);
}

/*
 * Under the week of this moment, not of the tip's: what comes late out of parts
 * must not lie under a key that is about to be destroyed. False: there is none,
 * and nothing may be stored that could never be deleted.
 */
static bool cover(struct intake_flow *in, struct arena *arena)
{
	struct store_tip *tip = &in->commit.tip;
	struct seal_key week_key;
	struct complaint why;
	unsigned week;

	if (!week_keys_present(in->intake->env.weeks, clock_wall_ms(), &week, &week_key, &why)) {
		log_rarely(LOG_LEVEL_ERROR, "weeks.not_made", why.text);
		return false;
	}
	cover_one(tip, COVER_CONTENT, week, &week_key, arena, &tip->sealed);
	cover_one(tip, COVER_IDENTITY, week, &week_key, arena, &tip->identity);
	wipe(&week_key, sizeof(week_key));
	return true;
}

/* So that whoever acts on the tip later can make its leaves, without the code. */
static void seal_seed(struct intake_flow *in, struct arena *arena)
{
	unsigned char seed[LEAF_SEED_BYTES];

	leaf_seed_of_tip(&in->commit.receipt, seed);
	leaf_mask(keys_log_mask(in->intake->env.keys), &in->commit.tip.id, seed, seed);
	in->commit.tip.seed = arena_dup(arena, span_from(seed, sizeof(seed)));
	wipe(seed, sizeof(seed));
}

/* --- the journal's event ------------------------------------------------------------------- */

static void put_rules(struct json_out *json, const struct score *score)
{
	json_open_member(json, "rules", '[');
	for (size_t i = 0; i < score->nreasons; i++)
		json_text(json, NULL, score->reasons[i].rule->name);
	json_close(json, ']');
}

/*
 * Tips of one telephone are known as such among each other, within an epoch,
 * and lead to no number without the epoch's key.
 */
static void put_sender(const struct intake *intake, const struct tip *tip, struct json_out *json)
{
	unsigned char mark[STORE_MARK_BYTES];
	char hex[2 * SENDER_MARK_BYTES];
	struct seal_key key;

	if (tip->channel != TIP_BY_SMS || span_empty(tip->sender))
		return;
	keys_sender_mark(intake->env.keys, tip->received_ms, &key);
	seal_mark(&key, "sender", tip->sender, mark);
	hex_put(mark, SENDER_MARK_BYTES, hex);
	json_text(json, "sender", span_from(hex, sizeof(hex)));
	wipe(&key, sizeof(key));
}

static struct span event_of(struct intake_flow *in, struct arena *arena)
{
	const struct judgement *judged = &in->judgement;
	const struct store_tip *tip = &in->commit.tip;
	char mark[2 * STORE_MARK_BYTES];
	struct buf text = { 0 };
	struct json_out json = json_out_to(&text);
	struct span event;

	hex_put(tip->receipt_mark, STORE_MARK_BYTES, mark);
	json_open(&json, '{');
	json_text(&json, "e", SPAN("accepted"));
	json_text(&json, "id", span_of(tip->id.text));
	json_i64(&json, "at", tip->received_ms);
	json_text(&json, "region", span_of(tip->region));
	json_u64(&json, "points", tip->points);
	json_text(&json, "via", span_of(tip_channel_name(in->request->tip.channel)));
	json_text(&json, "why", span_of(route_reason_name(judged->route.reason)));
	json_u64(&json, "confidence", judged->route.confidence);
	put_rules(&json, &judged->score);
	json_text(&json, "rules_version", span_of(rules_version(judge_rules(in->intake->env.judge))));
	json_text(&json, "mark", span_from(mark, sizeof(mark)));
	put_sender(in->intake, &in->request->tip, &json);
	json_close(&json, '}');
	event = arena_dup(arena, buf_span(&text));
	buf_release(&text);
	return event;
}

static enum flow_next busy(struct intake_flow *in)
{
	in->result.verdict = INTAKE_BUSY;
	in->result.retry_after_s = RETRY_AFTER_S;
	return FLOW_DONE;
}

static enum flow_next step_seal(struct flow *flow)
{
	struct intake_flow *in = flow_state(flow);
	struct store_tip *out = &in->commit.tip;
	struct arena *arena = flow_arena(flow);
	struct receipt_trace trace;

	mark_request(in);
	draw_code(in);
	receipt_trace(keys_receipt(in->intake->env.keys), &in->commit.receipt, &trace);
	out->id = trace.id;
	memcpy(out->receipt_mark, trace.mark, sizeof(out->receipt_mark));
	memcpy(out->region, in->judgement.route.code, sizeof(out->region));
	out->points = in->judgement.score.points;
	out->received_ms = in->request->tip.received_ms;
	out->fingerprint = fingerprint_pack(&in->judgement.fingerprint, arena);
	seal_words(in, arena);
	seal_person(in, arena);
	if (!cover(in, arena))
		return busy(in);
	seal_seed(in, arena);
	out->event = event_of(in, arena);
	if (in->request->reply_to.len > 0)
		out->outbox = in->intake->env.reply_intent(in->intake->env.reply_ctx, in->request, &out->id,
							   &in->commit.receipt, arena);
	return FLOW_NEXT;
}

/* --- commit and answer ---------------------------------------------------------------------- */

static void sent(void *ctx)
{
	struct intake_flow *in = ctx;

	in->request->sent(in->ctx, &in->commit.tip.id, in->commit.tip.receipt_mark, &in->commit.receipt);
}

static enum flow_next step_commit(struct flow *flow)
{
	struct intake_flow *in = flow_state(flow);

	if (in->request->sent != NULL) {
		in->commit.sent = sent;
		in->commit.sent_ctx = in;
	}
	return commit_add(in->intake->env.commit, flow, &in->commit);
}

/* The answer that was given to the first delivery, out of its sealed copy. */
static enum flow_next give_first_answer(struct flow *flow, struct intake_flow *in)
{
	struct intake_result *result = &in->result;
	struct span clear;

	if (memcmp(in->commit.first_digest, in->commit.tip.request_digest, STORE_MARK_BYTES) != 0) {
		result->verdict = INTAKE_MISMATCH;
		return FLOW_DONE;
	}
	result->verdict = INTAKE_REPEATED;
	if (in->commit.first_answer.len == 0)
		return FLOW_DONE;
	if (!seal_open_blob(&in->answer_key, "answer", in->commit.first_answer, flow_arena(flow), &clear) ||
	    clear.len < TIP_ID_LEN + RECEIPT_DIGITS) {
		log_event(LOG_LEVEL_ERROR, "intake.kept_answer_broken", NULL);
		return busy(in);
	}
	tip_id_parse(span_from(clear.at, TIP_ID_LEN), &result->id);
	receipt_parse(span_from(clear.at + TIP_ID_LEN, RECEIPT_DIGITS), &result->receipt);
	result->promise = span_from_offset(clear, TIP_ID_LEN + RECEIPT_DIGITS);
	return FLOW_DONE;
}

static void count_accepted(struct intake_flow *in)
{
	struct intake_figures *figures = &in->intake->figures;

	figures->by_channel[in->request->tip.channel]++;
	figures->by_priority[in->judgement.score.priority]++;
	figures->unrouted += in->judgement.route.reason == ROUTE_TO_NATION;
}

static enum flow_next step_settle(struct flow *flow)
{
	struct intake_flow *in = flow_state(flow);

	switch (in->commit.end) {
	case COMMIT_STORED:
	case COMMIT_SPOOLED:
		in->result.verdict = INTAKE_ACCEPTED;
		in->result.id = in->commit.tip.id;
		in->result.receipt = in->commit.receipt;
		in->result.promise = in->commit.promise;
		count_accepted(in);
		return FLOW_DONE;
	case COMMIT_REPEATED:
		return give_first_answer(flow, in);
	case COMMIT_KNOWN:
		in->result.verdict = INTAKE_REPEATED;
		in->result.id = in->commit.tip.id;
		in->result.receipt = in->commit.receipt;
		return FLOW_DONE;
	case COMMIT_COLLISION:
		if (++in->attempt >= CODES_TRIED)
			return busy(in);
		flow_jump(flow, 1);
		return FLOW_NEXT;
	case COMMIT_UNKNOWN:
		in->result.maybe = true;
		return busy(in);
	case COMMIT_REFUSED:
		return busy(in);
	}
	return FLOW_FAIL;
}

static void end(struct flow *flow, bool well)
{
	struct intake_flow *in = flow_state(flow);

	if (!well)
		busy(in);
	in->intake->figures.by_verdict[in->result.verdict]++;
	log_event(LOG_LEVEL_INFO, "intake", "id", in->result.id.text[0] != '\0' ? in->result.id.text : NULL,
		  "via", tip_channel_name(in->request->tip.channel), "verdict",
		  intake_verdict_name(in->result.verdict), "region",
		  in->commit.tip.region[0] != '\0' ? in->commit.tip.region : NULL, "ms",
		  log_u64(flow_age_ms(flow)), NULL);
	in->done(in->ctx, &in->result);
	wipe(&in->answer_key, sizeof(in->answer_key));
}

static const struct flow_step intake_steps[] = {
	{ .name = "judge", .run = step_judge },
	{ .name = "seal", .run = step_seal },
	{ .name = "commit", .run = step_commit },
	{ .name = "settle", .run = step_settle },
};

static const struct flow_kind intake_kind = {
	.name = "intake",
	.steps = intake_steps,
	.nsteps = COUNT_OF(intake_steps),
	.state_bytes = sizeof(struct intake_flow),
	/* Above every timeout a store may have (store.timeout_ms is at most 10 s): see commit.c. */
	.timeout_ms = 15000,
	.end = end,
};

const char *intake_verdict_name(enum intake_verdict verdict)
{
	static const char *const names[] = {
		[INTAKE_ACCEPTED] = "accepted", [INTAKE_REPEATED] = "repeated", [INTAKE_MISMATCH] = "mismatch",
		[INTAKE_INVALID] = "invalid",   [INTAKE_BUSY] = "busy",
	};

	return names[verdict];
}

void intake_submit(struct intake *intake, const struct intake_request *request,
		   void (*done)(void *ctx, const struct intake_result *result), void *ctx)
{
	struct flow *flow = flow_start(intake->env.loop, &intake_kind, NULL, NULL);
	struct intake_flow *in = flow_state(flow);

	in->intake = intake;
	in->request = request;
	in->done = done;
	in->ctx = ctx;
}
