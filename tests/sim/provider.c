/*
 * See provider.h. Every change of a payment goes through become(), which
 * counts money and sends callbacks.
 */
#include "tests/sim/provider.h"

#include "daemon/base/memory.h"
#include "daemon/base/money.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define CHINA_MS INT64_C(28800000)
#define DAY_MS INT64_C(86400000)

void provider_release(struct provider *provider)
{
	names_release(&provider->ids);
	free(provider->payments);
	free(provider->callbacks);
	*provider = (struct provider){ 0 };
}

static int64_t day_of(int64_t ms)
{
	return (ms + CHINA_MS) / DAY_MS;
}

/* --- callbacks ---------------------------------------------------------------------- */

static void call_back(struct provider *provider, struct random *random, size_t index, int64_t now_ms)
{
	unsigned times = random_one_in(random, 3) ? 0 : random_one_in(random, provider->habits.doubles) ? 2 : 1;
	unsigned number = provider->next_callback++;

	while (times-- > 0) {
		if (provider->ncallbacks == provider->callbacks_size) {
			provider->callbacks_size = 2 * provider->callbacks_size + 16;
			provider->callbacks = realloc(provider->callbacks,
						      provider->callbacks_size * sizeof(*provider->callbacks));
			assert(provider->callbacks != NULL);
		}
		provider->callbacks[provider->ncallbacks++] = (struct callback){
			.payment = index, .state = provider->payments[index].state, .number = number,
			.at_ms = now_ms + random_between(random, 0, provider->habits.slow_ms) };
	}
}

bool provider_callback(struct provider *provider, int64_t now_ms, struct callback *out)
{
	for (size_t i = 0; i < provider->ncallbacks; i++) {
		if (provider->callbacks[i].at_ms > now_ms)
			continue;
		*out = provider->callbacks[i];
		provider->callbacks[i] = provider->callbacks[--provider->ncallbacks];
		return true;
	}
	return false;
}

/* --- a payment ------------------------------------------------------------------------- */

static void later(struct provider *provider, struct random *random, struct payment *payment, enum attempt_state next,
		  int64_t now_ms)
{
	payment->next = next;
	payment->next_ms = now_ms + random_between(random, 1, provider->habits.slow_ms);
	/* Some lie about for weeks, longer than anybody remembers them. */
	if (random_one_in(random, provider->habits.stuck))
		payment->next_ms = now_ms + 40 * DAY_MS;
}

/* What comes after a state, if anything does. */
static void plan_next(struct provider *provider, struct random *random, struct payment *payment, int64_t now_ms)
{
	const struct provider_habits *habits = &provider->habits;
	bool fails = random_one_in(random, habits->fails);

	payment->next_ms = 0;
	switch (payment->state) {
	case ATTEMPT_ACCEPTED:
		later(provider, random, payment, random_one_in(random, 3) ? ATTEMPT_NEEDS_PAYEE : ATTEMPT_PROCESSING,
		      now_ms);
		break;
	case ATTEMPT_NEEDS_PAYEE:
	case ATTEMPT_PROCESSING:
		payment->payee_fault = fails && random_one_in(random, habits->payee_faults);
		/* It comes and goes, and what nobody confirms is closed by itself. */
		if (random_one_in(random, 4))
			later(provider, random, payment, payment->state == ATTEMPT_PROCESSING ? ATTEMPT_NEEDS_PAYEE
						: fails ? ATTEMPT_CANCELLED : ATTEMPT_PROCESSING, now_ms);
		else
			later(provider, random, payment, fails ? ATTEMPT_FAILED : ATTEMPT_SUCCEEDED, now_ms);
		break;
	case ATTEMPT_SUCCEEDED:
		if (random_one_in(random, habits->returns))
			later(provider, random, payment, ATTEMPT_RETURNED, now_ms);
		break;
	case ATTEMPT_FAILED:
	case ATTEMPT_CANCELLED:
		if (random_one_in(random, habits->lies))
			later(provider, random, payment, ATTEMPT_SUCCEEDED, now_ms);
		break;
	case ATTEMPT_CREATED:
	case ATTEMPT_SENDING:
	case ATTEMPT_UNKNOWN:
	case ATTEMPT_CANCELLING:
	case ATTEMPT_RETURNED:
	case ATTEMPT_STATES:
		break;
	}
}

