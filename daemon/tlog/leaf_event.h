/*
 * From an entry of a journal to what its leaf commits to.
 *
 * Here: events of tips (docs/ARCHITECTURE.md, 8) and of the audit trail. Money
 * records: daemon/money/money_leaf.h. A leaf tells the kind of event, the region,
 * how it ended, after how many hours it was first looked at; never a time of
 * day, a tip, a person or a word that somebody wrote. All that an entry says
 * beside is bound by LEAF_ENTRY, which sys/leaves.h adds together with LEAF_ACTOR,
 * as both need the week's key.
 *
 * Two words are not those of the journal: a claim that was the first look at a
 * tip ("claimed" with the member `waited`, ms) is "first_look"; an entry that
 * cannot be read is "unreadable".
 */
#ifndef TIPLINE_TLOG_LEAF_EVENT_H
#define TIPLINE_TLOG_LEAF_EVENT_H

#include "daemon/core/tip/tip.h"
#include "daemon/tlog/leaf.h"

struct leaf_event {
	enum leaf_class class;
	int64_t at_ms;               /* -1: not known */
	struct tip_id id;            /* of a tip's event; else empty */
	struct span actor;           /* who acted, as it stands in the entry; empty: nobody of the house */
	struct leaf_values values;   /* all but LEAF_ENTRY and LEAF_ACTOR; borrowed from the entry, static or in the arena */
};

/* Both false when the entry is none: *event is then the unreadable one of its journal. */
bool leaf_event_of_tip(struct span json, struct arena *arena, struct leaf_event *event);
bool leaf_event_of_audit(struct span json, struct arena *arena, struct leaf_event *event);

struct leaf_event leaf_event_unreadable(enum leaf_class class);

/* A moment whose day a leaf can bear. */
bool leaf_event_day(int64_t at_ms);

/* Sets the levels of a region code; empty: none. False for what is no code. */
bool leaf_event_region(struct span code, struct arena *arena, struct leaf_values *values);

#endif
