/*
 * The identity vault; see key_vault.h.
 *
 * Order of a making: both boxes written and read back, then one plain file
 * destroyed, then the other. So whatever it was cut short at, either both plain
 * files are there, or both boxes are whole.
 */
#include "daemon/sys/key_vault.h"

#include "daemon/base/wipe.h"

#include <sodium.h>
#include <stdio.h>

static const char *const plain_names[KEY_VAULT_HALVES] = { "identity-share-1.key", "identity-share-2.key" };
static const char *const box_names[KEY_VAULT_HALVES] = { "identity-share-1.box", "identity-share-2.box" };

struct vault {
	struct key_dir dir;
	bool has_plain[KEY_VAULT_HALVES], has_box[KEY_VAULT_HALVES];
	struct key_box boxes[KEY_VAULT_HALVES];
	struct complaint *why;
};

bool key_vault_box_name(const char *name)
{
	return strcmp(name, box_names[0]) == 0 || strcmp(name, box_names[1]) == 0;
}

/* --- what is there ---------------------------------------------------------------------- */

static bool look(struct vault *v, unsigned half)
{
	unsigned char share[KEY_VAULT_SHARE_BYTES];
	enum key_read plain = key_file_read(&v->dir, plain_names[half], share, v->why);
	enum key_read box = key_box_read_as(&v->dir, box_names[half], &v->boxes[half], v->why);

	wipe(share, sizeof(share));
	v->has_plain[half] = plain == KEY_READ;
	v->has_box[half] = box == KEY_READ;
	return plain != KEY_REFUSED && box != KEY_REFUSED;
}

/* vault_end() must follow, whatever the result. */
static bool vault_begin(struct vault *v, const char *path, bool write, struct complaint *why)
{
	*v = (struct vault){ .dir = { .lock = -1 }, .why = why };
	if (sodium_init() < 0)
		return complain(why, 0, "libsodium does not start");
	if (!key_dir_open(&v->dir, path, write, why))
		return false;
	if (write && v->dir.credentials)
		return complain(why, 0, "%s is handed in by the service manager; change its source", path);
	return look(v, 0) && look(v, 1);
}

static void vault_end(struct vault *v)
{
	for (size_t i = 0; i < KEY_VAULT_HALVES; i++)
		key_box_release(&v->boxes[i]);
	key_dir_close(&v->dir);
}

static enum key_vault_state state_of(const struct vault *v)
{
	if (!v->has_box[0] || !v->has_box[1])
		return KEY_VAULT_OPEN;
	return v->has_plain[0] || v->has_plain[1] ? KEY_VAULT_HALFWAY : KEY_VAULT_CLOSED;
}

bool key_vault_join(const unsigned char one[KEY_VAULT_SHARE_BYTES], const unsigned char two[KEY_VAULT_SHARE_BYTES],
		    const unsigned char identity_public[32], unsigned char secret_key[32])
{
	unsigned char check[32];

	for (size_t i = 0; i < KEY_VAULT_SHARE_BYTES; i++)
		secret_key[i] = one[i] ^ two[i];
	crypto_scalarmult_base(check, secret_key);
	return sodium_memcmp(check, identity_public, sizeof(check)) == 0;
}

/* --- making ------------------------------------------------------------------------------- */

static bool in_group(const struct key_vault_group *group, struct span person)
{
	for (size_t i = 0; i < group->n; i++)
		if (span_eq_nocase(group->at[i].person, person))
			return true;
	return false;
}

static bool groups_ok(const struct key_vault_group groups[KEY_VAULT_HALVES], struct complaint *why)
{
	if (groups[0].n == 0 || groups[1].n == 0)
		return complain(why, 0, "both halves need a person");
	for (size_t i = 0; i < groups[0].n; i++)
		if (in_group(&groups[1], groups[0].at[i].person))
			return complain(why, 0, "%.*s cannot have both halves: name disjoint groups", (int)groups[0].at[i].person.len,
					groups[0].at[i].person.at);
	return true;
}

