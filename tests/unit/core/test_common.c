/*
 * What two texts have in common: each kind where it stands, in code points of the originals; the same from both
 * sides; and nothing that one of the two does not have.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "tests/support/judge_files.h"

static struct judge_files files;
static struct judge *judge;
static struct common found;
static struct arena arena;

static int open_judge(void **state)
{
	struct complaint why = { 0 };

	(void)state;
	judge_files_read(&files);
	judge = judge_new(&files.sources, &why);
	return judge == NULL;
}

static int close_judge(void **state)
{
	(void)state;
	judge_free(judge);
	judge_files_release(&files);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static void hold(const char *here, const char *there)
{
	judge_common(judge, span_of(here), span_of(there), &arena, &found);
}

/* The words of a side, "|" between the ranges. */
static const char *said(const char *text, const struct common_side *side)
{
	static char out[2][4000];
	static unsigned turn;
	char *to = out[turn++ % 2];
	size_t n = 0;

	for (size_t r = 0; r < side->n; r++) {
		uint32_t point = 0;

		if (r > 0)
			to[n++] = '|';
		for (const char *c = text; *c != '\0'; c++) {
			point += ((unsigned char)*c & 0xC0) != 0x80;
			if (point > side->at[r].from && point <= side->at[r].to)
				to[n++] = *c;
		}
	}
	to[n] = '\0';
	return to;
}

static void expect(const char *one, const char *other, enum common_kind kind, const char *here, const char *there)
{
	hold(one, other);
	assert_string_equal(said(one, &found.here[kind]), here);
	assert_string_equal(said(other, &found.there[kind]), there);
	hold(other, one);
	assert_string_equal(said(other, &found.here[kind]), there);
	assert_string_equal(said(one, &found.there[kind]), here);
}

static void what_names_something_exactly_is_found_as_it_is_written(void **state)
{
	static const char one[] = "😀有人开蒙K8A231的车，电话13912345678，微信号abc_12345";
	static const char other[] = "车牌：蒙k8a231！给他打 139-1234-5678";

	(void)state;
	expect(one, other, COMMON_PLATE, "蒙K8A231", "蒙k8a231");
	expect(one, other, COMMON_TELEPHONE, "13912345678", "139-1234-5678");
	expect(one, other, COMMON_NUMBER, "", "");
	expect(one, other, COMMON_ACCOUNT, "", "");
}

static void places_and_names_that_agree_are_found(void **state)
{
	static const char one[] = "老板王强在鄂尔多斯市东胜区的砖厂打人";
	static const char other[] = "东胜区那个砖厂的老板王强不让人走";

	(void)state;
	expect(one, other, COMMON_PLACE, "东胜区", "东胜区");
	expect(one, other, COMMON_NAME, "王强", "王强");
	expect(one, "康巴什区那个砖厂的老板李明不让人走", COMMON_PLACE, "", "");
	expect(one, "康巴什区那个砖厂的老板李明不让人走", COMMON_NAME, "", "");
}

static void words_in_one_order_are_found(void **state)
{
	(void)state;
	expect("昨天看见一辆白色面包车停在门口，很奇怪", "门口停着车。是一辆白色面包车，没有牌照", COMMON_WORDS, "一辆白色面包车", "一辆白色面包车");
	expect("I saw a white van without plates near the school", "a white van without plates stood there", COMMON_WORDS,
	       "a white van without plates", "a white van without plates");
	expect("有人打人", "有人在唱歌", COMMON_WORDS, "", "");
}

/* Full width, capitals and traditional letters are the same words; what was folded away lies within the range. */
static void folding_does_not_move_ranges(void **state)
{
	expect("ＡＢ車牌蒙K8A231　门口停着一輛麵包車", "门口停着一辆面包车，是蓝的", COMMON_WORDS, "门口停着一輛麵包車", "门口停着一辆面包车");
	expect("ＡＢ車牌蒙Ｋ８Ａ２３１", "蒙K8A231", COMMON_PLATE, "蒙Ｋ８Ａ２３１", "蒙K8A231");
	(void)state;
}

