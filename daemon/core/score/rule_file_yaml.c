/*
 * The tree of a rule file, read by tables of fields; see rule_file_yaml.h.
 */
#include "daemon/core/score/rule_file_yaml.h"

#include <stdarg.h>
#include <stdio.h>

/* --- complaints --------------------------------------------------------------------- */

bool refuse(const struct rule_reading *r, const yaml_node_t *node, const char *format, ...)
{
	char text[160];
	size_t line = rule_line(node);
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

/* --- values ------------------------------------------------------------------------------ */

bool read_text(const struct rule_reading *r, const yaml_node_t *node, struct span *text)
{
	if (node->type != YAML_SCALAR_NODE)
		return refuse(r, node, "expected a text");
	if (span_empty(span_trim(scalar(node))))
		return refuse(r, node, "must not be empty");
	*text = arena_dup(&r->rules->arena, scalar(node));
	return true;
}

bool read_integer(const struct rule_reading *r, const yaml_node_t *node, long least, long most, long *number)
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

/* --- days -------------------------------------------------------------------------------- */

#define CHINA_AHEAD_MS INT64_C(28800000)

/* Days from 1970-01-01 to a day of the Gregorian calendar; years begin in March, so that leap days end them.
 */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month > 2 ? year : year - 1;
	int64_t m = month > 2 ? month - 3 : month + 9;

	return y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

static bool day_exists(uint64_t year, uint64_t month, uint64_t day)
{
	static const unsigned lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return year >= 1970 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 &&
	       day <= lengths[month - 1] + (month == 2 && leap);
}

bool read_day(const struct rule_reading *r, const yaml_node_t *node, int64_t *start_ms)
{
	struct span rest = node->type == YAML_SCALAR_NODE ? scalar(node) : (struct span){ 0 };
	struct span year = { 0 }, month = { 0 }, day = { 0 };
	uint64_t y = 0, m = 0, d = 0;
	bool shaped = rest.len == 10 && span_cut(&rest, '-', &year) && span_cut(&rest, '-', &month) &&
		      span_cut(&rest, '-', &day) && year.len == 4 && month.len == 2 && day.len == 2;

	if (!shaped || !span_u64(year, &y) || !span_u64(month, &m) || !span_u64(day, &d) ||
	    !day_exists(y, m, d))
		return refuse(r, node, "expected a day, as 2026-11-21");
	*start_ms = days_of((int64_t)y, (int64_t)m, (int64_t)d) * RULE_DAY_MS - CHINA_AHEAD_MS;
	return true;
}

/* --- lists ------------------------------------------------------------------------------- */

bool read_list(struct rule_reading *r, const yaml_node_t *node,
	       bool (*each)(struct rule_reading *, const yaml_node_t *, void *), void *context)
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

/* --- mappings ---------------------------------------------------------------------------- */

static const struct rule_field *field_find(const struct rule_field *fields, size_t n, struct span name)
{
	for (size_t i = 0; i < n; i++)
		if (span_is(name, fields[i].name))
			return &fields[i];
	return NULL;
}

static bool required_there(const struct rule_reading *r, const yaml_node_t *node,
			   const struct rule_field *fields, size_t n, unsigned seen)
{
	for (size_t i = 0; i < n; i++)
		if (fields[i].required && (seen & 1u << i) == 0)
			return refuse(r, node, "field '%s' is missing", fields[i].name);
	return true;
}

static bool read_pair(struct rule_reading *r, const yaml_node_pair_t *pair, const struct rule_field *fields,
		      size_t n, unsigned *seen)
{
	const yaml_node_t *key = node_at(r, pair->key);
	const char *outer = r->field;
	const struct rule_field *field;
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

bool read_mapping(struct rule_reading *r, const yaml_node_t *node, const struct rule_field *fields, size_t n)
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
