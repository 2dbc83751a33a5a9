/*
 * Who did what with whom: pairs with their records; a journal in which one
 * person did two things is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/money/audit_separation.h"
#include "tests/support/money_book.h"
#include "tests/support/money_journal.h"

static const struct audit_pair *pair(const struct audit_separation *all, const struct audit_log *log, const char *person,
				     const char *with)
{
	for (size_t i = 0; i < all->npairs; i++)
		if (strcmp(audit_text(log, all->pairs[i].person), person) == 0 &&
		    strcmp(audit_text(log, all->pairs[i].with), with) == 0)
			return &all->pairs[i];
	return NULL;
}

static void pairs_are_counted_by_reward(void **state)
{
	struct money_book m;
	struct audit_log *log;
	struct audit_view view;
	struct audit_separation all;
	const struct audit_pair *found;

	(void)state;
	money_book_begin(&m, 9000000);
	money_paid(&m, "A");
	money_approved(&m, "B");
	money_proposed(&m, "C");
	log = money_audit_log(&m);
	view = money_view(&m, log, m.nlines);
	all = audit_separation(&view);
	found = pair(&all, log, "p-lin", "p-zhao");
	assert_non_null(found);
	assert_int_equal(found->rewards, 2);
	assert_int_equal(found->fen, 2 * 850000);
	assert_int_equal(found->percent, 66);
	assert_int_equal(found->part, AUDIT_PROPOSER);
	assert_int_equal(found->with_part, AUDIT_APPROVER);
	assert_int_equal(found->seqs.n, 4);
	assert_int_equal(pair(&all, log, "p-zhao", "p-cai")->rewards, 1);
	assert_int_equal(pair(&all, log, "p-zhao", "p-cai")->percent, 50);
	assert_null(pair(&all, log, "p-cai", "p-zhao"));
	assert_int_equal(pair(&all, log, "p-intake", "p-wei")->rewards, 3);
	assert_int_equal(all.nconflicts, 0);
	assert_int_equal(all.pairs[0].rewards, 3);
	audit_log_free(log);
	money_book_release(&m);
}

static void people_by_what_they_did(void **state)
{
	struct money_book m;
	struct audit_log *log;
	struct audit_view view;
	struct audit_separation all;

	(void)state;
	money_book_begin(&m, 9000000);
	money_approved(&m, "A");
	money_approved(&m, "B");
	log = money_audit_log(&m);
	view = money_view(&m, log, m.nlines);
	all = audit_separation(&view);
	assert_int_equal(all.npeople, 6);
	assert_string_equal(audit_text(log, all.people[2].person), "p-lin");
	assert_int_equal(all.people[2].part, AUDIT_PROPOSER);
	assert_int_equal(all.people[2].rewards, 2);
	assert_int_equal(all.people[2].fen, 1700000);
	audit_log_free(log);
	money_book_release(&m);
}

/* What was sent back is void: who approved then may take another part. */
static void approvals_that_were_returned_do_not_count(void **state)
{
	struct money_book m;
	struct audit_log *log;
	struct audit_view view;
	struct audit_separation all;
	const char *id;

	(void)state;
	money_book_begin(&m, 9000000);
	id = money_proposed(&m, "A");
	money_must(&m, "lin", "reward.submit", id);
	money_must(&m, "han", "reward.approve", id, "digest", money_digest(&m, id));
	money_must(&m, "fang", "reward.return", id, "reason", "anew");
	log = money_audit_log(&m);
	view = money_view(&m, log, m.nlines);
	all = audit_separation(&view);
	assert_null(pair(&all, log, "p-lin", "p-han"));
	audit_log_free(log);
	money_book_release(&m);
}

/* The book would not have written that. */
static void one_person_with_two_parts_is_a_conflict(void **state)
{
	struct money_book m;
	struct journal journal;
	struct audit_log *log = audit_log_new(7);
	struct audit_view view;
	struct audit_separation all;
	struct record record;
	struct complaint why;
	size_t seq;

	(void)state;
	money_book_begin(&m, 9000000);
	money_approved(&m, "A");
	journal_of(&journal, &m);
	seq = journal_find(&journal, "\"title\":\"chief\"", 1);
	journal_replace(&journal, seq, "p-zhao", "p-lin");
	journal_chain(&journal, seq);
	for (size_t i = 0; i < journal.n; i++) {
		assert_true(record_read(span_of(journal.lines[i]), &m.arena, &record, &why));
		audit_log_take(log, &record);
	}
	view = money_view(&m, log, journal.n);
	all = audit_separation(&view);
	assert_int_equal(all.nconflicts, 1);
	assert_string_equal(audit_text(log, all.conflicts[0].person), "p-lin");
	assert_int_equal(all.conflicts[0].part, AUDIT_PROPOSER);
	assert_int_equal(all.conflicts[0].with_part, AUDIT_APPROVER);
	assert_int_equal(audit_seqs_at(&all.conflicts[0].seqs, 1), seq);
	audit_log_free(log);
	journal_release(&journal);
	money_book_release(&m);
}

static void who_excludes_whom(void **state)
{
	(void)state;
	assert_false(audit_parts_exclude(AUDIT_INTAKE, AUDIT_PROPOSER));
	assert_false(audit_parts_exclude(AUDIT_PROPOSER, AUDIT_VERIFIER));
	assert_true(audit_parts_exclude(AUDIT_INTAKE, AUDIT_VERIFIER));
	assert_true(audit_parts_exclude(AUDIT_FINANCE, AUDIT_PROPOSER));
	assert_true(audit_parts_exclude(AUDIT_CASHIER, AUDIT_INTAKE));
	assert_false(audit_parts_exclude(AUDIT_APPROVER, AUDIT_APPROVER));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs_are_counted_by_reward),
		cmocka_unit_test(people_by_what_they_did),
		cmocka_unit_test(approvals_that_were_returned_do_not_count),
		cmocka_unit_test(one_person_with_two_parts_is_a_conflict),
		cmocka_unit_test(who_excludes_whom),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
