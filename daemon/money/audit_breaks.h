/*
 * Breaks as they stood: opened, in suspense, out of it again, resolved, and by
 * whom.
 */
#ifndef TIPLINE_MONEY_AUDIT_BREAKS_H
#define TIPLINE_MONEY_AUDIT_BREAKS_H

#include "daemon/money/audit_view.h"

enum audit_break_state {
	AUDIT_BREAK_IS_OPEN,
	AUDIT_BREAK_SUSPENSE,    /* its money lies on an account of its own */
	AUDIT_BREAK_CLEARED,     /* not any more */
	AUDIT_BREAK_RESOLVED,
	AUDIT_BREAK_STATES,
};
const char *audit_break_state_name(enum audit_break_state state);   /* "open", "suspense", ... */

struct audit_break {
	uint64_t seq;                    /* of the record that opened it */
	const struct audit_row *row;     /* that record: name is its id, word its class, subject what it is about */
	enum audit_break_state state;
	int64_t fen;                     /* that went to suspense */
	uint32_t person, with;           /* of the record that settled it; 0: nobody, or one person alone */
	struct audit_seqs seqs;          /* of all records about it */
};

/* Those that are seen, in the order they were opened, in the arena of the view. Returns how many. */
size_t audit_breaks(const struct audit_view *view, struct audit_break **breaks);

/* Not resolved: as the book counts them, a cleared one waits for its explanation. */
bool audit_break_open(const struct audit_break *broken);

#endif
