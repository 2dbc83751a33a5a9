/*
 * The identity vault: the two halves of the identities' private key, each sealed
 * to the persons of a group of its own.
 *
 *   identity-share-1.box, identity-share-2.box   rows as in key_box.h
 *
 * Contacts and telephone numbers of informants are sealed to identity.pub, whose
 * private half is the XOR of both. No person is in both groups, so no one alone
 * opens an identity. The plain files (identity-share-N.key) are destroyed when
 * both boxes are on the disk and were read back as they were written.
 */
#ifndef TIPLINE_SYS_KEY_VAULT_H
#define TIPLINE_SYS_KEY_VAULT_H

#include "daemon/sys/key_box.h"
#include "daemon/sys/key_grants.h"

#define KEY_VAULT_HALVES 2
#define KEY_VAULT_SHARE_BYTES 32

struct key_vault_group {
	const struct key_holder *at;
	size_t n;
};

enum key_vault_state {
	KEY_VAULT_OPEN,     /* plain files lie there, or are kept elsewhere; no boxes */
	KEY_VAULT_HALFWAY,  /* boxes are there, and a plain file still */
	KEY_VAULT_CLOSED,
};

/* Whether a file's name is that of a half's box. */
bool key_vault_box_name(const char *name);

/*
 * Seals half 1 to the first group and half 2 to the second, and destroys the
 * plain files. One that was cut short is finished by the same call again; on a
 * vault that has these very persons it does nothing. False: a person in both
 * groups, an empty one, halves that are not those of identity.pub, a vault of
 * other persons; nothing was changed then.
 */
bool key_vault_init(const char *dir, const struct key_vault_group groups[KEY_VAULT_HALVES], struct complaint *why);

/* Seals the half that a person opens to one more; `half` (may be NULL) is told. False: neither is opened, or the other half is theirs. */
bool key_vault_grant(const char *dir, struct span by, const struct person_pair *pair, const struct key_holder *to, unsigned *half,
		     struct complaint *why);

/* Takes a person's row away; the last one of a half stays, and that is a complaint. */
bool key_vault_revoke(const char *dir, struct span person, struct complaint *why);

/* Both boxes, for a list; the caller releases them, also after false. */
bool key_vault_read(const char *dir, struct key_box boxes[KEY_VAULT_HALVES], enum key_vault_state *state, struct complaint *why);

/*
 * The half that a person's pair opens: 1 or 2, and its bytes; 0: none, or a file
 * cannot be read (`why` says so then and is empty else). The caller wipes it.
 */
unsigned key_vault_open(const char *dir, struct span person, const struct person_pair *pair, unsigned char share[KEY_VAULT_SHARE_BYTES],
			struct complaint *why);

/* The identities' private key out of both halves; false: they are not those of that public key. The caller wipes it. */
bool key_vault_join(const unsigned char one[KEY_VAULT_SHARE_BYTES], const unsigned char two[KEY_VAULT_SHARE_BYTES],
		    const unsigned char identity_public[32], unsigned char secret_key[32]);

#endif
