/*
 * Journals of any bytes, a line an event: read or refused, and the report is
 * about no more tips than there were lines.
 */
#include "daemon/core/score/score_report.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void report_on(const struct outcomes *outcomes)
{
	struct complaint why;
	struct rules *rules = rules_new(NULL, 0, &why);
	struct score_report report;
	struct arena arena = { 0 };

	score_report(outcomes, rules, 2, &arena, &report);
	assert(report.all.n == outcomes->n && report.all.good <= report.all.n);
	assert(report.area.value >= 0 && report.area.value <= 1);
	for (size_t i = 0; i < report.nrules; i++)
		assert(report.rules[i].with.n + report.rules[i].without.n == report.all.n);
	arena_release(&arena);
	rules_free(rules);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = span_from(data, size), line;
	struct gather *gather = gather_new(1);
	struct outcomes outcomes;
	struct complaint why;
	uint64_t lines = 0;

	while (span_cut(&rest, '\n', &line)) {
		lines++;
		gather_event(gather, line, &why);
	}
	gather_finish(gather, 0, 0, &outcomes);
	gather_free(gather);
	assert(outcomes.tips <= lines && outcomes.n + outcomes.left_out <= outcomes.tips);
	for (size_t i = 0; i < outcomes.n; i++)
		assert(outcomes.at[i].points <= 100 && outcomes.at[i].delay_ms >= 0);
	report_on(&outcomes);
	outcomes_release(&outcomes);
	return 0;
}
