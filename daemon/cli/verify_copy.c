/*
 * Starting a redis-server on a copy; see verify_copy.h.
 */
#include "daemon/cli/verify_copy.h"

#include "daemon/base/buf.h"
#include "daemon/store/embedded_home.h"
#include "daemon/store/embedded_probe.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define START_MOST_MS 300000
#define PAUSE_NS 20000000
#define PIECE ((size_t)1 << 20)

/* --- files ----------------------------------------------------------------------------------------- */

static bool join(char out[PATH_MAX], const char *dir, const char *name, struct complaint *why)
{
	return snprintf(out, PATH_MAX, "%s/%s", dir, name) < PATH_MAX || complain(why, 0, "the path below %.150s is too long", dir);
}

static bool copy_bytes(int in, int out)
{
	struct buf piece = { 0 };
	ssize_t n;
	bool well = true;

	while (well && (n = read(in, buf_reserve(&piece, PIECE), PIECE)) != 0)
		well = n > 0 ? files_write_all(out, span_from(piece.at, (size_t)n)) : errno == EINTR;
	buf_release(&piece);
	return well;
}

static bool copy_file(const char *from, const char *to, struct complaint *why)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool well = in >= 0 && out >= 0 && copy_bytes(in, out);

	if (!well)
		complain(why, 0, "cannot copy %.150s: %s", from, strerror(errno));
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return well;
}

static bool is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static bool is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The regular files of a directory, those of one alone. */
static bool copy_dir(const char *from, const char *to, struct complaint *why)
{
	DIR *dir = opendir(from);
	const struct dirent *entry;
	bool well = dir != NULL && files_make_dir(to, why);

	if (dir == NULL)
		return complain(why, 0, "%.180s: %s", from, strerror(errno));
	while (well && (entry = readdir(dir)) != NULL) {
		char source[PATH_MAX], target[PATH_MAX];

		if (!join(source, from, entry->d_name, why) || !join(target, to, entry->d_name, why))
			well = false;
		else if (is_file(source))
			well = copy_file(source, target, why);
	}
	closedir(dir);
	return well;
}

/* --- what was given ------------------------------------------------------------------------------------ */

static bool ends_in(const char *path, const char *end)
{
	size_t n = strlen(path), m = strlen(end);

	return n > m && strcmp(path + n - m, end) == 0;
}

/* A lone append-only file gets a manifest, which Redis 7 wants. */
static bool take_aof(const char *from, const char *to, struct complaint *why)
{
	char dir[PATH_MAX], file[PATH_MAX], manifest[PATH_MAX];

	return join(dir, to, "appendonlydir", why) && files_make_dir(dir, why) &&
	       join(file, dir, "appendonly.aof.1.incr.aof", why) && copy_file(from, file, why) &&
	       join(manifest, dir, "appendonly.aof.manifest", why) &&
	       files_replace(manifest, SPAN("file appendonly.aof.1.incr.aof seq 1 type i\n"), 0600, why);
}

static bool take_rdb(const char *from, const char *to, struct complaint *why)
{
	char file[PATH_MAX];

	return join(file, to, "dump.rdb", why) && copy_file(from, file, why);
}

static bool take_dir(const char *from, const char *to, struct complaint *why)
{
	char inner[PATH_MAX], target[PATH_MAX];

	if (!join(inner, from, "redis", why))
		return false;
	if (is_dir(inner))
		return take_dir(inner, to, why);
	if (!join(inner, from, "appendonlydir", why) || !join(target, to, "appendonlydir", why))
		return false;
	if (is_dir(inner))
		return copy_dir(inner, target, why);
	if (!join(inner, from, "dump.rdb", why))
		return false;
	return is_file(inner) ? take_rdb(inner, to, why) : complain(why, 0, "%.180s: neither appendonlydir nor dump.rdb is in it", from);
}

static bool take(const char *from, const char *to, struct complaint *why)
{
	if (is_dir(from))
		return take_dir(from, to, why);
	if (ends_in(from, ".rdb"))
		return take_rdb(from, to, why);
	if (ends_in(from, ".aof"))
		return take_aof(from, to, why);
	return complain(why, 0, "%.180s is no directory, no .rdb and no .aof file", from);
}

/* --- programs -------------------------------------------------------------------------------------------- */

static pid_t start(const char *dir, const char *const argv[])
{
	/* execvp() changes nothing of them; its type is older than const. */
	const union {
		const char *const *plan;
		char *const *exec;
	} words = { .plan = argv };
	pid_t pid = fork();
	int none;

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	none = open("/dev/null", O_RDWR);
	if (none < 0 || dup2(none, 0) < 0 || dup2(none, 1) < 0 || dup2(none, 2) < 0 || chdir(dir) != 0)
		_exit(126);
	execvp(words.exec[0], words.exec);
	_exit(127);
}

