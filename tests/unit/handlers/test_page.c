/*
 * Pages of open tips over the staff's listener: all tips once and in order over several shards, however small the
 * pages, without a word of theirs; only within the person's region; and no page where a shard did not answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/loop/flow.h"
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

static struct rig_answer ask(const char *who, const char *region, const char *query)
{
	return app_rig_ask(&r.rig, SITE_STAFF, "GET", arena_printf(&r.arena, "/api/v1/queues/%s/tips%s", region, query), who,
			   (struct span){ 0 });
}

static struct span page(const char *who, const char *region, const char *query)
{
	struct rig_answer answer = ask(who, region, query);

	if (answer.status != 200)
		fail_msg("%d %.*s", answer.status, (int)answer.body.len, answer.body.at);
	return arena_dup(&r.arena, answer.body);
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

static void assert_refused(struct rig_answer answer, int status, const char *part)
{
	if (answer.status != status || !rig_has(answer.body, part))
		fail_msg("%d %.*s\nwanted: %d %s", answer.status, (int)answer.body.len, answer.body.at, status, part);
}

/* The ids of the rows, in order, a blank behind each. */
static const char *ids(struct span json)
{
	struct buf out = { 0 };
	const char *text;

	for (;;) {
		size_t at = span_find(json, SPAN("{\"id\":\""));

		if (at == json.len)
			break;
		json = span_from_offset(json, at + 7);
		/* Of an incident the name, not a row. */
		if (span_find(span_from(json.at, json.len < 24 ? json.len : 24), SPAN("\",\"tips\":")) == (json.len < 24 ? json.len : 24))
			buf_printf(&out, "%.13s ", json.at);
	}
	text = arena_dup(&r.arena, buf_span(&out)).at;
	buf_release(&out);
	return text != NULL ? text : "";
}

/* The same of all pages, one after the other; how many there were is told. */
static const char *all_ids(const char *query, unsigned *pages)
{
	const char *got = "", *after = "";

	for (*pages = 0; *pages < 100; (*pages)++) {
		struct span json = page(r.officer, "000000", arena_printf(&r.arena, "?%s%s", query, after));
		struct span next = rig_member(json, "next");

		got = arena_printf(&r.arena, "%s%s", got, ids(json));
		if (next.len == 0)
			return got;
		after = arena_printf(&r.arena, "&after=%.*s", (int)next.len, next.at);
	}
	fail_msg("there is no end of it");
	return NULL;
}

/* --- what is on them ------------------------------------------------------------------------------ */

static void an_empty_queue_has_an_empty_page(void **state)
{
	struct span json = page(r.officer, "310104", "");

	(void)state;
	assert_true(span_is(json, "{\"region\":\"310104\",\"total\":0,\"next\":null,\"tips\":[]}"));
}

static void a_row_tells_all_but_the_words(void **state)
{
	struct tip_id a = incident_rig_tip(&r, ORDOS, 1);
	struct span json = page(r.officer, "150602", "");

	(void)state;
	assert_has(json, arena_printf(&r.arena, "\"total\":1,\"next\":null,\"tips\":[{\"id\":\"%s\"", a.text));
	assert_has(json, "\"state\":\"queued\"");
	assert_has(json, "\"level\":\"county\"");
	assert_has(json, "\"holder\":null,\"lease_until\":null");
	assert_has(json, arena_printf(&r.arena, "\"incident\":{\"id\":\"%s\",\"tips\":1},\"copy\":false", a.text));
	assert_lacks(json, "砖厂");
}

static void who_has_it_and_what_it_hangs_under_is_told(void **state)
{
	struct tip_id a = incident_rig_tip(&r, ORDOS, 1), b = incident_rig_tip(&r, ORDOS, 2);
	const char *zh = arena_printf(&r.arena, "%sAccept-Language: zh-CN\r\n", r.officer);

	(void)state;
	assert_int_equal(incident_rig_linker(&r, STORE_LINK_SET, &b, &a), STORE_OK);
	assert_int_equal(incident_rig_post(&r, r.officer, &b, "claim", "{}").status, 200);
	assert_true(strstr(ids(page(r.officer, "150602", "?state=held")), b.text) != NULL);
	assert_has(page(r.officer, "150602", "?state=held"), "\"holder\":\"officer\"");
	assert_has(page(r.officer, "150602", "?state=held"), arena_printf(&r.arena, "\"incident\":{\"id\":\"%s\"", a.text));
	assert_has(page(r.officer, "150602", "?state=held"), "\"copy\":true,\"why\":\"copy\",\"reasons\":[\"The same message");
	assert_has(page(zh, "150602", "?state=held"), "内容相同");
	assert_string_equal(ids(page(r.officer, "150602", "")), arena_printf(&r.arena, "%s ", a.text));
}

