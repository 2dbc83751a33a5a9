/*
 * The keys of a house: made once, kept whole, private, and no more in a
 * process than its roles need. Works in a directory of its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/sys/clock.h"
#include "daemon/sys/key_files.h"
#include "daemon/sys/keyring.h"
#include "daemon/sys/keys.h"
#include "daemon/sys/sandbox.h"
#include "daemon/tlog/leaf.h"

#include <glob.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define BUREAUS 35 /* 34 first-level regions and the nation */
#define NOW INT64_C(1763748000000)

static char place[64], dir[80];

static int set_up(void **state)
{
	(void)state;
	snprintf(place, sizeof(place), "/tmp/test-keys-XXXXXX");
	assert_non_null(mkdtemp(place));
	snprintf(dir, sizeof(dir), "%s/keys", place);
	return 0;
}

static int tear_down(void **state)
{
	char command[96];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", place);
	return system(command);
}

static struct keys *open_keys(bool create)
{
	struct complaint why = { 0 };
	struct keys *keys = keys_open(dir, create, &why);

	if (keys == NULL)
		print_error("%s\n", why.text);
	assert_non_null(keys);
	return keys;
}

static const char *path_in(const char *name)
{
	static char path[160];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static size_t count_files(const char *pattern)
{
	glob_t found;
	size_t n = glob(path_in(pattern), 0, NULL, &found) == 0 ? found.gl_pathc : 0;

	if (n > 0)
		globfree(&found);
	return n;
}

static void remove_peppers(void)
{
	glob_t found;

	assert_int_equal(glob(path_in("sender-*.key"), 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++)
		assert_int_equal(unlink(found.gl_pathv[i]), 0);
	globfree(&found);
}

/* The complaint of an opening that must fail, and it names the file. */
static void refuses(bool create, const char *file, const char *words)
{
	struct complaint why = { 0 };

	assert_null(keys_open(dir, create, &why));
	if (strstr(why.text, file) == NULL || strstr(why.text, words) == NULL)
		print_error("said: %s\n", why.text);
	assert_non_null(strstr(why.text, file));
	assert_non_null(strstr(why.text, words));
}

static void the_same_keys_come_back(void **state)
{
	struct keys *made = open_keys(true), *again = open_keys(true),
		    *read = open_keys(false);
	struct seal_key a, b;

	(void)state;
	assert_memory_equal(keys_receipt(made), keys_receipt(again), RECEIPT_KEY_BYTES);
	assert_memory_equal(keys_fingerprint(made)->bytes, keys_fingerprint(read)->bytes,
			    FINGERPRINT_KEY_BYTES);
	assert_memory_equal(keys_requests(made)->bytes, keys_requests(read)->bytes, SEAL_KEY_BYTES);
	assert_memory_equal(keys_courier(made)->bytes, keys_courier(read)->bytes, SEAL_KEY_BYTES);
	assert_memory_equal(keys_learning(made)->bytes, keys_learning(read)->bytes, SEAL_KEY_BYTES);
	assert_memory_not_equal(keys_learning(made)->bytes, keys_fingerprint(made)->bytes, SEAL_KEY_BYTES);
	assert_memory_equal(keys_identity_public(made), keys_identity_public(read), 32);
	assert_memory_equal(keys_promise_public(made), keys_promise_public(again), 32);
	assert_memory_equal(keys_log_secret(made), keys_log_secret(read), LEAF_KEY_BYTES);
	assert_memory_equal(keys_log_mask(made), keys_log_mask(again), LEAF_KEY_BYTES);
	assert_memory_not_equal(keys_log_mask(made), keys_log_secret(made), LEAF_KEY_BYTES);
	keys_sender_mark(made, clock_wall_ms(), &a);
	keys_sender_mark(again, clock_wall_ms(), &b);
	assert_memory_equal(a.bytes, b.bytes, SEAL_KEY_BYTES);
	assert_memory_not_equal(keys_requests(made)->bytes, keys_courier(made)->bytes, SEAL_KEY_BYTES);
	keys_free(made);
	keys_free(again);
	keys_free(read);
}

static void files_are_private_and_complete(void **state)
{
	struct keys *keys = open_keys(true);
	struct stat st;

	(void)state;
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(stat(path_in("receipt.key"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, 65);
	assert_int_equal(count_files("bureau-*.pub"), BUREAUS);
	assert_int_equal(count_files("bureau-*.key"), BUREAUS);
	assert_int_equal(count_files("sender-*.key"), 1);
	assert_int_equal(count_files("*"), 2 * BUREAUS + 12); /* and nothing left over beside them */
	keys_free(keys);
}

static void nothing_is_made_unasked(void **state)
{
	(void)state;
	refuses(false, dir, "");
	assert_int_equal(mkdir(dir, 0700), 0);
	refuses(false, "receipt.key", "tipctl key");
	assert_int_equal(count_files("*"), 0);
}

static void a_making_cut_short_is_completed(void **state)
{
	unsigned char before[32];
	struct keys *keys = open_keys(true);

	(void)state;
	memcpy(before, keys_identity_public(keys), 32);
	keys_free(keys);
	/* as after a power cut: the later files are not there yet */
	remove_peppers();
	assert_int_equal(unlink(path_in("identity.pub")), 0);
	assert_int_equal(unlink(path_in("bureau-820000.pub")), 0);
	assert_int_equal(unlink(path_in("bureau-650000.pub")), 0);
	assert_int_equal(unlink(path_in("bureau-650000.key")), 0);
	keys = open_keys(true);
	assert_memory_equal(before, keys_identity_public(keys), 32);
	assert_int_equal(count_files("*"), 2 * BUREAUS + 12);
	keys_free(keys);
}

static void a_lost_key_is_never_replaced(void **state)
{
	(void)state;
	keys_free(open_keys(true));
	assert_int_equal(unlink(path_in("receipt.key")), 0);
	refuses(true, "receipt.key", "copy");
	assert_int_equal(count_files("receipt.key"), 0);
}

static void open_files_are_refused(void **state)
{
	char elsewhere[160];

	(void)state;
	keys_free(open_keys(true));
	assert_int_equal(chmod(path_in("courier.key"), 0640), 0);
	refuses(true, "courier.key", "chmod");
	assert_int_equal(chmod(path_in("courier.key"), 0600), 0);
	assert_int_equal(chmod(dir, 0755), 0);
	refuses(true, dir, "chmod");
	assert_int_equal(chmod(dir, 0700), 0);
	snprintf(elsewhere, sizeof(elsewhere), "%s", path_in("elsewhere"));
	assert_int_equal(rename(path_in("courier.key"), elsewhere), 0);
	assert_int_equal(symlink("elsewhere", path_in("courier.key")), 0);
	refuses(true, "courier.key", "symbolic link");
}

static void files_of_others_are_refused(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	keys_free(open_keys(true));
	assert_int_equal(chown(path_in("promise.key"), 12345, 12345), 0);
	refuses(true, "promise.key", "12345");
}

static void overwrite(const char *name, const char *text)
{
	FILE *file = fopen(path_in(name), "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void damaged_files_are_refused(void **state)
{
	(void)state;
	keys_free(open_keys(true));
	overwrite("requests.key", "not hex\n");
	refuses(true, "requests.key", "hex digits");
	overwrite("requests.key", "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n");
	overwrite("bureau-150000.pub", "0000000000000000000000000000000000000000000000000000000000000000\n");
	refuses(true, "bureau-150000.pub", "no usable public key");
}

static void the_nearest_ancestor_answers(void **state)
{
	static const char *const cases[][2] = {
		{ "150602", "150000" }, { "150000", "150000" }, { "829999", "820000" },
		{ "000000", "000000" }, { "990000", "000000" }, { "", "000000" },
		{ "1506", "000000" },   { "15x602", "000000" },
	};
	struct keys *keys = open_keys(true);
	char code[7], from[160];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		keys_bureau_of(keys, span_of(cases[i][0]), code);
		assert_string_equal(code, cases[i][1]);
	}
	keys_free(keys);
	/* a prefecture with keys of its own: files are all it takes */
	snprintf(from, sizeof(from), "%s", path_in("bureau-820000.pub"));
	assert_int_equal(link(from, path_in("bureau-150600.pub")), 0);
	keys = open_keys(false);
	keys_bureau_of(keys, SPAN("150602"), code);
	assert_string_equal(code, "150600");
	keys_bureau_of(keys, SPAN("150702"), code);
	assert_string_equal(code, "150000");
	keys_free(keys);
}

static void a_data_key_serves_ten_minutes(void **state)
{
	struct keys *keys = open_keys(true);
	struct data_key first, later, elsewhere;
	struct span sealed;
	int64_t start = NOW / KEYS_PERIOD_MS * KEYS_PERIOD_MS;

	(void)state;
	first = *keys_data_key(keys, SPAN("150602"), start, &sealed);
	assert_true(sealed.len > 0);
	later = *keys_data_key(keys, SPAN("150702"), start + KEYS_PERIOD_MS - 1, &sealed);
	assert_memory_equal(&first, &later, sizeof(first));
	elsewhere = *keys_data_key(keys, SPAN("110105"), start, &sealed);
	assert_memory_not_equal(first.key.bytes, elsewhere.key.bytes, SEAL_KEY_BYTES);
	later = *keys_data_key(keys, SPAN("150602"), start + KEYS_PERIOD_MS, &sealed);
	assert_memory_not_equal(first.key.bytes, later.key.bytes, SEAL_KEY_BYTES);
	assert_memory_not_equal(first.id, later.id, sizeof(first.id));
	keys_free(keys);
}

/* After its ten minutes a data key is in no memory of the process, and what it sealed stays shut here. */
static void what_is_over_is_forgotten(void **state)
{
	struct keys *keys = open_keys(true);
	int64_t start = NOW / KEYS_PERIOD_MS * KEYS_PERIOD_MS;
	static const unsigned char nothing[sizeof(struct data_key)];
	struct span sealed;
	const struct data_key *here = keys_data_key(keys, SPAN("150602"), start, &sealed);
	const struct identity_box *box = keys_identity_box(keys, start);
	struct data_key first = *here;

	(void)state;
	keys_forget(keys, start + KEYS_PERIOD_MS - 1);
	assert_memory_equal(here, &first, sizeof(first));
	keys_forget(keys, start + KEYS_PERIOD_MS);
	assert_memory_equal(here, nothing, sizeof(nothing));
	assert_memory_equal(box->key.bytes, nothing, SEAL_KEY_BYTES);
	here = keys_data_key(keys, SPAN("150602"), start, &sealed); /* a tip that comes late gets another one */
	assert_true(sealed.len > 0);
	assert_memory_not_equal(here->key.bytes, first.key.bytes, SEAL_KEY_BYTES);
	keys_free(keys);
}

/* It does not even look at private keys: none of them can be read, or is there. */
static void private_keys_are_not_looked_at(void **state)
{
	(void)state;
	keys_free(open_keys(true));
	assert_int_equal(chmod(path_in("bureau-150000.key"), 0644), 0);
	assert_int_equal(unlink(path_in("bureau-110000.key")), 0);
	assert_int_equal(unlink(path_in("identity-share-1.key")), 0);
	keys_free(open_keys(false));
}

static void two_shares_open_an_identity(void **state)
{
	struct keys *keys = open_keys(true);
	struct tip_id id = { "15-7K3MQ2X9RD" };
	unsigned char one[32], two[32];
	struct complaint why;
	struct key_dir files;
	struct buf sealed = { 0 };
	struct arena arena = { 0 };
	struct span contact, sender;
	const struct identity_box *box = keys_identity_box(keys, NOW);
	unsigned char first[SEAL_BOX_BYTES];

	(void)state;
	memcpy(first, box->sealed, sizeof(first));
	seal_identity(&id, box, SPAN("contact"), SPAN("+8613800138000"), &sealed);
	assert_memory_equal(keys_identity_box(keys, NOW + 1)->sealed, first, sizeof(first));
	assert_memory_not_equal(keys_identity_box(keys, NOW + KEYS_PERIOD_MS)->sealed, first, sizeof(first));

	assert_true(key_dir_open(&files, dir, false, &why));
	assert_int_equal(key_file_read(&files, "identity-share-1.key", one, &why), KEY_READ);
	assert_int_equal(key_file_read(&files, "identity-share-2.key", two, &why), KEY_READ);
	assert_false(seal_open_identity(&id, buf_span(&sealed), keys_identity_public(keys), one, &arena,
					&contact, &sender));
	for (size_t i = 0; i < 32; i++)
		one[i] ^= two[i];
	assert_true(seal_open_identity(&id, buf_span(&sealed), keys_identity_public(keys), one, &arena,
				       &contact, &sender));
	assert_true(span_is(sender, "+8613800138000"));
	key_dir_close(&files);
	buf_release(&sealed);
	arena_release(&arena);
	keys_free(keys);
}

static void sender_keys_change_by_epoch(void **state)
{
	struct keys *keys = open_keys(true);
	struct seal_key a, b, c;
	int64_t now = clock_wall_ms() / KEYS_EPOCH_MS * KEYS_EPOCH_MS;

	(void)state;
	keys_sender_mark(keys, now, &a);
	keys_sender_mark(keys, now + KEYS_EPOCH_MS - 1, &b);
	keys_sender_mark(keys, now + KEYS_EPOCH_MS, &c);
	assert_memory_equal(a.bytes, b.bytes, SEAL_KEY_BYTES);
	assert_memory_not_equal(a.bytes, c.bytes, SEAL_KEY_BYTES);
	keys_sender_mark(keys, now - 1, &b);
	assert_memory_not_equal(a.bytes, b.bytes, SEAL_KEY_BYTES);
	keys_free(keys);
}

/* Old peppers are destroyed, and what follows from them stays the same. */
static void old_peppers_are_destroyed(void **state)
{
	struct keys *keys = open_keys(true);
	int64_t epoch = clock_wall_ms() / KEYS_EPOCH_MS;
	char now[64], old[160];
	struct seal_key before, after;

	(void)state;
	snprintf(now, sizeof(now), "sender-%04lld.key", (long long)epoch - 1);
	snprintf(old, sizeof(old), "%s/sender-%04lld.key", dir, (long long)epoch - 5);
	keys_free(keys);
	assert_int_equal(rename(path_in(now), old), 0); /* as if the daemon had slept for months */
	keys = open_keys(false);
	keys_sender_mark(keys, clock_wall_ms(), &before);
	keys_free(keys);
	assert_int_equal(access(old, F_OK), 0);
	keys = open_keys(true);
	keys_sender_mark(keys, clock_wall_ms(), &after);
	keys_free(keys);
	assert_memory_equal(before.bytes, after.bytes, SEAL_KEY_BYTES);
	assert_int_not_equal(access(old, F_OK), 0);
	assert_int_equal(count_files("sender-*.key"), 1);
	assert_int_equal(count_files(now), 1);
}

static void promises_are_signed(void **state)
{
	struct keys *keys = open_keys(true);
	unsigned char signature[64];

	(void)state;
	keys_sign_promise(keys, SPAN("bytes"), signature);
	assert_int_equal(crypto_sign_verify_detached(signature, (const unsigned char *)"bytes", 5,
						     keys_promise_public(keys)),
			 0);
	keys_free(keys);
}

static void checkpoints_are_signed(void **state)
{
	struct keys *keys = open_keys(true);
	struct note_signer signer;
	struct note_key key;
	struct note note;
	struct buf text = { 0 };
	char written[NOTE_KEY_TEXT_MAX];

	(void)state;
	keys_log_signer(keys, SPAN("tips.example/15"), &signer);
	assert_true(note_key_parse(note_key_write(&signer.key, written), &key));
	assert_true(span_is(note_key_name(&key), "tips.example/15"));
	buf_add_span(&text, SPAN("a text\n\n"));
	note_sign(&signer, SPAN("a text\n"), 0, &text);
	assert_true(note_parse(buf_span(&text), &note));
	assert_int_equal(note_check(&note, &key, NULL), NOTE_SIGNED);
	note_signer_release(&signer);
	buf_release(&text);
	keys_free(keys);
}

/* Midnight between Wednesday and Thursday on a clock eight hours ahead, as 1970 began. */
static void each_week_has_a_log_key(void **state)
{
	const int64_t week = 7 * 86400000LL, start = 2900 * week - 8 * 3600000LL;
	struct keys *keys = open_keys(true);
	unsigned char before[LEAF_KEY_BYTES], first[LEAF_KEY_BYTES], last[LEAF_KEY_BYTES];

	(void)state;
	keys_log_week(keys, start - 1, before);
	keys_log_week(keys, start, first);
	keys_log_week(keys, start + week - 1, last);
	assert_memory_equal(first, last, sizeof(first));
	assert_memory_not_equal(before, first, sizeof(first));
	keys_log_week(keys, start - week, first);
	assert_memory_equal(before, first, sizeof(first));
	assert_memory_not_equal(first, keys_log_secret(keys), sizeof(first));
	keys_free(keys);
}

/* As a version without the sealed log left it. */
static void make_earlier_directory(void)
{
	keys_free(open_keys(true));
	assert_int_equal(unlink(path_in("log.key")), 0);
	assert_int_equal(unlink(path_in("leaf.key")), 0);
}

static void an_earlier_directory_gets_the_keys_of_the_log(void **state)
{
	unsigned char secret[LEAF_KEY_BYTES], receipt[RECEIPT_KEY_BYTES];
	struct keys *keys;

	(void)state;
	make_earlier_directory();
	refuses(false, "log.key", "tipctl key");
	assert_int_equal(count_files("l*"), 0);
	keys = open_keys(true);
	memcpy(secret, keys_log_secret(keys), sizeof(secret));
	memcpy(receipt, keys_receipt(keys), sizeof(receipt));
	keys_free(keys);
	assert_int_equal(count_files("*"), 2 * BUREAUS + 12);
	keys = open_keys(true);
	assert_memory_equal(secret, keys_log_secret(keys), sizeof(secret));
	assert_memory_equal(receipt, keys_receipt(keys), sizeof(receipt));
	keys_free(keys);
}

/* A power cut after each of the files: what is there is used, and none is taken for lost. */
static void adding_them_cut_short_is_completed(void **state)
{
	unsigned char secret[LEAF_KEY_BYTES];
	char old[160];
	struct keys *keys;

	(void)state;
	keys = open_keys(true);
	memcpy(secret, keys_log_secret(keys), sizeof(secret));
	keys_free(keys);
	snprintf(old, sizeof(old), "%s/leaf.key", dir);
	assert_int_equal(rename(old, path_in("leaf-new.key")), 0); /* all but the last step */
	refuses(false, "leaf.key", "tipctl key");
	keys = open_keys(true);
	assert_memory_equal(secret, keys_log_secret(keys), sizeof(secret));
	keys_free(keys);
	assert_int_equal(rename(old, path_in("leaf-new.key")), 0);
	assert_int_equal(unlink(path_in("log.key")), 0); /* the first file alone */
	keys = open_keys(true);
	assert_memory_not_equal(secret, keys_log_secret(keys), sizeof(secret));
	keys_free(keys);
	assert_int_equal(count_files("*"), 2 * BUREAUS + 12);
}

static void a_lost_key_of_the_log_is_never_replaced(void **state)
{
	static const char *const names[] = { "log.key", "leaf.key" };
	char away[160];

	(void)state;
	keys_free(open_keys(true));
	for (size_t i = 0; i < 2; i++) {
		snprintf(away, sizeof(away), "%s/away", place);
		assert_int_equal(rename(path_in(names[i]), away), 0);
		refuses(true, names[i], "copy");
		refuses(false, names[i], "copy");
		assert_int_equal(count_files(names[i]), 0);
		assert_int_equal(rename(away, path_in(names[i])), 0);
	}
}

/* Its keys of before stay; where nothing may be made, as at the intake, there is none and nothing is missing. */
static void the_key_of_staff_comes_to_who_may_make_it(void **state)
{
	unsigned char receipt[RECEIPT_KEY_BYTES], staff[SEAL_KEY_BYTES];
	struct keys *keys = open_keys(true);

	(void)state;
	memcpy(receipt, keys_receipt(keys), sizeof(receipt));
	assert_memory_not_equal(keys_staff(keys)->bytes, keys_courier(keys)->bytes, SEAL_KEY_BYTES);
	keys_free(keys);
	assert_int_equal(unlink(path_in("staff.key")), 0);
	keys = open_keys(false);
	assert_null(keys_staff(keys));
	assert_int_equal(count_files("staff.key"), 0);
	keys_free(keys);
	keys = open_keys(true);
	memcpy(staff, keys_staff(keys)->bytes, sizeof(staff));
	assert_memory_equal(receipt, keys_receipt(keys), sizeof(receipt));
	keys_free(keys);
	keys = open_keys(false);
	assert_memory_equal(staff, keys_staff(keys)->bytes, sizeof(staff));
	keys_free(keys);
	assert_int_equal(chmod(path_in("staff.key"), 0644), 0);
	refuses(true, "staff.key", "chmod");
}

/* In a child that may lock nothing: the keyring is there all the same, and it is known that it is not locked. */
static int without_locked_memory(void)
{
	const struct rlimit none = { .rlim_cur = 0 };
	struct keyring *ring;

	if (setrlimit(RLIMIT_MEMLOCK, &none) != 0 || (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0))
		return 2;
	ring = keyring_new();
	return keyring_count(ring) == 0 && keys_memory_unlocked() > 0 ? 0 : 1;
}

static void memory_that_cannot_be_locked_is_told(void **state)
{
	struct rlimit limit;
	int status;
	pid_t child;

	(void)state;
	if (!sandbox_possible())
		skip();   /* a sanitizer stands before mlock() and says yes to all */
	assert_int_equal(getrlimit(RLIMIT_MEMLOCK, &limit), 0);
	keys_free(open_keys(true));
	if (geteuid() == 0 || limit.rlim_cur >= ((rlim_t)1 << 20))
		assert_int_equal(keys_memory_unlocked(), 0);
	child = fork();
	if (child == 0)
		_exit(without_locked_memory());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

#define KEYS_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		KEYS_TEST(the_same_keys_come_back),
		KEYS_TEST(files_are_private_and_complete),
		KEYS_TEST(nothing_is_made_unasked),
		KEYS_TEST(a_making_cut_short_is_completed),
		KEYS_TEST(a_lost_key_is_never_replaced),
		KEYS_TEST(open_files_are_refused),
		KEYS_TEST(files_of_others_are_refused),
		KEYS_TEST(damaged_files_are_refused),
		KEYS_TEST(the_nearest_ancestor_answers),
		KEYS_TEST(a_data_key_serves_ten_minutes),
		KEYS_TEST(what_is_over_is_forgotten),
		KEYS_TEST(private_keys_are_not_looked_at),
		KEYS_TEST(two_shares_open_an_identity),
		KEYS_TEST(sender_keys_change_by_epoch),
		KEYS_TEST(old_peppers_are_destroyed),
		KEYS_TEST(promises_are_signed),
		KEYS_TEST(checkpoints_are_signed),
		KEYS_TEST(each_week_has_a_log_key),
		KEYS_TEST(an_earlier_directory_gets_the_keys_of_the_log),
		KEYS_TEST(adding_them_cut_short_is_completed),
		KEYS_TEST(a_lost_key_of_the_log_is_never_replaced),
		KEYS_TEST(the_key_of_staff_comes_to_who_may_make_it),
		KEYS_TEST(memory_that_cannot_be_locked_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
