/*
 * Wiring of what keeps a tip moving: limits of its clocks, escalation, the
 * tips of officers who left.
 */
#include "daemon/wiring_parts.h"

#include "daemon/core/judge.h"
#include "daemon/jobs/escalation.h"
#include "daemon/jobs/leavers.h"
#include "daemon/sys/tokens.h"

#define ESCALATION_EVERY_MS 500
#define LEAVERS_EVERY_MS 1000

static void read_limits(struct wiring *w)
{
	const struct config *config = w->config;
	int64_t(*ms)[CLOCK_BANDS] = w->clock_limits.ms;

#define BAND(priority, section)                                                   \
	ms[WAIT_UNOPENED][priority] = INT64_C(1000) * config->escalation.section.unopened_s; \
	ms[WAIT_UNANSWERED][priority] = INT64_C(1000) * config->escalation.section.unanswered_s; \
	ms[WAIT_STALLED][priority] = INT64_C(1000) * config->escalation.section.stalled_s
	BAND(PRIORITY_IMMEDIATE, immediate);
	BAND(PRIORITY_URGENT, urgent);
	BAND(PRIORITY_STANDARD, standard);
	BAND(PRIORITY_LOW, low);
#undef BAND
	w->app.clock_limits = config->escalation.enabled ? &w->clock_limits : NULL;
	if (w->app.escalation != NULL)
		escalation_set(w->app.escalation, w->app.clock_limits);
}

/* The next region in force above: 429004 has no prefecture, the districts of Beijing neither. */
static void region_above(void *ctx, const char region[7], char above[7])
{
	const struct wiring *w = ctx;
	char code[7];

	memcpy(above, region, sizeof(code));
	do {
		memcpy(code, above, sizeof(code));
		region_code_above(code, above);
	} while (strcmp(code, above) != 0 && gazetteer_find(judge_gazetteer(w->app.judge), span_of(above)) == NULL);
}

void wiring_open_clocks(struct wiring *w)
{
	struct escalation_env escalation = {
		.loop = w->loop,
		.store = w->app.store,
		.shards = (const char(*)[3])w->shards.at,
		.nshards = w->shards.n,
		.holder = span_of(w->holder),
		.period_ms = ESCALATION_EVERY_MS,
		.above = region_above,
		.ctx = w,
	};
	struct leavers_env leavers = {
		.loop = w->loop,
		.store = w->app.store,
		.tokens = w->app.tokens,
		.accounts = w->app.accounts,
		.shards = (const char(*)[3])w->shards.at,
		.nshards = w->shards.n,
		.period_ms = LEAVERS_EVERY_MS,
	};

	if ((w->config->roles & ROLE_JOBS) != 0)
		w->app.escalation = escalation_new(&escalation);
	if ((w->config->roles & (ROLE_JOBS | ROLE_DESK)) != 0)
		w->app.leavers = leavers_new(&leavers);
	read_limits(w);
}

void wiring_reload_clocks(struct wiring *w)
{
	read_limits(w);
	if (w->app.leavers != NULL)
		leavers_kick(w->app.leavers);
}

void wiring_stop_clocks(struct wiring *w)
{
	escalation_free(w->app.escalation);
	leavers_free(w->app.leavers);
}
