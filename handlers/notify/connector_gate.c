/*
 * Rate and circuit breaker of a connector; see connector_gate.h.
 */
#include "handlers/notify/connector_gate.h"

#define ONE 1000u   /* of credit: a message */

static void fill(struct connector_gate *gate, uint64_t now_ms)
{
	uint64_t full = (uint64_t)gate->per_s * ONE;
	uint64_t elapsed = now_ms > gate->filled_ms ? now_ms - gate->filled_ms : 0;

	if (gate->filled_ms == 0 || elapsed >= 1000)
		gate->credit = full;
	else
		gate->credit += elapsed * gate->per_s;
	if (gate->credit > full)
		gate->credit = full;
	gate->filled_ms = now_ms;
}

static uint64_t shut_for_ms(const struct connector_gate *gate)
{
	unsigned doublings = gate->failures - GATE_FAILURES;
	uint64_t wait = (uint64_t)GATE_FIRST_MS << (doublings < 8 ? doublings : 8);

	return wait < GATE_LAST_MS ? wait : GATE_LAST_MS;
}

enum gate_state gate_state(const struct connector_gate *gate, uint64_t now_ms)
{
	if (gate->failures < GATE_FAILURES)
		return GATE_CLOSED;
	return gate->trying || now_ms >= gate->retry_ms ? GATE_HALF_OPEN : GATE_OPEN;
}

enum gate_answer gate_ask(struct connector_gate *gate, uint64_t now_ms, uint64_t *wait_ms)
{
	enum gate_state state = gate_state(gate, now_ms);

	*wait_ms = 0;
	if (state == GATE_OPEN || (state == GATE_HALF_OPEN && gate->trying))
		return GATE_SHUT;
	if (gate->per_s > 0) {
		fill(gate, now_ms);
		if (gate->credit < ONE) {
			*wait_ms = (ONE - gate->credit + gate->per_s - 1) / gate->per_s;
			return GATE_WAIT;
		}
		gate->credit -= ONE;
	}
	gate->trying = state == GATE_HALF_OPEN;
	return GATE_GO;
}

void gate_ended(struct connector_gate *gate, bool answered, uint64_t now_ms)
{
	gate->trying = false;
	if (answered) {
		gate->failures = 0;
		return;
	}
	/* Those that were on their way when it opened do not open it further. */
	if (gate->failures >= GATE_FAILURES && now_ms < gate->retry_ms)
		return;
	gate->failures++;
	if (gate->failures >= GATE_FAILURES)
		gate->retry_ms = now_ms + shut_for_ms(gate);
}
