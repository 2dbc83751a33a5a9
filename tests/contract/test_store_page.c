/*
 * Pages of open tips, and the claim of one of them, on every store: what store/store.h promises of STORE_PAGE
 * and of store_claim.only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/store_rig.h"

#include <stdio.h>
#include <stdlib.h>

#define HOUR_MS 3600000u
#define MANY 3000u

static struct store_rig rig;

static int open_memory(void **unused)
{
	(void)unused;
	store_rig_open(&rig, true);
	store_rig_advance(&rig, 2000);   /* its clock begins at 0: later than any tip here, as a real one is */
	return 0;
}

static int open_redis(void **unused)
{
	(void)unused;
	store_rig_open(&rig, false);
	return 0;
}

static int close_rig(void **unused)
{
	(void)unused;
	store_rig_close(&rig);
	return 0;
}

static struct store_tip tip_of(unsigned number, const char *region, unsigned points, int64_t received_ms)
{
	struct store_tip tip = { .receipt_mark = "mine", .points = points, .received_ms = received_ms, .sealed = SPAN("sealed"),
				 .event = SPAN("{\"e\":\"accepted\"}") };

	snprintf(tip.id.text, sizeof(tip.id.text), "%.2s-%010u", region, number);
	snprintf(tip.region, sizeof(tip.region), "%s", region);
	return tip;
}

static void accept_all(const struct store_tip *tips, size_t n)
{
	const struct store_reply *reply =
		store_rig_ask(&rig, &(struct store_request){ .op = STORE_ACCEPT, .tips = tips, .ntips = n });

	assert_int_equal(reply->outcome, STORE_DONE);
}

static void accept_tip(unsigned number, const char *region, unsigned points, int64_t received_ms)
{
	struct store_tip tip = tip_of(number, region, points, received_ms);

	accept_all(&tip, 1);
}

static const struct store_reply *claim(const char *region, const char *only, const char *holder)
{
	static char name[1][7];
	struct store_claim wanted = { .shard = "15", .regions = (const char(*)[7])name, .nregions = 1, .max = 1, .lease_ms = HOUR_MS,
				      .holder = span_of(holder) };

	snprintf(name[0], sizeof(name[0]), "%s", region);
	snprintf(wanted.only.text, sizeof(wanted.only.text), "%s", only);
	return store_rig_ask(&rig, &(struct store_request){ .op = STORE_CLAIM, .claim = &wanted });
}

static const struct store_page all_waiting = { .region = "150000", .waiting = true, .most = 100, .max = 10, .looks = 100 };

static const struct store_reply *ask(const struct store_page *page)
{
	const struct store_reply *reply =
		store_rig_ask(&rig, &(struct store_request){ .op = STORE_PAGE, .shard = "15", .page = page });

	assert_int_equal(reply->outcome, STORE_DONE);
	return reply;
}

