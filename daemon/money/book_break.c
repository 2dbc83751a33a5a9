/*
 * Breaks: what a statement and the book do not say alike.
 *
 * A line that is no match puts its money in suspense (L18), so that the ledger
 * says of the account what the bank says. It leaves suspense (L19) when two
 * persons have told which entry, payment or other break it was. A second debit
 * and money gone to a stranger put the rail on hold.
 */
#include "daemon/money/book_state.h"

#include <stdio.h>

struct opening {
	struct book_break is;
	struct bank_statement *statement;   /* of R8 and lines */
	struct book_line *line;
	struct dossier *dossier;            /* of R1 */
	const struct book_attempt *attempt;
	const char *rail;                   /* goes on hold; NULL: none */
};

/* --- finding ------------------------------------------------------------------------------- */

static uint64_t seq_of(const struct book_break *broken)
{
	uint64_t seq = 0;

	span_u64(span_of(broken->id + 1), &seq);
	return seq;
}

struct book_break *break_find(const struct book *book, struct span id)
{
	struct book_break *breaks = book->breaks.at;
	size_t low = 0, high = book->breaks.n;
	uint64_t seq;

	if (id.len < 2 || id.at[0] != 'B' || id.at[1] == '0' || !span_u64(span_from_offset(id, 1), &seq))
		return NULL;
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (seq_of(&breaks[middle]) == seq)
			return &breaks[middle];
		if (seq_of(&breaks[middle]) < seq)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

struct book_break *break_about(const struct book *book, enum break_class class, const char *about, bool open)
{
	struct book_break *breaks = book->breaks.at;

