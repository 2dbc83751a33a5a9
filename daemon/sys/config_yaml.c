/*
 * Reading the YAML file; see config_yaml.h.
 *
 * libyaml gives events; reading goes down the option table with them, so no
 * tree is built and the depth is that of the table plus what is skipped.
 */
#include "daemon/sys/config_yaml.h"

#include "daemon/sys/options.h"

#include <yaml.h>

#define DEPTH_MAX 16

/* Paths that were set by this file: a second time is a mistake. */
struct seen {
	struct seen *next;
	struct span path;
	size_t line;
};

struct reader {
	yaml_parser_t parser;
	struct config *config;
	struct config_problems *problems;
	const char *name;
	struct seen *seen;
	bool broken;          /* the rest makes no sense any more */
};

static bool read_node(struct reader *r, const yaml_event_t *event, struct span path, unsigned depth);

static struct config_place place_of(const struct reader *r, yaml_mark_t mark)
{
	return (struct config_place){ .source = r->name, .line = mark.line + 1, .column = mark.column + 1 };
}

/* The next event, or false at the end of what can be read. */
static bool next_event(struct reader *r, yaml_event_t *event)
{
	struct config_place place;

	if (r->broken || r->problems->n == CONFIG_PROBLEMS_MAX)
		return false;
	if (yaml_parser_parse(&r->parser, event))
		return true;
	r->broken = true;
	place = place_of(r, r->parser.problem_mark);
	config_problem(r->problems, &place, "not YAML: %s%s%s",
		       r->parser.context != NULL ? r->parser.context : "",
		       r->parser.context != NULL ? ", " : "",
		       r->parser.problem != NULL ? r->parser.problem : "unreadable");
	return false;
}

static bool opens(yaml_event_type_t type)
{
	return type == YAML_MAPPING_START_EVENT || type == YAML_SEQUENCE_START_EVENT;
}

static bool closes(yaml_event_type_t type)
{
	return type == YAML_MAPPING_END_EVENT || type == YAML_SEQUENCE_END_EVENT;
}

/* Reads past the node that begins with an event of this type. */
static void skip_node(struct reader *r, yaml_event_type_t type)
{
	unsigned depth = opens(type);
	yaml_event_t event;

	while (depth > 0 && next_event(r, &event)) {
		depth += opens(event.type);
		depth -= closes(event.type);
		yaml_event_delete(&event);
	}
}

static struct span scalar_of(const yaml_event_t *event)
{
	return span_from(event->data.scalar.value, event->data.scalar.length);
}

/* Nothing behind the colon: a section whose options are all left out. */
static bool is_nothing(const yaml_event_t *event)
{
	return event->type == YAML_SCALAR_EVENT && event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	       (event->data.scalar.length == 0 || span_is(scalar_of(event), "~") ||
		span_is(scalar_of(event), "null"));
}

static const yaml_char_t *anchor_of(const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return event->data.scalar.anchor;
	case YAML_MAPPING_START_EVENT:
		return event->data.mapping_start.anchor;
	case YAML_SEQUENCE_START_EVENT:
		return event->data.sequence_start.anchor;
	default:
		return NULL;
	}
}

static const yaml_char_t *tag_of(const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return event->data.scalar.tag;
	case YAML_MAPPING_START_EVENT:
		return event->data.mapping_start.tag;
	case YAML_SEQUENCE_START_EVENT:
		return event->data.sequence_start.tag;
	default:
		return NULL;
	}
}

static bool plain_node(struct reader *r, const yaml_event_t *event, struct span path)
{
	struct config_place place = place_of(r, event->start_mark);

	if (event->type == YAML_ALIAS_EVENT || anchor_of(event) != NULL)
		return config_problem(r->problems, &place, "%.*s: anchors and aliases are not taken; write the value",
				      (int)path.len, path.at);
	if (tag_of(event) != NULL)
		return config_problem(r->problems, &place, "%.*s: tags are not taken; write the plain value",
				      (int)path.len, path.at);
	return true;
}

static bool first_time(struct reader *r, struct span path, const struct config_place *place)
{
	struct seen *row;

	for (row = r->seen; row != NULL; row = row->next)
		if (span_eq(row->path, path))
			return config_problem(r->problems, place, "%.*s: given twice, first in line %zu", (int)path.len,
					      path.at, row->line);
	row = arena_new(&r->config->arena, struct seen);
	*row = (struct seen){ .next = r->seen, .path = arena_dup(&r->config->arena, path), .line = place->line };
	r->seen = row;
	return true;
}

/* Items of a sequence, joined by commas for the option's reader. */
static bool join_items(struct reader *r, struct span path, struct buf *joined)
{
	yaml_event_t event;
	bool well = true, more = true;

	while (more && next_event(r, &event)) {
		struct config_place place = place_of(r, event.start_mark);

		more = event.type != YAML_SEQUENCE_END_EVENT;
		if (more && (event.type != YAML_SCALAR_EVENT || !plain_node(r, &event, path) ||
			     memchr(event.data.scalar.value, ',', event.data.scalar.length + 1) != NULL)) {
			skip_node(r, event.type);
			well = config_problem(r->problems, &place, "%.*s: an item of the list is no single word",
					      (int)path.len, path.at);
		} else if (more) {
			buf_add_text(joined, joined->len > 0 ? "," : "");
			buf_add_span(joined, scalar_of(&event));
		}
		yaml_event_delete(&event);
	}
	return well && !more;
}

