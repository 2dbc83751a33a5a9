/*
 * Money and budget of a ledger book: what finance posts by hand, the years,
 * and corrections, which are entries of their own that name what they correct.
 */
#include "daemon/money/book_state.h"

#include <stdio.h>

static bool is_open(struct plan *plan)
{
	if (plan->fiscal != NULL && plan->fiscal->closed)
		return plan_refuse(plan, 409, "YEAR_CLOSED", "this year was closed");
	return true;
}

static bool is_there(struct plan *plan)
{
	if (plan->fiscal == NULL)
		return plan_refuse(plan, 404, "NOT_FOUND", "nothing was appropriated to this ledger");
	return true;
}

static bool holds_enough(struct plan *plan, const char *book, const struct posting_account *account, int64_t fen)
{
	if (account_left(plan->book, book, account) < fen)
		return plan_refuse(plan, 409, "SOURCE_SHORT", "the account does not hold enough");
	return true;
}

bool guard_appropriate(struct plan *plan)
{
	struct posting_facts facts = { .x = plan_number(plan, "fen") };

	return is_open(plan) && plan_post(plan, POSTING_APPROPRIATED, &facts);
}

/* Also to a year that is closed: what it still owes is paid from its own money. */
bool guard_receive(struct plan *plan)
{
	struct posting_facts facts = { .x = plan_number(plan, "fen") };

	posting_account_parse(plan_field(plan, "account"), &facts.source);
	if (facts.source.code != LEDGER_BANK)
		return plan_refuse(plan, 400, "WRONG_FIELD", "account: money comes to a bank");
	return is_there(plan) && plan_post(plan, POSTING_RECEIVED, &facts);
}

bool guard_fund(struct plan *plan)
{
	struct posting_facts facts = { .x = plan_number(plan, "fen") };

	posting_account_parse(plan_field(plan, "from"), &facts.source);
	posting_account_parse(plan_field(plan, "to"), &facts.target);
	if (facts.source.code == facts.target.code && strcmp(facts.source.detail, facts.target.detail) == 0)
		return plan_refuse(plan, 400, "WRONG_FIELD", "to: another account than from");
	return is_there(plan) && holds_enough(plan, plan->subject, &facts.source, facts.x) &&
	       plan_post(plan, POSTING_FUNDED, &facts);
}

bool guard_fee(struct plan *plan)
{
	struct posting_facts facts = { .x = plan_number(plan, "fen") };

	posting_account_parse(plan_field(plan, "account"), &facts.source);
	if (!is_there(plan) || !is_open(plan) || !holds_enough(plan, plan->subject, &facts.source, facts.x))
		return false;
	if (ledger_balance(plan->book->ledger, plan->subject, LEDGER_AVAILABLE, "") < facts.x)
		return plan_refuse(plan, 409, "BUDGET", "not enough is available");
	return plan_post(plan, POSTING_FEE, &facts);
}

/* All that is withheld of a reward goes to the tax office at once, when it was paid. */
bool guard_tax(struct plan *plan)
{
	struct posting_facts facts = { .x = ledger_balance(plan->book->ledger, plan->dossier->is.book,
							   LEDGER_TAX_WITHHELD, plan->dossier->is.id) };

	if (plan->dossier->is.state != REWARD_PAID && plan->dossier->is.state != REWARD_CLOSED)
		return plan_refuse(plan, 409, "ILLEGAL_TRANSITION", "it is not paid");
	if (facts.x == 0)
		return plan_refuse(plan, 409, "NOTHING_OWED", "no tax is withheld");
	posting_account_parse(plan_field(plan, "account"), &facts.source);
	plan_put_number(plan, "fen", facts.x);
	return holds_enough(plan, plan->dossier->is.book, &facts.source, facts.x) &&
	       plan_post(plan, POSTING_TAX, &facts);
}

/* --- years ---------------------------------------------------------------------------------- */

bool guard_open_year(struct plan *plan)
{
	if (plan->fiscal != NULL)
		return plan_refuse(plan, 409, "YEAR_OPEN", "this ledger is there");
	return true;
}

void take_open_year(struct book *book, const struct plan *plan)
{
	fiscal_open(book, plan->subject);
}

static size_t programme_len(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash != NULL ? (size_t)(slash - name) : 0;
}

