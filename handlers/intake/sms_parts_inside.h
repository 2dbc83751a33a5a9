/*
 * What the files of sms_parts share: the parts that come (sms_parts.c), and a
 * group on its way to become a tip (sms_group.c).
 */
#ifndef TIPLINE_HANDLERS_INTAKE_SMS_PARTS_INSIDE_H
#define TIPLINE_HANDLERS_INTAKE_SMS_PARTS_INSIDE_H

#include "daemon/base/mark_map.h"
#include "daemon/store/store.h"
#include "handlers/intake/sms_part.h"
#include "handlers/intake/sms_parts.h"

#define SMS_PARTS_SHARD "00"   /* parts know no region yet */

struct group;

struct sms_parts {
	struct sms_parts_env env;
	struct loop_timer *timer;
	struct group *groups;
	size_t ngroups;
	size_t outstanding;
	bool asking;
	bool leaving;
	struct mark_map keys;    /* the gateway's ids of parts that are durable */
	struct sms_parts_figures figures;
};

/*
 * Makes a tip of the group as it is, or adds it to the one it came late for;
 * nothing when that is under way already or too many are. The group is copied.
 */
void sms_group_start(struct sms_parts *parts, const struct store_parts *from);

/* Ends of what is outstanding: memory goes with the last of them. */
void sms_parts_free_when_alone(struct sms_parts *parts);

#endif
