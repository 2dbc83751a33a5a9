/*
 * Names of key files: which came, which went.
 */
#include "daemon/sys/key_names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char dir[64];
static char told[256];

static void hear(void *ctx, const char *name, bool came)
{
	(void)ctx;
	snprintf(told + strlen(told), sizeof(told) - strlen(told), "%s%s ", came ? "+" : "-", name);
}

static void put(const char *name)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fclose(f);
}

static void drop(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(unlink(path), 0);
}

static const char *compared(struct key_names *before, struct key_names *now)
{
	told[0] = '\0';
	key_names_read(now, dir);
	key_names_compare(before, now, hear, NULL);
	return told;
}

static void names_come_and_go(void **state)
{
	struct key_names before = { .n = 0 }, now = { .n = 0 };

	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/tipline-names-XXXXXX");
	assert_non_null(mkdtemp(dir));
	put("b.key");
	put("d.pub");
	put("notes.txt");
	assert_string_equal(compared(&before, &now), "+b.key +d.pub ");
	key_names_read(&before, dir);
	assert_string_equal(compared(&before, &now), "");
	put("a.key");
	put("c.key");
	drop("d.pub");
	assert_string_equal(compared(&before, &now), "+a.key +c.key -d.pub ");
	drop("a.key");
	drop("b.key");
	drop("c.key");
	drop("notes.txt");
	assert_int_equal(rmdir(dir), 0);
	assert_string_equal(compared(&before, &now), "-b.key -d.pub ");
	key_names_release(&before);
	key_names_release(&now);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_come_and_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
