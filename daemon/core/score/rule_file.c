/*
 * From the YAML of a rule file to rules; the format is told in config/rules/README.md.
 */
#include "daemon/core/score/rule_file.h"

#include "daemon/base/memory.h"
#include "daemon/base/table.h"
#include "daemon/core/score/rule_file_yaml.h"
#include "daemon/core/score/score.h"

#include <string.h>

#define NAME_MAX_BYTES 40
#define WITHIN_MAX_BYTES 600

/* --- the fields of a rule ----------------------------------------------------------------- */

static bool name_allowed(struct span name)
{
	for (size_t i = 0; i < name.len; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789_", name.at[i]) == NULL || name.at[i] == '\0')
			return false;
	return name.len > 0 && name.len <= NAME_MAX_BYTES;
}

static bool read_name(struct rule_reading *r, const yaml_node_t *node)
{
	struct span name = { 0 };

	if (!read_text(r, node, &name))
		return false;
	if (!name_allowed(name))
		return refuse(r, node, "up to %d letters a-z, digits and '_'", NAME_MAX_BYTES);
	if (span_is(name, SCORE_LEARNED))
		return refuse(r, node, "'" SCORE_LEARNED "' is the name of what is learned from outcomes");
	for (const struct rule *other = r->rules->at; other < r->rule; other++)
		if (span_eq(other->name, name))
			return refuse(r, node, "'%.*s' is the name of another rule", (int)name.len, name.at);
	r->rule->name = name;
	return true;
}

static bool read_points(struct rule_reading *r, const yaml_node_t *node)
{
	long points = 0;

	if (!read_integer(r, node, -RULE_POINTS_MAX, RULE_POINTS_MAX, &points))
		return false;
	if (points == 0)
		return refuse(r, node, "a rule of 0 points says nothing");
	r->rule->points = (int)points;
	return true;
}

static bool read_reason_zh(struct rule_reading *r, const yaml_node_t *node)
{
	return read_text(r, node, &r->rule->reason_zh);
}

static bool read_reason_en(struct rule_reading *r, const yaml_node_t *node)
{
	return read_text(r, node, &r->rule->reason_en);
}

static bool read_reason(struct rule_reading *r, const yaml_node_t *node)
{
	static const struct rule_field fields[] = {
		{ .name = "zh-CN", .required = true, .read = read_reason_zh },
		{ .name = "en", .required = true, .read = read_reason_en },
	};

	return read_mapping(r, node, fields, COUNT_OF(fields));
}

static bool read_term(struct rule_reading *r, const yaml_node_t *node, void *context)
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
	rules->terms = memory_grow(rules->terms, rules->nterms, sizeof(*rules->terms));
	rules->terms[rules->nterms++] = (struct rule_term){
		.word = word,
		.rule = (uint16_t)(r->rule - rules->at),
		.group = *group,
		.open_end = open_end,
	};
	return true;
}

static bool read_group(struct rule_reading *r, const yaml_node_t *node, void *context)
{
	uint8_t group = (uint8_t)r->rule->groups;

	(void)context;
	if (group == RULE_GROUPS_MAX)
		return refuse(r, node, "more than %d groups", RULE_GROUPS_MAX);
	r->rule->groups++;
	return read_list(r, node, read_term, &group);
}

static bool read_any(struct rule_reading *r, const yaml_node_t *node)
{
	return read_group(r, node, NULL);
}

static bool read_all(struct rule_reading *r, const yaml_node_t *node)
{
	return read_list(r, node, read_group, NULL);
}

static bool read_unless(struct rule_reading *r, const yaml_node_t *node)
{
	uint8_t group = RULE_GROUP_UNLESS;

	return read_list(r, node, read_term, &group);
}

static bool read_except(struct rule_reading *r, const yaml_node_t *node)
{
	uint8_t group = RULE_GROUP_EXCEPT;

	return read_list(r, node, read_term, &group);
}

static bool read_within(struct rule_reading *r, const yaml_node_t *node)
{
	long within = 0;

	if (!read_integer(r, node, 1, WITHIN_MAX_BYTES, &within))
		return false;
	r->rule->within = (uint32_t)within;
	return true;
}

static bool read_when(struct rule_reading *r, const yaml_node_t *node)
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

/* The rules before this one, by name. */
static bool read_companion(struct rule_reading *r, const yaml_node_t *node, void *context)
{
	struct span name = { 0 };

	(void)context;
	if (!read_text(r, node, &name))
		return false;
	if (r->rule->nwith == RULE_WITH_MAX)
		return refuse(r, node, "more than %d rules", RULE_WITH_MAX);
	for (const struct rule *other = r->rules->at; other < r->rule; other++) {
		if (!span_eq(other->name, name))
			continue;
		if (other->when != NULL && other->when->context)
			return refuse(r, node, "'%.*s' is about other tips", (int)name.len, name.at);
		r->rule->with[r->rule->nwith++] = (uint16_t)(other - r->rules->at);
		return true;
	}
	return refuse(r, node, "no rule '%.*s' stands before this one", (int)(name.len < 60 ? name.len : 60),
		      name.at);
}

static bool read_with(struct rule_reading *r, const yaml_node_t *node)
{
	return read_list(r, node, read_companion, NULL);
}

static bool read_keep(struct rule_reading *r, const yaml_node_t *node)
{
	if (node->type != YAML_SCALAR_NODE || !span_is(scalar(node), "true"))
		return refuse(r, node, "expected true, or no such field");
	r->rule->keep = true;
	return true;
}

