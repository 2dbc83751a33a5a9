/*
 * Any bytes as configuration file: read or refused with complaints, and what
 * was read can be shown and read back to the same values.
 */
#include "daemon/sys/config.h"
#include "daemon/sys/config_yaml.h"
#include "daemon/sys/options.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void defaults(struct config *config)
{
	size_t n;
	const struct option_row *rows = options_table(&n);

	for (size_t i = 0; i < n; i++)
		if (strchr(rows[i].key, '*') == NULL && !option_set(&rows[i], config, span_of(rows[i].preset), &config->arena))
			abort();
}

static void check_places(const struct config_problems *problems)
{
	for (size_t i = 0; i < problems->n; i++)
		if (problems->at[i].line == 0 || problems->at[i].column == 0 || problems->at[i].text[0] == '\0')
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config read = { 0 }, taken = { 0 };
	struct config_problems problems = { .n = 0 };
	bool well;

	defaults(&read);
	defaults(&taken);
	well = config_yaml_read(&read, "fuzz", span_from(data, size), &problems);
	if (well != (problems.n == 0))
		abort();
	check_places(&problems);
	if (well) {
		struct config_change change;

		/* Everything that a reload may change is taken over by its text; the rest needs a restart. */
		config_adopt(&taken, &read);
		if (config_diff(&taken, &read, &change, 1) > 0 && !change.restart)
			abort();
	}
	config_release(&read);
	config_release(&taken);
	return 0;
}
