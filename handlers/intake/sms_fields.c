/*
 * Fields of a gateway's request, whether it is a query, a form or JSON; see
 * sms_door.h.
 */
#include "daemon/base/json_in.h"
#include "handlers/intake/sms_door.h"

#define NESTED_MAX 4
#define ELEMENTS_MAX 16   /* of a list within an object */

struct sms_list {
	struct span text;
	struct arena *arena;
	struct json_array array;
};

static bool add_field(struct sms_fields *out, struct span name, struct span value)
{
	if (out->n == SMS_FIELDS_MAX)
		return false;
	out->at[out->n++] = (struct sms_field){ .name = name, .value = value };
	return true;
}

/* --- forms ------------------------------------------------------------------------ */

static bool decode(struct span encoded, struct arena *arena, struct span *out)
{
	char *text = arena_alloc(arena, encoded.len + 1);

	*out = span_from(text, 0);
	return encoded.len == 0 || http_urldecode(encoded, text, &out->len);
}

bool sms_fields_of_form(struct span encoded, struct arena *arena, struct sms_fields *out)
{
	struct span pair, name, value;

	out->n = 0;
	while (encoded.len > 0 && span_cut(&encoded, '&', &pair)) {
		struct span rest = pair, left;

		if (pair.len == 0)
			continue;
		if (!span_cut(&rest, '=', &left) || !decode(left, arena, &name) || !decode(rest, arena, &value) ||
		    !add_field(out, name, value))
			return false;
	}
	return true;
}

struct span sms_parameter(struct span query, const char *name, struct arena *arena)
{
	struct buf value = { 0 };
	struct span out = { 0 };

	if (http_param_find(query, name, &value))
		out = arena_dup(arena, buf_span(&value));
	buf_release(&value);
	return out;
}

/* --- JSON ----------------------------------------------------------------------------- */

static bool add_object(const struct json_object *object, struct span text, struct span before, unsigned depth,
		       struct arena *arena, struct sms_fields *out);

static struct span joined(struct span before, struct span name, struct arena *arena)
{
	if (before.len == 0)
		return name;
	return span_of(arena_printf(arena, "%.*s.%.*s", (int)before.len, before.at, (int)name.len, name.at));
}

static bool add_value(const struct json_member *m, struct span text, struct span name, unsigned depth,
		      struct arena *arena, struct sms_fields *out);

static bool add_elements(struct json_array *array, struct span text, struct span name, unsigned depth,
			 struct arena *arena, struct sms_fields *out)
{
	struct json_member element;

	for (unsigned i = 0; i < ELEMENTS_MAX && json_array_next(array, arena, &element); i++)
		if (!add_value(&element, text, joined(name, span_of(arena_printf(arena, "%u", i)), arena), depth + 1, arena,
			       out))
			return false;
	return true;
}

static bool add_tree(const struct json_member *m, struct span text, struct span name, unsigned depth, struct arena *arena,
		     struct sms_fields *out)
{
	struct json_object *inner;
	struct json_array array;
	struct complaint why = { 0 };

	if (depth == NESTED_MAX)
		return true;
	if (json_array_within(text, m, &array))
		return add_elements(&array, text, name, depth, arena, out);
	inner = arena_new(arena, struct json_object);
	return json_object_within(text, m, arena, inner, &why) && add_object(inner, text, name, depth + 1, arena, out);
}

static bool add_value(const struct json_member *m, struct span text, struct span name, unsigned depth,
		      struct arena *arena, struct sms_fields *out)
{
	switch (m->kind) {
	case JSON_TEXT:
	case JSON_NUMBER:
		return add_field(out, name, m->text);
	case JSON_TRUE:
		return add_field(out, name, SPAN("true"));
	case JSON_FALSE:
		return add_field(out, name, SPAN("false"));
	case JSON_NULL:
		return true;
	case JSON_TREE:
		break;
	}
	return add_tree(m, text, name, depth, arena, out);
}

static bool add_object(const struct json_object *object, struct span text, struct span before, unsigned depth,
		       struct arena *arena, struct sms_fields *out)
{
	for (size_t i = 0; i < object->n; i++)
		if (!add_value(&object->members[i], text, joined(before, object->members[i].name, arena), depth, arena, out))
			return false;
	return true;
}

