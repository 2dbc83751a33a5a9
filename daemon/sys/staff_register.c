/*
 * The register of staff as last read, and what its grants say; see
 * staff_register.h. Changes are staff_register_change.c.
 */
#include "daemon/sys/staff_register.h"

#include "daemon/base/memory.h"
#include "daemon/sys/staff_register_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

struct staff_register {
	char path[PATH_MAX];
	struct stat seen;        /* of the file that was read; zero: there was none */
	struct staff_rows rows;
};

/* --- the file ------------------------------------------------------------------ */

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

bool staff_register_refresh(struct staff_register *reg, struct complaint *why)
{
	struct staff_rows fresh = { 0 };
	struct stat now = { 0 };

	if (stat(reg->path, &now) != 0) {
		if (errno != ENOENT)
			return complain(why, 0, "cannot look at %.180s: %s", reg->path, strerror(errno));
		now = (struct stat){ 0 };
	}
	if (same_file(&now, &reg->seen))
		return true;
	if (now.st_ino != 0 && !staff_rows_read(&fresh, reg->path, why)) {
		staff_rows_release(&fresh);
		return false;
	}
	staff_rows_release(&reg->rows);
	reg->rows = fresh;
	reg->seen = now;
	return true;
}

struct staff_register *staff_register_load(const char *state_dir, struct complaint *why)
{
	struct staff_register *reg = memory_zeroes(1, sizeof(*reg));

	if (snprintf(reg->path, sizeof(reg->path), "%s/" STAFF_FILE, state_dir) >= PATH_MAX)
		complain(why, 0, "path too long: %.180s", state_dir);
	else if (staff_register_refresh(reg, why))
		return reg;
	staff_register_free(reg);
	return NULL;
}

void staff_register_free(struct staff_register *reg)
{
	if (reg == NULL)
		return;
	staff_rows_release(&reg->rows);
	free(reg);
}

const struct staff_person *staff_register_find(const struct staff_register *reg, struct span person)
{
	return staff_rows_find(&reg->rows, person);
}

size_t staff_register_count(const struct staff_register *reg)
{
	return reg->rows.n;
}

const struct staff_person *staff_register_at(const struct staff_register *reg, size_t index)
{
	return index < reg->rows.n ? &reg->rows.at[index] : NULL;
}

/* --- rights ---------------------------------------------------------------------- */

bool staff_grant_holds(const struct staff_grant *grant, int64_t now_ms)
{
	return grant->asked_by[0] == '\0' && now_ms >= grant->from_ms && (grant->until_ms == 0 || now_ms < grant->until_ms);
}

unsigned staff_roles_at(const struct staff_person *person, const char region[7], int64_t now_ms)
{
	unsigned roles = 0;

	if (person->state != STAFF_ACTIVE)
		return 0;
	for (size_t i = 0; i < person->ngrants; i++)
		if (staff_grant_holds(&person->grants[i], now_ms) && token_region_covers(person->grants[i].region, region))
			roles |= person->grants[i].role;
	return roles;
}

/* The one region of the grants that hold; false: none holds, or they stand at several. */
static bool only_region(const struct staff_person *person, int64_t now_ms, char region[7])
{
	const struct staff_grant *first = NULL;

	for (size_t i = 0; i < person->ngrants; i++) {
		const struct staff_grant *grant = &person->grants[i];

		if (!staff_grant_holds(grant, now_ms))
			continue;
		if (first != NULL && memcmp(first->region, grant->region, sizeof(grant->region)) != 0)
			return false;
		first = grant;
	}
	if (first != NULL)
		memcpy(region, first->region, sizeof(first->region));
	return first != NULL;
}

bool staff_region_of(const struct staff_person *person, struct span asked, int64_t now_ms, char region[7])
{
	char wanted[7] = "";

	if (person->state != STAFF_ACTIVE)
		return false;
	if (span_empty(asked))
		return only_region(person, now_ms, region);
	if (!token_region_ok(asked))
		return false;
	memcpy(wanted, asked.at, 6);
	if (staff_roles_at(person, wanted, now_ms) == 0)
		return false;
	memcpy(region, wanted, sizeof(wanted));
	return true;
}
