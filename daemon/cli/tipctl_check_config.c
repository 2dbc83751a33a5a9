/*
 * tipctl check-config: is this configuration good, and what does it come to?
 */
#include "daemon/base/asset.h"
#include "daemon/base/buf.h"
#include "daemon/cli/tipctl.h"
#include "daemon/core/judge.h"
#include "daemon/http/tls.h"
#include "daemon/sys/keys.h"
#include "daemon/sys/log_policy.h"
#include "daemon/sys/options.h"
#include "daemon/sys/retention_file.h"
#include "daemon/sys/rule_files.h"

#include <stdio.h>

static const char usage[] =
	"usage: tipctl check-config [--config FILE] [--set KEY=VALUE]... [--state DIR] [--show] [--secrets]\n"
	"       tipctl check-config --print-sample | --print-markdown | --print-man\n"
	"\n"
	"Checks the configuration as the daemon would read it and tells every mistake; then the\n"
	"rules and campaigns in the directories that it names, each on its own tests, and the\n"
	"policy of witnesses; the rules of retention; and the certificate of listeners that speak TLS.\n"
	"\n"
	"  --config FILE      this file (default " CONFIG_FILE ", when it is there)\n"
	"  --set KEY=VALUE    set one key, stronger than the file\n"
	"  --state DIR        the same as --set state_dir=DIR\n"
	"  --show             print all values in effect; secrets are not shown\n"
	"  --secrets          read the files that hold secrets, too, and let the drivers of\n"
	"                     rails look at them; hold the policy's logs against our key, and\n"
	"                     the certificate against its own\n"
	"  --print-sample     print a sample file with every option\n"
	"  --print-markdown   print the page docs/CONFIG.md\n"
	"  --print-man        print the manual page tipline.yaml(5)\n";

static void show_row(void *ctx, const struct option_row *row, const char *name, const void *base)
{
	const char *star = strchr(row->key, '*');
	size_t head = star != NULL ? (size_t)(star - row->key) : strlen(row->key);
	struct buf value = { 0 };

	(void)ctx;
	option_show(row, base, &value);
	printf("%.*s%s%s: ", (int)head, row->key, name, star != NULL ? star + 1 : "");
	if (row->secret && value.len > 0)
		puts("(secret)");
	else
		printf("%.*s\n", (int)value.len, value.at != NULL ? value.at : "");
	buf_release(&value);
}

static bool check_secrets(struct config *config)
{
	struct config_problems problems = { .n = 0 };

	if (config_secrets(config, &problems))
		return true;
	for (size_t i = 0; i < problems.n; i++)
		fprintf(stderr, "%s\n", problems.at[i].text);
	return false;
}

/* Reads the operator's rules and campaigns and tries each on its own tests, as a start would. */
static bool check_rules(const struct config *config)
{
	struct rule_files files = { 0 };
	struct judge_sources sources = { .regions_tsv = asset_find("config/regions/regions.tsv"),
					 .rule_files = files.at };
	struct complaint why = { .text = "" };
	struct judge *judge = NULL;

	if (config->rules.dir[0] == '\0' && config->campaigns.dir[0] == '\0')
		return true;
	if (rule_files_read(&files, config, &why)) {
		sources.nrule_files = files.n;
		judge = judge_new(&sources, &why);
	}
	rule_files_release(&files);
	if (judge == NULL)
		fprintf(stderr, "%s\n", why.text);
	judge_free(judge);
	return judge != NULL;
}

/* Whether its lines are of our logs can be told with the keys alone. */
static bool check_policy(struct config *config, bool secrets)
{
	struct complaint why = { .text = "" };
	struct arena arena = { 0 };
	struct keys *keys = NULL;
	bool well = true;

	if (config->log.policy[0] == '\0')
		return true;
	if (secrets) {
		keys = keys_open(config_keys_dir(config), false, &why);
		well = keys != NULL;
	}
	well = well && log_policy_read(config->log.policy, span_of(config->log.origin), keys, &arena, &why) != NULL;
	if (!well && why.line > 0)
		fprintf(stderr, "%s:%zu: %s\n", config->log.policy, why.line, why.text);
	else if (!well)
		fprintf(stderr, "log.policy: %s\n", why.text);
	if (keys != NULL)
		keys_free(keys);
	arena_release(&arena);
	return well;
}

/* The key is looked at with the other secrets. */
static bool check_tls(const struct config *config, bool secrets)
{
	struct tls_files files = { .certificate = config->listen.tls_certificate, .key = config->listen.tls_key,
				   .dir = config->state_dir };
	struct complaint why = { .text = "" };
	struct tls *tls = NULL;
	bool well = true;

	if (config->listen.tls == 0)
		return true;
	if (secrets)
		well = (tls = tls_new(&files, &why)) != NULL;
	else
		well = tls_check_certificate(&files, &why);
	if (!well)
		fprintf(stderr, "listen.tls: %s\n", why.text);
	tls_free(tls);
	return well;
}

/* The rules of retention, whether they are in force or not. */
static bool check_retention(const struct config *config)
{
	struct retention_rules rules;
	struct complaint why;

	if (retention_rules_read(config->retention.file, &rules, &why))
		return true;
	if (why.line > 0)
		fprintf(stderr, "%s:%zu: %s\n", config->retention.file, why.line, why.text);
	else
		fprintf(stderr, "retention.file: %s\n", why.text);
	return false;
}

static int check(const struct ctl_args *args, bool secrets, bool shown)
{
	struct config config;
	bool well = ctl_load(args, &config) && (!secrets || (check_secrets(&config) && ctl_check_rails(&config))) &&
		    ctl_check_gateways(&config, secrets) && check_tls(&config, secrets) && check_rules(&config) && check_policy(&config, secrets) &&
		    check_retention(&config);

	if (well && shown)
		config_each(&config, show_row, NULL);
	else if (well)
		puts("configuration is good");
	config_release(&config);
	return well ? CTL_WELL : CTL_WRONG;
}

int tipctl_check_config(int argc, char **argv)
{
	static const struct option options[] = { CTL_OPTIONS,
						 { "show", no_argument, NULL, 1 },
						 { "secrets", no_argument, NULL, 2 },
						 { "print-sample", no_argument, NULL, 3 },
						 { "print-markdown", no_argument, NULL, 4 },
						 { "print-man", no_argument, NULL, 5 },
						 { 0 } };
	static void (*const prints[])(void) = { ctl_print_sample, ctl_print_markdown, ctl_print_man };
	struct ctl_args args = { 0 };
	bool shown = false, secrets = false;
	int option, status, print = -1;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option >= 3 && option <= 5)
			print = option - 3;
		else if (option == 2)
			secrets = true;
		else if (option == 1)
			shown = true;
		else
			ctl_option(&args, option);
	}
	args.wrong = args.wrong || optind < argc;
	if (ctl_usage(&args, usage, &status))
		return status;
	if (print >= 0) {
		prints[print]();
		return CTL_WELL;
	}
	return check(&args, secrets, shown);
}
