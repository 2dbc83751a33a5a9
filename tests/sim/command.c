/*
 * Commands of a world: how they are put together, by whom, and once more.
 */
#include "tests/sim/sim.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

const char *sim_text(struct sim *sim, const char *format, ...)
{
	char text[4096];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	assert(len >= 0 && (size_t)len < sizeof(text));
	return arena_dup(&sim->arena, span_of(text)).at;
}

struct book_command *order(struct sim *sim, const char *kind, const char *account, const char *subject)
{
	struct book_command *command = arena_new(&sim->arena, struct book_command);
	bool system = strcmp(account, "system") == 0, claimant = strcmp(account, "claimant") == 0;

	*command = (struct book_command){
		.kind = kind,
		.account = arena_dup(&sim->arena, span_of(account)),
		.person = span_of(system || claimant ? sim_text(sim, "%s", account) : staff_person(sim, account)),
		.roles = system ? MONEY_SYSTEM : claimant ? MONEY_CLAIMANT : 0x7fU,
		.key = span_of(sim_text(sim, "k%u", ++sim->next_key)),
		.subject = arena_dup(&sim->arena, span_of(subject)),
	};
	return command;
}

void order_put(struct sim *sim, struct book_command *command, const char *name, const char *format, ...)
{
	char text[20000];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	assert(len >= 0 && (size_t)len < sizeof(text) && command->nfields < BOOK_FIELDS_MAX);
	command->fields[command->nfields++] =
		(struct book_field){ .name = name, .value = arena_dup(&sim->arena, span_of(text)) };
}

/* --- who ------------------------------------------------------------------------------- */

const char *staff_person(const struct sim *sim, const char *account)
{
	for (size_t i = 0; i < sim->nstaff; i++)
		if (strcmp(sim->staff[i].account, account) == 0)
			return sim->staff[i].name;
	return "p-nobody";
}

const char *staff_with(struct sim *sim, unsigned role, const char *title)
{
	size_t from = random_below(&sim->random, sim->nstaff);

	for (size_t i = 0; i < sim->nstaff; i++) {
		const struct person *person = &sim->staff[(from + i) % sim->nstaff];

		if ((person->roles & role) != 0 && !person->gone &&
		    (title == NULL || strcmp(person->title, title) == 0))
			return person->account;
	}
	return "nobody";
}

const char *staff_any(struct sim *sim)
{
	if (random_one_in(&sim->random, 8))
		return random_one_in(&sim->random, 2) ? "system" : "claimant";
	return sim->staff[random_below(&sim->random, sim->nstaff)].account;
}

static void set_account(struct sim *sim, struct book_command *command, const char *account)
{
	command->account = arena_dup(&sim->arena, span_of(account));
	command->person = span_of(staff_person(sim, account));
	command->key = span_of(sim_text(sim, "k%u", ++sim->next_key));
}

enum said order_both(struct sim *sim, const struct book_command *command, unsigned role)
{
	struct daemon *daemon = daemon_any(sim);
	enum said said = daemon_do(sim, daemon, command);
	struct book_command second = *command;

	if (said == SAID_RECORD)
		order_keep(sim, command);
	/* Some never ask a second one; some ask themselves. */
	for (unsigned tries = 0; said == SAID_RECORD && sim->voted && tries < 3 && !random_one_in(&sim->random, 8); tries++) {
		set_account(sim, &second, staff_with(sim, role, NULL));
		if (daemon_do(sim, daemon_any(sim), &second) == SAID_RECORD && !sim->voted)
			return SAID_RECORD;
		sim->voted = true;
	}
	return said;
}

/* --- again ------------------------------------------------------------------------------------ */

static struct span keep(struct kept *kept, struct span text)
{
	return arena_dup(&kept->arena, text);
}

void order_keep(struct sim *sim, const struct book_command *command)
{
	struct kept *kept = &sim->kept[sim->nkept < SIM_KEPT ? sim->nkept++ : random_below(&sim->random, SIM_KEPT)];

	arena_release(&kept->arena);
	kept->seq = sim->seq;
	kept->command = *command;
	kept->command.person = keep(kept, command->person);
	kept->command.account = keep(kept, command->account);
	kept->command.key = keep(kept, command->key);
	kept->command.subject = keep(kept, command->subject);
	for (size_t i = 0; i < command->nfields; i++)
		kept->command.fields[i].value = keep(kept, command->fields[i].value);
}

/* Another command under the same key is refused, whatever differs. */
static void repeat_changed(struct sim *sim, const struct kept *kept)
{
	struct book_command other = kept->command;

	if (other.nfields > 0 && !span_empty(other.fields[other.nfields - 1].value) && random_one_in(&sim->random, 2))
		other.nfields--;
	else
		other.subject = SPAN("R1-other");
	if (daemon_do(sim, daemon_any(sim), &other) != SAID_REFUSED)
		sim_fail(sim, "the key of record %llu was taken for another %s", (unsigned long long)kept->seq, other.kind);
}

void order_repeat(struct sim *sim)
{
	const struct kept *kept;
	enum said said;

	if (sim->nkept == 0)
		return;
	kept = &sim->kept[random_below(&sim->random, sim->nkept)];
	/* What is gone with a backup may be done again. */
	if (kept->seq == 0)
		return;
	if (random_one_in(&sim->random, 3)) {
		repeat_changed(sim, kept);
		return;
	}
	said = daemon_do(sim, daemon_any(sim), &kept->command);
	if (said != SAID_REPEATED || sim->seq != kept->seq)
		sim_fail(sim, "%s of record %llu is not answered as it was: %s", kept->command.kind,
			 (unsigned long long)kept->seq, said == SAID_REFUSED ? sim->refusal.code : "recorded again");
}
