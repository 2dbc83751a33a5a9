/*
 * tiplined: arguments, configuration, wiring, run, drain.
 */
#include "daemon/loop/flow.h"
#include "daemon/loop/loop.h"
#include "daemon/sys/config.h"
#include "daemon/sys/log.h"
#include "daemon/sys/notify.h"
#include "daemon/sys/sandbox_plan.h"
#include "daemon/wiring.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define SETS_MAX 64
#define DRAIN_MAX_MS 15000
#define DRAIN_LOOK_MS 20

struct arguments {
	struct config_source source;
	const char *sets[SETS_MAX];
	bool demo;
};

struct daemon {
	struct arguments arguments;
	struct config config;
	struct loop *loop;
	struct wiring *wiring;
	struct sandbox_state sandbox;
	uint64_t drain_since_ms;
	bool ready_told;
};

static const char usage[] =
	"usage: tiplined [--config FILE] [--set KEY=VALUE]... [--demo]\n"
	"\n"
	"Takes tips from the public by web and SMS and brings them to the bureaus' queues.\n"
	"\n"
	"  --config FILE    configuration (default: /etc/tipline/tipline.yaml when it is there)\n"
	"  --set KEY=VALUE  one key of the configuration, stronger than the file; may be repeated\n"
	"  --demo           make demo accounts in the state directory (demo.json)\n"
	"  --version        print the version\n"
	"  --help           print this\n"
	"\n"
	"SIGTERM drains and ends; SIGHUP reads the configuration and the tokens again.\n"
	"See tiplined(8), tipline.yaml(5), tipctl(1).\n";

static void take_set(struct arguments *arguments, const char *set)
{
	if (arguments->source.nsets == SETS_MAX) {
		fprintf(stderr, "tiplined: more than %d times --set; use a file\n", SETS_MAX);
		exit(2);
	}
	arguments->sets[arguments->source.nsets++] = set;
	arguments->source.sets = arguments->sets;
}

static void read_arguments(struct arguments *arguments, int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' }, { "set", required_argument, NULL, 's' },
		{ "demo", no_argument, NULL, 'd' },	    { "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },	    { NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			arguments->source.file = optarg;
			break;
		case 's':
			take_set(arguments, optarg);
			break;
		case 'd':
			arguments->demo = true;
			break;
		case 'V':
			puts("tiplined " TIPLINE_VERSION);
			exit(0);
		case 'h':
			fputs(usage, stdout);
			exit(0);
		default:
			fputs("tiplined --help tells the options\n", stderr);
			exit(2);
		}
	}
	if (optind < argc) {
		fprintf(stderr, "tiplined: unexpected argument \"%s\"; --help tells the options\n", argv[optind]);
		exit(2);
	}
}

static bool load(struct config *config, const struct config_source *source)
{
	struct config_problems problems = { .n = 0 };

	if (config_load(config, source, &problems) && config_secrets(config, &problems))
		return true;
	for (size_t i = 0; i < problems.n; i++)
		fprintf(stderr, "tiplined: %s\n", problems.at[i].text);
	return false;
}

/* --- life ------------------------------------------------------------------------------- */

/* No core dump and no debugger: tips in clear are in this memory. */
static void harden(void)
{
	struct rlimit none = { 0, 0 };
	struct rlimit files;

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	umask(0077);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);   /* a file that may not grow is a write that fails, not an end */
}

static void tell_sandbox(const struct sandbox_state *state)
{
	log_event(state->calls ? LOG_LEVEL_NOTICE : LOG_LEVEL_WARNING, "sandbox", "calls", !state->calls ? "off" : state->strict ? "strict" : "on",
		  "files", !state->files ? "off" : state->threads_outside > 0 ? "partly" : "on", "network", state->network ? "open" : "closed",
		  "programs", state->programs ? "redis" : "none", NULL);
}

