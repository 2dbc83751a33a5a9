/*
 * The same random operations on the store in memory and on Redis: every answer
 * must be the same, and the fold of the journal must be what both stores hold.
 *
 * The seed is printed with a failure; TIPLINE_SEED runs it again.
 */
#include "daemon/core/journal/fold.h"
#include "daemon/core/retention.h"
#include "daemon/store/change.h"
#include "daemon/sys/clock.h"
#include "tests/support/store_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#define ROUNDS 2200
#define HOUR_MS 3600000u
#define SHORT_MS 20u

static struct store_rig memory, redis;
static uint64_t fences[2][3];
static struct buf said, answered;
static uint64_t state = 1;
static size_t noverdue, nerased;

static const char *const shards[] = { "11", "15", "44" };
static const char *const holders[] = { "officer", "of\"ficer", "\xe6\x9d\x8e\xe5\x91\xbd" };

static unsigned draw(unsigned below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state >> 33) % below;
}

/* Asks both; the answers as text must be equal. What memory said is left in memory.reply. */
static void ask(const struct store_request *request)
{
	buf_clear(&said);
	buf_clear(&answered);
	store_reply_text(store_rig_ask(&memory, request), &said);
	store_reply_text(store_rig_ask(&redis, request), &answered);
	buf_add_byte(&said, '\0');
	buf_add_byte(&answered, '\0');
	if (strcmp(said.at, answered.at) != 0)
		print_error("operation %d\n--- memory\n%s--- redis\n%s", request->op, said.at, answered.at);
	assert_string_equal(said.at, answered.at);
}

/* Redis' clock runs by itself: the other one follows it, so that a slow machine brings them no further apart. */
static void advance(unsigned ms)
{
	static int64_t synced_ms;
	int64_t now_ms;

	store_rig_advance(&redis, ms);
	now_ms = clock_wall_ms();
	store_rig_advance(&memory, synced_ms > 0 ? (unsigned)(now_ms - synced_ms) : ms);
	synced_ms = now_ms;
}

static struct tip_id random_id(void)
{
	struct tip_id id;

	snprintf(id.text, sizeof(id.text), "%s-00000000%02u", shards[draw(3)], draw(60));
	return id;
}

static void random_region(char region[7], const char *shard)
{
	snprintf(region, 7, "%.2s%02u00", shard, draw(3));
}

/* --- operations -------------------------------------------------------------------------------- */

static struct store_tip random_tip(struct arena *arena)
{
	struct store_tip tip = { .id = random_id(), .points = draw(5) * 20, .received_ms = 1000 + draw(50) };
	char mark[2 * STORE_MARK_BYTES + 1];

	random_region(tip.region, tip.id.text);
	memset(tip.receipt_mark, (int)(0x41 + draw(2)), STORE_MARK_BYTES);
	for (size_t i = 0; i < STORE_MARK_BYTES; i++)
		snprintf(mark + 2 * i, 3, "%02x", tip.receipt_mark[i]);
	tip.event = span_of(
		arena_printf(arena,
			     "{\"e\":\"accepted\",\"id\":\"%s\",\"at\":%lld,\"received\":%lld,"
			     "\"region\":\"%s\",\"points\":%u,\"rules\":[\"a}\",\"b\"],\"mark\":\"%s\"}",
			     tip.id.text, (long long)tip.received_ms + 5, (long long)tip.received_ms,
			     tip.region, tip.points, mark));
	tip.sealed = span_of(arena_printf(arena, "sealed %u", draw(1000)));
	tip.identity = draw(3) == 0 ? SPAN("identity") : SPAN("");
	tip.fingerprint = draw(4) > 0 ? SPAN("finger") : SPAN("");
	tip.commitment = draw(4) > 0 ? SPAN("commitment") : SPAN("");
	tip.seed = draw(4) > 0 ? span_of(arena_printf(arena, "seed number %04u", draw(3))) : SPAN("");
	tip.outbox = draw(4) == 0 ? SPAN("intent") : SPAN("");
	tip.files = draw(3) == 0 ? SPAN("aa bb") : SPAN("");
	if (draw(2) == 0) {
		memset(tip.request_mark, (int)(1 + draw(40)), STORE_MARK_BYTES);
		memset(tip.request_digest, (int)draw(9), STORE_MARK_BYTES);
		tip.answer = draw(4) > 0 ? SPAN("answer") : SPAN("");
		tip.answer_ttl_s = 3600;
	}
	if (draw(2) == 0) {
		memset(tip.data_key.id, (int)(1 + draw(4)), STORE_DATA_KEY_ID_BYTES);
		tip.data_key.sealed = SPAN("key");
	}
	return tip;
}

static void do_accept(struct arena *arena)
{
	struct store_tip tips[6];
	size_t n = 1 + draw(6);

	for (size_t i = 0; i < n; i++)
		tips[i] = random_tip(arena);
	ask(&(struct store_request){ .op = STORE_ACCEPT, .tips = tips, .ntips = n });
}

