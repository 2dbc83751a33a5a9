/*
 * The configuration; see config.h. Defaults, then the file, then --set, then
 * the rules that concern two values at once (config_check.h). Secrets out of
 * files are config_secrets.c.
 */
#include "daemon/sys/config.h"

#include "daemon/base/table.h"
#include "daemon/sys/config_check.h"
#include "daemon/sys/config_said.h"
#include "daemon/sys/config_yaml.h"
#include "daemon/sys/files.h"
#include "daemon/sys/options.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define FILE_MAX_BYTES ((size_t)1 << 20)

int config_problem(struct config_problems *problems, const struct config_place *place, const char *format, ...)
{
	struct complaint *at;
	int n = 0;
	va_list args;

	if (problems->n == CONFIG_PROBLEMS_MAX)
		return 0;
	at = &problems->at[problems->n++];
	*at = (struct complaint){ .line = place->line, .column = place->column };
	if (place->line > 0)
		n = snprintf(at->text, sizeof(at->text), "%.80s:%zu:%zu: ", place->source, place->line, place->column);
	else if (place->source != NULL)
		n = snprintf(at->text, sizeof(at->text), "%.80s: ", place->source);
	va_start(args, format);
	vsnprintf(at->text + n, sizeof(at->text) - (size_t)n, format, args);
	va_end(args);
	return 0;
}

const char *config_place_text(const struct config_place *place, char text[CONFIG_PLACE_BYTES])
{
	text[0] = '\0';
	if (place->line > 0)
		snprintf(text, CONFIG_PLACE_BYTES, "%.70s:%zu: ", place->source, place->line);
	else if (place->source != NULL)
		snprintf(text, CONFIG_PLACE_BYTES, "%.70s: ", place->source);
	return text;
}

/* --- setting one value ---------------------------------------------------- */

/* Keys with a free name: each list of sections, whose structs begin with that name. */
static const struct section {
	const char *path;        /* of its keys, up to the name */
	const char *key;         /* as config_diff() tells it */
	const char *what;
	size_t at, n, size, max;
	size_t place;            /* of the item: where its first key stands */
} sections[] = {
	{ .path = "sms.gateways.", .key = "sms.gateways", .what = "gateways", .at = offsetof(struct config, sms.gateways),
	  .n = offsetof(struct config, sms.ngateways), .size = sizeof(struct config_gateway), .max = CONFIG_GATEWAYS_MAX,
	  .place = offsetof(struct config_gateway, place) },
	{ .path = "sms.links.", .key = "sms.links", .what = "links", .at = offsetof(struct config, sms.links),
	  .n = offsetof(struct config, sms.nlinks), .size = sizeof(struct config_link), .max = CONFIG_LINKS_MAX,
	  .place = offsetof(struct config_link, place) },
	{ .path = "notices.", .key = "notices", .what = "notices", .at = offsetof(struct config, notices),
	  .n = offsetof(struct config, nnotices), .size = sizeof(struct config_notice), .max = CONFIG_NOTICES_MAX,
	  .place = offsetof(struct config_notice, place) },
	{ .path = "payout.rails.", .key = "payout.rails", .what = "rails", .at = offsetof(struct config, payout.rails),
	  .n = offsetof(struct config, payout.nrails), .size = sizeof(struct config_rail), .max = CONFIG_RAILS_MAX,
	  .place = offsetof(struct config_rail, place) },
};

_Static_assert(offsetof(struct config_gateway, name) == 0 && offsetof(struct config_rail, name) == 0 &&
		       offsetof(struct config_link, name) == 0 && offsetof(struct config_notice, name) == 0, "see above");

static bool is_of(const struct option_row *row, const struct section *section)
{
	return strncmp(row->key, section->path, strlen(section->path)) == 0;
}

/* NULL: a plain option. */
static const struct section *section_of(const struct option_row *row)
{
	for (size_t i = 0; i < COUNT_OF(sections) && strchr(row->key, '*') != NULL; i++)
		if (is_of(row, &sections[i]))
			return &sections[i];
	return NULL;
}

