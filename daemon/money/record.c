/*
 * Canonical records of the money journal; see record.h.
 *
 * Reading is strict by writing again: what does not come out byte for byte as
 * it went in was not written here.
 */
#include "daemon/money/record.h"

#include "daemon/base/hex.h"
#include "daemon/base/json_in.h"
#include "daemon/base/json_out.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#define NUMBER_MAX 24

/* --- writing ---------------------------------------------------------------------- */

static void put_number(struct json_out *json, const char *name, uint64_t number)
{
	char text[NUMBER_MAX];
	int len = snprintf(text, sizeof(text), "%llu", (unsigned long long)number);

	json_text(json, name, span_from(text, (size_t)len));
}

static void put_hash(struct json_out *json, const char *name, const unsigned char hash[RECORD_HASH_BYTES])
{
	char digits[2 * RECORD_HASH_BYTES];

	hex_put(hash, RECORD_HASH_BYTES, digits);
	json_text(json, name, span_from(digits, sizeof(digits)));
}

static void put_leg(struct json_out *json, const struct ledger_leg *leg)
{
	char text[MONEY_TEXT_MAX];

	json_open_member(json, NULL, '[');
	json_text(json, NULL, span_of(leg->book));
	put_number(json, NULL, leg->code);
	json_text(json, NULL, span_of(leg->detail));
	json_text(json, NULL, leg->debit ? SPAN("Dr") : SPAN("Cr"));
	json_text(json, NULL, money_write(leg->fen, text));
	json_close(json, ']');
}

static void put_entry(struct json_out *json, const struct ledger_entry *entry)
{
	if (entry->nlegs == 0)
		return;
	json_text(json, "entry", span_of(entry->id));
	json_open_member(json, "legs", '[');
	for (size_t i = 0; i < entry->nlegs; i++)
		put_leg(json, &entry->legs[i]);
	json_close(json, ']');
}

static void put_members(struct json_out *json, const struct record *record)
{
	put_number(json, "seq", record->seq);
	put_hash(json, "prev", record->prev);
	put_number(json, "at", (uint64_t)record->at_ms);
	json_text(json, "kind", record->kind);
	json_text(json, "key", record->key);
	put_hash(json, "print", record->print);
	json_text(json, "person", record->person);
	json_text(json, "account", record->account);
	json_text(json, "role", record->role);
	json_text(json, "subject", record->subject);
	json_raw(json, "data", record->data);
	put_entry(json, &record->entry);
}

struct span record_write(struct record *record, struct arena *arena)
{
	struct buf text = { 0 };
	struct json_out json = json_out_to(&text);
	struct span written;

	assert(record->seq > 0 && record->at_ms >= 0 && record->data.len >= 2);
	json_open(&json, '{');
	put_members(&json, record);
	buf_add_byte(&text, '}');
	crypto_hash_sha256(record->hash, (const unsigned char *)text.at, text.len);
	text.len--;
	put_hash(&json, "hash", record->hash);
	json_close(&json, '}');
	written = arena_dup(arena, buf_span(&text));
	buf_release(&text);
	return written;
}

/* --- reading ---------------------------------------------------------------------- */

static bool take_number(const struct json_member *member, uint64_t *number)
{
	int64_t read;

	if (member == NULL || member->kind != JSON_TEXT || !money_read(member->text, false, &read))
		return false;
	*number = (uint64_t)read;
	return true;
}

static bool take_hash(const struct json_member *member, unsigned char hash[RECORD_HASH_BYTES])
{
	return member != NULL && member->kind == JSON_TEXT && hex_get(member->text, hash, RECORD_HASH_BYTES);
}

static bool take_text(const struct json_member *member, struct span *out)
{
	if (member == NULL || member->kind != JSON_TEXT)
		return false;
	*out = member->text;
	return true;
}

/* One quoted text without escapes, and what closes it: ',' or ']'. */
static bool next_text(struct span *rest, struct span *text, char *behind)
{
	size_t end;

	if (rest->len < 3 || rest->at[0] != '"')
		return false;
	*rest = span_from_offset(*rest, 1);
	end = span_find(*rest, SPAN("\""));
	if (end + 1 >= rest->len)
		return false;
	*text = span_from(rest->at, end);
	*behind = rest->at[end + 1];
	*rest = span_from_offset(*rest, end + 2);
	return true;
}

static bool copy_name(char *out, size_t size, struct span text)
{
	if (text.len >= size || memchr(text.at, '\\', text.len) != NULL || memchr(text.at, 0, text.len) != NULL)
		return false;
	memcpy(out, text.at, text.len);
	out[text.len] = '\0';
	return true;
}

