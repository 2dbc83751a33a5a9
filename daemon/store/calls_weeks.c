/*
 * Requests about the weeks under which tips lie as commands: part of calls.c.
 * The functions are functions/tip_fronts.lua and tip_cover.lua.
 */
#include "daemon/core/tip/cover.h"
#include "daemon/store/command.h"

#include <assert.h>

void command_fronts(const struct store_request *request, struct command *command)
{
	assert(request->max > 0);
	command_begin(command, "tip_fronts");
	command_keys_end(command);
	command_number(command, request->from);
	command_word(command, key_pattern_of_states());
	command_number(command, request->max);
	command_number(command, COVER_FRONT_BYTES);
}

void command_cover(const struct store_request *request, struct command *command)
{
	const struct store_cover *cover = request->cover;

	assert(cover->was.len > 0 && cover->now.len > 0 && (cover->identity_was.len > 0) == (cover->identity_now.len > 0));
	command_begin(command, "tip_cover");
	command_tip_key(command, &request->id, KEY_TIP);
	if (cover->identity_was.len > 0)
		command_tip_key(command, &request->id, KEY_IDENTITY);
	command_keys_end(command);
	command_word(command, cover->was);
	command_word(command, cover->now);
	if (cover->identity_was.len == 0)
		return;
	command_word(command, cover->identity_was);
	command_word(command, cover->identity_now);
}
