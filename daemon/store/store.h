/*
 * What may be asked of the store. The one door to Redis; memory.c answers the
 * same questions for tests, and tests/contract holds both to this header.
 *
 * A request is a plain value with an operation; its bytes are borrowed only
 * until store_submit() returns. The answer arrives once through the wait's
 * callback, never from within store_submit(), and is valid during that call
 * only (flows copy what they keep: store/wait.h).
 *
 * Every change is one Redis function: validate all, append the event to the
 * shard's journal, then the projections. Redis answers after fsync
 * (appendfsync always), so STORE_DONE means: on disk.
 */
#ifndef TIPLINE_STORE_STORE_H
#define TIPLINE_STORE_STORE_H

#include "daemon/base/arena.h"
#include "daemon/core/journal/lifecycle.h"
#include "daemon/core/score/score.h"
#include "daemon/core/tip/tip.h"

/* How a request ended, for whoever asked. */
enum store_outcome {
	STORE_DONE,      /* applied (or read) and durable; look at the verdict */
	STORE_NOT_SENT,  /* no connection: nothing was changed */
	STORE_UNKNOWN,   /* sent, no answer: may have been applied. Ask again with the same ids */
	STORE_BROKEN,    /* the server answered with an error: logged; nothing was changed */
};

/* What the store decided; valid with STORE_DONE. */
enum store_verdict {
	STORE_OK,
	STORE_ALREADY,   /* the same change was applied before (same id and mark) */
	STORE_REPEATED,  /* the request had its effect before: with a tip its answer and digest are in the reply */
	STORE_COLLISION, /* the id belongs to another tip: draw a new receipt code */
	STORE_ABSENT,    /* there is no such tip, part, item */
	STORE_CONFLICT,  /* the tip changed since it was read: rev in the reply */
	STORE_FENCED,    /* another holder has this job's lease */
	STORE_UNTIMELY,  /* the time in it is not the store's: now_ms is in the reply */
};

