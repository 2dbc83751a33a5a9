/*
 * Fingerprints: the same for the same text, useless without the key, small,
 * and alike for copies that were cut or padded.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/fingerprint.h"

#include <stdlib.h>

static const char long_text[] =
	"昨天傍晚我在火车站东广场的公交站旁边看到一个四十来岁的男人拉着一个穿红色外套的小女孩,女孩一直在哭,"
	"说不要跟他走,"
	"男人说是她叔叔。后来他们上了一辆白色的面包车(京a12345)往北边开走了,电话13800138000。";

static void keyed(unsigned char byte, struct fingerprinter *out)
{
	struct fingerprint_key key;

	memset(key.bytes, byte, sizeof(key.bytes));
	fingerprinter_init(out, &key);
}

static void print_of(unsigned char key, struct span text, struct fingerprint *out)
{
	struct fingerprinter fingerprinter;
	struct entities entities;
	struct arena arena = { 0 };

	keyed(key, &fingerprinter);
	entities_find(text, &entities);
	fingerprint(&fingerprinter, text, &entities, &arena, out);
	arena_release(&arena);
}

static size_t shared(const struct fingerprint *a, const struct fingerprint *b)
{
	size_t n = 0;

	for (size_t i = 0, k = 0; i < a->nsketch && k < b->nsketch;) {
		n += a->sketch[i] == b->sketch[k];
		if (a->sketch[i] <= b->sketch[k])
			i++;
		else
			k++;
	}
	return n;
}

static void sketch_is_ascending_multiples(void **state)
{
	struct fingerprint print;

	(void)state;
	print_of(1, SPAN(long_text), &print);
	assert_true(print.nsketch >= 10 && print.nsketch <= 50);
	for (size_t i = 0; i < print.nsketch; i++) {
		assert_int_equal(print.sketch[i] % SKETCH_ONE_IN, 0);
		assert_true(i == 0 || print.sketch[i] > print.sketch[i - 1]);
	}
}

static void punctuation_and_blanks_do_not_count(void **state)
{
	struct fingerprint a, b;

	(void)state;
	print_of(1, SPAN("有人在火车站旁边,拐走了一个小女孩!请马上来。"), &a);
	print_of(1, SPAN("有人在 火车站旁边 拐走了一个小女孩 请马上来"), &b);
	assert_int_equal(a.nsketch, b.nsketch);
	assert_memory_equal(a.sketch, b.sketch, a.nsketch * sizeof(*a.sketch));
	print_of(1, SPAN("a man took the girl, to the old bus station."), &a);
	print_of(1, SPAN("a man took the girl to the old bus station"), &b);
	assert_int_equal(a.nsketch, b.nsketch);
	assert_memory_equal(a.sketch, b.sketch, a.nsketch * sizeof(*a.sketch));
}

static void cut_and_padded_copies_are_contained(void **state)
{
	char padded[2 * sizeof(long_text)] = "转发给大家看看:";
	struct fingerprint whole, cut, more;

	(void)state;
	strcat(padded, long_text);
	print_of(1, SPAN(long_text), &whole);
	print_of(1, span_from(long_text, 150), &cut);
	print_of(1, span_of(padded), &more);
	assert_true(cut.nsketch > 0);
	assert_int_equal(shared(&cut, &whole), cut.nsketch);
	assert_int_equal(shared(&whole, &more), whole.nsketch);
}

static void another_key_shares_nothing(void **state)
{
	struct fingerprint a, b;

	(void)state;
	print_of(1, SPAN(long_text), &a);
	print_of(2, SPAN(long_text), &b);
	assert_int_equal(shared(&a, &b), 0);
	assert_int_equal(a.nmarks, b.nmarks);
	for (size_t i = 0; i < a.nmarks; i++)
		assert_true(a.marks[i].mark != b.marks[i].mark);
}

static void marks_name_entities_once(void **state)
{
	struct fingerprint a, b;

	(void)state;
	print_of(1, SPAN("京a12345 13800138000 再说一次京a·12345 女孩12岁 3点半"), &a);
	assert_int_equal(a.nmarks, 2);
	assert_int_equal(a.marks[0].kind, ENTITY_PLATE);
	assert_int_equal(a.marks[1].kind, ENTITY_PHONE);
	print_of(1, SPAN("电话是138-0013-8000"), &b);
	assert_int_equal(b.nmarks, 1);
	assert_true(b.marks[0].mark == a.marks[1].mark);
}

static void long_texts_keep_the_smallest(void **state)
{
	struct fingerprint whole, part;
	char text[9001];

	(void)state;
	for (size_t i = 0; i < 3000; i++) {
		unsigned c = 0x4E00 + (unsigned)(i * 7919 % 5000);

		text[i * 3] = (char)(0xE0 | c >> 12);
		text[i * 3 + 1] = (char)(0x80 | (c >> 6 & 0x3F));
		text[i * 3 + 2] = (char)(0x80 | (c & 0x3F));
	}
	print_of(1, span_from(text, 9000), &whole);
	print_of(1, span_from(text, 3000), &part);
	assert_int_equal(whole.nsketch, SKETCH_MAX);
	/* What the part kept below the whole's limit, the whole kept too. */
	for (size_t i = 0; i < part.nsketch && part.sketch[i] <= whole.sketch[SKETCH_MAX - 1]; i++) {
		size_t k = 0;

		while (k < SKETCH_MAX && whole.sketch[k] != part.sketch[i])
			k++;
		assert_true(k < SKETCH_MAX);
	}
}

