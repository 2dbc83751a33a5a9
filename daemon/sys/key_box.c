/*
 * Boxes of private keys; see key_box.h.
 */
#include "daemon/sys/key_box.h"

#include "daemon/base/hex.h"
#include "daemon/base/json_in.h"
#include "daemon/base/json_out.h"
#include "daemon/base/memory.h"
#include "daemon/base/wipe.h"

#include <fnmatch.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#define VERSION 1
#define CODE_DIGITS 6
#define PATTERN "bureau-[0-9][0-9][0-9][0-9][0-9][0-9]"

_Static_assert(KEY_BOX_SEALED_BYTES == 1 + 32 + crypto_box_SEALBYTES, "version and a sealed key");

/* --- names ------------------------------------------------------------------------- */

static bool code_of(const char *pattern, const char *name, char code[7])
{
	if (fnmatch(pattern, name, 0) != 0)
		return false;
	snprintf(code, CODE_DIGITS + 1, "%.6s", strchr(name, '-') + 1);
	return true;
}

bool key_box_name(const char *name, char code[7])
{
	return code_of(PATTERN ".box", name, code);
}

bool key_box_plain_name(const char *name, char code[7])
{
	return code_of(PATTERN ".key", name, code);
}

static void file_name(const char code[7], char name[KEY_NAME_MAX])
{
	snprintf(name, KEY_NAME_MAX, "bureau-%.6s.box", code);
}

/* --- rows -------------------------------------------------------------------------- */

void key_box_release(struct key_box *box)
{
	free(box->rows);
	free(box->also);
	*box = (struct key_box){ .n = 0 };
}

static struct key_box_row *row_of(const struct key_box *box, struct span person)
{
	for (size_t i = 0; i < box->n; i++)
		if (span_is(person, box->rows[i].person))
			return &box->rows[i];
	return NULL;
}

const struct key_box_row *key_box_row_of(const struct key_box *box, struct span person)
{
	return row_of(box, person);
}

static struct key_box_row *row_for(struct key_box *box, struct span person)
{
	struct key_box_row *row = row_of(box, person);

	if (row != NULL)
		return row;
	box->rows = memory_grow(box->rows, box->n, sizeof(*box->rows));
	row = &box->rows[box->n++];
	snprintf(row->person, sizeof(row->person), "%.*s", (int)person.len, person.at != NULL ? person.at : "");
	return row;
}

void key_box_seal(struct key_box *box, struct span person, const unsigned char to[PERSON_KEY_BYTES],
		  const unsigned char private_key[32])
{
	struct key_box_row *row = row_for(box, person);

	row->sealed[0] = VERSION;
	crypto_box_seal(row->sealed + 1, private_key, 32, to);
}

bool key_box_drop(struct key_box *box, struct span person)
{
	struct key_box_row *row = row_of(box, person);

	if (row == NULL)
		return false;
	*row = box->rows[--box->n];
	return true;
}

bool key_box_open_row(const struct key_box *box, struct span person, const struct person_pair *pair, unsigned char held[32])
{
	const struct key_box_row *row = row_of(box, person);

	return row != NULL && row->sealed[0] == VERSION &&
	       crypto_box_seal_open(held, row->sealed + 1, sizeof(row->sealed) - 1, pair->public_key, pair->secret_key) == 0;
}

bool key_box_open(const struct key_box *box, struct span person, const struct person_pair *pair,
		  const unsigned char public_key[32], unsigned char private_key[32])
{
	struct key_box_pair rows, also;
	bool found;

	if (!key_box_open_pair(box, person, pair, &rows))
		return false;
	found = memcmp(rows.public_key, public_key, 32) == 0;
	memcpy(private_key, rows.private_key, 32);
	for (size_t i = 0; i < box->nalso && !found; i++) {
		found = memcmp(box->also[i].public_key, public_key, 32) == 0 && key_box_open_also(&box->also[i], &rows, &also);
		if (found)
			memcpy(private_key, also.private_key, 32);
	}
	wipe(&rows, sizeof(rows));
	wipe(&also, sizeof(also));
	return found;
}

bool key_box_open_pair(const struct key_box *box, struct span person, const struct person_pair *pair, struct key_box_pair *out)
{
	return key_box_open_row(box, person, pair, out->private_key) && crypto_scalarmult_base(out->public_key, out->private_key) == 0;
}

bool key_box_open_also(const struct key_box_also *also, const struct key_box_pair *rows, struct key_box_pair *out)
{
	if (also->sealed[0] != VERSION || crypto_box_seal_open(out->private_key, also->sealed + 1, sizeof(also->sealed) - 1,
							      rows->public_key, rows->private_key) != 0)
		return false;
	crypto_scalarmult_base(out->public_key, out->private_key);
	return memcmp(out->public_key, also->public_key, sizeof(out->public_key)) == 0;
}

void key_box_add_also(struct key_box *box, const struct key_box_pair *pair, int64_t since_ms, const unsigned char rows_public[32])
{
	struct key_box_also *also;

	box->also = memory_grow(box->also, box->nalso, sizeof(*box->also));
	also = &box->also[box->nalso++];
	*also = (struct key_box_also){ .since_ms = since_ms };
	memcpy(also->public_key, pair->public_key, sizeof(also->public_key));
	also->sealed[0] = VERSION;
	crypto_box_seal(also->sealed + 1, pair->private_key, sizeof(pair->private_key), rows_public);
}

/* --- text -------------------------------------------------------------------------- */

