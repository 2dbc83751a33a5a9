/*
 * Events of tips and of the audit trail, as leaves tell them; see leaf_event.h.
 */
#include "daemon/tlog/leaf_event.h"

#include "daemon/core/journal/event.h"

#define HOUR_MS 3600000u
#define DAY_MS INT64_C(86400000)
#define REGION_DIGITS 6

/* Members that a leaf is made of, as they stand in the entry. */
struct members {
	struct span event, id, at, by, region, from, outcome, verdict, waited;
};

struct leaf_event leaf_event_unreadable(enum leaf_class class)
{
	return (struct leaf_event){ .class = class, .at_ms = -1, .values.at[LEAF_EVENT] = SPAN("unreadable") };
}

bool leaf_event_day(int64_t at_ms)
{
	return at_ms >= 0 && at_ms < LEAF_DAY_MAX * DAY_MS;
}

/* The first `digits` of a code, filled up with zeroes. */
static struct span level(struct span code, size_t digits, struct arena *arena)
{
	return span_of(arena_printf(arena, "%.*s%0*d", (int)digits, code.at, (int)(REGION_DIGITS - digits), 0));
}

bool leaf_event_region(struct span code, struct arena *arena, struct leaf_values *values)
{
	if (span_empty(code))
		return true;
	if (code.len != REGION_DIGITS || !span_digits(code))
		return false;
	values->at[LEAF_PROVINCE] = level(code, 2, arena);
	if (memcmp(code.at + 2, "0000", 4) != 0)
		values->at[LEAF_PREFECTURE] = level(code, 4, arena);
	if (memcmp(code.at + 4, "00", 2) != 0)
		values->at[LEAF_COUNTY] = code;
	return true;
}

/* `word` is the name of the member that says what happened. */
static bool read_members(struct span json, const char *word, struct members *members)
{
	const struct {
		const char *name;
		struct span *at;
	} wanted[] = {
		{ word, &members->event }, { "id", &members->id }, { "at", &members->at },
		{ "by", &members->by }, { "region", &members->region }, { "from", &members->from },
		{ "outcome", &members->outcome }, { "verdict", &members->verdict }, { "waited", &members->waited },
	};
	struct event_member member;
	bool well;

	while (event_next(&json, &member, &well))
		for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
			if (span_is(member.name, wanted[i].name) && span_empty(*wanted[i].at))
				*wanted[i].at = member.value;
	return well;
}

/* What both journals have. */
static bool take_common(const struct members *members, struct leaf_event *event)
{
	uint64_t at_ms;

	if (!span_u64(members->at, &at_ms) || at_ms > INT64_MAX || !leaf_event_day((int64_t)at_ms))
		return false;
	event->at_ms = (int64_t)at_ms;
	event->actor = members->by;
	event->values.at[LEAF_EVENT] = members->event;
	return !span_empty(members->event) && leaf_value_valid(members->event);
}

static bool take_waited(const struct members *members, struct arena *arena, struct leaf_values *values)
{
	uint64_t waited_ms;

	if (!span_is(members->event, "claimed") || span_empty(members->waited))
		return true;
	if (!span_u64(members->waited, &waited_ms))
		return false;
	values->at[LEAF_EVENT] = SPAN("first_look");
	values->at[LEAF_WAITED] = span_of(arena_printf(arena, "%llu", (unsigned long long)(waited_ms / HOUR_MS)));
	return true;
}

static bool take_tip(const struct members *members, struct arena *arena, struct leaf_event *event)
{
	bool received = span_is(members->event, "accepted") || span_is(members->event, "received");
	bool escalated = span_is(members->event, "escalated");

	event->class = received ? LEAF_RECEIVED : LEAF_WORK;
	event->values.at[LEAF_OUTCOME] = span_empty(members->outcome) ? members->verdict : members->outcome;
	return tip_id_parse(members->id, &event->id) && leaf_value_valid(event->values.at[LEAF_OUTCOME]) &&
	       leaf_event_region(escalated ? members->from : members->region, arena, &event->values) &&
	       take_waited(members, arena, &event->values);
}

bool leaf_event_of_tip(struct span json, struct arena *arena, struct leaf_event *event)
{
	struct members members = { 0 };

	*event = (struct leaf_event){ .at_ms = -1 };
	if (read_members(json, "e", &members) && take_common(&members, event) && take_tip(&members, arena, event))
		return true;
	*event = leaf_event_unreadable(LEAF_WORK);
	return false;
}

bool leaf_event_of_audit(struct span json, struct arena *arena, struct leaf_event *event)
{
	struct members members = { 0 };

	*event = (struct leaf_event){ .class = LEAF_OFFICE, .at_ms = -1 };
	if (read_members(json, "event", &members) && take_common(&members, event) &&
	    leaf_event_region(members.region, arena, &event->values))
		return true;
	*event = leaf_event_unreadable(LEAF_OFFICE);
	return false;
}
