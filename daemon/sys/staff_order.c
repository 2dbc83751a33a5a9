/*
 * Changes of accounts as administrators order them; see staff_order.h.
 */
#include "daemon/sys/staff_order.h"

#include "daemon/sys/clock.h"

#include <stdio.h>

static const char *const names[STAFF_ACTS] = {
	[STAFF_ACT_ADD] = "add",	 [STAFF_ACT_GRANT] = "grant",	  [STAFF_ACT_REVOKE] = "revoke",
	[STAFF_ACT_SUSPEND] = "suspend", [STAFF_ACT_RESTORE] = "restore", [STAFF_ACT_RECOVER] = "recover",
};

const char *staff_act_name(enum staff_act act)
{
	return names[act];
}

bool staff_act_find(struct span name, enum staff_act *act)
{
	for (size_t i = 0; i < STAFF_ACTS; i++) {
		if (!span_is(name, names[i]))
			continue;
		*act = (enum staff_act)i;
		return true;
	}
	return false;
}

/* --- whose it is to order ---------------------------------------------------------- */

static bool reaches_beyond(const char region[7], const struct staff_person *person, int64_t now_ms)
{
	for (size_t i = 0; i < person->ngrants; i++) {
		const struct staff_grant *grant = &person->grants[i];

		if ((grant->until_ms == 0 || now_ms < grant->until_ms) && !token_region_covers(region, grant->region))
			return true;
	}
	return false;
}

/* Names that differ in case alone are taken for one person here. */
static bool tokens_reach_beyond(const struct staff_order *order, const struct tokens *tokens, int64_t now_ms)
{
	for (size_t i = 0; i < tokens_count(tokens); i++) {
		const struct token *token = tokens_at(tokens, i);

		if (span_eq_nocase(order->person, span_of(token->person)) && (token->expires_ms == 0 || now_ms < token->expires_ms) &&
		    !token_region_covers(order->by_region, token->region))
			return true;
	}
	return false;
}

static bool is_beyond(const struct staff_order *order, const struct staff_person *person, const struct tokens *tokens, int64_t now_ms)
{
	switch (order->act) {
	case STAFF_ACT_ADD:
		return tokens_reach_beyond(order, tokens, now_ms);
	case STAFF_ACT_GRANT:
	case STAFF_ACT_REVOKE:
		return !token_region_covers(order->by_region, order->grant.region);
	case STAFF_ACT_SUSPEND:
	case STAFF_ACT_RESTORE:
	case STAFF_ACT_RECOVER:
	case STAFF_ACTS:
		break;
	}
	return reaches_beyond(order->by_region, person, now_ms) || tokens_reach_beyond(order, tokens, now_ms);
}

static enum staff_verdict refuse(enum staff_verdict verdict, struct complaint *why, const char *text)
{
	complain(why, 0, "%s", text);
	return verdict;
}

enum staff_verdict staff_order_judge(const struct staff_order *order, const struct staff_register *reg,
				     const struct tokens *tokens, int64_t now_ms, struct complaint *why)
{
	const struct staff_person *person = staff_register_find(reg, order->person);

	if (person == NULL && order->act != STAFF_ACT_ADD)
		return refuse(STAFF_ORDER_UNKNOWN, why, "there is no such account");
	if (span_empty(order->by))
		return order->act != STAFF_ACT_RECOVER ? STAFF_ORDER_WELL :
							 refuse(STAFF_ORDER_ALONE, why,
								"a recovery needs two administrators, each with their own token");
	if (span_eq_nocase(order->by, order->person))
		return refuse(STAFF_ORDER_OWN, why, "nobody changes their own account; another administrator has to do it");
	if (is_beyond(order, person, tokens, now_ms))
		return refuse(STAFF_ORDER_BEYOND, why, "this reaches beyond the region where you are administrator");
	return STAFF_ORDER_WELL;
}

bool staff_order_sees(const char region[7], const struct staff_person *person)
{
	for (size_t i = 0; i < person->ngrants; i++)
		if (token_region_covers(region, person->grants[i].region))
			return true;
	return person->ngrants == 0;
}

