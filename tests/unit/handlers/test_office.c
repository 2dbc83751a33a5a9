/*
 * Tokens: the same for the same, others for anything else, never a part of
 * what they are made of; pseudonyms change with the audit.
 */
#include "handlers/reward/office.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static const struct seal_key key = { .bytes = { 1, 2, 3 } };
static const struct seal_key other_key = { .bytes = { 1, 2, 4 } };

static struct office *made(const struct seal_key *from, const char *engagement)
{
	return office_new(&(struct office_env){ .key = from, .engagement = engagement, .seed = 5 });
}

static void a_claimant_is_who_has_the_receipt(void **state)
{
	struct office *one = made(&key, "a"), *same = made(&key, "b"), *other = made(&other_key, "a");
	unsigned char mark[RECEIPT_MARK_BYTES] = { 9, 8, 7 };
	char a[OFFICE_TOKEN_MAX], b[OFFICE_TOKEN_MAX];

	(void)state;
	office_claimant(one, mark, 0, a);
	office_claimant(same, mark, 0, b);
	assert_string_equal(a, b);
	assert_true(strlen(a) < OFFICE_TOKEN_MAX);
	office_claimant(other, mark, 0, b);
	assert_string_not_equal(a, b);
	office_claimant(one, mark, 1, b);
	assert_string_not_equal(a, b);
	mark[0]++;
	office_claimant(one, mark, 0, b);
	assert_string_not_equal(a, b);
	office_free(one);
	office_free(same);
	office_free(other);
}

static void a_payee_is_known_by_its_first_half(void **state)
{
	struct office *office = made(&key, "");
	char a[OFFICE_TOKEN_MAX], b[OFFICE_TOKEN_MAX], x[OFFICE_TOKEN_MAX], y[OFFICE_TOKEN_MAX];

	(void)state;
	office_payee(office, SPAN("wallet A"), SPAN("c-1"), SPAN("n"), a);
	office_payee(office, SPAN("wallet A"), SPAN("c-2"), SPAN("n"), b);
	assert_memory_equal(a, b, 18);
	assert_string_not_equal(a, b);
	office_pseudonym(office, "payee", span_of(a), x);
	office_pseudonym(office, "payee", span_of(b), y);
	assert_string_equal(x, y);
	office_payee(office, SPAN("wallet B"), SPAN("c-1"), SPAN("n"), b);
	assert_memory_not_equal(a, b, 18);
	office_payee(office, SPAN("wallet A"), SPAN("c-1"), SPAN("n"), b);
	assert_string_equal(a, b);
	/* Where one part ends and the next begins counts. */
	office_payee(office, SPAN("x"), SPAN("12"), SPAN("3"), a);
	office_payee(office, SPAN("x"), SPAN("1"), SPAN("23"), b);
	assert_string_not_equal(a, b);
	office_free(office);
}

static void pseudonyms_change_with_the_audit(void **state)
{
	struct office *first = made(&key, "2026"), *next = made(&key, "2027");
	char a[OFFICE_TOKEN_MAX], b[OFFICE_TOKEN_MAX];

	(void)state;
	office_pseudonym(first, "claimant", SPAN("c-1"), a);
	office_pseudonym(next, "claimant", SPAN("c-1"), b);
	assert_string_not_equal(a, b);
	office_pseudonym(first, "claimant", SPAN("c-1"), b);
	assert_string_equal(a, b);
	office_pseudonym(first, "payee", SPAN("c-1"), b);
	assert_string_not_equal(a, b);
	assert_memory_equal(office_instruction_key(first), office_instruction_key(next), 32);
	office_free(first);
	office_free(next);
}

static void folds_are_few_at_a_time(void **state)
{
	struct office *office = made(&key, "");

	(void)state;
	for (int i = 0; i < OFFICE_FOLDS_MAX; i++)
		assert_true(office_fold_begin(office));
	assert_false(office_fold_begin(office));
	office_fold_end(office);
	assert_true(office_fold_begin(office));
	assert_int_equal(office_answer(office, 7).len, 0);
	office_free(office);
}

#define TEST(f) cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_claimant_is_who_has_the_receipt),
		TEST(a_payee_is_known_by_its_first_half),
		TEST(pseudonyms_change_with_the_audit),
		TEST(folds_are_few_at_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
