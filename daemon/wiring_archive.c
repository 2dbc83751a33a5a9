/*
 * Wiring of the archive: every process reads files and tail of a journal as
 * one; those with the role jobs look after the files, and one of them writes.
 */
#include "daemon/wiring_parts.h"

#include "daemon/base/memory.h"
#include "daemon/jobs/archiver.h"
#include "daemon/store/archived.h"
#include "daemon/sys/files.h"
#include "daemon/sys/log.h"

#include <stdlib.h>

#define ARCHIVER_EVERY_MS 1000
#define RECHECK_MS 600000
#define DAY_MS INT64_C(86400000)

void wiring_attach_archive(struct wiring *w)
{
	w->archive = archive_new(config_archive_dir(w->config));
	archived_attach(w->app.store, w->loop, w->archive);
}

/* The audit trail has a journal of its own. */
static size_t journals_of(struct wiring *w)
{
	w->archive_shards = memory_zeroes(w->shards.n + 1, sizeof(*w->archive_shards));
	memcpy(w->archive_shards, w->shards.at, w->shards.n * sizeof(*w->archive_shards));
	memcpy(w->archive_shards[w->shards.n], STORE_AUDIT_SHARD, sizeof(*w->archive_shards));
	return w->shards.n + 1;
}

/* Now: once the process is in its sandbox, a directory outside of the state's cannot be made. */
static void make_directory(const struct wiring *w)
{
	struct complaint why = { .text = "" };

	if (w->config->archive.enabled && !files_make_dir(config_archive_dir(w->config), &why))
		log_event(LOG_LEVEL_ERROR, "archive.fault", "journal", "", "why", why.text, NULL);
}

void wiring_open_archiver(struct wiring *w)
{
	struct archiver_env env = {
		.loop = w->loop,
		.store = w->app.store,
		.archive = w->archive,
		.holder = span_of(w->holder),
		.period_ms = ARCHIVER_EVERY_MS,
		.recheck_ms = RECHECK_MS,
		.writes = w->config->archive.enabled,
		.segment_events = w->config->archive.segment_events,
		.keep_events = w->config->archive.keep_events,
		.keep_ms = w->config->archive.keep_days * DAY_MS,
	};

	if ((w->config->roles & ROLE_JOBS) == 0)
		return;
	make_directory(w);
	env.nshards = journals_of(w);
	env.shards = (const char(*)[3])w->archive_shards;
	w->app.archiver = archiver_new(&env);
}

void wiring_stop_archiver(struct wiring *w)
{
	archiver_free(w->app.archiver);
}

void wiring_close_archive(struct wiring *w)
{
	archive_free(w->archive);
	free(w->archive_shards);
}
