/*
 * From a request to the words of a Redis command.
 *
 * Pure: no connection. Which keys and arguments a function takes stands at the
 * head of its file in functions/.
 */
#ifndef TIPLINE_STORE_CALLS_H
#define TIPLINE_STORE_CALLS_H

#include "daemon/store/store.h"

/* A command; words point into the arena and into the request. */
struct command {
	struct arena *arena;
	const char **words;
	size_t *lens;
	size_t n;
	size_t size;
};

#define COMMANDS_MAX 2

/*
 * Fills up to COMMANDS_MAX commands and returns how many: each gets one reply.
 * The commands are valid as long as arena and request are.
 */
size_t calls_build(const struct store_request *request, struct arena *arena,
		   struct command out[COMMANDS_MAX]);

/* One library out of all files of functions/, shared helpers first; lives in the arena. */
struct span calls_library(struct arena *arena);

/* The word of the library's name. */
extern const char calls_library_name[];

/* The order in a queue: best first (store.h); below 2^53. */
uint64_t store_rank(unsigned points, int64_t received_ms);

/* The place in {15}:clocks or, of what the informant asked, in {15}:asked (functions/02_clock.lua). */
uint64_t store_clock_rank(bool opened, enum priority priority, int64_t since_ms);

/* The actor as JSON text with its quotes, as the functions put it into events. */
struct span store_actor_json(struct arena *arena, struct span actor);

#endif
