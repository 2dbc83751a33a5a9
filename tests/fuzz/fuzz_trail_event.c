/*
 * Events of the audit trail out of whatever a request says: they can be read
 * again, keep to their bound, and hold no number as long as a telephone's.
 */
#include "daemon/core/journal/event.h"
#include "daemon/core/journal/trail_event.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_value(struct span value)
{
	size_t digits = 0;

	for (size_t i = 0; i < value.len; i++) {
		digits = value.at[i] >= '0' && value.at[i] <= '9' ? digits + 1 : 0;
		if (digits > TRAIL_DIGITS_MAX + 1 || value.at[i] == '\\' || value.at[i] < ' ' || value.at[i] > '~')
			abort();   /* one more: a tip's id may have ten of them */
	}
}

static void check(struct span json)
{
	struct event_member member;
	unsigned n = 0;
	bool well = true;

	while (event_next(&json, &member, &well)) {
		n++;
		if (member.text && span_is(member.name, "query"))
			check_value(member.value);
		if (member.text && (span_is(member.name, "id") || span_is(member.name, "by")))
			check_value(member.value);
	}
	if (!well || n < 2)
		abort();
}

/* The first line is an id, the second a query, the third a person. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = span_from(data, size), id = { 0 }, query = { 0 }, by = { 0 }, pair;
	struct buf filters = { 0 }, json = { 0 };

	(void)(span_cut(&rest, '\n', &id) && span_cut(&rest, '\n', &query) && span_cut(&rest, '\n', &by));
	while (filters.len < TRAIL_WORDS_MAX && span_cut(&query, '&', &pair)) {
		struct span value = pair, name;

		if (span_cut(&value, '=', &name))
			trail_filter(name, value, &filters);
	}
	trail_event_write(&(struct trail_event){ .kind = TRAIL_VIEW, .id = id, .by = by, .query = buf_span(&filters), .region = by }, &json);
	if (json.len > TRAIL_EVENT_MAX)
		abort();
	check(buf_span(&json));
	buf_release(&filters);
	buf_release(&json);
	return 0;
}
