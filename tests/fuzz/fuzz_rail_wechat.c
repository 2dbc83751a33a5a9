/*
 * Bodies of any kind as WeChat's, rightly signed: as answers and callbacks; and
 * as a fund bill. A success has our number and amount; only a query ends an
 * attempt; a bill that is taken adds up.
 *
 * First byte: bit 0 a bill, bit 1 a query, bits 2 and 3 the status.
 */
#include "handlers/payout/rail_report.h"
#include "tests/support/rail_rig.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void as_bill(struct rail_rig *rig, struct span csv)
{
	struct statement s;

	if (!statement_read_wechat(csv, SPAN("BASIC"), SPAN("2026-11-20"), &rig->arena, &s, &rig->why)) {
		assert(rig->why.text[0] != '\0');
		return;
	}
	assert(statement_check(&s, &rig->why));
}

static void as_answer(struct rail_rig *rig, bool query, int status, struct span body)
{
	struct rail_report *r = &rig->report;

	/* Verified by the platform's key in the unit tests; here each run costs one signature, not four. */
	rig->instruction.fen = 850000;
	rail_rig_answer_span(rig, status, body);
	(query ? rig->rail->read_query : rig->rail->read_instruct)(&rig->job, &rig->asked, &rig->answer, r);
	assert(r->outcome != RAIL_SUCCEEDED || (r->fen == 850000 && strcmp(r->instruction, RAIL_RIG_ID) == 0));
	assert(!outcome_new_id(r) || query);
	assert(r->outcome != RAIL_NOT_FOUND || (query && status == 404));
}

static void as_callback(struct rail_rig *rig, struct span body)
{
	struct http_request request = { .method = HTTP_POST, .body = body };

	if (rig->rail->read_hook(&rig->config, &request, &rig->arena, &rig->report, &rig->why))
		assert(rig->report.row == OUTCOME_WEBHOOK && rig->report.instruction[0] != '\0' && !outcome_new_id(&rig->report));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int statuses[] = { 200, 400, 404, 409 };
	struct rail_rig rig;
	struct span body;

	if (size == 0)
		return 0;
	body = span_from(data + 1, size - 1);
	rail_rig_begin(&rig, "wechat", NULL);
	if ((data[0] & 1) != 0) {
		as_bill(&rig, body);
	} else {
		as_answer(&rig, (data[0] & 2) != 0, statuses[data[0] >> 2 & 3], body);
		as_callback(&rig, body);
	}
	rail_rig_end(&rig);
	return 0;
}
