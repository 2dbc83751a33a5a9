/*
 * Folding: what each event makes of a tip, and what cannot follow what.
 */
#include "daemon/core/journal/fold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#define ID "15-7K3MQ2X9RD"
#define ACCEPTED                                                                                             \
	"{\"e\":\"accepted\",\"id\":\"" ID "\",\"at\":1763748000000,\"region\":\"150602\",\"points\":72,"    \
	"\"via\":\"api\",\"rules\":[\"minor\",\"cap]\\\"}tive\"],\"mark\":"                                  \
	"\"000102030405060708090a0b0c0d0e0f\"}"

static struct fold *fold;
static uint64_t number;
static struct complaint why;

static int start(void **unused)
{
	(void)unused;
	fold = fold_new(7);
	number = 0;
	return 0;
}

static int stop(void **unused)
{
	(void)unused;
	fold_free(fold);
	return 0;
}

static bool event(const char *json)
{
	return fold_event(fold, SPAN("15"), ++number, span_of(json), &why);
}

static void must(const char *json)
{
	if (!event(json))
		fail_msg("%s: %s", json, why.text);
}

static const struct fold_tip *tip(void)
{
	struct tip_id id;

	assert_true(tip_id_parse(SPAN(ID), &id));
	return fold_find(fold, &id);
}

static void an_accepted_tip_waits(void **unused)
{
	(void)unused;
	assert_null(tip());
	must(ACCEPTED);
	assert_int_equal(tip()->state, TIP_QUEUED);
	assert_int_equal(tip()->rev, 1);
	assert_int_equal(tip()->points, 72);
	assert_int_equal(tip()->received_ms, 1763748000000);
	assert_string_equal(tip()->region, "150602");
	assert_int_equal(tip()->mark[15], 15);
	assert_int_equal(fold_last(fold, SPAN("15")), 1);
	assert_int_equal(fold_last(fold, SPAN("11")), 0);
}

static void a_whole_life_folds(void **unused)
{
	(void)unused;
	must(ACCEPTED);
	must("{\"e\":\"claimed\",\"id\":\"" ID "\",\"at\":5,\"by\":\"of\\\"\\u674e\",\"until\":99}");
	assert_int_equal(tip()->state, TIP_CLAIMED);
	assert_int_equal(tip()->until_ms, 99);
	assert_true(span_is(fold_holder(fold, tip()->holder), "of\"\xe6\x9d\x8e"));
	must("{\"e\":\"message\",\"id\":\"" ID "\",\"at\":6,\"by\":\"x\",\"messages\":1}");
	must("{\"e\":\"verified\",\"id\":\"" ID "\",\"at\":7,\"by\":\"verifier\",\"verdict\":\"true\"}");
	assert_int_equal(tip()->state, TIP_VERIFIED);
	assert_int_equal(tip()->until_ms, 99);
	assert_int_equal(tip()->nmessages, 1);
	must("{\"e\":\"closed\",\"id\":\"" ID "\",\"at\":8,\"by\":\"x\",\"outcome\":\"found\"}");
	assert_int_equal(tip()->state, TIP_CLOSED);
	assert_int_equal(tip()->until_ms, 0);
	assert_int_equal(tip()->holder, 0);
	must("{\"e\":\"sent\",\"id\":\"" ID "\",\"at\":9}");
	assert_int_equal(tip()->rev, 5);
	must("{\"e\":\"reopened\",\"id\":\"" ID
	     "\",\"at\":9,\"by\":\"v\",\"region\":\"150100\",\"points\":90}");
	assert_string_equal(tip()->region, "150100");
	assert_int_equal(tip()->points, 90);
	assert_int_equal(tip()->rev, 7);
}

static void a_tip_that_went_away_tells_where_to(void **unused)
{
	(void)unused;
	must(ACCEPTED);
	must("{\"e\":\"transferred_away\",\"id\":\"" ID
	     "\",\"at\":9,\"by\":\"a\",\"to\":\"11-7K3MQ2X9RD\",\"region\":\"110105\"}");
	assert_int_equal(tip()->state, TIP_TRANSFERRED);
	assert_string_equal(tip()->region, "110105");
}

