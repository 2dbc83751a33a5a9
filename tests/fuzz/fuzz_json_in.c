/*
 * Any bytes as a JSON object: no crash, and what is taken stays within its
 * bytes and is UTF-8.
 */
#include "daemon/base/json_in.h"
#include "daemon/base/utf8.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct json_object object;
	struct complaint complaint;

	if (json_object_read(span_from(data, size), &arena, &object, &complaint))
		for (size_t i = 0; i < object.n; i++)
			if (!utf8_valid(object.members[i].name) || !utf8_valid(object.members[i].text))
				abort();
	arena_release(&arena);
	return 0;
}
