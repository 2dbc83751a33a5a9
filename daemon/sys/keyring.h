/*
 * A keyring: the private keys of bureaus that one person may use, and the data
 * keys that were opened with them.
 *
 * All of it stands in guarded memory (sodium_malloc: locked, between guard
 * pages, left out of core dumps) and is wiped when the ring is freed. What one
 * ring has opened no other ring sees. Whose ring serves a request: keyrings.h.
 * One thread at a time.
 */
#ifndef TIPLINE_SYS_KEYRING_H
#define TIPLINE_SYS_KEYRING_H

#include "daemon/base/complaint.h"
#include "daemon/core/tip/seal.h"
#include "daemon/sys/person_keys.h"

struct keyring;

/* Empty; ends the process when there is no memory. */
struct keyring *keyring_new(void);
void keyring_free(struct keyring *ring);

/*
 * Puts in what the boxes of a directory of keys (key_box.h) hold for a person.
 * Boxes without a row for the person, and rows sealed to an earlier pair of
 * theirs, are passed over. False: a file cannot be read or is none; those before
 * it are in, and `why` names it.
 */
bool keyring_add_boxes(struct keyring *ring, const char *dir, struct span person, const struct person_pair *pair,
		       struct complaint *why);

/* The same for files with plain private keys (bureau-NNNNNN.key), where the installation still has them. */
bool keyring_add_plain(struct keyring *ring, const char *dir, struct complaint *why);

/* How many bureaus' private keys are in. */
size_t keyring_count(const struct keyring *ring);

/* The private key of that very bureau, 32 bytes, or NULL. */
const unsigned char *keyring_private(const struct keyring *ring, const char code[7]);

/*
 * Opens a sealed data key with any private key of the ring and keeps it for
 * keyring_data_key_known(); false: none fits, or it is not the key of that id.
 */
bool keyring_open_data_key(struct keyring *ring, const unsigned char id[SEAL_DATA_KEY_ID_BYTES], struct span sealed,
			   struct data_key *out);

/* A data key opened before and not yet displaced by others; NULL when it must be fetched and opened (again), or there is no ring. */
const struct data_key *keyring_data_key_known(const struct keyring *ring, const unsigned char id[SEAL_DATA_KEY_ID_BYTES]);

#endif
