/*
 * Records of the money journal by their numbers; see record_list.h.
 */
#include "handlers/audit/record_list.h"

#include "daemon/store/wait.h"
#include "daemon/sys/log.h"

void record_list_begin(struct record_list *list, size_t max, struct arena *arena)
{
	*list = (struct record_list){ .max = max };
	list->seqs = arena_array(arena, uint64_t, max);
	list->records = arena_array(arena, struct record, max);
}

void record_list_add(struct record_list *list, uint64_t seq)
{
	if (list->n < list->max)
		list->seqs[list->n++] = seq;
}

enum flow_next record_list_ask(struct record_list *list, struct flow *flow, struct store *store, size_t then)
{
	if (list->at == list->n) {
		flow_jump(flow, then);
		return FLOW_NEXT;
	}
	return store_wait_flow(flow, store,
			       &(struct store_request){ .op = STORE_MONEY_READ, .from = list->seqs[list->at], .max = 1 },
			       &list->read);
}

enum flow_next record_list_take(struct record_list *list, struct flow *flow, size_t again)
{
	struct complaint why = { .text = "" };

	if (list->read.outcome != STORE_DONE || list->read.nevents == 0)
		return FLOW_FAIL;
	if (!record_read(list->read.events[0].json, flow_arena(flow), &list->records[list->at], &why)) {
		log_event(LOG_LEVEL_ERROR, "money.record_unreadable", "why", why.text, NULL);
		return FLOW_FAIL;
	}
	list->at++;
	flow_jump(flow, again);
	return FLOW_NEXT;
}