static size_t *section_count(const struct section *section, const struct config *config)
{
	return (size_t *)(void *)((char *)(uintptr_t)config + section->n);
}

static void *section_item(const struct section *section, const struct config *config, size_t i)
{
	return (char *)(uintptr_t)config + section->at + i * section->size;
}

static const char *item_name(const void *item)
{
	return *(const char *const *)item;
}

static struct config_place *item_place(const struct section *section, void *item)
{
	return (struct config_place *)(void *)((char *)item + section->place);
}

void config_each(const struct config *config,
		 void (*one)(void *ctx, const struct option_row *row, const char *name, const void *base), void *ctx)
{
	size_t n;
	const struct option_row *rows = options_table(&n);

	for (size_t i = 0; i < n; i++) {
		const struct section *section = section_of(&rows[i]);

		if (section == NULL)
			one(ctx, &rows[i], "", config);
		for (size_t k = 0; section != NULL && k < *section_count(section, config); k++)
			one(ctx, &rows[i], item_name(section_item(section, config, k)), section_item(section, config, k));
	}
}

/* The item, empty so far, with its name and defaults. */
static void item_init(const struct section *section, void *item, struct span name, struct arena *arena)
{
	size_t n;
	const struct option_row *rows = options_table(&n);

	memset(item, 0, section->size);
	*(const char **)item = arena_dup(arena, name).at;
	for (size_t i = 0; i < n; i++)
		if (is_of(&rows[i], section))
			(void)option_set(&rows[i], item, span_of(rows[i].preset), arena);
}

static void *item_find(const struct section *section, const struct config *config, struct span name)
{
	for (size_t i = 0; i < *section_count(section, config); i++)
		if (span_is(name, item_name(section_item(section, config, i))))
			return section_item(section, config, i);
	return NULL;
}

/* The struct the row's offset counts in; makes the named section when it is new. NULL: refused. */
static void *base_of(struct config *config, const struct option_row *row, struct span key,
		     const struct config_place *place, struct config_problems *problems)
{
	const struct section *section = section_of(row);
	struct span name = option_free_name(row, key);
	void *item;

	if (section == NULL)
		return config;
	if (!option_name_ok(name)) {
		config_problem(problems, place, "%.*s: a name of 1 to 32 of a-z, 0-9 and - is expected", (int)key.len,
			       key.at);
		return NULL;
	}
	item = item_find(section, config, name);
	if (item != NULL)
		return item;
	if (*section_count(section, config) == section->max) {
		config_problem(problems, place, "%.*s: more than %zu %s", (int)key.len, key.at, section->max,
			       section->what);
		return NULL;
	}
	item = section_item(section, config, (*section_count(section, config))++);
	item_init(section, item, name, &config->arena);
	*item_place(section, item) = *place;
	return item;
}

static bool refuse_value(const struct option_row *row, struct span key, struct span value,
			 const struct config_place *place, struct config_problems *problems)
{
	char expects[OPTION_EXPECTS_MAX];

	option_expects(row, expects);
	if (row->secret)
		return config_problem(problems, place, "%.*s: the value does not fit; expected %s", (int)key.len,
				      key.at, expects);
	return config_problem(problems, place, "%.*s: \"%.*s\" does not fit; expected %s", (int)key.len, key.at,
			      value.len > 60 ? 60 : (int)value.len, value.at != NULL ? value.at : "", expects);
}

bool config_set(struct config *config, struct span key, struct span value, const struct config_place *place,
		struct config_problems *problems)
{
	const struct option_row *row = option_find(key);
	char nearest[OPTION_KEY_MAX];
	void *base;

