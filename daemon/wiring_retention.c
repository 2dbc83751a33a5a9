/*
 * Wiring of retention: the job that deletes what is due, the one that removes
 * files from the disk, and the one that lets keys of past weeks go.
 */
#include "daemon/wiring_parts.h"

#include "daemon/jobs/retention.h"
#include "daemon/jobs/shredder.h"
#include "daemon/jobs/treasury.h"
#include "daemon/jobs/weeks.h"
#include "daemon/money/book.h"
#include "daemon/sys/log.h"
#include "daemon/sys/retention_file.h"
#include "handlers/intake/sealed_file.h"

#define SHREDDER_EVERY_MS 60000u
#define WEEKS_PAUSE_MS 10u
#define WEEKS_SURE_MS 30000u   /* longer than any call that reads a tip and writes it back */

/* Paid, or never to be paid any more. What came back from the bank is not finished. */
static bool is_finished(const struct book_reward *reward)
{
	return reward_terminal(reward->state) || reward->state == REWARD_PAID || reward->state == REWARD_EXPIRED;
}

/* While the book was not read nobody knows: the tip stays. */
static bool is_unpaid(void *ctx, const struct tip_id *id)
{
	const struct wiring *w = ctx;
	const struct book *book = treasury_book(w->app.treasury);

	for (size_t i = 0; book != NULL && i < book_rewards(book); i++)
		if (strcmp(book_reward_at(book, i)->tip, id->text) == 0 && !is_finished(book_reward_at(book, i)))
			return true;
	return book == NULL;
}

/* Rules that cannot be read change nothing: those from before stay, or nothing is deleted. */
static void read_rules(struct wiring *w)
{
	struct retention_rules rules;
	struct complaint why;

	if (!w->config->retention.enabled) {
		w->app.retention_rules = NULL;
	} else if (retention_rules_read(w->config->retention.file, &rules, &why)) {
		w->retention_rules = rules;
		w->app.retention_rules = &w->retention_rules;
	} else {
		log_event(LOG_LEVEL_ERROR, "retention.rules", "file", w->config->retention.file, "line", log_u64(why.line),
			  "reason", why.text, NULL);
		return;
	}
	if (w->app.retention != NULL)
		retention_set(w->app.retention, w->app.retention_rules);
}

static void read_week_rules(struct wiring *w)
{
	if (w->app.weeks_job != NULL)
		weeks_job_set(w->app.weeks_job, &(struct old_weeks_rules){ .after_weeks = w->config->retention.rewrap_weeks,
									   .max_tips = w->config->retention.rewrap_tips });
}

static struct weeks_job *open_weeks_job(struct wiring *w)
{
	return weeks_job_new(&(struct weeks_env){
		.loop = w->loop,
		.store = w->app.store,
		.trail = w->app.trail,
		.keys = w->app.weeks,
		.dir = config_weeks_dir(w->config),
		.holder = span_of(w->holder),
		.period_ms = w->config->retention.interval_s * 1000u,
		.pause_ms = WEEKS_PAUSE_MS,
		.sure_ms = WEEKS_SURE_MS,
		.settle_ms = w->config->retention.settle_s * INT64_C(1000),
	});
}

void wiring_open_retention(struct wiring *w)
{
	const struct config *config = w->config;
	unsigned period_ms = config->retention.interval_s * 1000u;

	if ((config->roles & ROLE_JOBS) != 0)
		w->app.retention = retention_new(&(struct retention_env){
			.loop = w->loop,
			.store = w->app.store,
			.shards = (const char(*)[3])w->shards.at,
			.nshards = w->shards.n,
			.holder = span_of(w->holder),
			.period_ms = period_ms,
			.settle_ms = config->retention.settle_s * INT64_C(1000),
			.unpaid = w->app.treasury != NULL ? is_unpaid : NULL,
			.ctx = w,
		});
	if ((config->roles & ROLE_JOBS) != 0)
		w->app.weeks_job = open_weeks_job(w);
	if ((config->roles & ROLE_INTAKE) != 0)
		w->app.shredder = shredder_new(&(struct shredder_env){
			.loop = w->loop,
			.store = w->app.store,
			.shards = (const char(*)[3])w->shards.at,
			.nshards = w->shards.n,
			.period_ms = period_ms < SHREDDER_EVERY_MS ? period_ms : SHREDDER_EVERY_MS,
			.dir = w->app.files_dir,
			.path = sealed_file_path,
		});
	read_rules(w);
	read_week_rules(w);
}

/* With the rules as they are now a round begins: where no one else can ask for one, it is asked for so. */
void wiring_reload_retention(struct wiring *w)
{
	read_rules(w);
	read_week_rules(w);
	if (w->app.retention != NULL)
		(void)retention_run(w->app.retention);
}

void wiring_stop_retention(struct wiring *w)
{
	retention_free(w->app.retention);
	weeks_job_free(w->app.weeks_job);
	shredder_free(w->app.shredder);
}
