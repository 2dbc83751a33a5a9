/*
 * Figures of payments; see payout_metrics.h.
 */
#include "handlers/payout/payout_metrics.h"

#include "daemon/base/memory.h"
#include "daemon/base/table.h"
#include "daemon/jobs/treasury.h"
#include "daemon/loop/loop.h"
#include "daemon/money/book_alarm.h"
#include "handlers/ops/exposition.h"
#include "handlers/payout/daily.h"
#include "handlers/payout/dispatch.h"
#include "handlers/payout/hooks.h"

#include <stdlib.h>

struct sample {
	const char *value_of;
	uint64_t value;
};

static void put_samples(struct buf *out, const char *name, const char *label, const char *help,
			const struct sample *samples, size_t n)
{
	metric_head(out, name, METRIC_COUNTER, help);
	for (size_t i = 0; i < n; i++)
		metric_sample(out, name, label, samples[i].value_of, (double)samples[i].value);
}

static void put_dispatch(const struct dispatch *dispatch, struct buf *out)
{
	const struct dispatch_figures *f = dispatch_figures(dispatch);
	const struct sample requests[] = { { "sent", f->sent }, { "sent_again", f->sent_again }, { "asked", f->asked },
					   { "cancelled", f->cancelled } };
	const struct sample ends[] = { { "recorded", f->recorded }, { "restarted", f->restarted }, { "cannot", f->cannot },
				       { "body_differs", f->body_differs }, { "alarm", f->alarms } };

	put_samples(out, "tipline_payout_requests_total", "kind",
		    "Requests to providers; what was sent again is among what was sent.", requests, COUNT_OF(requests));
	put_samples(out, "tipline_payout_events_total", "event", "What came of payments in this process.", ends,
		    COUNT_OF(ends));
	metric_one(out, "tipline_payout_open", METRIC_GAUGE, "Payments that are not over.", (double)f->open);
	metric_one(out, "tipline_payout_busy", METRIC_GAUGE, "Payments with a call or a record under way.", (double)f->busy);
	metric_one(out, "tipline_payout_held_back", METRIC_GAUGE,
		   "Payments that wait for a breaker, a daily limit or a rail that is switched off.", (double)f->held_back);
}

static void put_hooks(const struct hooks *hooks, struct buf *out)
{
	const struct hooks_figures *f = hooks_figures(hooks);
	const struct sample ends[] = { { "taken", f->taken }, { "unsigned", f->unsigned_ }, { "repeated", f->repeated },
				       { "strange", f->strange }, { "not_recorded", f->not_recorded } };

	put_samples(out, "tipline_payout_hooks_total", "end", "Callbacks of providers.", ends, COUNT_OF(ends));
}

static void put_daily(const struct daily *daily, struct buf *out)
{
	const struct daily_figures *f = daily_figures(daily);
	const struct sample ends[] = { { "profile", f->profiles }, { "statement", f->statements },
				       { "not_usable", f->refused } };

	put_samples(out, "tipline_payout_fetched_total", "kind", "Profiles and statements taken, and those that could not be used.",
		    ends, COUNT_OF(ends));
}

/* --- rails ----------------------------------------------------------------------------- */

static double sends(const struct app *app, const struct rail_entry *rail)
{
	(void)app;
	return rail_entry_sends(rail);
}

static double is_broken(const struct app *app, const struct rail_entry *rail)
{
	return breaker_open(&rail->breaker, loop_now_ms(app->loop));
}

static double is_held(const struct app *app, const struct rail_entry *rail)
{
	const struct book *book = treasury_book(app->treasury);

	return book != NULL && book_rail_held(book, span_of(rail->config.name));
}

static double unanswered(const struct app *app, const struct rail_entry *rail)
{
	(void)app;
	return (double)rail->unanswered;
}

