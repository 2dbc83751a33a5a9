/* Near-duplicate judgement over an index that has seen other texts. */
#include "daemon/core/incident/incident.h"

#include "tests/support/disturb.h"

#include <stdlib.h>

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
	const struct fingerprint_key key = { .bytes = { 9 } };

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

static struct link *index_new(void)
{
	return link_new(&(struct link_limits){ .max_texts = 1000, .bytes_per_text = 100 });
}

static struct incident_judgement judge(struct fixture *f, const struct link *link, const char *text)
{
	struct feature feature = feature_of(f, text);
	struct incident_judgement j;

	incident_judge(link, &feature, &incident_policy_default, &j);
	return j;
}

/* As the linker does: judges, then inserts where it belongs. */
static struct incident_judgement take(struct fixture *f, struct link *link, const char *text)
{
	struct feature feature = feature_of(f, text);
	struct incident_judgement j = judge(f, link, text);

	link_insert(link, &feature, 0, j.kind == INCIDENT_COPY ? j.text : 0);
	return j;
}

static const char tip[] =
	"今天上午在县城南关菜市场看见一个六岁男孩跪地乞讨,旁边有人看着,电话13812345678,请尽快核实";
static const char twin[] =
	"今天上午在县城南关菜市场看见一个九岁女孩跪地乞讨,旁边有人看着,电话13977712345,请尽快核实";
static const char other[] = "楼下小饭馆的老板娘说她是被骗来的,想回老家,可是身份证被扣下了";

static void a_text_is_new_a_copy_or_a_twin(void **state)
{
	struct fixture *f = *state;
	struct link *link = index_new();

	assert_int_equal(take(f, link, tip).kind, INCIDENT_NEW);
	assert_int_equal(take(f, link, other).kind, INCIDENT_NEW);
	assert_int_equal(judge(f, link, tip).kind, INCIDENT_COPY);
	assert_int_equal(judge(f, link, twin).kind, INCIDENT_TWIN);
	assert_int_equal(judge(f, link, twin).group, 1);
	link_free(link);
}

static const char *const disturbed[] = {
	"转发:今天上午在县城南关菜市场看见一个六岁男孩跪地乞讨,旁边有人看着,电话138****5678,请尽快核实",
	"今天上午在縣城南關菜市場看見一個六歲男孩跪地乞討 旁邊有人看著 電話一三八一二三四五六七八",
	"今天上午在县城南关菜市场看见一个六岁男孩跪地乞讨,旁边有人看着,电话1381234...",
	"(1/2)今天上午在县城南关菜市场看见一个6岁男孩跪地乞讨,旁边",
	"电话１３８１２３４５６７８，请尽快核实！！今天上午在县城南关菜市场看见一个六岁男孩👦跪地乞讨[流泪]",
};

static void every_disturbed_text_joins_whatever_the_order(void **state)
{
	struct fixture *f = *state;

	for (size_t turn = 0; turn < COUNT_OF(disturbed); turn++) {
		struct link *link = index_new();

		take(f, link, tip);
		for (size_t i = 0; i < COUNT_OF(disturbed); i++) {
			size_t at = (i + turn) % COUNT_OF(disturbed);

			assert_int_equal(take(f, link, disturbed[at]).kind, INCIDENT_COPY);
		}
		assert_int_equal(judge(f, link, twin).kind, INCIDENT_TWIN);
		link_free(link);
	}
}

/* The part names nobody; the incident it belongs to does. */
static void a_twin_is_held_against_the_incident_not_the_nearest_text(void **state)
{
	struct fixture *f = *state;
	struct link *link = index_new();

	take(f, link, "电话13812345678,今天有人在南关菜市场跪地乞讨,旁边有人看着,请尽快派人来核实");
	assert_int_equal(take(f, link, "有人在南关菜市场跪地乞讨,旁边有人看着,请尽快派人来核实").kind,
			 INCIDENT_COPY);
	assert_int_equal(
		judge(f, link, "电话13977712345,今天有人在南关菜市场跪地乞讨,旁边有人看着,请尽快派人来核实")
			.kind,
		INCIDENT_TWIN);
	link_free(link);
}

static void a_copy_goes_to_its_own_twin(void **state)
{
	struct fixture *f = *state;
	struct link *link = index_new();

	take(f, link, tip);
	take(f, link, twin);
	assert_int_equal(judge(f, link, disturbed[0]).group, 1);
	assert_int_equal(judge(f, link, twin).group, 2);
	link_free(link);
}

static void copy_and_twin_are_symmetric(void **state)
{
	struct fixture *f = *state;
	const char *const texts[] = { tip, twin, other, disturbed[0], disturbed[3] };

	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		for (size_t j = 0; j < COUNT_OF(texts); j++) {
			struct link *one = index_new(), *two = index_new();

			take(f, one, texts[i]);
			take(f, two, texts[j]);
			assert_int_equal(judge(f, one, texts[j]).kind, judge(f, two, texts[i]).kind);
			link_free(one);
			link_free(two);
		}
	}
}

