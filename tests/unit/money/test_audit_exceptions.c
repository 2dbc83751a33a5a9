/*
 * The table of tests: complete, with bounds that hold; hits beyond what is told
 * are counted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/money_audit.h"

static void rows_are_complete(void **state)
{
	size_t n;
	const struct audit_test *tests = audit_tests(&n);
	unsigned taken = 0;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		assert_non_null(tests[i].find);
		assert_true(strlen(tests[i].finds) > 20 && strlen(tests[i].of) > 0 && strlen(tests[i].unit) > 0);
		taken |= tests[i].takes;
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(tests[i].name, tests[k].name);
	}
	assert_int_equal(taken, (1u << AUDIT_PARAMETERS) - 1);
	for (size_t i = 0; i < AUDIT_PARAMETERS; i++)
		assert_true(audit_parameters[i].low <= audit_parameters[i].preset &&
			    audit_parameters[i].preset <= audit_parameters[i].high);
}

static void of_nothing_there_is_nothing(void **state)
{
	struct money_audit a;
	size_t n;
	const struct audit_test *tests = audit_tests(&n);

	(void)state;
	audit_begin(&a);
	audit_look(&a);
	a.view = money_view(&a.m, a.log, 0);
	for (size_t i = 0; i < n; i++) {
		struct audit_finding found = audit_find(&tests[i], &a.view, a.m.book, a.parameters);

		assert_int_equal(found.population, 0);
		assert_int_equal(found.total, 0);
	}
	audit_release(&a);
}

static void many_hits_are_counted(void **state)
{
	struct money_audit a;
	struct audit_finding found = { .parameters = a.parameters };

	(void)state;
	audit_begin(&a);
	audit_look(&a);
	found.view = &a.view;
	found.hits = arena_array(&a.m.arena, struct audit_hit, AUDIT_HITS_MAX + 1);
	for (unsigned i = 1; i <= AUDIT_HITS_MAX + 7; i++) {
		struct audit_hit *hit = audit_hit_new(&found, NULL);

		hit->value = i;
		audit_hit_seq(&found, hit, i);
	}
	assert_int_equal(found.nhits, AUDIT_HITS_MAX);
	assert_int_equal(found.total, AUDIT_HITS_MAX + 7);
	assert_int_equal(found.hits[AUDIT_HITS_MAX - 1].value, AUDIT_HITS_MAX);
	audit_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_complete),
		cmocka_unit_test(of_nothing_there_is_nothing),
		cmocka_unit_test(many_hits_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
