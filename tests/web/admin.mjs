#!/usr/bin/env node
// The administrators' pages: an account from paper to its first sign-in, a role by two, a policy by two, a token's end,
// and what is shown of the installation.
import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { totp } from "./daemon.mjs";
import { axe, closePages, newPage, noConsoleErrors, rig, run, signIn, soon, story, tip } from "./rig.mjs";

const totpNow = (secret) => totp(secret, Math.floor(Date.now() / 30000));
const caption = (page, name) => page.locator("table", { has: page.locator("caption", { hasText: name }) });
const wide = (page) => page.evaluate(() => document.documentElement.scrollWidth);

async function at(page, name) {
	await page.getByRole("navigation", { name: "Administration" }).getByRole("link", { name, exact: true }).click();
}

// A second administrator, as the machine's operator makes one.
async function administrator(name) {
	return rig.daemon.person(name, [["admin", "000000"]]);
}

story("an administrator makes an account, and its person takes it into use", async () => {
	const page = await newPage({ width: 1280 });

	await signIn(page, { role: "admin", path: "/admin" });
	await page.locator("#account-new").click();
	await page.locator("#new-account-person").fill("no blank please");
	await page.locator("#new-account-name").fill("Sun Mei");
	await page.getByRole("button", { name: "Make the account" }).click();
	await page.locator("#new-account-person-fault").waitFor();
	await axe(page);
	await page.locator("#new-account-person").fill("sun");
	await page.getByRole("button", { name: "Make the account" }).click();

	const code = await page.locator("#setup-code").textContent();
	assert.match(code, /^[0-9A-Z]{4}(-[0-9A-Z]{4}){5}$/);
	await axe(page);
	await page.emulateMedia({ media: "print" });
	await soon(() => page.locator("#setup-code").isVisible(), true);
	await soon(() => page.locator("#account-new").isVisible(), false);
	await page.emulateMedia({ media: "screen" });
	await page.getByRole("button", { name: "I have handed it over" }).click();
	await soon(() => page.getByText(code).count(), 0);

	await caption(page, "Accounts").getByRole("link", { name: "sun" }).click();
	await page.locator("#grant-role").selectOption("officer");
	await page.locator("#grant-region").fill("1506");
	await page.getByRole("button", { name: "Give the role" }).click();
	await page.locator("#grant-region-fault").waitFor();
	await page.locator("#grant-region").fill("150600");
	await page.locator("#grant-until").fill("2036-01-01T08:00");
	await page.getByRole("button", { name: "Give the role" }).click();
	await caption(page, "Roles").getByRole("row", { name: /officer.*150600.*2036.*holds/ }).waitFor();
	await axe(page);

	const own = await newPage({ width: 1280 });
	await own.goto(`${rig.daemon.staff}/setup`);
	await own.locator("#setup-account").fill("sun");
	await own.locator("#setup-code").fill(code);
	await own.locator("#setup-password").fill("seven small dogs in the rain");
	await own.locator("#setup-again").fill("seven small dogs in the rain");
	await own.getByRole("button", { name: "Next" }).click();
	const secret = (await own.locator("#secret").textContent()).replaceAll(" ", "");
	await own.locator("#prove-totp").fill(totpNow(secret));
	await own.getByRole("button", { name: "Sign in" }).click();
	await own.locator("#sign-out").waitFor();

	// Open sessions are ended from here, and the account rests.
	await page.reload();
	await signIn(page, { role: "admin", path: "/admin/accounts/sun" });
	await page.locator("#act-sign_out").click();
	await page.getByRole("dialog").getByRole("button", { name: "End all sessions" }).click();
	await page.getByRole("dialog").waitFor({ state: "detached" });
	assert.equal((await own.evaluate(async () => (await fetch("/api/v1/session")).status)), 401);
	await page.locator("#act-suspend").click();
	await page.getByRole("dialog").getByRole("button", { name: "Suspend" }).click();
	await page.locator("#act-restore").waitFor();
	await page.locator(".head .adm-mark", { hasText: "suspended" }).waitFor();
	noConsoleErrors(page);
	await closePages();
});

