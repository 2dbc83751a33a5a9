/*
 * The whole incident of a tip over the staff's listener: the same from each of its tips, in order of acceptance,
 * over shards and transfers, with words only where the person may read them, bounded, and honest when something fails.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/loop/flow.h"
#include "daemon/sys/keys.h"
#include "handlers/bureau/descent.h"
#include "tests/support/incident_rig.h"

#include <stdio.h>

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

static struct span whole(const char *who, const struct tip_id *id)
{
	struct rig_answer answer = incident_rig_get(&r, who, "incidents", id);

	if (answer.status != 200)
		fail_msg("%d %.*s", answer.status, (int)answer.body.len, answer.body.at);
	return arena_dup(&r.arena, answer.body);
}

/* The id of the member with that number; empty when there is none. */
static const char *member(struct span json, size_t number)
{
	const char *head = arena_printf(&r.arena, "\"number\":%zu,\"id\":\"", number);
	size_t at = span_find(json, span_of(head));

	if (at == json.len)
		return "";
	return arena_printf(&r.arena, "%.13s", json.at + at + strlen(head));
}

static void assert_has(struct span json, const char *part)
{
	if (!rig_has(json, part))
		fail_msg("%.*s\nwanted: %s", (int)json.len, json.at, part);
}

static void assert_lacks(struct span json, const char *part)
{
	if (rig_has(json, part))
		fail_msg("%.*s\nunwanted: %s", (int)json.len, json.at, part);
}

static void link_under(const struct tip_id *id, const struct tip_id *parent)
{
	assert_int_equal(incident_rig_linker(&r, STORE_LINK_SET, id, parent), STORE_OK);
	if (memcmp(id->text, parent->text, 2) != 0)
		incident_rig_child(&r, parent, id);
}

/* --- members ------------------------------------------------------------------------------- */

static void a_tip_alone_is_an_incident_of_one(void **state)
{
	struct tip_id a = incident_rig_tip(&r, ORDOS, 1);
	struct span json = whole(r.officer, &a);

	(void)state;
	assert_has(json, arena_printf(&r.arena, "{\"id\":\"%s\",\"tips\":1,\"more\":false", a.text));
	assert_string_equal(member(json, 1), a.text);
	assert_has(json, "\"link\":null,\"copy\":false,\"within\":true,\"readable\":true");
	assert_has(json, "砖厂");
	assert_has(json, "\"suggestions\":[]");
}

static void why_a_tip_hangs_there_is_told_in_words(void **state)
{
	struct tip_id a = incident_rig_tip(&r, ORDOS, 1);
	struct tip_id b = incident_rig_tip(&r, ORDOS, 2);
	struct tip_id c = incident_rig_tip(&r, ORDOS, 3);
	const char *zh = arena_printf(&r.arena, "%sAccept-Language: zh-CN\r\n", r.officer);

	(void)state;
	link_under(&b, &a);
	incident_rig_say(&r, r.officer, &c, "link", &a);
	assert_has(whole(r.officer, &a), "\"link\":{\"score\":61,\"why\":\"copy\",\"reasons\":[\"The same message, "
					  "forwarded or little changed\"],\"evidence\":[{\"kind\":\"place\",\"here\":[[0,8]],\"there\":[[0,8]]},"
					  "{\"kind\":\"words\",\"here\":[[0,24]],\"there\":[[0,24]]}]},\"copy\":true");
	assert_has(whole(r.officer, &a), "\"link\":{\"score\":100,\"why\":\"officer\"");
	assert_has(whole(zh, &a), "内容相同");
	assert_has(whole(zh, &a), "由办案人员确认");
}

