/*
 * Halves of the identities' key that wait for the other one: the first approver
 * of a tip's unsealing has asked, the second has not yet.
 *
 * A half lies in guarded memory of its own (sodium_malloc, not readable while it
 * waits), bound to one tip, one person and a time; it is wiped when it was used,
 * withdrawn, at its time, when its owner (token or session) is closed, and with
 * the process. Nothing of it is written anywhere, so a restart forgets it.
 * One thread: the loop's.
 */
#ifndef TIPLINE_SYS_SHARE_WAITS_H
#define TIPLINE_SYS_SHARE_WAITS_H

#include "daemon/core/tip/tip.h"
#include "daemon/sys/key_vault.h"

#define SHARE_WAITS_MAX 64

struct share_waits;

enum share_waiting {
	SHARE_NONE,          /* nobody has asked for this tip */
	SHARE_OF_PERSON,     /* this very person has */
	SHARE_SAME_HALF,     /* somebody of the same group */
	SHARE_OTHER_HALF,    /* somebody of the other group: both together open */
};

/* Who brings a half. `owner` is the token or session that must stay for it to stay. */
struct share_bringer {
	struct span owner, person;
	unsigned half;       /* 1 or 2 */
};

struct share_waits *share_waits_new(void);
void share_waits_free(struct share_waits *waits);

enum share_waiting share_waits_look(const struct share_waits *waits, const struct tip_id *tip, struct span person, unsigned half);

/* Who waits for that tip; NULL: nobody. Good until the next call. */
const char *share_waits_person(const struct share_waits *waits, const struct tip_id *tip);

/* Under which token or session the half was brought; likewise. */
const char *share_waits_owner(const struct share_waits *waits, const struct tip_id *tip);

/* Keeps a copy until `until_ms`, for a tip that nobody has asked for. False: SHARE_WAITS_MAX wait. */
bool share_waits_put(struct share_waits *waits, const struct tip_id *tip, const struct share_bringer *by,
		     const unsigned char share[KEY_VAULT_SHARE_BYTES], uint64_t until_ms);

/* Hands out the half that waits for `half` of another person, and wipes it here. False: there is none (any more). */
bool share_waits_take(struct share_waits *waits, const struct tip_id *tip, struct span person, unsigned half,
		      unsigned char share[KEY_VAULT_SHARE_BYTES]);

/* Wipes what the person brought for the tip; false: nothing. */
bool share_waits_withdraw(struct share_waits *waits, const struct tip_id *tip, struct span person);

/* Wipes all that an owner brought; all whose time has come. */
void share_waits_close(struct share_waits *waits, struct span owner);
void share_waits_sweep(struct share_waits *waits, uint64_t now_ms);

size_t share_waits_count(const struct share_waits *waits);

#endif
