/*
 * tipctl key epochs; see tipctl_epochs.h.
 */
#include "daemon/cli/tipctl_epochs.h"

#include "daemon/cli/tipctl.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/key_epochs.h"
#include "daemon/sys/key_files.h"

#include <stdio.h>

struct epochs {
	int64_t now_ms;
	unsigned overdue;
};

static bool list_one(void *ctx, const char *name)
{
	struct epochs *epochs = ctx;
	char from[21], until[21];
	int64_t epoch;
	bool due;

	if (!key_epochs_of(name, &epoch))
		return true;
	due = epoch < key_epochs_oldest(epochs->now_ms);
	clock_text(epoch * KEYS_EPOCH_MS, from);
	clock_text(key_epochs_end(epoch), until);
	printf("%-16s  %.10s  %.10s  %s\n", name, from, until, due ? "OVERDUE" : "in use");
	epochs->overdue += due;
	return true;
}

int key_epochs_list(const char *keys)
{
	struct epochs epochs = { .now_ms = clock_wall_ms() };
	struct complaint why;
	struct key_dir dir;
	bool well;

	if (!key_dir_open(&dir, keys, false, &why))
		return ctl_refused(&why);
	printf("%-16s  %-10s  %-10s  %s\n", "PEPPER", "FROM", "DESTROYED", "STATE");
	well = key_dir_each(&dir, list_one, &epochs, &why);
	key_dir_close(&dir);
	if (!well)
		return ctl_refused(&why);
	if (epochs.overdue > 0)
		fprintf(stderr, "tipctl: %u should be gone: numbers can be tested against marks of their days; run: tipctl key epochs destroy\n",
			epochs.overdue);
	return epochs.overdue > 0 ? CTL_WRONG : CTL_WELL;
}

int key_epochs_destroy(const char *path)
{
	struct complaint why;
	struct keys *keys = keys_open(path, false, &why);
	bool well = keys != NULL && keys_age(keys, path, clock_wall_ms(), &why);

	keys_free(keys);
	if (!well)
		return ctl_refused(&why);
	return key_epochs_list(path);
}
