/*
 * The model as bytes; see learn.h.
 *
 *   "TLM1", seen unwanted, wanted (8 bytes each), the voices' weights and
 *   gradients, the knots and theirs (doubles), then for each place: weight,
 *   gradient (floats), counts (2 bytes each)
 *
 * All little-endian. What follows from the counts is not kept. Read whole into
 * a new model first, so that bytes that are wrong at their end change nothing.
 */
#include "daemon/core/score/learn_model.h"

#include "daemon/base/memory.h"

#include <math.h>
#include <stdlib.h>

#define MAGIC SPAN("TLM1")
#define MAGIC_BYTES 4
#define PAIR_BYTES (2 * 8)     /* a number and its gradient */
#define PLACE_BYTES (4 + 4 + 2 + 2)
#define SAVED_BYTES (MAGIC_BYTES + 2 * 8 + (LEARN_VOICES + LEARN_KNOTS) * PAIR_BYTES + (size_t)LEARN_PLACES * PLACE_BYTES)
#define WEIGHT_MAX 1e6       /* far beyond what learning can reach */
#define GRADIENT_MAX 1e12

_Static_assert(SAVED_BYTES <= LEARN_MODEL_BYTES_MAX, "a saved model has its bound");
_Static_assert(sizeof(float) == 4 && sizeof(double) == 8, "IEEE 754");

static void put(unsigned char **at, uint64_t number, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		*(*at)++ = (unsigned char)(number >> (8 * i));
}

static uint64_t get(const unsigned char **at, size_t bytes)
{
	uint64_t number = 0;

	for (size_t i = 0; i < bytes; i++)
		number |= (uint64_t)*(*at)++ << (8 * i);
	return number;
}

static void put_float(unsigned char **at, float number)
{
	uint32_t bits;

	memcpy(&bits, &number, sizeof(bits));
	put(at, bits, sizeof(bits));
}

static void put_double(unsigned char **at, double number)
{
	uint64_t bits;

	memcpy(&bits, &number, sizeof(bits));
	put(at, bits, sizeof(bits));
}

static float get_float(const unsigned char **at)
{
	uint32_t bits = (uint32_t)get(at, sizeof(bits));
	float number;

	memcpy(&number, &bits, sizeof(number));
	return number;
}

static double get_double(const unsigned char **at)
{
	uint64_t bits = get(at, sizeof(bits));
	double number;

	memcpy(&number, &bits, sizeof(number));
	return number;
}

static void put_pairs(unsigned char **at, const double *numbers, const double *gradients, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		put_double(at, numbers[i]);
		put_double(at, gradients[i]);
	}
}

struct span learner_save(const struct learner *learner, struct arena *arena)
{
	unsigned char *bytes = arena_alloc(arena, SAVED_BYTES), *at = bytes + MAGIC_BYTES;

	memcpy(bytes, MAGIC.at, MAGIC_BYTES);
	put(&at, learner->seen[0], 8);
	put(&at, learner->seen[1], 8);
	put_pairs(&at, learner->voices, learner->voice_gradients, LEARN_VOICES);
	put_pairs(&at, learner->knots, learner->knot_gradients, LEARN_KNOTS);
	for (size_t i = 0; i < LEARN_PLACES; i++) {
		put_float(&at, learner->places[i].weight);
		put_float(&at, learner->gradients[i]);
		put(&at, learner->counts[i][0], 2);
		put(&at, learner->counts[i][1], 2);
	}
	return span_from(bytes, SAVED_BYTES);
}

/* --- back ------------------------------------------------------------------------------------ */

/* NaN is within nothing. */
static bool within(double number, double least, double most)
{
	return number >= least && number <= most;
}

static bool get_pairs(const unsigned char **at, double *numbers, double *gradients, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		numbers[i] = get_double(at);
		gradients[i] = get_double(at);
		if (!within(numbers[i], -WEIGHT_MAX, WEIGHT_MAX) || !within(gradients[i], 0, GRADIENT_MAX))
			return false;
	}
	return true;
}

static bool get_voices(const unsigned char **at, struct learner *out)
{
	if (!get_pairs(at, out->voices, out->voice_gradients, LEARN_VOICES) ||
	    !get_pairs(at, out->knots, out->knot_gradients, LEARN_KNOTS))
		return false;
	for (size_t i = 1; i < LEARN_KNOTS; i++)
		if (out->knots[i] <= out->knots[i - 1])
			return false;
	return true;
}

static bool get_place(const unsigned char **at, struct learner *out, size_t i)
{
	struct learn_place *place = &out->places[i];

	place->weight = get_float(at);
	out->gradients[i] = get_float(at);
	out->counts[i][0] = (uint16_t)get(at, 2);
	out->counts[i][1] = (uint16_t)get(at, 2);
	place->ratio = out->counts[i][0] != 0 || out->counts[i][1] != 0 ? learn_ratio(out->counts[i]) : 0;
	return within((double)place->weight, -WEIGHT_MAX, WEIGHT_MAX) &&
	       within((double)out->gradients[i], 0, GRADIENT_MAX) && out->counts[i][0] < UINT16_MAX &&
	       out->counts[i][1] < UINT16_MAX;
}

static bool get_model(const unsigned char *at, struct learner *out)
{
	out->seen[0] = get(&at, 8);
	out->seen[1] = get(&at, 8);
	if (!get_voices(&at, out))
		return false;
	for (size_t i = 0; i < LEARN_PLACES; i++)
		if (!get_place(&at, out, i))
			return false;
	return true;
}

bool learner_load(struct learner *learner, struct span saved)
{
	struct learner *fresh;
	bool well;

	if (saved.len != SAVED_BYTES || !span_starts(saved, MAGIC))
		return false;
	fresh = learner_new();
	well = get_model((const unsigned char *)saved.at + MAGIC_BYTES, fresh);
	if (well)
		memcpy(learner, fresh, sizeof(*learner));
	learner_free(fresh);
	return well;
}
