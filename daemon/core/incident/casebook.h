/*
 * The casebook: all that the linker knows, fed with the journals of all shards.
 *
 * In:  journal events of each shard in order, with fingerprints.
 * Out: decisions for the store: a tip hangs under an earlier one, may belong
 * to one, has other points because others told the same or because of what
 * became of its sender's earlier tips.
 * Holds the near-duplicate index (core/incident/link.h), the running incidents
 * (core/incident/report.h), who hangs under whom, and how tips of a sender's mark
 * ended. A decision counts at once, so that the next tip is judged by it; the
 * facts in the journal (linked, unlinked, ...) count over it. Nothing is
 * learned from a person's single click but that very fact. Bounded; the oldest
 * tips leave. Pure: no clock but the events' own.
 *
 * Decisions are wanted only when `judge` says so: after a restart the events
 * up to the linker's note are taken in without. What the facts make of the
 * incidents does not depend on the order in which shards are read; of each
 * shard they come in theirs.
 */
#ifndef TIPLINE_CORE_CASEBOOK_H
#define TIPLINE_CORE_CASEBOOK_H

#include "daemon/core/incident/incident.h"
#include "daemon/core/incident/report.h"
#include "daemon/core/score/rules.h"
#include "daemon/core/score/score.h"
#include "daemon/core/tip/tip.h"

struct casebook;

#define CASEBOOK_SENDERS_MAX 131071

struct casebook_limits {
	size_t max_tips;         /* held at once, to LINK_TEXTS_MAX; the oldest leave */
	int64_t max_age_ms;      /* by time of acceptance; 0: none is too old */
	size_t max_incidents;    /* running incidents that other words are compared with */
	size_t max_senders;      /* marks whose history is kept, to CASEBOOK_SENDERS_MAX */
};

enum casebook_kind {
	CASEBOOK_LINK,      /* `id` hangs under `other` */
	CASEBOOK_SUGGEST,   /* `id` may belong to the incident of `other` */
	CASEBOOK_SCORE,     /* `id` has `points`, `rules` and `context` */
	CASEBOOK_CHILD,     /* `id` hangs under `other`, and one of them moved here from another shard */
};

#define CASEBOOK_DECISIONS_MAX 16
#define CASEBOOK_RULES_MAX 8

struct casebook_decision {
	enum casebook_kind kind;
	struct tip_id id;
	struct tip_id other;     /* the older of the two; not with SCORE */
	int64_t received_ms;     /* of `id` */
	int64_t other_ms;        /* of `other` */
	unsigned score;          /* LINK, SUGGEST: percent */
	const char *why;         /* LINK, SUGGEST: "copy", "plate", "phone", ..., "wording", "place,wording" */
	unsigned points;         /* SCORE */
	struct score_context context;
	const struct rule *rules[CASEBOOK_RULES_MAX];  /* live as long as the rules they come from */
	size_t nrules;
};

struct casebook_decisions {
	struct casebook_decision at[CASEBOOK_DECISIONS_MAX];
	size_t n;
};

struct casebook_figures {
	uint64_t tips;           /* held */
	uint64_t incidents;      /* with two tips or more, held */
	uint64_t links, suggestions, scores;  /* decisions so far */
	size_t bytes;            /* memory that it will never exceed */
};

/* `rules` outlive the casebook, or stay until other ones are set. `seed` should be random. */
struct casebook *casebook_new(const struct casebook_limits *limits, const struct rules *rules, uint64_t seed);
void casebook_free(struct casebook *casebook);

/* Other rules from now on (a reload). Decisions made before still point at the old ones. */
void casebook_set_rules(struct casebook *casebook, const struct rules *rules);

/*
 * The next event of a shard. False and a complaint for one that cannot be
 * read; it is passed over then, but for a tip whose fingerprint alone is
 * broken: that is held, and nothing is known of its words.
 * `fingerprint` is empty for all but accepted tips.
 */
bool casebook_event(struct casebook *casebook, struct span shard, struct span json, struct span fingerprint,
		    bool judge, struct casebook_decisions *out, struct complaint *why);

/*
 * More of what the last event has brought about: a tip with many children that
 * moved makes one decision for each of them. To be asked until `n` is 0, before the
 * next event.
 */
void casebook_rest(struct casebook *casebook, struct casebook_decisions *out);

void casebook_figures(const struct casebook *casebook, struct casebook_figures *out);

/* The first tip of the incident a tip belongs to; false when it is not held. */
bool casebook_root(const struct casebook *casebook, const struct tip_id *id, struct tip_id *root);

#endif
