/*
 * From draft to approved: E02 to E08. Approvals are given in the order of the
 * policy's titles, each to the digest that the approver saw; the last one
 * reserves the budget in the same record, or puts the reward in line.
 */
#include "daemon/base/hex.h"
#include "daemon/money/book_state.h"

#include <sodium.h>


/* --- submit ------------------------------------------------------------------------------ */

static void set_digest(struct dossier *dossier)
{
	char round[12];
	crypto_hash_sha256_state state;
	struct span number = money_write(dossier->round, (char[MONEY_TEXT_MAX]){ 0 });

	name_put(round, sizeof(round), number);
	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, dossier->substance, sizeof(dossier->substance));
	crypto_hash_sha256_update(&state, (const unsigned char *)round, strlen(round));
	crypto_hash_sha256_final(&state, dossier->is.digest);
}

static void begin_round(struct plan *plan)
{
	struct dossier *after = &plan->after;
	const char *titles[POLICY_STEPS_MAX];

	after->round++;
	after->is.step = 0;
	after->is.steps = (unsigned)policy_approvals(after->policy, after->is.fen, after->override_fen > 0, titles);
	after->review_ms = plan->now_ms;
	set_digest(after);
	plan_put_number(plan, "round", after->round);
	plan_put_number(plan, "steps", after->is.steps);
	plan_put_hash(plan, "digest", after->is.digest);
}

bool guard_submit(struct plan *plan)
{
	begin_round(plan);
	plan_to(plan, REWARD_IN_REVIEW);
	return true;
}

/* --- approve ------------------------------------------------------------------------------- */

static bool same_line(const struct dossier *a, const struct dossier *b)
{
	return strcmp(a->bureau, b->bureau) == 0 && strcmp(a->programme, b->programme) == 0;
}

/* First in line of its programme: nobody is passed over but those on hold. */
bool review_is_first(const struct book *book, const struct dossier *dossier)
{
	const size_t *waiting = book->waiting.at;

	for (size_t i = 0; i < book->waiting.n; i++) {
		const struct dossier *other = dossier_at(book, waiting[i]);

		if (other == dossier)
			return true;
		if (same_line(other, dossier) && !other->is.held)
			return false;
	}
	return true;
}

bool review_has_funds(const struct book *book, const struct dossier *dossier, int64_t at_ms)
{
	char name[LEDGER_BOOK_MAX];
	const struct fiscal *fiscal;

	fiscal_name(name, dossier->bureau, dossier->programme, at_ms);
	fiscal = fiscal_find(book, name);
	return fiscal != NULL && !fiscal->closed &&
	       ledger_balance(book->ledger, name, LEDGER_AVAILABLE, "") >= dossier->is.fen;
}

bool review_reserve(struct plan *plan)
{
	struct dossier *after = &plan->after;
	struct posting_facts facts = { .a = after->is.fen, .net = after->is.fen - after->is.tax_fen,
				       .tax = after->is.tax_fen };

	if (!review_has_funds(plan->book, plan->dossier, plan->now_ms))
		return false;
	fiscal_name(after->is.book, after->bureau, after->programme, plan->now_ms);
	plan_put(plan, "book", span_of(after->is.book));
	return plan_post(plan, POSTING_APPROVED, &facts);
}

static bool quotes_digest(struct plan *plan)
{
	unsigned char quoted[RECORD_HASH_BYTES];

	if (!hex_get(plan_field(plan, "digest"), quoted, sizeof(quoted)) ||
	    memcmp(quoted, plan->dossier->is.digest, sizeof(quoted)) != 0)
		return plan_refuse(plan, 409, "STALE_DIGEST", "this is not what is to be approved now");
	return true;
}

static bool has_title(struct plan *plan)
{
	const char *titles[POLICY_STEPS_MAX];
	const struct dossier *dossier = plan->dossier;

	policy_approvals(dossier->policy, dossier->is.fen, dossier->override_fen > 0, titles);
	if (!staff_titled(&plan->actor, titles[dossier->is.step]))
		return plan_refuse(plan, 403, "TITLE", "the next approval is that of %s", titles[dossier->is.step]);
	plan_put(plan, "title", span_of(titles[dossier->is.step]));
	return true;
}

static bool approve_last(struct plan *plan)
{
	plan->after.approved_ms = plan->now_ms;
	if (review_is_first(plan->book, plan->dossier) && review_reserve(plan))
		plan_to(plan, REWARD_APPROVED);
	else
		plan_to(plan, REWARD_AWAITING_FUNDS);
	return true;
}

bool guard_approve(struct plan *plan)
{
	bool last = plan->dossier->is.step + 1 == plan->dossier->is.steps;

	if (!plan_may(plan, last ? REWARD_EV_APPROVE_FINAL : REWARD_EV_APPROVE_STEP, plan->role) ||
	    !quotes_digest(plan) || !has_title(plan))
		return false;
	plan->after.is.step++;
	plan->after.review_ms = plan->now_ms;
	plan_put_number(plan, "step", plan->after.is.step);
	if (last)
		return approve_last(plan);
	plan_to(plan, REWARD_IN_REVIEW);
	return true;
}

/* --- otherwise --------------------------------------------------------------------------------- */

bool guard_return(struct plan *plan)
{
	plan->after.is.step = 0;
	plan_to(plan, REWARD_DRAFT);
	return true;
}

bool guard_reject(struct plan *plan)
{
	plan_to(plan, REWARD_REJECTED);
	return true;
}

bool guard_withdraw(struct plan *plan)
{
	plan_to(plan, REWARD_WITHDRAWN);
	return true;
}

bool review_is_stale(const struct dossier *dossier, int64_t at_ms)
{
	return at_ms >= dossier->approved_ms + APPROVAL_MS;
}

/* Money has come, or the approvals have grown too old to wait on. */
bool guard_funds(struct plan *plan)
{
	if (review_is_stale(plan->dossier, plan->now_ms)) {
		begin_round(plan);
		plan_to(plan, REWARD_IN_REVIEW);
		return true;
	}
	if (!review_is_first(plan->book, plan->dossier))
		return plan_refuse(plan, 409, "NOT_FIRST", "others have waited longer");
	if (!review_reserve(plan))
		return plan_refuse(plan, 409, "BUDGET", "not enough is available");
	plan_to(plan, REWARD_APPROVED);
	return true;
}
