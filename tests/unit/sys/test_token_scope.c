/*
 * Scopes of tokens: what is one, and which routes it reaches.
 */
#include "daemon/base/table.h"
#include "daemon/sys/tokens.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

static bool allows(const char *scope, const char *route)
{
	struct token token = { .roles = TOKEN_OFFICER };

	snprintf(token.scope, sizeof(token.scope), "%s", scope);
	return token_scope_allows(&token, route);
}

static void a_scope_names_routes_or_beginnings(void **state)
{
	(void)state;
	assert_true(allows("", "tip"));
	assert_true(allows("tip", "tip"));
	assert_false(allows("tip", "tip_file"));
	assert_false(allows("tip_file", "tip"));
	assert_true(allows("queues tip*", "tip_file"));
	assert_true(allows("queues tip*", "tip"));
	assert_true(allows("queues tip*", "queues"));
	assert_false(allows("queues tip*", "queue"));
	assert_false(allows("queues tip*", "outbox"));
	assert_true(allows("*", "outbox"));
}

static void what_is_no_scope_is_none(void **state)
{
	static const char *const wrong[] = { "Tip", "ti*p", "a  b", " a", "a ", "tip/x", "**", "t\n" };
	char longest[TOKEN_SCOPE_MAX + 2];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_false(token_scope_ok(span_of(wrong[i])));
	assert_true(token_scope_ok(SPAN("")));
	assert_true(token_scope_ok(SPAN("tip_2 queues* *")));
	memset(longest, 'a', sizeof(longest));
	assert_true(token_scope_ok(span_from(longest, TOKEN_SCOPE_MAX)));
	assert_false(token_scope_ok(span_from(longest, TOKEN_SCOPE_MAX + 1)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_scope_names_routes_or_beginnings),
		cmocka_unit_test(what_is_no_scope_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
