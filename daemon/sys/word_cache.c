/*
 * Compiled words as files; see word_cache.h.
 */
#include "daemon/sys/word_cache.h"

#include "daemon/base/hex.h"
#include "daemon/sys/files.h"

#include <assert.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "words-"
#define NAME_BYTES 16
#define CHECK_BYTES 32
#define FILE_MAX ((size_t)256 << 20)

struct word_cache {
	char dir[PATH_MAX];
	struct scan_keep keep;
};

static void path_of(const struct word_cache *cache, const unsigned char *name, char path[PATH_MAX + 64])
{
	char hex[2 * NAME_BYTES + 1] = "";

	hex_put(name, NAME_BYTES, hex);
	snprintf(path, PATH_MAX + 64, "%s/" PREFIX "%s", cache->dir, hex);
}

static void check_of(struct span bytes, unsigned char check[CHECK_BYTES])
{
	crypto_generichash(check, CHECK_BYTES, (const unsigned char *)bytes.at, bytes.len, NULL, 0);
}

static bool whole(const struct buf *file)
{
	unsigned char check[CHECK_BYTES];

	if (file->len < CHECK_BYTES)
		return false;
	check_of(span_from(file->at + CHECK_BYTES, file->len - CHECK_BYTES), check);
	return memcmp(check, file->at, CHECK_BYTES) == 0;
}

static bool get(void *ctx, const unsigned char name[SCAN_NAME_BYTES], struct buf *into)
{
	struct complaint why;
	struct buf file = { 0 };
	char path[PATH_MAX + 64];
	bool found;

	path_of(ctx, name, path);
	found = files_read(path, FILE_MAX, &file, &why) && whole(&file);
	if (found)
		buf_add(into, file.at + CHECK_BYTES, file.len - CHECK_BYTES);
	buf_release(&file);
	return found;
}

/* --- the newest stay -------------------------------------------------------------------- */

struct aged {
	char name[64];
	struct timespec at;
};

static int newest_first(const void *a, const void *b)
{
	const struct timespec *x = &((const struct aged *)a)->at, *y = &((const struct aged *)b)->at;

	if (x->tv_sec != y->tv_sec)
		return x->tv_sec < y->tv_sec ? 1 : -1;
	return (x->tv_nsec < y->tv_nsec) - (x->tv_nsec > y->tv_nsec);
}

static void drop_old(const struct word_cache *cache)
{
	struct aged files[64];
	DIR *dir = opendir(cache->dir);
	struct dirent *entry;
	struct stat st;
	size_t n = 0;

	if (dir == NULL)
		return;
	while (n < sizeof(files) / sizeof(files[0]) && (entry = readdir(dir)) != NULL) {
		if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) != 0 || strlen(entry->d_name) >= sizeof(files[n].name) ||
		    fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		memcpy(files[n].name, entry->d_name, strlen(entry->d_name) + 1);
		files[n++].at = st.st_mtim;
	}
	qsort(files, n, sizeof(files[0]), newest_first);
	for (size_t i = WORD_CACHE_FILES; i < n; i++)
		unlinkat(dirfd(dir), files[i].name, 0);
	closedir(dir);
}

static void put(void *ctx, const unsigned char name[SCAN_NAME_BYTES], struct span bytes)
{
	struct complaint why;
	struct buf file = { 0 };
	char path[PATH_MAX + 64];
	unsigned char check[CHECK_BYTES];

	if (bytes.len > FILE_MAX - CHECK_BYTES)
		return;
	path_of(ctx, name, path);
	check_of(bytes, check);
	buf_add(&file, (const char *)check, sizeof(check));
	buf_add_span(&file, bytes);
	if (files_replace(path, span_from(file.at, file.len), 0600, &why))
		drop_old(ctx);
	buf_release(&file);
}

/* --- life ----------------------------------------------------------------------------------- */

struct word_cache *word_cache_open(const char *dir, struct complaint *why)
{
	struct word_cache *cache;

	if (!files_make_dir(dir, why) || !files_private(dir, why))
		return NULL;
	cache = calloc(1, sizeof(*cache));
	assert(cache != NULL);
	snprintf(cache->dir, sizeof(cache->dir), "%s", dir);
	cache->keep = (struct scan_keep){ .get = get, .put = put, .ctx = cache };
	return cache;
}

void word_cache_close(struct word_cache *cache)
{
	free(cache);
}

const struct scan_keep *word_cache_keep(struct word_cache *cache)
{
	return &cache->keep;
}