enum store_op {
	STORE_ACCEPT,       /* tips -> verdict per tip */
	STORE_READ,         /* one tip, whole */
	STORE_CHANGE,       /* one event on one tip */
	STORE_CLAIM,        /* the best tips of some queues, under a lease */
	STORE_HELD,         /* what one officer holds in a shard */
	STORE_QUEUES,       /* queues of a shard with counts */
	/*
	 * A page of the open tips of a shard, without content: rows; `count`: how many there
	 * are on all pages, whatever their ids begin with (of a whole id whether it is there), 0 where
	 * what is due comes first; `place`: of the last tip looked at,
	 * none when nothing is behind it. now_ms.
	 */
	STORE_PAGE,
	STORE_OVERDUE,      /* tips of a shard whose clock has run as long as its limit; rows without content */
	STORE_ESCALATE,     /* one of them passes to the level above; with the job's fence */
	STORE_ESCALATED,    /* open tips that passed to a level above from a region and beneath it; rows, content and all */
	STORE_HOLDERS,      /* who holds tips in a shard: actors */
	STORE_EXPIRE,       /* leases that ran out go back to their queues */
	STORE_DATA_KEYS,    /* sealed data keys by id */
	/*
	 * The data key key_ids[0] is sealed as messages[1], if it is as messages[0]:
	 * STORE_OK; STORE_ALREADY: it is so; STORE_CONFLICT: another; STORE_ABSENT.
	 */
	STORE_DATA_KEY_SWAP,
	/*
	 * One part of a long SMS. STORE_OK: kept, and `groups` has the group when it
	 * is whole now; STORE_ALREADY: this very part came before; STORE_COLLISION:
	 * another one has its number, so try the next variant of the group mark;
	 * STORE_CONFLICT: it comes late, the group is the tip rows[0].id by now.
	 */
	STORE_PART,
	STORE_PARTS_DUE,    /* groups that are complete or timed out; others get them after lease_ms only */
	STORE_PARTS_DONE,   /* a group became the tip request.id; remembered for 24 hours */
	STORE_OUTBOX_DUE,   /* intents whose time has come; invisible to others for a while */
	STORE_OUTBOX_END,   /* an intent was carried out, given up, or is to be tried later */
	STORE_OUTBOX_DEAD,  /* those that were given up and kept, the oldest first: items with `at_ms` and `why` */
	/* One of them goes back to the outbox under another id, or away for ever. STORE_ABSENT: it is not there (any more). */
	STORE_OUTBOX_REVIVE,
	/*
	 * An intent of its own, with no tip it was written with. STORE_ALREADY: there
	 * was one under this mark, which is remembered as long as was asked for then.
	 */
	STORE_OUTBOX_PUT,
	STORE_RECEIVE,      /* second half of a transfer between shards */
	STORE_JOB_LEASE,    /* take or renew the lease of a job in a shard; answers its note too */
	STORE_JOB_NOTE,     /* the job writes down how far it has come; with its fence */
	STORE_LINK,         /* a fact about the incident of a tip; the tip's state stays */
	STORE_CHILDREN,     /* the tips that hang directly under request.id, in order of acceptance */
	STORE_JOURNAL,      /* events of a shard from a number on; those that were trimmed only with store/archived.h */
	STORE_HEALTH,       /* is it there, and durable? */
	/*
	 * One record of the money journal, if the head is still the one it follows.
	 * STORE_OK; else nothing was written and, looked at in this order:
	 * STORE_ALREADY: its key was used with this print, by record `rev`;
	 * STORE_COLLISION: with another print; STORE_FENCED: `job` is another's now;
	 * STORE_CONFLICT: the head is another one; STORE_UNTIMELY: at_ms is before the
	 * head's, or more than STORE_MONEY_SKEW_MS away from the store's clock.
	 * The reply has head and now_ms. So a lost answer is asked for by the same
	 * request again: whatever the verdict, it says what became of it.
	 */
	STORE_MONEY_APPEND,
	STORE_MONEY_READ,   /* records from `from` on, some at a time, and the head at that moment; events, now_ms */
	STORE_VAULT_PUT,    /* sealed bytes under a token. STORE_ALREADY: these very ones; STORE_COLLISION: others */
	STORE_VAULT_GET,    /* STORE_OK and `vault`, or STORE_ABSENT */
	STORE_VAULT_DROP,   /* STORE_OK or STORE_ABSENT; the bytes stay in Redis' file until it is rewritten */
	/*
	 * One more failure of what has this mark, if it may be tried now. STORE_OK:
	 * counted; STORE_UNTIMELY: not before wait_ms; STORE_CONFLICT: no more within
	 * the period. `count` is how many there are. A table of fixed size: where it is
	 * full the one that failed longest ago gives way.
	 */
	STORE_TRY,
	/*
	 * One from a bucket that all processes share. STORE_OK, or STORE_UNTIMELY: none
	 * before wait_ms. Buckets are in memory alone: a restart of the store fills them.
	 */
	STORE_BUCKET,
	/*
	 * One batch of the sealed log of a shard, behind the last one; with the job's
	 * fence. STORE_OK; else nothing was written and, looked at in this order:
	 * STORE_ALREADY: the last batch is this very one; STORE_FENCED;
	 * STORE_CONFLICT: the last batch is another than the one it follows, or the
	 * journal does not reach as far. The last batch is in `batches`, whatever the
	 * verdict. STORE_BROKEN: no multiples of eight, more events than leaves, or one
	 * that goes back in journal or time. The log keeps its last 20,000 batches.
	 */
	STORE_LOG_SEAL,
	/*
	 * Batches of a shard from number `from` on, up to `max` (1..STORE_LOG_READ_MAX): `batches`.
	 * `rev` is the number of the journal's last event, `count` that of the last
	 * batch, at that moment; now_ms. Batches that were trimmed are left out.
	 */
	STORE_LOG_READ,
	/*
	 * Events of the audit trail, `messages` (1..STORE_AUDIT_MAX, JSON objects), in this
	 * order behind the journal of STORE_AUDIT_SHARD; `rev` is the number of the last of
	 * them. Asked again after STORE_UNKNOWN they may stand there twice.
	 */
	STORE_AUDIT,
	/*
	 * What of the journal of a shard lies in the archive: `segments` from index
	 * `from` (0 is the oldest) on, up to `max` (1..1000), and `count`, how many there
	 * are. `first` is the number of the first event that is still here (0: there is
	 * none), `rev` that of the last one ever, `note` that of the last sealed one; now_ms.
	 */
	STORE_ARCHIVED,
	/*
	 * The events of `segment` are in a file and on the disk: they go, and it is
	 * written down. STORE_OK; else nothing was changed and, looked at in this order:
	 * STORE_FENCED; STORE_ALREADY: it was before, by this very file; STORE_CONFLICT:
	 * it is not the head of the events that are here, or does not follow the segment
	 * before; STORE_UNTIMELY: not all of it is sealed, or fewer than `max` events (1 or
	 * more) would be left.
	 */
	STORE_JOURNAL_TRIM,
	/*
	 * Tips of a shard that have ended, by end and id: those from `from` (ended ms) on,
	 * at that very time behind request.id, up to `until_ms`; rows without content, now_ms.
	 */
	STORE_ENDED,
	/*
	 * Parts of a tip are deleted, by event; with the job's fence. STORE_OK; else nothing
	 * was written and, looked at in this order: STORE_FENCED; STORE_ABSENT;
	 * STORE_CONFLICT: it changed since it was read, has not ended, or is held;
	 * STORE_UNTIMELY: by the store's clock it is too early. Names of files that go are
	 * among the doomed from then on.
	 */
	STORE_ERASE,
	STORE_DOOMED,       /* files of a shard that are to be removed from the disk, of up to `max` tips: items, id and names */
	STORE_DOOMED_END,   /* those of request.id are not there any more */
	STORE_ERASED,       /* what was deleted in a shard: items, id "<month> <region> <outcome> <part>", `number` of them in payload */
	STORE_MEMO_GET,     /* STORE_OK and `memo`, or STORE_ABSENT */
	/*
	 * A memo, if it is still what it was when it was read. STORE_OK; STORE_ALREADY:
	 * these very bytes are there; STORE_CONFLICT: others, and nothing was written.
	 * STORE_ABSENT: likewise, since the tip that it is to go with is not there.
	 */
	STORE_MEMO_PUT,
	/*
	 * The front of what is stored of tip request.id becomes another one (cover_move()), of
	 * content and identity at once. STORE_OK; STORE_ALREADY: they begin so; STORE_ABSENT:
	 * the tip has no content; STORE_CONFLICT: one begins otherwise, and nothing was written.
	 */
	STORE_COVER,
	/*
	 * A page of the tips of all shards, request.max names looked at, from cursor request.from
	 * (0: from the beginning) to reply.note (0: that was the last): items with the tip's id, the
	 * front of its content as payload and that of its identity as why (COVER_FRONT_BYTES or
	 * fewer; either may be empty). number 1: it was transferred and is not there yet. From
	 * beginning to end every tip that was there all the while is seen, one perhaps twice.
	 */
	STORE_FRONTS,
	STORE_OPS,
};

