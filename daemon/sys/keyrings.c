/*
 * Keyrings in use; see keyrings.h.
 */
#include "daemon/sys/keyrings.h"

#include "daemon/base/memory.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/key_box.h"
#include "daemon/sys/keys_inside.h"
#include "daemon/sys/log.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define OWNER_MAX 64
#define SETTLED_MS 2000

struct slot {
	char owner[OWNER_MAX + 1];   /* token id or session */
	char person[TOKEN_PERSON_MAX + 1];
	unsigned generation;         /* of the ring that is in, or of the last one */
	uint64_t used_ms;
	struct person_pair pair;     /* of the house ring: none */
	struct keyring *ring;        /* NULL: the slot is free */
	struct timespec boxes;       /* of the directory when its boxes were read */
};

struct keyrings {
	char *keys_dir;
	struct person_keys *persons;   /* NULL: plain */
	struct share_waits *waits;
	struct slot slots[KEYRINGS_MAX];
};

static char *copy_text(const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(memory_zeroes(1, size), text, size);
}

/* --- one slot ------------------------------------------------------------------------ */

static void slot_clear(struct slot *slot)
{
	if (slot->ring == NULL)
		return;
	keyring_free(slot->ring);
	person_pair_release(&slot->pair);
	*slot = (struct slot){ .generation = slot->generation };
}

/* A file that is exchanged changes the time of its directory. */
static struct timespec dir_time(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_mtim : (struct timespec){ 0 };
}

/* A box that cannot be read must not take the other bureaus' from the person. */
static void read_boxes(const struct keyrings *rings, struct slot *slot)
{
	struct complaint why = { .text = "" };

	keyring_free(slot->ring);
	slot->ring = keyring_new();
	slot->boxes = dir_time(rings->keys_dir);
	/* Times of files are coarse: what changed just now is read once more at the next use. */
	if (clock_wall_ms() - (int64_t)slot->boxes.tv_sec * 1000 < SETTLED_MS)
		slot->boxes = (struct timespec){ 0 };
	if (!keyring_add_boxes(slot->ring, rings->keys_dir, span_of(slot->person), &slot->pair, &why))
		log_rarely(LOG_LEVEL_ERROR, "keys.box_unreadable", why.text);
}

static void refresh(const struct keyrings *rings, struct slot *slot, uint64_t now_ms)
{
	struct timespec now = dir_time(rings->keys_dir);

	slot->used_ms = now_ms;
	if (rings->persons == NULL || (now.tv_sec == slot->boxes.tv_sec && now.tv_nsec == slot->boxes.tv_nsec))
		return;
	read_boxes(rings, slot);
}

static struct keyring_ref ref_of(const struct keyrings *rings, const struct slot *slot)
{
	return (struct keyring_ref){ .slot = (unsigned)(slot - rings->slots), .generation = slot->generation };
}

static struct slot *find(struct keyrings *rings, struct span owner)
{
	for (size_t i = 0; i < KEYRINGS_MAX; i++)
		if (rings->slots[i].ring != NULL && span_is(owner, rings->slots[i].owner))
			return &rings->slots[i];
	return NULL;
}

/* A free slot, or that of the ring that was not used for longest, which is wiped. */
static struct slot *make_room(struct keyrings *rings)
{
	struct slot *oldest = &rings->slots[0];

	for (size_t i = 0; i < KEYRINGS_MAX; i++) {
		struct slot *slot = &rings->slots[i];

		if (slot->ring == NULL)
			return slot;
		if (slot->used_ms < oldest->used_ms)
			oldest = slot;
	}
	slot_clear(oldest);
	return oldest;
}

/* Takes the pair over. */
static struct keyring_ref fill(struct keyrings *rings, struct span owner, struct span person, struct person_pair *pair,
			       uint64_t now_ms)
{
	struct slot *slot = make_room(rings);

	snprintf(slot->owner, sizeof(slot->owner), "%.*s", (int)owner.len, owner.at);
	snprintf(slot->person, sizeof(slot->person), "%.*s", (int)person.len, person.at);
	slot->pair = *pair;
	slot->used_ms = now_ms;
	slot->generation++;
	read_boxes(rings, slot);
	return ref_of(rings, slot);
}

/* --- all of them --------------------------------------------------------------------- */

static bool open_house(struct keyrings *rings, struct complaint *why)
{
	struct slot *slot = &rings->slots[0];

	slot->ring = keyring_new();
	slot->generation = 1;
	return keyring_add_plain(slot->ring, rings->keys_dir, why);
}

struct keyrings *keyrings_new(const struct keyrings_plan *plan, struct complaint *why)
{
	struct keyrings *rings = memory_zeroes(1, sizeof(*rings));
	bool well;

	rings->keys_dir = copy_text(plan->keys_dir);
	rings->waits = share_waits_new();
	if (plan->plain)
		well = open_house(rings, why);
	else
		well = (rings->persons = person_keys_load(plan->state_dir, why)) != NULL;
	if (well)
		return rings;
	keyrings_free(rings);
	return NULL;
}

