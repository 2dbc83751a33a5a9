/*
 * Dossiers; see dossier.h.
 */
#include "handlers/bureau/dossier.h"

#include "daemon/base/table.h"
#include "daemon/base/wipe.h"
#include "daemon/store/wait.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/keyrings.h"
#include "handlers/bureau/fields.h"
#include "handlers/bureau/why.h"
#include "handlers/answer.h"

#define CONTEXT_RULES_MAX 8

static bool listed(const struct dossier_keys *keys, const unsigned char id[STORE_DATA_KEY_ID_BYTES])
{
	for (size_t i = 0; i < keys->n; i++)
		if (memcmp(keys->ids[i], id, STORE_DATA_KEY_ID_BYTES) == 0)
			return true;
	return false;
}

static struct keyring *ring_of(const struct app *app, const struct staff *staff)
{
	return keyrings_at(app->keyrings, staff->keyring, clock_steady_ms());
}

/* Its id stands below the cover. */
static bool data_key_of(const struct app *app, const struct store_row *row, unsigned char id[STORE_DATA_KEY_ID_BYTES])
{
	struct arena arena = { 0 };
	struct span sealed;
	bool found = week_keys_uncover(app->weeks, &row->id, COVER_CONTENT, row->sealed, &arena, &sealed) == WEEK_KEY_FOUND &&
		     seal_data_key_id(sealed, id);

	arena_release(&arena);
	return found;
}

bool dossier_keys_missing(const struct app *app, const struct staff *staff, struct span shard, const struct store_row *rows,
			  size_t n, struct dossier_keys *missing)
{
	const struct keyring *ring = ring_of(app, staff);

	missing->n = 0;
	memcpy(missing->shard, shard.at, 2);
	missing->shard[2] = '\0';
	for (size_t i = 0; ring != NULL && i < n && missing->n < DOSSIER_KEYS_MAX; i++) {
		unsigned char id[STORE_DATA_KEY_ID_BYTES];

		if (!span_eq(tip_id_shard(&rows[i].id), shard) || !data_key_of(app, &rows[i], id) ||
		    keyring_data_key_known(ring, id) != NULL || listed(missing, id))
			continue;
		memcpy(missing->ids[missing->n++], id, sizeof(id));
	}
	return missing->n > 0;
}

enum flow_next dossier_keys_fetch(const struct app *app, struct flow *flow, struct dossier_keys *missing)
{
	struct store_request request = {
		.op = STORE_DATA_KEYS,
		.key_ids = (const unsigned char(*)[STORE_DATA_KEY_ID_BYTES])missing->ids,
		.nkey_ids = missing->n,
	};

	memcpy(request.shard, missing->shard, sizeof(request.shard));
	return store_wait_flow(flow, app->store, &request, &missing->reply);
}

bool dossier_keys_open(const struct app *app, const struct staff *staff, const struct dossier_keys *fetched)
{
	struct keyring *ring = ring_of(app, staff);
	bool any = false;

	if (fetched->reply.outcome != STORE_DONE || ring == NULL)
		return false;
	for (size_t i = 0; i < fetched->reply.ndata_keys; i++) {
		const struct store_data_key *key = &fetched->reply.data_keys[i];
		struct data_key opened;

		if (!keyring_open_data_key(ring, key->id, key->sealed, &opened))
			continue;
		wipe(&opened, sizeof(opened));
		any = true;
	}
	return any && fetched->n == DOSSIER_KEYS_MAX;
}

void dossier_open(const struct app *app, const struct staff *staff, const struct store_row *row, struct arena *arena,
		  struct dossier *out)
{
	unsigned char id[STORE_DATA_KEY_ID_BYTES];
	const struct data_key *data_key = NULL;

	*out = (struct dossier){ .row = row };
	out->week = week_keys_uncover(app->weeks, &row->id, COVER_CONTENT, row->sealed, arena, &out->sealed);
	if (out->week == WEEK_KEY_FOUND && seal_data_key_id(out->sealed, id))
		data_key = keyring_data_key_known(ring_of(app, staff), id);
	out->readable = data_key != NULL &&
			seal_tip_key_by_bureau(&row->id, out->sealed, data_key, &out->tip_key) &&
			seal_open_tip(&row->id, out->sealed, &out->tip_key, arena, &out->content);
}

struct all_files dossier_files(const struct dossier *dossier)
{
	return (struct all_files){
		.id = &dossier->row->id,
		.tip_key = &dossier->tip_key,
		.content = &dossier->content,
		.messages = dossier->readable ? dossier->row->messages : NULL,
		.nmessages = dossier->row->nmessages,
	};
}

bool dossier_unreadable(const struct dossier *dossier, struct arena *arena, struct problem *problem)
{
	unsigned week = 0;

	cover_week(dossier->row->sealed, &week);
	switch (dossier->week) {
	case WEEK_KEY_FOUND:
		return false;
	case WEEK_KEY_GONE:
		*problem = (struct problem){ .status = 410, .code = "erased",
					     .detail = "The words of this tip were deleted: the key of its week was destroyed." };
		return true;
	case WEEK_KEY_MISSING:
		*problem = (struct problem){ .status = 503, .code = "week_key_missing", .retry_after_s = 3600,
					     .detail = arena_printf(arena, "The key of week %u is not here or another one; bring week-%04u.key "
									   "back from the copy of the weekly keys.",
								    week, week) };
		return true;
	}
	return false;
}

/* --- JSON --------------------------------------------------------------------------- */

static void put_reason(const struct rule *rule, int points, struct span evidence, struct span lang,
		       struct json_out *json)
{
	json_open(json, '{');
	json_text(json, "name", rule->name);
	json_i64(json, "points", points);
	json_text(json, "text", why_chinese(lang) ? rule->reason_zh : rule->reason_en);
	json_text(json, "evidence", evidence);
	json_close(json, '}');
}

