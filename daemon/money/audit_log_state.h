/*
 * The inside of the log of auditors; for audit_log.c, audit_log_take.c and audit_log_region.c alone.
 */
#ifndef TIPLINE_MONEY_AUDIT_LOG_STATE_H
#define TIPLINE_MONEY_AUDIT_LOG_STATE_H

#include "daemon/base/mark_map.h"
#include "daemon/money/audit_log.h"
#include "daemon/money/name_mark.h"

struct case_said {
	struct span tips;        /* JSON array of lines, in the arena */
	uint32_t verifier, seq;
};

struct audit_log {
	struct arena texts;
	struct mark_map by_text;     /* number of a text */
	struct mark_map by_reward, by_case;
	struct mark_map by_day;      /* region of an account's statement, by "bank:main/2026-11-20" */
	const char **names;
	struct audit_row *rows;
	struct audit_leg *legs;
	struct audit_proposal *proposals;
	struct case_said *cases;
	size_t nnames, nrows, nlegs, nproposals, ncases, ndays;
	size_t text_bytes;
};

/* The number of a text, which is kept when it is new; 0 for the empty one. */
uint32_t audit_log_keep(struct audit_log *log, struct span text);

/* The region by the subject of a record alone; 0: everybody's. */
uint32_t audit_log_region(struct audit_log *log, struct span subject);
/* A statement was taken in. */
void audit_log_day(struct audit_log *log, struct span account, struct span date, uint32_t region);

#endif
