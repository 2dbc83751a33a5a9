/*
 * Reading a journal line; see money_line.h.
 *
 * Whether a line is canonical is seen on its bytes, without writing it again:
 * nothing stands between the texts but brackets, colons and commas; a text
 * escapes what has to be escaped, in the one way, and nothing else; the
 * members come in their order.
 */
#include "daemon/cli/money_line.h"

#include "daemon/base/hex.h"
#include "daemon/base/money.h"
#include "daemon/base/table.h"

#include <sodium.h>
#include <stdlib.h>

/* --- bytes ---------------------------------------------------------------------------- */

static bool must_be_escaped(unsigned char c)
{
	return c < 0x20 || c == '"' || c == '\\' || c == '<' || c == 0x7f;
}

/* The length of the escape at `at`, or 0: it is not the canonical one. */
static size_t escape_length(struct span text, size_t at)
{
	static const char short_ones[] = "\"\\nrt";
	int high, low;

	if (text.len - at < 2)
		return 0;
	if (text.at[at + 1] != 'u')
		return strchr(short_ones, text.at[at + 1]) != NULL && text.at[at + 1] != '\0' ? 2 : 0;
	if (text.len - at < 6 || text.at[at + 2] != '0' || text.at[at + 3] != '0')
		return 0;
	high = hex_digit(text.at[at + 4]);
	low = hex_digit(text.at[at + 5]);
	if (high < 0 || low < 0 || (text.at[at + 5] >= 'A' && text.at[at + 5] <= 'F'))
		return 0;
	low |= high << 4;
	return must_be_escaped((unsigned char)low) && strchr("\"\\\n\r\t", low) == NULL ? 6 : 0;
}

/* Moves behind the closing quote; false: the text is not canonical. */
static bool pass_text(struct span text, size_t *at)
{
	while (*at < text.len && text.at[*at] != '"') {
		size_t n = 1;

		if (text.at[*at] == '\\')
			n = escape_length(text, *at);
		else if (must_be_escaped((unsigned char)text.at[*at]))
			n = 0;
		if (n == 0)
			return false;
		*at += n;
	}
	++*at;
	return true;
}

static bool canonical(struct span text)
{
	for (size_t at = 0; at < text.len;) {
		char c = text.at[at++];

		if (c == '"' ? !pass_text(text, &at) : strchr("{}[]:,", c) == NULL || c == '\0')
			return false;
	}
	return true;
}

/* SHA-256 of the bytes before ,"<name>": and a closing brace. */
static bool hash_before(struct span text, const char *name, size_t digits, unsigned char hash[MONEY_HASH_BYTES])
{
	size_t tail = digits + strlen(name) + 7;   /* ,"name":"digits"} */
	crypto_hash_sha256_state state;

	if (text.len <= tail || text.at[text.len - tail] != ',')
		return false;
	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const unsigned char *)text.at, text.len - tail);
	crypto_hash_sha256_update(&state, (const unsigned char *)"}", 1);
	crypto_hash_sha256_final(&state, hash);
	return true;
}

/* --- members -------------------------------------------------------------------------- */

static bool as_number(const struct json_member *member, int64_t *number)
{
	return member->kind == JSON_TEXT && money_read(member->text, false, number);
}

static bool as_count(const struct json_member *member, uint64_t *count)
{
	int64_t number;

	if (!as_number(member, &number))
		return false;
	*count = (uint64_t)number;
	return true;
}

static bool as_bytes(const struct json_member *member, unsigned char *out, size_t n)
{
	for (size_t i = 0; i < member->text.len; i++)
		if (member->text.at[i] >= 'A' && member->text.at[i] <= 'F')
			return false;
	return member->kind == JSON_TEXT && hex_get(member->text, out, n);
}

static bool as_text(const struct json_member *member, struct span *text)
{
	*text = member->text;
	return member->kind == JSON_TEXT;
}

/* --- legs ------------------------------------------------------------------------------- */

#define LEG_PARTS 5

static bool leg_of(struct span part[LEG_PARTS], struct money_leg *leg)
{
	int64_t code;

	if (!money_read(part[1], false, &code) || code > 9999 || !money_read(part[4], false, &leg->fen))
		return false;
	leg->book = part[0];
	leg->code = (unsigned)code;
	leg->detail = part[2];
	leg->debit = span_is(part[3], "Dr");
	return leg->debit || span_is(part[3], "Cr");
}