static const char *const plain[] = {
	tip,
	other,
	"车牌鲁Q12345的白色面包车昨天下午停在临沂市兰山区人民路东段，里面有两个男孩，司机四十多岁",
	"您好，我要反映建设路与和平路交叉口的路灯坏了，已经12天了，老人摔倒过，请尽快处理。王强，13512345678",
	"寻人：李梅，女，16岁，身高1米62，3月5日下午在长沙市岳麓区走失，走失时穿红色上衣，有线索请联系1581234"
	"5678",
	"I saw a girl of about 12 being pushed into a white van near Harbour Station on Monday evening, "
	"plate HN 23 4471",
	"There are 14 workers locked in the factory at 381 Kingsway Road, they work 16 hours a day and get "
	"nothing",
};

/* Whatever one thing was done to it, a text is a copy of itself, and belongs to no other. */
static void every_disturbance_leaves_a_copy(void **state)
{
	struct fixture *f = *state;
	struct link *link = index_new();

	for (size_t i = 0; i < COUNT_OF(plain); i++)
		assert_int_equal(take(f, link, plain[i]).kind, INCIDENT_NEW);
	for (size_t i = 0; i < COUNT_OF(plain); i++) {
		for (size_t d = 0; d < COUNT_OF(disturbances); d++) {
			for (unsigned turn = 0; turn < 10; turn++) {
				struct buf text = { 0 };
				struct incident_judgement j;

				disturbances[d].run(span_of(plain[i]), turn, &text);
				buf_add_byte(&text, '\0');
				j = judge(f, link, text.at);
				if (j.kind != INCIDENT_COPY || j.group != i + 1)
					fail_msg("%s (%u): %s: %s of %u, wording %.2f, %u conflicts",
						 disturbances[d].name, turn, text.at,
						 incident_kind_name(j.kind), j.group, j.wording, j.conflict);
				buf_release(&text);
			}
		}
	}
	link_free(link);
}

/* The same texts in any order: the same judgement, about the same text. */
static void the_order_of_candidates_does_not_matter(void **state)
{
	struct fixture *f = *state;
	const char *texts[COUNT_OF(plain) + 2];
	struct incident_judgement first[COUNT_OF(plain)];
	const char *nearest[COUNT_OF(plain)];
	unsigned seed = 3;

	memcpy(texts, plain, sizeof(plain));
	texts[COUNT_OF(plain)] = twin;
	texts[COUNT_OF(plain) + 1] = "今天上午在县城北关菜市场看见一个六岁男孩跪地乞讨,旁边有人看着";
	for (unsigned turn = 0; turn < 20; turn++) {
		struct link *link = index_new();

		for (size_t i = COUNT_OF(texts) - 1; turn > 0 && i > 0; i--) {
			size_t other_at = (size_t)rand_r(&seed) % (i + 1);
			const char *text = texts[i];

			texts[i] = texts[other_at];
			texts[other_at] = text;
		}
		for (size_t i = 0; i < COUNT_OF(texts); i++)
			take(f, link, texts[i]);
		for (size_t i = 0; i < COUNT_OF(plain); i++) {
			struct incident_judgement j;
			struct buf text = { 0 };

			greeted(span_of(plain[i]), 1, &text);
			buf_add_byte(&text, '\0');
			j = judge(f, link, text.at);
			buf_release(&text);
			if (turn == 0) {
				first[i] = j;
				nearest[i] = texts[j.text - 1];
			}
			assert_string_equal(texts[j.text - 1], nearest[i]);
			assert_int_equal(j.kind, first[i].kind);
			assert_int_equal(j.conflict, first[i].conflict);
			assert_true(j.score >= first[i].score && j.score <= first[i].score);
		}
		link_free(link);
	}
}

/* What two cases have in common word for word is no proof for either. */
static void a_part_that_two_cases_have_in_common_is_less_sure(void **state)
{
	struct fixture *f = *state;
	struct link *link = index_new();
	static const char part[] = "旁边有人看着,请尽快派人来核实情况,孩子太可怜了,大家都看见了";
	const char *one = arena_printf(&f->arena, "电话13812345678,六岁男孩跪地乞讨,%s", part);
	const char *two = arena_printf(&f->arena, "电话13977712345,九岁女孩跪地乞讨,%s", part);
	double sure;

	take(f, link, one);
	sure = judge(f, link, part).score;
	take(f, link, two);
	assert_int_equal(judge(f, link, two).group, 2);
	assert_true(judge(f, link, part).score <= sure / 2);
	assert_true(judge(f, link, one).score > sure);
	link_free(link);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_new_a_copy_or_a_twin),
		cmocka_unit_test(every_disturbed_text_joins_whatever_the_order),
		cmocka_unit_test(a_twin_is_held_against_the_incident_not_the_nearest_text),
		cmocka_unit_test(a_copy_goes_to_its_own_twin),
		cmocka_unit_test(copy_and_twin_are_symmetric),
		cmocka_unit_test(every_disturbance_leaves_a_copy),
		cmocka_unit_test(the_order_of_candidates_does_not_matter),
		cmocka_unit_test(a_part_that_two_cases_have_in_common_is_less_sure),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
