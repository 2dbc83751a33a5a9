/*
 * The auditor's calculator: the worked values of the rules, and that it comes
 * to what the one who decides comes to, on facts made at random. The two share
 * no code; where one of them is wrong, they differ.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/cli/money_amount.h"
#include "daemon/money/policy.h"

#include "daemon/base/buf.h"

#include <stdio.h>
#include <stdlib.h>

#define ROUNDS 60000

static const char *const bands[] = { "buyer_identified", "victim_located", "trafficker_arrested", "gang_dismantled" };
static const char *const factors[] = { "specificity", "timeliness", "evidence", "partly_wrong" };

static unsigned seed;

/* 0 to n - 1; the same on every machine. */
static unsigned pick(unsigned n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

static const char *policy_text(struct arena *arena)
{
	static const char *const rules[] = { "\"first_only\"", "\"first_plus_new_facts\",\"supplement_pool_bp\":%u",
					     "\"weighted\"" };
	static const unsigned bp[] = { 0, 1, 3333, 5000, 10000, 25000 };
	const char *rule = arena_printf(arena, "%s", rules[pick(3)]);
	unsigned min = 100000 * (1 + pick(5)), tax = pick(3) * 1000 + pick(2);

	if (strchr(rule, '%') != NULL)
		rule = arena_printf(arena, "\"first_plus_new_facts\",\"supplement_pool_bp\":%u", bp[pick(6)]);
	return arena_printf(
		arena,
		"{\"policy\":\"p\",\"version\":1,\"currency\":\"CNY\",\"effective_from\":\"2026-01-01\",\"min\":%u,"
		"\"max\":%u,\"case_cap\":%u,\"round_to\":%u,\"round\":\"half_up\",\"band_rule\":\"highest_only\","
		"\"bands\":{\"buyer_identified\":%u,\"victim_located\":800000,\"trafficker_arrested\":700000,"
		"\"gang_dismantled\":900000},\"per_point\":%u,\"factors\":{\"specificity\":[0,3],"
		"\"timeliness\":[0,2],\"evidence\":[0,3],\"partly_wrong\":[-2,0]},"
		"\"split\":{\"rule\":%s,\"min_applies_to\":\"%s\",\"on_conflict\":\"manual\","
		"\"remainder\":\"largest_then_lowest_index\"},\"exclude\":[%s],"
		"\"approval_bands\":[[500000,[\"a\",\"b\"]],[900000,[\"a\",\"b\",\"m:2\"]],[null,[\"a\",\"m:4\"]]],"
		"\"claim_days\":60,\"tax_bp\":%u,\"instalments_max\":1,\"external_award\":\"%s\"}",
		min, min + 100000 * pick(8), min + 800000 + 50000 * pick(30), 1 + pick(3) * 4999 + pick(2),
		500000 + pick(9), pick(2) * 30001, rule, pick(2) ? "recipient" : "pool",
		pick(2) ? "\"offender\",\"duty\"" : "\"victim\"", tax, pick(2) ? "block" : "net");
}

/* The facts as a line of the journal: what the auditor reads. */
static void put_line(struct buf *line, const struct policy_tip *tip)
{
	buf_clear(line);
	buf_printf(line, "%.*s at=%lld", (int)tip->tip.len, tip->tip.at, (long long)tip->decisive_ms);
	for (size_t i = 0; i < tip->nbands; i++)
		buf_printf(line, "%s%.*s", i == 0 ? " bands=" : "+", (int)tip->bands[i].len, tip->bands[i].at);
	buf_printf(line, "%s%s%s%s%s", tip->new_facts ? " new=1" : "", tip->more_detailed ? " detailed=1" : "",
		   tip->offender ? " offender=1" : "", tip->victim ? " victim=1" : "", tip->duty ? " duty=1" : "");
	if (tip->members > 0)
		buf_printf(line, " members=%u", tip->members);
	for (unsigned i = 0; i < tip->members && tip->member_bp[0] > 0; i++)
		buf_printf(line, "%s%u", i == 0 ? " ratio=" : "+", tip->member_bp[i]);
	if (tip->weight_bp > 0)
		buf_printf(line, " weight=%u", tip->weight_bp);
	for (size_t i = 0; i < tip->nfactors; i++)
		buf_printf(line, " %.*s=%lld", (int)tip->factors[i].name.len, tip->factors[i].name.at,
			   (long long)tip->factors[i].points);
}

static void make_tip(struct policy_tip *tip, size_t index, unsigned weight, struct arena *arena)
{
	*tip = (struct policy_tip){ .tip = span_of(arena_printf(arena, "15-%c%zu", 'A' + (char)pick(20), index)),
				    .decisive_ms = 1000 + pick(4), .new_facts = pick(2), .more_detailed = !pick(4),
				    .offender = !pick(12), .victim = !pick(12), .duty = !pick(12), .weight_bp = weight };
	for (unsigned n = pick(20) ? 1 + pick(2) : 0; tip->nbands < n; tip->nbands++)
		tip->bands[tip->nbands] = span_of(bands[pick(4)]);
	for (size_t i = 0; i < 4; i++)
		if (pick(2))
			tip->factors[tip->nfactors++] = (struct policy_factor){
				.name = span_of(factors[i]), .points = i == 3 ? -(int64_t)pick(3) : (int64_t)pick(pick(30) ? 3 : 5) };
	tip->members = pick(4) ? 0 : 2 + pick(3);
	if (tip->members > 0 && pick(2)) {
		tip->member_bp[0] = 1 + pick(9000);
		tip->member_bp[1] = POLICY_BP - tip->member_bp[0];
	}
}

struct both {
	struct policy_tip one[6];
	struct money_tip two[6];
	size_t n;
	struct policy_case facts;
	struct money_facts again;
};

static void make_facts(struct both *both, struct arena *arena)
{
	struct buf line = { 0 };
	unsigned left = POLICY_BP;

	both->n = 1 + pick(5);
	for (size_t i = 0; i < both->n; i++) {
		unsigned weight = i + 1 == both->n ? left : pick(left + 1);

		left -= weight;
		make_tip(&both->one[i], i, pick(15) ? weight : 1, arena);
		put_line(&line, &both->one[i]);
		assert_true(money_tip_read(arena_dup(arena, buf_span(&line)), &both->two[i]));
	}
	both->facts = (struct policy_case){ .tips = both->one, .ntips = both->n, .known_at_ms = pick(3) ? 0 : 1001 + pick(3),
					    .external_award = pick(4) ? 0 : 1 + pick(900000),
					    .paid_in_case = pick(2) ? 0 : pick(1500000),
					    .override_fen = pick(4) ? 0 : 1 + pick(2000000) };
	both->again = (struct money_facts){ .tips = both->two, .ntips = both->n, .known_at_ms = both->facts.known_at_ms,
					    .external_fen = both->facts.external_award,
					    .decided_fen = both->facts.paid_in_case,
					    .override_fen = both->facts.override_fen };
	buf_release(&line);
}

static size_t place_of(const struct both *both, struct span tip)
{
	for (size_t i = 0; i < both->n; i++)
		if (span_eq(both->two[i].id, tip))
			return i;
	fail();
	return 0;
}

static void compare(const struct both *both, const struct policy_result *result, const struct money_amounts *amounts)
{
	if (result->refused != NULL || amounts->refused != NULL) {
		assert_non_null(result->refused);
		assert_non_null(amounts->refused);
		assert_string_equal(result->refused, amounts->refused);
		return;
	}
	assert_int_equal(result->total, amounts->total);
	for (size_t i = 0; i < result->nshares; i++)
		assert_int_equal(result->shares[i].fen,
				 amounts->fen[place_of(both, result->shares[i].tip)][result->shares[i].member]);
}

static void compare_approvals(const struct policy *policy, const struct money_policy *again, int64_t total)
{
	const char *titles[POLICY_STEPS_MAX];
	struct span others[MONEY_STEPS_MAX];

	for (int overridden = 0; overridden < 2; overridden++) {
		size_t n = policy_approvals(policy, total, overridden, titles);

		assert_int_equal(n, money_approvals(again, total, overridden, others));
		for (size_t i = 0; i < n; i++)
			assert_true(span_is(others[i], titles[i]));
	}
}

static void both_come_to_the_same(void **state)
{
	unsigned amounts_found = 0;

	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct arena arena = { 0 };
		struct both *both = arena_new(&arena, struct both);
		struct policy_result *result = arena_new(&arena, struct policy_result);
		struct money_amounts *amounts = arena_new(&arena, struct money_amounts);
		struct money_policy *again = arena_new(&arena, struct money_policy);
		struct complaint why = { .text = "" };
		struct policy *policy;
		const char *text;

		seed = round;
		text = policy_text(&arena);
		policy = policy_load("p", span_of(text), &why);
		if (policy == NULL)
			fprintf(stderr, "%s\n", why.text);
		assert_non_null(policy);
		assert_true(money_policy_read(span_of(text), &arena, again, &why));
		make_facts(both, &arena);
		policy_calculate(policy, &both->facts, &arena, result);
		money_amounts_of(again, &both->again, amounts);
		if ((result->refused == NULL) != (amounts->refused == NULL))
			fprintf(stderr, "round %u: %s, %s\n", round, result->refused, amounts->refused);
		compare(both, result, amounts);
		compare_approvals(policy, again, pick(2000000));
		amounts_found += result->refused == NULL;
		policy_free(policy);
		arena_release(&arena);
	}
	assert_true(amounts_found > ROUNDS / 5);
}

