/*
 * From a statement as a reader made it to the command that imports it.
 */
#include "daemon/base/hex.h"
#include "daemon/money/book_state.h"

#include <assert.h>

#define KEY_DIGITS 40

static void add(struct book_command *command, const char *name, struct span value)
{
	assert(command->nfields < BOOK_FIELDS_MAX);
	command->fields[command->nfields++] = (struct book_field){ .name = name, .value = value };
}

static void add_number(struct book_command *command, const char *name, int64_t number, struct arena *arena)
{
	char text[MONEY_TEXT_MAX];

	add(command, name, arena_dup(arena, money_write(number, text)));
}

static struct span lines_of(const struct statement *statement, struct arena *arena)
{
	struct buf text = { 0 };
	struct span copy;

	for (size_t i = 0; i < statement->n; i++) {
		if (i > 0)
			buf_add_byte(&text, '\n');
		buf_add_span(&text, statement_line_write(&statement->lines[i], arena));
	}
	copy = arena_dup(arena, buf_span(&text));
	buf_release(&text);
	return copy;
}

bool book_import_command(const struct statement *statement, struct span account, struct span rail, struct span ledger,
			 struct arena *arena, struct book_command *command, struct complaint *why)
{
	const char *hash = hex_text(arena, statement->hash, sizeof(statement->hash));

	if (statement->foreign)
		return complain(why, 0, "an amount is not in CNY");
	if (statement->opening < 0 || statement->closing < 0)
		return complain(why, 0, "the account is overdrawn, which one of public money cannot be");
	*command = (struct book_command){ .kind = "statement.import", .subject = ledger,
					  .key = span_of(arena_printf(arena, "import:%.*s", KEY_DIGITS, hash)) };
	add(command, "account", account);
	add(command, "rail", rail);
	add(command, "date", arena_dup(arena, span_of(statement->date)));
	add_number(command, "sequence", statement->sequence, arena);
	add_number(command, "opening", statement->opening, arena);
	add_number(command, "closing", statement->closing, arena);
	add_number(command, "count", (int64_t)statement->n, arena);
	add(command, "file", span_of(hash));
	add(command, "lines", lines_of(statement, arena));
	return true;
}

bool book_is_reconciling(const struct book_command *command)
{
	if (strcmp(command->kind, "break.open") == 0)
		return true;
	for (size_t i = 0; i < command->nfields && strcmp(command->kind, "attempt.observe") == 0; i++)
		if (strcmp(command->fields[i].name, "line") == 0)
			return true;
	return false;
}
