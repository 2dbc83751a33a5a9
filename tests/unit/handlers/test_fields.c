/*
 * Members of answers about tips: what a row alone tells of its incident.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "handlers/bureau/fields.h"

static struct buf out;

static int finish(void **state)
{
	(void)state;
	buf_release(&out);
	return 0;
}

static struct span incident_of(const struct store_row *row)
{
	struct json_out json;

	buf_clear(&out);
	json = json_out_to(&out);
	json_open(&json, '{');
	fields_incident(row, SPAN("en"), &json);
	json_close(&json, '}');
	return buf_span(&out);
}

static void assert_incident(const struct store_row *row, const char *wanted)
{
	struct span have = incident_of(row);

	if (!span_is(have, wanted))
		fail_msg("%.*s\nwanted: %s", (int)have.len, have.at, wanted);
}

static void an_incident_has_the_name_of_what_is_known_above(void **state)
{
	struct store_row row = { .id = { .text = "15-BBBBBBBBBB" } };

	(void)state;
	assert_incident(&row, "{\"incident\":{\"id\":\"15-BBBBBBBBBB\",\"parent\":null,\"tips\":1,\"suggestions\":[]}}");
	row.parent = (struct tip_id){ .text = "11-AAAAAAAAAA" };
	row.nchildren = 2;
	assert_incident(&row, "{\"incident\":{\"id\":\"11-AAAAAAAAAA\",\"parent\":\"11-AAAAAAAAAA\",\"tips\":4,"
			      "\"suggestions\":[]}}");
}

static void what_the_linker_counted_counts_when_it_is_more(void **state)
{
	struct store_row row = { .id = { .text = "15-BBBBBBBBBB" }, .nchildren = 3 };
	static const struct {
		const char *context;
		const char *tips;
	} cases[] = {
		{ "", "\"tips\":4," },	   { "0 0 0 0 0", "\"tips\":4," },	  { "2 1 0 0 0", "\"tips\":4," },
		{ "9 2 0 0 0", "\"tips\":12," }, { "nonsense", "\"tips\":4," },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct span json;

		row.context = span_of(cases[i].context);
		json = incident_of(&row);
		if (span_find(json, span_of(cases[i].tips)) == json.len)
			fail_msg("%s: %.*s", cases[i].context, (int)json.len, json.at);
	}
}

static void refused_and_settled_suggestions_are_not_told(void **state)
{
	struct store_suggestion suggestions[] = {
		{ .other = { .text = "15-AAAAAAAAAA" }, .declined = true },
		{ .other = { .text = "11-PPPPPPPPPP" }, .score = 70, .why = SPAN("plate") },
		{ .other = { .text = "15-CCCCCCCCCC" }, .score = 61, .why = SPAN("place") },
	};
	struct store_row row = {
		.id = { .text = "15-BBBBBBBBBB" },
		.parent = { .text = "15-PPPPPPPPPP" },   /* the same tip, before it went to another shard */
		.suggestions = suggestions,
		.nsuggestions = COUNT_OF(suggestions),
	};

	(void)state;
	assert_incident(&row, "{\"incident\":{\"id\":\"15-PPPPPPPPPP\",\"parent\":\"15-PPPPPPPPPP\",\"tips\":2,"
			      "\"suggestions\":[{\"tip\":\"15-CCCCCCCCCC\",\"score\":61,\"why\":\"place\","
			      "\"reasons\":[\"The same place, or near it\"]}]}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_incident_has_the_name_of_what_is_known_above),
		cmocka_unit_test(what_the_linker_counted_counts_when_it_is_more),
		cmocka_unit_test(refused_and_settled_suggestions_are_not_told),
	};

	return cmocka_run_group_tests(tests, NULL, finish);
}