static void put_rails(const struct app *app, struct buf *out)
{
	static const struct {
		const char *name, *help;
		enum metric_kind kind;
		double (*figure)(const struct app *app, const struct rail_entry *rail);
	} rows[] = {
		{ .name = "tipline_payout_rail_on", .kind = METRIC_GAUGE, .figure = sends,
		  .help = "1 when the rail is configured and enabled." },
		{ .name = "tipline_payout_rail_breaker_open", .kind = METRIC_GAUGE, .figure = is_broken,
		  .help = "1 when nothing new goes out because the provider does not answer." },
		{ .name = "tipline_payout_rail_held", .kind = METRIC_GAUGE, .figure = is_held,
		  .help = "1 when the journal has it on hold." },
		{ .name = "tipline_payout_rail_unanswered_total", .kind = METRIC_COUNTER, .figure = unanswered,
		  .help = "Calls that no verified answer came to." },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		metric_head(out, rows[i].name, rows[i].kind, rows[i].help);
		for (size_t r = 0; r < app->rails->n; r++)
			metric_sample(out, rows[i].name, "rail", app->rails->entries[r]->config.name,
				      rows[i].figure(app, app->rails->entries[r]));
	}
}

/* --- what waits for people -------------------------------------------------------------- */

static void count_alarms(const struct book *book, int64_t now_ms, size_t counts[BOOK_ALARMS])
{
	size_t n = book_alarms(book, now_ms, NULL, 0);
	struct book_alarm *alarms = memory_zeroes(n + 1, sizeof(*alarms));

	book_alarms(book, now_ms, alarms, n);
	for (size_t i = 0; i < n; i++)
		counts[alarms[i].kind]++;
	free(alarms);
}

static size_t open_breaks(const struct book *book)
{
	const struct book_break *at;
	size_t open = 0;

	for (size_t i = 0; (at = book_break_at(book, i)) != NULL; i++)
		open += !at->resolved;
	return open;
}

static size_t held_rewards(const struct book *book)
{
	size_t held = 0;

	for (size_t i = 0; i < book_rewards(book); i++)
		held += book_reward_at(book, i)->held;
	return held;
}

static void put_waiting(const struct book *book, int64_t now_ms, struct buf *out)
{
	static const struct {
		const char *age;
		enum book_alarm_kind kind;
	} ages[] = {
		{ .age = "15m", .kind = BOOK_ALARM_UNKNOWN_WARN },
		{ .age = "24h", .kind = BOOK_ALARM_UNKNOWN_PAGE },
		{ .age = "72h", .kind = BOOK_ALARM_UNKNOWN_FROZEN },
		{ .age = "25d", .kind = BOOK_ALARM_UNKNOWN_LAST },
	};
	size_t counts[BOOK_ALARMS] = { 0 };

	count_alarms(book, now_ms, counts);
	metric_head(out, "tipline_payout_unknown", METRIC_GAUGE,
		    "Payments of which nobody knows what became, by how long at least; each counts once.");
	for (size_t i = 0; i < COUNT_OF(ages); i++)
		metric_sample(out, "tipline_payout_unknown", "for", ages[i].age, (double)counts[ages[i].kind]);
	metric_head(out, "tipline_money_waiting", METRIC_GAUGE, "Rewards that wait too long for a person.");
	metric_sample(out, "tipline_money_waiting", "what", "review", (double)counts[BOOK_ALARM_REVIEW]);
	metric_sample(out, "tipline_money_waiting", "what", "notice", (double)counts[BOOK_ALARM_NOTICE]);
	metric_sample(out, "tipline_money_waiting", "what", "returned", (double)counts[BOOK_ALARM_RETURNED]);
	metric_one(out, "tipline_money_held", METRIC_GAUGE, "Rewards on hold.", (double)held_rewards(book));
	metric_one(out, "tipline_money_breaks", METRIC_GAUGE, "Differences with statements that nobody resolved.",
		   (double)open_breaks(book));
}

void payout_metrics(const struct app *app, struct buf *out)
{
	const struct book *book = app->treasury != NULL ? treasury_book(app->treasury) : NULL;

	if (app->dispatch != NULL)
		put_dispatch(app->dispatch, out);
	if (app->hooks != NULL)
		put_hooks(app->hooks, out);
	if (app->daily != NULL)
		put_daily(app->daily, out);
	if (app->rails != NULL)
		put_rails(app, out);
	if (book != NULL)
		put_waiting(book, treasury_now_ms(app->treasury), out);
}
