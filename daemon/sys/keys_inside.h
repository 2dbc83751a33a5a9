/*
 * What keys.c and keys_load.c share: the keys in memory. Nobody else includes it.
 */
#ifndef TIPLINE_SYS_KEYS_INSIDE_H
#define TIPLINE_SYS_KEYS_INSIDE_H

#include "daemon/sys/keys.h"

#define REGION_DIGITS 6
#define KEYS_BUREAUS_MAX 512      /* nation, provinces, and some hundred prefectures with keys of their own */
#define KEYS_EPOCH_MAX 9999       /* four digits in a file name: until the year 2791 */

struct bureau {
	char code[REGION_DIGITS + 1];
	unsigned char public_key[32];
	int64_t period;                  /* of the data key; valid when `sealed` is not empty */
	struct data_key data_key;
	struct buf sealed;
};

struct keys {
	unsigned char receipt[RECEIPT_KEY_BYTES];
	struct fingerprint_key fingerprint;
	struct seal_key requests, courier;
	struct seal_key staff;
	bool staff_there;
	struct seal_key learning;        /* derived */
	struct seal_key sender;          /* pepper of sender_epoch */
	int64_t sender_epoch;
	bool sender_aged;                /* the directory has no older pepper (key_epochs.c) */
	unsigned char promise_public[32];
	unsigned char promise_secret[64];
	unsigned char log_seed[NOTE_SEED_BYTES];
	struct seal_key log_secret;
	struct seal_key log_mask;        /* derived */
	unsigned char identity_public[32];
	bool identity_made;
	int64_t identity_period;
	struct identity_box identity;
	struct bureau *bureaus;          /* by code */
	size_t nbureaus;
};

/* sodium_malloc() of zeroes; ends the process when there is no memory. What cannot be locked is counted: keys_memory_unlocked(). */
void *keys_secret_memory(size_t size);

/* The pepper of the next epoch, in place. */
void keys_next_pepper(struct seal_key *pepper);

/* Fills *keys from the directory; see keys_open(). */
bool keys_load(struct keys *keys, const char *dir, bool create, struct complaint *why);

#endif
