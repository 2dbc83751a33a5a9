/*
 * What an officer says about incidents over the staff's listener: link, unlink, decline; rights, repetitions,
 * conflicts, what stands in the journal, and that it folds to what the store holds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/loop/flow.h"
#include "daemon/loop/loop.h"
#include "daemon/sys/keys.h"
#include "handlers/notify/outbox_item.h"
#include "tests/support/incident_rig.h"

static struct incident_rig r;

static int begin(void **state)
{
	(void)state;
	incident_rig_open(&r);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	assert_int_equal(flow_count(r.rig.loop), 0);
	incident_rig_close(&r);
	return 0;
}

static int finish_all(void **state)
{
	(void)state;
	app_rig_done();
	return 0;
}

static void assert_answer(struct rig_answer answer, int status, const char *part)
{
	if (answer.status != status || !rig_has(answer.body, part))
		fail_msg("%d %.*s\nwanted: %d %s", answer.status, (int)answer.body.len, answer.body.at, status, part);
}

static void assert_parent(const struct tip_id *id, const char *parent)
{
	assert_string_equal(incident_rig_row(&r, id)->parent.text, parent);
}

/* --- link ---------------------------------------------------------------------------------- */

static void the_younger_hangs_under_the_older_whichever_is_named(void **state)
{
	struct tip_id a = incident_rig_tip(&r, ORDOS, 1);
	struct tip_id b = incident_rig_tip(&r, ORDOS, 2);
	struct tip_id c = incident_rig_tip(&r, ORDOS, 3);

	(void)state;
	assert_answer(incident_rig_say(&r, r.officer, &b, "link", &a), 200, b.text);
	assert_parent(&b, a.text);
	assert_answer(incident_rig_say(&r, r.officer, &a, "link", &c), 200, a.text);
	assert_parent(&c, a.text);
	assert_parent(&a, "");
	assert_true(incident_rig_journal(&r, "15", "\"e\":\"linked\"", "\"by\":\"officer\""));
	assert_true(incident_rig_journal(&r, "15", "\"why\":\"officer\"", "\"score\":100"));
}

static void the_first_tips_of_both_incidents_are_what_is_linked(void **state)
{
	struct tip_id a = incident_rig_tip(&r, ORDOS, 1);
	struct tip_id b = incident_rig_tip(&r, ORDOS, 2);
	struct tip_id c = incident_rig_tip(&r, ORDOS, 3);
	struct tip_id d = incident_rig_tip(&r, ORDOS, 4);

	(void)state;
	assert_answer(incident_rig_say(&r, r.officer, &d, "link", &b), 200, "");
	assert_answer(incident_rig_say(&r, r.officer, &c, "link", &a), 200, "");
	assert_answer(incident_rig_say(&r, r.officer, &d, "link", &c), 200, "");
	assert_parent(&d, b.text);
	assert_parent(&c, a.text);
	assert_parent(&b, a.text);
	assert_parent(&a, "");
}

static void a_repetition_writes_nothing(void **state)
{
	struct tip_id a = incident_rig_tip(&r, ORDOS, 1);
	struct tip_id b = incident_rig_tip(&r, ORDOS, 2);
	size_t events;

	(void)state;
	assert_answer(incident_rig_say(&r, r.officer, &b, "link", &a), 200, "");
	events = incident_rig_events(&r, "15");
	assert_answer(incident_rig_say(&r, r.officer, &b, "link", &a), 200, "");
	assert_answer(incident_rig_say(&r, r.officer, &a, "link", &b), 200, "");
	assert_int_equal(incident_rig_events(&r, "15"), events);
	assert_answer(incident_rig_say(&r, r.officer, &b, "unlink", &a), 200, "");
	events = incident_rig_events(&r, "15");
	assert_answer(incident_rig_say(&r, r.officer, &b, "unlink", &a), 200, "");
	assert_int_equal(incident_rig_events(&r, "15"), events);
}

