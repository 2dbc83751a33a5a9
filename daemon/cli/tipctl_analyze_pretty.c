/*
 * A compact line of JSON once more, indented for people.
 */
#include "daemon/cli/tipctl_analyze.h"

#define INDENT 2

static void new_line(struct buf *out, size_t depth)
{
	buf_add_byte(out, '\n');
	for (size_t i = 0; i < depth * INDENT; i++)
		buf_add_byte(out, ' ');
}

/* The text at `at` with its quotes; returns where it ends. */
static size_t copy_text(struct span json, size_t at, struct buf *out)
{
	size_t end = at + 1;

	while (json.at[end] != '"')
		end += json.at[end] == '\\' ? 2 : 1;
	buf_add(out, json.at + at, end + 1 - at);
	return end + 1;
}

static bool empty_tree(struct span json, size_t at)
{
	return (json.at[at] == '{' && json.at[at + 1] == '}') ||
	       (json.at[at] == '[' && json.at[at + 1] == ']');
}

static void copy_sign(struct buf *out, char c, size_t *depth)
{
	if (c == '}' || c == ']')
		new_line(out, --*depth);
	buf_add_byte(out, c);
	if (c == '{' || c == '[')
		new_line(out, ++*depth);
	else if (c == ',')
		new_line(out, *depth);
	else if (c == ':')
		buf_add_byte(out, ' ');
}

void analyze_indent(struct span json, struct buf *out)
{
	size_t at = 0, depth = 0;

	while (at < json.len) {
		if (json.at[at] == '"') {
			at = copy_text(json, at, out);
		} else if (empty_tree(json, at)) {
			buf_add(out, json.at + at, 2);
			at += 2;
		} else {
			copy_sign(out, json.at[at++], &depth);
		}
	}
}
