/*
 * Runs worlds: each seed in a process of its own, so that an assertion that
 * fails is told with its seed and event like everything else. See run.
 */
#include "tests/sim/races.h"
#include "tests/sim/sim.h"

#include "daemon/base/table.h"

#include <getopt.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What the processes of the worlds leave behind. */
struct sums {
	struct coverage coverage;
	struct figures figures;
	unsigned char journal[32];     /* hash of all lines of the last world */
	size_t event;
	uint64_t rewards;
};

struct run_options {
	struct sim_options sim;
	uint64_t seeds;
	const char *journal;
	bool all, twice;
	uint64_t races;
};

static struct sums *sums;

static void usage(void)
{
	fprintf(stderr, "usage: tests/sim/run [--seed N] [--seeds N] [--events N] [--check-every N] [--trace] [--journal FILE]\n"
			"                     [--races ROUNDS] [--twice] [--all]\n");
	exit(2);
}

/* --- one world ----------------------------------------------------------------------------- */

static void add_up(const struct sim *sim)
{
	const uint64_t *from = (const uint64_t *)sim->coverage, *of = (const uint64_t *)&sim->figures;
	uint64_t *to = (uint64_t *)&sums->coverage, *into = (uint64_t *)&sums->figures;
	crypto_hash_sha256_state state;

	for (size_t i = 0; i < sizeof(sums->coverage) / sizeof(uint64_t); i++)
		to[i] += from[i];
	for (size_t i = 0; i < sizeof(sums->figures) / sizeof(uint64_t); i++)
		into[i] += of[i];
	crypto_hash_sha256_init(&state);
	for (size_t i = 0; i < sim->journal.n; i++)
		crypto_hash_sha256_update(&state, (const unsigned char *)sim->journal.lines[i].at, sim->journal.lines[i].len);
	crypto_hash_sha256_final(&state, sums->journal);
	sums->rewards += book_rewards(sim->daemons[0].book);
}

static void write_journal(const struct sim *sim, const char *path)
{
	FILE *file = fopen(path, "w");

	if (file == NULL) {
		perror(path);
		exit(2);
	}
	for (size_t i = 0; i < sim->journal.n; i++)
		fprintf(file, "%.*s\n", (int)sim->journal.lines[i].len, sim->journal.lines[i].at);
	fclose(file);
}

static void run_world(const struct run_options *options)
{
	static struct sim sim;

	sim_begin(&sim, &options->sim);
	for (sim.event = 0; sim.event < options->sim.events; sim.event++) {
		sums->event = sim.event;
		sim_event(&sim);
		if (options->sim.check_every > 0 && (sim.event + 1) % options->sim.check_every == 0)
			sim_check(&sim);
	}
	if (options->journal != NULL)
		write_journal(&sim, options->journal);
	sim_check(&sim);
	sim_settle(&sim);
	if (options->journal != NULL)
		write_journal(&sim, options->journal);
	add_up(&sim);
	sim_end(&sim);
}

/* True: the world held. */
static bool run_apart(const struct run_options *options)
{
	int status = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (options->sim.quiet && freopen("/dev/null", "w", stderr) == NULL)
			_exit(2);
		run_world(options);
		exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0) {
		perror("fork");
		exit(2);
	}
	if (WIFSIGNALED(status) && !options->sim.quiet)
		fprintf(stderr, "seed %llu, event %zu: ended by signal %d\n  again: tests/sim/run --seed %llu --events %zu --trace\n",
			(unsigned long long)options->sim.seed, sums->event, WTERMSIG(status),
			(unsigned long long)options->sim.seed, sums->event + 1);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* --- the fewest events -------------------------------------------------------------------------- */

/* By bisection; behind each prefix everything is compared, so what went wrong early is seen early. */
static void shrink(const struct run_options *options)
{
	struct run_options less = *options;
	size_t good = 0, bad = options->sim.events;

	less.sim.quiet = true;
	less.sim.trace = false;
	less.journal = NULL;
	while (good + 1 < bad) {
		less.sim.events = good + (bad - good) / 2;
		less.sim.check_every = 0;
		if (run_apart(&less))
			good = less.sim.events;
		else
			bad = less.sim.events;
	}
	fprintf(stderr, "fewest events: tests/sim/run --seed %llu --events %zu --trace\n",
		(unsigned long long)options->sim.seed, bad);
}

