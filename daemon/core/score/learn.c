/*
 * The model; see learn.h.
 *
 * Each example is first used to weigh the voices, by what they say of it
 * unseen, and then taught to them. The regression divides by the square root
 * of the number of features, so that long texts do not shout; so does Bayes,
 * whose features are anything but independent.
 */
#include "daemon/core/score/learn_model.h"
#include "daemon/core/score/learn_shape.h"

#include "daemon/base/memory.h"
#include "daemon/base/table.h"
#include "daemon/base/wipe.h"

#include <math.h>
#include <stdlib.h>

#define STEP 0.6             /* of the regression */
#define GRADIENT_FIRST 3e-3
#define BAYES_PRIOR 0.2     /* added to each count */
#define VOICE_STEP 0.1
#define VOICE_KEEP 0.999     /* old gradients fade: the voices grow louder as they learn */
#define VOICE_FIRST 0.1
#define KNOT_STEP 0.1
#define KNOT_APART 0.1       /* at least: a greater sum is always a greater chance */
#define LOGIT_MAX 12.0
#define POINTS_PER_LOGIT 4.0

/* --- before anything was learned --------------------------------------------------------- */

/* Logits. The rules' base is 30 points, and most of what comes is wanted. */
static const float said_by_shape[SHAPES] = {
	[SHAPE_POINTS + 0] = -1.5f, [SHAPE_POINTS + 1] = -0.5f, [SHAPE_POINTS + 2] = 0.5f,
	[SHAPE_POINTS + 3] = 1.5f,  [SHAPE_POINTS + 4] = 2.0f,	[SHAPE_POINTS + 5] = 2.5f,
	[SHAPE_POINTS + 6] = 3.0f,  [SHAPE_POINTS + 7] = 3.5f,	[SHAPE_POINTS + 8] = 3.5f,
	[SHAPE_POINTS + 9] = 3.5f,  [SHAPE_POINTS + 10] = 3.5f,
	[SHAPE_LINK] = -1.0f,
};

/* --- the voices ---------------------------------------------------------------------------- */

static double probability(double logit)
{
	if (logit > LOGIT_MAX)
		logit = LOGIT_MAX;
	if (logit < -LOGIT_MAX)
		logit = -LOGIT_MAX;
	return 1 / (1 + exp(-logit));
}

static double share_logit(const struct learner *learner)
{
	return log(((double)learner->seen[1] + 1) / ((double)learner->seen[0] + 1));
}

static void listen(const struct learner *learner, const struct learn_example *example, double said[LEARN_VOICES])
{
	double scale = 1 / sqrt((double)(example->n > 0 ? example->n : 1));
	float weights = 0, ratios = 0, rules = 0;

	for (size_t i = 0; i < example->n; i++) {
		const struct learn_place *place = &learner->places[example->features[i]];

		weights += place->weight;
		ratios += place->ratio;
	}
	for (size_t i = 0; i < example->n && example->features[i] < SHAPES; i++)
		rules += said_by_shape[example->features[i]];
	said[VOICE_REGRESSION] = (double)weights * scale;
	said[VOICE_BAYES] = ((double)ratios - (double)example->n * share_logit(learner)) * scale;
	said[VOICE_RULES] = (double)rules;
	said[VOICE_BIAS] = 1;
}

static double weighed(const struct learner *learner, const double said[LEARN_VOICES])
{
	double sum = 0;

	for (size_t i = 0; i < LEARN_VOICES; i++)
		sum += learner->voices[i] * said[i];
	return sum;
}

/* --- straightening ------------------------------------------------------------------------- */

/* The knot at or below the sum, and how far the sum is on the way to the next; outside, the outermost two. */
static size_t knot_below(double sum, double *way)
{
	double from = floor(sum) - LEARN_KNOT_FIRST;

	if (from < 0)
		from = 0;
	if (from > LEARN_KNOTS - 2)
		from = LEARN_KNOTS - 2;
	*way = sum - LEARN_KNOT_FIRST - from;
	return (size_t)from;
}

/* Outside of the knots it goes on with a slope of 1. */
static double straightened(const struct learner *learner, double sum)
{
	const double *knots = learner->knots;
	double way;
	size_t below = knot_below(sum, &way);

	if (way < 0)
		return knots[0] + way;
	if (way > 1)
		return knots[LEARN_KNOTS - 1] + way - 1;
	return knots[below] + way * (knots[below + 1] - knots[below]);
}

static void move_knot(struct learner *learner, size_t i, double gradient)
{
	double *knots = learner->knots;

	learner->knot_gradients[i] = learner->knot_gradients[i] * VOICE_KEEP + gradient * gradient;
	knots[i] -= KNOT_STEP * gradient / sqrt(learner->knot_gradients[i] + VOICE_FIRST);
	for (size_t k = i; k > 0 && knots[k - 1] > knots[k] - KNOT_APART; k--)
		knots[k - 1] = knots[k] - KNOT_APART;
	for (size_t k = i; k + 1 < LEARN_KNOTS && knots[k + 1] < knots[k] + KNOT_APART; k++)
		knots[k + 1] = knots[k] + KNOT_APART;
}

