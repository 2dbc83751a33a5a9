/*
 * GET /api/v1/transparency: what was published, as JSON or CSV; see
 * transparency.h. The rows are those of the files, in their order.
 */
#include "handlers/log/transparency.h"

#include "daemon/sys/clock.h"
#include "handlers/log/public_answer.h"
#include "handlers/log/transparency_ask.h"

#define TYPE_CSV "text/csv; charset=utf-8"

static void put_word(struct json_out *json, const char *name, struct span word)
{
	if (span_empty(word))
		json_none(json, name);
	else
		json_text(json, name, word);
}

static void put_number(struct json_out *json, const char *name, bool there, uint64_t number)
{
	if (there)
		json_u64(json, name, number);
	else
		json_none(json, name);
}

/* --- JSON --------------------------------------------------------------------------------------------- */

static void put_row(struct json_out *json, const struct transparency_row *of)
{
	const struct figures_row *row = of->row;

	json_open(json, '{');
	json_text(json, "log", span_of(of->log->name));
	json_text(json, "event", row->event);
	put_word(json, "outcome", row->outcome);
	put_word(json, "region", row->region);
	put_word(json, "name", of->region != NULL ? of->region->name : (struct span){ 0 });
	put_word(json, "name_en", of->region != NULL ? region_name_en(of->region) : (struct span){ 0 });
	json_bool(json, "rest", of->rest);
	json_u64(json, "count", row->count);
	put_number(json, "amount_fen", row->amounts, (uint64_t)row->amount);
	put_number(json, "median_hours", row->waits, row->median);
	put_number(json, "p90_hours", row->waits, row->p90);
	json_close(json, '}');
}

static void put_classes(struct json_out *json, const char *name, const uint64_t counts[LEAF_CLASSES_END])
{
	json_open_member(json, name, '{');
	json_u64(json, "received", counts[LEAF_RECEIVED]);
	json_u64(json, "work", counts[LEAF_WORK]);
	json_u64(json, "office", counts[LEAF_OFFICE]);
	json_close(json, '}');
}

static void put_leaves(struct json_out *json, const struct transparency *data)
{
	json_open_member(json, "leaves", '[');
	for (size_t i = 0; i < data->nleaves; i++) {
		json_open(json, '{');
		json_text(json, "log", span_of(data->leaves[i].log->name));
		put_classes(json, "closed", data->leaves[i].figures->closed);
		put_classes(json, "dummies", data->leaves[i].figures->dummies);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void put_months(struct json_out *json, const struct published_months *months)
{
	json_open_member(json, "months", '[');
	for (size_t i = 0; i < months->n; i++)
		json_text(json, NULL, span_of(months->at[i]));
	json_close(json, ']');
}

static void put_next(struct json_out *json, const struct transparency *data)
{
	char at[21];

	if (!data->any_next) {
		json_none(json, "next");
		return;
	}
	clock_text(data->next.at_ms, at);
	json_open_member(json, "next", '{');
	json_text(json, "month", span_of(data->next.month));
	json_text(json, "at", span_of(at));
	json_close(json, '}');
}

static void put_log(struct json_out *json, const struct transparency_log *of)
{
	json_open(json, '{');
	json_text(json, "log", span_of(of->log->name));
	json_text(json, "origin", note_key_name(&of->log->key));
	json_text(json, "key", span_of(of->log->key_text));
	json_u64(json, "size", of->state.size);
	json_bool(json, "signed", of->state.is_signed);
	log_state_put(&of->state, json);
	put_months(json, &of->months);
	json_close(json, '}');
}

static void write_json(const struct transparency *data, struct buf *body)
{
	struct json_out json = json_out_to(body);

	json_open(&json, '{');
	put_word(&json, "month", data->month);
	put_months(&json, &data->months);
	put_next(&json, data);
	json_u64(&json, "small", FIGURES_SMALL);
	json_open_member(&json, "figures", '[');
	for (size_t i = 0; i < data->nrows; i++)
		put_row(&json, &data->rows[i]);
	json_close(&json, ']');
	put_leaves(&json, data);
	json_open_member(&json, "logs", '[');
	for (size_t i = 0; i < data->nlogs; i++)
		put_log(&json, &data->logs[i]);
	json_close(&json, ']');
	json_close(&json, '}');
}

/* --- CSV ------------------------------------------------------------------------------------------------ */

/* Words of a leaf have neither commas nor quotes (leaf_value_valid()). */
static void add_row(const struct transparency *data, const struct transparency_row *of, struct buf *body)
{
	const struct figures_row *row = of->row;

	buf_printf(body, "%s,%.*s,%.*s,%.*s,%.*s,%llu", of->log->name, (int)data->month.len, data->month.at, (int)row->event.len, row->event.at,
		   (int)row->outcome.len, row->outcome.at, (int)row->region.len, row->region.at, (unsigned long long)row->count);
	buf_add_byte(body, ',');
	if (row->amounts)
		buf_add_u64(body, (uint64_t)row->amount);
	buf_add_byte(body, ',');
	if (row->waits)
		buf_printf(body, "%llu,%llu", (unsigned long long)row->median, (unsigned long long)row->p90);
	else
		buf_add_byte(body, ',');
	buf_add_text(body, "\r\n");
}

static void write_csv(const struct transparency *data, struct buf *body)
{
	buf_add_text(body, "log,month,event,outcome,region,count,amount_fen,median_hours,p90_hours\r\n");
	for (size_t i = 0; i < data->nrows; i++)
		add_row(data, &data->rows[i], body);
}

/* --- the call ------------------------------------------------------------------------------------------- */

static void refuse(struct http_exchange *exchange, const char *field, const char *detail)
{
	answer_problem(exchange, &(struct problem){ .status = 400, .code = "field_invalid", .field = field, .detail = detail, .any_origin = true });
}

/* False: it was answered. */
static bool ask(const struct call *args, struct http_exchange *exchange, struct transparency **data)
{
	const struct sealed_log *log = NULL;

	switch (transparency_ask(args, exchange, &log, data)) {
	case TRANSPARENCY_NO_MONTH:
		refuse(exchange, "month", "A month is written 2026-11.");
		return false;
	case TRANSPARENCY_NO_LOG:
		public_absent(exchange, "There is no log of this name; see /log.");
		return false;
	case TRANSPARENCY_CLOSED:
		public_absent(exchange, "Nothing of this month is open.");
		return false;
	case TRANSPARENCY_FOUND:
		break;
	}
	if (span_empty((*data)->month) || (*data)->nleaves > 0)
		return true;
	public_absent(exchange, "Nothing of this month is open in this log.");
	return false;
}

void transparency_api(const struct call *args, struct http_exchange *exchange)
{
	struct span format = transparency_param(exchange, "format");
	bool csv = span_is(format, "csv");
	struct transparency *data = NULL;
	struct buf body = { 0 };

	if (!span_empty(format) && !csv && !span_is(format, "json")) {
		refuse(exchange, "format", "A format is csv or json.");
		return;
	}
	if (!ask(args, exchange, &data))
		return;
	if (csv)
		write_csv(data, &body);
	else
		write_json(data, &body);
	public_give(exchange, &(struct public_file){ .type = csv ? TYPE_CSV : PUBLIC_JSON, .cache = PUBLIC_ASK, .body = buf_span(&body) });
	buf_release(&body);
}
