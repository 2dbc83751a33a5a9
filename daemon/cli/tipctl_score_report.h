/*
 * The parts of `tipctl score-report`: reading tips with their outcomes,
 * printing the report.
 */
#ifndef TIPLINE_CLI_TIPCTL_SCORE_REPORT_H
#define TIPLINE_CLI_TIPCTL_SCORE_REPORT_H

#include "daemon/core/score/score_report.h"
#include "daemon/sys/archive.h"

/*
 * From the journals of the store at `address` and its archive, tips accepted in [since, until).
 * False: it is said on standard error why.
 */
bool score_report_from_store(const char *address, const struct archive *archive, int64_t since_ms, int64_t until_ms,
			     bool quiet, struct outcomes *out);

/*
 * From a file, one JSON object a line: "points", "rules" (names), "outcome";
 * "region" and "delay_ms" where known. "-" is standard input.
 */
bool score_report_from_file(const char *path, struct outcomes *out);

/* What was asked for, for the head of the report. */
struct score_report_asked {
	const char *since;   /* as written; NULL: from the beginning */
	const char *until;
	const char *by;      /* "region", "bureau" or NULL */
};

void score_report_print(const struct score_report *report, const struct score_report_asked *asked);
void score_report_print_json(const struct score_report *report, const struct score_report_asked *asked);

#endif
