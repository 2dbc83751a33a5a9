/*
 * The kinds of records: who may, in which state, leading where, apart from
 * whom. The auditor's own table of docs/REWARDS.md, E01 to E27.
 */
#include "daemon/cli/money_check_parts.h"

#include "daemon/base/table.h"

#define IN(state) (1u << MONEY_##state)
#define OPEN (IN(REJECTED) - 1)                 /* every state that is not terminal */
#define ANY (OPEN | IN(REJECTED) | IN(WITHDRAWN) | IN(DECLINED) | IN(REVOKED) | IN(REVERSED) | IN(CLOSED))
#define EARLY (MONEY_PART_INTAKE | MONEY_PART_VERIFIER | MONEY_PART_PROPOSER)
#define LATE (MONEY_PART_FINANCE | MONEY_PART_PANEL)
#define DECIDED (MONEY_PART_PROPOSER | MONEY_PART_APPROVER)   /* neither of whom settles it */

static const struct money_kind kinds[] = {
	{ .kind = "staff.set", .roles = "admin system", .take = money_take_staff },
	{ .kind = "policy.draft", .roles = "admin approver", .take = money_take_draft },
	{ .kind = "policy.adopt", .roles = "admin approver", .take = money_take_adopt },
	{ .kind = "budget.appropriate", .roles = "finance" },
	{ .kind = "budget.receive", .roles = "finance" },
	{ .kind = "budget.fund", .roles = "finance" },
	{ .kind = "budget.fee", .roles = "finance" },
	{ .kind = "budget.open_year", .roles = "finance" },
	{ .kind = "budget.close_year", .roles = "finance", .two = true },
	{ .kind = "budget.correct", .roles = "finance", .two = true },
	{ .kind = "budget.tax", .roles = "finance", .from = IN(PAID) | IN(CLOSED), .apart = DECIDED, .take = money_take_tax },
	{ .kind = "case.verified", .roles = "verifier", .take = money_take_case },
	{ .kind = "rail.hold", .roles = "auditor finance system" },
	{ .kind = "rail.lift", .roles = "auditor finance" },
	{ .kind = "statement.import", .roles = "finance system", .take = money_take_import },
	{ .kind = "break.open", .roles = "system finance", .take = money_take_break },
	{ .kind = "break.resolve", .roles = "finance", .two = true },
	{ .kind = "suspense.clear", .roles = "finance", .two = true, .take = money_take_clear },
	{ .kind = "book.restored", .roles = "system finance admin", .take = money_take_restored },
	{ .kind = "book.reconciled", .roles = "finance", .two = true, .take = money_take_reconciled },
	{ .kind = "audit.export", .roles = "auditor system" },

	{ .kind = "reward.propose", .roles = "proposer", .take = money_take_propose },
	{ .kind = "reward.submit", .roles = "proposer", .from = IN(DRAFT), .to = IN(IN_REVIEW), .stops = true,
	  .apart = MONEY_PART_APPROVER | MONEY_PART_FINANCE, .part = MONEY_PART_PROPOSER, .take = money_take_submit },
	{ .kind = "reward.approve", .roles = "approver", .from = IN(IN_REVIEW),
	  .to = IN(IN_REVIEW) | IN(APPROVED) | IN(AWAITING_FUNDS), .stops = true,
	  .apart = EARLY | LATE | MONEY_PART_APPROVER, .part = MONEY_PART_APPROVER, .take = money_take_approve },
	{ .kind = "reward.return", .roles = "approver", .from = IN(IN_REVIEW), .to = IN(DRAFT), .apart = EARLY },
	{ .kind = "reward.reject", .roles = "approver", .from = IN(IN_REVIEW), .to = IN(REJECTED), .apart = EARLY },
	{ .kind = "reward.withdraw", .roles = "proposer", .from = IN(DRAFT) | IN(IN_REVIEW) | IN(AWAITING_FUNDS),
	  .to = IN(WITHDRAWN) },
	{ .kind = "reward.funds", .roles = "system", .from = IN(AWAITING_FUNDS), .to = IN(APPROVED) | IN(IN_REVIEW),
	  .stops = true, .take = money_take_funds },
	{ .kind = "reward.publish", .roles = "system", .from = IN(APPROVED), .to = IN(CLAIMABLE), .stops = true,
	  .take = money_take_publish },
	{ .kind = "reward.claim", .roles = "claimant", .from = IN(CLAIMABLE), .to = IN(CLAIMED), .stops = true,
	  .take = money_take_claim },
	{ .kind = "reward.change_payee", .roles = "claimant", .from = IN(CLAIMED) | IN(RELEASED), .to = IN(CLAIMED),
	  .stops = true, .take = money_take_claim },
	{ .kind = "reward.panel", .roles = "approver", .from = IN(CLAIMABLE) | IN(CLAIMED) | IN(RELEASED),
	  .to = IN(CLAIMED), .stops = true, .two = true, .apart = EARLY | LATE | MONEY_PART_APPROVER | MONEY_PART_CASHIER,
	  .part = MONEY_PART_PANEL, .take = money_take_panel },
	{ .kind = "reward.decline", .roles = "claimant", .from = IN(CLAIMABLE) | IN(CLAIMED), .to = IN(DECLINED),
	  .stops = true, .take = money_take_end },
	{ .kind = "reward.expire", .roles = "system", .from = IN(CLAIMABLE), .to = IN(EXPIRED), .stops = true,
	  .take = money_take_expire },
	{ .kind = "reward.extend", .roles = "approver", .from = IN(CLAIMABLE), .to = IN(CLAIMABLE),
	  .apart = MONEY_PART_PROPOSER, .take = money_take_extend },
	{ .kind = "reward.reinstate", .roles = "approver", .from = IN(EXPIRED), .to = IN(CLAIMABLE), .stops = true,
	  .two = true, .apart = EARLY | LATE, .part = MONEY_PART_APPROVER, .take = money_take_reinstate },
	{ .kind = "reward.hold", .roles = "auditor approver system", .from = OPEN, .to = OPEN, .take = money_take_hold },
	{ .kind = "reward.lift", .roles = "auditor approver", .from = OPEN, .to = OPEN, .take = money_take_lift },
	{ .kind = "reward.release", .roles = "finance", .from = IN(CLAIMED), .to = IN(RELEASED), .stops = true,
	  .apart = EARLY | MONEY_PART_APPROVER | MONEY_PART_PANEL | MONEY_PART_CASHIER, .part = MONEY_PART_FINANCE,
	  .take = money_take_release },
	{ .kind = "reward.reissue", .roles = "claimant finance", .from = IN(RETURNED_TO_US), .to = IN(CLAIMED),
	  .stops = true, .two = true, .apart = EARLY | MONEY_PART_APPROVER | MONEY_PART_PANEL | MONEY_PART_CASHIER |
		MONEY_PART_IMPORTER,
	  .part = MONEY_PART_FINANCE, .take = money_take_reissue },
	{ .kind = "reward.revoke", .roles = "approver",
	  .from = IN(APPROVED) | IN(CLAIMABLE) | IN(CLAIMED) | IN(RELEASED) | IN(RETURNED_TO_US), .to = IN(REVOKED),
	  .two = true, .apart = MONEY_PART_PROPOSER | MONEY_PART_FINANCE | MONEY_PART_CASHIER, .take = money_take_end },
	{ .kind = "reward.void", .roles = "approver", .from = IN(PAID), .to = IN(REVERSED), .two = true,
	  .apart = MONEY_PART_PROPOSER | MONEY_PART_FINANCE | MONEY_PART_CASHIER, .take = money_take_void },
	{ .kind = "reward.recover", .roles = "finance", .from = ANY,
	  .apart = DECIDED | MONEY_PART_CASHIER, .take = money_take_recover },
	{ .kind = "reward.write_off", .roles = "approver", .from = ANY, .two = true,
	  .apart = MONEY_PART_PROPOSER | MONEY_PART_FINANCE | MONEY_PART_CASHIER, .take = money_take_write_off },
	{ .kind = "reward.offset", .roles = "system", .from = IN(CLAIMED) | IN(RELEASED),
	  .to = IN(CLAIMED) | IN(RELEASED) | IN(PAID), .take = money_take_offset },
	{ .kind = "reward.close", .roles = "system", .from = IN(PAID), .to = IN(CLOSED), .stops = true,
	  .take = money_take_close },

	{ .kind = "attempt.start", .roles = "system", .from = IN(RELEASED), .to = IN(PAYING), .stops = true,
	  .take = money_take_start },
	{ .kind = "attempt.send", .roles = "system", .from = ANY, .of_attempt = true, .take = money_take_send },
	{ .kind = "attempt.query", .roles = "system", .from = ANY, .of_attempt = true },
	{ .kind = "attempt.observe", .roles = "system cashier finance", .from = ANY, .to = ANY, .of_attempt = true,
	  .apart = DECIDED | MONEY_PART_CASHIER, .take = money_take_observe },
	{ .kind = "attempt.cancel", .roles = "system finance", .from = ANY, .to = IN(CLAIMED), .of_attempt = true,
	  .apart = DECIDED, .take = money_take_cancel },
};

const struct money_kind *money_kind_find(struct span kind)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (span_is(kind, kinds[i].kind))
			return &kinds[i];
	return NULL;
}
