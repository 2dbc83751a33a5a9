/*
 * Pages of open tips: what a query asks for, where a page begins and ends, and
 * one page out of those of several shards. Pure; handlers/bureau/page.c asks
 * the store.
 */
#ifndef TIPLINE_HANDLERS_BUREAU_PAGING_H
#define TIPLINE_HANDLERS_BUREAU_PAGING_H

#include "daemon/store/store.h"
#include "handlers/answer.h"

/*
 * state, order, priority, id, after and max of a query into *page, whose region
 * stays. False and *problem (400 field_invalid, naming the parameter) for a value
 * that is none; a name that is not one of these is passed over.
 */
bool paging_read(struct span query, struct store_page *page, struct problem *problem);

/* A place as a page's `next` tells it: "80-1795363200000-15-7K3MQ2X9RD"; and back, false for any other text. */
#define PAGING_PLACE_BYTES 64
struct span paging_write_place(const struct store_place *place, char text[PAGING_PLACE_BYTES]);
bool paging_read_place(struct span text, struct store_place *place);

/*
 * The rows of one page, in order, out of what each of the shards answered to it;
 * `out` has room for page->max. Returns how many. *next is the place behind which
 * the next page begins, its id empty when there is none: a shard that did not look
 * further ends the page for all.
 */
size_t paging_merge(const struct store_page *page, const struct store_reply *shards, size_t n, const struct store_row **out,
		    struct store_place *next);

#endif
