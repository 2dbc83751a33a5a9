/*
 * The store in memory: accepting, reading and changing tips.
 */
#include "daemon/store/memory_state.h"

static void mem_message(struct memory_store *store, struct mem_tip *tip, struct span message)
{
	struct store_row *row = &tip->row;

	row->messages = mem_grown(row->messages, &tip->messages_size, row->nmessages, sizeof(struct span));
	row->messages[row->nmessages++] = arena_dup(&store->arena, message);
}

static const struct mem_request *mem_request_find(struct memory_store *store, const unsigned char *mark)
{
	for (size_t i = store->requests.n; i > 0; i--)
		if (memcmp(store->requests.at[i - 1].mark, mark, STORE_MARK_BYTES) == 0)
			return store->requests.at[i - 1].until_ms > store->now_ms ? &store->requests.at[i - 1]
										  : NULL;
	return NULL;
}

static struct mem_request *mem_request_new(struct memory_store *store, const unsigned char *mark, const unsigned char *digest,
					   unsigned keep_s)
{
	struct mem_request *added = MEM_ADD(store->requests);

	memcpy(added->mark, mark, sizeof(added->mark));
	memcpy(added->digest, digest, sizeof(added->digest));
	added->until_ms = store->now_ms + 1000LL * keep_s;
	return added;
}

static void mem_request_add(struct memory_store *store, const struct store_tip *tip)
{
	if (mem_is_zero(tip->request_mark, sizeof(tip->request_mark)))
		return;
	mem_request_new(store, tip->request_mark, tip->request_digest, tip->answer_ttl_s)->answer =
		arena_dup(&store->arena, tip->answer);
}

static bool mem_request_is_known(struct memory_store *store, const struct store_named *named)
{
	const struct mem_request *request = named != NULL ? mem_request_find(store, named->mark) : NULL;

	return request != NULL && memcmp(request->digest, named->digest, sizeof(named->digest)) == 0;
}

static bool mem_accept_refused(struct memory_store *store, const struct store_tip *tip,
			       struct store_accepted *out)
{
	const struct mem_tip *old = mem_find(store, &tip->id);
	const struct mem_request *request = NULL;

	/* Before the id: a redelivery draws the same id again, and must get its first answer. */
	if (!mem_is_zero(tip->request_mark, sizeof(tip->request_mark)))
		request = mem_request_find(store, tip->request_mark);
	if (request != NULL) {
		out->verdict = STORE_REPEATED;
		out->answer = request->answer;
		memcpy(out->digest, request->digest, sizeof(out->digest));
		return true;
	}
	if (old != NULL) {
		bool same = memcmp(old->row.receipt_mark, tip->receipt_mark, STORE_MARK_BYTES) == 0;

		out->verdict = same ? STORE_ALREADY : STORE_COLLISION;
		out->rev = same ? old->row.rev : 0;
	}
	return old != NULL;
}

static void mem_accept_one(struct memory_store *store, const struct store_tip *tip, struct span event,
			   struct store_accepted *out)
{
	struct mem_tip *added;

	if (mem_accept_refused(store, tip, out))
		return;
	out->verdict = STORE_OK;
	out->rev = mem_append(store, tip->id.text,
			      (struct store_event){ .json = event,
						    .fingerprint = tip->fingerprint,
						    .commitment = tip->commitment,
						    .seed = tip->seed });
	added = MEM_ADD(store->tips);
	added->row = (struct store_row){ .id = tip->id,
					 .state = TIP_QUEUED,
					 .rev = out->rev,
					 .points = tip->points,
					 .received_ms = tip->received_ms,
					 .clock = clock_begin(tip->received_ms),
					 .seed = arena_dup(&store->arena, tip->seed),
					 .sealed = arena_dup(&store->arena, tip->sealed),
					 .identity = arena_dup(&store->arena, tip->identity) };
	added->files = arena_dup(&store->arena, tip->files);
	memcpy(added->row.region, tip->region, sizeof(tip->region));
	memcpy(added->row.receipt_mark, tip->receipt_mark, STORE_MARK_BYTES);
	mem_region_add(store, tip->id.text, tip->region);
	mem_key_add(store, tip->id.text, &tip->data_key);
	mem_request_add(store, tip);
	mem_item_add(store, tip->id.text, out->rev, tip->outbox);
}

