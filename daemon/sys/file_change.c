/*
 * One change of a file; see file_change.h.
 */
#include "daemon/sys/file_change.h"

#include "daemon/sys/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#define PAUSE_MS 10

static bool take_lock(int fd, int wait_ms)
{
	if (wait_ms < 0)
		return flock(fd, LOCK_EX) == 0;
	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK || wait_ms <= 0)
			return false;
		usleep(PAUSE_MS * 1000);
		wait_ms -= PAUSE_MS;
	}
	return true;
}

bool file_change_begin(struct file_change *change, const char *dir, const char *name, const char *lock_name, int wait_ms,
		       struct complaint *why)
{
	char lock_path[PATH_MAX];

	*change = (struct file_change){ .lock = -1 };
	if (snprintf(change->path, sizeof(change->path), "%s/%s", dir, name) >= PATH_MAX ||
	    snprintf(lock_path, sizeof(lock_path), "%s/%s", dir, lock_name) >= PATH_MAX)
		return complain(why, 0, "path too long: %.180s", dir);
	/* Made this way it belongs to the daemon, also when root was first. */
	if (!files_append(lock_path, (struct span){ 0 }, 0600, why))
		return false;
	change->lock = open(lock_path, O_RDWR | O_CLOEXEC);
	if (change->lock >= 0 && take_lock(change->lock, wait_ms))
		return true;
	return complain(why, 0, "cannot lock %.160s: %s%s", lock_path, strerror(errno),
			errno == EWOULDBLOCK ? "; does another command stand still?" : "");
}

bool file_change_there(const struct file_change *change)
{
	return access(change->path, F_OK) == 0 || errno != ENOENT;
}

bool file_change_write(const struct file_change *change, struct span bytes, struct complaint *why)
{
	return files_replace(change->path, bytes, 0600, why);
}

void file_change_end(struct file_change *change)
{
	if (change->lock >= 0)
		close(change->lock);
	change->lock = -1;
}
