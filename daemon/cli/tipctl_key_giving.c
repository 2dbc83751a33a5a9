/*
 * Giving bureaus' keys on at the command line; see tipctl_key_giving.h.
 */
#include "daemon/cli/tipctl_key_giving.h"

#include "daemon/base/wipe.h"
#include "daemon/cli/tipctl_key_opener.h"
#include "daemon/cli/tipctl_key_told.h"
#include "daemon/cli/tipctl.h"
#include "daemon/sys/key_recovery.h"
#include "daemon/sys/person_wrap.h"

#include <stdio.h>

#define READERS (TOKEN_OFFICER | TOKEN_VERIFIER)   /* who read words of tips */

/* --- lock ------------------------------------------------------------------------------- */

int key_giving_lock(const struct key_giving *g)
{
	struct complaint why = { .text = "" };
	struct key_opener opener;
	struct key_holder holder;
	struct key_tally tally = { 0 };
	struct key_told told;
	bool well;

	if (!key_opener_open(&opener, g->state_dir, g->keys_dir, g->with, true, &why))
		return ctl_refused(&why);
	holder = (struct key_holder){ .person = span_of(opener.token.person), .public_key = opener.pair.public_key };
	key_told_begin(&told, g);
	well = key_told_note(&told, &(struct key_told_what){ .kind = TRAIL_KEY_GRANTED, .command = "key_lock", .token = opener.token.id,
							     .id = "bureau", .region = "000000", .to = holder.person }, &why) &&
	       key_grants_lock(g->keys_dir, &holder, 1, &tally, &why);
	key_told_end(&told, well || tally.changed > 0);
	if (well)
		printf("%zu plain private keys are sealed to %s and destroyed; they are in older copies of the directory still\n",
		       tally.changed, opener.token.person);
	key_opener_release(&opener);
	return well ? CTL_WELL : ctl_refused(&why);
}

/* --- grant ------------------------------------------------------------------------------ */

struct gift {
	const struct keyring *with;
	const char *command, *token, *region;
	struct span person;
};

static bool give(const struct key_giving *g, const struct gift *gift, struct key_tally *tally, struct complaint *why)
{
	struct person_keys *persons = person_keys_load(g->state_dir, why);
	struct span person = gift->person;
	struct key_holder to = { .person = person };
	struct key_told told;
	bool well = persons != NULL;

	key_told_begin(&told, g);

	if (well)
		to.public_key = person_keys_public(persons, person);
	if (well && to.public_key == NULL)
		well = complain(why, 0, "%.*s has no key pair yet; it is made with the person's first token or password",
				(int)person.len, person.at);
	well = well && key_told_note(&told, &(struct key_told_what){ .kind = TRAIL_KEY_GRANTED, .command = gift->command,
								     .token = gift->token, .id = "bureau", .region = gift->region,
								     .to = person }, why) &&
	       key_grants_give(g->keys_dir, gift->with, &to, span_of(gift->region), tally, why);
	key_told_end(&told, tally->changed > 0);
	person_keys_free(persons);
	return well;
}

int key_giving_grant(const struct key_giving *g, const char *person, const char *region)
{
	struct complaint why = { .text = "" };
	struct key_opener opener;
	struct key_tally tally = { 0 };
	bool well;

	if (!key_opener_open(&opener, g->state_dir, g->keys_dir, g->with, false, &why))
		return ctl_refused(&why);
	well = give(g, &(struct gift){ .with = opener.ring, .command = "key_grant", .token = opener.token.id, .region = region,
				       .person = span_of(person) }, &tally, &why);
	if (well && tally.changed == 0)
		well = complain(&why, 0, "%s opens no key of %s", opener.token.person, region);
	if (well)
		printf("%s opens the keys of %zu bureaus; %zu that %s does not open were left out\n", person, tally.changed, tally.closed,
		       opener.token.person);
	key_opener_release(&opener);
	return well ? CTL_WELL : ctl_refused(&why);
}

int key_giving_revoke(const struct key_giving *g, const char *person, const char *region)
{
	struct complaint why = { .text = "" };
	struct key_tally tally = { 0 };
	struct key_told told;
	bool well;

	key_told_begin(&told, g);
	well = key_told_note(&told, &(struct key_told_what){ .kind = TRAIL_KEY_REVOKED, .command = "key_revoke", .id = "bureau",
							     .region = region, .to = span_of(person) }, &why) &&
	       key_grants_take(g->keys_dir, span_of(person), span_of(region), &tally, &why);
	key_told_end(&told, tally.changed > 0);
	if (!well)
		return ctl_refused(&why);
	printf("%s was taken out of %zu boxes\n", person, tally.changed);
	if (tally.closed == 0)
		return CTL_WELL;
	fprintf(stderr, "tipctl: %zu boxes open for %s alone and stay; grant somebody else first\n", tally.closed, person);
	return CTL_WRONG;
}

/* --- recovery ------------------------------------------------------------------------------- */

static void print_share(unsigned number, const unsigned char share[KEY_SHARE_BYTES])
{
	char text[KEY_SHARE_TEXT + 1];

	key_share_print(number, share, text);
	printf("%s\n", text);
	wipe(text, sizeof(text));
}

