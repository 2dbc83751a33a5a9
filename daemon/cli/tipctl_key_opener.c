/*
 * Opening keys with a token at the command line; see tipctl_key_opener.h.
 */
#include "daemon/cli/tipctl_key_opener.h"

#include "daemon/base/wipe.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/files.h"

#include <stdio.h>

#define DEMO_OPENER "officer"

bool ctl_token_read(const char *state_dir, const char *file, char text[TOKEN_TEXT_BYTES + 1], struct complaint *why)
{
	struct buf bytes = { 0 };
	struct span found;
	bool well;

	if (file == NULL)
		return demo_token(state_dir, DEMO_OPENER, text, why) ||
		       complain(why, 0, "name a file with your own token: --with FILE");
	well = files_private(file, why) && files_read(file, 4096, &bytes, why);
	found = span_from(bytes.at, bytes.len);
	while (found.len > 0 && (found.at[found.len - 1] == '\n' || found.at[found.len - 1] == ' '))
		found.len--;
	if (well && found.len != TOKEN_TEXT_BYTES)
		well = complain(why, 0, "%s holds no token", file);
	if (well)
		snprintf(text, TOKEN_TEXT_BYTES + 1, "%.*s", (int)found.len, found.at);
	buf_release(&bytes);
	return well;
}

bool ctl_token_find(const char *state_dir, struct span text, struct token *row, struct complaint *why)
{
	struct tokens *tokens = tokens_load(state_dir, why);
	const struct token *token = tokens != NULL ? tokens_find(tokens, text, clock_wall_ms()) : NULL;

	if (token != NULL)
		*row = *token;
	else if (tokens != NULL)
		complain(why, 0, "the token is not valid here (any more)");
	tokens_free(tokens);
	return token != NULL;
}

static bool open_pair(struct key_opener *opener, const char *state_dir, bool make, struct complaint *why)
{
	struct span person = span_of(opener->token.person), id = span_of(opener->token.id), text = span_of(opener->text);
	struct person_keys *persons = person_keys_load(state_dir, why);
	bool well = persons != NULL;

	if (well && make && person_keys_public(persons, person) == NULL)
		well = person_keys_make(state_dir, person, (struct span){ 0 }, id, text, &opener->pair, why);
	else if (well && person_keys_open_token(persons, person, id, text, &opener->pair) != PERSON_KEY_OPENED)
		well = complain(why, 0, "token %s opens no key of %s; take one that does", opener->token.id, opener->token.person);
	person_keys_free(persons);
	return well;
}

bool key_opener_open(struct key_opener *opener, const char *state_dir, const char *keys_dir, const char *file, bool make,
		     struct complaint *why)
{
	*opener = (struct key_opener){ .ring = NULL };
	if (ctl_token_read(state_dir, file, opener->text, why) && ctl_token_find(state_dir, span_of(opener->text), &opener->token, why) &&
	    open_pair(opener, state_dir, make, why)) {
		opener->ring = keyring_new();
		if (keyring_add_boxes(opener->ring, keys_dir, span_of(opener->token.person), &opener->pair, why))
			return true;
	}
	key_opener_release(opener);
	return false;
}

void key_opener_release(struct key_opener *opener)
{
	keyring_free(opener->ring);
	person_pair_release(&opener->pair);
	wipe(opener->text, sizeof(opener->text));
	*opener = (struct key_opener){ .ring = NULL };
}