/* The last digits of the ids, in order: "4 2 3". */
static void expect(const struct store_page *page, const char *numbers)
{
	const struct store_reply *reply = ask(page);
	char text[100] = "";

	for (size_t i = 0; i < reply->nrows; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%.1s", i > 0 ? " " : "", reply->rows[i].id.text + 12);
	assert_string_equal(text, numbers);
}

static void some_tips(void)
{
	accept_tip(1, "150602", 40, 1000);
	accept_tip(2, "150100", 80, 1007);
	accept_tip(3, "150602", 80, 1008);
	accept_tip(4, "150300", 90, 1009);
	accept_tip(5, "150602", 40, 1000);
	accept_tip(6, "110105", 99, 1);
}

static void a_region_has_all_beneath_it_best_first(void **unused)
{
	struct store_page page = all_waiting;

	(void)unused;
	some_tips();
	expect(&page, "4 2 3 1 5");
	memcpy(page.region, "150600", 7);
	expect(&page, "3 1 5");
	memcpy(page.region, "150602", 7);
	expect(&page, "3 1 5");
	memcpy(page.region, "000000", 7);
	expect(&page, "4 2 3 1 5");
	memcpy(page.region, "150700", 7);
	expect(&page, "");
	memcpy(page.region, "110000", 7);
	expect(&page, "");
}

static void a_row_has_no_words(void **unused)
{
	const struct store_reply *reply;

	(void)unused;
	some_tips();
	reply = ask(&all_waiting);
	assert_int_equal(reply->count, 5);
	assert_string_equal(reply->rows[0].region, "150300");
	assert_int_equal(reply->rows[0].points, 90);
	assert_int_equal(reply->rows[0].received_ms, 1009);
	assert_int_equal(reply->rows[0].state, TIP_QUEUED);
	assert_int_equal(reply->rows[0].sealed.len, 0);
	assert_int_equal(reply->place.id.text[0], '\0');
}

static void by_age_the_oldest_comes_first(void **unused)
{
	struct store_page page = all_waiting;

	(void)unused;
	some_tips();
	page.order = STORE_OLDEST_FIRST;
	expect(&page, "1 5 2 3 4");
}

static void points_have_bounds(void **unused)
{
	struct store_page page = all_waiting;

	(void)unused;
	some_tips();
	page.fewest = 41;
	page.most = 80;
	expect(&page, "2 3");
	assert_int_equal(rig.reply.count, 2);
	page.order = STORE_OLDEST_FIRST;
	page.fewest = page.most = 40;
	expect(&page, "1 5");
	page.fewest = 81;
	page.most = 89;
	expect(&page, "");
	page = all_waiting;
	accept_tip(7, "150602", 0, 5);
	accept_tip(8, "150602", 100, 5);
	expect(&page, "8 4 2 3 1 5 7");
	page.most = 0;
	expect(&page, "7");
	page.most = page.fewest = 100;
	expect(&page, "8");
}

static void what_is_held_is_told_with_its_holder(void **unused)
{
	struct store_page page = all_waiting;

	(void)unused;
	some_tips();
	assert_int_equal(claim("150602", "15-0000000001", "li")->nrows, 1);
	assert_int_equal(claim("150602", "15-0000000003", "an")->nrows, 1);
	expect(&page, "4 2 5");
	page.held = true;
	expect(&page, "4 2 3 1 5");
	assert_true(span_is(rig.reply.rows[2].holder, "an"));
	assert_true(rig.reply.rows[2].lease_until_ms >= HOUR_MS);
	page.waiting = false;
	expect(&page, "3 1");
	assert_int_equal(rig.reply.count, 2);
	page.order = STORE_OLDEST_FIRST;
	expect(&page, "1 3");
	page.most = 79;
	expect(&page, "1");
	memcpy(page.region, "150100", 7);
	expect(&page, "");
}

/* From page to page by the place of the last; whatever order, nothing is missed or told twice. */
static void pages_follow_each_other(void **unused)
{
	static const char *const orders[] = { "42315", "15234" };

	(void)unused;
	some_tips();
	assert_int_equal(claim("150602", "15-0000000003", "an")->nrows, 1);
	for (unsigned age = 0; age < 2; age++)
		for (unsigned max = 1; max <= 3; max++) {
			struct store_page page = all_waiting;
			char met[20] = "";

			page.held = true;
			page.order = age == 1 ? STORE_OLDEST_FIRST : STORE_BEST_FIRST;
			page.max = max;
			do {
				const struct store_reply *reply = ask(&page);

				assert_int_equal(reply->count, 5);
				for (size_t i = 0; i < reply->nrows; i++)
					strncat(met, reply->rows[i].id.text + 12, 1);
				page.after = reply->place;
			} while (page.after.id.text[0] != '\0');
			assert_string_equal(met, orders[age]);
		}
}

/* Unopened ones pass after a tenth of a second, those of 40 points after the last of the others. */
static struct clock_limits limits_of(int64_t stalled_ms)
{
	struct clock_limits limits = { .ms = { { 0 } } };

	for (size_t band = 0; band < CLOCK_BANDS; band++) {
		limits.ms[WAIT_UNOPENED][band] = 100;
		limits.ms[WAIT_STALLED][band] = stalled_ms;
	}
	limits.ms[WAIT_UNOPENED][priority_of(40)] = 120;
	return limits;
}

static void what_is_due_first_comes_first(void **unused)
{
	struct clock_limits limits = limits_of(0);
	struct store_page page = all_waiting;
	int64_t lease_ms;

	(void)unused;
	some_tips();
	page.order = STORE_DUE_FIRST;
	page.limits = &limits;
	expect(&page, "2 3 4 1 5");
	assert_int_equal(rig.reply.rows[0].due_ms, 1107);
	assert_int_equal(rig.reply.rows[4].due_ms, 1120);
	assert_int_equal(rig.reply.count, 0);
	page.most = 80;
	expect(&page, "2 3 1 5");
	memcpy(page.region, "150602", 7);
	expect(&page, "3 1 5");
	page = all_waiting;
	page.order = STORE_DUE_FIRST;
	page.limits = &limits;
	limits.ms[WAIT_UNOPENED][priority_of(40)] = 0;
	expect(&page, "2 3 4");
	lease_ms = claim("150602", "15-0000000003", "an")->rows[0].lease_until_ms;
	expect(&page, "2 4");
	page.held = true;
	expect(&page, "2 4 3");
	assert_int_equal(rig.reply.rows[2].due_ms, lease_ms);
	/* Where two things happen to it, the sooner counts, and it is told of once. */
	limits.ms[WAIT_STALLED][priority_of(80)] = 1;
	expect(&page, "2 4 3");
	assert_true(rig.reply.rows[2].due_ms < lease_ms);
	page.waiting = false;
	expect(&page, "3");
}

static void what_is_due_goes_on_page_by_page(void **unused)
{
	struct clock_limits limits = limits_of(10);

	(void)unused;
	some_tips();
	assert_int_equal(claim("150602", "15-0000000003", "an")->nrows, 1);
	for (unsigned max = 1; max <= 3; max++)
		for (unsigned looks = 1; looks <= 4; looks++) {
			struct store_page page = all_waiting;
			char met[20] = "";

			page.held = true;
			page.order = STORE_DUE_FIRST;
			page.limits = &limits;
			page.max = max;
			page.looks = looks;
			do {
				const struct store_reply *reply = ask(&page);

				for (size_t i = 0; i < reply->nrows; i++)
					strncat(met, reply->rows[i].id.text + 12, 1);
				page.after = reply->place;
			} while (page.after.id.text[0] != '\0');
			assert_string_equal(met, "24153");
		}
}

static void a_place_need_not_be_taken(void **unused)
{
	struct store_page page = all_waiting;

	(void)unused;
	some_tips();
	page.after = (struct store_place){ .points = 80, .at_ms = 1007, .id = { .text = "15-0000000009" } };
	expect(&page, "3 1 5");
	page.after.points = 100;
	expect(&page, "4 2 3 1 5");
	page.order = STORE_OLDEST_FIRST;
	expect(&page, "3 4");
	page.after.at_ms = 1009;
	expect(&page, "");
}

static void ids_have_a_beginning(void **unused)
{
	struct store_page page = all_waiting;

	(void)unused;
	some_tips();
	memcpy(page.begins, "15-000", 7);
	expect(&page, "4 2 3 1 5");
	memcpy(page.begins, "15-0000000002", 14);
	expect(&page, "2");
	assert_int_equal(rig.reply.count, 1);
	memcpy(page.begins, "15-1", 5);
	expect(&page, "");
}

/* However many there are: it is read by its id. */
static void a_whole_id_is_looked_up(void **unused)
{
	static const char *const regions[] = { "000000", "150000", "150600", "150602" };
	struct store_page page = all_waiting;

	(void)unused;
	some_tips();
	page.looks = 1;
	memcpy(page.begins, "15-0000000005", 14);
	for (size_t i = 0; i < 4; i++) {
		memcpy(page.region, regions[i], 7);
		for (page.order = STORE_BEST_FIRST; page.order <= STORE_OLDEST_FIRST; page.order++) {
			expect(&page, "5");
			assert_string_equal(rig.reply.place.id.text, "");
		}
	}
	page.order = STORE_BEST_FIRST;
	memcpy(page.region, "150100", 7);
	expect(&page, "");
	memcpy(page.region, "150000", 7);
	page.fewest = 41;
	expect(&page, "");
	page.fewest = 0;
	page.after = (struct store_place){ .points = 40, .at_ms = 1000, .id = { .text = "15-0000000005" } };
	expect(&page, "");
	page.after = (struct store_place){ .points = 0 };
	assert_int_equal(claim("150602", "15-0000000005", "li")->nrows, 1);
	expect(&page, "");
	assert_int_equal(rig.reply.count, 0);
	page.held = true;
	expect(&page, "5");
	page.waiting = false;
	expect(&page, "5");
	memcpy(page.begins, "15-0000000004", 14);
	expect(&page, "");
	memcpy(page.begins, "15-0000000009", 14);
	expect(&page, "");
}

/* Only so many are looked at: the page is short, and says where to go on. */
static void a_search_goes_on_where_it_stopped(void **unused)
{
	struct store_page page = all_waiting;
	unsigned pages = 0, found = 0;

	(void)unused;
	some_tips();
	accept_tip(50, "150602", 40, 1001);
	page.looks = 2;
	memcpy(page.begins, "15-000000005", 13);
	expect(&page, "");
	assert_string_equal(rig.reply.place.id.text, "15-0000000002");
	page.after = rig.reply.place;
	for (; page.after.id.text[0] != '\0'; pages++) {
		const struct store_reply *reply = ask(&page);

		found += (unsigned)reply->nrows;
		page.after = reply->place;
	}
	assert_int_equal(found, 1);
	assert_int_equal(pages, 2);
}

/* More than the store takes from a queue at once, many with the same points and time. */
static void long_queues_come_whole(void **unused)
{
	static const char *const regions[] = { "150602", "150100", "150300" };
	struct store_page page = { .region = "150000", .waiting = true, .most = 100, .max = STORE_PAGE_MAX, .looks = STORE_LOOKS_MAX };
	static struct store_tip tips[250];
	static bool seen[2][MANY];
	size_t n = 0;

	(void)unused;
	memset(seen, 0, sizeof(seen));
	for (unsigned i = 0; i < MANY; i += 250) {
		for (unsigned k = 0; k < 250; k++)
			tips[k] = tip_of(i + k, regions[k % 3], 20 + k % 4, 1000 + (i + k) % 2);
		accept_all(tips, 250);
	}
	for (unsigned age = 0; age < 2; age++) {
		page.order = age == 1 ? STORE_OLDEST_FIRST : STORE_BEST_FIRST;
		page.after = (struct store_place){ .points = 0 };
		do {
			const struct store_reply *reply = ask(&page);

			for (size_t i = 0; i < reply->nrows; i++, n++) {
				unsigned number = (unsigned)strtoul(reply->rows[i].id.text + 3, NULL, 10);

				assert_false(seen[age][number]);
				seen[age][number] = true;
			}
			page.after = reply->place;
		} while (page.after.id.text[0] != '\0');
	}
	assert_int_equal(n, 2 * MANY);
}

static void a_claim_of_one_takes_no_other(void **unused)
{
	const struct store_reply *reply;

	(void)unused;
	some_tips();
	assert_int_equal(claim("150300", "15-0000000001", "li")->nrows, 0);
	assert_int_equal(claim("150602", "15-0000000008", "li")->nrows, 0);
	reply = claim("150602", "15-0000000005", "li");
	assert_int_equal(reply->nrows, 1);
	assert_string_equal(reply->rows[0].id.text, "15-0000000005");
	assert_int_equal(reply->rows[0].state, TIP_CLAIMED);
	assert_true(span_is(reply->rows[0].holder, "li"));
	assert_int_equal(reply->rows[0].lease_until_ms, reply->now_ms + HOUR_MS);
	assert_int_equal(claim("150602", "15-0000000005", "an")->nrows, 0);
	assert_string_equal(claim("150602", "", "an")->rows[0].id.text, "15-0000000003");
}

#define TEST(function, open) cmocka_unit_test_setup_teardown(function, open, close_rig)
#define ON(open)                                                                                             \
	TEST(a_region_has_all_beneath_it_best_first, open), TEST(a_row_has_no_words, open),                  \
		TEST(by_age_the_oldest_comes_first, open), TEST(points_have_bounds, open),                   \
		TEST(what_is_held_is_told_with_its_holder, open), TEST(pages_follow_each_other, open),       \
		TEST(what_is_due_first_comes_first, open), TEST(what_is_due_goes_on_page_by_page, open),     \
		TEST(a_place_need_not_be_taken, open), TEST(ids_have_a_beginning, open),                     \
		TEST(a_whole_id_is_looked_up, open), TEST(a_search_goes_on_where_it_stopped, open), TEST(long_queues_come_whole, open),           \
		TEST(a_claim_of_one_takes_no_other, open)

int main(void)
{
	const struct CMUnitTest in_memory[] = { ON(open_memory) };
	const struct CMUnitTest in_redis[] = { ON(open_redis) };
	int failed = cmocka_run_group_tests_name("pages in memory", in_memory, NULL, NULL);

	return failed + cmocka_run_group_tests_name("pages in Redis", in_redis, NULL, NULL);
}
