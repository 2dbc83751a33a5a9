/*
 * Entry bundles: what goes in comes out, and what is cut is found.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/tlog/bundle.h"

static void entries_come_back(void **state)
{
	static const char big[BUNDLE_ENTRY_MAX] = { 1 };
	struct buf bundle = { 0 };
	struct span rest, entry;

	(void)state;
	bundle_add(&bundle, SPAN("abc"));
	bundle_add(&bundle, SPAN(""));
	bundle_add(&bundle, span_from(big, sizeof(big)));
	assert_memory_equal(bundle.at, "\0\3abc\0\0\xFF\xFF\1", 10);
	rest = buf_span(&bundle);
	assert_int_equal(bundle_next(&rest, &entry), BUNDLE_ENTRY);
	assert_true(span_is(entry, "abc"));
	assert_int_equal(bundle_next(&rest, &entry), BUNDLE_ENTRY);
	assert_int_equal(entry.len, 0);
	assert_int_equal(bundle_next(&rest, &entry), BUNDLE_ENTRY);
	assert_int_equal(entry.len, BUNDLE_ENTRY_MAX);
	assert_int_equal(bundle_next(&rest, &entry), BUNDLE_END);
	buf_release(&bundle);
}

static void cut_ones_are_broken(void **state)
{
	struct span entry;

	(void)state;
	for (size_t len = 1; len < 5; len++) {
		struct span rest = span_from("\0\3abc", len);

		assert_int_equal(bundle_next(&rest, &entry), BUNDLE_BROKEN);
		assert_int_equal(rest.len, len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_come_back),
		cmocka_unit_test(cut_ones_are_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
