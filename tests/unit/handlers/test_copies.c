/*
 * Tips that tell the same as an incident: each becomes part of it and is closed as a duplicate, or is told why not,
 * alone; once however often it is asked; and nothing stays half taken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/loop/flow.h"
#include "handlers/intake/supplement.h"
#include "tests/support/incident_rig.h"

#define COPIES_MAX 100

static struct incident_rig r;
static const char *other;   /* an officer of the same province */
static struct tip_id first, copy, third;

static int begin(void **state)
{
	(void)state;
	incident_rig_open(&r);
	other = incident_rig_bearer(&r, "other", WHO_OFFICER, "150000");
	first = incident_rig_tip(&r, ORDOS, 1);
	copy = incident_rig_tip(&r, ORDOS, 2);
	third = incident_rig_tip(&r, ORDOS, 3);
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

/* --- calls ------------------------------------------------------------------------------------- */

static struct rig_answer post(const char *who, const char *incident, const char *body)
{
	return app_rig_ask(&r.rig, SITE_STAFF, "POST", arena_printf(&r.arena, "/api/v1/incidents/%s/copies", incident), who, span_of(body));
}

static struct span results(struct rig_answer answer)
{
	if (answer.status != 200)
		fail_msg("%d %.*s", answer.status, (int)answer.body.len, answer.body.at);
	return arena_dup(&r.arena, answer.body);
}

static struct span copies(const char *who, const struct tip_id *to, const struct tip_id *tip)
{
	return results(post(who, to->text, arena_printf(&r.arena, "{\"tips\":[\"%s\"]}", tip->text)));
}

static void assert_done(struct span json, const struct tip_id *tip)
{
	const char *part = arena_printf(&r.arena, "{\"tip\":\"%s\",\"done\":true}", tip->text);

	if (!rig_has(json, part))
		fail_msg("%.*s\nwanted: %s", (int)json.len, json.at, part);
}

static void assert_not(struct span json, const struct tip_id *tip, const char *code)
{
	const char *part = arena_printf(&r.arena, "{\"tip\":\"%s\",\"done\":false,\"code\":\"%s\",\"detail\":\"", tip->text, code);

	if (!rig_has(json, part))
		fail_msg("%.*s\nwanted: %s", (int)json.len, json.at, part);
}

static void assert_refused(struct rig_answer answer, int status, const char *part)
{
	if (answer.status != status || !rig_has(answer.body, part))
		fail_msg("%d %.*s\nwanted: %d %s", answer.status, (int)answer.body.len, answer.body.at, status, part);
}

static bool is_copy(const struct tip_id *tip)
{
	const struct store_row *row = incident_rig_row(&r, tip);

	return row->state == TIP_CLOSED && span_is(row->end.outcome, "duplicate");
}

static void assert_untouched(const struct tip_id *tip)
{
	const struct store_row *row = incident_rig_row(&r, tip);

	assert_int_equal(row->state, TIP_QUEUED);
	assert_true(span_empty(row->holder));
	assert_true(row->parent.text[0] == '\0');
}

/* --- what becomes of them ------------------------------------------------------------------------ */

static void each_becomes_part_of_it_and_is_closed(void **state)
{
	struct span json = results(post(r.officer, first.text, arena_printf(&r.arena, "{\"tips\":[\"%s\",\"%s\"]}", copy.text, third.text)));

	(void)state;
	assert_done(json, &copy);
	assert_done(json, &third);
	assert_true(is_copy(&copy) && is_copy(&third));
	assert_string_equal(incident_rig_root(&r, &copy).text, first.text);
	assert_string_equal(incident_rig_root(&r, &third).text, first.text);
	assert_int_equal(incident_rig_row(&r, &first)->state, TIP_QUEUED);
	assert_true(rig_has(incident_rig_get(&r, r.officer, "tips", &copy).body, arena_printf(&r.arena, "The same as tip %s.", first.text)));
}

static void what_is_done_is_not_done_again(void **state)
{
	size_t events;

	(void)state;
	assert_done(copies(r.officer, &first, &copy), &copy);
	events = incident_rig_events(&r, "15");
	assert_done(copies(r.officer, &first, &copy), &copy);
	assert_done(copies(other, &first, &copy), &copy);
	assert_int_equal(incident_rig_events(&r, "15"), events);
}

static void any_tip_of_the_incident_names_it(void **state)
{
	(void)state;
	assert_done(copies(r.officer, &first, &copy), &copy);
	assert_done(copies(r.officer, &copy, &third), &third);
	assert_string_equal(incident_rig_root(&r, &third).text, first.text);
}

static void the_note_is_the_officers_own(void **state)
{
	(void)state;
	results(post(r.officer, first.text, arena_printf(&r.arena, "{\"tips\":[\"%s\"],\"note\":\"三个人说的是同一件事\"}", copy.text)));
	assert_true(rig_has(incident_rig_get(&r, r.officer, "tips", &copy).body, "三个人说的是同一件事"));
}

/* --- what is refused, and leaves the others alone --------------------------------------------------- */

static void one_that_is_refused_leaves_the_others_alone(void **state)
{
	struct span json;

	(void)state;
	assert_int_equal(incident_rig_post(&r, other, &copy, "claim", "{}").status, 200);
	json = results(post(r.officer, first.text,
			    arena_printf(&r.arena, "{\"tips\":[\"%s\",\"15-ZZZZZZZZZZ\",\"%s\",\"%s\"]}", copy.text, first.text, third.text)));
	assert_not(json, &copy, "held_by_other");
	assert_not(json, &(struct tip_id){ .text = "15-ZZZZZZZZZZ" }, "no_such_tip");
	assert_not(json, &first, "first_of_incident");
	assert_done(json, &third);
	assert_true(span_is(incident_rig_row(&r, &copy)->holder, "other"));
	assert_true(incident_rig_row(&r, &copy)->parent.text[0] == '\0');
}

static void what_came_before_is_no_copy_of_what_came_after(void **state)
{
	(void)state;
	assert_not(copies(r.officer, &third, &first), &first, "first_of_incident");
	assert_untouched(&first);
	assert_untouched(&third);
}

static void what_ended_otherwise_stays_as_it_ended(void **state)
{
	(void)state;
	assert_int_equal(incident_rig_post(&r, r.officer, &copy, "claim", "{}").status, 200);
	assert_int_equal(incident_rig_post(&r, r.officer, &copy, "close", "{\"outcome\":\"prank\",\"note\":\"x\"}").status, 200);
	assert_not(copies(r.officer, &first, &copy), &copy, "not_in_this_state");
	assert_true(span_is(incident_rig_row(&r, &copy)->end.outcome, "prank"));
}

static void of_other_regions_is_neither_incident_nor_copy(void **state)
{
	const char *beijing = incident_rig_bearer(&r, "beijing", WHO_OFFICER, "110000");
	struct tip_id foreign = incident_rig_tip(&r, BEIJING, 9);

	(void)state;
	assert_refused(post(beijing, first.text, arena_printf(&r.arena, "{\"tips\":[\"%s\"]}", foreign.text)), 404, "\"code\":\"no_such_tip\"");
	assert_not(copies(other, &first, &foreign), &foreign, "no_such_tip");
	assert_untouched(&foreign);
}

static void one_that_passed_upwards_is_not_theirs_to_close(void **state)
{
	const char *county = incident_rig_bearer(&r, "county", WHO_OFFICER, "150602");

	(void)state;
	incident_rig_raise(&r, &copy, "150600");
	assert_not(copies(county, &first, &copy), &copy, "escalated");
	assert_untouched(&copy);
}

static void a_body_that_is_none_is_refused_whole(void **state)
{
	static const char *const bodies[] = {
		"{}", "{\"tips\":[]}", "{\"tips\":null}", "{\"tips\":\"15-7K3MQ2X9RD\"}", "{\"tips\":[1]}", "{\"tips\":[null]}", "{\"tips\":[[\"15-7K3MQ2X9RD\"]]}",
		"{\"tips\":[\"15-7K3MQ2X9RD0\"]}", "{\"tips\":[\"15-*\"]}", "{\"tips\":[\"15-7K3MQ2X9RD\",\"\"]}", "{\"tips\":{}}",
	};
	const char *many = arena_printf(&r.arena, "\"%s\"", copy.text);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bodies); i++)
		assert_refused(post(r.officer, first.text, bodies[i]), 400, "\"field\":\"tips\"");
	for (size_t i = 0; i < COPIES_MAX; i++)
		many = arena_printf(&r.arena, "%s,\"%s\"", many, copy.text);
	assert_refused(post(r.officer, first.text, arena_printf(&r.arena, "{\"tips\":[%s]}", many)), 400, "\"field\":\"tips\"");
	assert_refused(post(r.officer, first.text, arena_printf(&r.arena, "{\"tips\":[\"%s\"],\"note\":5}", copy.text)), 400, "\"field\":\"note\"");
	assert_refused(post(r.officer, first.text, arena_printf(&r.arena, "{\"tips\":[\"%s\"],\"note\":\"%04001d\"}", copy.text, 0)), 400, "\"field\":\"note\"");
	assert_refused(post(r.officer, "x", arena_printf(&r.arena, "{\"tips\":[\"%s\"]}", copy.text)), 404, "\"code\":\"no_such_tip\"");
	assert_untouched(&copy);
}

