/*
 * The clocks of a tip; see clock.h.
 */
#include "daemon/core/journal/clock.h"

#include "daemon/base/table.h"

#include <assert.h>
#include <stdio.h>

static const char hands[CLOCK_HANDS] = {
	[CLOCK_STOPPED] = '-',
	[CLOCK_UNOPENED] = 'u',
	[CLOCK_PASSED] = 'p',
	[CLOCK_STALLED] = 's',
};

static const char *const wait_names[CLOCK_WAITS] = {
	[WAIT_UNOPENED] = "unopened",
	[WAIT_STALLED] = "stalled",
	[WAIT_UNANSWERED] = "unanswered",
};

struct clock_face clock_begin(int64_t received_ms)
{
	return (struct clock_face){ .hand = CLOCK_UNOPENED, .since_ms = received_ms };
}

static struct clock_face hand_from(struct clock_face face, enum clock_hand hand, int64_t now_ms, bool *told)
{
	*told = true;
	return (struct clock_face){ .hand = hand, .since_ms = now_ms, .asked_ms = face.asked_ms };
}

static struct clock_face asked(struct clock_face face, int64_t now_ms, bool *told)
{
	if (face.asked_ms == 0) {
		face.asked_ms = now_ms;
		*told = true;
	}
	return face;
}

static struct clock_face escalated(struct clock_face face, int64_t now_ms, bool *told)
{
	enum clock_hand hand = face.hand == CLOCK_UNOPENED ? CLOCK_UNOPENED : CLOCK_PASSED;

	if (face.asked_ms != 0)
		face.asked_ms = now_ms;
	return hand_from(face, hand, now_ms, told);
}

struct clock_face clock_turned(struct clock_face face, enum clock_turn turn, int64_t now_ms, bool *told)
{
	*told = false;
	switch (turn) {
	case CLOCK_KEEP:
		return face;
	case CLOCK_OPEN:
		return face.hand == CLOCK_STALLED ? face : hand_from(face, CLOCK_STALLED, now_ms, told);
	case CLOCK_STEP:
		face.asked_ms = 0;
		return hand_from(face, CLOCK_STALLED, now_ms, told);
	case CLOCK_PASS:
		return hand_from(face, CLOCK_PASSED, now_ms, told);
	case CLOCK_STOP:
		return (struct clock_face){ .hand = CLOCK_STOPPED };
	case CLOCK_ASK:
		return asked(face, now_ms, told);
	case CLOCK_ANSWER:
		face.asked_ms = 0;
		return face;
	case CLOCK_ASK_ANEW:
		return hand_from(asked(face, now_ms, told), CLOCK_PASSED, now_ms, told);
	case CLOCK_ESCALATE:
		return escalated(face, now_ms, told);
	}
	return face;
}

/* --- text ----------------------------------------------------------------------------------- */

static const char *time_text(int64_t ms, char text[24])
{
	if (ms == CLOCK_NOW)
		return "now";
	snprintf(text, 24, "%lld", (long long)ms);
	return text;
}

struct span clock_write(struct clock_face face, char text[CLOCK_TEXT_BYTES])
{
	char since[24], asked_at[24];
	int n = snprintf(text, CLOCK_TEXT_BYTES, "%c %s %s", hands[face.hand], time_text(face.since_ms, since),
			 time_text(face.asked_ms, asked_at));

	assert(n > 0 && n < CLOCK_TEXT_BYTES);
	return span_from(text, (size_t)n);
}

static bool time_read(struct span text, int64_t *ms)
{
	uint64_t value;

	if (!span_u64(text, &value) || value > INT64_MAX)
		return false;
	*ms = (int64_t)value;
	return true;
}

bool clock_read(struct span text, struct clock_face *out)
{
	struct span hand, since;
	const char *found;

	if (!span_cut(&text, ' ', &hand) || !span_cut(&text, ' ', &since) || hand.len != 1)
		return false;
	found = memchr(hands, *hand.at, sizeof(hands));
	if (found == NULL)
		return false;
	out->hand = (enum clock_hand)(found - hands);
	return time_read(since, &out->since_ms) && time_read(text, &out->asked_ms);
}

/* --- limits ----------------------------------------------------------------------------------- */

const char *clock_wait_name(enum clock_wait wait)
{
	return wait < CLOCK_WAITS ? wait_names[wait] : NULL;
}

bool clock_wait_parse(struct span name, enum clock_wait *wait)
{
	for (size_t i = 0; i < CLOCK_WAITS; i++) {
		if (span_is(name, wait_names[i])) {
			*wait = (enum clock_wait)i;
			return true;
		}
	}
	return false;
}

bool clock_next(struct clock_face face, const struct clock_limits *limits, unsigned band, enum clock_wait *why,
		int64_t *since_ms, int64_t *at_ms)
{
	const int64_t began[CLOCK_WAITS] = {
		[WAIT_UNOPENED] = face.hand == CLOCK_UNOPENED ? face.since_ms : 0,
		[WAIT_STALLED] = face.hand == CLOCK_PASSED || face.hand == CLOCK_STALLED ? face.since_ms : 0,
		[WAIT_UNANSWERED] = face.asked_ms,
	};
	bool any = false;

	assert(band < CLOCK_BANDS);
	for (size_t i = 0; i < CLOCK_WAITS; i++) {
		int64_t limit = limits->ms[i][band];

		if (began[i] == 0 || limit == 0 || (any && began[i] + limit >= *at_ms))
			continue;
		any = true;
		*why = (enum clock_wait)i;
		*since_ms = began[i];
		*at_ms = began[i] + limit;
	}
	return any;
}

/* --- levels ------------------------------------------------------------------------------------- */

/* Pairs of digits that say something: 0 for the nation, 3 for a county. */
static size_t depth(const char region[7])
{
	size_t pairs = 3;

	while (pairs > 0 && region[2 * pairs - 1] == '0' && region[2 * pairs - 2] == '0')
		pairs--;
	return pairs;
}

const char *region_level_word(const char region[7])
{
	static const char *const words[] = { "nation", "province", "prefecture", "county" };

	return words[depth(region)];
}

void region_code_above(const char region[7], char above[7])
{
	size_t pairs = depth(region);

	memcpy(above, region, 7);
	if (pairs > 0)
		memcpy(above + 2 * pairs - 2, "00", 2);
}
