/*
 * tipctl reconcile, inside: a book that is read from a journal and written on.
 * Where the journal is, is known to tipctl_reconcile_journal.c alone.
 */
#ifndef TIPLINE_CLI_TIPCTL_RECONCILE_H
#define TIPLINE_CLI_TIPCTL_RECONCILE_H

#include "daemon/money/book.h"

struct ctl_book {
	struct book *book;
	const char *path;
	int lock;                  /* descriptor; -1: for reading alone */
	struct buf pending;        /* records that were taken in and are not written yet */
	struct arena arena;
};

/*
 * Reads the journal (a file of canonical records, one a line) into a book; key:
 * a file with the 64 hex digits that instruction ids are derived from. To
 * write, the journal is locked. False: `why` names the line.
 */
bool ctl_book_open(struct ctl_book *b, const char *path, const char *key, bool write, struct complaint *why);

/* Decides and takes in; the record is kept for ctl_book_write(). */
enum book_answer ctl_book_do(struct ctl_book *b, const struct book_command *command, struct book_refusal *refusal);

/* All that was taken in goes to the journal at once, or nothing. */
bool ctl_book_write(struct ctl_book *b, struct complaint *why);

void ctl_book_close(struct ctl_book *b);

/* The time at which it decides. */
int64_t ctl_book_now(void);

#endif
