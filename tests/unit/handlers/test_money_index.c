/*
 * The index against the journal it is made of: every record of a reward and of
 * its attempts is found under it, a case is as it was recorded last, and a
 * record that comes twice counts once.
 */
#include "handlers/reward/money_index.h"

#include "tests/support/money_book.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static struct money_book m;
static struct money_index *seen;

static int begin(void **state)
{
	(void)state;
	money_book_begin(&m, 100000000);
	seen = money_index_new(3);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	money_index_free(seen);
	money_book_release(&m);
	return 0;
}

static void take_all(void)
{
	struct complaint why;

	for (size_t i = 0; i < m.nlines; i++) {
		struct record record;

		assert_true(record_read(m.lines[i], &m.arena, &record, &why));
		money_index_take(seen, &record);
	}
}

static void records_of_a_reward_are_all_there(void **state)
{
	const char *first = money_paid(&m, "A"), *second = money_claimed(&m, "B");
	const uint64_t *seqs;
	size_t n, found = 0;

	(void)state;
	take_all();
	seqs = money_index_of(seen, INDEX_REWARD, span_of(first), &n);
	for (size_t i = 0; i < m.nlines; i++) {
		struct complaint why;
		struct record record;
		struct span subject;
		bool about;

		assert_true(record_read(m.lines[i], &m.arena, &record, &why));
		subject = span_from(record.subject.at, span_find(record.subject, SPAN("-")));
		about = span_is(subject, first);
		found += about;
		if (about)
			assert_int_equal(seqs[found - 1], record.seq);
	}
	assert_int_equal(n, found);
	assert_true(n >= 10);
	money_index_of(seen, INDEX_REWARD, span_of(second), &n);
	assert_true(n > 0 && n < found);
	money_index_of(seen, INDEX_REWARD, SPAN("R9999"), &n);
	assert_int_equal(n, 0);
	assert_int_equal(money_index_seq(seen), book_seq(m.book));
}

static void a_case_is_as_it_was_recorded_last(void **state)
{
	size_t n;

	(void)state;
	money_proposed(&m, "A");
	money_must(&m, "wei", "case.verified", "case-A", "bureau", "150600", "tips",
		   "[\"15-A at=1772236800000 bands=trafficker_arrested\",\"15-B at=1772236800001\"]");
	take_all();
	assert_true(span_find(money_index_case(seen, SPAN("case-A")), SPAN("15-B at=")) <
		    money_index_case(seen, SPAN("case-A")).len);
	money_index_of(seen, INDEX_CASE, SPAN("case-A"), &n);
	assert_int_equal(n, 2);
	assert_int_equal(money_index_case(seen, SPAN("case-z")).len, 0);
	/* A case that is called like a reward is no reward. */
	money_index_of(seen, INDEX_REWARD, SPAN("case-A"), &n);
	assert_int_equal(n, 0);
}

static void policies_know_who_drafted_and_who_adopted(void **state)
{
	const struct index_policy *policy;
	size_t n;

	(void)state;
	take_all();
	take_all();
	money_index_policies(seen, &n);
	assert_int_equal(n, 1);
	policy = money_index_policy(seen, SPAN("anti-trafficking"));
	assert_non_null(policy);
	assert_string_equal(policy->drafter, "p-root");
	assert_string_equal(policy->adopter, "p-yao");
	assert_true(policy->adopted_seq > policy->drafted_seq && policy->since_ms > 0);
	assert_ptr_equal(money_index_policy(seen, span_of(policy->hash)), policy);
	assert_null(money_index_policy(seen, SPAN("other")));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(records_of_a_reward_are_all_there),
		TEST(a_case_is_as_it_was_recorded_last),
		TEST(policies_know_who_drafted_and_who_adopted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