static void do_receive(struct arena *arena)
{
	const struct span messages[] = { SPAN("one"), SPAN("two"), SPAN("three") };
	struct store_tip tip = random_tip(arena);

	tip.hops = 1 + draw(3);
	tip.event = span_of(arena_printf(arena, "%.*s,\"hops\":%u}", (int)tip.event.len - 1, tip.event.at, tip.hops));
	if (draw(2) == 0) {
		tip.parent = random_id();
		tip.event = span_of(arena_printf(arena, "%.*s,\"incident\":\"%s\"}", (int)tip.event.len - 1,
						 tip.event.at, tip.parent.text));
	}
	if (draw(2) == 0) {
		tip.context = span_of(arena_printf(arena, "%u 0 0 1 0", draw(3)));
		tip.event = span_of(arena_printf(arena, "%.*s,\"context\":\"%.*s\"}", (int)tip.event.len - 1,
						 tip.event.at, (int)tip.context.len, tip.context.at));
	}
	memset(tip.request_mark, 0, sizeof(tip.request_mark));
	ask(&(struct store_request){
		.op = STORE_RECEIVE, .tips = &tip, .ntips = 1, .messages = messages, .nmessages = draw(4) });
}

static void do_claim(struct arena *arena)
{
	char regions[4][7];
	struct store_claim claim = { .regions = (const char(*)[7])regions,
				     .nregions = 1 + draw(3),
				     .max = 1 + draw(5),
				     .lease_ms = draw(2) == 0 ? SHORT_MS : HOUR_MS,
				     .holder = span_of(holders[draw(3)]) };

	(void)arena;
	memcpy(claim.shard, shards[draw(3)], 2);
	for (unsigned i = 0; i < claim.nregions; i++)
		snprintf(regions[i], 7, "%.2s%02u00", claim.shard, i);
	ask(&(struct store_request){ .op = STORE_CLAIM, .claim = &claim });
}

static const char *event_word(enum tip_event event)
{
	static const char *const words[TIP_EVENTS] = {
		[TIP_EV_CLAIM] = "claimed",         [TIP_EV_RENEW] = "renewed",
		[TIP_EV_RELEASE] = "released",      [TIP_EV_LEASE_EXPIRED] = "lease_expired",
		[TIP_EV_TRANSFER] = "transferred",  [TIP_EV_TRANSFER_AWAY] = "transferred_away",
		[TIP_EV_MESSAGE] = "message",       [TIP_EV_NOTE] = "note",
		[TIP_EV_SUPPLEMENT] = "supplement", [TIP_EV_VERIFY] = "verified",
		[TIP_EV_CLOSE] = "closed",          [TIP_EV_REOPEN] = "reopened",
		[TIP_EV_UNSEAL] = "unsealed",
		[TIP_EV_ESCALATE] = "escalated",    [TIP_EV_HOLD] = "held",
		[TIP_EV_ASK_LIFT] = "lift_asked",   [TIP_EV_LIFT] = "hold_lifted",
		[TIP_EV_ERASE] = "erased",
	};

	return words[event];
}

static bool holds(enum tip_state at)
{
	return at == TIP_CLAIMED || at == TIP_VERIFIED;
}

/* What an officer's request would make of a row and a legal move. */
static struct store_change change_by(const struct store_row *row, const struct tip_move *move,
				     struct arena *arena)
{
	struct store_change change = {
		.id = row->id, .expect_rev = row->rev, .state = move->to, .points = row->points
	};
	struct store_row kept;
	const char *by;

	memcpy(change.region, row->region, 7);
	if (move->on == TIP_EV_TRANSFER) {
		random_region(change.region, row->id.text);
		change.points = draw(5) * 20;
	}
	if (holds(move->to)) {
		change.holder =
			span_empty(row->holder) ? span_of(holders[draw(3)]) : arena_dup(arena, row->holder);
		change.lease_ms = !holds(row->state) || move->on == TIP_EV_RENEW ? HOUR_MS : 0;
	}
	if (move->on == TIP_EV_MESSAGE || move->on == TIP_EV_NOTE || move->on == TIP_EV_SUPPLEMENT || move->on == TIP_EV_UNSEAL)
		change.message = span_of(arena_printf(arena, "message %u", draw(100)));
	if (move->on == TIP_EV_SUPPLEMENT)
		change.files = span_of(arena_printf(arena, "%.*s", (int)draw(2) * 4, "f11e"));
	change.sealed = draw(8) == 0 ? SPAN("sealed anew") : SPAN("");
	change.outbox = draw(6) == 0 ? SPAN("intent of a change") : SPAN("");
	by = move->on == TIP_EV_CLAIM ? "officer" : (move->by & TIP_BY_STAFF) == 0 ? "" : draw(2) == 0 ? "somebody" : "else";
	if (move->on == TIP_EV_LIFT)
		by = span_is(row->hold.asked, "else") ? "somebody" : "else";
	change.event = span_of(arena_printf(
		arena, "{\"e\":\"%s\",\"id\":\"%s\",\"by\":\"%s\",\"region\":\"%s\",\"points\":%u%s}",
		event_word(move->on), row->id.text, by, change.region, change.points,
		move->on == TIP_EV_CLOSE ? ",\"outcome\":\"prank\"" : ""));
	kept = *row;
	kept.closer = arena_dup(arena, row->closer);
	kept.end.outcome = arena_dup(arena, row->end.outcome);
	kept.hold.by = arena_dup(arena, row->hold.by);
	kept.hold.asked = arena_dup(arena, row->hold.asked);
	store_change_follow(&change, &kept, move, span_of(by));
	if (move->on == TIP_EV_CLAIM)
		change.holder = SPAN("officer");
	if (move->on == TIP_EV_CLOSE)
		change.end = (struct store_end){ .outcome = SPAN("prank"), .at_ms = CLOCK_NOW };
	if (move->on == TIP_EV_CLOSE)
		change.example = SPAN("\x01\x00example");
	return change;
}

