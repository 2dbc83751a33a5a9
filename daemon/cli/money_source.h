/*
 * Where a journal is read from, line by line: a file for now, or standard
 * input. Whoever verifies or exports knows no more than this.
 */
#ifndef TIPLINE_CLI_MONEY_SOURCE_H
#define TIPLINE_CLI_MONEY_SOURCE_H

#include "daemon/base/complaint.h"
#include "daemon/base/span.h"

struct money_source;

/* "-" is standard input. NULL: `why` tells the reason. */
struct money_source *money_source_open(const char *path, struct complaint *why);
void money_source_close(struct money_source *source);

enum money_source_answer {
	MONEY_SOURCE_LINE,
	MONEY_SOURCE_END,
	MONEY_SOURCE_FAILED,
};

/* The next line without its newline, good until the next call. A last line without newline is one, too: `*whole` tells. */
enum money_source_answer money_source_next(struct money_source *source, struct span *line, bool *whole,
					   struct complaint *why);

#endif
