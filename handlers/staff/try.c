/*
 * Tries of passwords; see try.h.
 */
#include "handlers/staff/try.h"

#include "daemon/jobs/trail.h"
#include "daemon/sys/clock.h"
#include "handlers/answer.h"
#include "handlers/staff/cookies.h"
#include "handlers/staff/origin.h"

#define BUSY_RETRY_S 2

bool staff_try_allowed(const struct app *app, struct http_exchange *exchange)
{
	if (app->entry == NULL) {
		answer_problem(exchange, &(struct problem){ .status = 503, .code = "sign_in_unavailable", .retry_after_s = 60,
							    .detail = "Nobody signs in here with a password: staff.key is not among the keys." });
		return false;
	}
	if (origin_is_ours(http_exchange_request(exchange), http_exchange_is_secure(exchange)))
		return true;
	answer_problem(exchange, &(struct problem){ .status = 403, .code = "cross_site",
						    .detail = "A page of another site asked for this." });
	return false;
}

struct device_of staff_try_device(const struct staff_try *try)
{
	const struct entry *entry = try->app->entry;

	return (struct device_of){ .key = entry->env.staff_key, .account = try->account,
				   .pair = person_keys_public(entry->pairs, try->account), .now_ms = clock_wall_ms() };
}

/* A device's cookie that came twice, or is none of ours, is that of a new device. */
static void recognise(struct staff_try *try)
{
	const struct device_of of = staff_try_device(try);
	struct span text = { 0 };

	if (cookie_find(http_exchange_request(try->exchange), COOKIE_DEVICE, try->secure, &text) == COOKIE_FOUND &&
	    device_read(&of, text, try->device))
		try->slow.device = span_from(try->device, sizeof(try->device));
}

static bool take_turn(struct staff_try *try)
{
	struct entry *entry = try->app->entry;
	unsigned wait_s;

	if (slowdown_begin(entry->slowdown, &try->slow, clock_steady_ms(), &wait_s))
		return true;
	entry->results[ENTRY_SLOWED]++;
	answer_problem(try->exchange, &(struct problem){ .status = 429, .code = "slow_down", .retry_after_s = wait_s,
							 .detail = "Too many tries; wait as long as Retry-After says." });
	return false;
}

bool staff_try_begin(struct staff_try *try, const struct app *app, struct http_exchange *exchange, struct span account)
{
	*try = (struct staff_try){ .app = app, .exchange = exchange, .account = account, .secure = http_exchange_is_secure(exchange) };
	try->slow = (struct slowdown_try){ .account = account, .place = http_exchange_peer(exchange) };
	recognise(try);
	return take_turn(try);
}

bool staff_try_begin_known(struct staff_try *try, const struct app *app, struct http_exchange *exchange, struct span account,
			   struct span session)
{
	*try = (struct staff_try){ .app = app, .exchange = exchange, .account = account, .secure = http_exchange_is_secure(exchange) };
	try->slow = (struct slowdown_try){ .account = account, .device = session };
	return take_turn(try);
}

void staff_try_succeeded(struct staff_try *try, enum entry_result result)
{
	slowdown_succeeded(try->app->entry->slowdown, &try->slow);
	try->app->entry->results[result]++;
}

void staff_try_refuse(struct staff_try *try, const char *code, const char *detail)
{
	try->app->entry->results[ENTRY_FAILED]++;
	trail_sign_in_failed(try->app->trail);
	answer_problem(try->exchange, &(struct problem){ .status = 401, .code = code, .detail = detail });
}

void staff_try_busy(struct staff_try *try)
{
	slowdown_take_back(try->app->entry->slowdown, &try->slow);
	try->app->entry->results[ENTRY_BUSY]++;
	answer_problem(try->exchange, &(struct problem){ .status = 503, .code = "busy", .retry_after_s = BUSY_RETRY_S,
							 .detail = "Too many sign in at this moment. Try again shortly." });
}