static bool read_leg(struct span text, const struct json_member *tree, struct arena *arena, struct money_leg *leg)
{
	struct span part[LEG_PARTS];
	struct json_member element;
	struct json_array array;
	size_t n = 0;

	if (!json_array_within(text, tree, &array))
		return false;
	for (; json_array_next(&array, arena, &element); n++) {
		if (n == LEG_PARTS || element.kind != JSON_TEXT)
			return false;
		part[n] = element.text;
	}
	return n == LEG_PARTS && leg_of(part, leg);
}

static bool read_legs(struct span text, const struct json_member *tree, struct arena *arena, struct money_line *line)
{
	struct json_member element;
	struct json_array array;

	if (!json_array_within(text, tree, &array))
		return false;
	while (json_array_next(&array, arena, &element))
		if (line->nlegs == MONEY_LEGS_MAX || !read_leg(text, &element, arena, &line->legs[line->nlegs++]))
			return false;
	return true;
}

/* --- records ---------------------------------------------------------------------------- */

/* The members in their order; those of a posting may both be left out. */
static const char *const names[] = { "seq",  "prev",    "at",   "kind",  "key",  "print", "person",
				     "account", "role", "subject", "data", "entry", "legs",  "hash" };
#define NAMES COUNT_OF(names)
#define FIRST_OF_POSTING 11

static bool in_order(const struct json_object *object, struct complaint *why)
{
	size_t n = 0;

	for (size_t i = 0; i < NAMES; i++) {
		bool posting = i >= FIRST_OF_POSTING && i + 1 < NAMES;

		if (posting && object->n == NAMES - 2)
			continue;
		if (n >= object->n || !span_is(object->members[n].name, names[i]))
			return complain(why, 0, "member \"%s\" is expected", names[i]);
		n++;
	}
	return n == object->n || complain(why, 0, "a member too many");
}

static bool read_data(const struct json_member *member, struct arena *arena, struct money_line *line)
{
	struct complaint ignored;

	line->data_text = member->text;
	return member->kind == JSON_TREE && member->text.at[0] == '{' &&
	       json_object_read(member->text, arena, &line->data, &ignored);
}

/* NULL, or the name of the member that cannot be read. */
static const char *read_members(struct span text, const struct json_object *object, struct arena *arena,
				struct money_line *line)
{
	const struct json_member *m = object->members;
	struct span *const texts[] = { &line->person, &line->account, &line->role, &line->subject };

	if (!as_count(&m[0], &line->seq) || line->seq == 0)
		return "seq";
	if (!as_bytes(&m[1], line->prev, MONEY_HASH_BYTES))
		return "prev";
	if (!as_number(&m[2], &line->at_ms))
		return "at";
	if (!as_text(&m[3], &line->kind) || span_empty(line->kind))
		return "kind";
	if (!as_text(&m[4], &line->key) || span_empty(line->key))
		return "key";
	if (!as_bytes(&m[5], line->print, MONEY_HASH_BYTES))
		return "print";
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		if (!as_text(&m[6 + i], texts[i]))
			return names[6 + i];
	if (!read_data(&m[10], arena, line))
		return "data";
	if (object->n == NAMES && (!as_text(&m[11], &line->entry) || span_empty(line->entry)))
		return "entry";
	if (object->n == NAMES && (!read_legs(text, &m[12], arena, line) || line->nlegs == 0))
		return "legs";
	return as_bytes(&m[object->n - 1], line->hash, MONEY_HASH_BYTES) ? NULL : "hash";
}

bool money_line_read(struct span text, struct arena *arena, struct money_line *line, struct complaint *why)
{
	struct json_object *object = arena_new(arena, struct json_object);
	unsigned char hash[MONEY_HASH_BYTES];
	const char *fault;

	*line = (struct money_line){ 0 };
	if (text.len > MONEY_LINE_MAX)
		return complain(why, 0, "the record is longer than %d bytes", MONEY_LINE_MAX);
	if (!canonical(text))
		return complain(why, 0, "the record is not in canonical form");
	if (!json_object_read(text, arena, object, why) || !in_order(object, why))
		return false;
	fault = read_members(text, object, arena, line);
	if (fault != NULL)
		return complain(why, 0, "member \"%s\" cannot be read", fault);
	line->hash_fits = hash_before(text, "hash", 2 * (size_t)MONEY_HASH_BYTES, hash) &&
			  memcmp(hash, line->hash, sizeof(hash)) == 0;
	return true;
}

/* --- what the data say ------------------------------------------------------------------ */

struct span money_line_text(const struct money_line *line, const char *name)
{
	const struct json_member *member = json_member_find(&line->data, name);

	return member != NULL && member->kind == JSON_TEXT ? member->text : span_from("", 0);
}