/* "150600/anti-trafficking/2026" and ".../2027" */
static bool follows(const char *name, struct span next)
{
	size_t len = programme_len(name);

	return next.len == len + 5 && memcmp(name, next.at, len + 1) == 0 &&
	       memcmp(name + len + 1, next.at + len + 1, 4) < 0;
}

bool guard_close_year(struct plan *plan)
{
	struct span next = plan_field(plan, "next");
	char name[LEDGER_BOOK_MAX];
	const struct fiscal *later;
	struct posting_facts facts = { .next = name };

	if (!is_there(plan) || !is_open(plan))
		return false;
	if (!follows(plan->subject, next))
		return plan_refuse(plan, 400, "WRONG_FIELD", "next: a later year of the same programme");
	NAME_PUT(name, next);
	later = fiscal_find(plan->book, name);
	if (later == NULL || later->closed)
		return plan_refuse(plan, 409, "YEAR_CLOSED", "%s has to be open", name);
	facts.a = ledger_balance(plan->book->ledger, plan->subject, LEDGER_AVAILABLE, "");
	facts.x = ledger_balance(plan->book->ledger, plan->subject, LEDGER_ENCUMBERED, "");
	plan_put_number(plan, "lapsed", facts.a);
	plan_put_number(plan, "carried", facts.x);
	return facts.a + facts.x == 0 || plan_post(plan, POSTING_YEAR_END, &facts);
}

void take_close_year(struct book *book, const struct plan *plan)
{
	struct fiscal *fiscal = fiscal_find(book, plan->subject);

	fiscal->closed = true;
	NAME_PUT(fiscal->next, plan_field(plan, "next"));
}

/* --- corrections ---------------------------------------------------------------------------------- */

void take_by_hand(struct book *book, const struct plan *plan)
{
	struct posted_entry *posted = list_add(&book->by_hand, sizeof(*posted));

	posted->entry = plan->entry;
	posted->seq = plan->seq;
}

static struct posted_entry *find_entry(const struct plan *plan)
{
	struct posted_entry *entries = plan->book->by_hand.at;

	for (size_t i = 0; i < plan->book->by_hand.n; i++)
		if (strcmp(entries[i].entry.id, plan->subject) == 0)
			return &entries[i];
	return NULL;
}

/* The exact reversal; the right entry is then posted like any other. */
bool guard_correct(struct plan *plan)
{
	struct posted_entry *wrong = find_entry(plan);
	int len;

	if (wrong == NULL)
		return plan_refuse(plan, 404, "NOT_FOUND", "no entry of that id was posted by hand");
	if (wrong->corrected)
		return plan_refuse(plan, 409, "CORRECTED", "it was corrected before");
	plan->entry = wrong->entry;
	len = snprintf(plan->entry.id, sizeof(plan->entry.id), "C:%s", wrong->entry.id);
	if (len < 0 || (size_t)len >= sizeof(plan->entry.id))
		return plan_refuse(plan, 409, "LEDGER", "the name of the entry is too long");
	for (size_t i = 0; i < plan->entry.nlegs; i++) {
		plan->entry.legs[i].debit = !plan->entry.legs[i].debit;
		if (!staff_covers(&plan->actor, span_from(wrong->entry.legs[i].book,
							  strcspn(wrong->entry.legs[i].book, "/"))))
			return plan_refuse(plan, 403, "REGION", "this bureau is outside of the person's region");
	}
	plan_put(plan, "corrects", span_of(wrong->entry.id));
	plan_put_number(plan, "record", (int64_t)wrong->seq);
	plan->made = wrong;
	return true;
}

void take_correct(struct book *book, const struct plan *plan)
{
	(void)book;
	((struct posted_entry *)plan->made)->corrected = true;
}

/* --- told ------------------------------------------------------------------------------------------ */

bool book_hand_at(const struct book *book, size_t index, struct book_hand *out)
{
	const struct posted_entry *entries = book->by_hand.at;

	if (index >= book->by_hand.n)
		return false;
	*out = (struct book_hand){ .entry = &entries[index].entry, .seq = entries[index].seq, .corrected = entries[index].corrected };
	return true;
}

bool book_year_at(const struct book *book, size_t index, struct book_year *out)
{
	const struct fiscal *fiscals = book->fiscals.at;

	if (index >= book->fiscals.n)
		return false;
	*out = (struct book_year){ .book = fiscals[index].name, .next = fiscals[index].closed ? fiscals[index].next : NULL };
	return true;
}