/* What the store leaves to its caller: who may hold, who may lift, that nothing held goes away. */
static bool may(const struct store_row *row, const struct tip_move *move)
{
	if (move->from != row->state || move->on == TIP_EV_ESCALATE || move->on == TIP_EV_ERASE)
		return false;
	if (move->on == TIP_EV_HOLD)
		return row->hold.by.len == 0;
	if (move->on == TIP_EV_ASK_LIFT)
		return row->hold.by.len > 0;
	if (move->on == TIP_EV_LIFT)
		return row->hold.asked.len > 0;
	return move->on != TIP_EV_TRANSFER_AWAY || row->hold.by.len == 0;
}

/* The same change of both; times of clocks and ends that go on are each store's own. */
static void ask_change(struct store_change *change, const struct clock_face faces[2], const int64_t ended_ms[2])
{
	struct store_request request = { .op = STORE_CHANGE, .change = change };

	buf_clear(&said);
	buf_clear(&answered);
	change->clock = faces[0];
	change->end.at_ms = ended_ms[0];
	store_reply_text(store_rig_ask(&memory, &request), &said);
	change->clock = faces[1];
	change->end.at_ms = ended_ms[1];
	store_reply_text(store_rig_ask(&redis, &request), &answered);
	buf_add_byte(&said, '\0');
	buf_add_byte(&answered, '\0');
	assert_string_equal(said.at, answered.at);
}

static void do_change(struct arena *arena)
{
	struct tip_id id = random_id();
	const struct tip_move *moves, *move;
	struct store_change change;
	struct clock_face faces[2];
	int64_t ended_ms[2];
	bool told;
	size_t n;

	ask(&(struct store_request){ .op = STORE_READ, .id = id, .identity = true });
	if (memory.reply.nrows == 0)
		return;
	moves = tip_moves(&n);
	move = &moves[draw((unsigned)n)];
	while (!may(&memory.reply.rows[0], move)) {
		if (memory.reply.rows[0].state == TIP_TRANSFERRED || memory.reply.rows[0].state == TIP_ERASED)
			return;
		move = &moves[draw((unsigned)n)];
	}
	if (move->to == TIP_CLOSED && move->from != TIP_CLOSED && draw(4) == 0)
		return;
	if (move->to == TIP_TRANSFERRED && draw(4) > 0)
		return;
	change = change_by(&memory.reply.rows[0], move, arena);
	if (draw(6) == 0)
		change.expect_rev = change.expect_rev > 1 ? change.expect_rev - draw(2) : 9;
	ended_ms[0] = ended_ms[1] = change.end.at_ms;
	if (change.end.at_ms != CLOCK_NOW)
		ended_ms[1] = redis.reply.rows[0].end.at_ms;
	faces[0] = change.clock;
	faces[1] = clock_turned(redis.reply.rows[0].clock, move->turn, CLOCK_NOW, &told);
	ask_change(&change, faces, ended_ms);
	if (draw(4) == 0)
		ask_change(&change, faces, ended_ms);
}

