/*
 * Entries of camt.053 and camt.054. An entry without details is one line; with
 * details each of them is a line, and together they have to be its amount.
 */
#include "daemon/money/iso20022_camt.h"

/* --- an entry --- */

static bool begin_entry(void *to, const struct xml_at *at)
{
	struct camt *r = to;

	(void)at;
	r->entry = (struct camt_entry){ .kind = STATEMENT_KINDS, .first = r->n };
	return true;
}

static bool take_entry_amount(void *to, const struct xml_at *at)
{
	struct camt *r = to;

	r->entry.has_fen = true;
	return camt_money(r, at, &r->entry.fen);
}

static bool take_entry_sign(void *to, const struct xml_at *at)
{
	struct camt *r = to;

	r->entry.has_sign = true;
	return camt_sign(at, &r->entry.credit);
}

static bool take_reversal(void *to, const struct xml_at *at)
{
	struct camt *r = to;

	r->entry.reversal = span_is(at->text, "true") || span_is(at->text, "1");
	return true;
}

/* A plain code up to version .06, a choice with a code inside later. */
static bool take_entry_status(void *to, const struct xml_at *at)
{
	struct camt *r = to;

	if (at->text.len > 0)
		r->entry.booked = span_is(at->text, "BOOK");
	return true;
}

static bool take_booked(void *to, const struct xml_at *at)
{
	struct camt *r = to;

	return camt_day(at, r->entry.date);
}

static bool take_entry_reference(void *to, const struct xml_at *at)
{
	struct camt *r = to;

	camt_word(at, &r->entry.reference);
	return true;
}

static bool take_entry_number(void *to, const struct xml_at *at)
{
	struct camt *r = to;

	camt_word(at, &r->entry.number);
	return true;
}

/* Bank transaction codes of the external code set: family and sub-family. */
static bool take_family(void *to, const struct xml_at *at)
{
	struct camt *r = to;

	if (span_is(at->text, "CHRG") || span_is(at->text, "FEES") || span_is(at->text, "COMM"))
		r->entry.kind = STATEMENT_FEE;
	else if (span_is(at->text, "RRTN") || span_is(at->text, "RPCR"))
		r->entry.kind = STATEMENT_RETURN;
	return true;
}

static bool take_batch_count(void *to, const struct xml_at *at)
{
	return camt_count(&((struct camt *)to)->entry.batch, at);
}

static bool take_batch_sum(void *to, const struct xml_at *at)
{
	struct camt *r = to;

	r->entry.batch.has_sum = true;
	return camt_money(r, at, &r->entry.batch.sum);
}

static enum statement_kind entry_kind(const struct camt_entry *entry, bool credit)
{
	if (entry->kind != STATEMENT_KINDS)
		return entry->kind;
	if (credit)
		return entry->reversal ? STATEMENT_RETURN : STATEMENT_OTHER;
	return STATEMENT_PAYMENT;
}

/* --- a detail of an entry ------------------------------------------------------------------------------ */

static bool begin_detail(void *to, const struct xml_at *at)
{
	struct camt *r = to;

	r->detail = (struct camt_detail){ .line = { .kind = STATEMENT_KINDS } };
	return r->n < STATEMENT_LINES_MAX || xml_refuse(at, "more lines than a statement may have");
}

static bool take_end_to_end(void *to, const struct xml_at *at)
{
	struct camt *r = to;
	struct span word;

	camt_word(at, &word);
	if (!span_empty(word))
		r->detail.line.instruction = word;
	return true;
}

static bool take_instruction(void *to, const struct xml_at *at)
{
	struct camt *r = to;

	if (span_empty(r->detail.line.instruction))
		camt_word(at, &r->detail.line.instruction);
	return true;
}

static bool take_reference(void *to, const struct xml_at *at)
{
	struct camt *r = to;

	camt_word(at, &r->detail.line.reference);
	return true;
}

static bool take_detail_amount(void *to, const struct xml_at *at)
{
	struct camt *r = to;
	int64_t fen = 0;

	if (!camt_money(r, at, &fen))
		return false;
	if (r->detail.has_fen && fen != r->detail.line.fen)
		return xml_refuse(at, "two amounts that differ");
	r->detail.has_fen = true;
	r->detail.line.fen = fen;
	return true;
}

static bool take_detail_sign(void *to, const struct xml_at *at)
{
	struct camt *r = to;

	r->detail.has_sign = true;
	return camt_sign(at, &r->detail.line.credit);
}

static bool take_return(void *to, const struct xml_at *at)
{
	struct camt *r = to;

	(void)at;
	r->detail.line.kind = STATEMENT_RETURN;
	return true;
}

static bool end_detail(void *to, const struct xml_at *at)
{
	struct camt *r = to;

	(void)at;
	r->lines[r->n++] = r->detail.line;
	/* Whether it has amount and sign of its own is asked when the entry ends: mark what is missing. */
	if (!r->detail.has_fen)
		r->lines[r->n - 1].fen = 0;
	if (!r->detail.has_sign)
		r->lines[r->n - 1].credit = r->entry.credit;
	return true;
}

/* --- the end of an entry ----------------------------------------------------------------------------------- */

/* The bank's reference of the line, else of the entry; alone when it is the only detail, else numbered. */
static void name_line(const struct camt *r, struct statement_line *line, size_t number, size_t count,
		      struct arena *arena)
{
	const struct camt_entry *entry = &r->entry;
	struct span base = !span_empty(entry->reference) ? entry->reference : entry->number;

