/*
 * What a process needs of its sandbox; see sandbox_plan.h.
 *
 * An option of the type path is readable by being one; those that are written
 * stand in a table here.
 */
#include "daemon/sys/sandbox_plan.h"

#include "daemon/base/span.h"
#include "daemon/base/table.h"
#include "daemon/sys/options.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATHS_MAX 512

struct plan {
	struct sandbox_plan *plan;
	struct arena *arena;
};

static void put(struct plan *p, const char *path, enum sandbox_access access)
{
	if (path == NULL || path[0] == '\0' || p->plan->npaths == PATHS_MAX)
		return;
	p->plan->paths[p->plan->npaths++] = (struct sandbox_path){ .path = arena_printf(p->arena, "%s", path), .access = access };
}

/* --- directories around a file ---------------------------------------------------------- */

/* "/etc", "/tmp" and "/" are too wide to be given for one file in them. */
static bool too_wide(const char *dir)
{
	return dir[0] == '\0' || strchr(dir + 1, '/') == NULL;
}

/* A file that is replaced has another inode: its directory is given, that of the link and that of the file. */
static void put_around(struct plan *p, const char *path, enum sandbox_access access)
{
	char dir[PATH_MAX];
	const char *end = strrchr(path, '/');

	if (end == NULL || snprintf(dir, sizeof(dir), "%.*s", (int)(end - path), path) >= (int)sizeof(dir))
		return;
	put(p, path, access == SANDBOX_WRITE ? SANDBOX_WRITE : SANDBOX_READ);
	if (!too_wide(dir))
		put(p, dir, access);
}

static void put_file(struct plan *p, const char *path, enum sandbox_access access)
{
	char real[PATH_MAX];

	put_around(p, path, access);
	if (realpath(path, real) != NULL && strcmp(real, path) != 0)
		put_around(p, real, access);
}

/* --- options ------------------------------------------------------------------------------- */

/* Directories that are written: put_written() gives them, and nothing of what lies beside them. */
static bool is_written(const char *key)
{
	static const char *const keys[] = { "state_dir", "keys.dir", "keys.weeks_dir", "files.dir", "archive.directory", "score.cache_dir" };

	for (size_t i = 0; i < COUNT_OF(keys); i++)
		if (strcmp(key, keys[i]) == 0)
			return true;
	return false;
}

/* A name without a slash is a credential or lies in the state directory: both are given. */
static void put_option(struct plan *p, const struct option_row *row, const void *base)
{
	const char *path;

	if (row->type != OPTION_PATH || is_written(row->key))
		return;
	memcpy(&path, (const char *)base + row->at, sizeof(path));
	if (path != NULL && strchr(path, '/') != NULL)
		put_file(p, path, SANDBOX_READ);
}

static void put_section(struct plan *p, const char *section, const void *items, size_t n, size_t size)
{
	size_t nrows;
	const struct option_row *rows = options_table(&nrows);

	for (size_t i = 0; i < n; i++)
		for (size_t r = 0; r < nrows; r++)
			if (span_starts(span_of(rows[r].key), span_of(section)))
				put_option(p, &rows[r], (const char *)items + i * size);
}

static void put_options(struct plan *p, const struct config *config)
{
	size_t n;
	const struct option_row *rows = options_table(&n);

	for (size_t i = 0; i < n; i++)
		if (strchr(rows[i].key, '*') == NULL)
			put_option(p, &rows[i], config);
	put_section(p, "sms.gateways.", config->sms.gateways, config->sms.ngateways, sizeof(config->sms.gateways[0]));
	put_section(p, "sms.links.", config->sms.links, config->sms.nlinks, sizeof(config->sms.links[0]));
	put_section(p, "payout.rails.", config->payout.rails, config->payout.nrails, sizeof(config->payout.rails[0]));
	put_section(p, "notices.", config->notices, config->nnotices, sizeof(config->notices[0]));
}

/* Directories of which the file in them is replaced as a whole, and those that are filled. */
static void put_written(struct plan *p, struct config *config)
{
	put(p, config->state_dir, SANDBOX_WRITE);
	put(p, config_keys_dir(config), SANDBOX_WRITE);
	put(p, config_weeks_dir(config), SANDBOX_WRITE);
	put(p, config_cache_dir(config), SANDBOX_WRITE);
	put_file(p, config_model_file(config), SANDBOX_WRITE);
	put_file(p, config_money_mirror(config), SANDBOX_WRITE);
	put(p, config_archive_dir(config), (config->roles & ROLE_JOBS) != 0 ? SANDBOX_WRITE : SANDBOX_READ);
	put(p, config_files_dir(config), (config->roles & ROLE_INTAKE) != 0 ? SANDBOX_WRITE : SANDBOX_READ);
}

