/*
 * The store in memory behind a door that can fail: counts what is asked and
 * answers as the world does when a connection breaks at the worst moment. Events
 * of the audit trail that were carried out lie here as lines, too.
 */
#ifndef TIPLINE_TESTS_STORE_DOUBLE_H
#define TIPLINE_TESTS_STORE_DOUBLE_H

#include "daemon/base/buf.h"
#include "daemon/store/store.h"

struct loop;

enum store_trouble {
	TROUBLE_NONE,
	TROUBLE_LOST,      /* not carried out, and answered as unknown */
	TROUBLE_MUTE,      /* carried out, and answered as unknown */
	TROUBLE_BROKEN,    /* not carried out: the server answers with an error */
	TROUBLE_HELD,      /* carried out; the answer comes with store_double_release() */
};

struct store_double {
	struct store base;             /* base.up: false answers STORE_NOT_SENT */
	struct store *memory;
	struct loop *loop;
	enum store_trouble trouble;
	enum store_op trouble_of;      /* only this; STORE_OPS: all */
	const char *trouble_shard;     /* only there; NULL: everywhere */
	unsigned trouble_after;        /* so many calls of that kind pass first */
	unsigned troubled;             /* calls that met with it */
	unsigned calls[STORE_OPS];     /* that reached it while it was up */
	size_t tips;                   /* in all ACCEPT calls */
	size_t biggest;                /* tips in one ACCEPT call */
	struct tip_id poison;          /* an ACCEPT with this tip is refused as broken; empty: none */
	bool durable;                  /* says of itself that it is; the store in memory never does */
	struct held_answer *held;
	struct buf trail;              /* events of STORE_AUDIT, a line each */
	uint64_t ntrail;
	size_t biggest_trail;          /* events in one call */
};

struct store_double *store_double_new(struct loop *loop);

/* Gives the answers that were held, oldest first. */
void store_double_release(struct store_double *store);

/* Ends what is held as unknown, oldest first: the connection broke. */
void store_double_fail_held(struct store_double *store);

#endif
