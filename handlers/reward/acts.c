/*
 * Acts and votes; see acts.h.
 */
#include "handlers/reward/acts.h"

#include "daemon/base/hex.h"
#include "daemon/base/table.h"
#include "daemon/sys/clock.h"

#include <string.h>

#define PREFIX "reward."

/* The book never decides on this key: nobody from outside may use a colon, and nothing is recorded. */
#define KEY SPAN("acts:asked")

/* Some value of each type that a command may have. */
static const struct {
	const char *type, *value;
} values[] = {
	{ .type = "fen", .value = "1" },
	{ .type = "number", .value = "1" },
	{ .type = "ms", .value = "1" },
	{ .type = "yes", .value = "1" },
	{ .type = "account", .value = "bank:main" },
};

static struct span some_value(const char *type)
{
	for (size_t i = 0; i < COUNT_OF(values); i++)
		if (strcmp(values[i].type, type) == 0)
			return span_of(values[i].value);
	return SPAN("x");
}

static const char *what_is_out(const struct book_reward *reward)
{
	for (size_t i = 0; i < reward->nattempts; i++)
		if (reward->attempts[i].overpaid)
			return "overpaid";
	return "clawback";
}

static struct span value_of(const struct book_command_field *field, const struct book_reward *reward, struct arena *arena)
{
	char digits[2 * sizeof(reward->digest)];

	if (strcmp(field->name, "of") == 0)
		return span_of(what_is_out(reward));
	if (strcmp(field->name, "cause") == 0)
		return SPAN("heir");
	if (strcmp(field->type, "hash") != 0)
		return some_value(field->type);
	hex_put(reward->digest, sizeof(reward->digest), digits);
	return arena_dup(arena, span_from(digits, sizeof(digits)));
}

static void make_command(const struct book_command_kind *kind, const struct book_reward *reward,
			 const struct book_command *actor, struct arena *arena, struct book_command *command)
{
	*command = (struct book_command){ .kind = kind->kind, .person = actor->person, .account = actor->account,
					  .roles = actor->roles, .key = KEY, .subject = span_of(reward->id) };
	for (size_t i = 0; i < BOOK_FIELDS_MAX && kind->fields[i].name != NULL; i++)
		if (kind->fields[i].required)
			command->fields[command->nfields++] = (struct book_field){
				.name = kind->fields[i].name, .value = value_of(&kind->fields[i], reward, arena) };
}

/* A value that is wrong was ours: it says nothing about the person or the reward. */
static void put_act(const char *act, enum book_answer answer, const struct book_refusal *refusal, struct json_out *json)
{
	bool may = answer != BOOK_REFUSED || refusal->status == 400;

	json_open(json, '{');
	json_text(json, "act", span_of(act));
	json_bool(json, "may", may);
	if (!may) {
		json_text(json, "code", span_of(refusal->code));
		json_text(json, "detail", span_of(refusal->detail));
	}
	json_close(json, '}');
}

static bool is_asked(const struct book_command_kind *kind, const struct book_command *actor)
{
	return strncmp(kind->kind, PREFIX, strlen(PREFIX)) == 0 && strcmp(kind->kind, PREFIX "propose") != 0 &&
	       (kind->by & actor->roles) != 0;
}

void acts_tell(const struct book *book, const struct book_reward *reward, const struct book_command *actor, int64_t now_ms,
	       struct arena *arena, struct json_out *json)
{
	size_t n;
	const struct book_command_kind *kinds = book_command_kinds(&n);

	json_open_member(json, "acts", '[');
	for (size_t i = 0; i < n; i++) {
		struct book_command command;
		struct book_refusal refusal;
		struct record record;
		uint64_t seq;

		if (!is_asked(&kinds[i], actor))
			continue;
		make_command(&kinds[i], reward, actor, arena, &command);
		put_act(kinds[i].kind + strlen(PREFIX), book_decide(book, &command, now_ms, arena, &record, &seq, &refusal),
			&refusal, json);
	}
	json_close(json, ']');
}

void acts_tell_votes(const struct book *book, const char *subject, int64_t now_ms, struct json_out *json)
{
	struct book_vote vote;

	json_open_member(json, "votes", '[');
	for (size_t i = 0; book_vote_at(book, i, now_ms, &vote); i++) {
		if (!vote.stands || strcmp(vote.subject, subject) != 0)
			continue;
		json_open(json, '{');
		json_text(json, "act", span_of(vote.act));
		json_text(json, "person", span_of(vote.person));
		clock_put(json, "at", vote.at_ms);
		json_u64(json, "seq", vote.seq);
		json_close(json, '}');
	}
	json_close(json, ']');
}
