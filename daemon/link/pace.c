/*
 * How fast a link may send; see pace.h.
 */
#include "daemon/link/pace.h"

#define SLOWER 0.8
#define FASTER 1.25
#define GROW_EVERY_MS 5000
#define BURST_S 0.25          /* of the rate may go at once */
#define RATE_MIN 1.0
#define RATE_FREE 2000.0      /* from here on there is no limit but the configured one */
#define RECONNECT_FIRST_MS 500u
#define RECONNECT_MAX_MS 15000u
#define RECONNECT_HOPELESS_MS 60000u

void pace_init(struct pace *pace, unsigned per_s, uint64_t now_ms)
{
	*pace = (struct pace){ .per_s = per_s, .rate = per_s, .tokens = 1, .at_ms = now_ms, .pause_ms = PACE_PAUSE_MS,
			       .second_ms = now_ms, .grown_ms = now_ms };
}

static double burst_of(const struct pace *pace)
{
	double burst = pace->rate * BURST_S;

	return burst > 1 ? burst : 1;
}

/* What was learned is forgotten bit by bit, while nothing is refused. */
static void grow(struct pace *pace, uint64_t now_ms)
{
	if (pace->rate <= 0 || now_ms < pace->grown_ms + GROW_EVERY_MS)
		return;
	pace->grown_ms = now_ms;
	pace->rate *= FASTER;
	if (pace->per_s > 0 && pace->rate > pace->per_s)
		pace->rate = pace->per_s;
	else if (pace->per_s == 0 && pace->rate > RATE_FREE)
		pace->rate = 0;
}

bool pace_allows(struct pace *pace, uint64_t now_ms)
{
	double burst;

	if (now_ms < pace->until_ms)
		return false;
	grow(pace, now_ms);
	if (pace->rate <= 0)
		return true;
	burst = burst_of(pace);
	pace->tokens += (double)(now_ms - pace->at_ms) * pace->rate / 1000;
	pace->at_ms = now_ms;
	if (pace->tokens > burst)
		pace->tokens = burst;
	return pace->tokens >= 1;
}

void pace_sent(struct pace *pace)
{
	if (pace->rate > 0)
		pace->tokens -= 1;
}

static void turn_second(struct pace *pace, uint64_t now_ms)
{
	if (now_ms < pace->second_ms + 1000)
		return;
	pace->taken_before = now_ms < pace->second_ms + 2000 ? pace->taken : 0;
	pace->taken = 0;
	pace->second_ms = now_ms;
}

void pace_taken(struct pace *pace, uint64_t now_ms)
{
	turn_second(pace, now_ms);
	pace->taken++;
	if (now_ms >= pace->until_ms)
		pace->pause_ms = PACE_PAUSE_MS;
}

bool pace_refused(struct pace *pace, uint64_t now_ms)
{
	unsigned taken;

	if (now_ms < pace->until_ms)
		return false;
	turn_second(pace, now_ms);
	taken = pace->taken > pace->taken_before ? pace->taken : pace->taken_before;
	pace->rate = SLOWER * (pace->rate > 0 && pace->rate < taken ? pace->rate : taken);
	if (pace->rate < RATE_MIN)
		pace->rate = RATE_MIN;
	pace->tokens = 0;
	pace->until_ms = now_ms + pace->pause_ms;
	pace->at_ms = pace->until_ms;
	pace->grown_ms = pace->until_ms;
	pace->pause_ms = pace->pause_ms * 2 < PACE_PAUSE_MAX_MS ? pace->pause_ms * 2 : PACE_PAUSE_MAX_MS;
	return true;
}

unsigned pace_reconnect_ms(unsigned failed, bool hopeless, uint64_t random)
{
	unsigned most = hopeless ? RECONNECT_HOPELESS_MS : RECONNECT_MAX_MS;
	unsigned delay = RECONNECT_FIRST_MS;

	for (unsigned i = 1; i < failed && delay < most; i++)
		delay *= 2;
	if (hopeless || delay > most)
		delay = most;
	return delay / 2 + (unsigned)(random % (delay / 2 + 1));
}
