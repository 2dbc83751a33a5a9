/*
 * Claims as they come in: by form and as JSON the same is read, and what is
 * wrong is named before anything is done.
 */
#include "handlers/reward/claim_input.h"

#include "daemon/base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define RAILS "voucher, wallet,bank"
#define CODE "151234567890123456789042"

static struct arena arena;
static struct claim_input input;

static int finish(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

/* A code whose check digits fit. */
static const char *code(void)
{
	struct receipt_code made;
	unsigned char random[16] = { 5 };

	receipt_make("15", random, &made);
	return arena_dup(&arena, span_of(made.digits)).at;
}

static enum claim_fault json(const char *more)
{
	return claim_read_json(span_of(arena_printf(&arena, "{\"receipt\":\"%s\"%s}", code(), more)), RAILS, &arena,
			       &input);
}

static enum claim_fault form(const char *more)
{
	return claim_read_form(span_of(arena_printf(&arena, "code=%s%s", code(), more)), RAILS, &arena, &input);
}

static void form_and_json_say_the_same(void **state)
{
	struct claim_input first;

	(void)state;
	assert_int_equal(json(",\"action\":\"claim\",\"rail\":\"wallet\",\"nonce\":\"n\",\"member\":2,"
			      "\"payee\":{\"account\":\" oX \",\"name\":\"张三\"}"),
			 CLAIM_FINE);
	first = input;
	assert_int_equal(form("&action=claim&rail=wallet&nonce=n&member=2&account=+oX+&name=%E5%BC%A0%E4%B8%89&lang=en"),
			 CLAIM_FINE);
	assert_string_equal(first.code.digits, input.code.digits);
	assert_int_equal(first.action, CLAIM_CLAIM);
	assert_int_equal(input.action, CLAIM_CLAIM);
	assert_true(span_is(first.account, "oX") && span_is(input.account, "oX"));
	assert_true(span_eq(first.name, input.name) && span_eq(first.rail, input.rail));
	assert_true(span_eq(first.nonce, input.nonce) && first.member == 2 && input.member == 2);
	assert_true(span_is(input.lang, "en"));
}

static void what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *more;
		enum claim_fault fault;
	} rows[] = {
		{ "", CLAIM_FINE },
		{ ",\"action\":\"steal\"", CLAIM_NO_ACTION },
		{ ",\"member\":8", CLAIM_NO_MEMBER },
		{ ",\"member\":-1", CLAIM_NO_MEMBER },
		{ ",\"action\":\"claim\",\"rail\":\"voucher\"", CLAIM_NO_NONCE },
		{ ",\"action\":\"claim\",\"nonce\":\"n\"", CLAIM_NO_RAIL },
		{ ",\"action\":\"claim\",\"nonce\":\"n\",\"rail\":\"voucher, wallet\"", CLAIM_NO_RAIL },
		{ ",\"action\":\"claim\",\"nonce\":\"n\",\"rail\":\"wallet\"", CLAIM_NO_ACCOUNT },
		{ ",\"action\":\"claim\",\"nonce\":\"n\",\"rail\":\"bank\",\"payee\":5", CLAIM_NO_ACCOUNT },
		{ ",\"action\":\"claim\",\"nonce\":\"n\",\"rail\":\"bank\",\"payee\":{\"account\":\"a\\u0007\"}",
		  CLAIM_NO_ACCOUNT },
		{ ",\"action\":\"change\",\"nonce\":\"n\",\"rail\":\"bank\",\"payee\":{\"account\":\"a\",\"name\":\"b\\n\"}",
		  CLAIM_NO_NAME },
		{ ",\"action\":\"decline\",\"nonce\":\"n\"", CLAIM_UNCONFIRMED },
		{ ",\"action\":\"decline\",\"nonce\":\"n\",\"confirm\":\"1\"", CLAIM_UNCONFIRMED },
		{ ",\"action\":\"decline\",\"nonce\":\"n\",\"confirm\":true", CLAIM_FINE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (json(rows[i].more) != rows[i].fault)
			fail_msg("%s", rows[i].more);
		if (rows[i].fault != CLAIM_FINE)
			assert_non_null(claim_fault_words(rows[i].fault)->code);
	}
	assert_int_equal(claim_read_json(SPAN("[]"), RAILS, &arena, &input), CLAIM_UNREADABLE);
	assert_int_equal(claim_read_form(SPAN("%"), RAILS, &arena, &input), CLAIM_UNREADABLE);
	assert_int_equal(claim_read_json(SPAN("{}"), RAILS, &arena, &input), CLAIM_CODE_ABSENT);
	assert_int_equal(claim_read_json(SPAN("{\"receipt\":\"" CODE "\"}"), RAILS, &arena, &input), CLAIM_CODE_CHECK);
}

/* Whoever takes cash at a counter leaves no account behind, whatever the form sent along. */
static void cash_needs_no_account_and_keeps_none(void **state)
{
	(void)state;
	assert_int_equal(form("&action=claim&rail=voucher&nonce=n&account=mine&name=me"), CLAIM_FINE);
	assert_int_equal(input.account.len, 0);
	assert_int_equal(input.name.len, 0);
}

static void rails_are_cut_at_commas(void **state)
{
	struct span rest = span_of(" a,, b ,"), rail;

	(void)state;
	assert_true(claim_next_rail(&rest, &rail) && span_is(rail, "a"));
	assert_true(claim_next_rail(&rest, &rail) && span_is(rail, "b"));
	assert_false(claim_next_rail(&rest, &rail));
}

#define TEST(f) cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(form_and_json_say_the_same),
		TEST(what_is_wrong_is_named),
		TEST(cash_needs_no_account_and_keeps_none),
		TEST(rails_are_cut_at_commas),
	};

	return cmocka_run_group_tests(tests, NULL, finish);
}
