/*
 * What holds messages back from one connector: its rate and its circuit
 * breaker.
 *
 * The rate is a token bucket of one second's worth. The breaker opens after
 * some failures in a row, lets one message through when its time has come, and
 * closes with the first answer. Pure; the clock is given.
 */
#ifndef TIPLINE_HANDLERS_NOTIFY_CONNECTOR_GATE_H
#define TIPLINE_HANDLERS_NOTIFY_CONNECTOR_GATE_H

#include <stdbool.h>
#include <stdint.h>

#define GATE_FAILURES 5           /* in a row, then it opens */
#define GATE_FIRST_MS 10000u      /* until one may try; doubles with each try that fails */
#define GATE_LAST_MS 300000u

enum gate_state {
	GATE_CLOSED,              /* all goes through */
	GATE_OPEN,                /* nothing does */
	GATE_HALF_OPEN,           /* one message tries */
};

struct connector_gate {
	unsigned per_s;           /* 0: no limit */
	uint64_t credit;          /* thousandths of a message */
	uint64_t filled_ms;       /* when that was so; 0: never */
	unsigned failures;        /* in a row */
	uint64_t retry_ms;        /* while open: when one may try */
	bool trying;              /* that one is on its way */
};

enum gate_answer {
	GATE_GO,                  /* counted: gate_ended() must follow */
	GATE_WAIT,                /* too fast: again after *wait_ms */
	GATE_SHUT,                /* the breaker is open */
};

/* Whether one message may go now. */
enum gate_answer gate_ask(struct connector_gate *gate, uint64_t now_ms, uint64_t *wait_ms);

/* One that went has its end; `answered`: whoever is behind it works, whatever it said. */
void gate_ended(struct connector_gate *gate, bool answered, uint64_t now_ms);

enum gate_state gate_state(const struct connector_gate *gate, uint64_t now_ms);

#endif
