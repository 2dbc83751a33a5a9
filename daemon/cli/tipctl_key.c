/*
 * tipctl key: what is in a directory of keys, making one, publishing from it.
 *
 * Never prints a secret; a public key is told by the first half of its SHA-256.
 */
#include "daemon/base/wipe.h"
#include "daemon/cli/tipctl.h"
#include "daemon/cli/tipctl_key_giving.h"
#include "daemon/cli/tipctl_key_rotate.h"
#include "daemon/cli/tipctl_key_vault.h"
#include "daemon/cli/tipctl_epochs.h"
#include "daemon/cli/tipctl_weeks.h"
#include "daemon/sys/files.h"
#include "daemon/sys/key_box.h"
#include "daemon/sys/key_files.h"
#include "daemon/sys/key_vault.h"
#include "daemon/sys/keys.h"

#include <getopt.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#define STATE_DEFAULT "/var/lib/tipline"
#define FINGERPRINT_HALF 16

static void tell_usage(FILE *to)
{
	fputs("usage: tipctl key [--keys DIR] list | create | export-public DIR | epochs [destroy]\n"
	      "       tipctl key weeks | rewrap weeks | destroy-week WEEK   (of the weekly keys; see tipctl key weeks --help)\n"
	      "       tipctl key [--state DIR] [--keys DIR] [--with FILE] lock | grant PERSON REGION | revoke PERSON REGION |\n"
	      "                  recovery init | recover PERSON REGION\n"
	      "       tipctl key [--state DIR] [--keys DIR] [--with FILE] [--store ADDRESS] rotate BUREAU | rewrap data-keys |\n"
	      "                  rotate --finish BUREAU\n"
	      "       tipctl key [--state DIR] [--keys DIR] vault init --first PERSON,... --second PERSON,... | list\n"
	      "       tipctl key [--state DIR] [--keys DIR] [--with FILE] vault grant PERSON | revoke PERSON\n"
	      "  list           each key file: age in days, what it is, fingerprint of a public key\n"
	      "  create         fills a new directory, and adds the keys of the sealed log and staff.key to one of an\n"
	      "                 earlier version; never replaces a key\n"
	      "  export-public  writes the public keys (*.pub) into DIR, for bureaus, auditors and "
	      "informants\n"
	      "  epochs         the peppers of the sender marks, and when each is destroyed; destroy: now, those that are due,\n"
	      "                 as a running daemon does by itself in a directory that it may write\n"
	      "  lock           seals the bureaus' plain private keys to the person of the token, and destroys them\n"
	      "  grant          gives what the token opens of a region's keys to another person\n"
	      "  revoke         takes a region's keys from a person; who had them may have kept a copy\n"
	      "  recovery init  makes the recovery key once, and prints the shares of its two custodians\n"
	      "  recover        reads both shares from standard input, a line each, and gives a region's keys to a person\n"
	      "  rotate         gives a bureau a new pair, sealed to those in its box; the earlier half stays there\n"
	      "  rewrap         seals the store's data keys that lie under an earlier key to the present one; may be repeated\n"
	      "  rotate --finish  destroys the earlier halves, when nothing lies under them any more and a day has passed\n"
	      "  vault init     seals each half of the key of identities to a group of persons, and destroys the plain halves\n"
	      "  vault grant    gives the half that the token opens to one more; nobody may have both\n"
	      "  vault revoke   takes a half from a person; vault list tells who has which\n"
	      "  --with FILE    holds your own token; without it the demo officer's, where there are demo accounts\n"
	      "  --store ADDRESS  of the store whose audit trail is told; that of the state directory when not given\n"
	      "DIR of --state is " STATE_DEFAULT ", DIR of --keys is keys/ in it, when not given.\n",
	      to);
}

static int usage(void)
{
	tell_usage(stderr);
	return CTL_USAGE;
}

/* --- public keys ----------------------------------------------------------------------- */

static bool is_public(const char *name)
{
	return strcmp(strrchr(name, '.'), ".pub") == 0;
}

/* The name under which the public half of a signing key is given out; NULL: no such key. */
static const char *public_name(const char *name)
{
	if (strcmp(name, "promise.key") == 0)
		return "promise.pub";
	return strcmp(name, "log.key") == 0 ? "log.pub" : NULL;
}

/*
 * The public key that a file holds or, of a signing key, leads to. KEY_ABSENT:
 * none is meant to come from this file.
 */
static enum key_read public_of(const struct key_dir *dir, const char *name, unsigned char key[KEY_FILE_BYTES],
			       struct complaint *why)
{
	unsigned char seed[KEY_FILE_BYTES], secret[crypto_sign_SECRETKEYBYTES];
	enum key_read read;

