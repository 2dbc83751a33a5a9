/*
 * Pages of open tips: what a query may ask for, places as text, and one page out of several shards' that holds the
 * same rows in the same order as one shard with all of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "handlers/bureau/paging.h"

#include <stdio.h>
#include <stdlib.h>

#define TIPS 300
#define SHARDS 5

static struct store_page page;
static struct problem problem;

static bool reads(const char *query)
{
	page = (struct store_page){ .region = "150600" };
	problem = (struct problem){ .status = 0 };
	return paging_read(span_of(query), &page, &problem);
}

static void refused(const char *query, const char *field)
{
	assert_false(reads(query));
	assert_int_equal(problem.status, 400);
	assert_string_equal(problem.code, "field_invalid");
	assert_string_equal(problem.field, field);
}

static void nothing_asked_is_what_waits_best_first(void **state)
{
	(void)state;
	assert_true(reads(""));
	assert_true(page.waiting && !page.held && page.order == STORE_BEST_FIRST);
	assert_int_equal(page.fewest, 0);
	assert_int_equal(page.most, 100);
	assert_int_equal(page.max, 100);
	assert_string_equal(page.begins, "");
	assert_string_equal(page.after.id.text, "");
	assert_string_equal(page.region, "150600");
	assert_true(reads("other=1&more"));
}

static void each_filter_is_taken(void **state)
{
	(void)state;
	assert_true(reads("state=held&order=age&max=500&id=15-7K&after=80-1795363200000-15-7K3MQ2X9RD"));
	assert_true(page.held && !page.waiting && page.order == STORE_OLDEST_FIRST);
	assert_int_equal(page.max, 500);
	assert_string_equal(page.begins, "15-7K");
	assert_int_equal(page.after.points, 80);
	assert_int_equal(page.after.at_ms, 1795363200000);
	assert_string_equal(page.after.id.text, "15-7K3MQ2X9RD");
	assert_true(reads("state=all&order=due"));
	assert_int_equal(page.order, STORE_DUE_FIRST);
	assert_true(page.held && page.waiting);
	assert_true(reads("id=15"));
	assert_true(reads("id=15-7K3MQ2X9RD"));
}

static void priorities_cover_all_points_once(void **state)
{
	static const char *const names[] = { "low", "standard", "urgent", "immediate" };
	unsigned next = 0;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		char query[40];

		snprintf(query, sizeof(query), "priority=%s", names[i]);
		assert_true(reads(query));
		assert_int_equal(page.fewest, next);
		next = page.most + 1;
	}
	assert_int_equal(next, 101);
}

static void what_is_none_is_refused(void **state)
{
	static const struct {
		const char *query, *field;
	} wrong[] = {
		{ "state=", "state" },
		{ "state=closed", "state" },
		{ "state=%zz", "state" },
		{ "order=rank", "order" },
		{ "priority=high", "priority" },
		{ "max=0", "max" },
		{ "max=501", "max" },
		{ "max=-1", "max" },
		{ "max=18446744073709551617", "max" },
		{ "id=1", "id" },
		{ "id=7K", "id" },
		{ "id=157", "id" },
		{ "id=15-7I", "id" },
		{ "id=15-7k", "id" },
		{ "id=15-7K3MQ2X9RDX", "id" },
		{ "id=15-%00", "id" },
		{ "after=", "after" },
		{ "after=x", "after" },
		{ "after=101-1-15-7K3MQ2X9RD", "after" },
		{ "after=80-99999999999999-15-7K3MQ2X9RD", "after" },
		{ "after=80-1-15-7K3MQ2X9R", "after" },
		{ "after=80--15-7K3MQ2X9RD", "after" },
		{ "after=-1-1-15-7K3MQ2X9RD", "after" },
		{ "after=80-1-15-7K3MQ2X9RD%00", "after" },
		{ "after=80-1-15-7K3MQ2X9RD%0a*", "after" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		refused(wrong[i].query, wrong[i].field);
}

static void a_place_is_read_as_it_was_written(void **state)
{
	struct store_place place = { .points = 100, .at_ms = 9999999999999, .id = { .text = "00-ZZZZZZZZZZ" } }, back;
	char text[PAGING_PLACE_BYTES];

	(void)state;
	assert_true(paging_read_place(paging_write_place(&place, text), &back));
	for (enum store_order by = STORE_BEST_FIRST; by <= STORE_DUE_FIRST; by++)
		assert_int_equal(store_place_order(&place, &back, by), 0);
}

/* --- merging --------------------------------------------------------------------------- */