	if (row == NULL && option_nearest(key, nearest))
		return config_problem(problems, place, "%.*s: unknown key; did you mean %s?", (int)key.len, key.at,
				      nearest);
	if (row == NULL)
		return config_problem(problems, place, "%.*s: unknown key; see tipline.yaml(5)", (int)key.len, key.at);
	base = base_of(config, row, key, place, problems);
	if (base == NULL)
		return false;
	if (!option_set(row, base, value, &config->arena))
		return refuse_value(row, key, value, place, problems);
	config_said_note(config, key, place);
	/* Whether its names are there is known when all is read. */
	if (row->at == offsetof(struct config, sms.route) && base == config)
		config->sms.route_place = *place;
	return true;
}

/* --- the sources ------------------------------------------------------------ */

static void set_defaults(struct config *config)
{
	size_t n;
	const struct option_row *rows = options_table(&n);

	*config = (struct config){ 0 };
	for (size_t i = 0; i < n; i++)
		if (strchr(rows[i].key, '*') == NULL)
			(void)option_set(&rows[i], config, span_of(rows[i].preset), &config->arena);
}

static void read_file(struct config *config, const char *named, struct config_problems *problems)
{
	const char *path = named != NULL ? named : CONFIG_FILE;
	struct complaint why = { 0 };
	struct buf yaml = { 0 };

	if (named == NULL && access(path, F_OK) != 0 && errno == ENOENT)
		return;
	if (files_read(path, FILE_MAX_BYTES, &yaml, &why))
		config_yaml_read(config, path, buf_span(&yaml), problems);
	else
		config_problem(problems, &(struct config_place){ 0 }, "%s", why.text);
	buf_release(&yaml);
}

static void apply_set(struct config *config, const char *text, struct config_problems *problems)
{
	const struct config_place place = { .source = "--set" };
	struct span value = span_of(text), key;

	if (strchr(text, '=') == NULL || !span_cut(&value, '=', &key))
		config_problem(problems, &place, "\"%.60s\": KEY=VALUE is expected", text);
	else
		config_set(config, key, value, &place, problems);
}

bool config_load(struct config *config, const struct config_source *source, struct config_problems *problems)
{
	problems->n = 0;
	set_defaults(config);
	read_file(config, source->file, problems);
	for (size_t i = 0; i < source->nsets; i++)
		apply_set(config, source->sets[i], problems);
	if (problems->n == 0)
		config_check(config, problems);
	return problems->n == 0;
}

void config_release(struct config *config)
{
	arena_release(&config->arena);
	*config = (struct config){ 0 };
}

/* --- reload ------------------------------------------------------------------- */

static bool same_value(const struct option_row *row, const void *a, const void *b)
{
	struct buf first = { 0 }, second = { 0 };
	bool same;

	option_show(row, a, &first);
	option_show(row, b, &second);
	same = span_eq(buf_span(&first), buf_span(&second));
	buf_release(&first);
	buf_release(&second);
	return same;
}

