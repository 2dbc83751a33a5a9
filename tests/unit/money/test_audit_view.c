/*
 * Rewards as auditors see them: at every record as the book has them, in their
 * own region alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/money_book.h"

/* The book is folded again, and after each record the view says the same of each reward. */
static void at_every_record_as_the_book(void **state)
{
	struct money_book m;
	struct audit_log *log;
	struct book *again = book_new(money_book_key, 3);
	struct record record;
	struct complaint why;
	const char *id;

	(void)state;
	money_book_begin(&m, 9000000);
	id = money_paid(&m, "A");
	money_statement(&m, id);
	money_must(&m, "claimant", "reward.decline", money_claimed(&m, "B"), "confirm", "1", "nonce", "n-d");
	id = money_approved(&m, "C");
	money_must(&m, "shen", "reward.hold", id, "reason", "a look");
	money_must(&m, "gu", "reward.lift", id, "reason", "looked");
	money_must(&m, "system", "reward.publish", id);
	id = money_sent(&m, "D");
	money_sent(&m, "E");
	money_must(&m, "system", "attempt.observe", money_text(&m, "%s-1", id), "state", "FAILED", "by", "query", "code", "X");
	money_run(&m);
	money_must(&m, "system", "book.restored", "", "reason", "an older copy", "known", "999");
	m.now_ms += 60 * MONEY_DAY_MS;
	money_run(&m);
	log = money_audit_log(&m);
	for (size_t n = 0; n < m.nlines; n++) {
		struct audit_view view;

		assert_true(record_read(m.lines[n], &m.arena, &record, &why) && book_apply(again, &record, &why));
		view = money_view(&m, log, n + 1);
		assert_int_equal(view.nrewards, book_rewards(again));
		for (size_t i = 0; i < view.nrewards; i++) {
			const struct book_reward *reward = book_reward_at(again, i);

			assert_string_equal(audit_text(log, view.rewards[i].is->id), reward->id);
			assert_int_equal(view.rewards[i].state, reward->state);
			assert_int_equal(view.rewards[i].held, reward->held);
			assert_int_equal(view.rewards[i].paid_fen, reward->paid_fen);
			assert_int_equal(view.rewards[i].attempt_seq != 0, reward->nattempts > 0);
			if (reward->nattempts > 0)
				assert_int_equal(view.rewards[i].attempt, reward->attempts[reward->nattempts - 1].state);
			assert_int_equal(view.rewards[i].deadline_ms, reward->deadline_ms);
			if (view.rewards[i].decide_seq != 0)
				assert_string_equal(audit_text(log, view.rewards[i].book), reward->book);
			assert_true(view.rewards[i].state_seq <= n + 1);
		}
	}
	book_free(again);
	audit_log_free(log);
	money_book_release(&m);
}

static void deeds_have_their_records(void **state)
{
	static const struct { enum audit_part part; const char *person; } wanted[] = {
		{ .part = AUDIT_INTAKE, .person = "p-intake" },   { .part = AUDIT_VERIFIER, .person = "p-wei" },
		{ .part = AUDIT_PROPOSER, .person = "p-lin" },    { .part = AUDIT_PROPOSER, .person = "p-lin" },
		{ .part = AUDIT_APPROVER, .person = "p-han" },    { .part = AUDIT_APPROVER, .person = "p-fang" },
		{ .part = AUDIT_APPROVER, .person = "p-zhao" },   { .part = AUDIT_FINANCE, .person = "p-qian" },
		{ .part = AUDIT_FINANCE, .person = "p-cai" },
	};
	struct money_book m;
	struct audit_log *log;
	struct audit_view view;

	(void)state;
	money_book_begin(&m, 2000000);
	money_paid(&m, "A");
	log = money_audit_log(&m);
	view = money_view(&m, log, m.nlines);
	assert_int_equal(view.ndeeds, sizeof(wanted) / sizeof(wanted[0]));
	for (size_t i = 0; i < view.ndeeds; i++) {
		assert_int_equal(view.deeds[i].part, wanted[i].part);
		assert_string_equal(audit_text(log, view.deeds[i].person), wanted[i].person);
		assert_true(view.deeds[i].seq > 0);
	}
	assert_true(audit_decided(&view.rewards[0]));
	audit_log_free(log);
	money_book_release(&m);
}

static bool sees_none(void *ctx, const char *bureau)
{
	++*(unsigned *)ctx;
	assert_string_equal(bureau, "150600");
	return false;
}

static void other_regions_are_not_there(void **state)
{
	struct money_book m;
	struct audit_log *log;
	struct audit_view view;
	unsigned asked = 0;

	(void)state;
	money_book_begin(&m, 2000000);
	money_claimed(&m, "A");
	log = money_audit_log(&m);
	view = audit_view_make(log, m.nlines, m.now_ms, sees_none, &asked, &m.arena);
	assert_int_equal(view.nrewards, 0);
	assert_int_equal(asked, 1);
	assert_true(audit_view_sees(&view, audit_log_row(log, 0)));
	assert_false(audit_view_sees(&view, audit_log_row(log, m.nlines - 1)));
	assert_null(audit_view_of(&view, audit_log_row(log, m.nlines - 1)));
	assert_null(audit_view_find(&view, SPAN("R1")));
	audit_log_free(log);
	money_book_release(&m);
}

static void the_last_hundred_numbers(void **state)
{
	struct arena arena = { 0 };
	struct audit_seqs seqs = { .n = 0 };

	(void)state;
	for (uint64_t i = 1; i <= 257; i++) {
		audit_seqs_add(&seqs, i, &arena);
		assert_int_equal(seqs.n, i);
		assert_int_equal(audit_seqs_told(&seqs), i < AUDIT_SEQS ? i : AUDIT_SEQS);
		for (size_t k = 0; k < audit_seqs_told(&seqs); k++)
			assert_int_equal(audit_seqs_at(&seqs, k), i - audit_seqs_told(&seqs) + 1 + k);
	}
	audit_seqs_add(&seqs, 0, &arena);
	assert_int_equal(seqs.n, 257);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_every_record_as_the_book),
		cmocka_unit_test(deeds_have_their_records),
		cmocka_unit_test(other_regions_are_not_there),
		cmocka_unit_test(the_last_hundred_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
