/*
 * Changes of accounts as administrators order them; see account_order.h.
 */
#include "daemon/sys/account_order.h"

#include "daemon/sys/clock.h"

#include <stdio.h>

static const char *const names[ACCOUNT_ACTS] = {
	[ACCOUNT_ACT_ADD] = "add",	 [ACCOUNT_ACT_GRANT] = "grant",	  [ACCOUNT_ACT_REVOKE] = "revoke",
	[ACCOUNT_ACT_SUSPEND] = "suspend", [ACCOUNT_ACT_RESTORE] = "restore", [ACCOUNT_ACT_RECOVER] = "recover",
	[ACCOUNT_ACT_CANCEL_RECOVERY] = "cancel_recovery", [ACCOUNT_ACT_SIGN_OUT] = "sign_out",
};

const char *account_order_act_name(enum account_order_act act)
{
	return names[act];
}

bool account_order_act_find(struct span name, enum account_order_act *act)
{
	for (size_t i = 0; i < ACCOUNT_ACTS; i++) {
		if (!span_is(name, names[i]))
			continue;
		*act = (enum account_order_act)i;
		return true;
	}
	return false;
}

/* --- whose it is to order ---------------------------------------------------------- */

static bool reaches_beyond(const char region[7], const struct account *person, int64_t now_ms)
{
	for (size_t i = 0; i < person->ngrants; i++) {
		const struct account_grant *grant = &person->grants[i];

		if ((grant->until_ms == 0 || now_ms < grant->until_ms) && !token_region_covers(region, grant->region))
			return true;
	}
	return false;
}

/* Names that differ in case alone are taken for one person here. */
static bool tokens_reach_beyond(const struct account_order *order, const struct tokens *tokens, int64_t now_ms)
{
	for (size_t i = 0; i < tokens_count(tokens); i++) {
		const struct token *token = tokens_at(tokens, i);

		if (span_eq_nocase(order->person, span_of(token->person)) && (token->expires_ms == 0 || now_ms < token->expires_ms) &&
		    !token_region_covers(order->by_region, token->region))
			return true;
	}
	return false;
}

static bool is_beyond(const struct account_order *order, const struct account *person, const struct tokens *tokens, int64_t now_ms)
{
	switch (order->act) {
	case ACCOUNT_ACT_ADD:
		return tokens_reach_beyond(order, tokens, now_ms);
	case ACCOUNT_ACT_GRANT:
	case ACCOUNT_ACT_REVOKE:
		return !token_region_covers(order->by_region, order->grant.region);
	case ACCOUNT_ACT_SUSPEND:
	case ACCOUNT_ACT_RESTORE:
	case ACCOUNT_ACT_RECOVER:
	case ACCOUNT_ACT_CANCEL_RECOVERY:
	case ACCOUNT_ACT_SIGN_OUT:
	case ACCOUNT_ACTS:
		break;
	}
	return reaches_beyond(order->by_region, person, now_ms) || tokens_reach_beyond(order, tokens, now_ms);
}

static enum account_order_verdict refuse(enum account_order_verdict verdict, struct complaint *why, const char *text)
{
	complain(why, 0, "%s", text);
	return verdict;
}

enum account_order_verdict account_order_judge(const struct account_order *order, const struct accounts *reg,
				     const struct tokens *tokens, int64_t now_ms, struct complaint *why)
{
	const struct account *person = accounts_find(reg, order->person);

	if (person == NULL && order->act != ACCOUNT_ACT_ADD)
		return refuse(ACCOUNT_ORDER_UNKNOWN, why, "there is no such account");
	if (span_empty(order->by))
		return order->act != ACCOUNT_ACT_RECOVER ? ACCOUNT_ORDER_WELL :
							 refuse(ACCOUNT_ORDER_ALONE, why,
								"a recovery needs two administrators, each with their own token");
	if (span_eq_nocase(order->by, order->person))
		return refuse(ACCOUNT_ORDER_OWN, why, "nobody changes their own account; another administrator has to do it");
	if (is_beyond(order, person, tokens, now_ms))
		return refuse(ACCOUNT_ORDER_BEYOND, why, "this reaches beyond the region where you are administrator");
	return ACCOUNT_ORDER_WELL;
}

bool account_order_sees(const char region[7], const struct account *person)
{
	for (size_t i = 0; i < person->ngrants; i++)
		if (token_region_covers(region, person->grants[i].region))
			return true;
	return person->ngrants == 0;
}

/* --- carrying out --------------------------------------------------------------------- */

