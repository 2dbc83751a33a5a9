/*
 * Cookies of staff: which of them counts for what, and what is refused.
 */
#include "handlers/staff/cookies.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

static struct http_request request_of(const char *one, const char *two)
{
	struct http_request request = { .nfields = 0 };

	if (one != NULL)
		request.fields[request.nfields++] = (struct http_field){ .name = SPAN("cookie"), .value = span_of(one) };
	if (two != NULL)
		request.fields[request.nfields++] = (struct http_field){ .name = SPAN("Cookie"), .value = span_of(two) };
	return request;
}

static enum cookie_found find(const char *text, bool secure, struct span *value)
{
	struct http_request request = request_of(text, NULL);

	return cookie_find(&request, COOKIE_SESSION, secure, value);
}

static void ours_is_found_among_others(void **state)
{
	static const char *const texts[] = { "tipline-session=abc", "a=b; tipline-session=abc; c=\"x,y\"", "x; =; ;tipline-session=abc;",
					     "tipline-device=z; tipline-session=abc" };
	struct span value;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(find(texts[i], false, &value), COOKIE_FOUND);
		assert_true(span_is(value, "abc"));
	}
}

static void others_are_not_ours(void **state)
{
	static const char *const texts[] = { "", "tipline-session", "Tipline-Session=abc", "tipline-sessions=abc", "xtipline-session=abc",
					     "__Host-tipline-session=abc", "a=tipline-session=abc" };
	struct http_request none = request_of(NULL, NULL);
	struct span value;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(find(texts[i], false, &value), COOKIE_NONE);
	assert_int_equal(cookie_find(&none, COOKIE_SESSION, false, &value), COOKIE_NONE);
}

/* A page without TLS, or another host of the same domain, cannot set what begins with "__Host-". */
static void over_tls_only_those_of_this_host_count(void **state)
{
	struct span value;

	(void)state;
	assert_int_equal(find("tipline-session=abc", true, &value), COOKIE_NONE);
	assert_int_equal(find("tipline-session=abc; __Host-tipline-session=def", true, &value), COOKIE_FOUND);
	assert_true(span_is(value, "def"));
	assert_int_equal(find("__host-tipline-session=def", true, &value), COOKIE_NONE);
}

static void what_may_mean_two_is_refused(void **state)
{
	struct http_request two = request_of("tipline-session=abc", "a=b");
	struct span value;

	(void)state;
	assert_int_equal(find("tipline-session=abc; tipline-session=abc", false, &value), COOKIE_REFUSED);
	assert_int_equal(find("tipline-session=abc; a=b; tipline-session=", false, &value), COOKIE_REFUSED);
	assert_int_equal(cookie_find(&two, COOKIE_SESSION, false, &value), COOKIE_REFUSED);
}

static void check_put(bool secure, unsigned days, const char *expected)
{
	struct buf text = { 0 };

	cookie_put(COOKIE_DEVICE, secure, SPAN("v"), days, &text);
	assert_true(span_is(buf_span(&text), expected));
	buf_release(&text);
}

static void what_is_set(void **state)
{
	struct buf text = { 0 };

	(void)state;
	check_put(false, 0, "tipline-device=v; Path=/; HttpOnly; SameSite=Strict");
	check_put(true, 90, "__Host-tipline-device=v; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=7776000");
	cookie_put_gone(COOKIE_SESSION, true, &text);
	assert_true(span_is(buf_span(&text), "__Host-tipline-session=; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0"));
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ours_is_found_among_others),
		cmocka_unit_test(others_are_not_ours),
		cmocka_unit_test(over_tls_only_those_of_this_host_count),
		cmocka_unit_test(what_may_mean_two_is_refused),
		cmocka_unit_test(what_is_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
