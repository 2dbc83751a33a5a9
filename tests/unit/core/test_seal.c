/*
 * Sealing: opens with the right keys, with no other, and not after a change.
 *
 * Vectors of derived keys were made with Python's hashlib.blake2b, key
 * bytes(range(32)), person the label in seal.c padded with NUL to 16 bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/tip/seal.h"

#include <sodium.h>

#define SEALED_BYTES 401 /* of a tip of a hundred characters: what Redis holds */
#define TEN "今天下午在汽车站看见"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static const struct tip_id id = { "15-7K3MQ2X9RD" };
static const struct tip_id moved = { "11-7K3MQ2X9RD" };
static const struct tip_id other_id = { "15-7K3MQ2X9RE" };
static const struct tip_content content = {
	.text = { HUNDRED, sizeof(HUNDRED) - 1 },
	.place = { "某市某县", sizeof("某市某县") - 1 },
	.lang = { "zh-CN", 5 },
	.files = { { .name = { "a.jpg", 5 }, .type = { "image/jpeg", 10 }, .bytes = 77 } },
	.nfiles = 1,
};
static const struct seal_key tip_key = { "the key of this tip alone" };
static const struct seal_key receipt_key = { "from the receipt code" };
static const struct seal_key wrong_key = { "another key" };

static struct data_key data_key_of(unsigned char seed)
{
	unsigned char random[SEAL_KEY_BYTES] = { seed };
	struct data_key key;

	seal_data_key_make(random, &key);
	return key;
}

static struct buf sealed_tip(void)
{
	struct data_key data_key = data_key_of(1);
	struct buf sealed = { 0 };

	seal_tip(&id, &content, &tip_key, &data_key, &receipt_key, &sealed);
	return sealed;
}

static bool same_key(const struct seal_key *a, const struct seal_key *b)
{
	return memcmp(a->bytes, b->bytes, SEAL_KEY_BYTES) == 0;
}

static bool opens_to_the_content(const struct tip_id *as, struct span sealed)
{
	struct tip_content read;
	struct arena arena = { 0 };
	bool same = seal_open_tip(as, sealed, &tip_key, &arena, &read) && span_eq(read.text, content.text) &&
		    span_eq(read.place, content.place) && span_eq(read.lang, content.lang) &&
		    read.nfiles == 1 && span_is(read.files[0].name, "a.jpg") && read.files[0].bytes == 77;

	arena_release(&arena);
	return same;
}

static void a_tip_opens_by_both_ways(void **state)
{
	struct buf sealed = sealed_tip();
	struct data_key data_key = data_key_of(1);
	unsigned char key_id[SEAL_DATA_KEY_ID_BYTES];
	struct seal_key by_bureau, by_receipt;

	(void)state;
	assert_int_equal(sealed.len, SEALED_BYTES);
	assert_true(seal_data_key_id(buf_span(&sealed), key_id));
	assert_memory_equal(key_id, data_key.id, sizeof(key_id));
	assert_true(seal_tip_key_by_bureau(&id, buf_span(&sealed), &data_key, &by_bureau));
	assert_true(seal_tip_key_by_receipt(&id, buf_span(&sealed), &receipt_key, &by_receipt));
	assert_true(same_key(&by_bureau, &tip_key));
	assert_true(same_key(&by_receipt, &tip_key));
	assert_true(opens_to_the_content(&id, buf_span(&sealed)));
	buf_release(&sealed);
}

static void no_other_key_opens_it(void **state)
{
	struct buf sealed = sealed_tip();
	struct data_key right = data_key_of(1), other = data_key_of(2), mixed = other;
	struct tip_content read;
	struct arena arena = { 0 };
	struct seal_key key;

	(void)state;
	memcpy(mixed.id, right.id, sizeof(mixed.id));
	assert_false(seal_tip_key_by_bureau(&id, buf_span(&sealed), &other, &key));
	assert_false(seal_tip_key_by_bureau(&id, buf_span(&sealed), &mixed, &key));
	assert_false(seal_tip_key_by_receipt(&id, buf_span(&sealed), &wrong_key, &key));
	assert_false(seal_open_tip(&id, buf_span(&sealed), &wrong_key, &arena, &read));
	/* the wraps are for one purpose each */
	assert_false(seal_tip_key_by_receipt(&id, buf_span(&sealed), &right.key, &key));
	arena_release(&arena);
	buf_release(&sealed);
}

static void it_is_bound_to_its_tip(void **state)
{
	struct buf sealed = sealed_tip();
	struct data_key data_key = data_key_of(1);
	struct seal_key key;

	(void)state;
	assert_false(seal_tip_key_by_bureau(&other_id, buf_span(&sealed), &data_key, &key));
	assert_false(seal_tip_key_by_receipt(&other_id, buf_span(&sealed), &receipt_key, &key));
	assert_false(opens_to_the_content(&other_id, buf_span(&sealed)));
	/* the same tip in another shard */
	assert_true(seal_tip_key_by_bureau(&moved, buf_span(&sealed), &data_key, &key));
	assert_true(opens_to_the_content(&moved, buf_span(&sealed)));
	buf_release(&sealed);
}

