/*
 * What the bank says, as JSON; see told_bank.h.
 */
#include "handlers/reward/told_bank.h"

#include "daemon/sys/clock.h"
#include "handlers/reward/told.h"

static void put_text(struct json_out *json, const char *name, struct span text)
{
	if (span_empty(text))
		json_none(json, name);
	else
		json_text(json, name, text);
}

/* --- statements -------------------------------------------------------------------------- */

struct told_counts told_counts(const struct book_statement *statement)
{
	struct told_counts counts = { 0 };

	for (size_t i = 0; i < statement->nlines; i++)
		if (statement->lines[i].taken == 0)
			counts.waiting++;
		else if (statement->lines[i].broken)
			counts.breaks++;
		else
			counts.matched++;
	return counts;
}

void told_statement(const struct book_statement *statement, struct json_out *json)
{
	struct told_counts counts = told_counts(statement);

	json_text(json, "id", span_of(statement->id));
	json_text(json, "account", span_of(statement->account_name));
	json_text(json, "date", span_of(statement->date));
	json_i64(json, "sequence", statement->ends.sequence);
	json_text(json, "rail", span_of(statement->rail));
	json_text(json, "ledger", span_of(statement->ledger));
	json_i64(json, "opening", statement->ends.opening);
	json_i64(json, "closing", statement->ends.closing);
	told_hash(json, "file", statement->file);
	json_u64(json, "lines", statement->nlines);
	json_u64(json, "matched", counts.matched);
	json_u64(json, "breaks", counts.breaks);
	json_u64(json, "waiting", counts.waiting);
}

void told_line(const struct book_statement *statement, size_t index, const char *name, struct json_out *json)
{
	const struct book_line *line = &statement->lines[index];
	struct arena arena = { 0 };

	if (name != NULL)
		json_open_member(json, name, '{');
	else
		json_open(json, '{');
	json_text(json, "id", span_of(arena_printf(&arena, "%s:%zu", statement->id, index + 1)));
	json_text(json, "line", line->is.id);
	put_text(json, "instruction", line->is.instruction);
	put_text(json, "reference", line->is.reference);
	json_text(json, "side", line->is.credit ? SPAN("Cr") : SPAN("Dr"));
	json_i64(json, "fen", line->is.fen);
	json_text(json, "booked", span_of(line->is.booked));
	json_text(json, "kind", span_of(statement_kind_name(line->is.kind)));
	json_text(json, "state", line->taken == 0 ? SPAN("waiting") : line->broken ? SPAN("break") : SPAN("matched"));
	/* A break is named by the record that opened it, which is the one that judged the line. */
	if (line->broken)
		json_text(json, "break", span_of(arena_printf(&arena, "B%llu", (unsigned long long)line->taken)));
	else
		json_none(json, "break");
	json_u64(json, "seq", line->taken);
	json_close(json, '}');
	arena_release(&arena);
}

/* --- breaks -------------------------------------------------------------------------------- */

const struct book_statement *told_break_line(const struct book *book, const struct book_break *broken, size_t *index)
{
	struct span number = span_of(broken->about), id;
	const struct book_statement *statement;
	uint64_t n;

	if (broken->about[0] != 'S' || !span_cut(&number, ':', &id) || !span_u64(number, &n) || n == 0)
		return NULL;
	for (size_t i = 0; (statement = book_statement_at(book, i)) != NULL; i++)
		if (span_is(id, statement->id) && n <= statement->nlines) {
			*index = (size_t)n - 1;
			return statement;
		}
	return NULL;
}

struct span told_break_account(const struct book *book, const struct book_break *broken, struct arena *arena)
{
	size_t index;
	const struct book_statement *statement = told_break_line(book, broken, &index);
	const struct ledger_account_kind *kind = ledger_kind((unsigned)broken->account.code);
	const char *name = kind != NULL ? kind->name : "";

	if (statement != NULL)
		return span_of(statement->account_name);
	if (broken->account.code == LEDGER_CASH_AT_BRANCH)
		name = "cash";
	return kind == NULL ? (struct span){ 0 } : span_of(arena_printf(arena, "%s:%s", name, broken->account.detail));
}

const char *told_break_state(const struct book_break *broken)
{
	if (broken->resolved)
		return "resolved";
	if (!broken->suspended)
		return "open";
	return broken->cleared ? "cleared" : "suspense";
}

void told_break(const struct book *book, const struct book_break *broken, int64_t now_ms, struct arena *arena,
		struct json_out *json)
{
	json_text(json, "id", span_of(broken->id));
	json_text(json, "class", span_of(break_class_name(broken->class)));
	json_text(json, "help", span_of(break_class_help(broken->class)));
	json_text(json, "state", span_of(told_break_state(broken)));
	json_text(json, "about", span_of(broken->about));
	put_text(json, "account", told_break_account(book, broken, arena));
	put_text(json, "ledger", span_of(broken->ledger));
	json_text(json, "side", broken->credit ? SPAN("Cr") : SPAN("Dr"));
	json_i64(json, "fen", broken->fen);
	put_text(json, "cleared_by", span_of(broken->cleared_by));
	clock_put(json, "opened", broken->opened_ms);
	clock_put(json, "resolved", broken->resolved_ms);
	if (now_ms > 0)
		json_text(json, "age", span_of(break_age_name(break_age(broken->opened_ms, now_ms))));
}
