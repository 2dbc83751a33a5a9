/*
 * The form decoder on any bytes: what it takes is UTF-8 within the limits.
 */
#include "daemon/http/form.h"

#include "daemon/base/http_message.h"
#include "daemon/base/utf8.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct form_limits limits = { .pairs = 8, .name_bytes = 16, .value_bytes = 64 };
	struct arena arena = { 0 };
	struct form form;
	struct complaint complaint = { 0 };
	struct buf value = { 0 };
	struct span bytes = span_from(data, size);

	if (!form_decode(bytes, &limits, &arena, &form, &complaint))
		assert(complaint.text[0] != '\0' && form.npairs == 0);
	assert(form.npairs <= limits.pairs);
	for (size_t i = 0; i < form.npairs; i++) {
		const struct form_pair *pair = &form.pairs[i];

		assert(pair->name.len > 0 && pair->name.len <= limits.name_bytes && utf8_valid(pair->name));
		assert(pair->value.len <= limits.value_bytes && utf8_valid(pair->value));
	}
	if (form.npairs > 0 && memchr(form.pairs[0].name.at, '\0', form.pairs[0].name.len) == NULL)
		assert(http_param_find(bytes, form.pairs[0].name.at, &value) &&
		       span_eq(buf_span(&value), form.pairs[0].value));
	buf_release(&value);
	arena_release(&arena);
	return 0;
}
