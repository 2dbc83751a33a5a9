/*
 * tipctl verify: an auditor's check of a store, live or copied, against what
 * always has to hold (V1 to V7), or of an exported money journal alone. Needs no
 * daemon; nothing that it looks at is changed, but that it looked is told to the
 * audit trail of a live store.
 *
 * A store in use moves on while it is read. When something does not hold and
 * the journals have grown meanwhile, the rest is read and all is looked at again.
 */
#include "daemon/cli/tipctl_verify.h"

#include "daemon/cli/tipctl_archive.h"
#include "daemon/cli/tipctl_trail.h"
#include "daemon/cli/verify.h"
#include "daemon/cli/verify_copy.h"
#include "daemon/sys/random.h"

#include <hiredis/hiredis.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define TRIES_MAX 4

static const char usage[] =
	"usage: tipctl verify --store ADDRESS | --state DIR [--only V1,V2,...] [--archive DIR] [--log DIR] [--keys DIR]\n"
	"                     [MONEY...] [--json] [--quiet]\n"
	"       tipctl verify --money JOURNAL [MONEY...] [--json] [--quiet]\n"
	"\n"
	"Checks a store (unix:/PATH or host:port) or a copy of one (a state directory, a data\n"
	"directory of Redis, an .rdb or .aof file: copied once more, the copy is served to nobody\n"
	"else), and tells of each of these that it holds, or the first thing that breaks it:\n"
	"\n"
	"  V1  each tip that was acknowledged is in exactly one place, of one region\n"
	"  V2  each change has one event; the journals fold to the state\n"
	"  V3  the ledger's invariants hold at every record\n"
	"  V4  nobody acts twice in one chain of approval\n"
	"  V5  nothing in clear: each key and each value has the shape it must have\n"
	"  V6  each event is under a checkpoint within 60 s, checkpoints follow each other\n"
	"  V7  a request that is repeated gets its first answer\n"
	"\n"
	"  --only LIST             these alone, as V1,V5\n"
	"  --archive DIR           files of the journals, for what the store has let go of; else the\n"
	"                          copy's own archive/, or of a running store as configured\n"
	"  --log DIR               V6: the files of the sealed log (STATE/log); else as in the store\n"
	"  --keys DIR              V6: the keys, to make each leaf again\n"
	"\n"
	"Of money, exported (tipctl export --format jsonl; - is standard input) or in the store:\n"
	"\n"
	"  --policy DIR            policies as the auditor has them; others are not accepted\n"
	"  --statements DIR        statements of the bank (JSON of a connector), one a file\n"
	"  --heads FILE            published heads: lines of a sequence number and a hash\n"
	"  --instruction-key FILE  64 hex digits that instruction ids are derived from\n"
	"  --signer KEY            public key (64 hex digits) that has to have signed the trailer\n"
	"\n"
	"  --json                  the result as one JSON object\n"
	"  --quiet                 no progress on standard error\n"
	"\n"
	"Exit status: 0 all that could be looked at holds, 1 something does not, 2 could not be checked, as\n"
	"when a file of the archive is missing or changed: it is named with its events.\n";

static void take(struct verify_args *args, int option)
{
	const char **const texts[] = { &args->journal,	       &args->policy, &args->statements, &args->heads,
				       &args->instruction_key, &args->signer, &args->store,	 &args->state,
				       &args->only,	       &args->log,    &args->keys,	 &args->archive };

	if (option >= 1 && option <= (int)(sizeof(texts) / sizeof(texts[0])))
		*texts[option - 1] = optarg;
	else if (option == 'j')
		args->json = true;
	else if (option == 'q')
		args->quiet = true;
	else if (option == 'h')
		args->help = true;
	else
		args->wrong = true;
}

static void parse(struct verify_args *args, int argc, char **argv)
{
	static const struct option options[] = {
		{ "money", required_argument, NULL, 1 },	   { "policy", required_argument, NULL, 2 },
		{ "statements", required_argument, NULL, 3 },	   { "heads", required_argument, NULL, 4 },
		{ "instruction-key", required_argument, NULL, 5 }, { "signer", required_argument, NULL, 6 },
		{ "store", required_argument, NULL, 7 },	   { "state", required_argument, NULL, 8 },
		{ "only", required_argument, NULL, 9 },		   { "log", required_argument, NULL, 10 },
		{ "keys", required_argument, NULL, 11 },	   { "archive", required_argument, NULL, 12 },
		{ "json", no_argument, NULL, 'j' },		   { "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },		   { 0 },
	};
	int option;

	*args = (struct verify_args){ 0 };
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		take(args, option);
	args->wrong = args->wrong || optind < argc ||
		      (args->journal != NULL) + (args->store != NULL) + (args->state != NULL) != 1 ||
		      (args->journal != NULL && (args->only != NULL || args->log != NULL || args->keys != NULL || args->archive != NULL));
}

/* --- looking ---------------------------------------------------------------------------------------- */

static void take_time(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	int64_t *now_ms = ctx;

	(void)at;
	(void)n;
	if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 2 && reply->element[0]->type == REDIS_REPLY_STRING)
		*now_ms = strtoll(reply->element[0]->str, NULL, 10) * 1000;
}

static bool ask_time(struct verify *verify)
{
	struct pipe_words words = pipe_words(verify->store);

	pipe_word(&words, SPAN("TIME"));
	pipe_send(verify->store, &words, take_time, &verify->now_ms, NULL, 0);
	return pipe_drain(verify->store);
}

