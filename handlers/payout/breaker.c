/*
 * The circuit breaker; see breaker.h.
 */
#include "handlers/payout/breaker.h"

static uint64_t wait_ms(const struct breaker *breaker)
{
	unsigned doublings = breaker->failures - BREAKER_FAILURES;
	uint64_t wait = (uint64_t)BREAKER_FIRST_MS << (doublings < 8 ? doublings : 8);

	return wait < BREAKER_LAST_MS ? wait : BREAKER_LAST_MS;
}

bool breaker_open(const struct breaker *breaker, uint64_t now_ms)
{
	return breaker->failures >= BREAKER_FAILURES && now_ms < breaker->retry_ms;
}

bool breaker_take(struct breaker *breaker, uint64_t now_ms)
{
	if (breaker->failures < BREAKER_FAILURES)
		return true;
	if (now_ms < breaker->retry_ms)
		return false;
	breaker->retry_ms = now_ms + wait_ms(breaker);
	return true;
}

void breaker_failed(struct breaker *breaker, uint64_t now_ms)
{
	breaker->failures++;
	if (breaker->failures >= BREAKER_FAILURES)
		breaker->retry_ms = now_ms + wait_ms(breaker);
}

void breaker_answered(struct breaker *breaker)
{
	*breaker = (struct breaker){ 0 };
}
