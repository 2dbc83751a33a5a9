/*
 * From the YAML of a rule file to rules; the format is told in config/rules/README.md.
 *
 * libyaml builds the tree of a file; what may stand in it is the tables of
 * fields below. Nothing is repaired or passed over: the first thing that is
 * wrong refuses the file, with line and field.
 */
#include "daemon/core/rule_file.h"

#include "daemon/base/table.h"
#include "daemon/core/score.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

#define NAME_MAX_BYTES 40
#define WITHIN_MAX_BYTES 600

/* A file being read. */
struct reading {
	struct rules *rules;
	yaml_document_t *document;
	const char *file;
	struct complaint *why;
	struct rule *rule; /* being read; NULL above the list */
	const char *field; /* of it */
};

/* --- complaints --------------------------------------------------------------------- */

static size_t line_of(const yaml_node_t *node)
{
	return node->start_mark.line + 1;
}

static bool refuse(const struct reading *r, const yaml_node_t *node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static bool refuse(const struct reading *r, const yaml_node_t *node, const char *format, ...)
{
	char text[160];
	size_t line = line_of(node);
	struct span name = r->rule != NULL ? r->rule->name : (struct span){ 0 };
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return complain(r->why, line, "%s:%zu: %s%.*s%s%s%s%s", r->file, line,
			span_empty(name) ? "" : "rule '", (int)name.len, name.len > 0 ? name.at : "",
			span_empty(name) ? "" : "': ", r->field != NULL ? r->field : "",
			r->field != NULL ? ": " : "", text);
}

/* --- nodes ----------------------------------------------------------------------------- */

static struct span scalar(const yaml_node_t *node)
{
	return span_from(node->data.scalar.value, node->data.scalar.length);
}

static yaml_node_t *node_at(const struct reading *r, int index)
{
	return yaml_document_get_node(r->document, index);
}

/* Text that says something; copied into the rules. */
static bool read_text(const struct reading *r, const yaml_node_t *node, struct span *text)
{
	if (node->type != YAML_SCALAR_NODE)
		return refuse(r, node, "expected a text");
	if (span_empty(span_trim(scalar(node))))
		return refuse(r, node, "must not be empty");
	*text = arena_dup(&r->rules->arena, scalar(node));
	return true;
}

static bool read_integer(const struct reading *r, const yaml_node_t *node, long least, long most,
			 long *number)
{
	struct span text = node->type == YAML_SCALAR_NODE ? scalar(node) : (struct span){ 0 };
	bool negative = span_starts(text, SPAN("-"));
	uint64_t size;

	if (!span_u64(span_from_offset(text, negative), &size) ||
	    node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return refuse(r, node, "expected a whole number");
	if (size > 1000000 || (negative ? -(long)size : (long)size) < least ||
	    (negative ? -(long)size : (long)size) > most)
		return refuse(r, node, "must lie between %ld and %ld", least, most);
	*number = negative ? -(long)size : (long)size;
	return true;
}

/* Calls `each` for all items of a list that is not empty. */
static bool read_list(struct reading *r, const yaml_node_t *node,
		      bool (*each)(struct reading *, const yaml_node_t *, void *), void *context)
{
	if (node->type != YAML_SEQUENCE_NODE)
		return refuse(r, node, "expected a list");
	if (node->data.sequence.items.start == node->data.sequence.items.top)
		return refuse(r, node, "must not be empty");
	for (yaml_node_item_t *item = node->data.sequence.items.start; item < node->data.sequence.items.top;
	     item++)
		if (!each(r, node_at(r, *item), context))
			return false;
	return true;
}

/* One key that a mapping may have. */
struct field {
	const char *name;
	bool required;
	bool (*read)(struct reading *, const yaml_node_t *);
};

static const struct field *field_find(const struct field *fields, size_t n, struct span name)
{
	for (size_t i = 0; i < n; i++)
		if (span_is(name, fields[i].name))
			return &fields[i];
	return NULL;
}

static bool required_there(const struct reading *r, const yaml_node_t *node, const struct field *fields,
			   size_t n, unsigned seen)
{
	for (size_t i = 0; i < n; i++)
		if (fields[i].required && (seen & 1u << i) == 0)
			return refuse(r, node, "field '%s' is missing", fields[i].name);
	return true;
}

static bool read_pair(struct reading *r, const yaml_node_pair_t *pair, const struct field *fields, size_t n,
		      unsigned *seen)
{
	const yaml_node_t *key = node_at(r, pair->key);
	const char *outer = r->field;
	const struct field *field;
	bool fine;

	if (key->type != YAML_SCALAR_NODE)
		return refuse(r, key, "expected a field's name");
	field = field_find(fields, n, scalar(key));
	if (field == NULL)
		return refuse(r, key, "unknown field '%.*s'",
			      (int)(scalar(key).len < 60 ? scalar(key).len : 60), scalar(key).at);
	if ((*seen & 1u << (field - fields)) != 0)
		return refuse(r, key, "field '%s' stands there twice", field->name);
	*seen |= 1u << (field - fields);
	r->field = field->name;
	fine = field->read(r, node_at(r, pair->value));
	r->field = outer;
	return fine;
}

static bool read_mapping(struct reading *r, const yaml_node_t *node, const struct field *fields, size_t n)
{
	unsigned seen = 0;

	if (node->type != YAML_MAPPING_NODE)
		return refuse(r, node, "expected fields with values");
	for (yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top;
	     pair++)
		if (!read_pair(r, pair, fields, n, &seen))
			return false;
	return required_there(r, node, fields, n, seen);
}

/* --- the fields of a rule ----------------------------------------------------------------- */

static bool name_allowed(struct span name)
{
	for (size_t i = 0; i < name.len; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789_", name.at[i]) == NULL || name.at[i] == '\0')
			return false;
	return name.len > 0 && name.len <= NAME_MAX_BYTES;
}

static bool read_name(struct reading *r, const yaml_node_t *node)
{
	struct span name = { 0 };

	if (!read_text(r, node, &name))
		return false;
	if (!name_allowed(name))
		return refuse(r, node, "up to %d letters a-z, digits and '_'", NAME_MAX_BYTES);
	for (const struct rule *other = r->rules->at; other < r->rule; other++)
		if (span_eq(other->name, name))
			return refuse(r, node, "'%.*s' is the name of another rule", (int)name.len, name.at);
	r->rule->name = name;
	return true;
}

static bool read_points(struct reading *r, const yaml_node_t *node)
{
	long points = 0;

	if (!read_integer(r, node, -RULE_POINTS_MAX, RULE_POINTS_MAX, &points))
		return false;
	if (points == 0)
		return refuse(r, node, "a rule of 0 points says nothing");
	r->rule->points = (int)points;
	return true;
}

static bool read_reason_zh(struct reading *r, const yaml_node_t *node)
{
	return read_text(r, node, &r->rule->reason_zh);
}

static bool read_reason_en(struct reading *r, const yaml_node_t *node)
{
	return read_text(r, node, &r->rule->reason_en);
}

static bool read_reason(struct reading *r, const yaml_node_t *node)
{
	static const struct field fields[] = {
		{ .name = "zh-CN", .required = true, .read = read_reason_zh },
		{ .name = "en", .required = true, .read = read_reason_en },
	};

	return read_mapping(r, node, fields, COUNT_OF(fields));
}

/* Room for one more in an array that doubles. */
static void *grown(void *array, size_t n, size_t size)
{
	if (n > 0 && (n & (n - 1)) != 0)
		return array;
	array = realloc(array, size * (n > 0 ? 2 * n : 1));
	if (array == NULL) {
		fputs("out of memory\n", stderr);
		exit(EXIT_FAILURE);
	}
	return array;
}

static bool read_term(struct reading *r, const yaml_node_t *node, void *context)
{
	const uint8_t *group = context;
	struct rules *rules = r->rules;
	struct span word = { 0 };
	bool open_end;

	if (!read_text(r, node, &word))
		return false;
	word = span_trim(word);
	open_end = word.at[word.len - 1] == '*';
	word.len -= open_end;
	if (word.len == 0 || memchr(word.at, '*', word.len) != NULL)
		return refuse(r, node, "'%.*s': a '*' may only end a word", (int)scalar(node).len,
			      scalar(node).at);
	rules->terms = grown(rules->terms, rules->nterms, sizeof(*rules->terms));
	rules->terms[rules->nterms++] = (struct rule_term){
		.word = word,
		.rule = (uint16_t)(r->rule - rules->at),
		.group = *group,
		.open_end = open_end,
	};
	return true;
}

static bool read_group(struct reading *r, const yaml_node_t *node, void *context)
{
	uint8_t group = (uint8_t)r->rule->groups;

	(void)context;
	if (group == RULE_GROUPS_MAX)
		return refuse(r, node, "more than %d groups", RULE_GROUPS_MAX);
	r->rule->groups++;
	return read_list(r, node, read_term, &group);
}

static bool read_any(struct reading *r, const yaml_node_t *node)
{
	return read_group(r, node, NULL);
}

static bool read_all(struct reading *r, const yaml_node_t *node)
{
	return read_list(r, node, read_group, NULL);
}

static bool read_unless(struct reading *r, const yaml_node_t *node)
{
	uint8_t group = RULE_GROUP_UNLESS;

	return read_list(r, node, read_term, &group);
}

static bool read_within(struct reading *r, const yaml_node_t *node)
{
	long within = 0;

	if (!read_integer(r, node, 1, WITHIN_MAX_BYTES, &within))
		return false;
	r->rule->within = (uint32_t)within;
	return true;
}

static bool read_when(struct reading *r, const yaml_node_t *node)
{
	const yaml_node_pair_t *pair =
		node->type == YAML_MAPPING_NODE ? node->data.mapping.pairs.start : NULL;
	const yaml_node_t *key, *value;

	if (pair == NULL || node->data.mapping.pairs.top != pair + 1)
		return refuse(r, node, "expected one predicate and its value");
	key = node_at(r, pair->key);
	value = node_at(r, pair->value);
	r->rule->when = key->type == YAML_SCALAR_NODE ? predicate_find(scalar(key)) : NULL;
	if (r->rule->when == NULL)
		return refuse(r, key, "unknown predicate");
	if (value->type != YAML_SCALAR_NODE || !r->rule->when->read(scalar(value), &r->rule->when_value))
		return refuse(r, value, "'%s' expects %s", r->rule->when->name, r->rule->when->expects);
	return true;
}

static bool read_sample(struct reading *r, const yaml_node_t *node, void *context)
{
	const bool *matches = context;
	struct rules *rules = r->rules;
	struct span text;

	if (!read_text(r, node, &text))
		return false;
	rules->samples = grown(rules->samples, rules->nsamples, sizeof(*rules->samples));
	rules->samples[rules->nsamples++] = (struct rule_sample){
		.file = r->file,
		.line = line_of(node),
		.rule = (size_t)(r->rule - rules->at),
		.text = text,
		.matches = *matches,
	};
	return true;
}

static bool read_match(struct reading *r, const yaml_node_t *node)
{
	bool matches = true;

	return read_list(r, node, read_sample, &matches);
}

static bool read_no_match(struct reading *r, const yaml_node_t *node)
{
	bool matches = false;

	return read_list(r, node, read_sample, &matches);
}

static const struct field rule_fields[] = {
	{ .name = "name", .required = true, .read = read_name },
	{ .name = "points", .required = true, .read = read_points },
	{ .name = "reason", .required = true, .read = read_reason },
	{ .name = "any", .read = read_any },
	{ .name = "all", .read = read_all },
	{ .name = "unless", .read = read_unless },
	{ .name = "within", .read = read_within },
	{ .name = "when", .read = read_when },
	{ .name = "match", .required = true, .read = read_match },
	{ .name = "no_match", .required = true, .read = read_no_match },
};

static bool read_rule(struct reading *r, const yaml_node_t *node, void *context)
{
	(void)context;
	if (r->rules->n == RULES_MAX)
		return refuse(r, node, "more than %d rules", RULES_MAX);
	r->rule = &r->rules->at[r->rules->n];
	r->field = NULL;
	if (!read_mapping(r, node, rule_fields, COUNT_OF(rule_fields)))
		return false;
	if (r->rule->groups == 0 && r->rule->when == NULL)
		return refuse(r, node, "needs 'any', 'all' or 'when'");
	if (r->rule->within > 0 && r->rule->groups < 2)
		return refuse(r, node, "'within' needs two groups of words");
	r->rules->n++;
	return true;
}

static bool read_rules(struct reading *r, const yaml_node_t *node)
{
	bool fine = read_list(r, node, read_rule, NULL);

	if (fine)
		r->rule = NULL;
	return fine;
}

/* --- files ------------------------------------------------------------------------------------ */

static bool read_document(struct reading *r)
{
	static const struct field fields[] = { { .name = "rules", .required = true, .read = read_rules } };
	const yaml_node_t *root = yaml_document_get_root_node(r->document);

	if (root == NULL)
		return complain(r->why, 1, "%s:1: the file is empty, expected 'rules:'", r->file);
	return read_mapping(r, root, fields, COUNT_OF(fields));
}

/* What libyaml could not read. */
static bool broken_yaml(const struct reading *r, const yaml_parser_t *parser)
{
	size_t line = parser->problem_mark.line + 1;

	return complain(r->why, line, "%s:%zu: %s", r->file, line,
			parser->problem != NULL ? parser->problem : "not readable as YAML");
}

/* False when a second document follows the first. */
static bool read_end(struct reading *r, yaml_parser_t *parser)
{
	yaml_document_t document;
	yaml_node_t *root;
	bool fine = true;

	if (!yaml_parser_load(parser, &document))
		return broken_yaml(r, parser);
	root = yaml_document_get_root_node(&document);
	if (root != NULL)
		fine = refuse(r, root, "a file holds one document");
	yaml_document_delete(&document);
	return fine;
}

bool rule_file_read(struct rules *rules, const struct rule_file *file, struct complaint *why)
{
	struct reading r = { .rules = rules, .why = why };
	yaml_parser_t parser;
	yaml_document_t document;
	bool fine;

	r.file = arena_dup(&rules->arena, span_of(file->name)).at;
	if (!yaml_parser_initialize(&parser))
		return complain(why, 0, "%s: out of memory", r.file);
	yaml_parser_set_input_string(&parser, (const unsigned char *)file->yaml.at, file->yaml.len);
	fine = yaml_parser_load(&parser, &document);
	if (fine) {
		r.document = &document;
		fine = read_document(&r);
		yaml_document_delete(&document);
		fine = fine && read_end(&r, &parser);
	} else {
		broken_yaml(&r, &parser);
	}
	yaml_parser_delete(&parser);
	return fine;
}
