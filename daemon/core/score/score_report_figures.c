/*
 * Shares and areas; see score_report_figures.h.
 */
#include "daemon/core/score/score_report_figures.h"

#include <math.h>

#define Z 1.959963984540054 /* 95 % of the normal distribution lie within so many deviations */

/* Wilson's interval: it holds for few and for shares near 0 and 1 as well. */
static struct share wilson(double value, double n)
{
	double centre = (value + Z * Z / (2 * n)) / (1 + Z * Z / n);
	double half = Z / (1 + Z * Z / n) * sqrt(value * (1 - value) / n + Z * Z / (4 * n * n));
	struct share share = { .value = value, .low = centre - half, .high = centre + half };

	if (share.low < 0)
		share.low = 0;
	if (share.high > 1)
		share.high = 1;
	return share;
}

struct share share_of(uint64_t good, uint64_t n)
{
	struct share share = { .high = 1 };

	if (n > 0)
		share = wilson((double)good / (double)n, (double)n);
	share.n = n;
	share.good = good;
	return share;
}

static void totals(const struct curve *curve, double *good, double *bad)
{
	*good = *bad = 0;
	for (unsigned i = 0; i < CURVE_VALUES; i++) {
		*good += (double)curve->good[i];
		*bad += (double)curve->bad[i];
	}
}

static double mean_place(const struct curve *curve, double good, double bad)
{
	double below = 0, sum = 0;

	for (unsigned i = 0; i < CURVE_VALUES; i++) {
		sum += (double)curve->good[i] * (below + (double)curve->bad[i] / 2);
		below += (double)curve->bad[i];
	}
	return sum / good / bad;
}

/* DeLong: how much the place of a good one among the bad varies, and the other way round. */
static double variance(const struct curve *curve, double good, double bad, double area)
{
	double bad_below = 0, good_above = good, of_good = 0, of_bad = 0;

	for (unsigned i = 0; i < CURVE_VALUES; i++) {
		double g = (double)curve->good[i], b = (double)curve->bad[i], place;

		good_above -= g;
		place = (bad_below + b / 2) / bad - area;
		of_good += g * place * place;
		place = (good_above + g / 2) / good - area;
		of_bad += b * place * place;
		bad_below += b;
	}
	return (good > 1 ? of_good / (good - 1) / good : 0) + (bad > 1 ? of_bad / (bad - 1) / bad : 0);
}

struct area area_under(const struct curve *curve)
{
	struct area area = { .value = 0.5, .high = 1 };
	double good, bad, half, fewer;
	struct share share;

	totals(curve, &good, &bad);
	if (good == 0 || bad == 0)
		return area;
	area.known = true;
	area.value = mean_place(curve, good, bad);
	/* A perfect sorting of few has no variance; as a share of the fewer side it says how little that
	 * means. */
	fewer = good < bad ? good : bad;
	share = wilson(area.value < 0.5 ? 1 - area.value : area.value, fewer);
	half = Z * sqrt(variance(curve, good, bad, area.value));
	area.low = area.value - half;
	area.high = area.value + half;
	if (half == 0) {
		area.low = area.value < 0.5 ? 1 - share.high : share.low;
		area.high = area.value < 0.5 ? 1 - share.low : share.high;
	}
	if (area.low < 0)
		area.low = 0;
	if (area.high > 1)
		area.high = 1;
	return area;
}
