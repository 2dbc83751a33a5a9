/*
 * Entities in any bytes: each within the text, in order, with a terminated value.
 */
#include "daemon/core/text/entity.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct entities entities;
	uint32_t end = 0;

	entities_find(span_from(data, size), &entities);
	assert(entities.n <= ENTITIES_MAX);
	for (size_t i = 0; i < entities.n; i++) {
		const struct entity *entity = &entities.at[i];

		assert(entity->kind < ENTITY_KINDS);
		assert(entity->from >= end && entity->from < entity->to && entity->to <= size);
		assert(memchr(entity->value, '\0', sizeof(entity->value)) != NULL &&
		       entity->value[0] != '\0');
		end = entity->to;
	}
	return 0;
}
