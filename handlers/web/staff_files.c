/*
 * The files of the staff's program; see staff_files.h.
 */
#include "handlers/web/staff_files.h"

#include "daemon/base/asset.h"
#include "daemon/base/table.h"

#include <stdio.h>

#define NAME_MAX_BYTES 64
#define SUM_LETTERS 8

static const char *const faces[] = { "/desk", "/money", "/audit", "/admin", "/account", "/setup" };

static const struct type_row {
	const char *end;
	const char *type;
} type_rows[] = {
	{ .end = ".js", .type = "text/javascript; charset=utf-8" },
	{ .end = ".css", .type = "text/css; charset=utf-8" },
};

static bool is_page(struct span path)
{
	if (span_is(path, "/"))
		return true;
	for (size_t i = 0; i < COUNT_OF(faces); i++) {
		struct span face = span_of(faces[i]);

		if (span_starts(path, face) && (path.len == face.len || path.at[face.len] == '/'))
			return true;
	}
	return false;
}

/* "desk-7KQ2MVXA" of desk-7KQ2MVXA.js: with other content it has another name. */
static bool has_sum(struct span stem)
{
	if (stem.len <= SUM_LETTERS || stem.at[stem.len - SUM_LETTERS - 1] != '-')
		return false;
	for (size_t i = stem.len - SUM_LETTERS; i < stem.len; i++)
		if (!((stem.at[i] >= 'A' && stem.at[i] <= 'Z') || (stem.at[i] >= '2' && stem.at[i] <= '7')))
			return false;
	return true;
}

static struct span asset_of(struct span name)
{
	char full[sizeof("staff/") + NAME_MAX_BYTES];

	if (name.len == 0 || name.len > NAME_MAX_BYTES)
		return (struct span){ 0 };
	snprintf(full, sizeof(full), "staff/%.*s", (int)name.len, name.at);
	return asset_find(full);
}

bool staff_file_find(struct span path, struct page_file *file)
{
	struct span name;

	if (is_page(path)) {
		*file = (struct page_file){ .body = asset_find("staff/index.html"), .type = PAGES_TYPE };
		return file->body.at != NULL;
	}
	name = path.len > 0 ? span_from_offset(path, 1) : path;
	for (size_t i = 0; i < COUNT_OF(type_rows); i++) {
		size_t end = strlen(type_rows[i].end);

		if (name.len <= end || memcmp(name.at + name.len - end, type_rows[i].end, end) != 0)
			continue;
		*file = (struct page_file){ .body = asset_of(name), .type = type_rows[i].type,
					    .lasting = has_sum(span_from(name.at, name.len - end)) };
		return file->body.at != NULL;
	}
	return false;
}
