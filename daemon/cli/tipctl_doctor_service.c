/*
 * tipctl doctor: Redis and the running daemon.
 */
#include "daemon/base/buf.h"
#include "daemon/base/table.h"
#include "daemon/cli/tipctl_doctor.h"
#include "daemon/store/embedded_home.h"
#include "daemon/store/redis_address.h"
#include "daemon/sys/clock.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#define SECONDS_MAX 3
#define CLOCKS_APART_MS 2000

/* --- Redis ---------------------------------------------------------------- */

static const struct {
	const char *name, *value;
	enum finding kind;
	const char *because;
} settings[] = {
	{ .name = "appendonly", .value = "yes", .kind = FINDING_FAIL, .because = "nothing would be on disk" },
	{ .name = "appendfsync", .value = "always", .kind = FINDING_FAIL,
	  .because = "acknowledged tips could be lost in a power cut" },
	{ .name = "maxmemory-policy", .value = "noeviction", .kind = FINDING_FAIL,
	  .because = "tips could be thrown out when memory is full" },
	{ .name = "no-appendfsync-on-rewrite", .value = "no", .kind = FINDING_FAIL,
	  .because = "acknowledged tips could be lost during a rewrite" },
	{ .name = "aof-load-truncated", .value = "no", .kind = FINDING_FAIL,
	  .because = "half of a change could stay after a power cut" },
	{ .name = "save", .value = "", .kind = FINDING_WARN, .because = "snapshots cost and are not used" },
};

static redisContext *reach(const char *address)
{
	struct timeval limit = { .tv_sec = SECONDS_MAX };
	struct redis_address to;
	redisContext *redis;

	if (!redis_address_read(address, &to))
		return NULL;
	redis = to.port > 0 ? redisConnectWithTimeout(to.at, to.port, limit) :
			      redisConnectUnixWithTimeout(to.at, limit);
	if (redis != NULL && redis->err == 0)
		redisSetTimeout(redis, limit);
	return redis;
}

/* The last element of the answer as text; false when there was none. */
static bool ask(redisContext *redis, const char *command, const char *argument, char *text, size_t size)
{
	redisReply *reply = redisCommand(redis, command, argument);
	const redisReply *last = reply;

	if (reply != NULL && reply->type == REDIS_REPLY_ARRAY)
		last = reply->elements > 0 ? reply->element[reply->elements - 1] : NULL;
	if (last != NULL && (last->type == REDIS_REPLY_ERROR || last->str == NULL))
		last = NULL;
	if (last != NULL)
		snprintf(text, size, "%s", last->str);
	freeReplyObject(reply);
	return last != NULL;
}

static void check_settings(struct doctor *doctor, redisContext *redis)
{
	unsigned well = 0;

	for (size_t i = 0; i < COUNT_OF(settings); i++) {
		char value[200];

		if (!ask(redis, "CONFIG GET %s", settings[i].name, value, sizeof(value)))
			finding(doctor, FINDING_WARN, "%s cannot be read; allow CONFIG GET to this user", settings[i].name);
		else if (strcmp(value, settings[i].value) != 0)
			finding(doctor, settings[i].kind, "%s is \"%s\": %s; set it to \"%s\" (config/redis.conf)",
				settings[i].name, value, settings[i].because, settings[i].value);
		else
			well++;
	}
	if (well == COUNT_OF(settings))
		finding(doctor, FINDING_OK, "durable: every acknowledged write is on disk");
}

/* The value of "name:value" among INFO's lines. */
static bool info_value(const char *info, const char *name, char *value, size_t size)
{
	const char *at = strstr(info, name);

	if (at == NULL)
		return false;
	at += strlen(name);
	snprintf(value, size, "%.*s", (int)strcspn(at, "\r\n"), at);
	return true;
}

static void check_info(struct doctor *doctor, redisContext *redis)
{
	char info[8192] = "", value[64];

	if (ask(redis, "INFO %s", "server", info, sizeof(info)) &&
	    info_value(info, "redis_version:", value, sizeof(value))) {
		if (strtoul(value, NULL, 10) < 7)
			finding(doctor, FINDING_FAIL, "version %s; 7.0 or newer is needed for functions", value);
		else
			finding(doctor, FINDING_OK, "version %s answers", value);
	}
	if (!ask(redis, "INFO %s", "persistence", info, sizeof(info)))
		return;
	if (info_value(info, "aof_last_write_status:", value, sizeof(value)) && strcmp(value, "ok") != 0)
		finding(doctor, FINDING_FAIL, "the last write to disk failed; look at the disk");
	if (info_value(info, "aof_last_bgrewrite_status:", value, sizeof(value)) && strcmp(value, "ok") != 0)
		finding(doctor, FINDING_WARN, "the last rewrite of its file failed; look at disk and memory");
}