	if (is_public(name))
		return key_file_read(dir, name, key, why);
	if (public_name(name) == NULL)
		return KEY_ABSENT;
	read = key_file_read(dir, name, seed, why);
	if (read == KEY_READ)
		crypto_sign_seed_keypair(key, secret, seed);
	wipe(seed, sizeof(seed));
	wipe(secret, sizeof(secret));
	return read;
}

static void fingerprint_text(const unsigned char key[KEY_FILE_BYTES], char out[2 * FINGERPRINT_HALF + 1])
{
	unsigned char hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, key, KEY_FILE_BYTES);
	sodium_bin2hex(out, 2 * FINGERPRINT_HALF + 1, hash, FINGERPRINT_HALF);
}

/* --- list --------------------------------------------------------------------------------- */

struct listing {
	const struct key_dir *dir;
	unsigned faults;
};

static long age_days(const struct key_dir *dir, const char *name)
{
	char path[PATH_MAX];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", dir->path, name);
	return stat(path, &st) == 0 ? (long)((time(NULL) - st.st_mtime) / 86400) : -1;
}

/* For how many the key opens, never for whom: that stands in the file. */
static bool list_box(struct listing *listing, const char *name)
{
	struct complaint why;
	struct key_box box = { .n = 0 };
	bool well = key_box_read_as(listing->dir, name, &box, &why) == KEY_READ;

	printf("%-22s %6ld  %-36s for %zu\n", name, age_days(listing->dir, name), key_file_kind(name), box.n);
	if (!well) {
		fprintf(stderr, "tipctl: %s\n", why.text);
		listing->faults++;
	}
	key_box_release(&box);
	return true;
}

static bool list_one(void *ctx, const char *name)
{
	struct listing *listing = ctx;
	const char *kind = key_file_kind(name);
	unsigned char key[KEY_FILE_BYTES];
	char text[2 * FINGERPRINT_HALF + 1] = "-", code[7];
	struct complaint why;
	enum key_read read = KEY_REFUSED;

	if (key_box_name(name, code) || key_vault_box_name(name))
		return list_box(listing, name);
	read = public_of(listing->dir, name, key, &why);
	if (read == KEY_ABSENT) { /* secret: only whether it can be read, nothing of it */
		read = key_file_read(listing->dir, name, key, &why);
		wipe(key, sizeof(key));
	} else if (read == KEY_READ) {
		fingerprint_text(key, text);
	}
	printf("%-22s %6ld  %-36s %s\n", name, age_days(listing->dir, name),
	       kind != NULL ? kind : "not known here", text);
	if (read == KEY_REFUSED) {
		fprintf(stderr, "tipctl: %s\n", why.text);
		listing->faults++;
	}
	return true;
}

static int list(const char *keys)
{
	struct complaint why;
	struct key_dir dir;
	struct listing listing = { .dir = &dir };
	bool well;

	if (!key_dir_open(&dir, keys, false, &why))
		return ctl_refused(&why);
	printf("%-22s %6s  %-36s %s\n", "FILE", "DAYS", "KIND", "PUBLIC FINGERPRINT");
	well = key_dir_each(&dir, list_one, &listing, &why);
	key_dir_close(&dir);
	if (!well)
		return ctl_refused(&why);
	return listing.faults > 0 ? 1 : 0;
}

/* --- create -------------------------------------------------------------------------------- */

static int create(const char *path)
{
	struct complaint why;
	struct keys *keys = keys_open(path, true, &why);

	if (keys == NULL)
		return ctl_refused(&why);
	keys_free(keys);
	printf("%s is whole. Give each half of the identities' key to a group of approvers: tipctl key "
	       "vault init;\n"
	       "keep a copy of the directory where the store's copies are not.\n",
	       path);
	return 0;
}

/* --- export-public -------------------------------------------------------------------------- */

struct export
{
	const struct key_dir *from;
	const char *to;
	struct complaint *why;
	unsigned count;
};

static bool write_public(struct export *export, const char *name, const unsigned char key[KEY_FILE_BYTES])
{
	char path[PATH_MAX];
	char text[2 * KEY_FILE_BYTES + 2];

	if (snprintf(path, sizeof(path), "%s/%s", export->to, name) >= (int)sizeof(path))
		return complain(export->why, 0, "path too long: %.180s", export->to);
	sodium_bin2hex(text, sizeof(text) - 1, key, KEY_FILE_BYTES);
	text[2 * KEY_FILE_BYTES] = '\n';
	export->count++;
	return files_replace(path, span_from(text, sizeof(text) - 1), 0644, export->why);
}

static bool export_one(void *ctx, const char *name)
{
	struct export *export = ctx;
	unsigned char key[KEY_FILE_BYTES];

	if (key_file_kind(name) == NULL)
		return true;
	switch (public_of(export->from, name, key, export->why)) {
	case KEY_READ:
		return write_public(export, is_public(name) ? name : public_name(name), key);
	case KEY_REFUSED:
		return false;
	case KEY_ABSENT:
		break;
	}
	return true;
}

