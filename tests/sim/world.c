/*
 * A world: its beginning, its events, its end.
 */
#include "tests/sim/sim.h"

#include "daemon/base/memory.h"
#include "daemon/base/table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* --- telling ------------------------------------------------------------------------------ */

void sim_fail(const struct sim *sim, const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fprintf(stderr, "seed %llu, event %zu, record %zu: ", (unsigned long long)sim->options.seed, sim->event, sim->journal.n);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n  again: tests/sim/run --seed %llu --events %zu --trace\n",
		(unsigned long long)sim->options.seed, sim->settling ? sim->options.events : sim->event + 1);
	exit(1);
}

void sim_trace(const struct sim *sim, const char *format, ...)
{
	va_list args;

	if (!sim->options.trace)
		return;
	printf("%zu %lld ", sim->event, (long long)((sim->now_ms - SIM_BEGIN) / SIM_SECOND));
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
}

/* --- beginning -------------------------------------------------------------------------------- */

static unsigned one_of(struct sim *sim, unsigned often, unsigned rare)
{
	return random_one_in(&sim->random, 3) ? 0 : random_one_in(&sim->random, 3) ? often : rare;
}

/* Worlds differ: some know no kills, some have a liar for a provider, some restore backups. */
static void draw_habits(struct sim *sim)
{
	struct random *random = &sim->random;

	sim->habits = (struct habits){
		.people = (unsigned)random_between(random, 60, 120), .cases = (unsigned)random_between(random, 6, 16),
		.money = (unsigned)random_between(random, 2, 8), .noise = (unsigned)random_between(random, 1, 15),
		.repeats = 3, .system = (unsigned)random_between(random, 10, 40),
		.network = (unsigned)random_between(random, 10, 40), .callbacks = (unsigned)random_between(random, 2, 15),
		.time = (unsigned)random_between(random, 8, 25), .statements = (unsigned)random_between(random, 0, 3),
		.skew = 1, .kill = one_of(sim, 60, 400), .lost_append = one_of(sim, 30, 200),
		.restore = random_one_in(random, 6) ? 300 : 0, .refused = one_of(sim, 4, 20), .lost = one_of(sim, 4, 20),
		.years = random_one_in(random, 4),
	};
	if (sim->habits.years)
		sim->habits.money = 12;
	sim->provider.habits = (struct provider_habits){
		.fails = one_of(sim, 2, 6), .payee_faults = 2, .cancels_lost = 3, .returns = one_of(sim, 3, 8),
		.lies = random_one_in(random, 2) ? 2 : 0, .doubles = 3, .stuck = random_one_in(random, 2) ? 12 : 0,
		.slow_ms = random_one_in(random, 3) ? 4 * SIM_DAY : random_one_in(random, 2) ? SIM_HOUR : SIM_MINUTE,
		.retention_ms = (random_one_in(random, 4) ? 8 : 30) * SIM_DAY,
	};
}

static void draw_places(struct sim *sim)
{
	static const char *const bureaus[SIM_BUREAUS] = { "150600", "150602", "330100" };

	sim->nbureaus = (size_t)random_between(&sim->random, 1, SIM_BUREAUS);
	memcpy(sim->bureaus, bureaus, sizeof(bureaus));
}

void sim_begin(struct sim *sim, const struct sim_options *options)
{
	*sim = (struct sim){ .options = *options, .random = { .state = options->seed }, .now_ms = SIM_BEGIN };
	sim->affairs = memory_zeroes(SIM_CASES, sizeof(*sim->affairs));
	sim->coverage = memory_zeroes(1, sizeof(*sim->coverage));
	sim->invariants = invariants_new(sim_key);
	sim->settling = true;
	draw_habits(sim);
	draw_places(sim);
	sim->ndaemons = random_one_in(&sim->random, 3) ? 2 : 1;
	for (size_t i = 0; i < sim->ndaemons; i++)
		sim->daemons[i].book = book_new(sim_key, options->seed + i);
	world_staff(sim);
	world_policies(sim);
	world_money(sim);
	sim->settling = false;
}

