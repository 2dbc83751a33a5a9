/*
 * Visitors of the public site: language, size of type, form of the answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "tests/support/app_rig.h"

static struct app_rig rig;

static int begin(void **state)
{
	(void)state;
	app_rig_open(&rig, NULL);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	app_rig_close(&rig);
	return 0;
}

static int finish_all(void **state)
{
	(void)state;
	app_rig_done();
	return 0;
}

static struct rig_answer get(const char *path, const char *fields)
{
	return app_rig_ask(&rig, SITE_PUBLIC, "GET", path, fields, (struct span){ 0 });
}

static void the_query_goes_before_the_browsers_language(void **state)
{
	static const struct {
		const char *path;
		const char *fields;
		const char *lang;
	} cases[] = {
		{ "/", NULL, "lang=\"zh-CN\"" },
		{ "/", "Accept-Language: en-GB,en;q=0.9\r\n", "lang=\"en\"" },
		{ "/", "Accept-Language: zh-Hans, en;q=0.5\r\n", "lang=\"zh-CN\"" },
		{ "/?lang=en", "Accept-Language: zh-CN\r\n", "lang=\"en\"" },
		{ "/?lang=zh-CN", "Accept-Language: en\r\n", "lang=\"zh-CN\"" },
		{ "/?lang=%22%3E", "Accept-Language: en\r\n", "lang=\"en\"" },
		{ "/receipt?lang=en", NULL, "lang=\"en\"" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct rig_answer answer = get(cases[i].path, cases[i].fields);

		assert_int_equal(answer.status, 200);
		if (!rig_has(answer.body, cases[i].lang))
			fail_msg("%s %s", cases[i].path, cases[i].lang);
	}
}

static void the_query_is_not_echoed(void **state)
{
	struct rig_answer answer = get("/?lang=%3Cscript%3Ex&size=%3Cscript%3Ey", NULL);

	(void)state;
	assert_int_equal(answer.status, 200);
	assert_false(rig_has(answer.body, "<script>x"));
	assert_false(rig_has(answer.body, "<script>y"));
}

static void each_form_has_a_name_of_its_own(void **state)
{
	struct rig_answer answer = get("/report", NULL);
	size_t at = span_find(answer.body, SPAN("name=\"nonce\""));
	char first[80];

	(void)state;
	assert_true(at + sizeof(first) < answer.body.len);
	memcpy(first, answer.body.at + at, sizeof(first));
	answer = get("/report", NULL);
	assert_memory_not_equal(first, answer.body.at + at, sizeof(first));
}

static void the_style_is_a_file_that_may_be_kept(void **state)
{
	struct rig_answer answer = get("/style.css", NULL);

	(void)state;
	assert_int_equal(answer.status, 200);
	assert_true(rig_has(answer.head, "text/css"));
	assert_true(rig_has(answer.head, "max-age=3600"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)
	const struct CMUnitTest tests[] = {
		TEST(the_query_goes_before_the_browsers_language),
		TEST(the_query_is_not_echoed),
		TEST(each_form_has_a_name_of_its_own),
		TEST(the_style_is_a_file_that_may_be_kept),
	};

	return cmocka_run_group_tests(tests, NULL, finish_all);
}
