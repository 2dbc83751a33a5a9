/*
 * Reading a command by its row of the table: which fields it has, whether they
 * are well formed, and their one canonical form.
 */
#include "daemon/base/table.h"
#include "daemon/base/utf8.h"
#include "daemon/money/book_state.h"

#include <assert.h>

#define TEXT_MAX 1000
#define LIST_MAX 64

/* --- types of fields --------------------------------------------------------------------- */

static bool all_of(struct span text, size_t max, const char *allowed)
{
	if (text.len > max)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (memchr(allowed, text.at[i], strlen(allowed)) == NULL)
			return false;
	return true;
}

#define DIGITS "0123456789"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static bool is_id(struct span text)
{
	return all_of(text, 35, DIGITS LOWER UPPER "._:-");
}

static bool is_long_id(struct span text)
{
	return all_of(text, 63, DIGITS LOWER UPPER "._:/-");
}

static bool is_name(struct span text)
{
	return all_of(text, 15, DIGITS LOWER "_-");
}

static bool is_title(struct span text)
{
	return all_of(text, STAFF_TITLE_MAX - 1, DIGITS LOWER UPPER "_-");
}

static bool is_text(struct span text)
{
	return text.len <= TEXT_MAX && utf8_valid(text);
}

static bool is_document(struct span text)
{
	return text.len <= POLICY_BYTES_MAX && utf8_valid(text);
}

static bool is_amount(struct span text)
{
	int64_t fen;

	return money_read(text, false, &fen) && fen > 0;
}

static bool is_number(struct span text)
{
	int64_t number;

	return money_read(text, false, &number);
}

/* Below zero as well: "-350". */
static bool is_balance(struct span text)
{
	int64_t fen;

	return money_read(text, true, &fen);
}

static bool is_hash(struct span text)
{
	return text.len == 64 && all_of(text, 64, DIGITS "abcdef");
}

static bool is_yes(struct span text)
{
	return span_is(text, "1") || span_is(text, "0");
}

static bool is_account(struct span text)
{
	struct posting_account account;

	return all_of(text, 48, DIGITS LOWER UPPER ":._-") && posting_account_parse(text, &account);
}

static const struct field_type {
	const char *name;
	bool (*fits)(struct span text);   /* NULL: a list of texts */
	const char *expected;
} types[] = {
	{ .name = "id", .fits = is_id, .expected = "up to 35 of letters, digits and ._:-" },
	{ .name = "long id", .fits = is_long_id, .expected = "up to 63 of letters, digits and ._:/-" },
	{ .name = "name", .fits = is_name, .expected = "up to 15 of a-z, digits, _ and -" },
	{ .name = "title", .fits = is_title, .expected = "up to 23 of letters, digits, _ and -" },
	{ .name = "text", .fits = is_text, .expected = "a text of at most 1000 bytes" },
	{ .name = "document", .fits = is_document, .expected = "a document of at most 16384 bytes" },
	{ .name = "fen", .fits = is_amount, .expected = "whole fen above zero" },
	{ .name = "number", .fits = is_number, .expected = "a number in decimal digits" },
	{ .name = "balance", .fits = is_balance, .expected = "whole fen, with a minus sign when below zero" },
	{ .name = "ms", .fits = is_number, .expected = "Unix time in milliseconds" },
	{ .name = "hash", .fits = is_hash, .expected = "64 hexadecimal digits in lower case" },
	{ .name = "yes", .fits = is_yes, .expected = "1 or 0" },
	{ .name = "account", .fits = is_account, .expected = "bank:, float: or cash: and a name" },
	{ .name = "lines", .fits = statement_lines_fit, .expected = "lines of a statement, in order" },
	{ .name = "list", .expected = "a JSON array of texts" },
};

static const struct field_type *type_of(const struct book_command_field *field)
{
	for (size_t i = 0; i < COUNT_OF(types); i++)
		if (strcmp(types[i].name, field->type) == 0)
			return &types[i];
	assert(false && "a type of field that there is");
	return NULL;
}

/* --- lists ----------------------------------------------------------------------------------- */

/* The texts of a JSON array; false for anything else. */
static bool list_read(struct span json, struct arena *arena, struct span *texts, size_t *n)
{
	struct json_object *object = arena_new(arena, struct json_object);
	struct span whole = span_of(arena_printf(arena, "{\"l\":%.*s}", (int)json.len, json.at));
	struct json_array array;
	struct json_member element;
	struct complaint why;

	*n = 0;
	if (json.len > RECORD_BYTES_MAX || !json_object_read(whole, arena, object, &why) || object->n != 1 ||
	    !json_array_within(whole, &object->members[0], &array))
		return false;
	while (json_array_next(&array, arena, &element)) {
		if (element.kind != JSON_TEXT || element.text.len > TEXT_MAX || *n == LIST_MAX)
			return false;
		texts[(*n)++] = element.text;
	}
	return true;
}

