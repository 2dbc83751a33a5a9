/*
 * Rows of the register of staff as text; see accounts_file.h.
 *
 * What a file leaves open to doubt is refused with its line, as in
 * person_keys_file.c: nobody's rights are guessed.
 */
#include "daemon/sys/accounts_file.h"

#include "daemon/base/hex.h"
#include "daemon/base/json_in.h"
#include "daemon/base/json_out.h"
#include "daemon/base/memory.h"
#include "daemon/base/utf8.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/files.h"

#include <stdlib.h>

static const char *const state_names[] = {
	[ACCOUNT_INVITED] = "invited",
	[ACCOUNT_ACTIVE] = "active",
	[ACCOUNT_SUSPENDED] = "suspended",
};

const char *account_state_name(enum account_state state)
{
	return state_names[state];
}

/* --- rows -------------------------------------------------------------------- */

void account_rows_release(struct account_rows *rows)
{
	free(rows->at);
	arena_release(&rows->arena);
	*rows = (struct account_rows){ 0 };
}

struct account *account_rows_find(const struct account_rows *rows, struct span person)
{
	for (size_t i = 0; i < rows->n; i++)
		if (span_is(person, rows->at[i].person))
			return &rows->at[i];
	return NULL;
}

struct account *account_rows_add(struct account_rows *rows)
{
	rows->at = memory_grow(rows->at, rows->n, sizeof(*rows->at));
	rows->at[rows->n] = (struct account){ .totp_step = -1 };
	return &rows->at[rows->n++];
}

/* Controls of both tables, ends of lines, and what turns the direction of all that follows on the same line. */
static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x2028 && c <= 0x202E) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

bool account_name_ok(struct span name)
{
	if (name.len < 1 || name.len > ACCOUNT_NAME_MAX || !utf8_valid(name))
		return false;
	for (size_t at = 0, length; at < name.len; at += length)
		if (is_control(utf8_at(name, at, &length)))
			return false;
	return true;
}

/* --- reading ------------------------------------------------------------------- */

struct reader {
	struct span text;       /* of the line */
	size_t line;
	struct arena arena;     /* of the line */
	struct account_rows *rows;
	struct complaint *why;
};

static bool wrong(const struct reader *r, const char *member, const char *expected)
{
	return complain(r->why, r->line, ACCOUNTS_FILE ":%zu: %s: expected %s; bring the file back from a copy", r->line, member, expected);
}

/* RFC 3339; null or absent is 0. */
static bool member_time(const struct json_object *object, const char *name, int64_t *ms)
{
	const struct json_member *member = json_member_find(object, name);

	*ms = 0;
	return member == NULL || (member->kind == JSON_TEXT && clock_parse(member->text, ms) && *ms > 0);
}

/* An object in the member; absent: `there` is false. */
static bool member_object(struct reader *r, const struct json_object *object, const char *name, struct json_object *inner, bool *there)
{
	const struct json_member *member = json_member_find(object, name);

	*there = member != NULL;
	return !*there || (member->kind == JSON_TREE && json_object_within(r->text, member, &r->arena, inner, NULL)) ||
	       wrong(r, name, "an object");
}

static bool read_state(const struct json_object *object, enum account_state *state)
{
	struct span name = json_member_text(object, "state");

	for (size_t i = 0; i < sizeof(state_names) / sizeof(state_names[0]); i++)
		if (span_is(name, state_names[i])) {
			*state = (enum account_state)i;
			return true;
		}
	return false;
}

static bool read_asked(struct reader *r, const struct json_object *object, struct account_grant *grant)
{
	struct json_object inner;
	struct span by;
	bool there;

	if (!member_object(r, object, "asked", &inner, &there) || !there)
		return !there;
	by = json_member_text(&inner, "by");
	if (by.at == NULL || !token_person_ok(by))
		return wrong(r, "asked.by", "a person");
	memcpy(grant->asked_by, by.at, by.len);
	return (member_time(&inner, "at", &grant->asked_ms) && grant->asked_ms != 0) || wrong(r, "asked.at", "a time like 2026-11-21T18:06:27Z");
}

static bool read_grant(struct reader *r, const struct json_member *tree, struct account_grant *grant)
{
	struct json_object object;
	struct span region;

	if (tree->kind != JSON_TREE || !json_object_within(r->text, tree, &r->arena, &object, NULL))
		return wrong(r, "grants", "a list of objects");
	grant->role = token_role_parse(json_member_text(&object, "role"));
	if (grant->role == 0)
		return wrong(r, "role", "a known role");
	region = json_member_text(&object, "region");
	if (region.at == NULL || !token_region_ok(region))
		return wrong(r, "region", "six digits like 150602 or 150000");
	memcpy(grant->region, region.at, region.len);
	if (!member_time(&object, "from", &grant->from_ms) || !member_time(&object, "until", &grant->until_ms) ||
	    (grant->until_ms != 0 && grant->until_ms <= grant->from_ms))
		return wrong(r, "from and until", "times like 2026-11-21T18:06:27Z in order, or null");
	return read_asked(r, &object, grant);
}

