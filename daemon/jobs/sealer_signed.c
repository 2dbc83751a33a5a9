/*
 * The record of what was signed, DIR/signed: a few lines, so that a person can
 * hold it against the store.
 *
 *   tipline-signed/v1
 *   batch 12
 *   before 88
 *   size 96
 *   journal 91
 *   at 1795000000000
 *   root base64(ROOT)
 */
#include "daemon/jobs/sealer_inside.h"

#include "daemon/sys/files.h"
#include "daemon/tlog/line.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define HEAD "tipline-signed/v1"
#define FILE_BYTES_MAX 1024

static void path_of(const char *dir, char path[SEALER_PATH_MAX + 16])
{
	snprintf(path, SEALER_PATH_MAX + 16, "%s/signed", dir);
}

/* The value of the next line, which begins with `name` and a blank. */
static bool value(struct span *rest, const char *name, struct span *out)
{
	struct span line, first;

	if (!line_next(rest, &line) || !span_cut(&line, ' ', &first) || !span_is(first, name))
		return false;
	*out = line;
	return true;
}

static bool number(struct span *rest, const char *name, uint64_t *out)
{
	struct span text;

	return value(rest, name, &text) && line_number(text, out);
}

static bool parse(struct span rest, struct tiles_batch *batch)
{
	struct span line;
	uint64_t at_ms;

	if (!line_next(&rest, &line) || !span_is(line, HEAD) || !number(&rest, "batch", &batch->number) ||
	    !number(&rest, "before", &batch->before) || !number(&rest, "size", &batch->size) ||
	    !number(&rest, "journal", &batch->journal) || !number(&rest, "at", &at_ms) || !value(&rest, "root", &line) ||
	    !line_hash(line, &batch->root) || rest.len > 0)
		return false;
	batch->at_ms = (int64_t)at_ms;
	return batch->number > 0 && batch->size > batch->before && batch->size <= LOG_SIZE_MAX;
}

bool sealer_signed_read(const char *dir, struct tiles_batch *batch, struct complaint *why)
{
	char path[SEALER_PATH_MAX + 16];
	struct buf text = { 0 };
	bool well;

	*batch = (struct tiles_batch){ .number = 0 };
	path_of(dir, path);
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return true;
	well = files_read(path, FILE_BYTES_MAX, &text, why);
	if (well && !parse(buf_span(&text), batch))
		well = complain(why, 0, "%.200s is no record of a signed batch", path);
	buf_release(&text);
	return well;
}

bool sealer_signed_write(const char *dir, const struct tiles_batch *batch, struct complaint *why)
{
	char path[SEALER_PATH_MAX + 16];
	struct buf text = { 0 };
	bool well;

	path_of(dir, path);
	buf_printf(&text, HEAD "\nbatch %llu\nbefore %llu\nsize %llu\njournal %llu\nat %lld\nroot ",
		   (unsigned long long)batch->number, (unsigned long long)batch->before,
		   (unsigned long long)batch->size, (unsigned long long)batch->journal, (long long)batch->at_ms);
	line_add_hash(&text, &batch->root);
	well = files_replace(path, buf_span(&text), 0600, why);
	buf_release(&text);
	return well;
}
