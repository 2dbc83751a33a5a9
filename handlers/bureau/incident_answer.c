/*
 * An incident as it is told: its tips in order, what may belong to it, and what
 * of a pair shows that; see incident.c.
 */
#include "daemon/base/json_out.h"
#include "daemon/base/wipe.h"
#include "handlers/answer.h"
#include "handlers/bureau/fields.h"
#include "handlers/bureau/incident_inside.h"
#include "handlers/bureau/rights.h"
#include "handlers/bureau/why.h"

static void put_suggested(const void *ctx, const struct store_row *row, const struct tip_id *other, struct json_out *json)
{
	const struct incident_flow *i = ctx;

	evidence_put(&i->evidence, &row->id, other, json);
}

static void put_link(const struct incident_flow *i, const struct store_row *row, struct json_out *json)
{
	if (row->parent.text[0] == '\0') {
		json_none(json, "link");
		return;
	}
	json_open_member(json, "link", '{');
	json_u64(json, "score", row->link_score);
	why_json(row->link_why, i->lang, json);
	evidence_put(&i->evidence, &row->id, &row->parent, json);
	json_close(json, '}');
}

static void put_content(const struct tip_content *content, struct json_out *json)
{
	json_text(json, "text", content->text);
	json_text(json, "place", content->place);
	json_text(json, "when", content->when);
	json_text(json, "lang", content->lang);
}

static void put_words(const struct incident_flow *i, const struct store_row *row, struct arena *arena,
		      struct json_out *json)
{
	bool within = rights_see(&i->staff, row);
	struct dossier dossier = { .row = row };

	if (within)
		dossier_open(i->app, &i->staff, row, arena, &dossier);
	json_bool(json, "within", within);
	json_bool(json, "readable", dossier.readable);
	if (dossier.readable)
		put_content(&dossier.content, json);
	wipe(&dossier.tip_key, sizeof(dossier.tip_key));
}

static void put_members(struct flow *flow, const struct incident_flow *i, struct json_out *json)
{
	json_open_member(json, "members", '[');
	for (size_t m = 0; m < i->nmembers; m++) {
		const struct store_row *row = i->members[m];

		json_open(json, '{');
		json_u64(json, "number", m + 1);
		fields_row(i->app, row, json);
		fields_id(json, "parent", &row->parent);
		put_link(i, row, json);
		json_bool(json, "copy", row->parent.text[0] != '\0' && why_has(row->link_why, "copy"));
		put_words(i, row, flow_arena(flow), json);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void put_suggestions(const struct incident_flow *i, struct json_out *json)
{
	struct fields_filter filter = { .known = incident_member, .more = put_suggested, .ctx = i };

	json_open_member(json, "suggestions", '[');
	for (size_t m = 0; m < i->nmembers; m++)
		if (rights_see(&i->staff, i->members[m]))
			fields_suggestions(i->members[m], i->lang, true, &filter, json);
	json_close(json, ']');
}

enum flow_next incident_answer(struct flow *flow)
{
	struct incident_flow *i = flow_state(flow);
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);

	json_open(&json, '{');
	json_text(&json, "id", span_of(i->ascent.root->id.text));
	json_u64(&json, "tips", i->nmembers);
	json_bool(&json, "more", i->descent.more);
	put_members(flow, i, &json);
	put_suggestions(i, &json);
	json_close(&json, '}');
	answer_json(i->exchange, 200, buf_span(&body));
	i->exchange = NULL;
	buf_release(&body);
	return FLOW_DONE;
}
