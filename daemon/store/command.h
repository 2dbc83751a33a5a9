/*
 * Putting a Redis command together, word by word; what the files of calls.c
 * share. Words are borrowed from the request and the command's arena.
 */
#ifndef TIPLINE_STORE_COMMAND_H
#define TIPLINE_STORE_COMMAND_H

#include "daemon/store/calls.h"
#include "daemon/store/keys.h"

void command_word(struct command *command, struct span text);
void command_text(struct command *command, const char *text);
void command_number(struct command *command, uint64_t number);
void command_shard_key(struct command *command, struct span shard, enum shard_key key);
void command_tip_key(struct command *command, const struct tip_id *id, enum tip_key key);

/* "FCALL name numkeys": the words between the two are its keys. */
void command_begin(struct command *command, const char *function);
void command_keys_end(struct command *command);

/* Decimal digits into the arena. */
struct span command_digits(struct arena *arena, uint64_t number);

/* Of calls_link.c: STORE_LINK, STORE_CHILDREN. */
void command_link(const struct store_request *request, struct command *command);
void command_children(const struct store_request *request, struct command *command);

/* Of calls_clock.c: STORE_OVERDUE, STORE_ESCALATE, STORE_ESCALATED, STORE_HOLDERS. */
void command_overdue(const struct store_request *request, struct command *command);
void command_escalate(const struct store_request *request, struct command *command);
void command_escalated(const struct store_request *request, struct command *command);
void command_holders(const struct store_request *request, struct command *command);

/* Of calls_page.c: STORE_PAGE. */
void command_page(const struct store_request *request, struct command *command);

/* The digits that all codes of a region begin with. */
struct span command_region_digits(const char region[7]);

/* A clock as text, and field x of a state (functions/02_clock.lua); in the arena. */
void command_clock(struct command *command, struct clock_face face);
void command_limits(struct command *command, const struct clock_limits *limits);
void command_review(struct command *command, unsigned reopens, struct span closer);

/* Of calls_retention.c: STORE_ENDED, STORE_ERASE, STORE_DOOMED, STORE_DOOMED_END, STORE_ERASED. */
void command_ended(const struct store_request *request, struct command *command);
void command_erase(const struct store_request *request, struct command *command);
void command_doomed(const struct store_request *request, struct command *command);
void command_doomed_end(const struct store_request *request, struct command *command);
void command_erased(const struct store_request *request, struct command *command);

/* Fields e and y of a state (functions/02_clock.lua); in the arena. */
void command_end(struct command *command, const struct store_end *end);
void command_hold(struct command *command, const struct store_hold *hold);

/* Of calls_archive.c: STORE_ARCHIVED, STORE_JOURNAL_TRIM. */
void command_archived(const struct store_request *request, struct command *command);
void command_journal_trim(const struct store_request *request, struct command *command);

/* Of calls_money.c: STORE_MONEY_*, STORE_VAULT_*, STORE_TRY. */
void command_money_append(const struct store_request *request, struct command *command);
void command_money_read(const struct store_request *request, struct command *command);
void command_vault(const struct store_request *request, struct command *command);
void command_try(const struct store_request *request, struct command *command);
/* Of calls_memo.c. */
void command_bucket(const struct store_request *request, struct command *command);

/* Of calls_weeks.c: STORE_COVER, STORE_FRONTS. */
void command_cover(const struct store_request *request, struct command *command);
void command_fronts(const struct store_request *request, struct command *command);

/* Of calls_log.c: STORE_LOG_SEAL, STORE_LOG_READ, STORE_AUDIT. */
void command_log_seal(const struct store_request *request, struct command *command);
void command_log_read(const struct store_request *request, struct command *command);
void command_audit(const struct store_request *request, struct command *command);
/* Of calls_memo.c: STORE_MEMO_*. */
void command_memo(const struct store_request *request, struct command *command);

#endif
