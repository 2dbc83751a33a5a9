/*
 * The identity vault at the command line; see tipctl_key_vault.h.
 */
#include "daemon/cli/tipctl_key_vault.h"

#include "daemon/cli/tipctl.h"
#include "daemon/cli/tipctl_key_opener.h"
#include "daemon/cli/tipctl_key_told.h"
#include "daemon/sys/key_vault.h"

#include <stdio.h>

#define GROUP_MAX 64

/* The holder of that name; false: no pair. */
static bool holder_of(const struct person_keys *persons, struct span person, struct key_holder *holder, struct complaint *why)
{
	*holder = (struct key_holder){ .person = person, .public_key = person_keys_public(persons, person) };
	return holder->public_key != NULL ||
	       complain(why, 0, "%.*s has no key pair yet; it is made with the person's first token or password", (int)person.len, person.at);
}

static bool read_group(const struct person_keys *persons, const char *names, struct key_holder holders[GROUP_MAX],
		       struct key_vault_group *group, struct complaint *why)
{
	struct span rest = span_of(names), name;

	*group = (struct key_vault_group){ .at = holders };
	while (span_cut(&rest, ',', &name)) {
		if (group->n == GROUP_MAX)
			return complain(why, 0, "more than %d persons", GROUP_MAX);
		if (!holder_of(persons, name, &holders[group->n++], why))
			return false;
	}
	return true;
}

static const char *const half_names[KEY_VAULT_HALVES] = { "identity-share-1", "identity-share-2" };

static bool note_groups(struct key_told *told, const struct key_vault_group groups[KEY_VAULT_HALVES], struct complaint *why)
{
	for (size_t i = 0; i < KEY_VAULT_HALVES; i++)
		for (size_t k = 0; k < groups[i].n; k++)
			if (!key_told_note(told, &(struct key_told_what){ .kind = TRAIL_KEY_GRANTED, .command = "key_vault_init",
									  .id = half_names[i], .to = groups[i].at[k].person }, why))
				return false;
	return true;
}

static int init(const struct key_giving *g, const struct key_vault_wish *wish)
{
	struct key_holder holders[KEY_VAULT_HALVES][GROUP_MAX];
	struct key_vault_group groups[KEY_VAULT_HALVES];
	struct complaint why = { .text = "" };
	struct person_keys *persons = person_keys_load(g->state_dir, &why);
	struct key_told told;
	bool well;

	key_told_begin(&told, g);
	well = persons != NULL && read_group(persons, wish->first, holders[0], &groups[0], &why) &&
	       read_group(persons, wish->second, holders[1], &groups[1], &why) && note_groups(&told, groups, &why) &&
	       key_vault_init(g->keys_dir, groups, &why);
	key_told_end(&told, well);
	if (well) {
		printf("half 1 opens for %s, half 2 for %s; the plain halves are destroyed here, and are in older copies still\n",
		       wish->first, wish->second);
		if (groups[0].n == 1 || groups[1].n == 1)
			fputs("tipctl: a half that one person alone has is lost with that person's tokens: vault grant to a second one\n",
			      stderr);
	}
	person_keys_free(persons);
	return well ? CTL_WELL : ctl_refused(&why);
}

static int grant(const struct key_giving *g, const char *person)
{
	struct complaint why = { .text = "" };
	struct person_keys *persons;
	struct key_opener opener;
	struct key_told told;
	struct key_holder to;
	unsigned half = 0;
	bool well;

	if (!key_opener_open(&opener, g->state_dir, g->keys_dir, g->with, false, &why))
		return ctl_refused(&why);
	persons = person_keys_load(g->state_dir, &why);
	key_told_begin(&told, g);
	well = persons != NULL && holder_of(persons, span_of(person), &to, &why) &&
	       key_told_note(&told, &(struct key_told_what){ .kind = TRAIL_KEY_GRANTED, .command = "key_vault_grant",
							     .token = opener.token.id, .id = "identity-share", .to = to.person }, &why) &&
	       key_vault_grant(g->keys_dir, span_of(opener.token.person), &opener.pair, &to, &half, &why);
	key_told_end(&told, well);
	if (well)
		printf("half %u opens for %s\n", half, person);
	person_keys_free(persons);
	key_opener_release(&opener);
	return well ? CTL_WELL : ctl_refused(&why);
}

static int revoke(const struct key_giving *g, const char *person)
{
	struct complaint why = { .text = "" };
	struct key_told told;
	bool well;

	key_told_begin(&told, g);
	well = key_told_note(&told, &(struct key_told_what){ .kind = TRAIL_KEY_REVOKED, .command = "key_vault_revoke",
							     .id = "identity-share", .to = span_of(person) }, &why) &&
	       key_vault_revoke(g->keys_dir, span_of(person), &why);
	key_told_end(&told, well);
	if (!well)
		return ctl_refused(&why);
	printf("%s was taken out; who had a half may have kept a copy\n", person);
	return CTL_WELL;
}

static int list(const struct key_giving *g)
{
	struct key_box boxes[KEY_VAULT_HALVES];
	struct complaint why = { .text = "" };
	enum key_vault_state state;
	bool well = key_vault_read(g->keys_dir, boxes, &state, &why);

	for (unsigned i = 0; i < KEY_VAULT_HALVES; i++) {
		for (size_t k = 0; well && k < boxes[i].n; k++)
			printf("%u %s\n", i + 1, boxes[i].rows[k].person);
		key_box_release(&boxes[i]);
	}
	if (!well)
		return ctl_refused(&why);
	if (state == KEY_VAULT_OPEN)
		fputs("tipctl: the vault is not made: tipctl key vault init\n", stderr);
	if (state == KEY_VAULT_HALFWAY)
		fputs("tipctl: a plain half lies there still: run the same tipctl key vault init again\n", stderr);
	return state == KEY_VAULT_CLOSED ? CTL_WELL : CTL_WRONG;
}

int key_vault_command(const struct key_giving *giving, const struct key_vault_wish *wish, char **words, int n)
{
	if (n == 1 && strcmp(words[0], "init") == 0 && wish->first != NULL && wish->second != NULL)
		return init(giving, wish);
	if (n == 2 && strcmp(words[0], "grant") == 0)
		return grant(giving, words[1]);
	if (n == 2 && strcmp(words[0], "revoke") == 0)
		return revoke(giving, words[1]);
	if (n == 1 && strcmp(words[0], "list") == 0)
		return list(giving);
	return CTL_USAGE;
}
