/*
 * Templates: source to a flat list of nodes, and nodes with values to a page.
 *
 * A section is a node that knows where its end is, so rendering walks the list
 * once and jumps. Inclusion happens at compile time: a partial's nodes stand in
 * the list of the page. The compiler follows the HTML around the holes just far
 * enough to know whether it is in text, in a tag or in a quoted attribute.
 */
#include "handlers/web/template.h"

#include "daemon/base/table.h"

#define DEPTH_MAX 8        /* sections in sections, and partials in partials */

enum node_kind {
	NODE_LITERAL,
	NODE_VALUE,
	NODE_MESSAGE,
	NODE_CHOSEN,   /* the message that a value names */
	NODE_SECTION,
	NODE_UNLESS,
	NODE_END,
};

struct node {
	enum node_kind kind;
	struct span text;  /* the bytes of a literal, else a name */
	size_t end;        /* of a section: index of its NODE_END */
};

struct template {
	struct node *nodes;
	size_t n;
};

/* --- values ---------------------------------------------------------------- */

struct value {
	struct value *next;
	const char *name;
	struct span text;
	struct values *rows;   /* of a list: the first */
	struct values *last;
	bool list;
};

struct values {
	struct arena *arena;
	const struct values *around;
	struct values *next;   /* row of the same list */
	struct value *first;
};

struct values *values_new(struct arena *arena)
{
	struct values *values = arena_new(arena, struct values);

	values->arena = arena;
	return values;
}

static struct value *value_here(const struct values *values, struct span name)
{
	for (struct value *value = values->first; value != NULL; value = value->next)
		if (span_is(name, value->name))
			return value;
	return NULL;
}

static struct value *value_add(struct values *values, const char *name)
{
	struct value *value = arena_new(values->arena, struct value);

	value->name = name;
	value->next = values->first;
	values->first = value;
	return value;
}

void values_text(struct values *values, const char *name, struct span text)
{
	value_add(values, name)->text = text;
}

void values_flag(struct values *values, const char *name, bool on)
{
	values_text(values, name, on ? SPAN("1") : SPAN(""));
}

struct values *values_row(struct values *values, const char *name)
{
	struct value *list = value_here(values, span_of(name));
	struct values *row = values_new(values->arena);

	if (list == NULL || !list->list)
		list = value_add(values, name);
	list->list = true;
	row->around = values;
	if (list->last != NULL)
		list->last->next = row;
	else
		list->rows = row;
	list->last = row;
	return row;
}

static const struct value *value_find(const struct values *values, struct span name)
{
	for (; values != NULL; values = values->around) {
		const struct value *value = value_here(values, name);

		if (value != NULL)
			return value;
	}
	return NULL;
}

/* --- compiling ------------------------------------------------------------- */

/* Where in the HTML a hole stands. */
enum place {
	IN_TEXT,
	IN_COMMENT,
	IN_TAG,
	IN_QUOTES,
};

static const char *const place_names[] = {
	[IN_TEXT] = "text", [IN_COMMENT] = "a comment", [IN_TAG] = "a tag", [IN_QUOTES] = "quotes",
};

struct compiler {
	struct arena *arena;
	template_source_fn *source;
	void *ctx;
	struct complaint *why;
	struct node *nodes;
	size_t n;
	size_t size;
	enum place place;
	struct {
		size_t node;
		enum place place;
	} open[DEPTH_MAX];
	size_t nopen;
	struct span including[DEPTH_MAX];
	size_t nincluding;
};

/* One source being read. */
struct reader {
	struct span name;
	struct span source;
	size_t at;
};

static size_t line_of(const struct reader *reader, size_t offset)
{
	size_t line = 1;

	for (size_t i = 0; i < offset && i < reader->source.len; i++)
		line += reader->source.at[i] == '\n';
	return line;
}

static bool refuse(const struct compiler *compiler, const struct reader *reader, const char *what, struct span tag)
{
	size_t line = line_of(reader, reader->at);

	return complain(compiler->why, line, "template %.*s, line %zu: %s: %.*s", (int)reader->name.len,
			reader->name.at, line, what, (int)(tag.len < 60 ? tag.len : 60), tag.at);
}

static struct node *node_add(struct compiler *compiler, enum node_kind kind, struct span text)
{
	struct node *node;

