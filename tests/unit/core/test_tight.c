/*
 * daemon/core/text/tight.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/text/tight.h"

#include <stdlib.h>

static struct normalizer *normalizer;

static int start(void **state)
{
	(void)state;
	normalizer = normalizer_new();
	return normalizer != NULL ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	normalizer_free(normalizer);
	return 0;
}

static void assert_tight(const char *text, const char *expected)
{
	struct arena arena = { 0 };
	struct folded folded;
	struct folded tight;
	struct folded again;
	bool changed;

	normalize(normalizer, span_of(text), &arena, &folded);
	changed = tighten(&folded, &arena, &tight);
	if (!span_is(tight.text, expected))
		fail_msg("\"%s\": \"%.*s\", not \"%s\"", text, (int)tight.text.len, tight.text.at, expected);
	if (!changed)
		assert_ptr_equal(tight.text.at, folded.text.at);
	tighten(&tight, &arena, &again);
	assert_true(span_eq(again.text, tight.text));
	arena_release(&arena);
}

static void test_what_goes_between_han(void **state)
{
	(void)state;
	assert_tight("南 京 市", "南京市");
	assert_tight("南\n京　市", "南京市");
	assert_tight("南🙏京‼️市⚠️", "南京市 ");
	assert_tight("广东省-韶关市_新丰/县", "广东省韶关市新丰县");
	assert_tight("芙⚠️蓉[泪]区[拜托]", "芙蓉区 ");
	assert_tight("弋…阳", "弋阳");
}

static void test_what_stays(void **state)
{
	(void)state;
	assert_tight("", "");
	assert_tight("南京市", "南京市");
	assert_tight("南京，上海。北京", "南京,上海。北京");
	assert_tight("在3 号楼", "在3 号楼");
	assert_tight("[丰台]区", "[丰台]区");
	assert_tight("快来！海南", "快来!海南");
	assert_tight("xi'an, shaanxi - china", "xi'an, shaanxi - china");
}

static void test_between_latin_letters_a_symbol_is_a_blank(void **state)
{
	(void)state;
	assert_tight("Kunming🙏please", "kunming please");
	assert_tight("Kunming 🙏🙏 please", "kunming please");
	assert_tight("Běijīng, Xī'ān, Lǚliáng", "beijing, xi'an, lvliang");
}

static void test_a_torn_name_is_known(void **state)
{
	struct arena arena = { 0 };
	struct folded folded;
	struct folded tight;

	(void)state;
	normalize(normalizer, SPAN("李丽 江苏"), &arena, &folded);
	assert_true(tighten(&folded, &arena, &tight));
	assert_true(tight_torn(&tight, 3, 9));
	assert_false(tight_torn(&tight, 6, 12));
	arena_release(&arena);
}

/* Each byte that is left comes from the byte of the original that its origin names. */
static void test_origins_grow_and_end_at_the_end(void **state)
{
	static const char pieces[][8] = { "南", "京", " ", "🙏", "[泪]", "a", "-", ",", "!", "!", "9", "ě", "." };

	(void)state;
	srand(5);
	for (int round = 0; round < 2000; round++) {
		struct arena arena = { 0 };
		struct folded folded;
		struct folded tight;
		struct folded again;
		char text[200] = "";

		for (int i = 0; i < 20; i++)
			strcat(text, pieces[(size_t)rand() % (sizeof(pieces) / sizeof(pieces[0]))]);
		normalize(normalizer, span_of(text), &arena, &folded);
		tighten(&folded, &arena, &tight);
		for (size_t i = 0; i < tight.text.len; i++)
			assert_true(tight.origin[i] <= tight.origin[i + 1]);
		assert_int_equal(tight.origin[tight.text.len], strlen(text));
		assert_false(tighten(&tight, &arena, &again) && !span_eq(again.text, tight.text));
		arena_release(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_goes_between_han),
		cmocka_unit_test(test_what_stays),
		cmocka_unit_test(test_between_latin_letters_a_symbol_is_a_blank),
		cmocka_unit_test(test_a_torn_name_is_known),
		cmocka_unit_test(test_origins_grow_and_end_at_the_end),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
