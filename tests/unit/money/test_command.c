/*
 * The table of commands and the reading of their fields.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/money_book.h"

#include <stdio.h>

#include <string.h>

static void every_row_is_whole(void **state)
{
	size_t n;
	const struct book_command_kind *kinds = book_command_kinds(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		assert_non_null(kinds[i].rule);
		assert_int_not_equal(kinds[i].by, 0);
		assert_true(strlen(kinds[i].help) > 0);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(kinds[i].kind, kinds[j].kind);
		for (size_t j = 0; j < BOOK_FIELDS_MAX && kinds[i].fields[j].name != NULL; j++) {
			/* What a vote, and the act that follows from it, say themselves. */
			static const char *const taken[] = { "act", "with", "vote" };

			for (size_t k = 0; k < 3; k++)
				assert_string_not_equal(kinds[i].fields[j].name, taken[k]);
		}
	}
}

static void fields_are_asked_for_and_checked(void **state)
{
	struct money_book m;

	(void)state;
	money_book_begin(&m, 1000);
	money_refused(&m, "MISSING_FIELD", "cai", "budget.receive", MONEY_LEDGER, "fen", "1");
	assert_string_equal(m.refusal.field, "account");
	money_refused(&m, "UNKNOWN_FIELD", "cai", "budget.receive", MONEY_LEDGER, "fen", "1", "account", "bank:a",
		      "colour", "red");
	money_refused(&m, "FIELD_TWICE", "cai", "budget.receive", MONEY_LEDGER, "fen", "1", "fen", "1", "account",
		      "bank:a");
	money_refused(&m, "UNKNOWN_COMMAND", "cai", "budget.steal", MONEY_LEDGER);
	money_book_release(&m);
}

static void amounts_are_whole_fen(void **state)
{
	static const char *const wrong[] = { "0", "-1", "1.5", "01", "1e3", " 1", "9007199254740992", "99999999999999999999" };
	struct money_book m;

	(void)state;
	money_book_begin(&m, 1000);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		money_refused(&m, "WRONG_FIELD", "cai", "budget.receive", MONEY_LEDGER, "fen", wrong[i], "account",
			      "bank:a");
	money_book_release(&m);
}

/* However a list is written, the record says it in one way. */
static void lists_have_one_form(void **state)
{
	struct money_book m;
	struct span text;

	(void)state;
	money_book_begin(&m, 1000);
	money_must(&m, "system", "staff.set", "x", "person", "p-x", "roles", " [ \"proposer\" ,\n\"appro\\u0076er\" ] ");
	assert_true(record_text(&m.record, "roles", &m.arena, &text));
	assert_true(span_is(text, "[\"proposer\",\"approver\"]"));
	money_refused(&m, "WRONG_FIELD", "system", "staff.set", "x", "person", "p-x", "roles", "[\"proposer\"");
	money_refused(&m, "WRONG_FIELD", "system", "staff.set", "x", "person", "p-x", "roles", "[\"proposer\"],\"a\":[]");
	money_refused(&m, "WRONG_FIELD", "system", "staff.set", "x", "person", "p-x", "roles", "[\"system\"]");
	money_book_release(&m);
}

static void keys_are_words(void **state)
{
	static const char *const wrong[] = { "", "a b", "\"", "\xc3\xa4",
					     "12345678901234567890123456789012345678901234567890123456789012345" };
	struct money_book m;

	(void)state;
	money_book_begin(&m, 1000);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct book_command command = { .kind = "audit.export", .person = SPAN("p-shen"),
						.account = SPAN("shen"), .roles = MONEY_AUDITOR,
						.key = span_of(wrong[i]) };

		assert_int_equal(money_command(&m, &command), BOOK_REFUSED);
		assert_string_equal(m.refusal.code, "WRONG_KEY");
	}
	money_book_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_whole),
		cmocka_unit_test(fields_are_asked_for_and_checked),
		cmocka_unit_test(amounts_are_whole_fen),
		cmocka_unit_test(lists_have_one_form),
		cmocka_unit_test(keys_are_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
