/*
 * camt.053 and camt.054; see iso20022.h. Both are entries (iso20022_entry.c); a
 * statement has balances besides.
 */
#include "daemon/base/table.h"
#include "daemon/money/iso20022_camt.h"

#include <stdio.h>

#define DETAILS_MAX STATEMENT_LINES_MAX

/* --- leaves ---------------------------------------------------------------------------------- */

void camt_word(const struct xml_at *at, struct span *word)
{
	*word = (struct span){ 0 };
	if (statement_name_valid(at->text) && !span_is(at->text, "NOTPROVIDED") && !span_is(at->text, "-"))
		*word = arena_dup(at->arena, at->text);
}

bool iso20022_read_amount(struct span text, int64_t *fen)
{
	size_t point = span_find(text, SPAN("."));

	/* Five decimals are allowed; here only zeros may stand behind the second. */
	while (text.len > point + 3 && text.at[text.len - 1] == '0')
		text.len--;
	return text.len > 0 && text.at[0] != '`' && money_read_yuan(text, fen);
}

bool camt_money(struct camt *r, const struct xml_at *at, int64_t *fen)
{
	if (at->currency.len != 3)
		return xml_refuse(at, "attribute Ccy is missing");
	if (!span_is(at->currency, "CNY")) {
		r->out->foreign = true;
		*fen = 1;
		return true;
	}
	return iso20022_read_amount(at->text, fen) || xml_refuse(at, "an amount of at most two decimals is expected");
}

bool camt_sign(const struct xml_at *at, bool *credit)
{
	*credit = span_is(at->text, "CRDT");
	return *credit || span_is(at->text, "DBIT") || xml_refuse(at, "CRDT or DBIT is expected");
}

bool camt_day(const struct xml_at *at, char date[STATEMENT_DATE_LEN + 1])
{
	struct span day = at->text;

	if (day.len > STATEMENT_DATE_LEN && (day.at[STATEMENT_DATE_LEN] == 'T' || day.at[STATEMENT_DATE_LEN] == '+' ||
					     day.at[STATEMENT_DATE_LEN] == 'Z'))
		day.len = STATEMENT_DATE_LEN;
	return statement_date_read(day, date) || xml_refuse(at, "a date is expected");
}

bool camt_number(const struct xml_at *at, int64_t *number)
{
	return money_read(at->text, false, number) || xml_refuse(at, "a whole number is expected");
}

bool camt_sum(struct camt_summary *summary, const struct xml_at *at)
{
	summary->has_sum = true;
	return iso20022_read_amount(at->text, &summary->sum) || xml_refuse(at, "a sum is expected");
}

bool camt_count(struct camt_summary *summary, const struct xml_at *at)
{
	summary->has_count = true;
	return camt_number(at, &summary->count);
}

bool camt_sums_up(const struct camt_summary *summary, const struct xml_at *at, int64_t sum, size_t count)
{
	if (summary->has_sum && summary->sum != sum)
		return xml_refuse(at, "its sum is not that of what it sums up");
	if (summary->has_count && summary->count != (int64_t)count)
		return xml_refuse(at, "its count is not that of what it counts");
	return true;
}

/* --- the statement ----------------------------------------------------------------------------- */

static bool begin_statement(void *to, const struct xml_at *at)
{
	struct camt *r = to;

	return ++r->statements == 1 || xml_refuse(at, "more than one statement in the file");
}

static bool take_account(void *to, const struct xml_at *at)
{
	struct camt *r = to;

	camt_word(at, &r->out->account);
	return !span_empty(r->out->account) || xml_refuse(at, "an account number is expected");
}

static bool take_sequence(void *to, const struct xml_at *at)
{
	struct camt *r = to;

	return camt_number(at, &r->out->sequence);
}

static bool take_page(void *to, const struct xml_at *at)
{
	(void)to;
	return span_is(at->text, "1") || xml_refuse(at, "a page of a longer statement");
}

static bool take_last_page(void *to, const struct xml_at *at)
{
	(void)to;
	return span_is(at->text, "true") || span_is(at->text, "1") || xml_refuse(at, "more pages follow");
}

static bool begin_balance(void *to, const struct xml_at *at)
{
	struct camt *r = to;

	(void)at;
	r->balance[0] = '\0';
	r->has_balance = r->balance_debit = r->balance_sign = false;
	r->balance_date[0] = '\0';
	return true;
}

