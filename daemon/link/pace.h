/*
 * How fast a link may send: the rate it was configured for, and what the
 * carrier's refusals teach. Pure, on any clock in milliseconds.
 *
 * A refusal because of speed stops the link for a while, doubled as long as
 * nothing is taken in between, and makes it slower than what was taken last; it
 * becomes faster again bit by bit.
 */
#ifndef TIPLINE_LINK_PACE_H
#define TIPLINE_LINK_PACE_H

#include <stdbool.h>
#include <stdint.h>

#define PACE_PAUSE_MS 1000u
#define PACE_PAUSE_MAX_MS 30000u

struct pace {
	unsigned per_s;          /* as configured; 0: no limit */
	double rate;             /* now, a second; 0: no limit */
	double tokens;
	uint64_t at_ms;          /* of the tokens */
	uint64_t until_ms;       /* nothing is sent before */
	unsigned pause_ms;       /* of the next refusal */
	uint64_t second_ms;      /* begin of the second that is counted */
	unsigned taken, taken_before;
	uint64_t grown_ms;
};

void pace_init(struct pace *pace, unsigned per_s, uint64_t now_ms);

/* May one more be sent now? */
bool pace_allows(struct pace *pace, uint64_t now_ms);
void pace_sent(struct pace *pace);

/* The carrier took one. */
void pace_taken(struct pace *pace, uint64_t now_ms);

/* The carrier refused one as too fast. True when the link stops for it; those sent before it stopped count no more. */
bool pace_refused(struct pace *pace, uint64_t now_ms);

/* How long to wait before the next try to connect, after so many that failed; `random` is any number. */
unsigned pace_reconnect_ms(unsigned failed, bool hopeless, uint64_t random);

#endif
