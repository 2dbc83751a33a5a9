/*
 * The daemon's staff API from a terminal, for those subcommands that work
 * through it: reward, statement, break, suspense, rail, reconcile.
 *
 * The token comes from a file that nobody else may read, never from the
 * command line. A request goes over plain HTTP to this machine alone: to the
 * loopback or a Unix socket; elsewhere https is needed. Each change carries an
 * idempotency key, so that one whose answer got lost can be repeated.
 */
#ifndef TIPLINE_CLI_TIPCTL_API_H
#define TIPLINE_CLI_TIPCTL_API_H

#include "daemon/base/json_out.h"
#include "daemon/cli/tipctl.h"

#include <jansson.h>

/* Exit statuses beside CTL_WELL, CTL_WRONG (refused, or something is open) and CTL_USAGE. */
#define CTL_VOTED 3     /* recorded; a second, different person has to agree */
#define CTL_SILENT 4    /* no answer, or not now: nothing is known; repeat it with the same key */

#define CTL_API_KEY_MAX 65

struct ctl_api {
	struct ctl_args common;
	const char *server;             /* --server; NULL: listen.staff of the configuration */
	const char *token_file;         /* --token-file, or TIPLINE_TOKEN_FILE */
	char key[CTL_API_KEY_MAX];      /* --key, or drawn */
	bool json;                      /* --json: the answer as it came */
	bool yes;                       /* --yes: no question is asked */
};

/* For the table of getopt_long(), with CTL_OPTIONS. */
#define CTL_API_OPTIONS                                                                                              \
	CTL_OPTIONS, { "server", required_argument, NULL, 256 }, { "token-file", required_argument, NULL, 257 },     \
		{ "key", required_argument, NULL, 258 }, { "json", no_argument, NULL, 259 },                         \
		{ "yes", no_argument, NULL, 260 }

/* Draws a key. */
void ctl_api_begin(struct ctl_api *api);

/* Takes one of these options; anything else sets common.wrong. */
void ctl_api_option(struct ctl_api *api, int option);

/* What all their usages say of the options and of the exit status. */
extern const char ctl_api_help[];

/* The usual end of parsing; the usage, and ctl_api_help behind it. True: return *status now. */
bool ctl_api_usage(const struct ctl_api *api, const char *usage, int *status);

struct ctl_answer {
	long status;              /* 0: none came */
	struct buf body;
	json_t *root;             /* of a JSON answer */
};

/*
 * One request: `path` with its query, `body` and `type` NULL for a GET. Tells
 * on standard error what was refused and why. The exit status; CTL_WELL and
 * CTL_VOTED with answer->root. The answer is released whatever it is.
 */
struct ctl_request {
	const char *path;
	const char *type;
	struct span body;
};
int ctl_api_call(struct ctl_api *api, const struct ctl_request *request, struct ctl_answer *answer);
void ctl_answer_release(struct ctl_answer *answer);

/*
 * Whoever wrote a text in the answer writes on the terminal of whoever reads
 * it: signs that could move there and show another amount become '?'. Done by
 * ctl_api_call() to answer->root; --json tells the body as it came.
 */
void ctl_make_plain(json_t *value);

/* "name=value" of a query, escaped, appended; nothing when `value` is NULL. */
void ctl_api_query(struct buf *path, const char *name, const char *value);

/* NAME=VALUE words as the members of the open object; the book says which there are. False: one is none, which is told. */
bool ctl_api_words(char **words, int n, struct json_out *json);

/* Prints the answer's bytes as they came, and an end of line. */
void ctl_answer_print(const struct ctl_answer *answer);

/* Members as text: "" where there is none or null. Amounts of fen as yuan. */
const char *ctl_text(const json_t *object, const char *name);
long long ctl_number(const json_t *object, const char *name);
const char *ctl_yuan(const json_t *object, const char *name, char text[32]);

#endif
