/*
 * The clocks of a tip: since when nobody has opened it, since when nothing was
 * done about it, since when the informant has had no answer. When one has run
 * as long as its limit the tip passes to the level above (jobs/escalation.c).
 *
 * A clock says since when and not until when: limits are configuration, and a
 * change of theirs holds at once, for tips that wait already too. What turns a
 * clock is a column of the lifecycle's table; the store keeps the face as text
 * and knows no rule of it.
 */
#ifndef TIPLINE_CORE_CLOCK_H
#define TIPLINE_CORE_CLOCK_H

#include "daemon/base/span.h"

/* How work on a tip stands; letters of the store: - u p s */
enum clock_hand {
	CLOCK_STOPPED,   /* closed, or away */
	CLOCK_UNOPENED,  /* nobody ever claimed it */
	CLOCK_PASSED,    /* claimed once; where it is now nobody did */
	CLOCK_STALLED,   /* claimed here */
	CLOCK_HANDS,
};

/* What an event does to the clocks. */
enum clock_turn {
	CLOCK_KEEP,      /* nothing: a lease that is renewed, given back or runs out is no step */
	CLOCK_OPEN,      /* a claim: the first one where the tip is counts, one more does not */
	CLOCK_STEP,      /* work was done: from now on, and the informant has been answered */
	CLOCK_PASS,      /* another bureau has it now */
	CLOCK_STOP,
	CLOCK_ASK,       /* the informant wrote; the first time that has no answer counts */
	CLOCK_ANSWER,    /* work on a closed tip */
	CLOCK_ASK_ANEW,  /* the informant wants it looked at again */
	CLOCK_ESCALATE,  /* the level above has it now: all that ran begins again */
};

/* In place of a time: when the store carries the change out. */
#define CLOCK_NOW INT64_C(-1)

struct clock_face {
	enum clock_hand hand;
	int64_t since_ms;   /* of the hand; 0 when stopped */
	int64_t asked_ms;   /* first word of the informant without an answer; 0: none */
};

/* The face of a tip that was just accepted. */
struct clock_face clock_begin(int64_t received_ms);

/* The face afterwards; *told: a time in it is `now_ms`, so the event has to tell it. */
struct clock_face clock_turned(struct clock_face face, enum clock_turn turn, int64_t now_ms, bool *told);

/* "u 1763748000000 0"; CLOCK_NOW is written "now". At most CLOCK_TEXT_BYTES with NUL. */
#define CLOCK_TEXT_BYTES 48
struct span clock_write(struct clock_face face, char text[CLOCK_TEXT_BYTES]);
bool clock_read(struct span text, struct clock_face *out);

/* --- limits ------------------------------------------------------------------------------- */

/* Why a tip passes to the level above. */
enum clock_wait {
	WAIT_UNOPENED,
	WAIT_STALLED,
	WAIT_UNANSWERED,
	CLOCK_WAITS,
};

/* "unopened", "stalled", "unanswered"; of journal, API and configuration. */
const char *clock_wait_name(enum clock_wait wait);
bool clock_wait_parse(struct span name, enum clock_wait *wait);

#define CLOCK_BANDS 4   /* priorities, as in enum priority (core/score/score.h) */

/* How long each may take; 0: for ever. */
struct clock_limits {
	int64_t ms[CLOCK_WAITS][CLOCK_BANDS];
};

/* What will reach its limit first, and when; false: nothing will. */
bool clock_next(struct clock_face face, const struct clock_limits *limits, unsigned band, enum clock_wait *why,
		int64_t *since_ms, int64_t *at_ms);

/* --- levels --------------------------------------------------------------------------------- */

/* "nation", "province", "prefecture" or "county", by the digits of the code. */
const char *region_level_word(const char region[7]);

/* The code of the level above; the nation's is itself. */
void region_code_above(const char region[7], char above[7]);

#endif
