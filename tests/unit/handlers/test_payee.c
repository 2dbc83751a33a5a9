/*
 * Payees in the vault: what went in comes out under the same key and token,
 * and under no other; what is written says nothing.
 */
#include "handlers/payout/payee.h"

#include "daemon/base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static struct arena arena;

static void only_under_its_key_and_token(void **unused)
{
	struct seal_key courier = { { 1, 2, 3 } }, other = { { 1, 2, 4 } }, key, wrong;
	struct payee in = { .account = SPAN("ICBKCNBJ/6222020200112233445"), .name = SPAN("\xe5\xbc\xa0\xe4\xb8\x89 \"x\"") }, out;
	struct buf sealed = { 0 }, shorter = { 0 };

	(void)unused;
	payee_key(&courier, &key);
	payee_key(&other, &wrong);
	payee_seal(&key, SPAN("p-1"), &in, &sealed);
	payee_seal(&key, SPAN("p-1"), &(struct payee){ .account = SPAN("x") }, &shorter);
	assert_int_equal(sealed.len, shorter.len);
	assert_true(payee_open(&key, SPAN("p-1"), buf_span(&sealed), &arena, &out));
	assert_true(span_eq(out.account, in.account) && span_eq(out.name, in.name));
	assert_false(payee_open(&key, SPAN("p-2"), buf_span(&sealed), &arena, &out));
	assert_false(payee_open(&wrong, SPAN("p-1"), buf_span(&sealed), &arena, &out));
	assert_int_equal(span_find(buf_span(&sealed), SPAN("6222")), sealed.len);
	for (size_t i = 0; i < sealed.len; i++) {
		sealed.at[i] ^= 1;
		assert_false(payee_open(&key, SPAN("p-1"), buf_span(&sealed), &arena, &out));
		sealed.at[i] ^= 1;
	}
	buf_release(&sealed);
	buf_release(&shorter);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(only_under_its_key_and_token) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
