/*
 * Rule files: the program's own, or those of a directory, in the order of their names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/sys/rule_files.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
	char dir[64];
	struct rule_files files;
	struct complaint why;
};

static int set_up(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	strcpy(place->dir, "/tmp/tipline-rules-XXXXXX");
	*state = place;
	return mkdtemp(place->dir) != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
	struct place *place = *state;
	DIR *dir = opendir(place->dir);
	struct dirent *entry;
	char path[400];

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", place->dir, entry->d_name);
		remove(path);
	}
	if (dir != NULL)
		closedir(dir);
	rmdir(place->dir);
	rule_files_release(&place->files);
	free(place);
	return 0;
}

static void put(const struct place *place, const char *name, const char *text)
{
	char path[200];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", place->dir, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static struct config config_of(const char *rules, const char *campaigns)
{
	struct config config = { 0 };

	config.rules.dir = rules;
	config.campaigns.dir = campaigns;
	return config;
}

static void our_own_when_nothing_is_named(void **state)
{
	struct place *place = *state;
	struct config config = config_of("", "");

	assert_true(rule_files_read(&place->files, &config, &place->why));
	assert_true(place->files.n >= 5);
	for (size_t i = 0; i < place->files.n; i++)
		assert_memory_equal(place->files.at[i].name, "config/rules/", 13);
}

static void a_directory_is_read_by_name(void **state)
{
	struct place *place = *state;
	struct config config = config_of(place->dir, "");

	put(place, "b.yaml", "two");
	put(place, "Z.yaml", "zero");
	put(place, "a.yaml", "one");
	put(place, ".hidden.yaml", "x");
	put(place, "a.yaml.example", "x");
	put(place, "README.md", "x");
	put(place, ".yaml", "x");
	assert_true(rule_files_read(&place->files, &config, &place->why));
	assert_int_equal(place->files.n, 3);
	assert_true(span_is(place->files.at[0].yaml, "zero"));
	assert_true(span_is(place->files.at[1].yaml, "one"));
	assert_true(span_is(place->files.at[2].yaml, "two"));
	assert_non_null(strstr(place->files.at[1].name, "/a.yaml"));
}

static void campaigns_come_behind_the_rules(void **state)
{
	struct place *place = *state;
	struct config config = config_of("", place->dir);
	size_t own;

	assert_true(rule_files_read(&place->files, &config, &place->why));
	own = place->files.n;
	rule_files_release(&place->files);
	put(place, "van.yaml", "campaigns:");
	assert_true(rule_files_read(&place->files, &config, &place->why));
	assert_int_equal(place->files.n, own + 1);
	assert_true(span_is(place->files.at[own].yaml, "campaigns:"));
}

static void wrong_places_are_named(void **state)
{
	struct place *place = *state;
	struct config empty = config_of(place->dir, ""), missing = config_of("", "/nowhere/at/all");
	char folder[100];

	assert_false(rule_files_read(&place->files, &empty, &place->why));
	assert_non_null(strstr(place->why.text, place->dir));
	rule_files_release(&place->files);
	assert_false(rule_files_read(&place->files, &missing, &place->why));
	assert_non_null(strstr(place->why.text, "/nowhere/at/all"));
	rule_files_release(&place->files);
	snprintf(folder, sizeof(folder), "%s/d.yaml", place->dir);
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_false(rule_files_read(&place->files, &empty, &place->why));
	assert_non_null(strstr(place->why.text, "d.yaml"));
}

static void too_many_are_refused(void **state)
{
	struct place *place = *state;
	struct config config = config_of(place->dir, "");
	char name[32];

	for (int i = 0; i <= RULE_FILES_MAX; i++) {
		snprintf(name, sizeof(name), "%03d.yaml", i);
		put(place, name, "x");
	}
	assert_false(rule_files_read(&place->files, &config, &place->why));
	assert_non_null(strstr(place->why.text, "128.yaml: more than 128"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(our_own_when_nothing_is_named),
		TEST(a_directory_is_read_by_name),
		TEST(campaigns_come_behind_the_rules),
		TEST(wrong_places_are_named),
		TEST(too_many_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
