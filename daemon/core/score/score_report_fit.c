/*
 * Ridge logistic regression; see score_report_fit.h.
 */
#include "daemon/core/score/score_report_fit.h"

#include <assert.h>
#include <math.h>

#define RIDGE 1.0
#define ROUNDS_MAX 100
#define HALVINGS_MAX 30
#define STILL 1e-10

/* The constant is the last of `size` unknowns. */
struct work {
	const struct fit_case *cases;
	size_t n;
	size_t size;
	double *at; /* where we are */
	double *step;
	double *trial;
	double *gradient;
	double *hessian; /* lower triangle, by rows; after cholesky() its factor */
};

static double *cell(const struct work *w, size_t row, size_t column)
{
	return &w->hessian[row * w->size + column];
}

static double log_odds(const struct work *w, const double *at, const struct fit_case *c)
{
	double sum = at[w->size - 1];

	for (size_t i = 0; i < c->nmarks; i++)
		sum += at[c->marks[i]];
	return sum;
}

/* ln(1 + e^x) without overflow. */
static double softplus(double x)
{
	return x > 0 ? x + log(1 + exp(-x)) : log(1 + exp(x));
}

/* What is made small: minus the log-likelihood, and the ridge. */
static double loss(const struct work *w, const double *at)
{
	double sum = 0;

	for (size_t i = 0; i + 1 < w->size; i++)
		sum += RIDGE / 2 * at[i] * at[i];
	for (size_t i = 0; i < w->n; i++) {
		double odds = log_odds(w, at, &w->cases[i]);

		sum += w->cases[i].good * softplus(-odds) + w->cases[i].bad * softplus(odds);
	}
	return sum;
}

/* Number of the i-th unknown that touches a case: its marks, then the constant. */
static size_t unknown(const struct work *w, const struct fit_case *c, size_t i)
{
	return i < c->nmarks ? c->marks[i] : w->size - 1;
}

static void add_case(const struct work *w, const struct fit_case *c)
{
	double chance = 1 / (1 + exp(-log_odds(w, w->at, c)));
	double all = c->good + c->bad, slope = all * chance - c->good, bend = all * chance * (1 - chance);

	for (size_t i = 0; i <= c->nmarks; i++) {
		size_t a = unknown(w, c, i);

		w->gradient[a] += slope;
		for (size_t j = 0; j <= c->nmarks; j++) {
			size_t b = unknown(w, c, j);

			if (b <= a)
				*cell(w, a, b) += bend;
		}
	}
}

static void derive(const struct work *w)
{
	memset(w->gradient, 0, w->size * sizeof(*w->gradient));
	memset(w->hessian, 0, w->size * w->size * sizeof(*w->hessian));
	for (size_t i = 0; i + 1 < w->size; i++) {
		w->gradient[i] = RIDGE * w->at[i];
		*cell(w, i, i) = RIDGE;
	}
	for (size_t i = 0; i < w->n; i++)
		add_case(w, &w->cases[i]);
	/* So that a constant that nothing speaks of stays solvable. */
	*cell(w, w->size - 1, w->size - 1) += 1e-9;
}

/* Golub and Van Loan, algorithm 4.2: the lower triangle becomes its factor. */
static void cholesky(const struct work *w)
{
	for (size_t j = 0; j < w->size; j++) {
		for (size_t k = 0; k < j; k++)
			*cell(w, j, j) -= *cell(w, j, k) * *cell(w, j, k);
		*cell(w, j, j) = sqrt(*cell(w, j, j) > 1e-12 ? *cell(w, j, j) : 1e-12);
		for (size_t i = j + 1; i < w->size; i++) {
			for (size_t k = 0; k < j; k++)
				*cell(w, i, j) -= *cell(w, i, k) * *cell(w, j, k);
			*cell(w, i, j) /= *cell(w, j, j);
		}
	}
}

/* x becomes L^-1 x. */
static void solve_down(const struct work *w, double *x)
{
	for (size_t i = 0; i < w->size; i++) {
		for (size_t k = 0; k < i; k++)
			x[i] -= *cell(w, i, k) * x[k];
		x[i] /= *cell(w, i, i);
	}
}

/* x becomes L^-T x. */
static void solve_up(const struct work *w, double *x)
{
	for (size_t i = w->size; i-- > 0;) {
		for (size_t k = i + 1; k < w->size; k++)
			x[i] -= *cell(w, k, i) * x[k];
		x[i] /= *cell(w, i, i);
	}
}

/* Goes along the step, half as far each time, until the loss falls. False: it does not any more. */
static bool advance(const struct work *w, double *before)
{
	double share = 2;

	for (unsigned tries = 0; tries < HALVINGS_MAX; tries++) {
		double after;

		share /= 2;
		for (size_t i = 0; i < w->size; i++)
			w->trial[i] = w->at[i] - share * w->step[i];
		after = loss(w, w->trial);
		if (after < *before) {
			bool more = *before - after > STILL * (1 + fabs(after));

			memcpy(w->at, w->trial, w->size * sizeof(*w->at));
			*before = after;
			return more;
		}
	}
	return false;
}

static void settle(const struct work *w)
{
	double now = loss(w, w->at);

	for (unsigned round = 0; round < ROUNDS_MAX; round++) {
		derive(w);
		cholesky(w);
		memcpy(w->step, w->gradient, w->size * sizeof(*w->step));
		solve_down(w, w->step);
		solve_up(w, w->step);
		if (!advance(w, &now))
			return;
	}
}

/* The root of the diagonal of the inverse, from the factor at the last place. */
static void find_errors(const struct work *w, double *errors)
{
	derive(w);
	cholesky(w);
	for (size_t i = 0; i + 1 < w->size; i++) {
		double sum = 0;

		memset(w->step, 0, w->size * sizeof(*w->step));
		w->step[i] = 1;
		solve_down(w, w->step);
		for (size_t k = 0; k < w->size; k++)
			sum += w->step[k] * w->step[k];
		errors[i] = sqrt(sum);
	}
}

void fit_logistic(const struct fit_case *cases, size_t n, size_t nmarks, struct arena *arena, struct fit *out)
{
	size_t size = nmarks + 1;
	struct work w = {
		.cases = cases,
		.n = n,
		.size = size,
		.at = arena_array(arena, double, size),
		.step = arena_array(arena, double, size),
		.trial = arena_array(arena, double, size),
		.gradient = arena_array(arena, double, size),
		.hessian = arena_array(arena, double, size *size),
	};

	assert(nmarks <= FIT_MARKS_MAX);
	settle(&w);
	out->constant = w.at[nmarks];
	out->weights = w.at;
	out->errors = arena_array(arena, double, size);
	find_errors(&w, out->errors);
}
