/*
 * The words of a Redis command; see command.h.
 */
#include "daemon/store/command.h"

static void command_grow(struct command *command)
{
	size_t size = command->size > 0 ? 2 * command->size : 32;
	const char **words = arena_array(command->arena, const char *, size);
	size_t *lens = arena_array(command->arena, size_t, size);

	if (command->n > 0) {
		memcpy(words, command->words, command->n * sizeof(*words));
		memcpy(lens, command->lens, command->n * sizeof(*lens));
	}
	command->words = words;
	command->lens = lens;
	command->size = size;
}

void command_word(struct command *command, struct span text)
{
	if (command->n == command->size)
		command_grow(command);
	command->words[command->n] = text.at != NULL ? text.at : "";
	command->lens[command->n++] = text.len;
}

void command_text(struct command *command, const char *text)
{
	command_word(command, span_of(text));
}

struct span command_digits(struct arena *arena, uint64_t number)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	return arena_dup(arena, span_from(digits + at, sizeof(digits) - at));
}

void command_number(struct command *command, uint64_t number)
{
	command_word(command, command_digits(command->arena, number));
}

void command_shard_key(struct command *command, struct span shard, enum shard_key key)
{
	command_word(command, key_of_shard(command->arena, shard, key));
}

void command_tip_key(struct command *command, const struct tip_id *id, enum tip_key key)
{
	command_word(command, key_of_tip(command->arena, id, key));
}

void command_begin(struct command *command, const char *function)
{
	command_text(command, "FCALL");
	command_text(command, function);
	command_text(command, "");
}

void command_keys_end(struct command *command)
{
	struct span count = command_digits(command->arena, command->n - 3);

	command->words[2] = count.at;
	command->lens[2] = count.len;
}
