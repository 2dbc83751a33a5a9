/*
 * Pages of open tips as commands: part of calls.c. Which keys and arguments the
 * function takes stands at the head of functions/tip_page.lua.
 */
#include "daemon/store/command.h"
#include "daemon/store/keys.h"

#include <assert.h>

static const char *const order_words[] = {
	[STORE_BEST_FIRST] = "score",
	[STORE_OLDEST_FIRST] = "age",
	[STORE_DUE_FIRST] = "due",
};

static void page_place(struct command *command, const struct store_place *place)
{
	command_number(command, place->points);
	command_number(command, (uint64_t)place->at_ms);
	command_text(command, place->id.text);
}

void command_page(const struct store_request *request, struct command *command)
{
	const struct store_page *page = request->page;
	struct span shard = span_from(request->shard, 2);

	assert(page->waiting || page->held);
	assert(page->order != STORE_DUE_FIRST || page->limits != NULL);
	assert(page->max >= 1 && page->max <= STORE_PAGE_MAX && page->looks >= 1 && page->looks <= STORE_LOOKS_MAX);
	command_begin(command, "tip_page");
	command_shard_key(command, shard, KEY_QUEUES);
	command_word(command, key_prefix_of_queues(command->arena, shard));
	command_shard_key(command, shard, KEY_LEASES);
	command_word(command, key_prefix_of_tips(command->arena, shard, KEY_STATE));
	command_shard_key(command, shard, KEY_CLOCKS);
	command_shard_key(command, shard, KEY_ASKED);
	command_keys_end(command);
	command_word(command, command_region_digits(page->region));
	command_text(command, !page->held ? "waiting" : !page->waiting ? "held" : "all");
	command_text(command, order_words[page->order]);
	command_number(command, page->fewest);
	command_number(command, page->most);
	command_text(command, page->begins);
	command_text(command, tip_state_name(TIP_QUEUED));
	page_place(command, &page->after);
	command_number(command, page->max);
	command_number(command, page->looks);
	if (page->order == STORE_DUE_FIRST)
		command_limits(command, page->limits);
}
