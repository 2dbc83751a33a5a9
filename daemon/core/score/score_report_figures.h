/*
 * Figures of a sorting: shares with their intervals, and the area under the curve.
 *
 * Pure. Counts go in, so the order in which things were seen cannot matter.
 * Wilson 1927 for shares; Mann and Whitney 1947, and DeLong, DeLong and
 * Clarke-Pearson 1988 for the area.
 */
#ifndef TIPLINE_CORE_SCORE_REPORT_FIGURES_H
#define TIPLINE_CORE_SCORE_REPORT_FIGURES_H

#include <stdbool.h>
#include <stdint.h>

/* A share and the interval of 95 %; all 0 and 0..1 when there is nothing to count. */
struct share {
	uint64_t n;
	uint64_t good;
	double value;
	double low;
	double high;
};

struct share share_of(uint64_t good, uint64_t n);

/* How often each value was seen on good and on bad things. */
#define CURVE_VALUES 101

struct curve {
	uint64_t good[CURVE_VALUES];
	uint64_t bad[CURVE_VALUES];
};

/*
 * The chance that a good thing has a higher value than a bad one, equal values
 * counting half: 0.5 is a guess, 1 sorts all. With its interval of 95 %.
 */
struct area {
	bool known;      /* there were good ones and bad ones */
	double value;
	double low;
	double high;
};

struct area area_under(const struct curve *curve);

#endif
