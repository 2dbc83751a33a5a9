/*
 * Published months and figures; see published.h.
 */
#include "handlers/log/published.h"

#include "daemon/base/memory.h"
#include "daemon/jobs/publisher_month.h"
#include "daemon/sys/files.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define KEPT LOGS_MAX
#define FIGURES_BYTES_MAX ((size_t)4 << 20)
#define DAY_MS INT64_C(86400000)

/* Figures of a month of a log, as they were in one version of the file. */
struct kept {
	const struct sealed_log *log;   /* NULL: free */
	char month[FIGURES_MONTH_LEN + 1];
	uint64_t version, bytes;
	bool well;
	struct buf text;
	struct arena arena;
	struct figures figures;
};

struct published {
	struct kept kept[KEPT];
	size_t oldest;
};

struct published *published_new(void)
{
	return memory_zeroes(1, sizeof(struct published));
}

static void drop(struct kept *kept)
{
	buf_release(&kept->text);
	arena_release(&kept->arena);
	*kept = (struct kept){ .log = NULL };
}

void published_free(struct published *published)
{
	for (size_t i = 0; i < KEPT; i++)
		drop(&published->kept[i]);
	free(published);
}

/* --- months ------------------------------------------------------------------------------------------ */

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static bool has_month(const struct published_months *months, struct span month)
{
	for (size_t i = 0; i < months->n; i++)
		if (span_is(month, months->at[i]))
			return true;
	return false;
}

static void add_month(struct published_months *months, struct span name)
{
	struct span month = span_from(name.at, FIGURES_MONTH_LEN);

	if (name.len != FIGURES_MONTH_LEN + 5 || !figures_month_valid(month) || !span_is(span_from_offset(name, FIGURES_MONTH_LEN), ".note") ||
	    months->n == PUBLISHED_MONTHS_MAX || has_month(months, month))
		return;
	memcpy(months->at[months->n], month.at, FIGURES_MONTH_LEN);
	months->at[months->n++][FIGURES_MONTH_LEN] = '\0';
}

static void add_months(const struct logs *logs, const struct sealed_log *log, struct published_months *months)
{
	char path[LOGS_PATH_MAX];
	const struct dirent *entry;
	DIR *dir = logs_path(logs, log, "openings", path) ? opendir(path) : NULL;

	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL)
		add_month(months, span_of(entry->d_name));
	closedir(dir);
	qsort(months->at, months->n, sizeof(months->at[0]), by_name);
}

void published_months(const struct logs *logs, const struct sealed_log *log, struct published_months *months)
{
	months->n = 0;
	add_months(logs, log, months);
}

void published_all_months(struct logs *logs, struct published_months *months)
{
	months->n = 0;
	for (size_t i = 0; i < logs_count(logs); i++)
		add_months(logs, logs_at(logs, i), months);
}

/* --- the next one -------------------------------------------------------------------------------------- */

static int64_t start_behind(int year, int month)
{
	return publisher_month_start(month == 12 ? year + 1 : year, month == 12 ? 1 : month + 1);
}

/* The end of a month that is written "2026-11". */
static int64_t end_of(const char *name)
{
	uint64_t year = 0, month = 0;

	if (!span_u64(span_from(name, 4), &year) || !span_u64(span_from(name + 5, 2), &month) || year < 1970 || year > 9998)
		return 0;
	return start_behind((int)year, (int)month);
}

void published_next(struct logs *logs, struct sealed_log *log, unsigned after_days, int64_t now_ms, struct published_next *next)
{
	const struct tiles *tiles = logs_tiles(logs, log);
	struct published_months months;
	struct tiles_batch batch;
	int64_t from_ms = now_ms;
	int year, month;

	published_months(logs, log, &months);
	if (tiles != NULL && tiles_batch(tiles, tiles_batch_at(tiles, months.n > 0 ? end_of(months.at[months.n - 1]) : 0), &batch))
		from_ms = batch.at_ms;
	publisher_month_of(from_ms, &year, &month);
	snprintf(next->month, sizeof(next->month), "%04u-%02u", (unsigned)year % 10000, (unsigned)month % 100);
	next->at_ms = start_behind(year, month) + after_days * DAY_MS;
}

/* --- figures -------------------------------------------------------------------------------------------- */

static struct kept *find(struct published *published, const struct sealed_log *log, struct span month)
{
	for (size_t i = 0; i < KEPT; i++)
		if (published->kept[i].log == log && span_is(month, published->kept[i].month))
			return &published->kept[i];
	return NULL;
}

static struct kept *take_oldest(struct published *published, const struct sealed_log *log, struct span month)
{
	struct kept *kept = &published->kept[published->oldest];

	published->oldest = (published->oldest + 1) % KEPT;
	drop(kept);
	kept->log = log;
	memcpy(kept->month, month.at, FIGURES_MONTH_LEN);
	return kept;
}

static void read_again(struct kept *kept, const char *path, const struct logs_file *file)
{
	buf_clear(&kept->text);
	arena_clear(&kept->arena);
	kept->version = file->version;
	kept->bytes = file->bytes;
	kept->well = files_read(path, FIGURES_BYTES_MAX, &kept->text, NULL) &&
		     figures_read(buf_span(&kept->text), &kept->arena, &kept->figures) &&
		     span_eq(kept->figures.origin, note_key_name(&kept->log->key)) && span_is(kept->figures.month, kept->month);
}

static bool is_there(const struct logs *logs, const struct sealed_log *log, const char *name, struct logs_file *file)
{
	if (!logs_open(logs, log, name, file))
		return false;
	close(file->fd);
	return true;
}

const struct figures *published_figures(const struct logs *logs, const struct sealed_log *log, struct span month)
{
	struct published *published = logs_published(logs);
	char note[32], table[32], path[LOGS_PATH_MAX];
	struct logs_file file;
	struct kept *kept;

	if (!figures_month_valid(month))
		return NULL;
	snprintf(note, sizeof(note), "openings/%.*s.note", (int)month.len, month.at);
	snprintf(table, sizeof(table), "openings/%.*s.figures", (int)month.len, month.at);
	if (!is_there(logs, log, note, &file) || !is_there(logs, log, table, &file) || !logs_path(logs, log, table, path))
		return NULL;
	kept = find(published, log, month);
	if (kept == NULL)
		kept = take_oldest(published, log, month);
	if (kept->version != file.version || kept->bytes != file.bytes)
		read_again(kept, path, &file);
	return kept->well ? &kept->figures : NULL;
}
