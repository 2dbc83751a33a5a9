/*
 * --task routing: the region that a text names, or the regions it may mean.
 *
 * The daemon sends a tip without a place to the nation's queue; here it has no
 * answer. Where a name is borne by several regions, what is settled comes first
 * (their common ancestor, if there is one below the nation) and they follow.
 */
#include "daemon/cli/tipctl_analyze.h"

static bool names_a_place(const struct route *route)
{
	return strcmp(route->code, REGION_NATIONAL) != 0;
}

static void tell_codes(struct json_out *json, const struct route *route)
{
	json_open_member(json, "codes", '[');
	if (names_a_place(route))
		json_text(json, NULL, span_of(route->code));
	for (size_t i = 0; i < route->ncandidates; i++)
		if (strcmp(route->candidates[i], route->code) != 0)
			json_text(json, NULL, span_of(route->candidates[i]));
	json_close(json, ']');
}

static void tell_routing(struct analyze *a, void *state, const struct analyze_line *line)
{
	double began = analyze_clock_us();
	struct judgement judgement;
	const struct route *route = &judgement.route;
	struct json_out json;

	(void)state;
	judge_place(a->judge, &line->tip, &a->arena, &judgement);
	json = analyze_answer(a, line);
	if (route->ncandidates > 1)
		tell_codes(&json, route);
	else if (names_a_place(route))
		json_text(&json, "code", span_of(route->code));
	else
		json_none(&json, "code");
	analyze_answered(a, &json, began);
}

const struct analyze_task analyze_routing = { .name = "routing", .line = tell_routing };
