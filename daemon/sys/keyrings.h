/*
 * The keyrings in use: whose keys serve the requests of a token or session.
 *
 * A token's text opens its person's pair (person_keys.h), the pair opens the
 * boxes of the bureaus (key_box.h), and what came out stays for as long as the
 * token is used: it is wiped after 15 minutes without a request, when it is
 * closed, when KEYRINGS_MAX others were used since, and with the process.
 * Boxes and pairs that change on the disk are read again before the next use.
 *
 * Who waits remembers a ring by slot and generation, never by pointer: a ring
 * that was wiped meanwhile resolves to none. One thread: the loop's.
 */
#ifndef TIPLINE_SYS_KEYRINGS_H
#define TIPLINE_SYS_KEYRINGS_H

#include "daemon/sys/keyring.h"
#include "daemon/sys/share_waits.h"

#define KEYRINGS_MAX 128
#define KEYRINGS_IDLE_MS (15 * 60000)

struct keyrings;

/* Zeroes: none. */
struct keyring_ref {
	unsigned slot, generation;
};

struct keyrings_plan {
	const char *keys_dir, *state_dir;
	bool plain;   /* one ring for everybody, of the plain files: option keys.plain */
};

/* NULL: a file cannot be read, and `why` names it. */
struct keyrings *keyrings_new(const struct keyrings_plan *plan, struct complaint *why);
void keyrings_free(struct keyrings *rings);

/*
 * The ring of a token that is valid. None when it opens no pair; a ring without
 * keys when nothing was sealed to the person. `now_ms` is the steady clock's.
 */
struct keyring_ref keyrings_by_token(struct keyrings *rings, struct span person, struct span token_id, struct span token,
				     uint64_t now_ms);

/*
 * The same for a session whose password opened the pair, under the session's
 * name (1 to 64 bytes, no token's id). The pair is copied.
 */
struct keyring_ref keyrings_by_pair(struct keyrings *rings, struct span session, struct span person,
				    const struct person_pair *pair, uint64_t now_ms);

/* That ring again, at a later request of the session: its boxes as they are now. None when it was wiped meanwhile. */
struct keyring_ref keyrings_by_session(struct keyrings *rings, struct span session, uint64_t now_ms);

/* Wipes the ring of a token or session, and the halves of identities' keys that wait for it; nothing when there is none. */
void keyrings_close(struct keyrings *rings, struct span owner);

/* The ring, good until the caller returns to the loop; NULL: there is none, or it was wiped. It counts as used. */
struct keyring *keyrings_at(struct keyrings *rings, struct keyring_ref ref, uint64_t now_ms);

/*
 * Whose ring it is: the pair, and under which name it is owned; both good until
 * the caller returns to the loop. NULL: there is none, or it is that of everybody.
 */
const struct person_pair *keyrings_pair(const struct keyrings *rings, struct keyring_ref ref, struct span *owner);

/* Halves that wait for the second approver; they live as long as the rings. */
struct share_waits *keyrings_waits(struct keyrings *rings);
const char *keyrings_dir(const struct keyrings *rings);

/* Wipes those that were not used for long, and halves whose time has come. */
void keyrings_sweep(struct keyrings *rings, uint64_t now_ms);

size_t keyrings_count(const struct keyrings *rings);
bool keyrings_plain(const struct keyrings *rings);

/* How many plain private keys lie in a directory of keys, used or not; and in that of these rings. */
size_t keyrings_count_plain(const char *keys_dir);
size_t keyrings_plain_files(const struct keyrings *rings);

#endif
