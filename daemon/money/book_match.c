/*
 * Lines and payments: what a line means now, when a report may rest on it,
 * and what the system has to do about statements.
 *
 * A line that proves a payment or its return becomes an attempt.observe with
 * the evidence of a statement; one that says what is known the same, without
 * a posting. Every other line becomes a break.
 */
#include "daemon/money/book_state.h"

#define AMBIGUOUS UINT64_MAX

/* --- judging ---------------------------------------------------------------------------- */

static uint64_t index_of(const struct dossier *dossier, const struct book_attempt *attempt)
{
	return (uint64_t)dossier->index << 16 | (attempt->number - 1);
}

static struct book_attempt *attempt_at(const struct book *book, uint64_t index, struct dossier **dossier)
{
	*dossier = dossier_at(book, (size_t)(index >> 16));
	return &(*dossier)->attempts[index & 0xffff];
}

static bool look_up(const struct mark_map *map, const char *use, struct span name, uint64_t *index)
{
	unsigned char mark[MARK_BYTES];

	name_mark(use, name, mark);
	return !span_empty(name) && mark_map_get(map, mark, index);
}

static struct reconcile_item item_of(const struct book_attempt *attempt)
{
	return (struct reconcile_item){ .instruction = span_of(attempt->instruction),
					.reference = span_of(attempt->provider_ref), .fen = attempt->fen,
					.state = attempt->state, .debited = attempt->line[0] != '\0',
					.returned = attempt->return_line[0] != '\0' };
}

/* A match is one of the account that was posted; on any other it is money nobody knows of. */
static void judge_account(const struct bank_statement *statement, const struct statement_line *line,
			  struct line_judgement *out)
{
	const struct book_attempt *attempt = out->attempt;
	const struct posting_account *posted;

	if (out->is.verdict == RECONCILE_BREAK || attempt == NULL)
		return;
	posted = line->credit && attempt->state == ATTEMPT_RETURNED ? &attempt->back : &attempt->source;
	if (same_place(posted, &statement->is.account))
		return;
	out->is.verdict = RECONCILE_BREAK;
	out->is.class = line->credit ? BREAK_RETURN : BREAK_STRANGER;
	out->is.hold = break_holds(out->is.class, line->credit);
}

void line_judge(const struct book *book, const struct bank_statement *statement, const struct statement_line *line,
		struct line_judgement *out)
{
	uint64_t name = 0, reference = 0;
	bool named = look_up(&book->by_instruction, "instruction", line->instruction, &name);
	bool referred = look_up(&book->by_reference, "reference", line->reference, &reference);
	bool ambiguous = referred && reference == AMBIGUOUS;
	struct reconcile_item items[2];
	const struct reconcile_item *one = NULL, *two = NULL, *about;

	*out = (struct line_judgement){ .dossier = NULL };
	referred = referred && !ambiguous;
	if (named) {
		items[0] = item_of(attempt_at(book, name, &out->dossier));
		one = &items[0];
	}
	if (referred && named && reference == name) {
		two = one;
	} else if (referred) {
		items[1] = item_of(attempt_at(book, reference, &out->dossier));
		two = &items[1];
	}
	out->is = reconcile_line(line, one, two, ambiguous);
	about = reconcile_item(line, one, two, ambiguous);
	out->dossier = NULL;
	if (about != NULL)
		out->attempt = attempt_at(book, about == one ? name : reference, &out->dossier);
	judge_account(statement, line, out);
}

/* --- a report that rests on a line --------------------------------------------------------- */

/*
 * By the same judgement as the system's; of a line in suspense, people may say
 * what it was, and it is the payment of the attempt that was started for it.
 */
static bool means(const struct plan *plan, const struct bank_statement *statement, const struct book_line *line,
		  enum attempt_state state)
{
	struct line_judgement judgement;

	if (line->broken)
		return plan->role == MONEY_FINANCE || span_is(plan_field(plan, "line"), plan->attempt->seen);
	line_judge(plan->book, statement, &line->is, &judgement);
	if (judgement.is.verdict == RECONCILE_BREAK || judgement.attempt != plan->attempt)
		return false;
	return judgement.is.verdict == RECONCILE_MATCH || judgement.is.to == state;
}

/* The account that the report is posted to, or was. */
static bool is_posted_there(const struct plan *plan, const struct bank_statement *statement, enum attempt_state state)
{
	const struct book_attempt *attempt = plan->attempt;
	struct posting_account posted = attempt->source;
	bool moves = attempt->state != state && attempt->state != ATTEMPT_RETURNED;

	if (moves && plan_given(plan, "source"))
		posting_account_parse(plan_field(plan, "source"), &posted);
	else if (state == ATTEMPT_RETURNED && attempt->state == ATTEMPT_RETURNED)
		posted = attempt->back;
	return same_place(&posted, &statement->is.account);
}

