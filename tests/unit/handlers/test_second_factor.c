/*
 * Secrets of the second factor: sealed for one person, and as they are typed in.
 */
#include "handlers/staff/second_factor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

static const struct seal_key key = { .bytes = { 1 } }, other_key = { .bytes = { 2 } };

static void one_person_alone_opens_it(void **state)
{
	static const unsigned char secret[TOTP_SECRET_BYTES] = "12345678901234567890";
	unsigned char opened[TOTP_SECRET_BYTES];
	struct buf sealed = { 0 };

	(void)state;
	second_factor_seal(&key, SPAN("chen"), secret, &sealed);
	assert_true(second_factor_open(&key, SPAN("chen"), buf_span(&sealed), opened));
	assert_memory_equal(opened, secret, sizeof(secret));
	assert_false(second_factor_open(&key, SPAN("li"), buf_span(&sealed), opened));
	assert_memory_not_equal(opened, secret, sizeof(secret));
	assert_false(second_factor_open(&other_key, SPAN("chen"), buf_span(&sealed), opened));
	assert_false(second_factor_open(&key, SPAN("chen"), (struct span){ 0 }, opened));
	sealed.at[sealed.len - 1] ^= 1;
	assert_false(second_factor_open(&key, SPAN("chen"), buf_span(&sealed), opened));
	buf_release(&sealed);
}

/* RFC 4648, 10, as far as whole groups go. */
static void as_it_is_typed_in(void **state)
{
	char text[SECOND_FACTOR_TEXT + 1];
	struct buf uri = { 0 };

	(void)state;
	second_factor_text((const unsigned char *)"fooba" "fooba" "fooba" "fooba", text);
	assert_string_equal(text, "MZXW6YTBMZXW6YTBMZXW6YTBMZXW6YTB");
	second_factor_text((const unsigned char *)"12345678901234567890", text);
	assert_string_equal(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
	second_factor_uri(SPAN("chen"), text, &uri);
	assert_true(span_is(buf_span(&uri), "otpauth://totp/Tipline:chen?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Tipline"
					    "&algorithm=SHA1&digits=6&period=30"));
	buf_release(&uri);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_person_alone_opens_it),
		cmocka_unit_test(as_it_is_typed_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