	for (size_t i = book->breaks.n; i > 0; i--)
		if (breaks[i - 1].class == class && strcmp(breaks[i - 1].about, about) == 0 &&
		    !(open && breaks[i - 1].resolved))
			return &breaks[i - 1];
	return NULL;
}

bool break_holds_line(const struct book *book, const char *line)
{
	const struct book_break *breaks = book->breaks.at;

	for (size_t i = 0; i < book->breaks.n; i++)
		if (breaks[i].suspended && !breaks[i].cleared && strcmp(breaks[i].about, line) == 0)
			return true;
	return false;
}

const struct book_break *book_break_at(const struct book *book, size_t index)
{
	return index < book->breaks.n ? &((const struct book_break *)book->breaks.at)[index] : NULL;
}

const struct book_break *book_break_find(const struct book *book, struct span id)
{
	return break_find(book, id);
}

/* --- postings --------------------------------------------------------------------------------- */

/* L18, L19: on the ledger of the statement, under the name of the break. */
static void post(struct plan *plan, enum posting posting, const struct book_break *broken,
		 const struct posting_account *account)
{
	struct posting_facts facts = { .fin = broken->ledger, .bgt = fiscal_now(plan->book, broken->ledger),
				       .suspense = broken->id, .source = *account, .x = broken->fen,
				       .when = POSTING_SAME_YEAR | (broken->credit ? POSTING_CREDIT : POSTING_DEBIT) };

	plan->posting = posting;
	posting_make(posting, &facts, broken->id, 1, &plan->entry);
}

/* Money left that the ledger does not know to be there: owed to the account until finance has told where it came from. */
static void suspend(struct plan *plan, struct book_break *is)
{
	if (!is->credit && ledger_balance(plan->book->ledger, is->ledger, is->account.code, is->account.detail) < is->fen) {
		is->account = (struct posting_account){ .code = LEDGER_SUSPENSE_CREDIT };
		NAME_PUT(is->account.detail, span_of(is->id));
		plan_put(plan, "suspense", span_of(is->id));
	}
	is->suspended = true;
	post(plan, POSTING_SUSPENDED, is, &is->account);
}

/* --- open -------------------------------------------------------------------------------------- */

static bool open_line(struct plan *plan, struct opening *opening)
{
	struct book_break *is = &opening->is;
	struct line_judgement judgement;

	if (plan->role != MONEY_SYSTEM)
		return plan_refuse(plan, 403, "ROLE", "lines are judged by the system");
	if (opening->line->taken != 0)
		return plan_refuse(plan, 409, "LINE_USED", "this line was judged before");
	line_judge(plan->book, opening->statement, &opening->line->is, &judgement);
	if (line_break_class(&opening->line->is, &judgement) != is->class)
		return plan_refuse(plan, 409, "NO_BREAK", "the line is no %s", break_class_name(is->class));
	memcpy(is->ledger, opening->statement->is.ledger, sizeof(is->ledger));
	is->account = opening->statement->is.account;
	is->fen = opening->line->is.fen;
	is->credit = opening->line->is.credit;
	if (judgement.is.hold)
		opening->rail = judgement.attempt != NULL ? judgement.attempt->rail : opening->statement->is.rail;
	suspend(plan, is);
	return true;
}

static bool open_gap(struct plan *plan, struct opening *opening)
{
	const struct bank_statement *statement = NULL;

	for (size_t i = 0; i < plan->book->statements.n && statement == NULL; i++)
		if (strcmp(statement_at(plan->book, i)->is.id, plan->subject) == 0)
			opening->statement = statement_at(plan->book, i);
	statement = opening->statement;
	if (statement == NULL)
		return plan_refuse(plan, 404, "NOT_FOUND", "there is no such statement");
	if (!statement->gap || statement->gap_told)
		return plan_refuse(plan, 409, "NO_BREAK", "it follows the one before, or that was told");
	memcpy(opening->is.ledger, statement->is.ledger, sizeof(opening->is.ledger));
	opening->is.account = statement->is.account;
	return true;
}

static bool open_missing(struct plan *plan, struct opening *opening)
{
	opening->attempt = attempt_find(plan->book, span_of(plan->subject), &opening->dossier);
	if (opening->attempt == NULL)
		return plan_refuse(plan, 404, "NOT_FOUND", "there is no such attempt");
	if ((opening->attempt->state != ATTEMPT_SUCCEEDED && opening->attempt->state != ATTEMPT_RETURNED) ||
	    opening->attempt->line[0] != '\0' || plan->now_ms < reconcile_line_due_ms(opening->attempt->changed_ms) ||
	    break_about(plan->book, BREAK_NO_LINE, plan->subject, false) != NULL)
		return plan_refuse(plan, 409, "NO_BREAK", "it has its line, or still has time, or that was told");
	memcpy(opening->is.ledger, opening->dossier->is.book, sizeof(opening->is.ledger));
	opening->is.account = opening->attempt->source;
	return true;
}

/* A file that was refused: "bank:main/2026-11-20". */
static bool open_refused(struct plan *plan, struct opening *opening)
{
	struct span subject = span_of(plan->subject), account = { 0 };
	const struct book_statement *known;
	char date[STATEMENT_DATE_LEN + 1];

	span_cut(&subject, '/', &account);
	if (!posting_account_parse(account, &opening->is.account) || !statement_date_read(subject, date))
		return plan_refuse(plan, 400, "WRONG_SUBJECT", "bank:NAME/2026-11-20 is expected");
	if (!plan_given(plan, "file"))
		return plan_refuse(plan, 400, "MISSING_FIELD", "file: which one was refused");
	known = book_statement_find(plan->book, account, subject);
	if (opening->is.class == BREAK_CHANGED && known == NULL)
		return plan_refuse(plan, 409, "NO_BREAK", "no file was imported for this day");
	if (break_about(plan->book, opening->is.class, plan->subject, true) != NULL)
		return plan_refuse(plan, 409, "NO_BREAK", "that was told");
	if (known != NULL)
		memcpy(opening->is.ledger, known->ledger, sizeof(opening->is.ledger));
	return true;
}

static bool open_by_class(struct plan *plan, struct opening *opening)
{
	opening->line = line_find(plan->book, span_of(plan->subject), &opening->statement);
	if (opening->line != NULL)
		return open_line(plan, opening);
	switch (opening->is.class) {
	case BREAK_NO_LINE:
		return open_missing(plan, opening);
	case BREAK_BALANCE:
		return open_gap(plan, opening);
	case BREAK_CURRENCY:
	case BREAK_CHANGED:
		return open_refused(plan, opening);
	case BREAK_NONE:
	case BREAK_NOT_SUCCESS:
	case BREAK_AMOUNT:
	case BREAK_TWICE:
	case BREAK_STRANGER:
	case BREAK_RETURN:
	case BREAK_FEE:
	case BREAK_CLASSES:
		break;
	}
	return plan_refuse(plan, 404, "NOT_FOUND", "no imported statement has this line");
}

bool guard_break_open(struct plan *plan)
{
	struct opening *opening = arena_new(plan->arena, struct opening);

	if (!break_class_parse(plan_field(plan, "class"), &opening->is.class))
		return plan_refuse(plan, 400, "WRONG_FIELD", "class: R1 to R10");
	snprintf(opening->is.id, sizeof(opening->is.id), "B%llu", (unsigned long long)plan->seq);
	NAME_PUT(opening->is.about, span_of(plan->subject));
	opening->is.opened_ms = plan->now_ms;
	plan_put(plan, "break", span_of(opening->is.id));
	if (!open_by_class(plan, opening))
		return false;
	if (opening->rail != NULL)
		plan_put(plan, "hold", span_of(opening->rail));
	plan->made = opening;
	return true;
}

/* Lifted by a person, as any other hold. */
static void hold_rail(struct book *book, const struct plan *plan, const struct opening *opening)
{
	const char *name = opening->rail;
	struct rail_hold *rail = rail_hold_find(book, span_of(name));

	if (rail != NULL && rail->held)
		return;
	if (rail == NULL)
		rail = list_add(&book->rails, sizeof(*rail));
	NAME_PUT(rail->rail, span_of(name));
	rail->held = true;
	rail->seq = plan->seq;
	rail->since_ms = plan->now_ms;
	rail->why = span_of(arena_printf(&book->store, "%s of %s (%s): %s", break_class_name(opening->is.class),
					 opening->is.about, opening->is.id, break_class_help(opening->is.class)));
	NAME_PUT(rail->person, span_of(plan->actor.person));
	NAME_PUT(rail->deputy_of, span_of(plan->actor.deputy_of));
	rail->at_ms = plan->now_ms;
}

void take_break_open(struct book *book, const struct plan *plan)
{
	const struct opening *opening = plan->made;

	*(struct book_break *)list_add(&book->breaks, sizeof(struct book_break)) = opening->is;
	if (opening->line != NULL) {
		opening->line->broken = true;
		line_done(opening->statement, opening->line, plan->seq);
	} else if (opening->statement != NULL) {
		opening->statement->gap_told = true;
	}
	if (opening->attempt != NULL)
		unmatched_drop(book, opening->dossier, opening->attempt);
	if (opening->rail != NULL)
		hold_rail(book, plan, opening);
}

/* --- resolve ------------------------------------------------------------------------------------ */

static struct book_break *find_open(struct plan *plan)
{
	struct book_break *broken = break_find(plan->book, span_of(plan->subject));
	size_t bureau = broken != NULL ? strcspn(broken->ledger, "/") : 0;