/* How a tip has ended, and what was deleted of it since (core/retention.h). */
struct store_end {
	struct span outcome;          /* RETENTION_OUTCOMES' words; empty: it has not ended, or before there was this */
	int64_t at_ms;                /* on the store's clock; in a change CLOCK_NOW, told in the event as "ended" */
	unsigned erased;              /* RETENTION_BIT()s */
};

/* A legal hold: nothing of the tip is deleted. */
struct store_hold {
	struct span by;               /* empty: there is none */
	struct span asked;            /* who asked to lift it; empty: nobody. Another one lifts it */
};

#define STORE_MARK_BYTES ((size_t)16)
#define STORE_HASH_BYTES ((size_t)32)
#define STORE_MONEY_SHARD "mo"              /* of job leases that are about money; in keys it is {money} */
#define STORE_AUDIT_SHARD "au"              /* the audit trail, which has a journal of its own; in keys it is {audit} */
#define STORE_SEED_BYTES ((size_t)16)
#define STORE_NOTE_MAX ((size_t)1024)
#define STORE_LOG_READ_MAX 1000u
#define STORE_AUDIT_MAX ((size_t)256)
#define STORE_MONEY_KEY_MAX ((size_t)64)
#define STORE_MONEY_RECORD_MAX ((size_t)1 << 20)
#define STORE_MONEY_SKEW_MS 5000
#define STORE_MONEY_READ_MAX 1000u
#define STORE_SEGMENTS_MAX 1000u
#define STORE_VAULT_TOKEN_MAX ((size_t)64)
#define STORE_VAULT_BYTES_MAX ((size_t)65536)
#define STORE_MEMO_BYTES_MAX ((size_t)8192)
#define STORE_DATA_KEY_ID_BYTES 8
#define STORE_ACTOR_MAX 64

/* A data key of a bureau and ten minutes, sealed to the bureau and the next level. */
struct store_data_key {
	unsigned char id[STORE_DATA_KEY_ID_BYTES];
	struct span sealed;
};

/* A tip to be accepted. Empty spans are left out of the store. */
struct store_tip {
	struct tip_id id;                              /* its shard is where all of it goes */
	unsigned char receipt_mark[STORE_MARK_BYTES];  /* keyed hash of the receipt code */
	char region[7];
	unsigned points;                               /* 0..100 */
	int64_t received_ms;
	struct span event;            /* JSON object of the journal, whole; where "at" is not received_ms
	                               * it has "received" too, for the fold. RECEIVE appends "messages" */
	struct span fingerprint;      /* fingerprint_pack() */
	struct span commitment;       /* 32 bytes */
	struct span seed;             /* leaf_mask() of the seed of the tip's leaves, STORE_SEED_BYTES; or empty.
	                               * Kept with the state, and by the store put to each event of the tip */
	struct span sealed;           /* content, opaque */
	struct span identity;         /* sealed identity, or empty */
	struct span files;            /* names of its files on the disk, a blank between them; or empty */
	struct store_data_key data_key;       /* stored where it is not yet; id all zero: none */
	unsigned char request_mark[STORE_MARK_BYTES];    /* all zero: none */
	unsigned char request_digest[STORE_MARK_BYTES];  /* of the content that came with it */
	struct span answer;           /* sealed answer kept with the request mark */
	unsigned answer_ttl_s;
	struct span outbox;           /* an intent to carry out after the commit, or empty */
	unsigned hops;                /* RECEIVE: transfers between shards so far, with this one; 1 or more */
	struct tip_id parent;         /* RECEIVE: under whom it hung where it came from; text empty: none */
	struct span context;          /* RECEIVE: store_row.context of where it came from; its points include it */
};

/* An event on a tip. The caller has decided by core/journal/lifecycle.c on the state it read. */
/* A named request whose words go into a tip; together with those that make tips it has one effect. */
struct store_named {
	unsigned char mark[STORE_MARK_BYTES];
	unsigned char digest[STORE_MARK_BYTES];   /* another one under the same mark is another request */
	unsigned keep_s;
};

