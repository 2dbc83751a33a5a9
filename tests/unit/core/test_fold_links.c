/*
 * Facts about incidents fold to what the store holds; what cannot follow is a
 * complaint and changes nothing. The random comparison with both stores is
 * tests/contract/test_store_random.c.
 */
#include "daemon/core/journal/fold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#define FIRST "15-0000000001"
#define SECOND "15-0000000002"
#define THIRD "15-0000000003"
#define FAR "44-0000000004"
#define ABOUT(word, id) "{\"e\":\"" word "\",\"id\":\"" id "\",\"at\":9,\"by\":\"x\""
#define PAIR(word, id, other) ABOUT(word, id) ",\"incident\":\"" other "\"}"
#define SUGGESTED(id, other) ABOUT("suggested", id) ",\"incident\":\"" other "\",\"score\":61,\"why\":\"place,wording\"}"
#define CHILD(word, id, child, received) ABOUT(word, id) ",\"tip\":\"" child "\",\"received\":" received "}"
#define BORN(word, id, received, more)                                                                       \
	ABOUT(word, id)                                                                                      \
	",\"received\":" received ",\"region\":\"150602\",\"points\":50,"                                    \
	"\"mark\":\"000102030405060708090a0b0c0d0e0f\"" more "}"

static struct fold *fold;
static uint64_t number;
static struct complaint why;

static bool event(const char *json)
{
	return fold_event(fold, SPAN("15"), ++number, span_of(json), &why);
}

static void must(const char *json)
{
	if (!event(json))
		fail_msg("%s: %s", json, why.text);
}

static int start(void **unused)
{
	(void)unused;
	fold = fold_new(7);
	number = 0;
	must(BORN("accepted", FIRST, "1000", ""));
	must(BORN("accepted", SECOND, "2000", ""));
	must(BORN("accepted", THIRD, "3000", ""));
	return 0;
}

static int stop(void **unused)
{
	(void)unused;
	fold_free(fold);
	return 0;
}

static const struct fold_tip *tip(const char *text)
{
	struct tip_id id;

	assert_true(tip_id_parse(span_of(text), &id));
	return fold_find(fold, &id);
}

static const struct fold_incident *of(const char *text)
{
	return fold_incident(fold, tip(text));
}

static void a_tip_of_which_nothing_is_known_has_an_empty_incident(void **unused)
{
	(void)unused;
	assert_string_equal(of(FIRST)->parent.text, "");
	assert_int_equal(of(FIRST)->nchildren + of(FIRST)->npairs, 0);
	assert_null(of(FIRST)->context);
	assert_int_equal(tip(FIRST)->incident, 0);
}

static void a_linked_tip_has_a_parent_that_lists_it(void **unused)
{
	(void)unused;
	must(SUGGESTED(THIRD, FIRST));
	must(ABOUT("linked", THIRD) ",\"incident\":\"" FIRST "\",\"why\":\"copy\",\"score\":97}");
	must(PAIR("linked", SECOND, FIRST));
	assert_string_equal(of(THIRD)->parent.text, FIRST);
	assert_string_equal(of(THIRD)->link_why, "copy");
	assert_int_equal(of(THIRD)->link_score, 97);
	assert_int_equal(of(THIRD)->npairs, 0);
	assert_int_equal(tip(THIRD)->rev, 5);
	assert_int_equal(tip(FIRST)->rev, 1);
	assert_int_equal(of(FIRST)->nchildren, 2);
	assert_string_equal(of(FIRST)->children[0].id.text, THIRD);
	assert_int_equal(of(FIRST)->children[0].received_ms, 3000);
	must(PAIR("unlinked", THIRD, FIRST));
	assert_string_equal(of(THIRD)->parent.text, "");
	assert_int_equal(of(THIRD)->npairs, 1);
	assert_true(of(THIRD)->pairs[0].declined);
	assert_int_equal(of(FIRST)->nchildren, 1);
	assert_string_equal(of(FIRST)->children[0].id.text, SECOND);
}

