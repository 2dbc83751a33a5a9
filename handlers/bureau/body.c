/*
 * Bodies of staff calls; see body.h.
 */
#include "handlers/bureau/body.h"

static bool refuse(struct problem *problem, const char *field, const char *detail)
{
	*problem = (struct problem){ .status = 400, .code = "field_invalid", .detail = detail, .field = field };
	return false;
}

const struct json_object *body_read(struct http_exchange *exchange, struct problem *problem)
{
	struct arena *arena = http_exchange_arena(exchange);
	struct span bytes = http_exchange_request(exchange)->body;
	struct json_object *object = arena_new(arena, struct json_object);
	struct complaint complaint;

	if (bytes.len == 0 || json_object_read(bytes, arena, object, &complaint))
		return object;
	*problem = (struct problem){ .status = 400,
				     .code = "not_json",
				     .detail = arena_printf(arena, "The body must be one JSON object: %s.",
							    complaint.text) };
	return NULL;
}

bool body_text(const struct json_object *body, const char *name, bool needed, size_t max, struct span *value,
	       struct problem *problem)
{
	const struct json_member *member = json_member_find(body, name);

	*value = (struct span){ 0 };
	if (member == NULL)
		return !needed || refuse(problem, name, "This member is needed.");
	if (member->kind != JSON_TEXT)
		return refuse(problem, name, "This member must be a text.");
	if (needed && member->text.len == 0)
		return refuse(problem, name, "This member must not be empty.");
	if (member->text.len > max)
		return refuse(problem, name, "This text is too long.");
	*value = member->text;
	return true;
}

bool body_number(const struct json_object *body, const char *name, uint64_t low, uint64_t high,
		 uint64_t *value, struct problem *problem)
{
	const struct json_member *member = json_member_find(body, name);
	uint64_t number;

	if (member == NULL)
		return true;
	if (member->kind != JSON_NUMBER || !span_u64(member->text, &number))
		return refuse(problem, name, "This member must be a whole number.");
	if (number < low || number > high)
		return refuse(problem, name, "This number is out of its range.");
	*value = number;
	return true;
}
