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

static enum book_answer pay_out(struct money_book *m, const char *account, const char *person, const char *attempt)
{
	struct book_command command = { .kind = "attempt.observe", .account = span_of(account), .person = span_of(person),
					.roles = 0x7f, .subject = span_of(attempt), .nfields = 3,
					.fields = { { .name = "state", .value = SPAN("SUCCEEDED") },
						    { .name = "by", .value = SPAN("query") },
						    { .name = "fen", .value = SPAN("850000") } } };

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

/* He signs in with his own account, and is a deputy by another: identity is the person. */
static void a_deputy_by_another_account_is_one_too(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 4000000);
	also(&m, "dep", "p-han", "p-lin", "[\"proposer\"]", "[]");
	id = money_proposed(&m, "A");
	money_must(&m, "lin", "reward.submit", id);
	money_refused(&m, "SEPARATION", "han", "reward.approve", id, "digest", money_digest(&m, id));
	/* When he is a deputy no more, what lin did is not his. */
	m.now_ms += MONEY_DAY_MS;
	also(&m, "dep", "p-han", "", "[]", "[]");
	money_must(&m, "han", "reward.approve", id, "digest", money_digest(&m, id));
	money_book_release(&m);
}

/* What was done in somebody's place stays done in it. */
static void what_a_deputy_did_outlives_the_deputyship(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 4000000);
	also(&m, "lin", "p-lin", "p-zhao", "[\"proposer\"]", "[]");
	id = money_proposed(&m, "A");
	money_must(&m, "lin", "reward.submit", id);
	m.now_ms += MONEY_DAY_MS;
	also(&m, "lin", "p-lin", "", "[\"proposer\"]", "[]");
	money_must(&m, "han", "reward.approve", id, "digest", money_digest(&m, id));
	money_must(&m, "fang", "reward.approve", id, "digest", money_digest(&m, id));
	money_refused(&m, "SEPARATION", "zhao", "reward.approve", id, "digest", money_digest(&m, id));
	money_book_release(&m);
}

/* A deputy's deputy stands for both; two who stand for a third are one. */
static void deputies_of_deputies(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 4000000);
	also(&m, "d1", "p-d1", "p-lin", "[\"approver\"]", "[]");
	also(&m, "d2", "p-d2", "p-d1", "[\"approver\"]", "[\"unit_head\"]");
	also(&m, "d3", "p-d3", "p-zhao", "[\"approver\"]", "[]");
	also(&m, "d4", "p-d4", "p-zhao", "[\"approver\"]", "[]");
	id = money_proposed(&m, "A");
	money_must(&m, "lin", "reward.submit", id);
	money_refused(&m, "SEPARATION", "d2", "reward.approve", id, "digest", money_digest(&m, id));
	money_approve(&m, id);
	money_must(&m, "d3", "reward.revoke", id, "reason", "fraud");
	money_refused(&m, "SECOND_PERSON", "d4", "reward.revoke", id, "reason", "fraud");
	money_book_release(&m);
}

/* He approved, changed to finance, then to the counter, by new accounts: he keeps what he did. */
static void who_changes_office_keeps_what_was_done(void **state)
{
	struct money_book m;
	const char *id, *attempt;

	(void)state;
	money_book_begin(&m, 4000000);
	id = money_released(&m, "A");
	attempt = money_text(&m, "%s-1", id);
	money_run(&m);
	m.now_ms += MONEY_DAY_MS;
	also(&m, "han", "p-han", "", "[]", "[]");
	also(&m, "han-2", "p-han", "", "[\"finance\"]", "[]");
	assert_int_equal(by(&m, "han-2", "p-han", "attempt.cancel", attempt, "reason", "x"), BOOK_REFUSED);
	assert_string_equal(m.refusal.code, "SEPARATION");
	m.now_ms += MONEY_DAY_MS;
	also(&m, "han-2", "p-han", "", "[]", "[]");
	also(&m, "han-3", "p-han", "", "[\"cashier\"]", "[]");
	m.now_ms += 1;
	assert_int_equal(pay_out(&m, "han-3", "p-han", attempt), BOOK_REFUSED);
	assert_string_equal(m.refusal.code, "SEPARATION");
	assert_int_equal(pay_out(&m, "gui", "p-gui", attempt), BOOK_RECORD);
	assert_int_equal(money_reward(&m, id)->state, REWARD_PAID);
	/* The teller becomes an approver, and would have it back on the books. */
	m.now_ms += MONEY_DAY_MS;
	also(&m, "gui", "p-gui", "", "[\"approver\"]", "[]");
	money_refused(&m, "SEPARATION", "gui", "reward.void", id, "code", "fraud", "document",
		      "2222222222222222222222222222222222222222222222222222222222222222");
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
		cmocka_unit_test(a_deputy_by_another_account_is_one_too),
		cmocka_unit_test(what_a_deputy_did_outlives_the_deputyship),
		cmocka_unit_test(deputies_of_deputies),
		cmocka_unit_test(who_changes_office_keeps_what_was_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
