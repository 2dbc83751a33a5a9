/*
 * Reading JSON; see json_in.h.
 */
#include "daemon/base/json_in.h"

#include "daemon/base/hex.h"
#include "daemon/base/utf8.h"

struct reader {
	struct span all;
	size_t at;
	struct arena *arena;
	const char *fault;   /* what is wrong at `at`; NULL: nothing yet */
};

static bool wrong(struct reader *r, const char *fault)
{
	if (r->fault == NULL)
		r->fault = fault;
	return false;
}

static int peek(const struct reader *r)
{
	return r->at < r->all.len ? (unsigned char)r->all.at[r->at] : -1;
}

static void skip_blanks(struct reader *r)
{
	for (; r->at < r->all.len; r->at++) {
		char c = r->all.at[r->at];

		if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
			return;
	}
}

static bool take(struct reader *r, char c, const char *fault)
{
	skip_blanks(r);
	if (peek(r) != c)
		return wrong(r, fault);
	r->at++;
	return true;
}

/* --- texts ------------------------------------------------------------------------------ */

/* Four hex digits at `at`; -1 when they are none. */
static int32_t code_unit(const struct reader *r, size_t at)
{
	int32_t unit = 0;

	if (r->all.len - at < 4)
		return -1;
	for (size_t i = 0; i < 4; i++) {
		int digit = hex_digit(r->all.at[at + i]);

		if (digit < 0)
			return -1;
		unit = unit << 4 | digit;
	}
	return unit;
}

/* The character of a \u escape whose digits begin at r->at; moves behind it. */
static bool unicode_escape(struct reader *r, uint32_t *character)
{
	int32_t high = code_unit(r, r->at);
	int32_t low;

	if (high < 0 || (high >= 0xDC00 && high <= 0xDFFF))
		return wrong(r, "a \\u escape is broken");
	r->at += 4;
	*character = (uint32_t)high;
	if (high < 0xD800 || high > 0xDBFF)
		return true;
	if (r->all.len - r->at < 6 || r->all.at[r->at] != '\\' || r->all.at[r->at + 1] != 'u')
		return wrong(r, "half of a surrogate pair stands alone");
	low = code_unit(r, r->at + 2);
	if (low < 0xDC00 || low > 0xDFFF)
		return wrong(r, "half of a surrogate pair stands alone");
	r->at += 6;
	*character = 0x10000 + ((uint32_t)(high - 0xD800) << 10) + (uint32_t)(low - 0xDC00);
	return true;
}

static char *put_utf8(char *out, uint32_t c)
{
	if (c < 0x80) {
		*out++ = (char)c;
	} else if (c < 0x800) {
		*out++ = (char)(0xC0 | c >> 6);
		*out++ = (char)(0x80 | (c & 0x3F));
	} else if (c < 0x10000) {
		*out++ = (char)(0xE0 | c >> 12);
		*out++ = (char)(0x80 | (c >> 6 & 0x3F));
		*out++ = (char)(0x80 | (c & 0x3F));
	} else {
		*out++ = (char)(0xF0 | c >> 18);
		*out++ = (char)(0x80 | (c >> 12 & 0x3F));
		*out++ = (char)(0x80 | (c >> 6 & 0x3F));
		*out++ = (char)(0x80 | (c & 0x3F));
	}
	return out;
}

/* Behind a backslash: the character meant. NUL is refused: no text of ours has one. */
static bool escape(struct reader *r, uint32_t *character)
{
	static const char names[] = "\"\\/bfnrt";
	static const char meanings[] = "\"\\/\b\f\n\r\t";
	int c = peek(r);
	const char *name;

	if (c == 'u') {
		r->at++;
		return unicode_escape(r, character) && (*character != 0 || wrong(r, "a text holds NUL"));
	}
	name = c > 0 ? strchr(names, c) : NULL;
	if (name == NULL)
		return wrong(r, "no such escape");
	r->at++;
	*character = (unsigned char)meanings[name - names];
	return true;
}

/* Where the text that begins at r->at ends; *escapes: it has some. */
static bool text_end(struct reader *r, size_t *end, bool *escapes)
{
	*escapes = false;
	for (size_t i = r->at; i < r->all.len; i++) {
		unsigned char c = (unsigned char)r->all.at[i];

		if (c == '"') {
			*end = i;
			return true;
		}
		if (c < 0x20) {
			r->at = i;
			return wrong(r, "a control character stands in a text");
		}
		if (c == '\\') {
			*escapes = true;
			i++;
		}
	}
	r->at = r->all.len;
	return wrong(r, "a text does not end");
}