static bool take_balance_type(void *to, const struct xml_at *at)
{
	struct camt *r = to;

	if (at->text.len == 0 || at->text.len >= sizeof(r->balance))
		return xml_refuse(at, "a code of four letters is expected");
	snprintf(r->balance, sizeof(r->balance), "%.*s", (int)at->text.len, at->text.at);
	return true;
}

static bool take_balance_amount(void *to, const struct xml_at *at)
{
	struct camt *r = to;

	r->has_balance = true;
	return camt_money(r, at, &r->balance_fen);
}

static bool take_balance_sign(void *to, const struct xml_at *at)
{
	struct camt *r = to;
	bool credit;

	if (!camt_sign(at, &credit))
		return false;
	r->balance_debit = !credit;
	r->balance_sign = true;
	return true;
}

static bool take_balance_date(void *to, const struct xml_at *at)
{
	struct camt *r = to;

	return camt_day(at, r->balance_date);
}

/* Opening booked, else the previous day's closing; closing booked. Others (available, forward) say nothing here. */
static bool end_balance(void *to, const struct xml_at *at)
{
	struct camt *r = to;
	bool opening = strcmp(r->balance, "OPBD") == 0 || strcmp(r->balance, "PRCD") == 0;
	bool closing = strcmp(r->balance, "CLBD") == 0;
	int64_t fen;

	if (!opening && !closing)
		return true;
	if (!r->has_balance || !r->balance_sign || r->balance_date[0] == '\0')
		return xml_refuse(at, "amount, sign or date is missing");
	fen = r->balance_debit ? -r->balance_fen : r->balance_fen;
	if (opening ? (r->opened && r->out->opening != fen) : r->closed)
		return xml_refuse(at, "stands twice and differs");
	if (opening) {
		r->out->opening = fen;
		r->opened = true;
		return true;
	}
	r->out->closing = fen;
	r->closed = true;
	memcpy(r->out->date, r->balance_date, sizeof(r->out->date));
	return true;
}

static bool take_all_count(void *to, const struct xml_at *at)
{
	return camt_count(&((struct camt *)to)->all, at);
}

static bool take_all_sum(void *to, const struct xml_at *at)
{
	return camt_sum(&((struct camt *)to)->all, at);
}

static bool take_credit_count(void *to, const struct xml_at *at)
{
	return camt_count(&((struct camt *)to)->credits, at);
}

static bool take_credit_sum(void *to, const struct xml_at *at)
{
	return camt_sum(&((struct camt *)to)->credits, at);
}

static bool take_debit_count(void *to, const struct xml_at *at)
{
	return camt_count(&((struct camt *)to)->debits, at);
}

static bool take_debit_sum(void *to, const struct xml_at *at)
{
	return camt_sum(&((struct camt *)to)->debits, at);
}

/* --- the whole --------------------------------------------------------------------------------------------- */

#define BALANCE "Stmt/Bal/"
#define SUMMARY "Stmt/TxsSummry/"

static const struct xml_rule rules[] = {
	{ .path = "GrpHdr/MsgPgntn/PgNb", .take = take_page },
	{ .path = "GrpHdr/MsgPgntn/LastPgInd", .take = take_last_page },
	{ .path = "Stmt", .many = true, .begin = begin_statement },
	{ .path = "Stmt/StmtPgntn/PgNb", .take = take_page },
	{ .path = "Stmt/StmtPgntn/LastPgInd", .take = take_last_page },
	{ .path = "Stmt/ElctrncSeqNb", .take = take_sequence },
	{ .path = "Stmt/Acct/Id/IBAN", .take = take_account },
	{ .path = "Stmt/Acct/Id/Othr/Id", .take = take_account },
	{ .path = "Stmt/Bal", .many = true, .begin = begin_balance, .take = end_balance },
	{ .path = BALANCE "Tp/CdOrPrtry/Cd", .take = take_balance_type },
	{ .path = BALANCE "Amt", .take = take_balance_amount },
	{ .path = BALANCE "CdtDbtInd", .take = take_balance_sign },
	{ .path = BALANCE "Dt/Dt", .take = take_balance_date },
	{ .path = BALANCE "Dt/DtTm", .take = take_balance_date },
	{ .path = SUMMARY "TtlNtries/NbOfNtries", .take = take_all_count },
	{ .path = SUMMARY "TtlNtries/Sum", .take = take_all_sum },
	{ .path = SUMMARY "TtlCdtNtries/NbOfNtries", .take = take_credit_count },
	{ .path = SUMMARY "TtlCdtNtries/Sum", .take = take_credit_sum },
	{ .path = SUMMARY "TtlDbtNtries/NbOfNtries", .take = take_debit_count },
	{ .path = SUMMARY "TtlDbtNtries/Sum", .take = take_debit_sum },
};

