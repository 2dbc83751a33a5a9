/*
 * MD5: the test suite of RFC 1321, and lengths around a block.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/hex.h"
#include "daemon/base/md5.h"
#include "daemon/base/table.h"

static void digest_is(struct span text, const char *hex)
{
	unsigned char digest[MD5_LEN];
	char found[2 * MD5_LEN + 1] = { 0 };

	md5_of(&text, 1, digest);
	hex_put(digest, sizeof(digest), found);
	assert_string_equal(found, hex);
}

/* RFC 1321, A.5. */
static void rfc_1321(void **state)
{
	(void)state;
	digest_is(SPAN(""), "d41d8cd98f00b204e9800998ecf8427e");
	digest_is(SPAN("a"), "0cc175b9c0f1b6a831c399e269772661");
	digest_is(SPAN("abc"), "900150983cd24fb0d6963f7d28e17f72");
	digest_is(SPAN("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
	digest_is(SPAN("abcdefghijklmnopqrstuvwxyz"), "c3fcd3d76192e4007dfb496cca67e13b");
	digest_is(SPAN("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"),
		  "d174ab98d277d9f5a5611c2c9f419d9f");
	digest_is(SPAN("12345678901234567890123456789012345678901234567890123456789012345678901234567890"),
		  "57edf4a22be3c955ac49da2e2107b67a");
}

/* Where the padding needs a block of its own; digests by coreutils' md5sum. */
static void around_a_block(void **state)
{
	static const struct {
		size_t n;
		const char *hex;
	} rows[] = {
		{ .n = 55, .hex = "ef1772b6dff9a122358552954ad0df65" },
		{ .n = 56, .hex = "3b0c8ac703f828b04c6c197006d17218" },
		{ .n = 63, .hex = "b06521f39153d618550606be297466d5" },
		{ .n = 64, .hex = "014842d480b571495a4a0363793f7367" },
		{ .n = 65, .hex = "c743a45e0d2e6a95cb859adae0248435" },
	};
	char as[65];

	(void)state;
	memset(as, 'a', sizeof(as));
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		digest_is(span_from(as, rows[i].n), rows[i].hex);
}

static void parts_are_one_text(void **state)
{
	const struct span parts[] = { SPAN("mess"), SPAN(""), SPAN("age digest") };
	const struct span whole = SPAN("message digest");
	unsigned char a[MD5_LEN];
	unsigned char b[MD5_LEN];

	(void)state;
	md5_of(parts, COUNT_OF(parts), a);
	md5_of(&whole, 1, b);
	assert_memory_equal(a, b, sizeof(a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc_1321),
		cmocka_unit_test(around_a_block),
		cmocka_unit_test(parts_are_one_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
