/*
 * A rule's own tests, as a file writes them. That they are tried: test_judge.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/score/rules.h"

#include "daemon/base/table.h"

#define HEAD "rules:\n  - name: captive\n    points: 20\n    reason: { zh-CN: 被关, en: locked up }\n"

static struct rules *load(const char *yaml, struct complaint *why)
{
	struct rule_file file = { .name = "x.yaml", .yaml = span_of(yaml) };

	return rules_new(&file, 1, why);
}

static void samples_say_more_than_a_text(void **state)
{
	struct complaint why;
	struct rules *rules =
		load(HEAD "    when: { others: 2 }\n    match:\n      - context: { others: 2, copies: 1 }\n"
			  "      - text: a\n        region: '150602'\n        category: child\n"
			  "        context: { sender_verified: 3, sender_unfounded: 4, sender_pranks: 5 }\n"
			  "    no_match: [b]\n",
		     &why);
	const struct rule_sample *samples;

	(void)state;
	assert_non_null(rules);
	assert_int_equal(rules_samples(rules, &samples), 3);
	assert_true(span_empty(samples[0].text) && samples[0].context.others == 2 &&
		    samples[0].context.copies == 1 && samples[0].line == 7);
	assert_true(span_is(samples[1].text, "a") && span_is(samples[1].region, "150602") &&
		    span_is(samples[1].category, "child"));
	assert_true(samples[1].context.others == 0 && samples[1].context.verified == 3 &&
		    samples[1].context.unfounded == 4 && samples[1].context.pranks == 5);
	assert_true(span_is(samples[2].text, "b") && !samples[2].matches && samples[2].context.pranks == 0);
	rules_free(rules);
}

static void each_number_goes_to_its_own_place(void **state)
{
	static const char *const names[] = { "others", "copies", "sender_verified", "sender_unfounded",
					     "sender_pranks" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct arena arena = { 0 };
		struct complaint why;
		const struct rule_sample *samples;
		struct rules *rules =
			load(arena_printf(&arena,
					  HEAD "    any: [a]\n    match: [{ context: { %s: 7 } }]\n"
					       "    no_match: [b]\n",
					  names[i]),
			     &why);
		unsigned numbers[5];

		assert_non_null(rules);
		assert_int_equal(rules_samples(rules, &samples), 2);
		memcpy(numbers, &samples[0].context, sizeof(numbers));
		for (size_t k = 0; k < COUNT_OF(numbers); k++)
			assert_int_equal(numbers[k], k == i ? 7 : 0);
		rules_free(rules);
		arena_release(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples_say_more_than_a_text),
		cmocka_unit_test(each_number_goes_to_its_own_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