void mem_accept(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct store_accepted *out = arena_array(&call->arena, struct store_accepted, request->ntips);

	call->reply.accepted = out;
	call->reply.naccepted = request->ntips;
	for (size_t i = 0; i < request->ntips; i++)
		mem_accept_one(store, &request->tips[i], request->tips[i].event, &out[i]);
}

/* The tip was here, went away, and is back. */
static void mem_receive_back(struct memory_store *store, struct mem_tip *old, const struct store_tip *tip,
			     struct span event, struct store_accepted *out)
{
	out->verdict = STORE_OK;
	if (span_empty(old->row.seed))
		old->row.seed = arena_dup(&store->arena, tip->seed);
	out->rev = mem_append_of(store, old,
				 (struct store_event){ .json = event,
						       .fingerprint = tip->fingerprint,
						       .commitment = tip->commitment });
	old->row.state = TIP_QUEUED;
	old->row.end = (struct store_end){ .erased = 0 };
	old->row.hold = (struct store_hold){ .by = { 0 } };
	old->row.rev = out->rev;
	old->row.points = tip->points;
	old->row.received_ms = tip->received_ms;
	old->row.nmessages = 0;
	old->row.sealed = arena_dup(&store->arena, tip->sealed);
	if (tip->identity.len > 0)
		old->row.identity = arena_dup(&store->arena, tip->identity);
	if (tip->files.len > 0)
		old->files = arena_dup(&store->arena, tip->files);
	memcpy(old->row.region, tip->region, sizeof(tip->region));
	mem_region_add(store, tip->id.text, tip->region);
	mem_key_add(store, tip->id.text, &tip->data_key);
}

static bool mem_comes_back(const struct mem_tip *old, const struct store_tip *tip)
{
	return old != NULL && old->row.state == TIP_TRANSFERRED && tip->hops > old->row.hops &&
	       memcmp(old->row.receipt_mark, tip->receipt_mark, STORE_MARK_BYTES) == 0;
}

void mem_receive(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct store_accepted *out = arena_new(&call->arena, struct store_accepted);
	struct span event = request->tips[0].event;

	call->reply.accepted = out;
	call->reply.naccepted = 1;
	event = mem_json_with(&call->arena, event, "since", (uint64_t)store->now_ms);
	if (request->nmessages > 0)
		event = mem_json_with(&call->arena, event, "messages", request->nmessages);
	if (mem_comes_back(mem_find(store, &request->tips[0].id), &request->tips[0]))
		mem_receive_back(store, mem_find(store, &request->tips[0].id), &request->tips[0], event, out);
	else
		mem_accept_one(store, &request->tips[0], event, out);
	if (out->verdict != STORE_OK)
		return;
	mem_incident_received(store, mem_find(store, &request->tips[0].id), &request->tips[0]);
	mem_find(store, &request->tips[0].id)->row.hops = request->tips[0].hops;
	mem_find(store, &request->tips[0].id)->row.raise = (struct store_raise){ .times = 0 };
	mem_find(store, &request->tips[0].id)->row.clock =
		(struct clock_face){ .hand = CLOCK_PASSED, .since_ms = store->now_ms };
	for (size_t i = 0; i < request->nmessages; i++)
		mem_message(store, mem_find(store, &request->tips[0].id), request->messages[i]);
}

void mem_read(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	const struct mem_tip *tip = mem_find(store, &request->id);

	if (tip == NULL) {
		call->reply.verdict = STORE_ABSENT;
		return;
	}
	call->reply.rows = arena_new(&call->arena, struct store_row);
	call->reply.nrows = 1;
	call->reply.rows[0] = mem_row(tip, &call->arena);
	call->reply.rows[0].messages = arena_array(&call->arena, struct span, tip->row.nmessages);
	for (size_t i = 0; i < tip->row.nmessages; i++)
		call->reply.rows[0].messages[i] = tip->row.messages[i];
	if (!request->identity)
		call->reply.rows[0].identity = (struct span){ 0 };
}

