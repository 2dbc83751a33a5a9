/*
 * Keys over HTTP: whom they open for and which weeks are here; no key itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/sys/clock.h"
#include "daemon/sys/key_box.h"
#include "daemon/sys/keyrings.h"
#include "daemon/sys/week_keys.h"
#include "tests/support/app_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static struct app_rig rig;
static struct arena arena;
static struct complaint why;

/* A box of that region for these persons (sealed to keys of nobody), with a row of the recovery key. */
static void make_box(const char *keys_dir, const char *code, const char *const *persons)
{
	static const unsigned char to[PERSON_KEY_BYTES] = { 9 }, secret[32] = { 7 };
	struct key_box box = { 0 };
	struct key_dir dir;

	assert_true(key_dir_open(&dir, keys_dir, true, &why));
	for (size_t i = 0; persons[i] != NULL; i++)
		key_box_seal(&box, span_of(persons[i]), to, secret);
	key_box_seal(&box, KEY_BOX_RECOVERY, to, secret);
	assert_true(key_box_write(&dir, code, &box, &why));
	key_box_release(&box);
	key_dir_close(&dir);
}

static int begin(void **state)
{
	const char *keys_dir;

	(void)state;
	app_rig_open(&rig, NULL);
	keys_dir = arena_printf(&arena, "%s/boxes", rig.home);
	make_box(keys_dir, "150600", (const char *const[]){ "li", "wang", NULL });
	make_box(keys_dir, "110000", (const char *const[]){ "zhao", NULL });
	rig.app.keyrings = keyrings_new(&(struct keyrings_plan){ .keys_dir = keys_dir, .state_dir = rig.home }, &why);
	assert_non_null(rig.app.keyrings);
	assert_true(week_keys_ahead(rig.app.weeks, clock_wall_ms(), &why));
	return 0;
}

static int finish(void **state)
{
	(void)state;
	keyrings_free(rig.app.keyrings);
	rig.app.keyrings = NULL;
	app_rig_close(&rig);
	arena_release(&arena);
	app_rig_done();
	return 0;
}

static struct rig_answer ask(const char *person, const char *region)
{
	const char *token = app_rig_token(&rig, person, TOKEN_ADMIN, region, &arena);

	return app_rig_ask(&rig, SITE_STAFF, "GET", "/api/v1/keys", arena_printf(&arena, "Authorization: Bearer %s\r\n", token), SPAN(""));
}

static void whom_they_open_for(void **state)
{
	struct rig_answer answer = ask("chief", "000000");

	(void)state;
	assert_int_equal(answer.status, 200);
	assert_true(rig_has(answer.body, "{\"region\":\"150600\",\"persons\":[\"li\",\"wang\"],\"recovery\":true,\"earlier\":0}"));
	assert_true(rig_has(answer.body, "\"zhao\""));
	assert_true(rig_has(answer.body, "\"identity\":{\"state\":\"open\",\"halves\":[{\"holders\":0,\"persons\":[]},"));
	assert_false(rig_has(answer.body, "sealed"));
	answer = ask("ordos", "150600");
	assert_true(rig_has(answer.body, "\"wang\""));
	assert_false(rig_has(answer.body, "\"zhao\""));
	assert_true(rig_has(answer.body, "{\"holders\":0,\"persons\":null}"));
}

static void which_weeks_are_here(void **state)
{
	unsigned week = week_of(clock_wall_ms());
	struct rig_answer answer = ask("chief", "000000");

	(void)state;
	assert_true(rig_has(answer.body, arena_printf(&arena, "\"oldest\":{\"week\":%u,\"begins\":", week)));
	assert_true(rig_has(answer.body, "\"missed\":null,\"rewrap\":null"));
}

static void without_keys_it_is_said(void **state)
{
	struct keyrings *rings = rig.app.keyrings;

	(void)state;
	rig.app.keyrings = NULL;
	assert_int_equal(ask("chief", "000000").status, 503);
	rig.app.keyrings = rings;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(whom_they_open_for, begin, finish),
		cmocka_unit_test_setup_teardown(which_weeks_are_here, begin, finish),
		cmocka_unit_test_setup_teardown(without_keys_it_is_said, begin, finish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
