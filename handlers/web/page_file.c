/*
 * The static files of the two sites, by their paths.
 */
#include "handlers/web/pages.h"

#include "daemon/base/asset.h"
#include "daemon/base/table.h"
#include "handlers/web/staff_files.h"

static const struct file_row {
	enum page_site site;
	const char *path;
	const char *asset;
	const char *type;
} file_rows[] = {
	{ .site = PAGE_PUBLIC, .path = "/style.css", .asset = "handlers/web/public/style.css",
	  .type = "text/css; charset=utf-8" },
	{ .site = PAGE_PUBLIC, .path = "/exit.js", .asset = "handlers/web/public/exit.js",
	  .type = "text/javascript; charset=utf-8" },
	{ .site = PAGE_PUBLIC, .path = "/form.js", .asset = "handlers/web/public/form.js",
	  .type = "text/javascript; charset=utf-8" },
	{ .site = PAGE_PUBLIC, .path = "/proof.js", .asset = "handlers/web/public/proof.js",
	  .type = "text/javascript; charset=utf-8" },
};

bool page_file_find(enum page_site site, struct span path, struct page_file *file)
{
	if (site == PAGE_STAFF)
		return staff_file_find(path, file);
	for (size_t i = 0; i < COUNT_OF(file_rows); i++) {
		const struct file_row *row = &file_rows[i];

		if (row->site != site || !span_is(path, row->path))
			continue;
		*file = (struct page_file){ .body = asset_find(row->asset), .type = row->type };
		return file->body.at != NULL;
	}
	return false;
}
