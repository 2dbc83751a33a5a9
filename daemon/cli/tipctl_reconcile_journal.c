/*
 * The journal of tipctl reconcile: a file. Records are appended in one write
 * under a lock; a file that ends in the middle of a line is refused and not mended.
 */
#include "daemon/base/hex.h"
#include "daemon/cli/tipctl_reconcile.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/files.h"
#include "daemon/sys/random.h"

#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#define JOURNAL_BYTES_MAX (1024 * 1024 * 1024)
#define KEY_BYTES 32

static bool read_key(const char *path, unsigned char key[KEY_BYTES], struct complaint *why)
{
	struct buf text = { 0 };
	bool well = files_read(path, 4096, &text, why);

	if (well && !hex_get(span_from(text.at, text.len > 2 * KEY_BYTES && text.at[2 * KEY_BYTES] == '\n' ? 2 * KEY_BYTES
													  : text.len),
			     key, KEY_BYTES))
		well = complain(why, 0, "%s: 64 hexadecimal digits are expected", path);
	buf_release(&text);
	return well;
}

static bool take_line(struct ctl_book *b, struct span line, size_t number, struct complaint *why)
{
	struct arena arena = { 0 };
	struct record record;
	struct complaint inner = { .text = "" };
	bool well = record_read(line, &arena, &record, &inner) && book_apply(b->book, &record, &inner);

	arena_release(&arena);
	return well || complain(why, number, "%s:%zu: %s", b->path, number, inner.text);
}

static bool take_lines(struct ctl_book *b, struct span text, struct complaint *why)
{
	struct span line;

	if (text.len > 0 && text.at[text.len - 1] != '\n')
		return complain(why, 0, "%s: the last line has no end", b->path);
	for (size_t number = 1; span_cut(&text, '\n', &line) && !span_empty(line); number++)
		if (!take_line(b, line, number, why))
			return false;
	return true;
}

bool ctl_book_open(struct ctl_book *b, const char *path, const char *key_file, bool write, struct complaint *why)
{
	unsigned char key[KEY_BYTES];
	struct buf text = { 0 };
	uint64_t seed;
	bool well;

	*b = (struct ctl_book){ .path = path, .lock = -1 };
	if (!read_key(key_file, key, why))
		return false;
	if (write) {
		b->lock = files_lock(arena_printf(&b->arena, "%s.lock", path), why);
		if (b->lock < 0)
			return false;
	}
	random_bytes(&seed, sizeof(seed));
	b->book = book_new(key, seed);
	sodium_memzero(key, sizeof(key));
	well = files_read(path, JOURNAL_BYTES_MAX, &text, why) && take_lines(b, buf_span(&text), why);
	buf_release(&text);
	return well;
}

int64_t ctl_book_now(void)
{
	return clock_wall_ms();
}

enum book_answer ctl_book_do(struct ctl_book *b, const struct book_command *command, struct book_refusal *refusal)
{
	struct arena arena = { 0 };
	struct record record;
	struct complaint why = { .text = "" };
	uint64_t seq;
	enum book_answer answer = book_decide(b->book, command, clock_wall_ms(), &arena, &record, &seq, refusal);

	if (answer == BOOK_RECORD) {
		buf_add_span(&b->pending, record_write(&record, &arena));
		buf_add_byte(&b->pending, '\n');
		if (!book_apply(b->book, &record, &why)) {
			*refusal = (struct book_refusal){ .status = 500, .code = "NOT_APPLIED" };
			snprintf(refusal->detail, sizeof(refusal->detail), "%.150s", why.text);
			answer = BOOK_REFUSED;
		}
	}
	arena_release(&arena);
	return answer;
}

bool ctl_book_write(struct ctl_book *b, struct complaint *why)
{
	bool well = b->pending.len == 0 || files_append(b->path, buf_span(&b->pending), 0600, why);

	buf_clear(&b->pending);
	return well;
}

void ctl_book_close(struct ctl_book *b)
{
	book_free(b->book);
	buf_release(&b->pending);
	arena_release(&b->arena);
	if (b->lock >= 0)
		close(b->lock);
}
