/*
 * Addresses: text there and back, networks, marks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/http/address.h"

static void good_addresses_come_back_as_they_were(void **state)
{
	static const char *const texts[] = { "127.0.0.1:8080", "0.0.0.0:0", "[::1]:0", "[2001:db8::7]:65535",
					     "unix:/run/tipline/public.sock" };
	struct address address;
	struct complaint complaint;
	char text[ADDRESS_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		assert_true(address_parse(span_of(texts[i]), &address, &complaint));
		address_text(&address, text);
		assert_string_equal(text, texts[i]);
	}
}

static void bad_addresses_are_refused(void **state)
{
	static const char *const texts[] = { "", ":", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
					     "127.0.0.1:-1", "127.1:80", "::1:80", "[127.0.0.1]:80", "[::1]", "[::1]80",
					     "localhost:80", "unix:", "unix:relative", "*:80" };
	char path[200] = "unix:/";
	struct address address;
	struct complaint complaint;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		complaint.text[0] = '\0';
		assert_false(address_parse(span_of(texts[i]), &address, &complaint));
		assert_true(complaint.text[0] != '\0');
	}
	memset(path + 6, 'a', 108);
	assert_false(address_parse(span_of(path), &address, &complaint));
}

static bool within(const char *networks, const char *host)
{
	struct networks list;
	struct complaint complaint;
	struct address address;

	assert_true(networks_parse(span_of(networks), &list, &complaint));
	if (strcmp(host, "unix:") == 0)
		address = (struct address){ .at.ss_family = AF_UNIX };
	else
		assert_true(address_parse_host(span_of(host), &address));
	return networks_have(&list, &address);
}

static void networks_hold_what_they_should(void **state)
{
	(void)state;
	assert_true(within("10.0.0.0/8", "10.255.1.2"));
	assert_false(within("10.0.0.0/8", "11.0.0.0"));
	assert_true(within("192.168.1.128/25", "192.168.1.200"));
	assert_false(within("192.168.1.128/25", "192.168.1.100"));
	assert_true(within("127.0.0.1", "127.0.0.1"));
	assert_true(within("127.0.0.1", "::ffff:127.0.0.1"));
	assert_false(within("127.0.0.1", "127.0.0.2"));
	assert_true(within("10.0.0.1, 2001:db8::/32", "2001:db8:1::1"));
	assert_false(within("2001:db8::/32", "2001:db9::1"));
	assert_true(within("0.0.0.0/0", "8.8.8.8"));
	assert_false(within("0.0.0.0/0", "::1"));
	assert_true(within("::/0", "8.8.8.8"));
	assert_true(within("unix:", "unix:"));
	assert_false(within("::/0", "unix:"));
	assert_false(within("unix:", "::1"));
	assert_false(within("", "127.0.0.1"));
}

static void bad_networks_are_refused(void **state)
{
	static const char *const texts[] = { "10.0.0.0/33", "10.0.0.0/", "::/129", "10.0.0/8", "10.0.0.1/8/8", "x" };
	struct networks list;
	struct complaint complaint;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		assert_false(networks_parse(span_of(texts[i]), &list, &complaint));
	assert_true(networks_parse((struct span){ 0 }, &list, &complaint));
	assert_int_equal(list.n, 0);
}

static uint64_t mark(const char *host, unsigned char key_byte)
{
	unsigned char key[ADDRESS_KEY_BYTES] = { key_byte };
	struct address address;

	assert_true(address_parse_host(span_of(host), &address));
	return address_mark(&address, key);
}

static void marks_tell_hosts_apart_and_customers_together(void **state)
{
	struct address local = { .at.ss_family = AF_UNIX };
	unsigned char key[ADDRESS_KEY_BYTES] = { 0 };

	(void)state;
	assert_true(mark("10.0.0.1", 1) == mark("::ffff:10.0.0.1", 1));
	assert_true(mark("10.0.0.1", 1) != mark("10.0.0.2", 1));
	assert_true(mark("10.0.0.1", 1) != mark("10.0.0.1", 2));
	assert_true(mark("2001:db8::1", 1) == mark("2001:db8::ffff:2", 1));
	assert_true(mark("2001:db8::1", 1) != mark("2001:db8:0:1::1", 1));
	assert_true(address_mark(&local, key) == 0);
}

static struct address_marks marks(const char *host)
{
	unsigned char key[ADDRESS_KEY_BYTES] = { 1 };
	struct address address;

	assert_true(address_parse_host(span_of(host), &address));
	return address_marks(&address, key);
}

static void networks_about_a_host_are_marked_too(void **state)
{
	struct address local = { .at.ss_family = AF_UNIX };
	struct address_marks a = marks("10.1.2.3"), b = marks("10.1.2.4"), c = marks("10.1.3.3"), d = marks("10.2.2.3");
	struct address_marks e = marks("2001:db8:1:2::1"), f = marks("2001:db8:1:f::1"), g = marks("2001:db8:1:100::1");
	struct address_marks none = address_marks(&local, (const unsigned char[ADDRESS_KEY_BYTES]){ 1 });

	(void)state;
	assert_true(a.host == mark("10.1.2.3", 1) && e.host == mark("2001:db8:1:2::1", 1));
	assert_true(a.host != b.host && a.near == b.near && a.wide == b.wide);
	assert_true(a.near != c.near && a.wide == c.wide);
	assert_true(a.near != d.near && a.wide != d.wide);
	assert_true(e.host != f.host && e.near == f.near && e.wide == f.wide);
	assert_true(e.near != g.near && e.wide == g.wide);
	assert_true(marks("2001:db9::1").wide != e.wide);
	assert_true(a.host != a.near && a.near != a.wide);
	assert_true(none.host == 0 && none.near == 0 && none.wide == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_addresses_come_back_as_they_were),
		cmocka_unit_test(bad_addresses_are_refused),
		cmocka_unit_test(networks_hold_what_they_should),
		cmocka_unit_test(bad_networks_are_refused),
		cmocka_unit_test(marks_tell_hosts_apart_and_customers_together),
		cmocka_unit_test(networks_about_a_host_are_marked_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
