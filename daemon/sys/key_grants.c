/*
 * Grants of bureaus' private keys; see key_grants.h.
 */
#include "daemon/sys/key_grants.h"

#include "daemon/base/wipe.h"
#include "daemon/sys/key_box.h"

#include <sodium.h>
#include <stdio.h>

/* One change of all boxes that it concerns. */
struct change {
	struct key_dir dir;
	const struct key_holder *holders;
	size_t nholders;
	const struct keyring *with;
	struct span region, person;
	char answering[7];             /* the bureau that answers for the region */
	bool has_recovery;
	unsigned char recovery[32];
	struct key_tally *tally;
	struct complaint *why;
};

static bool begin(struct change *c, const char *path, struct key_tally *tally, struct complaint *why)
{
	*tally = (struct key_tally){ 0 };
	c->dir.lock = -1;
	c->tally = tally;
	c->why = why;
	if (sodium_init() < 0)
		return complain(why, 0, "libsodium does not start");
	if (!key_dir_open(&c->dir, path, true, why))
		return false;
	if (!c->dir.credentials)
		return true;
	return complain(why, 0, "%s is handed in by the service manager; change its source", path);
}

/* --- locking -------------------------------------------------------------------------- */

static bool read_recovery(struct change *c)
{
	enum key_read read = key_file_read(&c->dir, "recovery.pub", c->recovery, c->why);

	c->has_recovery = read == KEY_READ;
	return read != KEY_REFUSED;
}

static void seal_to_all(const struct change *c, struct key_box *box, const unsigned char private_key[32])
{
	for (size_t i = 0; i < c->nholders; i++)
		key_box_seal(box, c->holders[i].person, c->holders[i].public_key, private_key);
	if (c->has_recovery)
		key_box_seal(box, KEY_BOX_RECOVERY, c->recovery, private_key);
}

static bool fits_public(const struct change *c, const char code[7], const char *name, const unsigned char private_key[32])
{
	unsigned char public_key[32], check[32];
	char public_name[KEY_NAME_MAX];
	enum key_read read;

	snprintf(public_name, sizeof(public_name), "bureau-%.6s.pub", code);
	read = key_file_read(&c->dir, public_name, public_key, c->why);
	if (read == KEY_REFUSED)
		return false;
	crypto_scalarmult_base(check, private_key);
	return (read == KEY_READ && memcmp(check, public_key, sizeof(check)) == 0) ||
	       complain(c->why, 0, "%s/%s does not belong to the public key beside it; bring back the pair from one copy", c->dir.path,
			name);
}

/* The box is on the disk before the plain file goes. */
static bool lock_one(void *ctx, const char *name)
{
	struct change *c = ctx;
	struct key_box box = { .n = 0 };
	unsigned char private_key[32];
	char code[7];
	bool well;

	if (!key_box_plain_name(name, code))
		return true;
	well = key_file_read(&c->dir, name, private_key, c->why) == KEY_READ && fits_public(c, code, name, private_key) &&
	       key_box_read(&c->dir, code, &box, c->why) != KEY_REFUSED;
	if (well) {
		seal_to_all(c, &box, private_key);
		well = key_box_write(&c->dir, code, &box, c->why) && key_file_destroy(&c->dir, name, c->why);
		c->tally->changed += well;
	}
	wipe(private_key, sizeof(private_key));
	key_box_release(&box);
	return well;
}

bool key_grants_lock(const char *dir, const struct key_holder holders[], size_t n, struct key_tally *tally, struct complaint *why)
{
	struct change c = { .holders = holders, .nholders = n };
	bool well = begin(&c, dir, tally, why);

	if (well && n == 0)
		well = complain(why, 0, "nobody to seal the keys to");
	well = well && read_recovery(&c) && key_dir_each(&c.dir, lock_one, &c, why);
	key_dir_close(&c.dir);
	return well;
}

/* --- of a region ------------------------------------------------------------------------ */

/* Names come in order, so of all that lie around the region the nearest comes last. */
static bool note_answering(void *ctx, const char *name)
{
	struct change *c = ctx;
	char code[7];

	if (key_box_name(name, code) && token_region_covers(code, c->region.at))
		memcpy(c->answering, code, sizeof(c->answering));
	return true;
}

static bool concerns(const struct change *c, const char code[7])
{
	return token_region_covers(c->region.at, code) || memcmp(code, c->answering, 6) == 0;
}

static bool each_of_region(struct change *c, bool (*visit)(void *ctx, const char *name))
{
	char region[7];

	if (!token_region_ok(c->region))
		return complain(c->why, 0, "region: expected six digits like 150602, 150600, 150000 or 000000");
	snprintf(region, sizeof(region), "%.6s", c->region.at);
	c->region = span_of(region);
	return key_dir_each(&c->dir, note_answering, c, c->why) && key_dir_each(&c->dir, visit, c, c->why);
}

static bool give_one(void *ctx, const char *name)
{
	struct change *c = ctx;
	struct key_box box = { .n = 0 };
	const unsigned char *private_key;
	char code[7];
	bool well;

	if (!key_box_name(name, code) || !concerns(c, code))
		return true;
	private_key = keyring_private(c->with, code);
	if (private_key == NULL) {
		c->tally->closed++;
		return true;
	}
	well = key_box_read(&c->dir, code, &box, c->why) == KEY_READ;
	if (well) {
		seal_to_all(c, &box, private_key);
		well = key_box_write(&c->dir, code, &box, c->why);
		c->tally->changed += well;
	}
	key_box_release(&box);
	return well;
}

bool key_grants_give(const char *dir, const struct keyring *with, const struct key_holder *to, struct span region,
		     struct key_tally *tally, struct complaint *why)
{
	struct change c = { .holders = to, .nholders = to != NULL, .with = with, .region = region };
	bool well = begin(&c, dir, tally, why) && read_recovery(&c) && each_of_region(&c, give_one);

	key_dir_close(&c.dir);
	return well;
}

static bool take_one(void *ctx, const char *name)
{
	struct change *c = ctx;
	struct key_box box = { .n = 0 };
	char code[7];
	bool well;

	if (!key_box_name(name, code) || !concerns(c, code))
		return true;
	well = key_box_read(&c->dir, code, &box, c->why) == KEY_READ;
	if (well && box.n == 1 && key_box_row_of(&box, c->person) != NULL) {
		c->tally->closed++;
	} else if (well && key_box_drop(&box, c->person)) {
		well = key_box_write(&c->dir, code, &box, c->why);
		c->tally->changed += well;
	}
	key_box_release(&box);
	return well;
}

bool key_grants_take(const char *dir, struct span person, struct span region, struct key_tally *tally, struct complaint *why)
{
	struct change c = { .person = person, .region = region };
	bool well = begin(&c, dir, tally, why) && each_of_region(&c, take_one);

	key_dir_close(&c.dir);
	return well;
}
