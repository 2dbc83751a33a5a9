/*
 * The configuration; see config.h. Defaults, then the file, then --set, then
 * the rules that concern two values at once.
 */
#include "daemon/sys/config.h"

#include "daemon/base/table.h"
#include "daemon/sys/config_notices.h"
#include "daemon/sys/config_route.h"
#include "daemon/sys/config_yaml.h"
#include "daemon/sys/files.h"
#include "daemon/sys/options.h"
#include "daemon/tlog/note.h"

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

/* --- rules about two values --------------------------------------------------- */

static const struct {
	const char *less, *more;
} relations[] = {
	{ .less = "limits.text_bytes", .more = "limits.body_bytes" },
	{ .less = "limits.file_bytes", .more = "limits.upload_bytes" },
	{ .less = "limits.connections_per_address", .more = "limits.connections" },
	{ .less = "lease.default_s", .more = "lease.max_s" },
};

static uint64_t value_of(const struct config *config, const struct option_row *row)
{
	const char *field = (const char *)config + row->at;

	return row->type == OPTION_BYTES ? *(const uint64_t *)(const void *)field
					 : *(const unsigned *)(const void *)field;
}

static void check_relations(const struct config *config, struct config_problems *problems)
{
	const struct config_place nowhere = { 0 };

	for (size_t i = 0; i < COUNT_OF(relations); i++) {
		uint64_t less = value_of(config, option_find(span_of(relations[i].less)));
		uint64_t more = value_of(config, option_find(span_of(relations[i].more)));

		if (less > more)
			config_problem(problems, &nowhere, "%s (%llu) must not be above %s (%llu)", relations[i].less,
				       (unsigned long long)less, relations[i].more, (unsigned long long)more);
	}
	if (config->limits.reply_ms / 1000 <= config->claim.wait_max_s)
		config_problem(problems, &nowhere, "limits.reply_ms (%u) must be longer than claim.wait_max_s (%u s)",
			       config->limits.reply_ms, config->claim.wait_max_s);
	if (!note_name_valid(span_of(config->log.origin)) || strchr(config->log.origin, '/') == config->log.origin)
		config_problem(problems, &nowhere, "log.origin (%s): a name without spaces and plus signs is expected",
			       config->log.origin);
}

static bool same_listener(const char *a, const char *b)
{
	size_t len = strlen(a);

	/* Port 0 asks for any free port, so two of them are not the same. */
	return len > 0 && strcmp(a, b) == 0 && (len < 2 || strcmp(a + len - 2, ":0") != 0);
}

static void check_listeners(const struct config *config, struct config_problems *problems)
{
	const struct config_place nowhere = { 0 };

	if (same_listener(config->listen.public, config->listen.staff) ||
	    same_listener(config->listen.public, config->listen.ops) ||
	    same_listener(config->listen.staff, config->listen.ops))
		config_problem(problems, &nowhere, "listen.public, listen.staff and listen.ops must differ");
	if (config->listen.tls != 0 && config->listen.tls_certificate[0] == '\0')
		config_problem(problems, &nowhere, "listen.tls_certificate: missing; listen.tls asks for it");
	if (config->listen.tls != 0 && config->listen.tls_key[0] == '\0')
		config_problem(problems, &nowhere, "listen.tls_key: missing; listen.tls asks for it");
}

static void check_gateways(const struct config *config, struct config_problems *problems)
{
	for (size_t i = 0; i < config->sms.ngateways; i++) {
		const struct config_gateway *g = &config->sms.gateways[i];

		if (g->driver[0] == '\0')
			config_problem(problems, &g->place, "sms.gateways.%s.driver: missing; it is required", g->name);
		if (g->secret[0] == '\0' && g->secret_file[0] == '\0')
			config_problem(problems, &g->place,
				       "sms.gateways.%s.secret_file: missing; without a secret anybody could send",
				       g->name);
		if (g->secret[0] != '\0' && g->secret_file[0] != '\0')
			config_problem(problems, &g->place, "sms.gateways.%s: secret and secret_file; expected one",
				       g->name);
	}
}

/* What does not fit into its field is left out of a login, which then fails; better said here. */
static void check_account(const struct config_link *link, struct config_problems *problems)
{
	static const struct {
		const char *protocol;
		size_t max;
	} protocols[] = {   /* in the order of the option's words */
		{ .protocol = "smpp", .max = 15 },
		{ .protocol = "cmpp", .max = 6 },
		{ .protocol = "smgp", .max = 8 },
	};

	if (strlen(link->account) > protocols[link->protocol].max)
		config_problem(problems, &link->place, "sms.links.%s.account: too long; %s has %zu characters", link->name,
			       protocols[link->protocol].protocol, protocols[link->protocol].max);
	if (link->version[0] != '\0' && link->protocol == 1 && strcmp(link->version, "2.0") != 0 &&
	    strcmp(link->version, "3.0") != 0)
		config_problem(problems, &link->place, "sms.links.%s.version: expected 2.0 or 3.0", link->name);
}

static void check_links(const struct config *config, struct config_problems *problems)
{
	for (size_t i = 0; i < config->sms.nlinks; i++) {
		const struct config_link *l = &config->sms.links[i];

		if (l->host[0] == '\0')
			config_problem(problems, &l->place, "sms.links.%s.host: missing; it is required", l->name);
		if (l->account[0] == '\0')
			config_problem(problems, &l->place, "sms.links.%s.account: missing; it is required", l->name);
		check_account(l, problems);
		if (l->password[0] != '\0' && l->password_file[0] != '\0')
			config_problem(problems, &l->place, "sms.links.%s: password and password_file; expected one", l->name);
		if (config_gateway_find(config, span_of(l->name)) != NULL)
			config_problem(problems, &l->place, "sms.links.%s: a gateway has this name", l->name);
	}
}

