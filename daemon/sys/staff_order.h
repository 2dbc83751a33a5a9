/*
 * One change of an account as an administrator orders it, by HTTP or at the
 * command line: whether it is theirs to order, what the audit trail says of it,
 * and carrying it out.
 *
 * An administrator orders within the region of their own right: grants that lie
 * in it, and accounts none of whose grants reaches beyond it. Any role may be
 * given there, also that of administrator: a role opens no tip by itself, whose
 * keys are given on by those who hold them. Nobody orders anything about their
 * own account, and a recovery takes two administrators. The machine's operator
 * (who could write the file as well) is bound by the last alone.
 */
#ifndef TIPLINE_SYS_STAFF_ORDER_H
#define TIPLINE_SYS_STAFF_ORDER_H

#include "daemon/core/journal/trail_event.h"
#include "daemon/sys/staff_register.h"

enum staff_act {
	STAFF_ACT_ADD,
	STAFF_ACT_GRANT,
	STAFF_ACT_REVOKE,
	STAFF_ACT_SUSPEND,
	STAFF_ACT_RESTORE,
	STAFF_ACT_RECOVER,
	STAFF_ACTS,
};

struct staff_order {
	enum staff_act act;
	struct span by;              /* the administrator; empty: the machine's operator */
	char by_region[7];           /* where `by` is administrator */
	struct span person;
	struct span name;            /* ADD */
	struct staff_grant grant;    /* GRANT; of REVOKE role and region */
};

/* "add", "grant", ... */
const char *staff_act_name(enum staff_act act);

/* False: there is none of that name. */
bool staff_act_find(struct span name, enum staff_act *act);

enum staff_verdict {
	STAFF_ORDER_WELL,
	STAFF_ORDER_UNKNOWN,    /* there is no such account */
	STAFF_ORDER_OWN,        /* about the one who orders */
	STAFF_ORDER_BEYOND,     /* reaches beyond the region of the one who orders */
	STAFF_ORDER_ALONE,      /* a recovery without an administrator */
};

/*
 * Whether the order is theirs to give; `why` where it is not. What a person holds
 * by tokens reaches as far as what an account grants: else whoever is an
 * administrator somewhere could make an account of that name, and suspend it.
 */
enum staff_verdict staff_order_judge(const struct staff_order *order, const struct staff_register *reg,
				     const struct tokens *tokens, int64_t now_ms, struct complaint *why);

/* Whether an administrator of that region may see the account: none of its grants is told to who has no part in it. */
bool staff_order_sees(const char region[7], const struct staff_person *person);

enum staff_done {
	STAFF_DONE_REFUSED,   /* `why` */
	STAFF_DONE_WELL,
	STAFF_DONE_CODE,      /* likewise, and a setup code is out: shown once, the caller wipes it */
	STAFF_DONE_WAITS,     /* the first word of a recovery, or of a grant that takes two */
};

/* Carries out what was judged well. */
enum staff_done staff_order_run(const struct staff_order *order, const char *state_dir, int64_t now_ms,
				char code[STAFF_SETUP_CODE_BYTES + 1], struct complaint *why);

/* What the audit trail says of it: kind, by, call, id, region, to. `call` and `query` hold the texts. */
#define STAFF_ORDER_CALL_MAX 24
#define STAFF_ORDER_QUERY_MAX 64
struct staff_order_words {
	char call[STAFF_ORDER_CALL_MAX], query[STAFF_ORDER_QUERY_MAX];
};
struct trail_event staff_order_event(const struct staff_order *order, struct staff_order_words *words);

#endif
