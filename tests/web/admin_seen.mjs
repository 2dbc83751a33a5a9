// The administrators' pages as screenshots.mjs takes them.
import { rig, signIn } from "./rig.mjs";

const admin = async (page, path) => {
	await anAccount();
	await signIn(page, { role: "admin", path: `/admin${path}` });
	await page.locator(".admin .table-caption, .admin .card, .admin .head").first().waitFor();
};

// One with a role that holds and one that waits, once.
let asked;
const anAccount = () => asked ??= (async () => {
	const token = rig.daemon.token("admin");

	await rig.daemon.ask("POST", "/api/v1/accounts", { token, body: { person: "chen", name: "陈晓明" } });
	for (const role of ["officer", "approver"])
		await rig.daemon.ask("POST", "/api/v1/accounts/chen/grant", { token, body: { role, region: "150600" } });
})();

export const adminPages = [
	...["", "/accounts/chen", "/staff", "/staff/approver", "/tokens", "/keys", "/policies", "/policies/ordos-anti-trafficking", "/health", "/outbox", "/retention", "/configuration?q=limits", "/about"].map((path) => ({
		name: `admin-${path.split("?")[0].slice(1).replaceAll("/", "-") || "accounts"}`, see: (page) => admin(page, path) })),
	{ name: "admin-staff-change", see: async (page) => {
		await admin(page, "/staff/approver");
		await page.locator("#staff-change").click();
		await page.locator("#staff-role_finance").check();
		await page.locator("form.form button[type=submit]").click();
		await page.locator("#staff-differences").waitFor();
	} },
];
