/*
 * Where the store of an installation is.
 */
#include "daemon/cli/tipctl.h"

#include "daemon/store/embedded_home.h"

#include <stdio.h>

bool ctl_store_address(const struct ctl_args *args, const char *told, char address[PATH_MAX])
{
	struct config config;
	struct embedded_home home;
	struct complaint why = { 0 };
	bool found = true;

	if (told != NULL) {
		snprintf(address, PATH_MAX, "%s", told);
		return true;
	}
	if (!ctl_load(args, &config)) {
		config_release(&config);
		return false;
	}
	if (config.store.address[0] != '\0') {
		snprintf(address, PATH_MAX, "%s", config.store.address);
	} else {
		found = embedded_home_open(&home, config.state_dir, &why);
		snprintf(address, PATH_MAX, "%s", found ? home.address : "");
	}
	config_release(&config);
	if (!found)
		fprintf(stderr, "tipctl: %s\n", why.text);
	return found;
}