/* Parts of a tip, whatever there is of it; each store has its own time of the end. */
static void erase_in(struct store_rig *rig, const struct tip_id *id, unsigned parts, uint64_t fence, bool late, struct buf *out)
{
	const struct store_reply *reply = store_rig_ask(rig, &(struct store_request){ .op = STORE_READ, .id = *id });
	struct store_request request = { .op = STORE_ERASE, .job = "timers", .fence = fence };
	struct store_erasure what = { .id = *id, .parts = parts, .at_ms = INT64_C(1764000000000) };
	struct arena arena = { 0 };
	char text[RETENTION_PARTS_TEXT];
	struct span words;

	buf_clear(out);
	if (reply->nrows == 0 || (reply->rows[0].end.erased & parts) != 0 || reply->rows[0].end.outcome.len == 0)
		return;
	what.expect_rev = reply->rows[0].rev;
	what.state = reply->rows[0].state;
	if (what.state == TIP_CLOSED && (parts & RETENTION_BIT(RETENTION_TEXT)) != 0)
		what.state = TIP_ERASED;
	memcpy(what.region, "150000", 7);
	what.end = reply->rows[0].end;
	what.end.outcome = arena_dup(&arena, what.end.outcome);
	what.end.erased |= parts;
	what.due_ms = late ? INT64_C(99999999999999) : what.end.at_ms;
	words = retention_parts_write(parts, text);
	what.event = span_of(arena_printf(&arena, "{\"e\":\"erased\",\"id\":\"%s\",\"parts\":\"%.*s\"}", id->text,
					  (int)words.len, words.at));
	request.erasure = &what;
	store_reply_text(store_rig_ask(rig, &request), out);
	nerased += rig->reply.verdict == STORE_OK;
	arena_release(&arena);
}

static void do_erase(struct arena *arena)
{
	struct store_request request = { .op = STORE_ENDED, .max = 1 + draw(20), .until_ms = INT64_MAX / 1000000 };
	struct tip_id id = random_id();
	unsigned shard = draw(3), parts = 1 + draw(RETENTION_ALL), i;
	bool late = draw(8) == 0;

	(void)arena;
	memcpy(request.shard, shards[shard], 2);
	store_rig_ask(&memory, &request);
	store_rig_ask(&redis, &request);
	assert_int_equal(memory.reply.nrows, redis.reply.nrows);
	if (memory.reply.nrows > 0 && draw(4) > 0)
		id = memory.reply.rows[draw((unsigned)memory.reply.nrows)].id;
	for (i = 0; memcmp(shards[i], id.text, 2) != 0; i++)
		;
	if ((parts & RETENTION_BIT(RETENTION_ROW)) != 0 && draw(3) > 0)
		parts &= ~RETENTION_BIT(RETENTION_ROW);
	if (parts == 0)
		return;
	request.fence = fences[0][i] + (draw(8) == 0);
	erase_in(&memory, &id, parts, request.fence, late, &said);
	erase_in(&redis, &id, parts, request.fence, late, &answered);
	assert_true(span_eq(buf_span(&said), buf_span(&answered)));
	request.max = 1000;
	request.op = STORE_DOOMED;
	ask(&request);
	if (memory.reply.nitems > 0)
		ask(&(struct store_request){ .op = STORE_DOOMED_END, .id = id });
	request.op = STORE_ERASED;
	ask(&request);
}

static void do_expire(struct arena *arena)
{
	struct store_request request = { .op = STORE_EXPIRE, .job = "timers", .max = 1 + draw(20) };
	unsigned shard = draw(3);

	(void)arena;
	advance(SHORT_MS + 5);
	memcpy(request.shard, shards[shard], 2);
	request.fence = fences[0][shard] + (draw(8) == 0);
	ask(&request);
}

/* Times of the two stores differ a little: each row is planned by its own. */
static struct span escalated_event(const struct store_escalation *what, struct arena *arena)
{
	return span_of(arena_printf(arena,
				    "{\"e\":\"escalated\",\"id\":\"%s\",\"at\":1,\"from\":\"%s\",\"to\":\"%s\",\"why\":\"%s\"}",
				    what->id.text, what->raise.home, what->region, clock_wait_name(what->why)));
}

static void escalate_in(struct store_rig *rig, const struct clock_limits *limits, const struct tip_id *id,
			struct store_request *request, struct buf *out)
{
	struct store_escalation what = { .id = *id };
	struct arena arena = { 0 };
	const struct store_reply *reply;
	char above[7];

	reply = store_rig_ask(rig, &(struct store_request){ .op = STORE_READ, .id = *id });
	if (reply->nrows > 0) {
		region_code_above(reply->rows[0].region, above);
		store_escalation_plan(&what, &reply->rows[0], above, limits, INT64_MAX);
		what.closer = arena_dup(&arena, what.closer);
	}
	what.event = escalated_event(&what, &arena);
	request->escalation = &what;
	if (what.region[0] != '\0' && strcmp(what.region, what.raise.home) != 0)
		store_reply_text(store_rig_ask(rig, request), out);
	buf_add_byte(out, '\0');
	arena_release(&arena);
}