static const char *const statement_versions[] = {
	"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02", "urn:iso:std:iso:20022:tech:xsd:camt.053.001.04",
	"urn:iso:std:iso:20022:tech:xsd:camt.053.001.06", "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08", NULL,
};
static const char *const notice_versions[] = {
	"urn:iso:std:iso:20022:tech:xsd:camt.054.001.02", "urn:iso:std:iso:20022:tech:xsd:camt.054.001.04",
	"urn:iso:std:iso:20022:tech:xsd:camt.054.001.06", "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08", NULL,
};

static const struct xml_message statement_message = {
	.name = "BkToCstmrStmt", .versions = statement_versions, .rules = rules, .nrules = COUNT_OF(rules),
	.more = camt_entry_rules, .nmore = CAMT_ENTRY_RULES,
};
static const struct xml_message notice_message = {
	.name = "BkToCstmrDbtCdtNtfctn", .versions = notice_versions, .group = "Ntfctn", .group_as = "Stmt",
	.rules = rules, .nrules = COUNT_OF(rules),
	.more = camt_entry_rules, .nmore = CAMT_ENTRY_RULES,
};

/* Summaries count entries; sums of details are sums of entries. */
static bool check_summaries(const struct camt *r, struct complaint *why)
{
	struct xml_at at = { .element = "TxsSummry", .why = why };
	int64_t sum[2] = { 0 }, all;

	for (size_t i = 0; i < r->n; i++)
		if (!money_add(sum[r->lines[i].credit], r->lines[i].fen, &sum[r->lines[i].credit]))
			return xml_refuse(&at, "the sum is out of range");
	if (!money_add(sum[0], sum[1], &all))
		return xml_refuse(&at, "the sum is out of range");
	return camt_sums_up(&r->all, &at, all, r->entries) &&
	       camt_sums_up(&(struct camt_summary){ .has_sum = r->credits.has_sum, .sum = r->credits.sum }, &at, sum[1], 0) &&
	       camt_sums_up(&(struct camt_summary){ .has_sum = r->debits.has_sum, .sum = r->debits.sum }, &at, sum[0], 0);
}

static bool walk(struct span file, const struct xml_message *message, struct camt *r, struct arena *arena,
		 struct complaint *why)
{
	*why = (struct complaint){ .text = "" };
	r->lines = statement_lines_new(file, arena);
	if (!xml_walk(file, message, r, arena, why))
		return false;
	if (r->statements == 0)
		return complain(why, 0, "element %s: there is none", message->group != NULL ? message->group : "Stmt");
	return r->out->foreign || check_summaries(r, why);
}

bool iso20022_read_statement(struct span file, struct arena *arena, struct statement *out, struct complaint *why)
{
	struct camt r = { .out = out };

	*out = (struct statement){ .currency = "CNY" };
	if (!walk(file, &statement_message, &r, arena, why))
		return false;
	if (!r.opened || !r.closed)
		return complain(why, 0, "element Bal: opening or closing balance is missing");
	return statement_finish(out, file, r.lines, r.n, arena, why);
}

bool iso20022_read_notice(struct span file, struct arena *arena, struct iso20022_notice *out, struct complaint *why)
{
	struct statement as = { .currency = "CNY" };
	struct camt r = { .out = &as };

	*out = (struct iso20022_notice){ .n = 0 };
	if (!walk(file, &notice_message, &r, arena, why))
		return false;
	if (!statement_name_valid(as.account))
		return complain(why, 0, "element Acct: the account number is missing");
	*out = (struct iso20022_notice){ .account = as.account, .lines = r.lines, .n = r.n, .foreign = as.foreign };
	return true;
}
