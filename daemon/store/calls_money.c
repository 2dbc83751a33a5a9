/*
 * Requests about money as commands: part of calls.c. Which keys and arguments
 * a function takes stands at its head in functions/money.lua, vault.lua and tries.lua.
 */
#include "daemon/base/hex.h"
#include "daemon/store/command.h"
#include "daemon/store/keys.h"

#include <assert.h>

static void word_hash(struct command *command, const unsigned char hash[STORE_HASH_BYTES])
{
	command_text(command, hex_text(command->arena, hash, STORE_HASH_BYTES));
}

static void word_money_key(struct command *command, enum money_key key, struct span rest)
{
	command_word(command, key_of_money(command->arena, key, rest));
}

static void append_keys(const struct store_request *request, struct command *command)
{
	word_money_key(command, KEY_MONEY_JOURNAL, SPAN(""));
	word_money_key(command, KEY_MONEY_HEAD, SPAN(""));
	word_money_key(command, KEY_MONEY_IDEM, request->money->key);
	if (request->job != NULL)
		command_word(command, key_of_job(command->arena, SPAN(STORE_MONEY_SHARD), request->job));
	command_keys_end(command);
}

void command_money_append(const struct store_request *request, struct command *command)
{
	const struct store_money *money = request->money;

	assert(money->seq > 0 && money->at_ms >= 0 && money->key.len > 0 && money->key.len <= STORE_MONEY_KEY_MAX &&
	       money->record.len <= STORE_MONEY_RECORD_MAX);
	command_begin(command, "money_append");
	append_keys(request, command);
	command_number(command, money->seq);
	word_hash(command, money->prev);
	word_hash(command, money->hash);
	command_word(command, money->key);
	word_hash(command, money->print);
	command_number(command, (uint64_t)money->at_ms);
	command_number(command, money->skew_ms > 0 ? (uint64_t)money->skew_ms : STORE_MONEY_SKEW_MS);
	command_word(command, money->record);
	command_word(command, request->job != NULL ? command_digits(command->arena, request->fence) : SPAN(""));
}

void command_money_read(const struct store_request *request, struct command *command)
{
	assert(request->max > 0 && request->max <= STORE_MONEY_READ_MAX);
	command_begin(command, "money_read");
	word_money_key(command, KEY_MONEY_JOURNAL, SPAN(""));
	word_money_key(command, KEY_MONEY_HEAD, SPAN(""));
	command_keys_end(command);
	command_number(command, request->from);
	command_number(command, request->max);
}

void command_vault(const struct store_request *request, struct command *command)
{
	assert(request->token.len > 0 && request->token.len <= STORE_VAULT_TOKEN_MAX);
	if (request->op == STORE_VAULT_GET) {
		command_text(command, "GET");
		word_money_key(command, KEY_MONEY_VAULT, request->token);
		return;
	}
	command_begin(command, request->op == STORE_VAULT_PUT ? "vault_put" : "vault_drop");
	word_money_key(command, KEY_MONEY_VAULT, request->token);
	command_keys_end(command);
	if (request->op != STORE_VAULT_PUT)
		return;
	assert(request->sealed.len > 0 && request->sealed.len <= STORE_VAULT_BYTES_MAX);
	command_word(command, request->sealed);
}

void command_try(const struct store_request *request, struct command *command)
{
	const struct store_try *try = request->try;
	const char *mark = hex_text(command->arena, try->mark, STORE_MARK_BYTES);

	assert(try->free <= try->max && try->max > 0 && try->period_s > 0);
	command_begin(command, "try_fail");
	word_money_key(command, KEY_MONEY_FAILURES, span_from(mark, 3));
	command_keys_end(command);
	command_text(command, mark);
	command_number(command, try->free);
	command_number(command, try->max);
	command_number(command, try->wait_max_s);
	command_number(command, try->period_s);
}
