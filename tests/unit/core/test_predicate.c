/*
 * Predicates: what they take as a value, and for what they hold.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/score/predicate.h"

#include "daemon/base/table.h"
#include "daemon/core/score/score.h"

static const struct route nowhere = { .code = REGION_NATIONAL, .reason = ROUTE_TO_NATION };

struct subject {
	const char *text;
	const char *category;
	const struct route *route;
	struct score_context context;
};

static bool holds(const char *name, const char *value, const struct subject *subject)
{
	const struct predicate *predicate = predicate_find(span_of(name));
	struct tip tip = { .text = span_of(subject->text), .category = span_of(subject->category) };
	struct folded folded = { .text = tip.text };
	struct entities entities;
	struct span evidence = { 0 };
	int64_t number;
	struct score_input in = { .tip = &tip,
				  .text = &folded,
				  .entities = &entities,
				  .route = subject->route != NULL ? subject->route : &nowhere,
				  .context = &subject->context };

	assert_non_null(predicate);
	assert_true(predicate->read(span_of(value), &number));
	entities_find(folded.text, &entities);
	return predicate->holds(&in, number, &evidence);
}

static void texts(void **state)
{
	(void)state;
	assert_true(holds("entity", "plate", &(struct subject){ .text = "京a12345" }));
	assert_false(holds("entity", "phone", &(struct subject){ .text = "京a12345" }));
	assert_true(holds("age_below", "18", &(struct subject){ .text = "17岁" }));
	assert_false(holds("age_below", "18", &(struct subject){ .text = "18岁" }));
	assert_true(holds("shorter_than", "3", &(struct subject){ .text = "两字" }));
	assert_false(holds("longer_than", "2", &(struct subject){ .text = "两字" }));
	assert_true(holds("fewer_different", "2", &(struct subject){ .text = "啊啊啊" }));
	assert_true(holds("category", "child", &(struct subject){ .text = "x", .category = "child" }));
	assert_false(holds("category", "child", &(struct subject){ .text = "child", .category = "other" }));
	assert_false(holds("category", "child", &(struct subject){ .text = "child" }));
}

/* Each context predicate follows its own number alone, from the value on. */
static void context_predicates_follow_their_number(void **state)
{
	static const struct {
		const char *name;
		struct score_context less, enough;
	} rows[] = {
		{ "others", { 1, 9, 9, 9, 9 }, { .others = 2 } },
		{ "copies", { 9, 1, 9, 9, 9 }, { .copies = 2 } },
		{ "sender_verified", { 9, 9, 1, 9, 9 }, { .verified = 2 } },
		{ "sender_unfounded", { 9, 9, 9, 1, 9 }, { .unfounded = 2 } },
		{ "sender_pranks", { 9, 9, 9, 9, 1 }, { .pranks = 2 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct predicate *predicate = predicate_find(span_of(rows[i].name));
		const struct score_input without = { 0 };

		assert_true(predicate != NULL && predicate->context);
		assert_false(holds(rows[i].name, "2", &(struct subject){ "x", "", NULL, rows[i].less }));
		assert_true(holds(rows[i].name, "2", &(struct subject){ "x", "", NULL, rows[i].enough }));
		assert_false(predicate->holds(&without, 1, &(struct span){ 0 }));
	}
}

static void values_are_checked(void **state)
{
	static const struct {
		const char *name, *value;
	} wrong[] = {
		{ "entity", "car" },         { "age_below", "-1" },       { "age_below", "x" },
		{ "place_named", "nation" }, { "fewer_different", "33" }, { "category", "" },
		{ "category", "childs" },    { "others", "0" },           { "copies", "0" },
		{ "sender_pranks", "" },     { "others", "1000001" },     { "sender_verified", "1.5" },
	};
	int64_t number;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		if (predicate_find(span_of(wrong[i].name))->read(span_of(wrong[i].value), &number))
			fail_msg("%s: %s", wrong[i].name, wrong[i].value);
	assert_null(predicate_find(SPAN("smell")));
	assert_null(predicate_find(SPAN("")));
	assert_false(predicate_find(SPAN("entity"))->context);
}

static void place_counts_when_named(void **state)
{
	struct route route = { .level = REGION_PREFECTURE, .reason = ROUTE_BY_TEXT };
	struct score_input in = { .route = &route };

	(void)state;
	assert_true(predicate_place_named(&in, REGION_PREFECTURE));
	assert_false(predicate_place_named(&in, REGION_COUNTY));
	route = (struct route){ .level = REGION_COUNTY, .reason = ROUTE_BY_CHOICE };
	assert_false(predicate_place_named(&in, REGION_COUNTY));
	route.reason = ROUTE_BY_PLACE;
	assert_true(predicate_place_named(&in, REGION_COUNTY));
}

static bool exact(const char *text)
{
	struct entities entities;
	struct score_input in = { .entities = &entities };

	entities_find(span_of(text), &entities);
	return predicate_exact_entity(&in);
}

static void exact_is_what_one_can_look_up(void **state)
{
	(void)state;
	assert_true(exact("京a12345"));
	assert_true(exact("13800138000"));
	assert_true(exact("11010519491231002x"));
	assert_true(exact("微信号wang_1987"));
	assert_true(exact("6222020000000000000"));
	assert_false(exact("12岁"));
	assert_false(exact("下午3点半"));
	assert_false(exact("听说有人"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts),
		cmocka_unit_test(context_predicates_follow_their_number),
		cmocka_unit_test(values_are_checked),
		cmocka_unit_test(place_counts_when_named),
		cmocka_unit_test(exact_is_what_one_can_look_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