/* All is open, and nothing was served yet. */
static bool enter_sandbox(struct daemon *daemon, struct complaint *why)
{
	const char *named = daemon->arguments.source.file;
	struct sandbox_needs needs = { .config_file = named != NULL ? named : CONFIG_FILE,
				       .store = wiring_private_store(daemon->wiring) };
	struct sandbox_plan plan;
	struct arena arena = { 0 };
	bool well;

	if (daemon->config.sandbox == SANDBOX_OFF)
		return true;
	sandbox_plan_make(&daemon->config, &needs, &arena, &plan);
	well = sandbox_enter(&plan, &daemon->sandbox, why);
	arena_release(&arena);
	if (!well)
		return false;
	wiring_note_sandbox(daemon->wiring, &daemon->sandbox);
	tell_sandbox(&daemon->sandbox);
	return true;
}

static void look_whether_idle(void *ctx)
{
	struct daemon *daemon = ctx;
	bool late = loop_now_ms(daemon->loop) - daemon->drain_since_ms > DRAIN_MAX_MS;

	if (!wiring_idle(daemon->wiring) && !late)
		return;
	log_event(LOG_LEVEL_NOTICE, "drained", "whole", late ? "no" : "yes", NULL);
	loop_stop(daemon->loop);
}

static void on_terminate(void *ctx)
{
	struct daemon *daemon = ctx;

	if (daemon->drain_since_ms != 0)
		return;
	daemon->drain_since_ms = loop_now_ms(daemon->loop);
	log_event(LOG_LEVEL_NOTICE, "draining", NULL);
	notify_stopping();
	wiring_drain(daemon->wiring);
	loop_every(daemon->loop, DRAIN_LOOK_MS, look_whether_idle, daemon);
}

static void on_reload(void *ctx)
{
	struct daemon *daemon = ctx;
	struct config fresh;
	struct config_change changes[32];
	size_t n;

	notify_reloading();
	if (load(&fresh, &daemon->arguments.source)) {
		n = config_diff(&daemon->config, &fresh, changes, 32);
		for (size_t i = 0; i < n && i < 32; i++)
			log_event(LOG_LEVEL_NOTICE, "config.changed", "key", changes[i].key, "restart",
				  changes[i].restart ? "needed" : "no", NULL);
		wiring_note_reload(daemon->wiring, &daemon->config, &fresh);
		config_adopt(&daemon->config, &fresh);
		log_open((enum log_level)daemon->config.log.level, notify_journald());
		wiring_reload(daemon->wiring);
	} else {
		log_event(LOG_LEVEL_ERROR, "config.refused", NULL);
		wiring_note_reload(daemon->wiring, &daemon->config, NULL);
	}
	config_release(&fresh);
	notify_ready();
}

/* Ready is told once the store answers: a unit ordered after this one may count on it. */
static void tell_ready(void *ctx)
{
	struct daemon *daemon = ctx;

	notify_alive();
	if (daemon->ready_told || !wiring_store_up(daemon->wiring))
		return;
	daemon->ready_told = true;
	notify_ready();
}

static void run(struct daemon *daemon)
{
	unsigned watchdog_ms = notify_watchdog_ms();

	loop_on_signal(daemon->loop, SIGTERM, on_terminate, daemon);
	loop_on_signal(daemon->loop, SIGINT, on_terminate, daemon);
	loop_on_signal(daemon->loop, SIGHUP, on_reload, daemon);
	loop_every(daemon->loop, watchdog_ms > 0 && watchdog_ms < 200 ? watchdog_ms : 200, tell_ready, daemon);
	loop_run(daemon->loop);
}

int main(int argc, char **argv)
{
	static struct daemon daemon;
	struct complaint why = { .text = "" };

	read_arguments(&daemon.arguments, argc, argv);
	if (!load(&daemon.config, &daemon.arguments.source))
		return 2;
	harden();
	log_open((enum log_level)daemon.config.log.level, notify_journald());
	daemon.loop = loop_new();
	daemon.wiring = wiring_up(daemon.loop, &daemon.config, daemon.arguments.demo, &why);
	if (daemon.wiring == NULL) {
		fprintf(stderr, "tiplined: %s\n", why.text);
		return 1;
	}
	notify_close_unused();
	if (!enter_sandbox(&daemon, &why)) {
		fprintf(stderr, "tiplined: %s\n", why.text);
		wiring_down(daemon.wiring);
		return 1;
	}
	run(&daemon);
	wiring_down(daemon.wiring);
	loop_free(daemon.loop);
	config_release(&daemon.config);
	return 0;
}
