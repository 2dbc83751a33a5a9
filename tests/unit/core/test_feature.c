/* Features: what disturbs a text and what makes another case of it. */
#include "daemon/core/incident/feature.h"

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
	{ "老板张强扣了我们的身份证,不让走", "老板李明扣了我们的身份证,不让走" },
	{ "我女儿王芳被网友骗走了,电话打不通", "我女儿陈静被网友骗走了,电话打不通" },
	{ "停着一辆白色面包车,里面有孩子", "停着一辆黑色面包车,里面有孩子" },
	{ "电话是01062754070和01062756110,打哪个都可以", "电话是01062754070和01015471089,打哪个都可以" },
	{ "电话是010-62754070,请联系", "电话是021-62754070,请联系" },
	{ "价格在100到200元之间的酒店", "价格在100到280元之间的酒店" },
	{ en, "Saw a girl of about 5 being carried into a white van near the West Gate on Monday, call "
	      "13812345678 for more." },
	{ en, "Saw a boy of about 5 being carried into a white van near the East Gate on Monday, call "
	      "13812345678 for more." },
	{ en, "Saw a girl of about 5 being carried into a white van near the East Gate on Friday, call "
	      "13812345678 for more." },
	{ en, "Saw a girl of about 5 being carried into a white van near the East Gate on Monday, call "
	      "13990277144 for more." },
	{ "the workers are locked in a shop on Westfield Road",
	  "the workers are locked in a shop on Greenfield Road" },
	{ "she gets $2 for every 2 hours of work", "she gets $4 for every 2 hours of work" },
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

/* The same for a reader, though a mark stands elsewhere or looks otherwise. */
static const struct {
	const char *text;
	const char *again;
} same_case[] = {
	{ "他们往东北方向去了,有两个孩子", "他们往北东方向去了,有两个孩子" },
	{ "三点多在车站,有两个孩子一直哭", "有两个孩子一直哭,三点多在车站" },
	{ "评分是13912345678分", "评分是13912354678分" },
	{ "the plant of Kraft Foods near Burnsville", "the plant of Kraft Foods near Burns..." },
	{ "a man called Stefanski took them away", "a man called Sefanski took them away" },
	{ "please call 4 more on 13812345678", "please call for more on 13812345678" },
	{ "press *9 2 copy your friends tune", "press *9 to copy your friends tune" },
};

static void what_moved_or_was_damaged_does_not_conflict(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT_OF(same_case); i++) {
		if (compare(f, same_case[i].text, same_case[i].again).conflict +
			    compare(f, same_case[i].again, same_case[i].text).conflict >
		    0)
			fail_msg("%s / %s", same_case[i].text, same_case[i].again);
	}
}

/* What stands behind thirty other marks still counts. */
static void the_last_mark_counts_as_the_first(void **state)
{
	struct fixture *f = *state;
	const char *list = "";

	for (unsigned i = 0; i < FEATURE_MARKS_MAX - 2; i++)
		list = arena_printf(&f->arena, "%s甲%u乙", list, 100 + 7 * i);
	assert_int_equal(compare(f, arena_printf(&f->arena, "%s往南边去了", list),
				 arena_printf(&f->arena, "%s往北边去了", list))
				 .conflict,
			 1);
}

/* A place as the scanner would tell it: the `len` bytes of the folded text from `from` on. */
static struct feature with_place(struct fixture *f, const char *text, uint32_t from, uint32_t len)
{
	struct scan_hit hit = { .from = from, .to = from + len, .family = SCAN_PLACE };
	struct scan_hits hits = { .at = &hit, .n = 1 };
	struct feature_input in = { .original = span_of(text), .hits = &hits };
	struct folded folded;
	struct feature out;

	normalize(f->normalizer, in.original, &f->arena, &folded);
	in.text = &folded;
	feature_extract(&f->key, &in, &f->arena, &out);
	return out;
}

static unsigned conflicts(const struct feature *a, const struct feature *b)
{
	return feature_compare(a->marks, a->nmarks, b->marks, b->nmarks).conflict;
}

