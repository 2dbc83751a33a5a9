/*
 * Rows of key pairs as text; see person_keys_file.h and person_keys.h.
 *
 * What a file leaves open to doubt is refused with its line: a row that was
 * dropped in silence would lock its person out for good at the next change.
 */
#include "daemon/sys/person_keys_file.h"

#include "daemon/base/hex.h"
#include "daemon/base/json_in.h"
#include "daemon/base/json_out.h"
#include "daemon/base/memory.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/files.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

/* --- rows -------------------------------------------------------------------- */

void person_rows_release(struct person_rows *rows)
{
	for (size_t i = 0; i < rows->n; i++)
		free(rows->at[i].wraps);
	free(rows->at);
	*rows = (struct person_rows){ 0 };
}

struct person_row *person_rows_add(struct person_rows *rows, struct person_row row)
{
	rows->at = memory_grow(rows->at, rows->n, sizeof(*rows->at));
	rows->at[rows->n] = row;
	return &rows->at[rows->n++];
}

struct person_row *person_rows_find(const struct person_rows *rows, struct span person)
{
	for (size_t i = 0; i < rows->n; i++)
		if (span_is(person, rows->at[i].person))
			return &rows->at[i];
	return NULL;
}

void person_rows_drop(struct person_rows *rows, struct person_row *row)
{
	size_t at = (size_t)(row - rows->at);

	free(row->wraps);
	rows->n--;
	memmove(row, row + 1, (rows->n - at) * sizeof(*row));
}

struct person_wrap *person_row_wrap(const struct person_row *row, struct span by)
{
	for (size_t i = 0; i < row->nwraps; i++)
		if (span_is(by, row->wraps[i].by))
			return &row->wraps[i];
	return NULL;
}

/* --- reading ------------------------------------------------------------------- */

struct reader {
	struct span text;       /* of the line */
	size_t line;
	struct arena arena;     /* of the line */
	struct complaint *why;
};

static bool wrong(const struct reader *r, const char *member, const char *expected)
{
	return complain(r->why, r->line, PERSON_KEYS_FILE ":%zu: %s: expected %s; bring the file back from a copy", r->line, member,
			expected);
}

static bool number(const struct json_object *object, const char *name, unsigned least, unsigned most, unsigned *out)
{
	const struct json_member *member = json_member_find(object, name);
	uint64_t value;

	if (member == NULL || member->kind != JSON_NUMBER || !span_u64(member->text, &value) || value < least || value > most)
		return false;
	*out = (unsigned)value;
	return true;
}

static bool costs(const struct json_object *object, struct person_wrap *wrap)
{
	if (strcmp(wrap->by, PERSON_WRAP_PASSWORD) != 0)
		return true;
	return number(object, "ops", 1, PERSON_WRAP_OPS_MAX, &wrap->ops) &&
	       number(object, "mem", PERSON_WRAP_MEM_MIN_KIB, PERSON_WRAP_MEM_MAX_KIB, &wrap->mem_kib);
}

static bool is_kind(struct span by)
{
	char name[PERSON_WRAP_BY_MAX + 1];

	return span_is(by, PERSON_WRAP_PASSWORD) ||
	       (span_starts(by, SPAN("token:")) && person_wrap_name(span_from_offset(by, 6), name));
}

static bool read_wrap(struct reader *r, const struct json_member *tree, struct person_row *row)
{
	struct json_object object;
	struct person_wrap wrap = { .ops = 0 };
	struct span by;

	if (tree->kind != JSON_TREE || !json_object_within(r->text, tree, &r->arena, &object, NULL))
		return wrong(r, "wraps", "a list of objects");
	by = json_member_text(&object, "by");
	if (by.len == 0 || by.at == NULL || !is_kind(by) || person_row_wrap(row, by) != NULL)
		return wrong(r, "by", "\"password\" or \"token:ID\", each once");
	memcpy(wrap.by, by.at, by.len);
	if (!hex_get(json_member_text(&object, "salt"), wrap.salt, sizeof(wrap.salt)))
		return wrong(r, "salt", "32 hexadecimal digits");
	if (!costs(&object, &wrap))
		return wrong(r, "ops and mem", "1 to 16 passes, 8 to 262144 KiB");
	if (!hex_get(json_member_text(&object, "box"), wrap.box, sizeof(wrap.box)))
		return wrong(r, "box", "146 hexadecimal digits");
	row->wraps = memory_grow(row->wraps, row->nwraps, sizeof(*row->wraps));
	row->wraps[row->nwraps++] = wrap;
	return true;
}

static bool read_wraps(struct reader *r, const struct json_object *object, struct person_row *row)
{
	const struct json_member *member = json_member_find(object, "wraps");
	struct json_member element;
	struct json_array array;

	if (member == NULL || !json_array_within(r->text, member, &array))
		return wrong(r, "wraps", "a list");
	while (json_array_next(&array, &r->arena, &element)) {
		if (row->nwraps == PERSON_WRAPS_MAX)
			return wrong(r, "wraps", "at most 256");
		if (!read_wrap(r, &element, row))
			return false;
	}
	return true;
}

