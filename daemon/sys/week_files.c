/*
 * The files of the weekly keys; see week_files.h.
 *
 * A key is written beside and gets its name by link(): who comes second finds
 * the name taken and reads. The list of destroyed weeks is replaced as a whole
 * under the directory's lock.
 */
#include "daemon/sys/week_files.h"

#include "daemon/base/hex.h"
#include "daemon/base/json_in.h"
#include "daemon/base/wipe.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#define LIST "destroyed.jsonl"
#define LIST_MAX (1 << 20)
#define KEY_DIGITS (2 * SEAL_KEY_BYTES)

static bool failed(struct complaint *why, const char *what, const char *path)
{
	return complain(why, 0, "cannot %s %s: %s", what, path, strerror(errno));
}

static bool path_of(const struct week_dir *dir, const char *name, char path[PATH_MAX], struct complaint *why)
{
	return snprintf(path, PATH_MAX, "%s/%s", dir->path, name) < PATH_MAX || complain(why, 0, "path too long: %.180s", dir->path);
}

static bool key_path(const struct week_dir *dir, unsigned week, char path[PATH_MAX], struct complaint *why)
{
	char name[32];

	snprintf(name, sizeof(name), "week-%04u.key", week);
	return path_of(dir, name, path, why);
}

static mode_t mode_of(const struct week_dir *dir)
{
	return dir->shared ? 0660 : 0600;
}

/* --- the list of destroyed weeks ------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return (x > y) - (x < y);
}

bool week_dir_destroyed(const struct week_dir *dir, unsigned week)
{
	return dir->ndestroyed > 0 && bsearch(&week, dir->destroyed, dir->ndestroyed, sizeof(week), by_number) != NULL;
}

static unsigned *grown(unsigned *numbers, size_t n)
{
	numbers = realloc(numbers, sizeof(*numbers) * (n + 1));
	if (numbers == NULL)
		abort();
	return numbers;
}

static bool read_line(struct span line, struct arena *arena, uint64_t *week)
{
	struct complaint why;
	struct json_object object;
	const struct json_member *member;

	if (!json_object_read(line, arena, &object, &why))
		return false;
	member = json_member_find(&object, "week");
	return member != NULL && member->kind == JSON_NUMBER && span_u64(member->text, week) && *week > 0 && *week <= WEEK_NUMBER_MAX;
}

static bool read_list(struct week_dir *dir, struct span text, const char *path, struct complaint *why)
{
	struct arena arena = { 0 };
	struct span line;
	uint64_t week;
	size_t at = 0;
	bool well = true;

	dir->ndestroyed = 0;
	while (well && span_cut(&text, '\n', &line)) {
		at++;
		if (span_empty(line))
			continue;
		well = read_line(line, &arena, &week) || complain(why, at, "%s: line %zu names no week; bring the file back from a copy", path, at);
		if (!well)
			break;
		dir->destroyed = grown(dir->destroyed, dir->ndestroyed);
		dir->destroyed[dir->ndestroyed++] = (unsigned)week;
	}
	if (dir->ndestroyed > 0)
		qsort(dir->destroyed, dir->ndestroyed, sizeof(*dir->destroyed), by_number);
	arena_release(&arena);
	return well;
}

static bool same_list(const struct week_dir *dir, const struct stat *st)
{
	return st->st_ino == dir->inode && st->st_size == dir->size && st->st_mtim.tv_sec == dir->changed.tv_sec &&
	       st->st_mtim.tv_nsec == dir->changed.tv_nsec;
}

bool week_dir_look(struct week_dir *dir, bool *changed, struct complaint *why)
{
	char path[PATH_MAX];
	struct buf text = { 0 };
	struct stat st;
	bool well;

	*changed = false;
	if (!path_of(dir, LIST, path, why))
		return false;
	if (stat(path, &st) != 0)
		return errno == ENOENT || failed(why, "look at", path);
	if (same_list(dir, &st))
		return true;
	well = files_read(path, LIST_MAX, &text, why) && read_list(dir, buf_span(&text), path, why);
	buf_release(&text);
	if (!well)
		return false;
	dir->inode = st.st_ino;
	dir->size = st.st_size;
	dir->changed = st.st_mtim;
	*changed = true;
	return true;
}

static int lock(const struct week_dir *dir, struct complaint *why)
{
	int fd = open(dir->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	while (fd >= 0 && flock(fd, LOCK_EX) != 0) {
		if (errno == EINTR)
			continue;
		close(fd);
		fd = -1;
	}
	if (fd < 0)
		failed(why, "lock", dir->path);
	return fd;
}

static bool add_line(const struct week_dir *dir, unsigned week, int64_t now_ms, struct complaint *why)
{
	char path[PATH_MAX], at[21];
	struct buf text = { 0 };
	bool well;

	if (!path_of(dir, LIST, path, why))
		return false;
	well = access(path, F_OK) != 0 || files_read(path, LIST_MAX, &text, why);
	if (well && text.len > 0 && text.at[text.len - 1] != '\n')
		buf_add_byte(&text, '\n');
	clock_text(now_ms, at);
	buf_printf(&text, "{\"week\":%u,\"at\":\"%s\"}\n", week, at);
	well = well && files_replace(path, buf_span(&text), mode_of(dir), why);
	buf_release(&text);
	return well;
}

bool week_dir_write_down(struct week_dir *dir, unsigned week, int64_t now_ms, struct complaint *why)
{
	int fd = lock(dir, why);
	bool changed, well;

	if (fd < 0)
		return false;
	well = week_dir_look(dir, &changed, why) && (week_dir_destroyed(dir, week) || add_line(dir, week, now_ms, why)) &&
	       week_dir_look(dir, &changed, why);
	close(fd);
	return well;
}

/* --- keys --------------------------------------------------------------------------- */

