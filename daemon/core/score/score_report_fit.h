/*
 * A logistic regression on marks that are there or not, with a ridge.
 *
 * In:  cases by their pattern of marks, with how many were good and bad.
 * Out: the weight of each mark in log-odds, and its standard error.
 * Newton's method; the ridge (a prior of mean 0 and deviation 1 on each
 * weight, none on the constant) keeps a mark that settles everything finite.
 * Cases are added in the order given: give them sorted, and the result is the
 * same to the last bit whatever order the tips came in. le Cessie and van
 * Houwelingen 1992.
 */
#ifndef TIPLINE_CORE_SCORE_REPORT_FIT_H
#define TIPLINE_CORE_SCORE_REPORT_FIT_H

#include "daemon/base/arena.h"

#define FIT_MARKS_MAX 512

struct fit_case {
	const uint16_t *marks;  /* numbers below the fit's nmarks, no doubles */
	size_t nmarks;
	double good;
	double bad;
};

struct fit {
	double constant;
	double *weights;        /* nmarks of them, in the arena */
	double *errors;
};

/* Working memory and result lie in the arena. Without cases all weights are 0. */
void fit_logistic(const struct fit_case *cases, size_t n, size_t nmarks, struct arena *arena, struct fit *out);

#endif
