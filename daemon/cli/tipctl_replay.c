/*
 * tipctl replay: folds the journals of all shards a second time and holds the
 * result against what the store says; with --into it builds a new store.
 *
 * A store in use moves on while it is read. When there are differences and
 * the journal has grown meanwhile, the rest is read and all is compared again.
 */
#include "daemon/cli/tipctl_replay.h"
#include "daemon/cli/tipctl.h"
#include "daemon/cli/tipctl_archive.h"
#include "daemon/cli/tipctl_trail.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/random.h"

#include <stdlib.h>

#define TRIES_MAX 4

static const char usage[] =
	"usage: tipctl replay [--store ADDRESS] [--archive DIR] [--into ADDRESS] [--quiet] [--state DIR] [--config FILE]\n"
	"\n"
	"Reads the journals of all shards, folds them, and compares with the states, incidents,\n"
	"queues, leases and counts of the store. Each difference is a line: key, expected, found.\n"
	"What the store has let go of is read from the archive.\n"
	"\n"
	"  --store ADDRESS  unix:/path or host:port; else as configured\n"
	"  --archive DIR    files of the journals; else as configured\n"
	"  --into ADDRESS   writes journals, sealed contents and rebuilt states into this EMPTY\n"
	"                   store and compares it too\n"
	"  --quiet          no progress on standard error\n"
	"\n"
	"Exit status: 0 equal, 1 differences, 2 wrong use or no connection.\n";

struct replay_args {
	struct ctl_args common;
	const char *store;
	const char *into;
	const char *archive;
	bool quiet;
};

static void parse(struct replay_args *args, int argc, char **argv)
{
	static const struct option options[] = { CTL_OPTIONS,
						 { "store", required_argument, NULL, 'r' },
						 { "into", required_argument, NULL, 'i' },
						 { "archive", required_argument, NULL, 'a' },
						 { "quiet", no_argument, NULL, 'q' },
						 { 0 } };
	int option;

	*args = (struct replay_args){ 0 };
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'r')
			args->store = optarg;
		else if (option == 'i')
			args->into = optarg;
		else if (option == 'a')
			args->archive = optarg;
		else if (option == 'q')
			args->quiet = true;
		else
			ctl_option(&args->common, option);
	}
	if (optind < argc)
		args->common.wrong = true;
}

/* Compares; the report, owned by the caller, replaces an earlier one. */
static uint64_t compare_once(const struct replay *replay, char **report)
{
	size_t len;
	FILE *out;
	uint64_t differences;

	free(*report);
	*report = NULL;
	out = open_memstream(report, &len);
	if (out == NULL)
		return UINT64_MAX;
	differences = replay_compare(replay, replay->store, out);
	fclose(out);
	return differences;
}

static bool read_on(struct replay *replay)
{
	uint64_t started_ms = clock_steady_ms();
	bool well = replay_read(replay, stdout);

	replay->read_ms += clock_steady_ms() - started_ms;
	return well;
}

/* Reads and compares, and again as long as there are differences and the store moves. */
static uint64_t compare_store(struct replay *replay)
{
	uint64_t differences = UINT64_MAX, before;
	char *report = NULL;

	for (int attempt = 0; attempt < TRIES_MAX; attempt++) {
		before = replay->events;
		if (!read_on(replay))
			return UINT64_MAX;
		if (attempt > 0 && replay->events == before)
			break;
		differences = compare_once(replay, &report);
		if (differences == 0 || differences == UINT64_MAX)
			break;
	}
	if (report != NULL)
		fputs(report, stdout);
	free(report);
	return differences;
}

static void tell(const struct replay *replay, uint64_t differences)
{
	size_t ntips;

	fold_tips(replay->fold, &ntips);
	printf("%llu events, %zu tips, %llu events that do not follow, %llu differences\n",
	       (unsigned long long)replay->events, ntips, (unsigned long long)replay->broken,
	       (unsigned long long)differences);
	if (replay->filed > 0)
		printf("%llu of the events out of the archive\n", (unsigned long long)replay->filed);
	if (!replay->quiet)
		fprintf(stderr, "read and folded in %llu ms: %llu events/s\n",
			(unsigned long long)replay->read_ms,
			(unsigned long long)(replay->events * 1000 /
					     (replay->read_ms > 0 ? replay->read_ms : 1)));
}

static int rebuild_into(const struct replay *replay, const char *address)
{
	struct complaint why = { 0 };
	struct pipe *into = pipe_open(address, &why);
	uint64_t differences;

	if (into == NULL || !replay_is_empty(into)) {
		fprintf(stderr, "tipctl: %s\n",
			into == NULL ? why.text : "the store to write into is not empty");
		if (into != NULL)
			pipe_free(into);
		return CTL_USAGE;
	}
	differences = replay_rebuild(replay, into) ? replay_compare(replay, into, stdout) : UINT64_MAX;
	pipe_free(into);
	if (differences == UINT64_MAX)
		return CTL_USAGE;
	printf("the new store: %llu differences\n", (unsigned long long)differences);
	return differences == 0 ? CTL_WELL : CTL_WRONG;
}

static int run(struct replay *replay, const struct replay_args *args)
{
	uint64_t differences = compare_store(replay);
	int status;

	if (differences == UINT64_MAX)
		return replay->lost ? CTL_WRONG : CTL_USAGE;
	tell(replay, differences);
	status = differences > 0 || replay->broken > 0 ? CTL_WRONG : CTL_WELL;
	if (args->into != NULL) {
		int rebuilt = rebuild_into(replay, args->into);

		status = rebuilt > status ? rebuilt : status;
	}
	return status;
}

int tipctl_replay(int argc, char **argv)
{
	struct replay_args args;
	struct replay replay = { 0 };
	struct complaint why = { 0 };
	struct archive *archive;
	char address[PATH_MAX];
	int status;

	parse(&args, argc, argv);
	if (ctl_usage(&args.common, usage, &status))
		return status;
	if (!ctl_store_address(&args.common, args.store, address))
		return CTL_USAGE;
	archive = ctl_archive_open(&args.common, args.archive);
	if (archive == NULL)
		return CTL_USAGE;
	replay.quiet = args.quiet;
	replay.archive = archive;
	if (ctl_trail(address, "replay", args.into != NULL ? SPAN("into") : SPAN(""), &why))
		replay.store = pipe_open(address, &why);
	if (replay.store == NULL) {
		fprintf(stderr, "tipctl: %s\n", why.text);
		archive_free(archive);
		return CTL_USAGE;
	}
	replay.fold = fold_new(random_u64());
	status = run(&replay, &args);
	fold_free(replay.fold);
	pipe_free(replay.store);
	archive_free(archive);
	return status;
}
