/*
 * The register of staff as last read, and what its grants say; see
 * accounts.h. Changes are accounts_change.c.
 */
#include "daemon/sys/accounts.h"

#include "daemon/base/memory.h"
#include "daemon/sys/accounts_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

struct accounts {
	char path[PATH_MAX];
	struct stat seen;        /* of the file that was read; zero: there was none */
	struct account_rows rows;
};

/* --- the file ------------------------------------------------------------------ */

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

bool accounts_refresh(struct accounts *reg, struct complaint *why)
{
	struct account_rows fresh = { 0 };
	struct stat now = { 0 };

	if (stat(reg->path, &now) != 0) {
		if (errno != ENOENT)
			return complain(why, 0, "cannot look at %.180s: %s", reg->path, strerror(errno));
		now = (struct stat){ 0 };
	}
	if (same_file(&now, &reg->seen))
		return true;
	if (now.st_ino != 0 && !account_rows_read(&fresh, reg->path, why)) {
		account_rows_release(&fresh);
		return false;
	}
	account_rows_release(&reg->rows);
	reg->rows = fresh;
	reg->seen = now;
	return true;
}

struct accounts *accounts_load(const char *state_dir, struct complaint *why)
{
	struct accounts *reg = memory_zeroes(1, sizeof(*reg));

	if (snprintf(reg->path, sizeof(reg->path), "%s/" ACCOUNTS_FILE, state_dir) >= PATH_MAX)
		complain(why, 0, "path too long: %.180s", state_dir);
	else if (accounts_refresh(reg, why))
		return reg;
	accounts_free(reg);
	return NULL;
}

void accounts_free(struct accounts *reg)
{
	if (reg == NULL)
		return;
	account_rows_release(&reg->rows);
	free(reg);
}

const struct account *accounts_find(const struct accounts *reg, struct span person)
{
	return account_rows_find(&reg->rows, person);
}

size_t accounts_count(const struct accounts *reg)
{
	return reg->rows.n;
}

const struct account *accounts_at(const struct accounts *reg, size_t index)
{
	return index < reg->rows.n ? &reg->rows.at[index] : NULL;
}

/* --- rights ---------------------------------------------------------------------- */

bool account_grant_holds(const struct account_grant *grant, int64_t now_ms)
{
	return grant->asked_by[0] == '\0' && now_ms >= grant->from_ms && (grant->until_ms == 0 || now_ms < grant->until_ms);
}

unsigned account_roles_at(const struct account *person, const char region[7], int64_t now_ms)
{
	unsigned roles = 0;

	if (person->state != ACCOUNT_ACTIVE)
		return 0;
	for (size_t i = 0; i < person->ngrants; i++)
		if (account_grant_holds(&person->grants[i], now_ms) && token_region_covers(person->grants[i].region, region))
			roles |= person->grants[i].role;
	return roles;
}

/* The one region of the grants that hold; false: none holds, or they stand at several. */
static bool only_region(const struct account *person, int64_t now_ms, char region[7])
{
	const struct account_grant *first = NULL;

	for (size_t i = 0; i < person->ngrants; i++) {
		const struct account_grant *grant = &person->grants[i];

		if (!account_grant_holds(grant, now_ms))
			continue;
		if (first != NULL && memcmp(first->region, grant->region, sizeof(grant->region)) != 0)
			return false;
		first = grant;
	}
	if (first != NULL)
		memcpy(region, first->region, sizeof(first->region));
	return first != NULL;
}

bool account_region_of(const struct account *person, struct span asked, int64_t now_ms, char region[7])
{
	char wanted[7] = "";

	if (person->state != ACCOUNT_ACTIVE)
		return false;
	if (span_empty(asked))
		return only_region(person, now_ms, region);
	if (!token_region_ok(asked))
		return false;
	memcpy(wanted, asked.at, 6);
	if (account_roles_at(person, wanted, now_ms) == 0)
		return false;
	memcpy(region, wanted, sizeof(wanted));
	return true;
}
