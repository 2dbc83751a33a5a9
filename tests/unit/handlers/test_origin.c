/*
 * Whose page asks.
 */
#include "handlers/staff/origin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

static bool ours_by(bool secure, enum http_method method, const char *origin, const char *site)
{
	struct http_request request = { .method = method, .nfields = 1 };

	request.fields[0] = (struct http_field){ .name = SPAN("Host"), .value = SPAN("desk.example:8443") };
	if (origin != NULL)
		request.fields[request.nfields++] = (struct http_field){ .name = SPAN("Origin"), .value = span_of(origin) };
	if (site != NULL)
		request.fields[request.nfields++] = (struct http_field){ .name = SPAN("Sec-Fetch-Site"), .value = span_of(site) };
	return origin_is_ours(&request, secure);
}

static bool ours(enum http_method method, const char *origin, const char *site)
{
	return ours_by(false, method, origin, site);
}

static void programs_say_neither(void **state)
{
	(void)state;
	assert_true(ours(HTTP_POST, NULL, NULL));
	assert_true(ours(HTTP_GET, NULL, NULL));
}

static void our_own_page(void **state)
{
	(void)state;
	assert_true(ours(HTTP_POST, "https://desk.example:8443", "same-origin"));
	assert_true(ours(HTTP_POST, "http://DESK.example:8443", NULL));
	assert_true(ours(HTTP_GET, NULL, "none"));
	assert_true(ours(HTTP_HEAD, NULL, "none"));
}

static void pages_of_others(void **state)
{
	static const char *const origins[] = { "", "null", "https://evil.example", "https://desk.example", "https://desk.example:8443.evil.example",
					       "https://desk.example:84430", "ftp://desk.example:8443", "desk.example:8443", "https://" };
	static const char *const sites[] = { "", "cross-site", "same-site", "Same-Origin", "none" };

	(void)state;
	for (size_t i = 0; i < sizeof(origins) / sizeof(origins[0]); i++)
		assert_false(ours(HTTP_POST, origins[i], NULL));
	for (size_t i = 0; i < sizeof(sites) / sizeof(sites[0]); i++)
		assert_false(ours(HTTP_DELETE, NULL, sites[i]));
	assert_false(ours(HTTP_GET, NULL, "cross-site"));
	assert_false(ours(HTTP_POST, "https://desk.example:8443", "cross-site"));
}

/* Anybody between can write a page that the browser takes for one of http://desk.example. */
static void a_plain_page_of_the_host_over_tls(void **state)
{
	(void)state;
	assert_false(ours_by(true, HTTP_POST, "http://desk.example:8443", NULL));
	assert_true(ours_by(true, HTTP_POST, "https://desk.example:8443", NULL));
	assert_true(ours_by(true, HTTP_POST, NULL, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs_say_neither),
		cmocka_unit_test(our_own_page),
		cmocka_unit_test(pages_of_others),
		cmocka_unit_test(a_plain_page_of_the_host_over_tls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