static void an_incident_reaches_over_shards(void **state)
{
	struct tip_id a = incident_rig_tip(&r, BEIJING, 1);
	struct tip_id b = incident_rig_tip(&r, ORDOS, 2);
	struct tip_id c = incident_rig_tip(&r, ORDOS, 3);
	const char *local = incident_rig_bearer(&r, "local", WHO_VERIFIER, "150600");
	struct span json;

	(void)state;
	link_under(&b, &a);
	link_under(&c, &b);
	json = whole(local, &c);
	assert_string_equal(member(json, 1), a.text);
	assert_string_equal(member(json, 2), b.text);
	assert_string_equal(member(json, 3), c.text);
	/* Of the one in another province: where and when, not what. */
	assert_lacks(json, "饭店");
	assert_has(json, "\"within\":false,\"readable\":false");
	assert_has(json, "\"region\":\"110101\"");
	assert_has(whole(r.officer, &c), "饭店");
	assert_int_equal(incident_rig_get(&r, local, "incidents", &a).status, 404);
}

/* --- any forest ------------------------------------------------------------------------------- */

#define FOREST 24

static uint32_t seed;

static unsigned drawn(unsigned below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

static unsigned root_of(const unsigned *parent, unsigned at)
{
	while (parent[at] != at)
		at = parent[at];
	return at;
}

static void assert_incident(const struct tip_id *ids, const unsigned *parent, unsigned at)
{
	struct span json = whole(r.officer, &ids[at]);
	size_t number = 0;

	for (unsigned i = 0; i < FOREST; i++)
		if (root_of(parent, i) == root_of(parent, at))
			assert_string_equal(member(json, ++number), ids[i].text);
	assert_string_equal(member(json, number + 1), "");
	assert_has(json, arena_printf(&r.arena, "\"tips\":%zu,\"more\":false", number));
}

/* Officers link and unlink as they like; what they see is what a model of trees says. */
static void what_officers_do_is_what_they_see(void **state)
{
	static const char *const words[] = { ORDOS, ORDOS, "鄂尔多斯市东胜区有人在路边摆摊" };
	struct tip_id ids[FOREST];
	unsigned parent[FOREST];

	(void)state;
	seed = 7;
	for (unsigned i = 0; i < FOREST; i++) {
		ids[i] = incident_rig_tip(&r, words[i % COUNT_OF(words)], i);
		parent[i] = i;
	}
	for (unsigned round = 0; round < 80; round++) {
		unsigned a = drawn(FOREST);
		unsigned b = drawn(FOREST);
		unsigned roots[2] = { root_of(parent, a), root_of(parent, b) };

		if (round % 3 == 2) {
			int status = incident_rig_say(&r, r.officer, &ids[a], "unlink", NULL).status;

			assert_int_equal(status, parent[a] == a ? 409 : 200);
			parent[a] = a;
		} else if (a != b) {
			assert_int_equal(incident_rig_say(&r, r.officer, &ids[a], "link", &ids[b]).status, 200);
			parent[roots[0] > roots[1] ? roots[0] : roots[1]] = roots[0] < roots[1] ? roots[0] : roots[1];
		}
		assert_incident(ids, parent, a);
		assert_incident(ids, parent, b);
	}
}

static void of_a_great_incident_the_first_are_shown(void **state)
{
	struct tip_id first = incident_rig_tip(&r, ORDOS, 0);
	struct tip_id last = first;
	struct span json;

	(void)state;
	for (unsigned i = 1; i < DESCENT_MAX + 5; i++) {
		last = incident_rig_tip(&r, "东胜", i);
		link_under(&last, &first);
	}
	json = whole(r.officer, &last);
	assert_string_equal(member(json, 1), first.text);
	assert_string_equal(member(json, DESCENT_MAX + 1), "");
	assert_true(member(json, DESCENT_MAX)[0] != '\0');
	assert_has(json, "\"more\":true");
}

/* More data keys than one fetch takes. */
static void tips_of_many_data_keys_are_all_readable(void **state)
{
	struct tip_id first = incident_rig_tip(&r, ORDOS, 0);

	(void)state;
	for (unsigned i = 1; i < 150; i++) {
		struct tip_id id = incident_rig_tip(&r, ORDOS, i * (unsigned)(KEYS_PERIOD_MS / 1000));

		link_under(&id, &first);
	}
	assert_lacks(whole(r.officer, &first), "\"readable\":false");
}

/* --- transfers ------------------------------------------------------------------------------------ */

static void a_member_that_moved_is_told_where_it_is(void **state)
{
	struct tip_id a = incident_rig_tip(&r, ORDOS, 1);
	struct tip_id b = incident_rig_tip(&r, ORDOS, 2);
	struct tip_id c = incident_rig_tip(&r, ORDOS, 3);
	struct span json;

	(void)state;
	link_under(&b, &a);
	link_under(&c, &b);
	incident_rig_send_away(&r, &b, "110101");
	json = whole(r.officer, &c);
	assert_string_equal(member(json, 2), b.text);
	assert_has(json, "\"state\":\"transferred\"");
	assert_string_equal(member(json, 3), c.text);
	b = incident_rig_arrive(&r, &b, "110101");
	json = whole(r.officer, &c);
	assert_string_equal(member(json, 1), a.text);
	assert_string_equal(member(json, 2), b.text);
	assert_string_equal(member(json, 3), c.text);
	assert_string_equal(member(json, 4), "");
	assert_lacks(json, "\"state\":\"transferred\"");
	assert_string_equal(incident_rig_row(&r, &b)->parent.text, a.text);
}

static void a_first_tip_that_moved_keeps_its_incident(void **state)
{
	struct tip_id a = incident_rig_tip(&r, ORDOS, 1);
	struct tip_id b = incident_rig_tip(&r, ORDOS, 2);
	struct span json;

	(void)state;
	link_under(&b, &a);
	incident_rig_send_away(&r, &a, "110101");
	a = incident_rig_arrive(&r, &a, "110101");
	json = whole(r.officer, &b);
	assert_has(json, arena_printf(&r.arena, "{\"id\":\"%s\",\"tips\":2", a.text));
	assert_string_equal(member(json, 1), a.text);
	assert_string_equal(member(json, 2), b.text);
}

/* The parent of another shard has not heard yet that the child is gone. */
static void a_list_that_lags_behind_shows_no_stranger(void **state)
{
	struct tip_id a = incident_rig_tip(&r, BEIJING, 1);
	struct tip_id b = incident_rig_tip(&r, ORDOS, 2);
	struct tip_id c = incident_rig_tip(&r, ORDOS, 3);
	struct span json;

	(void)state;
	link_under(&b, &a);
	link_under(&c, &b);
	assert_int_equal(incident_rig_say(&r, r.officer, &b, "unlink", NULL).status, 200);
	json = whole(r.officer, &a);
	assert_has(json, "\"tips\":1,");
	assert_lacks(json, b.text);
	assert_string_equal(member(whole(r.officer, &b), 2), c.text);
}

/* --- suggestions -------------------------------------------------------------------------------------- */

static void what_is_open_stands_beside_the_incident(void **state)
{
	struct tip_id a = incident_rig_tip(&r, ORDOS, 1);
	struct tip_id b = incident_rig_tip(&r, ORDOS, 2);
	struct tip_id c = incident_rig_tip(&r, BEIJING, 3);
	struct tip_id d = incident_rig_tip(&r, ORDOS, 4);
	const char *far = incident_rig_bearer(&r, "far", WHO_OFFICER, "110000");
	struct span json;

	(void)state;
	link_under(&b, &a);
	link_under(&c, &a);
	assert_int_equal(incident_rig_linker(&r, STORE_LINK_SUGGEST, &d, &b), STORE_OK);
	assert_int_equal(incident_rig_linker(&r, STORE_LINK_SUGGEST, &c, &b), STORE_OK);
	json = whole(r.officer, &d);
	assert_has(json, arena_printf(&r.arena, "\"suggestions\":[{\"of\":\"%s\",\"tip\":\"%s\",\"score\":61,", d.text,
				      b.text));
	assert_has(json, "\"why\":\"place,wording\",\"reasons\":[\"The same place, or near it\"");
	/* c and b are one incident anyway. */
	assert_has(whole(r.officer, &a), "\"suggestions\":[]");
	assert_has(whole(far, &c), "\"suggestions\":[]");
	incident_rig_say(&r, r.officer, &d, "decline", &b);
	assert_has(whole(r.officer, &d), "\"suggestions\":[]");
}

/* --- what the linker found out shows with the tip ------------------------------------------------------- */

static size_t count(struct span text, const char *part)
{
	size_t n = 0;

	for (size_t at; (at = span_find(text, span_of(part))) < text.len; n++)
		text = span_from_offset(text, at + 1);
	return n;
}

static void corroboration_is_a_reason_in_words(void **state)
{
	struct tip_id a = incident_rig_tip(&r, ORDOS, 1);
	struct span before = arena_dup(&r.arena, incident_rig_get(&r, r.officer, "tips", &a).body);
	struct span after;

	(void)state;
	assert_has(before, arena_printf(&r.arena, "\"incident\":{\"id\":\"%s\",\"parent\":null,\"tips\":1", a.text));
	assert_int_equal(incident_rig_score(&r, &a, 88, "3 1 0 0 0"), STORE_OK);
	after = incident_rig_get(&r, r.officer, "tips", &a).body;
	assert_has(after, "\"score\":88");
	assert_has(after, "\"tips\":5");
	assert_true(count(after, "\"evidence\":") > count(before, "\"evidence\":"));
}

/* --- trouble --------------------------------------------------------------------------------------------- */

static void what_fails_is_said_so_wherever_it_fails(void **state)
{
	static const enum store_op ops[] = { STORE_READ, STORE_CHILDREN };
	struct tip_id a = incident_rig_tip(&r, ORDOS, 1);
	struct tip_id b = incident_rig_tip(&r, ORDOS, 2);

	(void)state;
	link_under(&b, &a);
	for (size_t o = 0; o < COUNT_OF(ops); o++)
		for (unsigned after = 0;; after++) {
			struct rig_answer answer;

			r.rig.store->trouble = TROUBLE_BROKEN;
			r.rig.store->trouble_of = ops[o];
			r.rig.store->trouble_after = after;
			answer = incident_rig_get(&r, r.officer, "incidents", &b);
			r.rig.store->trouble = TROUBLE_NONE;
			if (answer.status == 200)
				break;
			assert_int_equal(answer.status, 503);
			assert_true(after < 20);
		}
	assert_has(whole(r.officer, &b), "\"tips\":2");
}

static void a_tip_that_is_not_there_is_no_incident(void **state)
{
	struct tip_id none = { .text = "15-0000000000" };
	struct tip_id odd = { .text = "15-nonsense!!" };

	(void)state;
	assert_int_equal(incident_rig_get(&r, r.officer, "incidents", &none).status, 404);
	assert_int_equal(incident_rig_get(&r, r.officer, "incidents", &odd).status, 404);
	assert_int_equal(incident_rig_get(&r, incident_rig_bearer(&r, "boss", WHO_ADMIN, "000000"), "incidents", &none)
				 .status,
			 403);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_tip_alone_is_an_incident_of_one, begin, finish),
		cmocka_unit_test_setup_teardown(why_a_tip_hangs_there_is_told_in_words, begin, finish),
		cmocka_unit_test_setup_teardown(an_incident_reaches_over_shards, begin, finish),
		cmocka_unit_test_setup_teardown(what_officers_do_is_what_they_see, begin, finish),
		cmocka_unit_test_setup_teardown(of_a_great_incident_the_first_are_shown, begin, finish),
		cmocka_unit_test_setup_teardown(tips_of_many_data_keys_are_all_readable, begin, finish),
		cmocka_unit_test_setup_teardown(a_member_that_moved_is_told_where_it_is, begin, finish),
		cmocka_unit_test_setup_teardown(a_first_tip_that_moved_keeps_its_incident, begin, finish),
		cmocka_unit_test_setup_teardown(a_list_that_lags_behind_shows_no_stranger, begin, finish),
		cmocka_unit_test_setup_teardown(what_is_open_stands_beside_the_incident, begin, finish),
		cmocka_unit_test_setup_teardown(corroboration_is_a_reason_in_words, begin, finish),
		cmocka_unit_test_setup_teardown(what_fails_is_said_so_wherever_it_fails, begin, finish),
		cmocka_unit_test_setup_teardown(a_tip_that_is_not_there_is_no_incident, begin, finish),
	};

	return cmocka_run_group_tests(tests, NULL, finish_all);
}
