/*
 * The walk; see iso20022_xml.h. libxml2's reader gives one node after the
 * other; no tree is built. What it complains about itself (not well-formed)
 * comes through on_error().
 */
#include "daemon/money/iso20022_xml.h"

#include "daemon/base/utf8.h"

#include <assert.h>
#include <libxml/xmlreader.h>

#define PATH_MAX_BYTES 512
#define RULES_MAX 96
#define NO_RULE SIZE_MAX

struct level {
	size_t path_len;         /* of the path before this element */
	size_t serial;           /* number of this element in the document */
	size_t line;
	char name[40];
	char currency[8];
	bool parent;             /* has elements inside */
	const struct xml_rule *rule;
};

struct walk {
	const struct xml_message *message;
	xmlTextReaderPtr reader;
	void *to;
	struct arena *arena;
	struct complaint *why;
	const char *space;                /* namespace of this document */
	struct level levels[XML_DEPTH_MAX];
	size_t depth;
	char path[PATH_MAX_BYTES];
	size_t path_len;
	char text[XML_TEXT_MAX];
	size_t text_len;
	size_t elements;
	size_t seen[RULES_MAX];           /* serial of the parent in which a rule was met last */
};

static size_t line_of(const struct walk *w)
{
	/* Of the node: the parser itself reads ahead. */
	long line = xmlGetLineNo(xmlTextReaderCurrentNode(w->reader));

	return line > 0 ? (size_t)line : 0;
}

static bool wrong(struct walk *w, const char *element, const char *what)
{
	if (w->why->text[0] != '\0')
		return false;
	return complain(w->why, line_of(w), "element %s: %s", element, what);
}

bool xml_refuse(const struct xml_at *at, const char *expected)
{
	return complain(at->why, at->line, "element %s: %s", at->element, expected);
}

static void on_error(void *to, xmlErrorPtr error)
{
	struct walk *w = to;
	struct span said = span_of(error->message != NULL ? error->message : "not well-formed");

	if (w->why->text[0] != '\0' || error->level < XML_ERR_ERROR)
		return;
	while (said.len > 0 && said.at[said.len - 1] == '\n')
		said.len--;
	complain(w->why, error->line > 0 ? (size_t)error->line : 0, "XML: %.*s", (int)said.len, said.at);
}

/* --- rules --------------------------------------------------------------------------------- */

static const struct xml_rule *rule_at(const struct walk *w, size_t i)
{
	return i < w->message->nrules ? &w->message->rules[i] : &w->message->more[i - w->message->nrules];
}

static size_t rule_find(const struct walk *w)
{
	for (size_t i = 0; i < w->message->nrules + w->message->nmore; i++)
		if (strcmp(rule_at(w, i)->path, w->path) == 0)
			return i;
	return NO_RULE;
}

/* One of those that come once, met again in the same parent. */
static bool met_twice(struct walk *w, size_t rule, size_t parent)
{
	bool again = !rule_at(w, rule)->many && w->seen[rule] == parent;

	w->seen[rule] = parent;
	return again;
}

static struct xml_at place(struct walk *w, const struct level *level, struct span text)
{
	return (struct xml_at){ .element = level->name, .line = level->line, .text = text,
				.currency = span_of(level->currency), .arena = w->arena, .why = w->why };
}

/* --- elements ------------------------------------------------------------------------------ */

static bool known_space(struct walk *w, const char *space)
{
	for (const char *const *known = w->message->versions; *known != NULL; known++)
		if (strcmp(*known, space) == 0) {
			w->space = *known;
			return true;
		}
	return false;
}

/* Supplementary data is the one place for other namespaces; nothing in it is wanted. */
static bool in_envelope(const struct walk *w)
{
	for (size_t i = 0; i < w->depth; i++)
		if (strcmp(w->levels[i].name, "SplmtryData") == 0)
			return true;
	return false;
}

static bool check_space(struct walk *w, const char *name)
{
	const xmlChar *given = xmlTextReaderConstNamespaceUri(w->reader);
	const char *space = given != NULL ? (const char *)given : "";

	if (w->depth == 0 && !known_space(w, space))
		return wrong(w, name, "the namespace is none of the messages that are read here");
	if (strcmp(space, w->space) != 0 && !in_envelope(w))
		return wrong(w, name, "another namespace than the message's");
	return true;
}

