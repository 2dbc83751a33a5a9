/*
 * The keys of the demo persons: what `--demo` seals, so that one machine can be
 * tried out without handing keys to anybody.
 */
#ifndef TIPLINE_SYS_DEMO_KEYS_H
#define TIPLINE_SYS_DEMO_KEYS_H

#include "daemon/base/complaint.h"

#include <stdbool.h>

/*
 * Makes key pairs for the demo persons who read tips, under their tokens, and
 * locks plain private keys of bureaus in `keys_dir` for them. Behind
 * demo_create() and keys_open(); nothing to do on later starts.
 */
bool demo_seal_keys(const char *state_dir, const char *keys_dir, struct complaint *why);

#endif
