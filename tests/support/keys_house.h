/*
 * A house of keys for tests: a directory of keys, one of state, and persons with
 * tokens. For tests that include cmocka.
 */
#ifndef TIPLINE_TESTS_KEYS_HOUSE_H
#define TIPLINE_TESTS_KEYS_HOUSE_H

#include "daemon/sys/key_grants.h"
#include "daemon/sys/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HOUSE_TOKEN "tip_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"

static char house_dir[64], house_keys[80];
static struct complaint house_why;

static inline int house_make(void **state)
{
	(void)state;
	snprintf(house_dir, sizeof(house_dir), "/tmp/tipline-house-XXXXXX");
	if (mkdtemp(house_dir) == NULL)
		return -1;
	snprintf(house_keys, sizeof(house_keys), "%s/keys", house_dir);
	return 0;
}

static inline int house_remove(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", house_dir);
	return system(command);
}

static inline const char *house_path(const char *name)
{
	static char path[160];

	snprintf(path, sizeof(path), "%s/%s", house_keys, name);
	return path;
}

static inline struct keys *house_open(bool create)
{
	struct keys *keys = keys_open(house_keys, create, &house_why);

	assert_non_null(keys);
	return keys;
}

/* A person with a pair under HOUSE_TOKEN, id "a1". The caller releases the pair. */
static inline struct person_pair house_person(const char *person)
{
	struct person_pair pair;

	assert_true(person_keys_make(house_dir, span_of(person), (struct span){ 0 }, SPAN("a1"), SPAN(HOUSE_TOKEN), &pair, &house_why));
	return pair;
}

/* All plain keys sealed to one person. */
static inline void house_lock_for(const char *person, const struct person_pair *pair)
{
	const struct key_holder holder = { .person = span_of(person), .public_key = pair->public_key };
	struct key_tally tally;

	assert_true(key_grants_lock(house_keys, &holder, 1, &tally, &house_why));
}

/* What the boxes hold for a person. */
static inline struct keyring *house_ring(const char *person, const struct person_pair *pair)
{
	struct keyring *ring = keyring_new();

	assert_true(keyring_add_boxes(ring, house_keys, span_of(person), pair, &house_why));
	return ring;
}

#endif