struct store_change {
	struct tip_id id;
	uint64_t expect_rev;          /* the tip must still be at this rev */
	enum tip_state state;         /* the next state */
	struct span event;            /* JSON object; a lease appends "until", a message "messages" (count) */
	char region[7];               /* the region afterwards (same shard) */
	unsigned points;              /* the score afterwards */
	struct span holder;           /* actor id when the next state is TIP_CLAIMED/TIP_VERIFIED, else empty */
	unsigned lease_ms;            /* lease from now on the store's clock; 0: keep the present one */
	struct span message;          /* sealed entry appended to the tip's messages, or empty */
	struct span sealed;           /* replaces the sealed content, or empty */
	struct span outbox;           /* intent, or empty */
	struct store_data_key data_key;  /* for a new sealed content; id all zero: none */
	struct span example;          /* learn_seal(): what to learn from an outcome, kept in the journal; or empty */
	struct clock_face clock;      /* afterwards; CLOCK_NOW in it is the store's time, told in the event as "since" */
	bool raise_ends;              /* it is another bureau's: that it was escalated is forgotten */
	unsigned reopens;             /* afterwards */
	struct span closer;           /* afterwards, or empty: nobody closed it yet */
	struct store_end end;         /* afterwards; its outcome empty: it has not ended */
	struct store_hold hold;       /* afterwards */
	const struct store_named *named;  /* STORE_REPEATED when it had its effect before; NULL: none */
	struct span files;            /* names of files that came with the message, added to the tip's; or empty. Not with `named` */
};

/* Of a tip that has ended: what goes. */
struct store_erasure {
	struct tip_id id;
	uint64_t expect_rev;
	unsigned parts;               /* RETENTION_BIT()s, not 0 */
	enum tip_state state;         /* afterwards */
	struct store_end end;         /* afterwards; `erased` with what went before */
	int64_t due_ms;               /* never before */
	char region[7];               /* counted under it */
	int64_t at_ms;                /* counted in its month, UTC */
	struct span event;            /* JSON object */
};

/* How a tip passed to levels above since its bureau got it. */
struct store_raise {
	unsigned times;               /* 0: never, and the rest says nothing */
	int64_t at_ms;                /* the last time */
	int64_t waited_ms;            /* how long the clock had run by then */
	enum clock_wait why;
	char home[7];                 /* the region before the first time */
};

/*
 * A tip passes to the level above, whatever state it is in. STORE_OK; else
 * nothing was written and, looked at in this order: STORE_FENCED; STORE_ABSENT;
 * STORE_CONFLICT: it changed since it was read; STORE_UNTIMELY: by the store's
 * clock the limit is not reached. The event gets "since" and "waited".
 */
struct store_escalation {
	struct tip_id id;
	uint64_t expect_rev;
	enum tip_state state;         /* the next state: one that waits in a queue */
	char region[7];               /* of the level above, same shard's queues; "000000" too */
	unsigned points;              /* as they are: for its place */
	enum clock_wait why;
	int64_t since_ms;             /* of the clock that ran out */
	int64_t limit_ms;
	struct clock_face clock;      /* afterwards, as in store_change */
	struct store_raise raise;     /* afterwards: times, why and home */
	unsigned reopens;
	struct span closer;
	struct span event;            /* JSON object */
};

/*
 * An incident is a tree of tips: each hangs under one accepted before it, its
 * parent, or under none; the one without a parent is the incident's first tip
 * and its name. A parent is always the older one (received_ms, then id), so
 * there is no ring. The tip's own shard says under whom it hangs; the parent
 * lists its children, those of other shards by an intent of the outbox.
 *
 * A tip that was transferred keeps its list and takes further children; who
 * wrote there is told where it went and tells it there too. In a list a child
 * is known by the tail of its id and its time of acceptance, which it keeps
 * when it moves: told under its new id it takes the place of the old one.
 * Back in a shard, a tip has the parent and context it brings, the list and
 * the declined pairs it left, and no open suggestion.
 */
enum store_link_kind {
	/*
	 * Hangs under `other` now; its suggestion is gone. STORE_ABSENT: one of the
	 * two is not there. STORE_CONFLICT: it hangs under someone else, was
	 * transferred, `other` is not older, or a job says so and a person declined.
	 */
	STORE_LINK_SET,
	STORE_LINK_UNSET,     /* under nobody; STORE_CONFLICT: it does not hang under `other`; counts as declined too */
	STORE_LINK_CHILD,     /* `other`, a tip of another shard, hangs under it */
	STORE_LINK_NO_CHILD,  /* ...no longer */
	STORE_LINK_SUGGEST,   /* may belong to `other`; kept for a person to decide */
	/*
	 * A person said no to `other`; a SUGGEST of that pair is STORE_ALREADY from
	 * then on. Where there is no room an open suggestion goes, the oldest first,
	 * then the oldest that was declined. STORE_CONFLICT: it hangs under `other`.
	 */
	STORE_LINK_DECLINE,
	STORE_LINK_SCORE,     /* `points` and `context` from now on; a queued tip takes its new place,
	                       * STORE_CONFLICT: it is not queued */
	STORE_LINK_KINDS,
};