	if (compiler->n == compiler->size) {
		size_t size = compiler->size > 0 ? compiler->size * 2 : 64;
		struct node *bigger = arena_array(compiler->arena, struct node, size);

		if (compiler->n > 0)
			memcpy(bigger, compiler->nodes, compiler->n * sizeof(*bigger));
		compiler->nodes = bigger;
		compiler->size = size;
	}
	node = &compiler->nodes[compiler->n++];
	*node = (struct node){ .kind = kind, .text = text };
	return node;
}

static bool letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static enum place place_after(enum place place, struct span rest)
{
	char c = rest.at[0];

	switch (place) {
	case IN_TEXT:
		if (span_starts(rest, SPAN("<!--")))
			return IN_COMMENT;
		if (c == '<' && (rest.len == 1 || letter(rest.at[1]) || rest.at[1] == '/' || rest.at[1] == '!'))
			return IN_TAG;
		return IN_TEXT;
	case IN_COMMENT:
		return span_starts(rest, SPAN("-->")) ? IN_TEXT : IN_COMMENT;
	case IN_TAG:
		return c == '>' ? IN_TEXT : c == '"' ? IN_QUOTES : IN_TAG;
	case IN_QUOTES:
		return c == '"' ? IN_TAG : IN_QUOTES;
	}
	return place;
}

static bool starts_nocase(struct span text, struct span prefix)
{
	return text.len >= prefix.len && span_eq_nocase(span_from(text.at, prefix.len), prefix);
}

/* A file of ours, named in full, with nothing inside. */
static bool is_script_file(struct span rest)
{
	static const char *const files[] = {
		"<script src=\"/exit.js\" defer></script>",
		"<script src=\"/form.js\" defer></script>",
		"<script src=\"/proof.js\"></script>",
	};

	for (size_t i = 0; i < COUNT_OF(files); i++)
		if (span_starts(rest, span_of(files[i])))
			return true;
	return false;
}

/* Escaping for text is wrong inside script and style; a page of ours has neither. */
static bool literal(struct compiler *compiler, struct reader *reader, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		struct span rest = span_from_offset(text, i);

		if ((starts_nocase(rest, SPAN("<script")) && !is_script_file(rest)) || starts_nocase(rest, SPAN("<style"))) {
			reader->at = (size_t)(rest.at - reader->source.at);
			return refuse(compiler, reader, "a page holds no script and no style of its own", rest);
		}
		compiler->place = place_after(compiler->place, rest);
	}
	if (!span_empty(text))
		node_add(compiler, NODE_LITERAL, text);
	return true;
}

static bool name_valid(struct span name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.at[i];

		if (!letter(c) && !(c >= '0' && c <= '9') && c != '_' && c != '.' && c != '-')
			return false;
	}
	return name.len > 0;
}

static bool hole(struct compiler *compiler, const struct reader *reader, enum node_kind kind, struct span name)
{
	if (compiler->place == IN_TAG || compiler->place == IN_COMMENT)
		return refuse(compiler, reader, "a value may stand in text or in double quotes, not here", name);
	node_add(compiler, kind, name);
	return true;
}

static bool section(struct compiler *compiler, const struct reader *reader, enum node_kind kind, struct span name)
{
	if (compiler->nopen == DEPTH_MAX)
		return refuse(compiler, reader, "too many sections within each other", name);
	compiler->open[compiler->nopen].node = compiler->n;
	compiler->open[compiler->nopen].place = compiler->place;
	compiler->nopen++;
	node_add(compiler, kind, name);
	return true;
}

static bool section_end(struct compiler *compiler, const struct reader *reader, size_t floor, struct span name)
{
	struct node *begin;

	if (compiler->nopen == floor)
		return refuse(compiler, reader, "an end without its section", name);
	begin = &compiler->nodes[compiler->open[compiler->nopen - 1].node];
	if (!span_eq(begin->text, name))
		return refuse(compiler, reader, "the section that is open here is another one", begin->text);
	if (compiler->open[compiler->nopen - 1].place != compiler->place)
		return refuse(compiler, reader, "the section begins and ends in different places of the HTML",
			      span_of(place_names[compiler->place]));
	compiler->nopen--;
	begin->end = compiler->n;
	node_add(compiler, NODE_END, name);
	return true;
}