static bool safe(const struct week_dir *dir, const char *path, struct complaint *why)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return failed(why, "look at", path);
	if (!S_ISREG(st.st_mode))
		return complain(why, 0, "%s is not a regular file", path);
	if ((st.st_mode & (dir->shared ? 07 : 077)) != 0)
		return complain(why, 0, "%s can be reached by others (mode %04o); run: chmod %s %s", path, (unsigned)(st.st_mode & 07777),
				dir->shared ? "o=" : "go=", path);
	return true;
}

enum week_read week_dir_read(const struct week_dir *dir, unsigned week, struct seal_key *key, struct complaint *why)
{
	char path[PATH_MAX];
	struct buf text = { 0 };
	bool well;

	if (!key_path(dir, week, path, why))
		return WEEK_REFUSED;
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return WEEK_ABSENT;
	well = safe(dir, path, why) && files_read(path, KEY_DIGITS + 1, &text, why);
	if (well)
		well = hex_get(span_trim(span_from(text.at, text.len < KEY_DIGITS ? text.len : KEY_DIGITS)), key->bytes, SEAL_KEY_BYTES) ||
		       complain(why, 0, "%s does not hold 64 hex digits; bring it back from a copy", path);
	buf_release(&text);
	return well ? WEEK_READ : WEEK_REFUSED;
}

/* What root makes is for the owner of the directory. */
static bool give_to_owner(const struct week_dir *dir, int fd)
{
	struct stat st;

	return geteuid() != 0 || (stat(dir->path, &st) == 0 && fchown(fd, st.st_uid, st.st_gid) == 0);
}