static void what_cannot_follow_is_a_complaint(void **unused)
{
	static const char *const wrong[] = {
		ACCEPTED,
		"{\"e\":\"released\",\"id\":\"" ID "\"}",
		"{\"e\":\"verified\",\"id\":\"" ID "\"}",
		"{\"e\":\"claimed\",\"id\":\"" ID "\",\"by\":\"x\"}",
		"{\"e\":\"claimed\",\"id\":\"15-0000000000\",\"by\":\"x\",\"until\":1}",
		"{\"e\":\"claimed\",\"id\":\"11-7K3MQ2X9RD\",\"by\":\"x\",\"until\":1}",
		"{\"e\":\"invented\",\"id\":\"" ID "\"}",
		"{\"id\":\"" ID "\"}",
		"{\"e\":\"note\",\"id\":\"" ID "\",\"points\":101}",
		"{\"e\":\"note\",\"id\":\"" ID "\",\"region\":\"15\"}",
		"{\"e\":\"note\",\"id\":\"" ID "\"",
		"{\"e\":\"note\",\"id\":\"" ID "\"}x",
		"",
	};
	struct fold_tip before;

	(void)unused;
	must(ACCEPTED);
	before = *tip();
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (event(wrong[i]))
			fail_msg("taken: %s", wrong[i]);
		assert_memory_equal(tip(), &before, sizeof(before));
	}
}

static void a_gap_in_the_numbers_is_a_complaint(void **unused)
{
	(void)unused;
	must(ACCEPTED);
	number++;
	assert_false(event("{\"e\":\"note\",\"id\":\"" ID "\",\"at\":9}"));
	assert_true(strstr(why.text, "3 follows 1") != NULL);
}

static void each_event_of_a_tip_has_its_seed(void **unused)
{
	const struct span seed = SPAN("sixteen bytes .."), other = SPAN("sixteen bytes .,");

	(void)unused;
	must(ACCEPTED);
	assert_true(fold_seed(fold, seed, &why));
	assert_memory_equal(tip()->seed, seed.at, FOLD_SEED_BYTES);
	must("{\"e\":\"claimed\",\"id\":\"" ID "\",\"at\":2,\"by\":\"a\",\"until\":9,\"since\":2,\"waited\":1}");
	assert_true(fold_seed(fold, seed, &why));
	assert_false(fold_seed(fold, other, &why));
	assert_non_null(strstr(why.text, ID));
	assert_false(fold_seed(fold, SPAN(""), &why));
	assert_false(fold_seed(fold, SPAN("short"), &why));
	must("{\"e\":\"sent\",\"id\":\"" ID "\",\"at\":3}");
	assert_true(fold_seed(fold, seed, &why));
	assert_false(event("{\"e\":\"sent\",\"id\":\"nobody\"}"));
	assert_false(fold_seed(fold, seed, &why)); /* it is about none */
	assert_true(fold_seed(fold, SPAN(""), &why));
}

/* Of an earlier version; it gets one when it comes back from another shard, not in between. */
static void an_older_tip_has_none(void **unused)
{
	(void)unused;
	must(ACCEPTED);
	assert_true(fold_seed(fold, SPAN(""), &why));
	assert_false(tip()->seeded);
	must("{\"e\":\"claimed\",\"id\":\"" ID "\",\"at\":2,\"by\":\"a\",\"until\":9}");
	assert_true(fold_seed(fold, SPAN(""), &why));
	assert_false(fold_seed(fold, SPAN("sixteen bytes .."), &why));
}

static void many_tips_are_found_again(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < 5000; i++) {
		char json[256];

		snprintf(json, sizeof(json),
			 "{\"e\":\"accepted\",\"id\":\"15-000000%04u\",\"at\":1,\"region\":\"150602\","
			 "\"points\":%u,"
			 "\"mark\":\"000102030405060708090a0b0c0d0e0f\"}",
			 i, i % 101);
		must(json);
	}
	for (unsigned i = 0; i < 5000; i++) {
		struct tip_id id;

		snprintf(id.text, sizeof(id.text), "15-000000%04u", i);
		assert_int_equal(fold_find(fold, &id)->rev, i + 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_accepted_tip_waits, start, stop),
		cmocka_unit_test_setup_teardown(a_whole_life_folds, start, stop),
		cmocka_unit_test_setup_teardown(a_tip_that_went_away_tells_where_to, start, stop),
		cmocka_unit_test_setup_teardown(what_cannot_follow_is_a_complaint, start, stop),
		cmocka_unit_test_setup_teardown(a_gap_in_the_numbers_is_a_complaint, start, stop),
		cmocka_unit_test_setup_teardown(each_event_of_a_tip_has_its_seed, start, stop),
		cmocka_unit_test_setup_teardown(an_older_tip_has_none, start, stop),
		cmocka_unit_test_setup_teardown(many_tips_are_found_again, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
