/*
 * tipctl log verify: holds the files of a log against what was signed.
 *
 * The walk itself is tipctl_log_walk.c. Here: what is known of the log from
 * elsewhere, going on where the last run ended, and what is said at the end. A
 * run that went on and did not come out well is done again from the first leaf,
 * so that what is found does not depend on where it began.
 */
#include "daemon/cli/tipctl_log.h"

#include "daemon/base/memory.h"
#include "daemon/cli/tipctl_log_state.h"
#include "daemon/cli/tipctl_log_walk.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FILES_MAX 4096
#define KNOWN_BYTES_MAX ((size_t)1 << 28)
#define TELL_EVERY_MS 2000

static const char usage[] =
	"usage: tipctl log verify DIR [--key KEY] [--policy FILE] [--checkpoint FILE]... [--known FILE]\n"
	"                         [--state FILE] [--quiet]\n"
	"\n"
	"Checks the files of a log in DIR, as they are served: the signature, every entry against\n"
	"the hashes, every tile against those below it, the root against the checkpoint. Nothing\n"
	"else is needed, no daemon and no network.\n"
	"\n"
	"  --key KEY          the log's key (NAME+ID+BASE64) or a file with it; nothing: DIR/key,\n"
	"                     which is only as good as where DIR came from\n"
	"  --policy FILE      logs and witnesses that are believed, and how many must have cosigned\n"
	"  --checkpoint FILE  an older checkpoint: the log must have grown from it; may be repeated\n"
	"  --known FILE       the checkpoints seen so far; the newest is added when all is well\n"
	"  --state FILE       how far the last run came: this one goes on from there\n"
	"  --quiet            no progress\n"
	"\n"
	"Exit status: 0 all is whole; 1 something is wrong, and the first leaf is named from which\n"
	"on the files cannot be relied on; 2 wrong use.\n";

struct verify {
	const char *dir, *key, *policy, *known, *state_file;
	const char *files[FILES_MAX];
	size_t nfiles;
	bool quiet, help, wrong;

	struct log_trust trust;
	struct buf note;                 /* the newest checkpoint */
	struct checkpoint now;
	struct log_head *heads;
	size_t n, room;
	size_t older;                    /* that were given */
	struct log_state state;
	bool resumed;
	bool now_known;                  /* stands in the file of those seen */
	struct tiles *tiles;
	uint64_t told_ms;
};

/* --- what is known of the log -------------------------------------------------------------- */

static void add_head(struct verify *v, const struct tree_head *head, bool signed_here)
{
	if (v->n == v->room) {
		struct log_head *more = memory_zeroes(2 * v->room + 64, sizeof(*more));

		if (v->n > 0)
			memcpy(more, v->heads, v->n * sizeof(*more));
		free(v->heads);
		v->heads = more;
		v->room = 2 * v->room + 64;
	}
	v->heads[v->n++] = (struct log_head){ .head = *head, .signed_here = signed_here };
}

static bool add_older(struct verify *v, struct span note, const char *file)
{
	struct complaint why = { .text = "" };
	struct checkpoint old;

	if (!log_trust_judge(&v->trust, note, true, &old, &why)) {
		printf("%s: %s\n", file, why.text);
		return false;
	}
	add_head(v, &old.head, true);
	v->older++;
	return true;
}

static bool read_checkpoint(struct verify *v, const char *file)
{
	struct complaint why;
	struct buf text = { 0 };
	bool well = files_read(file, NOTE_BYTES_MAX, &text, &why);

	if (!well)
		fprintf(stderr, "tipctl: %s\n", why.text);
	well = well && add_older(v, buf_span(&text), file);
	buf_release(&text);
	return well;
}

