/*
 * Files of the state directory; see files.h.
 */
#include "daemon/sys/files.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define SECRET_MAX 4096
#define LOCK_TRIES 5          /* `tipctl doctor` holds it for a moment when it looks */
#define LOCK_PAUSE_US 20000

static bool failed(struct complaint *why, const char *what, const char *path)
{
	return complain(why, 0, "cannot %s %s: %s", what, path, strerror(errno));
}

static bool read_all(int fd, size_t size, struct buf *into)
{
	char *at = buf_reserve(into, size + 1);
	size_t got = 0;

	while (got < size) {
		ssize_t n = read(fd, at + got, size - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	into->len += got;
	return true;
}

bool files_read(const char *path, size_t max_bytes, struct buf *into, struct complaint *why)
{
	struct stat st;
	bool well;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return failed(why, "open", path);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		well = complain(why, 0, "%s is not a regular file", path);
	else if ((uint64_t)st.st_size > max_bytes)
		well = complain(why, 0, "%s has %lld bytes, more than the %zu expected at most", path,
				(long long)st.st_size, max_bytes);
	else
		well = read_all(fd, (size_t)st.st_size, into) || failed(why, "read", path);
	close(fd);
	return well;
}

bool files_write_all(int fd, struct span bytes)
{
	while (bytes.len > 0) {
		ssize_t n = write(fd, bytes.at, bytes.len);

		if (n < 0 && errno == EINTR)
			continue;
		/* A write of nothing is no progress either. */
		if (n <= 0)
			return false;
		bytes = span_from_offset(bytes, (size_t)n);
	}
	return true;
}

static bool sync_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc;

	if (fd < 0)
		return false;
	rc = fsync(fd);
	close(fd);
	return rc == 0;
}

bool files_sync_dir(const char *path, struct complaint *why)
{
	return sync_dir(path) || failed(why, "sync", path);
}

/* A new or renamed name is on disk only when its directory is. */
static bool sync_dir_of(const char *path)
{
	char copy[PATH_MAX];

	snprintf(copy, sizeof(copy), "%s", path);
	return sync_dir(dirname(copy));
}

/* What root makes belongs to the owner of the directory: the daemon must be able to read it. */
static bool give_to_owner(int fd, const char *path)
{
	char copy[PATH_MAX];
	struct stat st;

	if (geteuid() != 0)
		return true;
	snprintf(copy, sizeof(copy), "%s", path);
	return stat(dirname(copy), &st) == 0 && fchown(fd, st.st_uid, st.st_gid) == 0;
}

bool files_replace(const char *path, struct span bytes, mode_t mode, struct complaint *why)
{
	char beside[PATH_MAX];
	bool well;
	int fd;

	if (snprintf(beside, sizeof(beside), "%s.new-XXXXXX", path) >= (int)sizeof(beside))
		return complain(why, 0, "path too long: %.180s", path);
	fd = mkostemp(beside, O_CLOEXEC);
	if (fd < 0)
		return failed(why, "write beside", path);
	well = give_to_owner(fd, path) && fchmod(fd, mode) == 0 && files_write_all(fd, bytes) && fsync(fd) == 0;
	well = close(fd) == 0 && well;
	if (well && rename(beside, path) == 0 && sync_dir_of(path))
		return true;
	failed(why, "write", path);
	unlink(beside);
	return false;
}

bool files_append(const char *path, struct span bytes, mode_t mode, struct complaint *why)
{
	bool fresh = access(path, F_OK) != 0;
	bool well;
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, mode);

	if (fd < 0)
		return failed(why, "open", path);
	well = (!fresh || give_to_owner(fd, path)) && files_write_all(fd, bytes) && fsync(fd) == 0;
	well = close(fd) == 0 && well;
	if (!well || (fresh && !sync_dir_of(path)))
		return failed(why, "append to", path);
	return true;
}

bool files_make_dir(const char *path, struct complaint *why)
{
	char part[PATH_MAX];
	size_t len = strlen(path);
	struct stat st;

	if (len == 0 || len >= sizeof(part))
		return complain(why, 0, "no directory name, or one too long: %.180s", path);
	memcpy(part, path, len + 1);
	for (size_t i = 1; i <= len; i++) {
		if (part[i] != '/' && part[i] != '\0')
			continue;
		part[i] = '\0';
		if (mkdir(part, 0700) != 0 && errno != EEXIST)
			return failed(why, "make directory", part);
		part[i] = path[i];
	}
	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		return complain(why, 0, "%s is not a directory", path);
	return true;
}

bool files_shared(const char *dir)
{
	struct stat st;

	return stat(dir, &st) == 0 && S_ISDIR(st.st_mode) && (st.st_mode & S_ISGID) != 0;
}

bool files_make_dir_in(const char *parent, const char *path, struct complaint *why)
{
	if (access(path, F_OK) == 0)
		return true;
	if (!files_make_dir(path, why))
		return false;
	return !files_shared(parent) || chmod(path, S_ISGID | 0750) == 0 || failed(why, "share", path);
}

