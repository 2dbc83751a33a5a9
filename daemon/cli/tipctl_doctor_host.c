/*
 * tipctl doctor: configuration, files, disk, clock, limits, libraries.
 */
#include "daemon/base/buf.h"
#include "daemon/cli/tipctl_doctor.h"
#include "daemon/core/sms/gbk.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/files.h"
#include "daemon/sys/keys.h"
#include "daemon/sys/tokens.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB (UINT64_C(1) << 20)
#define DISK_LEAST (64 * MIB)
#define DISK_ROOM (1024 * MIB)
#define FILES_SPARE 512           /* descriptors beside connections */
#define BUILT_AFTER_MS INT64_C(1767225600000)  /* 2026-01-01: no clock can be before this program */
#define LIBEVENT_PACKAGE "libevent-2.1-7"
#define LIBEVENT_LEAST "2.1.12-stable-8+deb12u1"

/* --- configuration -------------------------------------------------------- */

static bool loopback(const char *address)
{
	return address[0] == '\0' || strncmp(address, "127.", 4) == 0 || strncmp(address, "[::1]", 5) == 0 ||
	       strncmp(address, "unix:", 5) == 0;
}

/* What works, but not as well as it could. */
static void check_gateway_ways(struct doctor *doctor, const struct config_gateway *g)
{
	if (g->send_url[0] != '\0' && g->public_url[0] == '\0')
		finding(doctor, FINDING_WARN,
			"sms.gateways.%s.public_url is not set: no delivery reports are asked for", g->name);
	if (strcmp(g->send_method, "GET") == 0)
		finding(doctor, FINDING_WARN,
			"sms.gateways.%s.send_method is GET: numbers and texts stand in addresses, which logs keep", g->name);
	if (strncmp(g->public_url, "http://", 7) == 0 && !loopback(g->public_url + 7))
		finding(doctor, FINDING_WARN, "sms.gateways.%s.public_url is http: texts come in clear over the network",
			g->name);
}

static void check_gateways(struct doctor *doctor)
{
	const struct config *c = doctor->config;

	if (c->sms.ngateways > 0 && !gbk_ready())
		finding(doctor, FINDING_WARN,
			"the C library has no conversion from GB18030 (gconv modules, in Debian's libc6); texts in GBK are unreadable");
	for (size_t i = 0; i < c->sms.ngateways; i++) {
		const struct config_gateway *g = &c->sms.gateways[i];

		check_gateway_ways(doctor, g);
		if (g->secret[0] != '\0')
			finding(doctor, FINDING_WARN,
				"sms.gateways.%s.secret stands in the configuration; move it to a file and name that "
				"in secret_file",
				g->name);
		if (g->send_password[0] != '\0')
			finding(doctor, FINDING_WARN,
				"sms.gateways.%s.send_password stands in the configuration; use send_password_file",
				g->name);
	}
}

static void check_secrets(struct doctor *doctor)
{
	struct config_problems problems = { .n = 0 };

	if (config_secrets(doctor->config, &problems))
		return;
	for (size_t i = 0; i < problems.n; i++)
		finding(doctor, FINDING_FAIL, "%s", problems.at[i].text);
}

void doctor_config(struct doctor *doctor)
{
	const struct config *c = doctor->config;
	unsigned before = doctor->count[FINDING_WARN] + doctor->count[FINDING_FAIL];

	check_gateways(doctor);
	check_secrets(doctor);
	if (!c->limits.enabled)
		finding(doctor, FINDING_WARN, "limits.enabled is false; for load tests only");
	if (!loopback(c->listen.staff))
		finding(doctor, FINDING_WARN, "listen.staff is %s; keep it off the public network", c->listen.staff);
	if (!loopback(c->listen.ops))
		finding(doctor, FINDING_WARN, "listen.ops is %s; keep it off the public network", c->listen.ops);
	if (!loopback(c->listen.public))
		finding(doctor, FINDING_WARN, "listen.public is %s without TLS; put a proxy in front (config/nginx.conf)",
			c->listen.public);
	if (c->sms.reply == SMS_REPLY_RECEIPT)
		finding(doctor, FINDING_WARN,
			"sms.reply is receipt: the secret code goes over the telephone network; reference does not");
	if (doctor->count[FINDING_WARN] + doctor->count[FINDING_FAIL] == before)
		finding(doctor, FINDING_OK, "read and without remarks");
}

