/*
 * Content-Disposition and its parameters; see multipart_head.h.
 *
 * Browsers write a quotation mark in a name as %22 and leave a backslash as it
 * is, older clients escape both with a backslash (RFC 7578, 4.2 and 5.1); both
 * are read, and %22 stays as it came.
 */
#include "daemon/http/multipart_head.h"

#include "daemon/base/utf8.h"

#include <stdint.h>

static bool token_byte(char c)
{
	return c > ' ' && c < 0x7f && strchr("()<>@,;:\\\"/[]?={}", c) == NULL;
}

static struct span take_token(struct span *rest)
{
	size_t len = 0;

	while (len < rest->len && token_byte(rest->at[len]))
		len++;
	struct span token = span_from(rest->at, len);
	*rest = span_from_offset(*rest, len);
	return token;
}

/* `rest` stands behind the opening quotation mark. Escapes are undone in place: text only gets shorter. */
static bool take_quoted(struct span *rest, struct span *value)
{
	char *to = (char *)(uintptr_t)rest->at;
	size_t n = 0;

	for (size_t i = 0; i < rest->len; i++) {
		char c = rest->at[i];

		if (c == '"') {
			*value = span_from(to, n);
			*rest = span_from_offset(*rest, i + 1);
			return true;
		}
		if (c == '\\' && i + 1 < rest->len && (rest->at[i + 1] == '"' || rest->at[i + 1] == '\\'))
			c = rest->at[++i];
		to[n++] = c;
	}
	return false;
}

bool multipart_param(struct span *rest, struct span *name, struct span *value)
{
	*rest = span_trim(*rest);
	if (rest->len == 0 || rest->at[0] != ';')
		return false;
	*rest = span_trim(span_from_offset(*rest, 1));
	*name = take_token(rest);
	if (name->len == 0 || rest->len == 0 || rest->at[0] != '=')
		return false;
	*rest = span_from_offset(*rest, 1);
	if (rest->len > 0 && rest->at[0] == '"') {
		*rest = span_from_offset(*rest, 1);
		return take_quoted(rest, value);
	}
	*value = take_token(rest);
	return value->len > 0;
}

static bool text_fits(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] < ' ' || text.at[i] == 0x7f)
			return false;
	return utf8_valid(text);
}

/* form-data; name="..."; filename="..." */
static bool read_disposition(struct span value, size_t number, struct multipart_part *part,
			     struct complaint *complaint)
{
	struct span name, text;

	if (part->name.at != NULL)
		return complain(complaint, 0, "part %zu has two Content-Disposition fields", number);
	if (!span_eq_nocase(take_token(&value), SPAN("form-data")))
		return complain(complaint, 0, "part %zu is no form-data", number);
	while (multipart_param(&value, &name, &text)) {
		struct span *place = span_eq_nocase(name, SPAN("name"))       ? &part->name
				     : span_eq_nocase(name, SPAN("filename")) ? &part->filename
									      : NULL;
		if (place == NULL)
			continue;
		if (place->at != NULL)
			return complain(complaint, 0, "part %zu has two names", number);
		if (!text_fits(text))
			return complain(complaint, 0, "part %zu has a name that is not plain UTF-8 text",
					number);
		*place = text;
	}
	if (value.len > 0)
		return complain(complaint, 0, "part %zu has a malformed Content-Disposition", number);
	return true;
}

/* RFC 7578, 4.7: no transfer encoding; the three names that mean "as it is" are harmless. */
static bool encoding_plain(struct span value)
{
	return span_eq_nocase(value, SPAN("binary")) || span_eq_nocase(value, SPAN("8bit")) ||
	       span_eq_nocase(value, SPAN("7bit"));
}

static bool read_field(struct span line, size_t number, struct multipart_part *part,
		       struct complaint *complaint)
{
	struct span name = take_token(&line), value;

	if (name.len == 0 || line.len == 0 || line.at[0] != ':')
		return complain(complaint, 0, "part %zu has a malformed field", number);
	value = span_trim(span_from_offset(line, 1));
	if (span_eq_nocase(name, SPAN("Content-Disposition")))
		return read_disposition(value, number, part, complaint);
	if (span_eq_nocase(name, SPAN("Content-Type"))) {
		if (!text_fits(value))
			return complain(complaint, 0, "part %zu has a malformed Content-Type", number);
		part->type = value;
	}
	if (span_eq_nocase(name, SPAN("Content-Transfer-Encoding")) && !encoding_plain(value))
		return complain(complaint, 0, "part %zu has a transfer encoding", number);
	return true;
}

bool multipart_head_read(char *head, size_t len, size_t number, struct multipart_part *part,
			 struct complaint *complaint)
{
	struct span rest = span_from(head, len), line;

	*part = (struct multipart_part){ 0 };
	while (rest.len > 0 && span_cut(&rest, '\n', &line)) {
		if (line.len == 0 || line.at[line.len - 1] != '\r')
			return complain(complaint, 0, "part %zu has a line that does not end in CR LF",
					number);
		line.len--;
		if (line.len > 0 && !read_field(line, number, part, complaint))
			return false;
	}
	if (part->name.at == NULL || part->name.len == 0)
		return complain(complaint, 0, "part %zu has no name", number);
	return true;
}