static bool same_item(const struct section *section, const void *a, const void *b)
{
	size_t n;
	const struct option_row *rows = options_table(&n);

	if (strcmp(item_name(a), item_name(b)) != 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if (is_of(&rows[i], section) && !same_value(&rows[i], a, b))
			return false;
	return true;
}

static bool same_items(const struct section *section, const struct config *a, const struct config *b)
{
	if (*section_count(section, a) != *section_count(section, b))
		return false;
	for (size_t i = 0; i < *section_count(section, a); i++)
		if (!same_item(section, section_item(section, a, i), section_item(section, b, i)))
			return false;
	return true;
}

/* Whether the rows of the section take effect on reload. */
static bool section_live(const struct section *section)
{
	size_t n;
	const struct option_row *rows = options_table(&n);

	for (size_t i = 0; i < n; i++)
		if (is_of(&rows[i], section))
			return rows[i].live;
	return false;
}

size_t config_diff(const struct config *running, const struct config *fresh, struct config_change *changes,
		   size_t max)
{
	size_t n, found = 0;
	const struct option_row *rows = options_table(&n);

	for (size_t i = 0; i < n; i++) {
		if (strchr(rows[i].key, '*') != NULL || same_value(&rows[i], running, fresh))
			continue;
		if (found < max)
			changes[found] = (struct config_change){ .key = rows[i].key, .restart = !rows[i].live };
		found++;
	}
	for (size_t i = 0; i < COUNT_OF(sections); i++) {
		if (same_items(&sections[i], running, fresh))
			continue;
		if (found < max)
			changes[found] = (struct config_change){ .key = sections[i].key,
								 .restart = !section_live(&sections[i]) };
		found++;
	}
	return found;
}

/* Copies a value by its text form into the running configuration's memory. */
static void adopt_value(const struct option_row *row, struct arena *arena, void *to, const void *from)
{
	struct buf text = { 0 };

	option_show(row, from, &text);
	(void)option_set(row, to, buf_span(&text), arena);
	buf_release(&text);
}

static void adopt_items(const struct section *section, struct config *running, const struct config *fresh)
{
	size_t n, items = *section_count(section, fresh);
	const struct option_row *rows = options_table(&n);

	*section_count(section, running) = items;
	for (size_t k = 0; k < items; k++) {
		void *from = section_item(section, fresh, k), *to = section_item(section, running, k);

		item_init(section, to, span_of(item_name(from)), &running->arena);
		*item_place(section, to) = *item_place(section, from);
		for (size_t i = 0; i < n; i++)
			if (is_of(&rows[i], section))
				adopt_value(&rows[i], &running->arena, to, from);
	}
}

void config_adopt(struct config *running, const struct config *fresh)
{
	size_t n;
	const struct option_row *rows = options_table(&n);

	for (size_t i = 0; i < n; i++)
		if (rows[i].live && strchr(rows[i].key, '*') == NULL && !same_value(&rows[i], running, fresh))
			adopt_value(&rows[i], &running->arena, running, fresh);
	for (size_t i = 0; i < COUNT_OF(sections); i++)
		if (section_live(&sections[i]) && !same_items(&sections[i], running, fresh))
			adopt_items(&sections[i], running, fresh);
	config_said_adopt(running, fresh);
}

/* --- what callers ask ----------------------------------------------------------- */

const char *config_keys_dir(struct config *config)
{
	if (config->keys.dir[0] != '\0')
		return config->keys.dir;
	return arena_printf(&config->arena, "%s/keys", config->state_dir);
}

const char *config_weeks_dir(struct config *config)
{
	if (config->keys.weeks_dir[0] != '\0')
		return config->keys.weeks_dir;
	return arena_printf(&config->arena, "%s/weeks", config->state_dir);
}

const char *config_archive_dir(struct config *config)
{
	if (config->archive.directory[0] != '\0')
		return config->archive.directory;
	return arena_printf(&config->arena, "%s/archive", config->state_dir);
}

const char *config_files_dir(struct config *config)
{
	if (config->files.dir[0] != '\0')
		return config->files.dir;
	return arena_printf(&config->arena, "%s/files", config->state_dir);
}

const char *config_model_file(struct config *config)
{
	if (config->score.model_file[0] != '\0')
		return config->score.model_file;
	return arena_printf(&config->arena, "%s/model", config->state_dir);
}

const char *config_cache_dir(struct config *config)
{
	if (config->score.cache_dir[0] != '\0')
		return config->score.cache_dir;
	return arena_printf(&config->arena, "%s/cache", config->state_dir);
}

const char *config_money_mirror(struct config *config)
{
	if (config->money.mirror[0] != '\0')
		return config->money.mirror;
	return arena_printf(&config->arena, "%s/money/journal.jsonl", config->state_dir);
}

unsigned config_per_address(const struct config *config)
{
	return config->limits.enabled ? config->limits.connections_per_address : config->limits.connections;
}

const struct config_gateway *config_gateway_find(const struct config *config, struct span name)
{
	for (size_t i = 0; i < config->sms.ngateways; i++)
		if (span_is(name, config->sms.gateways[i].name))
			return &config->sms.gateways[i];
	return NULL;
}
