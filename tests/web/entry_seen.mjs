// Signing in and what is one's own, as screenshots.mjs takes them.
import { rig, signIn } from "./rig.mjs";

export const entryPages = [
	{ name: "staff-entry", see: async (page) => {
		await page.goto(rig.daemon.staff);
		await page.locator("#account").waitFor();
	} },
	{ name: "staff-setup", see: async (page) => {
		await page.goto(`${rig.daemon.staff}/setup`);
		await page.locator("#setup-account").waitFor();
	} },
	{ name: "staff-second-factor", see: async (page, tag) => {
		const name = `new-${tag.toLowerCase()}`;

		await page.goto(`${rig.daemon.staff}/setup`);
		await page.locator("#setup-account").fill(name);
		await page.locator("#setup-code").fill(rig.daemon.account(name, [["officer", "150600"]]));
		await page.locator("#setup-password").fill("seven small dogs in the rain");
		await page.locator("#setup-again").fill("seven small dogs in the rain");
		await page.locator("form button[type=submit]").click();
		await page.locator("#secret").waitFor();
	} },
	{ name: "staff-account", see: async (page, tag) => {
		await signIn(page, { person: await rig.daemon.person(`own-${tag.toLowerCase()}`, [["officer", "150600"], ["verifier", "150600"]]), path: "/account" });
		await page.locator("#password-old").waitFor();
		await page.locator(".own-facts").waitFor();
	} },
	{ name: "staff-waiting", see: async (page, tag) => {
		await signIn(page, { person: await rig.daemon.person(`wait-${tag.toLowerCase()}`, [["officer", "150600"]]), path: "/account" });
		await page.route("**/api/v1/session", (route) => route.abort("connectionrefused"));
		await page.reload();
		await page.locator("#waiting-title").waitFor();
	} },
];