static void what_makes_no_sense_is_refused(void **state)
{
	struct tip_id a = incident_rig_tip(&r, ORDOS, 1);
	struct tip_id b = incident_rig_tip(&r, ORDOS, 2);
	struct tip_id c = incident_rig_tip(&r, ORDOS, 3);
	struct tip_id none = { .text = "15-0000000000" };
	size_t events = incident_rig_events(&r, "15");

	(void)state;
	assert_answer(incident_rig_say(&r, r.officer, &a, "link", &a), 409, "same_incident");
	assert_answer(incident_rig_say(&r, r.officer, &a, "link", &none), 404, "no_such_tip");
	assert_answer(incident_rig_say(&r, r.officer, &none, "link", &a), 404, "no_such_tip");
	assert_answer(incident_rig_say(&r, r.officer, &a, "unlink", NULL), 409, "not_linked");
	assert_answer(incident_rig_say(&r, r.officer, &b, "unlink", &a), 409, "not_linked");
	assert_answer(incident_rig_say(&r, r.officer, &b, "decline", &a), 409, "not_suggested");
	assert_answer(incident_rig_post(&r, r.officer, &a, "link", "{}"), 400, "\"field\":\"tip\"");
	assert_answer(incident_rig_post(&r, r.officer, &a, "link", "{\"tip\":7}"), 400, "\"field\":\"tip\"");
	assert_answer(incident_rig_post(&r, r.officer, &a, "link", "{\"tip\":\"15-\"}"), 400, "\"field\":\"tip\"");
	assert_answer(incident_rig_post(&r, r.officer, &a, "decline", "{}"), 400, "\"field\":\"tip\"");
	assert_answer(incident_rig_post(&r, r.officer, &a, "unlink", "nonsense"), 400, "not_json");
	assert_int_equal(incident_rig_events(&r, "15"), events);
	assert_answer(incident_rig_say(&r, r.officer, &b, "link", &a), 200, "");
	assert_answer(incident_rig_say(&r, r.officer, &b, "unlink", &c), 409, "already_elsewhere");
	assert_answer(incident_rig_say(&r, r.officer, &b, "decline", &a), 409, "same_incident");
	assert_parent(&b, a.text);
}

static void rights_are_those_of_the_tip_acted_on(void **state)
{
	struct tip_id here = incident_rig_tip(&r, ORDOS, 1);
	struct tip_id there = incident_rig_tip(&r, BEIJING, 2);
	const char *local = incident_rig_bearer(&r, "local", WHO_OFFICER, "150600");
	const char *far = incident_rig_bearer(&r, "far", WHO_OFFICER, "440000");
	const char *auditor = incident_rig_bearer(&r, "auditor", WHO_AUDITOR | WHO_ADMIN, "000000");
	struct rig_answer answer;

	(void)state;
	assert_answer(incident_rig_say(&r, far, &here, "link", &there), 404, "no_such_tip");
	assert_answer(incident_rig_say(&r, auditor, &here, "link", &there), 403, "role_needed");
	assert_parent(&there, "");
	answer = incident_rig_say(&r, local, &here, "link", &there);
	assert_answer(answer, 200, here.text);
	assert_false(rig_has(answer.body, "饭店"));
	assert_parent(&there, here.text);
	assert_answer(incident_rig_say(&r, local, &there, "unlink", NULL), 404, "no_such_tip");
	assert_parent(&there, here.text);
}

/* --- unlink ---------------------------------------------------------------------------------- */

static void what_hangs_under_a_tip_leaves_with_it(void **state)
{
	struct tip_id a = incident_rig_tip(&r, ORDOS, 1);
	struct tip_id b = incident_rig_tip(&r, ORDOS, 2);
	struct tip_id c = incident_rig_tip(&r, ORDOS, 3);

	(void)state;
	assert_answer(incident_rig_say(&r, r.officer, &c, "link", &b), 200, "");
	assert_answer(incident_rig_say(&r, r.officer, &b, "link", &a), 200, "");
	assert_answer(incident_rig_say(&r, r.officer, &b, "unlink", NULL), 200, "\"parent\":null");
	assert_parent(&b, "");
	assert_parent(&c, b.text);
	assert_int_equal(incident_rig_row(&r, &a)->nchildren, 0);
	assert_true(incident_rig_journal(&r, "15", "\"e\":\"unlinked\"", a.text));
	/* The linker leaves it alone from now on; a person may change her mind. */
	assert_int_equal(incident_rig_linker(&r, STORE_LINK_SET, &b, &a), STORE_CONFLICT);
	assert_answer(incident_rig_say(&r, r.officer, &b, "link", &a), 200, "");
	assert_parent(&b, a.text);
}

/* --- decline ----------------------------------------------------------------------------------- */