bool sms_fields_of_json(struct span text, struct arena *arena, struct sms_fields *out)
{
	struct json_object *object = arena_new(arena, struct json_object);
	struct complaint why = { 0 };

	out->n = 0;
	return json_object_read(text, arena, object, &why) && add_object(object, text, (struct span){ 0 }, 0, arena, out);
}

/* The reader takes objects alone, so the array becomes the one member of one. */
struct sms_list *sms_list_of_json(struct span text, struct arena *arena)
{
	struct sms_list *list = arena_new(arena, struct sms_list);
	struct json_object *object = arena_new(arena, struct json_object);
	char *whole = arena_alloc(arena, text.len + sizeof("{\"l\":}"));
	struct complaint why = { 0 };
	const struct json_member *member;

	memcpy(whole, "{\"l\":", 5);
	if (text.len > 0)
		memcpy(whole + 5, text.at, text.len);
	whole[5 + text.len] = '}';
	list->text = span_from(whole, text.len + 6);
	list->arena = arena;
	if (!json_object_read(list->text, arena, object, &why) || object->n != 1)
		return NULL;
	member = json_member_find(object, "l");
	return member != NULL && json_array_within(list->text, member, &list->array) ? list : NULL;
}

struct sms_list *sms_list_of_member(struct span text, const char *path, struct arena *arena)
{
	struct sms_list *list = arena_new(arena, struct sms_list);
	struct json_object *object = arena_new(arena, struct json_object);
	struct span rest = span_of(path), name;
	const struct json_member *member = NULL;
	struct complaint why = { 0 };

	list->text = text;
	list->arena = arena;
	while (span_cut(&rest, '.', &name)) {
		bool well = member == NULL ? json_object_read(text, arena, object, &why)
					   : json_object_within(text, member, arena, object, &why);

		member = well ? json_member_find(object, arena_dup(arena, name).at) : NULL;
		if (member == NULL)
			return NULL;
		/* The next object is read in another place: the member stands in this one. */
		object = arena_new(arena, struct json_object);
	}
	return member != NULL && json_array_within(text, member, &list->array) ? list : NULL;
}

bool sms_list_next(struct sms_list *list, struct sms_fields *out)
{
	struct json_member element;
	struct complaint why = { 0 };

	out->n = 0;
	if (!json_array_next(&list->array, list->arena, &element))
		return false;
	if (element.kind != JSON_TREE || element.text.len == 0 || element.text.at[0] != '{')
		return true;
	struct json_object *object = arena_new(list->arena, struct json_object);

	if (!json_object_within(list->text, &element, list->arena, object, &why) ||
	    !add_object(object, list->text, (struct span){ 0 }, 0, list->arena, out))
		out->n = 0;
	return true;
}

/* --- a request ---------------------------------------------------------------------------- */

bool sms_fields_of_request(const struct http_request *request, struct arena *arena, struct sms_fields *out)
{
	struct span type = http_field_find(request, "Content-Type");

	out->n = 0;
	if (request->method == HTTP_GET)
		return sms_fields_of_form(request->query, arena, out);
	if (request->method != HTTP_POST)
		return false;
	if (span_starts(type, SPAN("application/json")))
		return sms_fields_of_json(request->body, arena, out);
	return sms_fields_of_form(request->body, arena, out);
}

struct span sms_field(const struct sms_fields *fields, const char *name)
{
	for (size_t i = 0; i < fields->n; i++)
		if (span_is(fields->at[i].name, name))
			return fields->at[i].value;
	return (struct span){ 0 };
}

enum sms_list_step sms_list_message(struct sms_list *list, struct arena *arena, struct sms_batch *batch,
				    const struct sms_fields **fields, struct sms_message **out, struct complaint *why)
{
	struct sms_fields *next = arena_new(arena, struct sms_fields);

	*fields = next;
	if (!sms_list_next(list, next))
		return SMS_LIST_END;
	*out = sms_batch_add(batch);
	if (*out != NULL)
		return SMS_LIST_ONE;
	complain(why, 0, "more than %d messages in a batch", SMS_BATCH_MAX);
	return SMS_LIST_TOO_MANY;
}
