/*
 * Readiness; see readiness.h.
 */
#include "handlers/ops/readiness.h"

#include "daemon/base/json_out.h"
#include "daemon/http/tls.h"
#include "daemon/jobs/archiver.h"
#include "daemon/jobs/sealer.h"
#include "daemon/jobs/treasury.h"
#include "daemon/link/links.h"
#include "daemon/loop/loop.h"
#include "daemon/store/spool.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/keyrings.h"
#include "daemon/sys/log.h"
#include "daemon/sys/week_keys.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define ASK_EVERY_MS 2000
#define DAY_S 86400
#define CERTIFICATE_DAYS 14  /* told from so many days before its end */
#define LOGS_TOLD 4        /* of those that are refused; the others are counted */

struct readiness {
	struct app *app;
	struct loop_timer *timer;
	struct readiness_view view;
	bool durable_once; /* a store that never was durable is its operator's choice, and said here */
	bool asking;
	bool closing;     /* freed when the outstanding answer comes */
};

static void answered(void *ctx, const struct store_reply *reply)
{
	struct readiness *readiness = ctx;
	struct readiness_view *view = &readiness->view;

	readiness->asking = false;
	if (readiness->closing) {
		free(readiness);
		return;
	}
	view->store_up = reply->outcome == STORE_DONE;
	if (!view->store_up)
		return;
	if ((view->store_durable || !view->checked) && !reply->health.durable)
		log_event(LOG_LEVEL_ERROR, "store.not_durable", "why", reply->health.weakness, NULL);
	readiness->app->store->weakened = readiness->durable_once && !reply->health.durable;
	readiness->durable_once |= reply->health.durable;
	view->checked = true;
	view->store_durable = reply->health.durable;
	view->store_memory_bytes = reply->health.memory_bytes;
	memcpy(view->weakness, reply->health.weakness, sizeof(view->weakness));
}

static void ask(void *ctx)
{
	struct readiness *readiness = ctx;

	if (readiness->asking)
		return;
	readiness->asking = true;
	store_submit(readiness->app->store, &(struct store_request){ .op = STORE_HEALTH },
		     (struct store_wait){ .done = answered, .ctx = readiness });
}

struct readiness *readiness_new(struct app *app)
{
	struct readiness *readiness = calloc(1, sizeof(*readiness));

	assert(readiness != NULL);
	readiness->app = app;
	readiness->timer = loop_every(app->loop, ASK_EVERY_MS, ask, readiness);
	ask(readiness);
	return readiness;
}

void readiness_free(struct readiness *readiness)
{
	if (readiness == NULL)
		return;
	loop_timer_cancel(readiness->timer);
	if (readiness->asking)
		readiness->closing = true;
	else
		free(readiness);
}

const struct readiness_view *readiness_view(const struct readiness *readiness)
{
	return &readiness->view;
}

static size_t put_faults(const struct readiness *readiness, struct json_out *json)
{
	const struct readiness_view *view = &readiness->view;
	const struct spool_figures *spool = spool_figures(readiness->app->spool);
	size_t n = 0;

	json_open_member(json, "faults", '[');
	if (readiness->app->draining && ++n > 0)
		json_text(json, NULL, SPAN("draining: the daemon is about to stop"));
	if (!readiness->app->store->up && ++n > 0)
		json_text(json, NULL, SPAN("store: Redis cannot be reached; tips go to the spool, staff calls get 503"));
	else if (view->checked && !view->store_durable && ++n > 0)
		json_text(json, NULL, span_of(view->weakness));
	if (spool->failing && ++n > 0)
		json_text(json, NULL, SPAN("spool: it is full or its disk refuses writes"));
	json_close(json, ']');
	return n;
}

/* Tips are served all the same. */
static void put_money(const struct app *app, struct json_out *json)
{
	struct treasury_figures figures;
	char text[sizeof(figures.why) + 32];

	if (app->treasury == NULL)
		return;
	treasury_figures(app->treasury, &figures);
	if (figures.quarantine)
		json_text(json, NULL, SPAN("money: quarantine, the journal was restored from a copy; nothing is paid until it is reconciled"));
	if (figures.ready)
		return;
	snprintf(text, sizeof(text), "money: read-only, %s", figures.why);
	json_text(json, NULL, span_of(text));
}

static void put_logs(const struct app *app, struct json_out *json)
{
	size_t refused = 0;
	char text[SEALER_WHY_MAX + 64];

	for (size_t i = 0; app->sealer != NULL && i < sealer_count(app->sealer); i++) {
		struct sealer_log log;

		sealer_at(app->sealer, i, &log);
		if (!log.refusing || ++refused > LOGS_TOLD)
			continue;
		snprintf(text, sizeof(text), "log %.*s: not signed, %s", (int)log.name.len, log.name.at, log.why);
		json_text(json, NULL, span_of(text));
	}
	if (refused <= LOGS_TOLD)
		return;
	snprintf(text, sizeof(text), "log: %zu more are not signed", refused - LOGS_TOLD);
	json_text(json, NULL, span_of(text));
}