/* --- files ------------------------------------------------------------------ */

void doctor_state_dir(struct doctor *doctor)
{
	const char *dir = doctor->config->state_dir;
	struct complaint why = { 0 };
	char path[PATH_MAX];
	struct tokens *tokens;

	if (access(dir, F_OK) != 0) {
		finding(doctor, FINDING_WARN, "%s is not there yet; the first start makes it", dir);
		return;
	}
	if (!files_private(dir, &why)) {
		finding(doctor, FINDING_FAIL, "%s", why.text);
		return;
	}
	finding(doctor, FINDING_OK, "%s is private", dir);
	snprintf(path, sizeof(path), "%s/" DEMO_FILE, dir);
	if (access(path, F_OK) == 0)
		finding(doctor, FINDING_WARN,
			"demo accounts are open; for real use: tipctl token revoke, and remove %s", path);
	tokens = tokens_load(dir, &why);
	if (tokens == NULL)
		finding(doctor, FINDING_FAIL, "%s", why.text);
	else
		finding(doctor, FINDING_OK, "%zu staff tokens", tokens_count(tokens));
	tokens_free(tokens);
}

void doctor_disk(struct doctor *doctor)
{
	uint64_t bytes, wanted = doctor->config->spool.max_bytes + DISK_ROOM;

	if (!files_free_bytes(doctor->config->state_dir, &bytes))
		return;
	if (bytes < DISK_LEAST)
		finding(doctor, FINDING_FAIL, "%llu MiB free; tips cannot be written to disk soon: free some space",
			(unsigned long long)(bytes / MIB));
	else if (bytes < wanted)
		finding(doctor, FINDING_WARN, "%llu MiB free, %llu MiB wanted: the spool (spool.max_bytes) and 1 GiB",
			(unsigned long long)(bytes / MIB), (unsigned long long)(wanted / MIB));
	else
		finding(doctor, FINDING_OK, "%llu MiB free", (unsigned long long)(bytes / MIB));
}

/* Private as a whole: directory and every file in it. */
static bool keys_private(struct doctor *doctor, const char *dir, unsigned *files)
{
	struct complaint why = { 0 };
	const struct dirent *entry;
	DIR *all = files_private(dir, &why) ? opendir(dir) : NULL;
	bool well = all != NULL;

	while (all != NULL && (entry = readdir(all)) != NULL) {
		char path[PATH_MAX];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%.255s", dir, entry->d_name);
		(*files)++;
		well = files_private(path, &why) && well;
	}
	if (all != NULL)
		closedir(all);
	if (!well)
		finding(doctor, FINDING_FAIL, "%s", why.text[0] != '\0' ? why.text : "the directory cannot be read");
	return well;
}

static bool is_there(const char *dir, const char *name)
{
	char path[PATH_MAX];

	return snprintf(path, sizeof(path), "%s/%s", dir, name) < (int)sizeof(path) && access(path, F_OK) == 0;
}

/* Nothing is missing; a version before the sealed log left its two keys out. */
static bool keys_whole(struct doctor *doctor, const char *dir)
{
	struct complaint why = { 0 };
	struct keys *keys;

	if (doctor->config->keys.create && !is_there(dir, "log.key") && !is_there(dir, "leaf.key")) {
		finding(doctor, FINDING_WARN, "%s: log.key and leaf.key are not there; the next start makes them", dir);
		return true;
	}
	keys = keys_open(dir, false, &why);
	if (keys == NULL)
		finding(doctor, FINDING_FAIL, "%s", why.text);
	else if ((doctor->config->roles & ROLE_DESK) != 0 && keys_staff(keys) == NULL)
		finding(doctor, FINDING_WARN, "%s/staff.key is not there, so nobody signs in with a password; %s", dir,
			doctor->config->keys.create ? "the next start makes it" : "run: tipctl key create");
	keys_free(keys);
	return keys != NULL;
}

