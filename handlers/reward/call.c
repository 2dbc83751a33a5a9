/*
 * Bodies of staff calls as commands; see call.h.
 */
#include "handlers/reward/call.h"

#include "daemon/base/table.h"

#define CLOCK_BEHIND_MS 10000

/* --- kinds ----------------------------------------------------------------------------- */

const struct book_command_kind *call_kind(const char *prefix, struct span action)
{
	size_t n, len = strlen(prefix);
	const struct book_command_kind *kinds = book_command_kinds(&n);

	for (size_t i = 0; i < n; i++)
		if (strncmp(kinds[i].kind, prefix, len) == 0 && span_is(action, kinds[i].kind + len) &&
		    (kinds[i].by & ~(unsigned)(MONEY_SYSTEM | MONEY_CLAIMANT)) != 0)
			return &kinds[i];
	return NULL;
}

static const struct book_command_field *field_find(const struct book_command_kind *kind, struct span name)
{
	for (size_t i = 0; i < BOOK_FIELDS_MAX && kind->fields[i].name != NULL; i++)
		if (span_is(name, kind->fields[i].name))
			return &kind->fields[i];
	return NULL;
}

/* --- values ------------------------------------------------------------------------------ */

static bool refuse(struct problem *problem, const char *code, const char *field, const char *detail)
{
	*problem = (struct problem){ .status = 400, .code = code, .field = field, .detail = detail };
	return false;
}

static bool is_array(const char *type)
{
	return strcmp(type, "list") == 0 || strcmp(type, "lines") == 0;
}

static bool is_number(const char *type)
{
	return strcmp(type, "fen") == 0 || strcmp(type, "number") == 0 || strcmp(type, "ms") == 0;
}

/* What a JSON value of that kind is as the command's text; false: not of that type. */
static bool value_of(const char *type, const struct json_member *member, struct span *value)
{
	*value = member->text;
	switch (member->kind) {
	case JSON_TEXT:
		return !is_array(type);
	case JSON_NUMBER:
		return is_number(type);
	case JSON_TRUE:
	case JSON_FALSE:
		*value = member->kind == JSON_TRUE ? SPAN("1") : SPAN("0");
		return strcmp(type, "yes") == 0;
	case JSON_TREE:
		return is_array(type) ? member->text.at[0] == '['
				      : strcmp(type, "document") == 0 && member->text.at[0] == '{';
	case JSON_NULL:
		*value = (struct span){ 0 };
		return true;
	}
	return false;
}

static bool take_subject(const char *name, const struct json_member *member, struct book_command *command,
			 struct problem *problem)
{
	if (member->kind != JSON_TEXT || member->text.len == 0)
		return refuse(problem, "WRONG_SUBJECT", name, "This member must be a text that is not empty.");
	command->subject = member->text;
	return true;
}

static bool take_field(const struct call_form *form, const struct json_member *member, struct arena *arena,
		       struct book_command *command, struct problem *problem)
{
	const struct book_command_field *field = field_find(form->kind, member->name);
	struct span value;

	if (field == NULL || (form->hidden != NULL && strcmp(field->name, form->hidden) == 0))
		return refuse(problem, "UNKNOWN_FIELD", arena_dup(arena, member->name).at,
			      "This call has no such member.");
	if (!value_of(field->type, member, &value))
		return refuse(problem, "WRONG_FIELD", field->name,
			      arena_printf(arena, "This member is of another type: %s is wanted.", field->type));
	if (value.len > 0)
		command->fields[command->nfields++] = (struct book_field){ .name = field->name, .value = value };
	return true;
}

bool call_read(const struct call_form *form, const struct json_object *body, struct arena *arena,
	       struct book_command *command, struct problem *problem)
{
	command->kind = form->kind->kind;
	for (size_t i = 0; i < body->n; i++) {
		const struct json_member *member = &body->members[i];
		bool is_subject = form->subject != NULL && span_is(member->name, form->subject);

		if (is_subject ? !take_subject(form->subject, member, command, problem)
			       : !take_field(form, member, arena, command, problem))
			return false;
	}
	if (form->subject != NULL && span_empty(command->subject))
		return refuse(problem, "MISSING_FIELD", form->subject, "This member is needed.");
	return true;
}

/* --- who ----------------------------------------------------------------------------------- */

bool call_key_ok(struct span key)
{
	for (size_t i = 0; i < key.len; i++) {
		char c = key.at[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') && c != '.' &&
		    c != '_' && c != '-')
			return false;
	}
	return key.len >= 1 && key.len <= 64;
}

unsigned call_roles(unsigned who)
{
	static const struct {
		enum who who;
		enum money_role role;
	} rows[] = {
		{ .who = WHO_VERIFIER, .role = MONEY_VERIFIER }, { .who = WHO_PROPOSER, .role = MONEY_PROPOSER },
		{ .who = WHO_APPROVER, .role = MONEY_APPROVER }, { .who = WHO_FINANCE, .role = MONEY_FINANCE },
		{ .who = WHO_AUDITOR, .role = MONEY_AUDITOR },	 { .who = WHO_ADMIN, .role = MONEY_ADMIN },
		{ .who = WHO_CASHIER, .role = MONEY_CASHIER },
	};
	unsigned roles = 0;

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if ((who & (unsigned)rows[i].who) != 0)
			roles |= (unsigned)rows[i].role;
	return roles;
}

void call_actor(const struct staff *staff_token, const struct book *book, int64_t now_ms, struct arena *arena,
		struct book_command *command)
{
	const struct staff_entry *entry = NULL;

	command->account = arena_dup(arena, span_of(staff_token->person));
	command->person = command->account;
	command->roles = call_roles(staff_token->roles);
	if (book != NULL)
		entry = staff_find(book_staff(book), command->account, book_now_ms(book, now_ms));
	/* The clock is as far as it is known: who was registered this moment may lie ahead of it. */
	if (entry == NULL && book != NULL)
		entry = staff_find(book_staff(book), command->account, now_ms + CLOCK_BEHIND_MS);
	if (entry != NULL)
		command->person = arena_dup(arena, span_of(entry->person));
}
