/*
 * pain.002; see iso20022.h. Reading says what stands there; what it means for
 * one payment is iso20022_outcome(), which never says that it was paid.
 */
#include "daemon/money/iso20022.h"

#include "daemon/base/table.h"
#include "daemon/money/iso20022_xml.h"

static const char *const versions[] = {
	"urn:iso:std:iso:20022:tech:xsd:pain.002.001.03",
	"urn:iso:std:iso:20022:tech:xsd:pain.002.001.10",
	NULL,
};

const char *const iso20022_final_codes[] = {
	"AC01", "AC04", "AC06", "AG01", "AM04", "BE01", "RC01", NULL,
};

struct reading {
	struct iso20022_report *out;
	struct iso20022_report_line *lines;
	size_t n, size;
	struct iso20022_report_line line;   /* the one that is being read */
	struct span group;                  /* OrgnlPmtInfId */
	size_t groups;
};

/* --- leaves ------------------------------------------------------------------------------ */

static bool take_word(const struct xml_at *at, struct span *word)
{
	if (at->text.len > ISO20022_ID_MAX || !statement_name_valid(at->text))
		return xml_refuse(at, "an identifier of 1 to 35 characters is expected");
	*word = arena_dup(at->arena, at->text);
	return true;
}

static enum iso20022_status status_of(struct span code)
{
	static const struct {
		const char *code;
		enum iso20022_status status;
	} known[] = {
		{ .code = "RCVD", .status = ISO20022_RECEIVED }, { .code = "ACTC", .status = ISO20022_RECEIVED },
		{ .code = "ACCP", .status = ISO20022_RECEIVED }, { .code = "ACSP", .status = ISO20022_RECEIVED },
		{ .code = "ACWC", .status = ISO20022_RECEIVED }, { .code = "ACSC", .status = ISO20022_SETTLED },
		{ .code = "ACCC", .status = ISO20022_SETTLED },  { .code = "PDNG", .status = ISO20022_PENDING },
		{ .code = "PART", .status = ISO20022_PARTLY },   { .code = "RJCT", .status = ISO20022_REJECTED },
	};

	for (size_t i = 0; i < COUNT_OF(known); i++)
		if (span_is(code, known[i].code))
			return known[i].status;
	return ISO20022_OTHER;
}

static bool take_order(void *to, const struct xml_at *at)
{
	struct reading *r = to;

	return take_word(at, &r->out->order);
}

static bool take_group_status(void *to, const struct xml_at *at)
{
	struct reading *r = to;

	r->out->group = status_of(at->text);
	return true;
}

static bool take_group_reason(void *to, const struct xml_at *at)
{
	struct reading *r = to;

	return take_word(at, &r->out->group_reason);
}

static bool begin_batch(void *to, const struct xml_at *at)
{
	struct reading *r = to;

	r->group = (struct span){ 0 };
	return ++r->groups == 1 || xml_refuse(at, "more than the one payment group that is sent");
}

static bool take_batch(void *to, const struct xml_at *at)
{
	struct reading *r = to;

	return take_word(at, &r->group);
}

static bool take_batch_status(void *to, const struct xml_at *at)
{
	struct reading *r = to;

	r->out->batch = status_of(at->text);
	return true;
}

static bool take_batch_reason(void *to, const struct xml_at *at)
{
	struct reading *r = to;

	return take_word(at, &r->out->batch_reason);
}

/* --- one payment --------------------------------------------------------------------------- */

static bool begin_line(void *to, const struct xml_at *at)
{
	struct reading *r = to;

	r->line = (struct iso20022_report_line){ .status = ISO20022_SILENT };
	return r->n < ISO20022_PAYMENTS_MAX || xml_refuse(at, "too many payments");
}

static bool take_instruction(void *to, const struct xml_at *at)
{
	struct reading *r = to;

	return !span_empty(r->line.id) || take_word(at, &r->line.id);
}

static bool take_end_to_end(void *to, const struct xml_at *at)
{
	struct reading *r = to;

	return take_word(at, &r->line.id);
}

static bool take_status(void *to, const struct xml_at *at)
{
	struct reading *r = to;

	r->line.status = status_of(at->text);
	return true;
}

static bool take_reason(void *to, const struct xml_at *at)
{
	struct reading *r = to;

	return take_word(at, &r->line.reason);
}

static bool take_reference(void *to, const struct xml_at *at)
{
	struct reading *r = to;

	return take_word(at, &r->line.reference);
}

static bool take_amount(void *to, const struct xml_at *at)
{
	struct reading *r = to;

	if (!span_is(at->currency, "CNY") || !iso20022_read_amount(at->text, &r->line.fen) || r->line.fen == 0)
		return xml_refuse(at, "an amount in CNY is expected");
	return true;
}

static bool end_line(void *to, const struct xml_at *at)
{
	struct reading *r = to;

	if (span_empty(r->line.id))
		return xml_refuse(at, "the payment is not named");
	r->line.group = r->group;
	if (r->n == r->size) {
		struct iso20022_report_line *more;

		r->size = r->size * 2 + 16;
		more = arena_array(at->arena, struct iso20022_report_line, r->size);
		if (r->n > 0)
			memcpy(more, r->lines, r->n * sizeof(*more));
		r->lines = more;
	}
	r->lines[r->n++] = r->line;
	return true;
}

#define GROUP "OrgnlGrpInfAndSts/"
#define BATCH "OrgnlPmtInfAndSts/"
#define LINE BATCH "TxInfAndSts/"

