/*
 * Hashes and HMACs, by the vectors of RFC 1321, 3174, 6234, 2202 and 4231.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "handlers/intake/sms_digest.h"

static void hashes(void **state)
{
	static const struct {
		enum sms_hash hash;
		const char *hex;
	} of_abc[] = {
		{ .hash = SMS_MD5, .hex = "900150983cd24fb0d6963f7d28e17f72" },
		{ .hash = SMS_SHA1, .hex = "a9993e364706816aba3e25717850c26c9cd0d89d" },
		{ .hash = SMS_SHA256, .hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ .hash = SMS_SHA512, .hex = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
					     "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
	};
	struct arena arena = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(of_abc); i++) {
		struct sms_digest digest;

		sms_hash(of_abc[i].hash, SPAN("abc"), &digest);
		assert_true(span_is(sms_digest_hex(&digest, &arena), of_abc[i].hex));
	}
	arena_release(&arena);
}

static void hmacs(void **state)
{
	static const struct {
		enum sms_hash hash;
		const char *hex;
	} of_jefe[] = {
		{ .hash = SMS_MD5, .hex = "750c783e6ab0b503eaa86e310a5db738" },
		{ .hash = SMS_SHA1, .hex = "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" },
		{ .hash = SMS_SHA256, .hex = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
	};
	struct arena arena = { 0 };
	struct sms_digest digest;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(of_jefe); i++) {
		sms_hmac(of_jefe[i].hash, SPAN("Jefe"), SPAN("what do ya want for nothing?"), &digest);
		assert_true(span_is(sms_digest_hex(&digest, &arena), of_jefe[i].hex));
	}
	sms_hmac(SMS_SHA1, (struct span){ 0 }, (struct span){ 0 }, &digest);
	assert_true(span_is(sms_digest_hex(&digest, &arena), "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d"));
	arena_release(&arena);
}

static void comparing(void **state)
{
	struct arena arena = { 0 };
	struct sms_digest digest;

	(void)state;
	sms_hash(SMS_MD5, SPAN("abc"), &digest);
	assert_true(sms_digest_is_hex(&digest, SPAN("900150983CD24FB0d6963f7d28e17f72")));
	assert_false(sms_digest_is_hex(&digest, SPAN("900150983cd24fb0d6963f7d28e17f73")));
	assert_false(sms_digest_is_hex(&digest, SPAN("900150983cd24fb0d6963f7d28e17f7")));
	assert_false(sms_digest_is_hex(&digest, SPAN("900150983cd24fb0d6963f7d28e17f7272")));
	assert_false(sms_digest_is_hex(&digest, SPAN("")));
	assert_true(sms_digest_is_base64(&digest, sms_digest_base64(&digest, &arena)));
	assert_false(sms_digest_is_base64(&digest, SPAN("")));
	assert_false(sms_digest_is_base64(&digest, SPAN("kAFQmDzST7DWlj99KOF/cw==")));
	arena_release(&arena);
}

static void names(void **state)
{
	enum sms_hash hash = SMS_MD5;

	(void)state;
	assert_true(sms_hash_find(SPAN("sha512"), &hash) && hash == SMS_SHA512);
	assert_false(sms_hash_find(SPAN("sha"), &hash) || sms_hash_find(SPAN(""), &hash) || sms_hash_find(SPAN("md5hash"), &hash));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes),
		cmocka_unit_test(hmacs),
		cmocka_unit_test(comparing),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