story("a role that decides is given by two", async () => {
	const person = await administrator("second-admin");
	const page = await newPage();
	const other = await newPage();

	assert.equal((await rig.daemon.ask("POST", "/api/v1/accounts", { token: rig.daemon.token("admin"), body: { person: "peng", name: "Peng" } })).status, 201);
	await signIn(page, { role: "admin", path: "/admin/accounts/peng" });
	for (const region of ["150600", "150602"]) {
		await page.locator("#grant-role").selectOption("approver");
		await page.locator("#grant-region").fill(region);
		await page.getByRole("button", { name: "Give the role" }).click();
		await page.locator(".waits li", { hasText: `role of approver at ${region}` }).waitFor();
	}
	await page.locator(".waits", { hasText: "asked by admin" }).waitFor();
	await soon(() => page.getByRole("button", { name: "Confirm" }).count(), 0, "one's own wish");
	await axe(page);

	await signIn(other, { person, path: "/admin" });
	await other.locator(".waits a", { hasText: "peng" }).first().click();
	await other.locator(".waits li", { hasText: "150600" }).getByRole("button", { name: "Confirm" }).click();
	await other.getByRole("dialog").getByRole("button", { name: "Confirm" }).click();
	await caption(other, "Roles").getByRole("row", { name: /approver.*150600.*holds/ }).waitFor();
	await other.locator(".waits li", { hasText: "150602" }).getByRole("button", { name: "Refuse" }).click();
	await other.getByRole("dialog").getByRole("button", { name: "Refuse" }).click();
	await other.locator(".waits").waitFor({ state: "detached" });
	assert.deepEqual((await rig.daemon.ask("GET", "/api/v1/accounts/peng", { token: rig.daemon.token("admin") })).json.grants.map((one) => [one.role, one.region, one.holds]),
		[["approver", "150600", true]]);

	// A recovery: taken back by who asked, refused by another; then the first word here, the second there, who gets the code.
	await page.reload();
	await signIn(page, { role: "admin", path: "/admin/accounts/peng" });
	await page.locator("#act-recover").click();
	await page.getByRole("dialog").getByRole("button", { name: "Reset password and second factor" }).click();
	await page.locator(".waits li", { hasText: "recovery" }).getByRole("button", { name: "Take back" }).click();
	await axe(page);
	await page.getByRole("dialog").getByRole("button", { name: "Take back" }).click();
	await page.locator(".waits").waitFor({ state: "detached" });
	await page.locator("#act-recover").click();
	await page.getByRole("dialog").getByRole("button", { name: "Reset password and second factor" }).click();
	await page.locator(".waits li", { hasText: "recovery" }).waitFor();
	await other.goto(`${rig.daemon.staff}/admin/accounts/peng`);
	await other.locator(".waits").getByRole("button", { name: "Refuse" }).click();
	await other.getByRole("dialog").getByText("stay as they are").waitFor();
	await other.getByRole("dialog").getByRole("button", { name: "Refuse" }).click();
	await other.locator(".waits").waitFor({ state: "detached" });
	assert.equal((await rig.daemon.ask("GET", "/api/v1/accounts/peng", { token: rig.daemon.token("admin") })).json.recovery, null);
	await page.goto(rig.daemon.staff);
	await signIn(page, { role: "admin", path: "/admin/accounts/peng" });
	await page.locator("#act-recover").click();
	await page.getByRole("dialog").getByRole("button", { name: "Reset password and second factor" }).click();
	await page.locator(".waits li", { hasText: "recovery" }).waitFor();
	await other.goto(`${rig.daemon.staff}/admin/accounts/peng`);
	await other.locator(".waits").getByRole("button", { name: "Confirm" }).click();
	await other.getByRole("dialog").getByRole("button", { name: "Reset password and second factor" }).click();
	await soon(() => other.locator("#setup-code").textContent(), /^[0-9A-Z]{4}(-[0-9A-Z]{4}){5}$/);
	noConsoleErrors(page);
	noConsoleErrors(other);
	await closePages();
});