static void check_clock(struct doctor *doctor, redisContext *redis)
{
	redisReply *reply = redisCommand(redis, "TIME");
	int64_t apart;

	if (reply != NULL && reply->type == REDIS_REPLY_ARRAY && reply->elements == 2) {
		apart = strtoll(reply->element[0]->str, NULL, 10) * 1000 +
			strtoll(reply->element[1]->str, NULL, 10) / 1000 - clock_wall_ms();
		if (apart < -CLOCKS_APART_MS || apart > CLOCKS_APART_MS)
			finding(doctor, FINDING_WARN, "its clock is %lld ms away from ours; leases go by it: synchronize both",
				(long long)apart);
	}
	freeReplyObject(reply);
}

/* Where Redis is; false when the private one was never started. */
static bool redis_address(struct doctor *doctor, char address[PATH_MAX])
{
	const struct config *config = doctor->config;
	struct embedded_home home;
	struct complaint why = { 0 };
	char dir[PATH_MAX];

	if (config->store.address[0] != '\0') {
		snprintf(address, PATH_MAX, "%s", config->store.address);
		return true;
	}
	snprintf(dir, sizeof(dir), "%s/redis", config->state_dir);
	if (access(dir, F_OK) != 0)
		return finding(doctor, FINDING_WARN, "the private Redis was never started; start the daemon");
	if (!embedded_home_open(&home, config->state_dir, &why))
		return finding(doctor, FINDING_FAIL, "%s", why.text);
	snprintf(address, PATH_MAX, "%s", home.address);
	return true;
}

void doctor_redis(struct doctor *doctor)
{
	bool private = doctor->config->store.address[0] == '\0';
	char address[PATH_MAX];
	redisContext *redis;

	if (private && system("command -v redis-server redis-check-aof >/dev/null 2>&1") != 0)
		finding(doctor, FINDING_FAIL, "redis-server is not installed; run: apt install redis-server");
	if (!redis_address(doctor, address))
		return;
	redis = reach(address);
	if (redis == NULL || redis->err != 0) {
		bool expected = private && doctor_daemon_pid(doctor->config) == 0;

		finding(doctor, expected ? FINDING_WARN : FINDING_FAIL, "no answer at %s%s%s; %s", address,
			redis != NULL ? ": " : "", redis != NULL ? redis->errstr : "",
			expected ? "the daemon starts it" : "tips go to the spool meanwhile");
	} else {
		check_info(doctor, redis);
		check_settings(doctor, redis);
		check_clock(doctor, redis);
	}
	if (redis != NULL)
		redisFree(redis);
}

/* --- the daemon -------------------------------------------------------------- */

int doctor_daemon_pid(const struct config *config)
{
	char path[PATH_MAX], text[16] = "";
	int fd, pid = 0;

	snprintf(path, sizeof(path), "%s/lock", config->state_dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	/* Held: somebody runs. We let go of it at once when it was free. */
	if (flock(fd, LOCK_SH | LOCK_NB) != 0 && read(fd, text, sizeof(text) - 1) > 0)
		pid = (int)strtol(text, NULL, 10);
	close(fd);
	return pid;
}

static size_t keep_body(char *bytes, size_t size, size_t n, void *to)
{
	buf_add(to, bytes, size * n);
	return size * n;
}

/* The status of GET /readyz; 0: no answer. */
static long get_ready(const char *address, struct buf *body)
{
	CURL *curl = curl_easy_init();
	char url[300];
	long status = 0;

	if (curl == NULL)
		return 0;
	if (strncmp(address, "unix:", 5) == 0) {
		curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, address + 5);
		address = "localhost";
	}
	snprintf(url, sizeof(url), "http://%.200s/readyz", address);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)SECONDS_MAX);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
	if (curl_easy_perform(curl) == CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_cleanup(curl);
	return status;
}

void doctor_daemon(struct doctor *doctor)
{
	const char *address = doctor->config->listen.ops;
	int pid = doctor_daemon_pid(doctor->config);
	struct buf body = { 0 };
	long status;

	if (pid == 0) {
		finding(doctor, FINDING_WARN, "not running on this state directory; systemctl start tiplined");
		return;
	}
	finding(doctor, FINDING_OK, "runs as process %d", pid);
	if (address[0] == '\0')
		return;
	status = get_ready(address, &body);
	if (status == 200)
		finding(doctor, FINDING_OK, "ready at %s", address);
	else if (status == 0)
		finding(doctor, FINDING_FAIL, "no answer at %s (listen.ops); look at its log", address);
	else
		finding(doctor, FINDING_FAIL, "not ready (status %ld): %.*s", status, body.len > 300 ? 300 : (int)body.len,
			body.at != NULL ? body.at : "");
	buf_release(&body);
}
