/*
 * What the files of the casebook share (casebook.c is its door).
 *
 * A tip goes by its number in the near-duplicate index ("text"); a tip that
 * moves to another shard keeps the tail of its id and so its number. The texts
 * of one group of the index are the tips of one incident; who hangs under whom
 * inside stands in the records here.
 */
#ifndef TIPLINE_CORE_CASEBOOK_INSIDE_H
#define TIPLINE_CORE_CASEBOOK_INSIDE_H

#include "daemon/base/mark_ring.h"
#include "daemon/core/incident/casebook.h"

#define WAITING_MAX 1024   /* links of which a tip has not been read yet */
#define DECLINED_MAX 2048  /* pairs that a person keeps apart */
#define SUGGESTED_MAX 65536
#define MOVED_MAX 65536
#define SENDERS_PER_INCIDENT 4

/* How a tip counts for its incident. */
enum tip_part {
	PART_FIRST, /* hangs under nobody */
	PART_COPY,
	PART_OTHER, /* told by somebody else */
	PART_SAME,  /* told again by a sender who is in it already */
};

enum tip_end {
	END_NONE, /* open, or closed with an outcome that says nothing about the sender */
	END_VERIFIED,
	END_UNFOUNDED,
	END_PRANK,
};

/*
 * 20 bytes a tip, so that a million fit: tail (50 bits), shard (7) and points
 * as accepted (7); received ms (42), sender's place + 1 (17), part (2), end
 * (2), away (1).
 */
struct tip_record {
	uint32_t name[2];
	uint32_t facts[2];
	uint32_t parent; /* its text; 0 or one that has left: none that is known */
};

/* The same, unpacked. */
struct tip_facts {
	uint64_t tail;
	unsigned shard;
	unsigned points;
	int64_t received_ms;
	uint32_t sender; /* place + 1; 0: none */
	enum tip_part part;
	enum tip_end end;
	bool away;       /* not in a queue: claimed, closed, on its way to another shard */
};

struct sender {
	uint32_t since; /* the first text of this sender; older ones with this place are another's */
	uint16_t ended[4]; /* by enum tip_end */
};

struct incident_counts {
	uint32_t others;
	uint32_t copies;
	uint32_t senders[SENDERS_PER_INCIDENT];
	uint8_t nsenders;
	uint8_t points; /* of its first tip, as last told; NOT_TOLD */
};

#define NOT_TOLD 255

struct tail_pair {
	uint64_t a, b;
};

struct waiting {
	uint64_t child;  /* tails */
	uint64_t parent;
	bool copy;
	bool used;
};

struct casebook {
	struct casebook_limits limits;
	const struct rules *rules;
	struct link *link;
	struct reports *reports;

	struct tip_record *records; /* text n is at n % max_tips */
	uint32_t *names;            /* 8 bits of the tail's hash, 24 of a record's place + 1; 0: free */
	size_t nnames;
	uint64_t seed;
	uint32_t oldest;            /* held when the last text came */
	uint32_t newest;

	struct mark_ring incidents; /* group -> counts */
	struct incident_counts *counts;
	struct mark_ring senders;
	struct sender *histories;
	struct mark_ring moved;     /* tail -> moves */
	uint32_t *moves;            /* hops << 8 | shard */
	struct mark_ring suggested; /* pair of groups */
	struct tail_pair *declined;
	size_t ndeclined, next_declined;
	struct waiting *waiting;
	size_t nwaiting, next_waiting;

	struct {
		uint32_t text; /* who moved; 0: all is told */
		uint32_t at;   /* the text of its group that comes next */
	} telling;
	struct casebook_figures figures;
};

/* --- casebook_tips.c: ids, records, who hangs under whom --- */

/* Tail and shard of an id. */
uint64_t tip_tail(const struct tip_id *id);
unsigned tip_shard(const struct tip_id *id);
void tip_name(const struct tip_facts *facts, struct tip_id *id);

void tips_init(struct casebook *book);
void tips_release(struct casebook *book);
size_t tips_bytes(const struct casebook_limits *limits);

/* The number of the tip with that tail, or 0. */
uint32_t tip_find(const struct casebook *book, uint64_t tail);
/* Adds the tip whose text the index has just taken in; those that left it for that are forgotten. */
void tip_add(struct casebook *book, uint32_t text, const struct tip_facts *facts);

bool tip_held(const struct casebook *book, uint32_t text);
struct tip_facts tip_facts(const struct casebook *book, uint32_t text);
void tip_set(struct casebook *book, uint32_t text, const struct tip_facts *facts);

/* The parent as far as it is held, or 0. */
uint32_t tip_parent(const struct casebook *book, uint32_t text);
void tip_set_parent(struct casebook *book, uint32_t text, uint32_t parent);
/* The uppermost that is held. */
uint32_t tip_root(const struct casebook *book, uint32_t text);
/* Whether `text` hangs under `above`, directly or not, or is it. */
bool tip_within(const struct casebook *book, uint32_t text, uint32_t above);
/* Accepted earlier; of the same millisecond, with the smaller id. */
bool tip_older(const struct casebook *book, uint32_t a, uint32_t b);

/* --- casebook_tree.c: incidents grow and split --- */

/* The counts of a group, or NULL; `make`: begins them when there are none. */
struct incident_counts *counts_find(const struct casebook *book, uint32_t group);
struct incident_counts *counts_make(struct casebook *book, uint32_t group);

/* A new text of an incident that the index has put there already. */
void tree_hang_new(struct casebook *book, uint32_t text, uint32_t parent, bool copy);
/* Hangs a tip, with all that hangs under it, under another; it hangs under nobody now. */
void tree_hang(struct casebook *book, uint32_t text, uint32_t parent, bool copy);
/* The tip leaves its incident with all that hangs under it. */
void tree_cut(struct casebook *book, uint32_t text);

/* --- casebook_senders.c: how tips of one sender ended --- */

/* Place + 1 of a sender's mark; a new one begins with `text`. */
uint32_t sender_take(struct casebook *book, uint64_t mark, uint32_t text);
/* The history as of a tip's sender, or NULL when there is none any more. */
struct sender *sender_of(const struct casebook *book, uint32_t text, const struct tip_facts *facts);
/* A tip ended so, or is open again (END_NONE): what it counted before is taken back. */
void sender_ended(struct casebook *book, uint32_t text, enum tip_end end);

/* --- casebook_judge.c: decisions --- */

struct casebook_decision *decision_add(struct casebook *book, struct casebook_decisions *out,
				       enum casebook_kind kind, uint32_t text, uint32_t other);
/* A new tip, judged against all there is; returns its number. */
uint32_t casebook_judge(struct casebook *book, struct report *report, struct tip_facts *facts, uint64_t sender,
		   struct casebook_decisions *out);
/* Tells the points of the first tip of an incident when they are others than were told. */
void judge_points(struct casebook *book, uint32_t text, struct casebook_decisions *out);

/* --- casebook_pairs.c: what was suggested and what was declined --- */

/* Remembers it; false when it was suggested before. */
bool pair_suggest(struct casebook *book, uint32_t one, uint32_t other);
void pair_decline(struct casebook *book, uint64_t tail, uint64_t other);
/* Whether a person keeps the incidents of these two tips apart. */
bool pair_declined(const struct casebook *book, uint32_t one, uint32_t other);

void waiting_add(struct casebook *book, uint64_t child, uint64_t parent, bool copy);
void waiting_drop(struct casebook *book, uint64_t child);
/* Takes out the next link that waited for this tip, as child or as parent, and for no other; false: none. */
bool waiting_take(struct casebook *book, uint64_t tail, struct waiting *out);

#endif