void doctor_keys(struct doctor *doctor)
{
	const char *dir = config_keys_dir(doctor->config);
	unsigned files = 0;

	if (access(dir, F_OK) != 0 && errno == ENOENT) {
		finding(doctor, doctor->config->keys.create ? FINDING_WARN : FINDING_FAIL, "%s is not there; %s", dir,
			doctor->config->keys.create ? "the first start makes it"
						    : "keys.create is false: restore it from the backup");
		return;
	}
	if (!keys_private(doctor, dir, &files) || !keys_whole(doctor, dir))
		return;
	finding(doctor, FINDING_OK, "%s: %u files, private", dir, files);
	if (doctor->config->keys.create)
		finding(doctor, FINDING_WARN,
			"keys.create is true; back the keys up, then set it to false so that a start never begins with "
			"new ones");
}

/* --- machine ------------------------------------------------------------------ */

void doctor_clock(struct doctor *doctor)
{
	struct timex state = { .modes = 0 };
	char now[21];

	clock_text(clock_wall_ms(), now);
	if (clock_wall_ms() < BUILT_AFTER_MS)
		finding(doctor, FINDING_FAIL, "%s is before this program was made; set the clock", now);
	else if (adjtimex(&state) >= 0 && (state.status & STA_UNSYNC) != 0)
		finding(doctor, FINDING_WARN, "%s, not synchronized; run chrony or systemd-timesyncd", now);
	else
		finding(doctor, FINDING_OK, "%s", now);
}

/* The soft limit of a running process; RLIM_INFINITY when it cannot be read. */
static rlim_t limit_of(int pid, __rlimit_resource_t what)
{
	struct rlimit limit;

	if (prlimit(pid, what, NULL, &limit) != 0)
		return RLIM_INFINITY;
	return limit.rlim_cur;
}

/* Keys that are not locked may reach the swap. */
static void check_locked_memory(struct doctor *doctor, int pid)
{
	rlim_t have = limit_of(pid, RLIMIT_MEMLOCK);

	if (have < KEYS_MEMORY_LIMIT)
		finding(doctor, FINDING_WARN, "%s may lock %llu KiB of memory, %zu wanted for keys of officers at work; set LimitMEMLOCK=64M",
			pid != 0 ? "the daemon" : "this shell", (unsigned long long)have >> 10, KEYS_MEMORY_LIMIT >> 10);
}

void doctor_limits(struct doctor *doctor)
{
	int pid = doctor_daemon_pid(doctor->config);
	rlim_t have = limit_of(pid, RLIMIT_NOFILE);
	rlim_t want = 3 * (rlim_t)doctor->config->limits.connections + FILES_SPARE;
	FILE *overcommit = fopen("/proc/sys/vm/overcommit_memory", "re");
	int mode = overcommit != NULL ? getc(overcommit) : '1';

	if (overcommit != NULL)
		fclose(overcommit);
	if (have < want)
		finding(doctor, FINDING_WARN, "%s may open %llu files, %llu wanted for limits.connections; set LimitNOFILE=",
			pid != 0 ? "the daemon" : "this shell", (unsigned long long)have, (unsigned long long)want);
	else
		finding(doctor, FINDING_OK, "enough open files");
	check_locked_memory(doctor, pid);
	if (mode == '0' || mode == '2')
		finding(doctor, FINDING_WARN,
			"vm.overcommit_memory is %c; rewriting Redis' file may fail under memory pressure: set it to 1",
			mode);
}

static bool run_quietly(const char *command)
{
	int status = system(command);

	return status != -1 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void doctor_libraries(struct doctor *doctor)
{
	char version[80] = "", command[200];
	FILE *query = popen("dpkg-query -W -f '${Version}' " LIBEVENT_PACKAGE " 2>/dev/null", "re");

	if (query != NULL) {
		if (fgets(version, sizeof(version), query) == NULL)
			version[0] = '\0';
		pclose(query);
	}
	/* It goes back to a shell: nothing but what versions are made of. */
	if (version[0] == '\0' || strspn(version, "0123456789abcdefghijklmnopqrstuvwxyz.+~-:") != strlen(version)) {
		finding(doctor, FINDING_WARN, LIBEVENT_PACKAGE " is not a Debian package here; keep it up to date yourself");
		return;
	}
	snprintf(command, sizeof(command), "dpkg --compare-versions '%s' ge " LIBEVENT_LEAST, version);
	if (run_quietly(command))
		finding(doctor, FINDING_OK, "libevent %s", version);
	else
		finding(doctor, FINDING_FAIL, "libevent %s lacks security fixes of " LIBEVENT_LEAST "; run apt upgrade",
			version);
}
