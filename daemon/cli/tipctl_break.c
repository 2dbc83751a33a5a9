/*
 * tipctl break and suspense: what bank and book do not say alike, and whose
 * money that is. Both take two persons.
 */
#include "daemon/cli/tipctl_bank.h"

#include <stdio.h>

static const char break_usage[] =
	"usage: tipctl break list [--class R1] [--age 0-1] [--break-state open|resolved|all | --all]\n"
	"                         [--account ACCOUNT] [OPTIONS]\n"
	"       tipctl break show ID [OPTIONS]\n"
	"       tipctl break resolve ID reason=TEXT [document=SHA256] [OPTIONS]\n"
	"\n"
	"A break is resolved by two persons, each with the same words; one with money in suspense\n"
	"has to be cleared first. list ends with 1 while any of those it tells is open.\n";

static const char suspense_usage[] =
	"usage: tipctl suspense list [OPTIONS]\n"
	"       tipctl suspense clear ID entry=ENTRY|attempt=ATTEMPT|against=BREAK reason=TEXT [OPTIONS]\n"
	"\n"
	"The money of a break leaves suspense for what it was: an entry that was posted, the payment\n"
	"that the line is, or the break that takes it back. Two persons, each with the same words.\n";

static int tell_breaks(const json_t *root)
{
	const json_t *row;
	size_t i;
	bool open = false;

	json_array_foreach(json_object_get(root, "breaks"), i, row) {
		bank_print_break(row);
		open = open || strcmp(ctl_text(row, "state"), "resolved") != 0;
	}
	putchar('\n');
	bank_print_ages(json_object_get(root, "ages"));
	return open ? CTL_WRONG : CTL_WELL;
}

static int tell_break(const json_t *root)
{
	const json_t *broken = json_object_get(root, "break"), *line = json_object_get(root, "line"), *vote;
	char yuan[32];
	size_t i;

	bank_print_break(broken);
	printf("account %s, ledger %s, opened %s%s%s\n", ctl_text(broken, "account"), ctl_text(broken, "ledger"),
	       ctl_text(broken, "opened"), ctl_text(broken, "cleared_by")[0] != '\0' ? ", was " : "",
	       ctl_text(broken, "cleared_by"));
	if (json_is_object(line))
		printf("line %s: %s %s yuan on %s, %s, instruction %s, reference %s\n", ctl_text(line, "line"),
		       ctl_text(line, "side"), ctl_yuan(line, "fen", yuan), ctl_text(line, "booked"), ctl_text(line, "kind"),
		       ctl_text(line, "instruction"), ctl_text(line, "reference"));
	json_array_foreach(json_object_get(root, "votes"), i, vote)
		printf("%s wants %s since %s; a second, different person has to agree\n", ctl_text(vote, "person"),
		       ctl_text(vote, "act"), ctl_text(vote, "at"));
	return CTL_WELL;
}

static int breaks(struct bank_args *args)
{
	struct buf path = { 0 };

	buf_add_text(&path, "/api/v1/breaks?limit=1000");
	ctl_api_query(&path, "class", args->class);
	ctl_api_query(&path, "age", args->age);
	ctl_api_query(&path, "state", args->state);
	ctl_api_query(&path, "account", args->account);
	return bank_get(args, &path, tell_breaks);
}

int tipctl_break(int argc, char **argv)
{
	struct bank_args args;
	int status;

	bank_parse(&args, argc, argv);
	if (ctl_api_usage(&args.api, break_usage, &status))
		return status;
	if (bank_is(&args, "list", 1))
		return breaks(&args);
	if (bank_is(&args, "show", 2))
		return bank_one(&args, "/api/v1/breaks/", tell_break);
	return args.nwords > 2 && bank_is(&args, "resolve", args.nwords) ? bank_act(&args, "breaks", "resolve") : bank_wrong(break_usage);
}

static int tell_suspense(const json_t *root)
{
	const json_t *row;
	char debit[32], credit[32];
	size_t i;

	json_array_foreach(json_object_get(root, "suspense"), i, row) bank_print_break(row);
	printf("went out without a reason: %s yuan, came in without one: %s yuan\n", ctl_yuan(root, "debit_fen", debit),
	       ctl_yuan(root, "credit_fen", credit));
	return json_array_size(json_object_get(root, "suspense")) > 0 ? CTL_WRONG : CTL_WELL;
}

int tipctl_suspense(int argc, char **argv)
{
	struct buf path = { 0 };
	struct bank_args args;
	int status;

	bank_parse(&args, argc, argv);
	if (ctl_api_usage(&args.api, suspense_usage, &status))
		return status;
	if (bank_is(&args, "list", 1)) {
		buf_add_text(&path, "/api/v1/suspense");
		return bank_get(&args, &path, tell_suspense);
	}
	return args.nwords > 2 && bank_is(&args, "clear", args.nwords) ? bank_act(&args, "suspense", "clear") : bank_wrong(suspense_usage);
}
