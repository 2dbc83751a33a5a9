/*
 * The rows of STATE/tokens.jsonl and a locked change of them; for the files
 * that read, change, and make demo accounts.
 */
#ifndef TIPLINE_SYS_TOKENS_FILE_H
#define TIPLINE_SYS_TOKENS_FILE_H

#include "daemon/sys/file_change.h"
#include "daemon/sys/tokens.h"

#define TOKENS_FILE_MAX ((size_t)16 << 20)

/* Rows in order of the file. Zeroes are an empty one. */
struct tokens_file {
	struct token *at;
	size_t n;
	size_t size;
};

void tokens_file_release(struct tokens_file *file);
void tokens_file_add(struct tokens_file *file, const struct token *token);

/* Reads all lines; false at the first that is wrong. Rows read before it stay in `file`. */
bool tokens_file_parse(struct tokens_file *file, struct span bytes, struct complaint *why);
bool tokens_file_read(struct tokens_file *file, const char *path, struct complaint *why);

/* All rows as text. */
void tokens_file_print(const struct tokens_file *file, struct buf *to);

/* --- one change of the file ------------------------------------------------- */

struct tokens_change {
	struct file_change disk;
	struct tokens_file file;  /* as it is, then as it shall be */
};

/* Locks and reads. tokens_change_end() must follow, whatever the result. */
bool tokens_change_begin(struct tokens_change *change, const char *state_dir, struct complaint *why);
bool tokens_change_write(struct tokens_change *change, struct complaint *why);
void tokens_change_end(struct tokens_change *change);

/* A new secret text; the id, hash and time that belong to it. */
void token_draw(char text[TOKEN_TEXT_BYTES + 1]);
void token_fill_in(struct token *token, struct span text, int64_t now_ms);

#endif
