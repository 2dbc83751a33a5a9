/*
 * A redis-server of the test's own: in a temporary directory, on a Unix
 * socket, with the durable settings; gone at the end, found by its pid only.
 */
#ifndef TIPLINE_TESTS_PRIVATE_REDIS_H
#define TIPLINE_TESTS_PRIVATE_REDIS_H

#include <stdbool.h>
#include <sys/types.h>

struct private_redis {
	char dir[64];
	char socket[96];
	char address[104]; /* "unix:<socket>" for store_redis_new() */
	pid_t pid;
};

/* Starts it and waits until it answers; aborts the test program when it does not. */
void private_redis_start(struct private_redis *redis);

/* Ends it by signal and starts it again on the same directory. */
void private_redis_kill(struct private_redis *redis, int signal);
void private_redis_again(struct private_redis *redis);

/* Ends it and removes the directory. */
void private_redis_stop(struct private_redis *redis);

#endif
