/*
 * The heads on disk: kept over a restart, held by one process, and never
 * taken for empty when they cannot be read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/tlog/keys.h"

#include "daemon/sys/files.h"
#include "daemon/witness/heads.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct world {
	char dir[64];
	struct arena arena;
	const struct quorum *known;
};

static int set_up(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	struct note_signer log = keys_log(1), again = keys_log(2), other = keys_make("other/log", NOTE_ED25519, 3);
	struct buf file = { 0 };
	struct complaint why;

	snprintf(world->dir, sizeof(world->dir), "/tmp/tipline-heads-XXXXXX");
	if (mkdtemp(world->dir) == NULL)
		return -1;
	keys_line(&file, "log", &log.key);
	keys_line(&file, "log", &again.key);
	keys_line(&file, "log", &other.key);
	buf_add_text(&file, "quorum none\n");
	world->known = quorum_parse(buf_span(&file), &world->arena, &why);
	buf_release(&file);
	*state = world;
	return world->known != NULL ? 0 : -1;
}

/* Calls for every file but the lock; returns how many. */
static size_t each_file(const struct world *world, void (*call)(const char *path))
{
	DIR *dir = opendir(world->dir);
	struct dirent *entry;
	char path[512];
	size_t n = 0;

	if (dir == NULL)
		return 0;
	while ((entry = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", world->dir, entry->d_name);
		if (strstr(entry->d_name, ".head") == NULL)
			continue;
		call(path);
		n++;
	}
	closedir(dir);
	return n;
}

static void delete(const char *path)
{
	assert_int_equal(unlink(path), 0);
}

static int take_down(void **state)
{
	struct world *world = *state;
	char lock[128];

	each_file(world, delete);
	snprintf(lock, sizeof(lock), "%s/lock", world->dir);
	unlink(lock);
	rmdir(world->dir);
	arena_release(&world->arena);
	free(world);
	return 0;
}

static struct heads *open_heads(const struct world *world)
{
	struct complaint why = { .text = "" };
	struct heads *heads = heads_open(world->dir, world->known, &why);

	if (heads == NULL)
		fail_msg("%s", why.text);
	return heads;
}

static void heads_are_kept(void **state)
{
	struct world *world = *state;
	struct tree_head head = { .size = 7, .root = merkle_leaf(SPAN("x")) };
	struct heads *heads = open_heads(world);
	struct complaint why;

	assert_int_equal(heads_find(heads, SPAN(KEYS_ORIGIN))->size, 0);
	assert_true(heads_save(heads, SPAN(KEYS_ORIGIN), &head, &why));
	assert_int_equal(heads_find(heads, SPAN(KEYS_ORIGIN))->size, 7);
	assert_int_equal(heads_find(heads, SPAN("other/log"))->size, 0);
	head.size = 9;
	assert_true(heads_save(heads, SPAN(KEYS_ORIGIN), &head, &why));
	heads_close(heads);
	heads = open_heads(world);
	assert_memory_equal(heads_find(heads, SPAN(KEYS_ORIGIN)), &head, sizeof(head));
	assert_int_equal(heads_find(heads, SPAN("other/log"))->size, 0);
	heads_close(heads);
}

static void one_process_holds_them(void **state)
{
	struct world *world = *state;
	struct heads *heads = open_heads(world);
	struct complaint why = { .text = "" };

	assert_null(heads_open(world->dir, world->known, &why));
	assert_string_not_equal(why.text, "");
	heads_close(heads);
	heads_close(open_heads(world));
}

static void cut(const char *path)
{
	assert_int_equal(truncate(path, 20), 0);
}

static void clear(const char *path)
{
	assert_int_equal(truncate(path, 0), 0);
}

static void swap_log(const char *path)
{
	static const char text[] = "other\n9\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
	struct complaint why;

	assert_true(files_replace(path, SPAN(text), 0600, &why));
}

static void what_cannot_be_read_is_not_empty(void **state)
{
	struct world *world = *state;
	void (*const faults[])(const char *path) = { cut, clear, swap_log };
	struct tree_head head = { .size = 7 };
	struct complaint why;

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct heads *heads = open_heads(world);

		assert_true(heads_save(heads, SPAN(KEYS_ORIGIN), &head, &why));
		heads_close(heads);
		assert_int_equal(each_file(world, faults[i]), 1);
		why.text[0] = '\0';
		assert_null(heads_open(world->dir, world->known, &why));
		assert_string_not_equal(why.text, "");
		each_file(world, delete);
	}
}

static void what_was_not_saved_is_not_the_newest(void **state)
{
	struct world *world = *state;
	struct heads *heads = open_heads(world);
	struct tree_head head = { .size = 7 };
	struct complaint why = { .text = "" };
	char lock[128];

	snprintf(lock, sizeof(lock), "%s/lock", world->dir);
	unlink(lock);
	assert_int_equal(rmdir(world->dir), 0);
	assert_false(heads_save(heads, SPAN(KEYS_ORIGIN), &head, &why));
	assert_int_equal(heads_find(heads, SPAN(KEYS_ORIGIN))->size, 0);
	heads_close(heads);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(heads_are_kept, set_up, take_down),
		cmocka_unit_test_setup_teardown(one_process_holds_them, set_up, take_down),
		cmocka_unit_test_setup_teardown(what_cannot_be_read_is_not_empty, set_up, take_down),
		cmocka_unit_test_setup_teardown(what_was_not_saved_is_not_the_newest, set_up, take_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