bool line_proves(struct plan *plan, enum attempt_state state)
{
	struct bank_statement *statement;
	const struct book_line *line = line_find(plan->book, plan_field(plan, "line"), &statement);
	bool success = state == ATTEMPT_SUCCEEDED;

	if (line == NULL)
		return plan_refuse(plan, 404, "NOT_FOUND", "no imported statement has this line");
	if (line->taken != 0 && !line->broken)
		return plan_refuse(plan, 409, "LINE_USED", "this line was matched before");
	if ((!success && state != ATTEMPT_RETURNED) || line->is.credit == success || line->is.fen != plan->attempt->fen)
		return plan_refuse(plan, 409, "LINE_DIFFERS", "the line says something else");
	if (!is_posted_there(plan, statement, state))
		return plan_refuse(plan, 409, "ACCOUNT_DIFFERS", "the line is of %s", statement->is.account_name);
	if (!means(plan, statement, line, state))
		return plan_refuse(plan, 409, "LINE_DIFFERS", "the line is not about this attempt");
	return true;
}

static void know_reference(struct book *book, const struct plan *plan)
{
	struct span reference = plan_field(plan, "provider_ref");
	uint64_t index = index_of(plan->dossier, &plan->attempt_after), before;
	unsigned char mark[MARK_BYTES];

	if (span_empty(reference))
		return;
	if (look_up(&book->by_reference, "reference", reference, &before) && before != index)
		index = AMBIGUOUS;
	name_mark("reference", reference, mark);
	mark_map_set(&book->by_reference, mark, index);
}

void line_done(struct bank_statement *statement, struct book_line *line, uint64_t seq)
{
	line->taken = seq;
	while (statement->judged < statement->is.nlines && statement->lines[statement->judged].taken != 0)
		statement->judged++;
}

void unmatched_drop(struct book *book, const struct dossier *dossier, const struct book_attempt *attempt)
{
	const uint64_t *unmatched = book->unmatched.at;

	for (size_t i = book->unmatched.n; i > 0; i--)
		if (unmatched[i - 1] == index_of(dossier, attempt))
			list_drop(&book->unmatched, sizeof(*unmatched), i - 1);
}

static void adopted_drop(struct book *book, uint64_t index)
{
	const uint64_t *adopted = book->adopted.at;

	for (size_t i = book->adopted.n; i > 0; i--)
		if (adopted[i - 1] == index)
			list_drop(&book->adopted, sizeof(*adopted), i - 1);
}

void take_start(struct book *book, const struct plan *plan)
{
	if (plan->attempt_after.seen[0] != '\0')
		*(uint64_t *)list_add(&book->adopted, sizeof(uint64_t)) = index_of(plan->dossier, &plan->attempt_after);
}

/* Every success waits for its line. */
static void wait_for_line(struct book *book, const struct plan *plan)
{
	const struct book_attempt *attempt = &plan->attempt_after;

	if (plan->attempt_before != ATTEMPT_SUCCEEDED && attempt->state == ATTEMPT_SUCCEEDED)
		*(uint64_t *)list_add(&book->unmatched, sizeof(uint64_t)) = index_of(plan->dossier, attempt);
	if (attempt->line[0] != '\0')
		unmatched_drop(book, plan->dossier, attempt);
}

/* A clerk whose own file says that money came back does not send it out again. */
static void note_importer(struct book *book, const struct plan *plan, const struct bank_statement *statement)
{
	const struct part *importer = statement->importer;
	struct dossier *dossier = dossier_at(book, plan->dossier->index);

	if (importer == NULL || plan->attempt_after.state != ATTEMPT_RETURNED || plan->attempt_before == ATTEMPT_RETURNED)
		return;
	dossier->parts = part_new(&book->store, dossier->parts,
				  &(struct staff_act){ .person = importer->person, .deputy_of = importer->deputy_of,
						       .at_ms = importer->at_ms },
				  PART_IMPORTER, dossier->round);
}

void line_take(struct book *book, const struct plan *plan)
{
	struct bank_statement *statement;
	struct book_line *line = plan_given(plan, "line") ? line_find(book, plan_field(plan, "line"), &statement) : NULL;
	struct book_break *missing;

	know_reference(book, plan);
	wait_for_line(book, plan);
	if (plan->attempt_after.line[0] != '\0')
		adopted_drop(book, index_of(plan->dossier, &plan->attempt_after));
	if (line == NULL)
		return;
	note_importer(book, plan, statement);
	if (!line->broken)
		line_done(statement, line, plan->seq);
	missing = plan->attempt_after.line[0] != '\0' ? break_about(book, BREAK_NO_LINE, plan->subject, true) : NULL;
	if (missing != NULL) {
		missing->resolved = true;
		missing->resolved_ms = plan->now_ms;
	}
}

enum break_class line_break_class(const struct statement_line *line, const struct line_judgement *judgement)
{
	if (judgement->is.class != BREAK_NONE)
		return judgement->is.class;
	return line->credit ? BREAK_RETURN : BREAK_NOT_SUCCESS;
}