static bool run(const struct verify_copy *copy, const char *command)
{
	const char *const argv[] = { "sh", "-c", command, NULL };
	pid_t pid = start(copy->dir, argv);
	int status = 0;

	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* What is torn is an end that nobody was told of; a file that is damaged elsewhere is not mended. */
static bool look_at_tears(const struct verify_copy *copy, struct span report, bool *torn, struct complaint *why)
{
	struct embedded_home home = { .address = "" };
	struct embedded_tear tear;
	char kept[PATH_MAX];
	struct span line;

	snprintf(home.dir, sizeof(home.dir), "%s", copy->dir);
	while (span_cut(&report, '\n', &line)) {
		if (!embedded_tear_parse(line, &tear))
			continue;
		*torn = true;
		if (!embedded_tear_keep(&home, &tear, kept, why))
			return false;
	}
	return true;
}

static bool mend(const struct verify_copy *copy, struct complaint *why)
{
	char dir[PATH_MAX], path[PATH_MAX];
	struct buf report = { 0 };
	bool torn = false, well;

	if (!join(dir, copy->dir, "appendonlydir", why) || !join(path, copy->dir, "checked", why))
		return false;
	if (!is_dir(dir))
		return true;
	(void)run(copy, "redis-check-aof appendonlydir/appendonly.aof.manifest > checked 2>&1");
	well = files_read(path, PIECE, &report, why) && look_at_tears(copy, buf_span(&report), &torn, why);
	buf_release(&report);
	if (well && torn && !run(copy, "yes y | redis-check-aof --fix appendonlydir/appendonly.aof.manifest"))
		well = complain(why, 0, "the append-only file of the copy cannot be mended; see redis-check-aof");
	return well;
}

static bool answers_in_time(struct verify_copy *copy, struct complaint *why)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	struct embedded_probe probe = { .fd = -1 };
	uint64_t end_ms = clock_steady_ms() + START_MOST_MS;
	bool up = false;

	while (!up && clock_steady_ms() < end_ms) {
		up = embedded_probe_answers(&probe, copy->address + strlen("unix:"));
		if (!up && waitpid(copy->pid, NULL, WNOHANG) == copy->pid) {
			copy->pid = 0;
			break;
		}
		if (!up)
			nanosleep(&pause, NULL);
	}
	embedded_probe_close(&probe);
	return up || complain(why, 0, "redis-server does not take the copy");
}

static bool serve(struct verify_copy *copy, struct complaint *why)
{
	char aof[PATH_MAX];
	const char *appendonly;

	if (!join(aof, copy->dir, "appendonlydir", why))
		return false;
	appendonly = is_dir(aof) ? "yes" : "no";
	const char *const argv[] = { "redis-server", "--port", "0", "--unixsocket", copy->address + strlen("unix:"),
				     "--unixsocketperm", "700", "--dir", copy->dir, "--dbfilename", "dump.rdb",
				     "--appendonly", appendonly, "--appendfsync", "no", "--save", "", "--aof-load-truncated",
				     "no", "--auto-aof-rewrite-percentage", "0", "--daemonize", "no", NULL };

	copy->pid = start(copy->dir, argv);
	return (copy->pid > 0 || complain(why, 0, "cannot start redis-server: %s", strerror(errno))) &&
	       answers_in_time(copy, why);
}

/* --- from and to --------------------------------------------------------------------------------------------- */

bool verify_copy_open(const char *from, struct verify_copy *copy, struct complaint *why)
{
	const char *base = getenv("TMPDIR");

	*copy = (struct verify_copy){ .pid = 0 };
	if (snprintf(copy->dir, sizeof(copy->dir), "%s/tipctl-verify-XXXXXX", base != NULL ? base : "/tmp") >= 80 ||
	    mkdtemp(copy->dir) == NULL) {
		copy->dir[0] = '\0';
		return complain(why, 0, "no temporary directory: %s", strerror(errno));
	}
	snprintf(copy->address, sizeof(copy->address), "unix:%.80s/s", copy->dir);
	if (take(from, copy->dir, why) && mend(copy, why) && serve(copy, why))
		return true;
	verify_copy_close(copy);
	return false;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

void verify_copy_close(struct verify_copy *copy)
{
	if (copy->pid > 0) {
		kill(copy->pid, SIGKILL);
		waitpid(copy->pid, NULL, 0);
	}
	if (copy->dir[0] != '\0')
		nftw(copy->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	*copy = (struct verify_copy){ .pid = 0 };
}
