/*
 * A new key pair for a bureau.
 *
 * What is sealed from then on goes to the new public key. The private half of
 * before stays in the box as an earlier one (key_box.h), sealed to the new pair,
 * so that what lies under it opens until it is sealed anew; then it is destroyed.
 * Who is left out of the box by then has the earlier half, perhaps, and never
 * the new one.
 *
 * Order: the box gets the new half beside the old one; the public key is
 * replaced; the box is sealed to the new half. Cut short anywhere, whoever opened
 * the bureau's key still does; the next rotation cleans up.
 */
#ifndef TIPLINE_SYS_KEY_ROTATE_H
#define TIPLINE_SYS_KEY_ROTATE_H

#include "daemon/sys/key_box.h"

#define KEY_ROTATE_REST_MS (24 * 3600000LL)   /* so long an earlier half stays: tips on their way have data keys under it */

struct key_rotate_by {
	const struct person_keys *persons;   /* whose public keys the rows are sealed to */
	struct span person;                  /* who opens the box */
	const struct person_pair *pair;
};

struct key_rotate_tally {
	size_t kept;      /* rows of the new box */
	size_t dropped;   /* persons without a key pair (any more): they have no row now */
};

/* False: nobody's row opens for that person, or a file cannot be written; the bureau's key opens as before. */
bool key_rotate(const char *dir, const char code[7], const struct key_rotate_by *by, int64_t now_ms, struct key_rotate_tally *tally,
		struct complaint *why);

/* Earlier public keys of all bureaus, and what took their place. */
struct key_successor {
	char code[7];
	unsigned char earlier[32], now[32];
	int64_t since_ms;
};

/* The caller frees *list. */
bool key_rotate_successors(const char *dir, struct key_successor **list, size_t *n, struct complaint *why);

/*
 * Destroys the earlier halves of a bureau; nothing may lie under them any more
 * (the caller has looked). False: one is younger than KEY_ROTATE_REST_MS, or a
 * rotation was cut short.
 */
bool key_rotate_finish(const char *dir, const char code[7], int64_t now_ms, size_t *destroyed, struct complaint *why);

#endif