static void all_are_there_once_however_small_the_pages(void **state)
{
	struct tip_id sent[7];
	const char *by_age = "";
	const char *best;
	unsigned pages;

	(void)state;
	for (unsigned i = 0; i < COUNT_OF(sent); i++) {
		sent[i] = incident_rig_tip(&r, i % 3 == 1 ? BEIJING : ORDOS, i);
		by_age = arena_printf(&r.arena, "%s%s ", by_age, sent[i].text);
	}
	best = all_ids("max=500", &pages);
	assert_int_equal(pages, 0);
	assert_int_equal(strlen(best), strlen(by_age));
	for (unsigned max = 1; max <= COUNT_OF(sent); max++) {
		assert_string_equal(all_ids(arena_printf(&r.arena, "order=age&max=%u", max), &pages), by_age);
		assert_true(pages + 1 >= COUNT_OF(sent) / max);
		assert_string_equal(all_ids(arena_printf(&r.arena, "max=%u", max), &pages), best);
	}
	assert_has(page(r.officer, "000000", "?max=1"), "\"total\":7");
	assert_has(page(r.officer, "110000", ""), "\"total\":2");
}

static void an_id_is_looked_for_in_its_shard_alone(void **state)
{
	struct tip_id a = incident_rig_tip(&r, ORDOS, 1), b = incident_rig_tip(&r, BEIJING, 2);
	unsigned before;

	(void)state;
	before = r.rig.store->calls[STORE_PAGE];
	assert_string_equal(ids(page(r.officer, "000000", arena_printf(&r.arena, "?id=%.6s", a.text))), arena_printf(&r.arena, "%s ", a.text));
	assert_int_equal(r.rig.store->calls[STORE_PAGE], before + 1);
	assert_has(page(r.officer, "000000", "?id=15"), "\"total\":null");
	/* Of a shard that the region has none of, nothing is asked. */
	before = r.rig.store->calls[STORE_PAGE];
	assert_string_equal(ids(page(r.officer, "150000", arena_printf(&r.arena, "?id=%s", b.text))), "");
	assert_string_equal(ids(page(r.officer, "000000", "?id=99")), "");
	assert_int_equal(r.rig.store->calls[STORE_PAGE], before);
}

/* --- who may, and what fails ------------------------------------------------------------------------ */

static void other_regions_are_closed(void **state)
{
	const char *ordos = incident_rig_bearer(&r, "local", WHO_OFFICER, "150600");
	struct tip_id b = incident_rig_tip(&r, BEIJING, 1);

	(void)state;
	incident_rig_tip(&r, ORDOS, 2);
	assert_has(page(ordos, "150602", ""), "\"total\":1");
	assert_refused(ask(ordos, "150000", ""), 403, "\"code\":\"region_not_yours\"");
	assert_refused(ask(ordos, "000000", ""), 403, "\"code\":\"region_not_yours\"");
	assert_refused(ask(ordos, "110101", ""), 403, "\"code\":\"region_not_yours\"");
	assert_has(page(ordos, "150600", arena_printf(&r.arena, "?id=%s", b.text)), "\"tips\":[]");
	assert_refused(ask(incident_rig_bearer(&r, "admin", WHO_ADMIN, "000000"), "000000", ""), 403, "\"code\":\"role_needed\"");
}

static void a_region_or_filter_that_is_none_is_refused(void **state)
{
	static const char *const regions[] = { "999999", "15060", "1506020", "abcdef", "15060%2e" };
	static const struct {
		const char *query, *field;
	} filters[] = {
		{ "?max=0", "max" },	     { "?max=501", "max" },	       { "?state=closed", "state" },  { "?order=points", "order" },
		{ "?priority=x", "priority" }, { "?id=15-%2a", "id" }, { "?after=1-1-15-%2e%2e", "after" }, { "?after=101-1-15-7K3MQ2X9RD", "after" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(regions); i++)
		assert_int_equal(ask(r.officer, regions[i], "").status, 404);
	for (size_t i = 0; i < COUNT_OF(filters); i++)
		assert_refused(ask(r.officer, "150602", filters[i].query), 400, arena_printf(&r.arena, "\"field\":\"%s\"", filters[i].field));
}

/* Half of it would look like all of it. */
static void where_a_shard_does_not_answer_there_is_no_page(void **state)
{
	(void)state;
	incident_rig_tip(&r, ORDOS, 1);
	r.rig.store->trouble = TROUBLE_LOST;
	r.rig.store->trouble_of = STORE_PAGE;
	r.rig.store->trouble_shard = "65";
	assert_refused(ask(r.officer, "000000", ""), 503, "\"code\":\"store_unavailable\"");
	assert_int_equal(r.rig.store->troubled, 1);
	assert_has(page(r.officer, "150000", ""), "\"total\":1");
	r.rig.store->trouble = TROUBLE_NONE;
	assert_has(page(r.officer, "000000", ""), "\"total\":1");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(an_empty_queue_has_an_empty_page),
		TEST(a_row_tells_all_but_the_words),
		TEST(who_has_it_and_what_it_hangs_under_is_told),
		TEST(all_are_there_once_however_small_the_pages),
		TEST(an_id_is_looked_for_in_its_shard_alone),
		TEST(other_regions_are_closed),
		TEST(a_region_or_filter_that_is_none_is_refused),
		TEST(where_a_shard_does_not_answer_there_is_no_page),
	};

	return cmocka_run_group_tests(tests, NULL, finish_all);
}