/* Document, then the message's own element; below it the path begins. */
static bool check_frame(struct walk *w, const char *name)
{
	if (w->depth == 0 && strcmp(name, "Document") != 0)
		return wrong(w, name, "Document is expected");
	if (w->depth == 1 && (strcmp(name, w->message->name) != 0 || w->levels[0].parent))
		return wrong(w, name, "not the one message that is expected");
	return true;
}

static bool extend_path(struct walk *w, const char *name)
{
	size_t len;

	if (w->depth == 2 && w->message->group != NULL && strcmp(name, w->message->group) == 0)
		name = w->message->group_as;
	len = strlen(name);
	if (w->depth < 2)
		return true;
	if (w->path_len + len + 2 > sizeof(w->path))
		return wrong(w, name, "nested too deep");
	if (w->path_len > 0)
		w->path[w->path_len++] = '/';
	memcpy(w->path + w->path_len, name, len + 1);
	w->path_len += len;
	return true;
}

static void take_currency(struct walk *w, struct level *level)
{
	xmlChar *value = xmlTextReaderGetAttribute(w->reader, (const xmlChar *)"Ccy");

	if (value != NULL && strlen((const char *)value) < sizeof(level->currency))
		memcpy(level->currency, value, strlen((const char *)value) + 1);
	xmlFree(value);
}

static bool blank(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (memchr(" \t\r\n", text[i], 4) == NULL)
			return false;
	return true;
}

static bool end_element(struct walk *w);

/* An element begins inside the one before, whose text so far must have been blanks. */
static bool enter(struct walk *w, const char *name)
{
	if (w->depth == XML_DEPTH_MAX || ++w->elements > XML_ELEMENTS_MAX)
		return wrong(w, name, "nested too deep, or too many elements");
	if (strlen(name) >= sizeof(w->levels[0].name))
		return wrong(w, "?", "no name of the messages is that long");
	if (!blank(w->text, w->text_len))
		return wrong(w, w->levels[w->depth - 1].name, "text beside elements");
	w->text_len = 0;
	return check_space(w, name) && check_frame(w, name);
}

static bool begin_element(struct walk *w)
{
	const char *name = (const char *)xmlTextReaderConstLocalName(w->reader);
	size_t parent = w->depth > 0 ? w->levels[w->depth - 1].serial : 0;
	bool empty = xmlTextReaderIsEmptyElement(w->reader) == 1;
	struct level *level = &w->levels[w->depth < XML_DEPTH_MAX ? w->depth : 0];
	struct xml_at at;
	size_t rule;

	if (!enter(w, name))
		return false;
	if (w->depth > 0)
		w->levels[w->depth - 1].parent = true;
	*level = (struct level){ .path_len = w->path_len, .serial = w->elements, .line = line_of(w) };
	memcpy(level->name, name, strlen(name) + 1);
	take_currency(w, level);
	if (!extend_path(w, name))
		return false;
	w->depth++;
	rule = w->depth > 2 && !in_envelope(w) ? rule_find(w) : NO_RULE;
	level->rule = rule != NO_RULE ? rule_at(w, rule) : NULL;
	at = place(w, level, (struct span){ 0 });
	if (rule != NO_RULE && met_twice(w, rule, parent))
		return xml_refuse(&at, "stands twice");
	if (level->rule != NULL && level->rule->begin != NULL && !level->rule->begin(w->to, &at))
		return false;
	return !empty || end_element(w);
}

static struct span trimmed(struct span text)
{
	while (text.len > 0 && blank(text.at, 1))
		text = span_from_offset(text, 1);
	while (text.len > 0 && blank(text.at + text.len - 1, 1))
		text.len--;
	return text;
}

static bool end_element(struct walk *w)
{
	struct level *level = &w->levels[w->depth - 1];
	struct xml_at at = place(w, level, trimmed(span_from(w->text, w->text_len)));
	bool well = true;

	if (level->parent && at.text.len > 0)
		return xml_refuse(&at, "text beside elements");
	if (level->rule != NULL && level->rule->take != NULL)
		well = level->rule->take(w->to, &at);
	w->depth--;
	w->path_len = level->path_len;
	w->path[w->path_len] = '\0';
	w->text_len = 0;
	return well;
}

