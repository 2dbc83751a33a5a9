/*
 * Any bytes as a text, as a packed feature and as a packed fingerprint: within
 * bounds, packed again alike, the text its own copy.
 */
#include "daemon/core/incident/fingerprint.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void as_text(const struct normalizer *tables, struct span text, struct arena *arena)
{
	static const struct fingerprinter key = { .secret = { 1 } };
	struct feature_input in = { .original = text };
	struct feature feature, again;
	struct folded folded;

	normalize(tables, text, arena, &folded);
	in.text = &folded;
	feature_extract(&key, &in, arena, &feature);
	assert(feature_unpack(feature_pack(&feature, arena), &again));
	assert(feature.ngrams == 0 || feature_wording(&feature, &again) >= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct normalizer *tables;
	struct arena arena = { 0 };
	struct span bytes = span_from(data, size);
	struct fingerprint print;
	struct feature feature;

	if (tables == NULL)
		tables = normalizer_new();
	as_text(tables, bytes, &arena);
	if (feature_unpack(bytes, &feature))
		assert(span_eq(feature_pack(&feature, &arena), bytes));
	if (fingerprint_unpack(bytes, &print))
		assert(span_eq(fingerprint_pack(&print, &arena), bytes));
	arena_release(&arena);
	return 0;
}
