/*
 * Who stands at the command line: the token in a file that is one's own, as long
 * as it is valid, opens its person's pair and boxes; nothing else does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/cli/tipctl_key_opener.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/files.h"
#include "tests/support/keys_house.h"


#define HOUSE_TEST(name) cmocka_unit_test_setup_teardown(name, house_make, house_remove)

static char file[100];

static void put(const char *text, mode_t mode)
{
	snprintf(file, sizeof(file), "%s/own", house_dir);
	assert_true(files_replace(file, span_of(text), mode, &house_why));
}

/* A token of that person, in the file. */
static struct token add(const char *person)
{
	struct token token = { .roles = TOKEN_OFFICER, .region = "150600" };
	char text[TOKEN_TEXT_BYTES + 1];

	snprintf(token.person, sizeof(token.person), "%s", person);
	assert_true(token_add(house_dir, &token, clock_wall_ms(), text, &house_why));
	put(text, 0600);
	return token;
}

static bool opens(bool make)
{
	struct key_opener opener;
	bool well = key_opener_open(&opener, house_dir, house_keys, file, make, &house_why);

	if (well)
		key_opener_release(&opener);
	return well;
}

static void a_file_holds_one_token_and_is_private(void **state)
{
	char text[TOKEN_TEXT_BYTES + 1];

	(void)state;
	put(HOUSE_TOKEN " \n", 0600);
	assert_true(ctl_token_read(house_dir, file, text, &house_why));
	assert_string_equal(text, HOUSE_TOKEN);
	put(HOUSE_TOKEN "x\n", 0600);
	assert_false(ctl_token_read(house_dir, file, text, &house_why));
	put("\n", 0600);
	assert_false(ctl_token_read(house_dir, file, text, &house_why));
	put(HOUSE_TOKEN, 0644);
	assert_false(ctl_token_read(house_dir, file, text, &house_why));
	assert_false(ctl_token_read(house_dir, NULL, text, &house_why));   /* no demo accounts here */
	assert_non_null(strstr(house_why.text, "--with FILE"));
}

static void a_first_token_makes_the_pair(void **state)
{
	(void)state;
	keys_free(house_open(true));
	add("an");
	assert_false(opens(false));
	assert_non_null(strstr(house_why.text, "opens no key of an"));
	assert_true(opens(true));
	assert_true(opens(false));
	/* Another one of the same person is no way in by itself, and makes no second pair. */
	add("an");
	assert_false(opens(true));
}

static void a_revoked_token_opens_nothing(void **state)
{
	struct token token;

	(void)state;
	keys_free(house_open(true));
	token = add("an");
	assert_true(opens(true));
	assert_true(token_revoke(house_dir, span_of(token.id), &house_why));
	assert_false(opens(true));
	assert_non_null(strstr(house_why.text, "not valid here"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOUSE_TEST(a_file_holds_one_token_and_is_private),
		HOUSE_TEST(a_first_token_makes_the_pair),
		HOUSE_TEST(a_revoked_token_opens_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
