/*
 * tipctl export: the money journal in a form that others can read and check.
 *
 * The file appears whole or not at all. What was exported is told on standard
 * output (standard error when the export itself goes there), so that it can be
 * kept beside the file: filter, rows, sums, SHA-256.
 */
#include "daemon/base/hex.h"
#include "daemon/base/money.h"
#include "daemon/base/table.h"
#include "daemon/base/wipe.h"
#include "daemon/cli/money_export.h"
#include "daemon/cli/money_source.h"
#include "daemon/cli/tipctl.h"
#include "daemon/cli/tipctl_archive.h"
#include "daemon/cli/tipctl_evidence.h"
#include "daemon/cli/tipctl_money_journal.h"
#include "daemon/cli/tipctl_trail.h"
#include "daemon/sys/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define FLUSH_BYTES (1 << 20)
#define PATH_BYTES 4096

static const char usage[] =
	"usage: tipctl export --money JOURNAL | --store ADDRESS --format jsonl|csv|hledger --out FILE [--key FILE] [--bom]\n"
	"                     [--from SEQ] [--to SEQ] [--kind PREFIX] [--subject ID]\n"
	"       tipctl export --trail --store ADDRESS [--archive DIR] [--from NUMBER]\n"
	"       tipctl export --journal NAME ... | --evidence OUT ... | --check PACK ...\n"
	"\n"
	"Writes the money journal (a file of canonical records, one a line; - is standard input; or\n"
	"that of a running store, unix:/PATH or host:port, in which no record is changed)\n"
	"in another form. The same journal and options give the same bytes.\n"
	"\n"
	"  --format jsonl    canonical records and a trailer with count, sums, head and hash\n"
	"  --format csv      a row a posting; cells that a spreadsheet would misread are texts\n"
	"  --format hledger  for `hledger check -s ordereddates`; takes no filter but --to\n"
	"  --out FILE        replaced whole; - is standard output\n"
	"  --key FILE        signs the trailer with this Ed25519 seed (64 hex digits); beside a csv\n"
	"                    or hledger file the trailer is FILE.sum\n"
	"  --bom             csv: begin with a byte order mark\n"
	"  --from, --to      only records from and to this sequence number\n"
	"  --kind PREFIX     only records whose kind begins so, as \"reward.\"\n"
	"  --subject ID      only records about this, as R7\n"
	"\n"
	"`tipctl export --journal --help`: slices of the journals. `tipctl export --evidence --help`:\n"
	"packs that others can check, and checking them.\n"
	"\n"
	"With --trail it prints the audit trail of a running store, an event a line; out of the archive\n"
	"(--archive DIR, else as configured) what the store has let go of. What is read from a\n"
	"store is itself an event of its audit trail, written first.\n"
	"\n"
	"Tells filter, records, rows, sums and SHA-256. An empty result is a whole file.\n"
	"Exit status: 0 written, 1 the journal or a file is not as it should be, 2 wrong use.\n";

struct export_args {
	const char *journal, *store, *out, *key, *archive;
	const struct money_format *format;
	struct money_filter filter;
	bool bom, trail, help, wrong;
};

static void mistake(struct export_args *args, const char *text, const char *value)
{
	fprintf(stderr, "tipctl: %s%s\n", text, value);
	args->wrong = true;
}

static void take_seq(struct export_args *args, uint64_t *seq)
{
	if (!span_u64(span_of(optarg), seq) || *seq == 0)
		mistake(args, "no sequence number: ", optarg);
}

static void take_format(struct export_args *args)
{
	args->format = money_format_find(span_of(optarg));
	if (args->format == NULL)
		mistake(args, "no such format: ", optarg);
}

static void take(struct export_args *args, int option)
{
	switch (option) {
	case 'm':
		args->journal = optarg;
		return;
	case 'L':
		args->store = optarg;
		return;
	case 'f':
		take_format(args);
		return;
	case 'o':
		args->out = optarg;
		return;
	case 'k':
		args->key = optarg;
		return;
	case 'b':
		args->bom = true;
		return;
	case 'F':
		take_seq(args, &args->filter.from);
		return;
	case 'T':
		take_seq(args, &args->filter.to);
		return;
	case 'K':
		args->filter.kind = span_of(optarg);
		return;
	case 'S':
		args->filter.subject = span_of(optarg);
		return;
	case 'D':
		args->archive = optarg;
		return;
	case 'a':
		args->trail = true;
		return;
	case 'h':
		args->help = true;
		return;
	default:
		args->wrong = true;
	}
}