static bool read_grants(struct reader *r, const struct json_object *object, struct account *row)
{
	const struct json_member *member = json_member_find(object, "grants");
	struct json_member element;
	struct json_array array;

	if (member == NULL || !json_array_within(r->text, member, &array))
		return wrong(r, "grants", "a list");
	while (json_array_next(&array, &r->arena, &element)) {
		if (row->ngrants == ACCOUNT_GRANTS_MAX)
			return wrong(r, "grants", "at most 16");
		if (!read_grant(r, &element, &row->grants[row->ngrants]))
			return false;
		row->ngrants++;
	}
	return true;
}

static bool read_sealed(struct reader *r, struct span hex, struct span *sealed)
{
	char bytes[ACCOUNT_TOTP_SEALED_MAX];
	size_t len = hex.len / 2;

	if (len == 0 || len > sizeof(bytes) || !hex_get(hex, bytes, len))
		return false;
	*sealed = arena_dup(&r->rows->arena, span_from(bytes, len));
	return true;
}

static bool read_totp(struct reader *r, const struct json_object *object, struct account *row)
{
	struct json_object inner;
	const struct json_member *step;
	uint64_t number;
	bool there;

	if (!member_object(r, object, "totp", &inner, &there) || !there)
		return !there;
	if (!read_sealed(r, json_member_text(&inner, "sealed"), &row->totp_sealed))
		return wrong(r, "totp.sealed", "up to 512 hexadecimal digits");
	step = json_member_find(&inner, "step");
	if (step == NULL)
		return true;
	if (step->kind != JSON_NUMBER || !span_u64(step->text, &number) || number > INT64_MAX)
		return wrong(r, "totp.step", "a number, or null");
	row->totp_step = (int64_t)number;
	return true;
}

static bool read_setup(struct reader *r, const struct json_object *object, struct account *row)
{
	struct json_object inner;
	bool there;

	if (!member_object(r, object, "setup", &inner, &there) || !there)
		return !there;
	if (!hex_get(json_member_text(&inner, "sha256"), row->setup_sha256, sizeof(row->setup_sha256)))
		return wrong(r, "setup.sha256", "64 hexadecimal digits");
	if (!member_time(&inner, "until", &row->setup_until_ms) || row->setup_until_ms == 0)
		return wrong(r, "setup.until", "a time like 2026-11-21T18:06:27Z");
	return true;
}

static bool read_recovery(struct reader *r, const struct json_object *object, struct account *row)
{
	struct json_object inner;
	struct span by;
	bool there;

	if (!member_object(r, object, "recovery", &inner, &there) || !there)
		return !there;
	by = json_member_text(&inner, "by");
	if (by.at == NULL || !token_person_ok(by) || span_eq(by, span_from(row->person, strlen(row->person))))
		return wrong(r, "recovery.by", "another person");
	memcpy(row->recovery_by, by.at, by.len);
	if (!member_time(&inner, "at", &row->recovery_at_ms) || row->recovery_at_ms == 0)
		return wrong(r, "recovery.at", "a time like 2026-11-21T18:06:27Z");
	return true;
}

/* Who can sign in has a second factor, and who is invited has none. */
static bool read_parts(struct reader *r, const struct json_object *object, struct account *row)
{
	if (!read_grants(r, object, row) || !read_totp(r, object, row) || !read_setup(r, object, row) || !read_recovery(r, object, row))
		return false;
	if ((row->state == ACCOUNT_ACTIVE && row->totp_sealed.len == 0) || (row->state == ACCOUNT_INVITED && row->totp_sealed.len > 0))
		return wrong(r, "state", "active with a second factor, or invited without");
	return true;
}

static bool read_row(struct reader *r, struct account *row)
{
	struct json_object object;
	struct span person, name;

	if (!json_object_read(r->text, &r->arena, &object, NULL))
		return wrong(r, "the line", "a JSON object");
	person = json_member_text(&object, "person");
	if (person.at == NULL || !token_person_ok(person) || account_rows_find(r->rows, person) != NULL)
		return wrong(r, "person", "1 to 64 of letters, digits and ._-@, each once");
	memcpy(row->person, person.at, person.len);
	name = json_member_text(&object, "name");
	if (name.at == NULL || !account_name_ok(name))
		return wrong(r, "name", "1 to 128 bytes of text");
	memcpy(row->name, name.at, name.len);
	if (!read_state(&object, &row->state))
		return wrong(r, "state", "invited, active or suspended");
	if (!member_time(&object, "made", &row->made_ms) || row->made_ms == 0)
		return wrong(r, "made", "a time like 2026-11-21T18:06:27Z");
	if (!member_time(&object, "signed_out", &row->signed_out_ms))
		return wrong(r, "signed_out", "a time like 2026-11-21T18:06:27Z, or null");
	return read_parts(r, &object, row);
}

