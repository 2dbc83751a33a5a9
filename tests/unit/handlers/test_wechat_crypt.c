/*
 * WeChat's cryptography against the openssl command line and published vectors.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/base64.h"
#include "daemon/base/hex.h"
#include "daemon/base/table.h"
#include "handlers/payout/wechat_crypt.h"
#include "tests/support/http_sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct arena arena;

static struct span file(const char *name)
{
	struct span bytes = http_sample_read(arena_printf(&arena, "tests/data/wechat/%s", name), &arena);

	assert_non_null(bytes.at);
	return bytes;
}

static int clean(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

/* openssl dgst -sha256 -sign platform.pem signed.txt | base64 -w0 > signed.b64 */
static void signatures_are_those_of_openssl(void **state)
{
	struct span text = file("signed.txt"), known = file("signed.b64"), made;

	(void)state;
	assert_true(wechat_sign_text(file("platform.pem"), text, &arena, &made));
	assert_true(span_eq(made, known));
	assert_true(wechat_verify_text(file("platform.pub"), text, known));
	assert_true(wechat_verify_text(file("platform.crt"), text, known));
	assert_false(wechat_verify_text(file("merchant.pub"), text, known));
}

static void nothing_that_was_signed_can_be_changed(void **state)
{
	struct span text = file("signed.txt"), known = file("signed.b64"), key = file("platform.pub");
	char *copy = arena_alloc(&arena, text.len), *signature = arena_alloc(&arena, known.len);

	(void)state;
	for (size_t i = 0; i < text.len; i++) {
		memcpy(copy, text.at, text.len);
		copy[i] ^= 1;
		assert_false(wechat_verify_text(key, span_from(copy, text.len), known));
	}
	for (size_t i = 0; i < known.len; i += 7) {
		memcpy(signature, known.at, known.len);
		signature[i] = signature[i] == 'A' ? 'B' : 'A';
		assert_false(wechat_verify_text(key, text, span_from(signature, known.len)));
		assert_false(wechat_verify_text(key, text, span_from(known.at, i)));
	}
}

static void keys_are_looked_at(void **state)
{
	static const char short_key[] = /* openssl genrsa 1024 | openssl rsa -pubout */
		"-----BEGIN PUBLIC KEY-----\n"
		"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDJUQwkuM4zkl0mSmDR6m3wUk4g\n"
		"-----END PUBLIC KEY-----\n";
	struct span out;

	(void)state;
	assert_true(wechat_key_fits(file("merchant.pem"), true));
	assert_true(wechat_key_fits(file("platform.pub"), false));
	assert_true(wechat_key_fits(file("platform.crt"), false));
	assert_false(wechat_key_fits(file("platform.pub"), true));
	assert_false(wechat_key_fits(SPAN(""), true));
	assert_false(wechat_key_fits(SPAN("x"), false));
	assert_false(wechat_key_fits(span_of(short_key), false));
	assert_false(wechat_sign_text(SPAN("no key"), SPAN("a"), &arena, &out));
	assert_false(wechat_verify_text(SPAN("no key"), SPAN("a"), SPAN("AAAA")));
}

static struct span from_base64(struct span text)
{
	char *bytes = arena_alloc(&arena, text.len);
	char *at = bytes;
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i + 3 < text.len; i += 4) {
		uint32_t four = 0;

		for (size_t j = 0; j < 4; j++)
			four = four << 6 | (text.at[i + j] == '=' ? 0 : (uint32_t)(strchr(digits, text.at[i + j]) - digits));
		*at++ = (char)(four >> 16);
		*at++ = (char)(four >> 8);
		*at++ = (char)four;
	}
	return span_from(bytes, (size_t)(at - bytes) - (text.at[text.len - 1] == '=') - (text.at[text.len - 2] == '='));
}

/* What `openssl pkeyutl -decrypt` with OAEP and SHA-1 makes of it. */
static struct span openssl_decrypt(struct span bytes)
{
	char path[] = "/tmp/oaep-XXXXXX", *out = arena_alloc(&arena, 512);
	int fd = mkstemp(path);
	size_t n;
	FILE *pipe;

	assert_int_equal(write(fd, bytes.at, bytes.len), (ssize_t)bytes.len);
	close(fd);
	pipe = popen(arena_printf(&arena, "openssl pkeyutl -decrypt -inkey tests/data/wechat/platform.pem -in %s "
				  "-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha1", path), "r");
	assert_non_null(pipe);
	n = fread(out, 1, 512, pipe);
	assert_int_equal(pclose(pipe), 0);
	unlink(path);
	return span_from(out, n);
}

