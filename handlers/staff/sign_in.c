/*
 * Signing in: POST /api/v1/session {account, password, totp, region?}.
 *
 *   wait?  slowdown.h     before anything is calculated
 *   thread                the password opens the key pair; the code fits; its step is taken, once
 *   loop                  the session begins, and its keyring; cookies
 *
 * Nobody of that name, a wrong password, a wrong or used code, an account that
 * is suspended: one answer, after the same work. What is wrong with the region
 * is told to those who have proven who they are.
 */
#include "daemon/base/wipe.h"
#include "daemon/jobs/trail.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/keys.h"
#include "handlers/bureau/body.h"
#include "handlers/staff/cookies.h"
#include "handlers/staff/device.h"
#include "handlers/staff/second_factor.h"
#include "handlers/staff/session_answer.h"
#include "handlers/staff/staff.h"
#include "handlers/staff/try.h"
#include "handlers/trailing.h"

#define CODE_MAX 16
#define REGIONS_MAX (ACCOUNT_GRANTS_MAX * 8 + 1)

enum proof {
	PROOF_NONE,        /* one of the two is wrong, or the account may not */
	PROOF_NO_PLACE,    /* both are right, and there is no region to stand at */
	PROOF_WHOLE,
};

struct sign_in {
	struct entry_job job;        /* first */
	struct staff_try try;
	struct span password, code;
	int64_t came_ms;             /* so that no code runs out while it waits for a thread */
	bool active;
	char region[7];              /* empty: none, or several and none was named */
	char regions[REGIONS_MAX];   /* of the grants that hold, with a blank between */
	unsigned char secret[TOTP_SECRET_BYTES];
	unsigned char password_mark[PERSON_PASSWORD_MARK_BYTES];
	struct person_pair pair;
	enum proof proof;
	char cookie[SESSION_TEXT + 1];
};

/* --- in a thread --------------------------------------------------------------------------- */

static bool take_step(const struct sign_in *s, int64_t step)
{
	struct complaint why = { .text = "" };

	return account_take_step(s->job.entry->env.state_dir, s->try.account, step, &why);
}

static void prove(struct entry_job *job)
{
	struct sign_in *s = (struct sign_in *)job;
	bool opened = person_keys_open_password(job->entry->pairs, s->try.account, s->password, &s->pair) == PERSON_KEY_OPENED;
	int64_t step = totp_step_of(s->secret, s->code, s->came_ms);

	if (!opened || step < 0 || !s->active)
		return;
	if (s->region[0] == '\0')
		s->proof = PROOF_NO_PLACE;
	else if (take_step(s, step))
		s->proof = PROOF_WHOLE;
}

/* --- afterwards ------------------------------------------------------------------------------ */

static const char *text_of(struct http_exchange *exchange, struct buf *buf)
{
	const char *text = arena_dup(http_exchange_arena(exchange), buf_span(buf)).at;

	buf_release(buf);
	return text;
}

static const char *device_cookie(const struct sign_in *s)
{
	struct http_exchange *exchange = s->job.exchange;
	char text[DEVICE_TEXT + 1];
	struct device_of of = staff_try_device(&s->try);
	struct buf cookie = { 0 };

	device_write(&of, s->try.slow.device, text);
	cookie_put(COOKIE_DEVICE, s->try.secure, span_of(text), DEVICE_DAYS, &cookie);
	return text_of(exchange, &cookie);
}

static const char *session_cookie(const struct sign_in *s)
{
	struct buf cookie = { 0 };

	cookie_put(COOKIE_SESSION, s->try.secure, span_of(s->cookie), 0, &cookie);
	return text_of(s->job.exchange, &cookie);
}

/* A session that the browser still had is of no use to it any more. */
static void end_former(const struct sign_in *s)
{
	struct entry *entry = s->job.entry;
	struct session *former;
	struct span text;

	if (cookie_find(http_exchange_request(s->job.exchange), COOKIE_SESSION, s->try.secure, &text) != COOKIE_FOUND)
		return;
	former = sessions_find(entry->sessions, text, clock_steady_ms());
	if (former != NULL)
		sessions_end(entry->sessions, former, "replaced");
}

static void note(const struct entry *entry, const struct session *session)
{
	const struct account *person = accounts_find(entry->accounts, span_of(session->person));
	char roles[TRAILING_ROLES_MAX];

	trail_note(entry->env.trail,
		   &(struct trail_event){ .kind = TRAIL_SIGN_IN, .by = span_of(session->person), .token = span_of(session->name),
					  .region = span_of(session->region),
					  .roles = trailing_roles(person != NULL ? account_roles_at(person, session->region, clock_wall_ms()) : 0,
								  roles) });
}

