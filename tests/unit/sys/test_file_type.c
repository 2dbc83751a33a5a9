/*
 * File types: by content, against the list.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/sys/file_type.h"

static struct file_types *types;

static int begin_all(void **state)
{
	static const char *const allowed[] = { "image/*", "application/pdf", "text/plain" };
	struct complaint why;

	(void)state;
	types = file_types_new(allowed, COUNT_OF(allowed), &why);
	return types == NULL;
}

static int finish_all(void **state)
{
	(void)state;
	file_types_free(types);
	return 0;
}

static void a_type_is_known_by_its_first_bytes(void **state)
{
	(void)state;
	assert_string_equal(file_type_of(types, SPAN("%PDF-1.7\n%x")), "application/pdf");
	assert_string_equal(file_type_of(types, SPAN("\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0")), "image/jpeg");
	assert_string_equal(file_type_of(types, SPAN("plain words\n")), "text/plain");
	assert_string_equal(file_type_of(types, SPAN("#!/bin/sh\necho\n")), "text/x-shellscript");
	assert_non_null(file_type_of(types, SPAN("")));
	assert_non_null(file_type_of(types, SPAN("\1\2\3\4\5")));
}

static void a_star_takes_the_family_and_nothing_takes_a_start(void **state)
{
	(void)state;
	assert_true(file_type_allowed(types, "image/jpeg"));
	assert_true(file_type_allowed(types, "application/pdf"));
	assert_false(file_type_allowed(types, "application/pdfx"));
	assert_false(file_type_allowed(types, "application/pd"));
	assert_false(file_type_allowed(types, "imagex/jpeg"));
	assert_false(file_type_allowed(types, "image"));
	assert_false(file_type_allowed(types, "text/x-shellscript"));
	assert_false(file_type_allowed(types, ""));
}

static void an_empty_list_takes_nothing(void **state)
{
	struct complaint why;
	struct file_types *none = file_types_new(NULL, 0, &why);

	(void)state;
	assert_non_null(none);
	assert_false(file_type_allowed(none, "image/jpeg"));
	file_types_free(none);
	file_types_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_type_is_known_by_its_first_bytes),
		cmocka_unit_test(a_star_takes_the_family_and_nothing_takes_a_start),
		cmocka_unit_test(an_empty_list_takes_nothing),
	};

	return cmocka_run_group_tests(tests, begin_all, finish_all);
}