static int export_public(const char *keys, const char *to)
{
	struct complaint why;
	struct key_dir dir;
	struct export export = { .from = &dir, .to = to, .why = &why };
	bool well;

	if (!key_dir_open(&dir, keys, false, &why))
		return ctl_refused(&why);
	well = files_make_dir(to, &why) && key_dir_each(&dir, export_one, &export, &why);
	key_dir_close(&dir);
	if (!well)
		return ctl_refused(&why);
	printf("%u public keys written to %s\n", export.count, to);
	return 0;
}

/* --- the command --------------------------------------------------------------------------- */

struct wish {
	const char *keys, *state, *with, *store;
	bool finish, help;
	struct key_vault_wish vault;
	char keys_of_state[PATH_MAX];
};

static bool take_options(struct wish *wish, int argc, char **argv)
{
	static const struct option options[] = {
		{ .name = "keys", .has_arg = required_argument, .val = 'k' },
		{ .name = "state", .has_arg = required_argument, .val = 'S' },
		{ .name = "with", .has_arg = required_argument, .val = 'w' },
		{ .name = "store", .has_arg = required_argument, .val = 's' },
		{ .name = "finish", .has_arg = no_argument, .val = 'f' },
		{ .name = "first", .has_arg = required_argument, .val = '1' },
		{ .name = "second", .has_arg = required_argument, .val = '2' },
		{ .name = "help", .has_arg = no_argument, .val = 'h' },
		{ .name = NULL },
	};
	int option;

	optind = 1;
	while ((option = getopt_long(argc, argv, "k:S:w:", options, NULL)) != -1)
		switch (option) {
		case 'k':
			wish->keys = optarg;
			break;
		case 'S':
			wish->state = optarg;
			break;
		case 'w':
			wish->with = optarg;
			break;
		case 's':
			wish->store = optarg;
			break;
		case 'f':
			wish->finish = true;
			break;
		case '1':
			wish->vault.first = optarg;
			break;
		case '2':
			wish->vault.second = optarg;
			break;
		case 'h':
			wish->help = true;
			break;
		default:
			return false;
		}
	if (wish->keys != NULL)
		return true;
	wish->keys = wish->keys_of_state;
	return snprintf(wish->keys_of_state, sizeof(wish->keys_of_state), "%s/keys", wish->state) < PATH_MAX;
}

static int act(const struct wish *wish, char **words, int n)
{
	const struct key_giving giving = { .state_dir = wish->state, .keys_dir = wish->keys, .with = wish->with,
					    .store = wish->store };

	if (n == 1 && strcmp(words[0], "list") == 0)
		return list(wish->keys);
	if (n == 1 && strcmp(words[0], "create") == 0)
		return create(wish->keys);
	if (n == 2 && strcmp(words[0], "export-public") == 0)
		return export_public(wish->keys, words[1]);
	if (n == 1 && strcmp(words[0], "epochs") == 0)
		return key_epochs_list(wish->keys);
	if (n == 2 && strcmp(words[0], "epochs") == 0 && strcmp(words[1], "destroy") == 0)
		return key_epochs_destroy(wish->keys);
	if (n == 1 && strcmp(words[0], "lock") == 0)
		return key_giving_lock(&giving);
	if (n == 3 && strcmp(words[0], "grant") == 0)
		return key_giving_grant(&giving, words[1], words[2]);
	if (n == 3 && strcmp(words[0], "revoke") == 0)
		return key_giving_revoke(&giving, words[1], words[2]);
	if (n == 2 && strcmp(words[0], "recovery") == 0 && strcmp(words[1], "init") == 0)
		return key_giving_recovery_init(&giving);
	if (n == 3 && strcmp(words[0], "recover") == 0)
		return key_giving_recover(&giving, words[1], words[2]);
	if (n == 2 && strcmp(words[0], "rotate") == 0)
		return wish->finish ? key_rotate_finish_bureau(&giving, words[1]) : key_rotate_bureau(&giving, words[1]);
	if (n == 2 && strcmp(words[0], "rewrap") == 0 && strcmp(words[1], "data-keys") == 0)
		return key_rewrap_data_keys(&giving);
	if (n >= 2 && strcmp(words[0], "vault") == 0) {
		int status = key_vault_command(&giving, &wish->vault, words + 1, n - 1);

		return status == CTL_USAGE ? usage() : status;
	}
	return usage();
}

int tipctl_key(int argc, char **argv)
{
	struct wish wish = { .state = STATE_DEFAULT };

	if (key_weeks_wanted(argc, argv))
		return key_weeks(argc, argv);
	if (!take_options(&wish, argc, argv) || sodium_init() < 0)
		return usage();
	if (wish.help) {
		tell_usage(stdout);
		return 0;
	}
	return act(&wish, argv + optind, argc - optind);
}
