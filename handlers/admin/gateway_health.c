/*
 * Ways in and out as they are now: gateways and links of short messages, rails
 * of payments; see admin.h. Counted since the start of this process.
 */
#include "daemon/base/json_out.h"
#include "daemon/jobs/treasury.h"
#include "daemon/link/links.h"
#include "daemon/loop/loop.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/config.h"
#include "handlers/admin/admin.h"
#include "handlers/answer.h"
#include "handlers/intake/sms.h"
#include "handlers/intake/sms_seen.h"
#include "handlers/notify/courier.h"
#include "handlers/payout/rail_set.h"

#define CONNECTORS_MAX 64

struct health {
	const struct app *app;
	struct link_figures links[LINKS_MAX];
	size_t nlinks;
	struct connector_figures connectors[CONNECTORS_MAX];
	size_t nconnectors;
};

static void gather(struct health *h, const struct app *app)
{
	*h = (struct health){ .app = app };
	if (app->links != NULL)
		h->nlinks = links_figures(app->links, h->links, LINKS_MAX);
	if (app->courier != NULL)
		h->nconnectors = courier_connectors(app->courier, h->connectors, CONNECTORS_MAX);
	if (h->nlinks > LINKS_MAX)
		h->nlinks = LINKS_MAX;
	if (h->nconnectors > CONNECTORS_MAX)
		h->nconnectors = CONNECTORS_MAX;
}

/* --- messages in ----------------------------------------------------------------------------- */

/* null: another process takes them in. */
static void put_in(const struct health *h, const char *name, struct json_out *json)
{
	static const struct sms_seen none;
	const struct sms_seen *seen;

	if (h->app->sms == NULL) {
		json_none(json, "in");
		return;
	}
	seen = sms_seen_of(h->app->sms, name);
	if (seen == NULL)
		seen = &none;
	json_open_member(json, "in", '{');
	json_u64(json, "messages", seen->messages);
	clock_put(json, "last_message", seen->message_ms);
	json_u64(json, "faults", seen->faults);
	clock_put(json, "last_fault", seen->fault_ms);
	if (seen->fault != SMS_FAULT_NONE)
		json_text(json, "fault", span_of(sms_fault_name(seen->fault)));
	else
		json_none(json, "fault");
	json_close(json, '}');
}

/* --- messages out ---------------------------------------------------------------------------- */

static const char *gate_name(enum gate_state gate)
{
	static const char *const names[] = { [GATE_CLOSED] = "well", [GATE_OPEN] = "open", [GATE_HALF_OPEN] = "trying" };

	return names[gate];
}

/* null: another process carries them out, or it sends nothing. */
static void put_out(const struct health *h, const char *name, bool sends, struct json_out *json)
{
	static const struct connector_figures none = { .gate = GATE_CLOSED };
	const struct connector_figures *c = &none;

	if (h->app->courier == NULL || !sends) {
		json_none(json, "out");
		return;
	}
	for (size_t i = 0; i < h->nconnectors; i++)
		if (strcmp(h->connectors[i].name, name) == 0)
			c = &h->connectors[i];
	json_open_member(json, "out", '{');
	json_text(json, "breaker", span_of(gate_name(c->gate)));
	json_u64(json, "accepted", c->ends[SENDING_ACCEPTED]);
	json_u64(json, "refused", c->ends[SENDING_FAILED]);
	json_u64(json, "maybe", c->ends[SENDING_MAYBE]);
	json_u64(json, "later", c->ends[SENDING_QUEUED]);
	json_u64(json, "held_back", c->shut);
	json_close(json, '}');
}

static void put_gateway(const struct health *h, const struct config_gateway *gateway, struct json_out *json)
{
	bool sends = gateway->send_url != NULL && gateway->send_url[0] != '\0';

	json_open(json, '{');
	json_text(json, "name", span_of(gateway->name));
	json_text(json, "kind", SPAN("http"));
	json_text(json, "driver", span_of(gateway->driver));
	json_bool(json, "sends", sends);
	put_in(h, gateway->name, json);
	put_out(h, gateway->name, sends, json);
	json_none(json, "sessions");
	json_close(json, '}');
}

static void put_sessions(const struct link_figures *link, struct json_out *json)
{
	if (link == NULL) {
		json_none(json, "sessions");
		return;
	}
	json_open_member(json, "sessions", '{');
	json_u64(json, "wanted", link->sessions);
	json_u64(json, "up", link->up);
	json_u64(json, "logins_refused", link->logins_refused);
	json_u64(json, "losses", link->losses);
	json_u64(json, "throttled", link->throttled);
	json_u64(json, "queued", link->queued);
	json_u64(json, "open", link->open);
	json_close(json, '}');
}

static void put_link(const struct health *h, const struct config_link *link, struct json_out *json)
{
	const struct link_figures *figures = NULL;

	for (size_t i = 0; i < h->nlinks; i++)
		if (strcmp(h->links[i].name, link->name) == 0)
			figures = &h->links[i];
	json_open(json, '{');
	json_text(json, "name", span_of(link->name));
	json_text(json, "kind", SPAN("link"));
	json_none(json, "driver");
	json_bool(json, "sends", true);
	put_in(h, link->name, json);
	put_out(h, link->name, true, json);
	put_sessions(figures, json);
	json_close(json, '}');
}

/* --- payments --------------------------------------------------------------------------------- */

static bool is_held(const struct app *app, const char *rail)
{
	const struct book *book = app->treasury != NULL ? treasury_book(app->treasury) : NULL;

	return book != NULL && book_rail_held(book, span_of(rail));
}

static void put_rail(const struct app *app, const struct rail_entry *rail, struct json_out *json)
{
	json_open(json, '{');
	json_text(json, "name", span_of(rail->config.name));
	json_text(json, "driver", span_of(rail->config.driver));
	json_bool(json, "enabled", rail_entry_sends(rail));
	json_bool(json, "gone", rail->gone);
	json_bool(json, "held", is_held(app, rail->config.name));
	json_bool(json, "breaker_open", breaker_open(&rail->breaker, loop_now_ms(app->loop)));
	json_u64(json, "sent", rail->sent);
	json_u64(json, "asked", rail->asked);
	json_u64(json, "unanswered", rail->unanswered);
	json_i64(json, "daily_limit_fen", rail->profile.daily_fen);
	json_i64(json, "daily_sent_fen", rail->daily_sent_fen);
	clock_put(json, "profile_at", rail->profile_ms);
	json_close(json, '}');
}

/* --- the answer --------------------------------------------------------------------------------- */

void gateway_health(const struct call *args, struct http_exchange *exchange)
{
	const struct config *config = args->app->config;
	const struct rail_set *rails = args->app->rails;
	struct health *h = arena_new(http_exchange_arena(exchange), struct health);
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);

	gather(h, args->app);
	json_open(&json, '{');
	json_open_member(&json, "gateways", '[');
	for (size_t i = 0; i < config->sms.ngateways; i++)
		put_gateway(h, &config->sms.gateways[i], &json);
	for (size_t i = 0; i < config->sms.nlinks; i++)
		put_link(h, &config->sms.links[i], &json);
	json_close(&json, ']');
	json_open_member(&json, "rails", '[');
	for (size_t i = 0; rails != NULL && i < rails->n; i++)
		put_rail(args->app, rails->entries[i], &json);
	json_close(&json, ']');
	json_close(&json, '}');
	answer_json(exchange, 200, buf_span(&body));
	buf_release(&body);
}