/* --- carrying out --------------------------------------------------------------------- */

static enum staff_done done(bool well)
{
	return well ? STAFF_DONE_WELL : STAFF_DONE_REFUSED;
}

/* The machine's operator needs nobody else. */
static enum staff_done grant(const struct staff_order *order, const char *state_dir, int64_t now_ms, struct complaint *why)
{
	if (span_empty(order->by) || (order->grant.role & STAFF_GRANT_BY_TWO) == 0)
		return done(staff_grant_add(state_dir, order->by, order->person, &order->grant, why));
	switch (staff_grant_word(state_dir, order->by, order->person, &order->grant, now_ms, why)) {
	case STAFF_WORD_DONE:
		return STAFF_DONE_WELL;
	case STAFF_WORD_WAITS:
		return STAFF_DONE_WAITS;
	case STAFF_WORD_REFUSED:
		break;
	}
	return STAFF_DONE_REFUSED;
}

static enum staff_done recover(const struct staff_order *order, const char *state_dir, int64_t now_ms,
			       char code[STAFF_SETUP_CODE_BYTES + 1], struct complaint *why)
{
	switch (staff_recover(state_dir, order->by, order->person, now_ms, code, why)) {
	case STAFF_RECOVERY_DONE:
		return STAFF_DONE_CODE;
	case STAFF_RECOVERY_WAITS:
		return STAFF_DONE_WAITS;
	case STAFF_RECOVERY_REFUSED:
		break;
	}
	return STAFF_DONE_REFUSED;
}

enum staff_done staff_order_run(const struct staff_order *order, const char *state_dir, int64_t now_ms,
				char code[STAFF_SETUP_CODE_BYTES + 1], struct complaint *why)
{
	switch (order->act) {
	case STAFF_ACT_ADD:
		return staff_invite(state_dir, order->person, order->name, now_ms, code, why) ? STAFF_DONE_CODE : STAFF_DONE_REFUSED;
	case STAFF_ACT_GRANT:
		return grant(order, state_dir, now_ms, why);
	case STAFF_ACT_REVOKE:
		return done(staff_grant_revoke(state_dir, order->by, order->person, order->grant.role, order->grant.region, why));
	case STAFF_ACT_SUSPEND:
	case STAFF_ACT_RESTORE:
		return done(staff_suspend(state_dir, order->by, order->person, order->act == STAFF_ACT_SUSPEND, why));
	case STAFF_ACT_RECOVER:
		return recover(order, state_dir, now_ms, code, why);
	case STAFF_ACTS:
		break;
	}
	return STAFF_DONE_REFUSED;
}

/* --- the audit trail --------------------------------------------------------------------- */

/* "from=... until=..." as far as they are said. */
static void put_times(const struct staff_grant *grant, char query[STAFF_ORDER_QUERY_MAX])
{
	char from[21] = "", until[21] = "";

	if (grant->from_ms != 0)
		clock_text(grant->from_ms, from);
	if (grant->until_ms != 0)
		clock_text(grant->until_ms, until);
	snprintf(query, STAFF_ORDER_QUERY_MAX, "%s%s%s%s%s", from[0] != '\0' ? "from=" : "", from,
		 from[0] != '\0' && until[0] != '\0' ? " " : "", until[0] != '\0' ? "until=" : "", until);
}

struct trail_event staff_order_event(const struct staff_order *order, struct staff_order_words *words)
{
	struct trail_event event = { .kind = TRAIL_ACCOUNT_CHANGED, .by = order->by, .id = order->person };

	snprintf(words->call, sizeof(words->call), "account_%s", names[order->act]);
	words->query[0] = '\0';
	event.call = span_of(words->call);
	if (order->act == STAFF_ACT_GRANT || order->act == STAFF_ACT_REVOKE) {
		put_times(&order->grant, words->query);
		event.query = span_of(words->query);
		event.region = span_of(order->grant.region);
		event.to = span_of(token_role_name((unsigned)__builtin_ctz(order->grant.role)));
	}
	return event;
}
