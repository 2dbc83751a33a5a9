/*
 * V2: each change has one event, and the journal folds to what the store
 * holds. What `tipctl replay` compares, as one finding.
 */
#include "daemon/cli/verify.h"

#include <stdlib.h>

/* The first line of what a comparison wrote, as a finding that stands for all of them. */
static void take_report(struct verify_result *result, char *report, uint64_t differences)
{
	if (differences == 0)
		return;
	if (report != NULL)
		report[strcspn(report, "\n")] = '\0';
	verify_found(result, (struct span){ 0 }, "%s", report != NULL ? report : "the state is another one");
	result->found += differences - 1;
}

bool verify_states(struct verify *verify, struct verify_result *result)
{
	char *report = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&report, &len);
	uint64_t differences;

	if (out == NULL)
		return false;
	result->looked = verify->replay.events;
	if (verify->replay.broken > 0) {
		verify_found(result, (struct span){ 0 }, "%s", verify->replay.broken_first);
		result->found += verify->replay.broken - 1;
	}
	differences = replay_compare(&verify->replay, verify->store, out);
	fclose(out);
	if (differences != UINT64_MAX)
		take_report(result, report, differences);
	free(report);
	return differences != UINT64_MAX;
}
