/*
 * Blind leaves: the layout against values computed apart (Python's hashlib, see
 * below), who can find and open them, and that dummies cannot be told.
 *
 *   b = hashlib.blake2b; n = (7).to_bytes(8, "big"); key = bytes(range(32))
 *   salt = b(b"tipline leaf salt v1\0" b"15\0" + n, key=key, digest_size=16).digest()
 *   seed = b(b"tipline leaf tip v1\0" b"151234567890123456789012", digest_size=16).digest()
 *   blinding = lambda name: b(b"tipline leaf blinding v1\0" + salt + name + b"\0", key=seed, digest_size=16).digest()
 *   rest = bytes(32)
 *   for name in reversed(names): rest = b(b"tipline leaf rest v1\0" + name + b"\0"
 *           + b(values[name], key=blinding(name), digest_size=32).digest() + rest, digest_size=32).digest()
 *   id = b(salt, key=seed, digest_size=16).digest(); commitment = rest
 *   entry = b(b"tipline leaf entry v1\0" + salt + b"{}", key=key, digest_size=32).hexdigest()
 *   actor = b(b"tipline leaf actor v1\0" + salt + b"p-lin", key=key, digest_size=16).hexdigest()
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/tlog/leaf.h"

#include "daemon/base/hex.h"
#include "daemon/base/table.h"

#include <stdlib.h>

static unsigned char secret[LEAF_KEY_BYTES];
static const struct receipt_code code = { .digits = "151234567890123456789012" };
static const struct leaf_place place = { .log = SPAN_INIT("15"), .number = 7 };

static int set_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(secret); i++)
		secret[i] = (unsigned char)i;
	return 0;
}

static const struct leaf_values some = { .at = { [LEAF_EVENT] = SPAN_INIT("closed"), [LEAF_OUTCOME] = SPAN_INIT("verified"),
						 [LEAF_PROVINCE] = SPAN_INIT("150000") } };

static void make_tip(uint64_t number, const struct receipt_code *of, const struct leaf_values *values, unsigned char bytes[LEAF_BYTES])
{
	unsigned char salt[LEAF_SALT_BYTES], seed[LEAF_SEED_BYTES];

	leaf_salt(secret, &(struct leaf_place){ .log = place.log, .number = number }, salt);
	leaf_seed_of_tip(of, seed);
	leaf_make(&(struct leaf_input){ .class = LEAF_WORK, .day = 20778, .salt = salt, .seed = seed, .values = values }, bytes);
}

static void the_layout_is_fixed(void **state)
{
	static const char wanted[] =
		"0102512a42e4115e3ac15f2a583260b677b37b222a9a6cd684c2d973e1dda0323d2410cb"
		"df8607304d05e1fc95ff1ffbe749b0adf8a1cfb697baba2f38d99d477396b6f5";
	unsigned char bytes[LEAF_BYTES];
	char hex[2 * LEAF_BYTES + 1] = "";

	(void)state;
	make_tip(7, &code, &some, bytes);
	hex_put(bytes, sizeof(bytes), hex);
	assert_string_equal(hex, wanted);
}

static void entry_and_actor_are_keyed(void **state)
{
	unsigned char salt[LEAF_SALT_BYTES];
	struct arena arena = { 0 };

	(void)state;
	leaf_salt(secret, &place, salt);
	assert_true(span_is(leaf_entry(secret, salt, SPAN("{}"), &arena),
			    "718856d526b1921d84341382f2bf889d0fa63e470c642528686abdf0365a5183"));
	assert_true(span_is(leaf_actor(secret, salt, SPAN("p-lin"), &arena), "cc88e7e857e1b421473a6bec416c4419"));
	assert_true(span_empty(leaf_actor(secret, salt, (struct span){ 0 }, &arena)));
	arena_release(&arena);
}

static void who_has_the_digits_finds_the_leaves(void **state)
{
	struct receipt_code other = code;
	unsigned char bytes[LEAF_BYTES], seed[LEAF_SEED_BYTES], others[LEAF_SEED_BYTES];
	unsigned char ids[50][LEAF_ID_BYTES];
	struct leaf leaf;

	(void)state;
	other.digits[23] = '3';
	leaf_seed_of_tip(&code, seed);
	leaf_seed_of_tip(&other, others);
	for (uint64_t number = 0; number < 50; number++) {
		bool ours = number % 3 == 0;

		make_tip(number, ours ? &code : &other, &some, bytes);
		assert_true(leaf_parse(span_from(bytes, sizeof(bytes)), &leaf));
		assert_int_equal(leaf_is_of(&leaf, seed), ours);
		assert_int_equal(leaf_is_of(&leaf, others), !ours);
		memcpy(ids[number], leaf.id, sizeof(leaf.id));
		for (uint64_t before = 0; before < number; before++)
			assert_memory_not_equal(ids[before], ids[number], LEAF_ID_BYTES);
	}
}

/* The same event in two leaves, or with one field changed: nothing of one is in the other. */
static void each_field_changes_the_commitment(void **state)
{
	unsigned char bytes[LEAF_BYTES], first[LEAF_COMMITMENT_BYTES];
	struct leaf_values values = some;
	struct leaf leaf;

	(void)state;
	make_tip(1, &code, &values, bytes);
	assert_true(leaf_parse(span_from(bytes, sizeof(bytes)), &leaf));
	memcpy(first, leaf.commitment, sizeof(first));
	make_tip(2, &code, &values, bytes);
	assert_true(leaf_parse(span_from(bytes, sizeof(bytes)), &leaf));
	assert_memory_not_equal(first, leaf.commitment, sizeof(first));
	for (size_t i = 0; i < LEAF_FIELDS; i++) {
		values = some;
		values.at[i] = SPAN("x");
		make_tip(1, &code, &values, bytes);
		assert_true(leaf_parse(span_from(bytes, sizeof(bytes)), &leaf));
		assert_memory_not_equal(first, leaf.commitment, sizeof(first));
	}
}