static void a_suggestion_is_shown_and_can_be_refused_for_good(void **state)
{
	struct tip_id a = incident_rig_tip(&r, ORDOS, 1);
	struct tip_id b = incident_rig_tip(&r, ORDOS, 2);

	(void)state;
	assert_int_equal(incident_rig_linker(&r, STORE_LINK_SUGGEST, &b, &a), STORE_OK);
	assert_answer(incident_rig_get(&r, r.officer, "tips", &b), 200,
		      "\"reasons\":[\"The same place, or near it\",\"Much of the wording is alike\"]");
	assert_answer(incident_rig_say(&r, r.officer, &b, "decline", &a), 200, "\"suggestions\":[]");
	assert_answer(incident_rig_say(&r, r.officer, &b, "decline", &a), 200, "\"suggestions\":[]");
	assert_int_equal(incident_rig_linker(&r, STORE_LINK_SUGGEST, &b, &a), STORE_ALREADY);
	assert_true(incident_rig_journal(&r, "15", "\"e\":\"declined\"", "\"by\":\"officer\""));
	assert_parent(&b, "");
}

static void a_suggestion_is_confirmed_by_linking(void **state)
{
	struct tip_id a = incident_rig_tip(&r, ORDOS, 1);
	struct tip_id b = incident_rig_tip(&r, ORDOS, 2);

	(void)state;
	assert_int_equal(incident_rig_linker(&r, STORE_LINK_SUGGEST, &b, &a), STORE_OK);
	assert_answer(incident_rig_say(&r, r.officer, &b, "link", &a), 200, "\"suggestions\":[]");
	assert_parent(&b, a.text);
}

/* --- other shards -------------------------------------------------------------------------------- */

static void assert_intent(const char *shard, bool joined, const struct tip_id *parent, const struct tip_id *child)
{
	struct span payload = incident_rig_intent(&r, shard);
	struct outbox_item item;

	assert_true(outbox_item_open(keys_courier(r.rig.app.keys), payload, &r.arena, &item));
	assert_int_equal(item.kind, OUTBOX_CHILD);
	assert_int_equal(item.child.joined, joined);
	assert_string_equal(item.child.parent.text, parent->text);
	assert_string_equal(item.child.child.text, child->text);
	assert_int_equal(item.child.received_ms, incident_rig_row(&r, child)->received_ms);
	assert_true(span_is(item.child.by, "officer"));
}

static void a_parent_in_another_shard_is_told(void **state)
{
	struct tip_id a = incident_rig_tip(&r, BEIJING, 1);
	struct tip_id b = incident_rig_tip(&r, ORDOS, 2);

	(void)state;
	assert_answer(incident_rig_say(&r, r.officer, &a, "link", &b), 200, a.text);
	assert_parent(&b, a.text);
	assert_intent("15", true, &a, &b);
	assert_answer(incident_rig_say(&r, r.officer, &b, "unlink", NULL), 200, b.text);
	assert_parent(&b, "");
	assert_intent("15", false, &a, &b);
}

/* The parent went away with its list: it is told there. */
static void a_parent_that_moved_is_told_where_it_is(void **state)
{
	struct tip_id a = incident_rig_tip(&r, ORDOS, 1);
	struct tip_id b = incident_rig_tip(&r, ORDOS, 2);

	(void)state;
	assert_answer(incident_rig_say(&r, r.officer, &b, "link", &a), 200, "");
	incident_rig_send_away(&r, &a, "110101");
	a = incident_rig_arrive(&r, &a, "110101");
	assert_answer(incident_rig_say(&r, r.officer, &b, "unlink", &a), 200, b.text);
	assert_parent(&b, "");
	assert_intent("15", false, &a, &b);
}

static void a_tip_on_its_way_is_left_alone(void **state)
{
	struct tip_id a = incident_rig_tip(&r, ORDOS, 1);
	struct tip_id b = incident_rig_tip(&r, ORDOS, 2);

	(void)state;
	incident_rig_send_away(&r, &b, "110101");
	assert_answer(incident_rig_say(&r, r.officer, &b, "link", &a), 409, "changed_meanwhile");
	assert_answer(incident_rig_say(&r, r.officer, &a, "link", &b), 409, "changed_meanwhile");
	assert_parent(&b, "");
}

/* --- trouble --------------------------------------------------------------------------------------- */