static bool read_line(struct reader *r)
{
	struct account row = { .totp_step = -1 };
	bool well = read_row(r, &row);

	arena_clear(&r->arena);
	if (well)
		*account_rows_add(r->rows) = row;
	return well;
}

bool account_rows_parse(struct account_rows *rows, struct span bytes, struct complaint *why)
{
	struct reader r = { .rows = rows, .why = why };
	struct span rest = bytes.len > 0 ? bytes : (struct span){ 0 };
	bool well = true;

	while (well && span_cut(&rest, '\n', &r.text)) {
		r.line++;
		if (!span_empty(span_trim(r.text)))
			well = read_line(&r);
	}
	if (well && bytes.len > 0 && bytes.at[bytes.len - 1] != '\n')
		well = wrong(&r, "the line", "a newline at its end");
	arena_release(&r.arena);
	return well;
}

bool account_rows_read(struct account_rows *rows, const char *path, struct complaint *why)
{
	struct buf bytes = { 0 };
	bool well = files_private(path, why) && files_read(path, ACCOUNTS_FILE_MAX, &bytes, why) &&
		    account_rows_parse(rows, buf_span(&bytes), why);

	buf_release(&bytes);
	return well;
}

/* --- writing --------------------------------------------------------------------- */

static void print_hex(struct json_out *json, const char *name, const void *bytes, size_t n)
{
	char digits[2 * ACCOUNT_TOTP_SEALED_MAX];

	hex_put(bytes, n, digits);
	json_text(json, name, span_from(digits, 2 * n));
}

static void print_asked(const struct account_grant *grant, struct json_out *json)
{
	if (grant->asked_by[0] == '\0')
		return;
	json_open_member(json, "asked", '{');
	json_text(json, "by", span_of(grant->asked_by));
	clock_put(json, "at", grant->asked_ms);
	json_close(json, '}');
}

static void print_grants(const struct account *row, struct json_out *json)
{
	json_open_member(json, "grants", '[');
	for (size_t i = 0; i < row->ngrants; i++) {
		const struct account_grant *grant = &row->grants[i];

		json_open_member(json, NULL, '{');
		json_text(json, "role", span_of(token_role_name((unsigned)__builtin_ctz(grant->role))));
		json_text(json, "region", span_of(grant->region));
		clock_put(json, "from", grant->from_ms);
		clock_put(json, "until", grant->until_ms);
		print_asked(grant, json);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void print_totp(const struct account *row, struct json_out *json)
{
	json_open_member(json, "totp", '{');
	print_hex(json, "sealed", row->totp_sealed.at, row->totp_sealed.len);
	if (row->totp_step >= 0)
		json_i64(json, "step", row->totp_step);
	json_close(json, '}');
}

static void print_setup(const struct account *row, struct json_out *json)
{
	json_open_member(json, "setup", '{');
	print_hex(json, "sha256", row->setup_sha256, sizeof(row->setup_sha256));
	clock_put(json, "until", row->setup_until_ms);
	json_close(json, '}');
}

static void print_recovery(const struct account *row, struct json_out *json)
{
	json_open_member(json, "recovery", '{');
	json_text(json, "by", span_of(row->recovery_by));
	clock_put(json, "at", row->recovery_at_ms);
	json_close(json, '}');
}

static void print_row(const struct account *row, struct buf *to)
{
	struct json_out json = json_out_to(to);

	json_open(&json, '{');
	json_text(&json, "person", span_of(row->person));
	json_text(&json, "name", span_of(row->name));
	json_text(&json, "state", span_of(account_state_name(row->state)));
	print_grants(row, &json);
	if (row->totp_sealed.len > 0)
		print_totp(row, &json);
	if (row->setup_until_ms > 0)
		print_setup(row, &json);
	if (row->recovery_by[0] != '\0')
		print_recovery(row, &json);
	if (row->signed_out_ms != 0)
		clock_put(&json, "signed_out", row->signed_out_ms);
	clock_put(&json, "made", row->made_ms);
	json_close(&json, '}');
	buf_add_byte(to, '\n');
}

void account_rows_print(const struct account_rows *rows, struct buf *to)
{
	for (size_t i = 0; i < rows->n; i++)
		print_row(&rows->at[i], to);
}
