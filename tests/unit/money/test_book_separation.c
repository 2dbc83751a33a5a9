/*
 * Nobody does two parts of one reward, by whatever account; deputies carry the
 * exclusions of the one whose place they take; and every registration is one
 * of its time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/money_book.h"

#include <stdio.h>

/* Another account of a person, with a role and titles. */
static void also(struct money_book *m, const char *account, const char *person, const char *deputy_of,
		 const char *roles, const char *titles)
{
	money_must(m, "system", "staff.set", account, "person", person, "deputy_of", deputy_of, "roles", roles,
		   "titles", titles);
}

/* As that account of another person's name. */
static enum book_answer by(struct money_book *m, const char *account, const char *person, const char *kind,
			   const char *subject, const char *name, const char *value)
{
	struct book_command command = { .kind = kind, .account = span_of(account), .person = span_of(person),
					.roles = 0x7f, .subject = span_of(subject), .nfields = 1,
					.fields = { { .name = name, .value = span_of(value) } } };

	command.key = span_of(money_text(m, "by-%u", ++m->nkeys));
	return money_command(m, &command);
}

static void by_person_and_not_by_account(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	also(&m, "lin2", "p-lin", "", "[\"approver\"]", "[\"unit_head\"]");
	also(&m, "wei2", "p-wei", "", "[\"approver\"]", "[\"unit_head\"]");
	also(&m, "intake", "p-intake", "", "[\"approver\"]", "[\"unit_head\"]");
	id = money_proposed(&m, "A");
	money_must(&m, "lin", "reward.submit", id);
	assert_int_equal(by(&m, "lin2", "p-lin", "reward.approve", id, "digest", money_digest(&m, id)), BOOK_REFUSED);
	assert_string_equal(m.refusal.code, "SEPARATION");
	assert_int_equal(m.refusal.status, 403);
	assert_int_equal(by(&m, "wei2", "p-wei", "reward.approve", id, "digest", money_digest(&m, id)), BOOK_REFUSED);
	assert_string_equal(m.refusal.code, "SEPARATION");
	assert_int_equal(by(&m, "intake", "p-intake", "reward.approve", id, "digest", money_digest(&m, id)),
			 BOOK_REFUSED);
	assert_string_equal(m.refusal.code, "SEPARATION");
	/* The account says whose it is. */
	assert_int_equal(by(&m, "lin2", "p-han", "reward.approve", id, "digest", money_digest(&m, id)), BOOK_REFUSED);
	assert_string_equal(m.refusal.code, "NOT_STAFF");
	money_book_release(&m);
}

static void a_deputy_carries_the_exclusions(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	also(&m, "dep", "p-dep", "p-lin", "[\"approver\"]", "[\"unit_head\"]");
	id = money_proposed(&m, "A");
	money_must(&m, "lin", "reward.submit", id);
	money_refused(&m, "SEPARATION", "dep", "reward.approve", id, "digest", money_digest(&m, id));
	money_book_release(&m);
}

static void a_deputy_is_no_second_person(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	also(&m, "dep", "p-dep", "p-zhao", "[\"approver\"]", "[]");
	id = money_claimed(&m, "A");
	money_must(&m, "zhao", "reward.revoke", id, "reason", "fraud");
	money_refused(&m, "SECOND_PERSON", "dep", "reward.revoke", id, "reason", "fraud");
	money_must(&m, "han", "reward.revoke", id, "reason", "fraud");
	assert_int_equal(money_reward(&m, id)->state, REWARD_REVOKED);
	money_book_release(&m);
}

static void approvers_do_not_release(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	also(&m, "zhao2", "p-zhao", "", "[\"finance\"]", "[]");
	id = money_claimed(&m, "A");
	m.now_ms += MONEY_DAY_MS;
	assert_int_equal(by(&m, "zhao2", "p-zhao", "reward.release", id, "source", "bank:main"), BOOK_REFUSED);
	assert_string_equal(m.refusal.code, "SEPARATION");
	money_book_release(&m);
}

static void a_registration_has_its_time(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_proposed(&m, "A");
	m.now_ms += MONEY_DAY_MS;
	money_must(&m, "root", "staff.set", "lin", "person", "p-lin", "roles", "[]");
	money_refused(&m, "ROLE", "lin", "reward.submit", id);
	money_must(&m, "root", "staff.set", "lin", "person", "p-lin", "roles", "[\"proposer\"]", "until",
		   money_text(&m, "%lld", (long long)(m.now_ms + 5)));
	m.now_ms += 5;
	money_refused(&m, "NOT_STAFF", "lin", "reward.submit", id);
	money_refused(&m, "ROLES_CONFLICT", "root", "staff.set", "lin", "person", "p-lin", "roles",
		      "[\"proposer\",\"auditor\"]");
	money_refused(&m, "SEPARATION", "root", "staff.set", "root2", "person", "p-root", "roles", "[\"approver\"]");
	money_book_release(&m);
}

static void a_region_is_a_border(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_proposed(&m, "A");
	money_must(&m, "root", "staff.set", "lin", "person", "p-lin", "roles", "[\"proposer\"]", "region", "140000");
	money_refused(&m, "REGION", "lin", "reward.submit", id);
	money_must(&m, "root", "staff.set", "lin", "person", "p-lin", "roles", "[\"proposer\"]", "region", "150000");
	money_must(&m, "lin", "reward.submit", id);
	money_must(&m, "root", "staff.set", "cai", "person", "p-cai", "roles", "[\"finance\"]", "region", "140000");
	money_refused(&m, "REGION", "cai", "budget.receive", MONEY_LEDGER, "fen", "1", "account", "bank:main");
	money_book_release(&m);
}

/* Nobody without a row's role gets anywhere, whatever the command is. */
static void roles_are_a_wall_in_front_of_every_command(void **state)
{
	struct money_book m;
	size_t n;
	const struct book_command_kind *kinds = book_command_kinds(&n);

	(void)state;
	money_book_begin(&m, 2000000);
	for (size_t i = 0; i < n; i++)
		for (unsigned role = MONEY_PROPOSER; role <= MONEY_CLAIMANT; role <<= 1) {
			struct book_command command = { .kind = kinds[i].kind, .account = SPAN("nobody"),
							.person = SPAN("p-nobody"), .roles = role,
							.subject = SPAN(MONEY_LEDGER) };

			command.key = span_of(money_text(&m, "x-%u", ++m.nkeys));
			assert_int_equal(money_command(&m, &command), BOOK_REFUSED);
		}
	money_book_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_person_and_not_by_account),
		cmocka_unit_test(a_deputy_carries_the_exclusions),
		cmocka_unit_test(a_deputy_is_no_second_person),
		cmocka_unit_test(approvers_do_not_release),
		cmocka_unit_test(a_registration_has_its_time),
		cmocka_unit_test(a_region_is_a_border),
		cmocka_unit_test(roles_are_a_wall_in_front_of_every_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
