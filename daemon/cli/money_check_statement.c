/*
 * I09: the bank's statements. Each one is whole and follows the one before;
 * each line is told of once, as the payment or return it is, or as a break; a
 * payment has its line after two days, or a break says that it has none. What
 * the auditor has from the bank is what was taken in.
 *
 * So the bank's balance is the ledger's but for open items, which are those
 * breaks and what is younger than two days.
 */
#include "daemon/cli/money_check_parts.h"

#include "daemon/base/hex.h"
#include "daemon/cli/money_export.h"

#include <stdlib.h>

#define FILE_LINES_MAX 4000
#define IN_USE_MS (31 * MONEY_DAY_MS)
#define DUE_MS (3 * MONEY_DAY_MS)    /* the end of the second day, and a day for the timer */

struct import {
	struct span id, account, date;   /* "S46" */
	unsigned char file[MONEY_HASH_BYTES];
	int64_t opening, closing;
	uint64_t seq;
	bool by_hand;
	struct money_actor importer;     /* by hand */
};

struct bank_line {
	struct span id, instruction;     /* of the bank; empty: it names none */
	struct span name, account;       /* "S12:3"; "bank:main" */
	bool credit;
	int64_t fen;
	size_t import;
	bool matched, broken, cleared;   /* cleared: people have told what it was */
	uint64_t seq;
};

/* A file of the auditor's. */
struct statement {
	unsigned char hash[MONEY_HASH_BYTES];
	bool read;                       /* it is JSON, and could be read; else its hash alone counts */
	char date[12];
	int64_t opening, closing;
	struct bank_line *lines;
	size_t nlines;
	bool imported;
};

static struct import *import_at(const struct money_check *check, size_t index)
{
	return &((struct import *)check->imports.at)[index];
}

static struct bank_line *line_at(const struct money_check *check, size_t index)
{
	return &((struct bank_line *)check->lines.at)[index];
}

static struct statement *statement_at(const struct money_check *check, size_t index)
{
	return &((struct statement *)check->statements.at)[index];
}

/* --- what the auditor has -------------------------------------------------------------------- */

static bool minor_of(struct span file, const struct json_object *object, const char *name, struct arena *arena,
		     int64_t *fen)
{
	const struct json_member *member = json_member_find(object, name), *minor;
	struct json_object *amount = arena_new(arena, struct json_object);
	struct complaint ignored;

	if (member == NULL || member->kind != JSON_TREE || !json_object_within(file, member, arena, amount, &ignored))
		return false;
	minor = json_member_find(amount, "minor");
	return minor != NULL && minor->kind == JSON_NUMBER && money_read(minor->text, true, fen);
}

static bool read_line(struct money_check *check, struct span file, const struct json_member *element,
		      struct bank_line *line)
{
	struct json_object *object = arena_new(&check->arena, struct json_object);
	struct complaint ignored;

	if (element->kind != JSON_TREE || !json_object_within(file, element, &check->arena, object, &ignored))
		return false;
	*line = (struct bank_line){ .id = money_keep(check, json_member_text(object, "line_id")),
				    .instruction = money_keep(check, json_member_text(object, "instruction_id")) };
	line->credit = span_is(json_member_text(object, "direction"), "credit");
	return minor_of(file, object, "amount", &check->arena, &line->fen);
}

static bool read_lines(struct money_check *check, struct span file, const struct json_member *member,
		       struct statement *statement)
{
	struct json_member element;
	struct json_array array;

	if (member == NULL || !json_array_within(file, member, &array))
		return false;
	statement->lines = arena_array(&check->store, struct bank_line, FILE_LINES_MAX);
	while (json_array_next(&array, &check->arena, &element))
		if (statement->nlines == FILE_LINES_MAX ||
		    !read_line(check, file, &element, &statement->lines[statement->nlines++]))
			return false;
	return true;
}

static bool read_json(struct money_check *check, struct span file, struct statement *statement)
{
	struct json_object *object = arena_new(&check->arena, struct json_object);
	struct complaint ignored;
	struct span date;

	if (!json_object_read(file, &check->arena, object, &ignored))
		return false;
	date = json_member_text(object, "date");
	if (date.len >= sizeof(statement->date))
		return false;
	memcpy(statement->date, date.at, date.len);
	return minor_of(file, object, "opening", &check->arena, &statement->opening) &&
	       minor_of(file, object, "closing", &check->arena, &statement->closing) &&
	       read_lines(check, file, json_member_find(object, "lines"), statement);
}

