/*
 * Walking a store for `tipctl verify`: all keys, and what stands in each, in
 * pieces of a bounded size, with many commands under way.
 */
#ifndef TIPLINE_CLI_VERIFY_SCAN_H
#define TIPLINE_CLI_VERIFY_SCAN_H

#include "daemon/cli/tipctl_replay.h"

enum verify_type {
	VERIFY_STRING,
	VERIFY_HASH,
	VERIFY_ZSET,
	VERIFY_SET,
	VERIFY_LIST,
	VERIFY_STREAM,
};

struct verify_piece {
	struct span key;
	uint64_t number;      /* stream: of the entry; list: place from 0 */
	struct span a, b;     /* string: value; hash: field, value; zset: member, score; set, list: item; stream: field, value */
};

struct verify_walk {
	/*
	 * Which keys are looked into and as what; NULL: none. `type` is set when it
	 * says true. A key may come twice.
	 */
	bool (*key)(void *ctx, struct span key, enum verify_type *type);
	/* Each element of those; one may come twice in a hash, set or zset that changes. */
	void (*piece)(void *ctx, const struct verify_piece *piece);
	/* The key holds something of another type. */
	void (*refused)(void *ctx, struct span key, const char *why);
	void *ctx;
	const char *match;    /* as of SCAN; NULL: all */
	/*
	 * Journals whole: entries that the store has let go of come out of these
	 * files, in the order of their numbers, before those of the store; `lost` is
	 * told which file of which events cannot be read. NULL: what the store has.
	 */
	void (*lost)(void *ctx, const char *why);
	const struct archive *archive;   /* may be NULL: then nothing can be read */
};

/* False: the connection broke. */
bool verify_scan(struct pipe *store, const struct verify_walk *walk);

#endif