/* --- what only a campaign has --------------------------------------------------------------- */

static bool read_region(struct rule_reading *r, const yaml_node_t *node)
{
	if (!read_text(r, node, &r->rule->region))
		return false;
	if (!span_digits(r->rule->region) || r->rule->region.len % 2 != 0 || r->rule->region.len > 6)
		return refuse(r, node, "expected the first 2, 4 or all 6 digits of a region's code");
	return true;
}

static bool read_from(struct rule_reading *r, const yaml_node_t *node)
{
	return read_day(r, node, &r->rule->from_ms);
}

/* The day itself still counts. */
static bool read_until(struct rule_reading *r, const yaml_node_t *node)
{
	if (!read_day(r, node, &r->rule->until_ms))
		return false;
	r->rule->until_ms += RULE_DAY_MS;
	return true;
}

/* --- a rule, a campaign ---------------------------------------------------------------------- */

/* Those of a campaign alone stand last. */
#define CAMPAIGN_FIELDS 3

static const struct rule_field rule_fields[] = {
	{ .name = "name", .required = true, .read = read_name },
	{ .name = "points", .required = true, .read = read_points },
	{ .name = "reason", .required = true, .read = read_reason },
	{ .name = "any", .read = read_any },
	{ .name = "all", .read = read_all },
	{ .name = "unless", .read = read_unless },
	{ .name = "except", .read = read_except },
	{ .name = "within", .read = read_within },
	{ .name = "when", .read = read_when },
	{ .name = "with", .read = read_with },
	{ .name = "keep", .read = read_keep },
	{ .name = "match", .required = true, .read = rule_read_match },
	{ .name = "no_match", .required = true, .read = rule_read_no_match },
	{ .name = "region", .read = read_region },
	{ .name = "from", .read = read_from },
	{ .name = "until", .read = read_until },
};

/* The context of a tip comes without its text, so such a rule has nothing else to go by. */
static bool alone(const struct rule_reading *r)
{
	const struct rule *rule = r->rule;
	bool words =
		r->rules->nterms > 0 && r->rules->terms[r->rules->nterms - 1].rule == rule - r->rules->at;

	return !words && rule->nwith == 0 && !rule->campaign && !rule->keep;
}

static bool check_rule(const struct rule_reading *r, const yaml_node_t *node)
{
	const struct rule *rule = r->rule;

	if (rule->groups == 0 && rule->when == NULL && rule->nwith == 0)
		return refuse(r, node, "needs 'any', 'all', 'when' or 'with'");
	if (rule->within > 0 && rule->groups < 2)
		return refuse(r, node, "'within' needs two groups of words");
	if (rule->when != NULL && rule->when->context && !alone(r))
		return refuse(r, node,
			      "'%s' is about other tips and stands alone: no words, no 'with', no 'keep', "
			      "no campaign",
			      rule->when->name);
	if (rule->until_ms != 0 && rule->until_ms <= rule->from_ms)
		return refuse(r, node, "'until' lies before 'from'");
	return true;
}

static bool read_either(struct rule_reading *r, const yaml_node_t *node, bool campaign)
{
	if (r->rules->n == RULES_MAX)
		return refuse(r, node, "more than %d rules", RULES_MAX);
	r->rule = &r->rules->at[r->rules->n];
	r->rule->campaign = campaign;
	r->field = NULL;
	if (!read_mapping(r, node, rule_fields, COUNT_OF(rule_fields) - (campaign ? 0 : CAMPAIGN_FIELDS)) ||
	    !check_rule(r, node))
		return false;
	r->rules->n++;
	return true;
}

static bool read_rule(struct rule_reading *r, const yaml_node_t *node, void *context)
{
	(void)context;
	return read_either(r, node, false);
}

static bool read_campaign(struct rule_reading *r, const yaml_node_t *node, void *context)
{
	(void)context;
	return read_either(r, node, true);
}

static bool read_rules(struct rule_reading *r, const yaml_node_t *node)
{
	bool fine = read_list(r, node, read_rule, NULL);

	if (fine)
		r->rule = NULL;
	return fine;
}

static bool read_campaigns(struct rule_reading *r, const yaml_node_t *node)
{
	bool fine = read_list(r, node, read_campaign, NULL);

	if (fine)
		r->rule = NULL;
	return fine;
}

/* --- files ------------------------------------------------------------------------------------ */

static bool read_document(struct rule_reading *r)
{
	static const struct rule_field fields[] = {
		{ .name = "rules", .read = read_rules },
		{ .name = "campaigns", .read = read_campaigns },
	};
	const yaml_node_t *root = yaml_document_get_root_node(r->document);
	size_t before = r->rules->n;

	if (root == NULL)
		return complain(r->why, 1, "%s:1: the file is empty, expected 'rules:' or 'campaigns:'",
				r->file);
	if (!read_mapping(r, root, fields, COUNT_OF(fields)))
		return false;
	return r->rules->n > before || refuse(r, root, "expected 'rules:' or 'campaigns:'");
}

/* What libyaml could not read. */
static bool broken_yaml(const struct rule_reading *r, const yaml_parser_t *parser)
{
	size_t line = parser->problem_mark.line + 1;

	return complain(r->why, line, "%s:%zu: %s", r->file, line,
			parser->problem != NULL ? parser->problem : "not readable as YAML");
}

/* False when a second document follows the first. */
static bool read_end(struct rule_reading *r, yaml_parser_t *parser)
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
	struct rule_reading r = { .rules = rules, .why = why };
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