/* Of a file in another form (camt.053, CSV) the bytes alone are compared, by their hash. */
bool money_check_statement(struct money_check *check, struct span bytes, struct complaint *why)
{
	struct statement statement = { .read = false };

	check->has_statements = true;
	check->findings[MONEY_I09_STATEMENTS].looked_at = true;
	crypto_hash_sha256(statement.hash, (const unsigned char *)bytes.at, bytes.len);
	if (!money_map_add(&check->by_statement, span_from(statement.hash, MONEY_HASH_BYTES), NO_SPAN,
			   check->statements.n))
		return complain(why, 0, "the same file is there twice");
	statement.read = bytes.len > 0 && bytes.at[0] == '{';
	if (statement.read && !read_json(check, bytes, &statement))
		return complain(why, 0, "the statement cannot be read");
	arena_clear(&check->arena);
	*(struct statement *)money_list_add(&check->statements, sizeof(statement)) = statement;
	return true;
}

/* --- statement.import ---------------------------------------------------------------------------- */

/* "<id> <Dr or Cr> <fen> <booked> <kind> <instruction or -> <reference or ->" */
static bool take_line(struct money_check *check, struct span text, struct bank_line *line)
{
	struct span rest = text, part[7];
	size_t n = 0;

	while (n < 7 && span_cut(&rest, ' ', &part[n]))
		n++;
	if (n != 7 || !span_empty(rest) || !money_read(part[2], false, &line->fen) || line->fen <= 0)
		return false;
	line->id = money_keep(check, part[0]);
	line->credit = span_is(part[1], "Cr");
	line->instruction = span_is(part[5], "-") ? NO_SPAN : money_keep(check, part[5]);
	return line->credit || span_is(part[1], "Dr");
}

static void take_lines(struct money_check *check, const struct import *import)
{
	struct span rest = money_line_text(check->line, "lines"), row;
	int64_t sum = import->opening, count = 0;
	size_t n = 0;

	while (!span_empty(rest) && span_cut(&rest, '\n', &row)) {
		struct bank_line line = { .import = check->imports.n - 1, .seq = check->seq };

		if (!take_line(check, row, &line)) {
			money_broken(check, MONEY_I09_STATEMENTS, "line %zu of the statement cannot be read", n + 1);
			return;
		}
		if (!(line.credit ? money_add(sum, line.fen, &sum) : money_subtract(sum, line.fen, &sum)))
			money_broken(check, MONEY_I09_STATEMENTS, "its sums are out of range");
		money_map_add(&check->by_line,
			      span_of(arena_printf(&check->arena, "%.*s:%zu", (int)import->id.len, import->id.at, ++n)),
			      NO_SPAN, check->lines.n);
		line.name = span_of(arena_printf(&check->store, "%.*s:%zu", (int)import->id.len, import->id.at, n));
		line.account = import->account;
		if (!line.credit && !span_empty(line.instruction))
			money_map_add(&check->by_debit, line.instruction, NO_SPAN, check->lines.n);
		*(struct bank_line *)money_list_add(&check->lines, sizeof(line)) = line;
	}
	if (sum != import->closing)
		money_broken(check, MONEY_I09_STATEMENTS, "opening and lines come to %lld fen, not %lld", (long long)sum,
			     (long long)import->closing);
	if (!money_line_number(check->line, "count", &count) || (size_t)count != n)
		money_broken(check, MONEY_I09_STATEMENTS, "it tells of %lld lines, there are %zu", (long long)count, n);
}

static bool same_line(const struct bank_line *a, const struct bank_line *b)
{
	return a->credit == b->credit && a->fen == b->fen && span_eq(a->instruction, b->instruction);
}

/* Each line of the file is one of the record, whatever the order. */
static bool same_lines(const struct money_check *check, const struct statement *statement, size_t import, size_t from)
{
	for (size_t i = 0; i < statement->nlines; i++) {
		bool found = false;

		for (size_t k = from; k < check->lines.n && !found; k++)
			found = line_at(check, k)->import == import &&
				span_eq(line_at(check, k)->id, statement->lines[i].id) &&
				same_line(line_at(check, k), &statement->lines[i]);
		if (!found)
			return false;
	}
	return statement->nlines == check->lines.n - from;
}