	if (broken == NULL)
		plan_refuse(plan, 404, "NOT_FOUND", "there is no such break");
	else if (broken->ledger[0] != '\0' && !staff_covers(&plan->actor, span_from(broken->ledger, bureau)))
		plan_refuse(plan, 403, "REGION", "this bureau is outside of the person's region");
	else if (broken->resolved)
		plan_refuse(plan, 409, "RESOLVED", "it is resolved");
	else
		return broken;
	return NULL;
}

bool guard_break_resolve(struct plan *plan)
{
	struct book_break *broken = find_open(plan);

	if (broken == NULL)
		return false;
	if (broken->suspended && !broken->cleared)
		return plan_refuse(plan, 409, "IN_SUSPENSE", "its money is in suspense");
	plan->made = broken;
	return true;
}

void take_break_resolve(struct book *book, const struct plan *plan)
{
	struct book_break *broken = plan->made;

	(void)book;
	broken->resolved = true;
	broken->resolved_ms = plan->now_ms;
}

/* --- suspense ------------------------------------------------------------------------------------- */

struct clearing {
	struct book_break *broken;
	struct span by;
};

bool same_place(const struct posting_account *a, const struct posting_account *b)
{
	return a->code == b->code && strcmp(a->detail, b->detail) == 0;
}

/* The account of the line, also where the ledger did not know its money to be there. */
static const struct posting_account *account_of(const struct plan *plan, const struct book_break *broken)
{
	struct bank_statement *statement = NULL;

	return line_find(plan->book, span_of(broken->about), &statement) != NULL ? &statement->is.account
										   : &broken->account;
}

static bool used_before(const struct plan *plan, struct span by)
{
	const struct book_break *breaks = plan->book->breaks.at;

	for (size_t i = 0; i < plan->book->breaks.n; i++)
		if (breaks[i].cleared && span_is(by, breaks[i].cleared_by))
			return true;
	return false;
}

static bool is_entry(struct plan *plan, const struct book_break *broken, struct span id)
{
	const struct bank_entry *entries = plan->book->bank_entries.at;

	for (size_t i = 0; i < plan->book->bank_entries.n; i++)
		if (span_is(id, entries[i].id) && same_place(&entries[i].account, account_of(plan, broken)) &&
		    entries[i].fen == broken->fen && entries[i].credit == broken->credit &&
		    !used_before(plan, id))
			return true;
	return plan_refuse(plan, 409, "NOT_THAT", "no entry of that id, account, amount and direction, or one of another break");
}

static bool is_attempt(struct plan *plan, const struct book_break *broken, struct span id)
{
	struct dossier *dossier;
	const struct book_attempt *attempt = attempt_find(plan->book, id, &dossier);
	const char *line = attempt == NULL ? "" : broken->credit ? attempt->return_line : attempt->line;

	if (strcmp(line, broken->about) != 0)
		return plan_refuse(plan, 409, "NOT_THAT", "this line is not told of that payment");
	return true;
}

/* The bank took back what it did by mistake: both leave suspense, each by a record of its own. */
static bool is_against(struct plan *plan, const struct book_break *broken, struct span id)
{
	const struct book_break *other = break_find(plan->book, id);

	if (other == NULL || !other->suspended || other->credit == broken->credit || other->fen != broken->fen ||
	    !same_place(account_of(plan, other), account_of(plan, broken)) || used_before(plan, id) ||
	    (other->cleared && strcmp(other->cleared_by, broken->id) != 0))
		return plan_refuse(plan, 409, "NOT_THAT", "no break of that account and amount that goes the other way");
	return true;
}

bool guard_suspense_clear(struct plan *plan)
{
	struct clearing *clearing = arena_new(plan->arena, struct clearing);
	struct span entry = plan_field(plan, "entry"), attempt = plan_field(plan, "attempt"),
		    against = plan_field(plan, "against");
	struct book_break *broken = find_open(plan);
	bool is;

	if (broken == NULL)
		return false;
	if (!broken->suspended || broken->cleared)
		return plan_refuse(plan, 409, "NOT_SUSPENDED", "it has no money in suspense");
	if (!span_empty(entry) + !span_empty(attempt) + !span_empty(against) != 1)
		return plan_refuse(plan, 400, "MISSING_FIELD", "one of entry, attempt and against");
	clearing->broken = broken;
	clearing->by = !span_empty(entry) ? entry : !span_empty(attempt) ? attempt : against;
	is = !span_empty(entry) ? is_entry(plan, broken, entry)
	     : !span_empty(attempt) ? is_attempt(plan, broken, attempt) : is_against(plan, broken, against);
	if (!is)
		return false;
	plan->made = clearing;
	post(plan, POSTING_CLEARED, broken, &broken->account);
	return true;
}

void take_suspense_clear(struct book *book, const struct plan *plan)
{
	const struct clearing *clearing = plan->made;

	(void)book;
	clearing->broken->cleared = true;
	NAME_PUT(clearing->broken->cleared_by, clearing->by);
}

/* --- entries that a line may turn out to be --------------------------------------------------------- */

static bool is_account(enum ledger_code code)
{
	return code == LEDGER_BANK || code == LEDGER_FLOAT || code == LEDGER_CASH_AT_BRANCH;
}

/* Posted by people, not of a payment and not of suspense itself. */
static bool by_people(enum posting posting)
{
	return posting == POSTING_RECEIVED || posting == POSTING_FEE || posting == POSTING_TAX ||
	       posting == POSTING_FUNDED || posting == POSTING_RECOVERED;
}

void take_bank_entry(struct book *book, const struct plan *plan)
{
	for (size_t i = 0; by_people(plan->posting) && i < plan->entry.nlegs; i++) {
		const struct ledger_leg *leg = &plan->entry.legs[i];
		struct bank_entry *entry;

		if (!is_account(leg->code))
			continue;
		entry = list_add(&book->bank_entries, sizeof(*entry));
		NAME_PUT(entry->id, span_of(plan->entry.id));
		NAME_PUT(entry->ledger, span_of(leg->book));
		entry->account.code = leg->code;
		NAME_PUT(entry->account.detail, span_of(leg->detail));
		entry->fen = leg->fen;
		entry->credit = leg->debit;
	}
}
