/*
 * Compiled words as files: what is kept comes back, what is damaged does not, and few are kept.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/sys/word_cache.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
	char dir[64];
	struct word_cache *cache;
	const struct scan_keep *keep;
};

/* Calls for each file; returns how many there are. */
static size_t each_file(const struct place *place, void (*call)(const char *path))
{
	DIR *dir = opendir(place->dir);
	struct dirent *entry;
	char path[400];
	size_t n = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", place->dir, entry->d_name);
		n++;
		if (call != NULL)
			call(path);
	}
	closedir(dir);
	return n;
}

static void remove_one(const char *path)
{
	assert_int_equal(remove(path), 0);
}

static int set_up(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	struct complaint why;

	strcpy(place->dir, "/tmp/tipline-words-XXXXXX");
	*state = place;
	if (mkdtemp(place->dir) == NULL)
		return -1;
	place->cache = word_cache_open(place->dir, &why);
	place->keep = word_cache_keep(place->cache);
	return 0;
}

static int tear_down(void **state)
{
	struct place *place = *state;

	each_file(place, remove_one);
	rmdir(place->dir);
	word_cache_close(place->cache);
	free(place);
	return 0;
}

static void name_with(unsigned char number, unsigned char name[SCAN_NAME_BYTES])
{
	memset(name, 7, SCAN_NAME_BYTES);
	name[0] = number;
}

static bool comes_back(const struct place *place, unsigned char number, struct span expected)
{
	unsigned char name[SCAN_NAME_BYTES];
	struct buf got = { 0 };
	bool same;

	name_with(number, name);
	same = place->keep->get(place->keep->ctx, name, &got) && span_eq(span_from(got.at, got.len), expected);
	buf_release(&got);
	return same;
}

static void keep(const struct place *place, unsigned char number, struct span bytes)
{
	unsigned char name[SCAN_NAME_BYTES];

	name_with(number, name);
	place->keep->put(place->keep->ctx, name, bytes);
}

static void what_is_kept_comes_back(void **state)
{
	struct place *place = *state;

	assert_false(comes_back(place, 1, SPAN("compiled")));
	keep(place, 1, SPAN("compiled"));
	keep(place, 2, SPAN("other"));
	assert_true(comes_back(place, 1, SPAN("compiled")));
	assert_true(comes_back(place, 2, SPAN("other")));
}

static void flip_last_byte(const char *path)
{
	FILE *file = fopen(path, "r+");
	int last;

	assert_non_null(file);
	fseek(file, -1, SEEK_END);
	last = fgetc(file);
	fseek(file, -1, SEEK_END);
	fputc(last ^ 1, file);
	fclose(file);
}

static void cut_short(const char *path)
{
	assert_int_equal(truncate(path, 9), 0);
}

static void what_is_damaged_does_not(void **state)
{
	struct place *place = *state;

	keep(place, 1, SPAN("compiled"));
	each_file(place, flip_last_byte);
	assert_false(comes_back(place, 1, SPAN("compiled")));
	each_file(place, cut_short);
	assert_false(comes_back(place, 1, SPAN("compiled")));
	keep(place, 1, SPAN("compiled"));
	assert_true(comes_back(place, 1, SPAN("compiled")));
}

static void few_are_kept(void **state)
{
	struct place *place = *state;

	for (unsigned char i = 0; i < 3 * WORD_CACHE_FILES; i++)
		keep(place, i, SPAN("compiled"));
	assert_int_equal(each_file(place, NULL), WORD_CACHE_FILES);
	assert_true(comes_back(place, 3 * WORD_CACHE_FILES - 1, SPAN("compiled")));
}

static void a_place_for_all_is_refused(void **state)
{
	struct place *place = *state;
	struct complaint why;

	assert_int_equal(chmod(place->dir, 0777), 0);
	assert_null(word_cache_open(place->dir, &why));
	assert_non_null(strstr(why.text, place->dir));
}

/* A scanner made from what was kept finds the same words. */
static void a_kept_scanner_finds_the_same(void **state)
{
	struct place *place = *state;
	struct scan_set *set = scan_set_new();
	struct arena arena = { 0 };
	const char *why = NULL;
	size_t found[2];

	scan_set_add(set, SCAN_TERM, 1, SPAN("ab"));
	scan_set_add(set, SCAN_TERM, 2, SPAN("bc"));
	for (size_t i = 0; i < 2; i++) {
		struct scanner *scanner = scanner_new_kept(set, place->keep, &why);
		struct scan_scratch *scratch = scan_scratch_new(scanner);
		struct scan_hits hits;

		scan(scanner, scratch, SPAN("abc abc"), &arena, &hits);
		found[i] = hits.n;
		scan_scratch_free(scratch);
		scanner_free(scanner);
		assert_int_equal(each_file(place, NULL), 1);
	}
	assert_int_equal(found[0], 4);
	assert_int_equal(found[1], 4);
	scan_set_free(set);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_kept_comes_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_damaged_does_not, set_up, tear_down),
		cmocka_unit_test_setup_teardown(few_are_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_place_for_all_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_kept_scanner_finds_the_same, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
