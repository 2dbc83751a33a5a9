/* What a record says of the reward it is about. Pure. */

export const states = ["DRAFT", "IN_REVIEW", "APPROVED", "AWAITING_FUNDS", "CLAIMABLE", "CLAIMED", "RELEASED", "PAYING", "PAID", "RETURNED",
	"CLOSED", "REJECTED", "WITHDRAWN", "DECLINED", "EXPIRED", "REVOKED", "REVERSED"];

/* "R7" of R7 and R7-1, else null. */
export function rewardOf(subject) {
	return /^(R\d+)(?:-\d+)?$/.exec(subject)?.[1] ?? null;
}
