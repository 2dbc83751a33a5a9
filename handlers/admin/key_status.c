/*
 * Whose keys open what, and how far the weekly keys are; see admin.h. Names and
 * numbers alone: what is sealed is not touched.
 */
#include "daemon/base/json_out.h"
#include "daemon/base/table.h"
#include "daemon/jobs/weeks.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/key_vault.h"
#include "daemon/sys/keyrings.h"
#include "daemon/sys/log.h"
#include "daemon/sys/week_keys.h"
#include "handlers/admin/admin.h"
#include "handlers/answer.h"

#include <stdlib.h>

#define RETRY_S 2
#define NATION "000000"

struct telling {
	const struct staff *staff;
	const struct key_dir *dir;
	struct json_out *json;
	struct complaint *why;
};

/* --- bureaus ------------------------------------------------------------------------------- */

static void put_box(const char *code, const struct key_box *box, struct json_out *json)
{
	bool recovery = false;

	json_open(json, '{');
	json_text(json, "region", span_of(code));
	json_open_member(json, "persons", '[');
	for (size_t i = 0; i < box->n; i++)
		if (box->rows[i].person[0] != '\0')
			json_text(json, NULL, span_of(box->rows[i].person));
		else
			recovery = true;
	json_close(json, ']');
	json_bool(json, "recovery", recovery);
	json_u64(json, "earlier", box->nalso);
	json_close(json, '}');
}

static bool put_bureau(void *ctx, const char *name)
{
	const struct telling *t = ctx;
	struct key_box box = { 0 };
	char code[7];
	bool well = true;

	if (!key_box_name(name, code) || !token_region_covers(t->staff->region, code))
		return true;
	well = key_box_read(t->dir, code, &box, t->why) != KEY_REFUSED;
	if (well)
		put_box(code, &box, t->json);
	key_box_release(&box);
	return well;
}

/* --- identities -------------------------------------------------------------------------- */

/* Of the whole country, so the names are for those whose right is. */
static void put_half(const struct staff *staff, const struct key_box *box, struct json_out *json)
{
	json_open(json, '{');
	json_u64(json, "holders", box->n);
	if (strcmp(staff->region, NATION) == 0) {
		json_open_member(json, "persons", '[');
		for (size_t i = 0; i < box->n; i++)
			json_text(json, NULL, span_of(box->rows[i].person));
		json_close(json, ']');
	} else {
		json_none(json, "persons");
	}
	json_close(json, '}');
}

static bool put_identity(const struct telling *t, const char *keys_dir)
{
	static const char *const states[] = { [KEY_VAULT_OPEN] = "open", [KEY_VAULT_HALFWAY] = "halfway", [KEY_VAULT_CLOSED] = "closed" };
	struct key_box boxes[KEY_VAULT_HALVES] = { 0 };
	enum key_vault_state state;
	bool well = key_vault_read(keys_dir, boxes, &state, t->why);

	if (well) {
		json_open_member(t->json, "identity", '{');
		json_text(t->json, "state", span_of(states[state]));
		json_open_member(t->json, "halves", '[');
		for (size_t i = 0; i < KEY_VAULT_HALVES; i++)
			put_half(t->staff, &boxes[i], t->json);
		json_close(t->json, ']');
		json_close(t->json, '}');
	}
	for (size_t i = 0; i < KEY_VAULT_HALVES; i++)
		key_box_release(&boxes[i]);
	return well;
}

/* --- weeks --------------------------------------------------------------------------------- */

static void put_week(const char *name, unsigned week, struct json_out *json)
{
	if (week == 0) {
		json_none(json, name);
		return;
	}
	json_open_member(json, name, '{');
	json_u64(json, "week", week);
	clock_put(json, "begins", week_begins(week));
	json_close(json, '}');
}

/* null: another process has the job. */
static void put_rewrap(const struct weeks_job *job, struct json_out *json)
{
	struct weeks_figures figures;

	if (job == NULL) {
		json_none(json, "rewrap");
		return;
	}
	weeks_job_figures(job, &figures);
	json_open_member(json, "rewrap", '{');
	json_bool(json, "leading", figures.leading);
	json_bool(json, "held_back", figures.held_back);
	json_u64(json, "old_keys", figures.old);
	json_u64(json, "tips_under_them", figures.tips);
	json_u64(json, "moved", figures.moved);
	json_u64(json, "stayed", figures.stayed);
	json_u64(json, "destroyed", figures.destroyed);
	clock_put(json, "round_at", figures.round_ms);
	json_close(json, '}');
}

static void put_weeks(const struct app *app, struct json_out *json)
{
	unsigned *here = NULL, *gone = NULL;
	size_t n = week_keys_list(app->weeks, &here), ngone = week_keys_list_destroyed(app->weeks, &gone);

	json_open_member(json, "weeks", '{');
	json_u64(json, "here", n);
	json_u64(json, "destroyed", ngone);
	put_week("oldest", n > 0 ? here[0] : 0, json);
	put_week("newest", n > 0 ? here[n - 1] : 0, json);
	put_week("missed", week_keys_missed(app->weeks), json);
	put_rewrap(app->weeks_job, json);
	json_close(json, '}');
	free(here);
	free(gone);
}

/* --- the answer ----------------------------------------------------------------------------- */

static bool put_all(const struct call *args, const char *keys_dir, struct json_out *json, struct complaint *why)
{
	struct key_dir dir;
	struct telling t = { .staff = args->staff, .dir = &dir, .json = json, .why = why };
	bool well;

	if (!key_dir_open(&dir, keys_dir, false, why))
		return false;
	json_open(json, '{');
	json_open_member(json, "bureaus", '[');
	well = key_dir_each(&dir, put_bureau, &t, why);
	json_close(json, ']');
	key_dir_close(&dir);
	json_u64(json, "plain_files", keyrings_count_plain(keys_dir));
	well = well && put_identity(&t, keys_dir);
	put_weeks(args->app, json);
	json_close(json, '}');
	return well;
}

void key_status(const struct call *args, struct http_exchange *exchange)
{
	struct complaint why = { .text = "" };
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);

	if (args->app->keyrings != NULL && put_all(args, keyrings_dir(args->app->keyrings), &json, &why)) {
		answer_json(exchange, 200, buf_span(&body));
	} else {
		log_rarely(LOG_LEVEL_ERROR, "keys.unreadable", why.text);
		answer_problem(exchange, &(struct problem){ .status = 503, .code = "keys_unavailable", .retry_after_s = RETRY_S,
							    .detail = "The directory of keys cannot be read; tell the operator." });
	}
	buf_release(&body);
}
