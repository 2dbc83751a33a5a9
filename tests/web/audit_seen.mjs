// The auditor's pages as screenshots.mjs takes them.
import { Office } from "./paid.mjs";
import { rig, signIn } from "./rig.mjs";

// After a reward was paid, one approved and one proposed.
let office;
const audit = (path, ready = "tbody tr") => async (page) => {
	if (!office) {
		office = new Office(rig.daemon);
		await office.ready();
		await office.paid("case-1");
		await office.approved("case-2");
		await office.proposed("case-3");
	}
	await signIn(page, { role: "auditor", path });
	await page.locator(ready).first().waitFor();
};

export const auditPages = [
	{ name: "audit-overview", see: audit("/audit", "#chain") },
	{ name: "audit-register", see: audit("/audit/rewards") },
	{ name: "audit-dossier", see: audit("/audit/rewards/R16") },
	{ name: "audit-ledger", see: audit("/audit/ledger") },
	{ name: "audit-account", see: audit("/audit/ledger/account?code=8020") },
	{ name: "audit-reconciliation", see: audit("/audit/reconciliation") },
	{ name: "audit-exceptions", see: audit("/audit/exceptions") },
	{ name: "audit-test", see: audit("/audit/exceptions?test=fast_approvals") },
	{ name: "audit-separation", see: audit("/audit/separation") },
	{ name: "audit-unclaimed", see: audit("/audit/unclaimed") },
	{ name: "audit-sample", see: audit("/audit/sample") },
	{ name: "audit-integrity", see: audit("/audit/integrity", "#chain") },
	{ name: "audit-journal", see: audit("/audit/journal") },
	{ name: "audit-entry", see: audit("/audit/journal?ids=18") },
	{ name: "audit-access", see: audit("/audit/access") },
	{ name: "audit-retention", see: audit("/audit/retention", ".table-none") },
];
