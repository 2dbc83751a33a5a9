/*
 * Fields of a tip; see tip_input.h.
 */
#include "handlers/intake/tip_input.h"

#include "daemon/base/json_in.h"
#include "daemon/base/table.h"
#include "daemon/http/form.h"

static const struct {
	const char *name;
	size_t offset;
} fields[] = {
	{ "text", offsetof(struct tip_input, text) },
	{ "region", offsetof(struct tip_input, region) },
	{ "place", offsetof(struct tip_input, place) },
	{ "when", offsetof(struct tip_input, when) },
	{ "category", offsetof(struct tip_input, category) },
	{ "lang", offsetof(struct tip_input, lang) },
	{ "contact", offsetof(struct tip_input, contact) },
	{ "nonce", offsetof(struct tip_input, nonce) },
	{ "size", offsetof(struct tip_input, size) },
	{ "challenge", offsetof(struct tip_input, challenge) },
	{ "solution", offsetof(struct tip_input, solution) },
};

struct span *tip_input_field(struct tip_input *input, struct span name)
{
	for (size_t i = 0; i < COUNT_OF(fields); i++)
		if (span_is(name, fields[i].name))
			return (struct span *)(void *)((char *)input + fields[i].offset);
	return NULL;
}

static bool refuse(struct problem *problem, const char *code, const char *detail, const char *field)
{
	*problem = (struct problem){ .status = 400, .code = code, .detail = detail, .field = field };
	return false;
}

bool tip_input_form(struct tip_input *input, struct span body, struct arena *arena, struct problem *problem)
{
	static const struct form_limits limits = { .pairs = 64, .name_bytes = 64, .value_bytes = 1 << 20 };
	struct complaint *complaint = arena_new(arena, struct complaint);
	struct form form;

	if (!form_decode(body, &limits, arena, &form, complaint))
		return refuse(problem, "form_invalid", complaint->text, NULL);
	for (size_t i = 0; i < form.npairs; i++) {
		struct span *field = tip_input_field(input, form.pairs[i].name);

		if (field != NULL)
			*field = form.pairs[i].value;
	}
	return true;
}

bool tip_input_json(struct tip_input *input, struct span body, struct arena *arena, struct problem *problem)
{
	struct json_object *object = arena_new(arena, struct json_object);
	struct complaint complaint;

	if (!json_object_read(body, arena, object, &complaint))
		return refuse(problem, "not_json",
			      arena_printf(arena, "The body must be one JSON object: %s.", complaint.text), NULL);
	for (size_t i = 0; i < object->n; i++) {
		const struct json_member *member = &object->members[i];
		struct span *field = tip_input_field(input, member->name);

		if (field == NULL || member->kind == JSON_NULL)
			continue;
		if (member->kind != JSON_TEXT)
			return refuse(problem, "field_invalid", "This member must be a text.",
				      arena_printf(arena, "%.*s", (int)member->name.len, member->name.at));
		*field = member->text;
	}
	return true;
}

struct tip tip_input_tip(const struct tip_input *input, enum tip_channel channel, int64_t now_ms)
{
	return (struct tip){
		.text = input->text,
		.region = span_trim(input->region),
		.place = input->place,
		.when = input->when,
		.category = input->category,
		.lang = input->lang,
		.contact = input->contact,
		.channel = channel,
		.received_ms = now_ms,
	};
}
