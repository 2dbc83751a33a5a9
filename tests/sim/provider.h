/*
 * A payment provider that counts what it really sends.
 *
 * It knows an instruction id for a while and answers a repeat with what it did
 * the first time; the same id with other contents is a conflict. Behind its
 * answers lies the truth: how often money went out, whether it came back.
 * Outcomes come with the time, by the world's chance; it may say "failed" of
 * what it pays afterwards all the same, where the world asks for that.
 */
#ifndef TIPLINE_TESTS_SIM_PROVIDER_H
#define TIPLINE_TESTS_SIM_PROVIDER_H

#include "daemon/money/attempt.h"
#include "daemon/money/book.h"
#include "tests/sim/names.h"
#include "tests/sim/random.h"

/* What the rail was told, whole. */
struct instruction {
	char id[INSTRUCTION_ID_LEN + 1];
	char payee[36];
	char rail[16];
	int64_t fen;
};

struct payment {
	struct instruction is;
	char reference[24];             /* the provider's own */
	char account[24];               /* "bank:main": where it is taken from */
	enum attempt_state state;       /* as it would tell */
	int64_t first_ms, known_until_ms;
	int64_t next_ms;                /* when it goes on; 0: it stands */
	enum attempt_state next;
	unsigned times_sent;            /* money out: the count that has to stay at 1 */
	bool returned;
	bool told_failed;               /* before it was paid */
	bool payee_fault;
	unsigned conflicts;             /* asked for with other contents */
	int64_t sent_day, return_day;   /* of the statement; -1: none yet */
};

/* A callback on its way. */
struct callback {
	size_t payment;
	enum attempt_state state;
	int64_t at_ms;
	unsigned number;
};

struct provider_habits {
	unsigned fails, payee_faults, cancels_lost;   /* one in so many; 0: never */
	unsigned returns, lies, doubles, stuck;
	int64_t slow_ms;                              /* longest step */
	int64_t retention_ms;
};

struct provider {
	struct provider_habits habits;
	struct names ids;
	struct payment *payments;       /* by number of the id */
	size_t size;
	struct callback *callbacks;
	size_t ncallbacks, callbacks_size;
	unsigned next_callback;
	uint64_t forgot_and_paid_again; /* an id came back after it had been forgotten */
	uint64_t repeats;
};

void provider_release(struct provider *provider);

enum provider_answer { PROVIDER_STATE, PROVIDER_CONFLICT, PROVIDER_NOT_FOUND };

/* Takes an instruction, or tells what it knows of it. */
enum provider_answer provider_submit(struct provider *provider, struct random *random, const struct instruction *is,
				     int64_t now_ms, const struct payment **out);
enum provider_answer provider_query(const struct provider *provider, const char *id, int64_t now_ms,
				    const struct payment **out);
enum provider_answer provider_cancel(struct provider *provider, struct random *random, const char *id,
				     int64_t now_ms, const struct payment **out);

/* What it does by itself until then. */
void provider_run(struct provider *provider, struct random *random, int64_t now_ms);

/* The next callback that is due, taken out; false: none. */
bool provider_callback(struct provider *provider, int64_t now_ms, struct callback *out);

/* NULL when it never heard of it. */
const struct payment *provider_payment(const struct provider *provider, const char *id);

#endif
