/*
 * The table of actions: every row is a move of the lifecycle, has an event the
 * fold knows, and reads its body strictly.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/core/journal/fold.h"
#include "handlers/bureau/actions.h"

#include <stdio.h>

static struct arena arena;

static int finish(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static bool reads(const char *action, const char *json, struct action_wish *wish, struct problem *problem)
{
	struct json_object *body = arena_new(&arena, struct json_object);
	struct complaint why;

	*wish = (struct action_wish){ 0 };
	assert_true(json_object_read(span_of(json), &arena, body, &why));
	return action_find(span_of(action))->read(body, wish, problem);
}

static void names_are_unique_and_found(void **state)
{
	size_t n;
	const struct action *all = actions(&n);

	(void)state;
	assert_true(n >= 8);
	for (size_t i = 0; i < n; i++)
		assert_ptr_equal(action_find(span_of(all[i].name)), &all[i]);
	assert_null(action_find(SPAN("")));
	assert_null(action_find(SPAN("claim")));
	assert_null(action_find(SPAN("rene")));
}

static void every_action_is_a_move_for_somebody(void **state)
{
	size_t n;
	const struct action *all = actions(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		unsigned states = 0;

		for (enum tip_state from = 0; from < TIP_STATES; from++)
			states += tip_move_find(from, all[i].event,
						TIP_BY_OFFICER | TIP_BY_VERIFIER | TIP_BY_ADMIN) != NULL;
		if (states == 0)
			fail_msg("%s", all[i].name);
	}
}

/* Brings a tip into each state and lets the fold take the action's event: it must know the word, with the same move. */
static void the_fold_knows_every_event_by_its_word(void **state)
{
	static const char birth[] = "{\"e\":\"accepted\",\"id\":\"15-0000000001\",\"at\":1,\"region\":\"150602\","
				    "\"points\":5,\"mark\":\"00112233445566778899aabbccddeeff\"}";
	static const char *const ways[TIP_STATES] = {
		[TIP_CLAIMED] = "claimed",
		[TIP_VERIFIED] = "verified",
		[TIP_CLOSED] = "closed",
	};
	size_t n;
	const struct action *all = actions(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		for (enum tip_state from = TIP_QUEUED; from <= TIP_CLOSED; from++) {
			const struct tip_move *move = tip_move_find(from, all[i].event, ~0u);
			struct fold *fold = fold_new(1);
			struct tip_id id = { .text = "15-0000000001" };
			struct complaint why;
			uint64_t number = 1;

			assert_true(fold_event(fold, SPAN("15"), number, span_of(birth), &why));
			for (enum tip_state s = TIP_CLAIMED; s <= from; s++)
				assert_true(fold_event(fold, SPAN("15"), ++number,
						       span_of(arena_printf(&arena,
									    "{\"e\":\"%s\",\"id\":\"15-0000000001\",\"at\":2,"
									    "\"by\":\"o\",\"until\":9}",
									    ways[s])),
						       &why));
			/* A hold is lifted where there is one, by two persons. */
			if (all[i].event == TIP_EV_ASK_LIFT)
				assert_true(fold_event(fold, SPAN("15"), ++number,
						       SPAN("{\"e\":\"held\",\"id\":\"15-0000000001\",\"at\":2,\"by\":\"v\"}"), &why));
			assert_int_equal(fold_event(fold, SPAN("15"), ++number,
						    span_of(arena_printf(&arena,
									 "{\"e\":\"%s\",\"id\":\"15-0000000001\",\"at\":3,"
									 "\"by\":\"o\",\"region\":\"150602\",\"points\":5}",
									 all[i].journal)),
						    &why),
					 move != NULL);
			if (move != NULL)
				assert_int_equal(fold_find(fold, &id)->state, move->to);
			fold_free(fold);
		}
	}
}

static void bodies_are_read_strictly(void **state)
{
	static const struct {
		const char *action;
		const char *json;
		const char *field;   /* NULL: fine */
	} cases[] = {
		{ "renew", "{}", NULL },
		{ "renew", "{\"lease_s\":60}", NULL },
		{ "renew", "{\"lease_s\":\"60\"}", "lease_s" },
		{ "renew", "{\"lease_s\":0}", "lease_s" },
		{ "renew", "{\"lease_s\":1e3}", "lease_s" },
		{ "renew", "{\"lease_s\":18446744073709551617}", "lease_s" },
		{ "release", "{}", NULL },
		{ "release", "{\"reason\":null}", NULL },
		{ "release", "{\"reason\":1}", "reason" },
		{ "transfer", "{\"region\":\"110101\",\"reason\":\"r\"}", NULL },
		{ "transfer", "{\"region\":\"1101011\",\"reason\":\"r\"}", "region" },
		{ "transfer", "{\"region\":\"11010x\",\"reason\":\"r\"}", "region" },
		{ "transfer", "{\"region\":\"110101\",\"reason\":\"\"}", "reason" },
		{ "message", "{\"text\":\"t\"}", NULL },
		{ "message", "{}", "text" },
		{ "verify", "{\"verdict\":\"unfounded\",\"note\":\"n\"}", NULL },
		{ "verify", "{\"verdict\":\"verifie\"}", "verdict" },
		{ "verify", "{}", "verdict" },
		{ "close", "{\"outcome\":\"duplicate\",\"note\":\"n\"}", NULL },
		{ "close", "{\"outcome\":\"duplicate\"}", "note" },
		{ "close", "{\"outcome\":\"duplicate\",\"note\":\" \"}", "note" },
		{ "close", "{\"outcome\":\"\"}", "outcome" },
		{ "reopen", "{\"reason\":\"r\"}", NULL },
		{ "reopen", "{}", "reason" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct action_wish wish;
		struct problem problem = { 0 };
		bool fine = reads(cases[i].action, cases[i].json, &wish, &problem);

		if (fine != (cases[i].field == NULL))
			fail_msg("%s %s", cases[i].action, cases[i].json);
		if (!fine) {
			assert_int_equal(problem.status, 400);
			assert_string_equal(problem.field, cases[i].field);
		}
	}
}

static void what_was_wished_arrives(void **state)
{
	struct action_wish wish;
	struct problem problem;

	(void)state;
	assert_true(reads("transfer", "{\"region\":\"110101\",\"reason\":\"it is there\"}", &wish, &problem));
	assert_true(span_is(wish.region, "110101") && span_is(wish.reason, "it is there"));
	assert_true(reads("close", "{\"outcome\":\"prank\",\"note\":\"n\"}", &wish, &problem));
	assert_true(span_is(wish.outcome, "prank") && span_is(wish.text, "n"));
	assert_true(reads("renew", "{\"lease_s\":7}", &wish, &problem));
	assert_int_equal(wish.lease_s, 7);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, finish)
	const struct CMUnitTest tests[] = {
		TEST(names_are_unique_and_found),
		TEST(every_action_is_a_move_for_somebody),
		TEST(the_fold_knows_every_event_by_its_word),
		TEST(bodies_are_read_strictly),
		TEST(what_was_wished_arrives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
