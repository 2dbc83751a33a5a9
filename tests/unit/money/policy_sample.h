/*
 * The policy of the specification's example, and short ways to state a case.
 */
#ifndef TESTS_POLICY_SAMPLE_H
#define TESTS_POLICY_SAMPLE_H

#include "daemon/money/policy.h"

#define SAMPLE_SPLIT                                                                                                 \
	"{\"rule\":\"first_plus_new_facts\",\"supplement_pool_bp\":5000,\"min_applies_to\":\"recipient\","         \
	"\"on_conflict\":\"manual\",\"remainder\":\"largest_then_lowest_index\"}"
#define SPLIT_FIRST_ONLY                                                                                             \
	"{\"rule\":\"first_only\",\"min_applies_to\":\"recipient\",\"on_conflict\":\"manual\","                     \
	"\"remainder\":\"largest_then_lowest_index\"}"
#define SPLIT_WEIGHTED                                                                                               \
	"{\"rule\":\"weighted\",\"min_applies_to\":\"recipient\",\"on_conflict\":\"manual\","                       \
	"\"remainder\":\"largest_then_lowest_index\"}"
#define SPLIT_WEIGHTED_POOL                                                                                          \
	"{\"rule\":\"weighted\",\"min_applies_to\":\"pool\",\"on_conflict\":\"manual\","                            \
	"\"remainder\":\"largest_then_lowest_index\"}"
#define SPLIT_SUPPLEMENT(bp, applies)                                                                                \
	"{\"rule\":\"first_plus_new_facts\",\"supplement_pool_bp\":" bp ",\"min_applies_to\":\"" applies            \
	"\",\"on_conflict\":\"manual\",\"remainder\":\"largest_then_lowest_index\"}"

/* The example of the specification with another split, case cap and rule for outside awards. */
#define SAMPLE_POLICY(split, cap, external)                                                                          \
	"{ \"policy\":\"anti-trafficking\",\"version\":3,\"currency\":\"CNY\",\"effective_from\":\"2026-01-01\",\n"   \
	"\"min\":500000,\"max\":1000000,\"case_cap\":" cap ",\"round_to\":10000,\"round\":\"half_up\",\n"             \
	"\"band_rule\":\"highest_only\",\n"                                                                           \
	"\"bands\":{\"buyer_identified\":500000,\"victim_located\":800000,\"fugitive_located\":600000,\n"             \
	"\"trafficker_arrested\":700000,\"gang_dismantled\":900000},\n"                                               \
	"\"per_point\":30000,\n"                                                                                      \
	"\"factors\":{\"specificity\":[0,3],\"timeliness\":[0,2],\"evidence\":[0,3],\"risk_to_informant\":[0,2],"     \
	"\"partly_wrong\":[-2,0]},\n"                                                                                 \
	"\"split\":" split ",\n"                                                                                      \
	"\"approval_bands\":[[50000,[\"unit_head\"]],[300000,[\"unit_head\",\"finance_check\",\"leader\"]],\n"        \
	"[500000,[\"unit_head\",\"finance_check\",\"chief\"]],[1000000,[\"unit_head\",\"finance_check\",\"chief\","   \
	"\"meeting:3\"]],\n"                                                                                          \
	"[null,[\"unit_head\",\"finance_check\",\"chief\",\"meeting:3\",\"treasury\"]]],\n"                           \
	"\"claim_days\":60,\"tax_bp\":0,\"instalments_max\":1,\"external_award\":\"" external "\" }\n"

#define SAMPLE SAMPLE_POLICY(SAMPLE_SPLIT, "2000000", "block")

static inline struct policy *sample_load(const char *json)
{
	struct complaint why = { .text = "" };
	struct policy *policy = policy_load("sample.json", span_of(json), &why);

	if (policy == NULL)
		fail_msg("%s", why.text);
	return policy;
}

/* A tip with one band and points spread over the factors of the example, -2 to 10. */
static inline struct policy_tip sample_tip(const char *id, int64_t at, const char *band, int64_t points)
{
	static const struct { const char *name; int64_t most; } factors[] = {
		{ "specificity", 3 }, { "timeliness", 2 }, { "evidence", 3 }, { "risk_to_informant", 2 },
	};
	struct policy_tip tip = { .tip = span_of(id), .decisive_ms = at, .bands = { span_of(band) }, .nbands = 1 };

	if (points < 0)
		tip.factors[tip.nfactors++] = (struct policy_factor){ SPAN("partly_wrong"), points };
	for (size_t i = 0; i < 4 && points > 0; i++) {
		int64_t part = points < factors[i].most ? points : factors[i].most;

		tip.factors[tip.nfactors++] = (struct policy_factor){ span_of(factors[i].name), part };
		points -= part;
	}
	return tip;
}

#endif
