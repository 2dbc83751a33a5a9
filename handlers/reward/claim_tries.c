/*
 * Failures of claims, in memory and in the store; see claim_tries.h.
 */
#include "handlers/reward/claim_tries.h"

#include "daemon/loop/loop.h"
#include "daemon/sys/config.h"
#include "daemon/sys/keys.h"
#include "handlers/limits.h"
#include "handlers/reward/office.h"

struct claim_try claim_try_here(const struct app *app, const unsigned char mark[TRIES_MARK_BYTES], uint64_t source)
{
	struct claim_try try = { .verdict = TRIES_GO };
	uint64_t now_ms = loop_now_ms(app->loop);

	if (!app->config->limits.enabled)
		return try;
	try.verdict = tries_fail(office_tries(app->office), mark, now_ms, &try.wait_s);
	if (try.verdict == TRIES_GO && (!limits_take(app->limits, LIMIT_CLAIMS, source, now_ms, &try.wait_s) ||
					!limits_take(app->limits, LIMIT_CLAIMS_ALL, 0, now_ms, &try.wait_s)))
		try.verdict = TRIES_WAIT;
	return try;
}

void claim_try_store(const struct app *app, const unsigned char mark[TRIES_MARK_BYTES], struct store_try *out)
{
	*out = (struct store_try){ .free = TRIES_FREE,
				   .max = TRIES_MAX,
				   .wait_max_s = TRIES_WAIT_MAX_S,
				   .period_s = (unsigned)(TRIES_PERIOD_MS / 1000) };
	seal_mark(keys_requests(app->keys), "failed claims", span_from(mark, TRIES_MARK_BYTES), out->mark);
}

struct claim_try claim_try_stored(const struct store_reply *reply)
{
	struct claim_try try = { .verdict = TRIES_GO };

	if (reply->outcome != STORE_DONE)
		return try;
	if (reply->verdict == STORE_CONFLICT)
		try.verdict = TRIES_IN_PERSON;
	if (reply->verdict == STORE_UNTIMELY) {
		try.verdict = TRIES_WAIT;
		try.wait_s = (unsigned)((reply->wait_ms + 999) / 1000);
	}
	return try;
}
