/*
 * Requests about incidents as commands: part of calls.c. Which keys and
 * arguments a function takes stands at the head of its file in functions/.
 */
#include "daemon/store/command.h"
#include "daemon/store/keys.h"

#include <assert.h>

static bool is_near(const struct store_link *link)
{
	return memcmp(link->id.text, link->other.text, 2) == 0;
}

/* What all functions about incidents begin with; 01_incident.lua. */
static void link_keys(struct command *command, const struct store_link *link)
{
	struct span shard = tip_id_shard(&link->id);

	command_tip_key(command, &link->id, KEY_STATE);
	command_shard_key(command, shard, KEY_JOURNAL);
	command_shard_key(command, shard, KEY_OUTBOX);
	command_shard_key(command, shard, KEY_DUE);
}

static void link_arguments(struct command *command, const struct store_request *request)
{
	const struct store_link *link = request->link;

	if (request->job != NULL)
		command_word(command, key_of_job(command->arena, tip_id_shard(&link->id), request->job));
	command_keys_end(command);
	command_text(command, link->id.text);
	command_word(command, link->event);
	command_word(command, request->job != NULL ? command_digits(command->arena, request->fence) : SPAN(""));
	command_word(command, link->outbox);
}

static void build_link_set(const struct store_request *request, struct command *command)
{
	const struct store_link *link = request->link;

	command_begin(command, "tip_link");
	link_keys(command, link);
	if (is_near(link)) {
		command_tip_key(command, &link->other, KEY_STATE);
		command_tip_key(command, &link->other, KEY_CHILDREN);
	}
	link_arguments(command, request);
	command_text(command, link->kind == STORE_LINK_SET ? "set" : "unset");
	command_text(command, link->other.text);
	command_number(command, (uint64_t)link->received_ms);
	command_text(command, link->kind != STORE_LINK_SET
				   ? ""
				   : arena_printf(command->arena, "%u %.*s", link->score, (int)link->why.len, link->why.at));
}

static void build_link_child(const struct store_request *request, struct command *command)
{
	const struct store_link *link = request->link;

	command_begin(command, "tip_child");
	link_keys(command, link);
	command_tip_key(command, &link->id, KEY_CHILDREN);
	link_arguments(command, request);
	command_text(command, link->kind == STORE_LINK_CHILD ? "add" : "drop");
	command_text(command, link->other.text);
	command_number(command, (uint64_t)link->received_ms);
}

static void build_link_suggest(const struct store_request *request, struct command *command)
{
	const struct store_link *link = request->link;
	bool suggest = link->kind == STORE_LINK_SUGGEST;

	command_begin(command, "tip_suggest");
	link_keys(command, link);
	link_arguments(command, request);
	command_text(command, suggest ? "suggest" : "decline");
	command_text(command, link->other.text);
	command_number(command, suggest ? link->score : 0);
	command_word(command, suggest ? link->why : SPAN(""));
}

static void build_link_score(const struct store_request *request, struct command *command)
{
	const struct store_link *link = request->link;

	command_begin(command, "tip_rescore");
	link_keys(command, link);
	command_word(command, key_prefix_of_queues(command->arena, tip_id_shard(&link->id)));
	command_shard_key(command, tip_id_shard(&link->id), KEY_CLOCKS);
	command_shard_key(command, tip_id_shard(&link->id), KEY_ASKED);
	link_arguments(command, request);
	command_number(command, link->points);
	command_word(command, link->context);
	command_text(command, tip_state_name(TIP_QUEUED));
	command_number(command, priority_of(link->points));
}

void command_link(const struct store_request *request, struct command *command)
{
	static void (*const kinds[STORE_LINK_KINDS])(const struct store_request *, struct command *) = {
		[STORE_LINK_SET] = build_link_set,	     [STORE_LINK_UNSET] = build_link_set,
		[STORE_LINK_CHILD] = build_link_child,	     [STORE_LINK_NO_CHILD] = build_link_child,
		[STORE_LINK_SUGGEST] = build_link_suggest, [STORE_LINK_DECLINE] = build_link_suggest,
		[STORE_LINK_SCORE] = build_link_score,
	};

	assert(request->link->kind < STORE_LINK_KINDS && request->link->received_ms >= 0);
	kinds[request->link->kind](request, command);
}

void command_children(const struct store_request *request, struct command *command)
{
	assert(request->max > 0);
	command_text(command, "ZRANGE");
	command_tip_key(command, &request->id, KEY_CHILDREN);
	command_number(command, 0);
	command_number(command, request->max - 1);
	command_text(command, "WITHSCORES");
}
