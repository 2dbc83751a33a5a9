/*
 * What intake needs of its surroundings; main.c fills it in.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_INTAKE_ENV_H
#define TIPLINE_HANDLERS_INTAKE_INTAKE_ENV_H

#include "daemon/core/judge.h"
#include "handlers/intake/commit.h"
#include "handlers/intake/intake.h"

struct intake_env {
	struct loop *loop;
	struct judge *judge;
	struct keys *keys;
	struct week_keys *weeks;     /* what is sealed is covered under the present week's */
	struct commit *commit;
	size_t text_max_bytes;
	unsigned answer_ttl_s;       /* how long a request id is remembered */
	/*
	 * The sealed intent that answers an SMS, in the arena; empty: no answer.
	 * Called once the tip's id and code are known.
	 */
	struct span (*reply_intent)(void *ctx, const struct intake_request *request, const struct tip_id *id,
				    const struct receipt_code *receipt, struct arena *arena);
	void *reply_ctx;
};

struct intake_figures {
	uint64_t by_verdict[INTAKE_BUSY + 1];
	uint64_t by_channel[TIP_BY_SMS + 1];    /* accepted */
	uint64_t by_priority[PRIORITY_LOW + 1]; /* accepted */
	uint64_t unrouted;                      /* accepted for the national queue */
};

struct intake *intake_new(const struct intake_env *env);
void intake_free(struct intake *intake);

/* Another judge from the next tip on; tips under way may still point into the old one. */
void intake_set_judge(struct intake *intake, struct judge *judge);
const struct intake_figures *intake_figures(const struct intake *intake);

#endif
