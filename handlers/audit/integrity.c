/*
 * The chain of the money journal, read again from the store, some records at a
 * time beside the work of the daemon, and held against what was read before.
 */
#include "daemon/base/memory.h"
#include "daemon/money/audit_chain.h"
#include "daemon/money/audit_summary.h"
#include "daemon/store/store.h"
#include "handlers/answer.h"
#include "handlers/audit/audit.h"
#include "handlers/audit/figures.h"
#include "handlers/audit/moment.h"
#include "handlers/reward/office.h"

#include <stdlib.h>

#define AT_ONCE 128   /* records between two turns of the loop: some milliseconds */

struct reading {
	struct call call;
	struct staff staff;
	struct http_exchange *exchange;
	struct moment moment;
	struct audit_chain chain;
};

/* --- the answer ------------------------------------------------------------------------- */

static void put_chain(const struct audit_chain *chain, size_t n, struct json_out *json)
{
	json_bool(json, "whole", chain->bad == 0 && chain->seq == n);
	json_u64(json, "checked", chain->seq);
	if (chain->bad > 0)
		json_u64(json, "first_bad", chain->bad);
	else
		json_none(json, "first_bad");
	json_text(json, "why", chain->bad > 0 ? span_of(chain->why.text) : SPAN(""));
}

static struct audit_figures with_chain(const struct audit_view *view, const struct audit_chain *chain)
{
	struct audit_figures told = audit_journal_figures(view);
	struct audit_figures all = { .at = arena_array(view->arena, struct audit_figure, told.n + 2), .n = told.n + 2 };

	all.at[0] = (struct audit_figure){ .part = "journal", .book = "", .name = "record_checked", .count = chain->seq };
	audit_seqs_add(&all.at[0].seqs, chain->seq, view->arena);
	all.at[1] = (struct audit_figure){ .part = "journal", .book = "", .name = "record_bad", .count = chain->bad > 0 };
	audit_seqs_add(&all.at[1].seqs, chain->bad, view->arena);
	memcpy(all.at + 2, told.at, told.n * sizeof(*told.at));
	return all;
}

static void answer(struct reading *reading)
{
	static const char *const columns[] = { "part", "book", "name", "count", "fen", "at", "records", "journal", NULL };
	struct audit_view view = moment_view(&reading->call, reading->exchange, &reading->moment);
	struct audit_figures figures = with_chain(&view, &reading->chain);
	struct sheet sheet;

	sheet_begin(&sheet, reading->moment.format, reading->moment.bom, columns);
	if (reading->moment.format == SHEET_JSON) {
		moment_tell(&reading->moment, &sheet.json);
		put_chain(&reading->chain, reading->moment.n, &sheet.json);
	}
	figures_put(&sheet, &figures);
	sheet_answer(&sheet, &reading->call, reading->exchange);
}

/* --- reading ------------------------------------------------------------------------------ */

static void end(struct reading *reading, bool well)
{
	struct office *office = reading->call.app->office;

	if (well)
		answer(reading);
	else
		answer_unavailable(reading->exchange);
	office_fold_end(office);
	free(reading);
}

/* False: it is another record than the one that was read when it came, or does not fit the chain. */
static bool take(struct reading *reading, struct span json)
{
	struct audit_chain *chain = &reading->chain;
	const struct audit_row *row;

	if (!audit_chain_take(chain, json))
		return false;
	row = audit_log_row(reading->moment.log, (size_t)chain->seq - 1);
	if (memcmp(row->hash, chain->head, sizeof(row->hash)) == 0)
		return true;
	chain->bad = chain->seq--;
	return complain(&chain->why, 0, "record %llu is not the one that was there before", (unsigned long long)chain->bad);
}

static void ask(struct reading *reading);

static void came(void *ctx, const struct store_reply *reply)
{
	struct reading *reading = ctx;
	bool follows = true;

	if (reply->outcome != STORE_DONE || http_exchange_gone(reading->exchange)) {
		end(reading, false);
		return;
	}
	for (size_t i = 0; i < reply->nevents && follows && reading->chain.seq < reading->moment.n; i++)
		follows = take(reading, reply->events[i].json);
	if (reply->nevents == 0) {
		reading->chain.bad = reading->chain.seq + 1;
		follows = complain(&reading->chain.why, 0, "record %llu is missing", (unsigned long long)reading->chain.bad);
	}
	if (follows && reading->chain.seq < reading->moment.n)
		ask(reading);
	else
		end(reading, true);
}

static void ask(struct reading *reading)
{
	struct store_request request = { .op = STORE_MONEY_READ, .from = reading->chain.seq + 1, .max = AT_ONCE };

	store_submit(reading->call.app->store, &request, (struct store_wait){ .done = came, .ctx = reading });
}

void audit_call_integrity(const struct call *args, struct http_exchange *exchange)
{
	struct moment moment;
	struct reading *reading;

	if (!moment_read(args, exchange, &moment))
		return;
	if (!office_fold_begin(args->app->office)) {
		answer_problem(exchange, &(struct problem){ .status = 503, .code = "busy", .retry_after_s = 5,
							    .detail = "The journal is being read for others." });
		return;
	}
	reading = memory_zeroes(1, sizeof(*reading));
	*reading = (struct reading){ .call = *args, .staff = *args->staff, .exchange = exchange, .moment = moment };
	reading->call.staff = &reading->staff;
	if (moment.n > 0)
		ask(reading);
	else
		end(reading, true);
}