/* One that is not there yet is begun when all is well. */
static bool read_known(struct verify *v)
{
	struct complaint why;
	struct buf text = { 0 };
	struct span rest, note;
	bool well = true;

	if (v->known == NULL || (access(v->known, F_OK) != 0 && errno == ENOENT))
		return true;
	if (!files_read(v->known, KNOWN_BYTES_MAX, &text, &why)) {
		fprintf(stderr, "tipctl: %s\n", why.text);
		well = false;
	}
	rest = buf_span(&text);
	while (well && log_notes_next(&rest, &note)) {
		well = add_older(v, note, v->known);
		v->now_known = v->now_known || (well && v->heads[v->n - 1].head.size == v->now.head.size);
	}
	buf_release(&text);
	return well;
}

/* The row of subtrees that was proven last, from the left: each start of it is a head of its own. */
static void add_proven(struct verify *v)
{
	const struct frontier *proven = &v->state.proven;
	struct tree_head head = { .size = 0 };

	for (size_t i = 0; i < proven->n; i++) {
		uint64_t left = proven->size - head.size;

		head.size += UINT64_C(1) << (63 - __builtin_clzll(left));
		head.root = frontier_fold(proven->hashes, i + 1);
		add_head(v, &head, false);
	}
}

static bool read_state(struct verify *v)
{
	struct complaint why = { .text = "" };

	if (v->state_file == NULL)
		return true;
	switch (log_state_read(v->state_file, &v->state, &why)) {
	case LOG_STATE_ABSENT:
		return true;
	case LOG_STATE_REFUSED:
		fprintf(stderr, "tipctl: %s\n", why.text);
		return false;
	case LOG_STATE_READ:
		break;
	}
	if (memcmp(v->state.key.public_key, v->trust.key.public_key, NOTE_KEY_BYTES) != 0 ||
	    !span_eq(note_key_name(&v->state.key), note_key_name(&v->trust.key))) {
		printf("key: not the one that signed when %s was written\n", v->state_file);
		return false;
	}
	v->resumed = true;
	add_proven(v);
	return true;
}

static int by_size(const void *a, const void *b)
{
	const struct log_head *one = a, *other = b;

	return one->head.size < other->head.size ? -1 : one->head.size > other->head.size;
}

/* A log has no less leaves than it had. */
static bool check_rolled_back(const struct verify *v)
{
	const struct log_head *most = v->n > 0 ? &v->heads[v->n - 1] : NULL;

	if (most == NULL || most->head.size <= v->now.head.size)
		return true;
	printf("leaf %llu: rolled back: %s of %llu leaves was %s\n", (unsigned long long)v->now.head.size,
	       most->signed_here ? "a checkpoint" : "a log", (unsigned long long)most->head.size,
	       most->signed_here ? "signed" : "verified before");
	return false;
}

static bool gather(struct verify *v)
{
	if (!log_trust_load(&v->trust, v->key, v->policy, v->dir) || !log_trust_newest(&v->trust, v->dir, &v->note, &v->now))
		return false;
	for (size_t i = 0; i < v->nfiles; i++)
		if (!read_checkpoint(v, v->files[i]))
			return false;
	if (!read_known(v) || !read_state(v))
		return false;
	if (v->n > 0)
		qsort(v->heads, v->n, sizeof(*v->heads), by_size);
	if (!check_rolled_back(v))
		return false;
	add_head(v, &v->now.head, true);
	return true;
}

/* --- walking ----------------------------------------------------------------------------------- */

static void keep_state(const struct verify *v)
{
	struct complaint why = { .text = "" };

	if (v->state_file != NULL && !log_state_write(v->state_file, &v->state, &why))
		fprintf(stderr, "tipctl: the next run begins again where this one did: %s\n", why.text);
}

/* Now and then, for people and for the next run. */
static void passed(void *ctx, const struct frontier *frontier)
{
	struct verify *v = ctx;
	uint64_t now_ms = clock_steady_ms();

	if (now_ms - v->told_ms < TELL_EVERY_MS)
		return;
	v->told_ms = now_ms;
	if (!v->quiet)
		fprintf(stderr, "tipctl: %llu of %llu leaves\n", (unsigned long long)frontier->size,
			(unsigned long long)v->now.head.size);
	if (frontier->size > v->state.reached.size) {
		v->state.reached = *frontier;
		keep_state(v);
	}
}

