/*
 * Any bytes as a JSON object: no crash, and what is taken stays within its
 * bytes and is UTF-8, elements of arrays included.
 */
#include "daemon/base/json_in.h"
#include "daemon/base/utf8.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every element of an array begins where it says, within the text. */
static void walk(struct span text, const struct json_member *member, struct arena *arena)
{
	struct json_member element;
	struct json_array array;

	if (!json_array_within(text, member, &array))
		return;
	for (size_t last = member->at; json_array_next(&array, arena, &element); last = element.at) {
		if (element.at <= last || element.at >= member->at + member->text.len)
			abort();
		walk(text, &element, arena);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct json_object object;
	struct complaint complaint;

	if (json_object_read(span_from(data, size), &arena, &object, &complaint))
		for (size_t i = 0; i < object.n; i++) {
			walk(span_from(data, size), &object.members[i], &arena);
			if (!utf8_valid(object.members[i].name) || !utf8_valid(object.members[i].text))
				abort();
		}
	arena_release(&arena);
	return 0;
}
