/*
 * tipctl reconcile: a bank's statement against the money journal.
 *
 * `import` takes a file in whole or refuses it; what it means line by line is
 * decided by the book. The same file once more changes nothing.
 */
#include "daemon/cli/tipctl_reconcile.h"

#include "daemon/cli/tipctl.h"
#include "daemon/sys/files.h"

#include <stdio.h>

static const char usage[] =
	"usage: tipctl reconcile import FILE --journal JOURNAL --key FILE --as PERSON/ACCOUNT\n"
	"                        --account bank:NAME --date YYYY-MM-DD --rail RAIL --ledger LEDGER\n"
	"                        [--number NUMBER] [--dry-run]\n"
	"       tipctl reconcile list --journal JOURNAL --key FILE [--all]\n"
	"\n"
	"import reads a statement (camt.053, a connector's JSON or the CSV template), matches each\n"
	"line with the payments of the journal, and opens a break for each that is no match.\n"
	"list tells the breaks, by class and age.\n"
	"\n"
	"  --journal FILE   canonical records, one a line; nothing else may write it meanwhile\n"
	"  --key FILE       64 hex digits that instruction ids are derived from\n"
	"  --as P/A         person and account of finance\n"
	"  --account NAME   account of the ledger: bank:NAME, float:CHANNEL, cash:BRANCH\n"
	"  --number NUMBER  how the file names the account; nothing: NAME itself\n"
	"  --rail RAIL      what pays from it; goes on hold when money left for a stranger\n"
	"  --ledger LEDGER  bureau/programme/year of what cannot be matched\n"
	"  --dry-run        tell what would be recorded, and write nothing\n"
	"  --all            breaks that are resolved, too\n"
	"\n"
	"Exit status: 0 well, also for a file that was imported before; 1 refused, or breaks are\n"
	"open; 2 wrong use.\n";

struct args {
	const char *file, *journal, *key, *as, *account, *date, *rail, *ledger, *number;
	bool dry_run, all, help, wrong;
};

static void take(struct args *args, int option)
{
	const struct {
		int option;
		const char **to;
	} texts[] = {
		{ .option = 'j', .to = &args->journal }, { .option = 'k', .to = &args->key },
		{ .option = 'p', .to = &args->as },	 { .option = 'a', .to = &args->account },
		{ .option = 'd', .to = &args->date },	 { .option = 'r', .to = &args->rail },
		{ .option = 'l', .to = &args->ledger },	 { .option = 'n', .to = &args->number },
	};

	args->dry_run = args->dry_run || option == 'y';
	args->all = args->all || option == 'A';
	args->help = args->help || option == 'h';
	args->wrong = args->wrong || option == '?';
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].option == option)
			*texts[i].to = optarg;
}

static void parse(struct args *args, int argc, char **argv)
{
	static const struct option options[] = {
		{ "journal", required_argument, NULL, 'j' }, { "key", required_argument, NULL, 'k' },
		{ "as", required_argument, NULL, 'p' },      { "account", required_argument, NULL, 'a' },
		{ "date", required_argument, NULL, 'd' },    { "rail", required_argument, NULL, 'r' },
		{ "ledger", required_argument, NULL, 'l' },  { "number", required_argument, NULL, 'n' },
		{ "dry-run", no_argument, NULL, 'y' },	     { "all", no_argument, NULL, 'A' },
		{ "help", no_argument, NULL, 'h' },	     { 0 },
	};
	int option;

	*args = (struct args){ 0 };
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		take(args, option);
	if (optind < argc)
		args->file = argv[optind++];
	args->wrong = args->wrong || optind < argc || args->journal == NULL || args->key == NULL;
}

static int use(const struct args *args)
{
	fputs(usage, args->help ? stdout : stderr);
	return args->help ? CTL_WELL : CTL_USAGE;
}

static int tell(const char *what, const struct complaint *why)
{
	fprintf(stderr, "tipctl: %s", what);
	if (why->line > 0)
		fprintf(stderr, ":%zu", why->line);
	fprintf(stderr, ": %s\n", why->text);
	return CTL_WRONG;
}

/* --- import ------------------------------------------------------------------------------ */

struct job {
	const struct args *args;
	struct ctl_book b;
	struct statement statement;
	struct book_command command;
	struct book_refusal refusal;
	struct span person, account;   /* of --as */
};

/* What a person said about the file has to be what the file says. */
static struct statement_wish wish_of(const struct args *args)
{
	const char *colon = strchr(args->account, ':');