static void compare_file(struct money_check *check, const struct import *import, size_t from)
{
	size_t index = money_map_get(&check->by_statement, span_from(import->file, MONEY_HASH_BYTES), NO_SPAN);
	struct statement *statement;

	if (!check->has_statements)
		return;
	if (index == MONEY_MAP_NONE) {
		money_broken(check, MONEY_I09_STATEMENTS, "the file it is made from is none of those in --statements");
		return;
	}
	statement = statement_at(check, index);
	statement->imported = true;
	if (statement->read && (statement->opening != import->opening || statement->closing != import->closing ||
				!same_lines(check, statement, check->imports.n - 1, from)))
		money_broken(check, MONEY_I09_STATEMENTS, "it says something else than the file it is made from");
}

void money_take_import(struct money_check *check, struct money_act *act)
{
	const struct money_line *line = check->line;
	struct import *import = money_list_add(&check->imports, sizeof(*import));
	struct span file = money_line_text(line, "file");
	size_t from = check->lines.n;

	import->seq = check->seq;
	import->by_hand = act->staff != NULL;
	import->importer = act->actor;
	import->importer.person = money_keep(check, act->actor.person);
	import->importer.deputy_of = money_keep(check, act->actor.deputy_of);
	import->id = money_keep(check, span_of(arena_printf(&check->arena, "S%llu", (unsigned long long)check->seq)));
	import->account = money_keep(check, money_line_text(line, "account"));
	import->date = money_keep(check, money_line_text(line, "date"));
	if (!money_line_balance(line, "opening", &import->opening) ||
	    !money_line_balance(line, "closing", &import->closing) ||
	    !hex_get(file, import->file, sizeof(import->file)))
		money_broken(check, MONEY_I09_STATEMENTS, "the statement cannot be read");
	for (size_t i = 0; i + 1 < check->imports.n; i++)
		if (span_eq(import_at(check, i)->account, import->account) && span_eq(import_at(check, i)->date, import->date))
			money_broken(check, MONEY_I09_STATEMENTS, "a second statement of this account and day");
	take_lines(check, import);
	compare_file(check, import, from);
}

/* --- lines that are told of ------------------------------------------------------------------------ */

static struct bank_line *line_of(struct money_check *check, struct span id)
{
	size_t index = money_map_get(&check->by_line, id, NO_SPAN);

	return index != MONEY_MAP_NONE ? line_at(check, index) : NULL;
}

/* The account that the report posts to, or that was posted. */
static struct span account_told(const struct money_check *check, const struct money_attempt *attempt, bool returned)
{
	struct span told = money_line_text(check->line, "source");
	bool ended = span_is(attempt->state, "RETURNED");

	if (returned && ended)
		return attempt->back;
	return !span_empty(told) && !ended && (returned || !span_is(attempt->state, "SUCCEEDED")) ? told : attempt->source;
}

/* An attempt rests on a line. */
void money_line_look(struct money_check *check, struct money_attempt *attempt)
{
	struct span id = money_line_text(check->line, "line");
	struct bank_line *line = line_of(check, id);
	bool returned = span_is(money_line_text(check->line, "state"), "RETURNED");

	if (span_empty(id))
		return;
	if (line == NULL) {
		money_broken(check, MONEY_I09_STATEMENTS, "there is no line %.*s", (int)id.len, id.at);
		return;
	}
	if (line->matched || (line->broken && !span_is(check->line->role, "finance") && !span_eq(attempt->seen, id)))
		money_broken(check, MONEY_I09_STATEMENTS, "line %.*s was told of before", (int)id.len, id.at);
	if (line->credit != returned || line->fen != attempt->fen ||
	    (!line->broken && !span_empty(line->instruction) && !span_eq(line->instruction, attempt->instruction)))
		money_broken(check, MONEY_I09_STATEMENTS, "line %.*s is about something else", (int)id.len, id.at);
	if (!span_eq(line->account, account_told(check, attempt, returned)))
		money_broken(check, MONEY_I09_STATEMENTS, "line %.*s is of another account than %.*s", (int)id.len, id.at,
			     (int)attempt->id.len, attempt->id.at);
	if (returned ? attempt->credited : attempt->debited)
		money_broken(check, MONEY_I09_STATEMENTS, "%.*s has a statement line already", (int)attempt->id.len,
			     attempt->id.at);
	line->matched = true;
	*(returned ? &attempt->credited : &attempt->debited) = true;
}

