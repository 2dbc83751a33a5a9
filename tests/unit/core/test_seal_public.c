/*
 * Data keys and identities under public keys: who can open them, and who cannot.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/tip/seal.h"

#include <sodium.h>

struct pair {
	unsigned char open[32], secret[32];
};

static struct pair bureau, parent, stranger;
static const struct tip_id id = { "15-7K3MQ2X9RD" };
static const struct tip_id moved = { "11-7K3MQ2X9RD" };
static const struct tip_id other_id = { "15-7K3MQ2X9RE" };

static struct data_key some_data_key(void)
{
	unsigned char random[SEAL_KEY_BYTES] = { 42 };
	struct data_key key;

	seal_data_key_make(random, &key);
	return key;
}

static void bureau_and_parent_open_a_data_key(void **state)
{
	struct data_key key = some_data_key();
	struct buf sealed = { 0 };
	struct seal_key opened;

	(void)state;
	seal_data_key(&key, bureau.open, parent.open, &sealed);
	assert_true(seal_open_data_key(buf_span(&sealed), bureau.open, bureau.secret, &opened));
	assert_memory_equal(opened.bytes, key.key.bytes, SEAL_KEY_BYTES);
	assert_true(seal_open_data_key(buf_span(&sealed), parent.open, parent.secret, &opened));
	assert_memory_equal(opened.bytes, key.key.bytes, SEAL_KEY_BYTES);
	assert_false(seal_open_data_key(buf_span(&sealed), stranger.open, stranger.secret, &opened));
	assert_false(seal_open_data_key(buf_span(&sealed), bureau.open, stranger.secret, &opened));
	for (size_t len = 0; len < 89; len++)
		assert_false(
			seal_open_data_key(span_from(sealed.at, len), bureau.open, bureau.secret, &opened));
	buf_release(&sealed);
}

static void the_top_has_no_parent(void **state)
{
	struct data_key key = some_data_key();
	struct buf sealed = { 0 };
	struct seal_key opened;

	(void)state;
	seal_data_key(&key, bureau.open, NULL, &sealed);
	assert_true(seal_open_data_key(buf_span(&sealed), bureau.open, bureau.secret, &opened));
	assert_false(seal_open_data_key(buf_span(&sealed), parent.open, parent.secret, &opened));
	buf_release(&sealed);
}

static void a_data_key_fits_its_id_alone(void **state)
{
	struct data_key key = some_data_key();

	(void)state;
	assert_true(seal_data_key_is(key.id, &key.key));
	key.key.bytes[31] ^= 1;
	assert_false(seal_data_key_is(key.id, &key.key));
}

static void identities_open_with_the_private_key_alone(void **state)
{
	unsigned char random[SEAL_KEY_BYTES] = { 7 };
	struct identity_box box;
	struct buf sealed = { 0 };
	struct arena arena = { 0 };
	struct span contact, sender;

	(void)state;
	seal_identity_box(bureau.open, random, &box);
	seal_identity(&id, &box, SPAN("微信 abc"), SPAN("+8613800138000"), &sealed);
	assert_int_equal(sealed.len, 250);
	assert_true(seal_open_identity(&moved, buf_span(&sealed), bureau.open, bureau.secret, &arena,
				       &contact, &sender));
	assert_true(span_is(contact, "微信 abc"));
	assert_true(span_is(sender, "+8613800138000"));
	assert_int_equal(span_find(buf_span(&sealed), SPAN("13800138000")), sealed.len);
	assert_false(seal_open_identity(&other_id, buf_span(&sealed), bureau.open, bureau.secret, &arena,
					&contact, &sender));
	assert_false(seal_open_identity(&id, buf_span(&sealed), stranger.open, stranger.secret, &arena,
					&contact, &sender));
	for (size_t i = 0; i < sealed.len; i += 7) {
		sealed.at[i] ^= 1;
		assert_false(seal_open_identity(&id, buf_span(&sealed), bureau.open, bureau.secret, &arena,
						&contact, &sender));
		sealed.at[i] ^= 1;
	}
	for (size_t len = 0; len < sealed.len; len += 5)
		assert_false(seal_open_identity(&id, span_from(sealed.at, len), bureau.open, bureau.secret,
						&arena, &contact, &sender));
	buf_release(&sealed);
	arena_release(&arena);
}

/* The same person behind two tips must not show in the store. */
static void equal_identities_look_different(void **state)
{
	unsigned char random[SEAL_KEY_BYTES] = { 7 };
	struct identity_box box;
	struct buf a = { 0 }, b = { 0 };

	(void)state;
	seal_identity_box(bureau.open, random, &box);
	seal_identity(&id, &box, SPAN(""), SPAN("+8613800138000"), &a);
	seal_identity(&other_id, &box, SPAN(""), SPAN("+8613800138000"), &b);
	assert_int_equal(a.len, b.len);
	assert_memory_not_equal(a.at + 81, b.at + 81, 24);
	assert_memory_not_equal(a.at + 106, b.at + 106, a.len - 106);
	buf_release(&a);
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bureau_and_parent_open_a_data_key),
		cmocka_unit_test(the_top_has_no_parent),
		cmocka_unit_test(a_data_key_fits_its_id_alone),
		cmocka_unit_test(identities_open_with_the_private_key_alone),
		cmocka_unit_test(equal_identities_look_different),
	};

	if (sodium_init() < 0)
		return 1;
	crypto_box_keypair(bureau.open, bureau.secret);
	crypto_box_keypair(parent.open, parent.secret);
	crypto_box_keypair(stranger.open, stranger.secret);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
