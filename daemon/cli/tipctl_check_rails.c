/*
 * The rails of a configuration, as check-config sees them: keys with safe
 * modes, and what each driver itself has to say. The one file of the command
 * line that looks into handlers, for drivers know alone what they need.
 */
#include "daemon/base/table.h"
#include "daemon/cli/tipctl.h"
#include "daemon/sys/files.h"
#include "handlers/payout/rail_settings.h"

#include <stdio.h>

static bool check_modes(const struct config *config, const struct config_rail *rail)
{
	const struct {
		const char *key, *file;
		bool open;
	} files[] = {
		{ .key = "key_file", .file = rail->key_file },
		{ .key = "old_key_file", .file = rail->old_key_file },
		{ .key = "private_key_file", .file = rail->private_key_file },
		{ .key = "api_key_file", .file = rail->api_key_file },
		{ .key = "platform_file", .file = rail->platform_file, .open = true },
		{ .key = "old_platform_file", .file = rail->old_platform_file, .open = true },
	};
	bool well = true;

	for (size_t i = 0; i < COUNT_OF(files); i++) {
		struct complaint why = { .text = "" };

		if (files[i].file[0] == '\0' || files_secret_safe(files[i].file, config->state_dir, files[i].open, &why))
			continue;
		fprintf(stderr, "%s:%zu: payout.rails.%s.%s: %s\n",
			rail->place.source != NULL ? rail->place.source : "(defaults)", rail->place.line, rail->name,
			files[i].key, why.text);
		well = false;
	}
	return well;
}

bool ctl_check_rails(const struct config *config)
{
	bool well = true;

	for (size_t i = 0; i < config->payout.nrails; i++) {
		struct complaint why = { .text = "" };

		well &= check_modes(config, &config->payout.rails[i]);
		if (rail_settings_check(config, i, &why))
			continue;
		fprintf(stderr, "%s\n", why.text);
		well = false;
	}
	return well;
}
