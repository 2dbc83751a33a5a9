/*
 * The rows of STATE/person-keys.jsonl and a locked change of them; for the files
 * that read and change it.
 */
#ifndef TIPLINE_SYS_PERSON_KEYS_FILE_H
#define TIPLINE_SYS_PERSON_KEYS_FILE_H

#include "daemon/sys/file_change.h"
#include "daemon/sys/person_keys.h"
#include "daemon/sys/person_wrap.h"
#include "daemon/sys/tokens.h"

#define PERSON_KEYS_FILE "person-keys.jsonl"
#define PERSON_KEYS_FILE_MAX ((size_t)64 << 20)
#define PERSON_WRAPS_MAX 256

struct person_row {
	char person[TOKEN_PERSON_MAX + 1];
	unsigned char public_key[PERSON_KEY_BYTES];
	int64_t made_ms;
	struct person_wrap *wraps;
	size_t nwraps;
};

/* Rows in order of the file. Zeroes are an empty one. */
struct person_rows {
	struct person_row *at;
	size_t n;
};

void person_rows_release(struct person_rows *rows);

/* Takes the wraps of the row; returns where it stands now, until the next one is added. */
struct person_row *person_rows_add(struct person_rows *rows, struct person_row row);
struct person_row *person_rows_find(const struct person_rows *rows, struct span person);

/* `row` is one of these; the order stays. */
void person_rows_drop(struct person_rows *rows, struct person_row *row);

/* The wrap of that kind, or NULL. */
struct person_wrap *person_row_wrap(const struct person_row *row, struct span by);

/* Reads all lines; false at the first that is wrong, a line without its end among them. */
bool person_rows_parse(struct person_rows *rows, struct span bytes, struct complaint *why);
bool person_rows_read(struct person_rows *rows, const char *path, struct complaint *why);
void person_rows_print(const struct person_rows *rows, struct buf *to);

/* --- one change of the file ------------------------------------------------- */

struct person_change {
	struct file_change file;
	struct person_rows rows;  /* as they are, then as they shall be */
};

/* Locks and reads. person_change_end() must follow, whatever the result. */
bool person_change_begin(struct person_change *change, const char *state_dir, struct complaint *why);
bool person_change_write(struct person_change *change, struct complaint *why);
void person_change_end(struct person_change *change);

#endif