static bool source_compile(struct compiler *compiler, const struct reader *from, struct span name);

static bool partial(struct compiler *compiler, const struct reader *reader, struct span name)
{
	if (compiler->place != IN_TEXT)
		return refuse(compiler, reader, "a template can be included between tags only", name);
	return source_compile(compiler, reader, name);
}

static bool tag_compile(struct compiler *compiler, const struct reader *reader, size_t floor, struct span tag)
{
	char sign = tag.len > 0 ? tag.at[0] : '\0';
	struct span name = letter(sign) ? tag : span_from_offset(tag, 1);

	if (sign == '!')
		return true;
	if (!name_valid(name))
		return refuse(compiler, reader, "not a name", tag);
	if (letter(sign))
		return hole(compiler, reader, NODE_VALUE, name);
	switch (sign) {
	case '_':
		return hole(compiler, reader, NODE_MESSAGE, name);
	case '*':
		return hole(compiler, reader, NODE_CHOSEN, name);
	case '#':
		return section(compiler, reader, NODE_SECTION, name);
	case '^':
		return section(compiler, reader, NODE_UNLESS, name);
	case '/':
		return section_end(compiler, reader, floor, name);
	case '>':
		return partial(compiler, reader, name);
	}
	return refuse(compiler, reader, "a tag of no known kind", tag);
}

/* A tag that writes nothing and is alone in its line takes the line with it. */
static bool alone(const struct reader *reader, size_t from, size_t behind, struct span tag)
{
	struct span all = reader->source;

	if (tag.len == 0 || letter(tag.at[0]) || tag.at[0] == '_' || tag.at[0] == '*')
		return false;
	while (from > 0 && (all.at[from - 1] == ' ' || all.at[from - 1] == '\t'))
		from--;
	return (from == 0 || all.at[from - 1] == '\n') && behind < all.len && all.at[behind] == '\n';
}

static struct span without_indent(struct span text)
{
	while (text.len > 0 && (text.at[text.len - 1] == ' ' || text.at[text.len - 1] == '\t'))
		text.len--;
	return text;
}

static bool reader_compile(struct compiler *compiler, struct reader *reader, size_t floor)
{
	while (reader->at < reader->source.len) {
		struct span rest = span_from_offset(reader->source, reader->at);
		size_t from = span_find(rest, SPAN("{{"));
		struct span before = { .at = rest.at, .len = from };
		size_t len;
		struct span tag;

		if (from == rest.len) {
			reader->at = reader->source.len;
			return literal(compiler, reader, rest);
		}
		rest = span_from_offset(rest, from + 2);
		len = span_find(rest, SPAN("}}"));
		reader->at += from;
		if (len == rest.len)
			return refuse(compiler, reader, "a tag without its end", SPAN("{{"));
		tag = (struct span){ .at = rest.at, .len = len };
		len += 4;
		if (alone(reader, reader->at, reader->at + len, tag)) {
			before = without_indent(before);
			len++;
		}
		if (!literal(compiler, reader, before) || !tag_compile(compiler, reader, floor, tag))
			return false;
		reader->at += len;
	}
	return true;
}

static bool source_compile(struct compiler *compiler, const struct reader *from, struct span name)
{
	struct reader reader = { .name = name, .source = compiler->source(compiler->ctx, name) };
	size_t floor = compiler->nopen;

	if (reader.source.at == NULL)
		return refuse(compiler, from, "there is no template of that name", name);
	if (compiler->nincluding == DEPTH_MAX)
		return refuse(compiler, from, "too many inclusions within each other", name);
	for (size_t i = 0; i < compiler->nincluding; i++)
		if (span_eq(compiler->including[i], name))
			return refuse(compiler, from, "a template cannot include itself", name);
	compiler->including[compiler->nincluding++] = name;
	if (!reader_compile(compiler, &reader, floor))
		return false;
	if (compiler->nopen > floor)
		return refuse(compiler, &reader, "a section without its end",
			      compiler->nodes[compiler->open[compiler->nopen - 1].node].text);
	if (compiler->place != IN_TEXT)
		return refuse(compiler, &reader, "the template ends inside", span_of(place_names[compiler->place]));
	compiler->nincluding--;
	return true;
}

