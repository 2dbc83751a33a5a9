/*
 * What is known of a message, in the store: read when its errand begins,
 * written before each part leaves and behind its answer (sending.h).
 *
 * Only the courier moves a part from queued to sent; reports may move it on at
 * any time. So a write that finds other bytes than were read takes in what
 * reports said and tries again, and a part that somebody else is sending ends
 * the errand: another courier has it.
 */
#include "handlers/notify/courier_inside.h"

#include "daemon/core/sms/report_id.h"
#include "handlers/notify/deliveries.h"

static void put_record(struct errand *errand);
static void put_alias(struct errand *errand);

static void ask(struct errand *errand, const struct store_request *request, void (*done)(void *ctx, const struct store_reply *reply))
{
	errand->stage = ERRAND_CARRIED;
	errand->courier->outstanding++;
	store_submit(errand->courier->env.store, request, (struct store_wait){ .done = done, .ctx = errand });
}

static void get_memo(struct errand *errand, const unsigned char mark[16], void (*done)(void *ctx, const struct store_reply *reply))
{
	struct store_memo memo = { 0 };
	struct store_request request = { .op = STORE_MEMO_GET, .memo = &memo };

	memcpy(memo.mark, mark, sizeof(memo.mark));
	ask(errand, &request, done);
}

/* Tried again on the next tick, with the same bytes. */
static void unwritten(struct errand *errand, void (*again)(struct errand *errand))
{
	errand->parcel->again = again;
	errand->stage = ERRAND_UNWRITTEN;
}

static void take(struct parcel *parcel, const struct courier *courier, struct span bytes, struct arena *arena)
{
	struct sending there;

	if (!sending_open(courier->env.key, bytes, &there))
		return;
	parcel->was = arena_dup(arena, bytes);
	parcel->known = there;
}

/* --- the first look ----------------------------------------------------------------------- */

static void first_read(void *ctx, const struct store_reply *reply)
{
	struct errand *errand = ctx;
	struct parcel *parcel = errand->parcel;

	if (!courier_answered(errand->courier))
		return;
	if (reply->outcome != STORE_DONE) {
		errand->parcel = NULL;
		courier_later(errand);
		return;
	}
	if (reply->verdict == STORE_OK)
		take(parcel, errand->courier, reply->memo, &errand->arena);
	if (parcel->was.len > 0) {
		parcel->sending = parcel->known;
		sending_settle(&parcel->sending);
	}
	parcel->then(errand);
}

static void begin(struct errand *errand)
{
	struct parcel *parcel = errand->parcel;

	parcel->sending = (struct sending){ .tip = errand->item.sms.tip, .begun_ms = courier_wall_ms(errand->courier), .nparts = 1 };
	memcpy(parcel->sending.shard, errand->shard, sizeof(errand->shard));
	parcel->known = parcel->sending;
}

void courier_record_read(struct errand *errand, void (*then)(struct errand *errand))
{
	struct span ours = sending_our_id(errand->courier->env.key, span_of(errand->shard), span_of(errand->id), 0, &errand->arena);
	unsigned part;

	errand->parcel = arena_new(&errand->arena, struct parcel);
	errand->parcel->then = then;
	begin(errand);
	sending_mark_of_ours(errand->courier->env.key, ours, errand->parcel->mark, &part);
	get_memo(errand, errand->parcel->mark, first_read);
}

/* --- writing it ----------------------------------------------------------------------------- */

/* What reports moved on since it was read. False: a part is being sent by somebody else. */
static bool merge(struct parcel *parcel, const struct sending *there)
{
	for (unsigned i = 0; i < there->nparts && i < parcel->sending.nparts; i++) {
		if (there->part[i] == SENDING_SENT && parcel->known.part[i] == SENDING_QUEUED)
			return false;
		if (there->part[i] > SENDING_MAYBE)
			parcel->sending.part[i] = (unsigned char)sending_forward((enum sending_state)parcel->sending.part[i],
										 (enum sending_state)there->part[i]);
	}
	return true;
}

static void seal_again(struct errand *errand)
{
	struct buf bytes = { 0 };

	sending_seal(errand->courier->env.key, &errand->parcel->sending, &bytes);
	errand->parcel->bytes = arena_dup(&errand->arena, buf_span(&bytes));
	buf_release(&bytes);
}

static void read_again(void *ctx, const struct store_reply *reply)
{
	struct errand *errand = ctx;
	struct parcel *parcel = errand->parcel;
	struct sending there;

	if (!courier_answered(errand->courier))
		return;
	if (reply->outcome != STORE_DONE) {
		unwritten(errand, put_record);
		return;
	}
	parcel->was = (struct span){ 0 };
	if (reply->verdict == STORE_OK && sending_open(errand->courier->env.key, reply->memo, &there)) {
		if (!merge(parcel, &there)) {
			courier_later(errand);
			return;
		}
		take(parcel, errand->courier, reply->memo, &errand->arena);
	}
	seal_again(errand);
	put_record(errand);
}

