/*
 * Whom a reader of the log believes: which logs, and which witnesses have to
 * have cosigned a checkpoint (the policy file of C2SP tlog-policy).
 *
 *   log VKEY [URL]
 *   witness NAME VKEY [URL]
 *   group NAME all|any|K MEMBER...       members: witnesses and groups of lines before
 *   quorum NAME|none                     exactly one
 *
 * A log's key is Ed25519 and has the log's origin as its name; a witness's is a
 * cosignature key. No key stands twice; one public key may sign logs of several
 * origins, as the origin is in what is signed. A name is a member at most once, so a
 * witness counts once.
 */
#ifndef TIPLINE_TLOG_QUORUM_H
#define TIPLINE_TLOG_QUORUM_H

#include "daemon/base/arena.h"
#include "daemon/base/complaint.h"
#include "daemon/tlog/checkpoint.h"
#include "daemon/tlog/note.h"

#define QUORUM_BYTES_MAX ((size_t)1 << 16)
#define QUORUM_LOGS_MAX 64
#define QUORUM_WITNESSES_MAX 64
#define QUORUM_GROUPS_MAX 64

struct quorum_log {
	struct note_key key;
	struct span url;              /* may be empty */
};

struct quorum_witness {
	struct span name;             /* within the file */
	struct note_key key;
	struct span url;              /* may be empty */
};

/* A witness or a group. */
struct quorum_member {
	bool group;
	size_t at;                    /* in witnesses or groups */
};

struct quorum_group {
	struct span name;
	size_t needed;                /* 1 to n */
	size_t n;
	struct quorum_member *members;
};

struct quorum {
	struct quorum_log logs[QUORUM_LOGS_MAX];
	size_t nlogs;
	struct quorum_witness witnesses[QUORUM_WITNESSES_MAX];
	size_t nwitnesses;
	struct quorum_group groups[QUORUM_GROUPS_MAX];
	size_t ngroups;
	bool none;                    /* "quorum none": no witness is needed */
	struct quorum_member needed;  /* otherwise */
};

/* NULL with a complaint that names the line. What is returned lives in the arena and borrows nothing. */
const struct quorum *quorum_parse(struct span file, struct arena *arena, struct complaint *why);

/* A set of witnesses by their place in the file: bit i is witnesses[i]. */
bool quorum_met(const struct quorum *quorum, uint64_t cosigned);

enum quorum_verdict {
	QUORUM_MET,
	QUORUM_MISSING,      /* the log has signed, too few witnesses have */
	QUORUM_NO_LOG,       /* no listed log of that origin has signed */
	QUORUM_FORGED,       /* a listed key's signature does not hold */
	QUORUM_MALFORMED,    /* no note, or no checkpoint in it */
};

struct quorum_finding {
	enum quorum_verdict verdict;
	struct checkpoint checkpoint;   /* to be used with QUORUM_MET, or QUORUM_MISSING when one says so */
	size_t log;                     /* in logs */
	uint64_t cosigned;              /* the set of witnesses whose cosignatures hold */
	uint64_t newest;                /* Unix seconds of the newest of them */
};

/* Judges a signed checkpoint; what is found borrows from the bytes. */
void quorum_judge(const struct quorum *quorum, struct span bytes, struct quorum_finding *finding);

#endif
