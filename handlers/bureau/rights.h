/*
 * May this member of staff see this region? One answer for all bureau calls.
 */
#ifndef TIPLINE_HANDLERS_BUREAU_RIGHTS_H
#define TIPLINE_HANDLERS_BUREAU_RIGHTS_H

#include "daemon/core/text/gazetteer.h"
#include "daemon/core/journal/lifecycle.h"
#include "daemon/core/tip/tip.h"
#include "handlers/endpoint.h"

/* True when the region is the person's own or lies beneath it. */
static inline bool rights_reach(const struct staff *staff, struct span region)
{
	return region_within(region, span_of(staff->region));
}

/* The lifecycle's actor bits of a person's roles. */
static inline unsigned rights_actor(const struct staff *staff)
{
	return (staff->roles & WHO_OFFICER ? (unsigned)TIP_BY_OFFICER : 0) |
	       (staff->roles & WHO_VERIFIER ? (unsigned)TIP_BY_VERIFIER : 0) |
	       (staff->roles & WHO_ADMIN ? (unsigned)TIP_BY_ADMIN : 0);
}

/* First-level regions that the person's region touches: all, or one. */
#define SHARDS_MAX 40
struct shard_list {
	char at[SHARDS_MAX][3];
	size_t n;
};
void shards_of_region(const struct gazetteer *gazetteer, struct span region, struct shard_list *out);

#endif
