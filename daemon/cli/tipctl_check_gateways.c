/*
 * The gateways of a configuration, as check-config sees them: what each driver
 * itself has to say. With tipctl_check_rails.c the only file of the command
 * line that looks into handlers, for drivers know alone what they need.
 */
#include "daemon/cli/tipctl.h"
#include "handlers/intake/gateway_settings.h"

#include <stdio.h>

bool ctl_check_gateways(const struct config *config, bool secrets)
{
	bool well = true;

	for (size_t i = 0; i < config->sms.ngateways; i++) {
		struct complaint why = { .text = "" };

		if (gateway_settings_check(config, i, secrets, &why))
			continue;
		fprintf(stderr, "%s\n", why.text);
		well = false;
	}
	return well;
}
