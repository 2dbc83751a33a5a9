/*
 * Openings of leaves; see leaf.h.
 */
#include "daemon/tlog/leaf.h"

#include "daemon/tlog/line.h"

#include <assert.h>

#define FIRST_LINE "tipline-opening/v1"

static bool name_valid(struct span name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!((name.at[i] >= 'a' && name.at[i] <= 'z') || name.at[i] == '_'))
			return false;
	return name.len > 0;
}

/* By bytes; a name that another one begins with stands before it. */
static bool ascends(struct span before, struct span name)
{
	size_t shorter = before.len < name.len ? before.len : name.len;
	int order = shorter > 0 ? memcmp(before.at, name.at, shorter) : 0;

	return order < 0 || (order == 0 && before.len < name.len);
}

static bool values_plain(const struct leaf_field *fields, size_t n)
{
	size_t len = sizeof(FIRST_LINE);

	for (size_t i = 0; i < n; i++) {
		assert(name_valid(fields[i].name) && (i == 0 || ascends(fields[i - 1].name, fields[i].name)));
		if (!line_plain(fields[i].value))
			return false;
		if (fields[i].value.len > 0)
			len += fields[i].name.len + fields[i].value.len + 2;
	}
	return len <= LEAF_OPENING_MAX;
}

bool leaf_opening_write(const struct leaf_field *fields, size_t n, struct buf *out)
{
	if (!values_plain(fields, n))
		return false;
	buf_add_text(out, FIRST_LINE "\n");
	for (size_t i = 0; i < n; i++) {
		if (fields[i].value.len == 0)
			continue;
		buf_add_span(out, fields[i].name);
		buf_add_byte(out, ' ');
		buf_add_span(out, fields[i].value);
		buf_add_byte(out, '\n');
	}
	return true;
}

static bool read_field(struct span line, struct leaf_field *field)
{
	field->name = span_from(line.at, span_find(line, SPAN(" ")));
	field->value = span_from_offset(line, field->name.len + 1);
	return name_valid(field->name) && field->value.len > 0 && line_plain(field->value);
}

bool leaf_opening_read(struct span text, struct leaf_field *fields, size_t max, size_t *n)
{
	struct span rest = text, line;

	*n = 0;
	if (text.len > LEAF_OPENING_MAX || !line_next(&rest, &line) || !span_is(line, FIRST_LINE))
		return false;
	while (line_next(&rest, &line)) {
		if (*n == max || !read_field(line, &fields[*n]) ||
		    (*n > 0 && !ascends(fields[*n - 1].name, fields[*n].name)))
			return false;
		(*n)++;
	}
	return rest.len == 0;
}
