/*
 * A connection that is made again; see session.h.
 */
#include "daemon/link/session.h"

#include "daemon/base/memory.h"
#include "daemon/link/pace.h"
#include "daemon/link/wire.h"
#include "daemon/loop/loop.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/log.h"
#include "daemon/sys/random.h"

#include <stdlib.h>

#define STEADY_MS 5000      /* a login that held so long was none that failed */
#define FLUSH_MS 2000       /* for the last octets of a connection */

struct session {
	struct session_env env;
	struct wire *wire;          /* NULL: not connected, and not about to */
	struct dialog *dialog;      /* NULL: no login was sent */
	bool paused;
	bool closing;
	bool posted;                /* settle() will run */
	unsigned failed;            /* connections in a row that came to nothing */
	bool hopeless;
	unsigned version;           /* that the carrier said it speaks, refusing a login; 0: as configured */
	uint64_t retry_ms, up_ms, flush_ms;
	uint64_t connection;
	uint64_t broken;            /* of the connection, counted in the figures */
};

static const char *const why_names[] = {
	[DIALOG_WHY_NONE] = "none", [DIALOG_WHY_REFUSED] = "refused", [DIALOG_WHY_SILENT] = "silent",
	[DIALOG_WHY_BROKEN] = "broken", [DIALOG_WHY_BAD] = "not_logged_in", [DIALOG_WHY_PEER] = "closed_by_carrier",
	[DIALOG_WHY_OURS] = "closed", [DIALOG_WHY_LOST] = "lost", [DIALOG_WHY_UNPROVEN] = "unproven",
};

static const char *role_name(enum link_role role)
{
	static const char *const names[] = { [LINK_BOTH] = "both", [LINK_IN] = "in", [LINK_OUT] = "out" };

	return names[role];
}

/* --- a connection's end ----------------------------------------------------------------- */

static void count_broken(struct session *s)
{
	s->env.figures->broken += dialog_broken(s->dialog) - s->broken;
	s->broken = dialog_broken(s->dialog);
}

static void note_end(struct session *s, const char *why)
{
	bool steady = s->up_ms > 0 && loop_now_ms(s->env.loop) >= s->up_ms + STEADY_MS;

	s->failed = steady ? 1 : s->failed + 1;
	s->env.figures->losses += !s->closing;
	if (s->up_ms > 0)
		log_event(s->closing ? LOG_LEVEL_NOTICE : LOG_LEVEL_WARNING, "link.down", "link", s->env.config.name,
			  "role", role_name(s->env.role), "why", why, NULL);
	else if (!s->closing)
		log_rarely(LOG_LEVEL_WARNING, "link.not_up", why);
	s->up_ms = 0;
}

/* Takes down what is there of the connection, and sets the time of the next one. */
static void hang_up(struct session *s, const char *why)
{
	struct dialog *dialog = s->dialog;

	if (dialog != NULL) {
		dialog_lost(dialog);
		count_broken(s);
		s->hopeless = dialog_why(dialog) == DIALOG_WHY_REFUSED && dialog_hopeless(dialog);
		s->version = dialog_version(dialog);
		if (dialog_why(dialog) != DIALOG_WHY_LOST)
			why = why_names[dialog_why(dialog)];
	}
	note_end(s, why);
	s->dialog = NULL;
	s->connection = 0;
	dialog_free(dialog);
	wire_close(s->wire);
	s->wire = NULL;
	s->retry_ms = loop_now_ms(s->env.loop) + pace_reconnect_ms(s->failed, s->hopeless, random_u64());
}

static void note_refusal(struct session *s)
{
	if (dialog_why(s->dialog) != DIALOG_WHY_REFUSED || s->flush_ms > 0)
		return;
	s->env.figures->refused++;
	log_event(LOG_LEVEL_WARNING, "link.login_refused", "link", s->env.config.name, "role", role_name(s->env.role),
		  "status", log_u64(dialog_status(s->dialog)), NULL);
}

/*
 * What follows from the dialog's state: octets go out, reading stops or goes
 * on, the connection ends behind its last octets.
 */
static void settle(void *ctx)
{
	struct session *s = ctx;
	uint64_t now_ms = loop_now_ms(s->env.loop);
	bool pause;

	s->posted = false;
	if (s->dialog == NULL || s->wire == NULL)
		return;
	dialog_input(s->dialog, (struct span){ 0 }, now_ms);
	wire_send(s->wire, dialog_out(s->dialog));
	count_broken(s);
	if (dialog_state(s->dialog) == DIALOG_ENDED) {
		note_refusal(s);
		if (s->flush_ms == 0)
			s->flush_ms = now_ms + FLUSH_MS;
		if (dialog_out(s->dialog)->len == 0 || now_ms >= s->flush_ms)
			hang_up(s, "closed");
		return;
	}
	pause = !dialog_wants_input(s->dialog);
	if (pause != s->paused)
		wire_pause(s->wire, pause);
	s->paused = pause;
	if (session_has_room(s))
		s->env.room(s->env.ctx);
}

/* Once a turn, outside of everybody's stack: what was gathered goes out in one piece. */
static void settle_soon(struct session *s)
{
	if (s->posted)
		return;
	s->posted = true;
	loop_post_last(s->env.loop, settle, s);
}

