/*
 * Rights by region and role.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "handlers/bureau/rights.h"
#include "tests/support/judge_files.h"

static struct judge_files files;
static struct judge *judge;

static int begin_all(void **state)
{
	struct complaint why;

	(void)state;
	judge_files_read(&files);
	judge = judge_new(&files.sources, &why);
	return judge == NULL;
}

static int finish_all(void **state)
{
	(void)state;
	judge_free(judge);
	judge_files_release(&files);
	return 0;
}

static struct staff staff_of(const char *region, unsigned roles)
{
	struct staff staff = { .roles = roles };

	memcpy(staff.region, region, 7);
	return staff;
}

static void rights_reach_down_and_nowhere_else(void **state)
{
	struct staff nation = staff_of("000000", 0);
	struct staff province = staff_of("150000", 0);
	struct staff city = staff_of("150600", 0);
	struct staff district = staff_of("150602", 0);

	(void)state;
	assert_true(rights_reach(&nation, SPAN("150602")));
	assert_true(rights_reach(&nation, SPAN("000000")));
	assert_true(rights_reach(&province, SPAN("150602")));
	assert_true(rights_reach(&city, SPAN("150602")));
	assert_true(rights_reach(&city, SPAN("150600")));
	assert_true(rights_reach(&district, SPAN("150602")));
	assert_false(rights_reach(&province, SPAN("000000")));
	assert_false(rights_reach(&province, SPAN("110101")));
	assert_false(rights_reach(&city, SPAN("150000")));
	assert_false(rights_reach(&city, SPAN("150702")));
	assert_false(rights_reach(&district, SPAN("150603")));
	assert_false(rights_reach(&district, SPAN("150600")));
}

static void each_role_is_its_actor(void **state)
{
	struct staff staff = staff_of("000000", WHO_OFFICER);

	(void)state;
	assert_int_equal(rights_actor(&staff), TIP_BY_OFFICER);
	staff.roles = WHO_VERIFIER | WHO_ADMIN;
	assert_int_equal(rights_actor(&staff), TIP_BY_VERIFIER | TIP_BY_ADMIN);
	staff.roles = WHO_FINANCE | WHO_AUDITOR | WHO_PROPOSER | WHO_APPROVER;
	assert_int_equal(rights_actor(&staff), TIP_BY_APPROVER);
}

static void a_region_touches_one_shard_the_nation_all(void **state)
{
	struct shard_list list;

	(void)state;
	shards_of_region(judge_gazetteer(judge), SPAN("150602"), &list);
	assert_int_equal(list.n, 1);
	assert_string_equal(list.at[0], "15");
	shards_of_region(judge_gazetteer(judge), SPAN("000000"), &list);
	assert_true(list.n > 31 && list.n <= SHARDS_MAX);
	assert_string_equal(list.at[0], SHARD_NATIONAL);
	for (size_t i = 0; i < list.n; i++)
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(list.at[i], list.at[j]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rights_reach_down_and_nowhere_else),
		cmocka_unit_test(each_role_is_its_actor),
		cmocka_unit_test(a_region_touches_one_shard_the_nation_all),
	};

	return cmocka_run_group_tests(tests, begin_all, finish_all);
}
