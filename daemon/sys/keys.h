/*
 * The keys of this house: read from a directory of small files, one key each,
 * or from a directory of systemd credentials; never from configuration,
 * command line or Redis.
 *
 *   receipt.key fingerprint.key requests.key courier.key   symmetric
 *   sender-NNNN.key             pepper of the sender marks, of 30-day epoch NNNN
 *   promise.key                 Ed25519 seed; signs promises
 *   log.key                     Ed25519 seed; signs the checkpoints of the sealed log
 *   leaf.key                    symmetric; the log secret, and what masks the seeds of leaves
 *   staff.key                   symmetric; second factors, marks of devices: the desk's alone
 *   identity.pub                X25519; identities are sealed to it
 *   identity-share-1.key, -2    XOR of both is its private key: for two approvers, never loaded here
 *   bureau-NNNNNN.pub           X25519; data keys are sealed to the region's bureau
 *   bureau-NNNNNN.box           its private half, sealed to persons (key_box.h); never loaded here
 *   bureau-NNNNNN.key           its private half as it is made, until `tipctl key lock` puts it into the box
 *
 * A file is 64 hex digits and a newline.
 *
 * With these a process writes, with public keys and peppers, and opens nothing
 * that a bureau may read; that takes a person's keyring. One thread at a time.
 */
#ifndef TIPLINE_SYS_KEYS_H
#define TIPLINE_SYS_KEYS_H

#include "daemon/base/complaint.h"
#include "daemon/core/tip/fingerprinter.h"
#include "daemon/core/tip/seal.h"
#include "daemon/tlog/note.h"

#define KEYS_PERIOD_MS 600000            /* a data key serves so long */
#define KEYS_EPOCH_MS (30 * 86400000LL)  /* a sender pepper serves so long */

#define KEYS_MEMORY_LIMIT ((size_t)64 << 20)   /* RLIMIT_MEMLOCK that is enough for all keyrings at once */

struct keys;

/* Bytes of keys and keyrings that this process could not lock, ever: RLIMIT_MEMLOCK was too small. They may reach the swap. */
size_t keys_memory_unlocked(void);

/*
 * Opens the directory (0700, files 0600, owner checked). With `create` a new
 * directory is filled, also one whose making was cut short, and sender peppers
 * older than the last epoch are destroyed. A directory that was whole once is
 * never given a new key for one that is gone: that is a complaint. (One of a
 * version without the sealed log has neither of the log's two keys, and with
 * `create` gets both; who lost both cannot be told from that. The same holds for
 * staff.key, which need not be there.) Bureaus are
 * the regions that have a key pair of their own: every first-level region and
 * the nation at first; further pairs are added as files.
 * The bureaus' private keys are not looked at: those open for persons (keyring.h).
 * NULL: `why` names the file and the mend. Calls sodium_init().
 */
struct keys *keys_open(const char *dir, bool create, struct complaint *why);
void keys_free(struct keys *keys);

const unsigned char *keys_receipt(const struct keys *keys);            /* RECEIPT_KEY_BYTES */
const struct fingerprint_key *keys_fingerprint(const struct keys *keys);
const struct seal_key *keys_requests(const struct keys *keys);         /* marks of request ids */
const struct seal_key *keys_courier(const struct keys *keys);          /* outbox intents, SMS parts */
const struct seal_key *keys_staff(const struct keys *keys);            /* second factors of accounts; NULL: staff.key is not there */
const struct seal_key *keys_learning(const struct keys *keys);         /* learned model and its examples; made from fingerprint.key */
const unsigned char *keys_identity_public(const struct keys *keys);

/*
 * Key of the sender marks in the 30-day epoch of that time. Each epoch's
 * pepper is a hash of the one before, so an old one cannot be made again once
 * its file is gone; times before the oldest pepper get that one.
 */
void keys_sender_mark(const struct keys *keys, int64_t at_ms, struct seal_key *out);

/* Ed25519 over the bytes with the promise key; 64 bytes. */
void keys_sign_promise(const struct keys *keys, struct span bytes, unsigned char signature[64]);
const unsigned char *keys_promise_public(const struct keys *keys);     /* 32 bytes */

/* --- the sealed log (tlog/leaf.h) ------------------------------------------------------------------ */

/*
 * Signs checkpoints as `origin` (a valid note name); the caller releases it.
 * The public half goes to everybody, as a key text of signed notes.
 */
void keys_log_signer(const struct keys *keys, struct span origin, struct note_signer *signer);

/* The log secret, LEAF_KEY_BYTES: of salts and dummies. */
const unsigned char *keys_log_secret(const struct keys *keys);

/* Key of leaf_mask(), LEAF_KEY_BYTES. */
const unsigned char *keys_log_mask(const struct keys *keys);

/* The log key of the week of that time, LEAF_KEY_BYTES: of the leaves of events that belong to no tip. The caller wipes it. */
void keys_log_week(const struct keys *keys, int64_t at_ms, unsigned char week_key[32]);

/*
 * The data key in use for the bureau that answers for a region at that time,
 * with its sealed form to be stored along. Kept for ten minutes; pointer and
 * span are good until the next call for the same bureau.
 */
const struct data_key *keys_data_key(struct keys *keys, struct span region, int64_t now_ms, struct span *sealed);

/* The same for identities: what seal_identity() takes. Good until the next call. */
const struct identity_box *keys_identity_box(struct keys *keys, int64_t now_ms);

/*
 * Wipes the data keys and the identity box whose ten minutes are over at that
 * time: from then on this process cannot open what it took in under them.
 */
void keys_forget(struct keys *keys, int64_t now_ms);

/*
 * Reads the bureaus' public keys again: one that changed (key_rotate.h) serves
 * from the next data key on. Returns how many changed; one that cannot be read
 * stays as it was, and `why` names it.
 */
size_t keys_refresh_bureaus(struct keys *keys, const char *dir, struct complaint *why);

/* The code of the bureau that answers for a region: the nearest ancestor with a key pair. */
void keys_bureau_of(const struct keys *keys, struct span region, char code[7]);

#endif
