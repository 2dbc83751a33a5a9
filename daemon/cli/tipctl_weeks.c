/*
 * tipctl key weeks, rewrap weeks, destroy-week; see tipctl_weeks.h.
 *
 * Where the keys and the store are is told by the configuration. Whoever reads
 * the store or destroys a key leaves an event in the audit trail first.
 */
#include "daemon/cli/tipctl_weeks.h"

#include "daemon/cli/tipctl.h"
#include "daemon/cli/tipctl_trail.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/week_mark.h"

#include <dirent.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage[] =
	"usage: tipctl key weeks [--count] [CONFIG...]\n"
	"       tipctl key rewrap weeks [--from WEEK] [--to present] [--quiet] [CONFIG...]\n"
	"       tipctl key destroy-week WEEK [--with-tips] --yes [CONFIG...]\n"
	"  weeks         each weekly key: its week, the Monday on which that begins, what became of it\n"
	"    --count     and how many tips lie under it; reads the front of every tip\n"
	"  rewrap weeks  puts tips of WEEK and later, or of all weeks, under the present week's key, so that the old\n"
	"                ones can go; WEEK 0: also tips of versions without weekly keys. The daemons go on meanwhile;\n"
	"                cut short, it may be begun again\n"
	"  destroy-week  overwrites and removes a week's key: no tip under it can ever be opened again, in no copy.\n"
	"                Only where none lies under it, or with --with-tips\n"
	"CONFIG: --config FILE, --state DIR, --set KEY=VALUE, --weeks DIR, --store ADDRESS; as everywhere.\n";

struct weeks_args {
	struct ctl_args ctl;
	const char *weeks, *store;
	uint64_t from;
	bool from_given, count, quiet, with_tips, yes;
};

struct weeks_house {
	struct week_keys *weeks;
	char dir[PATH_MAX];      /* of the weekly keys */
	char store[PATH_MAX];
	char spool[PATH_MAX];
	int64_t now_ms;
};

bool key_weeks_wanted(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "weeks") == 0 || strcmp(argv[i], "destroy-week") == 0)
			return true;
	return false;
}

/* --- arguments ------------------------------------------------------------------------------ */

static void take(struct weeks_args *args, int option)
{
	switch (option) {
	case 'w':
		args->weeks = optarg;
		break;
	case 'a':
		args->store = optarg;
		break;
	case 'f':
		args->from_given = span_u64(span_of(optarg), &args->from) && args->from <= 9999;
		args->ctl.wrong = args->ctl.wrong || !args->from_given;
		break;
	case 't':
		args->ctl.wrong = args->ctl.wrong || strcmp(optarg, "present") != 0;
		break;
	case 'n':
		args->count = true;
		break;
	case 'q':
		args->quiet = true;
		break;
	case 'T':
		args->with_tips = true;
		break;
	case 'y':
		args->yes = true;
		break;
	default:
		ctl_option(&args->ctl, option);
	}
}

static void parse(struct weeks_args *args, int argc, char **argv)
{
	static const struct option options[] = {
		CTL_OPTIONS,
		{ "weeks", required_argument, NULL, 'w' },
		{ "store", required_argument, NULL, 'a' },
		{ "from", required_argument, NULL, 'f' },
		{ "to", required_argument, NULL, 't' },
		{ "count", no_argument, NULL, 'n' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "with-tips", no_argument, NULL, 'T' },
		{ "yes", no_argument, NULL, 'y' },
		{ 0 },
	};
	int option;

	optind = 1;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		take(args, option);
}

static bool open_house(const struct weeks_args *args, struct weeks_house *house, struct complaint *why)
{
	struct config config;
	bool well = ctl_load(&args->ctl, &config);

	why->text[0] = '\0';
	house->now_ms = clock_wall_ms();
	if (well) {
		snprintf(house->dir, sizeof(house->dir), "%s", args->weeks != NULL ? args->weeks : config_weeks_dir(&config));
		house->weeks = week_keys_open(house->dir, false, why);
		snprintf(house->spool, sizeof(house->spool), "%s/spool", config.state_dir);
	}
	config_release(&config);
	return well && house->weeks != NULL;
}

static struct pipe *open_store(const struct weeks_args *args, struct weeks_house *house, const char *command, unsigned week,
			       struct complaint *why)
{
	char query[32];

	snprintf(query, sizeof(query), "week=%u", week);
	if (!ctl_store_address(&args->ctl, args->store, house->store)) {
		complain(why, 0, "where the store is has to be known for this; see --store");
		return NULL;
	}
	if (!ctl_trail(house->store, command, week > 0 ? span_of(query) : (struct span){ 0 }, why))
		return NULL;
	return pipe_open(house->store, why);
}

/* --- counting --------------------------------------------------------------------------------- */