static void children_of_other_shards_come_and_go(void **unused)
{
	(void)unused;
	must(CHILD("joined", FIRST, FAR, "4000"));
	assert_int_equal(tip(FIRST)->rev, 4);
	must(CHILD("joined", FIRST, "31-0000000004", "4000"));
	assert_int_equal(of(FIRST)->nchildren, 1);
	assert_string_equal(of(FIRST)->children[0].id.text, "31-0000000004");
	must(CHILD("joined", FIRST, FAR, "4001"));
	assert_int_equal(of(FIRST)->nchildren, 2);
	must(CHILD("parted", FIRST, "11-0000000004", "4000"));
	assert_int_equal(of(FIRST)->nchildren, 1);
	assert_int_equal(of(FIRST)->children[0].received_ms, 4001);
}

static void suggestions_and_no_to_them(void **unused)
{
	(void)unused;
	must(SUGGESTED(THIRD, FAR));
	must(PAIR("declined", THIRD, FIRST));
	assert_int_equal(of(THIRD)->npairs, 2);
	assert_string_equal(of(THIRD)->pairs[0].why, "place,wording");
	assert_int_equal(of(THIRD)->pairs[0].score, 61);
	must(PAIR("declined", THIRD, FAR));
	assert_string_equal(of(THIRD)->pairs[0].other.text, FAR);
	assert_string_equal(of(THIRD)->pairs[0].why, "");
	assert_true(of(THIRD)->pairs[0].declined);
}

static void points_and_context(void **unused)
{
	(void)unused;
	must(ABOUT("rescored", THIRD) ",\"points\":70,\"rules\":[\"corroborated\"],\"context\":\"3 0 1 0 0\"}");
	assert_int_equal(tip(THIRD)->points, 70);
	assert_string_equal(of(THIRD)->context, "3 0 1 0 0");
	must(ABOUT("rescored", THIRD) ",\"points\":60,\"context\":\"\"}");
	assert_null(of(THIRD)->context);
	assert_int_equal(tip(THIRD)->rev, 5);
}

static void a_tip_that_moved_brings_and_finds_what_is_its_own(void **unused)
{
	(void)unused;
	must(PAIR("linked", THIRD, SECOND));
	must(PAIR("linked", SECOND, FIRST));
	must(SUGGESTED(SECOND, FAR));
	must(PAIR("declined", SECOND, THIRD));
	must(PAIR("declined", SECOND, "44-0000000009"));
	must(ABOUT("transferred_away", SECOND) ",\"to\":\"44-0000000002\",\"region\":\"440100\"}");
	assert_string_equal(of(SECOND)->parent.text, FIRST);
	must(CHILD("joined", SECOND, FAR, "4000"));
	must(BORN("received", SECOND, "2000",
		  ",\"hops\":2,\"incident\":\"44-0000000009\",\"context\":\"0 1 0 0 0\""));
	assert_string_equal(of(SECOND)->parent.text, "44-0000000009");
	assert_string_equal(of(SECOND)->context, "0 1 0 0 0");
	assert_int_equal(of(SECOND)->nchildren, 2);
	assert_int_equal(of(SECOND)->npairs, 1);
	assert_string_equal(of(SECOND)->pairs[0].other.text, THIRD);
}

