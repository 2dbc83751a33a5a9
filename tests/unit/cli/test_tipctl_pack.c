/*
 * Packs: what was put in comes out, as a directory and as a tar file; one that
 * is cut or changed is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/cli/tipctl_pack.h"

#include "daemon/sys/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char dir[64];

static int set_up(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/test-pack-XXXXXX");
	return mkdtemp(dir) == NULL;
}

static int tear_down(void **state)
{
	char command[96];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static void fill(struct pack *pack)
{
	char name[32];

	for (unsigned i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "15/proofs/%u", (i * 17) % 40);
		buf_printf(pack_file(pack, name), "%0*u", (int)(i * 31), i);
	}
	pack_sort(pack);
}

static void test_there_and_back(void **state)
{
	const char *const names[] = { "/p.tar", "/p" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct pack pack = { .n = 0 }, back = { .n = 0 };
		struct complaint why;
		char path[80];

		snprintf(path, sizeof(path), "%s%s", dir, names[i]);
		fill(&pack);
		assert_true(pack_write(&pack, path, &why));
		assert_true(pack_read(&back, path, &why));
		pack_sort(&back);
		assert_int_equal(back.n, 40);
		for (size_t k = 0; k < pack.n; k++) {
			assert_string_equal(pack.files[k].name, back.files[k].name);
			assert_true(span_eq(buf_span(&pack.files[k].bytes), buf_span(&back.files[k].bytes)));
		}
		assert_null(pack_find(&back, "15/proofs/40"));
		pack_release(&pack);
		pack_release(&back);
	}
}

static void test_what_is_no_tar_of_ours(void **state)
{
	struct pack pack = { .n = 0 };
	struct buf bytes = { 0 };
	struct complaint why;
	char path[80];

	(void)state;
	snprintf(path, sizeof(path), "%s/q.tar", dir);
	buf_add_text(pack_file(&pack, "a"), "text");
	assert_true(pack_write(&pack, path, &why));
	assert_true(files_read(path, 1 << 20, &bytes, &why));
	for (size_t at = 0; at < 512; at += 7) {
		struct pack back = { .n = 0 };

		bytes.at[at] ^= 1;
		assert_true(files_replace(path, buf_span(&bytes), 0600, &why));
		/* Of the sum itself some changes say the same number. */
		if (at < 148 || at > 155)
			assert_false(pack_read(&back, path, &why));
		bytes.at[at] ^= 1;
		pack_release(&back);
	}
	assert_true(files_replace(path, span_from(bytes.at, 514), 0600, &why));
	assert_false(pack_read(&pack, path, &why));
	pack_release(&pack);
	buf_release(&bytes);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_there_and_back),
						   cmocka_unit_test(test_what_is_no_tar_of_ours) };

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
