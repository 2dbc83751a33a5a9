/*
 * The rows of STATE/staff.jsonl and a locked change of them; for the files that
 * read and change it.
 */
#ifndef TIPLINE_SYS_STAFF_REGISTER_FILE_H
#define TIPLINE_SYS_STAFF_REGISTER_FILE_H

#include "daemon/base/arena.h"
#include "daemon/sys/staff_register.h"

#include <limits.h>

#define STAFF_FILE_MAX ((size_t)64 << 20)

/* Rows in order of the file. Zeroes are an empty one. */
struct staff_rows {
	struct staff_person *at;
	size_t n;
	struct arena arena;      /* holds what the rows point to */
};

void staff_rows_release(struct staff_rows *rows);
struct staff_person *staff_rows_find(const struct staff_rows *rows, struct span person);

/* An empty row behind the others, until the next is added; its person is to be put. */
struct staff_person *staff_rows_add(struct staff_rows *rows);

/* Reads all lines; false at the first that is wrong, a line without its end among them. Those before it stay. */
bool staff_rows_parse(struct staff_rows *rows, struct span bytes, struct complaint *why);
bool staff_rows_read(struct staff_rows *rows, const char *path, struct complaint *why);
void staff_rows_print(const struct staff_rows *rows, struct buf *to);

/* Names are UTF-8 of 1 to STAFF_NAME_MAX bytes without control characters. */
bool staff_name_ok(struct span name);

/* --- one change of the file ------------------------------------------------- */

struct staff_change {
	char path[PATH_MAX];
	int lock;
	struct staff_rows rows;  /* as they are, then as they shall be */
};

/* Locks and reads. staff_change_end() must follow, whatever the result. */
bool staff_change_begin(struct staff_change *change, const char *state_dir, struct complaint *why);
bool staff_change_write(struct staff_change *change, struct complaint *why);
void staff_change_end(struct staff_change *change);

#endif
