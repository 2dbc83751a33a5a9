/*
 * A circuit breaker of one rail: after some calls in a row that brought no
 * verified answer nothing new is sent for a while; then one instruction at a
 * time is let through until an answer comes.
 *
 * It holds back what was never sent. Questions about what was are asked
 * whatever it says. Pure; the clock is given.
 */
#ifndef TIPLINE_HANDLERS_PAYOUT_BREAKER_H
#define TIPLINE_HANDLERS_PAYOUT_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

#define BREAKER_FAILURES 5           /* in a row, then it opens */
#define BREAKER_FIRST_MS 30000       /* closed again for one try; doubles with every one that fails */
#define BREAKER_LAST_MS 900000

struct breaker {
	unsigned failures;           /* in a row */
	uint64_t retry_ms;           /* on the loop's clock; while it is open */
};

/* Whether something new may go out now. When it is open, a yes is for one try: the next comes later. */
bool breaker_take(struct breaker *breaker, uint64_t now_ms);

/* The same without taking the try. */
bool breaker_open(const struct breaker *breaker, uint64_t now_ms);

void breaker_failed(struct breaker *breaker, uint64_t now_ms);
void breaker_answered(struct breaker *breaker);

#endif
