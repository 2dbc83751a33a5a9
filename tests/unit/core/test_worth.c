/*
 * daemon/core/text/worth.c: the order of names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/text/worth.h"

static const struct region province = { .name = SPAN_INIT("江苏省"),
					.level = REGION_PROVINCE,
					.short_bytes = 6 };
static const struct region prefecture = { .name = SPAN_INIT("南京市"),
					  .level = REGION_PREFECTURE,
					  .short_bytes = 6 };
static const struct region county = { .name = SPAN_INIT("沛县县"), .level = REGION_COUNTY, .short_bytes = 6 };
static const struct region syllable = { .name = SPAN_INIT("歙县"), .level = REGION_COUNTY, .short_bytes = 6 };
static const struct region ordinary = {
	.name = SPAN_INIT("城区"), .level = REGION_COUNTY, .short_bytes = 6, .ordinary = true
};

static int worth(const struct region *region, enum gazetteer_name_kind kind, enum mention_form form,
		 const char *words)
{
	struct gazetteer_name name = { .text = span_of(words), .kind = kind };

	return worth_of_name(&name, region, form, span_of(words));
}

static void test_full_names_before_short_ones(void **state)
{
	const struct region *const all[] = { &province, &prefecture, &county };

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_true(worth(all[i], NAME_FULL, FORM_BARE, "x") + (i == 0 ? 2 : 0) >
			    worth(all[i], NAME_SHORT, FORM_BARE, "x"));
	assert_true(worth(&province, NAME_SHORT, FORM_BARE, "江苏") >
		    worth(&prefecture, NAME_SHORT, FORM_BARE, "南京"));
	assert_true(worth(&prefecture, NAME_SHORT, FORM_BARE, "南京") >
		    worth(&county, NAME_SHORT, FORM_BARE, "沛县"));
	assert_true(worth(&county, NAME_SHORT, FORM_BARE, "沛县") >
		    worth(&county, NAME_COMMON, FORM_BARE, "沛县"));
}

static void test_the_kind_word_tells(void **state)
{
	(void)state;
	assert_true(worth(&county, NAME_SHORT, FORM_KIND, "沛县县") >
		    worth(&county, NAME_SHORT, FORM_KIND, "沛县市"));
	assert_true(worth(&county, NAME_SHORT, FORM_KIND, "沛县市") >
		    worth(&county, NAME_SHORT, FORM_BARE, "沛县"));
	assert_true(worth(&county, NAME_SHORT, FORM_TOWN, "沛县") <
		    worth(&county, NAME_SHORT, FORM_BARE, "沛县"));
}

static void test_english_words_are_no_counties(void **state)
{
	(void)state;
	assert_int_equal(worth(&syllable, NAME_LATIN, FORM_BARE, "she"), WORTH_NONE);
	assert_true(worth(&syllable, NAME_LATIN, FORM_KIND, "she county") > 0);
	assert_true(worth(&syllable, NAME_LATIN, FORM_BARE, "shexian") > 0);
	assert_int_equal(worth(&county, NAME_WORD, FORM_BARE, "x"), WORTH_NONE);
}

static void test_ordinary_words(void **state)
{
	(void)state;
	assert_true(worth(&ordinary, NAME_FULL, FORM_BARE, "城区") < 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full_names_before_short_ones),
		cmocka_unit_test(test_the_kind_word_tells),
		cmocka_unit_test(test_english_words_are_no_counties),
		cmocka_unit_test(test_ordinary_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
