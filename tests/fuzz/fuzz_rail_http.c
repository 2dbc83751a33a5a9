/*
 * Bodies of any kind as the connector's, rightly signed: as answers to each
 * call, callback, profile and statement. Whatever they hold, an attempt ends
 * only for a listed code or by a query; a success has our id and amount;
 * nothing but plain words gets into a report.
 */
#include "handlers/payout/rail_report.h"
#include "tests/support/rail_rig.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_word(const char *text)
{
	char word[RAIL_WORD_MAX];

	return text[0] == '\0' || rail_word(span_of(text), word, sizeof(word));
}

static void check(const struct rail_rig *rig, enum rail_call call)
{
	const struct rail_report *r = &rig->report;

	assert(is_word(r->code) && is_word(r->provider_ref) && is_word(r->event) && is_word(r->instruction));
	assert(r->outcome != RAIL_SUCCEEDED || call == RAIL_CALL_HOOK || r->fen == rig->instruction.fen);
	assert(r->outcome != RAIL_SUCCEEDED || (r->fen > 0 && r->instruction[0] != '\0'));
	assert(r->outcome != RAIL_NOT_FOUND || call == RAIL_CALL_QUERY);
	assert(r->outcome != RAIL_CANCELLED || call == RAIL_CALL_QUERY || call == RAIL_CALL_HOOK);
	if (outcome_new_id(r) && call == RAIL_CALL_INSTRUCT)
		assert(rail_final_find(rig->config.finals, rig->config.nfinals, span_of(r->code)) != NULL);
	assert(!outcome_new_id(r) || call == RAIL_CALL_INSTRUCT || call == RAIL_CALL_QUERY);
}

static void as_answers(struct rail_rig *rig, int status, struct span body)
{
	const struct rail *rail = rig->rail;
	enum rail_made made = rail->instruct(&rig->job, &rig->asked, &rig->report, &rig->why);

	assert(made == RAIL_SEND);
	rail_rig_answer_span(rig, status, body);
	rail->read_instruct(&rig->job, &rig->asked, &rig->answer, &rig->report);
	check(rig, RAIL_CALL_INSTRUCT);
	rail->query(&rig->job, &rig->asked, &rig->report, &rig->why);
	rail_rig_answer_span(rig, status, body);
	rail->read_query(&rig->job, &rig->asked, &rig->answer, &rig->report);
	check(rig, RAIL_CALL_QUERY);
	rail->cancel(&rig->job, &rig->asked, &rig->report, &rig->why);
	rail_rig_answer_span(rig, status, body);
	rail->read_cancel(&rig->job, &rig->asked, &rig->answer, &rig->report);
	check(rig, RAIL_CALL_CANCEL);
}

static void as_callback(struct rail_rig *rig, struct span body)
{
	struct http_request request;

	rail_rig_hook(rig, body, &request);
	if (rig->rail->read_hook(&rig->config, &request, &rig->arena, &rig->report, &rig->why))
		check(rig, RAIL_CALL_HOOK);
}

static void as_papers(struct rail_rig *rig, struct span body)
{
	struct statement s;
	struct rail_profile ours, narrowed;
	struct rail_request next;

	rig->rail->ask_statement(&rig->job, SPAN("2025-11-21"), &rig->asked);
	rail_rig_answer_span(rig, 200, body);
	if (rig->rail->read_statement(&rig->job, SPAN("2025-11-21"), &rig->asked, &rig->answer, &s, &next, &rig->why) == RAIL_WHOLE)
		assert(statement_check(&s, &rig->why) && !s.foreign);
	rig->rail->profile(&rig->config, &ours);
	rig->rail->ask_profile(&rig->job, &rig->asked, &rig->report, &rig->why);
	rail_rig_answer_span(rig, 200, body);
	if (rig->rail->read_profile(&rig->job, &rig->asked, &rig->answer, &narrowed, &rig->why) == RAIL_WHOLE)
		assert(narrowed.max_fen <= ours.max_fen && narrowed.nfinals <= ours.nfinals && narrowed.id_retention_ms <= ours.id_retention_ms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int statuses[] = { 200, 202, 400, 404, 409, 422, 500, 302 };
	struct rail_rig rig;
	struct span body;

	if (size == 0)
		return 0;
	body = span_from(data + 1, size - 1);
	rail_rig_begin(&rig, "http", NULL);
	as_answers(&rig, statuses[data[0] % 8], body);
	as_callback(&rig, body);
	as_papers(&rig, body);
	rail_rig_end(&rig);
	return 0;
}
