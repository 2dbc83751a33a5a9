/*
 * The audit trail from the command line; see tipctl_trail.h.
 */
#include "daemon/cli/tipctl_trail.h"

#include "daemon/base/arena.h"
#include "daemon/cli/tipctl_archive.h"
#include "daemon/cli/tipctl_money_journal.h"
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

_Static_assert(CTL_TRAIL_USER_MAX == TRAIL_VALUE_MAX, "a value of an event");

struct span ctl_trail_user(char text[TRAIL_VALUE_MAX])
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
	const struct trail_event event = { .kind = TRAIL_TOOL, .call = span_of(command), .query = query };

	return ctl_trail_event(address, &event, why);
}

bool ctl_trail_event(const char *address, const struct trail_event *told, struct complaint *why)
{
	redisContext *link = money_journal_link(address, why);
	char by[TRAIL_VALUE_MAX];
	struct trail_event event = *told;
	struct buf json = { 0 };
	struct arena arena = { 0 };
	struct span written;
	redisReply *reply;
	bool well;

	if (link == NULL)
		return false;
	event.at_ms = clock_wall_ms();
	event.version = SPAN(TIPLINE_VERSION);
	if (span_empty(event.by))
		event.by = ctl_trail_user(by);
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

bool ctl_trail_events(const char *address, const struct span events[], size_t n, struct complaint *why)
{
	redisContext *link = money_journal_link(address, why);
	struct arena arena = { 0 };
	redisReply *reply;
	bool well;

	if (link == NULL)
		return false;
	reply = ask(link, &(struct store_request){ .op = STORE_AUDIT, .shard = STORE_AUDIT_SHARD, .messages = events, .nmessages = n }, &arena);
	well = reply != NULL && reply->type != REDIS_REPLY_ERROR;
	if (!well)
		complain(why, 0, "the store does not take it: %.150s", reply != NULL ? reply->str : link->errstr);
	if (reply != NULL)
		freeReplyObject(reply);
	redisFree(link);
	arena_release(&arena);
	return well;
}

/* --- printing ------------------------------------------------------------------------- */

struct printing {
	const struct archive *archive;
	struct ctl_segments segments;
	uint64_t next;             /* number that is to come */
	struct complaint *why;
};

static bool print_event(struct printing *printing, uint64_t number, struct span json)
{
	if (json.len < 3 || json.at[0] != '{')
		return complain(printing->why, 0, "event %llu of the audit trail is none", (unsigned long long)number);
	printf("{\"number\":%llu,%.*s\n", (unsigned long long)number, (int)json.len - 1, json.at + 1);
	printing->next = number + 1;
	return true;
}

static bool print_filed(void *ctx, const struct archive_entry *entry)
{
	struct printing *printing = ctx;

	return print_event(printing, entry->number, archive_entry_field(entry, "e"));
}

/* What the store has let go of, up to before `end`. */
static bool print_files(struct printing *printing, uint64_t end)
{
	return printing->next >= end ||
	       (ctl_archive_read(printing->archive, "audit", &printing->segments,
				 (struct archive_range){ printing->next, end - 1 }, print_filed, printing, printing->why) &&
		printing->next == end);
}

/* The entry "<number>-0", and what lies in files before it. */
static bool print_entry(struct printing *printing, const redisReply *entry)
{
	struct span id, digits;
	const redisReply *fields;
	uint64_t number;

	if (entry->type != REDIS_REPLY_ARRAY || entry->elements != 2 || entry->element[1]->elements < 2)
		return complain(printing->why, 0, "the store does not answer as an audit trail would");
	id = span_from(entry->element[0]->str, entry->element[0]->len);
	fields = entry->element[1];
	if (!span_cut(&id, '-', &digits) || !span_u64(digits, &number))
		return complain(printing->why, 0, "the store does not answer as an audit trail would");
	return print_files(printing, number) &&
	       print_event(printing, number, span_from(fields->element[1]->str, fields->element[1]->len));
}

static bool print_piece(struct printing *printing, const redisReply *reply)
{
	if (reply == NULL || reply->type != REDIS_REPLY_ARRAY)
		return complain(printing->why, 0, "the store does not answer as an audit trail would");
	for (size_t i = 0; i < reply->elements; i++)
		if (!print_entry(printing, reply->element[i]))
			return false;
	return true;
}

static bool read_segments(redisContext *link, struct printing *printing)
{
	redisReply *reply = redisCommand(link, "LRANGE {audit}:archive 0 -1");
	bool well = reply != NULL && ctl_segments_read(reply, &printing->segments);

	if (reply != NULL)
		freeReplyObject(reply);
	return well || complain(printing->why, 0, "the list of the audit trail's files cannot be read");
}

bool ctl_trail_print(const char *address, const struct archive *archive, uint64_t from, struct complaint *why)
{
	redisContext *link = money_journal_link(address, why);
	struct printing printing = { .archive = archive, .next = from, .why = why };
	struct arena arena = { 0 };
	bool well = link != NULL && read_segments(link, &printing), more = well;

	while (more) {
		redisReply *reply = ask(link,
					&(struct store_request){ .op = STORE_JOURNAL, .shard = STORE_AUDIT_SHARD,
								 .from = printing.next, .max = PIECE },
					&arena);

		well = print_piece(&printing, reply);
		more = well && reply->elements == PIECE;
		if (reply != NULL)
			freeReplyObject(reply);
		arena_clear(&arena);
	}
	if (link != NULL)
		redisFree(link);
	ctl_segments_release(&printing.segments);
	arena_release(&arena);
	return well;
}
