/*
 * tipctl policy: looks at policy files before they are adopted. No store, no
 * daemon; `check` says what a file means, `dry-run` (tipctl_policy_dry_run.c)
 * what it would have given.
 */
#include "daemon/cli/tipctl_policy.h"

#include "daemon/base/hex.h"
#include "daemon/base/json_out.h"
#include "daemon/cli/tipctl.h"
#include "daemon/sys/files.h"

#include <stdio.h>

static const char usage[] =
	"usage: tipctl policy check [--json] FILE...\n"
	"       tipctl policy dry-run FILE --cases CASES.jsonl [--against OLDFILE] [--trace] [--json]\n"
	"\n"
	"check reads policy files as the daemon would: complaints with file, line and member,\n"
	"or name, version, SHA-256 of the bytes and a summary.\n"
	"dry-run calculates what a policy gives for each case, and all of them together.\n"
	"\n"
	"  --cases FILE    a case per line; members as in config/policy/README.md\n"
	"  --against FILE  an older policy: amounts and totals of both, and the difference\n"
	"  --trace         with every step of the calculation\n"
	"  --json          one JSON object per line; amounts are fen as text\n"
	"\n"
	"Exit status: 0 well (a case that gets nothing is well, too), 1 a file or a line is wrong,\n"
	"2 wrong use.\n";

struct policy *policy_open(const char *path, struct complaint *why)
{
	struct buf bytes = { 0 };
	struct policy *policy = NULL;

	if (files_read(path, POLICY_BYTES_MAX, &bytes, why))
		policy = policy_load(path, buf_span(&bytes), why);
	buf_release(&bytes);
	return policy;
}

/* --- check: for people ------------------------------------------------------------------- */

/* "2 x meeting" is told as two titles of the same name; here they are counted again. */
static void print_titles(const char *const *titles, size_t n)
{
	for (size_t i = 0, same; i < n; i += same) {
		for (same = 1; i + same < n && strcmp(titles[i], titles[i + same]) == 0;)
			same++;
		printf("%s%s", i > 0 ? ", " : " ", titles[i]);
		if (same > 1)
			printf(" (%zu persons)", same);
	}
	putchar('\n');
}

/* One line for each approval band. */
static void print_levels(const struct policy *policy)
{
	const char *titles[POLICY_STEPS_MAX];
	int64_t limit = 0;

	while (limit != INT64_MAX) {
		size_t n = policy_approvals(policy, limit + 1, false, titles);

		limit = policy_approval_limit(policy, limit + 1);
		if (limit != INT64_MAX)
			printf("  up to %s yuan:", YUAN(limit));
		else
			printf("  above:");
		print_titles(titles, n);
	}
}

static void print_policy(const char *path, const struct policy *policy)
{
	char hash[2 * POLICY_HASH_BYTES + 1] = "";

	hex_put(policy_hash(policy), POLICY_HASH_BYTES, hash);
	printf("%s: %s, version %u, effective from %s\n", path, policy_name(policy), policy_version(policy),
	       policy_effective_from(policy));
	printf("  sha256 %s\n", hash);
	printf("  %s to %s yuan, %s at most for a case; split %s\n", YUAN(policy_min(policy)),
	       YUAN(policy_max(policy)), YUAN(policy_case_cap(policy)), policy_split_rule(policy));
	printf("  to be claimed within %u days, withheld tax %u bp, instalments at most %u\n",
	       policy_claim_days(policy), policy_tax_bp(policy), policy_instalments_max(policy));
	printf("  released %u hours after the payee was named (%u days after a panel), above %s yuan by two persons\n",
	       policy_payee_cooling_hours(policy), policy_panel_wait_days(policy),
	       YUAN(policy_release_two_persons_above(policy)));
	print_levels(policy);
}

/* --- check: for programs -------------------------------------------------------------------- */

static void put_fen(struct json_out *json, const char *name, int64_t fen)
{
	char text[MONEY_TEXT_MAX];

	json_text(json, name, money_write(fen, text));
}

static void put_level(struct json_out *json, const struct policy *policy, int64_t from)
{
	const char *titles[POLICY_STEPS_MAX];
	size_t n = policy_approvals(policy, from, false, titles);
	int64_t limit = policy_approval_limit(policy, from);

	json_open(json, '{');
	if (limit != INT64_MAX)
		put_fen(json, "limit", limit);
	else
		json_none(json, "limit");
	json_open_member(json, "titles", '[');
	for (size_t i = 0; i < n; i++)
		json_text(json, NULL, span_of(titles[i]));
	json_close(json, ']');
	json_close(json, '}');
}

