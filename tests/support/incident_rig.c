/*
 * Rig for tests about incidents; see incident_rig.h.
 */
#include "tests/support/incident_rig.h"

#include "daemon/loop/loop.h"
#include "daemon/store/replies.h"
#include "daemon/sys/keys.h"
#include "handlers/intake/intake.h"
#include "handlers/notify/outbox_item.h"

#include <stdio.h>
#include <stdlib.h>

#define NOW_MS INT64_C(1763748000000)
#define LEASE_MS 100000

static _Noreturn void give_up(const char *what)
{
	fprintf(stderr, "incident_rig: %s\n", what);
	abort();
}

void incident_rig_open(struct incident_rig *r)
{
	*r = (struct incident_rig){ .fence = 0 };
	app_rig_open(&r->rig, NULL);
	r->officer = incident_rig_bearer(r, "officer", WHO_OFFICER, "000000");
}

void incident_rig_close(struct incident_rig *r)
{
	app_rig_close(&r->rig);
	arena_release(&r->arena);
}

static void taken(void *ctx, const struct intake_result *result)
{
	if (result->verdict != INTAKE_ACCEPTED)
		give_up("a tip was not taken");
	*(struct tip_id *)ctx = result->id;
}

static void submit(struct incident_rig *r, const char *text, unsigned second, struct tip_id *id)
{
	struct intake_request *request = arena_new(&r->arena, struct intake_request);

	request->tip = (struct tip){ .text = span_of(text),
				     .lang = SPAN("zh-CN"),
				     .channel = TIP_BY_API,
				     .received_ms = NOW_MS + second * INT64_C(1000) };
	intake_submit(r->rig.app.intake, request, taken, id);
}

struct tip_id incident_rig_tip(struct incident_rig *r, const char *text, unsigned second)
{
	struct tip_id id = { .text = "" };

	submit(r, text, second, &id);
	app_rig_settle(&r->rig);
	if (id.text[0] == '\0')
		give_up("a tip was not answered");
	return id;
}

void incident_rig_tip_later(struct incident_rig *r, const char *text)
{
	submit(r, text, 0, arena_new(&r->arena, struct tip_id));
}

const char *incident_rig_bearer(struct incident_rig *r, const char *person, unsigned roles, const char *region)
{
	return arena_printf(&r->arena, "Authorization: Bearer %s\r\n",
			    app_rig_token(&r->rig, person, roles, region, &r->arena));
}

/* --- calls ------------------------------------------------------------------------------- */

struct rig_answer incident_rig_post(struct incident_rig *r, const char *who, const struct tip_id *id,
				    const char *action, const char *body)
{
	return app_rig_ask(&r->rig, SITE_STAFF, "POST",
			   arena_printf(&r->arena, "/api/v1/tips/%s/%s", id->text, action), who, span_of(body));
}

struct rig_answer incident_rig_say(struct incident_rig *r, const char *who, const struct tip_id *id,
				   const char *action, const struct tip_id *other)
{
	return incident_rig_post(r, who, id, action,
				 other != NULL ? arena_printf(&r->arena, "{\"tip\":\"%s\"}", other->text) : "");
}

struct rig_answer incident_rig_get(struct incident_rig *r, const char *who, const char *what,
				   const struct tip_id *id)
{
	return app_rig_ask(&r->rig, SITE_STAFF, "GET", arena_printf(&r->arena, "/api/v1/%s/%s", what, id->text), who,
			   (struct span){ 0 });
}

/* --- the store, past the handlers --------------------------------------------------------- */

struct kept {
	struct arena *arena;
	struct store_reply reply;
};

static void keep(void *ctx, const struct store_reply *reply)
{
	struct kept *kept = ctx;

	reply_copy(reply, kept->arena, &kept->reply);
}

static struct store_reply *ask(struct incident_rig *r, const struct store_request *request)
{
	struct kept *kept = arena_new(&r->arena, struct kept);

	kept->arena = &r->arena;
	kept->reply.outcome = STORE_UNKNOWN;
	r->rig.store->memory->up = true;   /* whatever the handlers were told last */
	store_submit(r->rig.store->memory, request, (struct store_wait){ .done = keep, .ctx = kept });
	app_rig_settle(&r->rig);
	if (kept->reply.outcome != STORE_DONE)
		give_up("the store refused");
	return &kept->reply;
}

