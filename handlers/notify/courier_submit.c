/*
 * One part of a message to a gateway or link, and what its answer means.
 */
#include "handlers/notify/courier_inside.h"

#include "daemon/core/sms/text.h"
#include "daemon/http/client.h"
#include "daemon/link/links.h"
#include "daemon/sys/log.h"

#define HTTP_TIMEOUT_MS 20000
#define ANSWER_MAX_BYTES 4096

/* --- making it ready ------------------------------------------------------------------- */

static bool takes_parts(const struct way *way)
{
	return way->gateway == NULL || way->gateway->parts;
}

static struct link_submit submit_of(const struct errand *errand, size_t part)
{
	const struct sms_split *split = &errand->parcel->split;

	return (struct link_submit){
		.to = errand->item.sms.to,
		.coding = (unsigned)split->coding,
		.header = split->at[part].header,
		.octets = split->at[part].octets,
		.want_report = true,
		.total = (unsigned)split->n,
		.number = (unsigned)part + 1,
	};
}

static bool link_takes_all(const struct errand *errand, const struct way *way)
{
	for (size_t i = 0; i < errand->parcel->split.n; i++) {
		const struct link_submit submit = submit_of(errand, i);

		if (!links_fits(errand->courier->env.links, span_of(way->connector->name), &submit))
			return false;
	}
	return true;
}

/* The reference is the same for all parts, and after a crash. */
static bool split(struct errand *errand, const struct way *way)
{
	struct parcel *parcel = errand->parcel;
	struct sms_split_how how = { .width = 8, .reference = parcel->mark[0] };
	struct span text = errand->item.sms.text;

	parcel->split = (struct sms_split){ .n = 1 };
	if (!takes_parts(way))
		return true;
	if (!sms_split(text, &how, &errand->arena, &parcel->split))
		return false;
	if (way->gateway != NULL || link_takes_all(errand, way))
		return true;
	how.utf16 = true;
	return sms_split(text, &how, &errand->arena, &parcel->split);
}

static struct span text_of_piece(struct errand *errand, const struct sms_piece *piece)
{
	const struct sms_split *from = &errand->parcel->split;
	struct buf text = { 0 };
	struct span copy;

	sms_text_decode_with(from->coding, from->tables, piece->octets, &text);
	copy = arena_dup(&errand->arena, buf_span(&text));
	buf_release(&text);
	return copy;
}

static bool encode(struct errand *errand, const struct way *way)
{
	struct parcel *parcel = errand->parcel;
	struct sms_outgoing sms = { .to = errand->item.sms.to, .text = errand->item.sms.text, .our_id = parcel->our_id,
				    .now_ms = courier_wall_ms(errand->courier) };

	if (parcel->split.n > 1) {
		sms.header = parcel->split.at[parcel->part].header;
		sms.coding = parcel->split.coding;
		sms.text = text_of_piece(errand, &parcel->split.at[parcel->part]);
	}
	return way->gateway->encode(way->config, &sms, &errand->arena, &parcel->request);
}

bool courier_fit(struct errand *errand, const struct way *way)
{
	struct parcel *parcel = errand->parcel;
	struct sending *sending = &parcel->sending;

	if (!split(errand, way))
		return false;
	if (!sending_begun(sending)) {
		sending->nparts = (unsigned)parcel->split.n;
		memset(sending->part, SENDING_QUEUED, sending->nparts);
	} else if (sending->nparts != parcel->split.n) {
		return false;   /* it was cut otherwise before */
	}
	parcel->part = sending_next(sending);
	parcel->our_id = sending_our_id(errand->courier->env.key, span_of(errand->shard), span_of(errand->id), parcel->part,
					&errand->arena);
	return way->gateway == NULL || encode(errand, way);
}

/* --- a gateway -------------------------------------------------------------------------- */

static void not_ready(const struct http_answer *answer)
{
	log_rarely(LOG_LEVEL_WARNING, "courier.gateway_not_ready",
		   answer->outcome == HTTP_ANSWERED ? log_u64((uint64_t)answer->status) : answer->error);
}

static enum sms_outcome outcome_of(struct errand *errand, const struct http_answer *answer, struct span *id)
{
	struct way way;
	enum sms_outcome outcome = SMS_MAYBE;

	switch (answer->outcome) {
	case HTTP_ANSWERED:
		/* A reload may have taken the gateway away while the message was on the wire. */
		if (courier_way(errand->courier, span_of(errand->parcel->sending.connector), &way) && way.gateway != NULL)
			outcome = way.gateway->outcome(way.config, answer->status, answer->body, &errand->arena, id);
		break;
	case HTTP_NOT_SENT:
		outcome = SMS_LATER;
		break;
	case HTTP_UNKNOWN:
		break;
	}
	if (outcome == SMS_LATER)
		not_ready(answer);
	return outcome;
}

static void gateway_answered(void *ctx, const struct http_answer *answer)
{
	struct errand *errand = ctx;
	struct span id = { 0 };
	enum sms_outcome outcome;

	if (!courier_answered(errand->courier))
		return;
	outcome = outcome_of(errand, answer, &id);
	courier_submitted(errand, outcome, outcome == SMS_SENT ? id : (struct span){ 0 });
}

static void to_gateway(struct errand *errand)
{
	const struct sms_request *request = &errand->parcel->request;
	struct http_call call = { .url = request->url, .method = request->method, .fields = request->fields,
				  .body = request->body, .timeout_ms = HTTP_TIMEOUT_MS,
				  .answer_max_bytes = ANSWER_MAX_BYTES };

	errand->courier->outstanding++;
	http_client_start(errand->courier->env.http, &call, gateway_answered, errand);
}

/* --- a link -------------------------------------------------------------------------------- */

static enum sms_outcome outcome_of_link(enum link_end end)
{
	switch (end) {
	case LINK_END_SENT:
		return SMS_SENT;
	case LINK_END_LATER:
		return SMS_LATER;
	case LINK_END_REFUSED:
		return SMS_REFUSED;
	case LINK_END_UNKNOWN:
		break;
	}
	return SMS_MAYBE;
}

static void link_answered(void *who, const struct link_sent *sent)
{
	struct errand *errand = who;

	if (!courier_answered(errand->courier))
		return;
	courier_submitted(errand, outcome_of_link(sent->end), arena_dup(&errand->arena, sent->id));
}

static void to_link(struct errand *errand)
{
	const struct parcel *parcel = errand->parcel;
	const struct link_submit submit = submit_of(errand, parcel->part);

	errand->courier->outstanding++;
	links_submit(errand->courier->env.links, span_of(parcel->sending.connector), &submit, link_answered, errand);
}

void courier_submit(struct errand *errand)
{
	if (errand->parcel->request.url != NULL)
		to_gateway(errand);
	else
		to_link(errand);
}
