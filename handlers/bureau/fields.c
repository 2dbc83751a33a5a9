/*
 * Members of answers about tips; see fields.h.
 */
#include "handlers/bureau/fields.h"

#include "daemon/core/retention.h"
#include "daemon/core/judge.h"
#include "daemon/sys/clock.h"
#include "handlers/bureau/ascent.h"
#include "handlers/bureau/why.h"

void fields_time(struct json_out *json, const char *name, int64_t ms)
{
	char text[21];

	if (ms <= 0) {
		json_none(json, name);
		return;
	}
	clock_text(ms, text);
	json_text(json, name, span_of(text));
}

void fields_id(struct json_out *json, const char *name, const struct tip_id *id)
{
	if (id->text[0] == '\0')
		json_none(json, name);
	else
		json_text(json, name, span_of(id->text));
}

static void put_region(const struct app *app, const char *code, struct json_out *json)
{
	const struct region *region = gazetteer_find(judge_gazetteer(app->judge), span_of(code));

	json_text(json, "region", span_of(code));
	json_text(json, "region_name", region != NULL ? region->name : SPAN(""));
}

void fields_next(const struct app *app, const struct store_row *row, struct json_out *json)
{
	enum clock_wait why;
	int64_t since_ms, at_ms;
	bool runs = app->clock_limits != NULL && row->state != TIP_TRANSFERRED &&
		    strcmp(row->region, REGION_NATIONAL) != 0 &&
		    clock_next(row->clock, app->clock_limits, priority_of(row->points), &why, &since_ms, &at_ms);

	fields_time(json, "escalates_at", runs ? at_ms : 0);
	if (runs)
		json_text(json, "escalates_why", span_of(clock_wait_name(why)));
	else
		json_none(json, "escalates_why");
}

/* How it ended, what was deleted of it since, and whether a legal hold keeps the rest. */
static void put_end(const struct store_row *row, struct json_out *json)
{
	fields_time(json, "ended_at", row->end.outcome.len > 0 ? row->end.at_ms : 0);
	if (row->end.outcome.len > 0)
		json_text(json, "outcome", row->end.outcome);
	else
		json_none(json, "outcome");
	json_open_member(json, "erased", '[');
	for (size_t part = 0; part < RETENTION_PARTS; part++)
		if ((row->end.erased & RETENTION_BIT(part)) != 0)
			json_text(json, NULL, span_of(retention_part_word((enum retention_part)part)));
	json_close(json, ']');
	if (row->hold.by.len == 0) {
		json_none(json, "hold");
		return;
	}
	json_open_member(json, "hold", '{');
	json_text(json, "by", row->hold.by);
	if (row->hold.asked.len > 0)
		json_text(json, "lift_asked_by", row->hold.asked);
	else
		json_none(json, "lift_asked_by");
	json_close(json, '}');
}

void fields_clock(const struct app *app, const struct store_row *row, struct json_out *json)
{
	const struct store_raise *raise = &row->raise;

	json_text(json, "level", span_of(region_level_word(row->region)));
	fields_time(json, "escalated_at", raise->times > 0 ? raise->at_ms : 0);
	if (raise->times > 0) {
		json_text(json, "escalated_from", span_of(raise->home));
		json_text(json, "escalated_why", span_of(clock_wait_name(raise->why)));
	} else {
		json_none(json, "escalated_from");
		json_none(json, "escalated_why");
	}
	json_u64(json, "escalations", raise->times);
	fields_next(app, row, json);
	json_u64(json, "reopens", row->reopens);
	put_end(row, json);
}

void fields_row(const struct app *app, const struct store_row *row, struct json_out *json)
{
	json_text(json, "id", span_of(row->id.text));
	json_text(json, "state", span_of(tip_state_name(row->state)));
	put_region(app, row->region, json);
	json_text(json, "priority", span_of(priority_name(priority_of(row->points))));
	json_u64(json, "score", row->points);
	fields_time(json, "received", row->received_ms);
}

/* --- suggestions --------------------------------------------------------------------- */

static bool left_out(const struct store_suggestion *suggestion, const struct fields_filter *filter)
{
	return suggestion->declined || (filter != NULL && filter->known(filter->ctx, &suggestion->other));
}

void fields_suggestions(const struct store_row *row, struct span lang, bool with_of,
			const struct fields_filter *filter, struct json_out *json)
{
	for (size_t i = 0; i < row->nsuggestions; i++) {
		const struct store_suggestion *suggestion = &row->suggestions[i];

		if (left_out(suggestion, filter))
			continue;
		json_open(json, '{');
		if (with_of)
			json_text(json, "of", span_of(row->id.text));
		json_text(json, "tip", span_of(suggestion->other.text));
		json_u64(json, "score", suggestion->score);
		why_json(suggestion->why, lang, json);
		if (filter != NULL && filter->more != NULL)
			filter->more(filter->ctx, row, &suggestion->other, json);
		json_close(json, '}');
	}
}

/* --- the incident, as far as one row tells -------------------------------------------- */

static bool is_parent(const void *ctx, const struct tip_id *id)
{
	const struct store_row *row = ctx;

	return row->parent.text[0] != '\0' && ascent_same(&row->parent, id);
}

uint64_t fields_known_tips(const struct store_row *row)
{
	struct score_context context = { .others = 0 };
	uint64_t near = 1 + (uint64_t)(row->parent.text[0] != '\0') + row->nchildren;
	uint64_t counted;

	if (!score_context_read(row->context, &context))
		return near;
	counted = 1 + (uint64_t)context.others + context.copies;
	return counted > near ? counted : near;
}

void fields_incident(const struct store_row *row, struct span lang, struct json_out *json)
{
	bool under = row->parent.text[0] != '\0';
	struct fields_filter filter = { .known = is_parent, .ctx = row };

	json_open_member(json, "incident", '{');
	json_text(json, "id", span_of(under ? row->parent.text : row->id.text));
	fields_id(json, "parent", &row->parent);
	json_u64(json, "tips", fields_known_tips(row));
	json_open_member(json, "suggestions", '[');
	fields_suggestions(row, lang, false, &filter, json);
	json_close(json, ']');
	json_close(json, '}');
}