static void parse(struct export_args *args, int argc, char **argv)
{
	static const struct option options[] = {
		{ "money", required_argument, NULL, 'm' }, { "store", required_argument, NULL, 'L' },
		{ "format", required_argument, NULL, 'f' },
		{ "out", required_argument, NULL, 'o' },   { "key", required_argument, NULL, 'k' },
		{ "bom", no_argument, NULL, 'b' },	   { "trail", no_argument, NULL, 'a' },
		   { "from", required_argument, NULL, 'F' },
		{ "to", required_argument, NULL, 'T' },	   { "kind", required_argument, NULL, 'K' },
		{ "archive", required_argument, NULL, 'D' },
		{ "subject", required_argument, NULL, 'S' }, { "help", no_argument, NULL, 'h' }, { 0 },
	};
	int option;

	*args = (struct export_args){ 0 };
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		take(args, option);
	args->wrong = args->wrong || optind < argc || (args->archive != NULL && !args->trail) || (args->journal == NULL) == (args->store == NULL) ||
		      (args->trail ? args->store == NULL || args->format != NULL || args->out != NULL || args->key != NULL
				   : args->format == NULL || args->out == NULL);
	if (args->wrong || args->trail || !args->format->prefix_only)
		return;
	if (args->filter.from > 1 || !span_empty(args->filter.kind) || !span_empty(args->filter.subject))
		mistake(args, "this format carries balances and takes no filter but --to: ", args->format->name);
}

/* --- the file --------------------------------------------------------------------------------- */

struct target {
	const char *path;
	char part[PATH_BYTES];   /* what it is called until it is whole */
	int fd;
	bool failed;
	crypto_hash_sha256_state sha;
};