static void do_escalate(struct arena *arena)
{
	const struct clock_limits limits = { .ms = { { 5, 5, 0, 5 }, { 5, 0, 5, 5 }, { 5, 5, 5, 5 } } };
	struct store_request request = { .op = STORE_ESCALATE, .job = "timers" };
	struct tip_id id = random_id();

	(void)arena;
	advance(10);
	for (size_t s = 0; s < 3; s++)
		if (memcmp(id.text, shards[s], 2) == 0)
			request.fence = fences[0][s] + (draw(8) == 0);
	buf_clear(&said);
	buf_clear(&answered);
	escalate_in(&memory, &limits, &id, &request, &said);
	escalate_in(&redis, &limits, &id, &request, &answered);
	assert_string_equal(said.at, answered.at);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(((const struct store_row *)a)->id.text, ((const struct store_row *)b)->id.text);
}

/* The very same tips are overdue, in whatever order. */
static void do_overdue(struct arena *arena)
{
	const struct clock_limits limits = { .ms = { { 1, 0, 1, 1 }, { 1, 1, 1, 0 }, { 0, 1, 1, 1 } } };
	struct store_request request = { .op = STORE_OVERDUE, .max = 1000, .limits = &limits };

	(void)arena;
	advance(5);
	memcpy(request.shard, shards[draw(3)], 2);
	store_rig_ask(&memory, &request);
	store_rig_ask(&redis, &request);
	assert_int_equal(memory.reply.nrows, redis.reply.nrows);
	for (struct store_rig *rig = &memory; rig != NULL; rig = rig == &memory ? &redis : NULL)
		if (rig->reply.nrows > 0)
			qsort(rig->reply.rows, rig->reply.nrows, sizeof(struct store_row), by_text);
	for (size_t i = 0; i < memory.reply.nrows; i++) {
		assert_string_equal(memory.reply.rows[i].id.text, redis.reply.rows[i].id.text);
		assert_true(span_empty(redis.reply.rows[i].sealed));
	}
	noverdue += memory.reply.nrows;
}

/* Names come in no order. */
static void look_at_holders(const struct store_request *request)
{
	size_t found = 0;

	store_rig_ask(&memory, request);
	store_rig_ask(&redis, request);
	assert_int_equal(memory.reply.nholders, redis.reply.nholders);
	for (size_t i = 0; i < memory.reply.nholders; i++)
		for (size_t j = 0; j < redis.reply.nholders; j++)
			found += span_eq(memory.reply.holders[i], redis.reply.holders[j]);
	assert_int_equal(found, memory.reply.nholders);
}

/* A page in any order, of any region, from anywhere on. */
static void look_at_page(const struct store_request *like)
{
	struct store_page page = { .waiting = draw(2) == 0,
				   .order = draw(2) == 0 ? STORE_OLDEST_FIRST : STORE_BEST_FIRST,
				   .fewest = draw(4) * 20,
				   .most = 100,
				   .max = 1 + draw(6),
				   .looks = 1 + draw(8) };
	struct store_request request = { .op = STORE_PAGE, .page = &page };

	memcpy(request.shard, like->shard, sizeof(request.shard));
	page.held = !page.waiting || draw(2) == 0;
	snprintf(page.region, sizeof(page.region), "%.2s%02u00", like->shard, draw(3));
	if (draw(3) == 0)
		snprintf(page.region, sizeof(page.region), "000000");
	if (draw(3) == 0)
		snprintf(page.begins, sizeof(page.begins), "%.2s-0", like->shard);
	if (draw(4) == 0)
		memcpy(page.begins, random_id().text, sizeof(page.begins));
	if (draw(2) == 0)
		page.after = (struct store_place){ .points = draw(6) * 20, .at_ms = 1000 + draw(50), .id = random_id() };
	ask(&request);
}

static void do_look(struct arena *arena)
{
	struct store_request request = {
		.shard = "15", .holder = span_of(holders[draw(3)]), .from = draw(40), .max = 1 + draw(60)
	};
	static const enum store_op ops[] = { STORE_HELD, STORE_QUEUES, STORE_JOURNAL };

	(void)arena;
	request.op = ops[draw(3)];
	memcpy(request.shard, shards[draw(3)], 2);
	ask(&request);
	ask(&(struct store_request){ .op = STORE_CHILDREN, .id = random_id(), .max = 1 + draw(5) });
	look_at_page(&request);
	request.op = STORE_ESCALATED;
	snprintf(request.region, 7, "%.2s%02u00", request.shard, draw(3));
	if (draw(3) == 0)
		snprintf(request.region, 7, "%.2s0000", draw(2) == 0 ? request.shard : "00");
	ask(&request);
	request.op = STORE_HOLDERS;
	request.max = 100;
	look_at_holders(&request);
}

/* A fact about two tips, legal or not: half of the time about the same few, so that lists fill and empty. */
static struct store_link random_link(struct arena *arena)
{
	static const char *const whys[] = { "copy", "place,wording", "", "phone" };
	struct store_link link = { .kind = (enum store_link_kind)draw(STORE_LINK_KINDS),
				   .id = random_id(),
				   .other = random_id(),
				   .received_ms = 1000 + draw(50),
				   .score = draw(101),
				   .why = span_of(whys[draw(4)]),
				   .points = draw(5) * 20 };