static void a_place_stands_against_what_stands_there_instead(void **state)
{
	struct fixture *f = *state;
	struct feature here = with_place(f, "孩子在北京市丢了", 9, 9),
		       other = with_place(f, "孩子在大连市丢了", 9, 9);
	struct feature torn = feature_of(f, "孩子在北 京市丢了"), side = feature_of(f, "孩子在西京市丢了");
	struct feature brief = with_place(f, "孩子在北京丢了", 9, 6);

	assert_int_equal(here.nmarks, 1);
	assert_int_equal(conflicts(&here, &other), 1);
	assert_int_equal(conflicts(&here, &side), 1);
	assert_int_equal(conflicts(&here, &torn), 0);
	assert_int_equal(conflicts(&here, &brief), 0);
	assert_int_equal(feature_places_exchanged(here.marks, here.nmarks, other.marks, other.nmarks), 1);
}

/* A side of a road is not the district of that name. */
static void the_side_of_a_road_is_a_direction(void **state)
{
	struct fixture *f = *state;
	struct feature road = with_place(f, "车在人民路南段", 12, 6),
		       district = with_place(f, "车在唐山路南区", 12, 6);

	assert_int_equal(road.nmarks, 1);
	assert_int_equal(road.marks[0].kind, FEATURE_DIRECTION);
	assert_int_equal(district.marks[0].kind, FEATURE_PLACE);
}

/* Neighbours in Han are terms: two texts about one thing share them in any order of clauses. */
static void terms_are_words_and_neighbours_in_han(void **state)
{
	struct fixture *f = *state;
	struct feature one = feature_of(f, "丽发新城搅拌站噪音扰民"),
		       other = feature_of(f, "噪音扰民!丽发新城搅拌站");
	size_t common = 0;

	assert_int_equal(one.nterms, 10);
	for (size_t i = 0, j = 0; i < one.nterms && j < other.nterms;) {
		common += one.terms[i] == other.terms[j];
		if (one.terms[i] <= other.terms[j])
			i++;
		else
			j++;
	}
	assert_in_range(common, 9, 10);
	assert_true(feature_of(f, "The Workers of Kraft").nterms >= 2);
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

static bool same_mark(const struct feature_mark *a, const struct feature_mark *b)
{
	return a->kind == b->kind && a->digits == b->digits && a->open == b->open &&
	       a->context == b->context && a->head == b->head && a->tail == b->tail && a->sum == b->sum;
}

static void packing_keeps_everything(void **state)
{
	struct fixture *f = *state;
	const char *const texts[] = { zh,
				      en,
				      "",
				      "好",
				      "ok",
				      long_text(f, 50, 3),
				      arena_printf(&f->arena, "%s%s%s%s%s", zh, en, zh, en,
						   long_text(f, 3, 9)) };

	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct feature feature = feature_of(f, texts[i]), again;
		struct span packed = feature_pack(&feature, &f->arena);
		struct span repacked;

		assert_true(packed.len <= FEATURE_PACKED_MAX);
		assert_true(feature_unpack(packed, &again));
		repacked = feature_pack(&again, &f->arena);
		assert_true(span_eq(packed, repacked));
		assert_int_equal(feature.nmarks, again.nmarks);
		for (size_t k = 0; k < feature.nmarks; k++)
			assert_true(same_mark(&feature.marks[k], &again.marks[k]));
		assert_int_equal(feature.nterms, again.nterms);
		assert_memory_equal(feature.terms, again.terms, feature.nterms * sizeof(*feature.terms));
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
		cmocka_unit_test(what_moved_or_was_damaged_does_not_conflict),
		cmocka_unit_test(the_last_mark_counts_as_the_first),
		cmocka_unit_test(a_place_stands_against_what_stands_there_instead),
		cmocka_unit_test(the_side_of_a_road_is_a_direction),
		cmocka_unit_test(terms_are_words_and_neighbours_in_han),
		cmocka_unit_test(wording_is_symmetric),
		cmocka_unit_test(texts_of_all_lengths_fit_and_compare),
		cmocka_unit_test(packing_keeps_everything),
		cmocka_unit_test(another_key_gives_other_bytes),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
