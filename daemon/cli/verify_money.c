/*
 * V3: what holds of money (docs/REWARDS.md I01 to I20), by the checker that
 * shares nothing with those who write. I10 is told with V4, I17 with V5.
 */
#include "daemon/cli/verify.h"

void verify_money_invariant(struct verify *verify, struct verify_result *result, enum money_invariant invariant)
{
	const struct money_finding *finding = money_check_finding(verify->money, invariant);

	if (finding->broken)
		verify_found(result, (struct span){ 0 }, "%s at record %llu: %s", money_invariant_id(invariant),
			     (unsigned long long)finding->seq, finding->why);
}

bool verify_money(struct verify *verify, struct verify_result *result)
{
	result->looked = money_check_records(verify->money);
	if (verify->money_unreadable)
		verify_found(result, SPAN("{money}:journal"), "%s", verify->money_why.text);
	for (unsigned i = 0; i < MONEY_INVARIANTS; i++)
		if (i != MONEY_I10_SEPARATION && i != MONEY_I17_PRIVACY)
			verify_money_invariant(verify, result, i);
	return true;
}