static bool target_open(struct target *target, const char *path)
{
	target->path = path;
	target->fd = STDOUT_FILENO;
	crypto_hash_sha256_init(&target->sha);
	if (strcmp(path, "-") == 0)
		return true;
	if (snprintf(target->part, sizeof(target->part), "%s.part", path) >= (int)sizeof(target->part))
		return false;
	target->fd = open(target->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	return target->fd >= 0;
}

static void target_write(struct target *target, struct buf *bytes)
{
	crypto_hash_sha256_update(&target->sha, (const unsigned char *)bytes->at, bytes->len);
	for (size_t at = 0; at < bytes->len && !target->failed;) {
		ssize_t n = write(target->fd, bytes->at + at, bytes->len - at);

		if (n < 0 && errno == EINTR)
			continue;
		target->failed = n <= 0;
		at += n > 0 ? (size_t)n : 0;
	}
	buf_clear(bytes);
}

/* Puts the whole file in its place, or takes the broken one away. */
static bool target_close(struct target *target, bool whole)
{
	if (target->fd == STDOUT_FILENO)
		return whole && !target->failed;
	if (fsync(target->fd) != 0 || close(target->fd) != 0 || target->failed || !whole ||
	    rename(target->part, target->path) != 0) {
		int error = errno;

		unlink(target->part);
		errno = error;
		return false;
	}
	return true;
}

/* --- from journal to file --------------------------------------------------------------------- */

static bool copy(struct money_export *export, struct money_source *source, struct target *target,
		 struct complaint *why)
{
	enum money_source_answer answer;
	struct span line;
	bool whole;

	while ((answer = money_source_next(source, &line, &whole, why)) == MONEY_SOURCE_LINE) {
		if (money_trailer_begins(line))
			continue;
		if (!money_export_record(export, line, why))
			return false;
		if (export->out.len > FLUSH_BYTES)
			target_write(target, &export->out);
	}
	return answer == MONEY_SOURCE_END;
}

/* The same from a running store, one record after the other. */
struct live {
	struct money_export *export;
	struct target *target;
	struct complaint *why;
	bool failed;
};

static bool take_record(void *ctx, uint64_t seq, struct span json)
{
	struct live *live = ctx;

	(void)seq;
	live->failed = !money_export_record(live->export, json, live->why);
	if (!live->failed && live->export->out.len > FLUSH_BYTES)
		target_write(live->target, &live->export->out);
	return !live->failed;
}

static bool copy_store(struct money_export *export, const char *address, struct target *target, struct complaint *why)
{
	struct live live = { .export = export, .target = target, .why = why };

	return money_journal_read(address, &(struct money_journal_reader){ .record = take_record, .ctx = &live }, why) &&
	       !live.failed;
}

static void tell(const struct money_export *export, const struct export_args *args, struct target *target)
{
	unsigned char sha256[MONEY_HASH_BYTES];
	FILE *to = strcmp(args->out, "-") == 0 ? stderr : stdout;
	char fin[MONEY_TEXT_MAX], bgt[MONEY_TEXT_MAX], digits[2 * MONEY_HASH_BYTES];
	struct buf filter = { 0 };

	money_export_filter(&args->filter, &filter);
	crypto_hash_sha256_final(&target->sha, sha256);
	hex_put(sha256, sizeof(sha256), digits);
	(void)money_write_yuan(export->fin, fin);
	(void)money_write_yuan(export->bgt, bgt);
	fprintf(to, "format  %s\nfilter  %.*s\nrecords %llu\nrows    %llu\n", export->format->name, (int)filter.len,
		filter.at, (unsigned long long)export->count, (unsigned long long)export->rows);
	fprintf(to, "debits  FIN %s CNY, BGT %s CNY\nsha256  %.*s\n", fin, bgt, (int)sizeof(digits), digits);
	buf_release(&filter);
}

static bool write_sum(const struct money_export *export, const char *out, struct complaint *why)
{
	char path[PATH_BYTES];

	if (snprintf(path, sizeof(path), "%s.sum", out) >= (int)sizeof(path))
		return complain(why, 0, "%s: the name is too long", out);
	return files_replace(path, buf_span(&export->trailer), 0600, why);
}

static bool export_all(const struct export_args *args, struct money_source *source, const unsigned char *seed,
		       struct complaint *why)
{
	struct money_export export;
	struct target target = { .fd = -1 };
	bool well;

	if (!target_open(&target, args->out))
		return complain(why, 0, "%s: %s", args->out, strerror(errno));
	money_export_begin(&export, args->format, &args->filter, args->bom);
	well = source != NULL ? copy(&export, source, &target, why) : copy_store(&export, args->store, &target, why);
	money_export_end(&export, seed);
	target_write(&target, &export.out);
	if (!target_close(&target, well) && well)
		well = complain(why, 0, "%s: %s", args->out, strerror(errno));
	if (well && seed != NULL && !args->format->carries_trailer && target.fd != STDOUT_FILENO)
		well = write_sum(&export, args->out, why);
	if (well)
		tell(&export, args, &target);
	money_export_release(&export);
	return well;
}

static bool read_seed(const char *path, unsigned char seed[crypto_sign_SEEDBYTES], struct complaint *why)
{
	struct buf text = { 0 };
	bool well;

	if (!files_private(path, why) || !files_read(path, 1024, &text, why)) {
		buf_release(&text);
		return false;
	}
	while (text.len > 0 && (text.at[text.len - 1] == '\n' || text.at[text.len - 1] == '\r'))
		text.len--;
	well = hex_get(buf_span(&text), seed, crypto_sign_SEEDBYTES);
	buf_release(&text);
	return well || complain(why, 0, "%s: 64 hex digits are expected", path);
}

/* What is read past the daemon is told first. */
static bool told(const struct export_args *args, struct complaint *why)
{
	struct buf query = { 0 };
	bool well;

	if (args->store == NULL)
		return true;
	money_export_filter(&args->filter, &query);
	buf_printf(&query, " format=%s", args->trail ? "trail" : args->format->name);
	well = ctl_trail(args->store, "export", buf_span(&query), why);
	buf_release(&query);
	return well;
}

static int export_trail(const struct export_args *args)
{
	struct complaint why = { .text = "" };
	uint64_t from = args->filter.from > 0 ? args->filter.from : 1;

	static const struct ctl_args as_configured = { .help = false };
	struct archive *archive = ctl_archive_open(&as_configured, args->archive);
	bool well = told(args, &why) && ctl_trail_print(args->store, archive, from, &why);

	if (archive != NULL)
		archive_free(archive);
	if (!well)
		fprintf(stderr, "tipctl: %s\n", why.text);
	return well ? CTL_WELL : CTL_WRONG;
}

/* What else is exported has options of its own. */
static const struct {
	const char *option;
	int (*run)(int argc, char **argv);
} others[] = {
	{ "--journal", tipctl_export_journal },
	{ "--evidence", tipctl_export_evidence },
	{ "--check", tipctl_export_check },
};

static int export_money(int argc, char **argv)
{
	unsigned char seed[crypto_sign_SEEDBYTES];
	struct complaint why = { .text = "" };
	struct money_source *source;
	struct export_args args;
	bool well;

	parse(&args, argc, argv);
	if (args.help || args.wrong) {
		fputs(usage, args.help ? stdout : stderr);
		return args.help ? CTL_WELL : CTL_USAGE;
	}
	if (args.trail)
		return export_trail(&args);
	source = sodium_init() < 0 || args.journal == NULL ? NULL : money_source_open(args.journal, &why);
	well = (source != NULL || args.store != NULL) && told(&args, &why) && (args.key == NULL || read_seed(args.key, seed, &why)) &&
	       export_all(&args, source, args.key != NULL ? seed : NULL, &why);
	wipe(seed, sizeof(seed));
	money_source_close(source);
	if (!well)
		fprintf(stderr, "tipctl: %s\n", why.text);
	return well ? CTL_WELL : CTL_WRONG;
}

int tipctl_export(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		for (size_t k = 0; k < COUNT_OF(others); k++)
			if (strncmp(argv[i], others[k].option, strlen(others[k].option)) == 0 &&
			    strchr("=", argv[i][strlen(others[k].option)]) != NULL)
				return others[k].run(argc, argv);
	return export_money(argc, argv);
}
