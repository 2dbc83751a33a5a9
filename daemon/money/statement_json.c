/*
 * A connector's statement in JSON (GET /v1/statements/{account}/{date}).
 *
 * {"account":"main","date":"2026-11-20","sequence":41,
 *  "opening":{"minor":10000000,"currency":"CNY"},"closing":{...},
 *  "count":1,"debits":{...},"credits":{...},"sha256":"<64 hex>",
 *  "lines":[{"line_id":"1","instruction_id":"..","provider_ref":"..","direction":"debit",
 *            "amount":{"minor":850000,"currency":"CNY"},"booked_at":"2026-11-20T10:00:00+08:00",
 *            "kind":"payment"}]}
 *
 * Kinds are payment (or payout), return, fee, and other (or funding). sha256 is that of the bytes of "lines", brackets included. sequence,
 * instruction_id and sha256 may be left out; everything else has to be there.
 */
#include "daemon/money/statement.h"

#include "daemon/base/civil_time.h"
#include "daemon/base/hex.h"
#include "daemon/base/json_in.h"

#include <sodium.h>

struct reading {
	struct span file;
	struct arena *arena;
	struct statement *out;
	struct complaint *why;
	struct statement_line *lines;
	size_t n;
	int64_t sum[2];            /* debits, credits */
	struct json_object amount, line;   /* the ones just read */
};

static bool wrong(const struct reading *r, size_t at, const char *what)
{
	return complain(r->why, json_line(r->file, at), "%s", what);
}

static const struct json_member *need(const struct reading *r, const struct json_object *object, size_t at,
				      const char *name, enum json_kind kind)
{
	const struct json_member *member = json_member_find(object, name);

	if (member != NULL && member->kind == kind)
		return member;
	complain(r->why, json_line(r->file, member != NULL ? member->at : at), "\"%s\" is missing or of the wrong kind",
		 name);
	return NULL;
}

/* {"minor":850000,"currency":"CNY"} */
static bool read_amount(struct reading *r, const struct json_object *object, size_t at, const char *name,
			bool negative, int64_t *fen)
{
	const struct json_member *member = need(r, object, at, name, JSON_TREE), *minor, *currency;
	struct json_object *amount = &r->amount;

	if (member == NULL || !json_object_within(r->file, member, r->arena, amount, r->why))
		return false;
	minor = need(r, amount, member->at, "minor", JSON_NUMBER);
	currency = minor != NULL ? need(r, amount, member->at, "currency", JSON_TEXT) : NULL;
	if (currency == NULL)
		return false;
	if (!money_read(minor->text, negative, fen))
		return wrong(r, minor->at, "\"minor\" is no whole number in range");
	if (!span_is(currency->text, "CNY"))
		r->out->foreign = true;
	return true;
}

static bool read_text(const struct reading *r, const struct json_object *object, size_t at, const char *name,
		      struct span *text)
{
	const struct json_member *member = need(r, object, at, name, JSON_TEXT);

	if (member != NULL)
		*text = member->text;
	return member != NULL;
}

/* May be left out. */
static bool read_word(const struct reading *r, const struct json_object *object, const char *name, struct span *text)
{
	const struct json_member *member = json_member_find(object, name);

	if (member != NULL && member->kind != JSON_TEXT)
		return wrong(r, member->at, "an id is no text");
	*text = member != NULL ? member->text : (struct span){ 0 };
	return true;
}

static bool read_booked(const struct reading *r, const struct json_object *object, size_t at,
			struct statement_line *line)
{
	struct span text = { 0 };
	int64_t ms;

	if (!read_text(r, object, at, "booked_at", &text))
		return false;
	/* The day is the bank's own. */
	if ((text.len > STATEMENT_DATE_LEN && !civil_read(text, &ms)) ||
	    !statement_date_read(span_from(text.at, text.len < STATEMENT_DATE_LEN ? text.len : STATEMENT_DATE_LEN),
				 line->booked))
		return wrong(r, at, "\"booked_at\" is no time");
	return true;
}

static bool read_direction(const struct reading *r, const struct json_object *object, size_t at, bool *credit)
{
	struct span text = { 0 };

	if (!read_text(r, object, at, "direction", &text))
		return false;
	*credit = span_is(text, "credit");
	return *credit || span_is(text, "debit") || wrong(r, at, "\"direction\" is debit or credit");
}

static bool read_kind(const struct reading *r, const struct json_object *object, size_t at, enum statement_kind *kind)
{
	struct span text = { 0 };

	if (!read_text(r, object, at, "kind", &text))
		return false;
	if (span_is(text, "payout"))
		text = SPAN("payment");
	if (span_is(text, "funding"))
		text = SPAN("other");
	return statement_kind_parse(text, kind) || wrong(r, at, "\"kind\" is payment, return, fee or other");
}

