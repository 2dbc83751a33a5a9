/*
 * Members that several answers about tips have in common.
 */
#ifndef TIPLINE_HANDLERS_BUREAU_FIELDS_H
#define TIPLINE_HANDLERS_BUREAU_FIELDS_H

#include "daemon/base/json_out.h"
#include "daemon/store/store.h"
#include "handlers/app.h"

/* A time as text, or null for 0. */
void fields_time(struct json_out *json, const char *name, int64_t ms);

/* An id, or null for none. */
void fields_id(struct json_out *json, const char *name, const struct tip_id *id);

/* id, state, region, region_name, priority, score, received. */
void fields_row(const struct app *app, const struct store_row *row, struct json_out *json);

/*
 * level; escalations, and of the last one escalated_at, escalated_from and
 * escalated_why; escalates_at and escalates_why of the next; reopens.
 */
void fields_clock(const struct app *app, const struct store_row *row, struct json_out *json);

/* escalates_at and escalates_why: what will move the tip to the level above, and when; null: nothing. */
void fields_next(const struct app *app, const struct store_row *row, struct json_out *json);

/*
 * What may belong to the row's incident and was not refused: to each the
 * members tip, score, why and reasons, with `of` (the row's id) where asked
 * for. `known` (may be NULL) leaves out tips for which it is true.
 */
struct fields_filter {
	bool (*known)(const void *ctx, const struct tip_id *id);
	/* Further members of a suggestion that is told; may be NULL. */
	void (*more)(const void *ctx, const struct store_row *row, const struct tip_id *other, struct json_out *json);
	const void *ctx;
};
void fields_suggestions(const struct store_row *row, struct span lang, bool with_of,
			const struct fields_filter *filter, struct json_out *json);

/*
 * Member `incident`: what a row alone tells of it. `tips` counts those that
 * are known without reading others: itself, its parent, its children, or what
 * the linker counted, whichever is more.
 */
uint64_t fields_known_tips(const struct store_row *row);
void fields_incident(const struct store_row *row, struct span lang, struct json_out *json);

#endif