	if (!span_empty(line->reference) && count == 1)
		base = line->reference;
	if (span_empty(base) || base.len > STATEMENT_NAME_MAX - 8)
		base = span_of(arena_printf(arena, "entry-%zu", r->entries));
	line->id = count == 1 ? base : span_of(arena_printf(arena, "%.*s.%zu", (int)base.len, base.at, number));
	if (span_empty(line->reference))
		line->reference = entry->reference;
}

static bool fill_line(const struct camt *r, struct statement_line *line, size_t count, const struct xml_at *at)
{
	const struct camt_entry *entry = &r->entry;

	if (line->fen == 0 && count > 1)
		return xml_refuse(at, "a detail has no amount of its own");
	if (line->fen == 0)
		line->fen = entry->fen;
	if (line->credit != entry->credit)
		return xml_refuse(at, "a detail goes the other way than its entry");
	if (line->kind == STATEMENT_KINDS)
		line->kind = entry_kind(entry, line->credit);
	memcpy(line->booked, entry->date, sizeof(line->booked));
	return true;
}

static bool fill_lines(struct camt *r, const struct xml_at *at)
{
	const struct camt_entry *entry = &r->entry;
	size_t count = r->n - entry->first;
	int64_t sum = 0;

	for (size_t i = 0; i < count; i++) {
		struct statement_line *line = &r->lines[entry->first + i];

		if (!fill_line(r, line, count, at))
			return false;
		name_line(r, line, i + 1, count, at->arena);
		if (!money_add(sum, line->fen, &sum))
			return xml_refuse(at, "the sum is out of range");
	}
	if (r->out->foreign)
		return true;
	if (sum != entry->fen)
		return xml_refuse(at, "its details are not its amount");
	return camt_sums_up(&entry->batch, at, entry->fen, count);
}

/* An entry without details is one line. A batch without them names none of its payments and stays whole. */
static bool one_line(struct camt *r, const struct xml_at *at)
{
	if (r->n == STATEMENT_LINES_MAX)
		return xml_refuse(at, "more lines than a statement may have");
	r->lines[r->n++] = (struct statement_line){ .credit = r->entry.credit, .kind = STATEMENT_KINDS };
	r->entry.batch.has_count = false;
	return true;
}

static bool end_entry(void *to, const struct xml_at *at)
{
	struct camt *r = to;

	if (!r->entry.has_fen || !r->entry.has_sign)
		return xml_refuse(at, "amount or sign is missing");
	if (!r->entry.booked) {
		/* Announced: in no balance, so in no line. */
		r->n = r->entry.first;
		return true;
	}
	if (r->entry.date[0] == '\0')
		memcpy(r->entry.date, r->out->date, sizeof(r->entry.date));
	if (r->entry.date[0] == '\0')
		return xml_refuse(at, "the booking date is missing");
	if (r->entry.fen == 0)
		return xml_refuse(at, "the amount is zero");
	r->entries++;
	return (r->n > r->entry.first || one_line(r, at)) && fill_lines(r, at);
}

/* --- rules ---------------------------------------------------------------------------------- */

#define ENTRY "Stmt/Ntry/"
#define DETAIL ENTRY "NtryDtls/TxDtls/"

const struct xml_rule camt_entry_rules[CAMT_ENTRY_RULES] = {
	{ .path = "Stmt/Ntry", .many = true, .begin = begin_entry, .take = end_entry },
	{ .path = ENTRY "NtryRef", .take = take_entry_number },
	{ .path = ENTRY "Amt", .take = take_entry_amount },
	{ .path = ENTRY "CdtDbtInd", .take = take_entry_sign },
	{ .path = ENTRY "RvslInd", .take = take_reversal },
	{ .path = ENTRY "Sts", .take = take_entry_status },
	{ .path = ENTRY "Sts/Cd", .take = take_entry_status },
	{ .path = ENTRY "BookgDt/Dt", .take = take_booked },
	{ .path = ENTRY "BookgDt/DtTm", .take = take_booked },
	{ .path = ENTRY "AcctSvcrRef", .take = take_entry_reference },
	{ .path = ENTRY "BkTxCd/Domn/Fmly/Cd", .take = take_family },
	{ .path = ENTRY "BkTxCd/Domn/Fmly/SubFmlyCd", .take = take_family },
	{ .path = ENTRY "NtryDtls", .many = true },
	{ .path = ENTRY "NtryDtls/Btch/NbOfTxs", .take = take_batch_count },
	{ .path = ENTRY "NtryDtls/Btch/TtlAmt", .take = take_batch_sum },
	{ .path = ENTRY "NtryDtls/TxDtls", .many = true, .begin = begin_detail, .take = end_detail },
	{ .path = DETAIL "Refs/EndToEndId", .take = take_end_to_end },
	{ .path = DETAIL "Refs/InstrId", .take = take_instruction },
	{ .path = DETAIL "Refs/AcctSvcrRef", .take = take_reference },
	{ .path = DETAIL "Amt", .take = take_detail_amount },
	{ .path = DETAIL "AmtDtls/TxAmt/Amt", .take = take_detail_amount },
	{ .path = DETAIL "CdtDbtInd", .take = take_detail_sign },
	{ .path = DETAIL "RtrInf", .take = take_return },
};
