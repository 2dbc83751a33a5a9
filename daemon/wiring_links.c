/*
 * Wiring of the links to carriers: their settings, what they bring into the
 * intake, and their end.
 */
#include "daemon/wiring_parts.h"

#include "daemon/base/table.h"
#include "handlers/intake/sms_link.h"

static void take_message(void *ctx, const struct link_config *link, const struct link_message *message,
			 struct link_ref ref)
{
	const struct wiring *w = ctx;

	if (w->sms_link == NULL)
		links_answer(w->app.links, ref, LINK_AGAIN);
	else
		sms_link_take(w->sms_link, link, message, ref);
}

/* A process that sends alone has nowhere to put them: the carrier gives them to one that receives. */
static void take_report(void *ctx, const struct link_config *link, const struct link_report *report, struct link_ref ref)
{
	const struct wiring *w = ctx;

	if (w->sms_link == NULL)
		links_answer(w->app.links, ref, LINK_AGAIN);
	else
		sms_link_take_report(w->sms_link, link, report, ref);
}

static void answer(void *ctx, struct link_ref ref, enum link_answer given)
{
	const struct wiring *w = ctx;

	links_answer(w->app.links, ref, given);
}

/* A process that does only one of both binds for that alone. */
static const char *mode_of(const struct wiring *w, const struct config_link *from)
{
	static const char *const words[] = { "transceiver", "split" };

	if ((w->config->roles & ROLE_COURIER) == 0)
		return "in";
	if ((w->config->roles & ROLE_INTAKE) == 0)
		return "out";
	return words[from->mode];
}

static struct link_config link_of(const struct wiring *w, const struct config_link *from)
{
	static const char *const protocols[] = { "smpp", "cmpp", "smgp" };
	static const char *const codings[] = { "gsm7", "latin1", "ascii" };
	static const char *const proofs[] = { "given", "required", "ignored" };

	return (struct link_config){
		.name = from->name,
		.protocol = protocols[from->protocol],
		.host = from->host,
		.port = from->port,
		.tls = from->tls,
		.tls_ca = from->tls_ca,
		.account = from->account,
		.password = from->password,
		.system_type = from->system_type,
		.mode = mode_of(w, from),
		.service = from->service,
		.sender = from->sender,
		.coding0 = codings[from->coding0],
		.version = from->version,
		.proof = proofs[from->proof],
		.window = from->window,
		.per_s = from->per_s,
		.sessions = from->sessions,
		.keepalive_s = from->keepalive_s,
		.answer_s = from->answer_s,
	};
}

static void set_links(struct wiring *w)
{
	struct link_config configs[CONFIG_LINKS_MAX];

	for (size_t i = 0; i < w->config->sms.nlinks; i++)
		configs[i] = link_of(w, &w->config->sms.links[i]);
	links_set(w->app.links, configs, w->config->sms.nlinks);
}

void wiring_open_links(struct wiring *w)
{
	const struct links_env env = { .loop = w->loop, .message = take_message, .report = take_report, .ctx = w };
	const struct sms_link_env in = { .loop = w->loop, .sms = w->app.sms, .home = w->config->sms.home_country,
					 .answer = answer, .ctx = w };

	if ((w->config->roles & (ROLE_INTAKE | ROLE_COURIER)) == 0)
		return;
	w->app.links = links_new(&env);
	if (w->app.sms != NULL)
		w->sms_link = sms_link_new(&in);
	set_links(w);
}

void wiring_reload_links(struct wiring *w)
{
	if (w->app.links != NULL && !w->app.draining)
		set_links(w);
}

void wiring_stop_links(struct wiring *w)
{
	/* Nothing that is still being stored can be answered any more: the carrier sends it again. */
	sms_link_free(w->sms_link);
	w->sms_link = NULL;
	links_free(w->app.links);
	w->app.links = NULL;
}
