/*
 * A rule's own tests: texts, and what else the tip has; see rule_file_yaml.h.
 */
#include "daemon/base/memory.h"
#include "daemon/base/table.h"
#include "daemon/core/score/rule_file_yaml.h"

#define CONTEXT_MAX 1000000

static bool read_context_number(struct rule_reading *r, const yaml_node_t *node, unsigned *number)
{
	long value = 0;

	if (!read_integer(r, node, 0, CONTEXT_MAX, &value))
		return false;
	*number = (unsigned)value;
	return true;
}

/* The sample being read is the last one. */
static struct rule_sample *sample_of(const struct rule_reading *r)
{
	return &r->rules->samples[r->rules->nsamples - 1];
}

static bool read_sample_others(struct rule_reading *r, const yaml_node_t *node)
{
	return read_context_number(r, node, &sample_of(r)->context.others);
}

static bool read_sample_copies(struct rule_reading *r, const yaml_node_t *node)
{
	return read_context_number(r, node, &sample_of(r)->context.copies);
}

static bool read_sample_verified(struct rule_reading *r, const yaml_node_t *node)
{
	return read_context_number(r, node, &sample_of(r)->context.verified);
}

static bool read_sample_unfounded(struct rule_reading *r, const yaml_node_t *node)
{
	return read_context_number(r, node, &sample_of(r)->context.unfounded);
}

static bool read_sample_pranks(struct rule_reading *r, const yaml_node_t *node)
{
	return read_context_number(r, node, &sample_of(r)->context.pranks);
}

/* The names are those of the predicates. */
static bool read_sample_context(struct rule_reading *r, const yaml_node_t *node)
{
	static const struct rule_field fields[] = {
		{ .name = "others", .read = read_sample_others },
		{ .name = "copies", .read = read_sample_copies },
		{ .name = "sender_verified", .read = read_sample_verified },
		{ .name = "sender_unfounded", .read = read_sample_unfounded },
		{ .name = "sender_pranks", .read = read_sample_pranks },
	};

	return read_mapping(r, node, fields, COUNT_OF(fields));
}

static bool read_sample_text(struct rule_reading *r, const yaml_node_t *node)
{
	return read_text(r, node, &sample_of(r)->text);
}

static bool read_sample_region(struct rule_reading *r, const yaml_node_t *node)
{
	return read_text(r, node, &sample_of(r)->region);
}

static bool read_sample_category(struct rule_reading *r, const yaml_node_t *node)
{
	return read_text(r, node, &sample_of(r)->category);
}

static bool read_sample_fields(struct rule_reading *r, const yaml_node_t *node)
{
	static const struct rule_field fields[] = {
		{ .name = "text", .read = read_sample_text },
		{ .name = "region", .read = read_sample_region },
		{ .name = "category", .read = read_sample_category },
		{ .name = "context", .read = read_sample_context },
	};

	return read_mapping(r, node, fields, COUNT_OF(fields));
}

static bool read_sample(struct rule_reading *r, const yaml_node_t *node, void *context)
{
	const bool *matches = context;
	struct rules *rules = r->rules;

	rules->samples = memory_grow(rules->samples, rules->nsamples, sizeof(*rules->samples));
	rules->samples[rules->nsamples++] = (struct rule_sample){
		.file = r->file,
		.line = rule_line(node),
		.rule = (size_t)(r->rule - rules->at),
		.matches = *matches,
	};
	return node->type == YAML_MAPPING_NODE ? read_sample_fields(r, node) : read_sample_text(r, node);
}

bool rule_read_match(struct rule_reading *r, const yaml_node_t *node)
{
	bool matches = true;

	return read_list(r, node, read_sample, &matches);
}

bool rule_read_no_match(struct rule_reading *r, const yaml_node_t *node)
{
	bool matches = false;

	return read_list(r, node, read_sample, &matches);
}