static void check_rails(const struct config *config, struct config_problems *problems)
{
	for (size_t i = 0; i < config->payout.nrails; i++) {
		const struct config_rail *r = &config->payout.rails[i];

		if (r->driver[0] == '\0')
			config_problem(problems, &r->place, "payout.rails.%s.driver: missing; it is required", r->name);
		if (strlen(r->name) > 15)
			config_problem(problems, &r->place, "payout.rails.%s: a name of at most 15 letters is expected",
				       r->name);
		if (r->account[0] != '\0' && (r->ledger[0] == '\0' || r->ledger_account[0] == '\0'))
			config_problem(problems, &r->place,
				       "payout.rails.%s.account: ledger and ledger_account are needed with it", r->name);
		if (r->max_fen > 0 && r->min_fen > r->max_fen)
			config_problem(problems, &r->place, "payout.rails.%s.min_fen: it must not be above max_fen", r->name);
	}
}

bool config_load(struct config *config, const struct config_source *source, struct config_problems *problems)
{
	problems->n = 0;
	set_defaults(config);
	read_file(config, source->file, problems);
	for (size_t i = 0; i < source->nsets; i++)
		apply_set(config, source->sets[i], problems);
	if (problems->n == 0) {
		check_relations(config, problems);
		check_listeners(config, problems);
		check_gateways(config, problems);
		check_links(config, problems);
		config_route_check(config, problems);
		config_check_notices(config, problems);
		check_rails(config, problems);
	}
	return problems->n == 0;
}

void config_release(struct config *config)
{
	arena_release(&config->arena);
	*config = (struct config){ 0 };
}

/* The file's text takes the place of the value, under the same rules as if it stood there. */
static bool read_secret(struct config *config, void *section, const char *file, const char *key,
			struct complaint *why)
{
	const struct option_row *row = option_find(span_of(key));
	char expects[OPTION_EXPECTS_MAX];
	struct buf bytes = { 0 };
	bool well = true;

	if (file[0] != '\0')
		well = files_secret(file, config->state_dir, &bytes, why);
	if (well && bytes.len > 0 && !option_set(row, section, buf_span(&bytes), &config->arena)) {
		option_expects(row, expects);
		well = complain(why, 0, "%.80s does not hold %s", file, expects);
	}
	buf_release(&bytes);
	return well;
}

/* That they can be read; what they hold is for the rail. */
static void check_rail_files(const struct config *config, struct config_problems *problems)
{
	for (size_t i = 0; i < config->payout.nrails; i++) {
		const struct config_rail *r = &config->payout.rails[i];
		const struct {
			const char *key, *file;
		} files[] = {
			{ .key = "key_file", .file = r->key_file },
			{ .key = "old_key_file", .file = r->old_key_file },
			{ .key = "private_key_file", .file = r->private_key_file },
			{ .key = "api_key_file", .file = r->api_key_file },
			{ .key = "platform_file", .file = r->platform_file },
			{ .key = "old_platform_file", .file = r->old_platform_file },
		};

		for (size_t f = 0; f < COUNT_OF(files); f++) {
			struct complaint why = { 0 };
			struct buf bytes = { 0 };

			if (files[f].file[0] != '\0' && !files_secret(files[f].file, config->state_dir, &bytes, &why))
				config_problem(problems, &r->place, "payout.rails.%s.%s: %.150s", r->name,
					       files[f].key, why.text);
			buf_release(&bytes);
		}
	}
}

bool config_secrets(struct config *config, struct config_problems *problems)
{
	const struct config_place nowhere = { 0 };
	struct complaint why = { 0 };

	problems->n = 0;
	for (size_t i = 0; i < config->sms.ngateways; i++) {
		struct config_gateway *g = &config->sms.gateways[i];

		if (!read_secret(config, g, g->secret_file, "sms.gateways.*.secret", &why))
			config_problem(problems, &g->place, "sms.gateways.%s.secret_file: %.180s", g->name, why.text);
		if (!read_secret(config, g, g->send_password_file, "sms.gateways.*.send_password", &why))
			config_problem(problems, &g->place, "sms.gateways.%s.send_password_file: %.180s", g->name,
				       why.text);
	}
	for (size_t i = 0; i < config->sms.nlinks; i++) {
		struct config_link *l = &config->sms.links[i];

		if (!read_secret(config, l, l->password_file, "sms.links.*.password", &why))
			config_problem(problems, &l->place, "sms.links.%s.password_file: %.180s", l->name, why.text);
	}
	for (size_t i = 0; i < config->nnotices; i++)
		if (!read_secret(config, &config->notices[i], config->notices[i].secret_file, "notices.*.secret", &why))
			config_problem(problems, &config->notices[i].place, "notices.%s.secret_file: %.180s",
				       config->notices[i].name, why.text);
	if (!read_secret(config, config, config->mail.password_file, "mail.password", &why))
		config_problem(problems, &nowhere, "mail.password_file: %.180s", why.text);
	check_rail_files(config, problems);
	return problems->n == 0;
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
