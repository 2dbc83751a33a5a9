/*
 * Rule files of any bytes: read or refused with words, never anything else.
 */
#include "daemon/core/score/predicate.h"
#include "daemon/core/score/rules.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rule_file file = { .name = "x.yaml", .yaml = span_from(data, size) };
	struct complaint why = { 0 };
	struct rules *rules = rules_new(&file, 1, &why);

	if (rules == NULL) {
		assert(strncmp(why.text, "x.yaml:", 7) == 0);
		return 0;
	}
	for (size_t i = 0; i < rules_count(rules); i++) {
		const struct rule *rule = rules_at(rules, i);

		assert(rule->points != 0 && rule->points >= -RULE_POINTS_MAX &&
		       rule->points <= RULE_POINTS_MAX);
		assert(rule->groups > 0 || rule->when != NULL || rule->nwith > 0);
		for (size_t k = 0; k < rule->nwith; k++)
			assert(rule->with[k] < i);
		if (rule->when != NULL && rule->when->context)
			assert(rule->groups == 0 && rule->nwith == 0 && !rule->campaign && !rule->keep);
		assert(rule->campaign || (rule->from_ms == 0 && rule->until_ms == 0 && span_empty(rule->region)));
		assert(rule->until_ms == 0 || rule->until_ms > rule->from_ms);
		assert(!span_empty(rule->reason_zh) && !span_empty(rule->reason_en));
	}
	rules_free(rules);
	return 0;
}
