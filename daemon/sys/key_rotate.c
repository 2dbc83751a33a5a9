/*
 * Rotation of bureaus' pairs; see key_rotate.h.
 */
#include "daemon/sys/key_rotate.h"

#include "daemon/base/memory.h"
#include "daemon/base/wipe.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#define RECOVERY_FILE "recovery.pub"

/* What a box holds, opened: at[0] is what the rows hold. */
struct opened {
	struct key_box_pair at[1 + KEY_BOX_ALSO_MAX];
	int64_t since_ms[1 + KEY_BOX_ALSO_MAX];
	size_t n;
};

struct rotation {
	struct key_dir dir;
	char code[7];
	char public_name[KEY_NAME_MAX];
	struct key_box box;
	unsigned char public_key[32];    /* as its file has it */
	struct opened *opened;           /* guarded */
	struct key_box_pair *fresh;      /* guarded */
	struct complaint *why;
};

static bool begin(struct rotation *r, const char *path, const char code[7], struct complaint *why)
{
	*r = (struct rotation){ .dir = { .lock = -1 }, .why = why };
	snprintf(r->code, sizeof(r->code), "%.6s", code);
	snprintf(r->public_name, sizeof(r->public_name), "bureau-%s.pub", r->code);
	if (sodium_init() < 0)
		return complain(why, 0, "libsodium does not start");
	if (!key_dir_open(&r->dir, path, true, why))
		return false;
	if (r->dir.credentials)
		return complain(why, 0, "%s is handed in by the service manager; change its source", path);
	if (key_file_read(&r->dir, r->public_name, r->public_key, why) != KEY_READ ||
	    key_box_read(&r->dir, r->code, &r->box, why) != KEY_READ)
		return why->text[0] != '\0' ? false :
					      complain(why, 0, "bureau %s has no box of its own here (tipctl key lock makes them)", r->code);
	return true;
}

static void end(struct rotation *r)
{
	key_box_release(&r->box);
	sodium_free(r->opened);
	sodium_free(r->fresh);
	key_dir_close(&r->dir);
}

/* --- a new pair ------------------------------------------------------------------------------ */

static bool open_all(struct rotation *r, const struct key_rotate_by *by, int64_t now_ms)
{
	struct opened *o = r->opened = sodium_malloc(sizeof(*o));
	bool current;

	r->fresh = sodium_malloc(sizeof(*r->fresh));
	if (o == NULL || r->fresh == NULL)
		return complain(r->why, 0, "no guarded memory for a key; look at the limit of locked memory (ulimit -l)");
	o->n = 1;
	o->since_ms[0] = now_ms;
	if (!key_box_open_pair(&r->box, by->person, by->pair, &o->at[0]))
		return complain(r->why, 0, "%.*s does not open the key of bureau %s", (int)by->person.len, by->person.at, r->code);
	current = memcmp(o->at[0].public_key, r->public_key, 32) == 0;
	for (size_t i = 0; i < r->box.nalso; i++, o->n++) {
		if (!key_box_open_also(&r->box.also[i], &o->at[0], &o->at[o->n]))
			return complain(r->why, 0, "%.*s does not open all keys of bureau %s; who had them before the last rotation does",
					(int)by->person.len, by->person.at, r->code);
		o->since_ms[o->n] = r->box.also[i].since_ms;
		current = current || memcmp(o->at[o->n].public_key, r->public_key, 32) == 0;
	}
	return current || complain(r->why, 0, "the box of bureau %s does not belong to its public key; bring back both from one copy", r->code);
}

/* The new half beside the old one: from here on either public key will do. */
static bool put_beside(struct rotation *r, int64_t now_ms)
{
	if (r->box.nalso == KEY_BOX_ALSO_MAX)
		return complain(r->why, 0, "bureau %s has %d earlier keys; end the rotations first: rotate --finish", r->code, KEY_BOX_ALSO_MAX);
	crypto_box_keypair(r->fresh->public_key, r->fresh->private_key);
	key_box_add_also(&r->box, r->fresh, now_ms, r->opened->at[0].public_key);
	return key_box_write(&r->dir, r->code, &r->box, r->why);
}

/* Where a row's owner gets the new half; NULL: nowhere. */
static const unsigned char *to_whom(struct rotation *r, const struct key_rotate_by *by, const char *person, unsigned char recovery[32])
{
	if (person[0] != '\0')
		return person_keys_public(by->persons, span_of(person));
	return key_file_read(&r->dir, RECOVERY_FILE, recovery, r->why) == KEY_READ ? recovery : NULL;
}

