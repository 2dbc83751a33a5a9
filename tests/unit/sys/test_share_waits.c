/*
 * Halves that wait: for one tip, for another person of the other group, until their time, once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/sys/share_waits.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static const struct tip_id tip = { .text = "15-7K3MQ2X9RD" }, other = { .text = "15-7K3MQ2X9RE" };
static const unsigned char share[KEY_VAULT_SHARE_BYTES] = "a half of a key, 32 bytes of it";

static bool put(struct share_waits *waits, const struct tip_id *id, const char *person, const char *owner, unsigned half, uint64_t until_ms)
{
	const struct share_bringer by = { .owner = span_of(owner), .person = span_of(person), .half = half };

	return share_waits_put(waits, id, &by, share, until_ms);
}

static void who_may_join(void **state)
{
	struct share_waits *waits = share_waits_new();
	unsigned char got[KEY_VAULT_SHARE_BYTES];

	(void)state;
	assert_int_equal(share_waits_look(waits, &tip, SPAN("an"), 1), SHARE_NONE);
	assert_null(share_waits_person(waits, &tip));
	assert_true(put(waits, &tip, "an", "t1", 1, 1000));
	assert_string_equal(share_waits_person(waits, &tip), "an");
	assert_int_equal(share_waits_look(waits, &tip, SPAN("an"), 1), SHARE_OF_PERSON);
	assert_int_equal(share_waits_look(waits, &tip, SPAN("an"), 2), SHARE_OF_PERSON);   /* who has both is one person still */
	assert_int_equal(share_waits_look(waits, &tip, SPAN("An"), 2), SHARE_OF_PERSON);   /* nor does a capital make two */
	assert_int_equal(share_waits_look(waits, &tip, SPAN("bo"), 1), SHARE_SAME_HALF);
	assert_int_equal(share_waits_look(waits, &tip, SPAN("bo"), 2), SHARE_OTHER_HALF);
	assert_int_equal(share_waits_look(waits, &other, SPAN("bo"), 2), SHARE_NONE);
	assert_false(share_waits_take(waits, &tip, SPAN("an"), 2, got));
	assert_false(share_waits_take(waits, &tip, SPAN("bo"), 1, got));
	assert_false(share_waits_take(waits, &other, SPAN("bo"), 2, got));
	assert_true(share_waits_take(waits, &tip, SPAN("bo"), 2, got));
	assert_memory_equal(got, share, sizeof(share));
	assert_false(share_waits_take(waits, &tip, SPAN("bo"), 2, got));   /* once */
	assert_int_equal(share_waits_count(waits), 0);
	share_waits_free(waits);
}

static void what_ends_a_wait(void **state)
{
	struct share_waits *waits = share_waits_new();

	(void)state;
	assert_true(put(waits, &tip, "an", "t1", 1, 1000));
	assert_true(put(waits, &other, "an", "t2", 1, 2000));
	assert_false(share_waits_withdraw(waits, &tip, SPAN("bo")));
	share_waits_sweep(waits, 999);
	assert_int_equal(share_waits_count(waits), 2);
	share_waits_sweep(waits, 1000);
	assert_int_equal(share_waits_look(waits, &tip, SPAN("bo"), 2), SHARE_NONE);
	assert_int_equal(share_waits_count(waits), 1);
	share_waits_close(waits, SPAN("t1"));
	assert_int_equal(share_waits_count(waits), 1);
	share_waits_close(waits, SPAN("t2"));
	assert_int_equal(share_waits_count(waits), 0);
	assert_true(put(waits, &tip, "an", "t1", 1, 1000));
	assert_true(share_waits_withdraw(waits, &tip, SPAN("an")));
	assert_false(share_waits_withdraw(waits, &tip, SPAN("an")));
	assert_true(put(waits, &tip, "an", "t1", 1, 1000));
	share_waits_free(waits);   /* the process ends with one */
}

static void there_is_a_limit(void **state)
{
	struct share_waits *waits = share_waits_new();

	(void)state;
	for (unsigned i = 0; i < SHARE_WAITS_MAX; i++) {
		struct tip_id id;

		snprintf(id.text, sizeof(id.text), "15-000000%04u", i);
		assert_true(put(waits, &id, "an", "t1", 1, 1000));
	}
	assert_false(put(waits, &tip, "an", "t1", 1, 1000));
	share_waits_close(waits, SPAN("t1"));
	assert_true(put(waits, &tip, "an", "t1", 1, 1000));
	share_waits_free(waits);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_may_join),
		cmocka_unit_test(what_ends_a_wait),
		cmocka_unit_test(there_is_a_limit),
	};

	return sodium_init() < 0 || cmocka_run_group_tests(tests, NULL, NULL);
}