#define STORE_SUGGESTIONS_MAX 8   /* kept of one tip, declined ones too; more are STORE_ALREADY */
#define STORE_WHY_MAX 32
#define STORE_CONTEXT_MAX 64

/*
 * What is there already answers STORE_ALREADY and writes nothing. Each fact is
 * one event and a new rev of `id`; a parent that gets a child by SET keeps its
 * rev. A tip that was transferred answers STORE_CONFLICT to all but CHILD and
 * NO_CHILD, a tip about itself to everything.
 */
struct store_link {
	enum store_link_kind kind;
	struct tip_id id;
	struct tip_id other;          /* not with SCORE */
	int64_t received_ms;          /* CHILD, NO_CHILD, SET: of `other`; with SET in one shard the store looks itself */
	unsigned score;               /* SUGGEST, SET: percent, as in the event */
	struct span why;              /* SUGGEST, SET: words of the judgement, or "officer"; [a-z_,] at most STORE_WHY_MAX */
	unsigned points;              /* SCORE */
	struct span context;          /* SCORE: score_context_write(), [0-9 ] at most STORE_CONTEXT_MAX; or empty */
	struct span event;            /* JSON object */
	struct span outbox;           /* SET, UNSET to another shard: intent for CHILD, NO_CHILD; or empty */
};

struct store_claim {
	char shard[3];
	const char (*regions)[7];     /* queues to draw from */
	size_t nregions;
	unsigned max;                 /* 1..500 */
	unsigned lease_ms;
	struct span holder;
	struct tip_id only;           /* that tip or none, if it waits in one of the queues; text empty: the best */
};

enum store_order {
	STORE_BEST_FIRST,             /* by score, then by age */
	STORE_OLDEST_FIRST,
	STORE_DUE_FIRST,              /* by what happens to a tip by itself: its lease ends, or it passes to the level above */
};

/* Where a tip stands among others. */
struct store_place {
	unsigned points;              /* 0 where it is due first */
	int64_t at_ms;                /* of acceptance; where it is due first, when it is */
	struct tip_id id;             /* text empty: none */
};

/* Below, at or above 0: which comes first. */
static inline int store_place_order(const struct store_place *a, const struct store_place *b, enum store_order order)
{
	if (order == STORE_BEST_FIRST && a->points != b->points)
		return a->points > b->points ? -1 : 1;
	if (a->at_ms != b->at_ms)
		return a->at_ms < b->at_ms ? -1 : 1;
	return strcmp(a->id.text, b->id.text);
}

#define STORE_PAGE_MAX 500u
#define STORE_LOOKS_MAX 20000u

struct store_page {
	char region[7];               /* six digits: it and all beneath it */
	bool waiting, held;           /* which of the open tips */
	enum store_order order;
	const struct clock_limits *limits;  /* DUE_FIRST: what the clocks run for; tips to which nothing happens are not told of */
	unsigned fewest, most;        /* points, 0..100 */
	char begins[TIP_ID_LEN + 1];  /* how their ids begin; empty: all */
	struct store_place after;     /* a page begins behind it, whether such a tip is there or not */
	unsigned max;                 /* rows, 1..STORE_PAGE_MAX */
	unsigned looks;               /* tips looked at, 1..STORE_LOOKS_MAX: those with other ids count too */
};

#define STORE_PARTS_NOTE_MAX 256

struct store_part {
	unsigned char group[STORE_MARK_BYTES];   /* keyed mark of connector, sender, destination, reference, total */
	/*
	 * PART: the group with the same reference before this one, which takes
	 * nothing more from now on. PARTS_DONE: the group whose tip these parts
	 * were added to; it has them now. NULL: none.
	 */
	const unsigned char *before;
	unsigned char sender[STORE_MARK_BYTES];  /* PART: keyed mark; its open groups are counted */
	unsigned open_max;                       /* PART: of those; with more the oldest is due at once */
	struct span note;                        /* PARTS_DONE: at most STORE_PARTS_NOTE_MAX, told with what is late for it */
	unsigned total;                          /* 2..255 */
	unsigned number;                         /* 1..total */
	unsigned char digest[8];                 /* of the part's octets: same part again, or another one? */
	struct span sealed;
	unsigned timeout_ms;
};

enum outbox_end {
	OUTBOX_CARRIED_OUT,
	OUTBOX_GIVEN_UP,
	OUTBOX_LATER,
};

struct store_outbox_end {
	struct span item;             /* id of the item */
	enum outbox_end end;
	unsigned delay_ms;            /* with OUTBOX_LATER */
	struct span event;            /* journal event with the other two, or empty */
	struct tip_id tip;            /* what the event is about, of this shard; text empty: no tip */
	/*
	 * OUTBOX_GIVEN_UP: it is kept for STORE_DEAD_KEEP_S as a dead letter, and this
	 * says why: printable words, nothing of what was sealed. Empty: it goes.
	 */
	struct span why;
};

#define STORE_DEAD_KEEP_S (30 * 86400u)
#define STORE_DEAD_MAX 1000u           /* of a shard; the oldest give way */
#define STORE_DEAD_WHY_MAX ((size_t)200)

