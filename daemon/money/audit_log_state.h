/*
 * The inside of the log of auditors; for audit_log.c and audit_log_take.c alone.
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
	const char **names;
	struct audit_row *rows;
	struct audit_leg *legs;
	struct audit_proposal *proposals;
	struct case_said *cases;
	size_t nnames, nrows, nlegs, nproposals, ncases;
	size_t text_bytes;
};

/* The number of a text, which is kept when it is new; 0 for the empty one. */
uint32_t audit_log_keep(struct audit_log *log, struct span text);

#endif
