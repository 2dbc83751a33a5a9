/*
 * Between core/score/rule_file.c, rule_file_sample.c and rule_file_yaml.c; nobody else includes it.
 *
 * libyaml builds the tree of a file; what may stand in it is tables of fields.
 * Nothing is repaired or passed over: the first thing that is wrong refuses
 * the file, with line and field. All functions return false then.
 */
#ifndef TIPLINE_CORE_RULE_FILE_YAML_H
#define TIPLINE_CORE_RULE_FILE_YAML_H

#include "daemon/core/score/rule_file.h"

#include <yaml.h>

/* A file being read. */
struct rule_reading {
	struct rules *rules;
	yaml_document_t *document;
	const char *file;
	struct complaint *why;
	struct rule *rule; /* being read; NULL above the list */
	const char *field; /* of it */
};

static inline struct span scalar(const yaml_node_t *node)
{
	return span_from(node->data.scalar.value, node->data.scalar.length);
}

static inline yaml_node_t *node_at(const struct rule_reading *r, int index)
{
	return yaml_document_get_node(r->document, index);
}

static inline size_t rule_line(const yaml_node_t *node)
{
	return node->start_mark.line + 1;
}

/* Tells file, line, rule and field with it; always false. */
bool refuse(const struct rule_reading *r, const yaml_node_t *node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Text that says something; copied into the rules. */
bool read_text(const struct rule_reading *r, const yaml_node_t *node, struct span *text);

/* A whole number without quotes. */
bool read_integer(const struct rule_reading *r, const yaml_node_t *node, long least, long most, long *number);

#define RULE_DAY_MS INT64_C(86400000)

/* A calendar day as 2026-11-21, to the Unix time at which it starts in China (UTC+8, no summer time). */
bool read_day(const struct rule_reading *r, const yaml_node_t *node, int64_t *start_ms);

/* Calls `each` for all items of a list that is not empty. */
bool read_list(struct rule_reading *r, const yaml_node_t *node,
	       bool (*each)(struct rule_reading *, const yaml_node_t *, void *), void *context);

/* One key that a mapping may have. */
struct rule_field {
	const char *name;
	bool required;
	bool (*read)(struct rule_reading *, const yaml_node_t *);
};

bool read_mapping(struct rule_reading *r, const yaml_node_t *node, const struct rule_field *fields, size_t n);

/* The fields `match` and `no_match` (core/score/rule_file_sample.c). */
bool rule_read_match(struct rule_reading *r, const yaml_node_t *node);
bool rule_read_no_match(struct rule_reading *r, const yaml_node_t *node);

#endif
