/*
 * Challenges that were answered: once, or again for the same request; a flood of
 * answers costs no memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "handlers/intake/proofs.h"

static const struct proof_rule rule = { .wait_s = 30, .keep_s = 3600 };
static struct proofs *proofs;
static struct arena arena;

static int begin(void **state)
{
	(void)state;
	proofs = proofs_new();
	return 0;
}

static int finish(void **state)
{
	(void)state;
	proofs_free(proofs);
	arena_release(&arena);
	return 0;
}

static enum proof_verdict check(struct span challenge, const char *request, uint64_t now_s)
{
	unsigned left_s;

	return proofs_check(proofs, &rule, 7, now_s,
			    &(struct proof_brought){ .challenge = challenge, .request = span_of(request) }, &left_s);
}

static bool use(struct span challenge, const char *request)
{
	return proofs_use(proofs, &(struct proof_brought){ .challenge = challenge, .request = span_of(request) });
}

static void one_is_good_once_or_for_the_same_request(void **state)
{
	struct span challenge = proofs_ask(proofs, 7, 100, 8, &arena);

	(void)state;
	assert_int_equal(check(challenge, "form:a", 130), PROOF_DONE);
	assert_true(use(challenge, "form:a"));
	assert_int_equal(check(challenge, "form:a", 130), PROOF_DONE);
	assert_false(use(challenge, "form:a"));
	assert_int_equal(check(challenge, "form:b", 130), PROOF_NONE);
	assert_int_equal(check(challenge, "", 130), PROOF_NONE);
	assert_int_equal(proofs_figures(proofs)->waited, 1);
	assert_int_equal(proofs_figures(proofs)->worked, 0);
}

static void one_without_a_name_is_good_once(void **state)
{
	struct span challenge = proofs_ask(proofs, 7, 100, 8, &arena);

	(void)state;
	assert_true(use(challenge, ""));
	assert_int_equal(check(challenge, "", 130), PROOF_NONE);
	assert_int_equal(check(challenge, "form:a", 130), PROOF_NONE);
}

static void no_two_are_the_same(void **state)
{
	struct span one = proofs_ask(proofs, 7, 100, 8, &arena), two = proofs_ask(proofs, 7, 100, 8, &arena);

	(void)state;
	assert_false(span_eq(one, two));
	use(one, "form:a");
	assert_int_equal(check(two, "form:b", 130), PROOF_DONE);
	assert_int_equal(proofs_figures(proofs)->asked, 2);
}

static void those_of_another_process_are_none(void **state)
{
	struct proofs *other = proofs_new();
	struct span challenge = proofs_ask(other, 7, 100, 8, &arena);

	(void)state;
	assert_int_equal(check(challenge, "form:a", 130), PROOF_NONE);
	proofs_free(other);
}

static void the_latest_are_known(void **state)
{
	struct span first = proofs_ask(proofs, 7, 100, 8, &arena), last = first;

	(void)state;
	use(first, "form:a");
	for (int i = 0; i < 65536; i++) {
		last = proofs_ask(proofs, 7, 100, 8, &arena);
		assert_true(use(last, "form:x"));
	}
	assert_int_equal(check(last, "form:a", 130), PROOF_NONE);
	assert_int_equal(check(first, "form:b", 130), PROOF_DONE);   /* forgotten: bounded by LIMIT_PROOFS all the same */
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_is_good_once_or_for_the_same_request),
		TEST(one_without_a_name_is_good_once),
		TEST(no_two_are_the_same),
		TEST(those_of_another_process_are_none),
		TEST(the_latest_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
