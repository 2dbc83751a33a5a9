/*
 * Addresses of a Redis: the forms that configuration allows, and nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/store/redis_address.h"

#include <string.h>

static void a_host_has_a_port(void **state)
{
	static const struct {
		const char *text, *host;
		int port;
	} rows[] = {
		{ "127.0.0.1:6379", "127.0.0.1", 6379 },
		{ "redis.example:1", "redis.example", 1 },
		{ "[::1]:65535", "::1", 65535 },
	};
	struct redis_address address;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_true(redis_address_read(rows[i].text, &address));
		assert_string_equal(address.at, rows[i].host);
		assert_int_equal(address.port, rows[i].port);
	}
}

static void a_socket_has_none(void **state)
{
	static const char *const rows[][2] = {
		{ "unix:/run/redis.sock", "/run/redis.sock" },
		{ "unix:/run/a:1/redis.sock", "/run/a:1/redis.sock" },
		{ "/run/a:1/redis.sock", "/run/a:1/redis.sock" },
		{ "redis.sock", "redis.sock" },
	};
	struct redis_address address = { .port = 7 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_true(redis_address_read(rows[i][0], &address));
		assert_string_equal(address.at, rows[i][1]);
		assert_int_equal(address.port, 0);
	}
}

static void the_rest_is_refused(void **state)
{
	static const char *const rows[] = { "", "unix:", ":6379", "host:", "host:0", "host:65536", "host:6379x", "host:-1" };
	struct redis_address address;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_false(redis_address_read(rows[i], &address));
}

static void the_longest_name_fits(void **state)
{
	char text[sizeof(((struct redis_address *)0)->at) + 2] = "/";
	struct redis_address address;

	(void)state;
	memset(text + 1, 'a', sizeof(address.at) - 2);
	assert_true(redis_address_read(text, &address));
	assert_string_equal(address.at, text);
	text[sizeof(address.at) - 1] = 'a';
	assert_false(redis_address_read(text, &address));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_has_a_port),
		cmocka_unit_test(a_socket_has_none),
		cmocka_unit_test(the_rest_is_refused),
		cmocka_unit_test(the_longest_name_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
