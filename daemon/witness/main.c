/*
 * tipline-witness: arguments, keys, run, drain.
 *
 * Cosigns the checkpoints of logs it knows, once it has seen that they only
 * grew. For bodies that do not run the tip line: it needs nothing of it.
 */
#include "daemon/base/wipe.h"
#include "daemon/loop/loop.h"
#include "daemon/sys/files.h"
#include "daemon/sys/log.h"
#include "daemon/sys/notify.h"
#include "daemon/sys/random.h"
#include "daemon/witness/add_checkpoint.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define DRAIN_MAX_MS 5000
#define DRAIN_LOOK_MS 20

static const char usage[] =
	"usage: tipline-witness --key FILE --logs FILE --state DIR [--listen ADDR:PORT]\n"
	"       tipline-witness make-key NAME FILE\n"
	"       tipline-witness show-key FILE\n"
	"\n"
	"Cosigns checkpoints of transparency logs that only grew (C2SP tlog-witness).\n"
	"\n"
	"  --key FILE          the witness's private key, made by make-key\n"
	"  --logs FILE         the logs it knows: a quorum file with their keys, and \"quorum none\"\n"
	"  --state DIR         what it cosigned last of each log; must never go back to an older copy\n"
	"  --listen ADDR:PORT  where it listens (default: 127.0.0.1:7380)\n"
	"  --version           print the version\n"
	"  --help              print this\n"
	"\n"
	"make-key writes a new private key and prints the public one; show-key prints it again.\n"
	"SIGTERM drains and ends. See tipline-witness(8).\n";

struct arguments {
	const char *key, *logs, *state, *listen;
};

struct program {
	struct loop *loop;
	struct http_server *server;
	struct arena arena;
	struct witness witness;
	uint64_t drain_since_ms;
};

static void die(const char *text)
{
	fprintf(stderr, "tipline-witness: %s\n", text);
	exit(1);
}

static void misused(const char *text)
{
	fprintf(stderr, "tipline-witness: %s; --help tells the options\n", text);
	exit(2);
}

static void read_arguments(struct arguments *arguments, int argc, char **argv)
{
	static const struct option options[] = {
		{ "key", required_argument, NULL, 'k' },    { "logs", required_argument, NULL, 'l' },
		{ "state", required_argument, NULL, 's' },  { "listen", required_argument, NULL, 'a' },
		{ "version", no_argument, NULL, 'V' },	    { "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		switch (option) {
		case 'k':
			arguments->key = optarg;
			break;
		case 'l':
			arguments->logs = optarg;
			break;
		case 's':
			arguments->state = optarg;
			break;
		case 'a':
			arguments->listen = optarg;
			break;
		case 'V':
			puts("tipline-witness " TIPLINE_VERSION);
			exit(0);
		case 'h':
			fputs(usage, stdout);
			exit(0);
		default:
			fputs("tipline-witness --help tells the options\n", stderr);
			exit(2);
		}
	}
}

/* --- keys ------------------------------------------------------------------------------------ */

static void read_key(const char *file, struct note_signer *signer)
{
	struct complaint why;
	struct buf text = { 0 };
	bool well;

	if (!files_private(file, &why) || !files_read(file, NOTE_KEY_TEXT_MAX, &text, &why))
		die(why.text);
	if (text.len > 0 && text.at[text.len - 1] == '\n')
		text.len--;
	well = note_signer_parse(buf_span(&text), signer) && signer->key.kind == NOTE_COSIGNATURE;
	buf_release(&text);
	if (!well)
		die("the key file holds no witness's private key");
}

static void print_public(const struct note_signer *signer)
{
	char text[NOTE_KEY_TEXT_MAX];
	struct span key = note_key_write(&signer->key, text);

	printf("%.*s\n", (int)key.len, key.at);
}

static void make_key(const char *name, const char *file)
{
	unsigned char seed[NOTE_SEED_BYTES];
	char text[NOTE_KEY_TEXT_MAX];
	struct note_signer signer;
	struct complaint why;

	if (!note_name_valid(span_of(name)))
		misused("a name is UTF-8 without spaces and plus signs");
	if (access(file, F_OK) == 0)
		die("the key file is there already; a witness keeps its key");
	random_bytes(seed, sizeof(seed));
	note_signer_make(span_of(name), NOTE_COSIGNATURE, seed, &signer);
	wipe(seed, sizeof(seed));
	if (!files_replace(file, note_signer_write(&signer, text), 0600, &why))
		die(why.text);
	wipe(text, sizeof(text));
	print_public(&signer);
	note_signer_release(&signer);
}

