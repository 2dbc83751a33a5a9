/*
 * The rows of STATE/staff.jsonl and a locked change of them; for the files that
 * read and change it.
 */
#ifndef TIPLINE_SYS_ACCOUNTS_FILE_H
#define TIPLINE_SYS_ACCOUNTS_FILE_H

#include "daemon/base/arena.h"
#include "daemon/sys/accounts.h"
#include "daemon/sys/file_change.h"

#define ACCOUNTS_FILE_MAX ((size_t)64 << 20)

/* Rows in order of the file. Zeroes are an empty one. */
struct account_rows {
	struct account *at;
	size_t n;
	struct arena arena;      /* holds what the rows point to */
};

void account_rows_release(struct account_rows *rows);
struct account *account_rows_find(const struct account_rows *rows, struct span person);

/* An empty row behind the others, until the next is added; its person is to be put. */
struct account *account_rows_add(struct account_rows *rows);

/* Reads all lines; false at the first that is wrong, a line without its end among them. Those before it stay. */
bool account_rows_parse(struct account_rows *rows, struct span bytes, struct complaint *why);
bool account_rows_read(struct account_rows *rows, const char *path, struct complaint *why);
void account_rows_print(const struct account_rows *rows, struct buf *to);

/* Names are UTF-8 of 1 to ACCOUNT_NAME_MAX bytes without control characters. */
bool account_name_ok(struct span name);

/* --- one change of the file ------------------------------------------------- */

struct account_change {
	struct file_change file;
	struct account_rows rows;  /* as they are, then as they shall be */
};

/* Locks and reads. account_change_end() must follow, whatever the result. */
bool account_change_begin(struct account_change *change, const char *state_dir, struct complaint *why);
bool account_change_write(struct account_change *change, struct complaint *why);
void account_change_end(struct account_change *change);

#endif
