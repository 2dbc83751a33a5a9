/*
 * Answers of the staff API before they are shown: no text of another person's
 * moves on the terminal of whoever is to approve it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "daemon/cli/tipctl_api.h"

static void assert_plain(const char *json, const char *plain)
{
	json_t *root = json_loads(json, 0, NULL);
	char *text;

	assert_non_null(root);
	ctl_make_plain(root);
	text = json_dumps(root, JSON_COMPACT);
	assert_string_equal(text, plain);
	free(text);
	json_decref(root);
}

static void what_moves_on_a_terminal_is_taken_out(void **state)
{
	(void)state;
	/* Up a line and over the amount that stands there. */
	assert_plain("{\"reason\":\"late\\u001b[1A\\r500.00\"}", "{\"reason\":\"late?[1A?500.00\"}");
	assert_plain("{\"a\":[\"x\\ny\",{\"b\":\"\\u007f\\u009b2J\"}]}", "{\"a\":[\"x?y\",{\"b\":\"??2J\"}]}");
	assert_plain("[\"\\u202e00.005\\u2066\\u200f\\u2028\"]", "[\"?00.005???\"]");
}

static void all_else_stays(void **state)
{
	static const char same[] = "{\"reason\":\"奖励 é 😀, \\\"x\\\"\",\"fen\":850000,\"held\":false,\"none\":null,\"empty\":\"\"}";

	(void)state;
	assert_plain(same, same);
	ctl_make_plain(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_moves_on_a_terminal_is_taken_out),
		cmocka_unit_test(all_else_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