static bool read_line(struct reading *r, const struct json_member *element, struct statement_line *line)
{
	struct json_object *object = &r->line;

	if (element->kind != JSON_TREE)
		return wrong(r, element->at, "a line is no object");
	return json_object_within(r->file, element, r->arena, object, r->why) &&
	       read_text(r, object, element->at, "line_id", &line->id) &&
	       read_word(r, object, "instruction_id", &line->instruction) &&
	       read_word(r, object, "provider_ref", &line->reference) &&
	       read_direction(r, object, element->at, &line->credit) &&
	       read_amount(r, object, element->at, "amount", false, &line->fen) &&
	       read_booked(r, object, element->at, line) && read_kind(r, object, element->at, &line->kind);
}

static bool read_lines(struct reading *r, const struct json_member *member)
{
	struct json_array array;
	struct json_member element;

	if (!json_array_within(r->file, member, &array))
		return wrong(r, member->at, "\"lines\" is no array");
	while (json_array_next(&array, r->arena, &element)) {
		struct statement_line *line = &r->lines[r->n];

		if (r->n == STATEMENT_LINES_MAX)
			return wrong(r, element.at, "more lines than a statement may have");
		if (!read_line(r, &element, line))
			return false;
		if (!money_add(r->sum[line->credit], line->fen, &r->sum[line->credit]))
			return wrong(r, element.at, "the sum is out of range");
		r->n++;
	}
	return true;
}

static bool check_hash(const struct reading *r, const struct json_object *object, struct span lines)
{
	const struct json_member *member = json_member_find(object, "sha256");
	unsigned char told[STATEMENT_HASH_BYTES], is[STATEMENT_HASH_BYTES];

	if (member == NULL)
		return true;
	crypto_hash_sha256(is, (const unsigned char *)lines.at, lines.len);
	r->out->sealed = true;
	if (member->kind != JSON_TEXT || !hex_get(member->text, told, sizeof(told)) ||
	    memcmp(told, is, sizeof(is)) != 0)
		return wrong(r, member->at, "\"sha256\" is not that of the lines");
	return true;
}

static bool check_sums(struct reading *r, const struct json_object *object)
{
	int64_t debit, credit;

	if (!read_amount(r, object, 0, "debits", false, &debit) || !read_amount(r, object, 0, "credits", false, &credit))
		return false;
	if (!r->out->foreign && (debit != r->sum[0] || credit != r->sum[1]))
		return wrong(r, 0, "\"debits\" and \"credits\" are not those of the lines");
	return true;
}

static bool check_count(const struct reading *r, const struct json_object *object)
{
	const struct json_member *count = need(r, object, 0, "count", JSON_NUMBER);
	uint64_t n;

	if (count == NULL)
		return false;
	return (span_u64(count->text, &n) && n == r->n) || wrong(r, count->at, "\"count\" is not that of the lines");
}

static bool read_head(struct reading *r, const struct json_object *object)
{
	const struct json_member *sequence = json_member_find(object, "sequence");
	struct span date = { 0 };

	if (!read_text(r, object, 0, "account", &r->out->account) || !read_text(r, object, 0, "date", &date))
		return false;
	if (!statement_date_read(date, r->out->date))
		return wrong(r, 0, "\"date\" is no day");
	if (sequence != NULL &&
	    (sequence->kind != JSON_NUMBER || !money_read(sequence->text, false, &r->out->sequence)))
		return wrong(r, sequence->at, "\"sequence\" is no whole number");
	return read_amount(r, object, 0, "opening", true, &r->out->opening) &&
	       read_amount(r, object, 0, "closing", true, &r->out->closing);
}

bool statement_read_json(struct span file, struct arena *arena, struct statement *out, struct complaint *why)
{
	struct reading *r = arena_new(arena, struct reading);
	struct json_object *object = arena_new(arena, struct json_object);
	const struct json_member *lines;

	*r = (struct reading){ .file = file, .arena = arena, .out = out, .why = why };
	*out = (struct statement){ .currency = "CNY" };
	*why = (struct complaint){ .text = "" };
	if (file.len > STATEMENT_BYTES_MAX)
		return complain(why, 0, "longer than %d bytes", STATEMENT_BYTES_MAX);
	r->lines = statement_lines_new(file, arena);
	if (!json_object_read(file, arena, object, why) || !read_head(r, object))
		return false;
	lines = need(r, object, 0, "lines", JSON_TREE);
	if (lines == NULL || !read_lines(r, lines) || !check_hash(r, object, lines->text) || !check_count(r, object) ||
	    !check_sums(r, object))
		return false;
	return statement_finish(out, file, r->lines, r->n, arena, why);
}
