/*
 * Keys of the demo persons; see demo_keys.h.
 */
#include "daemon/sys/demo_keys.h"

#include "daemon/base/table.h"
#include "daemon/base/wipe.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/key_grants.h"
#include "daemon/sys/keyrings.h"
#include "daemon/sys/tokens.h"

/* The accounts whose roles read words of tips. */
static const char *const readers[] = { "officer", "verifier" };

static bool pair_of(const char *state_dir, const struct person_keys *persons, const struct token *token, struct span text,
		    struct person_pair *pair, struct complaint *why)
{
	struct span person = span_of(token->person), id = span_of(token->id);

	if (person_keys_public(persons, person) == NULL)
		return person_keys_make(state_dir, person, (struct span){ 0 }, id, text, pair, why);
	return person_keys_open_token(persons, person, id, text, pair) == PERSON_KEY_OPENED ||
	       complain(why, 0, "the key of demo person %s does not open with the token in " DEMO_FILE, token->person);
}

static bool public_of(const char *state_dir, const char *account, unsigned char public_key[PERSON_KEY_BYTES], struct complaint *why)
{
	struct tokens *tokens = tokens_load(state_dir, why);
	struct person_keys *persons = person_keys_load(state_dir, why);
	struct person_pair pair = { .secret_key = NULL };
	char text[TOKEN_TEXT_BYTES + 1];
	const struct token *token;
	bool well = tokens != NULL && persons != NULL && demo_token(state_dir, account, text, why);

	if (well) {
		token = tokens_find(tokens, span_of(text), clock_wall_ms());
		well = token != NULL ? pair_of(state_dir, persons, token, span_of(text), &pair, why) :
				       complain(why, 0, "no token of demo person %s", account);
	}
	memcpy(public_key, pair.public_key, PERSON_KEY_BYTES);
	person_pair_release(&pair);
	wipe(text, sizeof(text));
	person_keys_free(persons);
	tokens_free(tokens);
	return well;
}

bool demo_seal_keys(const char *state_dir, const char *keys_dir, struct complaint *why)
{
	unsigned char public_keys[COUNT_OF(readers)][PERSON_KEY_BYTES];
	struct key_holder holders[COUNT_OF(readers)];
	struct key_tally tally;

	if (keyrings_count_plain(keys_dir) == 0)
		return true;
	for (size_t i = 0; i < COUNT_OF(readers); i++) {
		if (!public_of(state_dir, readers[i], public_keys[i], why))
			return false;
		holders[i] = (struct key_holder){ .person = span_of(readers[i]), .public_key = public_keys[i] };
	}
	return key_grants_lock(keys_dir, holders, COUNT_OF(readers), &tally, why);
}
