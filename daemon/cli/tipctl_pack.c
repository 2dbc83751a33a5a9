/*
 * Packs of files; see tipctl_pack.h. The tar is POSIX ustar: plain files, owner
 * 0, no times, so that any tar reads it and equal files give equal bytes.
 */
#include "daemon/cli/tipctl_pack.h"

#include "daemon/base/memory.h"
#include "daemon/sys/files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define BLOCK 512
#define PATH_BYTES 4096
#define DEPTH_MAX 4

/* Of a ustar header. */
enum {
	AT_MODE = 100,
	AT_UID = 108,
	AT_GID = 116,
	AT_SIZE = 124,
	AT_TIME = 136,
	AT_SUM = 148,
	AT_KIND = 156,
	AT_MAGIC = 257,
	AT_PREFIX = 345,
};

/* --- files ---------------------------------------------------------------------------------------- */

void pack_release(struct pack *pack)
{
	for (size_t i = 0; i < pack->n; i++)
		buf_release(&pack->files[i].bytes);
	free(pack->files);
	*pack = (struct pack){ .n = 0 };
}

const struct pack_file *pack_find(const struct pack *pack, const char *name)
{
	for (size_t i = 0; i < pack->n; i++)
		if (strcmp(pack->files[i].name, name) == 0)
			return &pack->files[i];
	return NULL;
}

struct buf *pack_file(struct pack *pack, const char *name)
{
	struct pack_file *file;

	for (size_t i = 0; i < pack->n; i++)
		if (strcmp(pack->files[i].name, name) == 0)
			return &pack->files[i].bytes;
	if (pack->n == pack->room) {
		struct pack_file *more = memory_zeroes(pack->room > 0 ? 2 * pack->room : 16, sizeof(*more));

		if (pack->n > 0)
			memcpy(more, pack->files, pack->n * sizeof(*more));
		free(pack->files);
		pack->files = more;
		pack->room = pack->room > 0 ? 2 * pack->room : 16;
	}
	file = &pack->files[pack->n++];
	snprintf(file->name, sizeof(file->name), "%s", name);
	return &file->bytes;
}

static int by_name(const void *a, const void *b)
{
	const struct pack_file *one = a, *other = b;

	return strcmp(one->name, other->name);
}

void pack_sort(struct pack *pack)
{
	if (pack->n > 0)
		qsort(pack->files, pack->n, sizeof(*pack->files), by_name);
}

static bool is_name(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n <= PACK_NAME_MAX && name[0] != '/' && strstr(name, "..") == NULL &&
	       strspn(name, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._/-") == n;
}

static bool is_tar(const char *path)
{
	size_t n = strlen(path);

	return n > 4 && strcmp(path + n - 4, ".tar") == 0;
}

/* --- a directory ------------------------------------------------------------------------------------ */

static bool write_file(const struct pack_file *file, const char *dir, struct complaint *why)
{
	char path[PATH_BYTES], parent[PATH_BYTES];

	if (snprintf(path, sizeof(path), "%s/%s", dir, file->name) >= (int)sizeof(path))
		return complain(why, 0, "%.180s: the name is too long", dir);
	snprintf(parent, sizeof(parent), "%s", path);
	*strrchr(parent, '/') = '\0';
	return files_make_dir(parent, why) && files_replace(path, buf_span(&file->bytes), 0600, why);
}

static bool write_dir(const struct pack *pack, const char *path, struct complaint *why)
{
	bool well = mkdir(path, 0700) == 0 || complain(why, 0, "%.180s: %s", path, strerror(errno));

	for (size_t i = 0; well && i < pack->n; i++)
		well = write_file(&pack->files[i], path, why);
	return well;
}

static bool read_dir(struct pack *pack, const char *dir, const char *prefix, unsigned depth, struct complaint *why);

static bool read_entry(struct pack *pack, const char *path, const char *name, unsigned depth, struct complaint *why)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return complain(why, 0, "%.180s: %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return depth < DEPTH_MAX ? read_dir(pack, path, name, depth + 1, why) : complain(why, 0, "%.180s: too deep", path);
	return is_name(name) ? files_read(path, PACK_BYTES_MAX, pack_file(pack, name), why) :
			       complain(why, 0, "%.180s: no such file is in a pack", path);
}

static bool read_dir(struct pack *pack, const char *dir, const char *prefix, unsigned depth, struct complaint *why)
{
	DIR *entries = opendir(dir);
	const struct dirent *entry;
	bool well = entries != NULL || complain(why, 0, "%.180s: %s", dir, strerror(errno));

	while (well && (entry = readdir(entries)) != NULL) {
		char path[PATH_BYTES], name[PATH_BYTES];

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		well = (snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name) < (int)sizeof(path) &&
			snprintf(name, sizeof(name), "%s%s%s", prefix, prefix[0] != '\0' ? "/" : "", entry->d_name) < (int)sizeof(name)) ||
		       complain(why, 0, "%.180s: a name is too long", dir);
		well = well && read_entry(pack, path, name, depth, why);
	}
	if (entries != NULL)
		closedir(entries);
	return well;
}