/* --- what the dialog says -------------------------------------------------------------------- */

static void on_message(void *ctx, const struct link_message *message, uint64_t number)
{
	struct session *s = ctx;

	s->env.message(s->env.ctx, message, s->connection, number);
}

static void on_report(void *ctx, const struct link_report *report, uint64_t number)
{
	struct session *s = ctx;

	s->env.report(s->env.ctx, report, s->connection, number);
}

static void on_submitted(void *ctx, void *token, const struct dialog_result *result)
{
	struct session *s = ctx;

	s->env.submitted(s->env.ctx, token, result);
}

static void on_up(void *ctx)
{
	struct session *s = ctx;

	static const char *const proofs[] = { [LINK_PROOF_NONE] = "none", [LINK_PROOF_GOOD] = "good", [LINK_PROOF_BAD] = "bad" };

	s->up_ms = loop_now_ms(s->env.loop);
	s->hopeless = false;
	log_event(LOG_LEVEL_NOTICE, "link.up", "link", s->env.config.name, "role", role_name(s->env.role), "proof",
		  s->env.protocol->proof != NULL ? proofs[dialog_proof(s->dialog)] : NULL, NULL);
}

/* --- what the wire says ---------------------------------------------------------------------- */

static void on_ready(void *ctx)
{
	struct session *s = ctx;
	const struct dialog_env env = {
		.protocol = s->env.protocol,
		.config = &s->env.config,
		.role = s->env.role,
		.version = s->version,
		.message = on_message,
		.report = on_report,
		.submitted = on_submitted,
		.up = on_up,
		.ctx = s,
	};

	s->env.figures->logins++;
	s->connection = ++*s->env.connections;
	s->paused = false;
	s->broken = 0;
	s->flush_ms = 0;
	s->dialog = dialog_new(&env, loop_now_ms(s->env.loop), clock_wall_ms());
	settle_soon(s);
}

static void on_data(void *ctx, struct span octets)
{
	struct session *s = ctx;

	dialog_input(s->dialog, octets, loop_now_ms(s->env.loop));
	if (!dialog_wants_input(s->dialog) && !s->paused) {
		s->paused = true;
		wire_pause(s->wire, true);
	}
	settle_soon(s);
}

static void on_writable(void *ctx)
{
	settle_soon(ctx);
}

static void on_lost(void *ctx, const char *why)
{
	hang_up(ctx, why);
}

static void connect_now(struct session *s)
{
	const struct wire_env env = {
		.base = loop_base(s->env.loop),
		.dns = s->env.dns,
		.host = s->env.config.host,
		.port = s->env.config.port != 0 ? s->env.config.port : s->env.protocol->default_port,
		.tls = s->env.config.tls,
		.tls_ca = s->env.config.tls_ca,
		.ready = on_ready,
		.data = on_data,
		.writable = on_writable,
		.lost = on_lost,
		.ctx = s,
	};

	s->wire = wire_open(&env);
}

/* --- life -------------------------------------------------------------------------------------- */

struct session *session_new(const struct session_env *env)
{
	struct session *s = memory_zeroes(1, sizeof(*s));

	s->env = *env;
	s->retry_ms = loop_now_ms(env->loop);
	return s;
}

void session_free(struct session *s)
{
	if (s == NULL)
		return;
	s->closing = true;
	if (s->wire != NULL)
		hang_up(s, "closed");
	loop_post_cancel(s->env.loop, settle, s);
	free(s);
}

void session_tick(struct session *s)
{
	uint64_t now_ms = loop_now_ms(s->env.loop);

	if (s->dialog != NULL) {
		dialog_tick(s->dialog, now_ms);
		settle_soon(s);
	} else if (s->wire == NULL && !s->closing && now_ms >= s->retry_ms) {
		connect_now(s);
	}
}

void session_close(struct session *s)
{
	if (s->closing)
		return;
	s->closing = true;
	if (s->dialog != NULL) {
		dialog_close(s->dialog, loop_now_ms(s->env.loop));
		settle_soon(s);
	} else if (s->wire != NULL) {
		hang_up(s, "closed");
	}
}

bool session_ended(const struct session *s)
{
	return s->closing && s->wire == NULL;
}

bool session_is_up(const struct session *s)
{
	return s->dialog != NULL && dialog_state(s->dialog) == DIALOG_UP;
}

enum link_role session_role(const struct session *s)
{
	return s->env.role;
}

uint64_t session_connection(const struct session *s)
{
	return s->connection;
}

bool session_has_room(const struct session *s)
{
	return s->dialog != NULL && dialog_has_room(s->dialog);
}

void session_submit(struct session *s, const struct link_submit *submit, void *token)
{
	dialog_submit(s->dialog, submit, token, loop_now_ms(s->env.loop));
	settle_soon(s);
}

bool session_answer(struct session *s, uint64_t connection, uint64_t number, enum link_answer answer)
{
	if (s->dialog == NULL || s->connection != connection || !dialog_answer(s->dialog, number, answer))
		return false;
	settle_soon(s);
	return true;
}
