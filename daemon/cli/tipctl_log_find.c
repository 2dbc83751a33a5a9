/*
 * tipctl log find: the leaves of a tip, by the 24 digits alone.
 *
 * For whoever kept the digits and asks nobody: the files of a log are copied
 * (tipctl log fetch), the digits stay here. They come by standard input, so
 * that neither the shell's history nor a list of processes shows them.
 */
#include "daemon/cli/tipctl_log.h"

#include "daemon/base/civil_time.h"
#include "daemon/base/wipe.h"
#include "daemon/sys/files.h"
#include "daemon/sys/leaf_trail.h"

#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#define DAY_MS 86400000LL
#define TYPED_MAX 256

static const char usage[] =
	"usage: tipctl log find DIR [--key KEY] [--policy FILE] [--proofs DIR]\n"
	"\n"
	"Finds the leaves of a tip in the log whose files are in DIR, by its receipt code alone. The\n"
	"24 digits are read from standard input, and asked for where that is a terminal. Prints a\n"
	"line for each leaf: its number, from 0, its class, its day; and the proof (tlog-proof) of\n"
	"the first one that says received, which `tipctl log check` checks.\n"
	"\n"
	"  --key KEY, --policy FILE   whose checkpoint it has to be; as for verify\n"
	"  --proofs DIR               writes the proof of each leaf to DIR/NUMBER.txt\n"
	"\n"
	"Exit status: 0 found; 1 this log holds no leaf of the tip, or its files are not whole; 2 wrong use.\n";

struct find {
	const char *dir, *key, *policy, *proofs;
	struct log_trust trust;
	struct checkpoint now;
	struct buf note;
	struct receipt_code code;
	unsigned char seed[LEAF_SEED_BYTES];
	struct tiles *tiles;
	uint64_t found;
	struct buf first;          /* the proof that is printed */
};

/* --- the digits ----------------------------------------------------------------------------- */

/* A line of standard input; what is typed at a terminal is not shown. */
static void read_line(char line[TYPED_MAX])
{
	struct termios kept;
	bool terminal = tcgetattr(STDIN_FILENO, &kept) == 0;
	struct termios quiet = kept;

	if (terminal) {
		fputs("receipt code: ", stderr);
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	}
	setvbuf(stdin, NULL, _IONBF, 0);   /* no copy of the digits stays in a buffer */
	if (fgets(line, TYPED_MAX, stdin) == NULL)
		line[0] = '\0';
	if (terminal) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &kept);
		fputc('\n', stderr);
	}
}

static bool read_code(struct receipt_code *code)
{
	static const char *const faults[] = {
		[RECEIPT_NOT_DIGITS] = "a receipt code has digits only",
		[RECEIPT_LENGTH] = "a receipt code has 24 digits",
		[RECEIPT_CHECK] = "a digit is wrong: the check digits do not fit",
	};
	char line[TYPED_MAX];
	enum receipt_fault fault;

	read_line(line);
	fault = receipt_parse(span_trim(span_of(line)), code);
	wipe(line, sizeof(line));
	if (fault == RECEIPT_FINE)
		return true;
	fprintf(stderr, "tipctl: %s\n", faults[fault]);
	return false;
}

/* --- the leaves ------------------------------------------------------------------------------ */

static bool write_proof(const struct find *f, uint64_t index, const struct buf *text, struct complaint *why)
{
	char path[PATH_MAX];

	if (f->proofs == NULL)
		return true;
	snprintf(path, sizeof(path), "%s/%llu.txt", f->proofs, (unsigned long long)index);
	return files_replace(path, buf_span(text), 0600, why);
}

static bool tell(struct find *f, const struct leaf_found *leaf, struct complaint *why)
{
	char day[CIVIL_DATE_MAX];
	struct buf text = { 0 };
	bool well;

	civil_write_date((int64_t)leaf->day * DAY_MS, 0, day);
	printf("%llu %s %s\n", (unsigned long long)leaf->index, leaf_class_name(leaf->class), day);
	f->found++;
	if (!leaf_trail_prove(f->tiles, leaf->index, &f->trust.arena, &text)) {
		buf_release(&text);
		return complain(why, 0, "leaf %llu cannot be proven: tipctl log verify tells what is wrong with the files",
				(unsigned long long)leaf->index);
	}
	well = write_proof(f, leaf->index, &text, why);
	if (f->first.len == 0 && leaf->class == LEAF_RECEIVED)
		buf_add_span(&f->first, buf_span(&text));
	buf_release(&text);
	return well;
}

static bool search(struct find *f, struct complaint *why)
{
	struct leaf_trail trail = { .next = 0 };
	bool well = true;

	while (well && trail.next < f->now.head.size) {
		/* So few at a time that all that are found have room. */
		well = leaf_trail_follow(f->tiles, f->seed, f->now.head.size, LEAF_TRAIL_MAX, &trail) ||
		       complain(why, 0, "the files lack leaf %llu: tipctl log verify tells more", (unsigned long long)trail.next);
		for (size_t i = 0; well && i < trail.n; i++)
			well = tell(f, &trail.found[i], why);
		trail.n = 0;
	}
	return well;
}

static int find(struct find *f)
{
	struct complaint why = { .text = "" };

	if (!log_trust_load(&f->trust, f->key, f->policy, f->dir) || !log_trust_newest(&f->trust, f->dir, &f->note, &f->now) ||
	    !read_code(&f->code))
		return CTL_WRONG;
	leaf_seed_of_tip(&f->code, f->seed);
	f->tiles = tiles_open(f->dir, false, &why);
	if (f->tiles == NULL || (f->proofs != NULL && !files_make_dir(f->proofs, &why)) || !search(f, &why)) {
		fprintf(stderr, "tipctl: %s\n", why.text);
		return CTL_WRONG;
	}
	if (f->found == 0) {
		printf("none of the %llu leaves is of this tip\n", (unsigned long long)f->now.head.size);
		return CTL_WRONG;
	}
	if (f->first.len > 0)
		printf("\n%.*s", (int)f->first.len, f->first.at);
	return fflush(stdout) == 0 ? CTL_WELL : CTL_WRONG;
}

static void release(struct find *f)
{
	wipe(&f->code, sizeof(f->code));
	wipe(f->seed, sizeof(f->seed));
	if (f->tiles != NULL)
		tiles_close(f->tiles);
	log_trust_release(&f->trust);
	buf_release(&f->note);
	buf_release(&f->first);
}

int tipctl_log_find(int argc, char **argv)
{
	static const struct option options[] = {
		{ "key", required_argument, NULL, 'k' },    { "policy", required_argument, NULL, 'p' },
		{ "proofs", required_argument, NULL, 'o' }, { "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct find f = { .dir = NULL };
	bool help = false, wrong = false;
	int option, status;

	optind = 1;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'k')
			f.key = optarg;
		else if (option == 'p')
			f.policy = optarg;
		else if (option == 'o')
			f.proofs = optarg;
		else if (option == 'h')
			help = true;
		else
			wrong = true;
	}
	/* A code on the command line is taken for nothing, and said nothing of. */
	if (help || wrong || argc - optind != 1) {
		fputs(usage, help ? stdout : stderr);
		return help ? CTL_WELL : CTL_USAGE;
	}
	f.dir = argv[optind];
	status = find(&f);
	release(&f);
	return status;
}
