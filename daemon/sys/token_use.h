/*
 * On which day each token was used last: STATE/token-use.jsonl, one line a token,
 *   {"id","day":"2026-11-22"}
 *
 * Kept by the desk, read by `tipctl token list`. A day and no more: when somebody
 * worked is nobody's business here, and one write a day and token is cheap. Rows
 * that are older than TOKEN_USE_KEPT_DAYS go with the next write.
 */
#ifndef TIPLINE_SYS_TOKEN_USE_H
#define TIPLINE_SYS_TOKEN_USE_H

#include "daemon/base/complaint.h"
#include "daemon/base/span.h"

#define TOKEN_USE_FILE "token-use.jsonl"
#define TOKEN_USE_KEPT_DAYS 730

struct token_use;

/* One that is missing holds nothing. NULL: `why` names line and mend. */
struct token_use *token_use_load(const char *state_dir, struct complaint *why);
void token_use_free(struct token_use *use);

/*
 * The token of that id (1 to 16 characters) is used: writes the file when it is the first time
 * on that day (UTC). False: it cannot be written, which is not tried again for
 * that token on that day; `why`.
 */
bool token_use_note(struct token_use *use, struct span token_id, int64_t now_ms, struct complaint *why);

/* When the day of the last use began, in ms since 1970; -1: none is known. */
int64_t token_use_day_ms(const struct token_use *use, struct span token_id);

#endif
