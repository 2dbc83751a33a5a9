/*
 * The data keys of a store, one by one: which lie under an earlier key of a bureau, and sealing those anew.
 */
#ifndef TIPLINE_CLI_DATA_KEYS_H
#define TIPLINE_CLI_DATA_KEYS_H

#include "daemon/base/complaint.h"
#include "daemon/sys/key_rotate.h"
#include "daemon/sys/keyring.h"

struct data_keys_tally {
	size_t seen;
	size_t under;     /* had an entry for an earlier key */
	size_t again;     /* sealed anew */
	size_t closed;    /* no key on the ring opens them */
};

struct data_keys_work {
	const struct key_successor *successors;
	size_t nsuccessors;
	struct keyring *ring;     /* NULL: only counts */
	void (*progress)(const char *shard, size_t seen, size_t of);   /* may be NULL */
};

/*
 * Goes through all shards of the store at that address. Each key is replaced only
 * if it is still what was read, so it may run beside a daemon, twice at a time,
 * and again after it was cut short: what is done is seen and left. False: `why`.
 */
bool data_keys_walk(const char *address, const struct data_keys_work *work, struct data_keys_tally *tally, struct complaint *why);

#endif
