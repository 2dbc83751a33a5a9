/*
 * tipctl log recount: the published figures of a log, counted again from its
 * leaves and what was opened of them, offline.
 *
 * One pass over all leaves gives the roots: that under which a month was opened
 * and that of the newest checkpoint. What the pass sees of a month goes to
 * openings.h. Nothing is believed but the key.
 */
#include "daemon/cli/tipctl_log.h"

#include "daemon/sys/files.h"
#include "daemon/sys/tiles.h"
#include "daemon/tlog/frontier.h"
#include "daemon/tlog/openings.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#define MONTHS_MAX 1200
#define OPENINGS_BYTES_MAX ((size_t)1 << 32)
#define FIGURES_BYTES_MAX ((size_t)1 << 26)

static const char usage[] =
	"usage: tipctl log recount DIR [--month YYYY-MM] [--key KEY] [--policy FILE] [--print]\n"
	"\n"
	"Counts the published figures again: from the leaves of the log whose files are in DIR and\n"
	"from DIR/openings. Each opened line has to fit its leaf, the leaves the signed root, the\n"
	"figures what is open, and the months each other.\n"
	"\n"
	"  --month YYYY-MM            that month alone\n"
	"  --key KEY, --policy FILE   whose checkpoint it has to be; as for verify\n"
	"  --print                    print the figures\n"
	"\n"
	"Exit status: 0 they are what was published; 1 something does not fit, and it is named;\n"
	"2 wrong use.\n";

struct recount {
	const char *dir, *month, *key, *policy;
	bool print;
	struct log_trust trust;
	struct buf note;
	struct checkpoint now;
	struct tiles *tiles;
	uint64_t end;                    /* of the month before; 0: none was looked at */
};

/* A month, while it is looked at. */
struct month {
	const char *name;
	struct buf file, figures, note;
	struct arena arena;
	struct openings openings;
	const struct tree_head *now;
	struct frontier frontier;
	struct complaint *why;
};

static bool read_part(const struct recount *r, const char *name, const char *suffix, size_t max, struct buf *into, struct complaint *why)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/openings/%s%s", r->dir, name, suffix);
	return files_read(path, max, into, why);
}

/* The log's key has signed the note over both files. */
static bool check_note(const struct recount *r, const struct month *month, struct complaint *why)
{
	struct buf text = { 0 };
	struct note note;
	bool well = note_parse(buf_span(&month->note), &note) && note_check(&note, &r->trust.key, NULL) == NOTE_SIGNED;

	openings_write_note(r->now.origin, span_of(month->name), buf_span(&month->file), buf_span(&month->figures), &text);
	if (!well)
		complain(why, 0, "the note is not signed by the log's key");
	else if (!span_eq(note.text, buf_span(&text)))
		well = complain(why, 0, "the note is not over these files");
	buf_release(&text);
	return well;
}

static bool check_head(const struct recount *r, const struct month *month, struct complaint *why)
{
	const struct openings_head *head = &month->openings.head;

	if (!span_eq(head->origin, r->now.origin) || !span_is(head->month, month->name))
		return complain(why, 2, "the head is of another log or month");
	if (r->end > 0 && head->first != r->end)
		return complain(why, 4, "line 4: the month before ended with leaf %llu", (unsigned long long)r->end);
	return head->end <= r->now.head.size || complain(why, 4, "line 4: the log has %llu leaves", (unsigned long long)r->now.head.size);
}

static bool check_root(const struct month *month, const struct tree_head *head)
{
	struct merkle_hash root = frontier_root(&month->frontier);

	if (month->frontier.size == head->size && memcmp(root.bytes, head->root.bytes, sizeof(root.bytes)) != 0)
		return complain(month->why, 0, "the leaves up to %llu have another root", (unsigned long long)head->size);
	return true;
}

static bool look_at(void *ctx, uint64_t index, struct span bytes)
{
	struct month *month = ctx;
	const struct openings_head *head = &month->openings.head;
	struct tree_head then = { .size = head->end, .root = head->root };
	struct merkle_hash leaf = merkle_leaf(bytes);

	frontier_append(&month->frontier, &leaf);
	if (index >= head->first && index < head->end && !openings_leaf(&month->openings, bytes, month->why))
		return false;
	return check_root(month, &then) && check_root(month, month->now);
}

static bool check_figures(const struct recount *r, struct month *month, struct complaint *why)
{
	struct figures figures;
	struct buf text = { 0 };
	bool well = openings_count(&month->openings, &month->arena, &figures, why);

	if (well)
		figures_write(&figures, &text);
	if (well && !span_eq(buf_span(&text), buf_span(&month->figures)))
		well = complain(why, 0, "the figures are not what is open: other rows are counted");
	if (well && r->print)
		printf("%.*s", (int)text.len, text.at);
	if (well)
		printf("whole: %s, %llu leaves, %zu rows\n", month->name,
		       (unsigned long long)(month->openings.head.end - month->openings.head.first), figures.n);
	buf_release(&text);
	return well;
}

