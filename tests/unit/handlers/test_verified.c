/*
 * From a tip closed as verified to the record of its case: once, with what was
 * there before, in the name of who verified.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/sys/keys.h"
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

/* --- two couriers ---------------------------------------------------------------------- */

#define ROUNDS 100

/* A second process on the same store: a book and an index of its own. */
static struct office *other_office;
static struct treasury *other_treasury;

static void other_applied(void *ctx, const struct record *record)
{
	(void)ctx;
	office_applied(other_office, other_treasury != NULL ? treasury_book(other_treasury) : NULL, record);
}

static void open_other(void)
{
	struct office_env office = { .key = keys_requests(m.app.app.keys), .engagement = "audit of 2026", .seed = 9 };
	struct treasury_env env = { .loop = m.app.loop, .store = m.app.app.store, .holder = SPAN("other"), .poll_ms = 10,
				    .applied = other_applied };
	struct treasury_figures figures = { 0 };
	struct complaint why;

	other_office = office_new(&office);
	env.instruction_key = office_instruction_key(other_office);
	env.mirror = money_rig_text(&m, "%s/other.jsonl", m.app.home);
	other_treasury = treasury_new(&env, &why);
	assert_non_null(other_treasury);
	for (int turns = 0; !figures.ready && turns < 6000; turns++) {
		app_rig_run(&m.app, 5);
		treasury_figures(other_treasury, &figures);
	}
	assert_true(figures.ready);
}

static void close_other(void)
{
	treasury_free(other_treasury);
	other_treasury = NULL;
	app_rig_settle(&m.app);
	office_free(other_office);
}

static enum verified_end ends[2];

static void one_ended(void *ctx, enum verified_end how)
{
	*(enum verified_end *)ctx = how;
}

/* Both at the same moment, and again until each has its end. How often it took more than one round. */
static unsigned carry_both(const struct outbox_verified both[2])
{
	const struct verified_env envs[2] = { { .treasury = m.app.app.treasury, .office = m.app.app.office },
					      { .treasury = other_treasury, .office = other_office } };
	unsigned again = 0;

	ends[0] = ends[1] = VERIFIED_LATER;
	for (; ends[0] != VERIFIED_RECORDED || ends[1] != VERIFIED_RECORDED; again++) {
		assert_true(again < 20);
		for (int i = 0; i < 2; i++)
			if (ends[i] == VERIFIED_LATER)
				ends[i] = verified_carry(&envs[i], &both[i], one_ended, &ends[i]);
		money_rig_until(&m, ends[0] != VERIFIED_ASKED && ends[1] != VERIFIED_ASKED);
	}
	return again - 1;
}

static size_t records(const char *case_id)
{
	size_t n;

	money_index_of(office_index(m.app.app.office), INDEX_CASE, span_of(case_id), &n);
	return n;
}

static void the_same_errand_of_two_couriers_is_one_record(void **state)
{
	(void)state;
	open_other();
	for (unsigned round = 0; round < ROUNDS; round++) {
		const char *name = money_rig_text(&m, "race-%u", round);
		struct outbox_verified both[2] = { verified_tip("15-7K3MQ2X9RD", name, round),
						   verified_tip("15-7K3MQ2X9RD", name, round) };

		memcpy(both[0].tip.text + 3, money_rig_text(&m, "%010u", round), 10);
		both[1].tip = both[0].tip;
		carry_both(both);
		money_rig_until(&m, records(name) > 0);
		assert_int_equal(records(name), 1);
	}
	close_other();
}

static void two_tips_of_one_case_are_both_recorded(void **state)
{
	unsigned contended = 0;

	(void)state;
	open_other();
	for (unsigned round = 0; round < ROUNDS; round++) {
		const char *name = money_rig_text(&m, "pair-%u", round);
		struct outbox_verified both[2] = { verified_tip("15-7K3MQ2X9RA", name, 1),
						   verified_tip("15-7K3MQ2X9RB", name, 2) };

		for (int i = 0; i < 2; i++)
			memcpy(both[i].tip.text + 3, money_rig_text(&m, "%c%09u", 'A' + i, round), 10);
		contended += carry_both(both);
		money_rig_until(&m, records(name) == 2);
		assert_true(rig_has(recorded(name), both[0].tip.text) && rig_has(recorded(name), both[1].tip.text));
	}
	/* Else they came one after the other and this showed nothing. */
	assert_true(contended > 0);
	close_other();
}

#define TEST(f) cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_case_is_recorded_once),
		TEST(a_second_tip_joins_what_was_recorded),
		TEST(who_is_not_registered_has_to_wait),
		TEST(what_can_never_be_is_given_up),
		TEST(the_same_errand_of_two_couriers_is_one_record),
		TEST(two_tips_of_one_case_are_both_recorded),
	};

	return cmocka_run_group_tests(tests, begin, finish);
}
