/*
 * Records of the money journal by their numbers, read one after the other by
 * two steps of a flow: one asks, the next takes what came.
 */
#ifndef TIPLINE_HANDLERS_AUDIT_RECORD_LIST_H
#define TIPLINE_HANDLERS_AUDIT_RECORD_LIST_H

#include "daemon/loop/flow.h"
#include "daemon/money/record.h"
#include "daemon/store/store.h"

struct record_list {
	uint64_t *seqs;
	struct record *records;   /* the first `at` of them are there */
	size_t n, at, max;
	struct store_reply read;
};

/* Room for `max` of them, in the flow's arena. */
void record_list_begin(struct record_list *list, size_t max, struct arena *arena);

/* One more to be read; those beyond `max` are left out. */
void record_list_add(struct record_list *list, uint64_t seq);

/* The step that asks for the next one; with all of them there it goes to step `then`. */
enum flow_next record_list_ask(struct record_list *list, struct flow *flow, struct store *store, size_t then);

/* The step behind it, which goes back to step `again`. Fails when the record did not come or cannot be read. */
enum flow_next record_list_take(struct record_list *list, struct flow *flow, size_t again);

#endif
