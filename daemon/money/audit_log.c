/*
 * Rows of the money journal, kept; see audit_log.h. What a record says is read in audit_log_take.c.
 */
#include "daemon/money/audit_log_state.h"

#include "daemon/base/memory.h"

#include <stdlib.h>

/* --- texts ----------------------------------------------------------------------------- */

uint32_t audit_log_keep(struct audit_log *log, struct span text)
{
	unsigned char mark[MARK_BYTES];
	uint64_t number;

	if (text.len == 0)
		return 0;
	name_mark("text", text, mark);
	if (mark_map_get(&log->by_text, mark, &number))
		return (uint32_t)number;
	log->names = memory_grow(log->names, log->nnames, sizeof(*log->names));
	log->names[log->nnames] = arena_dup(&log->texts, text).at;
	log->text_bytes += text.len + 1;
	mark_map_set(&log->by_text, mark, log->nnames);
	return (uint32_t)log->nnames++;
}

const char *audit_text(const struct audit_log *log, uint32_t name)
{
	return log->names[name];
}

size_t audit_log_texts(const struct audit_log *log)
{
	return log->nnames;
}

/* --- life -------------------------------------------------------------------------------- */

struct audit_log *audit_log_new(uint64_t seed)
{
	struct audit_log *log = memory_zeroes(1, sizeof(*log));

	mark_map_init(&log->by_text, seed);
	mark_map_init(&log->by_reward, seed);
	mark_map_init(&log->by_case, seed);
	mark_map_init(&log->by_day, seed);
	log->names = memory_grow(NULL, 0, sizeof(*log->names));
	log->names[log->nnames++] = "";
	return log;
}

void audit_log_free(struct audit_log *log)
{
	if (log == NULL)
		return;
	free(log->names);
	free(log->rows);
	free(log->legs);
	free(log->proposals);
	free(log->cases);
	mark_map_release(&log->by_text);
	mark_map_release(&log->by_reward);
	mark_map_release(&log->by_case);
	mark_map_release(&log->by_day);
	arena_release(&log->texts);
	free(log);
}

/* --- reading ------------------------------------------------------------------------------------ */

size_t audit_log_n(const struct audit_log *log)
{
	return log->nrows;
}

const struct audit_row *audit_log_row(const struct audit_log *log, size_t index)
{
	return &log->rows[index];
}

const struct audit_leg *audit_log_legs(const struct audit_log *log, const struct audit_row *row)
{
	return log->legs + row->first_leg;
}

size_t audit_log_proposals(const struct audit_log *log)
{
	return log->nproposals;
}

const struct audit_proposal *audit_log_proposal(const struct audit_log *log, uint32_t reward)
{
	return &log->proposals[reward - 1];
}

size_t audit_log_until(const struct audit_log *log, int64_t at_ms)
{
	size_t low = 0, high = log->nrows;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (log->rows[middle].at_ms <= at_ms)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t audit_log_bytes(const struct audit_log *log)
{
	return log->nrows * sizeof(*log->rows) + log->nlegs * sizeof(*log->legs) + log->text_bytes +
	       log->nnames * sizeof(*log->names) + log->nproposals * sizeof(*log->proposals) +
	       mark_map_bytes(log->nnames) + mark_map_bytes(log->nproposals) + mark_map_bytes(log->ncases) +
	       mark_map_bytes(log->ndays);
}