static bool look_at_month(struct recount *r, struct month *month, struct complaint *why)
{
	month->now = &r->now.head;
	month->why = why;
	if (!read_part(r, month->name, "", OPENINGS_BYTES_MAX, &month->file, why) ||
	    !read_part(r, month->name, ".figures", FIGURES_BYTES_MAX, &month->figures, why) ||
	    !read_part(r, month->name, ".note", NOTE_BYTES_MAX, &month->note, why) || !check_note(r, month, why) ||
	    !openings_begin(buf_span(&month->file), &month->arena, &month->openings, why) || !check_head(r, month, why))
		return false;
	if (!tiles_leaves(r->tiles, 0, r->now.head.size, look_at, month))
		return why->text[0] != '\0' ? false : complain(why, 0, "the files lack leaves: tipctl log verify tells more");
	if (why->text[0] != '\0')
		return false;
	r->end = month->openings.head.end;
	return check_figures(r, month, why);
}

static bool recount_month(struct recount *r, const char *name)
{
	struct month *month = calloc(1, sizeof(*month));
	struct complaint why = { .text = "" };
	bool well;

	if (month == NULL)
		abort();
	month->name = name;
	well = look_at_month(r, month, &why);
	if (!well)
		printf("openings/%s: %s\n", name, why.text);
	buf_release(&month->file);
	buf_release(&month->figures);
	buf_release(&month->note);
	arena_release(&month->arena);
	free(month);
	return well;
}

/* --- which months ------------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Those whose openings are there, oldest first. */
static size_t find_months(const struct recount *r, char months[MONTHS_MAX][FIGURES_MONTH_LEN + 1])
{
	char path[PATH_MAX];
	const struct dirent *entry;
	size_t n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/openings", r->dir);
	dir = opendir(path);
	while (dir != NULL && n < MONTHS_MAX && (entry = readdir(dir)) != NULL)
		if (figures_month_valid(span_of(entry->d_name)))
			memcpy(months[n++], entry->d_name, FIGURES_MONTH_LEN + 1);
	if (dir != NULL)
		closedir(dir);
	qsort(months, n, sizeof(months[0]), by_name);
	return n;
}

static int recount(struct recount *r)
{
	static char months[MONTHS_MAX][FIGURES_MONTH_LEN + 1];
	struct complaint why = { .text = "" };
	size_t n;

	if (!log_trust_load(&r->trust, r->key, r->policy, r->dir) || !log_trust_newest(&r->trust, r->dir, &r->note, &r->now))
		return CTL_WRONG;
	r->tiles = tiles_open(r->dir, false, &why);
	if (r->tiles == NULL) {
		fprintf(stderr, "tipctl: %s\n", why.text);
		return CTL_WRONG;
	}
	if (r->month != NULL)
		return recount_month(r, r->month) ? CTL_WELL : CTL_WRONG;
	n = find_months(r, months);
	if (n == 0)
		printf("nothing of this log is opened yet\n");
	for (size_t i = 0; i < n; i++)
		if (!recount_month(r, months[i]))
			return CTL_WRONG;
	return n > 0 ? CTL_WELL : CTL_WRONG;
}

int tipctl_log_recount(int argc, char **argv)
{
	static const struct option options[] = {
		{ "month", required_argument, NULL, 'm' }, { "key", required_argument, NULL, 'k' },
		{ "policy", required_argument, NULL, 'p' }, { "print", no_argument, NULL, 't' },
		{ "help", no_argument, NULL, 'h' },         { 0 },
	};
	struct recount r = { .dir = NULL };
	bool help = false, wrong = false;
	int option, status;

	optind = 1;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'm')
			r.month = optarg;
		else if (option == 'k')
			r.key = optarg;
		else if (option == 'p')
			r.policy = optarg;
		r.print = r.print || option == 't';
		help = help || option == 'h';
		wrong = wrong || option == '?';
	}
	wrong = wrong || argc - optind != 1 || (r.month != NULL && !figures_month_valid(span_of(r.month)));
	if (help || wrong) {
		fputs(usage, help ? stdout : stderr);
		return help ? CTL_WELL : CTL_USAGE;
	}
	r.dir = argv[optind];
	status = recount(&r);
	tiles_close(r.tiles);
	log_trust_release(&r.trust);
	buf_release(&r.note);
	return status;
}