static bool decode_text(struct reader *r, size_t end, struct span *text)
{
	char *decoded = arena_alloc(r->arena, end - r->at + 1);
	char *out = decoded;

	while (r->at < end) {
		uint32_t character = 0;

		if (r->all.at[r->at] != '\\') {
			*out++ = r->all.at[r->at++];
			continue;
		}
		r->at++;
		if (!escape(r, &character))
			return false;
		out = put_utf8(out, character);
	}
	*text = span_from(decoded, (size_t)(out - decoded));
	return true;
}

/* A text whose opening quote is behind us. */
static bool read_text(struct reader *r, struct span *text)
{
	size_t end = 0;
	bool escapes;

	if (!text_end(r, &end, &escapes))
		return false;
	if (!utf8_valid(span_from(r->all.at + r->at, end - r->at)))
		return wrong(r, "a text is not UTF-8");
	if (escapes && !decode_text(r, end, text))
		return false;
	if (!escapes)
		*text = span_from(r->all.at + r->at, end - r->at);
	r->at = end + 1;
	return true;
}

/* --- other values ------------------------------------------------------------------------- */

static bool digits(struct reader *r)
{
	size_t from = r->at;

	while (peek(r) >= '0' && peek(r) <= '9')
		r->at++;
	return r->at > from;
}

static bool read_number(struct reader *r, struct span *text)
{
	size_t from = r->at;
	bool fine;

	if (peek(r) == '-')
		r->at++;
	if (peek(r) == '0') {
		r->at++;
		fine = true;
	} else {
		fine = digits(r);
	}
	if (fine && peek(r) == '.') {
		r->at++;
		fine = digits(r);
	}
	if (fine && (peek(r) == 'e' || peek(r) == 'E')) {
		r->at++;
		if (peek(r) == '+' || peek(r) == '-')
			r->at++;
		fine = digits(r);
	}
	*text = span_from(r->all.at + from, r->at - from);
	return fine || wrong(r, "a value is missing or no number");
}

static bool read_word(struct reader *r, struct span word, enum json_kind kind, struct json_member *member)
{
	if (!span_starts(span_from_offset(r->all, r->at), word))
		return wrong(r, "no such value");
	r->at += word.len;
	member->kind = kind;
	return true;
}

static bool read_value(struct reader *r, unsigned depth, struct json_member *member);

static bool read_elements(struct reader *r, unsigned depth, bool named, char close)
{
	struct json_member element;

	skip_blanks(r);
	if (peek(r) == close) {
		r->at++;
		return true;
	}
	for (;;) {
		if (named && (!take(r, '"', "a name is expected") || !read_text(r, &element.name) ||
			      !take(r, ':', "\":\" is expected")))
			return false;
		if (!read_value(r, depth, &element))
			return false;
		skip_blanks(r);
		if (peek(r) != ',')
			return take(r, close, "\",\" or the end of an object or array is expected");
		r->at++;
	}
}

static bool read_tree(struct reader *r, unsigned depth, struct json_member *member)
{
	size_t from = r->at;
	bool named = peek(r) == '{';

	if (depth >= JSON_DEPTH_MAX)
		return wrong(r, "values are nested too deep");
	r->at++;
	member->kind = JSON_TREE;
	if (!read_elements(r, depth + 1, named, named ? '}' : ']'))
		return false;
	member->text = span_from(r->all.at + from, r->at - from);
	return true;
}

static bool read_value(struct reader *r, unsigned depth, struct json_member *member)
{
	skip_blanks(r);
	member->at = r->at;
	switch (peek(r)) {
	case '"':
		r->at++;
		member->kind = JSON_TEXT;
		return read_text(r, &member->text);
	case '{':
	case '[':
		return read_tree(r, depth, member);
	case 't':
		return read_word(r, SPAN("true"), JSON_TRUE, member);
	case 'f':
		return read_word(r, SPAN("false"), JSON_FALSE, member);
	case 'n':
		return read_word(r, SPAN("null"), JSON_NULL, member);
	default:
		member->kind = JSON_NUMBER;
		return read_number(r, &member->text);
	}
}

