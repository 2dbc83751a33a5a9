/*
 * Setup codes: drawn anew each time, and known again however they are typed.
 */
#include "daemon/base/table.h"
#include "daemon/sys/setup_code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void a_code_is_shown_in_groups(void **state)
{
	char shown[SETUP_CODE_SHOWN_BYTES];

	(void)state;
	setup_code_shown("0123456789ABCDEFGHJKMNPQ", shown);
	assert_string_equal(shown, "0123-4567-89AB-CDEF-GHJK-MNPQ");
}

static void every_code_is_another(void **state)
{
	char codes[16][SETUP_CODE_LETTERS + 1];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(codes); i++) {
		setup_code_draw(codes[i]);
		assert_int_equal(strspn(codes[i], "0123456789ABCDEFGHJKMNPQRSTVWXYZ"), SETUP_CODE_LETTERS);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(codes[i], codes[k]);
	}
}

static bool same(const char *a, const char *b)
{
	unsigned char first[SETUP_CODE_HASH_BYTES], second[SETUP_CODE_HASH_BYTES];

	setup_code_hash(span_of(a), first);
	setup_code_hash(span_of(b), second);
	return memcmp(first, second, sizeof(first)) == 0;
}

static void typing_does_not_matter_and_letters_do(void **state)
{
	(void)state;
	assert_true(same("0123456789ABCDEFGHJKMNPQ", "0123-4567-89ab-cdef-ghjk-mnpq"));
	assert_true(same("0123456789ABCDEFGHJKMNPQ", " OI23 4567 89AB CDEF GHJK MNPQ "));
	assert_true(same("1111", "iIlL"));
	assert_false(same("0123456789ABCDEFGHJKMNPQ", "0123456789ABCDEFGHJKMNPR"));
	assert_false(same("0123456789ABCDEFGHJKMNPQ", "0123456789ABCDEFGHJKMNP"));
	assert_false(same("", "0"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_code_is_shown_in_groups),
		cmocka_unit_test(every_code_is_another),
		cmocka_unit_test(typing_does_not_matter_and_letters_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
