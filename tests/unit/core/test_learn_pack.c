/*
 * Examples as bytes: they come back as they went, other bytes do not come
 * back at all, and sealed they open for their tip and key alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/learn_texts.h"

#include <sodium.h>

#define SEALED_MAX 640       /* what a journal entry may carry of it */
#define USUAL_MAX 600
#define TEN "昨天在车站看到一个小"

static const struct seal_key key = { "the key of learning" };
static const struct seal_key wrong_key = { "another key" };
static const struct tip_id id = { "15-7K3MQ2X9RD" };
static const struct tip_id moved = { "11-7K3MQ2X9RD" };
static const struct tip_id other_id = { "15-7K3MQ2X9RE" };

static bool same(const struct learn_example *a, const struct learn_example *b)
{
	return a->n == b->n && memcmp(a->features, b->features, a->n * sizeof(a->features[0])) == 0;
}

/* Any n places, ascending. */
static void draw(uint64_t *seed, size_t n, struct learn_example *out)
{
	out->n = 0;
	for (uint32_t place = 0; place < LEARN_PLACES && out->n < n; place++)
		if (learn_text_random(seed) % (LEARN_PLACES - place) < n - out->n)
			out->features[out->n++] = (uint16_t)place;
}

static void assert_comes_back(const struct learn_example *example, struct arena *arena)
{
	struct span packed = learn_pack(example, arena);
	struct learn_example back;

	assert_true(learn_unpack(packed, &back));
	assert_true(same(example, &back));
	assert_true(span_eq(learn_pack(&back, arena), packed));
}

static void what_is_packed_comes_back(void **state)
{
	struct arena arena = { 0 };
	struct learn_example example;
	uint64_t seed = 42;

	(void)state;
	for (size_t n = 0; n <= LEARN_FEATURES_MAX; n++) {
		draw(&seed, n, &example);
		assert_int_equal(example.n, n);
		assert_comes_back(&example, &arena);
	}
	arena_release(&arena);
}

static void the_ends_of_the_model_come_back(void **state)
{
	struct arena arena = { 0 };
	struct learn_example first = { .n = LEARN_FEATURES_MAX }, last = { .n = LEARN_FEATURES_MAX };
	struct learn_example one = { .features = { LEARN_PLACES - 1 }, .n = 1 };

	(void)state;
	for (uint32_t i = 0; i < LEARN_FEATURES_MAX; i++) {
		first.features[i] = (uint16_t)i;
		last.features[i] = (uint16_t)(LEARN_PLACES - LEARN_FEATURES_MAX + i);
	}
	assert_comes_back(&first, &arena);
	assert_comes_back(&last, &arena);
	assert_comes_back(&one, &arena);
	arena_release(&arena);
}

/* Either refused, or exactly what pack would have made: there are no two forms of one example. */
static void a_changed_byte_is_seen_or_makes_another_example(void **state)
{
	struct arena arena = { 0 };
	struct learn_example example, back;
	struct span packed;
	uint64_t seed = 7;

	(void)state;
	draw(&seed, 100, &example);
	packed = learn_pack(&example, &arena);
	for (size_t bit = 0; bit < packed.len * 8; bit++) {
		struct span copy = arena_dup(&arena, packed);
		char *at = arena_alloc(&arena, copy.len);

		memcpy(at, copy.at, copy.len);
		at[bit / 8] = (char)((unsigned char)at[bit / 8] ^ 1u << bit % 8);
		if (learn_unpack(span_from(at, copy.len), &back))
			assert_true(span_eq(learn_pack(&back, &arena), span_from(at, copy.len)));
	}
	arena_release(&arena);
}

static void cut_and_lengthened_bytes_are_refused(void **state)
{
	struct arena arena = { 0 };
	struct learn_example example, back;
	struct span packed;
	uint64_t seed = 9;
	char *longer;

	(void)state;
	draw(&seed, 50, &example);
	packed = learn_pack(&example, &arena);
	for (size_t len = 0; len < packed.len; len++)
		assert_false(learn_unpack(span_from(packed.at, len), &back));
	longer = arena_alloc(&arena, packed.len + 1);
	memcpy(longer, packed.at, packed.len);
	assert_false(learn_unpack(span_from(longer, packed.len + 1), &back));
	arena_release(&arena);
}

static void it_takes_few_bytes(void **state)
{
	struct arena arena = { 0 };
	struct learn_example example;
	uint64_t seed = 1;

	(void)state;
	learn_example_of(TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN, 30, &example);
	assert_true(learn_seal(&key, &id, &example, &arena).len <= USUAL_MAX);
	for (size_t n = 0; n <= LEARN_FEATURES_MAX; n += 8) {
		draw(&seed, n, &example);
		assert_true(learn_seal(&key, &id, &example, &arena).len <= SEALED_MAX);
	}
	for (size_t i = 0; i < LEARN_FEATURES_MAX; i++)
		example.features[i] = (uint16_t)(LEARN_PLACES - LEARN_FEATURES_MAX + i);
	assert_true(learn_seal(&key, &id, &example, &arena).len <= SEALED_MAX);
	arena_release(&arena);
}

static void it_opens_for_its_tip_and_key_alone(void **state)
{
	struct arena arena = { 0 };
	struct learn_example example, back;
	struct span sealed;

	(void)state;
	learn_example_of("child at the station", 30, &example);
	sealed = learn_seal(&key, &id, &example, &arena);
	assert_true(learn_open(&key, &id, sealed, &arena, &back) && same(&example, &back));
	assert_true(learn_open(&key, &moved, sealed, &arena, &back));
	assert_false(learn_open(&wrong_key, &id, sealed, &arena, &back));
	assert_false(learn_open(&key, &other_id, sealed, &arena, &back));
	assert_false(learn_open(&key, &id, span_from(sealed.at, sealed.len - 1), &arena, &back));
	assert_false(learn_open(&key, &id, SPAN(""), &arena, &back));
	assert_false(span_eq(sealed, learn_seal(&key, &other_id, &example, &arena)));
	arena_release(&arena);
}

static int begin(void **state)
{
	(void)state;
	return sodium_init() < 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_packed_comes_back),
		cmocka_unit_test(the_ends_of_the_model_come_back),
		cmocka_unit_test(a_changed_byte_is_seen_or_makes_another_example),
		cmocka_unit_test(cut_and_lengthened_bytes_are_refused),
		cmocka_unit_test(it_takes_few_bytes),
		cmocka_unit_test(it_opens_for_its_tip_and_key_alone),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