static void show_key(const char *file)
{
	struct note_signer signer;

	read_key(file, &signer);
	print_public(&signer);
	note_signer_release(&signer);
}

/* True when it was one of the commands about keys, which is done then. */
static bool key_command(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[0], "make-key") == 0)
		make_key(argv[1], argv[2]);
	else if (argc == 2 && strcmp(argv[0], "show-key") == 0)
		show_key(argv[1]);
	else
		return false;
	return true;
}

/* --- life --------------------------------------------------------------------------------------- */

/* No core dump and no debugger: the key is in this memory. */
static void harden(void)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
	umask(0077);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

static void read_logs(struct program *program, const char *file)
{
	struct complaint why;
	struct buf text = { 0 };

	if (!files_read(file, QUORUM_BYTES_MAX, &text, &why))
		die(why.text);
	program->witness.known = quorum_parse(buf_span(&text), &program->arena, &why);
	buf_release(&text);
	if (program->witness.known == NULL) {
		fprintf(stderr, "tipline-witness: %s:%zu: %s\n", file, why.line, why.text);
		exit(2);
	}
	if (program->witness.known->nlogs == 0)
		misused("the file of --logs names no log");
}

static void look_whether_idle(void *ctx)
{
	struct program *program = ctx;

	if (http_server_idle(program->server) || loop_now_ms(program->loop) - program->drain_since_ms > DRAIN_MAX_MS)
		loop_stop(program->loop);
}

static void on_terminate(void *ctx)
{
	struct program *program = ctx;

	if (program->drain_since_ms != 0)
		return;
	program->drain_since_ms = loop_now_ms(program->loop);
	notify_stopping();
	http_server_drain(program->server);
	loop_every(program->loop, DRAIN_LOOK_MS, look_whether_idle, program);
}

static void listen_on(struct program *program, const char *address)
{
	struct http_listener listener = {
		.name = "witness", .address = address, .fd = notify_listener("witness"),
		.limits = { .connections = 256, .per_address = 32, .head_bytes = 8192, .head_ms = 5000, .body_ms = 5000,
			    .idle_ms = 60000, .write_ms = 5000, .reply_ms = 10000 },
		.handler = witness_handler(&program->witness),
	};

	program->server = http_server_new(loop_base(program->loop), &listener);
	if (program->server == NULL) {
		fprintf(stderr, "tipline-witness: cannot listen on %s: %s\n", address, strerror(errno));
		exit(1);
	}
	log_event(LOG_LEVEL_NOTICE, "listening", "listener", "witness", "address", http_server_address(program->server), NULL);
}

static void keep_alive(void *ctx)
{
	(void)ctx;
	notify_alive();
}

static void run(struct program *program, const struct arguments *arguments)
{
	struct complaint why;
	unsigned watchdog_ms = notify_watchdog_ms();

	read_logs(program, arguments->logs);
	read_key(arguments->key, &program->witness.signer);
	program->witness.heads = heads_open(arguments->state, program->witness.known, &why);
	if (program->witness.heads == NULL)
		die(why.text);
	program->loop = loop_new();
	listen_on(program, arguments->listen);
	loop_on_signal(program->loop, SIGTERM, on_terminate, program);
	loop_on_signal(program->loop, SIGINT, on_terminate, program);
	if (watchdog_ms > 0)
		loop_every(program->loop, watchdog_ms, keep_alive, NULL);
	notify_close_unused();
	notify_ready();
	loop_run(program->loop);
	http_server_free(program->server);
	loop_free(program->loop);
	heads_close(program->witness.heads);
	note_signer_release(&program->witness.signer);
	arena_release(&program->arena);
}

int main(int argc, char **argv)
{
	struct arguments arguments = { .listen = "127.0.0.1:7380" };
	static struct program program;

	harden();
	if (sodium_init() < 0)
		die("no random numbers");
	read_arguments(&arguments, argc, argv);
	if (key_command(argc - optind, argv + optind))
		return 0;
	if (optind < argc)
		misused("unexpected argument");
	if (arguments.key == NULL || arguments.logs == NULL || arguments.state == NULL)
		misused("--key, --logs and --state are needed");
	log_open(LOG_LEVEL_INFO, notify_journald());
	run(&program, &arguments);
	return 0;
}