/* A Unix socket that we listen on is removed at the end. */
static void put_listeners(struct plan *p, const struct config *config)
{
	const char *const addresses[] = { config->listen.public, config->listen.staff, config->listen.ops };

	for (size_t i = 0; i < COUNT_OF(addresses); i++)
		if (strncmp(addresses[i], "unix:", 5) == 0)
			put_file(p, addresses[i] + 5, SANDBOX_WRITE);
}

/* --- the system ------------------------------------------------------------------------------ */

/* What libraries read: certificates, names of hosts, zones, tables; and figures of this process. */
static void put_system(struct plan *p)
{
	static const struct sandbox_path system[] = {
		{ .path = "/usr/lib", .access = SANDBOX_READ },
		{ .path = "/usr/share", .access = SANDBOX_READ },
		{ .path = "/usr/local/share", .access = SANDBOX_READ },
		{ .path = "/lib", .access = SANDBOX_READ },
		{ .path = "/lib64", .access = SANDBOX_READ },
		{ .path = "/etc/ssl", .access = SANDBOX_READ },
		{ .path = "/etc/ca-certificates", .access = SANDBOX_READ },
		{ .path = "/etc/hosts", .access = SANDBOX_READ },
		{ .path = "/etc/host.conf", .access = SANDBOX_READ },
		{ .path = "/etc/nsswitch.conf", .access = SANDBOX_READ },
		{ .path = "/etc/resolv.conf", .access = SANDBOX_READ },
		{ .path = "/run/systemd/resolve", .access = SANDBOX_READ },
		{ .path = "/etc/gai.conf", .access = SANDBOX_READ },
		{ .path = "/etc/services", .access = SANDBOX_READ },
		{ .path = "/etc/protocols", .access = SANDBOX_READ },
		{ .path = "/etc/localtime", .access = SANDBOX_READ },
		{ .path = "/etc/ld.so.cache", .access = SANDBOX_READ },
		{ .path = "/proc", .access = SANDBOX_READ },
		{ .path = "/sys/devices/system/cpu", .access = SANDBOX_READ },
		{ .path = "/dev/null", .access = SANDBOX_WRITE },
		{ .path = "/dev/urandom", .access = SANDBOX_READ },
	};

	for (size_t i = 0; i < COUNT_OF(system); i++)
		put(p, system[i].path, system[i].access);
	put(p, getenv("CREDENTIALS_DIRECTORY"), SANDBOX_READ);
}

/* --- programs --------------------------------------------------------------------------------- */

/* Where PATH has the program; the file itself, whatever link leads there. */
static void put_program(struct plan *p, const char *name)
{
	const char *path = getenv("PATH");
	struct span rest = span_of(path != NULL ? path : "/usr/bin:/bin"), dir;

	while (rest.len > 0) {
		char file[PATH_MAX], real[PATH_MAX];

		if (!span_cut(&rest, ':', &dir)) {
			dir = rest;
			rest.len = 0;
		}
		snprintf(file, sizeof(file), "%.*s/%s", (int)dir.len, dir.at, name);
		if (realpath(file, real) == NULL)
			continue;
		put(p, real, SANDBOX_RUN);
		return;
	}
}

/* The private Redis, what checks its file, what the kernel loads them with, and where the socket is. */
static void put_redis(struct plan *p, const char *store)
{
	static const char *const loaders[] = { "/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1", "/lib/ld-linux-armhf.so.3",
					       "/lib64/ld64.so.2", "/lib/ld64.so.1", "/lib/ld-linux-riscv64-lp64d.so.1", "/lib/ld-linux.so.2" };

	put_program(p, "redis-server");
	put_program(p, "redis-check-aof");
	for (size_t i = 0; i < COUNT_OF(loaders); i++)
		put(p, loaders[i], SANDBOX_RUN);
	put_file(p, store + strlen("unix:"), SANDBOX_WRITE);
}

/* --- the whole -------------------------------------------------------------------------------- */

/* Messages and payments go out, links and gateways too; the sealed log asks its witnesses; Redis may be another host. */
static bool wants_network(const struct config *config)
{
	bool redis = config->store.address[0] != '\0' && strncmp(config->store.address, "unix:", 5) != 0;

	return redis || (config->roles & (ROLE_COURIER | ROLE_JOBS)) != 0 || config->log.policy[0] != '\0' || config->sms.nlinks > 0;
}

void sandbox_plan_make(struct config *config, const struct sandbox_needs *needs, struct arena *arena, struct sandbox_plan *plan)
{
	struct plan p = { .plan = plan, .arena = arena };

	*plan = (struct sandbox_plan){
		.strict = config->sandbox == SANDBOX_STRICT,
		.network = wants_network(config),
		.programs = needs->store != NULL,
		.paths = arena_array(arena, struct sandbox_path, PATHS_MAX),
	};
	put_system(&p);
	put_options(&p, config);
	put_written(&p, config);
	put_listeners(&p, config);
	if (needs->config_file != NULL)
		put_file(&p, needs->config_file, SANDBOX_READ);
	if (needs->store != NULL)
		put_redis(&p, needs->store);
}