static void record_put(void *ctx, const struct store_reply *reply)
{
	struct errand *errand = ctx;
	struct parcel *parcel = errand->parcel;

	if (!courier_answered(errand->courier))
		return;
	if (reply->outcome != STORE_DONE) {
		unwritten(errand, put_record);
	} else if (reply->verdict == STORE_CONFLICT) {
		get_memo(errand, parcel->mark, read_again);
	} else {
		parcel->was = parcel->bytes;
		parcel->known = parcel->sending;
		parcel->then(errand);
	}
}

static void put_record(struct errand *errand)
{
	struct store_memo memo = { .was = errand->parcel->was, .sealed = errand->parcel->bytes, .keep_s = SENDING_KEEP_S };
	struct store_request request = { .op = STORE_MEMO_PUT, .memo = &memo };

	memcpy(memo.mark, errand->parcel->mark, sizeof(memo.mark));
	ask(errand, &request, record_put);
}

void courier_record_write(struct errand *errand, void (*then)(struct errand *errand))
{
	errand->parcel->then = then;
	seal_again(errand);
	put_record(errand);
}

/* --- the connector's id -------------------------------------------------------------------------- */

static void alias_read(void *ctx, const struct store_reply *reply)
{
	struct errand *errand = ctx;
	struct parcel *parcel = errand->parcel;
	struct sending_alias alias;

	if (!courier_answered(errand->courier))
		return;
	if (reply->outcome != STORE_DONE) {
		unwritten(errand, put_alias);
		return;
	}
	parcel->alias_was = reply->verdict == STORE_OK ? arena_dup(&errand->arena, reply->memo) : (struct span){ 0 };
	if (sending_alias_open(errand->courier->env.key, parcel->alias_was, &alias) && alias.early) {
		unsigned char *state = &parcel->sending.part[parcel->part];

		*state = (unsigned char)sending_forward((enum sending_state)*state, alias.state);
		parcel->early = true;
	}
	put_alias(errand);
}

static void alias_put(void *ctx, const struct store_reply *reply)
{
	struct errand *errand = ctx;
	struct parcel *parcel = errand->parcel;
	unsigned char mark[16];

	if (!courier_answered(errand->courier))
		return;
	if (reply->outcome != STORE_DONE) {
		unwritten(errand, put_alias);
	} else if (reply->verdict == STORE_CONFLICT) {
		sending_mark_of_theirs(errand->courier->env.key, span_of(parcel->sending.connector), parcel->normal, mark);
		get_memo(errand, mark, alias_read);
	} else {
		parcel->then(errand);
	}
}

static void put_alias(struct errand *errand)
{
	const struct parcel *parcel = errand->parcel;
	struct sending_alias alias = { .early = false };
	struct buf bytes = { 0 };
	struct store_memo memo = { .was = parcel->alias_was, .keep_s = SENDING_KEEP_S };
	struct store_request request = { .op = STORE_MEMO_PUT, .memo = &memo };

	memcpy(alias.our_id, parcel->our_id.at, SENDING_OUR_ID_LEN);
	sending_alias_seal(errand->courier->env.key, &alias, &bytes);
	memo.sealed = arena_dup(&errand->arena, buf_span(&bytes));
	buf_release(&bytes);
	sending_mark_of_theirs(errand->courier->env.key, span_of(parcel->sending.connector), parcel->normal, memo.mark);
	ask(errand, &request, alias_put);
}

void courier_record_alias(struct errand *errand, struct span id, void (*then)(struct errand *errand))
{
	struct parcel *parcel = errand->parcel;

	parcel->normal = report_id_normal(id, &errand->arena);
	parcel->alias_was = (struct span){ 0 };
	parcel->then = then;
	if (parcel->normal.len == 0)
		then(errand);
	else
		put_alias(errand);
}

/* --- a report that came first ---------------------------------------------------------------------- */

static void put_told(struct errand *errand);

static void told(void *ctx, const struct store_reply *reply)
{
	struct errand *errand = ctx;

	if (!courier_answered(errand->courier))
		return;
	if (reply->outcome != STORE_DONE)
		unwritten(errand, put_told);
	else
		errand->parcel->then(errand);
}

static void put_told(struct errand *errand)
{
	struct parcel *parcel = errand->parcel;
	struct store_outbox_put put;
	struct store_request request = { .op = STORE_OUTBOX_PUT, .outbox_put = &put };

	memcpy(request.shard, errand->shard, sizeof(errand->shard));
	if (!deliveries_intent(errand->courier->env.key, &parcel->sending, parcel->mark, &errand->arena, &put)) {
		parcel->then(errand);
		return;
	}
	ask(errand, &request, told);
}

void courier_record_told(struct errand *errand, void (*then)(struct errand *errand))
{
	errand->parcel->then = then;
	if (errand->parcel->early)
		put_told(errand);
	else
		then(errand);
}
