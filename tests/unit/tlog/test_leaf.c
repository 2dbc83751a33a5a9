/*
 * Blind leaves: the layout against values computed apart (Python's hashlib, see
 * below), who can find and open them, and that dummies cannot be told.
 *
 *   b = hashlib.blake2b; n = (7).to_bytes(8, "big")
 *   salt = b(b"tipline leaf salt v1\0" b"15\0" + n, key=bytes(range(32)), digest_size=16).digest()
 *   seed = b(b"tipline leaf tip v1\0" b"151234567890123456789012", digest_size=32).digest()
 *   blinding = b(b"tipline leaf blinding v1\0" + salt, key=seed, digest_size=32).digest()
 *   id = b(salt, key=seed, digest_size=16); commitment = b(b"opening", key=blinding, digest_size=32)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/tlog/leaf.h"

#include "daemon/base/hex.h"

#include <stdlib.h>

static unsigned char secret[LEAF_KEY_BYTES];
static const struct receipt_code code = { .digits = "151234567890123456789012" };
static const struct leaf_place place = { .shard = SPAN_INIT("15"), .number = 7 };

static int set_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(secret); i++)
		secret[i] = (unsigned char)i;
	return 0;
}

static void make_tip(uint64_t number, const struct receipt_code *of, struct span opening, unsigned char bytes[LEAF_BYTES])
{
	unsigned char salt[LEAF_SALT_BYTES], seed[LEAF_KEY_BYTES];

	leaf_salt(secret, &(struct leaf_place){ .shard = place.shard, .number = number }, salt);
	leaf_seed_of_tip(of, seed);
	leaf_make(&(struct leaf_input){ .class = LEAF_WORK, .day = 20778, .salt = salt, .seed = seed, .opening = opening }, bytes);
}

static void the_layout_is_fixed(void **state)
{
	static const char wanted[] = 
		"0102512a42e4115e3ac15f2a583260b677b37b225c04217d7501c82905cb1510d63ba6da"
		"578ec2bd6bfbc759846c3d9668ae8a0452eeabc2d12e4377d12ee635b4a747db";
	unsigned char bytes[LEAF_BYTES];
	char hex[2 * LEAF_BYTES + 1] = "";

	(void)state;
	make_tip(7, &code, SPAN("opening"), bytes);
	hex_put(bytes, sizeof(bytes), hex);
	assert_string_equal(hex, wanted);
}

static void who_has_the_digits_finds_the_leaves(void **state)
{
	struct receipt_code other = code;
	unsigned char bytes[LEAF_BYTES], seed[LEAF_KEY_BYTES], others[LEAF_KEY_BYTES];
	unsigned char ids[50][LEAF_ID_BYTES];
	struct leaf leaf;

	(void)state;
	other.digits[23] = '3';
	leaf_seed_of_tip(&code, seed);
	leaf_seed_of_tip(&other, others);
	for (uint64_t number = 0; number < 50; number++) {
		bool ours = number % 3 == 0;

		make_tip(number, ours ? &code : &other, SPAN("x"), bytes);
		assert_true(leaf_parse(span_from(bytes, sizeof(bytes)), &leaf));
		assert_int_equal(leaf_is_of(&leaf, seed), ours);
		assert_int_equal(leaf_is_of(&leaf, others), !ours);
		memcpy(ids[number], leaf.id, sizeof(leaf.id));
		for (uint64_t before = 0; before < number; before++)
			assert_memory_not_equal(ids[before], ids[number], LEAF_ID_BYTES);
	}
}

static void a_blinding_opens_one_leaf(void **state)
{
	unsigned char bytes[LEAF_BYTES], seed[LEAF_KEY_BYTES], blinding[LEAF_KEY_BYTES];
	struct leaf first, second;

	(void)state;
	make_tip(1, &code, SPAN("same"), bytes);
	assert_true(leaf_parse(span_from(bytes, sizeof(bytes)), &first));
	make_tip(2, &code, SPAN("same"), bytes);
	assert_true(leaf_parse(span_from(bytes, sizeof(bytes)), &second));
	assert_memory_not_equal(first.commitment, second.commitment, LEAF_COMMITMENT_BYTES);
	leaf_seed_of_tip(&code, seed);
	leaf_blinding(seed, first.salt, blinding);
	assert_true(leaf_opens(&first, blinding, SPAN("same")));
	assert_false(leaf_opens(&first, blinding, SPAN("Same")));
	assert_false(leaf_opens(&second, blinding, SPAN("same")));
	assert_false(leaf_opens(&first, seed, SPAN("same")));
	assert_false(leaf_is_of(&second, blinding));
}

static void secrets_and_places_are_kept_apart(void **state)
{
	static const struct leaf_place places[] = {
		{ .shard = SPAN_INIT("15"), .number = 7 }, { .shard = SPAN_INIT("15"), .number = 8 },
		{ .shard = SPAN_INIT("1"), .number = 7 }, { .shard = SPAN_INIT("money"), .number = 7 },
	};
	unsigned char made[3 * 4][LEAF_KEY_BYTES] = { { 0 } }, other[LEAF_KEY_BYTES] = { 1 };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		leaf_salt(secret, &places[i], made[i]);
		leaf_seed_of_event(secret, &places[i], made[4 + i]);
		leaf_seed_of_event(other, &places[i], made[8 + i]);
	}
	for (size_t i = 0; i < 12; i++)
		for (size_t k = 0; k < i; k++)
			assert_memory_not_equal(made[i], made[k], LEAF_SALT_BYTES);
}

static void days_are_those_of_beijing(void **state)
{
	(void)state;
	assert_int_equal(leaf_day(0), 0);
	assert_int_equal(leaf_day(INT64_C(16) * 3600000 - 1), 0);
	assert_int_equal(leaf_day(INT64_C(16) * 3600000), 1);
	assert_int_equal(leaf_day(INT64_C(1795219200000)), 20778);
}

static void batches_are_filled(void **state)
{
	(void)state;
	for (size_t events = 0; events < 100; events++) {
		assert_true(leaf_dummies(events) < LEAF_BATCH);
		assert_int_equal((events + leaf_dummies(events)) % LEAF_BATCH, 0);
	}
}

/* By every byte but the secret ones, dummies are leaves; they are the same again, and open. */
static void dummies_look_alike_and_open(void **state)
{
	struct leaf_batch batch = { .shard = SPAN("15"), .day = 20778 };
	size_t classes[LEAF_CLASSES_END] = { 0 };
	unsigned char bytes[LEAF_BYTES], again[LEAF_BYTES], blinding[LEAF_KEY_BYTES];

	(void)state;
	for (size_t i = 0; i < 3000; i++) {
		struct buf opening = { 0 };
		struct leaf_field field;
		struct leaf leaf;
		size_t n;

		batch.before = i / 7 * 8;
		leaf_dummy(secret, &batch, i % 7, bytes);
		leaf_dummy(secret, &batch, i % 7, again);
		assert_memory_equal(bytes, again, LEAF_BYTES);
		assert_true(leaf_parse(span_from(bytes, sizeof(bytes)), &leaf));
		assert_int_equal(leaf.day, 20778);
		classes[leaf.class]++;
		leaf_dummy_opening(secret, &batch, i % 7, blinding, &opening);
		assert_true(leaf_opens(&leaf, blinding, buf_span(&opening)));
		assert_true(leaf_opening_read(buf_span(&opening), &field, 1, &n) && n == 1 && span_is(field.name, "dummy"));
		buf_release(&opening);
	}
	for (size_t class = LEAF_RECEIVED; class < LEAF_CLASSES_END; class++)
		assert_in_range(classes[class], 850, 1150);
}

