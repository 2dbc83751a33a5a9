/*
 * Bodies of staff calls: each type of field takes what it should and nothing
 * else, members without a field are named, and nobody gives a command that is
 * the system's or the claimant's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "handlers/reward/call.h"

static struct arena arena;

static int finish(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

/* Reads a body for that kind; the problem is left in *problem. */
static bool reads(const char *prefix, const char *action, const char *subject, const char *json,
		  struct book_command *command, struct problem *problem)
{
	struct call_form form = { .kind = call_kind(prefix, span_of(action)), .subject = subject };
	struct json_object *body = arena_new(&arena, struct json_object);
	struct complaint why;

	*command = (struct book_command){ 0 };
	*problem = (struct problem){ 0 };
	assert_non_null(form.kind);
	assert_true(json_object_read(span_of(json), &arena, body, &why));
	return call_read(&form, body, &arena, command, problem);
}

static void assert_field(const struct book_command *command, const char *name, const char *value)
{
	for (size_t i = 0; i < command->nfields; i++)
		if (strcmp(command->fields[i].name, name) == 0) {
			assert_true(span_is(command->fields[i].value, value));
			return;
		}
	fail_msg("no %s", name);
}

static void each_type_takes_what_it_should(void **state)
{
	struct book_command command;
	struct problem problem;

	(void)state;
	assert_true(reads("budget.", "receive", NULL, "{\"fen\":5,\"account\":\"bank:main\",\"reason\":null}", &command,
			  &problem));
	assert_field(&command, "fen", "5");
	assert_field(&command, "account", "bank:main");
	assert_int_equal(command.nfields, 2);
	assert_true(reads("budget.", "receive", NULL, "{\"fen\":\"5\"}", &command, &problem));
	assert_field(&command, "fen", "5");
	assert_true(reads("staff.", "set", "account", "{\"account\":\"a\",\"roles\":[\"finance\"],\"from\":17}", &command,
			  &problem));
	assert_true(span_is(command.subject, "a"));
	assert_field(&command, "roles", "[\"finance\"]");
	assert_true(reads("policy.", "draft", NULL, "{\"text\":{\"policy\":\"x\"}}", &command, &problem));
	assert_field(&command, "text", "{\"policy\":\"x\"}");
	assert_true(reads("policy.", "draft", NULL, "{\"text\":\"{}\"}", &command, &problem));
}

static void anything_else_names_the_member(void **state)
{
	static const struct {
		const char *prefix, *action, *json, *code, *field;
	} rows[] = {
		{ "budget.", "receive", "{\"fen\":true}", "WRONG_FIELD", "fen" },
		{ "budget.", "receive", "{\"fen\":{}}", "WRONG_FIELD", "fen" },
		{ "budget.", "receive", "{\"account\":7}", "WRONG_FIELD", "account" },
		{ "budget.", "receive", "{\"fun\":7}", "UNKNOWN_FIELD", "fun" },
		{ "policy.", "draft", "{\"text\":[]}", "WRONG_FIELD", "text" },
		{ "reward.", "propose", "{\"factors\":\"[]\"}", "WRONG_FIELD", "factors" },
		{ "reward.", "propose", "{\"factors\":{}}", "WRONG_FIELD", "factors" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct book_command command;
		struct problem problem;

		assert_false(reads(rows[i].prefix, rows[i].action, NULL, rows[i].json, &command, &problem));
		assert_int_equal(problem.status, 400);
		assert_string_equal(problem.code, rows[i].code);
		assert_string_equal(problem.field, rows[i].field);
	}
}

static void a_subject_by_name_is_needed(void **state)
{
	struct book_command command;
	struct problem problem;

	(void)state;
	assert_false(reads("staff.", "set", "account", "{\"roles\":[]}", &command, &problem));
	assert_string_equal(problem.field, "account");
	assert_false(reads("staff.", "set", "account", "{\"account\":5}", &command, &problem));
	assert_false(reads("staff.", "set", "account", "{\"account\":\"\"}", &command, &problem));
}

static void what_is_not_for_staff_is_no_call(void **state)
{
	size_t n;
	const struct book_command_kind *kinds = book_command_kinds(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		bool staff = (kinds[i].by & ~(unsigned)(MONEY_SYSTEM | MONEY_CLAIMANT)) != 0;

		assert_true((call_kind("", span_of(kinds[i].kind)) != NULL) == staff);
	}
	assert_null(call_kind("reward.", SPAN("publish")));
	assert_null(call_kind("reward.", SPAN("")));
	assert_null(call_kind("budget.", SPAN("propose")));
}

/* No role of a token is one that staff cannot have. */
static void roles_are_those_of_the_token(void **state)
{
	(void)state;
	assert_int_equal(call_roles(WHO_STAFF), MONEY_VERIFIER | MONEY_PROPOSER | MONEY_APPROVER | MONEY_FINANCE |
							MONEY_AUDITOR | MONEY_ADMIN | MONEY_CASHIER);
	assert_int_equal(call_roles(WHO_OFFICER), 0);
	for (unsigned who = 0; who < 1u << 10; who++)
		assert_int_equal(call_roles(who) & (MONEY_SYSTEM | MONEY_CLAIMANT), 0);
}

static void keys_of_our_own_cannot_be_taken(void **state)
{
	(void)state;
	assert_true(call_key_ok(SPAN("a-Z_9.")));
	assert_true(call_key_ok(SPAN("0123456789012345678901234567890123456789012345678901234567890123")));
	assert_false(call_key_ok(SPAN("01234567890123456789012345678901234567890123456789012345678901234")));
	assert_false(call_key_ok(SPAN("")));
	assert_false(call_key_ok(SPAN("case:15-7K3MQ2X9RD:3")));
	assert_false(call_key_ok(SPAN("two words")));
	assert_false(call_key_ok(SPAN("a\0b")));
}

#define TEST(f) cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_type_takes_what_it_should),  TEST(anything_else_names_the_member),
		TEST(a_subject_by_name_is_needed),     TEST(what_is_not_for_staff_is_no_call),
		TEST(roles_are_those_of_the_token),    TEST(keys_of_our_own_cannot_be_taken),
	};

	return cmocka_run_group_tests(tests, NULL, finish);
}
