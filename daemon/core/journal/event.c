/*
 * Reading journal events; see event.h.
 */
#include "daemon/core/journal/event.h"

static void skip_blanks(struct span *rest)
{
	while (rest->len > 0 &&
	       (*rest->at == ' ' || *rest->at == '\t' || *rest->at == '\n' || *rest->at == '\r'))
		*rest = span_from_offset(*rest, 1);
}

static bool take(struct span *rest, char byte)
{
	skip_blanks(rest);
	if (rest->len == 0 || *rest->at != byte)
		return false;
	*rest = span_from_offset(*rest, 1);
	return true;
}

/* A string whose opening quote has been taken; the closing one goes too. */
static bool take_text(struct span *rest, struct span *text)
{
	for (size_t i = 0; i < rest->len; i++) {
		if (rest->at[i] == '\\') {
			i++;
		} else if (rest->at[i] == '"') {
			*text = span_from(rest->at, i);
			*rest = span_from_offset(*rest, i + 1);
			return true;
		}
	}
	return false;
}

/* Length of an array or object from its bracket on; 0 when it does not end. */
static size_t bracket_len(struct span rest)
{
	size_t depth = 0;
	bool inside = false;

	for (size_t i = 0; i < rest.len; i++) {
		char byte = rest.at[i];

		if (inside && byte == '\\')
			i++;
		else if (byte == '"')
			inside = !inside;
		else if (!inside && (byte == '[' || byte == '{'))
			depth++;
		else if (!inside && (byte == ']' || byte == '}') && --depth == 0)
			return i + 1;
	}
	return 0;
}

static size_t word_len(struct span rest)
{
	size_t i = 0;

	while (i < rest.len && rest.at[i] != ',' && rest.at[i] != '}' && rest.at[i] != ' ')
		i++;
	return i;
}

static bool take_value(struct span *rest, struct event_member *member)
{
	size_t len;

	skip_blanks(rest);
	member->text = take(rest, '"');
	if (member->text)
		return take_text(rest, &member->value);
	if (rest->len == 0)
		return false;
	len = *rest->at == '[' || *rest->at == '{' ? bracket_len(*rest) : word_len(*rest);
	member->value = span_from(rest->at, len);
	*rest = span_from_offset(*rest, len);
	return len > 0;
}

bool event_next(struct span *rest, struct event_member *member, bool *well)
{
	*well = true;
	if (take(rest, '}'))
		return false;
	*well = (take(rest, '{') || take(rest, ',')) && take(rest, '"') && take_text(rest, &member->name) &&
		take(rest, ':') && take_value(rest, member);
	return *well;
}

bool event_find(struct span event, const char *name, struct event_member *member)
{
	struct span wanted = span_of(name);
	bool well;

	while (event_next(&event, member, &well))
		if (span_eq(member->name, wanted))
			return true;
	return false;
}

/* --- escapes ------------------------------------------------------------------------------ */

static bool hex4(struct span text, uint32_t *code)
{
	*code = 0;
	if (text.len < 4)
		return false;
	for (size_t i = 0; i < 4; i++) {
		char c = text.at[i];
		uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
				 : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a') + 10
				 : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A') + 10
							: 16;

		if (digit > 15)
			return false;
		*code = *code * 16 + digit;
	}
	return true;
}

/* \uXXXX, or two of them for a character beyond the first plane; how many bytes they took, 0 if broken. */
static size_t unicode_escape(struct span text, uint32_t *code)
{
	uint32_t low;

	if (!hex4(span_from_offset(text, 2), code))
		return 0;
	if (*code < 0xd800 || *code > 0xdfff)
		return 6;
	if (*code > 0xdbff || text.len < 12 || text.at[6] != '\\' || text.at[7] != 'u' ||
	    !hex4(span_from_offset(text, 8), &low) || low < 0xdc00 || low > 0xdfff)
		return 0;
	*code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
	return 12;
}

static size_t utf8_put(uint32_t code, char out[4])
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3f));
	out[2] = (char)(0x80 | (code >> 6 & 0x3f));
	out[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

/* The character an escape stands for; returns the length of the escape, 0 if it is none. */
static size_t escape_read(struct span text, uint32_t *code)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *found;

	if (text.len < 2)
		return 0;
	if (text.at[1] == 'u')
		return unicode_escape(text, code);
	found = text.at[1] != '\0' ? strchr(from, text.at[1]) : NULL;
	if (found == NULL)
		return 0;
	*code = (uint32_t)to[found - from];
	return 2;
}

size_t event_text(struct span escaped, char *out, size_t size)
{
	size_t n = 0;

	while (escaped.len > 0) {
		char bytes[4] = { *escaped.at };
		size_t used = 1, put = 1;
		uint32_t code;

		if (*escaped.at == '\\') {
			used = escape_read(escaped, &code);
			put = used > 0 ? utf8_put(code, bytes) : 0;
		}
		if (put == 0 || size - n < put)
			return SIZE_MAX;
		memcpy(out + n, bytes, put);
		n += put;
		escaped = span_from_offset(escaped, used);
	}
	return n;
}