struct store_revival {
	struct span item;
	struct span as;               /* its id from then on: another one, for what is known of the old one stays known */
	struct span payload;          /* empty: it is dropped */
};

struct store_outbox_put {
	unsigned char mark[STORE_MARK_BYTES];    /* names what caused it */
	struct span payload;
	unsigned remember_s;
};

/*
 * What is remembered for some time under a mark, sealed: of a telephone that
 * writes to us (handlers/intake/sms_memory.h). What stands beside it is written
 * in the same moment, whatever was there, and goes on its own day. No journal
 * has it: a restore from the mirror begins without.
 */
struct store_memo {
	unsigned char mark[STORE_MARK_BYTES];    /* keyed */
	struct span was;              /* PUT: as it was read; empty: there was none */
	struct span sealed;           /* PUT: 1..STORE_MEMO_BYTES_MAX bytes */
	unsigned keep_s;              /* PUT: from now on; at least 1 */
	unsigned char beside_mark[STORE_MARK_BYTES];
	struct span beside;           /* PUT: empty: nothing */
	unsigned beside_keep_s;
	const struct tip_id *with;    /* PUT: only if this tip is there under its mark; may be NULL. Calls are carried
	                               * out in their order, so it may be one that is still being accepted */
	unsigned char with_mark[STORE_MARK_BYTES];   /* as store_tip.receipt_mark */
};

/*
 * How often something may fail: the first `free` times at once, then each time
 * twice as long after the last (2, 4, 8 ... seconds, at most wait_max_s), and
 * `max` times within the period that begins with the first.
 */
struct store_try {
	unsigned char mark[STORE_MARK_BYTES];    /* keyed: nobody outside can choose it */
	unsigned free, max;
	unsigned wait_max_s;
	unsigned period_s;
};

struct store_bucket {
	unsigned char mark[STORE_MARK_BYTES];    /* keyed */
	unsigned burst;                          /* 1 to 1,000,000 at once */
	unsigned per_hour;                       /* 1 to 3,600,000,000 */
};

/*
 * A record of the money journal. Its bytes say all that stands beside them, in
 * the order of money/record.h; a record that does not is refused (STORE_BROKEN).
 */
struct store_money {
	uint64_t seq;
	unsigned char prev[STORE_HASH_BYTES];    /* hash of the head that it follows; zeros: it is the first */
	unsigned char hash[STORE_HASH_BYTES];
	unsigned char print[STORE_HASH_BYTES];
	int64_t at_ms;
	int64_t skew_ms;                         /* how far that may be from now; 0: STORE_MONEY_SKEW_MS. Not in memory */
	struct span key;              /* idempotency key: 1..64 of [0-9A-Za-z._:-] */
	struct span record;
};

/*
 * A batch of the sealed log: what one checkpoint added to it. Leaves of the
 * journal's events behind those of the batch before, up to `journal`; the rest
 * up to `size` are dummies.
 */
struct store_batch {
	uint64_t number;              /* from 1 */
	uint64_t before;              /* leaves before it */
	uint64_t size;                /* leaves with it */
	uint64_t journal;             /* number of the last event it covers; 0: none yet */
	int64_t at_ms;
	unsigned char root[STORE_HASH_BYTES];
	struct span note;             /* the signed checkpoint, at most STORE_NOTE_MAX */
};

/* Events of a journal that lie in a file of the archive (sys/archive_file.h). */
struct store_segment {
	uint64_t first, last;
	unsigned char digest[STORE_HASH_BYTES];  /* of the file */
};

/* Other first bytes of a tip's sealed content and identity: what they are and what they become. */
struct store_cover {
	struct span was, now;                    /* of the content; never empty */
	struct span identity_was, identity_now;  /* both empty: it has none, or it stays */
};

