/*
 * New pairs of bureaus at the command line; see tipctl_key_rotate.h.
 */
#include "daemon/cli/tipctl_key_rotate.h"

#include "daemon/cli/tipctl.h"
#include "daemon/cli/tipctl_data_keys.h"
#include "daemon/cli/tipctl_key_opener.h"
#include "daemon/cli/tipctl_key_told.h"
#include "daemon/cli/tipctl_trail.h"
#include "daemon/sys/clock.h"

#include <stdio.h>
#include <stdlib.h>

static int refused(const struct complaint *why)
{
	return why->text[0] != '\0' ? ctl_refused(why) : CTL_WRONG;
}

static bool is_bureau(const char *bureau, struct complaint *why)
{
	return token_region_ok(span_of(bureau)) || complain(why, 0, "bureau: expected six digits like 150600, 150000 or 000000");
}

/* --- rotate ------------------------------------------------------------------------------- */

static bool rotate(const struct key_giving *g, const struct key_opener *opener, const char *bureau, struct key_rotate_tally *tally,
		   struct complaint *why)
{
	struct person_keys *persons = person_keys_load(g->state_dir, why);
	const struct key_rotate_by by = { .persons = persons, .person = span_of(opener->token.person), .pair = &opener->pair };
	struct key_told told;
	bool well;

	key_told_begin(&told, g);
	well = persons != NULL &&
	       key_told_note(&told, &(struct key_told_what){ .kind = TRAIL_KEY_MADE, .command = "key_rotate", .token = opener->token.id,
							     .id = "bureau", .region = bureau }, why) &&
	       key_rotate(g->keys_dir, bureau, &by, clock_wall_ms(), tally, why);
	key_told_end(&told, well);
	person_keys_free(persons);
	return well;
}

int key_rotate_bureau(const struct key_giving *g, const char *bureau)
{
	struct complaint why = { .text = "" };
	struct key_opener opener;
	struct key_rotate_tally tally;
	bool well;

	if (!is_bureau(bureau, &why) || !key_opener_open(&opener, g->state_dir, g->keys_dir, g->with, false, &why))
		return refused(&why);
	well = rotate(g, &opener, bureau, &tally, &why);
	key_opener_release(&opener);
	if (!well)
		return refused(&why);
	printf("bureau %s has a new pair, sealed to %zu; the earlier one stays until its data keys are sealed anew\n", bureau, tally.kept);
	if (tally.dropped > 0)
		fprintf(stderr, "tipctl: %zu persons without a key pair have no row any more\n", tally.dropped);
	fprintf(stderr,
		"tipctl: next: copy bureau-%s.pub to where other processes have their keys; let the daemons reload (SIGHUP); tipctl key rewrap "
		"data-keys; a day later rewrap again and tipctl key rotate --finish %s\n",
		bureau, bureau);
	return CTL_WELL;
}

/* --- rewrap ---------------------------------------------------------------------------------- */

static void show_progress(const char *shard, size_t seen, size_t of)
{
	fprintf(stderr, "tipctl: shard %s: %zu of %zu data keys seen\n", shard, seen < of ? seen : of, of);
}

static bool find_store(const struct key_giving *g, char address[PATH_MAX], struct complaint *why)
{
	struct ctl_args args = { .help = false };

	snprintf(args.state, sizeof(args.state), "state_dir=%s", g->state_dir);
	args.sets[args.source.nsets++] = args.state;
	args.source.sets = args.sets;
	return ctl_store_address(&args, g->store, address) && ctl_trail(address, "key_rewrap", SPAN(""), why);
}

int key_rewrap_data_keys(const struct key_giving *g)
{
	struct complaint why = { .text = "" };
	struct key_successor *list = NULL;
	struct data_keys_tally tally = { 0 };
	struct data_keys_work work = { .progress = show_progress };
	struct key_opener opener;
	char address[PATH_MAX];
	bool well;

	if (!key_opener_open(&opener, g->state_dir, g->keys_dir, g->with, false, &why))
		return refused(&why);
	well = key_rotate_successors(g->keys_dir, &list, &work.nsuccessors, &why);
	work.successors = list;
	work.ring = opener.ring;
	if (well && work.nsuccessors > 0)
		well = find_store(g, address, &why) && data_keys_walk(address, &work, &tally, &why);
	key_opener_release(&opener);
	free(list);
	if (well)
		printf("%zu data keys, %zu under an earlier key of a bureau, %zu sealed anew, %zu that this token does not open\n", tally.seen,
		       tally.under, tally.again, tally.closed);
	return !well ? refused(&why) : tally.again == tally.under ? CTL_WELL : CTL_WRONG;
}

/* --- finish ---------------------------------------------------------------------------------- */

/* The earlier keys of that bureau alone, in place. */
static size_t only_of(struct key_successor *list, size_t n, const char *bureau)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].code, bureau) == 0)
			list[kept++] = list[i];
	return kept;
}

static bool nothing_under(const struct key_giving *g, const char *bureau, struct complaint *why)
{
	struct key_successor *list = NULL;
	struct data_keys_work work = { .progress = NULL };
	struct data_keys_tally tally = { 0 };
	char address[PATH_MAX];
	bool well = key_rotate_successors(g->keys_dir, &list, &work.nsuccessors, why);

	work.successors = list;
	work.nsuccessors = only_of(list, work.nsuccessors, bureau);
	well = well && find_store(g, address, why) && data_keys_walk(address, &work, &tally, why);
	if (well && tally.under > 0)
		well = complain(why, 0, "%zu data keys lie under an earlier key of bureau %s: tipctl key rewrap data-keys", tally.under, bureau);
	free(list);
	return well;
}

int key_rotate_finish_bureau(const struct key_giving *g, const char *bureau)
{
	struct complaint why = { .text = "" };
	struct key_told told;
	size_t destroyed = 0;
	bool well = is_bureau(bureau, &why) && nothing_under(g, bureau, &why);

	key_told_begin(&told, g);
	well = well && key_told_note(&told, &(struct key_told_what){ .kind = TRAIL_KEY_DESTROYED, .command = "key_rotate_finish",
								     .id = "bureau", .region = bureau }, &why) &&
	       key_rotate_finish(g->keys_dir, bureau, clock_wall_ms(), &destroyed, &why);
	key_told_end(&told, well && destroyed > 0);
	if (!well)
		return refused(&why);
	printf("%zu earlier keys of bureau %s are destroyed here; they are in older copies of the directory still\n", destroyed, bureau);
	return CTL_WELL;
}
