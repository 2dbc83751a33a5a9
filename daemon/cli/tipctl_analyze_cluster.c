/*
 * --task cluster: which texts speak of one incident, in the same words or others.
 *
 * The linker's two judgements at their fixed thresholds: copies (core/incident/incident.h)
 * and reports in other words (core/incident/report.h), the latter taken as if an officer
 * had agreed to each suggestion, for it is the grouping that is looked at. An
 * answer names an earlier text of the incident; a text by which two incidents
 * turn out to be one names a text of each.
 */
#include "daemon/cli/tipctl_analyze.h"

#include "daemon/base/memory.h"
#include "daemon/core/incident/incident.h"
#include "daemon/core/incident/report.h"

#include <stdlib.h>

#define REPORTS_MAX 65536 /* running incidents that other words are compared with */

struct cluster {
	struct link *link;
	struct reports *reports;
	struct id_ring ids;
};

static void *start(struct analyze *a)
{
	const struct link_limits limits = { .max_texts = ANALYZE_TEXTS_MAX, .bytes_per_text = 72 };
	struct cluster *c = memory_zeroes(1, sizeof(*c));

	(void)a;
	c->link = link_new(&limits);
	c->reports = reports_new(REPORTS_MAX);
	c->ids = id_ring_new(ANALYZE_TEXTS_MAX);
	return c;
}

static void stop(void *state)
{
	struct cluster *c = state;

	link_free(c->link);
	reports_free(c->reports);
	id_ring_release(&c->ids);
	free(c);
}

/* Earlier texts of the incidents that a text was found to belong to; 0: none. */
struct belonging {
	uint32_t mate;
	uint32_t merged; /* of another incident that turned out to be the same */
};

static uint32_t mate_of(const struct cluster *c, struct report *report)
{
	struct incident_judgement words;
	struct report_judgement matter;

	incident_judge(c->link, &report->fingerprint->feature, &incident_policy_default, &words);
	if (words.kind == INCIDENT_COPY)
		return words.text;
	report->not_group = words.kind == INCIDENT_TWIN ? words.group : 0;
	reports_judge(c->reports, report, &report_policy_default, &matter);
	return matter.text;
}

static void merge(struct cluster *c, uint32_t text, uint32_t other)
{
	uint32_t group = link_group(c->link, text), other_group = link_group(c->link, other);
	uint32_t joined = link_join(c->link, text, other);

	reports_join(c->reports, joined, joined == group ? other_group : group);
}

static struct belonging take_in(struct cluster *c, struct report *report, struct span id)
{
	struct belonging b = { .mate = mate_of(c, report) };
	uint32_t alike;

	report->text = link_insert(c->link, &report->fingerprint->feature, report->at_ms, b.mate);
	id_ring_put(&c->ids, report->text, id);
	alike = reports_add(c->reports, report, link_group(c->link, report->text), &report_policy_default);
	b.merged = alike != 0 ? reports_text(c->reports, alike) : 0;
	if (b.merged != 0)
		merge(c, report->text, b.merged);
	return b;
}

static void tell_link(struct json_out *json, struct span id)
{
	if (span_empty(id))
		return;
	json_open(json, '[');
	json_raw(json, NULL, id);
	json_u64(json, NULL, 1);
	json_close(json, ']');
}

static void tell_belonging(struct json_out *json, const struct cluster *c, const struct belonging *b)
{
	struct span mate = id_ring_get(&c->ids, b->mate != 0 ? b->mate : b->merged);

	if (span_empty(mate))
		json_none(json, "dup_of");
	else
		json_raw(json, "dup_of", mate);
	json_u64(json, "score", !span_empty(mate));
	if (b->mate == 0 || b->merged == 0)
		return;
	json_open_member(json, "links", '[');
	tell_link(json, mate);
	tell_link(json, id_ring_get(&c->ids, b->merged));
	json_close(json, ']');
}

static void tell_cluster(struct analyze *a, void *state, const struct analyze_line *line)
{
	struct cluster *c = state;
	double began = analyze_clock_us();
	struct judgement judgement;
	struct report report = { .fingerprint = &judgement.fingerprint,
				 .region = judgement.route.code,
				 .at_ms = line->tip.received_ms };
	struct belonging belonging;
	struct json_out json;

	judge_tip(a->judge, &line->tip, &a->arena, &judgement);
	belonging = take_in(c, &report, line->id);
	json = analyze_answer(a, line);
	tell_belonging(&json, c, &belonging);
	analyze_answered(a, &json, began);
}

const struct analyze_task analyze_cluster = {
	.name = "cluster",
	.start = start,
	.line = tell_cluster,
	.stop = stop,
};
