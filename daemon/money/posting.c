/*
 * The table of postings; see posting.h.
 */
#include "daemon/money/posting.h"

#include "daemon/base/table.h"

#include <assert.h>
#include <stdio.h>

enum amount { A, NET, TAX, REST, X };
enum where { FIN, BGT, SPENT, NEXT };
enum detail { NO_DETAIL, REWARD, FLIGHT, SUSPENSE };

/* Not of the chart: the account that the facts name. */
#define SOURCE ((enum ledger_code)1)
#define TARGET ((enum ledger_code)2)

struct leg_rule {
	enum where where;
	enum ledger_code code;
	enum detail detail;
	bool debit;
	enum amount amount;
	unsigned when;       /* 0: always; else every bit has to be set */
};

#define LEGS_MAX 10

struct posting_rule {
	const char *name;
	struct leg_rule legs[LEGS_MAX];   /* up to the first of code 0 */
};

#define DR(account, of, much) { .code = (account), .detail = (of), .debit = true, .amount = (much) }
#define CR(account, of, much) { .code = (account), .detail = (of), .amount = (much) }
#define DR_IF(condition, account, of, much) \
	{ .code = (account), .detail = (of), .debit = true, .amount = (much), .when = (condition) }
#define CR_IF(condition, account, of, much) \
	{ .code = (account), .detail = (of), .amount = (much), .when = (condition) }
#define BGT_DR(account, much) { .where = BGT, .code = (account), .debit = true, .amount = (much) }
#define BGT_CR(account, much) { .where = BGT, .code = (account), .amount = (much) }
#define BGT_DR_IF(condition, book, account, much) \
	{ .where = (book), .code = (account), .debit = true, .amount = (much), .when = (condition) }
#define BGT_CR_IF(condition, book, account, much) \
	{ .where = (book), .code = (account), .amount = (much), .when = (condition) }