/* --- a world that fails -------------------------------------------------------------------------------- */

static void without_a_store_the_call_is_refused(void **state)
{
	(void)state;
	r.rig.store->trouble = TROUBLE_LOST;
	r.rig.store->trouble_of = STORE_READ;
	assert_refused(post(r.officer, first.text, arena_printf(&r.arena, "{\"tips\":[\"%s\"]}", copy.text)), 503, "\"code\":\"store_unavailable\"");
	r.rig.store->trouble = TROUBLE_NONE;
	assert_untouched(&copy);
}

/* Wherever the store goes away in the middle: it is told, and asked again it is finished. */
static void what_was_cut_off_is_finished_by_asking_again(void **state)
{
	static const enum store_op ops[] = { STORE_READ, STORE_LINK, STORE_CLAIM, STORE_CHANGE };
	static const enum store_trouble troubles[] = { TROUBLE_LOST, TROUBLE_MUTE };
	unsigned second = 10;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(ops); i++)
		for (size_t j = 0; j < COUNT_OF(troubles); j++) {
			struct tip_id tip = incident_rig_tip(&r, ORDOS, second++);

			r.rig.store->trouble = troubles[j];
			r.rig.store->trouble_of = ops[i];
			r.rig.store->trouble_after = ops[i] == STORE_READ ? 1 : 0;
			assert_not(copies(r.officer, &first, &tip), &tip, "store_unavailable");
			r.rig.store->trouble = TROUBLE_NONE;
			assert_done(copies(r.officer, &first, &tip), &tip);
			assert_true(is_copy(&tip));
		}
}

