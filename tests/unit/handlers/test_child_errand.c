/*
 * Whatever is told late, twice or in another order, the list of the parent is
 * what the child's own shard says: on a store in memory, with tips that move.
 */
#include "handlers/notify/child_errand.h"

#include "tests/support/store_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#define PARENT "11-0000000001"
#define CHILD "15-0000000002"

static struct store_rig rig;
static struct arena arena;

static int set_up(void **state)
{
	(void)state;
	store_rig_open(&rig, true);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	store_rig_close(&rig);
	arena_release(&arena);
	return 0;
}

static struct tip_id id_of(const char *text)
{
	struct tip_id id;

	assert_true(tip_id_parse(span_of(text), &id));
	return id;
}

static struct store_tip tip_of(const char *id, int64_t received_ms)
{
	struct store_tip tip = { .id = id_of(id),
				 .region = "110100",
				 .received_ms = received_ms,
				 .event = SPAN("{\"e\":\"accepted\"}"),
				 .sealed = SPAN("sealed") };

	return tip;
}

static void accept(const char *id, int64_t received_ms)
{
	struct store_tip tip = tip_of(id, received_ms);

	store_rig_ask(&rig, &(struct store_request){ .op = STORE_ACCEPT, .tips = &tip, .ntips = 1 });
	assert_int_equal(rig.reply.accepted[0].verdict, STORE_OK);
}

static void arrive(const char *id, int64_t received_ms, const char *parent, unsigned hops)
{
	struct store_tip tip = tip_of(id, received_ms);

	tip.hops = hops;
	snprintf(tip.parent.text, sizeof(tip.parent.text), "%s", parent);
	store_rig_ask(&rig, &(struct store_request){ .op = STORE_RECEIVE, .tips = &tip, .ntips = 1 });
	assert_int_equal(rig.reply.accepted[0].verdict, STORE_OK);
}

static void go_away(const char *id, const char *region)
{
	struct store_change away = { .id = id_of(id),
				     .state = TIP_TRANSFERRED,
				     .event = SPAN("{\"e\":\"transferred_away\"}") };

	memcpy(away.region, region, 6);
	store_rig_ask(&rig, &(struct store_request){ .op = STORE_READ, .id = away.id });
	away.expect_rev = rig.reply.rows[0].rev;
	store_rig_ask(&rig, &(struct store_request){ .op = STORE_CHANGE, .change = &away });
	assert_int_equal(rig.reply.verdict, STORE_OK);
}

static void link_child(enum store_link_kind kind, const char *id)
{
	struct store_link link = { .kind = kind,
				   .id = id_of(id),
				   .other = id_of(PARENT),
				   .received_ms = 1,
				   .event = SPAN("{\"e\":\"fact\"}") };

	store_rig_ask(&rig, &(struct store_request){ .op = STORE_LINK, .link = &link });
	assert_int_equal(rig.reply.verdict, STORE_OK);
}

/* Asks until there is nothing more to ask. */
static enum child_next run(bool joined)
{
	const struct outbox_child intent = { .child = id_of(CHILD),
					     .received_ms = 2,
					     .parent = id_of(PARENT),
					     .joined = joined,
					     .at_ms = 5,
					     .by = SPAN("linker") };
	struct child_errand errand;
	struct store_request next;
	enum child_next end = CHILD_ASK;

	child_errand_begin(&errand, &intent, &next);
	for (int i = 0; end == CHILD_ASK; i++) {
		assert_true(i < 20);
		end = child_errand_answer(&errand, store_rig_ask(&rig, &next), &arena, &next);
	}
	return end;
}

/* The only child of that tip, or "" when it has none. */
static const char *child_of(const char *id)
{
	store_rig_ask(&rig, &(struct store_request){ .op = STORE_CHILDREN, .id = id_of(id), .max = 9 });
	assert_true(rig.reply.nchildren <= 1);
	return rig.reply.nchildren == 1 ? rig.reply.children[0].id.text : "";
}

static void the_parent_lists_what_the_child_says(void **state)
{
	(void)state;
	accept(PARENT, 1);
	accept(CHILD, 2);
	link_child(STORE_LINK_SET, CHILD);
	assert_int_equal(run(true), CHILD_TOLD);
	assert_string_equal(child_of(PARENT), CHILD);
	assert_int_equal(run(true), CHILD_TOLD);
	link_child(STORE_LINK_UNSET, CHILD);
	assert_int_equal(run(false), CHILD_TOLD);
	assert_string_equal(child_of(PARENT), "");
	/* Carried out once more, late: nothing hangs there by now. */
	assert_int_equal(run(true), CHILD_TOLD);
	assert_string_equal(child_of(PARENT), "");
	link_child(STORE_LINK_SET, CHILD);
	assert_int_equal(run(false), CHILD_TOLD);
	assert_string_equal(child_of(PARENT), CHILD);
}

static void a_parent_that_moved_is_told_where_it_is(void **state)
{
	(void)state;
	accept(PARENT, 1);
	accept(CHILD, 2);
	link_child(STORE_LINK_SET, CHILD);
	go_away(PARENT, "440100");
	assert_int_equal(run(true), CHILD_LATER);
	arrive("44-0000000001", 1, "", 1);
	go_away("44-0000000001", "310100");
	assert_int_equal(run(true), CHILD_LATER);
	arrive("31-0000000001", 1, "", 2);
	assert_int_equal(run(true), CHILD_TOLD);
	assert_string_equal(child_of(PARENT), CHILD);
	assert_string_equal(child_of("44-0000000001"), CHILD);
	assert_string_equal(child_of("31-0000000001"), CHILD);
}

static void a_child_that_moved_is_told_under_its_present_id(void **state)
{
	(void)state;
	accept(PARENT, 1);
	accept(CHILD, 2);
	link_child(STORE_LINK_SET, CHILD);
	assert_int_equal(run(true), CHILD_TOLD);
	go_away(CHILD, "440100");
	assert_int_equal(run(true), CHILD_LATER);
	arrive("44-0000000002", 2, PARENT, 1);
	assert_int_equal(run(true), CHILD_TOLD);
	assert_string_equal(child_of(PARENT), "44-0000000002");
	link_child(STORE_LINK_UNSET, "44-0000000002");
	assert_int_equal(run(true), CHILD_TOLD);
	assert_string_equal(child_of(PARENT), "");
}

static void nobody_is_told_where_there_is_nobody(void **state)
{
	(void)state;
	accept(CHILD, 2);
	link_child(STORE_LINK_SET, CHILD);
	assert_int_equal(run(true), CHILD_NOBODY);
	rig.store->up = false;
	assert_int_equal(run(true), CHILD_LATER);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_parent_lists_what_the_child_says),
		TEST(a_parent_that_moved_is_told_where_it_is),
		TEST(a_child_that_moved_is_told_under_its_present_id),
		TEST(nobody_is_told_where_there_is_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