struct store_request {
	enum store_op op;
	char shard[3];                /* "15"; "mo" and "au" for JOB_*, LOG_*, JOURNAL; not used by ACCEPT, READ, CHANGE, CLAIM, LINK, CHILDREN (they name it), MONEY, VAULT, TRY, MEMO, AUDIT */
	struct tip_id id;             /* READ, CHILDREN, COVER */
	const struct store_tip *tips; /* ACCEPT: up to 256, several shards; RECEIVE: one */
	size_t ntips;
	const struct span *messages;  /* RECEIVE: the tip's messages so far; AUDIT: the events */
	size_t nmessages;
	const struct store_change *change;
	const struct store_escalation *escalation;
	const struct store_erasure *erasure;      /* ERASE; with `job` and `fence` */
	int64_t until_ms;             /* ENDED */
	const struct clock_limits *limits;        /* OVERDUE */
	const struct store_claim *claim;
	const struct store_page *page;            /* PAGE */
	const struct store_part *part;            /* PART; PARTS_DONE uses its group */
	const struct store_outbox_end *outbox_end;
	const struct store_outbox_put *outbox_put;
	const struct store_revival *revival;      /* OUTBOX_REVIVE */
	const struct store_try *try;              /* TRY */
	const struct store_bucket *bucket;        /* BUCKET */
	const struct store_memo *memo;            /* MEMO_GET (its mark), MEMO_PUT */
	const struct store_cover *cover;          /* COVER */
	const struct store_link *link;            /* LINK; with `job` and `fence` when a job writes it, else job NULL */
	const struct store_money *money;          /* MONEY_APPEND; likewise */
	const struct store_batch *batch;          /* LOG_SEAL */
	const struct store_segment *segment;      /* JOURNAL_TRIM; with `job` and `fence` */
	struct span token;            /* VAULT_*: 1..64 of [0-9A-Za-z_-] */
	struct span sealed;           /* VAULT_PUT: never empty */
	const unsigned char (*key_ids)[STORE_DATA_KEY_ID_BYTES];  /* DATA_KEYS */
	size_t nkey_ids;
	struct span holder;           /* HELD, JOB_LEASE */
	const char *job;              /* JOB_LEASE, JOB_NOTE, EXPIRE, ESCALATE, OUTBOX_DUE, LOG_SEAL: "timers", "courier", ...; LINK */
	uint64_t fence;               /* JOB_NOTE, EXPIRE, ESCALATE, OUTBOX_DUE, LOG_SEAL, LINK with a job: number of the job lease */
	unsigned lease_ms;            /* JOB_LEASE; OUTBOX_DUE, PARTS_DUE: how long items stay invisible */
	uint64_t from;                /* JOURNAL, MONEY_READ, LOG_READ: first number wanted; JOB_NOTE: the note; FRONTS: the cursor */
	unsigned max;                 /* JOURNAL, MONEY_READ (1..STORE_MONEY_READ_MAX), OUTBOX_DEAD (1..STORE_DEAD_MAX), LOG_READ, HELD, PARTS_DUE, CHILDREN, OVERDUE, ESCALATED; EXPIRE, OUTBOX_DUE, FRONTS (1..1000) */
	bool identity;                /* READ: with the sealed identity */
	char region[7];               /* ESCALATED: six digits */
};

/* A tip as the store knows it. */
struct store_row {
	struct tip_id id;
	enum tip_state state;
	uint64_t rev;                 /* number of its last event in the journal, "sent" and "send_failed" apart */
	char region[7];
	unsigned points;
	int64_t received_ms;
	int64_t lease_until_ms;       /* on the store's clock; 0: none */
	int64_t due_ms;               /* PAGE, DUE_FIRST: when something happens to it by itself; else 0 */
	struct span holder;
	unsigned char receipt_mark[STORE_MARK_BYTES];
	unsigned nmessages;
	unsigned hops;                /* transfers between shards that brought it here */
	struct tip_id parent;         /* text empty: none */
	struct span link_why;         /* `why` and `score` of the SET; empty and 0 without a parent, */
	unsigned link_score;          /* and when the tip came with it from another shard */
	unsigned nchildren;
	struct clock_face clock;      /* says nothing of a tip that was transferred */
	struct store_raise raise;
	unsigned reopens;             /* how often it came back because of what the informant wrote */
	struct span closer;           /* who closed it last, or empty */
	struct store_suggestion {
		struct tip_id other;
		unsigned score;       /* percent; 0 when declined */
		bool declined;
		struct span why;      /* empty when declined */
	} *suggestions;               /* oldest first */
	size_t nsuggestions;
	struct store_end end;
	struct store_hold hold;
	struct span context;          /* of the last STORE_LINK_SCORE, or empty */
	struct span seed;             /* store_tip.seed, or empty */
	struct span sealed;           /* empty when retention deleted it */
	struct span identity;         /* only with request.identity */
	struct span *messages;        /* READ only */
};

struct store_queue {
	char region[7];
	uint64_t waiting;
	uint64_t held;                /* under a lease */
	int64_t oldest_ms;            /* received time of the oldest of the 100 best waiting; 0: none */
	unsigned best_points;
	uint64_t escalated;           /* open tips that passed from here to a level above */
};

struct store_item {               /* outbox intent, SMS part */
	struct span id;
	struct span payload;
	unsigned attempts;            /* times it was handed out before */
	unsigned number;              /* part number */
	int64_t at_ms;                /* OUTBOX_DEAD: when it was given up */
	struct span why;              /* OUTBOX_DEAD */
};

struct store_parts {              /* a group of SMS parts */
	unsigned char group[STORE_MARK_BYTES];
	unsigned total;
	struct store_item *parts;     /* those that came, by number */
	size_t nparts;
	/*
	 * They did not become whole, and a message before them with the same
	 * reference, which is the tip late_tip, lacks them all.
	 */
	bool late;
	unsigned char late_for[STORE_MARK_BYTES];
	struct tip_id late_tip;
	struct span late_note;        /* as PARTS_DONE gave it */
};

struct store_event {
	uint64_t number;
	struct span json;
	struct span fingerprint;
	struct span commitment;
	struct span seed;             /* of a tip's event: store_tip.seed; or empty */
	struct span example;          /* store_change.example */
	unsigned unknown;             /* further fields that this program does not know */
};

