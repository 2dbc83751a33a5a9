/*
 * Where options were set; see config_said.h.
 */
#include "daemon/sys/config_said.h"

#include "daemon/sys/options.h"

#include <stdio.h>

struct config_said {
	struct config_said *next;
	struct span key;
	struct config_place place;
};

static struct config_said *find(const struct config *config, struct span key)
{
	struct config_said *said = config->said;

	while (said != NULL && !span_eq(said->key, key))
		said = said->next;
	return said;
}

void config_said_note(struct config *config, struct span key, const struct config_place *place)
{
	struct config_said *said = find(config, key);

	if (said == NULL) {
		said = arena_new(&config->arena, struct config_said);
		*said = (struct config_said){ .next = config->said, .key = arena_dup(&config->arena, key) };
		config->said = said;
	}
	said->place = *place;
}

/* "sms.gateways.*.driver" with its name in place of the star. */
static struct span key_of(const struct option_row *row, const char *name, char text[2 * OPTION_KEY_MAX])
{
	const char *star = strchr(row->key, '*');
	int n;

	if (star == NULL)
		return span_of(row->key);
	n = snprintf(text, 2 * OPTION_KEY_MAX, "%.*s%.*s%s", (int)(star - row->key), row->key, OPTION_KEY_MAX / 2, name, star + 1);
	return span_from(text, (size_t)n);
}

const struct config_place *config_said_find(const struct config *config, const struct option_row *row, const char *name)
{
	char text[2 * OPTION_KEY_MAX];
	const struct config_said *said = find(config, key_of(row, name, text));

	return said != NULL ? &said->place : NULL;
}

static bool is_live(const struct config_said *said)
{
	const struct option_row *row = option_find(said->key);

	return row != NULL && row->live;
}

void config_said_adopt(struct config *running, const struct config *fresh)
{
	struct config_said **at = &running->said;

	while (*at != NULL)
		if (is_live(*at))
			*at = (*at)->next;
		else
			at = &(*at)->next;
	for (const struct config_said *said = fresh->said; said != NULL; said = said->next)
		if (is_live(said))
			config_said_note(running, said->key, &said->place);
}
