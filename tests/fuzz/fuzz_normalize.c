/*
 * Folding any bytes: valid UTF-8, the same again when folded again, origins in order.
 */
#include "daemon/core/text/normalize.h"

#include <assert.h>
#include <utf8proc.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct normalizer *tables;
	struct arena arena;
	struct folded once;
	struct folded twice;
	int32_t c;

	if (tables == NULL)
		tables = normalizer_new();
	arena_init(&arena);
	normalize(tables, span_from(data, size), &arena, &once);
	normalize(tables, once.text, &arena, &twice);
	assert(span_eq(once.text, twice.text));
	assert(once.origin[once.text.len] == size);
	for (size_t i = 0; i < once.text.len; i++)
		assert(once.origin[i] <= once.origin[i + 1]);
	for (size_t i = 0; i < once.text.len;) {
		utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)once.text.at + i,
						      (utf8proc_ssize_t)(once.text.len - i), &c);

		assert(n > 0);
		i += (size_t)n;
	}
	arena_release(&arena);
	return 0;
}