/* The head of the money journal. */
struct store_head {
	uint64_t seq;                 /* of the last record; 0: there is none */
	unsigned char hash[STORE_HASH_BYTES];
	int64_t at_ms;
	uint64_t count;               /* records there are; below seq: some were taken away */
};

struct store_child {
	struct tip_id id;
	int64_t received_ms;
};

/* Where a row stands on such a page. */
static inline struct store_place store_place_of(const struct store_row *row, enum store_order order)
{
	bool due = order == STORE_DUE_FIRST;

	return (struct store_place){ .points = due ? 0 : row->points, .at_ms = due ? row->due_ms : row->received_ms, .id = row->id };
}

struct store_reply {
	enum store_outcome outcome;
	enum store_verdict verdict;
	uint64_t rev;                 /* LOG_READ, AUDIT: see there; MONEY_APPEND: the record with this key, 0: none; CHANGE, LINK: the new rev, or the present one with STORE_CONFLICT or
	                               * STORE_ALREADY (CHANGE: the last event is this very change, asked again) */
	uint64_t fence;               /* JOB_LEASE */
	uint64_t note;                /* JOB_LEASE: the last JOB_NOTE; 0: none. ARCHIVED. FRONTS: the next cursor */
	struct tip_id parent;         /* LINK: under whom it hangs now; text empty: nobody */
	struct tip_id moved;          /* LINK: where the tip was transferred to; text empty: it is here */
	uint64_t count;               /* EXPIRE: how many went back; TRY: failures; LOG_READ: number of the last batch */
	uint64_t wait_ms;             /* TRY with STORE_UNTIMELY */
	int64_t now_ms;               /* the store's clock, where a lease is involved */
	struct store_accepted {
		enum store_verdict verdict;
		uint64_t rev;
		struct span answer;                    /* with STORE_REPEATED */
		unsigned char digest[STORE_MARK_BYTES];
	} *accepted;                  /* ACCEPT, RECEIVE: per tip, in order */
	size_t naccepted;
	struct store_row *rows;       /* READ (one), CLAIM, HELD, PAGE */
	size_t nrows;
	struct store_queue *queues;
	size_t nqueues;
	struct store_place place;     /* PAGE */
	struct span *holders;         /* HOLDERS: in no order */
	size_t nholders;
	struct store_item *items;     /* OUTBOX_DUE, FRONTS */
	size_t nitems;
	struct store_parts *groups;   /* PART (one, when complete), PARTS_DUE */
	size_t ngroups;
	struct store_event *events;   /* JOURNAL, MONEY_READ */
	size_t nevents;
	struct store_head head;       /* MONEY_APPEND, MONEY_READ */
	struct store_batch *batches;  /* LOG_SEAL, LOG_READ */
	size_t nbatches;
	struct store_segment *segments;  /* ARCHIVED: oldest first */
	size_t nsegments;
	uint64_t first;               /* ARCHIVED */
	struct span vault;            /* VAULT_GET */
	struct span memo;             /* MEMO_GET */
	struct store_child *children; /* CHILDREN */
	size_t nchildren;
	struct store_data_key *data_keys;  /* DATA_KEYS: those that exist */
	size_t ndata_keys;
	struct {
		bool durable;             /* appendfsync always, appendonly, noeviction, no torn load */
		char weakness[160];       /* which setting is weaker, when not */
		uint64_t memory_bytes;
		char version[16];
	} health;
};

struct store_wait {
	/* Once, from the loop, never from within store_submit(). The reply is borrowed. */
	void (*done)(void *ctx, const struct store_reply *reply);
	void *ctx;
};

struct store;

struct store_ops {
	void (*submit)(struct store *store, const struct store_request *request, struct store_wait wait);
	void (*free)(struct store *store);
};

/* The common head of every store. */
struct store {
	const struct store_ops *ops;
	bool up;                      /* connected, library loaded and of our version */
	bool weakened;                /* it was durable and is not any more: somebody changed its settings */
	unsigned links;               /* how often it came up: what is behind it may be another one each time */
	struct archived *archived;    /* answers for events that moved into files (store/archived.h); NULL: nobody */
};

/* Tips may be acknowledged on its word: it is there, and writes to disk before it answers. */
static inline bool store_takes(const struct store *store)
{
	return store->up && !store->weakened;
}

static inline void store_submit(struct store *store, const struct store_request *request,
				struct store_wait wait)
{
	store->ops->submit(store, request, wait);
}

/* What is in flight is answered from within: STORE_UNKNOWN, or what it has become. */
static inline void store_free(struct store *store)
{
	store->ops->free(store);
}

struct loop;

/*
 * The store on a Redis server at a Unix socket ("unix:/path") or "host:port".
 * Connects, loads the function library when the server lacks ours, and
 * reconnects by itself with back-off. A request that gets no answer within
 * timeout_ms ends as STORE_UNKNOWN.
 */
struct store *store_redis_new(struct loop *loop, const char *address, unsigned timeout_ms);

/* The store in memory, for tests; its clock starts at zero and is moved by hand. */
struct store *store_memory_new(struct loop *loop);
void store_memory_advance(struct store *store, unsigned ms);

#endif