void keyrings_free(struct keyrings *rings)
{
	if (rings == NULL)
		return;
	for (size_t i = 0; i < KEYRINGS_MAX; i++)
		slot_clear(&rings->slots[i]);
	share_waits_free(rings->waits);
	person_keys_free(rings->persons);
	free(rings->keys_dir);
	free(rings);
}

static void refresh_persons(struct keyrings *rings)
{
	struct complaint why = { .text = "" };

	if (!person_keys_refresh(rings->persons, &why))
		log_rarely(LOG_LEVEL_ERROR, "keys.persons_unreadable", why.text);
}

struct keyring_ref keyrings_by_token(struct keyrings *rings, struct span person, struct span token_id, struct span token,
				     uint64_t now_ms)
{
	struct person_pair pair;
	struct slot *slot;

	if (rings->persons == NULL)
		return ref_of(rings, &rings->slots[0]);
	slot = find(rings, token_id);
	if (slot != NULL && span_is(person, slot->person)) {
		refresh(rings, slot, now_ms);
		return ref_of(rings, slot);
	}
	refresh_persons(rings);
	if (person_keys_open_token(rings->persons, person, token_id, token, &pair) != PERSON_KEY_OPENED)
		return (struct keyring_ref){ 0 };
	return fill(rings, token_id, person, &pair, now_ms);
}

struct keyring_ref keyrings_by_pair(struct keyrings *rings, struct span session, struct span person,
				    const struct person_pair *pair, uint64_t now_ms)
{
	struct person_pair own;

	if (rings->persons == NULL)
		return ref_of(rings, &rings->slots[0]);
	person_pair_copy(pair, &own);
	keyrings_close(rings, session);
	return fill(rings, session, person, &own, now_ms);
}

struct keyring_ref keyrings_by_session(struct keyrings *rings, struct span session, uint64_t now_ms)
{
	struct slot *slot = rings->persons != NULL ? find(rings, session) : &rings->slots[0];

	if (slot == NULL)
		return (struct keyring_ref){ 0 };
	refresh(rings, slot, now_ms);
	return ref_of(rings, slot);
}

void keyrings_close(struct keyrings *rings, struct span owner)
{
	struct slot *slot = rings->persons != NULL ? find(rings, owner) : NULL;

	share_waits_close(rings->waits, owner);
	if (slot != NULL)
		slot_clear(slot);
}

const struct person_pair *keyrings_pair(const struct keyrings *rings, struct keyring_ref ref, struct span *owner)
{
	const struct slot *slot;

	if (rings == NULL || rings->persons == NULL || ref.generation == 0 || ref.slot >= KEYRINGS_MAX)
		return NULL;
	slot = &rings->slots[ref.slot];
	if (slot->ring == NULL || slot->generation != ref.generation)
		return NULL;
	*owner = span_of(slot->owner);
	return &slot->pair;
}

struct share_waits *keyrings_waits(struct keyrings *rings)
{
	return rings->waits;
}

const char *keyrings_dir(const struct keyrings *rings)
{
	return rings->keys_dir;
}

struct keyring *keyrings_at(struct keyrings *rings, struct keyring_ref ref, uint64_t now_ms)
{
	struct slot *slot;

	if (rings == NULL || ref.generation == 0 || ref.slot >= KEYRINGS_MAX)
		return NULL;
	slot = &rings->slots[ref.slot];
	if (slot->ring == NULL || slot->generation != ref.generation)
		return NULL;
	slot->used_ms = now_ms;
	return slot->ring;
}

void keyrings_sweep(struct keyrings *rings, uint64_t now_ms)
{
	share_waits_sweep(rings->waits, now_ms);
	for (size_t i = 0; rings->persons != NULL && i < KEYRINGS_MAX; i++)
		if (now_ms - rings->slots[i].used_ms >= KEYRINGS_IDLE_MS)
			slot_clear(&rings->slots[i]);
}

size_t keyrings_count(const struct keyrings *rings)
{
	size_t n = 0;

	for (size_t i = 0; i < KEYRINGS_MAX; i++)
		n += rings->slots[i].ring != NULL;
	return n;
}

bool keyrings_plain(const struct keyrings *rings)
{
	return rings->persons == NULL;
}

static bool count_one(void *ctx, const char *name)
{
	char code[7];

	*(size_t *)ctx += key_box_plain_name(name, code);
	return true;
}

size_t keyrings_count_plain(const char *keys_dir)
{
	const struct key_dir dir = { .path = keys_dir, .lock = -1 };
	struct complaint ignored = { .text = "" };
	size_t n = 0;

	(void)key_dir_each(&dir, count_one, &n, &ignored);
	return n;
}

size_t keyrings_plain_files(const struct keyrings *rings)
{
	return keyrings_count_plain(rings->keys_dir);
}