/* What the linker found out afterwards: others told the same, the sender's earlier tips. */
static void put_context(const struct app *app, const struct store_row *row, const struct score *score,
			struct span lang, struct json_out *json)
{
	const struct rule *matched[CONTEXT_RULES_MAX];
	struct score_context context;
	size_t n = 0;

	if (span_empty(row->context) || !score_context_read(row->context, &context))
		return;
	score_with_context(judge_rules(app->judge), &context, score->points, matched, COUNT_OF(matched), &n);
	for (size_t i = 0; i < n; i++)
		put_reason(matched[i], matched[i]->points, (struct span){ 0 }, lang, json);
}

static void put_reasons(const struct app *app, const struct store_row *row, const struct score *score,
			struct span lang, struct json_out *json)
{
	json_open_member(json, "reasons", '[');
	for (size_t i = 0; i < score->nreasons; i++) {
		const struct score_reason *reason = &score->reasons[i];

		put_reason(reason->rule, reason->points, reason->evidence, lang, json);
	}
	put_context(app, row, score, lang, json);
	json_close(json, ']');
}

static void put_route(const struct route *route, struct json_out *json)
{
	json_open_member(json, "route", '{');
	json_text(json, "region", span_of(route->code));
	json_text(json, "why", span_of(route_reason_name(route->reason)));
	json_u64(json, "confidence", route->confidence);
	json_text(json, "evidence", route->evidence);
	json_open_member(json, "related", '[');
	for (size_t i = 0; i < route->nrelated; i++)
		json_text(json, NULL, span_of(route->related[i]));
	json_close(json, ']');
	json_close(json, '}');
}

static void put_judgement(const struct app *app, const struct dossier *dossier, struct span lang,
			  struct arena *arena, struct json_out *json)
{
	const struct tip_content *content = &dossier->content;
	struct judgement *judged = arena_new(arena, struct judgement);
	struct tip tip = {
		.text = content->text,
		.region = content->region,
		.place = content->place,
		.when = content->when,
		.category = content->category,
		.lang = content->lang,
		.received_ms = dossier->row->received_ms,   /* campaigns have days */
	};

	judge_tip(app->judge, &tip, arena, judged);
	put_reasons(app, dossier->row, &judged->score, lang, json);
	put_route(&judged->route, json);
}

/* `bytes` are those of the original; `clean` says whether there is a copy without metadata. */
static void put_file(const struct tip_file *file, size_t number, struct json_out *json)
{
	json_open(json, '{');
	json_u64(json, "number", number);
	json_text(json, "name", file->name);
	json_text(json, "type", file->type);
	json_u64(json, "bytes", file->bytes);
	json_bool(json, "clean", file->clean.len > 0);
	if (file->clean.len > 0)
		json_u64(json, "clean_bytes", file->clean_bytes);
	json_close(json, '}');
}

/* `before`: how many files the tip had without them. */
static void put_files(const struct tip_file *files, size_t n, size_t before, struct json_out *json)
{
	json_open_member(json, "files", '[');
	for (size_t i = 0; i < n; i++)
		put_file(&files[i], before + i + 1, json);
	json_close(json, ']');
}

static const char *message_from(enum message_kind kind)
{
	switch (kind) {
	case MESSAGE_FROM_BUREAU:
		return "bureau";
	case MESSAGE_FROM_INFORMANT:
		return "informant";
	case MESSAGE_NOTE:
		return "note";
	}
	return "note";
}

static void put_messages(const struct dossier *dossier, struct arena *arena, struct json_out *json)
{
	const struct store_row *row = dossier->row;
	size_t nfiles = dossier->content.nfiles;

	json_open_member(json, "messages", '[');
	for (size_t i = 0; row->messages != NULL && i < row->nmessages; i++) {
		struct tip_message message;

		if (!seal_open_message(&row->id, row->messages[i], &dossier->tip_key, arena, &message))
			continue;
		json_open(json, '{');
		json_text(json, "from", span_of(message_from(message.kind)));
		fields_time(json, "at", message.at_ms);
		json_text(json, "by", message.author);
		json_text(json, "text", message.text);
		put_files(message.files, message.nfiles, nfiles, json);
		nfiles += message.nfiles;
		wipe(&message.files_key, sizeof(message.files_key));
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void put_content(const struct app *app, const struct dossier *dossier, struct span lang,
			struct arena *arena, struct json_out *json)
{
	const struct tip_content *content = &dossier->content;

	json_text(json, "text", content->text);
	json_text(json, "place", content->place);
	json_text(json, "when", content->when);
	json_text(json, "category", content->category);
	json_text(json, "lang", content->lang);
	put_judgement(app, dossier, lang, arena, json);
	put_files(content->files, content->nfiles, 0, json);
	put_messages(dossier, arena, json);
}

void dossier_json(const struct app *app, const struct dossier *dossier, struct span lang, struct arena *arena,
		  struct json_out *json)
{
	const struct store_row *row = dossier->row;

	json_open(json, '{');
	fields_row(app, row, json);
	fields_clock(app, row, json);
	fields_time(json, "lease_until", row->lease_until_ms);
	json_text(json, "holder", row->holder);
	json_u64(json, "rev", row->rev);
	json_u64(json, "message_count", row->nmessages);
	fields_incident(row, lang, json);
	json_bool(json, "readable", dossier->readable && !dossier->hidden);
	json_bool(json, "shredded", dossier->week == WEEK_KEY_GONE);
	if (dossier->readable && !dossier->hidden)
		put_content(app, dossier, lang, arena, json);
	json_close(json, '}');
}
