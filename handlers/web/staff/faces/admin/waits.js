/* What waits for a second administrator: grants of roles that decide, and recoveries. */

import { say } from "../../words.js";

/* [{ key, person, kind: "grant" | "recovery", grant, by, until, text }] of one account. */
export function waitingOf(one) {
	const grants = one.grants.filter((grant) => grant.asked_by && Date.parse(grant.asked_until) > Date.now()).map((grant) => ({
		key: `${one.person}-${grant.role}-${grant.region}-${grant.from}`, person: one.person, kind: "grant", grant, by: grant.asked_by, until: grant.asked_until,
		text: say("adm_wait_grant", { role: say(`role_${grant.role}`), region: grant.region }) }));

	if (!one.recovery)
		return grants;
	return [...grants, { key: `${one.person}-recovery`, person: one.person, kind: "recovery", by: one.recovery.by, until: one.recovery.until,
		text: say("adm_wait_recovery") }];
}
