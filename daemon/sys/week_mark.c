/*
 * Marks of waiting tips; see week_mark.h.
 */
#include "daemon/sys/week_mark.h"

#include "daemon/base/buf.h"
#include "daemon/base/hex.h"
#include "daemon/sys/files.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "waits-"
#define ID_BYTES 8
#define ID_DIGITS (2 * ID_BYTES)

struct week_mark {
	char weeks_dir[PATH_MAX], dir[PATH_MAX];
	char path[PATH_MAX];     /* of the mark */
	bool there;
};

static bool path_in(const char *dir, const char *name, char path[PATH_MAX], struct complaint *why)
{
	return snprintf(path, PATH_MAX, "%s/%s", dir, name) < PATH_MAX || complain(why, 0, "path too long: %.180s", dir);
}

/* --- its name ------------------------------------------------------------------------ */

static bool draw(const char *path, char id[ID_DIGITS + 1], struct complaint *why)
{
	unsigned char bytes[ID_BYTES];

	randombytes_buf(bytes, sizeof(bytes));
	hex_put(bytes, sizeof(bytes), id);
	id[ID_DIGITS] = '\0';
	return files_replace(path, span_from(id, ID_DIGITS), 0600, why);
}

static bool read_id(const char *path, char id[ID_DIGITS + 1], struct complaint *why)
{
	unsigned char bytes[ID_BYTES];
	struct buf text = { 0 };
	struct span digits;
	bool well = files_read(path, ID_DIGITS + 1, &text, why);

	digits = span_from(text.at, text.len < ID_DIGITS ? text.len : ID_DIGITS);
	well = well && (hex_get(digits, bytes, sizeof(bytes)) || complain(why, 0, "%s does not hold 16 hex digits; remove it", path));
	if (well) {
		hex_put(bytes, sizeof(bytes), id);
		id[ID_DIGITS] = '\0';
	}
	buf_release(&text);
	return well;
}

static bool name_it(struct week_mark *mark, struct complaint *why)
{
	char id[ID_DIGITS + 1], name[sizeof(PREFIX) + ID_DIGITS], path[PATH_MAX];
	bool well = path_in(mark->dir, "id", path, why);

	if (well && access(path, F_OK) != 0)
		well = draw(path, id, why);
	else if (well)
		well = read_id(path, id, why);
	if (!well)
		return false;
	snprintf(name, sizeof(name), PREFIX "%s", id);
	return path_in(mark->weeks_dir, name, mark->path, why);
}

struct week_mark *week_mark_open(const char *weeks_dir, const char *dir, struct complaint *why)
{
	struct week_mark *mark = calloc(1, sizeof(*mark));

	if (mark == NULL || sodium_init() < 0)
		abort();
	if (snprintf(mark->weeks_dir, sizeof(mark->weeks_dir), "%s", weeks_dir) < PATH_MAX &&
	    snprintf(mark->dir, sizeof(mark->dir), "%s", dir) < PATH_MAX && name_it(mark, why)) {
		mark->there = access(mark->path, F_OK) == 0;
		return mark;
	}
	week_mark_free(mark);
	return NULL;
}

void week_mark_free(struct week_mark *mark)
{
	free(mark);
}

/* --- coming and going ------------------------------------------------------------------- */

bool week_mark_put(struct week_mark *mark, struct complaint *why)
{
	char host[HOST_NAME_MAX + 1] = "";
	struct buf line = { 0 };

	if (mark->there)
		return true;
	if (gethostname(host, sizeof(host) - 1) != 0)
		host[0] = '\0';
	buf_printf(&line, "%s:%s\n", host, mark->dir);
	mark->there = files_replace(mark->path, buf_span(&line), files_shared(mark->weeks_dir) ? 0660 : 0600, why);
	buf_release(&line);
	return mark->there;
}

/* What no store took: a person has to look at it. */
static bool is_left_over(const char *name)
{
	return strcmp(name, "set-aside.records") == 0 || strstr(name, ".damaged") != NULL;
}

static bool any_name(const char *path, bool (*wanted)(const char *name), char found[WEEK_MARK_NAME_MAX])
{
	DIR *names = opendir(path);
	const struct dirent *entry;
	bool any = false;

	found[0] = '\0';
	if (names == NULL)
		return true;
	while (!any && (entry = readdir(names)) != NULL) {
		any = wanted(entry->d_name);
		if (any)
			snprintf(found, WEEK_MARK_NAME_MAX, "%.*s", WEEK_MARK_NAME_MAX - 1, entry->d_name);
	}
	closedir(names);
	return any;
}

void week_mark_take_away(struct week_mark *mark)
{
	char name[WEEK_MARK_NAME_MAX];

	if (!mark->there || any_name(mark->dir, is_left_over, name))
		return;
	mark->there = unlink(mark->path) != 0 && errno != ENOENT;
}

static bool is_mark(const char *name)
{
	return strncmp(name, PREFIX, sizeof(PREFIX) - 1) == 0;
}

bool week_marks_any(const char *weeks_dir, char name[WEEK_MARK_NAME_MAX])
{
	return any_name(weeks_dir, is_mark, name);
}
