/* Fingerprints: the same for the same text, useless without the key, small, and whole after storing. */
#include "daemon/core/incident/fingerprint.h"

#include "daemon/base/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

static struct normalizer *normalizer;

static int set_up(void **state)
{
	(void)state;
	normalizer = normalizer_new();
	return normalizer == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	normalizer_free(normalizer);
	return 0;
}

static const char tip[] =
	"昨天傍晚我在火车站东广场的公交站旁边看到一个四十来岁的男人拉着一个穿红色外套的小女孩,女孩一直在哭,"
	"说不要跟他走,"
	"男人说是她叔叔。后来他们上了一辆白色的面包车(京A12345)往北边开走了,电话13800138000。";

static void print_of(unsigned char byte, const char *text, struct fingerprint *out)
{
	struct fingerprint_key key;
	struct fingerprinter fingerprinter;
	struct entities entities;
	struct folded folded;
	struct arena arena = { 0 };

	memset(key.bytes, byte, sizeof(key.bytes));
	fingerprinter_init(&fingerprinter, &key);
	normalize(normalizer, span_of(text), &arena, &folded);
	entities_find(folded.text, &entities);
	fingerprint(&fingerprinter,
		    &(struct fingerprint_input){
			    .original = span_of(text), .text = &folded, .entities = &entities },
		    &arena, out);
	arena_release(&arena);
}

static void another_key_shares_nothing(void **state)
{
	struct fingerprint a, b;

	(void)state;
	print_of(1, tip, &a);
	print_of(2, tip, &b);
	assert_true(feature_wording(&a.feature, &b.feature) < 0.2);
	assert_int_equal(a.nmarks, b.nmarks);
	for (size_t i = 0; i < a.nmarks; i++)
		assert_true(a.marks[i].mark != b.marks[i].mark);
}

static void marks_name_entities_once(void **state)
{
	struct fingerprint a, b;

	(void)state;
	print_of(1, "京A12345 13800138000 再说一次京A·12345 女孩12岁 3点半", &a);
	assert_int_equal(a.nmarks, 2);
	assert_int_equal(a.marks[0].kind, ENTITY_PLATE);
	assert_int_equal(a.marks[1].kind, ENTITY_PHONE);
	print_of(1, "电话是１３８-００１３-８０００", &b);
	assert_int_equal(b.nmarks, 1);
	assert_true(b.marks[0].mark == a.marks[1].mark);
}

/* The same digits as a telephone number and as an account are two marks. */
static void marks_tell_kinds_apart(void **state)
{
	struct fingerprint phone, account;

	(void)state;
	print_of(1, "电话13800138000", &phone);
	print_of(1, "微信号abc13800138000", &account);
	assert_int_equal(phone.nmarks, 1);
	for (size_t i = 0; i < account.nmarks; i++)
		assert_true(account.marks[i].mark != phone.marks[0].mark);
}

static void texts_say_the_same_in_every_spelling(void **state)
{
	struct arena arena = { 0 };
	struct fingerprint a, b;

	(void)state;
	print_of(1, "车牌京A12345，女孩被关在地下室", &a);
	print_of(1, "車牌京ａ１２３４５，女孩被關在地下室", &b);
	assert_true(span_eq(fingerprint_pack(&a, &arena), fingerprint_pack(&b, &arena)));
	arena_release(&arena);
}

static void packing_is_a_round_trip(void **state)
{
	static const char *const texts[] = { tip, "。", "", "x",
					     "I saw the van HN-23-4471, call +8613800138000" };
	struct arena arena = { 0 };

	(void)state;
	for (size_t t = 0; t < COUNT_OF(texts); t++) {
		struct fingerprint in, out;
		struct span packed;

		print_of(1, texts[t], &in);
		packed = fingerprint_pack(&in, &arena);
		assert_true(fingerprint_unpack(packed, &out));
		assert_true(span_eq(fingerprint_pack(&out, &arena), packed));
		assert_int_equal(in.nmarks, out.nmarks);
		for (size_t i = 0; i < in.nmarks; i++)
			assert_true(in.marks[i].kind == out.marks[i].kind &&
				    in.marks[i].mark == out.marks[i].mark);
		for (size_t len = 0; len < packed.len; len++)
			assert_false(fingerprint_unpack(span_from(packed.at, len), &out));
	}
	arena_release(&arena);
}

/* Packed bytes with some changed: refused, or what packing their meaning gives. */
static void unpacking_accepts_packed_forms_only(void **state)
{
	struct arena arena = { 0 };
	struct fingerprint print;
	struct span packed;
	size_t accepted = 0;
	unsigned seed = 1;

	(void)state;
	print_of(1, tip, &print);
	packed = fingerprint_pack(&print, &arena);
	for (size_t round = 0; round < 20000; round++) {
		struct arena turn = { 0 };
		struct span bytes = arena_dup(&turn, packed);
		size_t changes = 1 + (size_t)rand_r(&seed) % 4;

		for (size_t i = 0; i < changes; i++)
			((unsigned char *)(uintptr_t)bytes.at)[(size_t)rand_r(&seed) % bytes.len] =
				(unsigned char)rand_r(&seed);
		if (fingerprint_unpack(bytes, &print)) {
			assert_true(span_eq(fingerprint_pack(&print, &turn), bytes));
			accepted++;
		}
		arena_release(&turn);
	}
	assert_true(accepted > 0);
	arena_release(&arena);
}

static void empty_text_has_an_empty_print(void **state)
{
	struct arena arena = { 0 };
	struct fingerprint print;

	(void)state;
	print_of(1, "。", &print);
	assert_int_equal(print.nmarks, 0);
	assert_int_equal(print.feature.ngrams, 0);
	assert_true(fingerprint_pack(&print, &arena).len < 8);
	arena_release(&arena);
}

static void as_many_marks_as_entities_fit(void **state)
{
	struct arena arena = { 0 };
	struct fingerprint print, again;
	const char *text = "";

	(void)state;
	for (unsigned i = 0; i < 2 * ENTITIES_MAX; i++)
		text = arena_printf(&arena, "%s电话%llu,", text, 13800138000ULL + 7919ULL * i);
	print_of(1, text, &print);
	assert_int_equal(print.nmarks, ENTITIES_MAX);
	assert_true(fingerprint_unpack(fingerprint_pack(&print, &arena), &again));
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_key_shares_nothing),
		cmocka_unit_test(marks_name_entities_once),
		cmocka_unit_test(marks_tell_kinds_apart),
		cmocka_unit_test(texts_say_the_same_in_every_spelling),
		cmocka_unit_test(packing_is_a_round_trip),
		cmocka_unit_test(unpacking_accepts_packed_forms_only),
		cmocka_unit_test(empty_text_has_an_empty_print),
		cmocka_unit_test(as_many_marks_as_entities_fit),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