static void somebody_faster(void *ctx)
{
	const struct tip_id *ids = ctx;

	assert_int_equal(incident_rig_link_now(&r, &ids[1], &ids[0]), STORE_OK);
	r.rig.store->trouble = TROUBLE_NONE;
	store_double_release(r.rig.store);
}

static void when_somebody_was_faster_all_is_decided_anew(void **state)
{
	struct tip_id ids[3] = { incident_rig_tip(&r, ORDOS, 1), incident_rig_tip(&r, ORDOS, 2),
				 incident_rig_tip(&r, ORDOS, 3) };

	(void)state;
	/* c is to hang under b; before that is written b itself goes under a: c's new place is a. */
	r.rig.store->trouble = TROUBLE_HELD;
	r.rig.store->trouble_of = STORE_READ;
	r.rig.store->trouble_after = 1;
	loop_after(r.rig.loop, 50, somebody_faster, ids);
	assert_answer(incident_rig_say(&r, r.officer, &ids[2], "link", &ids[1]), 200, ids[2].text);
	assert_string_equal(incident_rig_root(&r, &ids[2]).text, ids[0].text);
}

static void a_store_that_is_away_is_said_so(void **state)
{
	static const char *const names[] = { "link", "unlink", "decline" };
	struct tip_id a = incident_rig_tip(&r, ORDOS, 1);
	struct tip_id b = incident_rig_tip(&r, ORDOS, 2);

	(void)state;
	r.rig.store->trouble = TROUBLE_LOST;
	r.rig.store->trouble_of = STORE_LINK;
	assert_answer(incident_rig_say(&r, r.officer, &b, "link", &a), 503, "store_unavailable");
	r.rig.store->trouble = TROUBLE_NONE;
	r.rig.store->base.up = false;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		assert_answer(incident_rig_say(&r, r.officer, &b, names[i], &a), 503, "audit_unavailable");
	r.rig.store->base.up = true;
	assert_parent(&b, "");
}

/* Carried out, but the answer was lost: asking again is harmless. */
static void an_answer_that_was_lost_can_be_asked_for_again(void **state)
{
	struct tip_id a = incident_rig_tip(&r, ORDOS, 1);
	struct tip_id b = incident_rig_tip(&r, ORDOS, 2);

	(void)state;
	r.rig.store->trouble = TROUBLE_MUTE;
	r.rig.store->trouble_of = STORE_LINK;
	assert_answer(incident_rig_say(&r, r.officer, &b, "link", &a), 503, "store_unavailable");
	r.rig.store->trouble = TROUBLE_NONE;
	assert_parent(&b, a.text);
	assert_answer(incident_rig_say(&r, r.officer, &b, "link", &a), 200, b.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_younger_hangs_under_the_older_whichever_is_named, begin, finish),
		cmocka_unit_test_setup_teardown(the_first_tips_of_both_incidents_are_what_is_linked, begin, finish),
		cmocka_unit_test_setup_teardown(a_repetition_writes_nothing, begin, finish),
		cmocka_unit_test_setup_teardown(what_makes_no_sense_is_refused, begin, finish),
		cmocka_unit_test_setup_teardown(rights_are_those_of_the_tip_acted_on, begin, finish),
		cmocka_unit_test_setup_teardown(what_hangs_under_a_tip_leaves_with_it, begin, finish),
		cmocka_unit_test_setup_teardown(a_suggestion_is_shown_and_can_be_refused_for_good, begin, finish),
		cmocka_unit_test_setup_teardown(a_suggestion_is_confirmed_by_linking, begin, finish),
		cmocka_unit_test_setup_teardown(a_parent_in_another_shard_is_told, begin, finish),
		cmocka_unit_test_setup_teardown(a_parent_that_moved_is_told_where_it_is, begin, finish),
		cmocka_unit_test_setup_teardown(a_tip_on_its_way_is_left_alone, begin, finish),
		cmocka_unit_test_setup_teardown(when_somebody_was_faster_all_is_decided_anew, begin, finish),
		cmocka_unit_test_setup_teardown(a_store_that_is_away_is_said_so, begin, finish),
		cmocka_unit_test_setup_teardown(an_answer_that_was_lost_can_be_asked_for_again, begin, finish),
	};

	return cmocka_run_group_tests(tests, NULL, finish_all);
}
