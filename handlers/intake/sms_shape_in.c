/*
 * Messages and receipts of a gateway that is described by configuration; see
 * sms_shape.h.
 */
#include "daemon/base/table.h"
#include "handlers/intake/sms_shape.h"

#define KEY_FIELDS_MAX 8

static const struct {
	const char *name;
	enum sms_coding coding;
	bool hex;
} codings[] = {
	{ .name = "utf-8", .coding = SMS_UTF8 },
	{ .name = "gbk", .coding = SMS_GBK },
	{ .name = "latin-1", .coding = SMS_LATIN1 },
	{ .name = "hex-utf-8", .coding = SMS_UTF8, .hex = true },
	{ .name = "hex-utf-16be", .coding = SMS_UTF16, .hex = true },
	{ .name = "hex-gbk", .coding = SMS_GBK, .hex = true },
	{ .name = "hex-gsm7", .coding = SMS_GSM7, .hex = true },
};

/* The row of the option; COUNT_OF(codings) when it has none. */
static size_t coding_row(const struct gateway_config *config)
{
	size_t i = 0;

	if (!sms_is_set(config->shape.text_coding))
		return 0;
	while (i < COUNT_OF(codings) && strcmp(config->shape.text_coding, codings[i].name) != 0)
		i++;
	return i;
}

bool sms_shape_in_fits(const struct gateway_config *config, struct complaint *why)
{
	const char *const needed[] = { "from_field", config->shape.from_field, "text_field", config->shape.text_field, NULL };

	if (!sms_settings_fit(why, "reading a message", needed))
		return false;
	if (coding_row(config) == COUNT_OF(codings))
		return complain(why, 0, "text_coding: \"%.30s\": utf-8, gbk, latin-1, hex-utf-8, hex-utf-16be, hex-gbk or "
				"hex-gsm7 is expected", config->shape.text_coding);
	return !sms_is_set(config->shape.receipt_delivered) || sms_is_set(config->shape.receipt_field) ||
	       complain(why, 0, "receipt_field: missing; receipt_delivered is set");
}

static struct span shaped(const struct sms_fields *fields, const char *name)
{
	return sms_is_set(name) ? sms_field(fields, name) : (struct span){ 0 };
}

static bool octets_of(struct span encoded, struct arena *arena, struct span *out)
{
	struct buf octets = { 0 };
	bool well = sms_octets_parse(encoded, &octets);

	*out = arena_dup(arena, buf_span(&octets));
	buf_release(&octets);
	return well;
}

/* A message's own data_coding, where it has one, is stronger: 8 is UCS-2, 15 GBK; all else as the option says. */
static enum sms_coding coding_of(const struct gateway_config *config, const struct sms_fields *fields)
{
	struct span own = shaped(fields, config->shape.coding_field);

	if (span_is(own, "8"))
		return SMS_UTF16;
	return span_is(own, "15") ? SMS_GBK : codings[coding_row(config)].coding;
}

/* The fields that together name a message without an id. */
static struct span key_of(const struct gateway_config *config, const struct sms_fields *fields, struct span from,
			  struct arena *arena)
{
	const struct gateway_shape *shape = &config->shape;
	struct span of[KEY_FIELDS_MAX] = { from, shaped(fields, shape->to_field), shaped(fields, shape->time_field),
					   shaped(fields, shape->udh_field), shaped(fields, shape->text_field) };
	struct span rest = span_of(shape->dedupe), name;
	size_t n = 5;

	if (rest.len == 0)
		return of[2].len > 0 ? sms_key_of(of, n, arena) : (struct span){ 0 };
	for (n = 0; n < KEY_FIELDS_MAX && span_cut(&rest, ',', &name); n++)
		of[n] = sms_field(fields, arena_dup(arena, span_trim(name)).at);
	return sms_key_of(of, n, arena);
}

