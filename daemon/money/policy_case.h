/*
 * The facts of a case as one JSON object, for dry runs over many of them.
 *
 *   {"case":"C-7","known_at_ms":0,"paid_in_case":"0","tips":[
 *     {"tip":"K3X9","decisive_ms":1767225600000,"bands":["victim_located"],
 *      "factors":{"evidence":2},"new_facts":true}]}
 *
 * Members are those of struct policy_case and struct policy_tip. "case",
 * "tips" and in each of them "tip", "decisive_ms" and "bands" have to be
 * there; the others are 0, false or empty when left out. Whole numbers stand
 * as such or as text.
 */
#ifndef TIPLINE_MONEY_POLICY_CASE_H
#define TIPLINE_MONEY_POLICY_CASE_H

#include "daemon/money/policy.h"

/*
 * Strict; false: `why` names member and what is expected, without a file.
 * Whether the facts make sense is for policy_calculate(). What the case points
 * at lies in the arena or in `json`.
 */
bool policy_case_read(struct span json, struct arena *arena, struct span *id, struct policy_case *facts,
		      struct complaint *why);

#endif