static void secrets_and_places_are_kept_apart(void **state)
{
	static const struct leaf_place places[] = {
		{ .log = SPAN_INIT("15"), .number = 7 }, { .log = SPAN_INIT("15"), .number = 8 },
		{ .log = SPAN_INIT("1"), .number = 7 }, { .log = SPAN_INIT("money"), .number = 7 },
	};
	unsigned char made[3 * 4 + LEAF_FIELDS][LEAF_SEED_BYTES] = { { 0 } }, other[LEAF_KEY_BYTES] = { 1 };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		leaf_salt(secret, &places[i], made[i]);
		leaf_seed_of_event(secret, &places[i], made[4 + i]);
		leaf_seed_of_event(other, &places[i], made[8 + i]);
	}
	for (size_t i = 0; i < LEAF_FIELDS; i++)
		leaf_blinding(made[4], made[0], (enum leaf_field)i, made[12 + i]);
	for (size_t i = 0; i < COUNT_OF(made); i++)
		for (size_t k = 0; k < i; k++)
			assert_memory_not_equal(made[i], made[k], LEAF_SEED_BYTES);
}

static void days_are_those_of_beijing(void **state)
{
	(void)state;
	assert_int_equal(leaf_day(0), 0);
	assert_int_equal(leaf_day(INT64_C(16) * 3600000 - 1), 0);
	assert_int_equal(leaf_day(INT64_C(16) * 3600000), 1);
	assert_int_equal(leaf_day(INT64_C(1795219200000)), 20778);
}

/* By every byte but the secret ones, dummies are leaves; they are the same again, and open. */
static void dummies_look_alike_and_open(void **state)
{
	struct leaf_batch batch = { .log = SPAN("15"), .day = 20778 };
	size_t classes[LEAF_CLASSES_END] = { 0 }, drawn[3] = { 0 };
	unsigned char bytes[LEAF_BYTES], again[LEAF_BYTES], seed[LEAF_SEED_BYTES];

	(void)state;
	for (size_t i = 0; i < 3000; i++) {
		struct leaf_opening opening;
		struct buf text = { 0 };
		struct leaf leaf;

		batch.before = i / 7 * 8;
		leaf_dummy(secret, &batch, i % 7, bytes);
		leaf_dummy(secret, &batch, i % 7, again);
		assert_memory_equal(bytes, again, LEAF_BYTES);
		assert_true(leaf_parse(span_from(bytes, sizeof(bytes)), &leaf));
		assert_int_equal(leaf.day, 20778);
		classes[leaf.class]++;
		drawn[leaf_dummy_draw(secret, &batch, i % 7, 3)]++;
		leaf_dummy_seed(secret, &batch, i % 7, seed);
		assert_true(leaf_is_of(&leaf, seed));
		leaf_opening_write(seed, leaf.salt, &leaf_dummy_values, LEAF_OPEN(LEAF_EVENT), &text);
		assert_true(leaf_opening_read(buf_span(&text), &opening) && leaf_opens(&leaf, &opening));
		assert_true(span_is(opening.values.at[LEAF_EVENT], "dummy"));
		buf_release(&text);
	}
	for (size_t class = LEAF_RECEIVED; class < LEAF_CLASSES_END; class++) {
		assert_in_range(classes[class], 850, 1150);
		assert_in_range(drawn[class - LEAF_RECEIVED], 850, 1150);
	}
}

/* In the order of salts, the dummies of 400 batches of four and four stand anywhere. */
static void the_order_tells_nothing(void **state)
{
	struct leaf_batch batch = { .log = SPAN("15"), .day = 1 };
	size_t dummies_at[LEAF_BATCH] = { 0 };

	(void)state;
	for (size_t b = 0; b < 400; b++) {
		unsigned char leaves[LEAF_BATCH][LEAF_BYTES];

		batch.before = b * LEAF_BATCH;
		for (size_t i = 0; i < LEAF_BATCH; i++)
			if (i < 4)
				make_tip(b * 4 + i, &code, &some, leaves[i]);
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
	make_tip(1, &code, &some, bytes);
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
		cmocka_unit_test(each_field_changes_the_commitment),
		cmocka_unit_test(entry_and_actor_are_keyed),
		cmocka_unit_test(secrets_and_places_are_kept_apart),
		cmocka_unit_test(days_are_those_of_beijing),
		cmocka_unit_test(dummies_look_alike_and_open),
		cmocka_unit_test(the_order_tells_nothing),
		cmocka_unit_test(other_bytes_are_no_leaf),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