static void put_levels(struct json_out *json, const struct policy *policy)
{
	json_open_member(json, "approvals", '[');
	for (int64_t limit = 0; limit != INT64_MAX; limit = policy_approval_limit(policy, limit + 1))
		put_level(json, policy, limit + 1);
	json_close(json, ']');
}

static void put_policy(struct json_out *json, const struct policy *policy)
{
	char hash[2 * POLICY_HASH_BYTES];

	hex_put(policy_hash(policy), POLICY_HASH_BYTES, hash);
	json_text(json, "policy", span_of(policy_name(policy)));
	json_u64(json, "version", policy_version(policy));
	json_text(json, "effective_from", span_of(policy_effective_from(policy)));
	json_text(json, "sha256", span_from(hash, sizeof(hash)));
	put_fen(json, "min", policy_min(policy));
	put_fen(json, "max", policy_max(policy));
	put_fen(json, "case_cap", policy_case_cap(policy));
	json_text(json, "split", span_of(policy_split_rule(policy)));
	json_u64(json, "claim_days", policy_claim_days(policy));
	json_u64(json, "tax_bp", policy_tax_bp(policy));
	json_u64(json, "instalments_max", policy_instalments_max(policy));
	json_u64(json, "payee_cooling_hours", policy_payee_cooling_hours(policy));
	json_u64(json, "panel_wait_days", policy_panel_wait_days(policy));
	put_fen(json, "release_two_persons_above", policy_release_two_persons_above(policy));
	put_levels(json, policy);
}

/* `policy` NULL: what is wrong with the file. */
static void print_json(const char *path, const struct policy *policy, const struct complaint *why)
{
	struct buf text = { 0 };
	struct json_out json = json_out_to(&text);

	json_open(&json, '{');
	json_text(&json, "file", span_of(path));
	if (policy != NULL) {
		put_policy(&json, policy);
	} else {
		json_u64(&json, "line", why->line);
		json_text(&json, "wrong", span_of(why->text));
	}
	json_close(&json, '}');
	printf("%.*s\n", (int)text.len, text.at);
	buf_release(&text);
}

static bool check_file(const struct policy_args *args, const char *path)
{
	struct complaint why = { .text = "" };
	struct policy *policy = policy_open(path, &why);
	bool fine = policy != NULL;

	if (args->json)
		print_json(path, policy, &why);
	else if (fine)
		print_policy(path, policy);
	if (!fine)
		fprintf(stderr, "%s\n", why.text);
	policy_free(policy);
	return fine;
}

int policy_check_files(const struct policy_args *args, char **paths, int n)
{
	int status = CTL_WELL;

	for (int i = 0; i < n; i++)
		if (!check_file(args, paths[i]))
			status = CTL_WRONG;
	return status;
}

/* --- arguments -------------------------------------------------------------------------------- */

static void parse(struct policy_args *args, int argc, char **argv)
{
	static const struct option options[] = {
		{ "cases", required_argument, NULL, 'c' }, { "against", required_argument, NULL, 'a' },
		{ "trace", no_argument, NULL, 't' },       { "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },        { 0 }
	};
	int option;

	*args = (struct policy_args){ 0 };
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'c')
			args->cases = optarg;
		else if (option == 'a')
			args->against = optarg;
		args->trace = args->trace || option == 't';
		args->json = args->json || option == 'j';
		args->help = args->help || option == 'h';
		args->wrong = args->wrong || option == '?';
	}
}

static int wrong_use(void)
{
	fputs(usage, stderr);
	return CTL_USAGE;
}

int tipctl_policy(int argc, char **argv)
{
	struct policy_args args;
	int n;

	parse(&args, argc, argv);
	n = argc - optind;
	if (args.help) {
		fputs(usage, stdout);
		return CTL_WELL;
	}
	if (args.wrong || n < 2)
		return wrong_use();
	if (strcmp(argv[optind], "check") == 0 && args.cases == NULL && args.against == NULL && !args.trace)
		return policy_check_files(&args, argv + optind + 1, n - 1);
	if (strcmp(argv[optind], "dry-run") == 0 && n == 2 && args.cases != NULL)
		return policy_dry_run(&args, argv[optind + 1]);
	return wrong_use();
}