	if (draw(2) == 0)
		link.id.text[TIP_ID_LEN - 2] = '0';
	if (draw(4) > 0)
		link.context = span_of(arena_printf(arena, "%u 0 %u 0 0", draw(2), draw(2)));
	link.outbox = draw(4) == 0 ? SPAN("intent of a link") : SPAN("");
	return link;
}

/* What can be taken back: the link that is there, a child that is listed, under whatever id. */
static void aim(struct store_link *link)
{
	if (link->kind == STORE_LINK_UNSET) {
		ask(&(struct store_request){ .op = STORE_READ, .id = link->id });
		if (memory.reply.nrows > 0 && memory.reply.rows[0].parent.text[0] != '\0')
			link->other = memory.reply.rows[0].parent;
	}
	if (link->kind == STORE_LINK_NO_CHILD) {
		ask(&(struct store_request){ .op = STORE_CHILDREN, .id = link->id, .max = 3 });
		if (memory.reply.nchildren == 0)
			return;
		link->other = memory.reply.children[0].id;
		link->received_ms = memory.reply.children[0].received_ms;
		memcpy(link->other.text, shards[draw(3)], 2);
	}
}

static struct span link_event(const struct store_link *link, struct arena *arena)
{
	static const char *const words[STORE_LINK_KINDS] = {
		[STORE_LINK_SET] = "linked",        [STORE_LINK_UNSET] = "unlinked",
		[STORE_LINK_CHILD] = "joined",      [STORE_LINK_NO_CHILD] = "parted",
		[STORE_LINK_SUGGEST] = "suggested", [STORE_LINK_DECLINE] = "declined",
		[STORE_LINK_SCORE] = "rescored",
	};
	bool child = link->kind == STORE_LINK_CHILD || link->kind == STORE_LINK_NO_CHILD;

	return span_of(arena_printf(
		arena,
		"{\"e\":\"%s\",\"id\":\"%s\",\"at\":7,\"by\":\"linker\",\"%s\":\"%s\",\"received\":%lld,"
		"\"score\":%u,\"why\":\"%.*s\",\"points\":%u,\"context\":\"%.*s\"}",
		words[link->kind], link->id.text, child ? "tip" : "incident", link->other.text,
		(long long)link->received_ms, link->score, (int)link->why.len, link->why.at, link->points,
		(int)link->context.len, link->context.len > 0 ? link->context.at : ""));
}

static void do_link(struct arena *arena)
{
	for (int i = 0; i < 4; i++) {
		struct store_link link = random_link(arena);
		struct store_request request = { .op = STORE_LINK, .link = &link };

		aim(&link);
		link.event = link_event(&link, arena);
		for (size_t s = 0; s < 3 && draw(2) == 0; s++) {
			if (memcmp(link.id.text, shards[s], 2) != 0)
				continue;
			request.job = "courier";
			request.fence = fences[1][s] + (draw(8) == 0);
		}
		ask(&request);
		if (draw(4) == 0)
			ask(&request);
	}
}

static void do_note(struct arena *arena)
{
	struct store_request request = {
		.op = STORE_JOB_NOTE, .job = "courier", .from = draw(1000), .holder = SPAN("test"), .lease_ms = HOUR_MS
	};
	unsigned shard = draw(3);

	(void)arena;
	memcpy(request.shard, shards[shard], 2);
	request.fence = fences[1][shard] + (draw(4) == 0);
	ask(&request);
	request.op = STORE_JOB_LEASE;
	ask(&request);
}

static void do_outbox_put(void)
{
	struct store_outbox_put put = { .payload = SPAN("put"), .remember_s = 3600 };
	struct store_request request = { .op = STORE_OUTBOX_PUT, .outbox_put = &put };

	memcpy(request.shard, shards[draw(3)], 2);
	put.mark[0] = (unsigned char)draw(20);
	ask(&request);
}

static void do_outbox(struct arena *arena)
{
	struct store_request request = {
		.op = STORE_OUTBOX_DUE, .job = "courier", .max = 1000, .lease_ms = SHORT_MS
	};
	struct store_outbox_end end = { .delay_ms = SHORT_MS, .event = SPAN("") };
	unsigned shard = draw(3);

	do_outbox_put();
	advance(SHORT_MS + 5);
	memcpy(request.shard, shards[shard], 2);
	request.fence = fences[1][shard] + (draw(8) == 0);
	ask(&request);
	if (memory.reply.nitems == 0)
		return;
	end.item = arena_dup(arena, memory.reply.items[draw((unsigned)memory.reply.nitems)].id);
	end.end = (enum outbox_end)draw(3);
	end.tip = random_id();
	if (draw(2) == 0 && memcmp(end.tip.text, request.shard, 2) == 0)
		end.event = span_of(arena_printf(arena, "{\"e\":\"sent\",\"id\":\"%s\",\"at\":1}", end.tip.text));
	else
		end.tip.text[0] = '\0';
	request.op = STORE_OUTBOX_END;
	request.outbox_end = &end;
	ask(&request);
}

