/* Near-duplicate judgement over an index that has seen other texts. */
#include "daemon/core/incident.h"

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

	link_insert(link, &feature, 0, j.kind == INCIDENT_COPY ? j.group : 0);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_new_a_copy_or_a_twin),
		cmocka_unit_test(every_disturbed_text_joins_whatever_the_order),
		cmocka_unit_test(a_twin_is_held_against_the_incident_not_the_nearest_text),
		cmocka_unit_test(a_copy_goes_to_its_own_twin),
		cmocka_unit_test(copy_and_twin_are_symmetric),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