const struct template *template_compile(struct arena *arena, template_source_fn *source, void *ctx,
					const char *name, struct complaint *why)
{
	struct compiler compiler = { .arena = arena, .source = source, .ctx = ctx, .why = why };
	struct reader nowhere = { .name = span_of(name) };
	struct template *template;

	if (!source_compile(&compiler, &nowhere, span_of(name)))
		return NULL;
	template = arena_new(arena, struct template);
	*template = (struct template){ .nodes = compiler.nodes, .n = compiler.n };
	return template;
}

struct span template_message_at(const struct template *template, size_t index)
{
	for (size_t i = 0; i < template->n; i++)
		if (template->nodes[i].kind == NODE_MESSAGE && index-- == 0)
			return template->nodes[i].text;
	return (struct span){ 0 };
}

/* --- rendering ------------------------------------------------------------- */

struct writer {
	const struct template *template;
	template_message_fn *message;
	const void *ctx;
	struct buf *out;
};

static const char *entity_of(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	}
	return NULL;
}

void template_escape(struct span text, struct buf *out)
{
	size_t plain = 0;

	for (size_t i = 0; i < text.len; i++) {
		const char *entity = entity_of(text.at[i]);

		if (entity == NULL)
			continue;
		buf_add(out, text.at + plain, i - plain);
		buf_add_text(out, entity);
		plain = i + 1;
	}
	if (plain < text.len)
		buf_add(out, text.at + plain, text.len - plain);
}

static void write_value(const struct writer *writer, const struct values *values, struct span name)
{
	const struct value *value = value_find(values, name);

	if (value != NULL)
		template_escape(value->text, writer->out);
}

/* A brace that holds no name stays as it is. */
static void write_message(const struct writer *writer, const struct values *values, struct span id)
{
	struct span text = writer->message(writer->ctx, id);

	while (text.len > 0) {
		size_t open = span_find(text, SPAN("{"));
		struct span rest = span_from_offset(text, open + 1);
		struct span name = { .at = rest.at, .len = span_find(rest, SPAN("}")) };

		template_escape(span_from(text.at, open), writer->out);
		if (open == text.len)
			return;
		if (name.len == rest.len || !name_valid(name)) {
			buf_add_byte(writer->out, '{');
			text = rest;
			continue;
		}
		write_value(writer, values, name);
		text = span_from_offset(rest, name.len + 1);
	}
}

static void write_chosen(const struct writer *writer, const struct values *values, struct span name)
{
	const struct value *value = value_find(values, name);

	if (value != NULL && !span_empty(value->text))
		write_message(writer, values, value->text);
}

static void write_nodes(const struct writer *writer, size_t from, size_t to, const struct values *values);

static void write_section(const struct writer *writer, size_t at, const struct values *values)
{
	const struct node *node = &writer->template->nodes[at];
	const struct value *value = value_find(values, node->text);
	bool there = value != NULL && (value->rows != NULL || !span_empty(value->text));

	if (node->kind == NODE_UNLESS) {
		if (!there)
			write_nodes(writer, at + 1, node->end, values);
		return;
	}
	if (!there)
		return;
	if (!value->list)
		write_nodes(writer, at + 1, node->end, values);
	for (const struct values *row = value->rows; row != NULL; row = row->next)
		write_nodes(writer, at + 1, node->end, row);
}

static void write_nodes(const struct writer *writer, size_t from, size_t to, const struct values *values)
{
	for (size_t i = from; i < to; i++) {
		const struct node *node = &writer->template->nodes[i];

		switch (node->kind) {
		case NODE_LITERAL:
			buf_add_span(writer->out, node->text);
			break;
		case NODE_VALUE:
			write_value(writer, values, node->text);
			break;
		case NODE_MESSAGE:
			write_message(writer, values, node->text);
			break;
		case NODE_CHOSEN:
			write_chosen(writer, values, node->text);
			break;
		case NODE_SECTION:
		case NODE_UNLESS:
			write_section(writer, i, values);
			i = node->end;
			break;
		case NODE_END:
			break;
		}
	}
}

void template_render(const struct template *template, const struct values *values, template_message_fn *message,
		     const void *ctx, struct buf *out)
{
	struct writer writer = { .template = template, .message = message, .ctx = ctx, .out = out };

	write_nodes(&writer, 0, template->n, values);
}
