/*
 * The audit trail from the command line; see tipctl_trail.h.
 */
#include "daemon/cli/tipctl_trail.h"

#include "daemon/base/arena.h"
#include "daemon/cli/tipctl_money_journal.h"
#include "daemon/core/journal/trail_event.h"
#include "daemon/store/calls.h"
#include "daemon/sys/clock.h"

#include <hiredis/hiredis.h>
#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

#define PIECE 500

static redisReply *ask(redisContext *link, const struct store_request *request, struct arena *arena)
{
	struct command commands[COMMANDS_MAX];

	(void)calls_build(request, arena, commands);
	return redisCommandArgv(link, (int)commands[0].n, commands[0].words, commands[0].lens);
}

/* Who runs this: the name, else the number. */
static struct span user(char text[TRAIL_VALUE_MAX])
{
	const struct passwd *entry = getpwuid(getuid());

	if (entry != NULL)
		snprintf(text, TRAIL_VALUE_MAX, "os:%s", entry->pw_name);
	else
		snprintf(text, TRAIL_VALUE_MAX, "os:%u", (unsigned)getuid());
	return span_of(text);
}

static bool taken(const redisContext *link, const redisReply *reply, struct complaint *why)
{
	if (reply == NULL)
		return complain(why, 0, "the store does not answer: %s", link->errstr);
	if (reply->type != REDIS_REPLY_ERROR)
		return true;
	if (strstr(reply->str, "not found") == NULL)
		return complain(why, 0, "the store does not take an event of the audit trail: %.150s", reply->str);
	fputs("tipctl: the store has no functions of this version: this is not written to an audit trail\n", stderr);
	return true;
}

bool ctl_trail(const char *address, const char *command, struct span query, struct complaint *why)
{
	redisContext *link = money_journal_link(address, why);
	char by[TRAIL_VALUE_MAX];
	struct trail_event event = { .kind = TRAIL_TOOL, .at_ms = clock_wall_ms(), .by = user(by), .call = span_of(command),
				     .query = query, .version = SPAN(TIPLINE_VERSION) };
	struct buf json = { 0 };
	struct arena arena = { 0 };
	struct span written;
	redisReply *reply;
	bool well;

	if (link == NULL)
		return false;
	trail_event_write(&event, &json);
	written = buf_span(&json);
	reply = ask(link, &(struct store_request){ .op = STORE_AUDIT, .shard = STORE_AUDIT_SHARD, .messages = &written, .nmessages = 1 },
		    &arena);
	well = taken(link, reply, why);
	if (reply != NULL)
		freeReplyObject(reply);
	redisFree(link);
	buf_release(&json);
	arena_release(&arena);
	return well;
}

/* --- printing ------------------------------------------------------------------------- */

/* Prints the entry "<number>-0"; the number, or 0 when it is none. */
static uint64_t print_entry(const redisReply *entry)
{
	struct span id, digits, json;
	const redisReply *fields;
	uint64_t number;

	if (entry->type != REDIS_REPLY_ARRAY || entry->elements != 2 || entry->element[1]->elements < 2)
		return 0;
	id = span_from(entry->element[0]->str, entry->element[0]->len);
	fields = entry->element[1];
	json = span_from(fields->element[1]->str, fields->element[1]->len);
	if (!span_cut(&id, '-', &digits) || !span_u64(digits, &number) || json.len < 3 || json.at[0] != '{')
		return 0;
	printf("{\"number\":%llu,%.*s\n", (unsigned long long)number, (int)json.len - 1, json.at + 1);
	return number;
}

/* The number behind the last that was printed; 0: broken. */
static uint64_t print_piece(const redisReply *reply, uint64_t from)
{
	for (size_t i = 0; i < reply->elements; i++) {
		uint64_t number = print_entry(reply->element[i]);

		if (number == 0)
			return 0;
		from = number + 1;
	}
	return from;
}

bool ctl_trail_print(const char *address, uint64_t from, struct complaint *why)
{
	redisContext *link = money_journal_link(address, why);
	struct arena arena = { 0 };
	bool well = link != NULL, more = well;

	while (more) {
		redisReply *reply = ask(link,
					&(struct store_request){ .op = STORE_JOURNAL, .shard = STORE_AUDIT_SHARD, .from = from, .max = PIECE },
					&arena);

		well = reply != NULL && reply->type == REDIS_REPLY_ARRAY && (from = print_piece(reply, from)) != 0;
		more = well && reply->elements == PIECE;
		if (!well)
			complain(why, 0, "the store does not answer as an audit trail would");
		if (reply != NULL)
			freeReplyObject(reply);
		arena_clear(&arena);
	}
	if (link != NULL)
		redisFree(link);
	arena_release(&arena);
	return well;
}