/* A file of digits beside; its path is in `path`. */
static bool write_beside(const struct week_dir *dir, const struct seal_key *key, char path[PATH_MAX], struct complaint *why)
{
	char digits[KEY_DIGITS + 1];
	bool well;
	int fd;

	if (!path_of(dir, ".week-XXXXXX", path, why))
		return false;
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return failed(why, "write", path);
	hex_put(key->bytes, SEAL_KEY_BYTES, digits);
	digits[KEY_DIGITS] = '\n';
	well = give_to_owner(dir, fd) && fchmod(fd, mode_of(dir)) == 0 && files_write_all(fd, span_from(digits, sizeof(digits))) && fsync(fd) == 0;
	well = close(fd) == 0 && well;
	wipe(digits, sizeof(digits));
	if (well)
		return true;
	failed(why, "write", path);
	unlink(path);
	return false;
}

bool week_dir_make(const struct week_dir *dir, unsigned week, struct seal_key *key, struct complaint *why)
{
	char path[PATH_MAX], beside[PATH_MAX];
	bool well;

	if (!key_path(dir, week, path, why))
		return false;
	randombytes_buf(key->bytes, SEAL_KEY_BYTES);
	if (!write_beside(dir, key, beside, why))
		return false;
	well = link(beside, path) == 0 || errno == EEXIST || failed(why, "write", path);
	unlink(beside);
	/* Read again: it may be another process' key. */
	return well && files_sync_dir(dir->path, why) && week_dir_read(dir, week, key, why) == WEEK_READ;
}

bool week_dir_shred(const struct week_dir *dir, unsigned week, struct complaint *why)
{
	char path[PATH_MAX], noughts[KEY_DIGITS + 1];
	bool well;
	int fd;

	if (!key_path(dir, week, path, why))
		return false;
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT)
		return true;
	memset(noughts, '0', sizeof(noughts));
	well = fd >= 0 && files_write_all(fd, span_from(noughts, sizeof(noughts))) && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	/* It has to go even where it cannot be written over. */
	if (unlink(path) != 0 && errno != ENOENT)
		return failed(why, "remove", path);
	return files_sync_dir(dir->path, why) && (well || complain(why, 0, "%s was removed and could not be written over first", path));
}

/* --- the directory -------------------------------------------------------------------- */

static bool number_of(const char *name, unsigned *week)
{
	struct span s = span_of(name);
	uint64_t number;

	if (s.len != sizeof("week-NNNN.key") - 1 || !span_starts(s, SPAN("week-")) || !span_is(span_from_offset(s, 9), ".key") ||
	    !span_u64(span_from(name + 5, 4), &number) || number == 0)
		return false;
	*week = (unsigned)number;
	return true;
}

size_t week_dir_list(const struct week_dir *dir, unsigned **out)
{
	DIR *names = opendir(dir->path);
	const struct dirent *entry;
	unsigned *found = NULL, week;
	size_t n = 0;

	while (names != NULL && (entry = readdir(names)) != NULL) {
		if (!number_of(entry->d_name, &week))
			continue;
		found = grown(found, n);
		found[n++] = week;
	}
	if (names != NULL)
		closedir(names);
	if (n > 0)
		qsort(found, n, sizeof(*found), by_number);
	*out = found;
	return n;
}

/* A private one, or one that the operator shares with a group by its setgid bit. */
static bool fit(struct week_dir *dir, struct complaint *why)
{
	struct stat st;

	dir->shared = files_shared(dir->path);
	if (!dir->shared)
		return files_private(dir->path, why);
	if (stat(dir->path, &st) != 0)
		return failed(why, "look at", dir->path);
	return (st.st_mode & 07) == 0 || complain(why, 0, "%s can be reached by others; run: chmod o= %s", dir->path, dir->path);
}

bool week_dir_open(struct week_dir *dir, const char *path, bool create, struct complaint *why)
{
	bool changed;

	*dir = (struct week_dir){ .path = strdup(path) };
	if (dir->path == NULL)
		abort();
	if (create && !files_make_dir(path, why))
		return false;
	return fit(dir, why) && week_dir_look(dir, &changed, why);
}

void week_dir_release(struct week_dir *dir)
{
	free(dir->path);
	free(dir->destroyed);
	*dir = (struct week_dir){ 0 };
}
