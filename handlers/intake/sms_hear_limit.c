/*
 * How often one telephone may write; see sms_hear.h.
 *
 * Two buckets under one rule: that of this process, and that of all of them in
 * the store. When the store is away the first one holds alone. Messages of what is
 * no telephone (names, short numbers) have none of their own.
 */
#include "handlers/intake/sms_hear_inside.h"

#include "daemon/loop/loop.h"
#include "daemon/store/wait.h"
#include "daemon/sys/log.h"
#include "handlers/limited.h"

static enum flow_next too_often(struct hearing *h)
{
	log_rarely(LOG_LEVEL_NOTICE, "sms.limited", "one telephone");
	h->end.as = SMS_AS_NOTHING;
	return hear_again(h);
}

enum flow_next hear_limit(struct flow *flow)
{
	struct hearing *h = flow_state(flow);
	const struct sms_hear_env *env = &h->hear->env;
	struct store_bucket bucket;
	uint64_t who;
	unsigned wait_s;

	if (env->limits == NULL || !h->telephone)
		return hear_go(flow, STEP_RECALL);
	memcpy(&who, h->mark, sizeof(who));
	if (!limits_take(env->limits, LIMIT_SENDER, who, loop_now_ms(env->loop), &wait_s))
		return too_often(h);
	if (!limited_shared(env->limits, LIMIT_SENDER, env->requests_key, h->heard->sender, &bucket))
		return hear_go(flow, STEP_RECALL);
	return store_wait_flow(flow, env->store, &(struct store_request){ .op = STORE_BUCKET, .bucket = &bucket },
			       &h->limited);
}

enum flow_next hear_limited(struct flow *flow)
{
	struct hearing *h = flow_state(flow);
	struct limit_refusal refusal;

	return limited_shared_refusal(h->hear->env.limits, LIMIT_SENDER, &h->limited, &refusal) ? too_often(h) : FLOW_NEXT;
}
