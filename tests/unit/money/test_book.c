/*
 * The book as a whole: a reward from the case to its end, the same book from
 * the same lines, keys that are used again, and journals that do not follow.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/money_book.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

static int64_t balance(const struct money_book *m, enum ledger_code code, const char *detail)
{
	return ledger_balance(book_ledger(m->book), MONEY_LEDGER, code, detail);
}

static void from_the_case_to_the_end(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_paid(&m, "A");
	assert_int_equal(money_reward(&m, id)->state, REWARD_PAID);
	assert_int_equal(money_reward(&m, id)->fen, 850000);
	assert_int_equal(money_reward(&m, id)->paid_fen, 850000);
	assert_int_equal(balance(&m, LEDGER_BANK, "main"), 1150000);
	assert_int_equal(balance(&m, LEDGER_PAYABLE, id), 0);
	assert_int_equal(balance(&m, LEDGER_EXPENDED, ""), 850000);
	assert_int_equal(balance(&m, LEDGER_AVAILABLE, ""), 1150000);
	m.now_ms += 40 * MONEY_DAY_MS;
	money_refused(&m, "NOT_MATCHED", "system", "reward.close", id);
	money_statement(&m, id);
	assert_int_equal(money_reward(&m, id)->state, REWARD_CLOSED);
	money_book_release(&m);
}

static void the_same_lines_make_the_same_book(void **state)
{
	struct money_book m;
	struct complaint why = { .text = "" };
	struct book *again;

	(void)state;
	money_book_begin(&m, 5000000);
	money_paid(&m, "A");
	money_claimed(&m, "B");
	again = money_replay(&m, &why);
	assert_non_null(again);
	assert_int_equal(book_seq(again), book_seq(m.book));
	assert_memory_equal(book_head(again), book_head(m.book), RECORD_HASH_BYTES);
	assert_string_equal(money_balances(&m, again), money_balances(&m, m.book));
	assert_int_equal(book_rewards(again), 2);
	assert_int_equal(book_reward_at(again, 1)->state, REWARD_CLAIMED);
	book_free(again);
	money_book_release(&m);
}

/* --- keys ---------------------------------------------------------------------------------- */

static void a_key_counts_once(void **state)
{
	struct money_book m;
	struct record record;
	uint64_t seq, before;
	struct book_command command = { .kind = "budget.appropriate", .person = SPAN("p-cai"), .account = SPAN("cai"),
					.roles = MONEY_FINANCE, .key = SPAN("same"), .subject = SPAN(MONEY_LEDGER),
					.fields = { { .name = "fen", .value = SPAN("100") },
						    { .name = "reason", .value = SPAN("more") } }, .nfields = 2 };

	(void)state;
	money_book_begin(&m, 1000);
	assert_int_equal(money_command(&m, &command), BOOK_RECORD);
	before = book_seq(m.book);
	assert_int_equal(book_decide(m.book, &command, m.now_ms, &m.arena, &record, &seq, &m.refusal), BOOK_REPEATED);
	assert_int_equal(seq, before);
	command.fields[0].value = SPAN("101");
	assert_int_equal(money_command(&m, &command), BOOK_REFUSED);
	assert_int_equal(m.refusal.status, 422);
	assert_string_equal(m.refusal.code, "KEY_MISMATCH");
	assert_int_equal(balance(&m, LEDGER_AVAILABLE, ""), 1100);
	money_book_release(&m);
}

static void deciding_changes_nothing(void **state)
{
	struct money_book m;
	const char *before;
	struct record record;
	uint64_t seq;
	struct book_command command = { .kind = "budget.fee", .person = SPAN("p-cai"), .account = SPAN("cai"),
					.roles = MONEY_FINANCE, .key = SPAN("x"), .subject = SPAN(MONEY_LEDGER),
					.fields = { { .name = "fen", .value = SPAN("7") },
						    { .name = "account", .value = SPAN("bank:main") } }, .nfields = 2 };

	(void)state;
	money_book_begin(&m, 1000);
	before = money_balances(&m, m.book);
	for (int i = 0; i < 3; i++)
		assert_int_equal(book_decide(m.book, &command, m.now_ms, &m.arena, &record, &seq, &m.refusal),
				 BOOK_RECORD);
	assert_string_equal(money_balances(&m, m.book), before);
	money_book_release(&m);
}

/* --- journals that do not follow ------------------------------------------------------------- */

/* The record written anew, so that its own hash fits. */
static bool follows(struct money_book *m, struct record record, struct complaint *why)
{
	struct book *book = book_new(money_book_key, 3);
	struct arena arena = { 0 };
	struct record line;
	bool took = true;

	for (size_t i = 0; took && i < m->nlines; i++) {
		took = record_read(m->lines[i], &arena, &line, why);
		if (took && i + 1 == m->nlines)
			record_write(&record, &arena), line = record;
		took = took && book_apply(book, &line, why);
	}
	arena_release(&arena);
	book_free(book);
	return took;
}

static struct record last_of(struct money_book *m)
{
	struct record record;
	struct complaint why;

	assert_true(record_read(m->lines[m->nlines - 1], &m->arena, &record, &why));
	return record;
}

