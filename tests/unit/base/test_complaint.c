/*
 * Complaints: cut, never overrun; always false.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/complaint.h"

#include <string.h>

static void a_complaint_says_where_and_is_false(void **state)
{
	struct complaint why = { .column = 9 };

	(void)state;
	assert_false(complain(&why, 3, "no %s", "name"));
	assert_string_equal(why.text, "no name");
	assert_int_equal(why.line, 3);
	assert_int_equal(why.column, 0);
}

static void a_long_one_is_cut(void **state)
{
	struct {
		struct complaint why;
		char behind[8];
	} at = { .behind = "behind" };

	(void)state;
	complain(&at.why, 0, "%0500d", 1);
	assert_int_equal(strlen(at.why.text), sizeof(at.why.text) - 1);
	assert_string_equal(at.behind, "behind");
}

static void nobody_has_to_listen(void **state)
{
	(void)state;
	assert_false(complain(NULL, 1, "%s", "unheard"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_complaint_says_where_and_is_false),
		cmocka_unit_test(a_long_one_is_cut),
		cmocka_unit_test(nobody_has_to_listen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