static enum account_order_done done(bool well)
{
	return well ? ACCOUNT_DONE_WELL : ACCOUNT_DONE_REFUSED;
}

/* The machine's operator needs nobody else. */
static enum account_order_done grant(const struct account_order *order, const char *state_dir, int64_t now_ms, struct complaint *why)
{
	if (span_empty(order->by) || (order->grant.role & ACCOUNT_GRANT_BY_TWO) == 0)
		return done(account_grant_add(state_dir, order->by, order->person, &order->grant, why));
	switch (account_grant_word(state_dir, order->by, order->person, &order->grant, now_ms, why)) {
	case ACCOUNT_WORD_DONE:
		return ACCOUNT_DONE_WELL;
	case ACCOUNT_WORD_WAITS:
		return ACCOUNT_DONE_WAITS;
	case ACCOUNT_WORD_REFUSED:
		break;
	}
	return ACCOUNT_DONE_REFUSED;
}

static enum account_order_done recover(const struct account_order *order, const char *state_dir, int64_t now_ms,
			       char code[ACCOUNT_SETUP_CODE_BYTES + 1], struct complaint *why)
{
	switch (account_recover(state_dir, order->by, order->person, now_ms, code, why)) {
	case ACCOUNT_RECOVERY_DONE:
		return ACCOUNT_DONE_CODE;
	case ACCOUNT_RECOVERY_WAITS:
		return ACCOUNT_DONE_WAITS;
	case ACCOUNT_RECOVERY_REFUSED:
		break;
	}
	return ACCOUNT_DONE_REFUSED;
}

enum account_order_done account_order_run(const struct account_order *order, const char *state_dir, int64_t now_ms,
				char code[ACCOUNT_SETUP_CODE_BYTES + 1], struct complaint *why)
{
	switch (order->act) {
	case ACCOUNT_ACT_ADD:
		return account_invite(state_dir, order->person, order->name, now_ms, code, why) ? ACCOUNT_DONE_CODE : ACCOUNT_DONE_REFUSED;
	case ACCOUNT_ACT_GRANT:
		return grant(order, state_dir, now_ms, why);
	case ACCOUNT_ACT_REVOKE:
		return done(account_grant_revoke(state_dir, order->by, order->person, order->grant.role, order->grant.region, why));
	case ACCOUNT_ACT_SUSPEND:
	case ACCOUNT_ACT_RESTORE:
		return done(account_suspend(state_dir, order->by, order->person, order->act == ACCOUNT_ACT_SUSPEND, why));
	case ACCOUNT_ACT_RECOVER:
		return recover(order, state_dir, now_ms, code, why);
	case ACCOUNT_ACT_CANCEL_RECOVERY:
		return done(account_cancel_recovery(state_dir, order->by, order->person, now_ms, why));
	case ACCOUNT_ACT_SIGN_OUT:
		return done(account_sign_out(state_dir, order->person, now_ms, why));
	case ACCOUNT_ACTS:
		break;
	}
	return ACCOUNT_DONE_REFUSED;
}

/* --- the audit trail --------------------------------------------------------------------- */

/* "from=... until=..." as far as they are said. */
static void put_times(const struct account_grant *grant, char query[ACCOUNT_ORDER_QUERY_MAX])
{
	char from[21] = "", until[21] = "";

	if (grant->from_ms != 0)
		clock_text(grant->from_ms, from);
	if (grant->until_ms != 0)
		clock_text(grant->until_ms, until);
	snprintf(query, ACCOUNT_ORDER_QUERY_MAX, "%s%s%s%s%s", from[0] != '\0' ? "from=" : "", from,
		 from[0] != '\0' && until[0] != '\0' ? " " : "", until[0] != '\0' ? "until=" : "", until);
}

struct trail_event account_order_event(const struct account_order *order, struct account_order_words *words)
{
	struct trail_event event = { .kind = TRAIL_ACCOUNT_CHANGED, .by = order->by, .id = order->person };

	snprintf(words->call, sizeof(words->call), "account_%s", names[order->act]);
	words->query[0] = '\0';
	event.call = span_of(words->call);
	if (order->act == ACCOUNT_ACT_GRANT || order->act == ACCOUNT_ACT_REVOKE) {
		put_times(&order->grant, words->query);
		event.query = span_of(words->query);
		event.region = span_of(order->grant.region);
		event.to = span_of(token_role_name((unsigned)__builtin_ctz(order->grant.role)));
	}
	return event;
}