struct span *plan_list(const struct plan *plan, const char *name, size_t *n)
{
	struct span *texts = arena_array(plan->arena, struct span, LIST_MAX);
	struct span json = plan_field(plan, name);

	*n = 0;
	if (!span_empty(json) && !list_read(json, plan->arena, texts, n))
		assert(false && "was read before");
	return texts;
}

static bool list_canonical(struct plan *plan, struct span json, struct span *out)
{
	struct span *texts = arena_array(plan->arena, struct span, LIST_MAX);
	struct buf text = { 0 };
	struct json_out to = json_out_to(&text);
	size_t n;

	if (!list_read(json, plan->arena, texts, &n))
		return false;
	json_open(&to, '[');
	for (size_t i = 0; i < n; i++)
		json_text(&to, NULL, texts[i]);
	json_close(&to, ']');
	*out = arena_dup(plan->arena, buf_span(&text));
	buf_release(&text);
	return true;
}

/* --- a command ------------------------------------------------------------------------------- */

const struct book_command_kind *command_find(struct span kind)
{
	size_t n;
	const struct book_command_kind *kinds = book_command_kinds(&n);

	for (size_t i = 0; i < n; i++)
		if (span_is(kind, kinds[i].kind))
			return &kinds[i];
	return NULL;
}

static size_t field_index(const struct book_command_kind *kind, const char *name)
{
	for (size_t i = 0; i < BOOK_FIELDS_MAX && kind->fields[i].name != NULL; i++)
		if (strcmp(kind->fields[i].name, name) == 0)
			return i;
	return BOOK_FIELDS_MAX;
}

static bool refuse_field(struct plan *plan, const char *field, const char *code, const char *expected)
{
	plan->refusal->field = field;
	return plan_refuse(plan, 400, code, "%s: %s", field, expected);
}

static bool read_field(struct plan *plan, const struct book_field *given)
{
	size_t index = field_index(plan->kind, given->name);
	const struct field_type *type;

	if (index == BOOK_FIELDS_MAX)
		return refuse_field(plan, given->name, "UNKNOWN_FIELD", "this command has no such field");
	if (!span_empty(plan->field[index]))
		return refuse_field(plan, given->name, "FIELD_TWICE", "given twice");
	type = type_of(&plan->kind->fields[index]);
	plan->field[index] = given->value;
	if (span_empty(given->value))
		return true;
	if (type->fits != NULL ? !type->fits(given->value)
			       : !list_canonical(plan, given->value, &plan->field[index]))
		return refuse_field(plan, plan->kind->fields[index].name, "WRONG_FIELD", type->expected);
	return true;
}

bool command_read(struct plan *plan)
{
	const struct book_command *command = plan->command;

	for (size_t i = 0; i < command->nfields; i++)
		if (!read_field(plan, &command->fields[i]))
			return false;
	for (size_t i = 0; i < BOOK_FIELDS_MAX && plan->kind->fields[i].name != NULL; i++)
		if (plan->kind->fields[i].required && span_empty(plan->field[i]))
			return refuse_field(plan, plan->kind->fields[i].name, "MISSING_FIELD", "has to be given");
	return true;
}

void command_put_fields(const struct plan *plan, struct json_out *json)
{
	for (size_t i = 0; i < BOOK_FIELDS_MAX && plan->kind->fields[i].name != NULL; i++) {
		if (span_empty(plan->field[i]))
			continue;
		if (type_of(&plan->kind->fields[i])->fits == NULL)
			json_raw(json, plan->kind->fields[i].name, plan->field[i]);
		else
			json_text(json, plan->kind->fields[i].name, plan->field[i]);
	}
}

struct span plan_field(const struct plan *plan, const char *name)
{
	size_t index = field_index(plan->kind, name);

	assert(index < BOOK_FIELDS_MAX);
	return plan->field[index];
}

int64_t plan_number(const struct plan *plan, const char *name)
{
	int64_t number = 0;

	if (plan_given(plan, name) && !money_read(plan_field(plan, name), true, &number))
		assert(false && "was checked before");
	return number;
}

bool plan_given(const struct plan *plan, const char *name)
{
	return !span_empty(plan_field(plan, name));
}
