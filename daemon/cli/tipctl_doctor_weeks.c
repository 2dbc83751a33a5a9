/*
 * tipctl doctor: the weekly keys.
 */
#include "daemon/cli/tipctl_doctor.h"

#include "daemon/base/wipe.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/week_keys.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* How many can be read; each other one is a finding. */
static size_t readable(struct doctor *doctor, struct week_keys *weeks, const unsigned *here, size_t n)
{
	size_t well = 0;

	for (size_t i = 0; i < n; i++) {
		struct seal_key key;

		if (week_keys_find(weeks, here[i], &key) == WEEK_KEY_FOUND)
			well++;
		else
			finding(doctor, FINDING_FAIL, "week-%04u.key cannot be read: no tip of that week opens; bring it back from its copy", here[i]);
		wipe(&key, sizeof(key));
	}
	return well;
}

/* Weeks between the first and the present one have a key or are destroyed; a daemon that stood still made none. */
static void gaps(struct doctor *doctor, struct week_keys *weeks, unsigned from, unsigned to)
{
	for (unsigned week = from; week < to; week++) {
		struct seal_key key;

		if (week_keys_find(weeks, week, &key) == WEEK_KEY_MISSING)
			finding(doctor, FINDING_WARN, "week-%04u.key is not there: well if no tip came in that week (tipctl key weeks --count)", week);
		wipe(&key, sizeof(key));
	}
}

void doctor_weeks(struct doctor *doctor)
{
	const char *dir = config_weeks_dir(doctor->config);
	struct complaint why;
	struct week_keys *weeks;
	unsigned *here, *gone;
	size_t n, ngone, well;

	if (access(dir, F_OK) != 0 && errno == ENOENT) {
		finding(doctor, FINDING_WARN, "%s is not there; the first start makes it, and tips of before open only with its copy", dir);
		return;
	}
	weeks = week_keys_open(dir, false, &why);
	if (weeks == NULL) {
		finding(doctor, FINDING_FAIL, "%s", why.text);
		return;
	}
	n = week_keys_list(weeks, &here);
	ngone = week_keys_list_destroyed(weeks, &gone);
	well = readable(doctor, weeks, here, n);
	if (n > 0)
		gaps(doctor, weeks, here[0], week_of(clock_wall_ms()));
	finding(doctor, FINDING_OK, "%s: %zu weekly keys, %zu destroyed; their copy lies apart from the store's (scripts/backup --weeks)", dir,
		well, ngone);
	free(here);
	free(gone);
	week_keys_free(weeks);
}