static bool seal_to_fresh(struct rotation *r, const struct key_rotate_by *by, struct key_rotate_tally *tally)
{
	struct key_box box = { .n = 0 };
	unsigned char recovery[32];
	bool well;

	for (size_t i = 0; i < r->box.n; i++) {
		const char *person = r->box.rows[i].person;
		const unsigned char *to = to_whom(r, by, person, recovery);

		tally->kept += to != NULL;
		tally->dropped += to == NULL;
		if (to != NULL)
			key_box_seal(&box, span_of(person), to, r->fresh->private_key);
	}
	for (size_t i = 0; i < r->opened->n; i++)
		key_box_add_also(&box, &r->opened->at[i], r->opened->since_ms[i], r->fresh->public_key);
	well = key_box_write(&r->dir, r->code, &box, r->why);
	key_box_release(&box);
	return well;
}

static bool owner_stays(const struct key_rotate_by *by, struct complaint *why)
{
	return person_keys_public(by->persons, by->person) != NULL || by->person.len == 0 ||
	       complain(why, 0, "%.*s has no key pair", (int)by->person.len, by->person.at);
}

bool key_rotate(const char *dir, const char code[7], const struct key_rotate_by *by, int64_t now_ms, struct key_rotate_tally *tally,
		struct complaint *why)
{
	struct rotation r;
	bool well;

	*tally = (struct key_rotate_tally){ 0 };
	why->text[0] = '\0';
	well = begin(&r, dir, code, why) && owner_stays(by, why) && open_all(&r, by, now_ms) && put_beside(&r, now_ms) &&
	       key_file_write(&r.dir, r.public_name, r.fresh->public_key, why) && seal_to_fresh(&r, by, tally);
	end(&r);
	return well;
}

/* --- what is left of the old ones ----------------------------------------------------------------- */

struct listing {
	const struct key_dir *dir;
	struct key_successor *list;
	size_t n;
	struct complaint *why;
};

static bool list_one(void *ctx, const char *name)
{
	struct listing *l = ctx;
	struct key_box box = { .n = 0 };
	struct key_successor one;
	char public_name[KEY_NAME_MAX];
	bool well;

	if (!key_box_name(name, one.code))
		return true;
	snprintf(public_name, sizeof(public_name), "bureau-%s.pub", one.code);
	well = key_box_read(l->dir, one.code, &box, l->why) == KEY_READ &&
	       (box.nalso == 0 || key_file_read(l->dir, public_name, one.now, l->why) == KEY_READ);
	for (size_t i = 0; well && i < box.nalso; i++) {
		if (memcmp(box.also[i].public_key, one.now, sizeof(one.now)) == 0)
			continue;
		memcpy(one.earlier, box.also[i].public_key, sizeof(one.earlier));
		one.since_ms = box.also[i].since_ms;
		l->list = memory_grow(l->list, l->n, sizeof(*l->list));
		l->list[l->n++] = one;
	}
	key_box_release(&box);
	return well;
}

bool key_rotate_successors(const char *path, struct key_successor **list, size_t *n, struct complaint *why)
{
	struct key_dir dir;
	struct listing l = { .dir = &dir, .why = why };
	bool well = key_dir_open(&dir, path, false, why) && key_dir_each(&dir, list_one, &l, why);

	key_dir_close(&dir);
	*list = l.list;
	*n = l.n;
	return well;
}

static bool may_finish(struct rotation *r, int64_t now_ms)
{
	for (size_t i = 0; i < r->box.nalso; i++) {
		if (memcmp(r->box.also[i].public_key, r->public_key, 32) == 0)
			return complain(r->why, 0, "the rotation of bureau %s was cut short: run tipctl key rotate once more first", r->code);
		if (now_ms - r->box.also[i].since_ms < KEY_ROTATE_REST_MS)
			return complain(r->why, 0, "an earlier key of bureau %s went out of use less than a day ago: tips on their way may lie under it",
					r->code);
	}
	return true;
}

bool key_rotate_finish(const char *dir, const char code[7], int64_t now_ms, size_t *destroyed, struct complaint *why)
{
	struct rotation r;
	bool well;

	why->text[0] = '\0';
	*destroyed = 0;
	well = begin(&r, dir, code, why) && may_finish(&r, now_ms);
	if (well && r.box.nalso > 0) {
		*destroyed = r.box.nalso;
		r.box.nalso = 0;
		well = key_box_write(&r.dir, r.code, &r.box, why);
	}
	end(&r);
	return well;
}
