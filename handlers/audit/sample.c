/*
 * A sample of rewards that can be drawn again: its seed is told, and is in the audit trail.
 */
#include "daemon/money/audit_sample.h"

#include "daemon/base/hex.h"
#include "daemon/core/journal/trail_event.h"
#include "handlers/audit/audit.h"
#include "handlers/audit/moment.h"
#include "handlers/audit/reading.h"

#define SIZE 25
#define SEED_MAX 64

static const char *const columns[] = { "reward", "case",  "book",    "state",	"fen", "rank",
				       "hits",	 "point", "records", "journal", NULL };

struct sampling {
	enum audit_method method;
	enum audit_population of;
	const char *seed;
	uint64_t n;
};

static const char *const methods[] = { "mus", "random", "stratified", NULL };
static const char *const populations[] = { "paid", "decided", NULL };

/* One that the audit trail would not tell is none. */
static bool seed_ok(struct span seed)
{
	for (size_t i = 0; i < seed.len; i++)
		if (strchr("._-", seed.at[i]) == NULL && !(seed.at[i] >= '0' && seed.at[i] <= '9') &&
		    !((seed.at[i] | 0x20) >= 'a' && (seed.at[i] | 0x20) <= 'z'))
			return false;
	return seed.len <= SEED_MAX && !span_is(trail_plain_filter(SPAN("seed"), seed), "?");
}

/* Without one it is the head of the journal, which nobody chose. */
static bool read_seed(struct http_exchange *exchange, const struct moment *moment, struct sampling *s)
{
	static const unsigned char none[RECORD_HASH_BYTES];
	struct span seed = reading_param(exchange, "seed");

	if (seed.len == 0) {
		s->seed = hex_text(http_exchange_arena(exchange),
				   moment->n > 0 ? audit_log_row(moment->log, moment->n - 1)->hash : none, RECORD_HASH_BYTES);
		return true;
	}
	s->seed = arena_dup(http_exchange_arena(exchange), seed).at;
	if (seed_ok(seed))
		return true;
	answer_problem(exchange, &(struct problem){ .status = 400, .code = "field_invalid", .field = "seed",
						    .detail = "Letters, digits and . _ - are expected, at most 64, and no "
							      "more than nine digits in a row unless it is a SHA-256: it "
							      "stands in the audit trail." });
	return false;
}

static bool read_sampling(struct http_exchange *exchange, const struct moment *moment, struct sampling *s)
{
	static const enum audit_method kinds[] = { AUDIT_MUS, AUDIT_RANDOM, AUDIT_STRATIFIED };
	size_t method, of;

	if (!moment_word(exchange, "method", methods, &method) || !moment_word(exchange, "of", populations, &of) ||
	    !reading_number(exchange, "n", SIZE, AUDIT_SAMPLE_MAX, &s->n) || !read_seed(exchange, moment, s))
		return false;
	s->method = kinds[method];
	s->of = (enum audit_population)of;
	s->n += s->n == 0;
	return true;
}

/* --- the answer ---------------------------------------------------------------------------- */

static void put_item(struct sheet *sheet, const struct audit_view *view, const struct sampling *s,
		     const struct audit_item *item)
{
	bool ranked = s->method != AUDIT_MUS;

	sheet_row(sheet, "item");
	sheet_text(sheet, "reward", audit_view_text(view, item->reward->is->id));
	sheet_text(sheet, "case", audit_view_text(view, item->reward->is->case_id));
	sheet_text(sheet, "book", audit_view_text(view, item->reward->book));
	sheet_text(sheet, "state", reward_state_name(item->reward->state));
	sheet_fen(sheet, "fen", item->fen);
	sheet_text(sheet, "rank", ranked ? hex_text(view->arena, item->rank, sizeof(item->rank)) : "");
	sheet_number(sheet, "hits", (int64_t)item->hits);
	if (ranked)
		sheet_none(sheet, "point");
	else
		sheet_number(sheet, "point", item->point);
	sheet_seqs(sheet, &item->seqs);
	sheet_row_end(sheet);
}

static void put_stratum(struct json_out *json, const struct audit_stratum *stratum)
{
	json_open(json, '{');
	json_i64(json, "from_fen", stratum->from_fen);
	if (stratum->to_fen > 0)
		json_i64(json, "to_fen", stratum->to_fen);
	else
		json_none(json, "to_fen");
	json_u64(json, "rewards", stratum->rewards);
	json_i64(json, "fen", stratum->fen);
	json_u64(json, "taken", stratum->taken);
	json_close(json, '}');
}

static void put_head(struct json_out *json, const struct sampling *s, const struct audit_sample *sample)
{
	static const char *const names[] = { [AUDIT_RANDOM] = "random", [AUDIT_STRATIFIED] = "stratified",
					     [AUDIT_MUS] = "mus" };

	json_text(json, "method", span_of(names[s->method]));
	json_text(json, "seed", span_of(s->seed));
	json_u64(json, "n", s->n);
	json_text(json, "of", span_of(populations[s->of]));
	json_text(json, "how", span_of(audit_sample_how(s->method)));
	json_u64(json, "population", sample->population);
	json_i64(json, "population_fen", sample->population_fen);
	if (s->method == AUDIT_MUS && sample->interval > 0) {
		json_i64(json, "interval", sample->interval);
		json_i64(json, "start", sample->start);
	} else {
		json_none(json, "interval");
		json_none(json, "start");
	}
	json_open_member(json, "strata", '[');
	for (size_t i = 0; i < sample->nstrata; i++)
		put_stratum(json, &sample->strata[i]);
	json_close(json, ']');
}

void audit_call_sample(const struct call *args, struct http_exchange *exchange)
{
	struct moment moment;
	struct sampling s;
	struct audit_view view;
	struct audit_sample sample;
	struct sheet sheet;

	if (!moment_read(args, exchange, &moment) || !read_sampling(exchange, &moment, &s))
		return;
	view = moment_view(args, exchange, &moment);
	sample = audit_sample_draw(&view, s.of, s.method, span_of(s.seed), (size_t)s.n);
	sheet_begin(&sheet, moment.format, moment.bom, columns);
	if (moment.format == SHEET_JSON) {
		moment_tell(&moment, &sheet.json);
		put_head(&sheet.json, &s, &sample);
	}
	sheet_list(&sheet, "items");
	for (size_t i = 0; i < sample.nitems; i++)
		put_item(&sheet, &view, &s, &sample.items[i]);
	sheet_list_end(&sheet);
	sheet_answer(&sheet, args, exchange);
}