const struct store_reply *incident_rig_ask(struct incident_rig *r, const struct store_request *request)
{
	return ask(r, request);
}

static uint64_t fence_of(struct incident_rig *r, const char *job, struct span shard)
{
	struct store_request request = {
		.op = STORE_JOB_LEASE, .job = job, .holder = SPAN("rig"), .lease_ms = LEASE_MS
	};

	memcpy(request.shard, shard.at, 2);
	return ask(r, &request)->fence;
}

static struct store_request linker_asks(struct incident_rig *r, const struct store_link *link)
{
	struct store_request request = { .op = STORE_LINK, .link = link, .job = "linker" };

	memcpy(request.shard, link->id.text, 2);
	request.fence = fence_of(r, request.job, span_of(request.shard));
	return request;
}

static struct span event_of(struct incident_rig *r, const char *name, const struct store_link *link, const char *more)
{
	return span_of(arena_printf(&r->arena, "{\"e\":\"%s\",\"id\":\"%s\",\"at\":%lld,\"by\":\"linker\"%s}", name,
				    link->id.text, (long long)NOW_MS, more));
}

enum store_verdict incident_rig_linker(struct incident_rig *r, enum store_link_kind kind, const struct tip_id *id,
				       const struct tip_id *other)
{
	static const char *const names[STORE_LINK_KINDS] = { [STORE_LINK_SET] = "linked",
							     [STORE_LINK_UNSET] = "unlinked",
							     [STORE_LINK_SUGGEST] = "suggested" };
	struct store_link link = {
		.kind = kind,
		.id = *id,
		.other = *other,
		.received_ms = incident_rig_row(r, other)->received_ms,
		.score = 61,
		.why = kind == STORE_LINK_SET ? SPAN("copy") : SPAN("place,wording"),
	};
	struct store_request request = linker_asks(r, &link);

	link.event = event_of(r, names[kind], &link,
			      arena_printf(&r->arena, ",\"incident\":\"%s\",\"score\":61,\"why\":\"%s\"", other->text,
					   link.why.at));
	return ask(r, &request)->verdict;
}

enum store_verdict incident_rig_link_now(struct incident_rig *r, const struct tip_id *id, const struct tip_id *other)
{
	struct store_link link = { .kind = STORE_LINK_SET,
				   .id = *id,
				   .other = *other,
				   .received_ms = incident_rig_row(r, other)->received_ms,
				   .score = 100,
				   .why = SPAN("officer") };

	link.event = event_of(r, "linked", &link,
			      arena_printf(&r->arena, ",\"incident\":\"%s\",\"score\":100,\"why\":\"officer\"",
					   other->text));
	return ask(r, &(struct store_request){ .op = STORE_LINK, .link = &link })->verdict;
}

enum store_verdict incident_rig_score(struct incident_rig *r, const struct tip_id *id, unsigned points,
				      const char *context)
{
	struct store_link link = {
		.kind = STORE_LINK_SCORE, .id = *id, .points = points, .context = span_of(context)
	};
	struct store_request request = linker_asks(r, &link);

	link.event = event_of(r, "rescored", &link,
			      arena_printf(&r->arena, ",\"points\":%u,\"rules\":[],\"context\":\"%s\"", points, context));
	return ask(r, &request)->verdict;
}

void incident_rig_child(struct incident_rig *r, const struct tip_id *id, const struct tip_id *child)
{
	int64_t received_ms = incident_rig_row(r, child)->received_ms;
	struct store_link link = {
		.kind = STORE_LINK_CHILD, .id = *id, .other = *child, .received_ms = received_ms
	};

	link.event = event_of(r, "joined", &link,
			      arena_printf(&r->arena, ",\"tip\":\"%s\",\"received\":%lld", child->text,
					   (long long)received_ms));
	ask(r, &(struct store_request){ .op = STORE_LINK, .link = &link });
}

/* --- transfers ----------------------------------------------------------------------------- */