static void what_cannot_follow_changes_nothing(void **unused)
{
	static const char *const wrong[] = {
		PAIR("linked", THIRD, SECOND),                     /* hangs already */
		ABOUT("linked", SECOND) ",\"incident\":\"" FIRST "\",\"why\":\"much_longer_than_any_word_of_a_judgement\"}",
		PAIR("linked", FIRST, SECOND),                     /* not older */
		PAIR("linked", FIRST, FIRST),
		PAIR("linked", SECOND, "15-0000000009"),           /* no such parent */
		PAIR("linked", "15-0000000009", FIRST),
		ABOUT("linked", SECOND) "}",
		PAIR("linked", SECOND, "nonsense"),
		PAIR("unlinked", THIRD, SECOND),
		PAIR("unlinked", SECOND, FIRST),
		CHILD("joined", FIRST, FAR, "4000"),               /* listed already */
		CHILD("joined", FIRST, FIRST, "4000"),
		ABOUT("joined", FIRST) ",\"tip\":\"" FAR "\"}",
		CHILD("parted", FIRST, "44-0000000005", "4000"),
		CHILD("parted", FIRST, "31-0000000004", "4001"),   /* another time */
		CHILD("joined", "15-0000000009", FAR, "4000"),
		SUGGESTED(THIRD, FIRST),                           /* its parent */
		SUGGESTED(THIRD, FAR),                             /* declined */
		SUGGESTED(THIRD, THIRD),
		ABOUT("suggested", THIRD) ",\"incident\":\"" SECOND "\",\"score\":101}",
		ABOUT("suggested", THIRD) ",\"incident\":\"" SECOND "\"}",
		ABOUT("suggested", THIRD) ",\"incident\":\"" SECOND "\",\"score\":1,"
					  "\"why\":\"much_longer_than_any_word_of_a_judgement\"}",
		PAIR("declined", THIRD, FIRST),
		PAIR("declined", THIRD, FAR),
		ABOUT("rescored", THIRD) ",\"context\":\"1\"}",
		ABOUT("rescored", THIRD) ",\"points\":1,\"context\":\"one\"}",
		ABOUT("rescored", SECOND) ",\"points\":1}",        /* is claimed */
	};
	struct fold_incident first, third;
	struct fold_tip before[3];

	(void)unused;
	must(PAIR("linked", THIRD, FIRST));
	must(CHILD("joined", FIRST, FAR, "4000"));
	must(PAIR("declined", THIRD, FAR));
	must(ABOUT("claimed", SECOND) ",\"until\":99}");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		first = *of(FIRST);
		third = *of(THIRD);
		memcpy(before, fold_tips(fold, &(size_t){ 0 }), sizeof(before));
		if (event(wrong[i]))
			fail_msg("taken: %s", wrong[i]);
		assert_memory_equal(fold_tips(fold, &(size_t){ 0 }), before, sizeof(before));
		assert_memory_equal(of(FIRST), &first, sizeof(first));
		assert_memory_equal(of(THIRD), &third, sizeof(third));
		assert_int_equal(of(SECOND)->nchildren + of(SECOND)->npairs, 0);
	}
}

static void a_full_list_takes_no_more(void **unused)
{
	char json[256];

	(void)unused;
	for (unsigned i = 0; i <= FOLD_PAIRS_MAX; i++) {
		snprintf(json, sizeof(json),
			 ABOUT("suggested", THIRD) ",\"incident\":\"44-00000000%02u\",\"score\":1,\"why\":\"\"}", i);
		assert_int_equal(event(json), i < FOLD_PAIRS_MAX);
	}
	must(PAIR("declined", THIRD, FIRST));
	assert_int_equal(of(THIRD)->npairs, FOLD_PAIRS_MAX);
	assert_string_equal(of(THIRD)->pairs[0].other.text, "44-0000000001");
	assert_string_equal(of(THIRD)->pairs[7].other.text, FIRST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_tip_of_which_nothing_is_known_has_an_empty_incident, start, stop),
		cmocka_unit_test_setup_teardown(a_linked_tip_has_a_parent_that_lists_it, start, stop),
		cmocka_unit_test_setup_teardown(children_of_other_shards_come_and_go, start, stop),
		cmocka_unit_test_setup_teardown(suggestions_and_no_to_them, start, stop),
		cmocka_unit_test_setup_teardown(points_and_context, start, stop),
		cmocka_unit_test_setup_teardown(a_tip_that_moved_brings_and_finds_what_is_its_own, start, stop),
		cmocka_unit_test_setup_teardown(what_cannot_follow_changes_nothing, start, stop),
		cmocka_unit_test_setup_teardown(a_full_list_takes_no_more, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
