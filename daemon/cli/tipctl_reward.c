/*
 * tipctl reward: rewards through the running daemon.
 *
 * An approval is of what was seen: it quotes the digest, and a reward that
 * changed since then is refused by the daemon.
 */
#include "daemon/cli/tipctl_reward.h"

#include "daemon/base/table.h"

#include <stdio.h>
#include <unistd.h>

static const char usage[] =
	"usage: tipctl reward list [--reward-state STATE] [--case CASE] [--book LEDGER] [OPTIONS]\n"
	"       tipctl reward show ID [OPTIONS]\n"
	"       tipctl reward approve ID [--digest HEX] [note=TEXT] [OPTIONS]\n"
	"       tipctl reward ACTION ID [NAME=VALUE ...] [OPTIONS]\n"
	"\n"
	"show tells facts, the calculator's trace, the digest to be approved, approvals and\n"
	"payments. approve shows the same and asks; with --yes it asks nothing and --digest has\n"
	"to quote at least the first eight digits of the digest that was seen.\n"
	"\n"
	"ACTION and its values:\n"
	"  submit | withdraw              by the proposer\n"
	"  return | reject | revoke       reason=TEXT\n"
	"  extend                         days=N reason=TEXT\n"
	"  reinstate                      reason=TEXT\n"
	"  hold | lift                    reason=TEXT; lifted by a different person\n"
	"  release                        source=ACCOUNT [instalment=FEN]\n"
	"  reissue                        by finance, after the informant\n"
	"  void                           code=WORD document=SHA256 [reason=TEXT]\n"
	"  recover                        of=overpaid|clawback fen=FEN account=ACCOUNT\n"
	"  write_off                      of=overpaid|clawback fen=FEN document=SHA256\n"
	"  tax                            account=ACCOUNT\n";

#define DIGEST_QUOTE_MIN 8

static const char *const actions[] = { "submit", "withdraw", "return",  "reject", "revoke",  "extend",    "reinstate", "hold",
				       "lift",   "release",  "reissue", "void",   "recover", "write_off", "tax" };

struct args {
	struct ctl_api api;
	const char *state, *kase, *book, *digest;
	int nwords;
	char **words;      /* behind the options: what, ID, NAME=VALUE ... */
};

static void parse(struct args *args, int argc, char **argv)
{
	static const struct option options[] = { CTL_API_OPTIONS, { "reward-state", required_argument, NULL, 1 },
						 { "case", required_argument, NULL, 2 },
						 { "book", required_argument, NULL, 3 },
						 { "digest", required_argument, NULL, 4 }, { 0 } };
	const char **const texts[] = { &args->state, &args->kase, &args->book, &args->digest };
	int option;

	*args = (struct args){ .state = NULL };
	ctl_api_begin(&args->api);
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (option >= 1 && option <= 4)
			*texts[option - 1] = optarg;
		else
			ctl_api_option(&args->api, option);
	args->nwords = argc - optind;
	args->words = argv + optind;
}

/* --- list ------------------------------------------------------------------------------------ */

static void print_row(const json_t *reward)
{
	char yuan[32];

	printf("%-8s %-15s%s %12s  %-34s %-14s %s\n", ctl_text(reward, "id"), ctl_text(reward, "state"),
	       json_is_true(json_object_get(reward, "held")) ? "*" : " ", ctl_yuan(reward, "fen", yuan),
	       ctl_text(reward, "book"), ctl_text(reward, "case"), ctl_text(reward, "tip"));
}

static int list(struct args *args)
{
	struct buf path = { 0 };
	struct ctl_answer answer;
	const json_t *reward;
	size_t i;
	int status;

	buf_add_text(&path, "/api/v1/rewards?limit=500");
	ctl_api_query(&path, "state", args->state);
	ctl_api_query(&path, "case", args->kase);
	ctl_api_query(&path, "book", args->book);
	buf_add_byte(&path, '\0');
	status = ctl_api_call(&args->api, &(struct ctl_request){ .path = path.at }, &answer);
	if (status == CTL_WELL && args->api.json)
		ctl_answer_print(&answer);
	else if (status == CTL_WELL)
		json_array_foreach(json_object_get(answer.root, "rewards"), i, reward) print_row(reward);
	if (json_is_true(json_object_get(answer.root, "more")))
		fputs("tipctl: there are more; narrow it with --reward-state, --case or --book\n", stderr);
	ctl_answer_release(&answer);
	buf_release(&path);
	return status;
}

/* --- show ------------------------------------------------------------------------------------- */

static int fetch(struct args *args, const char *id, struct ctl_answer *answer)
{
	char path[128];

	snprintf(path, sizeof(path), "/api/v1/rewards/%.64s", id);
	return ctl_api_call(&args->api, &(struct ctl_request){ .path = path }, answer);
}

