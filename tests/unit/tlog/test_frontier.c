/*
 * The frontier against the tree by definition, for all sizes up to 300, and
 * against the roots of the eight leaves that implementations of certificate
 * transparency test with.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/tlog/naive.h"

#include "daemon/base/hex.h"

#define SIZES 300

static void roots_of_the_rfc(void **state)
{
	static const struct span leaves[8] = {
		SPAN_INIT(""), SPAN_INIT("\0"), SPAN_INIT("\x10"), SPAN_INIT("\x20\x21"), SPAN_INIT("\x30\x31"),
		SPAN_INIT("\x40\x41\x42\x43"), SPAN_INIT("\x50\x51\x52\x53\x54\x55\x56\x57"),
		SPAN_INIT("\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"),
	};
	static const char *const roots[9] = {
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	};
	struct frontier frontier = { 0 };

	(void)state;
	for (size_t n = 0; n <= 8; n++) {
		struct merkle_hash root = frontier_root(&frontier), leaf, wanted;

		assert_true(hex_get(span_of(roots[n]), wanted.bytes, sizeof(wanted.bytes)));
		assert_memory_equal(&root, &wanted, sizeof(root));
		if (n == 8)
			break;
		leaf = merkle_leaf(leaves[n]);
		frontier_append(&frontier, &leaf);
	}
}

static void all_sizes_have_the_defined_root(void **state)
{
	struct naive *naive = naive_new();
	struct frontier frontier = { 0 };

	(void)state;
	for (size_t n = 0; n <= SIZES; n++) {
		struct merkle_hash root = frontier_root(&frontier), wanted = naive_hash(naive, 0, n);

		assert_int_equal(frontier.size, n);
		assert_memory_equal(&root, &wanted, sizeof(root));
		frontier_append(&frontier, &naive->hash[n][n + 1]);
	}
	free(naive);
}

static void bytes_come_back(void **state)
{
	struct frontier frontier = { 0 }, again;

	(void)state;
	for (size_t n = 0; n <= SIZES; n++) {
		struct merkle_hash leaf = merkle_leaf(span_from(&n, sizeof(n)));
		struct buf bytes = { 0 };

		frontier_write(&frontier, &bytes);
		assert_true(frontier_read(buf_span(&bytes), &again));
		assert_int_equal(again.size, frontier.size);
		assert_int_equal(again.n, frontier.n);
		assert_memory_equal(again.hashes, frontier.hashes, frontier.n * MERKLE_HASH_BYTES);
		assert_false(frontier_read(span_from(bytes.at, bytes.len - 1), &again));
		buf_add_byte(&bytes, 0);
		assert_false(frontier_read(buf_span(&bytes), &again));
		buf_release(&bytes);
		frontier_append(&frontier, &leaf);
	}
}

static void too_large_is_refused(void **state)
{
	unsigned char bytes[FRONTIER_BYTES_MAX] = { 0, 0, 1 };
	struct frontier frontier;

	(void)state;
	assert_true(frontier_read(span_from(bytes, 8 + 32), &frontier));
	assert_true(frontier.size == LOG_SIZE_MAX);
	bytes[7] = 1;
	assert_false(frontier_read(span_from(bytes, 8 + 64), &frontier));
	memset(bytes, 0, 3);
	memset(bytes + 3, 0xFF, 5);
	assert_true(frontier_read(span_from(bytes, sizeof(bytes)), &frontier));
	assert_int_equal(frontier.n, FRONTIER_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roots_of_the_rfc),
		cmocka_unit_test(all_sizes_have_the_defined_root),
		cmocka_unit_test(bytes_come_back),
		cmocka_unit_test(too_large_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