static void openssl_opens_what_was_encrypted(void **state)
{
	unsigned char seed[WECHAT_SEED_BYTES] = { 0xFF, 1, 2, 3 };
	char longest[214];
	const struct span texts[] = { SPAN("张三"), SPAN("a"), span_from(longest, sizeof(longest)) };
	struct span a, b;

	(void)state;
	memset(longest, 'x', sizeof(longest));
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		assert_true(wechat_encrypt(file("platform.crt"), texts[i], seed, &arena, &a));
		assert_int_equal(a.len, BASE64_LEN(256));
		assert_true(span_eq(openssl_decrypt(from_base64(a)), texts[i]));
	}
	assert_true(wechat_encrypt(file("platform.pub"), texts[0], seed, &arena, &a));
	assert_true(wechat_encrypt(file("platform.pub"), texts[0], seed, &arena, &b));
	assert_true(span_eq(a, b));
	seed[19] ^= 1;
	assert_true(wechat_encrypt(file("platform.pub"), texts[0], seed, &arena, &b));
	assert_false(span_eq(a, b));
	assert_false(wechat_encrypt(file("platform.pub"), span_from(file("platform.crt").at, 215), seed, &arena, &b));
}

/* The GCM specification's test case 16. */
static void a_published_vector(void **state)
{
	static const char sealed[] =
		"522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
		"76fc6ece0f4e1768cddf8853bb2d551b";
	char key[32], nonce[12], associated[20], bytes[76], plain[60];
	struct buf text = { 0 };
	struct span opened;

	(void)state;
	assert_true(hex_get(SPAN("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"), key, 32));
	assert_true(hex_get(SPAN("cafebabefacedbaddecaf888"), nonce, 12));
	assert_true(hex_get(SPAN("feedfacedeadbeeffeedfacedeadbeefabaddad2"), associated, 20));
	assert_true(hex_get(span_of(sealed), bytes, 76));
	assert_true(hex_get(SPAN("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
				 "b16aedf5aa0de657ba637b39"), plain, 60));
	base64_add(&text, bytes, sizeof(bytes));
	assert_true(wechat_open(span_from(key, 32), span_from(nonce, 12), span_from(associated, 20), buf_span(&text), &arena, &opened));
	assert_true(span_eq(opened, span_from(plain, 60)));
	buf_release(&text);
}

#define API_KEY SPAN("abcdef0123456789ABCDEF0123456789")
#define NONCE SPAN("0123456789ab")
#define SEALED "cWVt5o9+Ds+ZK61uGafM9k6JvWP3wr1u8WlGZGE4NF3UapWxAIOZyNe8IQ=="

static void what_was_changed_does_not_open(void **state)
{
	char sealed[] = SEALED;
	struct span opened;

	(void)state;
	assert_true(wechat_open(API_KEY, NONCE, SPAN("mch_payment"), SPAN(SEALED), &arena, &opened));
	assert_true(span_is(opened, "{\"state\":\"SUCCESS\",\"名\":1}"));
	assert_true(wechat_open(API_KEY, NONCE, SPAN(""), SPAN("7ETA8liL5AZRCgCW13JZzA=="), &arena, &opened));
	assert_int_equal(opened.len, 0);
	for (size_t i = 0; i < strlen(SEALED) - 2; i++) {
		sealed[i] = sealed[i] == 'A' ? 'Q' : 'A';
		assert_false(wechat_open(API_KEY, NONCE, SPAN("mch_payment"), span_of(sealed), &arena, &opened));
		assert_int_equal(opened.len, 0);
		sealed[i] = SEALED[i];
		assert_false(wechat_open(API_KEY, NONCE, SPAN("mch_payment"), span_from(sealed, i), &arena, &opened));
	}
	assert_false(wechat_open(API_KEY, NONCE, SPAN("mch_paymenT"), SPAN(SEALED), &arena, &opened));
	assert_false(wechat_open(API_KEY, SPAN("0123456789aB"), SPAN("mch_payment"), SPAN(SEALED), &arena, &opened));
	assert_false(wechat_open(API_KEY, SPAN("0123456789a"), SPAN("mch_payment"), SPAN(SEALED), &arena, &opened));
	assert_false(wechat_open(SPAN("short"), NONCE, SPAN("mch_payment"), SPAN(SEALED), &arena, &opened));
}

static void hashes(void **state)
{
	unsigned char hash[WECHAT_SHA1_BYTES], known[WECHAT_SHA1_BYTES];

	(void)state;
	wechat_sha1(SPAN("abc"), hash);
	assert_true(hex_get(SPAN("a9993e364706816aba3e25717850c26c9cd0d89d"), known, sizeof(known)));
	assert_memory_equal(hash, known, sizeof(hash));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(signatures_are_those_of_openssl, clean),
		cmocka_unit_test_teardown(nothing_that_was_signed_can_be_changed, clean),
		cmocka_unit_test_teardown(keys_are_looked_at, clean),
		cmocka_unit_test_teardown(openssl_opens_what_was_encrypted, clean),
		cmocka_unit_test_teardown(a_published_vector, clean),
		cmocka_unit_test_teardown(what_was_changed_does_not_open, clean),
		cmocka_unit_test_teardown(hashes, clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
