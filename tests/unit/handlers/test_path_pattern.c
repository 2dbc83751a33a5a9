/*
 * Patterns of paths: one segment each, the rest at the end, nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "handlers/endpoint.h"

static void assert_takes(const char *pattern, const char *path, const char *first, const char *second)
{
	struct span param[PATH_PARAMS_MAX] = { 0 };

	if (!path_matches(pattern, span_of(path), param))
		fail_msg("%s is not %s", path, pattern);
	if (!span_eq(param[0], span_of(first)) || !span_eq(param[1], span_of(second)))
		fail_msg("%s of %s: %.*s and %.*s", path, pattern, (int)param[0].len, param[0].at, (int)param[1].len,
			 param[1].at);
}

static void assert_refuses(const char *pattern, const char *path)
{
	struct span param[PATH_PARAMS_MAX];

	if (path_matches(pattern, span_of(path), param))
		fail_msg("%s is taken for %s", path, pattern);
}

static void a_fixed_path_is_itself(void **state)
{
	(void)state;
	assert_takes("/", "/", NULL, NULL);
	assert_takes("/api/v1/tips", "/api/v1/tips", NULL, NULL);
	assert_refuses("/", "/x");
	assert_refuses("/tips", "/tips/");
	assert_refuses("/tips", "/tip");
	assert_refuses("/tips/", "/tips");
}

static void a_parameter_is_one_segment(void **state)
{
	(void)state;
	assert_takes("/tips/{id}", "/tips/15A", "15A", NULL);
	assert_takes("/tips/{id}/{action}", "/tips/15A/claim", "15A", "claim");
	assert_takes("/tips/{id}/claim", "/tips/15A/claim", "15A", NULL);
	assert_refuses("/tips/{id}", "/tips/");
	assert_refuses("/tips/{id}", "/tips");
	assert_refuses("/tips/{id}", "/tips/15A/");
	assert_refuses("/tips/{id}", "/tips/15A/claim");
	assert_refuses("/tips/{id}/{action}", "/tips//claim");
}

static void the_rest_is_one_segment_or_more(void **state)
{
	(void)state;
	assert_takes("/log/{log}/tile/{rest...}", "/log/15/tile/0/000", "15", "0/000");
	assert_takes("/log/{log}/tile/{rest...}", "/log/15/tile/0/x001/x234/067.p/8", "15", "0/x001/x234/067.p/8");
	assert_takes("/log/{log}/tile/{rest...}", "/log/15/tile/key", "15", "key");
	assert_takes("/{rest...}", "/a/b", "a/b", NULL);
	assert_refuses("/log/{log}/tile/{rest...}", "/log/15/tile");
	assert_refuses("/log/{log}/tile/{rest...}", "/log/15/tile/");
	assert_refuses("/log/{log}/tile/{rest...}", "/log/15/tile/0/");
	assert_refuses("/log/{log}/tile/{rest...}", "/log/15/tile//0");
	assert_refuses("/log/{log}/tile/{rest...}", "/log/15/tile/0//000");
	assert_refuses("/log/{log}/tile/{rest...}", "/log//tile/0/000");
	assert_refuses("/log/{log}/tile/{rest...}", "/log/15/tiles/0/000");
}

static void a_path_is_not_decoded(void **state)
{
	(void)state;
	assert_takes("/log/{log}/tile/{rest...}", "/log/%31/tile/..%2F/..", "%31", "..%2F/..");
}

static void there_are_not_more_parameters_than_places(void **state)
{
	(void)state;
	assert_takes("/{a}/{b}/{c}/{d}", "/1/2/3/4", "1", "2");
	assert_refuses("/{a}/{b}/{c}/{d}/{e}", "/1/2/3/4/5");
	assert_refuses("/{a}/{b}/{c}/{d}/{e...}", "/1/2/3/4/5/6");
}

/* Every row of the route table can be found: a rest stands last, and no pattern has too many parameters. */
static void the_route_table_holds_to_it(void **state)
{
	size_t n;
	const struct endpoint *table = routes(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct span pattern = span_of(table[i].path);
		size_t dots = span_find(pattern, SPAN("...}"));
		struct span param[PATH_PARAMS_MAX];

		assert_true(path_matches(table[i].path, pattern, param));
		if (dots < pattern.len && dots + 4 != pattern.len)
			fail_msg("%s: what takes the rest does not stand last", table[i].path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fixed_path_is_itself),
		cmocka_unit_test(a_parameter_is_one_segment),
		cmocka_unit_test(the_rest_is_one_segment_or_more),
		cmocka_unit_test(a_path_is_not_decoded),
		cmocka_unit_test(there_are_not_more_parameters_than_places),
		cmocka_unit_test(the_route_table_holds_to_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