/* Whatever byte is changed: one of the two wraps or the content no longer opens. */
static void every_changed_byte_is_seen(void **state)
{
	struct buf sealed = sealed_tip();
	struct data_key data_key = data_key_of(1);

	(void)state;
	for (size_t i = 0; i < sealed.len; i++) {
		struct seal_key key;

		sealed.at[i] ^= 0x10;
		assert_false(seal_tip_key_by_bureau(&id, buf_span(&sealed), &data_key, &key) &&
			     seal_tip_key_by_receipt(&id, buf_span(&sealed), &receipt_key, &key) &&
			     opens_to_the_content(&id, buf_span(&sealed)));
		sealed.at[i] ^= 0x10;
	}
	assert_true(opens_to_the_content(&id, buf_span(&sealed)));
	buf_release(&sealed);
}

static void every_shortened_form_is_refused(void **state)
{
	struct buf sealed = sealed_tip();
	struct data_key data_key = data_key_of(1);
	unsigned char bytes[SEAL_COMMITMENT_BYTES];

	(void)state;
	for (size_t len = 0; len < sealed.len; len++) {
		char *copy = test_malloc(len + 1); /* so that a look past the end is seen */
		struct span cut = span_from(copy, len);
		struct seal_key key;

		memcpy(copy, sealed.at, len);
		assert_false(opens_to_the_content(&id, cut));
		seal_tip_key_by_bureau(&id, cut, &data_key, &key);
		seal_tip_key_by_receipt(&id, cut, &receipt_key, &key);
		seal_commitment(&tip_key, cut, bytes);
		seal_data_key_id(cut, bytes);
		test_free(copy);
	}
	buf_release(&sealed);
}

/* The store sees no difference between short and less short tips. */
static void length_tells_little(void **state)
{
	struct data_key data_key = data_key_of(1);

	(void)state;
	for (size_t chars = 1; chars <= 110; chars++) {
		struct tip_content some = { .text = span_from(HUNDRED TEN, 3 * chars) };
		struct buf sealed = { 0 };

		seal_tip(&id, &some, &tip_key, &data_key, &receipt_key, &sealed);
		assert_int_equal(sealed.len, SEALED_BYTES);
		buf_release(&sealed);
	}
}

static void nothing_in_clear_stays_visible(void **state)
{
	struct buf sealed = sealed_tip();

	(void)state;
	assert_int_equal(span_find(buf_span(&sealed), SPAN("\x4e\xca\x59\x29")),
			 sealed.len); /* 今天 in UTF-16 */
	assert_int_equal(span_find(buf_span(&sealed), SPAN("zh-CN")), sealed.len);
	assert_int_equal(span_find(buf_span(&sealed), span_from(tip_key.bytes, 16)), sealed.len);
	buf_release(&sealed);
}

/* Two texts under one tip key, by whatever mistake, must not meet under one nonce. */
static void nonces_follow_the_text(void **state)
{
	struct data_key data_key = data_key_of(1);
	struct tip_content another = content;
	struct buf a = sealed_tip(), b = { 0 }, again = sealed_tip();

	(void)state;
	another.text.len -= 3;
	seal_tip(&id, &another, &tip_key, &data_key, &receipt_key, &b);
	assert_memory_not_equal(a.at + 9, b.at + 9, 24);
	assert_true(span_eq(buf_span(&a), buf_span(&again)));
	buf_release(&a);
	buf_release(&b);
	buf_release(&again);
}

static void rewrapped_for_another_bureau(void **state)
{
	struct buf sealed = sealed_tip(), there = { 0 };
	struct data_key from = data_key_of(1), to = data_key_of(2);
	struct seal_key key;

	(void)state;
	assert_false(seal_rewrap(&id, buf_span(&sealed), &wrong_key, &to, &there));
	assert_int_equal(there.len, 0);
	assert_true(seal_rewrap(&id, buf_span(&sealed), &tip_key, &to, &there));
	assert_int_equal(there.len, sealed.len);
	assert_true(seal_tip_key_by_bureau(&moved, buf_span(&there), &to, &key));
	assert_true(same_key(&key, &tip_key));
	assert_false(seal_tip_key_by_bureau(&moved, buf_span(&there), &from, &key));
	assert_true(seal_tip_key_by_receipt(&moved, buf_span(&there), &receipt_key, &key));
	assert_true(opens_to_the_content(&moved, buf_span(&there)));
	buf_release(&sealed);
	buf_release(&there);
}

static void the_commitment_binds_the_content(void **state)
{
	struct buf sealed = sealed_tip(), there = { 0 };
	struct data_key to = data_key_of(2);
	unsigned char first[SEAL_COMMITMENT_BYTES], second[SEAL_COMMITMENT_BYTES];

	(void)state;
	assert_true(seal_commitment(&tip_key, buf_span(&sealed), first));
	assert_true(seal_rewrap(&id, buf_span(&sealed), &tip_key, &to, &there));
	assert_true(seal_commitment(&tip_key, buf_span(&there), second));
	assert_memory_equal(first, second, sizeof(first));
	assert_true(seal_commitment(&wrong_key, buf_span(&sealed), second));
	assert_memory_not_equal(first, second, sizeof(first));
	sealed.at[sealed.len - 1] ^= 1;
	assert_true(seal_commitment(&tip_key, buf_span(&sealed), second));
	assert_memory_not_equal(first, second, sizeof(first));
	assert_false(seal_commitment(&tip_key, SPAN("no sealed content"), second));
	buf_release(&sealed);
	buf_release(&there);
}