bool files_share(int fd, const char *dir)
{
	return !files_shared(dir) || fchmod(fd, 0640) == 0;
}

bool files_private(const char *path, struct complaint *why)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return failed(why, "look at", path);
	if (S_ISLNK(st.st_mode))
		return complain(why, 0, "%s is a symbolic link; name the file itself", path);
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return complain(why, 0, "%s belongs to user %u; it must belong to user %u or to root", path,
				(unsigned)st.st_uid, (unsigned)geteuid());
	if ((st.st_mode & 077) != 0)
		return complain(why, 0, "%s can be reached by others (mode %04o); run: chmod go= %s", path,
				(unsigned)(st.st_mode & 07777), path);
	return true;
}

/* The holder wrote its process number into the file. */
static void complain_of_holder(int fd, const char *path, struct complaint *why)
{
	char pid[16] = "";
	ssize_t n = pread(fd, pid, sizeof(pid) - 1, 0);

	if (n > 0 && span_digits(span_trim(span_from(pid, strcspn(pid, "\n")))))
		complain(why, 0, "%s is locked by process %.*s", path, (int)strcspn(pid, "\n"), pid);
	else
		complain(why, 0, "%s is locked by another process", path);
}

int files_lock(const char *path, struct complaint *why)
{
	char pid[16];
	int n;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0) {
		failed(why, "open", path);
		return -1;
	}
	for (int tries = LOCK_TRIES; flock(fd, LOCK_EX | LOCK_NB) != 0; tries--) {
		if (tries > 0) {
			usleep(LOCK_PAUSE_US);
			continue;
		}
		complain_of_holder(fd, path, why);
		close(fd);
		return -1;
	}
	n = snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
	if (!give_to_owner(fd, path) || ftruncate(fd, 0) != 0 || pwrite(fd, pid, (size_t)n, 0) != n) {
		failed(why, "write", path);
		close(fd);
		return -1;
	}
	return fd;
}

int files_open_state(const char *dir, struct complaint *why)
{
	char path[PATH_MAX];
	struct complaint inner = { 0 };
	int fd;

	if (!files_make_dir(dir, why) || !files_private(dir, why))
		return -1;
	if (snprintf(path, sizeof(path), "%s/lock", dir) >= (int)sizeof(path)) {
		complain(why, 0, "path too long: %.180s", dir);
		return -1;
	}
	fd = files_lock(path, &inner);
	if (fd < 0)
		complain(why, 0, "state directory in use or unusable: %.190s", inner.text);
	return fd;
}

bool files_free_bytes(const char *path, uint64_t *bytes)
{
	struct statvfs fs;

	if (statvfs(path, &fs) != 0)
		return false;
	*bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	return true;
}

static bool readable(const char *dir, const char *name, char path[PATH_MAX])
{
	return dir != NULL && snprintf(path, PATH_MAX, "%s/%s", dir, name) < PATH_MAX &&
	       access(path, R_OK) == 0;
}

/* Where a secret is; NULL and a complaint. */
static const char *secret_path(const char *name, const char *dir, char path[PATH_MAX], struct complaint *why)
{
	if (strchr(name, '/') != NULL)
		return name;
	if (readable(getenv("CREDENTIALS_DIRECTORY"), name, path) || readable(dir, name, path))
		return path;
	complain(why, 0, "no credential and no readable file %.80s in %.80s; give a whole path or LoadCredential=", name,
		 dir != NULL ? dir : "(no directory)");
	return NULL;
}

bool files_secret(const char *name, const char *dir, struct buf *into, struct complaint *why)
{
	char path[PATH_MAX];
	const char *from = secret_path(name, dir, path, why);
	size_t before = into->len;

	if (from == NULL || !files_read(from, SECRET_MAX, into, why))
		return false;
	if (into->len > before && into->at[into->len - 1] == '\n')
		into->len--;
	return into->len > before || complain(why, 0, "%s is empty; a secret is expected", from);
}

bool files_named(const char *name, const char *dir, size_t max_bytes, struct buf *into, struct complaint *why)
{
	char path[PATH_MAX];
	const char *from = secret_path(name, dir, path, why);

	return from != NULL && files_read(from, max_bytes, into, why);
}

bool files_secret_safe(const char *name, const char *dir, bool open, struct complaint *why)
{
	mode_t others = open ? S_IWGRP | S_IWOTH : S_IWGRP | S_IRWXO;
	char path[PATH_MAX];
	const char *from = secret_path(name, dir, path, why), *passed = getenv("CREDENTIALS_DIRECTORY");
	struct stat st;

	if (from == NULL)
		return false;
	if (passed != NULL && strncmp(from, passed, strlen(passed)) == 0)
		return true;
	if (stat(from, &st) != 0)
		return complain(why, 0, "cannot look at %.150s: %s", from, strerror(errno));
	return (st.st_mode & others) == 0 ||
	       complain(why, 0, "%.150s can be %s by others; chmod %s", from, open ? "changed" : "read or changed",
			open ? "0644" : "0600");
}