static void do_part(struct arena *arena)
{
	struct store_part part = {
		.total = 2 + draw(2), .number = 1 + draw(2), .sealed = SPAN("octets"), .timeout_ms = SHORT_MS
	};
	struct store_request request = {
		.op = STORE_PART, .part = &part, .id = random_id(), .max = 10, .lease_ms = SHORT_MS
	};

	unsigned char *before = arena_alloc(arena, STORE_MARK_BYTES);

	memset(part.group, (int)(1 + draw(6)), sizeof(part.group));
	memset(part.digest, (int)draw(2), sizeof(part.digest));
	memset(part.sender, (int)draw(2), sizeof(part.sender));
	memset(before, (int)(1 + draw(6)), STORE_MARK_BYTES);
	part.before = draw(3) == 0 ? before : NULL;
	part.open_max = 2 + draw(3);
	part.note = draw(2) == 0 ? SPAN("note") : SPAN("");
	if (draw(5) == 0)
		request.op = STORE_PARTS_DONE;
	if (draw(5) == 0) {
		advance(SHORT_MS + 5);
		request.op = STORE_PARTS_DUE;
	}
	ask(&request);
}

static void do_keys(struct arena *arena)
{
	unsigned char ids[4][STORE_DATA_KEY_ID_BYTES];
	struct store_request request = { .op = STORE_DATA_KEYS,
					 .key_ids = (const unsigned char(*)[STORE_DATA_KEY_ID_BYTES])ids,
					 .nkey_ids = 4 };

	(void)arena;
	for (int i = 0; i < 4; i++)
		memset(ids[i], 1 + i, sizeof(ids[i]));
	memcpy(request.shard, shards[draw(3)], 2);
	ask(&request);
}

/* --- the run -------------------------------------------------------------------------------------- */

static void lease_jobs(void)
{
	for (size_t i = 0; i < 3; i++) {
		struct store_request request = { .op = STORE_JOB_LEASE,
						 .holder = SPAN("test"),
						 .lease_ms = HOUR_MS };

		memcpy(request.shard, shards[i], 2);
		request.job = "timers";
		ask(&request);
		fences[0][i] = memory.reply.fence;
		request.job = "courier";
		ask(&request);
		fences[1][i] = memory.reply.fence;
	}
}

static void compare_incident(const struct fold_incident *incident, const struct store_row *row)
{
	assert_string_equal(incident->parent.text, row->parent.text);
	assert_int_equal(incident->link_score, row->link_score);
	assert_true(span_is(row->link_why, incident->link_why));
	assert_int_equal(incident->nchildren, row->nchildren);
	assert_true(span_eq(span_of(incident->context), row->context));
	assert_int_equal(incident->npairs, row->nsuggestions);
	for (size_t i = 0; i < incident->npairs; i++) {
		const struct fold_pair *pair = &incident->pairs[i];

		assert_string_equal(pair->other.text, row->suggestions[i].other.text);
		assert_int_equal(pair->declined, row->suggestions[i].declined);
		assert_int_equal(pair->score, row->suggestions[i].score);
		assert_true(span_is(row->suggestions[i].why, pair->why));
	}
}

static void compare_children(const struct fold_incident *incident, const struct tip_id *id)
{
	ask(&(struct store_request){ .op = STORE_CHILDREN, .id = *id, .max = 1000 });
	assert_int_equal(incident->nchildren, redis.reply.nchildren);
	for (size_t i = 0; i < redis.reply.nchildren; i++) {
		const struct store_child *child = &redis.reply.children[i];

		assert_non_null(fold_child_find(incident, &child->id, child->received_ms));
		assert_string_equal(fold_child_find(incident, &child->id, child->received_ms)->id.text,
				    child->id.text);
	}
}

static void compare_clock(const struct fold *fold, const struct fold_tip *tip, const struct store_row *row)
{
	assert_int_equal(tip->clock.hand, row->clock.hand);
	assert_int_equal(tip->clock.since_ms, row->clock.since_ms);
	assert_int_equal(tip->clock.asked_ms, row->clock.asked_ms);
	assert_int_equal(tip->raise.times, row->raise.times);
	assert_string_equal(tip->raise.home, row->raise.home);
	assert_int_equal(tip->raise.at_ms, row->raise.at_ms);
	assert_int_equal(tip->raise.waited_ms, row->raise.waited_ms);
	assert_int_equal(tip->raise.why, row->raise.why);
	assert_int_equal(tip->reopens, row->reopens);
	assert_true(span_eq(fold_holder(fold, tip->closer), row->closer));
	assert_true(span_is(row->end.outcome, tip->end.outcome));
	assert_int_equal(tip->end.at_ms, row->end.at_ms);
	assert_int_equal(tip->end.erased, row->end.erased);
	assert_true(span_eq(fold_holder(fold, tip->hold), row->hold.by));
	assert_true(span_eq(fold_holder(fold, tip->lifter), row->hold.asked));
}