static void walk(struct verify *v, struct edge *edge, struct log_finding *finding)
{
	struct log_walk_plan plan = { .tiles = v->tiles, .dir = v->dir, .heads = v->heads, .n = v->n, .passed = passed, .ctx = v };

	log_walk(&plan, edge, finding);
}

static void walk_all(struct verify *v, struct edge *edge, struct log_finding *finding)
{
	bool goes_on = v->resumed && v->state.reached.size <= v->now.head.size && log_walk_resume(v->tiles, &v->state.reached, edge);

	if (goes_on)
		walk(v, edge, finding);
	if (goes_on && finding->whole)
		return;
	/* What was reached and not signed may be of another log. */
	v->state.reached = v->state.proven;
	*edge = (struct edge){ .size = 0 };
	walk(v, edge, finding);
}

/* --- the end --------------------------------------------------------------------------------------- */

static bool keep_known(const struct verify *v)
{
	struct complaint why;

	if (v->known == NULL || v->now_known || files_append(v->known, buf_span(&v->note), 0644, &why))
		return true;
	fprintf(stderr, "tipctl: %s\n", why.text);
	return false;
}

static int end_well(struct verify *v, const struct edge *edge)
{
	v->state.key = v->trust.key;
	edge_frontier(edge, &v->state.proven);
	v->state.reached = v->state.proven;
	keep_state(v);
	printf("whole: %llu leaves, %zu older checkpoints\n", (unsigned long long)v->now.head.size, v->older);
	return keep_known(v) ? CTL_WELL : CTL_WRONG;
}

static int verify(struct verify *v)
{
	struct edge *edge = memory_zeroes(1, sizeof(*edge));
	struct complaint why = { .text = "" };
	struct log_finding finding;
	int status = CTL_WRONG;

	v->told_ms = clock_steady_ms();
	if (gather(v)) {
		v->tiles = tiles_open(v->dir, false, &why);
		if (v->tiles == NULL)
			fprintf(stderr, "tipctl: %s\n", why.text);
	}
	if (v->tiles != NULL) {
		v->state.key = v->trust.key;
		walk_all(v, edge, &finding);
		if (finding.whole)
			status = end_well(v, edge);
		else
			printf("leaf %llu: %s\n", (unsigned long long)finding.leaf, finding.text);
		tiles_close(v->tiles);
	}
	free(edge);
	return status;
}

/* --- arguments ----------------------------------------------------------------------------------------- */

static void take(struct verify *v, int option)
{
	switch (option) {
	case 'k':
		v->key = optarg;
		return;
	case 'p':
		v->policy = optarg;
		return;
	case 'c':
		v->wrong = v->wrong || v->nfiles == FILES_MAX;
		if (!v->wrong)
			v->files[v->nfiles++] = optarg;
		return;
	case 'o':
		v->known = optarg;
		return;
	case 's':
		v->state_file = optarg;
		return;
	case 'q':
		v->quiet = true;
		return;
	case 'h':
		v->help = true;
		return;
	default:
		v->wrong = true;
	}
}

int tipctl_log_verify(int argc, char **argv)
{
	static const struct option options[] = {
		{ "key", required_argument, NULL, 'k' },	{ "policy", required_argument, NULL, 'p' },
		{ "checkpoint", required_argument, NULL, 'c' }, { "known", required_argument, NULL, 'o' },
		{ "state", required_argument, NULL, 's' },	{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },		{ 0 },
	};
	struct verify *v = memory_zeroes(1, sizeof(*v));
	int option, status = CTL_USAGE;

	optind = 1;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		take(v, option);
	if (v->help || v->wrong || argc - optind != 1) {
		fputs(usage, v->help ? stdout : stderr);
		status = v->help ? CTL_WELL : CTL_USAGE;
	} else {
		v->dir = argv[optind];
		status = verify(v);
	}
	log_trust_release(&v->trust);
	buf_release(&v->note);
	free(v->heads);
	free(v);
	return status;
}