static bool read_leg(struct span *rest, struct ledger_leg *leg)
{
	struct span part[5];
	char behind = ',';
	int64_t code;

	for (size_t i = 0; i < 5; i++)
		if (behind != ',' || !next_text(rest, &part[i], &behind))
			return false;
	if (behind != ']' || !money_read(part[1], false, &code) || ledger_kind((unsigned)code) == NULL)
		return false;
	leg->code = (enum ledger_code)code;
	leg->debit = span_is(part[3], "Dr");
	return copy_name(leg->book, sizeof(leg->book), part[0]) &&
	       copy_name(leg->detail, sizeof(leg->detail), part[2]) && money_read(part[4], false, &leg->fen);
}

/* [["book","code","detail","Dr","fen"],...] */
static bool read_legs(struct span text, struct ledger_entry *entry)
{
	struct span rest = span_from_offset(text, 1);

	if (text.len < 2 || text.at[0] != '[')
		return false;
	for (char before = ','; before == ','; rest = span_from_offset(rest, 1)) {
		if (entry->nlegs == LEDGER_LEGS_MAX || rest.len < 2 || rest.at[0] != '[')
			return false;
		rest = span_from_offset(rest, 1);
		if (!read_leg(&rest, &entry->legs[entry->nlegs++]) || rest.len == 0)
			return false;
		before = rest.at[0];
	}
	return rest.len == 0;
}

static bool read_entry(const struct json_object *object, struct ledger_entry *entry, struct complaint *why)
{
	const struct json_member *legs = json_member_find(object, "legs");
	struct span id;

	if (legs == NULL)
		return true;
	if (!take_text(json_member_find(object, "entry"), &id) || !copy_name(entry->id, sizeof(entry->id), id))
		return complain(why, 0, "member \"entry\" is no entry id");
	if (legs->kind != JSON_TREE || !read_legs(legs->text, entry))
		return complain(why, 0, "member \"legs\" cannot be read");
	return true;
}

static bool read_texts(const struct json_object *object, struct record *record, struct complaint *why)
{
	const struct {
		const char *name;
		struct span *to;
	} texts[] = {
		{ .name = "kind", .to = &record->kind },       { .name = "key", .to = &record->key },
		{ .name = "person", .to = &record->person },   { .name = "account", .to = &record->account },
		{ .name = "role", .to = &record->role },       { .name = "subject", .to = &record->subject },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (!take_text(json_member_find(object, texts[i].name), texts[i].to))
			return complain(why, 0, "member \"%s\" is no text", texts[i].name);
	return true;
}

static bool read_members(const struct json_object *object, struct record *record, struct complaint *why)
{
	const struct json_member *data = json_member_find(object, "data");
	uint64_t at;

	if (!take_number(json_member_find(object, "seq"), &record->seq) || record->seq == 0)
		return complain(why, 0, "member \"seq\" is no number");
	if (!take_hash(json_member_find(object, "prev"), record->prev))
		return complain(why, 0, "member \"prev\" is no hash");
	if (!take_number(json_member_find(object, "at"), &at))
		return complain(why, 0, "member \"at\" is no time");
	record->at_ms = (int64_t)at;
	if (!take_hash(json_member_find(object, "print"), record->print))
		return complain(why, 0, "member \"print\" is no hash");
	if (data == NULL || data->kind != JSON_TREE || data->text.at[0] != '{')
		return complain(why, 0, "member \"data\" is no object");
	record->data = data->text;
	return read_texts(object, record, why) && read_entry(object, &record->entry, why);
}

bool record_read(struct span json, struct arena *arena, struct record *record, struct complaint *why)
{
	struct json_object *object = arena_new(arena, struct json_object);
	unsigned char hash[RECORD_HASH_BYTES];
	struct span again;

	*record = (struct record){ 0 };
	if (json.len > RECORD_BYTES_MAX)
		return complain(why, 0, "longer than %d bytes", RECORD_BYTES_MAX);
	if (!json_object_read(json, arena, object, why) || !read_members(object, record, why))
		return false;
	if (!take_hash(json_member_find(object, "hash"), hash))
		return complain(why, 0, "member \"hash\" is no hash");
	again = record_write(record, arena);
	if (memcmp(hash, record->hash, sizeof(hash)) != 0)
		return complain(why, 0, "the hash does not fit the record %llu", (unsigned long long)record->seq);
	if (!span_eq(again, json))
		return complain(why, 0, "record %llu is not in canonical form", (unsigned long long)record->seq);
	return true;
}

bool record_text(const struct record *record, const char *name, struct arena *arena, struct span *out)
{
	struct json_object *object = arena_new(arena, struct json_object);
	struct complaint why;
	const struct json_member *member;

	*out = (struct span){ 0 };
	if (!json_object_read(record->data, arena, object, &why))
		return false;
	member = json_member_find(object, name);
	if (member == NULL)
		return true;
	*out = member->text;
	return member->kind == JSON_TEXT || member->kind == JSON_TREE;
}
