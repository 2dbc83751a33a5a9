/*
 * tipctl statement: statements of banks and wallets, handed in and shown.
 */
#include "daemon/cli/tipctl_bank.h"

#include "daemon/sys/files.h"

#include <stdio.h>

#define FILE_BYTES_MAX (4 * 1024 * 1024)

static const char statement_usage[] =
	"usage: tipctl statement import FILE --account ACCOUNT --rail RAIL --ledger LEDGER\n"
	"                        [--date DATE] [--number NUMBER] [--form FORM] [OPTIONS]\n"
	"       tipctl statement list [--account ACCOUNT] [--from DATE] [--until DATE] [OPTIONS]\n"
	"       tipctl statement show ID [OPTIONS]\n"
	"\n"
	"import takes a statement in whole or not at all; the same file once more changes nothing,\n"
	"another file for the same day is refused and recorded as R10. Status 1 when it opened breaks.\n"
	"\n"
	"  --account ACCOUNT  as the ledger has it: bank:NAME, float:CHANNEL, cash:BRANCH\n"
	"  --number NUMBER    how the file names the account; nothing: what stands behind the colon\n"
	"  --rail RAIL        what pays from it\n"
	"  --ledger LEDGER    bureau/programme/year of what cannot be matched\n"
	"  --date DATE        2026-11-20: of another day it is refused; a fund bill does not say its day\n"
	"  --form FORM        camt.053, json, csv, wechat; nothing: by its first bytes\n";

static void print_statement(const json_t *statement)
{
	char opening[32], closing[32];

	printf("%-8s %-16s %s  %14s %14s  %lld lines, %lld matched, %lld breaks%s\n", ctl_text(statement, "id"),
	       ctl_text(statement, "account"), ctl_text(statement, "date"), ctl_yuan(statement, "opening", opening),
	       ctl_yuan(statement, "closing", closing), ctl_number(statement, "lines"), ctl_number(statement, "matched"),
	       ctl_number(statement, "breaks"), ctl_number(statement, "waiting") > 0 ? ", not all judged yet" : "");
}

static int tell_import(const json_t *root)
{
	const json_t *opened = json_object_get(root, "opened"), *broken;
	bool known = json_is_true(json_object_get(root, "known"));
	size_t i;

	if (known)
		puts("this file was imported before; nothing to do");
	print_statement(json_object_get(root, "statement"));
	json_array_foreach(opened, i, broken) bank_print_break(broken);
	return json_array_size(opened) > 0 && !known ? CTL_WRONG : CTL_WELL;
}

static const char *type_of(const char *form)
{
	if (form != NULL && strcmp(form, "camt.053") == 0)
		return "application/xml";
	if (form != NULL && strcmp(form, "json") == 0)
		return "application/json";
	return "application/octet-stream";
}

static int import(struct bank_args *args)
{
	struct complaint why = { .text = "" };
	struct buf file = { 0 }, path = { 0 };
	int status = CTL_USAGE;

	if (args->account == NULL || args->rail == NULL || args->ledger == NULL)
		return bank_wrong(statement_usage);
	buf_add_text(&path, "/api/v1/statements");
	ctl_api_query(&path, "account", args->account);
	ctl_api_query(&path, "rail", args->rail);
	ctl_api_query(&path, "ledger", args->ledger);
	ctl_api_query(&path, "date", args->date);
	ctl_api_query(&path, "number", args->number);
	ctl_api_query(&path, "form", args->form);
	buf_add_byte(&path, '\0');
	if (files_read(args->words[1], FILE_BYTES_MAX, &file, &why))
		status = bank_ask(args, &(struct ctl_request){ .path = path.at, .type = type_of(args->form), .body = buf_span(&file) },
			     tell_import);
	else
		fprintf(stderr, "tipctl: %s\n", why.text);
	buf_release(&file);
	buf_release(&path);
	return status;
}

static int tell_statements(const json_t *root)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(root, "statements"), i, row) print_statement(row);
	return CTL_WELL;
}

static int tell_statement(const json_t *root)
{
	const json_t *row;
	char yuan[32];
	size_t i;

	print_statement(json_object_get(root, "statement"));
	json_array_foreach(json_object_get(root, "lines"), i, row)
		printf("%-10s %-8s %-6s %s %12s  %s  %-8s %s %s\n", ctl_text(row, "id"), ctl_text(row, "state"),
		       ctl_text(row, "break"), ctl_text(row, "side"), ctl_yuan(row, "fen", yuan), ctl_text(row, "booked"),
		       ctl_text(row, "kind"), ctl_text(row, "instruction"), ctl_text(row, "reference"));
	return CTL_WELL;
}

static int statements(struct bank_args *args)
{
	struct buf path = { 0 };

	buf_add_text(&path, "/api/v1/statements");
	ctl_api_query(&path, "account", args->account);
	ctl_api_query(&path, "from", args->from);
	ctl_api_query(&path, "until", args->until);
	return bank_get(args, &path, tell_statements);
}

int tipctl_statement(int argc, char **argv)
{
	struct bank_args args;
	int status;

	bank_parse(&args, argc, argv);
	if (ctl_api_usage(&args.api, statement_usage, &status))
		return status;
	if (bank_is(&args, "import", 2))
		return import(&args);
	if (bank_is(&args, "list", 1))
		return statements(&args);
	return bank_is(&args, "show", 2) ? bank_one(&args, "/api/v1/statements/", tell_statement) : bank_wrong(statement_usage);
}