/* What is in files is missing when it is read; nothing more goes there meanwhile. */
static void put_archive(const struct app *app, struct json_out *json)
{
	const char *fault = app->archiver != NULL ? archiver_fault(app->archiver) : NULL;
	char text[300];

	if (fault == NULL)
		return;
	snprintf(text, sizeof(text), "archive: %s", fault);
	json_text(json, NULL, span_of(text));
}

static void put_links(const struct app *app, struct json_out *json)
{
	struct link_figures figures[LINKS_MAX];
	size_t n = app->links != NULL ? links_figures(app->links, figures, LINKS_MAX) : 0;
	char text[96];

	for (size_t i = 0; i < n; i++) {
		if (figures[i].up >= figures[i].sessions)
			continue;
		snprintf(text, sizeof(text), "link %s: %u of %u connections are logged in", figures[i].name, figures[i].up,
			 figures[i].sessions);
		json_text(json, NULL, span_of(text));
	}
}

/* Counted at each asking: they may be locked under a running daemon. */
static void put_keys(const struct app *app, struct json_out *json)
{
	size_t plain = app->keyrings != NULL ? keyrings_plain_files(app->keyrings) : 0;
	char text[160];

	if (plain == 0)
		return;
	snprintf(text, sizeof(text),
		 keyrings_plain(app->keyrings) ? "keys: keys.plain, %zu private keys of bureaus lie in the clear and serve everybody"
					       : "keys: %zu private keys of bureaus lie in the clear and open for nobody; run tipctl key lock",
		 plain);
	json_text(json, NULL, span_of(text));
}

static void put_memory(struct json_out *json)
{
	char text[120];

	if (keys_memory_unlocked() == 0)
		return;
	snprintf(text, sizeof(text), "memory: %zu bytes of keys are not locked and may reach the swap; set LimitMEMLOCK=64M",
		 keys_memory_unlocked());
	json_text(json, NULL, span_of(text));
}

/* Tips that somebody asked for and nobody can read until a file is brought back. */
static void put_weeks(const struct app *app, struct json_out *json)
{
	unsigned week = app->weeks != NULL ? week_keys_missed(app->weeks) : 0;
	char text[160];

	if (week == 0)
		return;
	snprintf(text, sizeof(text), "weeks: week-%04u.key is missing or another one; bring it back from the copy of the weekly keys", week);
	json_text(json, NULL, span_of(text));
}

static void put_tls(const struct app *app, struct json_out *json)
{
	int64_t left_s = app->tls != NULL ? tls_expires_s(app->tls) - clock_wall_ms() / 1000 : INT64_MAX;
	const char *fault = app->tls != NULL ? tls_fault(app->tls) : NULL;
	char text[300];

	if (fault != NULL) {
		snprintf(text, sizeof(text), "tls: the old certificate is in use; %s", fault);
		json_text(json, NULL, span_of(text));
	}
	if (left_s >= CERTIFICATE_DAYS * DAY_S)
		return;
	snprintf(text, sizeof(text), "tls: the certificate %s %lld days%s", left_s < 0 ? "ended" : "ends in",
		 (long long)(left_s < 0 ? -left_s : left_s) / DAY_S, left_s < 0 ? " ago" : "");
	json_text(json, NULL, span_of(text));
}

static void put_warnings(const struct readiness *readiness, struct json_out *json)
{
	const struct spool_figures *spool = spool_figures(readiness->app->spool);

	json_open_member(json, "warnings", '[');
	if (spool->depth > 0)
		json_text(json, NULL, SPAN("spool: tips wait there for the store"));
	if (spool->damaged > 0)
		json_text(json, NULL, SPAN("spool: a damaged record was found; see the files *.damaged"));
	put_money(readiness->app, json);
	put_logs(readiness->app, json);
	put_archive(readiness->app, json);
	put_links(readiness->app, json);
	put_keys(readiness->app, json);
	put_memory(json);
	put_weeks(readiness->app, json);
	put_tls(readiness->app, json);
	json_close(json, ']');
	json_u64(json, "spool_depth", spool->depth);
}

bool readiness_json(const struct readiness *readiness, struct buf *out)
{
	struct json_out json = json_out_to(out);
	bool ready;

	json_open(&json, '{');
	ready = put_faults(readiness, &json) == 0;
	put_warnings(readiness, &json);
	json_bool(&json, "ready", ready);
	json_close(&json, '}');
	return ready;
}
