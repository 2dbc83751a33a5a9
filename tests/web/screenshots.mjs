#!/usr/bin/env node
// Pictures of every page, in both languages and three widths, into build/screenshots. Words as arguments: only pages
// whose names have one of them. A page that is new gets a row; `see` makes ready what is to be seen.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { PAGES, SETTINGS } from "./public_pages.mjs";
import { importFee, inReview, LEDGER, voucher } from "./money_office.mjs";
import { Office } from "./paid.mjs";
import { closePages, newPage, rig, ROOT, run, signIn, story, tip } from "./rig.mjs";
import { deskPages } from "./desk_seen.mjs";
import { closePages, newPage, rig, ROOT, run, story } from "./rig.mjs";

const TO = join(ROOT, "build/screenshots");
const WIDTHS = [320, 768, 1280];
const TAGS = ["zh-CN", "en"];
const wanted = process.argv.slice(2);

const desk = async (page) => {
	await tip("鄂尔多斯市东胜区汽车站门口有人带走一个哭闹的小女孩");
	await signIn(page, { role: "officer" });
	await page.locator("#queues .queue").first().waitFor();
};

const admin = async (page, path) => {
	await anAccount();
	await signIn(page, { role: "admin", path: `/admin${path}` });
	await page.locator(".admin .table-caption, .admin .card, .admin .head").first().waitFor();
};

/* One with a role that holds and one that waits, once. */
let asked;
const anAccount = () => asked ??= (async () => {
	const token = rig.daemon.token("admin");

	await rig.daemon.ask("POST", "/api/v1/accounts", { token, body: { person: "chen", name: "陈晓明" } });
	for (const role of ["officer", "approver"])
		await rig.daemon.ask("POST", "/api/v1/accounts/chen/grant", { token, body: { role, region: "150600" } });
})();

const open = (path) => (page, tag) => page.goto(`${rig.daemon.public}${path}?lang=${tag}`);
/* Money at work, once for all pages. */
let scene = null;
async function moneyScene() {
	const begun = `case-${Date.now()}`;
	const paid = await voucher(`${begun}-voucher`);
	const { id } = await inReview(begun, { override_fen: 900000, override_reason: "提前两天，避免了转移" });
	const { opened } = await importFee();

	return { paid, id, fee: opened[0].id };
}

/* A page of money, as that role sees it; then what is to be done there. */
const money = (role, pathOf, then = async () => {}) => async (page) => {
	scene ??= await moneyScene();
	await signIn(page, { role, path: `/money/${pathOf(scene)}` });
	await page.locator("#money-title").waitFor();
	await page.waitForFunction(() => document.querySelector(".busy") === null);
	await then(page);
};

async function lookUp(page) {
	await page.locator("#money-number").fill(scene.paid.number);
	await page.locator("#money-word").fill(scene.paid.word);
	await page.locator(".money-go").click();
	await page.locator("#money-sum").waitFor();
}

async function wrongWord(page) {
	await page.locator("#money-number").fill(scene.paid.number);
	await page.locator("#money-word").fill("AAAAAAAA");
	await page.locator(".money-go").click();
	await page.locator("#money-counter-refused").waitFor();
}

// The auditor's pages, after a reward was paid, one approved and one proposed.
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

const pages = [
	...PAGES.map(({ name, see }) => ({ name: `public-${name}`, see, also: async (page, tag, shoot) => {
		await page.emulateMedia({ colorScheme: "dark" });
		await shoot("dark", 320);
		await shoot("dark", 1280);
		await page.emulateMedia({ colorScheme: null });
		await see(page, tag, true);
		await shoot("large", 320);
	} })),
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
	{ name: "desk-queues", see: desk },
	{ name: "desk-tip", see: async (page) => {
		await desk(page);
		await page.locator("#queues .queue", { hasText: /等待 [1-9]|[1-9]\d* waiting/ }).first().click();
		await page.locator("#claim-go").click();
		await page.locator("#tip .tip-text").waitFor();
	} },
	...["", "/accounts/chen", "/tokens", "/keys", "/policies", "/policies/ordos-anti-trafficking", "/health", "/outbox", "/retention", "/configuration?q=limits", "/about"].map((path) => ({
		name: `admin-${path.split("?")[0].slice(1).replaceAll("/", "-") || "accounts"}`, see: (page) => admin(page, path) })),
	...deskPages,
	{ name: "money-rewards", see: money("finance", () => "rewards") },
	{ name: "money-reward", see: money("approver", ({ id }) => `rewards/${id}`, (page) => page.locator("#money-acts ~ p button").first().click()) },
	{ name: "money-paying", see: money("finance", ({ paid }) => `rewards/${paid.id}`) },
	{ name: "money-propose", see: money("proposer", () => "propose") },
	{ name: "money-payouts", see: money("finance", () => "payouts") },
	{ name: "money-reconciliation", see: money("finance", () => "reconciliation") },
	{ name: "money-statements", see: money("finance", () => "statements") },
	{ name: "money-breaks", see: money("finance", () => "breaks") },
	{ name: "money-break", see: money("finance", ({ fee }) => `breaks/${fee}`) },
	{ name: "money-suspense", see: money("finance", () => "suspense") },
	{ name: "money-rails", see: money("finance", () => "rails") },
	{ name: "money-ledgers", see: money("finance", () => "ledger") },
	{ name: "money-ledger", see: money("finance", () => `ledger/${LEDGER}`) },
	{ name: "money-counter", see: money("cashier", () => "counter", wrongWord) },
	{ name: "money-pay", see: money("cashier", () => "counter", lookUp) },
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

mkdirSync(TO, { recursive: true });
for (const { name, see, also } of pages.filter((one) => wanted.length === 0 || wanted.some((word) => one.name.includes(word))))
	story(name, async () => {
		for (const locale of TAGS) {
			const page = await newPage({ locale });
			const shoot = async (look, width) => {
				await page.setViewportSize({ width, height: 800 });
				await page.evaluate(() => window.scrollTo(0, 0));
				await page.screenshot({ path: join(TO, `${name}-${locale}${look && `-${look}`}-${width}.png`), fullPage: true });
			};

			await see(page, locale);
			for (const width of WIDTHS)
				await shoot("", width);
			await also?.(page, locale, shoot);
			await closePages();
		}
	});

await run(SETTINGS);