void sim_end(struct sim *sim)
{
	for (size_t i = 0; i < sim->ndaemons; i++)
		book_free(sim->daemons[i].book);
	for (size_t i = 0; i < SIM_KEPT; i++)
		arena_release(&sim->kept[i].arena);
	journal_release(&sim->journal);
	provider_release(&sim->provider);
	invariants_free(sim->invariants);
	arena_release(&sim->arena);
	free(sim->coverage);
	free(sim->affairs);
	names_release(&sim->lost);
	free(sim->lost_fen);
}

/* --- events ------------------------------------------------------------------------------------- */

static void system_works(struct sim *sim)
{
	int64_t next_ms;

	for (size_t n = 1 + random_below(&sim->random, 4); n > 0; n--)
		if (!daemon_due(sim, daemon_any(sim), &next_ms))
			return;
}

/*
 * Timers run while a daemon does: when more than half an hour has gone by, all
 * that is due comes before anything else, with its calls. Then nothing may be late.
 */
static void timers_run(struct sim *sim)
{
	struct complaint why = { .text = "" };
	int64_t next_ms;
	bool done = false;

	for (size_t n = 0; n < 4000 && !done; n++) {
		done = !daemon_due(sim, &sim->daemons[0], &next_ms);
		if (random_one_in(&sim->random, 2))
			daemon_network(sim, &sim->daemons[0]);
	}
	sim->timers_ms = sim->now_ms;
	if (!done)
		sim_fail(sim, "what is due has no end");
	if (!invariants_timely(sim->invariants, daemon_clock(sim, &sim->daemons[0]), &why))
		sim_fail(sim, "%s", why.text);
}

static void network_works(struct sim *sim)
{
	daemon_network(sim, daemon_any(sim));
}

static void provider_calls(struct sim *sim)
{
	daemon_callback(sim);
}

/* To the next thing that is due, or just on: seconds, hours, days, rarely months. */
static void time_goes_on(struct sim *sim)
{
	static const int64_t steps[] = { SIM_SECOND, SIM_MINUTE, 20 * SIM_MINUTE, 3 * SIM_HOUR, SIM_DAY, 3 * SIM_DAY };
	struct daemon *daemon = &sim->daemons[0];
	int64_t next_ms = 0, step = RANDOM_PICK(&sim->random, steps);

	if (random_one_in(&sim->random, 40))
		step = 45 * SIM_DAY;
	sim->now_ms += random_between(&sim->random, 1, step);
	for (size_t n = random_below(&sim->random, 6); n > 0; n--)
		daemon_network(sim, daemon);
	if (!daemon_due(sim, daemon, &next_ms) && next_ms > sim->now_ms && next_ms < sim->now_ms + 40 * SIM_DAY &&
	    random_one_in(&sim->random, 3))
		sim->now_ms = next_ms - (int64_t)random_below(&sim->random, 2);
}

static void statements_come(struct sim *sim)
{
	if (random_one_in(&sim->random, 2))
		bank_statement(sim);
	else
		people_breaks(sim);
}

static void clocks_step(struct sim *sim)
{
	struct daemon *daemon = daemon_any(sim);

	/* The provider takes what it is told, and is silent for a while. */
	if (sim->habits.lost > 0 && random_one_in(&sim->random, 3))
		sim->down_until_ms = sim->now_ms + random_between(&sim->random, 1, 40) * SIM_DAY;
	daemon->skew_ms = random_one_in(&sim->random, 2) ? 0 : random_between(&sim->random, -2 * SIM_HOUR, 5 * SIM_SECOND);
	if (random_one_in(&sim->random, 4))
		people_staff(sim);
	else if (random_one_in(&sim->random, 12))
		people_policy(sim);
}

