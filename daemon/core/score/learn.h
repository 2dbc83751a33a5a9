/*
 * Learning from outcomes: two hashed classifiers beside the readable rules.
 *
 * In:  a folded text and what the judge knows of it. Out: the chance that it is
 * wanted, 0 to 1. An example is the set of keyed, hashed features of one text;
 * it is made while the text is open (an officer closes the tip) and kept, sealed,
 * in the journal, so the model is a fold of the journal and can be built again.
 * It enters the score as one capped reason (core/score/score.h); nothing sinks by it
 * alone.
 *
 * The chance is a weighted sum, made a probability, of a logistic regression
 * (AdaGrad: Duchi, Hazan, Singer 2011), of naive Bayes, which is the better of
 * the two while little is known, and of what the rules' points say. The weights of
 * the sum are learned on examples that none of them has seen yet: that is what
 * calibrates it. Hashing: Weinberger et al. 2009.
 *
 * Pure: the same examples in the same order give the same bytes.
 * learn.c the model, learn_features.c features of a text, learn_pack.c examples
 * as bytes, learn_save.c the model as bytes.
 */
#ifndef TIPLINE_CORE_LEARN_H
#define TIPLINE_CORE_LEARN_H

#include "daemon/base/arena.h"
#include "daemon/core/text/entity.h"
#include "daemon/core/tip/fingerprinter.h"
#include "daemon/core/text/normalize.h"
#include "daemon/core/tip/seal.h"

#define LEARN_FEATURES_MAX 512
#define LEARN_PLACES 61440u                /* of a model; each feature has one */
#define LEARN_MODEL_BYTES_MAX (1u << 20)   /* of the model in memory and saved */

struct learner;

struct learn_example {
	uint16_t features[LEARN_FEATURES_MAX];  /* places in the model; ascending, no doubles */
	size_t n;
};

struct learn_input {
	struct span original;                /* the text as it came; may be empty */
	const struct folded *text;
	const struct entities *entities;
	unsigned points;                     /* of the rules alone, 0..100 */
};

/*
 * Features of a text: words and their neighbours, characters of Han and their
 * neighbours, four letters in a row, the first words, and its shape (length, numbers, capital
 * letters, entities, points). A function of the input and the key. Of a very
 * long text the beginning counts.
 */
void learn_features(const struct fingerprinter *key, const struct learn_input *in, struct learn_example *out);

/* Few bytes for many features; false from unpack for bytes that pack could not have made. */
struct span learn_pack(const struct learn_example *in, struct arena *arena);
bool learn_unpack(struct span packed, struct learn_example *out);

/*
 * What the journal holds: the packed example under a key of its own, because
 * which features occur together would tell much of the words to who has many
 * examples. Bound to the tip, in whatever shard it is. False from open: not
 * this key, not this tip, or changed.
 */
struct span learn_seal(const struct seal_key *key, const struct tip_id *id, const struct learn_example *in,
		       struct arena *arena);
bool learn_open(const struct seal_key *key, const struct tip_id *id, struct span sealed, struct arena *arena,
		struct learn_example *out);

/* A model that has seen nothing gives what the rules' points and a text's shape say. */
struct learner *learner_new(void);
void learner_free(struct learner *learner);

/* Chance that a text is wanted (no junk, no prank), calibrated; 0 < chance < 1. */
double learner_chance(const struct learner *learner, const struct learn_example *example);

/* One outcome, as it becomes known. */
void learner_learn(struct learner *learner, const struct learn_example *example, bool wanted);

/* Outcomes seen of each kind. */
uint64_t learner_seen(const struct learner *learner, bool wanted);

/*
 * Points for the score: how far the chance is from that of a tip of which
 * nothing is known, capped to -LEARN_POINTS_SINK..LEARN_POINTS_RAISE; 0 until
 * the model has seen LEARN_SEEN_MIN outcomes of each kind.
 */
#define LEARN_POINTS_SINK 20
#define LEARN_POINTS_RAISE 10
#define LEARN_SEEN_MIN 50
int learner_points(const struct learner *learner, const struct learn_example *example);

/* What an outcome of the lifecycle teaches: true and *wanted, or false when it teaches nothing ("duplicate"). */
bool learn_outcome(struct span outcome, bool *wanted);

/* The model as bytes (to be sealed by the caller), and back; false: not such bytes, the learner is as it was. */
struct span learner_save(const struct learner *learner, struct arena *arena);
bool learner_load(struct learner *learner, struct span saved);

#endif