/* The name of the row's owner; false: neither a person nor the recovery key. */
static bool owner_of(const struct json_object *object, struct span *owner)
{
	const struct json_member *person = json_member_find(object, "person");
	const struct json_member *recovery = json_member_find(object, "recovery");

	if (person != NULL) {
		*owner = person->text;
		return recovery == NULL && person->kind == JSON_TEXT && token_person_ok(*owner);
	}
	*owner = KEY_BOX_RECOVERY;
	return recovery != NULL && recovery->kind == JSON_TRUE;
}

static bool read_also(struct key_box *box, const struct json_object *object)
{
	const struct json_member *public_key = json_member_find(object, "also"), *since = json_member_find(object, "since"),
				 *sealed = json_member_find(object, "sealed");
	struct key_box_also also;
	uint64_t since_ms;

	if (public_key->kind != JSON_TEXT || since == NULL || since->kind != JSON_NUMBER || sealed == NULL || sealed->kind != JSON_TEXT ||
	    !hex_get(public_key->text, also.public_key, sizeof(also.public_key)) || !span_u64(since->text, &since_ms) ||
	    since_ms > INT64_MAX || !hex_get(sealed->text, also.sealed, sizeof(also.sealed)) || box->nalso == KEY_BOX_ALSO_MAX)
		return false;
	also.since_ms = (int64_t)since_ms;
	for (size_t i = 0; i < box->nalso; i++)
		if (memcmp(box->also[i].public_key, also.public_key, sizeof(also.public_key)) == 0)
			return false;
	box->also = memory_grow(box->also, box->nalso, sizeof(*box->also));
	box->also[box->nalso++] = also;
	return true;
}

static bool read_row(struct key_box *box, struct span line, struct arena *arena)
{
	const struct json_member *sealed;
	struct json_object object;
	unsigned char bytes[KEY_BOX_SEALED_BYTES];
	struct span owner;

	if (!json_object_read(line, arena, &object, NULL))
		return false;
	if (json_member_find(&object, "also") != NULL)
		return read_also(box, &object);
	if (!owner_of(&object, &owner) || row_of(box, owner) != NULL)
		return false;
	sealed = json_member_find(&object, "sealed");
	if (sealed == NULL || sealed->kind != JSON_TEXT || !hex_get(sealed->text, bytes, sizeof(bytes)))
		return false;
	memcpy(row_for(box, owner)->sealed, bytes, sizeof(bytes));
	return true;
}

bool key_box_parse(struct key_box *box, const char *name, struct span bytes, struct complaint *why)
{
	struct span rest = bytes.len > 0 ? bytes : (struct span){ 0 }, line;
	bool well = bytes.len == 0 || bytes.at[bytes.len - 1] == '\n';
	struct arena arena = { 0 };
	size_t number = 0;

	while (well && span_cut(&rest, '\n', &line)) {
		number++;
		well = span_empty(span_trim(line)) || read_row(box, line, &arena);
		arena_clear(&arena);
	}
	arena_release(&arena);
	return well || complain(why, number, "%s:%zu: expected {\"person\",\"sealed\"}, each person once, and a newline; bring the file "
					     "back from a copy",
				name, number);
}

static void print_also(const struct key_box_also *also, struct buf *to)
{
	struct json_out json = json_out_to(to);
	char public_key[2 * sizeof(also->public_key)], digits[2 * KEY_BOX_SEALED_BYTES];

	hex_put(also->public_key, sizeof(also->public_key), public_key);
	hex_put(also->sealed, sizeof(also->sealed), digits);
	json_open(&json, '{');
	json_text(&json, "also", span_from(public_key, sizeof(public_key)));
	json_i64(&json, "since", also->since_ms);
	json_text(&json, "sealed", span_from(digits, sizeof(digits)));
	json_close(&json, '}');
	buf_add_byte(to, '\n');
}

void key_box_print(const struct key_box *box, struct buf *to)
{
	for (size_t i = 0; i < box->n; i++) {
		const struct key_box_row *row = &box->rows[i];
		struct json_out json = json_out_to(to);
		char digits[2 * KEY_BOX_SEALED_BYTES];

		json_open(&json, '{');
		if (row->person[0] != '\0')
			json_text(&json, "person", span_of(row->person));
		else
			json_bool(&json, "recovery", true);
		hex_put(row->sealed, sizeof(row->sealed), digits);
		json_text(&json, "sealed", span_from(digits, sizeof(digits)));
		json_close(&json, '}');
		buf_add_byte(to, '\n');
	}
	for (size_t i = 0; i < box->nalso; i++)
		print_also(&box->also[i], to);
}

/* --- files ------------------------------------------------------------------------- */

enum key_read key_box_read_as(const struct key_dir *dir, const char *name, struct key_box *box, struct complaint *why)
{
	struct buf text = { 0 };
	enum key_read read;

	read = key_file_text(dir, name, KEY_BOX_FILE_MAX, &text, why);
	if (read == KEY_READ && !key_box_parse(box, name, buf_span(&text), why))
		read = KEY_REFUSED;
	buf_release(&text);
	return read;
}

enum key_read key_box_read(const struct key_dir *dir, const char code[7], struct key_box *box, struct complaint *why)
{
	char name[KEY_NAME_MAX];

	file_name(code, name);
	return key_box_read_as(dir, name, box, why);
}

bool key_box_write_as(const struct key_dir *dir, const char *name, const struct key_box *box, struct complaint *why)
{
	struct buf text = { 0 };
	bool well;

	key_box_print(box, &text);
	well = key_file_text_write(dir, name, buf_span(&text), why);
	buf_release(&text);
	return well;
}

bool key_box_write(const struct key_dir *dir, const char code[7], const struct key_box *box, struct complaint *why)
{
	char name[KEY_NAME_MAX];

	file_name(code, name);
	return key_box_write_as(dir, name, box, why);
}