/* --- the object ------------------------------------------------------------------------------ */

static bool doubled(const struct json_object *object, struct span name)
{
	for (size_t i = 0; i < object->n; i++)
		if (span_eq(object->members[i].name, name))
			return true;
	return false;
}

static bool read_member(struct reader *r, struct json_object *object)
{
	struct json_member *member = &object->members[object->n];

	if (object->n == JSON_MEMBERS_MAX)
		return wrong(r, "the object has too many members");
	*member = (struct json_member){ .text = { .at = "" } };
	if (!take(r, '"', "a name is expected") || !read_text(r, &member->name))
		return false;
	if (doubled(object, member->name))
		return wrong(r, "a name comes twice");
	if (!take(r, ':', "\":\" is expected") || !read_value(r, 1, member))
		return false;
	object->n++;
	return true;
}

static bool read_object(struct reader *r, struct json_object *object)
{
	if (!take(r, '{', "an object is expected"))
		return false;
	skip_blanks(r);
	if (peek(r) == '}') {
		r->at++;
		return true;
	}
	for (;;) {
		if (!read_member(r, object))
			return false;
		skip_blanks(r);
		if (peek(r) != ',')
			return take(r, '}', "\",\" or \"}\" is expected");
		r->at++;
	}
}

size_t json_line(struct span text, size_t at)
{
	size_t line = 1;

	for (size_t i = 0; i < at && i < text.len; i++)
		line += text.at[i] == '\n';
	return line;
}

static bool tell(const struct reader *r, struct complaint *complaint)
{
	size_t line = json_line(r->all, r->at);
	size_t column = 1;

	while (column <= r->at && r->all.at[r->at - column] != '\n')
		column++;
	complain(complaint, line, "line %zu, column %zu: %s", line, column, r->fault);
	if (complaint != NULL)
		complaint->column = column;
	return false;
}

static bool read_whole(struct reader *r, struct json_object *object, struct complaint *complaint)
{
	bool fine;

	object->n = 0;
	fine = read_object(r, object);
	skip_blanks(r);
	if (fine && r->at < r->all.len)
		fine = wrong(r, "something stands behind the object");
	return fine || tell(r, complaint);
}

bool json_object_read(struct span text, struct arena *arena, struct json_object *object,
		      struct complaint *complaint)
{
	struct reader r = { .all = text, .arena = arena };

	return read_whole(&r, object, complaint);
}

bool json_object_within(struct span text, const struct json_member *tree, struct arena *arena,
			struct json_object *object, struct complaint *complaint)
{
	struct reader r = { .arena = arena, .at = tree->at };

	r.all = span_from(text.at, tree->kind == JSON_TREE ? tree->at + tree->text.len : tree->at);
	return read_whole(&r, object, complaint);
}

/* --- arrays ---------------------------------------------------------------------------------- */

bool json_array_within(struct span text, const struct json_member *tree, struct json_array *array)
{
	struct reader r = { .at = tree->at + 1 };

	if (tree->kind != JSON_TREE || tree->text.at[0] != '[')
		return false;
	r.all = span_from(text.at, tree->at + tree->text.len);
	skip_blanks(&r);
	*array = (struct json_array){ .text = r.all, .at = r.at, .more = peek(&r) != ']' };
	return true;
}

/* That the array is well formed was seen when its member was read. */
bool json_array_next(struct json_array *array, struct arena *arena, struct json_member *element)
{
	struct reader r = { .all = array->text, .at = array->at, .arena = arena };

	*element = (struct json_member){ .text = { .at = "" } };
	if (!array->more || !read_value(&r, 1, element))
		return false;
	skip_blanks(&r);
	array->more = peek(&r) == ',';
	array->at = r.at + 1;
	return true;
}

/* --- finding --------------------------------------------------------------------------------- */

const struct json_member *json_member_find(const struct json_object *object, const char *name)
{
	for (size_t i = 0; i < object->n; i++)
		if (span_is(object->members[i].name, name))
			return object->members[i].kind != JSON_NULL ? &object->members[i] : NULL;
	return NULL;
}

struct span json_member_text(const struct json_object *object, const char *name)
{
	const struct json_member *member = json_member_find(object, name);

	return member != NULL && member->kind == JSON_TEXT ? member->text : (struct span){ 0 };
}