/* In the order of salts, the dummies of 400 batches of four and four stand anywhere. */
static void the_order_tells_nothing(void **state)
{
	struct leaf_batch batch = { .shard = SPAN("15"), .day = 1 };
	size_t dummies_at[LEAF_BATCH] = { 0 };

	(void)state;
	for (size_t b = 0; b < 400; b++) {
		unsigned char leaves[LEAF_BATCH][LEAF_BYTES];

		batch.before = b * LEAF_BATCH;
		for (size_t i = 0; i < LEAF_BATCH; i++)
			if (i < 4)
				make_tip(b * 4 + i, &code, SPAN("x"), leaves[i]);
			else
				leaf_dummy(secret, &batch, i, leaves[i]);
		for (size_t i = 4; i < LEAF_BATCH; i++) {
			size_t at = 0;

			for (size_t k = 0; k < LEAF_BATCH; k++)
				at += leaf_order(leaves[k], leaves[i]) < 0;
			dummies_at[at]++;
		}
	}
	for (size_t i = 0; i < LEAF_BATCH; i++)
		assert_in_range(dummies_at[i], 150, 250);
}

static void other_bytes_are_no_leaf(void **state)
{
	unsigned char bytes[LEAF_BYTES + 1] = { 0 };
	struct leaf leaf;

	(void)state;
	make_tip(1, &code, SPAN("x"), bytes);
	assert_true(leaf_parse(span_from(bytes, LEAF_BYTES), &leaf));
	assert_false(leaf_parse(span_from(bytes, LEAF_BYTES - 1), &leaf));
	assert_false(leaf_parse(span_from(bytes, LEAF_BYTES + 1), &leaf));
	assert_false(leaf_parse((struct span){ 0 }, &leaf));
	bytes[1] = 0;
	assert_false(leaf_parse(span_from(bytes, LEAF_BYTES), &leaf));
	bytes[1] = 4;
	assert_false(leaf_parse(span_from(bytes, LEAF_BYTES), &leaf));
	bytes[1] = 3;
	assert_true(leaf_parse(span_from(bytes, LEAF_BYTES), &leaf));
	bytes[0] = 2;
	assert_false(leaf_parse(span_from(bytes, LEAF_BYTES), &leaf));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_layout_is_fixed),
		cmocka_unit_test(who_has_the_digits_finds_the_leaves),
		cmocka_unit_test(a_blinding_opens_one_leaf),
		cmocka_unit_test(secrets_and_places_are_kept_apart),
		cmocka_unit_test(days_are_those_of_beijing),
		cmocka_unit_test(batches_are_filled),
		cmocka_unit_test(dummies_look_alike_and_open),
		cmocka_unit_test(the_order_tells_nothing),
		cmocka_unit_test(other_bytes_are_no_leaf),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