static int show(struct args *args, const char *id)
{
	struct ctl_answer answer;
	int status = fetch(args, id, &answer);

	if (status == CTL_WELL && args->api.json)
		ctl_answer_print(&answer);
	else if (status == CTL_WELL)
		ctl_reward_print(answer.root);
	ctl_answer_release(&answer);
	return status;
}

/* --- acts -------------------------------------------------------------------------------------- */

static void tell_act(const struct args *args, const struct ctl_answer *answer, int status)
{
	const json_t *reward = json_object_get(answer->root, "reward");

	if (args->api.json) {
		ctl_answer_print(answer);
		return;
	}
	printf("%s %s: %s, record %lld%s\n", ctl_text(answer->root, "act"), ctl_text(answer->root, "subject"),
	       status == CTL_VOTED ? "a second, different person has to agree" : ctl_text(reward, "state"),
	       ctl_number(answer->root, "seq"), json_is_true(json_object_get(reward, "held")) ? ", on hold" : "");
}

static int act(struct args *args, const char *id, const char *action, const char *digest)
{
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);
	struct ctl_answer answer;
	char path[160];
	int status = CTL_USAGE;

	snprintf(path, sizeof(path), "/api/v1/rewards/%.64s/%.32s", id, action);
	json_open(&json, '{');
	if (digest != NULL)
		json_text(&json, "digest", span_of(digest));
	if (ctl_api_words(args->words + 2, args->nwords - 2, &json)) {
		json_close(&json, '}');
		status = ctl_api_call(&args->api,
				      &(struct ctl_request){ .path = path, .type = "application/json",
							     .body = buf_span(&body) },
				      &answer);
		if (status == CTL_WELL || status == CTL_VOTED)
			tell_act(args, &answer, status);
		ctl_answer_release(&answer);
	}
	buf_release(&body);
	return status;
}

/* --- approve ------------------------------------------------------------------------------------ */

static bool agrees(const json_t *reward)
{
	char yuan[32], word[16] = "";

	if (!isatty(STDIN_FILENO)) {
		fputs("tipctl: nobody to ask; say --yes and quote the digest that was seen with --digest\n", stderr);
		return false;
	}
	fprintf(stderr, "\nApprove %s, %s yuan, digest %s? Type yes: ", ctl_text(reward, "id"),
		ctl_yuan(reward, "fen", yuan), ctl_text(reward, "digest"));
	return fgets(word, sizeof(word), stdin) != NULL && strcmp(word, "yes\n") == 0;
}

/* The digest that stands now has to be the one that was seen. */
static bool is_quoted(const struct args *args, const char *digest)
{
	size_t len = args->digest != NULL ? strlen(args->digest) : 0;

	if (len == 0 && !args->api.yes)
		return true;
	if (len < DIGEST_QUOTE_MIN)
		fputs("tipctl: --yes needs --digest, at least its first eight digits\n", stderr);
	else if (strncmp(digest, args->digest, len) != 0)
		fprintf(stderr, "tipctl: what is to be approved is another thing now: digest %s\n", digest);
	else
		return true;
	return false;
}

static int approve(struct args *args, const char *id)
{
	struct ctl_answer answer;
	int status = fetch(args, id, &answer);
	const json_t *reward = json_object_get(answer.root, "reward");
	const char *digest = ctl_text(reward, "digest");

	if (status == CTL_WELL) {
		if (!args->api.yes)
			ctl_reward_print(answer.root);
		if (digest[0] == '\0')
			fputs("tipctl: there is nothing to approve\n", stderr);
		status = digest[0] != '\0' && is_quoted(args, digest) && (args->api.yes || agrees(reward))
				 ? act(args, id, "approve", digest) : CTL_WRONG;
	}
	ctl_answer_release(&answer);
	return status;
}

/* --- which ----------------------------------------------------------------------------------------- */

static int run(struct args *args)
{
	const char *what = args->nwords > 0 ? args->words[0] : "";

	if (strcmp(what, "list") == 0 && args->nwords == 1)
		return list(args);
	if (strcmp(what, "show") == 0 && args->nwords == 2)
		return show(args, args->words[1]);
	if (strcmp(what, "approve") == 0 && args->nwords >= 2)
		return approve(args, args->words[1]);
	for (size_t i = 0; i < COUNT_OF(actions) && args->nwords >= 2; i++)
		if (strcmp(what, actions[i]) == 0)
			return act(args, args->words[1], what, NULL);
	fputs(usage, stderr);
	return CTL_USAGE;
}

int tipctl_reward(int argc, char **argv)
{
	struct args args;
	int status;

	parse(&args, argc, argv);
	return ctl_api_usage(&args.api, usage, &status) ? status : run(&args);
}
