/*
 * Changes of keys in the audit trail; see tipctl_key_told.h.
 */
#include "daemon/cli/tipctl_key_told.h"

#include "daemon/cli/tipctl.h"
#include "daemon/cli/tipctl_trail.h"
#include "daemon/sys/clock.h"

#include <stdio.h>
#include <unistd.h>

void key_told_begin(struct key_told *told, const struct key_giving *giving)
{
	*told = (struct key_told){ .giving = giving };
}

bool key_told_note(struct key_told *told, const struct key_told_what *what, struct complaint *why)
{
	char by[TRAIL_VALUE_MAX];
	struct trail_event event = { .kind = what->kind, .by = ctl_trail_user(by), .call = span_of(what->command),
				     .id = span_of(what->id), .to = what->to };

	if (told->n == KEY_TOLD_MAX)
		return complain(why, 0, "more than %d changes at once", KEY_TOLD_MAX);
	if (what->token != NULL)
		event.token = span_of(what->token);
	if (what->region != NULL)
		event.region = span_of(what->region);
	told->lines[told->n] = key_change_line(&event, clock_wall_ms(), &told->arena);
	if (!key_changes_add(told->giving->state_dir, told->lines[told->n], why))
		return false;
	told->n++;
	return true;
}

/* Where the store is, when something can be reached there; else empty. */
static bool find_store(const struct key_giving *giving, char address[PATH_MAX])
{
	struct ctl_args args = { .help = false };

	snprintf(args.state, sizeof(args.state), "state_dir=%s", giving->state_dir);
	args.sets[args.source.nsets++] = args.state;
	args.source.sets = args.sets;
	return ctl_store_address(&args, giving->store, address);
}

static bool tell(const struct key_told *told, struct complaint *why)
{
	char address[PATH_MAX];

	return find_store(told->giving, address) && ctl_trail_events(address, told->lines, told->n, why);
}

void key_told_end(struct key_told *told, bool done)
{
	struct complaint why = { .text = "" };
	bool well = told->n == 0 || !done || tell(told, &why);

	if (!well)
		fprintf(stderr, "tipctl: the audit trail does not have this yet (%s); the daemon tells it, from %s/" KEY_CHANGES_FILE "\n",
			why.text[0] != '\0' ? why.text : "no store", told->giving->state_dir);
	for (size_t i = 0; well && i < told->n; i++)
		if (!key_changes_drop(told->giving->state_dir, told->lines[i], &why))
			fprintf(stderr, "tipctl: %s\n", why.text);
	arena_release(&told->arena);
}
