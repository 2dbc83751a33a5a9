/*
 * One link to a carrier; see carrier.h.
 */
#include "daemon/link/carrier.h"

#include "daemon/base/table.h"
#include "daemon/loop/loop.h"
#include "daemon/sys/log.h"

#include <stdlib.h>

/* --- out ------------------------------------------------------------------------------------- */

static struct session *session_with_room(struct carrier *link)
{
	for (size_t i = 0; i < link->nsessions; i++) {
		size_t at = (link->turn + i) % link->nsessions;

		if (session_has_room(link->sessions[at])) {
			link->turn = at + 1;
			return link->sessions[at];
		}
	}
	return NULL;
}

void carrier_send(struct carrier *link)
{
	uint64_t now_ms = loop_now_ms(link->links->env.loop);
	struct session *session;

	while (link->nwaiting > 0 && pace_allows(&link->pace, now_ms) && (session = session_with_room(link)) != NULL) {
		struct carrier_letter *e = carrier_letter_unwait(link, TAILQ_FIRST(&link->waiting));

		TAILQ_INSERT_TAIL(&link->sent, e, at);
		link->nsent++;
		pace_sent(&link->pace);
		session_submit(session, &e->submit, e);
	}
}

static void on_room(void *ctx)
{
	carrier_send(ctx);
}

static void refused_as_too_fast(struct carrier *link, struct carrier_letter *e)
{
	if (pace_refused(&link->pace, loop_now_ms(link->links->env.loop))) {
		link->figures.throttled++;
		log_rarely(LOG_LEVEL_WARNING, "link.throttled", link->config.name);
	}
	carrier_letter_wait(link, e);
}

static enum link_end end_of(const struct dialog_result *result)
{
	if (!result->known)
		return LINK_END_UNKNOWN;
	if (result->outcome == LINK_ACCEPTED)
		return LINK_END_SENT;
	return result->outcome == LINK_REFUSED ? LINK_END_REFUSED : LINK_END_LATER;
}

static void on_submitted(void *ctx, void *token, const struct dialog_result *result)
{
	struct carrier *link = ctx;
	struct carrier_letter *e = token;

	TAILQ_REMOVE(&link->sent, e, at);
	link->nsent--;
	if (result->known && result->outcome == LINK_THROTTLED && !link->leaving && !link->links->ending) {
		refused_as_too_fast(link, e);
		return;
	}
	if (result->known && result->outcome == LINK_ACCEPTED)
		pace_taken(&link->pace, loop_now_ms(link->links->env.loop));
	carrier_letter_end(e, &(struct link_sent){ .end = end_of(result), .id = result->id, .status = result->status });
}

/* --- in --------------------------------------------------------------------------------------- */

static void on_message(void *ctx, const struct link_message *message, uint64_t connection, uint64_t number)
{
	struct carrier *link = ctx;
	const struct links_env *env = &link->links->env;

	env->message(env->ctx, &link->config, message, (struct link_ref){ .session = connection, .message = number });
}

static void on_report(void *ctx, const struct link_report *report, uint64_t connection, uint64_t number)
{
	struct carrier *link = ctx;
	const struct links_env *env = &link->links->env;

	link->figures.reports++;
	env->report(env->ctx, &link->config, report, (struct link_ref){ .session = connection, .message = number });
}

/* --- sessions ----------------------------------------------------------------------------------- */

static void add_session(struct carrier *link, enum link_role role)
{
	const struct session_env env = {
		.loop = link->links->env.loop,
		.dns = link->links->dns,
		.protocol = link->protocol,
		.config = link->config,
		.role = role,
		.message = on_message,
		.report = on_report,
		.submitted = on_submitted,
		.room = on_room,
		.ctx = link,
		.connections = &link->links->connections,
		.figures = &link->session_figures,
	};

	if (link->nsessions < CARRIER_SESSIONS_MAX)
		link->sessions[link->nsessions++] = session_new(&env);
}

static const struct mode {
	const char *name;
	enum link_role roles[2];
	unsigned n;
} modes[] = {
	{ .name = "transceiver", .roles = { LINK_BOTH }, .n = 1 },
	{ .name = "split", .roles = { LINK_IN, LINK_OUT }, .n = 2 },
	{ .name = "in", .roles = { LINK_IN }, .n = 1 },
	{ .name = "out", .roles = { LINK_OUT }, .n = 1 },
};