/* Whether the box is sealed to exactly the persons of the group. */
static bool box_is_of(const struct key_box *box, const struct key_vault_group *group)
{
	for (size_t i = 0; i < group->n; i++)
		if (key_box_row_of(box, group->at[i].person) == NULL)
			return false;
	for (size_t i = 0; i < box->n; i++)
		if (!in_group(group, span_of(box->rows[i].person)))
			return false;
	return true;
}

static bool read_halves(struct vault *v, unsigned char shares[KEY_VAULT_HALVES][KEY_VAULT_SHARE_BYTES])
{
	unsigned char public_key[32], secret_key[32];
	bool well = true;

	for (size_t i = 0; i < KEY_VAULT_HALVES && well; i++)
		well = key_file_read(&v->dir, plain_names[i], shares[i], v->why) == KEY_READ;
	if (!well)
		return false;
	switch (key_file_read(&v->dir, "identity.pub", public_key, v->why)) {
	case KEY_READ:
		break;
	case KEY_ABSENT:
		return complain(v->why, 0, "%s/identity.pub is gone; bring it back from a copy", v->dir.path);
	case KEY_REFUSED:
		return false;
	}
	well = key_vault_join(shares[0], shares[1], public_key, secret_key);
	wipe(secret_key, sizeof(secret_key));
	return well || complain(v->why, 0, "the two halves in %s are not those of identity.pub; bring all three back from one copy", v->dir.path);
}

static bool same_bytes(const struct key_box *a, const struct key_box *b)
{
	struct buf one = { 0 }, two = { 0 };
	bool same;

	key_box_print(a, &one);
	key_box_print(b, &two);
	same = span_eq(buf_span(&one), buf_span(&two));
	buf_release(&one);
	buf_release(&two);
	return same;
}

/* Writes a half's box and reads it back from the disk. */
static bool write_box(struct vault *v, unsigned half, const struct key_vault_group *group, const unsigned char share[KEY_VAULT_SHARE_BYTES])
{
	struct key_box box = { .n = 0 }, there = { .n = 0 };
	bool well;

	for (size_t i = 0; i < group->n; i++)
		key_box_seal(&box, group->at[i].person, group->at[i].public_key, share);
	well = key_box_write_as(&v->dir, box_names[half], &box, v->why) &&
	       key_box_read_as(&v->dir, box_names[half], &there, v->why) == KEY_READ;
	if (well && (!same_bytes(&box, &there) || !box_is_of(&there, group)))
		well = complain(v->why, 0, "%s/%s does not read as it was written; the plain halves stay", v->dir.path, box_names[half]);
	key_box_release(&box);
	key_box_release(&there);
	return well;
}

static bool destroy_plain(struct vault *v)
{
	for (size_t i = 0; i < KEY_VAULT_HALVES; i++)
		if (v->has_plain[i] && !key_file_destroy(&v->dir, plain_names[i], v->why))
			return false;
	return true;
}

/* Both halves lie there in the clear: boxes of an earlier try are written anew. */
static bool make(struct vault *v, const struct key_vault_group groups[KEY_VAULT_HALVES])
{
	unsigned char shares[KEY_VAULT_HALVES][KEY_VAULT_SHARE_BYTES];
	bool well = read_halves(v, shares);

	for (unsigned i = 0; i < KEY_VAULT_HALVES && well; i++)
		well = write_box(v, i, &groups[i], shares[i]);
	wipe(shares, sizeof(shares));
	return well && destroy_plain(v);
}

static bool finish(struct vault *v, const struct key_vault_group groups[KEY_VAULT_HALVES])
{
	if (!v->has_box[0] || !v->has_box[1])
		return complain(v->why, 0, "%s has not both halves (identity-share-1.key, identity-share-2.key); bring them back for this",
				v->dir.path);
	if (!box_is_of(&v->boxes[0], &groups[0]) || !box_is_of(&v->boxes[1], &groups[1]))
		return complain(v->why, 0, "the vault is sealed to other persons already; change them with vault grant and revoke");
	return destroy_plain(v);
}

bool key_vault_init(const char *dir, const struct key_vault_group groups[KEY_VAULT_HALVES], struct complaint *why)
{
	struct vault v;
	bool well = groups_ok(groups, why);

	if (!well)
		return false;
	well = vault_begin(&v, dir, true, why) && (v.has_plain[0] && v.has_plain[1] ? make(&v, groups) : finish(&v, groups));
	vault_end(&v);
	return well;
}