const struct money_actor *money_line_importer(struct money_check *check)
{
	const struct bank_line *line = line_of(check, money_line_text(check->line, "line"));
	const struct import *import = line != NULL ? import_at(check, line->import) : NULL;

	return import != NULL && import->by_hand ? &import->importer : NULL;
}

/* What a line puts into suspense (L18) or takes out of it (L19, `back`). */
static void check_suspense(struct money_check *check, const struct bank_line *line, bool back)
{
	unsigned code = line->credit ? MONEY_SUSPENSE_CREDIT : MONEY_SUSPENSE_DEBIT;
	int64_t expected = line->credit == back ? line->fen : -line->fen;

	if (money_legs_sum(check->line, code, NULL) != expected)
		money_broken(check, MONEY_I09_STATEMENTS, "the line is of %lld fen, suspense gets something else",
			     (long long)line->fen);
}

/* A break is about a line, a statement, or a payment that has no line. */
void money_take_break(struct money_check *check, struct money_act *act)
{
	struct span subject = check->line->subject, id;
	struct bank_line *line = line_of(check, subject);

	(void)act;
	money_map_set(&check->breaks, subject, money_line_text(check->line, "class"), (size_t)check->seq);
	if (line == NULL)
		return;
	id = span_of(arena_printf(&check->arena, "B%llu", (unsigned long long)check->seq));
	money_map_set(&check->by_break, id, NO_SPAN, money_map_get(&check->by_line, subject, NO_SPAN));
	if (line->matched || line->broken)
		money_broken(check, MONEY_I09_STATEMENTS, "line %.*s was told of before", (int)subject.len, subject.at);
	line->broken = true;
	check_suspense(check, line, false);
}

void money_take_clear(struct money_check *check, struct money_act *act)
{
	size_t index = money_map_get(&check->by_break, check->line->subject, NO_SPAN);

	(void)act;
	if (index == MONEY_MAP_NONE)
		money_broken(check, MONEY_I09_STATEMENTS, "suspense is cleared of a break that there is not");
	else {
		check_suspense(check, line_at(check, index), true);
		line_at(check, index)->cleared = true;
	}
}

bool money_debit_find(const struct money_check *check, struct span instruction, struct money_debit *out)
{
	size_t index = money_map_get(&check->by_debit, instruction, NO_SPAN);
	const struct bank_line *line = index != MONEY_MAP_NONE ? line_at(check, index) : NULL;

	if (line == NULL || line->matched || line->cleared)
		return false;
	*out = (struct money_debit){ .id = line->name, .account = line->account, .fen = line->fen };
	return true;
}

/* --- up to a day ------------------------------------------------------------------------------------- */

/* The last one of the same account. */
static const struct import *newest(const struct money_check *check, const struct import *of)
{
	const struct import *newest = of;

	for (size_t i = 0; i < check->imports.n; i++)
		if (span_eq(import_at(check, i)->account, of->account) && import_at(check, i)->date.len == newest->date.len &&
		    memcmp(import_at(check, i)->date.at, newest->date.at, newest->date.len) > 0)
			newest = import_at(check, i);
	return newest;
}

static bool is_told_until(const struct money_check *check, struct span account, struct span date)
{
	for (size_t i = 0; i < check->imports.n; i++) {
		const struct import *import = import_at(check, i);

		if (span_eq(import->account, account) && import->date.len == date.len &&
		    memcmp(import->date.at, date.at, date.len) >= 0)
			return true;
	}
	return false;
}

/* A counter has nobody who could be asked: with money in it, it says what it paid. */
static void check_cash(struct money_check *check, struct span date)
{
	for (size_t i = 0; i < check->ledger.accounts.n; i++) {
		const struct money_account *account = &((struct money_account *)check->ledger.accounts.at)[i];
		struct span name;

		if (account->code != MONEY_CASH || account->balance == 0)
			continue;
		name = span_of(arena_printf(&check->arena, "cash:%.*s", (int)account->detail.len, account->detail.at));
		if (!is_told_until(check, name, date))
			money_broken(check, MONEY_I09_STATEMENTS, "reconciled, and of %.*s nothing is there", (int)name.len,
				     name.at);
	}
}

