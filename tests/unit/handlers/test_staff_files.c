/*
 * Addresses of the staff's program: its page within the faces, its files by their names, nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/base/asset.h"
#include "handlers/web/staff_files.h"

static bool is_page(const char *path)
{
	struct page_file file;

	return staff_file_find(span_of(path), &file) && file.body.at == asset_find("staff/index.html").at && !file.lasting;
}

static void test_faces_are_one_page(void **state)
{
	static const char *const pages[] = { "/", "/desk", "/desk/tips/15-0123456789", "/money", "/money/a/b", "/audit", "/admin/accounts",
					     "/account", "/setup" };

	(void)state;
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (!is_page(pages[i]))
			fail_msg("%s is no page", pages[i]);
}

static void test_other_addresses_are_not(void **state)
{
	static const char *const others[] = { "", "/desks", "/index.html", "/staff/index.html", "/.js", "/js", "/../staff/main.js", "/main.js/",
					      "/main.JS", "/a/main.js", "/package.json", "/desk-AAAAAAAA.js" };
	char wide[200] = "/";
	struct page_file file;

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (staff_file_find(span_of(others[i]), &file))
			fail_msg("%s is a file", others[i]);
	memset(wide + 1, 'a', sizeof(wide) - 5);
	memcpy(wide + sizeof(wide) - 4, ".js", 4);
	assert_false(staff_file_find(span_of(wide), &file));
}

static void test_what_may_be_kept(void **state)
{
	struct page_file file;
	size_t lasting = 0;
	const char *name;

	(void)state;
	assert_true(staff_file_find(SPAN("/main.js"), &file));
	assert_false(file.lasting);
	assert_string_equal(file.type, "text/javascript; charset=utf-8");
	assert_true(staff_file_find(SPAN("/staff.css"), &file));
	assert_false(file.lasting);
	assert_string_equal(file.type, "text/css; charset=utf-8");
	for (size_t i = 0; (name = asset_name(i)) != NULL; i++)
		if (strncmp(name, "staff/", 6) == 0 && staff_file_find(span_of(name + 5), &file))
			lasting += file.lasting;
	assert_true(lasting >= 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_faces_are_one_page),
		cmocka_unit_test(test_other_addresses_are_not),
		cmocka_unit_test(test_what_may_be_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
