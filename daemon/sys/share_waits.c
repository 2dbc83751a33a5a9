/*
 * Halves that wait; see share_waits.h.
 */
#include "daemon/sys/share_waits.h"

#include "daemon/base/memory.h"
#include "daemon/sys/keys_inside.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#define OWNER_MAX 64

struct share_wait {
	unsigned char *share;   /* guarded; NULL: the place is free */
	unsigned half;
	uint64_t until_ms;
	struct tip_id tip;
	char owner[OWNER_MAX + 1];
	char person[TOKEN_PERSON_MAX + 1];
};

struct share_waits {
	struct share_wait at[SHARE_WAITS_MAX];
};

struct share_waits *share_waits_new(void)
{
	return memory_zeroes(1, sizeof(struct share_waits));
}

static void forget(struct share_wait *wait)
{
	sodium_free(wait->share);   /* wipes it */
	*wait = (struct share_wait){ .share = NULL };
}

void share_waits_free(struct share_waits *waits)
{
	for (size_t i = 0; waits != NULL && i < SHARE_WAITS_MAX; i++)
		forget(&waits->at[i]);
	free(waits);
}

static const struct share_wait *find(const struct share_waits *waits, const struct tip_id *tip)
{
	for (size_t i = 0; i < SHARE_WAITS_MAX; i++)
		if (waits->at[i].share != NULL && strcmp(waits->at[i].tip.text, tip->text) == 0)
			return &waits->at[i];
	return NULL;
}

static struct share_wait *find_place(struct share_waits *waits, const struct tip_id *tip)
{
	const struct share_wait *found = find(waits, tip);

	return found != NULL ? &waits->at[found - waits->at] : NULL;
}

enum share_waiting share_waits_look(const struct share_waits *waits, const struct tip_id *tip, struct span person, unsigned half)
{
	const struct share_wait *wait = find(waits, tip);

	if (wait == NULL)
		return SHARE_NONE;
	if (span_eq_nocase(person, span_of(wait->person)))
		return SHARE_OF_PERSON;
	return wait->half == half ? SHARE_SAME_HALF : SHARE_OTHER_HALF;
}

const char *share_waits_person(const struct share_waits *waits, const struct tip_id *tip)
{
	const struct share_wait *wait = find(waits, tip);

	return wait != NULL ? wait->person : NULL;
}

const char *share_waits_owner(const struct share_waits *waits, const struct tip_id *tip)
{
	const struct share_wait *wait = find(waits, tip);

	return wait != NULL ? wait->owner : NULL;
}

static struct share_wait *free_place(struct share_waits *waits)
{
	for (size_t i = 0; i < SHARE_WAITS_MAX; i++)
		if (waits->at[i].share == NULL)
			return &waits->at[i];
	return NULL;
}

bool share_waits_put(struct share_waits *waits, const struct tip_id *tip, const struct share_bringer *by,
		     const unsigned char share[KEY_VAULT_SHARE_BYTES], uint64_t until_ms)
{
	struct share_wait *wait = free_place(waits);

	assert(find(waits, tip) == NULL);
	if (wait == NULL)
		return false;
	*wait = (struct share_wait){ .share = keys_secret_memory(KEY_VAULT_SHARE_BYTES), .half = by->half, .until_ms = until_ms, .tip = *tip };
	snprintf(wait->owner, sizeof(wait->owner), "%.*s", (int)by->owner.len, by->owner.at);
	snprintf(wait->person, sizeof(wait->person), "%.*s", (int)by->person.len, by->person.at);
	memcpy(wait->share, share, KEY_VAULT_SHARE_BYTES);
	sodium_mprotect_noaccess(wait->share);
	return true;
}

bool share_waits_take(struct share_waits *waits, const struct tip_id *tip, struct span person, unsigned half,
		      unsigned char share[KEY_VAULT_SHARE_BYTES])
{
	struct share_wait *wait = find_place(waits, tip);

	if (wait == NULL || share_waits_look(waits, tip, person, half) != SHARE_OTHER_HALF)
		return false;
	sodium_mprotect_readonly(wait->share);
	memcpy(share, wait->share, KEY_VAULT_SHARE_BYTES);
	forget(wait);
	return true;
}

bool share_waits_withdraw(struct share_waits *waits, const struct tip_id *tip, struct span person)
{
	struct share_wait *wait = find_place(waits, tip);

	if (wait == NULL || !span_is(person, wait->person))
		return false;
	forget(wait);
	return true;
}

void share_waits_close(struct share_waits *waits, struct span owner)
{
	for (size_t i = 0; i < SHARE_WAITS_MAX; i++)
		if (waits->at[i].share != NULL && span_is(owner, waits->at[i].owner))
			forget(&waits->at[i]);
}

void share_waits_sweep(struct share_waits *waits, uint64_t now_ms)
{
	for (size_t i = 0; i < SHARE_WAITS_MAX; i++)
		if (waits->at[i].share != NULL && now_ms >= waits->at[i].until_ms)
			forget(&waits->at[i]);
}

size_t share_waits_count(const struct share_waits *waits)
{
	size_t n = 0;

	for (size_t i = 0; i < SHARE_WAITS_MAX; i++)
		n += waits->at[i].share != NULL;
	return n;
}