static const struct posting_rule rules[POSTINGS] = {
	[POSTING_APPROPRIATED] = { .name = "appropriated",
		.legs = { BGT_DR(LEDGER_AUTHORISED, X), BGT_CR(LEDGER_AVAILABLE, X) } },
	[POSTING_RECEIVED] = { .name = "received",
		.legs = { DR(SOURCE, NO_DETAIL, X), CR(LEDGER_FUND, NO_DETAIL, X) } },
	[POSTING_APPROVED] = { .name = "approved",
		.legs = { DR(LEDGER_EXPENSE, NO_DETAIL, A), CR(LEDGER_PAYABLE, REWARD, NET),
			  CR(LEDGER_TAX_WITHHELD, REWARD, TAX),
			  BGT_DR(LEDGER_AVAILABLE, A), BGT_CR(LEDGER_ENCUMBERED, A) } },
	[POSTING_STARTED] = { .name = "started",
		.legs = { DR(LEDGER_PAYABLE, REWARD, X), CR(LEDGER_INFLIGHT, FLIGHT, X) } },
	[POSTING_SUCCEEDED] = { .name = "succeeded",
		.legs = { DR(LEDGER_INFLIGHT, FLIGHT, X), CR(SOURCE, NO_DETAIL, X),
			  BGT_DR(LEDGER_ENCUMBERED, X), BGT_CR(LEDGER_EXPENDED, X) } },
	[POSTING_FAILED] = { .name = "failed",
		.legs = { DR(LEDGER_INFLIGHT, FLIGHT, X), CR(LEDGER_PAYABLE, REWARD, X) } },
	[POSTING_CANCELLED] = { .name = "cancelled",
		.legs = { DR(LEDGER_PAYABLE, REWARD, NET), DR(LEDGER_RETURNED, REWARD, REST),
			  DR(LEDGER_TAX_WITHHELD, REWARD, TAX),
			  CR_IF(POSTING_SAME_YEAR, LEDGER_EXPENSE, NO_DETAIL, A),
			  CR_IF(POSTING_PRIOR_YEAR, LEDGER_PRIOR_YEAR, NO_DETAIL, A),
			  BGT_DR(LEDGER_ENCUMBERED, A),
			  BGT_CR_IF(POSTING_SAME_YEAR, BGT, LEDGER_AVAILABLE, A),
			  BGT_CR_IF(POSTING_PRIOR_YEAR, BGT, LEDGER_LAPSED, A) } },
	/* Back in a later year than it was spent: that year takes it over, as at year end. */
	[POSTING_RETURNED] = { .name = "returned",
		.legs = { DR(SOURCE, NO_DETAIL, X), CR_IF(POSTING_WHOLE, LEDGER_RETURNED, REWARD, X),
			  CR_IF(POSTING_PART, LEDGER_PAYABLE, REWARD, X),
			  BGT_DR_IF(0, SPENT, LEDGER_EXPENDED, X),
			  BGT_CR_IF(POSTING_SAME_YEAR, SPENT, LEDGER_ENCUMBERED, X),
			  BGT_CR_IF(POSTING_PRIOR_YEAR, SPENT, LEDGER_LAPSED, X),
			  BGT_DR_IF(POSTING_PRIOR_YEAR, BGT, LEDGER_AUTHORISED, X),
			  BGT_CR_IF(POSTING_PRIOR_YEAR, BGT, LEDGER_ENCUMBERED, X) } },
	[POSTING_REISSUED] = { .name = "reissued",
		.legs = { DR(LEDGER_RETURNED, REWARD, X), CR(LEDGER_PAYABLE, REWARD, X) } },
	[POSTING_LATE] = { .name = "late",
		.legs = { DR(LEDGER_PAYABLE, REWARD, X), CR(SOURCE, NO_DETAIL, X),
			  BGT_DR(LEDGER_ENCUMBERED, X), BGT_CR(LEDGER_EXPENDED, X) } },
	[POSTING_OVERPAID] = { .name = "overpaid",
		.legs = { DR(LEDGER_OVERPAID, REWARD, X), CR(SOURCE, NO_DETAIL, X) } },
	[POSTING_VOIDED] = { .name = "voided",
		.legs = { DR(LEDGER_CLAWBACK, REWARD, X),
			  CR_IF(POSTING_SAME_YEAR, LEDGER_EXPENSE, NO_DETAIL, X),
			  CR_IF(POSTING_PRIOR_YEAR, LEDGER_PRIOR_YEAR, NO_DETAIL, X) } },
	[POSTING_RECOVERED] = { .name = "recovered",
		.legs = { DR(SOURCE, NO_DETAIL, X), CR_IF(POSTING_OF_OVERPAID, LEDGER_OVERPAID, REWARD, X),
			  CR_IF(POSTING_OF_CLAWBACK, LEDGER_CLAWBACK, REWARD, X),
			  BGT_DR_IF(POSTING_OF_CLAWBACK, SPENT, LEDGER_EXPENDED, X),
			  BGT_CR_IF(POSTING_OF_CLAWBACK | POSTING_SAME_YEAR, SPENT, LEDGER_AVAILABLE, X),
			  BGT_CR_IF(POSTING_OF_CLAWBACK | POSTING_PRIOR_YEAR, SPENT, LEDGER_LAPSED, X) } },
	[POSTING_WRITTEN_OFF] = { .name = "written_off",
		.legs = { DR(LEDGER_WRITTEN_OFF, NO_DETAIL, X),
			  CR_IF(POSTING_OF_OVERPAID, LEDGER_OVERPAID, REWARD, X),
			  CR_IF(POSTING_OF_CLAWBACK, LEDGER_CLAWBACK, REWARD, X),
			  BGT_DR_IF(POSTING_OF_OVERPAID, BGT, LEDGER_AVAILABLE, X),
			  BGT_CR_IF(POSTING_OF_OVERPAID, BGT, LEDGER_EXPENDED, X) } },
	[POSTING_FEE] = { .name = "fee",
		.legs = { DR(LEDGER_FEES, NO_DETAIL, X), CR(SOURCE, NO_DETAIL, X),
			  BGT_DR(LEDGER_AVAILABLE, X), BGT_CR(LEDGER_EXPENDED, X) } },
	[POSTING_TAX] = { .name = "tax",
		.legs = { DR(LEDGER_TAX_WITHHELD, REWARD, X), CR(SOURCE, NO_DETAIL, X),
			  BGT_DR(LEDGER_ENCUMBERED, X), BGT_CR(LEDGER_EXPENDED, X) } },
	[POSTING_FUNDED] = { .name = "funded",
		.legs = { DR(TARGET, NO_DETAIL, X), CR(SOURCE, NO_DETAIL, X) } },
	[POSTING_SUSPENDED] = { .name = "suspended",
		.legs = { DR_IF(POSTING_DEBIT, LEDGER_SUSPENSE_DEBIT, SUSPENSE, X),
			  CR_IF(POSTING_DEBIT, SOURCE, NO_DETAIL, X), DR_IF(POSTING_CREDIT, SOURCE, NO_DETAIL, X),
			  CR_IF(POSTING_CREDIT, LEDGER_SUSPENSE_CREDIT, SUSPENSE, X) } },
	[POSTING_CLEARED] = { .name = "cleared",
		.legs = { DR_IF(POSTING_DEBIT, SOURCE, NO_DETAIL, X),
			  CR_IF(POSTING_DEBIT, LEDGER_SUSPENSE_DEBIT, SUSPENSE, X),
			  DR_IF(POSTING_CREDIT, LEDGER_SUSPENSE_CREDIT, SUSPENSE, X),
			  CR_IF(POSTING_CREDIT, SOURCE, NO_DETAIL, X) } },
	[POSTING_YEAR_END] = { .name = "year_end",
		.legs = { BGT_DR(LEDGER_AVAILABLE, A), BGT_CR(LEDGER_LAPSED, A), BGT_DR(LEDGER_ENCUMBERED, X),
			  BGT_CR(LEDGER_LAPSED, X), BGT_DR_IF(0, NEXT, LEDGER_AUTHORISED, X),
			  BGT_CR_IF(0, NEXT, LEDGER_ENCUMBERED, X) } },
	[POSTING_OFFSET] = { .name = "offset",
		.legs = { DR(LEDGER_PAYABLE, REWARD, X), CR(LEDGER_OVERPAID, REWARD, X),
			  BGT_DR(LEDGER_ENCUMBERED, X), BGT_CR(LEDGER_EXPENDED, X) } },
	/* L08 and L07 at once: what was spent goes back, with its part of the tax, as if it had been cancelled unpaid. */
	[POSTING_RETURNED_OVER] = { .name = "returned_over",
		.legs = { DR(SOURCE, NO_DETAIL, X), DR(LEDGER_TAX_WITHHELD, REWARD, TAX),
			  CR_IF(POSTING_SAME_YEAR, LEDGER_EXPENSE, NO_DETAIL, A),
			  CR_IF(POSTING_PRIOR_YEAR, LEDGER_PRIOR_YEAR, NO_DETAIL, A),
			  BGT_DR_IF(0, SPENT, LEDGER_EXPENDED, X),
			  BGT_CR_IF(POSTING_SAME_YEAR, SPENT, LEDGER_AVAILABLE, X),
			  BGT_CR_IF(POSTING_PRIOR_YEAR, SPENT, LEDGER_LAPSED, X), BGT_DR(LEDGER_ENCUMBERED, TAX),
			  BGT_CR_IF(POSTING_SAME_YEAR, BGT, LEDGER_AVAILABLE, TAX),
			  BGT_CR_IF(POSTING_PRIOR_YEAR, BGT, LEDGER_LAPSED, TAX) } },
};

