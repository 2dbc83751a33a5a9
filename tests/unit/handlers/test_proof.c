/*
 * Challenges of the form: a known answer, every byte of one counts, whose it is,
 * and from when on waiting is enough.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "handlers/intake/proof.h"

#include <stdio.h>
#include <string.h>

static const unsigned char key[PROOF_KEY_BYTES] = "a key of thirty-two bytes, made";
static const unsigned char salt[8] = "a salt,";
static const struct proof_rule rule = { .wait_s = 30, .keep_s = 3600 };
static char text[PROOF_TEXT_BYTES + 1];

static int begin(void **state)
{
	(void)state;
	proof_make(key, 77, 1000, 8, salt, text);
	return 0;
}

static struct proof_challenge challenge_of(const char *from)
{
	struct proof_challenge challenge;

	assert_true(proof_read(span_of(from), &challenge));
	return challenge;
}

/* The first number that fits. */
static void solve(const char *from, char digits[24])
{
	struct proof_challenge challenge = challenge_of(from);
	unsigned n = 0;

	do
		snprintf(digits, 24, "%u", n++);
	while (!proof_solves(&challenge, span_of(digits)));
}

static enum proof_verdict check(const char *challenge, const char *solution, uint64_t network, uint64_t now_s)
{
	struct proof_challenge out;
	unsigned left_s;

	return proof_check(key, &rule, network, now_s, span_of(challenge), span_of(solution), &out, &left_s);
}

static void a_challenge_reads_as_it_was_made(void **state)
{
	struct proof_challenge challenge = challenge_of(text);

	(void)state;
	assert_int_equal(strlen(text), PROOF_TEXT_BYTES);
	assert_int_equal(challenge.at_s, 1000);
	assert_int_equal(challenge.bits, 8);
	assert_memory_equal(challenge.salt, salt, sizeof(salt));
	assert_memory_equal(text, "1-00000000000003e8-08-612073616c742c00-", 39);
}

/* SHA-256 of the name and these numbers begins with 00c1, 0063 and 0026 (computed by another library). */
static void known_answers(void **state)
{
	static const struct {
		const char *digits;
		unsigned bits;
	} known[] = { { "397", 8 }, { "568", 9 }, { "834", 10 } };

	(void)state;
	for (size_t i = 0; i < 3; i++)
		for (unsigned bits = 0; bits <= 16; bits++)
			assert_int_equal(proof_solves(&(struct proof_challenge){ .bits = bits }, span_of(known[i].digits)),
					 bits <= known[i].bits);
	assert_false(proof_solves(&(struct proof_challenge){ .bits = 8 }, SPAN("0397")));
}

static void the_work_is_enough_at_once(void **state)
{
	char digits[24], wrong[25];

	(void)state;
	solve(text, digits);
	assert_int_equal(check(text, digits, 77, 1000), PROOF_DONE);
	assert_int_equal(check(text, "", 77, 1000), PROOF_YOUNG);
	snprintf(wrong, sizeof(wrong), "0%s", digits);
	assert_int_equal(check(text, wrong, 77, 1000), PROOF_YOUNG);
	assert_int_equal(check(text, "1234567890123", 77, 1000), PROOF_YOUNG);
	assert_int_equal(check(text, "-1", 77, 1000), PROOF_YOUNG);
}

static void time_is_enough_too_and_has_an_end(void **state)
{
	struct proof_challenge out;
	unsigned left_s;

	(void)state;
	assert_int_equal(proof_check(key, &rule, 77, 1012, span_of(text), SPAN(""), &out, &left_s), PROOF_YOUNG);
	assert_int_equal(left_s, 18);
	assert_int_equal(check(text, "", 77, 1029), PROOF_YOUNG);
	assert_int_equal(check(text, "", 77, 1030), PROOF_DONE);
	assert_int_equal(check(text, "", 77, 4600), PROOF_DONE);
	assert_int_equal(check(text, "", 77, 4601), PROOF_NONE);
	assert_int_equal(check(text, "", 77, 999), PROOF_NONE);   /* of a time to come */
}

static void without_bits_only_time_helps(void **state)
{
	(void)state;
	proof_make(key, 77, 1000, 0, salt, text);
	assert_int_equal(check(text, "1", 77, 1001), PROOF_YOUNG);
	assert_int_equal(check(text, "", 77, 1030), PROOF_DONE);
}

static void it_is_the_networks_it_was_made_for(void **state)
{
	unsigned char other[PROOF_KEY_BYTES] = "another";
	struct proof_challenge out;
	unsigned left_s;

	(void)state;
	assert_int_equal(check(text, "", 78, 1030), PROOF_NONE);
	assert_int_equal(proof_check(other, &rule, 77, 1030, span_of(text), SPAN(""), &out, &left_s), PROOF_NONE);
}

/* Whatever character becomes another, it is ours no more. */
static void every_character_counts(void **state)
{
	(void)state;
	for (size_t i = 0; i < PROOF_TEXT_BYTES; i++)
		for (const char *other = "0f-g"; *other != '\0'; other++) {
			char changed[PROOF_TEXT_BYTES + 1];

			memcpy(changed, text, sizeof(changed));
			changed[i] = *other;
			assert_int_equal(check(changed, "", 77, 1030), strcmp(changed, text) == 0 ? PROOF_DONE : PROOF_NONE);
		}
}

static void what_is_no_challenge_is_none(void **state)
{
	char longer[PROOF_TEXT_BYTES + 2];
	struct proof_challenge out;

	(void)state;
	snprintf(longer, sizeof(longer), "%s0", text);
	assert_false(proof_read(span_of(longer), &out));
	for (size_t n = 0; n < PROOF_TEXT_BYTES; n++)
		assert_false(proof_read(span_from(text, n), &out));
	assert_false(proof_read((struct span){ 0 }, &out));
}

#define TEST(function) cmocka_unit_test_setup(function, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_challenge_reads_as_it_was_made),
		TEST(known_answers),
		TEST(the_work_is_enough_at_once),
		TEST(time_is_enough_too_and_has_an_end),
		TEST(without_bits_only_time_helps),
		TEST(it_is_the_networks_it_was_made_for),
		TEST(every_character_counts),
		TEST(what_is_no_challenge_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