	return (struct statement_wish){
		.format = STATEMENT_FORMATS, .date = span_of(args->date),
		.account = span_of(args->number != NULL ? args->number : colon != NULL ? colon + 1 : "?"),
	};
}

static void act_as(const struct job *job, struct book_command *command)
{
	command->person = job->person;
	command->account = job->account;
	command->roles = MONEY_FINANCE;
}

/* A file that cannot be taken is recorded as a break, once. */
static int refuse_file(struct job *job, enum break_class class, const char *text)
{
	struct book_command command;

	book_refused_command(&job->statement, span_of(job->args->account), class, &job->b.arena, &command);
	act_as(job, &command);
	fprintf(stderr, "tipctl: %s: %s: %s\n", job->args->file, break_class_name(class), text);
	if (ctl_book_do(&job->b, &command, &job->refusal) == BOOK_RECORD)
		printf("%s of %s %s recorded%s\n", break_class_name(class), job->args->account, job->args->date,
		       job->args->dry_run ? " (dry run)" : "");
	return CTL_WRONG;
}

static void print_line(const struct statement_line *line)
{
	char yuan[MONEY_TEXT_MAX];

	money_write_yuan(line->fen, yuan);
	printf("%s %-12s %s %.*s\n", line->credit ? "Cr" : "Dr", yuan, line->booked, (int)line->id.len, line->id.at);
}

/* The break that is about a line, or NULL. */
static const struct book_break *break_of(const struct book *book, const char *about)
{
	const struct book_break *broken;

	for (size_t i = 0; (broken = book_break_at(book, i)) != NULL; i++)
		if (strcmp(broken->about, about) == 0)
			return broken;
	return NULL;
}

static size_t print_statement(struct job *job, const struct book_statement *statement)
{
	size_t breaks = 0;

	for (size_t i = 0; i < statement->nlines; i++) {
		const char *id = arena_printf(&job->b.arena, "%s:%zu", statement->id, i + 1);
		const struct book_break *broken = statement->lines[i].broken ? break_of(job->b.book, id) : NULL;

		printf("%-10s %-8s ", id, broken != NULL ? break_class_name(broken->class) : "matched");
		print_line(&statement->lines[i].is);
		breaks += broken != NULL;
	}
	printf("%s %s %s: %zu lines, %zu matched, %zu breaks%s\n", statement->id, statement->account_name, statement->date,
	       statement->nlines, statement->nlines - breaks, breaks, job->args->dry_run ? " (dry run)" : "");
	return breaks;
}

/* Everything that follows from statements, until there is nothing more. */
static bool run(struct job *job, struct complaint *why)
{
	struct arena arena = { 0 };
	struct book_command command;
	int64_t next_ms;
	bool well = true;

	while (well && book_due(job->b.book, ctl_book_now(), &arena, &command, &next_ms) && book_is_reconciling(&command)) {
		well = ctl_book_do(&job->b, &command, &job->refusal) == BOOK_RECORD ||
		       complain(why, 0, "%s: %s: %s", command.kind, job->refusal.code, job->refusal.detail);
		arena_clear(&arena);
	}
	arena_release(&arena);
	return well;
}

static int imported(struct job *job)
{
	struct complaint why = { .text = "" };
	const struct book_statement *statement =
		book_statement_find(job->b.book, span_of(job->args->account), span_of(job->args->date));

	if (!run(job, &why))
		return tell(job->args->journal, &why);
	return print_statement(job, statement) > 0 ? CTL_WRONG : CTL_WELL;
}

static int import_statement(struct job *job)
{
	if (job->statement.foreign)
		return refuse_file(job, BREAK_CURRENCY, "an amount is of another currency");
	switch (ctl_book_do(&job->b, &job->command, &job->refusal)) {
	case BOOK_RECORD:
		return imported(job);
	case BOOK_REPEATED:
		printf("this file was imported before; nothing to do\n");
		return CTL_WELL;
	case BOOK_REFUSED:
		break;
	}
	if (strcmp(job->refusal.code, "STATEMENT_KNOWN") == 0) {
		printf("this file was imported before; nothing to do\n");
		return CTL_WELL;
	}
	if (strcmp(job->refusal.code, "STATEMENT_CHANGED") == 0)
		return refuse_file(job, BREAK_CHANGED, job->refusal.detail);
	fprintf(stderr, "tipctl: %s: %s: %s\n", job->args->file, job->refusal.code, job->refusal.detail);
	return CTL_WRONG;
}

