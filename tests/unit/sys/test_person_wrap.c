/*
 * Wraps of private keys: what was wrapped opens with the same secret for the
 * same person and pair, and in no other way; each bit of a wrap counts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/sys/person_wrap.h"

#include <sodium.h>
#include <string.h>

#define TOKEN SPAN("tip_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG")

static const unsigned char public_key[PERSON_WRAP_KEY_BYTES] = { 1, 2, 3 };
static const unsigned char secret_key[PERSON_WRAP_KEY_BYTES] = { 4, 5, 6 };

static struct person_wrap_of of_an(void)
{
	return (struct person_wrap_of){ .person = SPAN("an"), .public_key = public_key };
}

static struct person_wrap sealed(const char *by, struct span secret)
{
	const struct person_wrap_of of = of_an();
	struct person_wrap wrap;

	assert_true(person_wrap_seal(&of, span_of(by), secret, secret_key, &wrap));
	return wrap;
}

static bool opens(const struct person_wrap_of *of, const struct person_wrap *wrap, struct span secret)
{
	unsigned char key[PERSON_WRAP_KEY_BYTES];

	if (person_wrap_open(of, wrap, secret, key) != PERSON_WRAP_OPENED)
		return false;
	assert_memory_equal(key, secret_key, sizeof(key));
	return true;
}

static void ways_have_names(void **state)
{
	char by[PERSON_WRAP_BY_MAX + 1];

	(void)state;
	assert_true(person_wrap_name(SPAN("a1"), by));
	assert_string_equal(by, "token:a1");
	assert_true(person_wrap_name(SPAN("0123456789abcdef"), by));
	assert_string_equal(by, "token:0123456789abcdef");
	assert_false(person_wrap_name(SPAN("0123456789abcdef0"), by));
	assert_false(person_wrap_name(SPAN(""), by));
}

static void its_own_secret_opens_it(void **state)
{
	const struct person_wrap_of of = of_an();
	struct person_wrap token = sealed("token:a1", TOKEN), password = sealed("password", SPAN("four words that are long"));

	(void)state;
	assert_true(opens(&of, &token, TOKEN));
	assert_int_equal(token.ops, 0);
	assert_false(opens(&of, &token, SPAN("tip_0123456789abcdefghijklmnopqrstuvwxyzABCDEFH")));
	assert_true(opens(&of, &password, SPAN("four words that are long")));
	assert_int_equal(password.ops, PERSON_WRAP_OPS);
	assert_int_equal(password.mem_kib, PERSON_WRAP_MEM_KIB);
	assert_false(opens(&of, &password, SPAN("four words that are lonG")));
	assert_false(opens(&of, &password, (struct span){ 0 }));
	/* A password that is a token's text opens no token's wrap, nor the other way round. */
	password = sealed("password", TOKEN);
	memcpy(password.by, token.by, sizeof(password.by));
	assert_false(opens(&of, &password, TOKEN));
}

static void it_is_bound_to_person_and_pair(void **state)
{
	static const unsigned char another[PERSON_WRAP_KEY_BYTES] = { 1, 2, 4 };
	struct person_wrap wrap = sealed("token:a1", TOKEN);
	struct person_wrap_of of = of_an();

	(void)state;
	of.person = SPAN("bo");
	assert_false(opens(&of, &wrap, TOKEN));
	of = of_an();
	of.public_key = another;
	assert_false(opens(&of, &wrap, TOKEN));
	of = of_an();
	assert_true(opens(&of, &wrap, TOKEN));
	memcpy(wrap.by, "token:a2", 9);
	assert_false(opens(&of, &wrap, TOKEN));
}

static void every_bit_counts(void **state)
{
	const struct person_wrap_of of = of_an();
	struct person_wrap wrap = sealed("token:a1", TOKEN);

	(void)state;
	for (size_t i = 0; i < sizeof(wrap.box) * 8; i++) {
		wrap.box[i / 8] ^= (unsigned char)(1 << i % 8);
		assert_false(opens(&of, &wrap, TOKEN));
		wrap.box[i / 8] ^= (unsigned char)(1 << i % 8);
	}
	for (size_t i = 0; i < sizeof(wrap.salt) * 8; i++) {
		wrap.salt[i / 8] ^= (unsigned char)(1 << i % 8);
		assert_false(opens(&of, &wrap, TOKEN));
		wrap.salt[i / 8] ^= (unsigned char)(1 << i % 8);
	}
	wrap.ops ^= 1;
	assert_false(opens(&of, &wrap, TOKEN));
	wrap.ops ^= 1;
	wrap.mem_kib ^= 1;
	assert_false(opens(&of, &wrap, TOKEN));
	wrap.mem_kib ^= 1;
	assert_true(opens(&of, &wrap, TOKEN));
}

static void two_wraps_of_one_key_differ(void **state)
{
	struct person_wrap one = sealed("token:a1", TOKEN), two = sealed("token:a1", TOKEN);

	(void)state;
	assert_memory_not_equal(one.salt, two.salt, sizeof(one.salt));
	assert_memory_not_equal(one.box + 1, two.box + 1, sizeof(one.box) - 1);
}

static void nothing_opens_nothing(void **state)
{
	(void)state;
	assert_int_equal(person_wrap_nothing(SPAN("token:a1"), TOKEN), PERSON_WRAP_SHUT);
	assert_int_equal(person_wrap_nothing(SPAN("password"), SPAN("four words that are long")), PERSON_WRAP_SHUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ways_have_names),
		cmocka_unit_test(its_own_secret_opens_it),
		cmocka_unit_test(it_is_bound_to_person_and_pair),
		cmocka_unit_test(every_bit_counts),
		cmocka_unit_test(two_wraps_of_one_key_differ),
		cmocka_unit_test(nothing_opens_nothing),
	};

	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