static const struct mode *mode_of(const struct link_config *config)
{
	for (size_t i = 0; i < COUNT_OF(modes); i++)
		if (strcmp(modes[i].name, config->mode) == 0)
			return &modes[i];
	return &modes[0];
}

static void add_sessions(struct carrier *link)
{
	const struct mode *mode = mode_of(&link->config);

	for (unsigned i = 0; i < link->config.sessions; i++)
		for (unsigned r = 0; r < mode->n; r++)
			add_session(link, mode->roles[r]);
	link->figures.sessions = link->config.sessions * mode->n;
}

static void close_sessions(struct carrier *link)
{
	for (size_t i = 0; i < link->nsessions; i++)
		session_close(link->sessions[i]);
}

static bool can_send(const struct carrier *link)
{
	for (size_t i = 0; i < link->nsessions; i++)
		if (session_role(link->sessions[i]) != LINK_IN && session_is_up(link->sessions[i]))
			return true;
	return false;
}

static void note_down(struct carrier *link, uint64_t now_ms)
{
	if (can_send(link))
		link->down_ms = 0;
	else if (link->down_ms == 0)
		link->down_ms = now_ms;
}

static void tick_sessions(struct carrier *link)
{
	size_t kept = 0;

	for (size_t i = 0; i < link->nsessions; i++) {
		struct session *s = link->sessions[i];

		session_tick(s);
		if (session_ended(s))
			session_free(s);
		else
			link->sessions[kept++] = s;
	}
	link->nsessions = kept;
}

/* --- settings -------------------------------------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
	return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

static bool same_config(const struct link_config *a, const struct link_config *b)
{
	return same_text(a->protocol, b->protocol) && same_text(a->host, b->host) && a->port == b->port &&
	       a->tls == b->tls && same_text(a->tls_ca, b->tls_ca) && same_text(a->account, b->account) &&
	       same_text(a->password, b->password) && same_text(a->system_type, b->system_type) &&
	       same_text(a->mode, b->mode) && same_text(a->service, b->service) && same_text(a->sender, b->sender) &&
	       same_text(a->coding0, b->coding0) && same_text(a->version, b->version) &&
	       same_text(a->proof, b->proof) && a->window == b->window &&
	       a->per_s == b->per_s && a->sessions == b->sessions && a->keepalive_s == b->keepalive_s &&
	       a->answer_s == b->answer_s;
}

void carrier_start(struct carrier *link, const struct link_config *config)
{
	link->config = *config;
	link->protocol = link_protocol_find(config->protocol);
	link->figures.name = config->name;
	link->down_ms = loop_now_ms(link->links->env.loop);
	pace_init(&link->pace, config->per_s, link->down_ms);
	if (link->protocol != NULL)
		add_sessions(link);
}

/* Its name or texts may lie in memory that goes with the old configuration: take the new ones. */
void carrier_change(struct carrier *link, const struct link_config *config)
{
	if (same_config(&link->config, config)) {
		link->config = *config;
		link->figures.name = config->name;
		return;
	}
	close_sessions(link);
	carrier_start(link, config);
}

/* --- life and figures ------------------------------------------------------------------------------ */

void carrier_leave(struct carrier *link)
{
	close_sessions(link);
	carrier_letters_give_up(link, UINT64_MAX);
}

void carrier_tick(struct carrier *link, uint64_t now_ms)
{
	tick_sessions(link);
	note_down(link, now_ms);
	carrier_letters_give_up(link, now_ms);
	carrier_send(link);
}

void carrier_free(struct carrier *link)
{
	for (size_t i = 0; i < link->nsessions; i++)
		session_free(link->sessions[i]);
	link->nsessions = 0;
	carrier_letters_give_up(link, UINT64_MAX);
	free(link);
}

bool carrier_answer(struct carrier *link, struct link_ref ref, enum link_answer answer)
{
	for (size_t i = 0; i < link->nsessions; i++)
		if (session_connection(link->sessions[i]) == ref.session)
			return session_answer(link->sessions[i], ref.session, ref.message, answer);
	return false;
}

struct link_figures carrier_figures_of(const struct carrier *link)
{
	struct link_figures f = link->figures;

	f.logins = link->session_figures.logins;
	f.logins_refused = link->session_figures.refused;
	f.losses = link->session_figures.losses;
	f.broken = link->session_figures.broken;
	f.queued = link->nwaiting;
	f.open = link->nsent;
	for (size_t i = 0; i < link->nsessions; i++)
		f.up += session_is_up(link->sessions[i]);
	return f;
}