static void a_text_has_all_in_common_with_itself(void **state)
{
	static const char text[] = "东胜区汽车站门口有人打人，车牌蒙K8A231";

	(void)state;
	hold(text, text);
	for (size_t kind = 0; kind < COMMON_KINDS; kind++)
		assert_memory_equal(&found.here[kind], &found.there[kind], sizeof(found.here[kind].n));
	assert_int_equal(found.here[COMMON_WORDS].n, 1);
	assert_int_equal(found.here[COMMON_WORDS].at[0].from, 0);
}

static void nothing_is_in_common_with_nothing(void **state)
{
	(void)state;
	hold("", "");
	hold("东胜区汽车站", "");
	hold("", "东胜区汽车站");
	for (size_t kind = 0; kind < COMMON_KINDS; kind++)
		assert_int_equal(found.here[kind].n + found.there[kind].n, 0);
}

/* --- any texts -------------------------------------------------------------------------------- */

static uint32_t seed;

static unsigned drawn(unsigned below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

static void check_side(const char *text, const struct common_side *side)
{
	uint32_t points = 0, last = 0;

	for (const char *c = text; *c != '\0'; c++)
		points += ((unsigned char)*c & 0xC0) != 0x80;
	assert_true(side->n <= COMMON_RANGES_MAX);
	for (size_t r = 0; r < side->n; r++) {
		assert_true(side->at[r].from < side->at[r].to && side->at[r].to <= points);
		assert_true(r == 0 || side->at[r].from > last);
		last = side->at[r].to;
	}
}

static const char *random_text(void)
{
	static const char *const parts[] = { "东胜区", "汽车站", "蒙K8A231", "13912345678", "😀", "［泪］", " ", "，", "。", "老板王强", "三点", "昨天下午",
					     "白色", "面包车", "ｗｅｉｘｉｎ abc123", "é", "ﬁ", "㎏", "​", "van", "School", "12345", "有人打人", "\n" };
	static char texts[2][2000];
	static unsigned turn;
	char *text = texts[turn++ % 2];

	text[0] = '\0';
	for (unsigned n = drawn(60); n > 0; n--)
		strcat(text, parts[drawn(COUNT_OF(parts))]);
	return text;
}

static void ranges_are_ranges_whatever_the_texts(void **state)
{
	(void)state;
	for (seed = 1; seed < 3000000; seed += 1501) {
		uint32_t kept = seed;
		const char *one = random_text(), *other = random_text();

		hold(one, other);
		for (size_t kind = 0; kind < COMMON_KINDS; kind++) {
			check_side(one, &found.here[kind]);
			check_side(other, &found.there[kind]);
			assert_int_equal(found.here[kind].n == 0, found.there[kind].n == 0);
		}
		arena_release(&arena);
		seed = kept;
	}
}

static void each_kind_has_a_name(void **state)
{
	(void)state;
	for (size_t kind = 0; kind < COMMON_KINDS; kind++)
		assert_non_null(common_kind_name((enum common_kind)kind));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(what_names_something_exactly_is_found_as_it_is_written, finish),
		cmocka_unit_test_teardown(places_and_names_that_agree_are_found, finish),
		cmocka_unit_test_teardown(words_in_one_order_are_found, finish),
		cmocka_unit_test_teardown(folding_does_not_move_ranges, finish),
		cmocka_unit_test_teardown(a_text_has_all_in_common_with_itself, finish),
		cmocka_unit_test_teardown(nothing_is_in_common_with_nothing, finish),
		cmocka_unit_test_teardown(ranges_are_ranges_whatever_the_texts, finish),
		cmocka_unit_test(each_kind_has_a_name),
	};

	return cmocka_run_group_tests_name("what texts have in common", tests, open_judge, close_judge);
}
