/*
 * What a claimant is told: nothing before it is decided, and never more than
 * the state allows.
 */
#include "handlers/reward/claim_status.h"

#include "tests/support/money_book.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static struct money_book m;

static int begin(void **state)
{
	(void)state;
	money_book_begin(&m, 100000000);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	money_book_release(&m);
	return 0;
}

static void assert_told(const char *name, enum claim_word word, const char *may)
{
	struct claim_status status = claim_status(m.book, span_of(money_text(&m, "c-%s", name)));
	char told[64] = "";

	assert_int_equal(status.word, word);
	assert_true((status.reward != NULL) == (word != CLAIM_NONE));
	for (enum claim_action action = CLAIM_LOOK; action < CLAIM_ACTIONS; action++)
		if (claim_may(&status, action)) {
			strcat(told, claim_action_name(action));
			strcat(told, " ");
		}
	assert_string_equal(told, may);
}

static void nothing_is_told_before_it_can_be_claimed(void **state)
{
	const char *id;

	(void)state;
	assert_told("A", CLAIM_NONE, "");
	id = money_proposed(&m, "A");
	assert_told("A", CLAIM_NONE, "");
	money_must(&m, "lin", "reward.submit", id);
	assert_told("A", CLAIM_NONE, "");
	money_approve(&m, id);
	assert_told("A", CLAIM_NONE, "");
	money_must(&m, "system", "reward.publish", id);
	assert_told("A", CLAIM_OPEN, "claim decline ");
}

static void words_follow_the_way_of_a_payment(void **state)
{
	(void)state;
	money_claimed(&m, "A");
	assert_told("A", CLAIM_MOVING, "change decline ");
	money_released(&m, "B");
	assert_told("B", CLAIM_MOVING, "change ");
	money_sent(&m, "C");
	assert_told("C", CLAIM_MOVING, "");
	money_paid(&m, "D");
	assert_told("D", CLAIM_PAID, "");
}

static void what_is_held_offers_nothing(void **state)
{
	const char *id = money_claimed(&m, "A");

	(void)state;
	money_must(&m, "shen", "reward.hold", id, "reason", "x");
	assert_told("A", CLAIM_MOVING, "");
}

static void what_was_said_is_told(void **state)
{
	const char *id = money_claimed(&m, "A");
	struct claim_status status;

	(void)state;
	money_must(&m, "claimant", "reward.decline", id, "confirm", "1", "nonce", "n-9");
	assert_told("A", CLAIM_DECLINED, "");
	status = claim_status(m.book, SPAN("c-nobody"));
	assert_int_equal(status.word, CLAIM_NONE);
}

static void names_are_read_back(void **state)
{
	enum claim_action action;

	(void)state;
	for (enum claim_action a = CLAIM_LOOK; a < CLAIM_ACTIONS; a++) {
		assert_true(claim_action_parse(span_of(claim_action_name(a)), &action));
		assert_int_equal(action, a);
	}
	assert_false(claim_action_parse(SPAN("steal"), &action));
	for (enum claim_word w = CLAIM_NONE; w < CLAIM_WORDS; w++)
		assert_non_null(claim_word_name(w));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_told_before_it_can_be_claimed),
		TEST(words_follow_the_way_of_a_payment),
		TEST(what_is_held_offers_nothing),
		TEST(what_was_said_is_told),
		TEST(names_are_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