story("a policy is drafted by one and adopted by another", async () => {
	const admin = rig.daemon.token("admin");
	const person = await administrator("policy-admin");
	const money = (path, body, key) => fetch(rig.daemon.staff + path, { method: "POST", body: JSON.stringify(body),
		headers: { "Content-Type": "application/json", Authorization: `Bearer ${admin}`, "Idempotency-Key": key } });
	assert.equal((await money("/api/v1/staff", { account: "policy-admin", person: "p-policy-admin", roles: ["admin"] }, "register-1")).status, 200);
	const text = (await rig.daemon.ask("GET", "/api/v1/policies/ordos-anti-trafficking", { token: admin })).json.text;
	const page = await newPage();

	await signIn(page, { role: "admin", path: "/admin/policies" });
	await page.locator("#policy-new").click();
	const wrong = text.replace('"version": 1', '"version": 2').replace(/"min": \d+/, '"min": "many"');
	const line = wrong.split("\n").findIndex((one) => one.includes('"many"')) + 1;
	await page.locator("#draft-text").fill(wrong);
	await page.getByRole("button", { name: "Put the draft before others" }).click();
	await page.locator("#draft-fault", { hasText: `Line ${line}:` }).waitFor();
	await axe(page);
	await page.getByRole("button", { name: "Show the line" }).click();
	await soon(() => page.locator("#draft-text").evaluate((area) => area.value.slice(area.selectionStart, area.selectionEnd)), /"many"/);

	const file = join(rig.daemon.home, "draft.json");
	writeFileSync(file, text.replace('"version": 1', '"version": 2').replace('"min": 500000', '"min": 600000'));
	chmodSync(file, 0o600);
	await page.locator("#draft-file").setInputFiles(file);
	await page.getByRole("button", { name: "Put the draft before others" }).click();
	await page.locator("#own-draft").waitFor();
	await soon(() => page.locator("#adopt").count(), 0);
	await soon(() => page.locator(".lines tr.gone").first().textContent(), /"version": 1/);
	await soon(() => page.locator(".lines tr.new").last().textContent(), /"min": 600000/);
	await soon(() => page.locator(".lines tr.new").count(), 2);
	await axe(page);

	// An approver reads and may adopt; of the other pages they see nothing.
	const reader = await newPage({ width: 320 });
	await signIn(reader, { role: "approver", path: "/admin" });
	await soon(() => reader.getByRole("navigation", { name: "Administration" }).getByRole("link").allTextContents(), ["Policies"]);
	await caption(reader, "Policies").getByRole("link", { name: "ordos-anti-trafficking 2" }).click();
	await reader.locator("#adopt").waitFor();
	assert.ok(await wide(reader) <= 320);
	await axe(reader);
	noConsoleErrors(reader);

	const other = await newPage();
	await signIn(other, { person, path: new URL(page.url()).pathname });
	await other.locator("#adopt").click();
	await other.getByRole("dialog").getByRole("button", { name: "Adopt" }).click();
	await other.locator(".head .adm-mark", { hasText: "in force" }).waitFor();
	await at(other, "Policies");
	await caption(other, "Policies").getByRole("row", { name: /ordos-anti-trafficking 2 in force/ }).waitFor();
	await caption(other, "Policies").getByRole("row", { name: /ordos-anti-trafficking 1 adopted/ }).waitFor();
	noConsoleErrors(page, [/status of 4(00|09|22)/]);
	noConsoleErrors(other);
	await closePages();
});

