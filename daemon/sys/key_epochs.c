/*
 * The peppers of the sender marks as time goes on; see key_epochs.h.
 */
#include "daemon/sys/key_epochs.h"

#include "daemon/sys/key_files.h"
#include "daemon/sys/keys_inside.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

struct ageing {
	const struct keys *keys;
	struct key_dir dir;
	struct complaint *why;
};

int64_t key_epochs_oldest(int64_t now_ms)
{
	int64_t epoch = now_ms / KEYS_EPOCH_MS - 1;

	return epoch < 0 ? 0 : epoch > KEYS_EPOCH_MAX ? KEYS_EPOCH_MAX : epoch;
}

bool key_epochs_of(const char *name, int64_t *epoch)
{
	if (strncmp(name, "sender-", 7) != 0 || key_file_kind(name) == NULL)
		return false;
	*epoch = strtoll(name + 7, NULL, 10);
	return true;
}

int64_t key_epochs_end(int64_t epoch)
{
	return (epoch + 2) * KEYS_EPOCH_MS;
}

static bool destroy_older(void *ctx, const char *name)
{
	struct ageing *a = ctx;
	int64_t epoch;

	if (!key_epochs_of(name, &epoch) || epoch >= a->keys->sender_epoch)
		return true;
	return key_file_destroy(&a->dir, name, a->why);
}

/* The one in use is on the disk before those that lead to it go. */
static bool age_files(const struct keys *keys, const char *path, struct complaint *why)
{
	struct ageing a = { .keys = keys, .why = why };
	unsigned char there[KEY_FILE_BYTES];
	char name[KEY_NAME_MAX];
	bool well;

	if (!key_dir_open(&a.dir, path, true, why))
		return false;
	snprintf(name, sizeof(name), "sender-%04lld.key", (long long)keys->sender_epoch);
	well = a.dir.credentials || key_file_read(&a.dir, name, there, why) == KEY_READ ||
	       key_file_write(&a.dir, name, keys->sender.bytes, why);
	well = well && (a.dir.credentials || key_dir_each(&a.dir, destroy_older, &a, why));
	sodium_memzero(there, sizeof(there));
	key_dir_close(&a.dir);
	return well;
}

bool keys_age(struct keys *keys, const char *dir, int64_t now_ms, struct complaint *why)
{
	int64_t wanted = key_epochs_oldest(now_ms);

	if (keys->sender_epoch >= wanted && keys->sender_aged)
		return true;
	for (; keys->sender_epoch < wanted; keys->sender_epoch++)
		keys_next_pepper(&keys->sender);
	keys->sender_aged = age_files(keys, dir, why);
	return keys->sender_aged;
}