static bool read_money(struct verify *verify, const struct verify_args *args)
{
	if (verify->money != NULL)
		money_check_free(verify->money);
	verify->money = money_check_new();
	verify->money_unreadable = false;
	if (!verify_take_all(verify->money, args))
		return false;
	if (!verify_money_store(verify->money, verify->address, args->quiet, &verify->money_why))
		verify->money_unreadable = true;
	return true;
}

/* A file that cannot be read is told by the checks that need it, and is not asked for again. */
static bool read_journals(struct verify *verify, FILE *nowhere)
{
	return verify->replay.lost || replay_read(&verify->replay, nowhere) || verify->replay.lost;
}

/* What the fold complains of goes into V2's finding; nobody else prints it. */
static bool look_once(struct verify *verify, const struct verify_args *args, FILE *nowhere)
{
	verify_forget(verify);
	return read_money(verify, args) && ask_time(verify) && read_journals(verify, nowhere) && verify_run(verify);
}

static bool look(struct verify *verify, const struct verify_args *args)
{
	FILE *nowhere = fopen("/dev/null", "we");
	bool well = nowhere != NULL;

	for (int attempt = 0; well && attempt < TRIES_MAX; attempt++) {
		uint64_t before = verify->replay.events;

		well = look_once(verify, args, nowhere);
		if (verify_well(verify) || verify->copy || (attempt > 0 && verify->replay.events == before))
			break;
	}
	if (nowhere != NULL)
		fclose(nowhere);
	return well;
}

static void tell(const struct verify *verify, bool as_json)
{
	struct buf text = { 0 };
	struct json_out json = json_out_to(&text);

	if (!as_json) {
		verify_tell(verify, stdout);
		return;
	}
	json_open(&json, '{');
	verify_tell_json(verify, &json);
	json_open_member(&json, "money", '{');
	verify_money_json(verify->money, &json);
	json_close(&json, '}');
	json_close(&json, '}');
	printf("%.*s\n", (int)text.len, text.at);
	buf_release(&text);
}

static int status_of(const struct verify *verify)
{
	if (!verify_well(verify))
		return CTL_WRONG;
	return verify_unread(verify) ? CTL_USAGE : CTL_WELL;
}

static int verify_at(const char *address, const struct verify_args *args, const struct archive *archive)
{
	struct complaint why = { .text = "" };
	struct verify verify = { .address = address, .copy = args->state != NULL, .log_dir = args->log };
	struct keys *keys = args->keys != NULL ? keys_open(args->keys, false, &why) : NULL;
	int status = CTL_USAGE;

	verify.keys = keys;
	/* What is read past the daemon is told first; a copy has nobody to tell. */
	if ((args->keys == NULL || keys != NULL) && (verify.copy || ctl_trail(address, "verify", span_of(args->only), &why)))
		verify.store = pipe_open(address, &why);
	if (verify.store == NULL) {
		fprintf(stderr, "tipctl: %s\n", why.text);
		if (keys != NULL)
			keys_free(keys);
		return CTL_USAGE;
	}
	verify.replay = (struct replay){ .store = verify.store, .fold = fold_new(random_u64()), .quiet = args->quiet,
					 .archive = archive, .also = verify_see, .also_ctx = &verify };
	if (!verify_only(&verify, span_of(args->only != NULL ? args->only : "V1,V2,V3,V4,V5,V6,V7")))
		fprintf(stderr, "tipctl: --only: V1 to V7 with commas are expected\n");
	else if (look(&verify, args)) {
		tell(&verify, args->json);
		status = status_of(&verify);
	}
	if (verify.money != NULL)
		money_check_free(verify.money);
	if (keys != NULL)
		keys_free(keys);
	fold_free(verify.replay.fold);
	pipe_free(verify.store);
	return status;
}

/* A directory of the state directory, when it is there. */
static const char *beside(const char *state, const char *name, char path[PATH_MAX])
{
	struct stat st;

	return snprintf(path, PATH_MAX, "%s/%s", state, name) < PATH_MAX && stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? path : NULL;
}

/* A copy of the copy: log/ and archive/ beside it are looked at when no others are named. */
static int verify_state(const struct verify_args *given)
{
	struct complaint why = { .text = "" };
	struct verify_args args = *given;
	struct verify_copy copy;
	char log[PATH_MAX], filed[PATH_MAX];
	struct archive *archive;
	int status;

	if (args.log == NULL)
		args.log = beside(args.state, "log", log);
	if (args.archive == NULL)
		args.archive = beside(args.state, "archive", filed);
	if (!verify_copy_open(args.state, &copy, &why)) {
		fprintf(stderr, "tipctl: %s\n", why.text);
		return CTL_USAGE;
	}
	archive = args.archive != NULL ? archive_new(args.archive) : NULL;
	status = verify_at(copy.address, &args, archive);
	if (archive != NULL)
		archive_free(archive);
	verify_copy_close(&copy);
	return status;
}

/* An auditor may have no configuration that can be read: then a file that is needed is one that is missing. */
static int verify_store(const struct verify_args *args)
{
	static const struct ctl_args as_configured = { .help = false };
	struct archive *archive = ctl_archive_open(&as_configured, args->archive);
	int status = verify_at(args->store, args, archive);

	if (archive != NULL)
		archive_free(archive);
	return status;
}

int tipctl_verify(int argc, char **argv)
{
	struct verify_args args;

	parse(&args, argc, argv);
	if (args.help || args.wrong) {
		fputs(usage, args.help ? stdout : stderr);
		return args.help ? CTL_WELL : CTL_USAGE;
	}
	if (sodium_init() < 0)
		return CTL_USAGE;
	if (args.journal != NULL)
		return verify_money_file(&args);
	return args.state != NULL ? verify_state(&args) : verify_store(&args);
}