/* --- what is to be done ----------------------------------------------------------------------- */

static void begin(struct book_command *command, const char *kind, struct span subject, struct span key)
{
	*command = (struct book_command){ .kind = kind, .person = SPAN("system"), .account = SPAN("system"),
					  .roles = MONEY_SYSTEM, .subject = subject, .key = key };
}

static void add(struct book_command *command, const char *name, struct span value)
{
	command->fields[command->nfields++] = (struct book_field){ .name = name, .value = value };
}

static void fill_break(struct book_command *command, enum break_class class, const char *about, struct arena *arena)
{
	begin(command, "break.open", arena_dup(arena, span_of(about)),
	      span_of(arena_printf(arena, "due:%s:%s", break_class_name(class), about)));
	add(command, "class", span_of(break_class_name(class)));
}

static void fill_report(struct book_command *command, const struct line_judgement *judgement,
			const struct statement_line *line, const char *id, struct arena *arena)
{
	char fen[MONEY_TEXT_MAX];

	begin(command, "attempt.observe",
	      span_of(arena_printf(arena, "%s-%u", judgement->dossier->is.id, judgement->attempt->number)),
	      span_of(arena_printf(arena, "due:line:%s", id)));
	add(command, "state", span_of(line->credit ? "RETURNED" : "SUCCEEDED"));
	add(command, "by", SPAN("statement"));
	add(command, "fen", arena_dup(arena, money_write(line->fen, fen)));
	add(command, "line", span_of(id));
}

/* A line that could be told of an attempt, but the attempt cannot take it any more, is a break after all. */
static void fill_line(const struct book *book, const struct bank_statement *statement, size_t index, int64_t now_ms,
		      struct arena *arena, struct book_command *command)
{
	const struct statement_line *line = &statement->lines[index].is;
	const char *id = arena_printf(arena, "%s:%zu", statement->is.id, index + 1);
	struct line_judgement judgement;

	line_judge(book, statement, line, &judgement);
	if (judgement.is.verdict != RECONCILE_BREAK) {
		fill_report(command, &judgement, line, id, arena);
		if (would_do(book, command, now_ms))
			return;
	}
	fill_break(command, line_break_class(line, &judgement), id, arena);
}

static bool line_due(const struct book *book, int64_t now_ms, struct arena *arena, struct book_command *command)
{
	for (size_t i = 0; i < book->statements.n; i++) {
		const struct bank_statement *statement = statement_at(book, i);

		if (statement->judged == statement->is.nlines)
			continue;
		fill_line(book, statement, statement->judged, now_ms, arena, command);
		return true;
	}
	return false;
}

/* Payments that a debit told of before they were started: it is theirs. */
static bool adopted_due(const struct book *book, int64_t now_ms, struct arena *arena, struct book_command *command)
{
	const uint64_t *adopted = book->adopted.at;

	for (size_t i = 0; i < book->adopted.n; i++) {
		struct line_judgement about = { .dossier = NULL };
		struct bank_statement *statement;
		const struct book_line *line;

		about.attempt = attempt_at(book, adopted[i], &about.dossier);
		line = line_find(book, span_of(about.attempt->seen), &statement);
		fill_report(command, &about, &line->is, about.attempt->seen, arena);
		if (would_do(book, command, now_ms))
			return true;
	}
	return false;
}

static bool gap_due(const struct book *book, struct arena *arena, struct book_command *command)
{
	for (size_t i = 0; i < book->statements.n; i++) {
		const struct bank_statement *statement = statement_at(book, i);

		if (!statement->gap || statement->gap_told)
			continue;
		fill_break(command, BREAK_BALANCE, statement->is.id, arena);
		return true;
	}
	return false;
}

/* Payments that should have been in a statement by now. */
static bool missing_due(const struct book *book, int64_t now_ms, struct arena *arena, struct book_command *command,
			int64_t *next_ms)
{
	const uint64_t *unmatched = book->unmatched.at;

	for (size_t i = 0; i < book->unmatched.n; i++) {
		struct dossier *dossier;
		const struct book_attempt *attempt = attempt_at(book, unmatched[i], &dossier);
		int64_t at_ms = reconcile_line_due_ms(attempt->changed_ms);

		if (at_ms <= now_ms) {
			fill_break(command, BREAK_NO_LINE,
				   arena_printf(arena, "%s-%u", dossier->is.id, attempt->number), arena);
			return true;
		}
		*next_ms = at_ms < *next_ms ? at_ms : *next_ms;
	}
	return false;
}

bool statement_due(const struct book *book, int64_t now_ms, struct arena *arena, struct book_command *command,
		   int64_t *next_ms)
{
	return adopted_due(book, now_ms, arena, command) || line_due(book, now_ms, arena, command) || gap_due(book, arena, command) ||
	       missing_due(book, now_ms, arena, command, next_ms);
}
