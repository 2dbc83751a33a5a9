/*
 * The published figures of a month, of one log or of all, and how the logs
 * stand: gathered for the page and the API from the files of the logs alone.
 */
#ifndef TIPLINE_HANDLERS_LOG_TRANSPARENCY_DATA_H
#define TIPLINE_HANDLERS_LOG_TRANSPARENCY_DATA_H

#include "daemon/core/text/gazetteer.h"
#include "handlers/log/log_state.h"
#include "handlers/log/published.h"

/* A row of figures, and where it stands. Borrowed as published_figures() says. */
struct transparency_row {
	const struct sealed_log *log;
	const struct figures_row *row;
	const struct region *region;   /* of the row, else of the log; NULL: it has none */
	bool rest;                     /* of this region what has no row of its own, beside rows of places in it */
	bool together;                 /* without outcome, beside rows that have one */
};

/* Leaves that have no row. */
struct transparency_leaves {
	const struct sealed_log *log;
	const struct figures *figures;
};

struct transparency_log {
	struct sealed_log *log;
	const struct region *region;   /* NULL: money, audit */
	struct log_state state;
	struct published_months months;
};

struct transparency {
	struct published_months months;      /* of all logs */
	struct span month;                   /* the one shown; empty: none is opened */
	struct transparency_row *rows;       /* log by log, as in their files */
	size_t nrows;
	struct transparency_leaves leaves[LOGS_MAX];
	size_t nleaves;
	struct transparency_log *logs;       /* all of them */
	size_t nlogs;
	bool any_next;
	struct published_next next;          /* of the log whose month is opened first */
};

struct transparency_wish {
	struct logs *logs;                   /* NULL: none are served */
	const struct gazetteer *gazetteer;
	struct span month;                   /* empty: the newest */
	const struct sealed_log *log;        /* NULL: all */
	unsigned after_days;
	int64_t now_ms;
};

/* All in the arena. False: the month that is wished for is opened in no log. In the one that is wished for it may not be: no `leaves`. */
bool transparency_gather(const struct transparency_wish *wish, struct arena *arena, struct transparency *out);

#endif
