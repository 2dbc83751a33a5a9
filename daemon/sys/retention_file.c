/*
 * Reading the rules of retention; see retention_file.h. Two levels of a mapping
 * and plain scalars: libyaml's events are read straight down.
 */
#include "daemon/sys/retention_file.h"

#include "daemon/base/asset.h"
#include "daemon/sys/files.h"

#include <yaml.h>

#define BUILT_IN "config/retention.yaml"
#define UNSET (-2)

struct reader {
	yaml_parser_t parser;
	yaml_event_t event;
	struct retention_rules *rules;
	struct complaint *why;
};

static bool refuse(struct reader *r, const char *what)
{
	r->why->column = r->event.start_mark.column + 1;
	return complain(r->why, r->event.start_mark.line + 1, "%s", what);
}

/* The next event; false when it is not YAML. */
static bool next(struct reader *r)
{
	yaml_event_delete(&r->event);
	if (yaml_parser_parse(&r->parser, &r->event))
		return true;
	memset(&r->event, 0, sizeof(r->event));
	r->why->column = r->parser.problem_mark.column + 1;
	return complain(r->why, r->parser.problem_mark.line + 1, "not YAML: %s",
			r->parser.problem != NULL ? r->parser.problem : "unreadable");
}

/* The next event is of that type, without anchor or tag. */
static bool next_is(struct reader *r, yaml_event_type_t type, const char *wanted)
{
	if (!next(r))
		return false;
	if (r->event.type != type ||
	    (type == YAML_SCALAR_EVENT && (r->event.data.scalar.anchor != NULL || r->event.data.scalar.tag != NULL)) ||
	    (type == YAML_MAPPING_START_EVENT &&
	     (r->event.data.mapping_start.anchor != NULL || r->event.data.mapping_start.tag != NULL)))
		return refuse(r, wanted);
	return true;
}

static struct span scalar(const struct reader *r)
{
	return span_from(r->event.data.scalar.value, r->event.data.scalar.length);
}

static bool read_days(struct reader *r, int *days)
{
	uint64_t number;

	if (*days != UNSET)
		return refuse(r, "this part is given twice");
	if (!next_is(r, YAML_SCALAR_EVENT, "write a number of days, or never"))
		return false;
	if (span_is(scalar(r), "never"))
		*days = RETENTION_NEVER;
	else if (span_u64(scalar(r), &number) && number <= RETENTION_DAYS_MAX)
		*days = (int)number;
	else
		return refuse(r, "write a number of days, 0 to 36500, or never");
	return true;
}

/* The next key of a mapping; *ended instead when there is none. */
static bool next_key(struct reader *r, const char *wanted, bool *ended)
{
	if (!next(r))
		return false;
	*ended = r->event.type == YAML_MAPPING_END_EVENT;
	if (!*ended && (r->event.type != YAML_SCALAR_EVENT || r->event.data.scalar.anchor != NULL ||
			r->event.data.scalar.tag != NULL))
		return refuse(r, wanted);
	return true;
}

static bool rule_ends(struct reader *r, enum retention_outcome outcome)
{
	const int *days = r->rules->days[outcome];
	const char *wrong;

	for (size_t part = 0; part < RETENTION_PARTS; part++)
		if (days[part] == UNSET)
			return refuse(r, "a part is missing above: each outcome has identity, files, text and row");
	wrong = retention_rule_check(outcome, days);
	return wrong == NULL || refuse(r, wrong);
}

static bool read_rule(struct reader *r, enum retention_outcome outcome)
{
	bool ended = false;

	if (r->rules->days[outcome][0] != UNSET)
		return refuse(r, "this outcome is given twice");
	if (!next_is(r, YAML_MAPPING_START_EVENT, "write the parts below the outcome: identity, files, text, row"))
		return false;
	while (!ended) {
		enum retention_part part;

		if (!next_key(r, "write a part: identity, files, text or row", &ended))
			return false;
		if (ended)
			break;
		if (!retention_part_parse(scalar(r), &part))
			return refuse(r, "no such part; write identity, files, text or row");
		if (!read_days(r, &r->rules->days[outcome][part]))
			return false;
	}
	return rule_ends(r, outcome);
}

static bool all_there(struct reader *r)
{
	for (size_t i = 0; i < RETENTION_OUTCOMES; i++)
		if (r->rules->days[i][0] == UNSET)
			return complain(r->why, 0, "the outcome \"%s\" has no rule: each has to have one",
					retention_outcome_word((enum retention_outcome)i));
	return true;
}

static bool read_rules(struct reader *r)
{
	bool ended = false;

	if (!next_is(r, YAML_STREAM_START_EVENT, "not YAML") ||
	    !next_is(r, YAML_DOCUMENT_START_EVENT, "the file is empty: write a rule for each outcome") ||
	    !next_is(r, YAML_MAPPING_START_EVENT, "write outcomes, each with a colon behind it"))
		return false;
	while (!ended) {
		enum retention_outcome outcome;

		if (!next_key(r, "write an outcome, such as verified", &ended))
			return false;
		if (ended)
			break;
		if (!retention_outcome_parse(scalar(r), &outcome))
			return refuse(r, "no such outcome; there are verified, unfounded, duplicate, insufficient, "
					 "referred, prank and transferred");
		if (!read_rule(r, outcome))
			return false;
	}
	return next_is(r, YAML_DOCUMENT_END_EVENT, "nothing may follow the rules") &&
	       next_is(r, YAML_STREAM_END_EVENT, "one document is enough") && all_there(r);
}

bool retention_rules_parse(struct span yaml, struct retention_rules *rules, struct complaint *why)
{
	struct reader r = { .rules = rules, .why = why };
	bool well;

	*why = (struct complaint){ .line = 0 };
	for (size_t i = 0; i < RETENTION_OUTCOMES; i++)
		for (size_t part = 0; part < RETENTION_PARTS; part++)
			rules->days[i][part] = UNSET;
	if (!yaml_parser_initialize(&r.parser))
		return complain(why, 0, "no memory to read the file");
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)(yaml.len > 0 ? yaml.at : ""), yaml.len);
	well = read_rules(&r);
	yaml_event_delete(&r.event);
	yaml_parser_delete(&r.parser);
	return well;
}

bool retention_rules_read(const char *file, struct retention_rules *rules, struct complaint *why)
{
	struct buf text = { 0 };
	bool well;

	if (file[0] == '\0')
		return retention_rules_parse(asset_find(BUILT_IN), rules, why);
	*why = (struct complaint){ .line = 0 };
	well = files_read(file, RETENTION_FILE_MAX, &text, why) && retention_rules_parse(buf_span(&text), rules, why);
	buf_release(&text);
	return well;
}
