/* Features: what disturbs a text and what makes another case of it. */
#include "daemon/core/feature.h"

#include "daemon/base/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

struct fixture {
	struct normalizer *normalizer;
	struct fingerprinter key;
	struct arena arena;
};

static int set_up(void **state)
{
	static struct fixture f;
	const struct fingerprint_key key = { .bytes = { 7 } };

	f = (struct fixture){ .normalizer = normalizer_new() };
	fingerprinter_init(&f.key, &key);
	*state = &f;
	return f.normalizer == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	normalizer_free(f->normalizer);
	arena_release(&f->arena);
	return 0;
}

static struct feature feature_of(struct fixture *f, const char *text)
{
	struct feature_input in = { .original = span_of(text) };
	struct folded folded;
	struct feature out;

	normalize(f->normalizer, in.original, &f->arena, &folded);
	in.text = &folded;
	feature_extract(&f->key, &in, &f->arena, &out);
	return out;
}

static double wording_of(struct fixture *f, const char *a, const char *b)
{
	struct feature one = feature_of(f, a), other = feature_of(f, b);

	return feature_wording(&one, &other);
}

static struct feature_agreement compare(struct fixture *f, const char *a, const char *b)
{
	struct feature one = feature_of(f, a), other = feature_of(f, b);

	return feature_compare(one.marks, one.nmarks, other.marks, other.nmarks);
}

static const char zh[] = "昨天下午三点在汽车站东门看见一个五岁左右的女孩被人抱上车,车牌鲁Q12345,往南边去了";
static const char en[] =
	"Saw a girl of about 5 being carried into a white van near the East Gate on Monday, call "
	"13812345678 for more.";

/* Each is the same message for a reader. */
static const char *const same_letters[] = {
	"昨天下午三点在汽车站东门看见一个五岁左右的女孩被人抱上车。车牌鲁Q12345。往南边去了!!!",
	"昨天下午三点在汽车站东门看見一個五歲左右的女孩被人抱上車,車牌魯Q12345,往南邊去了",
	"昨 天下午 三点在汽车站 东门看见一个五岁左右的女孩被人\n抱上车,车牌鲁Q12345,往南边去了",
	"昨天下午三点在汽车站东门👉看见一个五岁[流泪]左右的女孩被人抱上车🆘,车牌鲁Q12345,往南边去了",
	"昨天下午三点在汽车站东门看见一个五岁左右的女孩被人抱上车,车牌鲁Ｑ１２３４５,往南边去了",
	"(1/1)昨天下午三点在汽车站东门看见一个五岁左右的女孩被人抱上车,车牌鲁Q12345,往南边去了",
};

static void punctuation_width_script_and_emoji_change_nothing(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT_OF(same_letters); i++) {
		assert_true(wording_of(f, zh, same_letters[i]) >= 1);
		assert_int_equal(compare(f, zh, same_letters[i]).conflict, 0);
	}
	assert_true(wording_of(f, en,
			       "SAW A GIRL OF ABOUT 5 BEING CARRIED INTO A WHITE VAN NEAR THE EAST GATE ON "
			       "MONDAY CALL 138 1234 5678 FOR MORE") >= 1);
}

static void what_is_cut_or_padded_keeps_most_of_its_wording(void **state)
{
	struct fixture *f = *state;

	assert_true(wording_of(f, zh, "昨天下午三点在汽车站东门看见一个五岁左右的女孩...") > 0.4);
	assert_true(wording_of(f, zh,
			       "转发:昨天下午三点在汽车站东门看见一个五岁左右的女孩被人抱上车,车牌鲁Q12345,"
			       "往南边去了 求扩散 谢谢各位") > 0.7);
	assert_true(wording_of(f, en, "Fwd: Saw a girl of about 5 being carried into a white van") > 0.5);
	assert_true(wording_of(f, zh, en) < 0.1);
}

/* One thing is told otherwise in each. */
static const struct {
	const char *text;
	const char *twin;
} twins[] = {
	{ zh, "昨天下午三点在汽车站东门看见一个五岁左右的女孩被人抱上车,车牌鲁Q88671,往南边去了" },
	{ zh, "昨天下午三点在汽车站西门看见一个五岁左右的女孩被人抱上车,车牌鲁Q12345,往南边去了" },
	{ zh, "昨天下午三点在汽车站东门看见一个九岁左右的女孩被人抱上车,车牌鲁Q12345,往南边去了" },
	{ zh, "昨天下午三点在汽车站东门看见一个五岁左右的男孩被人抱上车,车牌鲁Q12345,往南边去了" },
	{ zh, "前天下午三点在汽车站东门看见一个五岁左右的女孩被人抱上车,车牌鲁Q12345,往南边去了" },
	{ zh, "昨天下午三点在汽车站东门看见一个五岁左右的女孩被人抱上车,车牌鲁Q12345,往北边去了" },
	{ "她说自己叫秀兰,被关在砖厂", "她说自己叫小芳,被关在砖厂" },
	{ en, "Saw a girl of about 5 being carried into a white van near the West Gate on Monday, call "
	      "13812345678 for more." },
	{ en, "Saw a boy of about 5 being carried into a white van near the East Gate on Monday, call "
	      "13812345678 for more." },
	{ en, "Saw a girl of about 5 being carried into a white van near the East Gate on Friday, call "
	      "13812345678 for more." },
	{ en, "Saw a girl of about 5 being carried into a white van near the East Gate on Monday, call "
	      "13990277144 for more." },
};

