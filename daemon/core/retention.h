/*
 * What is to be deleted of a tip that has ended, and when. Pure.
 *
 * In:  the rules (sys/retention_file.h), how and when the tip ended, what was
 *      deleted of it before, what holds it.
 * Out: the parts that are due, and when the next one will be.
 *
 * Times are those of a clock that may be wrong: retention_clock_turn() says by
 * which time is judged, so that a clock that jumps ahead deletes nothing at once.
 */
#ifndef TIPLINE_CORE_RETENTION_H
#define TIPLINE_CORE_RETENTION_H

#include "daemon/base/span.h"

#include <stdbool.h>
#include <stdint.h>

/* In the order in which they may go: the row is the last. */
enum retention_part {
	RETENTION_IDENTITY,   /* the sealed identity: sender, contact */
	RETENTION_FILES,      /* attachments on the disk */
	RETENTION_TEXT,       /* the sealed words, messages and notes */
	RETENTION_ROW,        /* the state: from then on only the journal knows of the tip */
	RETENTION_PARTS,
};

#define RETENTION_BIT(part) (1u << (part))
#define RETENTION_ALL ((1u << RETENTION_PARTS) - 1)

/* How a tip ended: the outcomes of core/journal, and that it went to another shard. */
enum retention_outcome {
	RETENTION_VERIFIED,
	RETENTION_UNFOUNDED,
	RETENTION_DUPLICATE,
	RETENTION_INSUFFICIENT,
	RETENTION_REFERRED,
	RETENTION_PRANK,
	/*
	 * Its files and its row are needed where it went and by its receipt code:
	 * retention_rules_check() takes "never" alone for them.
	 */
	RETENTION_TRANSFERRED,
	RETENTION_OUTCOMES,
};

#define RETENTION_NEVER (-1)
#define RETENTION_DAYS_MAX 36500

struct retention_rules {
	int days[RETENTION_OUTCOMES][RETENTION_PARTS];   /* from the end on, or RETENTION_NEVER */
};

const char *retention_part_word(enum retention_part part);
const char *retention_outcome_word(enum retention_outcome outcome);
bool retention_part_parse(struct span word, enum retention_part *part);
bool retention_outcome_parse(struct span word, enum retention_outcome *outcome);

/* "identity,files": how events name the parts of some bits. */
#define RETENTION_PARTS_TEXT 32
struct span retention_parts_write(unsigned parts, char text[RETENTION_PARTS_TEXT]);

/*
 * Whether the rule of an outcome can be kept: no part stays longer than the row,
 * no file longer than the words (its key lies with them), and the row at least a
 * day. NULL, or what is wrong with it.
 */
const char *retention_rule_check(enum retention_outcome outcome, const int days[RETENTION_PARTS]);

struct retention_case {
	enum retention_outcome outcome;
	int64_t ended_ms;
	unsigned erased;      /* RETENTION_BIT()s that are gone */
	bool held;            /* by a legal hold */
	bool unpaid;          /* a reward of it is not finished */
};

struct retention_plan {
	unsigned due;         /* bits to delete now, at once */
	int64_t next_ms;      /* when the next part will be due; 0: never, or it is held */
};

struct retention_plan retention_plan(const struct retention_rules *rules, const struct retention_case *tip, int64_t now_ms);

/*
 * The time by which is judged. A clock that stands more than `settle_ms` ahead
 * of what was last trusted is taken for wrong until it has stood there for
 * settle_ms of a clock that cannot be set; meanwhile the trusted time goes on as
 * fast as that one. So a wrong clock deletes at most settle_ms too early, and a
 * house that was shut for longer deletes settle_ms later. A clock that goes
 * back is believed at once.
 */
struct retention_clock {
	int64_t trusted_ms;   /* kept over restarts by whoever has it; 0: nothing was trusted before */
	uint64_t steady_ms;   /* as of the last turn; 0: first one of this process */
	uint64_t jumped_ms;   /* steady time at which the jump was seen; 0: there is none */
};

int64_t retention_clock_turn(struct retention_clock *clock, int64_t wall_ms, uint64_t steady_ms, int64_t settle_ms);

#endif