static void what_does_not_follow_is_refused(void **state)
{
	struct money_book m;
	struct complaint why = { .text = "" };
	struct record record;

	(void)state;
	money_book_begin(&m, 2000000);
	money_approved(&m, "A");
	record = last_of(&m);
	assert_true(follows(&m, record, &why));
	record.seq++;
	assert_false(follows(&m, record, &why));
	record = last_of(&m);
	record.prev[3] ^= 1;
	assert_false(follows(&m, record, &why));
	record = last_of(&m);
	record.at_ms = 5;
	assert_false(follows(&m, record, &why));
	record = last_of(&m);
	record.entry.legs[0].fen++;
	record.entry.legs[1].fen++;
	assert_false(follows(&m, record, &why));
	record = last_of(&m);
	record.entry.nlegs = 0;
	assert_false(follows(&m, record, &why));
	record = last_of(&m);
	record.person = SPAN("p-lin");
	assert_false(follows(&m, record, &why));
	record = last_of(&m);
	record.role = SPAN("finance");
	assert_false(follows(&m, record, &why));
	record = last_of(&m);
	record.subject = SPAN("R1");
	assert_false(follows(&m, record, &why));
	record = last_of(&m);
	record.key = SPAN("k-1");
	assert_false(follows(&m, record, &why));
	record = last_of(&m);
	record.print[0] ^= 1;
	assert_false(follows(&m, record, &why));
	record = last_of(&m);
	record.kind = SPAN("reward.forge");
	assert_false(follows(&m, record, &why));
	record = last_of(&m);
	record.data = SPAN("{}");
	assert_false(follows(&m, record, &why));
	money_book_release(&m);
}

static void time_never_runs_back(void **state)
{
	struct money_book m;
	struct complaint why = { .text = "" };
	struct record record;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_approved(&m, "A");
	m.now_ms += 10;
	money_must(&m, "shen", "reward.hold", id, "reason", "x");
	m.now_ms -= 5;
	money_must(&m, "gu", "reward.lift", id, "reason", "x");
	record = last_of(&m);
	/* A clock that was set back writes the time of the record before. */
	assert_int_equal(record.at_ms, m.now_ms + 5);
	assert_true(follows(&m, record, &why));
	record.at_ms--;
	assert_false(follows(&m, record, &why));
	money_book_release(&m);
}

static void a_refused_record_leaves_the_book_as_it_was(void **state)
{
	struct money_book m;
	struct complaint why = { .text = "" };
	struct record record;
	const char *before;
	uint64_t seq;

	(void)state;
	money_book_begin(&m, 2000000);
	money_approved(&m, "A");
	record = last_of(&m);
	before = money_balances(&m, m.book);
	seq = book_seq(m.book);
	assert_false(book_apply(m.book, &record, &why));
	record.seq = seq + 1;
	memcpy(record.prev, book_head(m.book), sizeof(record.prev));
	record_write(&record, &m.arena);
	assert_false(book_apply(m.book, &record, &why));
	assert_int_equal(book_seq(m.book), seq);
	assert_string_equal(money_balances(&m, m.book), before);
	money_released(&m, "B");
	money_book_release(&m);
}

/* --- ids ---------------------------------------------------------------------------------------- */

static void instruction_ids_are_derived(void **state)
{
	char one[INSTRUCTION_ID_LEN + 1], other[INSTRUCTION_ID_LEN + 1];
	unsigned char key[32];

	(void)state;
	memcpy(key, money_book_key, sizeof(key));
	book_instruction_id(key, SPAN("A7"), SPAN("T1"), 1, one);
	assert_int_equal(strlen(one), INSTRUCTION_ID_LEN);
	assert_int_equal(strspn(one, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"), INSTRUCTION_ID_LEN);
	book_instruction_id(key, SPAN("A7"), SPAN("T1"), 1, other);
	assert_string_equal(one, other);
	book_instruction_id(key, SPAN("A7"), SPAN("T1"), 2, other);
	assert_string_not_equal(one, other);
	/* No part is run together with the next one. */
	book_instruction_id(key, SPAN("A7"), SPAN("T11"), 1, one);
	book_instruction_id(key, SPAN("A7"), SPAN("T1"), 11, other);
	assert_string_not_equal(one, other);
	book_instruction_id(key, SPAN("A7T"), SPAN("11"), 1, one);
	book_instruction_id(key, SPAN("A7"), SPAN("T11"), 1, other);
	assert_string_not_equal(one, other);
	key[31] ^= 1;
	book_instruction_id(key, SPAN("A7"), SPAN("T11"), 1, one);
	assert_string_not_equal(one, other);
}

static void an_instruction_leads_to_its_attempt(void **state)
{
	struct money_book m;
	const struct book_reward *reward;
	const struct book_attempt *attempt;
	const char *id;
	char derived[INSTRUCTION_ID_LEN + 1];

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_sent(&m, "A");
	book_instruction_id(money_book_key, span_of(money_reward(&m, id)->case_id), span_of(money_reward(&m, id)->claimant), 1,
			    derived);
	attempt = book_instruction(m.book, span_of(derived), &reward);
	assert_non_null(attempt);
	assert_string_equal(reward->id, id);
	assert_int_equal(attempt->state, ATTEMPT_SENDING);
	assert_null(book_instruction(m.book, SPAN("AAAAAAAAAAAAAAAAAAAAAAAAAA"), &reward));
	money_book_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(from_the_case_to_the_end),
		cmocka_unit_test(the_same_lines_make_the_same_book),
		cmocka_unit_test(a_key_counts_once),
		cmocka_unit_test(deciding_changes_nothing),
		cmocka_unit_test(what_does_not_follow_is_refused),
		cmocka_unit_test(time_never_runs_back),
		cmocka_unit_test(a_refused_record_leaves_the_book_as_it_was),
		cmocka_unit_test(instruction_ids_are_derived),
		cmocka_unit_test(an_instruction_leads_to_its_attempt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