static void another_case_in_the_same_words_conflicts(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT_OF(twins); i++) {
		assert_true(compare(f, twins[i].text, twins[i].twin).conflict > 0);
		assert_true(compare(f, twins[i].twin, twins[i].text).conflict > 0);
	}
}

static const char *const same_number[] = {
	"电话是138****5678,请联系",   "电话是一三八一二三四五六七八,请联系",
	"电话是138-1234-5678,请联系", "电话是1381234...",
	"电话是1381234567,请联系",    "电话是１３８ １２３４ ５６７８，请联系",
};

static void a_number_may_be_masked_spelt_cut_or_mistyped(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT_OF(same_number); i++)
		assert_int_equal(compare(f, same_number[i], "电话是13812345678,请联系").conflict, 0);
	assert_int_equal(compare(f, "电话是13905570000,请联系", "电话是13812345678,请联系").conflict, 1);
}

static void wording_is_symmetric(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT_OF(twins); i++) {
		double there = wording_of(f, twins[i].text, twins[i].twin);

		assert_true(there >= wording_of(f, twins[i].twin, twins[i].text));
		assert_true(there <= wording_of(f, twins[i].twin, twins[i].text));
	}
}

static const char *long_text(struct fixture *f, unsigned sentences, unsigned seed)
{
	const char *text = "";

	for (unsigned i = 0; i < sentences; i++)
		text = arena_printf(&f->arena, "%sNumber %u of the list was seen by witness %u. ", text,
				    (seed + i) * 7919, (seed + i) * 104729);
	return text;
}

static void texts_of_all_lengths_fit_and_compare(void **state)
{
	struct fixture *f = *state;

	for (unsigned n = 1; n < 64; n *= 2) {
		struct feature whole = feature_of(f, long_text(f, n, 1));
		struct feature half = feature_of(f, long_text(f, n / 2 + 1, 1));

		assert_in_range(whole.ngrams, 1, FEATURE_GRAMS_MAX);
		assert_in_range(whole.nkeys, 1, FEATURE_KEYS_MAX);
		assert_true(feature_wording(&whole, &half) > 0.6);
	}
}

static void packing_keeps_everything(void **state)
{
	struct fixture *f = *state;
	const char *const texts[] = { zh, en, "", "好", "ok", long_text(f, 50, 3) };

	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct feature feature = feature_of(f, texts[i]), again;
		struct span packed = feature_pack(&feature, &f->arena);
		struct span repacked;

		assert_true(packed.len <= FEATURE_PACKED_MAX);
		assert_true(feature_unpack(packed, &again));
		repacked = feature_pack(&again, &f->arena);
		assert_true(span_eq(packed, repacked));
		assert_false(feature_unpack(span_from(packed.at, packed.len - 1), &again));
	}
}

static void another_key_gives_other_bytes(void **state)
{
	struct fixture *f = *state;
	struct fixture other = { .normalizer = f->normalizer };
	const struct fingerprint_key key = { .bytes = { 8 } };
	struct feature a = feature_of(f, zh), b;

	fingerprinter_init(&other.key, &key);
	b = feature_of(&other, zh);
	arena_release(&other.arena);
	assert_true(feature_wording(&a, &b) < 0.2);
	assert_memory_not_equal(a.keys, b.keys, sizeof(a.keys));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(punctuation_width_script_and_emoji_change_nothing),
		cmocka_unit_test(what_is_cut_or_padded_keeps_most_of_its_wording),
		cmocka_unit_test(another_case_in_the_same_words_conflicts),
		cmocka_unit_test(a_number_may_be_masked_spelt_cut_or_mistyped),
		cmocka_unit_test(wording_is_symmetric),
		cmocka_unit_test(texts_of_all_lengths_fit_and_compare),
		cmocka_unit_test(packing_keeps_everything),
		cmocka_unit_test(another_key_gives_other_bytes),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
