/*
 * Starting and ending a redis-server for tests; see private_redis.h.
 */
#include "tests/support/private_redis.h"

#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define START_MOST_MS 60000

static void give_up(const char *why)
{
	fprintf(stderr, "private redis: %s\n", why);
	abort();
}

static void run_server(const struct private_redis *redis)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", redis->socket,
	       "--unixsocketperm", "700", "--dir", redis->dir, "--appendonly", "yes", "--appendfsync",
	       "always", "--save", "", "--aof-load-truncated", "no", "--no-appendfsync-on-rewrite", "no",
	       "--maxmemory-policy", "noeviction", "--enable-debug-command", "local", "--daemonize", "no",
	       "--loglevel", "warning", "--logfile", "redis.log", (char *)NULL);
	_exit(127);
}

static bool answers(const struct private_redis *redis)
{
	redisContext *link = redisConnectUnix(redis->socket);
	redisReply *reply = link != NULL && link->err == 0 ? redisCommand(link, "PING") : NULL;
	bool well = reply != NULL && reply->type == REDIS_REPLY_STATUS;

	if (reply != NULL)
		freeReplyObject(reply);
	if (link != NULL)
		redisFree(link);
	return well;
}

void private_redis_again(struct private_redis *redis)
{
	const struct timespec pause = { .tv_nsec = 5000000 };

	signal(SIGPIPE, SIG_IGN); /* hiredis writes with write(2) */
	redis->pid = fork();
	if (redis->pid < 0)
		give_up("fork failed");
	if (redis->pid == 0)
		run_server(redis);
	for (int waited_ms = 0; waited_ms < START_MOST_MS; waited_ms += 5) {
		if (answers(redis))
			return;
		if (waitpid(redis->pid, NULL, WNOHANG) == redis->pid)
			give_up("redis-server ended; is it installed?");
		nanosleep(&pause, NULL);
	}
	give_up("redis-server does not answer");
}

void private_redis_start(struct private_redis *redis)
{
	*redis = (struct private_redis){ .pid = 0 };
	snprintf(redis->dir, sizeof(redis->dir), "/tmp/tipline-test-XXXXXX");
	if (mkdtemp(redis->dir) == NULL)
		give_up("no temporary directory");
	snprintf(redis->socket, sizeof(redis->socket), "%s/redis.sock", redis->dir);
	snprintf(redis->address, sizeof(redis->address), "unix:%s", redis->socket);
	private_redis_again(redis);
}

void private_redis_kill(struct private_redis *redis, int signal)
{
	kill(redis->pid, signal);
	waitpid(redis->pid, NULL, 0);
	redis->pid = 0;
}

void private_redis_stop(struct private_redis *redis)
{
	char command[96];

	if (redis->pid > 0)
		private_redis_kill(redis, SIGKILL);
	snprintf(command, sizeof(command), "rm -rf '%s'", redis->dir);
	if (system(command) != 0)
		give_up("the temporary directory cannot be removed");
}
