/*
 * tipctl outbox: messages that were given up; to be tried again or dropped.
 */
#include "daemon/cli/tipctl_bank.h"

#include <stdio.h>

static const char outbox_usage[] =
	"usage: tipctl outbox list [OPTIONS]\n"
	"       tipctl outbox retry ITEM [OPTIONS]\n"
	"       tipctl outbox drop ITEM [OPTIONS]\n"
	"\n"
	"Messages that were given up: the tip, the connector, the reason and the time; never number or\n"
	"text. One that is tried again is a new message and has a day. list ends with 1 while there are any.\n";

static int tell_list(const json_t *root)
{
	const json_t *items = json_object_get(root, "items"), *row;
	size_t i;

	json_array_foreach(items, i, row)
		printf("%-24s %-20s %-8s %-16s %-12s %s\n", ctl_text(row, "item"), ctl_text(row, "at"), ctl_text(row, "kind"),
		       ctl_text(row, "connector"), ctl_text(row, "reason"), ctl_text(row, "tip"));
	return json_array_size(items) > 0 ? CTL_WRONG : CTL_WELL;
}

static int tell_state(const json_t *root)
{
	puts(ctl_text(root, "state"));
	return CTL_WELL;
}

static int act(struct bank_args *args)
{
	struct buf path = { 0 };
	int status;

	buf_printf(&path, "/api/v1/outbox/%s/%s", args->words[1], args->words[0]);
	buf_add_byte(&path, '\0');
	status = bank_ask(args, &(struct ctl_request){ .path = path.at, .type = "application/json", .body = SPAN("{}") }, tell_state);
	buf_release(&path);
	return status;
}

int tipctl_outbox(int argc, char **argv)
{
	struct buf path = { 0 };
	struct bank_args args;
	int status;

	bank_parse(&args, argc, argv);
	if (ctl_api_usage(&args.api, outbox_usage, &status))
		return status;
	if (bank_is(&args, "list", 1)) {
		buf_add_text(&path, "/api/v1/outbox?state=dead");
		return bank_get(&args, &path, tell_list);
	}
	return bank_is(&args, "retry", 2) || bank_is(&args, "drop", 2) ? act(&args) : bank_wrong(outbox_usage);
}
