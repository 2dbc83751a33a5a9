/*
 * What was published of the months of a log, read from its files: which months
 * are opened, and the figures of each. Nothing is asked of the store.
 *
 * A month counts as opened when its note is there, which is written last. Its
 * figures are kept, parsed, until the file is another one.
 */
#ifndef TIPLINE_HANDLERS_LOG_PUBLISHED_H
#define TIPLINE_HANDLERS_LOG_PUBLISHED_H

#include "daemon/tlog/figures.h"
#include "handlers/log/logs.h"

#define PUBLISHED_MONTHS_MAX 240

struct published;

struct published *published_new(void);
void published_free(struct published *published);

struct published_months {
	char at[PUBLISHED_MONTHS_MAX][FIGURES_MONTH_LEN + 1];   /* oldest first */
	size_t n;
};

/* Those of a log. */
void published_months(const struct logs *logs, const struct sealed_log *log, struct published_months *months);

/* Those of all logs, each once. */
void published_all_months(struct logs *logs, struct published_months *months);

/*
 * NULL: this month is not opened, or its file is not the figures of this log
 * and month. What is returned is good until LOGS_MAX others were asked for.
 */
const struct figures *published_figures(const struct logs *logs, const struct sealed_log *log, struct span month);

/*
 * The next month of the log that will be opened, and when: the one of the first
 * batch that is in none of the opened months, or the present one; behind its
 * end as many days as given. A moment that is past: it is due.
 */
struct published_next {
	char month[FIGURES_MONTH_LEN + 1];
	int64_t at_ms;
};
void published_next(struct logs *logs, struct sealed_log *log, unsigned after_days, int64_t now_ms, struct published_next *next);

#endif