static bool read_value(struct reader *r, const struct option_row *row, const yaml_event_t *event, struct span path)
{
	struct config_place place = place_of(r, event->start_mark);
	char expects[OPTION_EXPECTS_MAX];
	struct buf joined = { 0 };
	bool well;

	if (event->type == YAML_SEQUENCE_START_EVENT && option_is_list(row)) {
		well = join_items(r, path, &joined) &&
		       config_set(r->config, path, buf_span(&joined), &place, r->problems);
		buf_release(&joined);
		return well;
	}
	if (event->type == YAML_SCALAR_EVENT && !is_nothing(event))
		return config_set(r->config, path, scalar_of(event), &place, r->problems);
	skip_node(r, event->type);
	option_expects(row, expects);
	return config_problem(r->problems, &place, "%.*s: no value of this kind; expected %s", (int)path.len, path.at,
			      expects);
}

static bool unknown_key(struct reader *r, struct span path, yaml_mark_t mark)
{
	struct config_place place = place_of(r, mark);
	char nearest[OPTION_KEY_MAX];

	if (option_nearest(path, nearest))
		return config_problem(r->problems, &place, "%.*s: unknown key; did you mean %s?", (int)path.len, path.at,
				      nearest);
	return config_problem(r->problems, &place, "%.*s: unknown key; see tipline.yaml(5)", (int)path.len, path.at);
}

/* One "key: value" of a mapping; the key's event has been read. */
static bool read_pair(struct reader *r, const yaml_event_t *key, struct span above, unsigned depth)
{
	struct config_place place = place_of(r, key->start_mark);
	struct buf path = { 0 };
	yaml_event_t value;
	bool known, well;

	if (key->type != YAML_SCALAR_EVENT) {
		skip_node(r, key->type);
		well = config_problem(r->problems, &place, "a key must be a word");
		if (next_event(r, &value)) {
			skip_node(r, value.type);
			yaml_event_delete(&value);
		}
		return well;
	}
	buf_printf(&path, "%.*s%s", (int)above.len, above.at, above.len > 0 ? "." : "");
	buf_add_span(&path, scalar_of(key));
	known = option_find(buf_span(&path)) != NULL || option_is_section(buf_span(&path));
	well = known ? first_time(r, buf_span(&path), &place) : unknown_key(r, buf_span(&path), key->start_mark);
	if (next_event(r, &value)) {
		if (well)
			well = read_node(r, &value, buf_span(&path), depth + 1);
		else
			skip_node(r, value.type);
		yaml_event_delete(&value);
	}
	buf_release(&path);
	return well;
}

static bool read_mapping(struct reader *r, struct span path, unsigned depth)
{
	yaml_event_t key;
	bool well = true, more = true;

	while (more && next_event(r, &key)) {
		more = key.type != YAML_MAPPING_END_EVENT;
		if (more)
			well = read_pair(r, &key, path, depth) && well;
		yaml_event_delete(&key);
	}
	return well && !more;
}

static bool read_node(struct reader *r, const yaml_event_t *event, struct span path, unsigned depth)
{
	const struct option_row *row = option_find(path);
	struct config_place place = place_of(r, event->start_mark);

	if (!plain_node(r, event, path)) {
		skip_node(r, event->type);
		return false;
	}
	if (row != NULL)
		return read_value(r, row, event, path);
	if (event->type == YAML_MAPPING_START_EVENT && depth < DEPTH_MAX)
		return read_mapping(r, path, depth);
	if (is_nothing(event))
		return true;
	skip_node(r, event->type);
	return config_problem(r->problems, &place, "%.*s: a section; expected indented keys below it",
			      path.len > 0 ? (int)path.len : 8, path.len > 0 ? path.at : "the file");
}

/* The events around the one document. */
static bool read_stream(struct reader *r)
{
	yaml_event_t event;
	unsigned documents = 0;
	bool well = true, more = true;

	while (more && next_event(r, &event)) {
		struct config_place place = place_of(r, event.start_mark);

		more = event.type != YAML_STREAM_END_EVENT;
		if (event.type == YAML_DOCUMENT_START_EVENT && ++documents > 1) {
			well = config_problem(r->problems, &place, "a second document; expected one");
			more = false;
		} else if (event.type == YAML_SCALAR_EVENT || event.type == YAML_ALIAS_EVENT || opens(event.type)) {
			well = read_node(r, &event, (struct span){ 0 }, 0) && well;
		}
		yaml_event_delete(&event);
	}
	return well && !r->broken;
}

bool config_yaml_read(struct config *config, const char *name, struct span yaml, struct config_problems *problems)
{
	struct reader r = { .config = config, .problems = problems, .name = name };
	size_t before = problems->n;

	if (!yaml_parser_initialize(&r.parser))
		return config_problem(problems, &(struct config_place){ .source = name }, "no memory to read it");
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)yaml.at, yaml.len);
	read_stream(&r);
	yaml_parser_delete(&r.parser);
	return problems->n == before;
}
