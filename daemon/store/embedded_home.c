/*
 * The directory of the private Redis; see embedded_home.h.
 */
#include "daemon/store/embedded_home.h"

#include "daemon/base/asset.h"
#include "daemon/base/buf.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/files.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SOCKET_PATH_MAX 100   /* sun_path holds 108; leave some for Redis' own names */
#define TORN_MAX (UINT64_C(64) << 20)

static bool path_in(char out[PATH_MAX], const char *dir, const char *name, struct complaint *why)
{
	if (snprintf(out, PATH_MAX, "%s/%s", dir, name) < PATH_MAX)
		return true;
	return complain(why, 0, "path too long: %.180s", dir);
}

/* A short directory for the socket, the same for the same state directory. */
static bool socket_dir(const char *dir, char out[PATH_MAX], struct complaint *why)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	unsigned char hash[8];
	char hex[17];

	crypto_generichash(hash, sizeof(hash), (const unsigned char *)dir, strlen(dir), NULL, 0);
	sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
	if (runtime == NULL || runtime[0] != '/' || strlen(runtime) > 50 || access(runtime, W_OK) != 0)
		runtime = "/tmp";
	snprintf(out, PATH_MAX, "%s/tipline-%s", runtime, hex);
	/* In /tmp somebody else could have made it first: then it is not ours and refused. */
	return files_make_dir(out, why) && files_private(out, why);
}

static bool choose_socket(struct embedded_home *home, struct complaint *why)
{
	char dir[PATH_MAX];
	int n = snprintf(home->address, sizeof(home->address), "unix:%s/redis.sock", home->dir);

	home->socket = home->address + strlen("unix:");
	if (n <= SOCKET_PATH_MAX)
		return true;
	if (!socket_dir(home->dir, dir, why))
		return false;
	return snprintf(home->address, sizeof(home->address), "unix:%s/redis.sock", dir) <
		       (int)sizeof(home->address) ||
	       complain(why, 0, "path too long: %.180s", dir);
}

bool embedded_home_open(struct embedded_home *home, const char *state_dir, struct complaint *why)
{
	char wanted[PATH_MAX];

	*home = (struct embedded_home){ 0 };
	if (!path_in(wanted, state_dir, "redis", why) || !files_make_dir(wanted, why) || !files_private(wanted, why))
		return false;
	/* Redis changes its directory, so all paths are absolute. */
	if (realpath(wanted, home->dir) == NULL)
		return complain(why, 0, "cannot resolve %.180s: %s", wanted, strerror(errno));
	return path_in(home->conf, home->dir, "redis.conf", why) && path_in(home->lock, home->dir, "lock", why) &&
	       path_in(home->manifest, home->dir, "appendonlydir/appendonly.aof.manifest", why) &&
	       choose_socket(home, why);
}

/* Redis reads "..." with backslashes like C. */
static void put_quoted(struct buf *to, const char *name, const char *value)
{
	buf_printf(to, "%s \"", name);
	for (; *value != '\0'; value++) {
		if (*value == '"' || *value == '\\')
			buf_add_byte(to, '\\');
		buf_add_byte(to, *value);
	}
	buf_add_text(to, "\"\n");
}

bool embedded_home_write(const struct embedded_home *home, struct complaint *why)
{
	struct span settings = asset_find("config/redis.conf");
	struct buf text = { 0 };
	bool well;

	if (settings.at == NULL)
		return complain(why, 0, "this program was built without config/redis.conf");
	buf_add_text(&text, "# Written by tiplined at each start; changes are lost.\n\n");
	buf_add_span(&text, settings);
	buf_add_text(&text, "\n# --- this instance\n\nport 0\nunixsocketperm 700\n");
	put_quoted(&text, "unixsocket", home->socket);
	put_quoted(&text, "dir", home->dir);
	buf_add_text(&text, "dbfilename none.rdb\nappendfilename appendonly.aof\nappenddirname appendonlydir\n"
			    "logfile \"\"\ndaemonize no\nsupervised no\nalways-show-logo no\n");
	well = files_replace(home->conf, buf_span(&text), 0600, why);
	buf_release(&text);
	return well;
}

/* --- who works there ---------------------------------------------------------- */

