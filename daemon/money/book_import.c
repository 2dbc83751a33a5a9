/*
 * From a statement as a reader made it to the command that imports it.
 */
#include "daemon/base/hex.h"
#include "daemon/money/book_state.h"

#include <assert.h>
#include <sodium.h>

#define KEY_DIGITS 40
#define KEY_BYTES (KEY_DIGITS / 2)

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

/* Two days without movement may have the same bytes: account and date are a part of the name. */
static struct span key_of(const struct statement *statement, struct span account, struct arena *arena)
{
	unsigned char digest[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state sha;

	crypto_hash_sha256_init(&sha);
	crypto_hash_sha256_update(&sha, (const unsigned char *)account.at, account.len);
	crypto_hash_sha256_update(&sha, (const unsigned char *)statement->date, sizeof(statement->date));
	crypto_hash_sha256_update(&sha, statement->hash, sizeof(statement->hash));
	crypto_hash_sha256_final(&sha, digest);
	return span_of(arena_printf(arena, "import:%s", hex_text(arena, digest, KEY_BYTES)));
}

void book_statement_carry(const struct book *book, struct span account, struct statement *statement)
{
	const struct book_statement *other, *last = NULL;
	int64_t day = statement_day(statement->date);

	for (size_t i = 0; statement->silent && (other = book_statement_at(book, i)) != NULL; i++)
		if (span_is(account, other->account_name) && other->ends.day < day &&
		    (last == NULL || last->ends.day < other->ends.day))
			last = other;
	if (last != NULL)
		statement->opening = statement->closing = last->ends.closing;
}

bool book_import_command(const struct statement *statement, struct span account, struct span rail, struct span ledger,
			 struct arena *arena, struct book_command *command, struct complaint *why)
{
	const char *hash = hex_text(arena, statement->hash, sizeof(statement->hash));

	if (statement->foreign)
		return complain(why, 0, "an amount is not in CNY");
	*command = (struct book_command){ .kind = "statement.import", .subject = ledger,
					  .key = key_of(statement, account, arena) };
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

void book_refused_command(const struct statement *statement, struct span account, enum break_class class,
			  struct arena *arena, struct book_command *command)
{
	struct span key = key_of(statement, account, arena);

	*command = (struct book_command){ .kind = "break.open" };
	command->subject = span_of(arena_printf(arena, "%.*s/%s", (int)account.len, account.at, statement->date));
	command->key = span_of(arena_printf(arena, "refused:%s:%s", break_class_name(class), key.at + strlen("import:")));
	add(command, "class", span_of(break_class_name(class)));
	add(command, "file", span_of(hex_text(arena, statement->hash, sizeof(statement->hash))));
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