/* Rows of the specification of rewards, section 5. */
static void worked_values(void **state)
{
	static const struct {
		const char *line;
		int64_t fen;
	} rows[] = {
		{ "15-A at=1 bands=trafficker_arrested specificity=3 evidence=2", 850000 },
		{ "15-A at=1 bands=gang_dismantled specificity=3 evidence=2", 1000000 },
		{ "15-A at=1 bands=buyer_identified partly_wrong=-2", 500000 },
		{ "15-A at=1 bands=victim_located specificity=3 timeliness=2 evidence=2", 1000000 },
		{ "15-A at=1 bands=fugitive_located+buyer_identified specificity=1", 630000 },
	};
	static const char text[] =
		"{\"policy\":\"p\",\"version\":3,\"currency\":\"CNY\",\"min\":500000,\"max\":1000000,\"case_cap\":2000000,"
		"\"round_to\":10000,\"round\":\"half_up\",\"band_rule\":\"highest_only\",\"bands\":{"
		"\"buyer_identified\":500000,\"victim_located\":800000,\"fugitive_located\":600000,"
		"\"trafficker_arrested\":700000,\"gang_dismantled\":900000},\"per_point\":30000,\"factors\":{"
		"\"specificity\":[0,3],\"timeliness\":[0,2],\"evidence\":[0,3],\"partly_wrong\":[-2,0]},"
		"\"split\":{\"rule\":\"first_only\",\"min_applies_to\":\"recipient\"},"
		"\"approval_bands\":[[null,[\"chief\"]]],\"claim_days\":60,\"tax_bp\":0,\"instalments_max\":1,"
		"\"external_award\":\"block\"}";
	struct arena arena = { 0 };
	struct money_policy policy;
	struct money_amounts amounts;
	struct complaint why = { .text = "" };

	(void)state;
	assert_true(money_policy_read(span_of(text), &arena, &policy, &why));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct money_tip tip;

		assert_true(money_tip_read(span_of(rows[i].line), &tip));
		money_amounts_of(&policy, &(struct money_facts){ .tips = &tip, .ntips = 1 }, &amounts);
		assert_null(amounts.refused);
		assert_int_equal(amounts.fen[0][0], rows[i].fen);
	}
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(worked_values),
		cmocka_unit_test(both_come_to_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
