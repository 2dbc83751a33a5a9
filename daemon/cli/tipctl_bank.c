/*
 * What tipctl statement, break, suspense, rail and reconcile share; see tipctl_bank.h.
 */
#include "daemon/cli/tipctl_bank.h"

#include "daemon/base/table.h"

#include <stdio.h>

void bank_parse(struct bank_args *args, int argc, char **argv)
{
	static const struct option options[] = {
		CTL_API_OPTIONS,
		{ "account", required_argument, NULL, 1 }, { "rail", required_argument, NULL, 2 },
		{ "ledger", required_argument, NULL, 3 },  { "date", required_argument, NULL, 4 },
		{ "number", required_argument, NULL, 5 },  { "form", required_argument, NULL, 6 },
		{ "from", required_argument, NULL, 7 },	   { "until", required_argument, NULL, 8 },
		{ "class", required_argument, NULL, 9 },   { "age", required_argument, NULL, 10 },
		{ "break-state", required_argument, NULL, 11 }, { "all", no_argument, NULL, 12 }, { 0 },
	};
	const char **const texts[] = { &args->account, &args->rail, &args->ledger, &args->date, &args->number, &args->form,
				       &args->from, &args->until, &args->class, &args->age, &args->state };
	int option;

	*args = (struct bank_args){ .account = NULL };
	ctl_api_begin(&args->api);
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (option >= 1 && option <= 11)
			*texts[option - 1] = optarg;
		else if (option == 12)
			args->state = "all";
		else
			ctl_api_option(&args->api, option);
	args->nwords = argc - optind;
	args->words = argv + optind;
}

bool bank_is(const struct bank_args *args, const char *what, int words)
{
	return args->nwords == words && strcmp(args->words[0], what) == 0;
}

int bank_ask(struct bank_args *args, const struct ctl_request *request, bank_teller *tell)
{
	struct ctl_answer answer;
	int status = ctl_api_call(&args->api, request, &answer);

	if (status == CTL_WELL || status == CTL_VOTED) {
		int told = args->api.json ? CTL_WELL : tell(answer.root);

		if (args->api.json)
			ctl_answer_print(&answer);
		status = status == CTL_WELL ? told : status;
	}
	ctl_answer_release(&answer);
	return status;
}

int bank_get(struct bank_args *args, struct buf *path, bank_teller *tell)
{
	int status;

	buf_add_byte(path, '\0');
	status = bank_ask(args, &(struct ctl_request){ .path = path->at }, tell);
	buf_release(path);
	return status;
}

static int tell_act(const json_t *root)
{
	const json_t *broken = json_object_get(root, "break");
	bool voted = strcmp(ctl_text(root, "kind"), "vote") == 0;

	printf("%s %s: %s, record %lld\n", ctl_text(root, "act"), ctl_text(root, "subject"),
	       voted ? "a second, different person has to agree" : broken != NULL ? ctl_text(broken, "state") : "done",
	       ctl_number(root, "seq"));
	return CTL_WELL;
}

int bank_act(struct bank_args *args, const char *kind, const char *action)
{
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);
	char path[160];
	int status = CTL_USAGE;

	snprintf(path, sizeof(path), "/api/v1/%s/%.64s/%s", kind, args->words[1], action);
	json_open(&json, '{');
	if (ctl_api_words(args->words + 2, args->nwords - 2, &json)) {
		json_close(&json, '}');
		status = bank_ask(args, &(struct ctl_request){ .path = path, .type = "application/json", .body = buf_span(&body) },
			     tell_act);
	}
	buf_release(&body);
	return status;
}

int bank_one(struct bank_args *args, const char *what, bank_teller *tell)
{
	struct buf path = { 0 };

	buf_add_text(&path, what);
	buf_add_text(&path, args->words[1]);
	return bank_get(args, &path, tell);
}

int bank_wrong(const char *usage)
{
	fputs(usage, stderr);
	return CTL_USAGE;
}

void bank_print_break(const json_t *broken)
{
	char yuan[32];

	printf("%-8s %-4s %-5s %-9s %s %12s  %-24s %s\n", ctl_text(broken, "id"), ctl_text(broken, "class"),
	       ctl_text(broken, "age"), ctl_text(broken, "state"), ctl_text(broken, "side"), ctl_yuan(broken, "fen", yuan),
	       ctl_text(broken, "about"), ctl_text(broken, "help"));
}

void bank_print_ages(json_t *ages)
{
	static const char *const names[] = { "0-1", "2-3", "4-7", "8-30", ">30" };
	const char *class;
	json_t *row;

	fputs("     ", stdout);
	for (size_t i = 0; i < COUNT_OF(names); i++)
		printf("%7s", names[i]);
	fputs("  days\n", stdout);
	json_object_foreach(ages, class, row) {
		printf("%-5s", class);
		for (size_t i = 0; i < COUNT_OF(names); i++)
			printf("%7lld", ctl_number(row, names[i]));
		putchar('\n');
	}
}