void sim_event(struct sim *sim)
{
	const struct habits *habits = &sim->habits;
	const struct {
		unsigned weight;
		void (*happens)(struct sim *sim);
	} events[] = {
		{ habits->people, people_reward },     { habits->cases, people_case },
		{ habits->money, people_money },       { habits->noise, noise },
		{ habits->repeats, order_repeat },     { habits->system, system_works },
		{ habits->network, network_works },    { habits->callbacks, provider_calls },
		{ habits->time, time_goes_on },        { habits->statements, statements_come },
		{ habits->skew, clocks_step },
	};
	size_t sum = 0, draw;

	arena_clear(&sim->arena);
	if (sim->now_ms - sim->timers_ms > 30 * SIM_MINUTE)
		timers_run(sim);
	if (book_quarantine(sim->daemons[0].book)->on && random_one_in(&sim->random, 12)) {
		people_reconcile(sim);
		return;
	}
	if (random_one_in(&sim->random, habits->restore)) {
		sim_restore(sim);
		return;
	}
	for (size_t i = 0; i < COUNT_OF(events); i++)
		sum += events[i].weight;
	draw = random_below(&sim->random, sum);
	for (size_t i = 0; i < COUNT_OF(events); i++) {
		if (draw < events[i].weight) {
			events[i].happens(sim);
			return;
		}
		draw -= events[i].weight;
	}
}

/* --- checks ---------------------------------------------------------------------------------------- */

static void compare_books(struct sim *sim, const struct book *other, const char *what)
{
	struct buf one = { 0 }, two = { 0 };
	char difference[240];

	state_text(sim->daemons[0].book, sim->now_ms, &one);
	state_text(other, sim->now_ms, &two);
	if (one.len != two.len || memcmp(one.at, two.at, one.len) != 0) {
		state_difference(&one, &two, difference);
		sim_fail(sim, "I16: %s is another book: %s", what, difference);
	}
	buf_release(&one);
	buf_release(&two);
	sim->figures.checked++;
}

void sim_check(struct sim *sim)
{
	struct complaint why = { .text = "" };
	struct book *again;

	for (size_t i = 0; i < sim->ndaemons; i++)
		daemon_catch_up(sim, &sim->daemons[i]);
	if (!invariants_compare_all(sim->invariants, sim->daemons[0].book, &why) ||
	    !invariants_provider(sim->invariants, &sim->provider, sim_lost, sim, &why))
		sim_fail(sim, "%s", why.text);
	again = sim_rebuild(sim, sim->event);
	compare_books(sim, again, "the one built from the journal");
	book_free(again);
	if (sim->ndaemons > 1)
		compare_books(sim, sim->daemons[1].book, "that of the other daemon");
}

/* --- the end ------------------------------------------------------------------------------------------ */

static bool quiet(struct sim *sim)
{
	bool something = false;
	int64_t next_ms;

	for (size_t i = 0; i < sim->ndaemons; i++)
		while (daemon_network(sim, &sim->daemons[i]))
			something = true;
	while (daemon_callback(sim))
		something = true;
	return !daemon_due(sim, &sim->daemons[0], &next_ms) && !something;
}

void sim_settle(struct sim *sim)
{
	struct complaint why = { .text = "" };

	sim->settling = true;
	sim->provider.habits.returns = sim->provider.habits.lies = sim->provider.habits.fails = sim->provider.habits.stuck = 0;
	sim->daemons[0].skew_ms = sim->daemons[1].skew_ms = 0;
	for (size_t day = 0; day < 60; day++) {
		for (size_t n = 0; n < 5000 && !quiet(sim); n++)
			arena_clear(&sim->arena);
		sim->now_ms += SIM_DAY;
		bank_statement(sim);
		people_reconcile(sim);
		people_find(sim);
		arena_clear(&sim->arena);
	}
	sim_check(sim);
	if (!sim->restored && !invariants_settled(sim->invariants, &sim->provider, &why))
		sim_fail(sim, "when all was told: %s", why.text);
}