static void let_in(struct sign_in *s)
{
	struct entry *entry = s->job.entry;
	const struct session_begin of = { .person = s->try.account, .region = s->region, .password_mark = s->password_mark,
					  .pair = &s->pair, .now_ms = clock_steady_ms() };
	struct session_cookies cookies;
	struct session *session;

	staff_try_succeeded(&s->try, ENTRY_SIGNED_IN);
	end_former(s);
	session = sessions_begin(entry->sessions, &of, s->cookie);
	if (entry->env.keyrings != NULL)
		(void)keyrings_by_pair(entry->env.keyrings, span_of(session->name), s->try.account, &s->pair, of.now_ms);
	note(entry, session);
	cookies = (struct session_cookies){ .session = session_cookie(s), .device = device_cookie(s) };
	person_pair_release(&s->pair);
	session_tell(entry, s->job.exchange, 201, session, &cookies);
}

static void tell_place(struct sign_in *s)
{
	struct http_exchange *exchange = s->job.exchange;
	bool none = s->regions[0] == '\0';

	staff_try_succeeded(&s->try, ENTRY_FAILED);
	person_pair_release(&s->pair);
	if (none)
		answer_problem(exchange, &(struct problem){ .status = 403, .code = "role_needed",
							    .detail = "No role of this account holds at present." });
	else
		answer_problem(exchange, &(struct problem){ .status = 409, .code = "region_needed", .field = "region",
							    .detail = arena_printf(http_exchange_arena(exchange),
										   "Say at which region: your roles hold at %s.", s->regions) });
}

static void finish(struct entry_job *job, bool ran)
{
	struct sign_in *s = (struct sign_in *)job;

	wipe(s->secret, sizeof(s->secret));
	if (ran && s->proof == PROOF_WHOLE) {
		let_in(s);
		return;
	}
	if (ran && s->proof == PROOF_NO_PLACE) {
		tell_place(s);
		return;
	}
	person_pair_release(&s->pair);
	staff_try_refuse(&s->try, "sign_in_failed", "Account, password or code is wrong.");
}

/* --- before --------------------------------------------------------------------------------------- */

static bool read_body(struct sign_in *s, struct span *region, struct problem *problem)
{
	const struct json_object *body = body_read(s->job.exchange, problem);

	return body != NULL && body_text(body, "account", true, TOKEN_PERSON_MAX, &s->try.account, problem) &&
	       body_text(body, "password", true, PERSON_PASSWORD_MAX, &s->password, problem) &&
	       body_text(body, "totp", true, CODE_MAX, &s->code, problem) && body_text(body, "region", false, 6, region, problem);
}

static void list_regions(struct sign_in *s, const struct account *person, int64_t now_ms)
{
	size_t len = 0;

	for (size_t i = 0; i < person->ngrants; i++) {
		const struct account_grant *grant = &person->grants[i];

		if (!account_grant_holds(grant, now_ms) || strstr(s->regions, grant->region) != NULL)
			continue;
		if (len > 0)
			s->regions[len++] = ' ';
		memcpy(s->regions + len, grant->region, 6);
		len += 6;
	}
}

/* What the thread must know of the account, as it is now. */
static void look_up(struct sign_in *s, struct span region)
{
	struct entry *entry = s->job.entry;
	const struct account *person = accounts_find(entry->accounts, s->try.account);
	int64_t now_ms = clock_wall_ms();
	bool known = person != NULL && person->state == ACCOUNT_ACTIVE;

	s->active = second_factor_open(entry->env.staff_key, s->try.account, person != NULL ? person->totp_sealed : (struct span){ 0 }, s->secret) &&
		    known && person_keys_password_mark(entry->pairs, s->try.account, s->password_mark);
	s->came_ms = now_ms;
	if (!known)
		return;
	list_regions(s, person, now_ms);
	if (!account_region_of(person, region, now_ms, s->region))
		s->region[0] = '\0';
}

void session_begin(const struct call *call, struct http_exchange *exchange)
{
	struct sign_in *s = arena_new(http_exchange_arena(exchange), struct sign_in);
	struct problem problem;
	struct span region;

	s->job = (struct entry_job){ .entry = call->app->entry, .exchange = exchange, .run = prove, .finish = finish };
	if (!staff_try_allowed(call->app, exchange))
		return;
	if (!read_body(s, &region, &problem)) {
		answer_problem(exchange, &problem);
		return;
	}
	entry_refresh(s->job.entry);
	if (!staff_try_begin(&s->try, call->app, exchange, s->try.account))
		return;
	look_up(s, region);
	if (!entry_job_start(&s->job, &s->try.slow))
		staff_try_busy(&s->try);
}
