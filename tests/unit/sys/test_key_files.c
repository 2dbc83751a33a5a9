/*
 * Key files: written whole, read back, told apart. What keys.c does with them
 * is in test_keys.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/sys/key_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char place[64];

static int set_up(void **state)
{
	(void)state;
	snprintf(place, sizeof(place), "/tmp/test-key-files-XXXXXX");
	return mkdtemp(place) == NULL;
}

static int tear_down(void **state)
{
	char command[96];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", place);
	unsetenv("CREDENTIALS_DIRECTORY");
	return system(command);
}

static struct key_dir open_dir(bool write)
{
	struct complaint why = { 0 };
	struct key_dir dir;

	assert_true(key_dir_open(&dir, place, write, &why));
	return dir;
}

static void a_key_comes_back(void **state)
{
	unsigned char key[KEY_FILE_BYTES] = { 1, 2, 0xff }, back[KEY_FILE_BYTES];
	struct key_dir dir = open_dir(true);
	struct complaint why;

	(void)state;
	assert_int_equal(key_file_read(&dir, "a.key", back, &why), KEY_ABSENT);
	assert_true(key_file_write(&dir, "a.key", key, &why));
	assert_int_equal(key_file_read(&dir, "a.key", back, &why), KEY_READ);
	assert_memory_equal(key, back, sizeof(key));
	assert_true(key_file_destroy(&dir, "a.key", &why));
	assert_int_equal(key_file_read(&dir, "a.key", back, &why), KEY_ABSENT);
	assert_false(key_file_destroy(&dir, "a.key", &why));
	key_dir_close(&dir);
}

static void write_text(const char *name, const char *text, mode_t mode)
{
	char path[96];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", place, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	chmod(path, mode);
}

#define HEX "00112233445566778899aabbccddeeff00112233445566778899aabbccddee"

static void only_whole_keys_are_read(void **state)
{
	static const struct {
		const char *text;
		enum key_read read;
	} cases[] = {
		{ HEX "ff\n", KEY_READ },      { HEX "FF", KEY_READ },      { HEX "ff\r\n", KEY_READ },
		{ HEX "f\n", KEY_REFUSED },    { HEX "fg\n", KEY_REFUSED }, { HEX "ffff\n", KEY_REFUSED },
		{ HEX "ff\n00", KEY_REFUSED }, { "", KEY_REFUSED },         { " " HEX "ff", KEY_REFUSED },
	};
	struct key_dir dir = open_dir(false);
	unsigned char key[KEY_FILE_BYTES];
	struct complaint why;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		write_text("b.key", cases[i].text, 0600);
		assert_int_equal(key_file_read(&dir, "b.key", key, &why), cases[i].read);
	}
	key_dir_close(&dir);
}

/* The service manager gives credentials to the service alone, often owned by root with an ACL. */
static void credentials_are_taken_as_passed(void **state)
{
	unsigned char key[KEY_FILE_BYTES];
	struct complaint why;
	struct key_dir dir;

	(void)state;
	write_text("c.key", HEX "ff\n", 0440);
	dir = open_dir(false);
	assert_int_equal(key_file_read(&dir, "c.key", key, &why), KEY_REFUSED);
	key_dir_close(&dir);
	setenv("CREDENTIALS_DIRECTORY", place, 1);
	dir = open_dir(true);
	assert_int_equal(key_file_read(&dir, "c.key", key, &why), KEY_READ);
	assert_int_equal(dir.lock, -1); /* never written */
	key_dir_close(&dir);
}

static bool note(void *ctx, const char *name)
{
	char *seen = ctx;

	strcat(seen, name);
	strcat(seen, " ");
	return strcmp(name, "c.pub") != 0;
}

static void names_come_in_order(void **state)
{
	struct key_dir dir = open_dir(false);
	struct complaint why;
	char seen[200] = "";

	(void)state;
	write_text("b.key", "", 0600);
	write_text("a.pub", "", 0600);
	write_text("a.key.new-x", "", 0600);
	write_text(".key", "", 0600);
	assert_true(key_dir_each(&dir, note, seen, &why));
	assert_string_equal(seen, "a.pub b.key ");
	write_text("c.pub", "", 0600);
	write_text("d.pub", "", 0600);
	seen[0] = '\0';
	assert_false(key_dir_each(&dir, note, seen, &why));
	assert_string_equal(seen, "a.pub b.key c.pub ");
	key_dir_close(&dir);
}

static void kinds_are_known_by_name(void **state)
{
	(void)state;
	assert_non_null(key_file_kind("receipt.key"));
	assert_non_null(key_file_kind("bureau-150000.pub"));
	assert_non_null(key_file_kind("sender-0691.key"));
	assert_non_null(key_file_kind("log.key"));
	assert_non_null(key_file_kind("leaf.key"));
	assert_non_null(key_file_kind("staff.key"));
	assert_null(key_file_kind("bureau-15000.pub"));
	assert_null(key_file_kind("bureau-1500000.pub"));
	assert_null(key_file_kind("other.key"));
}

#define FILE_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FILE_TEST(a_key_comes_back),
		FILE_TEST(only_whole_keys_are_read),
		FILE_TEST(credentials_are_taken_as_passed),
		FILE_TEST(names_come_in_order),
		FILE_TEST(kinds_are_known_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
