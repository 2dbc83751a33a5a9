/*
 * What the fold reads of an event, and what it refuses.
 */
#include "daemon/core/journal/fold_fact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static struct fold_fact fact;
static struct complaint why;

static bool reads(const char *json)
{
	return fold_fact_read(span_of(json), &fact, &why);
}

static void every_member_has_its_place(void **unused)
{
	(void)unused;
	assert_true(reads("{\"e\":\"linked\",\"id\":\"15-0000000001\",\"at\":1,\"by\":\"x\",\"incident\":\"15-0000000002\","
			  "\"tip\":\"44-0000000003\",\"received\":2,\"points\":3,\"until\":4,\"messages\":5,\"hops\":6,"
			  "\"score\":7,\"region\":\"150602\",\"mark\":\"m\",\"why\":\"copy\",\"context\":\"1 2\","
			  "\"unknown\":[{\"e\":\"x\"}]}"));
	assert_int_equal(fact.word->kind, FOLD_LINKED);
	assert_string_equal(fact.id.id.text, "15-0000000001");
	assert_string_equal(fact.incident.id.text, "15-0000000002");
	assert_string_equal(fact.tip.id.text, "44-0000000003");
	assert_true(fact.at.has && fact.at.value == 1 && fact.received.value == 2 && fact.points.value == 3);
	assert_true(fact.until.value == 4 && fact.messages.value == 5 && fact.hops.value == 6);
	assert_true(fact.score.has && fact.score.value == 7);
	assert_true(span_is(fact.region, "150602") && span_is(fact.mark, "m") && span_is(fact.by, "x"));
	assert_true(span_is(fact.why, "copy") && span_is(fact.context, "1 2"));
	assert_true(reads("{\"e\":\"sent\"}"));
	assert_false(fact.id.has || fact.at.has || fact.incident.has || fact.score.has);
}

static void words_are_told_apart(void **unused)
{
	static const struct {
		const char *json;
		enum fold_kind kind;
	} words[] = {
		{ "{\"e\":\"accepted\",\"id\":\"15-0000000001\"}", FOLD_BIRTH },
		{ "{\"e\":\"transferred\",\"id\":\"15-0000000001\"}", FOLD_MOVE },
		{ "{\"e\":\"transferred_away\",\"id\":\"15-0000000001\"}", FOLD_MOVE },
		{ "{\"e\":\"joined\",\"id\":\"15-0000000001\"}", FOLD_JOINED },
		{ "{\"e\":\"parted\",\"id\":\"15-0000000001\"}", FOLD_PARTED },
		{ "{\"e\":\"sent_maybe\"}", FOLD_APART },
		{ "{\"e\":\"join_failed\"}", FOLD_APART },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		assert_true(reads(words[i].json));
		assert_int_equal(fact.word->kind, words[i].kind);
	}
	assert_true(reads(words[2].json) && fact.word->event == TIP_EV_TRANSFER_AWAY);
}

static void what_is_out_of_range_is_refused(void **unused)
{
	static const char *const wrong[] = {
		"{\"e\":\"accept\",\"id\":\"15-0000000001\"}",
		"{\"e\":\"note\"}",
		"{\"id\":\"15-0000000001\"}",
		"{\"e\":\"note\",\"id\":15}",
		"{\"e\":\"note\",\"id\":\"15-0000000001\",\"points\":101}",
		"{\"e\":\"note\",\"id\":\"15-0000000001\",\"points\":\"5\"}",
		"{\"e\":\"note\",\"id\":\"15-0000000001\",\"score\":101}",
		"{\"e\":\"note\",\"id\":\"15-0000000001\",\"messages\":4294967296}",
		"{\"e\":\"note\",\"id\":\"15-0000000001\",\"at\":9223372036854775808}",
		"{\"e\":\"note\",\"id\":\"15-0000000001\",\"incident\":\"15\"}",
		"{\"e\":\"note\",\"id\":\"15-0000000001\",\"region\":\"15\"}",
		"{\"e\":\"note\",\"id\":\"15-0000000001\"",
		"{\"e\":\"note\",\"id\":\"15-0000000001\"}x",
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (reads(wrong[i]))
			fail_msg("taken: %s", wrong[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_member_has_its_place),
		cmocka_unit_test(words_are_told_apart),
		cmocka_unit_test(what_is_out_of_range_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