/* What ends a month before the restore is of an account that nobody uses any more. */
void money_statements_until(struct money_check *check, struct span date)
{
	char month_ago[MONEY_DATE_MAX];

	check_cash(check, date);
	money_export_date(check->restored_ms - IN_USE_MS, month_ago);
	for (size_t i = 0; i < check->imports.n; i++) {
		const struct import *last = newest(check, import_at(check, i));

		if (last->date.len == date.len && memcmp(last->date.at, date.at, date.len) < 0 &&
		    memcmp(last->date.at, month_ago, date.len) >= 0)
			money_broken(check, MONEY_I09_STATEMENTS, "reconciled, and of %.*s nothing is there behind %.*s",
				     (int)last->account.len, last->account.at, (int)last->date.len, last->date.at);
	}
	for (size_t i = 0; i < check->lines.n; i++)
		if (!line_at(check, i)->matched && !line_at(check, i)->broken)
			money_broken(check, MONEY_I09_STATEMENTS, "reconciled before a line was told of");
}

/* --- the end --------------------------------------------------------------------------------------- */

static bool has_break(struct money_check *check, struct span subject, const char *class)
{
	return money_map_get(&check->breaks, subject, span_of(class)) != MONEY_MAP_NONE;
}

static int by_account_and_date(const void *a, const void *b)
{
	const struct import *x = a, *y = b;
	size_t len = x->account.len < y->account.len ? x->account.len : y->account.len;
	int order = memcmp(x->account.at, y->account.at, len);

	if (order == 0)
		order = (x->account.len > y->account.len) - (x->account.len < y->account.len);
	return order != 0 || x->date.len != y->date.len ? order : memcmp(x->date.at, y->date.at, x->date.len);
}

static void check_follow(struct money_check *check)
{
	if (check->imports.n > 1)
		qsort(check->imports.at, check->imports.n, sizeof(struct import), by_account_and_date);
	for (size_t i = 1; i < check->imports.n; i++) {
		const struct import *before = import_at(check, i - 1), *import = import_at(check, i);

		check->seq = import->seq;
		if (span_eq(before->account, import->account) && before->closing != import->opening &&
		    !has_break(check, import->id, "R8"))
			money_broken(check, MONEY_I09_STATEMENTS, "%.*s opens with %lld fen, the one before closed with %lld",
				     (int)import->id.len, import->id.at, (long long)import->opening,
				     (long long)before->closing);
	}
}

/* Two days after it was told, a payment has its line, or a break says that it has none. */
static void check_successes(struct money_check *check)
{
	for (size_t i = 0; i < check->attempts.n; i++) {
		const struct money_attempt *attempt = money_attempt_at(check, i);

		check->seq = attempt->paid_seq;
		if (attempt->paid_ms > 0 && !attempt->debited && check->last_ms >= attempt->paid_ms + DUE_MS &&
		    !has_break(check, attempt->id, "R1"))
			money_broken(check, MONEY_I09_STATEMENTS, "%.*s was paid, and no statement line nor break tells of it",
				     (int)attempt->id.len, attempt->id.at);
	}
}

/* A day's statement is there two days later. */
static void check_imported(struct money_check *check)
{
	char limit[MONEY_DATE_MAX];

	money_export_date(check->last_ms > DUE_MS ? check->last_ms - DUE_MS : 0, limit);
	check->seq = check->n;
	for (size_t i = 0; i < check->statements.n; i++) {
		const struct statement *statement = statement_at(check, i);

		if (!statement->imported && statement->read && strcmp(statement->date, limit) < 0)
			money_broken(check, MONEY_I09_STATEMENTS, "the statement of %s was never taken in", statement->date);
	}
}

void money_statement_end(struct money_check *check)
{
	check_follow(check);
	for (size_t i = 0; i < check->lines.n; i++) {
		check->seq = line_at(check, i)->seq;
		if (!line_at(check, i)->matched && !line_at(check, i)->broken && check->n > check->seq + check->lines.n)
			money_broken(check, MONEY_I09_STATEMENTS, "a line of the statement is told of nowhere");
	}
	if (!check->has_statements)
		return;
	check_successes(check);
	check_imported(check);
}