struct week_counts {
	uint64_t *of;            /* 10,000 */
	uint64_t leaving;
};

static void count_one(void *ctx, const struct week_tip *tip)
{
	struct week_counts *counts = ctx;

	if (tip->content.len > 0)
		counts->of[tip->week % 10000]++;
	if (tip->identity_week != tip->week && tip->identity.len > 0)
		counts->of[tip->identity_week % 10000]++;
	counts->leaving += tip->leaving;
}

static bool count(struct pipe *store, struct week_counts *counts, struct complaint *why)
{
	struct week_walk walk = { .store = store, .visit = count_one, .ctx = counts };

	counts->of = calloc(10000, sizeof(*counts->of));
	if (counts->of == NULL)
		abort();
	if (!week_walk(&walk))
		return complain(why, 0, "the connection to the store broke");
	if (walk.broken > 0)
		fprintf(stderr, "tipctl: %llu tips are neither sealed nor covered; see tipctl verify\n", (unsigned long long)walk.broken);
	return true;
}

/* --- weeks -------------------------------------------------------------------------------------- */

static void print_week(const struct week_counts *counts, unsigned week, const char *what)
{
	char at[21] = "-";

	if (week > 0)
		clock_text(week_begins(week), at);
	printf("%6u  %-10.10s", week, at);
	if (counts != NULL)
		printf("  %8llu", (unsigned long long)counts->of[week]);
	printf("  %s\n", what);
	if (counts != NULL)
		counts->of[week] = 0; /* told */
}

static void print_keys(struct weeks_house *house, const struct week_counts *counts)
{
	unsigned *here, *gone, present = week_of(house->now_ms);
	char name[WEEK_MARK_NAME_MAX];
	size_t nhere = week_keys_list(house->weeks, &here), ngone = week_keys_list_destroyed(house->weeks, &gone);

	for (size_t i = 0; i < ngone; i++)
		print_week(counts, gone[i], "destroyed");
	for (size_t i = 0; i < nhere; i++) {
		struct seal_key key;
		bool fine = week_keys_find(house->weeks, here[i], &key) == WEEK_KEY_FOUND;

		sodium_memzero(&key, sizeof(key));
		print_week(counts, here[i], !fine ? "unreadable" : here[i] == present ? "present" : here[i] > present ? "next" : "here");
	}
	if (week_marks_any(house->dir, name))
		printf("tips wait in a spool, no key is destroyed meanwhile: %s/%s\n", house->dir, name);
	free(here);
	free(gone);
}

/* Tips under keys that are nowhere; true: there are none. */
static bool print_missing(const struct week_counts *counts)
{
	bool none = true;

	for (unsigned week = 0; week < 10000; week++) {
		if (counts->of[week] == 0)
			continue;
		none = none && week == 0;
		print_week(counts, week, week == 0 ? "never covered: tipctl key rewrap weeks --from 0" : "MISSING: bring its key back");
	}
	return none;
}

static int list(const struct weeks_args *args, struct weeks_house *house)
{
	struct week_counts counts = { 0 };
	struct complaint why;
	struct pipe *store = NULL;
	int status = CTL_WELL;

	if (args->count) {
		store = open_store(args, house, "key weeks", 0, &why);
		if (store == NULL || !count(store, &counts, &why))
			status = ctl_refused(&why);
	}
	if (status == CTL_WELL) {
		printf("%6s  %-10s%s  %s\n", "WEEK", "BEGINS", args->count ? "      TIPS" : "", "STATE");
		print_keys(house, args->count ? &counts : NULL);
		if (args->count && !print_missing(&counts))
			status = CTL_WRONG;
	}
	if (store != NULL)
		pipe_free(store);
	free(counts.of);
	return status;
}

/* --- rewrap ---------------------------------------------------------------------------------------- */

static void print_rewrap(const struct week_rewrap *r)
{
	printf("%llu tips seen, %llu moved to week %u, in %.1f s (%.0f a second)\n", (unsigned long long)r->seen, (unsigned long long)r->moved,
	       week_of(r->now_ms), (double)r->ms / 1000, r->ms > 0 ? (double)r->seen * 1000 / (double)r->ms : 0.0);
	if (r->leaving > 0)
		printf("%llu are on their way to another shard and stay; run it again in a minute\n", (unsigned long long)r->leaving);
	if (r->changed > 0)
		printf("%llu were changed by others at the same moment; run it again\n", (unsigned long long)r->changed);
	if (r->gone > 0)
		printf("%llu lie under destroyed keys\n", (unsigned long long)r->gone);
	if (r->missing > 0)
		printf("%llu do not open: their week's key is missing, or another one\n", (unsigned long long)r->missing);
}