void incident_rig_send_away(struct incident_rig *r, const struct tip_id *id, const char *region)
{
	app_rig_ask(&r->rig, SITE_STAFF, "POST", "/api/v1/queues/000000/claim", r->officer, SPAN("{\"max\":500}"));
	if (incident_rig_post(r, r->officer, id, "transfer",
			      arena_printf(&r->arena, "{\"region\":\"%s\",\"reason\":\"x\"}", region))
		    .status != 200)
		give_up("a tip could not be transferred");
}

struct tip_id incident_rig_arrive(struct incident_rig *r, const struct tip_id *from, const char *region)
{
	const char shard[3] = { from->text[0], from->text[1], '\0' };
	struct span payload = incident_rig_intent(r, shard);
	struct outbox_item item;
	struct tip_id to = *from;

	memcpy(to.text, region, 2);
	if (!outbox_item_open(keys_courier(r->rig.app.keys), payload, &r->arena, &item) ||
	    item.kind != OUTBOX_TRANSFER)
		give_up("no transfer in the outbox");
	ask(r, &(struct store_request){ .op = STORE_RECEIVE,
					.tips = &item.transfer.tip,
					.ntips = 1,
					.messages = item.transfer.messages,
					.nmessages = item.transfer.nmessages });
	return to;
}

void incident_rig_raise(struct incident_rig *r, const struct tip_id *id, const char *region)
{
	const struct store_row *row = incident_rig_row(r, id);
	struct store_escalation what = { .id = *id,
					 .expect_rev = row->rev,
					 .state = TIP_QUEUED,
					 .points = row->points,
					 .why = WAIT_UNOPENED,
					 .clock = row->clock,
					 .raise = { .times = 1, .why = WAIT_UNOPENED } };
	struct store_request request = { .op = STORE_ESCALATE, .escalation = &what, .job = "escalation" };

	memcpy(what.region, region, sizeof(what.region));
	memcpy(what.raise.home, row->region, sizeof(what.raise.home));
	what.event = span_of(arena_printf(&r->arena, "{\"e\":\"escalated\",\"id\":\"%s\",\"at\":%lld,\"from\":\"%s\",\"to\":\"%s\"}",
					  id->text, (long long)NOW_MS, row->region, region));
	request.fence = fence_of(r, request.job, span_from(id->text, 2));
	if (ask(r, &request)->verdict != STORE_OK)
		give_up("a tip could not be escalated");
}

/* --- what lies there -------------------------------------------------------------------------- */

const struct store_row *incident_rig_row(struct incident_rig *r, const struct tip_id *id)
{
	const struct store_reply *reply = ask(r, &(struct store_request){ .op = STORE_READ, .id = *id });

	if (reply->nrows != 1)
		give_up("there is no such tip");
	return &reply->rows[0];
}

struct tip_id incident_rig_root(struct incident_rig *r, const struct tip_id *id)
{
	struct tip_id at = *id;
	struct tip_id above;

	while ((above = incident_rig_row(r, &at)->parent).text[0] != '\0')
		at = above;
	return at;
}

static const struct store_reply *journal(struct incident_rig *r, const char *shard)
{
	struct store_request request = { .op = STORE_JOURNAL, .from = 1, .max = 1000 };

	memcpy(request.shard, shard, 3);
	return ask(r, &request);
}

size_t incident_rig_events(struct incident_rig *r, const char *shard)
{
	return journal(r, shard)->nevents;
}

bool incident_rig_journal(struct incident_rig *r, const char *shard, const char *part, const char *other)
{
	const struct store_reply *reply = journal(r, shard);

	for (size_t i = 0; i < reply->nevents; i++)
		if (rig_has(reply->events[i].json, part) && rig_has(reply->events[i].json, other))
			return true;
	return false;
}

struct span incident_rig_intent(struct incident_rig *r, const char *shard)
{
	struct store_request request = { .op = STORE_OUTBOX_DUE, .job = "courier", .lease_ms = LEASE_MS, .max = 100 };
	const struct store_reply *reply;

	memcpy(request.shard, shard, 3);
	request.fence = fence_of(r, request.job, span_of(shard));
	reply = ask(r, &request);
	if (reply->nitems == 0)
		give_up("the outbox is empty");
	return reply->items[reply->nitems - 1].payload;
}