/* --- a tar file ---------------------------------------------------------------------------------------- */

static unsigned sum_of(const char header[BLOCK])
{
	unsigned sum = 0;

	for (size_t i = 0; i < BLOCK; i++)
		sum += i >= AT_SUM && i < AT_SUM + 8 ? ' ' : (unsigned char)header[i];
	return sum;
}

static void add_tar(const struct pack_file *file, struct buf *out)
{
	static const char zeroes[BLOCK];
	char header[BLOCK] = "";

	snprintf(header, AT_MODE, "%s", file->name);
	snprintf(header + AT_MODE, 8, "%07o", 0644u);
	snprintf(header + AT_UID, 8, "%07o", 0u);
	snprintf(header + AT_GID, 8, "%07o", 0u);
	snprintf(header + AT_SIZE, 12, "%011llo", (unsigned long long)file->bytes.len);
	snprintf(header + AT_TIME, 12, "%011o", 0u);
	header[AT_KIND] = '0';
	memcpy(header + AT_MAGIC, "ustar\00000", 8);
	snprintf(header + AT_SUM, 8, "%06o", sum_of(header));
	header[AT_SUM + 7] = ' ';
	buf_add(out, header, BLOCK);
	buf_add_span(out, buf_span(&file->bytes));
	buf_add(out, zeroes, (BLOCK - file->bytes.len % BLOCK) % BLOCK);
}

static bool write_tar(const struct pack *pack, const char *path, struct complaint *why)
{
	static const char zeroes[2 * BLOCK];
	struct buf bytes = { 0 };
	bool well;

	for (size_t i = 0; i < pack->n; i++)
		add_tar(&pack->files[i], &bytes);
	buf_add(&bytes, zeroes, sizeof(zeroes));
	well = files_replace(path, buf_span(&bytes), 0600, why);
	buf_release(&bytes);
	return well;
}

/* Takes a file off the rest; false at the end, and with *well false for what is not one of ours. */
static bool take_tar(struct pack *pack, struct span *rest, bool *well)
{
	char header[BLOCK], name[PACK_NAME_MAX + 1];
	unsigned long long size;

	*well = false;
	if (rest->len < BLOCK)
		return false;
	memcpy(header, rest->at, BLOCK);
	if (header[0] == '\0') {
		*well = true;
		return false;
	}
	size = strtoull(header + AT_SIZE, NULL, 8);
	snprintf(name, sizeof(name), "%.99s", header);
	if (strtoul(header + AT_SUM, NULL, 8) != sum_of(header) || header[AT_KIND] != '0' || header[AT_PREFIX] != '\0' ||
	    !is_name(name) || pack_find(pack, name) != NULL || size > rest->len - BLOCK)
		return false;
	buf_add(pack_file(pack, name), rest->at + BLOCK, size);
	*rest = span_from_offset(*rest, BLOCK + (size_t)((size + BLOCK - 1) / BLOCK * BLOCK));
	*well = true;
	return true;
}

bool pack_read_tar(struct pack *pack, struct span bytes, struct complaint *why)
{
	struct span rest = bytes;
	bool well;

	while (take_tar(pack, &rest, &well))
		;
	return well || complain(why, 0, "no tar file as it was written, from byte %zu on", bytes.len - rest.len);
}

static bool read_tar(struct pack *pack, const char *path, struct complaint *why)
{
	struct complaint inner;
	struct buf bytes = { 0 };
	bool well = files_read(path, PACK_BYTES_MAX, &bytes, why);

	if (well && !pack_read_tar(pack, buf_span(&bytes), &inner))
		well = complain(why, 0, "%.180s: %s", path, inner.text);
	buf_release(&bytes);
	return well;
}

bool pack_write(const struct pack *pack, const char *path, struct complaint *why)
{
	return is_tar(path) ? write_tar(pack, path, why) : write_dir(pack, path, why);
}

bool pack_read(struct pack *pack, const char *path, struct complaint *why)
{
	return is_tar(path) ? read_tar(pack, path, why) : read_dir(pack, path, "", 0, why);
}
