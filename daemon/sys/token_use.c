/*
 * Days of last use; see token_use.h.
 *
 * One process writes, the desk; who reads sees the file before or after.
 */
#include "daemon/sys/token_use.h"

#include "daemon/base/json_in.h"
#include "daemon/base/json_out.h"
#include "daemon/base/memory.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/files.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DAY_MS INT64_C(86400000)
#define ID_MAX 16
#define DAY_TEXT 10   /* "2026-11-22" */
#define FILE_MAX ((size_t)16 << 20)

struct row {
	char id[ID_MAX + 1];
	int64_t day;       /* days since 1970 */
};

struct token_use {
	char path[PATH_MAX];
	struct row *rows;
	size_t n;
};

/* --- rows ---------------------------------------------------------------------- */

static struct row *find(const struct token_use *use, struct span id)
{
	for (size_t i = 0; i < use->n; i++)
		if (span_is(id, use->rows[i].id))
			return &use->rows[i];
	return NULL;
}

static struct row *add(struct token_use *use, struct span id)
{
	struct row row = { .day = -1 };

	memcpy(row.id, id.at, id.len);
	use->rows = memory_grow(use->rows, use->n, sizeof(*use->rows));
	use->rows[use->n] = row;
	return &use->rows[use->n++];
}

static bool id_ok(struct span id)
{
	for (size_t i = 0; i < id.len; i++)
		if (id.at[i] <= ' ' || id.at[i] > '~')
			return false;
	return id.len >= 1 && id.len <= ID_MAX;
}

/* --- the file --------------------------------------------------------------------- */

static bool day_of(struct span text, int64_t *day)
{
	char whole[21];
	int64_t ms;

	if (text.len != DAY_TEXT)
		return false;
	snprintf(whole, sizeof(whole), "%.*sT00:00:00Z", DAY_TEXT, text.at);
	if (!clock_parse(span_of(whole), &ms))
		return false;
	*day = ms / DAY_MS;
	return true;
}

static bool read_line(struct token_use *use, struct span line, struct arena *arena)
{
	const struct json_member *id, *day;
	struct json_object object;
	int64_t number;

	if (!json_object_read(line, arena, &object, NULL))
		return false;
	id = json_member_find(&object, "id");
	day = json_member_find(&object, "day");
	if (id == NULL || id->kind != JSON_TEXT || !id_ok(id->text) || find(use, id->text) != NULL || day == NULL ||
	    day->kind != JSON_TEXT || !day_of(day->text, &number))
		return false;
	add(use, id->text)->day = number;
	return true;
}

static bool parse(struct token_use *use, struct span bytes, struct complaint *why)
{
	struct span rest = bytes.len > 0 ? bytes : (struct span){ 0 }, line;
	struct arena arena = { 0 };
	size_t number = 0;
	bool well = true;

	while (well && span_cut(&rest, '\n', &line)) {
		number++;
		if (!span_empty(span_trim(line)) && !read_line(use, line, &arena))
			well = complain(why, number, TOKEN_USE_FILE ":%zu: expected {\"id\",\"day\":\"2026-11-22\"}; remove the file, it "
						     "is made anew", number);
		arena_clear(&arena);
	}
	arena_release(&arena);
	return well;
}

static bool read_file(struct token_use *use, struct complaint *why)
{
	struct buf bytes = { 0 };
	bool well;

	if (access(use->path, F_OK) != 0 && errno == ENOENT)
		return true;
	well = files_private(use->path, why) && files_read(use->path, FILE_MAX, &bytes, why) && parse(use, buf_span(&bytes), why);
	buf_release(&bytes);
	return well;
}

static bool write_file(const struct token_use *use, struct complaint *why)
{
	struct buf text = { 0 };
	bool well;

	for (size_t i = 0; i < use->n; i++) {
		struct json_out json = json_out_to(&text);
		char day[21];

		clock_text(use->rows[i].day * DAY_MS, day);
		json_open(&json, '{');
		json_text(&json, "id", span_of(use->rows[i].id));
		json_text(&json, "day", span_from(day, DAY_TEXT));
		json_close(&json, '}');
		buf_add_byte(&text, '\n');
	}
	well = files_replace(use->path, buf_span(&text), 0600, why);
	buf_release(&text);
	return well;
}

static void drop_old(struct token_use *use, int64_t today)
{
	size_t kept = 0;

	for (size_t i = 0; i < use->n; i++)
		if (use->rows[i].day >= today - TOKEN_USE_KEPT_DAYS)
			use->rows[kept++] = use->rows[i];
	use->n = kept;
}

struct token_use *token_use_load(const char *state_dir, struct complaint *why)
{
	struct token_use *use = memory_zeroes(1, sizeof(*use));

	if (snprintf(use->path, sizeof(use->path), "%s/" TOKEN_USE_FILE, state_dir) >= PATH_MAX)
		complain(why, 0, "path too long: %.180s", state_dir);
	else if (read_file(use, why))
		return use;
	token_use_free(use);
	return NULL;
}

void token_use_free(struct token_use *use)
{
	if (use == NULL)
		return;
	free(use->rows);
	free(use);
}

bool token_use_note(struct token_use *use, struct span token_id, int64_t now_ms, struct complaint *why)
{
	int64_t today = now_ms / DAY_MS;
	struct row *row = find(use, token_id);

	if (row != NULL && row->day == today)
		return true;
	if (!id_ok(token_id))
		return complain(why, 0, "a token's id has 1 to 16 characters");
	if (row == NULL)
		row = add(use, token_id);
	row->day = today;
	drop_old(use, today);
	return write_file(use, why);
}

int64_t token_use_day_ms(const struct token_use *use, struct span token_id)
{
	const struct row *row = find(use, token_id);

	return row != NULL ? row->day * DAY_MS : -1;
}