static void become(struct provider *provider, struct random *random, size_t index, enum attempt_state state,
		   int64_t now_ms)
{
	struct payment *payment = &provider->payments[index];

	if (state == ATTEMPT_SUCCEEDED) {
		payment->times_sent++;
		payment->sent_day = day_of(now_ms);
	}
	if (state == ATTEMPT_RETURNED) {
		payment->returned = true;
		payment->return_day = day_of(now_ms);
	}
	if (state == ATTEMPT_FAILED || state == ATTEMPT_CANCELLED)
		payment->told_failed = true;
	payment->state = state;
	plan_next(provider, random, payment, now_ms);
	call_back(provider, random, index, now_ms);
}

void provider_run(struct provider *provider, struct random *random, int64_t now_ms)
{
	for (size_t i = 0; i < provider->ids.n; i++)
		while (provider->payments[i].next_ms != 0 && provider->payments[i].next_ms <= now_ms)
			become(provider, random, i, provider->payments[i].next, provider->payments[i].next_ms);
}

/* --- calls ------------------------------------------------------------------------------- */

static const char *account_of(const char *rail)
{
	if (strcmp(rail, "voucher") == 0)
		return "cash:b1";
	return strcmp(rail, "wallet") == 0 ? "float:wallet" : "bank:main";
}

static size_t room(struct provider *provider, const char *id)
{
	size_t index = names_add(&provider->ids, span_of(id));

	if (index >= provider->size) {
		provider->size = 2 * provider->size + 16;
		provider->payments = realloc(provider->payments, provider->size * sizeof(*provider->payments));
		assert(provider->payments != NULL);
	}
	return index;
}

static bool same(const struct instruction *a, const struct instruction *b)
{
	return a->fen == b->fen && strcmp(a->payee, b->payee) == 0 && strcmp(a->rail, b->rail) == 0;
}

static void begin(struct provider *provider, struct random *random, size_t index, const struct instruction *is,
		  unsigned times_sent, int64_t now_ms)
{
	struct payment *payment = &provider->payments[index];

	*payment = (struct payment){ .is = *is, .first_ms = now_ms, .sent_day = -1, .return_day = -1,
				     .times_sent = times_sent,
				     .known_until_ms = now_ms + provider->habits.retention_ms };
	snprintf(payment->reference, sizeof(payment->reference), "ref-%zu", index);
	snprintf(payment->account, sizeof(payment->account), "%s", account_of(is->rail));
	become(provider, random, index, random_one_in(random, 3) ? ATTEMPT_PROCESSING : ATTEMPT_ACCEPTED, now_ms);
	/* Some rails are done at once. */
	if (random_one_in(random, 4))
		become(provider, random, index, payment->next, now_ms);
}

enum provider_answer provider_submit(struct provider *provider, struct random *random, const struct instruction *is,
				     int64_t now_ms, const struct payment **out)
{
	size_t before = provider->ids.n, index = room(provider, is->id);
	bool forgotten = index < before && now_ms >= provider->payments[index].known_until_ms;

	if (index < before && !forgotten) {
		*out = &provider->payments[index];
		provider->repeats++;
		if (same(&provider->payments[index].is, is))
			return PROVIDER_STATE;
		provider->payments[index].conflicts++;
		return PROVIDER_CONFLICT;
	}
	/* What it has forgotten it does once more: the trap that the retention guards against. */
	provider->forgot_and_paid_again += forgotten;
	begin(provider, random, index, is, forgotten ? provider->payments[index].times_sent : 0, now_ms);
	*out = &provider->payments[index];
	return PROVIDER_STATE;
}

enum provider_answer provider_query(const struct provider *provider, const char *id, int64_t now_ms,
				    const struct payment **out)
{
	*out = provider_payment(provider, id);
	if (*out == NULL || now_ms >= (*out)->known_until_ms)
		return PROVIDER_NOT_FOUND;
	return PROVIDER_STATE;
}

enum provider_answer provider_cancel(struct provider *provider, struct random *random, const char *id,
				     int64_t now_ms, const struct payment **out)
{
	enum provider_answer answer = provider_query(provider, id, now_ms, out);
	size_t index = names_find(&provider->ids, span_of(id));

	/* A request and no more: what is nearly done is not stopped. */
	if (answer != PROVIDER_STATE || !attempt_live((*out)->state) ||
	    random_one_in(random, provider->habits.cancels_lost))
		return answer;
	become(provider, random, index, ATTEMPT_CANCELLED, now_ms);
	return answer;
}

const struct payment *provider_payment(const struct provider *provider, const char *id)
{
	size_t index = names_find(&provider->ids, span_of(id));

	return index != NAMES_NONE ? &provider->payments[index] : NULL;
}