static bool add_text(struct walk *w)
{
	const char *value = (const char *)xmlTextReaderConstValue(w->reader);
	size_t len = value != NULL ? strlen(value) : 0;

	if (len > XML_TEXT_MAX - w->text_len)
		return wrong(w, w->depth > 0 ? w->levels[w->depth - 1].name : "?", "the text is too long");
	if (len > 0)
		memcpy(w->text + w->text_len, value, len);
	w->text_len += len;
	return true;
}

static bool node(struct walk *w)
{
	switch (xmlTextReaderNodeType(w->reader)) {
	case XML_READER_TYPE_ELEMENT:
		return begin_element(w);
	case XML_READER_TYPE_END_ELEMENT:
		return end_element(w);
	case XML_READER_TYPE_TEXT:
	case XML_READER_TYPE_CDATA:
	case XML_READER_TYPE_WHITESPACE:
	case XML_READER_TYPE_SIGNIFICANT_WHITESPACE:
		return add_text(w);
	case XML_READER_TYPE_COMMENT:
	case XML_READER_TYPE_PROCESSING_INSTRUCTION:
	case XML_READER_TYPE_XML_DECLARATION:
		return true;
	default:
		return wrong(w, "?", "document types and entities are not taken");
	}
}

/* --- the whole ------------------------------------------------------------------------------ */

/* A declaration of another encoding would make the bytes mean two things. */
static bool declares_utf8(struct span text)
{
	struct span head = span_from(text.at, span_find(text, SPAN("?>"))), value;

	if (!span_starts(text, SPAN("<?xml")))
		return true;
	value = span_from_offset(head, span_find(head, SPAN("encoding")) + sizeof("encoding") - 1);
	while (value.len > 0 && memchr(" \t\r\n='\"", value.at[0], 7) != NULL)
		value = span_from_offset(value, 1);
	return value.len == 0 || (value.len >= 6 && span_eq_nocase(span_from(value.at, 5), SPAN("UTF-8")) &&
				  (value.at[5] == '"' || value.at[5] == '\''));
}

static bool check_bytes(struct span text, struct complaint *why)
{
	if (text.len == 0 || text.len > XML_BYTES_MAX)
		return complain(why, 0, "empty, or longer than %d bytes", XML_BYTES_MAX);
	if (!utf8_valid(text) || memchr(text.at, 0, text.len) != NULL || !declares_utf8(text))
		return complain(why, 0, "not UTF-8");
	/* Before the parser sees it: nothing to expand, nothing to fetch. */
	if (span_find(text, SPAN("<!DOCTYPE")) < text.len || span_find(text, SPAN("<!ENTITY")) < text.len)
		return complain(why, 0, "document types and entities are not taken");
	return true;
}

static bool walk_nodes(struct walk *w)
{
	int more;

	xmlTextReaderSetStructuredErrorHandler(w->reader, on_error, w);
	while ((more = xmlTextReaderRead(w->reader)) == 1)
		if (!node(w))
			return false;
	if (more != 0 || w->why->text[0] != '\0')
		return wrong(w, "?", "not well-formed");
	return (w->elements >= 2) || wrong(w, "Document", "empty");
}

bool xml_walk(struct span text, const struct xml_message *message, void *to, struct arena *arena,
	      struct complaint *why)
{
	struct walk *w = arena_new(arena, struct walk);
	bool well;

	assert(message->nrules + message->nmore <= RULES_MAX);
	*why = (struct complaint){ .text = "" };
	if (!check_bytes(text, why))
		return false;
	w->message = message;
	w->to = to;
	w->arena = arena;
	w->why = why;
	w->reader = xmlReaderForMemory(text.at, (int)text.len, NULL, "UTF-8",
				       XML_PARSE_NONET | XML_PARSE_NOBLANKS | XML_PARSE_IGNORE_ENC);
	if (w->reader == NULL)
		return complain(why, 0, "XML: the reader does not start");
	well = walk_nodes(w);
	xmlFreeTextReader(w->reader);
	return well;
}