static bool read_row(struct reader *r, struct person_rows *rows, struct person_row *row)
{
	struct json_object object;
	struct span person;

	if (!json_object_read(r->text, &r->arena, &object, NULL))
		return wrong(r, "the line", "a JSON object");
	person = json_member_text(&object, "person");
	if (!token_person_ok(person) || person_rows_find(rows, person) != NULL)
		return wrong(r, "person", "1 to 64 of letters, digits and ._-@, each once");
	memcpy(row->person, person.at, person.len);
	if (!hex_get(json_member_text(&object, "public"), row->public_key, sizeof(row->public_key)))
		return wrong(r, "public", "64 hexadecimal digits");
	if (!clock_parse(json_member_text(&object, "made"), &row->made_ms))
		return wrong(r, "made", "a time like 2026-11-21T18:06:27Z");
	return read_wraps(r, &object, row);
}

static bool read_line(struct reader *r, struct person_rows *rows)
{
	struct person_row row = { .nwraps = 0 };
	bool well = read_row(r, rows, &row);

	arena_clear(&r->arena);
	if (well)
		person_rows_add(rows, row);
	else
		free(row.wraps);
	return well;
}

bool person_rows_parse(struct person_rows *rows, struct span bytes, struct complaint *why)
{
	struct reader r = { .why = why };
	struct span rest = bytes.len > 0 ? bytes : (struct span){ 0 };
	bool well = true;

	while (well && span_cut(&rest, '\n', &r.text)) {
		r.line++;
		if (!span_empty(span_trim(r.text)))
			well = read_line(&r, rows);
	}
	if (well && bytes.len > 0 && bytes.at[bytes.len - 1] != '\n')
		well = wrong(&r, "the line", "a newline at its end");
	arena_release(&r.arena);
	return well;
}

bool person_rows_read(struct person_rows *rows, const char *path, struct complaint *why)
{
	struct buf bytes = { 0 };
	bool well = files_private(path, why) && files_read(path, PERSON_KEYS_FILE_MAX, &bytes, why) &&
		    person_rows_parse(rows, buf_span(&bytes), why);

	buf_release(&bytes);
	return well;
}

/* --- writing --------------------------------------------------------------------- */

static void print_hex(struct json_out *json, const char *name, const unsigned char *bytes, size_t n)
{
	char digits[2 * PERSON_WRAP_BOX_BYTES];

	hex_put(bytes, n, digits);
	json_text(json, name, span_from(digits, 2 * n));
}

static void print_wrap(struct json_out *json, const struct person_wrap *wrap)
{
	json_open_member(json, NULL, '{');
	json_text(json, "by", span_of(wrap->by));
	print_hex(json, "salt", wrap->salt, sizeof(wrap->salt));
	if (strcmp(wrap->by, PERSON_WRAP_PASSWORD) == 0) {
		json_u64(json, "ops", wrap->ops);
		json_u64(json, "mem", wrap->mem_kib);
	}
	print_hex(json, "box", wrap->box, sizeof(wrap->box));
	json_close(json, '}');
}

static void print_row(const struct person_row *row, struct buf *to)
{
	struct json_out json = json_out_to(to);
	char made[21];

	clock_text(row->made_ms, made);
	json_open(&json, '{');
	json_text(&json, "person", span_of(row->person));
	print_hex(&json, "public", row->public_key, sizeof(row->public_key));
	json_text(&json, "made", span_of(made));
	json_open_member(&json, "wraps", '[');
	for (size_t i = 0; row->wraps != NULL && i < row->nwraps; i++)
		print_wrap(&json, &row->wraps[i]);
	json_close(&json, ']');
	json_close(&json, '}');
	buf_add_byte(to, '\n');
}

void person_rows_print(const struct person_rows *rows, struct buf *to)
{
	for (size_t i = 0; i < rows->n; i++)
		print_row(&rows->at[i], to);
}

/* --- one change ---------------------------------------------------------------- */

/* Waits for the lock: what is slow is done before. */
bool person_change_begin(struct person_change *change, const char *state_dir, struct complaint *why)
{
	*change = (struct person_change){ .file.lock = -1 };
	if (sodium_init() < 0)
		return complain(why, 0, "libsodium does not start");
	return file_change_begin(&change->file, state_dir, PERSON_KEYS_FILE, "person-keys.lock", -1, why) &&
	       (!file_change_there(&change->file) || person_rows_read(&change->rows, change->file.path, why));
}

bool person_change_write(struct person_change *change, struct complaint *why)
{
	struct buf text = { 0 };
	bool well;

	person_rows_print(&change->rows, &text);
	well = file_change_write(&change->file, buf_span(&text), why);
	buf_release(&text);
	return well;
}

void person_change_end(struct person_change *change)
{
	person_rows_release(&change->rows);
	file_change_end(&change->file);
}
