/*
 * Giving keys on: nothing plain stays behind, a region's keys and no others, and
 * no key is lost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/sys/files.h"
#include "daemon/sys/keyrings.h"
#include "tests/support/keys_house.h"

#include <sodium.h>

#define HOUSE_TEST(name) cmocka_unit_test_setup_teardown(name, house_make, house_remove)

static size_t opens(const char *person, const struct person_pair *pair)
{
	struct keyring *ring = house_ring(person, pair);
	size_t n = keyring_count(ring);

	keyring_free(ring);
	return n;
}

static void give(const char *from, const struct person_pair *pair, const char *to, const struct person_pair *to_pair,
		 const char *region, struct key_tally *tally)
{
	const struct key_holder holder = { .person = span_of(to), .public_key = to_pair->public_key };
	struct keyring *ring = house_ring(from, pair);

	assert_true(key_grants_give(house_keys, ring, &holder, span_of(region), tally, &house_why));
	keyring_free(ring);
}

static void locking_leaves_nothing_plain(void **state)
{
	struct person_pair li;
	struct buf before = { 0 };

	(void)state;
	keys_free(house_open(true));
	assert_true(files_read(house_path("bureau-150000.key"), 100, &before, &house_why));
	li = house_person("li");
	house_lock_for("li", &li);
	assert_int_equal(keyrings_count_plain(house_keys), 0);
	assert_int_not_equal(access(house_path("bureau-150000.key"), F_OK), 0);
	assert_int_equal(opens("li", &li), 35);
	buf_release(&before);
	keys_free(house_open(true)); /* and no new pair is made in their place */
	assert_int_equal(keyrings_count_plain(house_keys), 0);
	assert_int_equal(opens("li", &li), 35);
	person_pair_release(&li);
}

/* Cut short, some boxes are there and their plain files perhaps too: the next run ends it. */
static void locking_may_be_repeated(void **state)
{
	struct person_pair li, wang;
	struct buf plain = { 0 };

	(void)state;
	keys_free(house_open(true));
	assert_true(files_read(house_path("bureau-150000.key"), 100, &plain, &house_why));
	li = house_person("li");
	wang = house_person("wang");
	house_lock_for("li", &li);
	assert_true(files_replace(house_path("bureau-150000.key"), buf_span(&plain), 0600, &house_why));
	house_lock_for("wang", &wang);
	assert_int_equal(opens("li", &li), 35);
	assert_int_equal(opens("wang", &wang), 1);
	buf_release(&plain);
	person_pair_release(&li);
	person_pair_release(&wang);
}

static void a_wrong_plain_key_is_not_locked_away(void **state)
{
	struct person_pair li;
	struct key_holder holder;
	struct key_tally tally;

	(void)state;
	keys_free(house_open(true));
	li = house_person("li");
	holder = (struct key_holder){ .person = SPAN("li"), .public_key = li.public_key };
	assert_true(files_replace(house_path("bureau-150000.key"),
				  SPAN("0700000000000000000000000000000000000000000000000000000000000000\n"), 0600, &house_why));
	assert_false(key_grants_lock(house_keys, &holder, 1, &tally, &house_why));
	assert_non_null(strstr(house_why.text, "bureau-150000.key"));
	assert_int_equal(access(house_path("bureau-150000.key"), F_OK), 0);
	assert_false(key_grants_lock(house_keys, &holder, 0, &tally, &house_why));
	person_pair_release(&li);
}

static void a_region_gets_its_bureaus_and_no_others(void **state)
{
	struct person_pair li, wang, zhao;
	struct key_tally tally;

	(void)state;
	keys_free(house_open(true));
	li = house_person("li");
	wang = house_person("wang");
	zhao = house_person("zhao");
	house_lock_for("li", &li);
	give("li", &li, "wang", &wang, "150602", &tally); /* has no pair of its own: its province answers */
	assert_int_equal(tally.changed, 1);
	assert_int_equal(opens("wang", &wang), 1);
	give("wang", &wang, "zhao", &zhao, "000000", &tally); /* nobody gives on more than there is */
	assert_int_equal(tally.changed, 1);
	assert_int_equal(tally.closed, 34);
	assert_int_equal(opens("zhao", &zhao), 1);
	give("li", &li, "zhao", &zhao, "000000", &tally);
	assert_int_equal(opens("zhao", &zhao), 35);
	person_pair_release(&li);
	person_pair_release(&wang);
	person_pair_release(&zhao);
}

static void the_last_row_stays(void **state)
{
	struct person_pair li, wang;
	struct key_tally tally;

	(void)state;
	keys_free(house_open(true));
	li = house_person("li");
	wang = house_person("wang");
	house_lock_for("li", &li);
	give("li", &li, "wang", &wang, "150000", &tally);
	assert_true(key_grants_take(house_keys, SPAN("li"), SPAN("000000"), &tally, &house_why));
	assert_int_equal(tally.changed, 1);
	assert_int_equal(tally.closed, 34);
	assert_int_equal(opens("li", &li), 34);
	assert_int_equal(opens("wang", &wang), 1);
	assert_true(key_grants_take(house_keys, SPAN("nobody"), SPAN("150000"), &tally, &house_why));
	assert_int_equal(tally.changed + tally.closed, 0);
	assert_false(key_grants_take(house_keys, SPAN("li"), SPAN("15"), &tally, &house_why));
	person_pair_release(&li);
	person_pair_release(&wang);
}

/* Where there is a recovery key every box that changes gets a row for it. */
static void the_recovery_key_gets_its_row(void **state)
{
	unsigned char secret[32];
	struct person_pair li, recovery = { .secret_key = secret };
	char hex[66];

	(void)state;
	keys_free(house_open(true));
	crypto_box_keypair(recovery.public_key, secret);
	sodium_bin2hex(hex, 65, recovery.public_key, 32);
	hex[64] = '\n';
	assert_true(files_replace(house_path("recovery.pub"), span_from(hex, 65), 0600, &house_why));
	li = house_person("li");
	house_lock_for("li", &li);
	assert_int_equal(opens("", &recovery), 35);
	assert_int_equal(opens("li", &li), 35);
	person_pair_release(&li);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOUSE_TEST(locking_leaves_nothing_plain),
		HOUSE_TEST(locking_may_be_repeated),
		HOUSE_TEST(a_wrong_plain_key_is_not_locked_away),
		HOUSE_TEST(a_region_gets_its_bureaus_and_no_others),
		HOUSE_TEST(the_last_row_stays),
		HOUSE_TEST(the_recovery_key_gets_its_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
