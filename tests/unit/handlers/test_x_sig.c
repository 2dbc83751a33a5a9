/*
 * X-Sig against digits that the openssl command line made, and what does not pass.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "handlers/payout/x_sig.h"

#define NOW INT64_C(1763740800000)
#define NONCE "01020304050607080000000000000000"

static const struct x_sig_key keys[2] = {
	{ .id = "test-1", .secret = SPAN_INIT("0123456789abcdef0123456789abcdef") },
	{ .id = "test-0", .secret = SPAN_INIT("the key that was in use before it") },
};

/* printf 'POST\n/v1/payouts\n1763740800\n<nonce>\n{"a":1}\n' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef */
#define REQUEST_FIELD "v1,test-1,1763740800," NONCE ",086e198f8ce861d48f17803e2c168554dfb35864a192b3954d301d58c7176333"
#define ANSWER_FIELD "v1,test-1,1763740800," NONCE ",aa28fba9d67004e4af710f0e26c38be8a57eb480cbc78eff993753a7d5e22050"

static const struct x_sig_parts request = {
	.first = SPAN_INIT("POST"), .path = SPAN_INIT("/v1/payouts"), .body = SPAN_INIT("{\"a\":1}"),
};

static enum x_sig_fault check(struct x_sig_parts parts, const char *field, int64_t now_ms)
{
	return x_sig_check(keys, 2, span_of(field), &parts, now_ms, NULL);
}

static void fixed_vectors(void **state)
{
	struct x_sig_parts parts = request;
	struct arena arena = { 0 };
	struct span nonce;

	(void)state;
	parts.nonce = SPAN(NONCE);
	assert_string_equal(x_sig_write(&keys[0], &parts, NOW + 999, &arena), REQUEST_FIELD);
	parts.first = SPAN("200");
	assert_string_equal(x_sig_write(&keys[0], &parts, NOW, &arena), ANSWER_FIELD);
	assert_int_equal(check(parts, ANSWER_FIELD, NOW), X_SIG_FINE);
	assert_int_equal(x_sig_check(keys, 2, SPAN(REQUEST_FIELD), &request, NOW, &nonce), X_SIG_FINE);
	assert_true(span_is(nonce, NONCE));
	arena_release(&arena);
}

/* One bit of anything that is signed, and it does not pass. */
static void nothing_can_be_changed(void **state)
{
	struct arena arena = { 0 };

	(void)state;
	for (size_t part = 0; part < 3; part++) {
		struct x_sig_parts parts = request;
		struct span *target = part == 0 ? &parts.first : part == 1 ? &parts.path : &parts.body;
		struct span whole = *target;

		for (size_t bit = 0; bit < whole.len * 8; bit++) {
			char *copy = arena_alloc(&arena, whole.len);

			memcpy(copy, whole.at, whole.len);
			copy[bit / 8] = (char)(copy[bit / 8] ^ 1 << bit % 8);
			*target = span_from(copy, whole.len);
			assert_int_equal(check(parts, REQUEST_FIELD, NOW), X_SIG_WRONG);
		}
	}
	arena_release(&arena);
}

static void every_byte_of_the_field_counts(void **state)
{
	char field[] = REQUEST_FIELD;

	(void)state;
	for (size_t i = 0; i < strlen(REQUEST_FIELD); i++) {
		field[i] = (char)(field[i] ^ 1);
		assert_int_not_equal(check(request, field, NOW), X_SIG_FINE);
		field[i] = (char)(field[i] ^ 1);
		field[i] = '\0';
		assert_int_not_equal(check(request, field, NOW), X_SIG_FINE);
		field[i] = REQUEST_FIELD[i];
	}
	assert_int_equal(check(request, REQUEST_FIELD "0", NOW), X_SIG_FORM);
	assert_int_equal(check(request, REQUEST_FIELD ",", NOW), X_SIG_FORM);
	assert_int_equal(check(request, "", NOW), X_SIG_MISSING);
}

static void five_minutes_each_way(void **state)
{
	(void)state;
	assert_int_equal(check(request, REQUEST_FIELD, NOW + 300999), X_SIG_FINE);
	assert_int_equal(check(request, REQUEST_FIELD, NOW + 301000), X_SIG_TIME);
	assert_int_equal(check(request, REQUEST_FIELD, NOW - 300000), X_SIG_FINE);
	assert_int_equal(check(request, REQUEST_FIELD, NOW - 301000), X_SIG_TIME);
}

static void the_key_before_still_passes(void **state)
{
	struct x_sig_parts parts = request;
	struct arena arena = { 0 };
	const char *field;

	(void)state;
	parts.nonce = SPAN(NONCE);
	field = x_sig_write(&keys[1], &parts, NOW, &arena);
	assert_int_equal(check(request, field, NOW), X_SIG_FINE);
	assert_int_equal(x_sig_check(keys, 1, span_of(field), &request, NOW, NULL), X_SIG_KEY);
	arena_release(&arena);
}

/* An answer fits its own request alone; a request is no answer. */
static void an_answer_is_bound_to_its_request(void **state)
{
	struct x_sig_parts parts = request;

	(void)state;
	parts.first = SPAN("200");
	parts.nonce = SPAN("01020304050607080000000000000001");
	assert_int_equal(check(parts, ANSWER_FIELD, NOW), X_SIG_NONCE);
	parts.nonce = SPAN(NONCE);
	assert_int_equal(check(parts, REQUEST_FIELD, NOW), X_SIG_WRONG);
	parts.first = SPAN("201");
	assert_int_equal(check(parts, ANSWER_FIELD, NOW), X_SIG_WRONG);
}

static void nonces_have_a_form(void **state)
{
	static const char *const bad[] = { "short", "0123456789abcde", "0123456789 abcdef", "0123456789abcdef\n" };
	struct x_sig_parts parts = request;
	struct arena arena = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		parts.nonce = span_of(bad[i]);
		assert_int_equal(check(request, x_sig_write(&keys[0], &parts, NOW, &arena), NOW), X_SIG_FORM);
	}
	arena_release(&arena);
}

static void faults_have_names(void **state)
{
	(void)state;
	for (int fault = X_SIG_FINE; fault <= X_SIG_WRONG; fault++)
		assert_non_null(x_sig_fault_name((enum x_sig_fault)fault));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fixed_vectors),
		cmocka_unit_test(nothing_can_be_changed),
		cmocka_unit_test(every_byte_of_the_field_counts),
		cmocka_unit_test(five_minutes_each_way),
		cmocka_unit_test(the_key_before_still_passes),
		cmocka_unit_test(an_answer_is_bound_to_its_request),
		cmocka_unit_test(nonces_have_a_form),
		cmocka_unit_test(faults_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
