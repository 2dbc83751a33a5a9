/*
 * Peppers of a running process: they leave memory and disk when their time is
 * over, and the marks that follow stay the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/sys/clock.h"
#include "daemon/sys/key_epochs.h"
#include "tests/support/keys_house.h"

#define HOUSE_TEST(name) cmocka_unit_test_setup_teardown(name, house_make, house_remove)

static bool there(int64_t epoch)
{
	char name[64];

	snprintf(name, sizeof(name), "sender-%04lld.key", (long long)epoch);
	return access(house_path(name), F_OK) == 0;
}

static void names_and_days(void **state)
{
	int64_t epoch;

	(void)state;
	assert_true(key_epochs_of("sender-0690.key", &epoch));
	assert_int_equal(epoch, 690);
	assert_false(key_epochs_of("sender-690.key", &epoch));
	assert_false(key_epochs_of("receipt.key", &epoch));
	assert_int_equal(key_epochs_oldest(690 * KEYS_EPOCH_MS), 689);
	assert_int_equal(key_epochs_oldest(691 * KEYS_EPOCH_MS - 1), 689);
	assert_int_equal(key_epochs_oldest(0), 0);
	assert_int_equal(key_epochs_oldest(key_epochs_end(690) - 1), 690);
	assert_int_equal(key_epochs_oldest(key_epochs_end(690)), 691);
}

static void an_epoch_ends_under_a_running_process(void **state)
{
	struct keys *keys = house_open(true), *again;
	int64_t now = clock_wall_ms(), epoch = key_epochs_oldest(now), later = now + 2 * KEYS_EPOCH_MS;
	struct seal_key before, after, old;

	(void)state;
	keys_sender_mark(keys, later, &before);
	keys_sender_mark(keys, now - KEYS_EPOCH_MS, &old);
	assert_true(keys_age(keys, house_keys, now, &house_why));
	assert_true(there(epoch));
	assert_true(keys_age(keys, house_keys, later, &house_why));
	assert_false(there(epoch));
	assert_true(there(epoch + 2));
	keys_sender_mark(keys, later, &after);
	assert_memory_equal(before.bytes, after.bytes, sizeof(before.bytes));
	keys_sender_mark(keys, now - KEYS_EPOCH_MS, &after); /* it is in memory no more */
	assert_memory_not_equal(old.bytes, after.bytes, sizeof(old.bytes));
	again = house_open(false); /* the clock of this machine is back: the newest is all there is */
	keys_sender_mark(again, later, &after);
	assert_memory_equal(before.bytes, after.bytes, sizeof(before.bytes));
	keys_free(again);
	keys_free(keys);
}

static void what_cannot_be_destroyed_is_tried_again(void **state)
{
	struct keys *keys = house_open(true);
	int64_t now = clock_wall_ms(), epoch = key_epochs_oldest(now);
	char away[100];

	(void)state;
	snprintf(away, sizeof(away), "%s/away", house_dir);
	assert_int_equal(rename(house_keys, away), 0);
	assert_int_equal(symlink(away, house_keys), 0);
	assert_false(keys_age(keys, house_keys, now + KEYS_EPOCH_MS, &house_why)); /* no directory of ours */
	assert_int_equal(unlink(house_keys), 0);
	assert_int_equal(rename(away, house_keys), 0);
	assert_true(there(epoch));
	assert_true(keys_age(keys, house_keys, now + KEYS_EPOCH_MS, &house_why));
	assert_false(there(epoch));
	keys_free(keys);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_days),
		HOUSE_TEST(an_epoch_ends_under_a_running_process),
		HOUSE_TEST(what_cannot_be_destroyed_is_tried_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