/* --- opening -------------------------------------------------------------------------------- */

static unsigned open_half(const struct vault *v, struct span person, const struct person_pair *pair,
			  unsigned char share[KEY_VAULT_SHARE_BYTES])
{
	for (unsigned i = 0; i < KEY_VAULT_HALVES; i++)
		if (key_box_open_row(&v->boxes[i], person, pair, share))
			return i + 1;
	return 0;
}

unsigned key_vault_open(const char *dir, struct span person, const struct person_pair *pair, unsigned char share[KEY_VAULT_SHARE_BYTES],
			struct complaint *why)
{
	struct vault v;
	unsigned half;

	why->text[0] = '\0';
	half = vault_begin(&v, dir, false, why) ? open_half(&v, person, pair, share) : 0;
	vault_end(&v);
	return half;
}

bool key_vault_read(const char *dir, struct key_box boxes[KEY_VAULT_HALVES], enum key_vault_state *state, struct complaint *why)
{
	struct vault v;
	bool well = vault_begin(&v, dir, false, why);

	*state = state_of(&v);
	for (size_t i = 0; i < KEY_VAULT_HALVES; i++) {
		boxes[i] = v.boxes[i];
		v.boxes[i] = (struct key_box){ .n = 0 };
	}
	vault_end(&v);
	return well;
}

/* --- giving on ------------------------------------------------------------------------------ */

static bool is_closed(const struct vault *v)
{
	return state_of(v) == KEY_VAULT_CLOSED || complain(v->why, 0, "the vault is not made yet, or not whole: tipctl key vault init");
}

/* Names that differ in case alone are one person here. */
static bool has_row(const struct key_box *box, struct span person)
{
	for (size_t i = 0; i < box->n; i++)
		if (span_eq_nocase(person, span_of(box->rows[i].person)))
			return true;
	return false;
}

static bool give(struct vault *v, struct span by, const struct person_pair *pair, const struct key_holder *to, unsigned *half)
{
	unsigned char share[KEY_VAULT_SHARE_BYTES];
	unsigned opened = open_half(v, by, pair, share);
	bool well = opened != 0 || complain(v->why, 0, "%.*s has neither half", (int)by.len, by.at);

	if (well && has_row(&v->boxes[2 - opened], to->person))
		well = complain(v->why, 0, "%.*s has the other half already; nobody may have both", (int)to->person.len, to->person.at);
	if (well) {
		key_box_seal(&v->boxes[opened - 1], to->person, to->public_key, share);
		well = key_box_write_as(&v->dir, box_names[opened - 1], &v->boxes[opened - 1], v->why);
	}
	wipe(share, sizeof(share));
	if (half != NULL)
		*half = opened;
	return well;
}

bool key_vault_grant(const char *dir, struct span by, const struct person_pair *pair, const struct key_holder *to, unsigned *half,
		     struct complaint *why)
{
	struct vault v;
	bool well = vault_begin(&v, dir, true, why) && is_closed(&v) && give(&v, by, pair, to, half);

	vault_end(&v);
	return well;
}

static bool take(struct vault *v, struct span person)
{
	for (size_t i = 0; i < KEY_VAULT_HALVES; i++) {
		if (key_box_row_of(&v->boxes[i], person) == NULL)
			continue;
		if (v->boxes[i].n == 1)
			return complain(v->why, 0, "half %zu opens for %.*s alone; grant it to somebody else first", i + 1, (int)person.len,
					person.at);
		return key_box_drop(&v->boxes[i], person) && key_box_write_as(&v->dir, box_names[i], &v->boxes[i], v->why);
	}
	return complain(v->why, 0, "%.*s has neither half", (int)person.len, person.at);
}

bool key_vault_revoke(const char *dir, struct span person, struct complaint *why)
{
	struct vault v;
	bool well = vault_begin(&v, dir, true, why) && is_closed(&v) && take(&v, person);

	vault_end(&v);
	return well;
}
