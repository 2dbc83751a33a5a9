/*
 * One change of an account as an administrator orders it, by HTTP or at the
 * command line: whether it is theirs to order, what the audit trail says of it,
 * and carrying it out.
 *
 * An administrator orders within the region of their own right: grants that lie
 * in it, and accounts none of whose grants reaches beyond it. Any role may be
 * given there, also that of administrator: a role opens no tip by itself, whose
 * keys are given on by those who hold them. Nobody orders anything about their
 * own account, and a recovery takes two administrators; until the second one
 * spoke, any of them takes it back or refuses it. The machine's operator (who
 * could write the file as well) is bound by the two of a recovery alone.
 */
#ifndef TIPLINE_SYS_ACCOUNT_ORDER_H
#define TIPLINE_SYS_ACCOUNT_ORDER_H

#include "daemon/core/journal/trail_event.h"
#include "daemon/sys/accounts.h"

enum account_order_act {
	ACCOUNT_ACT_ADD,
	ACCOUNT_ACT_GRANT,
	ACCOUNT_ACT_REVOKE,
	ACCOUNT_ACT_SUSPEND,
	ACCOUNT_ACT_RESTORE,
	ACCOUNT_ACT_RECOVER,
	ACCOUNT_ACT_CANCEL_RECOVERY,
	ACCOUNT_ACT_SIGN_OUT,
	ACCOUNT_ACTS,
};

struct account_order {
	enum account_order_act act;
	struct span by;              /* the administrator; empty: the machine's operator */
	char by_region[7];           /* where `by` is administrator */
	struct span person;
	struct span name;            /* ADD */
	struct account_grant grant;    /* GRANT; of REVOKE role and region */
};

/* "add", "grant", ... */
const char *account_order_act_name(enum account_order_act act);

/* False: there is none of that name. */
bool account_order_act_find(struct span name, enum account_order_act *act);

enum account_order_verdict {
	ACCOUNT_ORDER_WELL,
	ACCOUNT_ORDER_UNKNOWN,    /* there is no such account */
	ACCOUNT_ORDER_OWN,        /* about the one who orders */
	ACCOUNT_ORDER_BEYOND,     /* reaches beyond the region of the one who orders */
	ACCOUNT_ORDER_ALONE,      /* a recovery without an administrator */
};

/*
 * Whether the order is theirs to give; `why` where it is not. What a person holds
 * by tokens reaches as far as what an account grants: else whoever is an
 * administrator somewhere could make an account of that name, and suspend it.
 */
enum account_order_verdict account_order_judge(const struct account_order *order, const struct accounts *reg,
				     const struct tokens *tokens, int64_t now_ms, struct complaint *why);

/* Whether an administrator of that region may see the account: none of its grants is told to who has no part in it. */
bool account_order_sees(const char region[7], const struct account *person);

enum account_order_done {
	ACCOUNT_DONE_REFUSED,   /* `why` */
	ACCOUNT_DONE_WELL,
	ACCOUNT_DONE_CODE,      /* likewise, and a setup code is out: shown once, the caller wipes it */
	ACCOUNT_DONE_WAITS,     /* the first word of a recovery, or of a grant that takes two */
};

/* Carries out what was judged well. */
enum account_order_done account_order_run(const struct account_order *order, const char *state_dir, int64_t now_ms,
				char code[ACCOUNT_SETUP_CODE_BYTES + 1], struct complaint *why);

/* What the audit trail says of it: kind, by, call, id, region, to. `call` and `query` hold the texts. */
#define ACCOUNT_ORDER_CALL_MAX 24
#define ACCOUNT_ORDER_QUERY_MAX 64
struct account_order_words {
	char call[ACCOUNT_ORDER_CALL_MAX], query[ACCOUNT_ORDER_QUERY_MAX];
};
struct trail_event account_order_event(const struct account_order *order, struct account_order_words *words);

#endif