static int rewrap(const struct weeks_args *args, struct weeks_house *house)
{
	struct complaint why;
	struct week_rewrap r = { .weeks = house->weeks, .from = args->from_given ? (unsigned)args->from : 1, .now_ms = house->now_ms,
				 .quiet = args->quiet };
	bool well;

	r.store = open_store(args, house, "key rewrap weeks", r.from, &why);
	if (r.store == NULL)
		return ctl_refused(&why);
	well = week_rewrap(&r, &why);
	pipe_free(r.store);
	if (!well)
		return ctl_refused(&why);
	print_rewrap(&r);
	return r.missing + r.changed + r.leaving > 0 ? CTL_WRONG : CTL_WELL;
}

/* --- destroy ----------------------------------------------------------------------------------------- */

/* One that cannot be looked into may hold some. */
static bool spool_waits(const char *path)
{
	DIR *names = opendir(path);
	const struct dirent *entry;
	bool any = names == NULL && errno != ENOENT;

	while (names != NULL && !any && (entry = readdir(names)) != NULL)
		any = strstr(entry->d_name, ".spool") != NULL;
	if (names != NULL)
		closedir(names);
	return any;
}

/*
 * Tips that wait beside the store, in the spool of this directory or, by its
 * mark, of any process. Looked for before the store is: what leaves a spool
 * while that goes on may stand where the walk has been.
 */
static bool none_waits(const struct weeks_house *house, struct complaint *why)
{
	char name[WEEK_MARK_NAME_MAX];

	if (spool_waits(house->spool))
		return complain(why, 0, "tips wait in %s, or it cannot be read; try again when the store has them", house->spool);
	if (!week_marks_any(house->dir, name))
		return true;
	return complain(why, 0, "tips wait in a spool: %s/%s says where; try again when the store has them, or remove that file if its spool "
			"is gone for good", house->dir, name);
}

static bool may_destroy(const struct weeks_args *args, const struct weeks_house *house, unsigned week, struct pipe *store,
			struct complaint *why)
{
	struct week_counts counts = { 0 };
	bool well = (args->with_tips || none_waits(house, why)) && count(store, &counts, why);

	if (well && counts.of[week] > 0)
		printf("%llu tips lie under week %u\n", (unsigned long long)counts.of[week], week);
	if (well && !args->with_tips)
		well = (counts.of[week] == 0 || complain(why, 0, "move them first (tipctl key rewrap weeks --from %u), or say --with-tips", week)) &&
		       (counts.leaving == 0 || complain(why, 0, "%llu tips are on their way to another shard; try again in a minute",
							(unsigned long long)counts.leaving));
	free(counts.of);
	return well && (args->yes || complain(why, 0, "nothing was destroyed: say --yes"));
}

static int destroy(const struct weeks_args *args, struct weeks_house *house, const char *number)
{
	struct complaint why;
	struct pipe *store;
	uint64_t week;
	bool well;

	if (!span_u64(span_of(number), &week) || week == 0 || week > 9999) {
		fputs(usage, stderr);
		return CTL_USAGE;
	}
	store = open_store(args, house, "key destroy-week", (unsigned)week, &why);
	if (store == NULL)
		return ctl_refused(&why);
	well = may_destroy(args, house, (unsigned)week, store, &why) && week_keys_destroy(house->weeks, (unsigned)week, house->now_ms, &why);
	pipe_free(store);
	if (!well)
		return ctl_refused(&why);
	printf("the key of week %u is destroyed here; copies of %s lose it with scripts/backup --weeks\n", (unsigned)week, house->dir);
	return CTL_WELL;
}

/* --- the command -------------------------------------------------------------------------------------- */

static int act(const struct weeks_args *args, struct weeks_house *house, char **words, int n)
{
	if (n == 1 && strcmp(words[0], "weeks") == 0)
		return list(args, house);
	if (n == 2 && strcmp(words[0], "rewrap") == 0 && strcmp(words[1], "weeks") == 0)
		return rewrap(args, house);
	if (n == 2 && strcmp(words[0], "destroy-week") == 0)
		return destroy(args, house, words[1]);
	fputs(usage, stderr);
	return CTL_USAGE;
}

int key_weeks(int argc, char **argv)
{
	struct weeks_args args = { .from = 1 };
	struct weeks_house house = { .weeks = NULL };
	struct complaint why;
	int status;

	parse(&args, argc, argv);
	if (ctl_usage(&args.ctl, usage, &status))
		return status;
	if (!open_house(&args, &house, &why)) {
		if (why.text[0] != '\0')
			fprintf(stderr, "tipctl: %s\n", why.text);
		return CTL_WRONG;
	}
	status = act(&args, &house, argv + optind, argc - optind);
	week_keys_free(house.weeks);
	return status;
}