static bool read_text(const struct gateway_config *config, const struct sms_fields *fields, struct arena *arena,
		      struct sms_message *out, struct complaint *why)
{
	struct link_message raw = { .key = shaped(fields, config->shape.id_field),
				    .from = shaped(fields, config->shape.from_field),
				    .to = shaped(fields, config->shape.to_field),
				    .coding = coding_of(config, fields),
				    .octets = shaped(fields, config->shape.text_field) };

	if (raw.from.len == 0 || raw.octets.at == NULL)
		return complain(why, 0, "%s is missing", raw.from.len == 0 ? "from_field" : "text_field");
	if (raw.key.len == 0)
		raw.key = key_of(config, fields, raw.from, arena);
	if (codings[coding_row(config)].hex && !octets_of(raw.octets, arena, &raw.octets))
		return complain(why, 0, "text_field is not hex");
	if (!octets_of(shaped(fields, config->shape.udh_field), arena, &raw.header))
		return complain(why, 0, "udh_field is neither hex nor percent-encoded");
	return sms_door_message(config, &raw, arena, out, why);
}

static bool is_one_of(struct span value, const char *list)
{
	struct span rest = span_of(list), word;

	while (rest.len > 0 && span_cut(&rest, ',', &word))
		if (span_eq(value, span_trim(word)))
			return true;
	return false;
}

static void read_receipt(const struct gateway_config *config, const struct http_request *request,
			 const struct sms_fields *fields, struct arena *arena, struct sms_message *out)
{
	struct span state = shaped(fields, config->shape.receipt_field);

	out->kind = SMS_RECEIPT;
	out->receipt_id = sms_parameter(request->query, "my", arena);
	out->their_id = shaped(fields, config->shape.receipt_id_field);
	out->fate = SMS_BUFFERED;
	if (state.len == 0)
		out->fate = SMS_FATE_UNKNOWN;
	else if (is_one_of(state, config->shape.receipt_delivered))
		out->fate = SMS_DELIVERED;
	else if (is_one_of(state, config->shape.receipt_failed))
		out->fate = SMS_FAILED;
}

/* "[]": the body is the array; "data.list": a member of it. NULL: there is none. */
static struct sms_list *list_of(const struct gateway_config *config, const struct http_request *request, struct arena *arena)
{
	if (strcmp(config->shape.array, "[]") == 0)
		return sms_list_of_json(request->body, arena);
	return sms_list_of_member(request->body, config->shape.array, arena);
}

static bool decode_list(const struct gateway_config *config, const struct http_request *request, struct arena *arena,
			struct sms_batch *batch, struct complaint *why)
{
	struct sms_list *list = request->method == HTTP_POST ? list_of(config, request, arena) : NULL;
	struct complaint of_one = { 0 };
	const struct sms_fields *fields;
	struct sms_message *out;
	enum sms_list_step step;

	if (list == NULL)
		return complain(why, 0, "not a POST of JSON with the array");
	while ((step = sms_list_message(list, arena, batch, &fields, &out, why)) == SMS_LIST_ONE) {
		if (sms_path_is_receipt(request->path))
			read_receipt(config, request, fields, arena, out);
		else if (!read_text(config, fields, arena, out, &of_one))
			*out = (struct sms_message){ .kind = SMS_MALFORMED };
	}
	return step == SMS_LIST_END;
}

bool sms_shape_decode(const struct gateway_config *config, const struct http_request *request, struct arena *arena,
		      struct sms_batch *batch, struct complaint *why)
{
	struct sms_fields *fields = arena_new(arena, struct sms_fields);

	batch->n = 0;
	if (sms_is_set(config->shape.array))
		return decode_list(config, request, arena, batch, why);
	if (!sms_fields_of_request(request, arena, fields))
		return complain(why, 0, "neither a query, a form nor a JSON object");
	if (!sms_path_is_receipt(request->path))
		return read_text(config, fields, arena, sms_batch_add(batch), why);
	read_receipt(config, request, fields, arena, sms_batch_add(batch));
	return true;
}