story("who is who with money is registered, with what would be different shown first, and what does not go is said", async () => {
	const page = await newPage({ width: 1280 });
	const asked = () => page.getByRole("dialog");
	const seen = await tip("A child was seen at the station.", { place: "150602" });
	const propose = async (key) => (await rig.daemon.ask("POST", "/api/v1/rewards", { token, key,
		body: { case: "no-such-case", tip: seen.id, programme: "ordos-anti-trafficking", external_award: 0 } })).json.code;
	const token = rig.daemon.tipctl("token", "add", "--state", rig.daemon.state, "--person", "gao", "--role", "proposer", "--region", "150600").trim();

	assert.equal(await propose("register-before"), "NOT_STAFF");
	await signIn(page, { role: "admin", path: "/admin/staff" });
	await caption(page, "Money staff").getByRole("row", { name: /approver-2 approver-2 approver/ }).waitFor();
	await axe(page);
	await page.locator("#staff-new").click();
	await page.locator("#staff-account").fill("gao ming");
	await page.getByRole("button", { name: "Register", exact: true }).click();
	await page.locator("#staff-account-fault").waitFor();
	await page.locator("#staff-person-fault").waitFor();
	await page.locator("#staff-account").fill("gao");
	await page.locator("#staff-person").fill("cashier");
	await page.locator("#staff-role_proposer").check();
	await page.locator("#staff-region").fill("150600");
	await axe(page);
	await page.getByRole("button", { name: "Register", exact: true }).click();
	await asked().locator("ins", { hasText: "150600" }).waitFor();
	await asked().getByRole("button", { name: "Register" }).click();
	await asked().getByText("Auditors, administrators and cashiers have no other part in money").waitFor();
	await axe(page);
	await asked().getByRole("button", { name: "Cancel" }).click();
	await soon(() => page.locator("#staff-person").inputValue(), "cashier", "nothing is lost");
	await page.locator("#staff-person").fill("admin");
	await page.locator("#staff-role_proposer").uncheck();
	await page.locator("#staff-role_admin").check();
	await page.getByRole("button", { name: "Register", exact: true }).click();
	await asked().getByRole("button", { name: "Register" }).click();
	await asked().getByText("nobody registers themselves").waitFor();
	await asked().getByRole("button", { name: "Cancel" }).click();
	await page.locator("#staff-person").fill("gao-ming");
	await page.locator("#staff-role_admin").uncheck();
	await page.locator("#staff-role_proposer").check();
	await page.getByRole("button", { name: "Register", exact: true }).click();
	await asked().getByRole("button", { name: "Register" }).click();
	await page.waitForURL("**/admin/staff/gao");
	await page.locator(".head", { hasText: "gao-ming" }).getByText("proposer").waitFor();
	const now = async () => (await rig.daemon.ask("GET", "/api/v1/staff", { token: rig.daemon.token("admin") })).json.staff.filter((one) => one.account === "gao");
	assert.deepEqual((await now()).map(({ person, roles, region, in_force }) => [person, roles, region, in_force]), [["gao-ming", ["proposer"], "150600", true]]);
	assert.equal(await propose("register-after"), "NOT_VERIFIED");

	// A change: what stays is filled in, what is different stands there; without a role it is the end.
	await page.locator("#staff-change").click();
	await soon(() => page.locator("#staff-role_proposer").isChecked(), true);
	await page.locator("#staff-role_proposer").uncheck();
	await page.locator("#staff-role_approver").check();
	await page.locator("#staff-titles").fill("unit_head, chief");
	await page.getByRole("button", { name: "Register", exact: true }).click();
	await page.locator("#staff-differences", { hasText: "–" }).waitFor();
	await soon(() => page.locator("#staff-differences del").allTextContents(), ["proposer", "–"]);
	await soon(() => page.locator("#staff-differences ins").allTextContents(), ["approver", "unit_head, chief"]);
	await axe(page);
	await asked().getByRole("button", { name: "Register" }).click();
	await caption(page, "Entries").locator("tbody tr").nth(1).waitFor();
	await page.locator("#staff-change").click();
	await page.locator("#staff-role_approver").uncheck();
	await page.getByRole("button", { name: "Register", exact: true }).click();
	await asked().getByText("nothing with money any more, at once").waitFor();
	await asked().getByRole("button", { name: "Register" }).click();
	await page.locator(".head .adm-mark", { hasText: "ended" }).waitFor();
	assert.deepEqual((await now()).at(-1).roles, []);
	assert.deepEqual((await now()).at(-1).titles, ["unit_head", "chief"]);

	const phone = await newPage({ width: 320 });
	await signIn(phone, { role: "admin", path: "/admin/staff?ended=1&q=gao" });
	await caption(phone, "Money staff").getByRole("row", { name: /gao gao-ming none any more/ }).waitFor();
	assert.ok(await wide(phone) <= 320);
	await caption(phone, "Money staff").getByRole("link", { name: "gao" }).click();
	await phone.locator("#staff-change").click();
	await axe(phone);
	assert.ok(await wide(phone) <= 320);
	noConsoleErrors(phone);
	noConsoleErrors(page, [/status of 4(03|09)/]);
	await closePages();
});

