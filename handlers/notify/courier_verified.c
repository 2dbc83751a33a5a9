/*
 * An errand of the courier: the money journal hears of a verified tip.
 */
#include "handlers/notify/courier_inside.h"

#include "daemon/sys/log.h"

#define UNRECORDED_TRIES_MAX 1000   /* a week: whoever verified may be registered by then */

static void end_verified(struct errand *errand, enum verified_end end)
{
	struct courier_figures *figures = &errand->courier->figures;

	if (end == VERIFIED_LATER && errand->attempts < UNRECORDED_TRIES_MAX) {
		courier_later(errand);
		return;
	}
	figures->recorded += end == VERIFIED_RECORDED;
	figures->unrecorded += end != VERIFIED_RECORDED;
	if (end != VERIFIED_RECORDED)
		log_event(LOG_LEVEL_WARNING, "courier.case_unrecorded", "id", errand->item.verified.tip.text, NULL);
	if (end != VERIFIED_RECORDED)
		errand->why = span_of(arena_printf(&errand->arena, "verified - unrecorded %s", errand->item.verified.tip.text));
	errand->end = end == VERIFIED_RECORDED ? OUTBOX_CARRIED_OUT : OUTBOX_GIVEN_UP;
	courier_tell(errand);
}

static void verified_answered(void *ctx, enum verified_end end)
{
	struct errand *errand = ctx;

	if (courier_answered(errand->courier))
		end_verified(errand, end);
}

void courier_carry_verified(struct errand *errand)
{
	const struct courier_env *env = &errand->courier->env;
	enum verified_end end = VERIFIED_LATER;

	errand->courier->outstanding++;
	if (env->verified != NULL)
		end = env->verified(env->ctx, &errand->item.verified, verified_answered, errand);
	if (end == VERIFIED_ASKED)
		return;
	errand->courier->outstanding--;
	end_verified(errand, end);
}
