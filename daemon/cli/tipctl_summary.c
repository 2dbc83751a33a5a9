/*
 * tipctl rail, and reconcile on the running daemon: how things stand.
 */
#include "daemon/cli/tipctl_bank.h"

#include <stdio.h>

static const char rail_usage[] =
	"usage: tipctl rail list [OPTIONS]\n"
	"       tipctl rail hold|lift RAIL reason=TEXT [OPTIONS]\n"
	"\n"
	"Rails that were put on hold, by whom and why. Whoever held one does not lift it.\n";

static const char reconcile_usage[] =
	"usage: tipctl reconcile [summary] [OPTIONS]\n"
	"       tipctl reconcile import FILE ... | list ...      (tipctl statement import, break list)\n"
	"       tipctl reconcile import|list --journal JOURNAL ...   on an exported journal: see --journal --help\n"
	"\n"
	"Tells of each account how far statements and ledger say the same. Status 1 while breaks are open.\n";

/* --- rails ----------------------------------------------------------------------------------------------- */

static int tell_rails(const json_t *root)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(root, "rails"), i, row)
		printf("%-16s %-8s since %s by %s: %s\n", ctl_text(row, "rail"),
		       json_is_true(json_object_get(row, "held")) ? "on hold" : "goes on", ctl_text(row, "since"),
		       ctl_text(row, "person"), ctl_text(row, "why"));
	return CTL_WELL;
}

int tipctl_rail(int argc, char **argv)
{
	struct buf path = { 0 };
	struct bank_args args;
	int status;

	bank_parse(&args, argc, argv);
	if (ctl_api_usage(&args.api, rail_usage, &status))
		return status;
	if (bank_is(&args, "list", 1)) {
		buf_add_text(&path, "/api/v1/rails");
		return bank_get(&args, &path, tell_rails);
	}
	if (args.nwords > 2 && (strcmp(args.words[0], "hold") == 0 || strcmp(args.words[0], "lift") == 0))
		return bank_act(&args, "rails", args.words[0]);
	return bank_wrong(rail_usage);
}

/* --- reconciliation ------------------------------------------------------------------------------------------ */

static long long print_account(const json_t *row)
{
	char closing[32], ledger[32], difference[32], unmatched[32], debit[32], credit[32];

	printf("%s  until %s, %lld statements\n", ctl_text(row, "account"), ctl_text(row, "last_date"),
	       ctl_number(row, "statements"));
	printf("  closing balance %s yuan, ledger %s yuan, difference %s yuan\n", ctl_yuan(row, "closing", closing),
	       ctl_yuan(row, "ledger", ledger), ctl_yuan(row, "difference", difference));
	printf("  %lld lines, %lld matched; %lld payments without a line, %s yuan\n", ctl_number(row, "lines"),
	       ctl_number(row, "matched"), ctl_number(row, "unmatched"), ctl_yuan(row, "unmatched_fen", unmatched));
	printf("  in suspense: %s yuan went out, %s yuan came in\n", ctl_yuan(row, "suspense_debit_fen", debit),
	       ctl_yuan(row, "suspense_credit_fen", credit));
	bank_print_ages(json_object_get(row, "ages"));
	return ctl_number(row, "open");
}

static int tell_accounts(const json_t *root)
{
	const json_t *row;
	long long open = 0;
	size_t i;

	json_array_foreach(json_object_get(root, "accounts"), i, row) open += print_account(row);
	if (json_array_size(json_object_get(root, "accounts")) == 0)
		puts("no statement was imported yet");
	return open > 0 ? CTL_WRONG : CTL_WELL;
}

static int summary(int argc, char **argv)
{
	struct buf path = { 0 };
	struct bank_args args;
	int status;

	bank_parse(&args, argc, argv);
	if (ctl_api_usage(&args.api, reconcile_usage, &status))
		return status;
	if (args.nwords > 0 && !bank_is(&args, "summary", 1))
		return bank_wrong(reconcile_usage);
	buf_add_text(&path, "/api/v1/reconciliation");
	return bank_get(&args, &path, tell_accounts);
}

static bool names_journal(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strncmp(argv[i], "--journal", strlen("--journal")) == 0)
			return true;
	return false;
}

int tipctl_reconcile_here(int argc, char **argv)
{
	if (names_journal(argc, argv))
		return tipctl_reconcile(argc, argv);
	if (argc > 1 && strcmp(argv[1], "import") == 0)
		return tipctl_statement(argc, argv);
	if (argc > 1 && strcmp(argv[1], "list") == 0)
		return tipctl_break(argc, argv);
	return summary(argc, argv);
}
