/*
 * Points for the rules as outcomes would have them: a part of core/score/score_report.c.
 */
#ifndef TIPLINE_CORE_SCORE_REPORT_PROPOSE_H
#define TIPLINE_CORE_SCORE_REPORT_PROPOSE_H

#include "daemon/core/score/score_report_patterns.h"

/*
 * Fills `proposed`, `exact` and `error` of the rules whose advice is
 * REPORT_ADVICE, and the report's `by_proposed`; without such rules nothing.
 */
void score_report_propose(const struct patterns *patterns, struct arena *arena, struct score_report *out);

#endif
