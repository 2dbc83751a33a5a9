/*
 * What learn.c and learn_save.c share: the model in memory. Nobody else includes it.
 */
#ifndef TIPLINE_CORE_LEARN_MODEL_H
#define TIPLINE_CORE_LEARN_MODEL_H

#include "daemon/core/score/learn.h"

/* The voices whose sum, weighed, is the chance's logit. */
enum learn_voice {
	VOICE_REGRESSION,
	VOICE_BAYES,
	VOICE_RULES,
	VOICE_BIAS,
	LEARN_VOICES,
};

/*
 * The sum as a logit, straightened: between two knots on a line. What no
 * sum of voices can say, that a tenth of the junk reads like anything else,
 * the knots can.
 */
#define LEARN_KNOTS 13
#define LEARN_KNOT_FIRST (-6)  /* the others at -5, -4, ... 6 */

struct learner {
	struct learn_place {
		float weight;      /* of the regression */
		float ratio;       /* logarithm of wanted over unwanted counts; follows from `counts` */
	} places[LEARN_PLACES];
	float gradients[LEARN_PLACES];       /* sums of squares: AdaGrad */
	uint16_t counts[LEARN_PLACES][2];    /* examples with this feature: unwanted, wanted */
	uint64_t seen[2];                    /* all examples: unwanted, wanted */
	double voices[LEARN_VOICES];         /* weights of the sum */
	double voice_gradients[LEARN_VOICES];
	double knots[LEARN_KNOTS];           /* ascending */
	double knot_gradients[LEARN_KNOTS];
};

_Static_assert(sizeof(struct learner) <= LEARN_MODEL_BYTES_MAX, "a model has its bound");

/* The ratio of a place from its counts. */
float learn_ratio(const uint16_t counts[2]);

#endif