static struct store_row rows[TIPS];
static uint32_t seed;

static unsigned drawn(unsigned below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

static enum store_order order;

static int in_order(const void *a, const void *b)
{
	struct store_place one = store_place_of(a, order), other = store_place_of(b, order);

	return store_place_order(&one, &other, order);
}

static void draw_rows(void)
{
	for (unsigned i = 0; i < TIPS; i++) {
		rows[i] = (struct store_row){ .points = drawn(4) * 25, .received_ms = 1000 + drawn(20), .due_ms = 1000 + drawn(20) };
		snprintf(rows[i].id.text, sizeof(rows[i].id.text), "1%u-%010u", drawn(SHARDS), i);
	}
	qsort(rows, TIPS, sizeof(rows[0]), in_order);
}

/* What a shard answers that looks at `looks` tips and tells of each third. */
static void answer_of(unsigned shard, struct store_reply *reply)
{
	unsigned looked = 0;

	*reply = (struct store_reply){ .rows = calloc(TIPS, sizeof(struct store_row)) };
	for (unsigned i = 0; i < TIPS; i++) {
		struct store_place place = store_place_of(&rows[i], order);

		if (rows[i].id.text[1] != (char)('0' + shard) ||
		    (page.after.id.text[0] != '\0' && store_place_order(&place, &page.after, order) <= 0))
			continue;
		if (looked == page.looks || reply->nrows == page.max)
			return;
		looked++;
		if (rows[i].id.text[12] % 3 == 0)
			reply->rows[reply->nrows++] = rows[i];
		reply->place = place;
	}
	reply->place = (struct store_place){ .points = 0 };
}

static void walk(void)
{
	size_t met = 0;

	do {
		struct store_reply shards[SHARDS];
		const struct store_row *out[TIPS];
		struct store_place next;
		size_t n;

		for (unsigned s = 0; s < SHARDS; s++)
			answer_of(s, &shards[s]);
		n = paging_merge(&page, shards, SHARDS, out, &next);
		assert_true(n <= page.max);
		for (size_t i = 0; i < n; i++, met++) {
			while (rows[met].id.text[12] % 3 != 0)
				met++;
			assert_string_equal(out[i]->id.text, rows[met].id.text);
		}
		for (unsigned s = 0; s < SHARDS; s++)
			free(shards[s].rows);
		page.after = next;
	} while (page.after.id.text[0] != '\0');
	while (met < TIPS && rows[met].id.text[12] % 3 != 0)
		met++;
	assert_int_equal(met, TIPS);
}

static void pages_of_shards_are_pages_of_all(void **state)
{
	(void)state;
	for (seed = 1; seed < 200; seed += 7) {
		order = drawn(3);
		draw_rows();
		page = (struct store_page){ .order = order, .max = 1 + drawn(40), .looks = 1 + drawn(60) };
		walk();
	}
}

static void no_shard_has_nothing(void **state)
{
	struct store_place next;

	(void)state;
	page = (struct store_page){ .max = 5 };
	assert_int_equal(paging_merge(&page, NULL, 0, NULL, &next), 0);
	assert_string_equal(next.id.text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_asked_is_what_waits_best_first),
		cmocka_unit_test(each_filter_is_taken),
		cmocka_unit_test(priorities_cover_all_points_once),
		cmocka_unit_test(what_is_none_is_refused),
		cmocka_unit_test(a_place_is_read_as_it_was_written),
		cmocka_unit_test(pages_of_shards_are_pages_of_all),
		cmocka_unit_test(no_shard_has_nothing),
	};

	return cmocka_run_group_tests_name("pages of tips", tests, NULL, NULL);
}
