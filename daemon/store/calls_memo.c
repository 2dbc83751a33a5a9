/*
 * Memos and buckets as commands: part of calls.c. Keys and arguments stand at the
 * head of functions/memo.lua and bucket.lua.
 */
#include "daemon/store/command.h"

#include <assert.h>

void command_memo(const struct store_request *request, struct command *command)
{
	const struct store_memo *memo = request->memo;

	if (request->op == STORE_MEMO_GET) {
		command_text(command, "GET");
		command_word(command, key_of_memo(command->arena, memo->mark));
		return;
	}
	assert(memo->sealed.len > 0 && memo->sealed.len <= STORE_MEMO_BYTES_MAX && memo->keep_s > 0);
	command_begin(command, memo->with != NULL ? "memo_with" : "memo_put");
	if (memo->with != NULL)
		command_tip_key(command, memo->with, KEY_STATE);
	command_word(command, key_of_memo(command->arena, memo->mark));
	if (memo->beside.len > 0)
		command_word(command, key_of_memo(command->arena, memo->beside_mark));
	command_keys_end(command);
	if (memo->with != NULL)
		command_word(command, span_from(memo->with_mark, sizeof(memo->with_mark)));
	command_word(command, memo->was);
	command_word(command, memo->sealed);
	command_number(command, memo->keep_s);
	if (memo->beside.len == 0)
		return;
	assert(memo->beside.len <= STORE_MEMO_BYTES_MAX && memo->beside_keep_s > 0);
	command_word(command, memo->beside);
	command_number(command, memo->beside_keep_s);
}

void command_bucket(const struct store_request *request, struct command *command)
{
	const struct store_bucket *bucket = request->bucket;

	assert(bucket->burst > 0 && bucket->per_hour > 0);
	command_begin(command, "bucket_take");
	command_word(command, key_of_bucket(command->arena, bucket->mark));
	command_keys_end(command);
	command_number(command, bucket->burst);
	command_number(command, bucket->per_hour);
}