static void straighten(struct learner *learner, double sum, double label)
{
	double wrong = probability(straightened(learner, sum)) - label;
	double way;
	size_t below = knot_below(sum, &way);

	way = way < 0 ? 0 : way > 1 ? 1 : way;
	move_knot(learner, below, wrong * (1 - way));
	move_knot(learner, below + 1, wrong * way);
}

double learner_chance(const struct learner *learner, const struct learn_example *example)
{
	double said[LEARN_VOICES];

	listen(learner, example, said);
	return probability(straightened(learner, weighed(learner, said)));
}

/* --- learning --------------------------------------------------------------------------------- */

static void weigh_voices(struct learner *learner, const double said[LEARN_VOICES], double label)
{
	double wrong = probability(weighed(learner, said)) - label;

	for (size_t i = 0; i < LEARN_VOICES; i++) {
		double gradient = wrong * said[i];
		double *sum = &learner->voice_gradients[i];

		*sum = *sum * VOICE_KEEP + gradient * gradient;
		learner->voices[i] -= VOICE_STEP * gradient / sqrt(*sum + VOICE_FIRST);
		if (i != VOICE_BIAS && learner->voices[i] < 0)
			learner->voices[i] = 0;
	}
}

static void teach_regression(struct learner *learner, const struct learn_example *example, double said, double label)
{
	double scale = 1 / sqrt((double)(example->n > 0 ? example->n : 1));
	float gradient = (float)((probability(said) - label) * scale);
	float square = gradient * gradient;

	for (size_t i = 0; i < example->n; i++) {
		float *sum = &learner->gradients[example->features[i]];

		*sum += square;
		learner->places[example->features[i]].weight -=
			(float)(STEP * (double)gradient / sqrt(GRADIENT_FIRST + (double)*sum));
	}
}

float learn_ratio(const uint16_t counts[2])
{
	return (float)log((counts[1] + BAYES_PRIOR) / (counts[0] + BAYES_PRIOR));
}

static void teach_bayes(struct learner *learner, const struct learn_example *example, bool wanted)
{
	for (size_t i = 0; i < example->n; i++) {
		uint16_t *counts = learner->counts[example->features[i]];

		if (++counts[wanted] == UINT16_MAX) {
			counts[0] /= 2;
			counts[1] /= 2;
		}
		learner->places[example->features[i]].ratio = learn_ratio(counts);
	}
}

void learner_learn(struct learner *learner, const struct learn_example *example, bool wanted)
{
	double said[LEARN_VOICES];

	listen(learner, example, said);
	straighten(learner, weighed(learner, said), wanted);
	weigh_voices(learner, said, wanted);
	teach_regression(learner, example, said[VOICE_REGRESSION], wanted);
	teach_bayes(learner, example, wanted);
	learner->seen[wanted]++;
}

bool learn_outcome(struct span outcome, bool *wanted)
{
	static const struct {
		const char *outcome;
		bool wanted;
	} taught[] = {
		{ "verified", true },
		{ "unfounded", true },   /* an honest mistake is no junk */
		{ "insufficient", true },
		{ "referred", true },
		{ "prank", false },
	};

	for (size_t i = 0; i < COUNT_OF(taught); i++)
		if (span_is(outcome, taught[i].outcome)) {
			*wanted = taught[i].wanted;
			return true;
		}
	return false;
}

/* --- what comes of it ---------------------------------------------------------------------------- */

int learner_points(const struct learner *learner, const struct learn_example *example)
{
	double chance, points;

	if (learner->seen[0] < LEARN_SEEN_MIN || learner->seen[1] < LEARN_SEEN_MIN)
		return 0;
	chance = learner_chance(learner, example);
	points = POINTS_PER_LOGIT * (log(chance / (1 - chance)) - share_logit(learner));
	if (points > LEARN_POINTS_RAISE)
		return LEARN_POINTS_RAISE;
	return points < -LEARN_POINTS_SINK ? -LEARN_POINTS_SINK : (int)floor(points + 0.5);
}

uint64_t learner_seen(const struct learner *learner, bool wanted)
{
	return learner->seen[wanted];
}

struct learner *learner_new(void)
{
	struct learner *learner = memory_zeroes(1, sizeof(*learner));

	learner->voices[VOICE_REGRESSION] = 0.75;
	learner->voices[VOICE_BAYES] = 0.25;
	learner->voices[VOICE_RULES] = 1;
	for (int i = 0; i < LEARN_KNOTS; i++)
		learner->knots[i] = LEARN_KNOT_FIRST + i;
	return learner;
}

void learner_free(struct learner *learner)
{
	if (learner == NULL)
		return;
	wipe(learner, sizeof(*learner));
	free(learner);
}