static void packing_is_a_round_trip(void **state)
{
	struct arena arena = { 0 };
	struct fingerprint in, out;
	struct span packed;

	(void)state;
	print_of(1, SPAN(long_text), &in);
	packed = fingerprint_pack(&in, &arena);
	assert_true(fingerprint_unpack(packed, &out));
	assert_int_equal(in.nsketch, out.nsketch);
	assert_memory_equal(in.sketch, out.sketch, in.nsketch * sizeof(*in.sketch));
	assert_int_equal(in.nmarks, out.nmarks);
	for (size_t i = 0; i < in.nmarks; i++)
		assert_true(in.marks[i].kind == out.marks[i].kind && in.marks[i].mark == out.marks[i].mark);
	for (size_t len = 0; len < packed.len; len++)
		assert_false(fingerprint_unpack(span_from(packed.at, len), &out));
	arena_release(&arena);
}

/* Any bytes are refused or are what packing their meaning gives. */
static void unpacking_accepts_packed_forms_only(void **state)
{
	struct arena arena = { 0 };
	struct fingerprint print;
	unsigned char bytes[64];

	(void)state;
	srand(1);
	for (size_t round = 0; round < 20000; round++) {
		size_t len = (size_t)rand() % sizeof(bytes);

		for (size_t i = 0; i < len; i++)
			bytes[i] = (unsigned char)(rand() % 8 == 0 ? rand() : rand() % 4 * 4);
		if (fingerprint_unpack(span_from(bytes, len), &print))
			assert_true(span_eq(fingerprint_pack(&print, &arena), span_from(bytes, len)));
	}
	arena_release(&arena);
}

static void empty_text_has_an_empty_print(void **state)
{
	struct arena arena = { 0 };
	struct fingerprint print;

	(void)state;
	print_of(1, SPAN("。"), &print);
	assert_int_equal(print.nsketch, 0);
	assert_int_equal(print.nmarks, 0);
	assert_int_equal(fingerprint_pack(&print, &arena).len, 2);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sketch_is_ascending_multiples),
		cmocka_unit_test(punctuation_and_blanks_do_not_count),
		cmocka_unit_test(cut_and_padded_copies_are_contained),
		cmocka_unit_test(another_key_shares_nothing),
		cmocka_unit_test(marks_name_entities_once),
		cmocka_unit_test(long_texts_keep_the_smallest),
		cmocka_unit_test(packing_is_a_round_trip),
		cmocka_unit_test(unpacking_accepts_packed_forms_only),
		cmocka_unit_test(empty_text_has_an_empty_print),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
