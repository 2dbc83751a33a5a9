/*
 * tipctl notice: a test of the channels of a region.
 */
#include "daemon/cli/tipctl_bank.h"

#include <stdio.h>

static const char notice_usage[] =
	"usage: tipctl notice test REGION [OPTIONS]\n"
	"\n"
	"Sends a notice of the type notice.test to each channel that hears of the region. Ends with 1\n"
	"when there is none.\n";

static int tell_channels(const json_t *root)
{
	printf("%lld channels\n", ctl_number(root, "channels"));
	return ctl_number(root, "channels") > 0 ? CTL_WELL : CTL_WRONG;
}

int tipctl_notice(int argc, char **argv)
{
	struct bank_args args;
	struct buf path = { 0 };
	int status;

	bank_parse(&args, argc, argv);
	if (ctl_api_usage(&args.api, notice_usage, &status))
		return status;
	if (!bank_is(&args, "test", 2))
		return bank_wrong(notice_usage);
	buf_printf(&path, "/api/v1/notices/%s/test", args.words[1]);
	buf_add_byte(&path, '\0');
	status = bank_ask(&args, &(struct ctl_request){ .path = path.at, .type = "application/json", .body = SPAN("{}") }, tell_channels);
	buf_release(&path);
	return status;
}
