/*
 * From a tip closed as verified to the record of its case: once, with what was
 * there before, in the name of who verified.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "handlers/reward/verified.h"
#include "tests/support/money_rig.h"

static struct money_rig m;

static int begin(void **state)
{
	(void)state;
	money_rig_open(&m, NULL);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	money_rig_close(&m);
	app_rig_done();
	return 0;
}

static enum verified_end end;

static void ended(void *ctx, enum verified_end how)
{
	(void)ctx;
	end = how;
}

static struct outbox_verified verified_tip(const char *tip, const char *case_id, uint64_t rev)
{
	struct outbox_verified verified = { .rev = rev, .received_ms = 1772236800000, .region = "150602",
					    .case_id = span_of(case_id), .bands = SPAN("victim_located"),
					    .by = SPAN("verifier") };

	assert_true(tip_id_parse(span_of(tip), &verified.tip));
	return verified;
}

static enum verified_end carry(const struct outbox_verified *verified)
{
	const struct verified_env env = { .treasury = m.app.app.treasury, .office = m.app.app.office };

	end = verified_carry(&env, verified, ended, NULL);
	money_rig_until(&m, end != VERIFIED_ASKED);
	return end;
}

static uint64_t seq(void)
{
	return book_seq(treasury_book(m.app.app.treasury));
}

static struct span recorded(const char *case_id)
{
	return money_index_case(office_index(m.app.app.office), span_of(case_id));
}

static void a_case_is_recorded_once(void **state)
{
	struct outbox_verified verified = verified_tip("15-7K3MQ2X9RD", "one", 3);
	uint64_t before;

	(void)state;
	assert_int_equal(carry(&verified), VERIFIED_RECORDED);
	assert_true(rig_has(recorded("one"), "15-7K3MQ2X9RD at=1772236800000 bands=victim_located"));
	/* The bureau is the prefecture that has the budget, not the district. */
	assert_true(rig_has(recorded("one"), "\"bureau\":\"150600\""));
	before = seq();
	assert_int_equal(carry(&verified), VERIFIED_RECORDED);
	verified.rev = 9;
	assert_int_equal(carry(&verified), VERIFIED_RECORDED);
	assert_int_equal(seq(), before);
}

static void a_second_tip_joins_what_was_recorded(void **state)
{
	struct outbox_verified first = verified_tip("15-7K3MQ2X9RA", "two", 3);
	struct outbox_verified second = verified_tip("15-7K3MQ2X9RB", "two", 4);

	(void)state;
	assert_int_equal(carry(&first), VERIFIED_RECORDED);
	assert_int_equal(money_rig_call(&m, "verifier", "POST", "/api/v1/cases",
					"{\"case\":\"two\",\"bureau\":\"150600\",\"known_at\":1772300000000,"
					"\"tips\":[\"15-7K3MQ2X9RA at=1772236800000 bands=buyer_identified new=1\"]}",
					NULL)
				 .status,
			 200);
	assert_int_equal(carry(&second), VERIFIED_RECORDED);
	assert_true(rig_has(recorded("two"), "15-7K3MQ2X9RA at=1772236800000 bands=buyer_identified new=1"));
	assert_true(rig_has(recorded("two"), "15-7K3MQ2X9RB at="));
	assert_true(rig_has(recorded("two"), "\"known_at\":\"1772300000000\""));
}

static void who_is_not_registered_has_to_wait(void **state)
{
	struct outbox_verified verified = verified_tip("15-7K3MQ2X9RC", "three", 3);

	(void)state;
	verified.by = SPAN("stranger");
	assert_int_equal(carry(&verified), VERIFIED_LATER);
	assert_int_equal(money_rig_call(&m, "admin", "POST", "/api/v1/staff",
					"{\"account\":\"stranger\",\"person\":\"p-s\",\"roles\":[\"verifier\"]}", NULL)
				 .status,
			 200);
	money_rig_days(&m, 1);
	assert_int_equal(carry(&verified), VERIFIED_RECORDED);
}

static void what_can_never_be_is_given_up(void **state)
{
	struct outbox_verified verified = verified_tip("15-7K3MQ2X9RE", "four", 3);

	(void)state;
	verified.bands = SPAN("Not A Band");
	assert_int_equal(carry(&verified), VERIFIED_REFUSED);
}

#define TEST(f) cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_case_is_recorded_once),
		TEST(a_second_tip_joins_what_was_recorded),
		TEST(who_is_not_registered_has_to_wait),
		TEST(what_can_never_be_is_given_up),
	};

	return cmocka_run_group_tests(tests, begin, finish);
}
