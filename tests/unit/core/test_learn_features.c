/*
 * Features: in order, without doubles, the same for the same text and key,
 * other ones under another key, and alike for texts that are alike.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/learn_texts.h"

#include "daemon/base/table.h"

static const char *const texts[] = {
	"",
	"a",
	" ",
	"child at the station, white van",
	"昨天在火车站看到一个男人拉着哭的小孩",
	"加v:abc123 领取5000元 http://dwz.cn/x",
	"\xff\xfe\x80 broken \xe4\xb8",
	"日本語 и русский текст 👍👍",
};

static size_t shared(const struct learn_example *a, const struct learn_example *b)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n; i++)
		for (size_t j = 0; j < b->n; j++)
			n += a->features[i] == b->features[j];
	return n;
}

static void assert_in_order(const struct learn_example *example)
{
	assert_in_range(example->n, 1, LEARN_FEATURES_MAX);
	for (size_t i = 0; i < example->n; i++) {
		assert_true(example->features[i] < LEARN_PLACES);
		assert_true(i == 0 || example->features[i] > example->features[i - 1]);
	}
}

static void places_ascend_and_come_out_alike(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct learn_example once, again;

		learn_example_of(texts[i], 30, &once);
		learn_example_of(texts[i], 30, &again);
		assert_in_order(&once);
		assert_int_equal(once.n, again.n);
		assert_memory_equal(once.features, again.features, once.n * sizeof(once.features[0]));
	}
}

static void a_long_text_fills_them_and_no_more(void **state)
{
	struct learn_example example;
	struct buf text = { 0 };

	(void)state;
	for (unsigned i = 0; i < 5000; i++)
		buf_printf(&text, "w%u ", i * 7919);
	buf_add_byte(&text, '\0');
	learn_example_of(text.at, 30, &example);
	assert_int_equal(example.n, LEARN_FEATURES_MAX);
	assert_in_order(&example);
	buf_release(&text);
}

static void another_key_gives_other_places(void **state)
{
	static const struct fingerprinter other = { .secret = "another secret, for tests alone" };
	static const struct entities none;
	struct folded text = { .text = SPAN_INIT("昨天在火车站看到一个男人拉着哭的小孩") };
	struct learn_example mine, theirs;

	(void)state;
	learn_example_of(text.text.at, 30, &mine);
	learn_features(&other, &(struct learn_input){ .text = &text, .entities = &none, .points = 30 }, &theirs);
	/* Shape is not hashed; the words are. */
	assert_true(shared(&mine, &theirs) < 12);
	assert_true(mine.n > 40);
}

static void one_word_changed_leaves_most(void **state)
{
	struct learn_example a, b;

	(void)state;
	learn_example_of("the man with the child took the bus to the station", 30, &a);
	learn_example_of("the man with the girl took the bus to the station", 30, &b);
	assert_true(shared(&a, &b) * 10 > a.n * 7);
	assert_true(shared(&a, &b) < a.n);
}

static void points_and_capitals_are_features(void **state)
{
	static const struct entities none;
	struct folded text = { .text = SPAN_INIT("free entry now") };
	struct learn_example low, high, loud;

	(void)state;
	learn_example_of(text.text.at, 10, &low);
	learn_example_of(text.text.at, 80, &high);
	assert_int_equal(shared(&low, &high), low.n - 1);
	learn_features(&learn_test_key,
		       &(struct learn_input){
			       .original = SPAN("FREE ENTRY NOW"), .text = &text, .entities = &none, .points = 10 },
		       &loud);
	assert_true(shared(&low, &loud) < low.n);
}

static void numbers_are_alike_by_their_length(void **state)
{
	struct learn_example a, b, c;

	(void)state;
	learn_example_of("call 09058094583", 30, &a);
	learn_example_of("call 09061234567", 30, &b);
	learn_example_of("call 0906", 30, &c);
	assert_true(shared(&a, &b) > shared(&a, &c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_ascend_and_come_out_alike),
		cmocka_unit_test(a_long_text_fills_them_and_no_more),
		cmocka_unit_test(another_key_gives_other_places),
		cmocka_unit_test(one_word_changed_leaves_most),
		cmocka_unit_test(points_and_capitals_are_features),
		cmocka_unit_test(numbers_are_alike_by_their_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
