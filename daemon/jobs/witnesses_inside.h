/*
 * What the files of the witnesses share; nobody else includes it.
 *
 *   witnesses.c          life, checkpoints, when they are published, figures
 *   witnesses_ask.c      one witness: request, answer, further tries
 *   witnesses_kept.c     what is remembered on disk
 */
#ifndef TIPLINE_JOBS_WITNESSES_INSIDE_H
#define TIPLINE_JOBS_WITNESSES_INSIDE_H

#include "daemon/jobs/witnesses.h"

#define WITNESSES_NAME_MAX 32

/* One witness, for one log. */
struct witness_peer {
	uint64_t old;            /* size it has cosigned, as far as is known */
	uint64_t cosigned;       /* size of the newest checkpoint whose cosignature was seen */
	uint64_t time_s;         /* of that */
	struct buf line;         /* its cosignature of the newest checkpoint; empty: not there yet */
	bool asking;
	bool corrected;          /* it named another size, and was asked anew with that */
	unsigned failures;       /* in a row */
	uint64_t next_ms;        /* not asked before */
};

struct witness_log {
	char name[WITNESSES_NAME_MAX];
	struct tiles *tiles;
	uint64_t serial;         /* of the newest checkpoint, counted here */
	struct tree_head head;
	struct buf text;         /* of the checkpoint: what is cosigned */
	struct buf note;         /* signed by the log alone */
	uint64_t since_ms;       /* when the first one that is not out yet came */
	bool out;                /* published */
	uint64_t out_set;        /* the cosignatures it was published with */
	bool missing;            /* the quorum, of what is out */
	uint64_t missing_ms;     /* since then */
	uint64_t ahead;          /* a witness has this many leaves, more than there are here; 0: none */
	uint64_t ahead_ms;       /* since then, or since there are as many here */
	size_t ahead_by;         /* which of the witnesses; as soon as it says otherwise, it is forgotten */
	bool refused;
	bool kept_old;           /* what is on disk is not what is here */
	struct witness_peer *peers;   /* as many as the policy has witnesses */
};

struct witnesses {
	struct witnesses_env env;
	const struct quorum *policy;
	unsigned wait_ms;
	bool rests;
	uint64_t generation;     /* of the policy */
	size_t n;
	struct witness_log logs[SEALER_LOGS_MAX];
	struct arena arena;      /* of proofs, cleared after each */
};

uint64_t witnesses_now(const struct witnesses *w);

/* --- witnesses.c --- */

/* Publishes what is due. */
void witnesses_settle(struct witnesses *w, struct witness_log *log);
/* The log is spoken against. */
void witnesses_refuse(struct witnesses *w, struct witness_log *log, const char *why);

/* --- witnesses_ask.c --- */

/* Asks every witness that has not cosigned the newest checkpoint and whose time has come. */
void witnesses_ask(struct witnesses *w, struct witness_log *log);

/* --- witnesses_kept.c --- */

void witnesses_load(struct witnesses *w, struct witness_log *log);
/* When something changed. */
void witnesses_keep(struct witnesses *w, struct witness_log *log);
/* The form: takes what it says of the policy's witnesses. False: not such a file. */
bool witnesses_read(struct span text, const struct quorum *policy, struct witness_peer *peers);

#endif
