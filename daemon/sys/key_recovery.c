/*
 * The recovery key; see key_recovery.h.
 */
#include "daemon/sys/key_recovery.h"

#include "daemon/base/hex.h"
#include "daemon/base/wipe.h"
#include "daemon/sys/key_box.h"

#include <sodium.h>

#define PUBLIC_FILE "recovery.pub"
#define CHECK_BYTES 2
#define GROUPS ((KEY_SHARE_BYTES + CHECK_BYTES) / 2)

/* --- shares as text --------------------------------------------------------------------- */

static void check_of(unsigned number, const unsigned char share[KEY_SHARE_BYTES], unsigned char check[CHECK_BYTES])
{
	static const unsigned char label[] = "tipline recovery share";
	const unsigned char which = (unsigned char)number;
	unsigned char hash[crypto_generichash_BYTES_MIN];
	crypto_generichash_state state;

	crypto_generichash_init(&state, label, sizeof(label), sizeof(hash));
	crypto_generichash_update(&state, &which, 1);
	crypto_generichash_update(&state, share, KEY_SHARE_BYTES);
	crypto_generichash_final(&state, hash, sizeof(hash));
	memcpy(check, hash, CHECK_BYTES);
}

void key_share_print(unsigned number, const unsigned char share[KEY_SHARE_BYTES], char text[KEY_SHARE_TEXT + 1])
{
	unsigned char bytes[KEY_SHARE_BYTES + CHECK_BYTES];

	memcpy(bytes, share, KEY_SHARE_BYTES);
	check_of(number, share, bytes + KEY_SHARE_BYTES);
	text[0] = (char)('0' + number);
	for (size_t i = 0; i < GROUPS; i++) {
		text[1 + 5 * i] = '-';
		hex_put(bytes + 2 * i, 2, text + 2 + 5 * i);
	}
	text[KEY_SHARE_TEXT] = '\0';
	wipe(bytes, sizeof(bytes));
}

/* People type blanks for dashes, and leave both out. */
static size_t only_digits(struct span text, char digits[KEY_SHARE_TEXT])
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '-' || text.at[i] == ' ')
			continue;
		if (n == KEY_SHARE_TEXT)
			return 0;
		digits[n++] = text.at[i];
	}
	return n;
}

bool key_share_parse(struct span text, unsigned number, unsigned char share[KEY_SHARE_BYTES])
{
	unsigned char bytes[KEY_SHARE_BYTES + CHECK_BYTES], check[CHECK_BYTES];
	char digits[KEY_SHARE_TEXT];
	size_t n = only_digits(text, digits);
	bool well = n == 1 + 2 * sizeof(bytes) && digits[0] == (char)('0' + number) &&
		    hex_get(span_from(digits + 1, n - 1), bytes, sizeof(bytes));

	if (well) {
		check_of(number, bytes, check);
		well = memcmp(check, bytes + KEY_SHARE_BYTES, CHECK_BYTES) == 0;
		memcpy(share, bytes, KEY_SHARE_BYTES);
	}
	wipe(bytes, sizeof(bytes));
	wipe(digits, sizeof(digits));
	return well;
}

/* --- the pair --------------------------------------------------------------------------- */

static void join(const struct key_shares *shares, unsigned char secret_key[32])
{
	for (size_t i = 0; i < KEY_SHARE_BYTES; i++)
		secret_key[i] = shares->at[0][i] ^ shares->at[1][i];
}

static bool write_public(const char *path, const unsigned char public_key[32], struct complaint *why)
{
	unsigned char there[32];
	struct key_dir dir;
	bool well = key_dir_open(&dir, path, true, why);

	if (well)
		switch (key_file_read(&dir, PUBLIC_FILE, there, why)) {
		case KEY_ABSENT:
			well = key_file_write(&dir, PUBLIC_FILE, public_key, why);
			break;
		case KEY_READ:
			well = complain(why, 0, "%s has a recovery key already", path);
			break;
		case KEY_REFUSED:
			well = false;
			break;
		}
	key_dir_close(&dir);
	return well;
}

bool key_recovery_make(const char *dir, const struct keyring *with, struct key_shares *shares, struct key_tally *tally,
		       struct complaint *why)
{
	unsigned char secret_key[32], public_key[32];

	randombytes_buf(shares, sizeof(*shares));
	join(shares, secret_key);
	crypto_scalarmult_base(public_key, secret_key);
	wipe(secret_key, sizeof(secret_key));
	return write_public(dir, public_key, why) && key_grants_give(dir, with, NULL, SPAN("000000"), tally, why);
}

static bool is_ours(const char *path, const unsigned char public_key[32], struct complaint *why)
{
	unsigned char ours[32];
	struct key_dir dir;
	enum key_read read;

	if (!key_dir_open(&dir, path, false, why))
		return false;
	read = key_file_read(&dir, PUBLIC_FILE, ours, why);
	key_dir_close(&dir);
	return read != KEY_REFUSED && ((read == KEY_READ && memcmp(ours, public_key, sizeof(ours)) == 0) ||
				       complain(why, 0, "these two shares are not those of %s/" PUBLIC_FILE, path));
}

struct keyring *key_recovery_open(const char *dir, const struct key_shares *shares, struct complaint *why)
{
	struct keyring *ring = keyring_new();
	unsigned char secret_key[32];
	struct person_pair pair = { .secret_key = secret_key };
	bool well;

	join(shares, secret_key);
	crypto_scalarmult_base(pair.public_key, secret_key);
	well = is_ours(dir, pair.public_key, why) && keyring_add_boxes(ring, dir, KEY_BOX_RECOVERY, &pair, why);
	wipe(secret_key, sizeof(secret_key));
	if (well)
		return ring;
	keyring_free(ring);
	return NULL;
}
