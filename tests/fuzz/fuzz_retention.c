/*
 * Any bytes as rules of retention: read, and then every rule can be kept; or
 * refused with words.
 */
#include "daemon/sys/retention_file.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_rules(const struct retention_rules *rules)
{
	for (int outcome = 0; outcome < RETENTION_OUTCOMES; outcome++) {
		const struct retention_case tip = { .outcome = (enum retention_outcome)outcome, .ended_ms = 1 };

		if (retention_rule_check(tip.outcome, rules->days[outcome]) != NULL)
			abort();
		for (int part = 0; part < RETENTION_PARTS; part++)
			if (rules->days[outcome][part] < RETENTION_NEVER || rules->days[outcome][part] > RETENTION_DAYS_MAX)
				abort();
		if (retention_plan(rules, &tip, INT64_C(86400000) * (RETENTION_DAYS_MAX + 1)).next_ms != 0)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct retention_rules rules;
	struct complaint why;

	if (retention_rules_parse(span_from(data, size), &rules, &why))
		check_rules(&rules);
	else if (why.text[0] == '\0')
		abort();
	return 0;
}