static int64_t amount_of(const struct posting_facts *facts, enum amount amount)
{
	switch (amount) {
	case A:
		return facts->a;
	case NET:
		return facts->net;
	case TAX:
		return facts->tax;
	case REST:
		return facts->rest;
	case X:
		return facts->x;
	}
	return 0;
}

static const char *book_of(const struct posting_facts *facts, enum where where)
{
	switch (where) {
	case FIN:
		return facts->fin;
	case BGT:
		return facts->bgt;
	case SPENT:
		return facts->spent != NULL ? facts->spent : facts->bgt;
	case NEXT:
		return facts->next;
	}
	return NULL;
}

static const char *detail_of(const struct posting_facts *facts, enum detail detail)
{
	switch (detail) {
	case NO_DETAIL:
		return "";
	case REWARD:
		return facts->reward;
	case FLIGHT:
		return facts->flight;
	case SUSPENSE:
		return facts->suspense;
	}
	return NULL;
}

static void copy_text(char *to, size_t size, const char *text)
{
	size_t len = text != NULL ? strlen(text) : size;

	assert(len < size);
	memcpy(to, text, len + 1);
}

static void add_leg(struct ledger_entry *entry, const struct leg_rule *rule, const struct posting_facts *facts)
{
	struct ledger_leg *leg = &entry->legs[entry->nlegs];
	const struct posting_account *named = rule->code == SOURCE ? &facts->source
					      : rule->code == TARGET ? &facts->target : NULL;

	if (amount_of(facts, rule->amount) == 0 || (rule->when & facts->when) != rule->when)
		return;
	*leg = (struct ledger_leg){ .code = named != NULL ? named->code : rule->code, .debit = rule->debit,
				    .fen = amount_of(facts, rule->amount) };
	copy_text(leg->book, sizeof(leg->book), book_of(facts, rule->where));
	copy_text(leg->detail, sizeof(leg->detail), named != NULL ? named->detail : detail_of(facts, rule->detail));
	entry->nlegs++;
}

void posting_make(enum posting posting, const struct posting_facts *facts, const char *subject, unsigned number,
		  struct ledger_entry *entry)
{
	int len = snprintf(entry->id, sizeof(entry->id), "L%02u:%s:%u", (unsigned)posting, subject, number);

	assert(posting > POSTING_NONE && posting < POSTINGS && len > 0 && (size_t)len < sizeof(entry->id));
	entry->nlegs = 0;
	for (size_t i = 0; i < LEGS_MAX && rules[posting].legs[i].code != 0; i++)
		add_leg(entry, &rules[posting].legs[i], facts);
}

const char *posting_name(enum posting posting)
{
	return posting > POSTING_NONE && posting < POSTINGS ? rules[posting].name : NULL;
}

bool posting_account_parse(struct span text, struct posting_account *account)
{
	static const struct {
		const char *prefix;
		enum ledger_code code;
	} prefixes[] = {
		{ .prefix = "bank:", .code = LEDGER_BANK },
		{ .prefix = "float:", .code = LEDGER_FLOAT },
		{ .prefix = "cash:", .code = LEDGER_CASH_AT_BRANCH },
	};

	for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
		struct span detail = span_from_offset(text, strlen(prefixes[i].prefix));

		if (!span_starts(text, span_of(prefixes[i].prefix)) || span_empty(detail) ||
		    detail.len >= sizeof(account->detail))
			continue;
		*account = (struct posting_account){ .code = prefixes[i].code };
		memcpy(account->detail, detail.at, detail.len);
		return true;
	}
	return false;
}