/* Enough of everything was there to be compared. */
static void compare_with_fold(struct fold *fold)
{
	size_t nraised = 0, ncloser = 0, nreopened = 0, nasked = 0, nparents = 0, nchildren = 0, npairs = 0, ncontexts = 0,
	       nseeds = 0, nends = 0, nholds = 0;
	size_t n;
	const struct fold_tip *tips = fold_tips(fold, &n);

	assert_true(n > 20);
	for (size_t i = 0; i < n; i++) {
		const struct store_row *row;

		ask(&(struct store_request){ .op = STORE_READ, .id = tips[i].id });
		nends += tips[i].end.outcome[0] != '\0';
		nholds += tips[i].hold > 0;
		if (tips[i].gone) {
			assert_int_equal(redis.reply.nrows, 0);
			continue;
		}
		row = &redis.reply.rows[0];
		assert_int_equal(tips[i].state, row->state);
		assert_int_equal(tips[i].rev, row->rev);
		assert_string_equal(tips[i].region, row->region);
		assert_int_equal(tips[i].points, row->points);
		assert_int_equal(tips[i].received_ms, row->received_ms);
		assert_int_equal(tips[i].until_ms, row->lease_until_ms);
		assert_int_equal(tips[i].nmessages, row->nmessages);
		assert_int_equal(tips[i].hops, row->hops);
		compare_clock(fold, &tips[i], row);
		nraised += row->raise.times > 0;
		ncloser += row->closer.len > 0;
		nreopened += row->reopens > 0;
		nasked += row->clock.asked_ms > 0;
		compare_incident(fold_incident(fold, &tips[i]), row);
		nparents += row->parent.text[0] != '\0';
		nchildren += row->nchildren;
		npairs += row->nsuggestions;
		ncontexts += row->context.len > 0;
		assert_true(span_eq(row->seed, span_from(tips[i].seed, tips[i].seeded ? FOLD_SEED_BYTES : 0)));
		nseeds += row->seed.len > 0;
		assert_memory_equal(tips[i].mark, row->receipt_mark, STORE_MARK_BYTES);
		assert_true(span_eq(fold_holder(fold, tips[i].holder), row->holder));
		compare_children(fold_incident(fold, &tips[i]), &tips[i].id);
	}
	assert_true(nraised > 2 && ncloser + nreopened > 1 && nasked > 2 && noverdue > 50);
	assert_true(nends > 3 && nholds > 2 && nerased > 6);
	assert_true(nseeds > 20 && nseeds < n);
	assert_true(nparents > 5 && nchildren > 5 && npairs > 20 && ncontexts > 5);
}

static void fold_journals(void)
{
	struct fold *fold = fold_new(1);
	struct complaint why;

	for (size_t s = 0; s < 3; s++) {
		struct store_request request = { .op = STORE_JOURNAL, .from = 1, .max = 100000 };

		memcpy(request.shard, shards[s], 2);
		ask(&request);
		for (size_t i = 0; i < redis.reply.nevents; i++) {
			const struct store_event *event = &redis.reply.events[i];

			if (!fold_event(fold, span_of(shards[s]), event->number, event->json, &why) ||
			    !fold_seed(fold, event->seed, &why))
				fail_msg("%.*s: %s", (int)event->json.len, event->json.at, why.text);
		}
	}
	compare_with_fold(fold);
	fold_free(fold);
}

static void the_stores_agree_and_the_journal_folds_to_them(void **unused)
{
	static void (*const operations[])(struct arena *) = { do_accept, do_accept, do_claim, do_change,
							      do_change, do_change, do_look,  do_expire,
							      do_outbox, do_part,   do_keys,  do_receive,
							      do_link,   do_link,   do_link,  do_note,   do_escalate,
							      do_overdue, do_erase };
	const char *seed = getenv("TIPLINE_SEED");

	(void)unused;
	state = seed != NULL ? strtoull(seed, NULL, 10) : 20261121;
	store_rig_advance(&memory, 2000);   /* behind the times of acceptance, as the other one's clock is */
	lease_jobs();
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct arena arena = { 0 };

		advance(1);
		operations[draw(sizeof(operations) / sizeof(operations[0]))](&arena);
		arena_release(&arena);
	}
	fold_journals();
}

static int open_both(void **unused)
{
	(void)unused;
	store_rig_open(&memory, true);
	store_rig_open(&redis, false);
	return 0;
}

static int close_both(void **unused)
{
	(void)unused;
	store_rig_close(&memory);
	store_rig_close(&redis);
	buf_release(&said);
	buf_release(&answered);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_stores_agree_and_the_journal_folds_to_them, open_both,
						close_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