/* The last event of the tip is this very change: it came before and its answer got lost. */
static bool mem_is_last(struct memory_store *store, const struct mem_tip *tip,
			const struct store_change *change)
{
	for (size_t i = 0; i < store->events.n; i++) {
		const struct mem_event *at = &store->events.at[i];
		struct span head = span_from(change->event.at, change->event.len - 1);

		if (!mem_same_shard(at->shard, tip->row.id.text) || at->event.number != tip->row.rev)
			continue;
		return span_starts(at->event.json, head) &&
		       (at->event.json.at[head.len] == '}' || at->event.json.at[head.len] == ',') &&
		       (span_empty(change->message) ||
			(tip->row.nmessages > 0 &&
			 span_eq(tip->row.messages[tip->row.nmessages - 1], change->message)));
	}
	return false;
}

static struct span mem_change_event(struct memory_store *store, const struct store_change *change,
				    const struct mem_tip *tip, struct arena *arena)
{
	struct span event = change->event;
	bool starts;

	if (!span_empty(change->message))
		event = mem_json_with(arena, event, "messages", tip->row.nmessages + 1);
	if (mem_is_held(change->state) && change->lease_ms > 0)
		event = mem_json_with(arena, event, "until", (uint64_t)store->now_ms + change->lease_ms);
	mem_clock(store, change->clock, &starts);
	if (starts)
		event = mem_json_with(arena, event, "since", (uint64_t)store->now_ms);
	if (change->end.outcome.len > 0 && change->end.at_ms == CLOCK_NOW)
		event = mem_json_with(arena, event, "ended", (uint64_t)store->now_ms);
	return event;
}

void mem_names_add(struct memory_store *store, struct span *names, struct span more)
{
	if (span_empty(*names))
		*names = arena_dup(&store->arena, more);
	else if (!span_empty(more))
		*names = span_of(arena_printf(&store->arena, "%.*s %.*s", (int)names->len, names->at, (int)more.len, more.at));
}

static void mem_change_apply(struct memory_store *store, const struct store_change *change,
			     struct mem_tip *tip)
{
	struct store_row *row = &tip->row;
	bool starts, ends;

	row->clock = mem_clock(store, change->clock, &starts);
	row->end = mem_end(store, &change->end, &ends);
	row->hold = mem_hold(store, &change->hold);
	if (change->raise_ends)
		row->raise = (struct store_raise){ .times = 0 };
	if (change->reopens > 0 || !span_empty(change->closer)) {
		row->reopens = change->reopens;
		row->closer = arena_dup(&store->arena, change->closer);
	}
	row->state = change->state;
	memcpy(row->region, change->region, sizeof(row->region));
	row->points = change->points;
	row->holder = arena_dup(&store->arena, change->holder);
	if (!mem_is_held(change->state))
		row->lease_until_ms = 0;
	else if (change->lease_ms > 0)
		row->lease_until_ms = store->now_ms + change->lease_ms;
	if (change->state == TIP_QUEUED)
		mem_region_add(store, change->id.text, change->region);
	if (!span_empty(change->message))
		mem_message(store, tip, change->message);
	mem_names_add(store, &tip->files, change->files);
	if (!span_empty(change->sealed))
		row->sealed = arena_dup(&store->arena, change->sealed);
	mem_key_add(store, change->id.text, &change->data_key);
	mem_item_add(store, change->id.text, row->rev, change->outbox);
}

void mem_change(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	const struct store_change *change = request->change;
	struct mem_tip *tip = mem_find(store, &change->id);

	call->reply.now_ms = store->now_ms;
	if (tip == NULL) {
		call->reply.verdict = STORE_ABSENT;
		return;
	}
	call->reply.rev = tip->row.rev;
	if (tip->row.rev != change->expect_rev) {
		bool same = tip->row.rev > change->expect_rev && mem_is_last(store, tip, change);

		call->reply.verdict = same ? STORE_ALREADY : STORE_CONFLICT;
		return;
	}
	if (mem_request_is_known(store, change->named)) {
		call->reply.verdict = STORE_REPEATED;
		return;
	}
	if (mem_is_held(change->state) != !span_empty(change->holder) ||
	    (mem_is_held(change->state) && change->lease_ms == 0 && !mem_is_held(tip->row.state))) {
		call->reply.outcome = STORE_BROKEN;
		return;
	}
	tip->row.rev = call->reply.rev = mem_append_of(
		store, tip,
		(struct store_event){ .json = mem_change_event(store, change, tip, &call->arena),
				      .example = change->example });
	mem_change_apply(store, change, tip);
	if (change->named != NULL && mem_request_find(store, change->named->mark) == NULL)
		mem_request_new(store, change->named->mark, change->named->digest, change->named->keep_s);
}