/* --- many --------------------------------------------------------------------------------------- */

static bool same_again(const struct run_options *options)
{
	unsigned char first[32];

	memcpy(first, sums->journal, sizeof(first));
	if (!run_apart(options) || memcmp(first, sums->journal, sizeof(first)) != 0) {
		fprintf(stderr, "seed %llu: a second run wrote another journal\n", (unsigned long long)options->sim.seed);
		return false;
	}
	return true;
}

static void tell(const struct run_options *options, uint64_t worlds, double seconds)
{
	const struct figures *f = &sums->figures;
	uint64_t events = worlds * options->sim.events;

	coverage_print(&sums->coverage, options->all);
	if (options->all) {
		size_t n;
		const struct book_command_kind *kinds = book_command_kinds(&n);

		for (size_t i = 0; i < n; i++)
			printf("  %-9llu %s\n", (unsigned long long)f->by_kind[i], kinds[i].kind);
		printf("  %-9llu vote\n", (unsigned long long)f->by_kind[SIM_KINDS - 1]);
	}
	printf("%llu worlds, %llu events, %.0f events/s: %llu records, %llu rewards, %llu calls, %llu refused, %llu repeated, %llu "
	       "head conflicts, %llu kills, %llu restores, %llu rebuilds, %llu statements, %llu states compared\n",
	       (unsigned long long)worlds, (unsigned long long)events, (double)events / (seconds > 0 ? seconds : 1),
	       (unsigned long long)f->records, (unsigned long long)sums->rewards, (unsigned long long)f->jobs,
	       (unsigned long long)f->refused, (unsigned long long)f->repeated, (unsigned long long)f->conflicts,
	       (unsigned long long)f->kills, (unsigned long long)f->restores, (unsigned long long)f->rebuilds,
	       (unsigned long long)f->statements, (unsigned long long)f->checked);
	if (f->restores > 0)
		printf("after restores: %llu were reconciled, %llu attempts were begun for a debit, %llu instructions refused by the "
		       "provider as known with other contents\n", (unsigned long long)f->reconciled,
		       (unsigned long long)f->adopted, (unsigned long long)f->ids_reused);
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static uint64_t number(const char *text)
{
	char *end;
	unsigned long long n = strtoull(text, &end, 10);

	if (*text == '\0' || *end != '\0')
		usage();
	return n;
}

static void read_options(int argc, char **argv, struct run_options *options)
{
	static const struct option names[] = {
		{ "seed", required_argument, NULL, 's' },   { "seeds", required_argument, NULL, 'n' },
		{ "events", required_argument, NULL, 'e' }, { "check-every", required_argument, NULL, 'c' },
		{ "trace", no_argument, NULL, 't' },	    { "journal", required_argument, NULL, 'j' },
		{ "all", no_argument, NULL, 'a' },	    { "twice", no_argument, NULL, '2' },
		{ "races", required_argument, NULL, 'r' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (option == 's')
			options->sim.seed = number(optarg);
		else if (option == 'n')
			options->seeds = number(optarg);
		else if (option == 'e')
			options->sim.events = (size_t)number(optarg);
		else if (option == 'c')
			options->sim.check_every = (size_t)number(optarg);
		else if (option == 't')
			options->sim.trace = true;
		else if (option == 'j')
			options->journal = optarg;
		else if (option == 'a')
			options->all = true;
		else if (option == 'r')
			options->races = number(optarg);
		else if (option == '2')
			options->twice = true;
		else
			usage();
	}
}

int main(int argc, char **argv)
{
	struct run_options options = { .sim = { .seed = 1, .events = 1000, .check_every = 250 }, .seeds = 1 };
	double begin = seconds_now();
	uint64_t worlds = 0;

	read_options(argc, argv, &options);
	if (options.races > 0)
		return races_run(options.races, options.sim.seed) ? 0 : 1;
	sums = mmap(NULL, sizeof(*sums), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (sums == MAP_FAILED)
		return 2;
	for (; worlds < options.seeds; worlds++, options.sim.seed++) {
		if (!run_apart(&options)) {
			if (!options.sim.trace) {
				options.sim.events = sums->event + 1;
				shrink(&options);
			}
			return 1;
		}
		if (options.twice && worlds == 0 && !same_again(&options))
			return 1;
	}
	tell(&options, worlds, seconds_now() - begin);
	return 0;
}
