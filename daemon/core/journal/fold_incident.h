/*
 * What the fold holds of a tip's incident: the tip it hangs under, its
 * children, the pairs that were suggested or declined, the context of its
 * points. Few tips have any of it, so it lies apart from them.
 *
 * The rules are those of the store (store/store.h, struct store_link); a fact
 * that cannot follow from what is there is refused and changes nothing.
 */
#ifndef TIPLINE_CORE_FOLD_INCIDENT_H
#define TIPLINE_CORE_FOLD_INCIDENT_H

#include "daemon/base/mark_map.h"
#include "daemon/core/tip/tip.h"

#define FOLD_PAIRS_MAX 8
#define FOLD_WHY_MAX 32
#define FOLD_CONTEXT_MAX 64

struct fold_child {
	struct tip_id id;
	int64_t received_ms;
};

struct fold_pair {
	struct tip_id other;
	bool declined;
	unsigned char score; /* percent; 0 when declined */
	char why[FOLD_WHY_MAX + 1];
};

struct fold_incident {
	struct tip_id parent; /* text empty: none */
	char link_why[FOLD_WHY_MAX + 1]; /* of the link, when it was said here */
	unsigned char link_score;
	bool link_told;
	char *context;        /* or NULL */
	struct fold_pair *pairs; /* oldest first */
	struct fold_child *children;
	size_t npairs, nchildren, room;
	struct mark_map tails;   /* of many children: how many have this tail; to know fast that none has */
	uint64_t seed;           /* of that map; set by whoever makes an incident */
};

void fold_incident_release(struct fold_incident *incident);

/*
 * A child under its present id, or under the one it had in another shard (same
 * tail and time); NULL: not listed.
 */
struct fold_child *fold_child_find(const struct fold_incident *incident, const struct tip_id *id,
				   int64_t received_ms);

/* Listed under this id from now on, once. */
void fold_child_put(struct fold_incident *incident, const struct tip_id *id, int64_t received_ms);
void fold_child_drop(struct fold_incident *incident, struct fold_child *child);

struct fold_pair *fold_pair_find(const struct fold_incident *incident, const struct tip_id *other);

/* False: no room. */
bool fold_pair_suggest(struct fold_incident *incident, const struct fold_pair *pair);

/* For room the oldest open pair goes, else the oldest. */
void fold_pair_decline(struct fold_incident *incident, const struct tip_id *other);
void fold_pair_drop(struct fold_incident *incident, struct fold_pair *pair);

/* Replaces the context; empty: none. */
void fold_context_set(struct fold_incident *incident, struct span context);

/* Hangs under that one from now on (text empty: under none); why is not known until it is told. */
void fold_parent_set(struct fold_incident *incident, const struct tip_id *parent);
void fold_parent_told(struct fold_incident *incident, unsigned char score, struct span why);

/* The tip came back into the shard with that parent (text empty: none) and context. */
void fold_incident_back(struct fold_incident *incident, const struct tip_id *parent, struct span context);

#endif