int key_giving_recovery_init(const struct key_giving *g)
{
	struct complaint why = { .text = "" };
	struct key_opener opener;
	struct key_shares shares;
	struct key_tally tally = { 0 };
	struct key_told told;
	bool well;

	if (!key_opener_open(&opener, g->state_dir, g->keys_dir, g->with, false, &why))
		return ctl_refused(&why);
	key_told_begin(&told, g);
	well = key_told_note(&told, &(struct key_told_what){ .kind = TRAIL_KEY_GRANTED, .command = "key_recovery_init",
							     .token = opener.token.id, .id = "bureau", .region = "000000",
							     .to = SPAN("recovery") }, &why) &&
	       key_recovery_make(g->keys_dir, opener.ring, &shares, &tally, &why);
	key_told_end(&told, well || tally.changed > 0);
	if (well) {
		print_share(1, shares.at[0]);
		print_share(2, shares.at[1]);
		fprintf(stderr,
			"These two shares are shown this once. Give each to another custodian, on paper.\n"
			"%zu boxes open with both together; %zu that %s does not open get their row with the next grant.\n",
			tally.changed, tally.closed, opener.token.person);
	}
	wipe(&shares, sizeof(shares));
	key_opener_release(&opener);
	return well ? CTL_WELL : ctl_refused(&why);
}

static bool read_share(unsigned number, unsigned char share[KEY_SHARE_BYTES], struct complaint *why)
{
	char line[256] = "";
	bool well;

	fprintf(stderr, "share %u: ", number);
	well = fgets(line, sizeof(line), stdin) != NULL;
	line[strcspn(line, "\r\n")] = '\0';
	well = well && key_share_parse(span_of(line), number, share);
	wipe(line, sizeof(line));
	return well || complain(why, 0, "this is not share %u; look for a digit that is wrong", number);
}

int key_giving_recover(const struct key_giving *g, const char *person, const char *region)
{
	struct complaint why = { .text = "" };
	struct key_shares shares = { 0 };
	struct key_tally tally = { 0 };
	struct keyring *ring = NULL;
	bool well;

	if (read_share(1, shares.at[0], &why) && read_share(2, shares.at[1], &why))
		ring = key_recovery_open(g->keys_dir, &shares, &why);
	well = ring != NULL && give(g, &(struct gift){ .with = ring, .command = "key_recover", .region = region, .person = span_of(person) },
				    &tally, &why);
	wipe(&shares, sizeof(shares));
	keyring_free(ring);
	if (!well)
		return ctl_refused(&why);
	printf("%s opens the keys of %zu bureaus; %zu have no row of the recovery key\n", person, tally.changed, tally.closed);
	return tally.changed > 0 ? CTL_WELL : CTL_WRONG;
}

/* --- tokens --------------------------------------------------------------------------------- */

/* A pair that is there is wrapped for the new token by the person alone. */
static bool wrap_new(const struct key_giving *g, const struct key_opener *opener, bool opened, const struct token *token,
		     struct span text, struct complaint *why)
{
	struct person_keys *persons = person_keys_load(g->state_dir, why);
	struct span person = span_of(token->person), id = span_of(token->id);
	struct person_pair pair = { .secret_key = NULL };
	bool well = persons != NULL;

	if (well && person_keys_public(persons, person) == NULL)
		well = person_keys_make(g->state_dir, person, (struct span){ 0 }, id, text, &pair, why);
	else if (well && opened && span_is(person, opener->token.person))
		well = person_keys_wrap_token(g->state_dir, person, &opener->pair, id, text, why);
	else if (well)
		well = complain(why, 0, "%s has a key pair that this token does not open; add it with --with FILE, an older token of theirs",
				token->person);
	person_pair_release(&pair);
	person_keys_free(persons);
	return well;
}

static bool share_region(const struct key_giving *g, const struct key_opener *opener, bool opened, const struct token *token,
			 struct complaint *why)
{
	struct key_tally tally = { 0 };

	if (opened && !give(g, &(struct gift){ .with = opener->ring, .command = "token_add", .token = opener->token.id,
					       .region = token->region, .person = span_of(token->person) }, &tally, why))
		return false;
	return tally.changed > 0 ||
	       complain(why, 0, "%s opens no tips of %s yet; who does runs: tipctl key grant %s %s --with FILE", token->person,
			token->region, token->person, token->region);
}

void key_giving_new_token(const struct key_giving *g, const struct token *token, struct span text)
{
	struct complaint why = { .text = "" }, no_opener = { .text = "" };
	struct key_opener opener;
	bool opened = key_opener_open(&opener, g->state_dir, g->keys_dir, g->with, false, &no_opener);
	bool well = wrap_new(g, &opener, opened, token, text, &why);

	if (well && (token->roles & READERS) != 0)
		well = share_region(g, &opener, opened, token, &why);
	if (!well)
		fprintf(stderr, "tipctl: %s\n", why.text);
	if (g->with != NULL && !opened)
		fprintf(stderr, "tipctl: %s\n", no_opener.text);
	if (opened)
		key_opener_release(&opener);
}

void key_giving_lost_token(const struct key_giving *g, const struct token *token)
{
	char by[PERSON_WRAP_BY_MAX + 1];
	struct complaint why = { .text = "" };

	if (person_wrap_name(span_of(token->id), by) && !person_keys_unwrap(g->state_dir, span_of(token->person), span_of(by), &why))
		fprintf(stderr, "tipctl: %s\n", why.text);
}