bool money_line_has(const struct money_line *line, const char *name)
{
	return json_member_find(&line->data, name) != NULL;
}

bool money_line_number(const struct money_line *line, const char *name, int64_t *number)
{
	const struct json_member *member = json_member_find(&line->data, name);

	return member != NULL && as_number(member, number);
}

bool money_line_balance(const struct money_line *line, const char *name, int64_t *fen)
{
	const struct json_member *member = json_member_find(&line->data, name);

	return member != NULL && member->kind == JSON_TEXT && money_read(member->text, true, fen);
}

int money_line_list(const struct money_line *line, const char *name, struct arena *arena, struct span *out, size_t max)
{
	const struct json_member *member = json_member_find(&line->data, name);
	struct json_member element;
	struct json_array array;
	size_t n = 0;

	if (member == NULL)
		return 0;
	if (!json_array_within(line->data_text, member, &array))
		return -1;
	for (; json_array_next(&array, arena, &element); n++) {
		if (n == max || element.kind != JSON_TEXT)
			return -1;
		out[n] = element.text;
	}
	return (int)n;
}

/* --- the trailer ------------------------------------------------------------------------- */

bool money_trailer_begins(struct span text)
{
	return span_starts(text, SPAN("{\"trailer\":"));
}

static const char *const trailer_names[] = { "trailer", "filter", "count", "first", "last", "head",
					     "fin", "bgt", "sha256", "signer", "signature" };
#define TRAILER_UNSIGNED 9

static bool read_sums(const struct json_member *m, struct money_trailer *trailer)
{
	return as_count(&m[2], &trailer->count) && as_count(&m[3], &trailer->first) &&
	       as_count(&m[4], &trailer->last) && as_bytes(&m[5], trailer->head, MONEY_HASH_BYTES) &&
	       as_number(&m[6], &trailer->fin) && as_number(&m[7], &trailer->bgt) &&
	       as_bytes(&m[8], trailer->sha256, MONEY_HASH_BYTES);
}

struct span money_trailer_signed_text(const unsigned char hash[MONEY_HASH_BYTES], char out[MONEY_SIGNED_TEXT_MAX])
{
	static const char head[] = "tipline money export v1\n";
	size_t len = sizeof(head) - 1;

	memcpy(out, head, len);
	hex_put(hash, MONEY_HASH_BYTES, out + len);
	len += 2 * (size_t)MONEY_HASH_BYTES;
	out[len++] = '\n';
	return span_from(out, len);
}

static bool read_signature(struct span text, const struct json_member *m, struct money_trailer *trailer)
{
	unsigned char hash[MONEY_HASH_BYTES];
	char signed_text[MONEY_SIGNED_TEXT_MAX];
	struct span message;

	trailer->is_signed = true;
	if (!as_bytes(&m[9], trailer->signer, MONEY_KEY_BYTES) ||
	    !as_bytes(&m[10], trailer->signature, MONEY_SIGNATURE_BYTES) ||
	    !hash_before(text, "signature", 2 * (size_t)MONEY_SIGNATURE_BYTES, hash))
		return false;
	message = money_trailer_signed_text(hash, signed_text);
	trailer->signature_fits = crypto_sign_verify_detached(trailer->signature,
							      (const unsigned char *)message.at, message.len,
							      trailer->signer) == 0;
	return true;
}

bool money_trailer_read(struct span text, struct arena *arena, struct money_trailer *trailer, struct complaint *why)
{
	struct json_object *object = arena_new(arena, struct json_object);

	*trailer = (struct money_trailer){ 0 };
	if (!canonical(text) || !json_object_read(text, arena, object, why))
		return complain(why, 0, "the trailer is not in canonical form");
	if (object->n != TRAILER_UNSIGNED && object->n != COUNT_OF(trailer_names))
		return complain(why, 0, "the trailer has not the members that belong there");
	for (size_t i = 0; i < object->n; i++)
		if (!span_is(object->members[i].name, trailer_names[i]))
			return complain(why, 0, "the trailer's member \"%s\" is expected", trailer_names[i]);
	if (!span_is(object->members[0].text, MONEY_TRAILER))
		return complain(why, 0, "the trailer is of another kind than " MONEY_TRAILER);
	if (!as_text(&object->members[1], &trailer->filter) || !read_sums(object->members, trailer))
		return complain(why, 0, "a member of the trailer cannot be read");
	if (object->n > TRAILER_UNSIGNED && !read_signature(text, object->members, trailer))
		return complain(why, 0, "the trailer's signature cannot be read");
	return true;
}
