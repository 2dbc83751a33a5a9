/*
 * For whom the bureaus' private keys open: boxes made, given on and taken away.
 *
 * A right over a region needs the keys of all bureaus within it, and that of
 * the bureau that answers for it. Each call locks the directory of keys and
 * replaces box by box; one that is cut short has done the first of them and
 * may be repeated.
 */
#ifndef TIPLINE_SYS_KEY_GRANTS_H
#define TIPLINE_SYS_KEY_GRANTS_H

#include "daemon/sys/keyring.h"

struct key_holder {
	struct span person;
	const unsigned char *public_key;   /* PERSON_KEY_BYTES */
};

struct key_tally {
	size_t changed;   /* boxes */
	size_t closed;    /* boxes that should have changed, and whose key nobody brought */
};

/*
 * Puts every plain private key (bureau-NNNNNN.key) into its bureau's box, sealed
 * to each holder and to the recovery key if there is one, and destroys the file
 * once the box is on the disk.
 */
bool key_grants_lock(const char *dir, const struct key_holder holders[], size_t n, struct key_tally *tally, struct complaint *why);

/* Seals what `with` holds of the region's keys to a person, and to the recovery key; to that alone with NULL. */
bool key_grants_give(const char *dir, const struct keyring *with, const struct key_holder *to, struct span region,
		     struct key_tally *tally, struct complaint *why);

/*
 * Takes the person's rows away; `closed` counts boxes that only this person
 * opens, which stay as they are. Who had a key before may have a copy of it.
 */
bool key_grants_take(const char *dir, struct span person, struct span region, struct key_tally *tally, struct complaint *why);

#endif