static void messages_open_and_are_bound(void **state)
{
	struct tip_message in = {
		.kind = MESSAGE_FROM_BUREAU, .at_ms = 5, .author = SPAN("o1"), .text = SPAN("您好")
	};
	struct tip_message out;
	struct buf sealed = { 0 };
	struct arena arena = { 0 };

	(void)state;
	seal_message(&id, &in, &tip_key, &sealed);
	assert_true(seal_open_message(&moved, buf_span(&sealed), &tip_key, &arena, &out));
	assert_int_equal(out.kind, in.kind);
	assert_true(span_eq(out.text, in.text));
	assert_false(seal_open_message(&other_id, buf_span(&sealed), &tip_key, &arena, &out));
	assert_false(seal_open_message(&id, buf_span(&sealed), &wrong_key, &arena, &out));
	for (size_t i = 0; i < sealed.len; i++) {
		sealed.at[i] ^= 1;
		assert_false(seal_open_message(&id, buf_span(&sealed), &tip_key, &arena, &out));
		sealed.at[i] ^= 1;
	}
	for (size_t len = 0; len < sealed.len; len++)
		assert_false(seal_open_message(&id, span_from(sealed.at, len), &tip_key, &arena, &out));
	buf_release(&sealed);
	arena_release(&arena);
}

static void blobs_are_bound_to_their_label(void **state)
{
	struct buf sealed = { 0 };
	struct arena arena = { 0 };
	struct span clear;

	(void)state;
	buf_add_text(&sealed, "before ");
	seal_blob(&tip_key, "outbox", SPAN("+8613800138000"), &sealed);
	buf_drop(&sealed, strlen("before "));
	assert_true(seal_open_blob(&tip_key, "outbox", buf_span(&sealed), &arena, &clear));
	assert_true(span_is(clear, "+8613800138000"));
	assert_false(seal_open_blob(&tip_key, "answer", buf_span(&sealed), &arena, &clear));
	assert_false(seal_open_blob(&wrong_key, "outbox", buf_span(&sealed), &arena, &clear));
	assert_false(seal_open_blob(&tip_key, "outbox", SPAN(""), &arena, &clear));
	buf_clear(&sealed);
	seal_blob(&tip_key, "outbox", (struct span){ 0 }, &sealed);
	assert_true(seal_open_blob(&tip_key, "outbox", buf_span(&sealed), &arena, &clear));
	assert_int_equal(clear.len, 0);
	buf_release(&sealed);
	arena_release(&arena);
}

static void derived_keys_are_those_of_python(void **state)
{
	struct seal_key from, out;
	struct receipt_code code = { "150605095539573136129537" };
	unsigned char mark[16];
	char hex[65];

	(void)state;
	for (unsigned i = 0; i < SEAL_KEY_BYTES; i++)
		from.bytes[i] = (unsigned char)i;
	seal_derive(&from, "label", SPAN("context"), &out);
	sodium_bin2hex(hex, sizeof(hex), out.bytes, 32);
	assert_string_equal(hex, "5faf9c2b1010491c7794de8cc6014eb6f05c2d9fc7aeaca8bf249523d54cb45e");
	seal_mark(&from, "label", SPAN("context"), mark);
	sodium_bin2hex(hex, sizeof(hex), mark, 16);
	assert_string_equal(hex, "941a236c82a2e03d503fc3ce12e0954a");
	seal_key_from_receipt(&code, &out);
	sodium_bin2hex(hex, sizeof(hex), out.bytes, 32);
	assert_string_equal(hex, "382cc95c457e1c7017127689a160ae5c49208d66ae3182f8b54bbefe1993e20e");
}

static void labels_and_bytes_do_not_run_together(void **state)
{
	struct seal_key a, b;

	(void)state;
	seal_derive(&tip_key, "ab", SPAN("c"), &a);
	seal_derive(&tip_key, "a", SPAN("bc"), &b);
	assert_false(same_key(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tip_opens_by_both_ways),
		cmocka_unit_test(no_other_key_opens_it),
		cmocka_unit_test(it_is_bound_to_its_tip),
		cmocka_unit_test(every_changed_byte_is_seen),
		cmocka_unit_test(every_shortened_form_is_refused),
		cmocka_unit_test(length_tells_little),
		cmocka_unit_test(nothing_in_clear_stays_visible),
		cmocka_unit_test(nonces_follow_the_text),
		cmocka_unit_test(rewrapped_for_another_bureau),
		cmocka_unit_test(the_commitment_binds_the_content),
		cmocka_unit_test(messages_open_and_are_bound),
		cmocka_unit_test(blobs_are_bound_to_their_label),
		cmocka_unit_test(derived_keys_are_those_of_python),
		cmocka_unit_test(labels_and_bytes_do_not_run_together),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
