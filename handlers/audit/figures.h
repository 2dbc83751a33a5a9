/*
 * Figures as rows of an answer.
 */
#ifndef TIPLINE_HANDLERS_AUDIT_FIGURES_H
#define TIPLINE_HANDLERS_AUDIT_FIGURES_H

#include "daemon/money/audit_summary.h"
#include "handlers/audit/sheet.h"

/* The list "figures". */
void figures_put(struct sheet *sheet, const struct audit_figures *figures);   /* summary.c */

#endif