story("a token is revoked and refused at once", async () => {
	const token = rig.daemon.tipctl("token", "add", "--state", rig.daemon.state, "--person", "lost-phone", "--role", "officer", "--region", "150600").trim();
	const page = await newPage({ width: 320 });

	assert.equal((await rig.daemon.ask("GET", "/api/v1/queues", { token })).status, 200);
	await signIn(page, { role: "admin", path: "/admin/tokens?q=lost-phone" });
	const row = caption(page, "Tokens").locator("tbody tr");
	await row.getByText("lost-phone").waitFor();
	await soon(() => row.count(), 1, "the filter of the address holds");
	assert.ok(await wide(page) <= 320);
	await axe(page);
	await row.getByRole("button", { name: /Revoke token .* of lost-phone/ }).click();
	await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
	await page.getByText("Nothing fits these filters").waitFor();
	assert.equal((await rig.daemon.ask("GET", "/api/v1/queues", { token })).status, 401);
	noConsoleErrors(page);
	await closePages();
});

story("what is shown of the installation is well to read, and no secret is in it", async () => {
	const page = await newPage({ width: 320 });
	const pages = [["Accounts", "Accounts"], ["Keys", "Keys of bureaus"], ["Gateways and rails", "Gateways and links"], ["Outbox", "Outbox"],
		["Retention", "Retention"], ["Configuration", "Configuration"]];

	await signIn(page, { role: "admin", path: "/admin" });
	for (const [link, title] of pages) {
		await at(page, link);
		await page.locator(".table-caption", { hasText: title }).first().waitFor();
		assert.ok(await wide(page) <= 320, link);
		await axe(page);
	}
	await page.getByRole("searchbox").or(page.getByLabel("Search")).first().fill("gateways.k");
	await page.getByRole("button", { name: "Apply" }).click();
	await page.locator('tr[data-row="sms.gateways.k.secret"]', { hasText: /secret, set\s*command line/ }).waitFor();
	await soon(() => page.getByText("a-secret-of-the-gateway").count(), 0);
	assert.equal(new URL(page.url()).search, "?q=gateways.k");
	await at(page, "Gateways and rails");
	await caption(page, "Gateways and links").getByRole("row", { name: /^k well kannel/ }).waitFor();
	assert.equal((await fetch(`${rig.daemon.public}/sms/k?token=wrong`)).status, 403);
	await page.getByRole("button", { name: "Look again" }).click();
	await caption(page, "Gateways and links").getByRole("row", { name: /wrong secret or address/ }).waitFor();
	await at(page, "About");
	await page.getByText("Ready", { exact: true }).waitFor();
	assert.ok(await wide(page) <= 320);
	await axe(page);
	await at(page, "Retention");
	await page.locator("#run-retention").click();
	await page.getByRole("dialog").getByRole("button", { name: "Begin a round now" }).click();
	await page.getByText("A round has begun").waitFor();
	await at(page, "Tokens");
	await caption(page, "Tokens").waitFor();
	await page.keyboard.press("j");
	await page.keyboard.press("j");
	await soon(() => page.evaluate(() => document.activeElement.closest("tr")?.rowIndex), 2);
	await page.keyboard.press("?");
	await page.getByRole("dialog").getByText("Next row").waitFor();
	noConsoleErrors(page);
	await closePages();
});

await run({ "retention.enabled": true, "sms.gateways.k.driver": "kannel", "sms.gateways.k.secret": "a-secret-of-the-gateway" });