static const struct xml_rule rules[] = {
	{ .path = "OrgnlGrpInfAndSts" },
	{ .path = GROUP "OrgnlMsgId", .take = take_order },
	{ .path = GROUP "GrpSts", .take = take_group_status },
	{ .path = GROUP "StsRsnInf/Rsn/Cd", .take = take_group_reason },
	{ .path = "OrgnlPmtInfAndSts", .many = true, .begin = begin_batch },
	{ .path = BATCH "OrgnlPmtInfId", .take = take_batch },
	{ .path = BATCH "PmtInfSts", .take = take_batch_status },
	{ .path = BATCH "StsRsnInf/Rsn/Cd", .take = take_batch_reason },
	{ .path = BATCH "TxInfAndSts", .many = true, .begin = begin_line, .take = end_line },
	{ .path = LINE "OrgnlInstrId", .take = take_instruction },
	{ .path = LINE "OrgnlEndToEndId", .take = take_end_to_end },
	{ .path = LINE "TxSts", .take = take_status },
	{ .path = LINE "StsRsnInf/Rsn/Cd", .take = take_reason },
	{ .path = LINE "AcctSvcrRef", .take = take_reference },
	{ .path = LINE "OrgnlTxRef/Amt/InstdAmt", .take = take_amount },
};

bool iso20022_read_report(struct span file, struct arena *arena, struct iso20022_report *out, struct complaint *why)
{
	static const struct xml_message message = { .name = "CstmrPmtStsRpt", .versions = versions, .rules = rules,
						    .nrules = COUNT_OF(rules) };
	struct reading r = { .out = out };

	*out = (struct iso20022_report){ .group = ISO20022_SILENT, .batch = ISO20022_SILENT };
	if (!xml_walk(file, &message, &r, arena, why))
		return false;
	if (span_empty(out->order))
		return complain(why, 0, "element OrgnlMsgId: missing");
	out->lines = r.lines;
	out->n = r.n;
	return true;
}

/* --- what it means --------------------------------------------------------------------------- */

static bool final_code(const struct iso20022_profile *profile, struct span code)
{
	const char *const *known = profile->final_codes != NULL ? profile->final_codes : iso20022_final_codes;

	for (; *known != NULL; known++)
		if (span_is(code, *known))
			return true;
	return false;
}

static bool good_news(enum iso20022_status status)
{
	return status == ISO20022_RECEIVED || status == ISO20022_SETTLED || status == ISO20022_PENDING;
}

/* What one word of the bank comes to, by itself. */
static enum iso20022_outcome outcome_of(enum iso20022_status status, struct span reason,
					const struct iso20022_profile *profile)
{
	switch (status) {
	case ISO20022_RECEIVED:
	case ISO20022_SETTLED:
	case ISO20022_PENDING:
		return ISO20022_UNDER_WAY;
	case ISO20022_REJECTED:
		return final_code(profile, reason) ? ISO20022_FAILED : ISO20022_UNKNOWN;
	case ISO20022_SILENT:
	case ISO20022_PARTLY:
	case ISO20022_OTHER:
		return ISO20022_UNKNOWN;
	}
	return ISO20022_UNKNOWN;
}

static const struct iso20022_report_line *line_find(const struct iso20022_report *report, struct span id, bool *twice)
{
	const struct iso20022_report_line *found = NULL;

	*twice = false;
	for (size_t i = 0; i < report->n; i++)
		if (span_eq(report->lines[i].id, id)) {
			*twice = found != NULL;
			found = found != NULL ? found : &report->lines[i];
		}
	return found;
}

/* Rejected above and under way below, or the other way round. */
static bool contradicts(enum iso20022_status above, enum iso20022_status below)
{
	return (above == ISO20022_REJECTED && good_news(below)) || (good_news(above) && below == ISO20022_REJECTED);
}

/* A payment that is not listed: by the word of its group, of the file, or by what silence was agreed to mean. */
static enum iso20022_outcome unlisted(const struct iso20022_report *report, const struct iso20022_profile *profile,
				      struct span *reason)
{
	bool batch = report->batch != ISO20022_SILENT;
	enum iso20022_status word = batch ? report->batch : report->group;

	if (contradicts(report->group, report->batch) || word == ISO20022_SILENT)
		return ISO20022_UNKNOWN;
	if (word == ISO20022_PARTLY)
		return profile->silence_means_accepted ? ISO20022_UNDER_WAY : ISO20022_UNKNOWN;
	*reason = batch && !span_empty(report->batch_reason) ? report->batch_reason : report->group_reason;
	return outcome_of(word, *reason, profile);
}

enum iso20022_outcome iso20022_outcome(const struct iso20022_report *report, struct span order, struct span id,
				       int64_t fen, const struct iso20022_profile *profile, struct span *reason)
{
	const struct iso20022_report_line *line;
	bool twice;

	*reason = (struct span){ 0 };
	if (!span_eq(report->order, order))
		return ISO20022_UNKNOWN;
	line = line_find(report, id, &twice);
	if (line == NULL)
		return unlisted(report, profile, reason);
	*reason = line->reason;
	if (twice || (line->fen != 0 && line->fen != fen))
		return ISO20022_UNKNOWN;
	if (contradicts(report->group, line->status) || contradicts(report->batch, line->status))
		return ISO20022_UNKNOWN;
	return outcome_of(line->status, line->reason, profile);
}
