/*
 * Rows of the journal: one a record, as its record says; the log after N
 * records is the log of a journal of N records.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/money_book.h"

#define TEXT(name) audit_text(log, (name))

static void each_record_is_a_row(void **state)
{
	struct money_book m;
	struct audit_log *log;
	const struct audit_row *row;

	(void)state;
	money_book_begin(&m, 2000000);
	money_paid(&m, "A");
	log = money_audit_log(&m);
	assert_int_equal(audit_log_n(log), m.nlines);
	row = audit_log_row(log, m.nlines - 1);
	assert_string_equal(TEXT(row->kind), "attempt.observe");
	assert_memory_equal(row->hash, book_head(m.book), RECORD_HASH_BYTES);
	assert_int_equal(row->act, AUDIT_OBSERVE);
	assert_int_equal(row->state, REWARD_PAID);
	assert_int_equal(row->attempt_state, ATTEMPT_SUCCEEDED);
	assert_int_equal(row->fen, 850000);
	assert_int_equal(row->reward, 1);
	assert_string_equal(TEXT(row->region), "150600");
	assert_int_equal(row->nlegs, 4);
	assert_string_equal(TEXT(audit_log_legs(log, row)[0].book), MONEY_LEDGER);
	audit_log_free(log);
	money_book_release(&m);
}

static void a_proposal_knows_its_case(void **state)
{
	struct money_book m;
	struct audit_log *log;
	const struct audit_proposal *proposal;

	(void)state;
	money_book_begin(&m, 2000000);
	money_proposed(&m, "A");
	log = money_audit_log(&m);
	assert_int_equal(audit_log_proposals(log), 1);
	proposal = audit_log_proposal(log, 1);
	assert_int_equal(proposal->seq, m.nlines);
	assert_string_equal(TEXT(proposal->case_id), "case-A");
	assert_string_equal(TEXT(proposal->tip), "15-A");
	assert_string_equal(TEXT(proposal->claimant), "c-A");
	assert_string_equal(TEXT(proposal->intake), "p-intake");
	assert_string_equal(TEXT(proposal->verifier), "p-wei");
	assert_int_equal(proposal->case_seq, m.nlines - 1);
	assert_int_equal(proposal->tip_ms, m.now_ms - MONEY_DAY_MS);
	assert_int_equal(proposal->known_ms, 0);
	assert_int_equal(proposal->fen, 850000);
	assert_false(proposal->overridden || proposal->clamped_min || proposal->clamped_max || proposal->detailed);
	assert_non_null(book_policy(m.book, proposal->policy));
	audit_log_free(log);
	money_book_release(&m);
}

static void bounds_and_overrides_are_seen(void **state)
{
	struct money_book m;
	struct audit_log *log;

	(void)state;
	money_book_begin(&m, 5000000);
	money_must(&m, "system", "staff.set", "hu", "person", "p-hu", "roles", "[\"verifier\"]");
	for (unsigned i = 0; i < 2; i++)
		money_must(&m, i == 0 ? "wei" : "hu", "case.verified", "case-X", "bureau", "150600", "tips",
			   money_text(&m, "[\"15-X at=%lld bands=gang_dismantled detailed=1\",\"15-Y at=%lld bands=buyer_identified new=1\"]",
			      (long long)m.now_ms - 2000, (long long)m.now_ms - 1000),
		   "known_at", money_text(&m, "%lld", (long long)m.now_ms - 5000), "reason", "more");
	money_must(&m, "lin", "reward.propose", "", "case", "case-X", "tip", "15-X", "claimant", "c-X", "programme",
		   "anti-trafficking", "factors", "[\"15-X specificity=3 timeliness=2\"]", "external_award", "0",
		   "override_fen", "900000", "override_reason", "so");
	log = money_audit_log(&m);
	assert_true(audit_log_proposal(log, 1)->detailed);
	assert_true(audit_log_proposal(log, 1)->overridden);
	assert_true(audit_log_proposal(log, 1)->clamped_max);
	assert_false(audit_log_proposal(log, 1)->clamped_min);
	assert_int_equal(audit_log_proposal(log, 1)->known_ms, m.now_ms - 5000);
	audit_log_free(log);
	money_book_release(&m);
}

static void a_second_person_names_the_first(void **state)
{
	struct money_book m;
	struct audit_log *log;
	const struct audit_row *row;

	(void)state;
	money_book_begin(&m, 2000000);
	money_released(&m, "A");
	log = money_audit_log(&m);
	row = audit_log_row(log, m.nlines - 1);
	assert_string_equal(TEXT(row->person), "p-qian");
	assert_string_equal(TEXT(row->with), "p-cai");
	assert_int_equal(row->with_seq, m.nlines - 1);
	assert_int_equal(audit_log_row(log, m.nlines - 2)->act, AUDIT_VOTE);
	assert_int_equal(audit_log_row(log, m.nlines - 2)->reward, 1);
	audit_log_free(log);
	money_book_release(&m);
}

static void times_find_their_row(void **state)
{
	struct money_book m;
	struct audit_log *log;

	(void)state;
	money_book_begin(&m, 2000000);
	money_claimed(&m, "A");
	m.now_ms += MONEY_DAY_MS;
	money_must(&m, "shen", "rail.hold", "voucher", "reason", "a look");
	log = money_audit_log(&m);
	assert_int_equal(audit_log_until(log, MONEY_BEGIN_MS - 1), 0);
	assert_int_equal(audit_log_until(log, MONEY_BEGIN_MS), m.nlines - 1);
	assert_int_equal(audit_log_until(log, m.now_ms - 1), m.nlines - 1);
	assert_int_equal(audit_log_until(log, m.now_ms), m.nlines);
	audit_log_free(log);
	money_book_release(&m);
}

static void once_is_enough(void **state)
{
	struct money_book m;
	struct audit_log *log;

	(void)state;
	money_book_begin(&m, 2000000);
	log = money_audit_log(&m);
	audit_log_take(log, &m.record);
	assert_int_equal(audit_log_n(log), m.nlines);
	assert_true(audit_log_bytes(log) > m.nlines * sizeof(struct audit_row));
	audit_log_free(log);
	money_book_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_record_is_a_row),          cmocka_unit_test(a_proposal_knows_its_case),
		cmocka_unit_test(bounds_and_overrides_are_seen), cmocka_unit_test(a_second_person_names_the_first),
		cmocka_unit_test(times_find_their_row),          cmocka_unit_test(once_is_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