static void informant_reopens(const struct tip_id *tip)
{
	static const struct seal_key key = { .bytes = { 3 } };
	struct store_change change;

	supplement_change(incident_rig_row(&r, tip), &key, &(struct supplement){ .text = SPAN("look again") }, true, 1000, &r.arena, &change);
	assert_int_equal(incident_rig_ask(&r, &(struct store_request){ .op = STORE_CHANGE, .change = &change })->verdict, STORE_OK);
}

/* Who decided on a tip before may not close it when it came back: it is somebody else's, and waits for them. */
static void what_cannot_be_closed_goes_back_to_its_queue(void **state)
{
	(void)state;
	assert_int_equal(incident_rig_post(&r, r.officer, &copy, "claim", "{}").status, 200);
	assert_int_equal(incident_rig_post(&r, r.officer, &copy, "close", "{\"outcome\":\"unfounded\",\"note\":\"x\"}").status, 200);
	informant_reopens(&copy);
	assert_not(copies(r.officer, &first, &copy), &copy, "second_person");
	assert_int_equal(incident_rig_row(&r, &copy)->state, TIP_QUEUED);
	assert_true(span_empty(incident_rig_row(&r, &copy)->holder));
	assert_done(copies(other, &first, &copy), &copy);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(each_becomes_part_of_it_and_is_closed),
		TEST(what_is_done_is_not_done_again),
		TEST(any_tip_of_the_incident_names_it),
		TEST(the_note_is_the_officers_own),
		TEST(one_that_is_refused_leaves_the_others_alone),
		TEST(what_came_before_is_no_copy_of_what_came_after),
		TEST(what_ended_otherwise_stays_as_it_ended),
		TEST(of_other_regions_is_neither_incident_nor_copy),
		TEST(one_that_passed_upwards_is_not_theirs_to_close),
		TEST(a_body_that_is_none_is_refused_whole),
		TEST(without_a_store_the_call_is_refused),
		TEST(what_was_cut_off_is_finished_by_asking_again),
		TEST(what_cannot_be_closed_goes_back_to_its_queue),
	};

	return cmocka_run_group_tests(tests, NULL, finish_all);
}
