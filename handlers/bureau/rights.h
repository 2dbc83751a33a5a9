/*
 * May this member of staff see this region? One answer for all bureau calls.
 */
#ifndef TIPLINE_HANDLERS_BUREAU_RIGHTS_H
#define TIPLINE_HANDLERS_BUREAU_RIGHTS_H

#include "daemon/core/text/gazetteer.h"
#include "daemon/core/journal/lifecycle.h"
#include "daemon/core/tip/tip.h"
#include "daemon/store/store.h"
#include "handlers/endpoint.h"

/* True when the region is the person's own or lies beneath it. */
static inline bool rights_reach(const struct staff *staff, struct span region)
{
	return region_within(region, span_of(staff->region));
}

/*
 * True when the person may read the tip: it is in the person's region, or it
 * passed from there to a level above. What was not done about it is not hidden
 * from those who did not do it; only the level above works on it, though.
 */
static inline bool rights_see(const struct staff *staff, const struct store_row *row)
{
	return rights_reach(staff, span_of(row->region)) ||
	       (row->raise.times > 0 && row->state != TIP_TRANSFERRED && rights_reach(staff, span_of(row->raise.home)));
}

/* The lifecycle's actor bits of a person's roles. */
static inline unsigned rights_actor(const struct staff *staff)
{
	return (staff->roles & WHO_OFFICER ? (unsigned)TIP_BY_OFFICER : 0) |
	       (staff->roles & WHO_VERIFIER ? (unsigned)TIP_BY_VERIFIER : 0) |
	       (staff->roles & WHO_ADMIN ? (unsigned)TIP_BY_ADMIN : 0) |
	       (staff->roles & WHO_APPROVER ? (unsigned)TIP_BY_APPROVER : 0);
}

/* First-level regions that the person's region touches: all, or one. */
#define SHARDS_MAX 40
struct shard_list {
	char at[SHARDS_MAX][3];
	size_t n;
};
void shards_of_region(const struct gazetteer *gazetteer, struct span region, struct shard_list *out);

#endif
