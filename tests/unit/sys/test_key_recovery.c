/*
 * The recovery key: two shares give back what nobody else can open, and one
 * share, or a wrong one, nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/sys/key_recovery.h"
#include "tests/support/keys_house.h"

#define HOUSE_TEST(name) cmocka_unit_test_setup_teardown(name, house_make, house_remove)

static void shares_come_back_from_text(void **state)
{
	unsigned char share[KEY_SHARE_BYTES], back[KEY_SHARE_BYTES];
	char text[KEY_SHARE_TEXT + 1], blanks[KEY_SHARE_TEXT + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(share); i++)
		share[i] = (unsigned char)(7 * i + 1);
	key_share_print(1, share, text);
	assert_int_equal(strlen(text), KEY_SHARE_TEXT);
	assert_true(key_share_parse(span_of(text), 1, back));
	assert_memory_equal(share, back, sizeof(share));
	strcpy(blanks, text);
	for (char *at = blanks; *at != '\0'; at++)
		*at = *at == '-' ? ' ' : *at;
	assert_true(key_share_parse(span_of(blanks), 1, back));
	assert_false(key_share_parse(span_of(text), 2, back));
	for (size_t i = 0; i < KEY_SHARE_TEXT; i++) {
		char was = text[i];

		if (was == '-')
			continue;
		text[i] = was == '3' ? '4' : '3';
		assert_false(key_share_parse(span_of(text), 1, back));
		text[i] = was;
	}
	for (size_t len = 0; len < KEY_SHARE_TEXT; len++)
		assert_false(key_share_parse(span_from(text, len), 1, back));
}

static void both_shares_give_keys_anew(void **state)
{
	struct person_pair li, wang;
	struct key_shares shares, again;
	struct key_tally tally;
	struct keyring *ring;
	struct key_holder to;

	(void)state;
	keys_free(house_open(true));
	li = house_person("li");
	house_lock_for("li", &li);
	ring = house_ring("li", &li);
	assert_true(key_recovery_make(house_keys, ring, &shares, &tally, &house_why));
	assert_int_equal(tally.changed, 35);
	assert_false(key_recovery_make(house_keys, ring, &again, &tally, &house_why)); /* once */
	keyring_free(ring);
	person_pair_release(&li); /* and li is never seen again */

	ring = key_recovery_open(house_keys, &shares, &house_why);
	assert_non_null(ring);
	assert_int_equal(keyring_count(ring), 35);
	wang = house_person("wang");
	to = (struct key_holder){ .person = SPAN("wang"), .public_key = wang.public_key };
	assert_true(key_grants_give(house_keys, ring, &to, SPAN("150600"), &tally, &house_why));
	keyring_free(ring);
	ring = house_ring("wang", &wang);
	assert_int_equal(keyring_count(ring), 1);
	assert_non_null(keyring_private(ring, "150000"));
	keyring_free(ring);
	person_pair_release(&wang);
}

static void one_share_alone_opens_nothing(void **state)
{
	struct key_shares shares, wrong;
	struct key_tally tally;
	struct person_pair li;
	struct keyring *ring;

	(void)state;
	keys_free(house_open(true));
	li = house_person("li");
	house_lock_for("li", &li);
	assert_null(key_recovery_open(house_keys, &(struct key_shares){ .at = { { 1 }, { 2 } } }, &house_why));
	ring = house_ring("li", &li);
	assert_true(key_recovery_make(house_keys, ring, &shares, &tally, &house_why));
	for (size_t i = 0; i < 2; i++) {
		wrong = shares;
		memset(wrong.at[i], 0, KEY_SHARE_BYTES);
		assert_null(key_recovery_open(house_keys, &wrong, &house_why));
		assert_non_null(strstr(house_why.text, "recovery.pub"));
	}
	keyring_free(ring);
	person_pair_release(&li);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_come_back_from_text),
		HOUSE_TEST(both_shares_give_keys_anew),
		HOUSE_TEST(one_share_alone_opens_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
