/*
 * Any bytes as a command to the book: kind, account, then names and values of
 * fields, each ended by a NUL. It is refused with a code, or its record can be
 * read back; and either way the book is as it was.
 */
#include "tests/support/money_book.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "broken: %s\n", what);
	abort();
}

/* One reward in review, one claimed, one sent. */
static struct money_book *book_of_all(void)
{
	static struct money_book m;

	if (m.book == NULL) {
		money_book_begin(&m, 5000000);
		money_must(&m, "lin", "reward.submit", money_proposed(&m, "A"));
		money_claimed(&m, "B");
		money_sent(&m, "C");
	}
	return &m;
}

static struct span cut(struct span *rest)
{
	struct span word = { .at = rest->at, .len = 0 };

	span_cut(rest, '\0', &word);
	return word;
}

static const char *text_of(struct arena *arena, struct span text)
{
	return arena_dup(arena, text).at;
}

static void read_command(struct span rest, struct arena *arena, struct book_command *command)
{
	command->kind = text_of(arena, cut(&rest));
	command->account = cut(&rest);
	command->person = span_of(arena_printf(arena, "p-%.*s", (int)command->account.len, command->account.at));
	if (span_is(command->account, "system") || span_is(command->account, "claimant"))
		command->person = command->account;
	command->roles = 0x1ff;
	command->key = SPAN("fuzz");
	command->subject = cut(&rest);
	while (rest.len > 0 && command->nfields < BOOK_FIELDS_MAX) {
		command->fields[command->nfields].name = text_of(arena, cut(&rest));
		command->fields[command->nfields++].value = cut(&rest);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct money_book *m = book_of_all();
	struct arena arena = { 0 };
	struct book_command command = { .kind = "" };
	struct book_refusal refusal;
	struct record record, back;
	struct complaint why = { .text = "" };
	uint64_t seq, before = book_seq(m->book);
	enum book_answer answer;

	read_command(span_from(data, size), &arena, &command);
	answer = book_decide(m->book, &command, m->now_ms, &arena, &record, &seq, &refusal);
	if (answer == BOOK_RECORD)
		must(record_read(record_write(&record, &arena), &arena, &back, &why), "a record can be read back");
	else
		must(answer == BOOK_REPEATED || (refusal.code != NULL && refusal.status >= 400), "a refusal has a code");
	must(book_seq(m->book) == before, "deciding changes nothing");
	arena_release(&arena);
	return 0;
}
