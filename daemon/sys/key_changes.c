/*
 * Changes of keys, kept until the trail has them; see key_changes.h.
 */
#include "daemon/sys/key_changes.h"

#include "daemon/base/json_in.h"
#include "daemon/base/table.h"
#include "daemon/sys/files.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define LOCK_FILE "key-changes.lock"
#define FILE_MAX ((size_t)4 << 20)

/* --- lines ------------------------------------------------------------------------------ */

struct span key_change_line(struct trail_event *event, int64_t now_ms, struct arena *arena)
{
	time_t seconds = (time_t)(now_ms / 1000);
	struct buf text = { 0 };
	struct span line;
	struct tm utc;

	gmtime_r(&seconds, &utc);
	event->at_ms = now_ms;
	event->query = span_of(arena_printf(arena, "when=%04d-%02d-%02dT%02d:%02d", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
					    utc.tm_hour, utc.tm_min));
	trail_event_write(event, &text);
	line = arena_dup(arena, buf_span(&text));
	buf_release(&text);
	return line;
}

static const struct {
	const char *name;
	size_t at;
} texts[] = {
	{ "by", offsetof(struct trail_event, by) },       { "token", offsetof(struct trail_event, token) },
	{ "call", offsetof(struct trail_event, call) },   { "id", offsetof(struct trail_event, id) },
	{ "region", offsetof(struct trail_event, region) }, { "query", offsetof(struct trail_event, query) },
	{ "from", offsetof(struct trail_event, from) },   { "to", offsetof(struct trail_event, to) },
};

bool key_change_read(struct span line, struct arena *arena, struct trail_event *event)
{
	struct json_object object;
	const struct json_member *member;
	uint64_t at_ms = 0;

	*event = (struct trail_event){ .kind = TRAIL_NOTHING };
	if (!json_object_read(line, arena, &object, NULL))
		return false;
	if ((member = json_member_find(&object, "event")) != NULL && member->kind == JSON_TEXT)
		event->kind = trail_kind_find(member->text);
	if ((member = json_member_find(&object, "at")) == NULL || member->kind != JSON_NUMBER || !span_u64(member->text, &at_ms) ||
	    at_ms > INT64_MAX)
		return false;
	event->at_ms = (int64_t)at_ms;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		member = json_member_find(&object, texts[i].name);
		if (member != NULL && member->kind == JSON_TEXT)
			*(struct span *)((char *)event + texts[i].at) = member->text;
	}
	return event->kind == TRAIL_KEY_GRANTED || event->kind == TRAIL_KEY_REVOKED || event->kind == TRAIL_KEY_MADE ||
	       event->kind == TRAIL_KEY_DESTROYED;
}

/* --- the file ------------------------------------------------------------------------------ */

static bool path_in(const char *dir, const char *name, char path[PATH_MAX], struct complaint *why)
{
	return snprintf(path, PATH_MAX, "%s/%s", dir, name) < PATH_MAX || complain(why, 0, "path too long: %.180s", dir);
}

static bool begin(const char *state_dir, char path[PATH_MAX], int *lock, struct complaint *why)
{
	char of_lock[PATH_MAX];

	*lock = -1;
	if (!path_in(state_dir, LOCK_FILE, of_lock, why) || !path_in(state_dir, KEY_CHANGES_FILE, path, why))
		return false;
	*lock = files_lock(of_lock, why);
	return *lock >= 0;
}

static void finish(int lock)
{
	if (lock >= 0)
		close(lock);
}

static bool read_all(const char *path, struct buf *into, struct complaint *why)
{
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return true;
	return files_private(path, why) && files_read(path, FILE_MAX, into, why);
}

bool key_changes_text(const char *state_dir, struct buf *into, struct complaint *why)
{
	char path[PATH_MAX];

	return path_in(state_dir, KEY_CHANGES_FILE, path, why) && read_all(path, into, why);
}

bool key_changes_add(const char *state_dir, struct span line, struct complaint *why)
{
	struct buf text = { 0 };
	char path[PATH_MAX];
	int lock;
	bool well = begin(state_dir, path, &lock, why) && read_all(path, &text, why);

	if (well) {
		if (text.len > 0 && text.at[text.len - 1] != '\n')   /* cut short: a line of its own, told as none */
			buf_add_byte(&text, '\n');
		buf_add_span(&text, line);
		buf_add_byte(&text, '\n');
		well = files_replace(path, buf_span(&text), 0600, why);
	}
	buf_release(&text);
	finish(lock);
	return well;
}

/* Copies all lines but the first like it; whether there was one. */
static bool without(struct span text, struct span line, struct buf *to)
{
	bool found = false;
	struct span one;

	while (span_cut(&text, '\n', &one)) {
		if (!found && span_eq(one, line)) {
			found = true;
			continue;
		}
		if (one.len == 0)
			continue;
		buf_add_span(to, one);
		buf_add_byte(to, '\n');
	}
	return found;
}

bool key_changes_drop(const char *state_dir, struct span line, struct complaint *why)
{
	struct buf text = { 0 }, rest = { 0 };
	char path[PATH_MAX];
	int lock;
	bool well = begin(state_dir, path, &lock, why) && read_all(path, &text, why);

	if (well && without(buf_span(&text), line, &rest))
		well = files_replace(path, buf_span(&rest), 0600, why);
	buf_release(&text);
	buf_release(&rest);
	finish(lock);
	return well;
}