/* The file as a command; a foreign one has none. */
static bool read_file(struct job *job, struct complaint *why)
{
	struct buf text = { 0 };
	bool well = files_read(job->args->file, STATEMENT_BYTES_MAX, &text, why);
	struct span file = arena_dup(&job->b.arena, buf_span(&text));
	struct statement_wish wish = wish_of(job->args);

	buf_release(&text);
	if (!well || !statement_read(file, &wish, &job->b.arena, &job->statement, why))
		return false;
	book_statement_carry(job->b.book, span_of(job->args->account), &job->statement);
	return (job->statement.foreign ||
		book_import_command(&job->statement, span_of(job->args->account), span_of(job->args->rail),
				    span_of(job->args->ledger), &job->b.arena, &job->command, why));
}

static int import_into(struct job *job)
{
	struct complaint why = { .text = "" };
	int status;

	if (!read_file(job, &why))
		return tell(job->args->file, &why);
	act_as(job, &job->command);
	status = import_statement(job);
	if (!job->args->dry_run && !ctl_book_write(&job->b, &why))
		return tell(job->args->journal, &why);
	return status;
}

static int reconcile_import(int argc, char **argv)
{
	struct args args;
	struct job job = { .args = &args };
	struct complaint why = { .text = "" };
	int status;

	parse(&args, argc, argv);
	if (args.help || args.wrong || args.file == NULL || args.as == NULL || args.account == NULL || args.date == NULL ||
	    args.rail == NULL || args.ledger == NULL)
		return use(&args);
	job.account = span_of(args.as);
	span_cut(&job.account, '/', &job.person);
	status = ctl_book_open(&job.b, args.journal, args.key, !args.dry_run, &why) ? import_into(&job)
										   : tell("reconcile", &why);
	ctl_book_close(&job.b);
	return status;
}

/* --- list ----------------------------------------------------------------------------------- */

static void print_break(const struct book_break *broken, int64_t now_ms)
{
	char yuan[MONEY_TEXT_MAX];
	const char *state = broken->resolved ? "resolved" : !broken->suspended ? "open" : broken->cleared ? "cleared" : "suspense";

	money_write_yuan(broken->credit ? broken->fen : -broken->fen, yuan);
	printf("%-8s %-4s %-5s %-8s %12s  %-24s %s\n", broken->id, break_class_name(broken->class),
	       break_age_name(break_age(broken->opened_ms, now_ms)), state, broken->fen > 0 ? yuan : "-", broken->about,
	       break_class_help(broken->class));
}

static void print_ages(size_t counts[BREAK_CLASSES][BREAK_AGES])
{
	fputs("\n     ", stdout);
	for (unsigned age = 0; age < BREAK_AGES; age++)
		printf("%7s", break_age_name((enum break_age)age));
	fputs("  days\n", stdout);
	for (unsigned class = BREAK_NO_LINE; class < BREAK_CLASSES; class++) {
		printf("%-5s", break_class_name((enum break_class)class));
		for (unsigned age = 0; age < BREAK_AGES; age++)
			printf("%7zu", counts[class][age]);
		putchar('\n');
	}
}

static int list(const struct book *book, bool all, int64_t now_ms)
{
	size_t counts[BREAK_CLASSES][BREAK_AGES] = { 0 }, open = 0;
	const struct book_break *broken;

	for (size_t i = 0; (broken = book_break_at(book, i)) != NULL; i++) {
		if (!broken->resolved) {
			counts[broken->class][break_age(broken->opened_ms, now_ms)]++;
			open++;
		}
		if (all || !broken->resolved)
			print_break(broken, now_ms);
	}
	print_ages(counts);
	return open > 0 ? CTL_WRONG : CTL_WELL;
}

static int reconcile_list(int argc, char **argv)
{
	struct args args;
	struct ctl_book b;
	struct complaint why = { .text = "" };
	int status;

	parse(&args, argc, argv);
	if (args.help || args.wrong || args.file != NULL)
		return use(&args);
	status = ctl_book_open(&b, args.journal, args.key, false, &why) ? list(b.book, args.all, ctl_book_now())
								       : tell("reconcile", &why);
	ctl_book_close(&b);
	return status;
}

int tipctl_reconcile(int argc, char **argv)
{
	const struct args help = { .help = argc > 1 && strcmp(argv[1], "--help") == 0 };

	if (argc > 1 && strcmp(argv[1], "import") == 0)
		return reconcile_import(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "list") == 0)
		return reconcile_list(argc - 1, argv + 1);
	return use(&help);
}