static bool works_in(const char *pid, const char *dir)
{
	char path[300], cwd[PATH_MAX];
	struct buf name = { 0 };
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/cwd", pid);
	n = readlink(path, cwd, sizeof(cwd) - 1);
	if (n <= 0)
		return false;
	cwd[n] = '\0';
	if (strcmp(cwd, dir) != 0)
		return false;
	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd >= 0 ? read(fd, buf_reserve(&name, 64), 64) : 0;
	name.len = n > 0 ? (size_t)n : 0;
	if (fd >= 0)
		close(fd);
	/* Not somebody's shell, nor redis-cli. */
	n = span_starts(buf_span(&name), SPAN("redis-server")) || span_starts(buf_span(&name), SPAN("redis-aof"));
	buf_release(&name);
	return n != 0;
}

unsigned embedded_home_signal(const struct embedded_home *home, int signal)
{
	DIR *processes = opendir("/proc");
	const struct dirent *entry;
	unsigned found = 0;

	while (processes != NULL && (entry = readdir(processes)) != NULL) {
		if (!isdigit((unsigned char)entry->d_name[0]) || !works_in(entry->d_name, home->dir))
			continue;
		found++;
		kill((pid_t)strtol(entry->d_name, NULL, 10), signal);
	}
	if (processes != NULL)
		closedir(processes);
	return found;
}

/* --- a torn file ------------------------------------------------------------------ */

/* The value behind "name=" up to a comma. */
static bool value_of(struct span line, const char *name, struct span *value)
{
	struct span rest = span_from_offset(line, span_find(line, span_of(name)));

	if (span_empty(rest))
		return false;
	rest = span_from_offset(rest, strlen(name));
	return span_cut(&rest, ',', value);
}

bool embedded_tear_parse(struct span line, struct embedded_tear *tear)
{
	struct span file, whole, torn;

	if (!span_starts(line, SPAN("AOF analyzed:")) || !value_of(line, "filename=", &file) ||
	    !value_of(line, "ok_up_to=", &whole) || !value_of(line, "diff=", &torn))
		return false;
	if (!span_u64(span_trim(whole), &tear->whole_bytes) || !span_u64(span_trim(torn), &tear->torn_bytes))
		return false;
	if (file.len >= sizeof(tear->file) || memchr(file.at, '/', file.len) != NULL)
		return false;
	memcpy(tear->file, file.at, file.len);
	tear->file[file.len] = '\0';
	return tear->torn_bytes > 0;
}

static bool read_torn(const char *path, const struct embedded_tear *tear, struct buf *into, struct complaint *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	if (fd >= 0) {
		n = pread(fd, buf_reserve(into, tear->torn_bytes), tear->torn_bytes, (off_t)tear->whole_bytes);
		close(fd);
	}
	if (n != (ssize_t)tear->torn_bytes)
		return complain(why, 0, "cannot read the torn end of %.180s", path);
	into->len = (size_t)n;
	return true;
}

/*
 * A torn end is one write that was cut off: part of a command, or of a
 * transaction that has no end. Where a transaction ends behind the tear, what
 * follows was acknowledged, and the file is damaged, not torn: nothing is cut.
 */
static bool torn_is_an_end(struct span torn, const struct embedded_tear *tear, struct complaint *why)
{
	if (span_find(torn, SPAN("\r\n*1\r\n$4\r\nEXEC\r\n")) == torn.len)
		return true;
	return complain(why, 0,
			"%.80s is damaged %llu bytes before its end and whole behind that; stop, copy the directory, and "
			"restore a backup or mend it by hand",
			tear->file, (unsigned long long)tear->torn_bytes);
}

bool embedded_tear_keep(const struct embedded_home *home, const struct embedded_tear *tear, char kept[PATH_MAX],
			struct complaint *why)
{
	char path[PATH_MAX], name[300];
	struct buf torn = { 0 };
	bool well;

	if (tear->torn_bytes > TORN_MAX)
		return complain(why, 0,
				"%llu bytes of %.80s cannot be read, too much for a torn end; restore a backup, or run "
				"redis-check-aof --fix by hand",
				(unsigned long long)tear->torn_bytes, tear->file);
	snprintf(name, sizeof(name), "appendonlydir/%s", tear->file);
	if (!path_in(path, home->dir, name, why))
		return false;
	snprintf(name, sizeof(name), "torn-%lld", (long long)clock_wall_ms());
	if (!path_in(kept, home->dir, name, why))
		return false;
	well = read_torn(path, tear, &torn, why) && torn_is_an_end(buf_span(&torn), tear, why) && files_replace(kept, buf_span(&torn), 0600, why);
	buf_release(&torn);
	return well;
}
